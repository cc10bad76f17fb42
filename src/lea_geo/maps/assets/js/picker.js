// What the reader chooses from: indicators by domain, and ways to look at one.
import { VIEWS } from "./classify.js";
import { isChapter } from "./chapters.js";
import { directionOf, isComposite, madeOf, pathTo } from "./composite.js";
import { byId, count, element, own, sayAloud, t } from "./words.js";

const PAGE_OF_OPTIONS = 8;
// The index and the ledgers are called by one name, each kind of its parts by its own.
const TOP_LEVELS = ["index", "load", "resource"];
const PANEL_GAP = 8;

// Which options are shown, and at which of them the reader is.
const picker = { page: null, found: [], at: -1 };

// Positions of the indicators in which every word that was typed occurs: in a name, the code or the domain.
export function findIndicators(indicators, asked, domainOf) {
  const words = asked.trim().toLocaleLowerCase().split(/\s+/);
  const told = ({ name, code, domain }) =>
    [...Object.values(name), code, domain && domainOf(domain)].join("\n").toLocaleLowerCase();
  return indicators.flatMap((indicator, i) => {
    const text = told(indicator);
    return words.every((word) => text.includes(word)) ? [i] : [];
  });
}

// Positions by domain, domains as they first come, those without one last: [[domain, [i..]], ...].
export function byDomain(indicators, found) {
  const groups = new Map();
  found.forEach((i) => {
    const { domain } = indicators[i];
    if (!groups.has(domain)) groups.set(domain, []);
    groups.get(domain).push(i);
  });
  return [...groups].sort(([a], [b]) => Number(!a) - Number(!b));
}

// The same with what is made of others before the indicators, the index first, and chapters after them:
// [[key of the heading, [i..]], ...].
export function optionGroups(indicators, found) {
  const composites = new Map([["picker.index", []]]);
  found.filter((i) => isComposite(indicators[i])).forEach((i) => {
    const { level } = indicators[i];
    const key = TOP_LEVELS.includes(level) ? "picker.index" : `composite.${level}`;
    composites.set(key, [...(composites.get(key) || []), i]);
  });
  const chapters = new Map();
  found.filter((i) => isChapter(indicators[i])).forEach((i) => {
    const key = `chapter.${indicators[i].chapter}`;
    chapters.set(key, [...(chapters.get(key) || []), i]);
  });
  const plain = byDomain(indicators, found.filter((i) => !isComposite(indicators[i]) && !isChapter(indicators[i])));
  return [
    ...[...composites].filter(([, members]) => members.length),
    ...plain.map(([domain, members]) => [domain ? `domain.${domain}` : "picker.other", members]),
    ...chapters,
  ];
}

// Where a key leads in a list of n options, or -1 for a key that leads nowhere.
export function optionAfter(key, at, n) {
  const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: PAGE_OF_OPTIONS, PageUp: -PAGE_OF_OPTIONS };
  if (!n) return -1;
  if (key === "Home") return 0;
  if (key === "End") return n - 1;
  return key in steps ? Math.max(0, Math.min(n - 1, at + steps[key])) : -1;
}

export function connectPicker(page) {
  picker.page = page;
  const [button, panel, filter] = ["indicator", "picker-panel", "picker-filter"].map(byId);
  button.addEventListener("click", () => (panel.hidden ? openPicker() : closePicker()));
  button.addEventListener("keydown", openByKey);
  filter.addEventListener("input", () => {
    listOptions(filter.value);
    sayAloud(t("who.found", { n: count(picker.found.length) }));
  });
  panel.addEventListener("keydown", moveByKey);
  panel.addEventListener("mousedown", (event) => {
    if (event.target !== filter) event.preventDefault(); // the focus stays where the keys are heard
  });
  byId("picker-list").addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) chooseOption(Number(option.dataset.at));
  });
  byId("picker").addEventListener("focusout", (event) => {
    if (!byId("picker").contains(event.relatedTarget)) panel.hidden = true;
    button.setAttribute("aria-expanded", String(!panel.hidden));
  });
  document.addEventListener("pointerdown", (event) => {
    if (!panel.hidden && !byId("picker").contains(event.target)) closePicker({ focus: false });
  });
  ["resize", "scroll"].forEach((moved) => window.addEventListener(moved, placePanel, { capture: true, passive: true }));
}

