// The page: what it shows, what the reader chose, and who is told when that changes.
import { AreaLayer } from "./arealayer.js";
import { addBackground } from "./background.js";
import { askedFor, connectAddress, openAddress } from "./bookmark.js";
import { classify, fieldsOf } from "./classify.js";
import { COMPARABLE, drawComparison } from "./compare.js";
import { readContext, readData, readSheets } from "./data.js";
import { connectExplanation, drawExplanation } from "./explanation.js";
import { drawHistogram } from "./histogram.js";
import { connectKeyboard } from "./keyboard.js";
import { connectLegend, drawLegend } from "./legend.js";
import { drawMethods } from "./methods.js";
import { connectPicker, drawPicker, drawViews } from "./picker.js";
import { drawProfile, makeRoom } from "./profile.js";
import { metricCrs } from "./projection.js";
import { connectRanking, drawRanking } from "./ranking.js";
import { connectScatter, drawScatter } from "./scatter.js";
import { connectSearch, drawSearch } from "./search.js";
import { connectSelection } from "./selection.js";
import { drawSites } from "./sites.js";
import { drawStanding } from "./standing.js";
import { Store } from "./state.js";
import { connectTabs, openTab } from "./tabs.js";
import { hideTip, showTip } from "./tip.js";
import { connectTools } from "./tools.js";
import { addControls, nameControls, showAll } from "./view.js";
import { byId, own, t, translatePage, useLanguage, useTexts } from "./words.js";
import { connectSheets, drawSheets } from "./years.js";

const CALM = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
const FINEST = 12.5;

class Page {
  constructor(map, data) {
    this.map = map;
    this.data = data;
    this.sheets = readSheets(data);
    this.classified = {};
    this.draws = [];
    this.pending = new Set();
    useTexts(data.texts);
    const asked = askedFor(this);
    this.store = new Store({
      language: asked.language,
      sheet: asked.sheet,
      indicator: 0,
      view: "value",
      area: -1,
      compared: [],
      off: new Set(),
      chosen: null,
      hover: -1,
    });
    useLanguage(asked.language);
  }

  get sheet() {
    return this.sheets[this.store.get().sheet];
  }

  get place() {
    return this.sheet.place;
  }

  get indicator() {
    return this.sheet.indicators[this.store.get().indicator];
  }

  // Columns of the indicator that is shown, or of another.
  columns(fields, { sheet = this.sheet, indicator = this.store.get().indicator } = {}) {
    return sheet.columns(indicator, fields);
  }

  // Classes of the areas as the map shows them: {entries, codes, doubts}.
  async classes() {
    const { sheet, indicator, view } = this.store.get();
    const key = [sheet, indicator, view].join();
    if (this.classified.key !== key) {
      const columns = await this.columns(fieldsOf(view));
      const { styles } = this.data;
      this.classified = { key, classes: classify(columns, this.sheets[sheet].indicators[indicator], view, styles) };
    }
    return this.classified.classes;
  }

  // Whether what a drawing began with still holds when its data have come.
  still(state, keys) {
    const now = this.store.get();
    return keys.every((key) => now[key] === state[key]);
  }

  async begin() {
    await this.sheet.load();
    this.layer = new AreaLayer({ labels: (i) => this.place.nameOf(i) }).addTo(this.map);
    this.layer.setShapes(this.place);
    if (this.data.context.length) this.layer.setContext(await readContext(this.data));
    byId("lea-map").classList.toggle("on-land", this.data.context.length > 0);
    addBackground(this);
    addControls(this);
    showAll(this);
    this.connect();
    this.listen();
    openAddress(this);
    await this.drawAll();
    document.body.dataset.ready = "true";
  }

  // Every part of the page says which changes concern it.
  connect() {
    this.add(["language", "sheet", "indicator", "view"], drawFrame);
    this.add(["language", "sheet", "indicator", "view", "off", "chosen"], drawMap);
    this.add(["language", "sheet", "indicator"], drawSites);
    this.add(["area", "compared", "hover"], drawMarks);
    this.add(["language", "sheet", "indicator"], drawSheets);
    this.add(["language", "sheet", "indicator"], drawPicker);
    this.add(["language", "sheet", "indicator"], drawExplanation);
    this.add(["language", "sheet", "indicator", "view"], drawViews);
    this.add(["language", "sheet", "indicator", "view", "off"], drawLegend);
    this.add(["language", "sheet", "indicator", "view", "off", "area"], drawHistogram);
    this.add(["language", "sheet"], drawSearch);
    this.add(["language", "sheet", "indicator", "view"], drawStanding);
    this.add(["language", "sheet", "indicator", "area", "compared"], drawProfile);
    this.add(["language", "sheet", "indicator", "compared"], drawComparison);
    this.add(["language", "sheet", "indicator", "view", "off", "chosen"], drawScatter);
    this.add(["language", "sheet", "indicator", "chosen"], drawRanking);
    this.add(["language", "sheet", "indicator"], drawMethods);
    connectAddress(this);
    connectSheets(this);
    connectPicker(this);
    connectExplanation();
    connectLegend(this);
    connectTabs();
    connectKeyboard(this);
    connectSearch(this);
    connectSelection(this);
    connectScatter(this);
    connectRanking(this);
    connectTools(this);
  }

  add(keys, draw) {
    this.draws.push(draw);
    this.store.on(keys, (state, before) => this.track(draw(this, state, before)));
  }

  drawAll() {
    const state = this.store.get();
    return Promise.all(this.draws.map((draw) => draw(this, state, state)));
  }

  track(drawing) {
    const done = Promise.resolve(drawing).finally(() => this.pending.delete(done));
    this.pending.add(done);
  }

