// The page on paper, A4 landscape: the map and what it means on the first page, then the area that is open, the
// comparison, the table, how to read it, and the methods. print.css says how each looks. A browser prints what it
// has at that moment, so whatever must be drawn anew is drawn at once, and put back afterwards.
import { prepareRanking, putOnPaper } from "./ranking.js";
import { showAll } from "./view.js";
import { byId, count, element, t } from "./words.js";

const MILLIMETRE = 96 / 25.4;
// The height that print.css leaves within the margins, less a hair, so that rounding makes no second page.
const PAGE_HEIGHT = 185 * MILLIMETRE;
const LEAST_MAP = 90 * MILLIMETRE;
// The column beside the map is made smaller until it fits the page.
const COLUMN_SIZES = [1, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6];
const PRINT_RATIO = 3;
const PRINTED_ROWS = 200;
// Above this a table that nobody has opened is not made ready in advance: it would cost time at every step.
const PREPARED_AREAS = 20_000;

const onScreen = { view: null };

export function connectPrinting(page) {
  window.addEventListener("beforeprint", () => layOut(page));
  window.addEventListener("afterprint", () => putBack(page));
  byId("legend-whole").after(element("p", { class: "hint paper-only", id: "legend-on-paper" }));
  page.add(["language", "sheet", "indicator"], prepare);
}

function prepare(page, state) {
  byId("legend-on-paper").textContent = t("picture.whole", { n: count(page.place.n) });
  return page.place.n > PREPARED_AREAS ? null : prepareRanking(page, state);
}

/** Prints, once the table is ready. */
export async function printPage(page) {
  await prepareRanking(page, page.store.get());
  window.print();
}

function layOut(page) {
  if (onScreen.view) return;
  const { map } = page;
  onScreen.view = {
    middle: map.getCenter(),
    zoom: map.getZoom(),
    seen: map.getSize(),
    least: map.options.minZoom,
    snap: map.options.zoomSnap,
    whole: seesAll(page),
    scrolled: window.scrollY,
  };
  const { area, compared } = page.store.get();
  const { classList } = document.documentElement;
  classList.add("printing");
  classList.toggle("paper-area", area >= 0);
  classList.toggle("paper-compared", compared.length > 0);
  openSections();
  classList.toggle("paper-table", putOnPaper(page, PRINTED_ROWS));
  fitMap(page, fitColumn());
}

// Whether all areas are in the window.
function seesAll({ map, place }) {
  const { origin, quantum, size } = place.raw.frame;
  return [0, 1].every((end) => {
    const [east, north] = [0, 1].map((k) => origin[k] + end * size[k] * quantum);
    const { latitude, longitude } = map.options.crs.mercator.toDegrees(east, north);
    return L.bounds([0, 0], map.getSize()).contains(map.latLngToContainerPoint([latitude, longitude]));
  });
}

function openSections() {
  onScreen.closed = [...document.querySelectorAll(".below > details:not([open])")];
  onScreen.closed.forEach((section) => {
    section.open = true;
  });
}

// Millimetres that the first page has for map and column, once the column is small enough.
function fitColumn() {
  const { style } = document.documentElement;
  const top = document.querySelector(".desk").getBoundingClientRect().top - document.body.getBoundingClientRect().top;
  const room = Math.max(LEAST_MAP, PAGE_HEIGHT - top);
  const fits = (zoom) => {
    style.setProperty("--paper-zoom", zoom);
    return document.querySelector(".side-what").getBoundingClientRect().height <= room;
  };
  COLUMN_SIZES.some(fits);
  return room;
}

// What was seen stays in sight, larger or smaller, and drawn as fine as paper takes it.
function fitMap(page, room) {
  const { map, layer } = page;
  const { middle, zoom, seen, whole } = onScreen.view;
  document.documentElement.style.setProperty("--paper-map", `${Math.floor(room)}px`);
  layer.options.ratio = PRINT_RATIO;
  map.invalidateSize({ animate: false, pan: false });
  Object.assign(map.options, { zoomSnap: 0, minZoom: -Infinity });
  if (whole) {
    showAll(page);
    return;
  }
  const { x, y } = map.getSize();
  const { crs } = map.options;
  const larger = Math.min(x / seen.x, y / seen.y);
  map.setView(middle, crs.zoom(crs.scale(zoom) * larger), { animate: false });
}

function putBack(page) {
  if (!onScreen.view) return;
  const { map, layer } = page;
  const { middle, zoom, least, snap, scrolled } = onScreen.view;
  onScreen.view = null;
  const { classList, style } = document.documentElement;
  classList.remove("printing", "paper-area", "paper-compared", "paper-table");
  ["--paper-zoom", "--paper-map"].forEach((name) => style.removeProperty(name));
  onScreen.closed.forEach((section) => {
    section.open = false;
  });
  putOnPaper(page, 0);
  layer.options.ratio = 0;
  Object.assign(map.options, { zoomSnap: snap, minZoom: least });
  map.invalidateSize({ animate: false, pan: false });
  map.setView(middle, zoom, { animate: false });
  window.scrollTo(0, scrolled);
}