function openByKey(event) {
  const typed = event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey;
  if (!byId("picker-panel").hidden || !(typed || ["ArrowDown", "ArrowUp"].includes(event.key))) return;
  openPicker({ keyboard: true }); // a letter goes on into the filter
  if (!typed) event.preventDefault();
}

function openPicker({ keyboard = false } = {}) {
  byId("picker-panel").hidden = false;
  byId("indicator").setAttribute("aria-expanded", "true");
  byId("picker-filter").value = "";
  byId("picker-filter").placeholder = t("picker.filter");
  placePanel();
  listOptions("");
  // The keyboard of a phone would cover the list; who wants to type there touches the filter.
  const touched = !keyboard && window.matchMedia("(pointer: coarse)").matches;
  byId(touched ? "picker-list" : "picker-filter").focus({ preventScroll: true });
}

function closePicker({ focus = true } = {}) {
  byId("picker-panel").hidden = true;
  byId("indicator").setAttribute("aria-expanded", "false");
  if (focus) byId("indicator").focus();
}

// On a desk the panel lies over the map, wider than the column; narrow pages open it in their flow.
function placePanel() {
  const panel = byId("picker-panel");
  if (panel.hidden || getComputedStyle(panel).position !== "fixed") return;
  const { left, bottom } = byId("indicator").getBoundingClientRect();
  panel.style.left = `${left}px`;
  panel.style.top = `${bottom + PANEL_GAP / 2}px`;
  panel.style.maxHeight = `${Math.max(240, window.innerHeight - bottom - 2 * PANEL_GAP)}px`;
}

function moveByKey(event) {
  if (event.key === "Escape") {
    event.stopPropagation();
    closePicker();
  } else if (event.key === "Enter" && picker.at >= 0) {
    event.preventDefault();
    chooseOption(picker.found[picker.at]);
  } else {
    const next = optionAfter(event.key, picker.at, picker.found.length);
    if (next < 0) return;
    event.preventDefault();
    standAt(next);
  }
}

async function chooseOption(i) {
  closePicker();
  await picker.page.chooseIndicator(i);
}

function listOptions(asked) {
  const { indicators } = picker.page.sheet;
  const groups = optionGroups(indicators, findIndicators(indicators, asked, (domain) => t(`domain.${domain}`)));
  picker.found = groups.flatMap(([, members]) => members);
  byId("picker-list").replaceChildren(...groups.map(([key, members], k) => groupNode(key, members, k)));
  byId("picker-list").hidden = !picker.found.length;
  byId("picker-none").hidden = picker.found.length > 0;
  const chosen = picker.found.indexOf(picker.page.store.get().indicator);
  standAt(picker.found.length ? Math.max(0, asked.trim() ? 0 : chosen) : -1);
}

function groupNode(key, members, k) {
  const heading = element("div", { class: "picker-domain", id: `picker-domain-${k}`, role: "presentation" }, t(key));
  return element("div", { role: "group", "aria-labelledby": heading.id }, heading, ...members.map(indicatorNode));
}

// Which way a high value bears, where room is short.
function bearingWords(indicator) {
  const { direction } = indicator;
  return isComposite(indicator) ? t(`bearing_index.${direction}`) : t(`bearing.${direction}`);
}

function indicatorNode(i) {
  const indicator = picker.page.sheet.indicators[i];
  const { name, direction } = indicator;
  return element(
    "div",
    {
      role: "option",
      id: `picker-option-${i}`,
      "data-at": i,
      "aria-selected": String(i === picker.page.store.get().indicator),
    },
    element("span", { class: "picker-name" }, own(name)),
    direction ? element("span", { class: "bearing", "data-direction": direction }, bearingWords(indicator)) : null,
  );
}