  // Resolves when everything that is being drawn is drawn.
  async settled() {
    while (this.pending.size) await Promise.all(this.pending);
  }

  listen() {
    byId("languages").addEventListener("click", (event) => {
      const button = event.target.closest("[data-language]");
      if (button) this.chooseLanguage(button.dataset.language);
    });
    this.map.on("click", (event) => this.selectArea(this.layer.areaAt(event.layerPoint), { from: "lea-map" }));
    this.map.on("mousemove", (event) => this.hover(event));
    this.map.on("mouseout movestart", () => this.hover(null));
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.store.get().area >= 0) this.close();
    });
    new ResizeObserver(() => this.map.invalidateSize({ animate: false })).observe(byId("lea-map"));
  }

  chooseLanguage(language) {
    useLanguage(language);
    this.store.set({ language });
    return this.settled();
  }

  chooseIndicator(indicator) {
    const { view } = this.store.get();
    const has = view === "value" || this.sheet.indicators[indicator].methods.includes(view);
    this.store.set({ indicator, view: has ? view : "value", off: new Set() });
    return this.settled();
  }

  chooseView(view) {
    this.store.set({ view, off: new Set() });
    return this.settled();
  }

  chooseSheet(sheet) {
    this.track(this.turnTo(sheet));
    return this.settled();
  }

  // Another year or other areas; the indicator and the area stay where both have them.
  async turnTo(sheet) {
    const after = this.sheets[sheet];
    this.wanted = after;
    await after.load();
    if (this.wanted !== after) return; // somebody has chosen another since
    const [before, state] = [this.sheet, this.store.get()];
    const moved = after.place !== before.place;
    const follow = (i) => (moved && i >= 0 ? after.place.indexOf(before.place.idOf(i)) : i);
    const indicator = Math.max(0, after.find(this.indicator.code));
    const has = state.view === "value" || after.indicators[indicator].methods.includes(state.view);
    if (moved) this.layer.setShapes(after.place);
    this.store.set({
      sheet,
      indicator,
      view: has ? state.view : "value",
      area: follow(state.area),
      compared: moved ? state.compared.map(follow).filter((i) => i >= 0) : state.compared,
      chosen: moved ? null : state.chosen,
      off: new Set(),
      hover: -1,
    });
  }

  // `from` is where the focus returns to when the area is closed.
  async selectArea(area, { move = false, from = "area-search" } = {}) {
    this.store.set({ area });
    if (area < 0) return;
    this.cameFrom = from;
    openTab("tab-area");
    if (move) this.bringIntoView(area);
    await this.settled();
    makeRoom(this, area);
    byId("area").focus({ preventScroll: true });
    byId("area").scrollTop = 0;
  }

  // Takes an area into the comparison, or out of it.
  toggleCompared(i) {
    const { compared } = this.store.get();
    if (compared.includes(i)) this.store.set({ compared: compared.filter((one) => one !== i) });
    else if (compared.length < COMPARABLE) this.store.set({ compared: [...compared, i] });
    return this.settled();
  }

  bringIntoView(i) {
    const point = this.layer.pointOf(i);
    const inside = L.bounds([0, 0], this.map.getSize()).contains(this.map.layerPointToContainerPoint(point));
    if (!inside) this.map.panTo(this.map.layerPointToLatLng(point), { animate: !CALM });
  }

  close() {
    const within = byId("area").contains(document.activeElement);
    this.store.set({ area: -1 });
    if (within) (byId(this.cameFrom) || byId("area-search")).focus({ preventScroll: true });
  }

  hover(event) {
    const i = event ? this.layer.areaAt(event.layerPoint) : -1;
    this.store.set({ hover: i });
    if (i < 0) return hideTip();
    return showTip(this, i, event.containerPoint);
  }

}

function drawFrame(page) {
  translatePage();
  document.title = own(page.data.title);
  byId("title").textContent = own(page.data.title);
  byId("synthetic").hidden = !page.data.synthetic;
  nameControls(page);
  const { name } = page.indicator;
  byId("lea-map").setAttribute("aria-label", t("map.label_of", { indicator: own(name) }));
}

async function drawMap(page, state, before) {
  const { entries, codes, doubts } = await page.classes();
  if (!page.still(state, ["sheet", "indicator", "view"])) return;
  if (state.language !== before.language) page.layer.setNames();
  page.layer.setChosen(state.chosen);
  page.layer.setOff(new Set(entries.flatMap(({ key }, k) => (state.off.has(key) ? [k] : []))));
  page.layer.setDoubts(doubts);
  page.layer.setClasses(codes, entries.map(({ style }) => style));
}

function drawMarks(page, state) {
  page.layer.select(state.area);
  page.layer.compare(state.compared);
  page.layer.hover(state.hover);
  document.body.classList.toggle("area-open", state.area >= 0);
}

async function begin(map) {
  const page = new Page(map, pageData);
  window.leaGeo.page = page;
  await page.begin();
}

const pageData = readData();

// What the map's own script needs: `ready` tells a test when everything is drawn. What goes wrong before that
// goes wrong before anything is shown: mostly a browser that cannot unpack the data.
window.leaGeo = {
  mapOptions: {
    crs: metricCrs(pageData.projection),
    attributionControl: false,
    zoomControl: false,
    keyboard: false,
    zoomSnap: 0.25,
    wheelPxPerZoomLevel: 90,
    maxZoom: FINEST,
    zoomAnimation: !CALM,
    fadeAnimation: !CALM,
    inertia: !CALM,
  },
  start(map) {
    window.leaGeo.ready = begin(map).catch((error) => {
      byId("cannot").hidden = false;
      throw error;
    });
  },
};