// Makes one of the options that are shown the one at which the keyboard is.
function standAt(at) {
  picker.at = at;
  document.querySelectorAll("#picker-list .active").forEach((node) => {
    node.classList.remove("active");
    node.removeAttribute("aria-describedby");
  });
  const option = at < 0 ? null : byId(`picker-option-${picker.found[at]}`);
  ["picker-filter", "picker-list"].forEach((id) => {
    if (option) byId(id).setAttribute("aria-activedescendant", option.id);
    else byId(id).removeAttribute("aria-activedescendant");
  });
  byId("picker-about").hidden = !option;
  if (!option) return;
  option.classList.add("active");
  option.setAttribute("aria-describedby", "picker-about");
  const indicator = picker.page.sheet.indicators[picker.found[at]];
  const said = [own(indicator.explanation), indicator.direction && `${directionOf(indicator)}.`];
  byId("picker-about").textContent = said.filter(Boolean).join(" ");
  // The first of a group brings its heading along.
  if (option.matches(".picker-domain + *")) option.previousSibling.scrollIntoView({ block: "nearest" });
  option.scrollIntoView({ block: "nearest" });
}

export function drawPicker(page) {
  const { indicator } = page;
  if (!byId("picker-panel").hidden) listOptions(byId("picker-filter").value);
  byId("indicator-shown").textContent = own(indicator.name);
  byId("indicator").dataset.code = indicator.code;
  describeIndicator(page, indicator);
}

function factNodes(name, value) {
  return value ? [element("dt", {}, name), element("dd", {}, value)] : [];
}

// Made-up numbers are nobody's statistics, whoever's table they look like.
export function sourceOf(page, indicator) {
  return page.data.synthetic && indicator.source
    ? t("common.made_up_source", { source: indicator.source })
    : indicator.source;
}

// The year that the numbers are of: the indicator's own where it has one.
export function yearOf(page, indicator) {
  return indicator.reference_year || page.sheet.year;
}

function describeIndicator(page, indicator) {
  const { indicators } = page.sheet;
  const direction = byId("direction");
  direction.hidden = !indicator.direction;
  direction.dataset.direction = indicator.direction;
  direction.textContent = directionOf(indicator);
  byId("indicator-name").textContent = own(indicator.name);
  byId("indicator-facts").replaceChildren(
    ...factNodes(t("choose.question"), own(indicator.about || {})),
    ...factNodes(t("choose.limits"), (indicator.limits || []).map(own).join(" ")),
    ...factNodes(t("choose.made_of"), madeOf(indicators, indicator)),
    ...factNodes(t("choose.part_of"), pathTo(indicators, indicator).map(({ name }) => own(name)).join(" › ")),
    ...factNodes(t("choose.domain"), indicator.domain && t(`domain.${indicator.domain}`)),
    ...factNodes(t("choose.perspective"), indicator.perspective && t(`perspective.${indicator.perspective}`)),
    ...factNodes(t("choose.phenomenon"), indicator.phenomenon && t(`phenomenon.${indicator.phenomenon}`)),
    ...factNodes(t("choose.unit"), t(`unit_name.${indicator.unit}`)),
    ...factNodes(t("choose.year"), yearOf(page, indicator)),
    ...factNodes(t("choose.source"), sourceOf(page, indicator)),
    ...factNodes(t("choose.licence"), !page.data.synthetic && indicator.licence),
  );
}

export function drawViews(page, state) {
  const has = (view) => view === "value" || page.indicator.methods.includes(view);
  byId("views").replaceChildren(
    ...VIEWS.map((view) => {
      const input = element("input", {
        type: "radio",
        name: "view",
        id: `view-${view}`,
        value: view,
        checked: view === state.view,
        disabled: !has(view),
      });
      input.addEventListener("change", () => page.chooseView(view).then(() => byId(`view-${view}`).focus()));
      return element("label", { for: `view-${view}` }, input, element("span", {}, t(`view.${view}`)));
    }),
  );
}
