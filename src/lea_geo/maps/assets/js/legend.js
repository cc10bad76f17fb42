// What the colours and patterns mean, how many areas have each, and which of them the map shows.
import { chapterHint, isChapter, isInWords } from "./chapters.js";
import { directionOf } from "./composite.js";
import { SURENESS, swatch } from "./patterns.js";
import { sourceOf, yearOf } from "./picker.js";
import { byId, count, element, quantity, range, t } from "./words.js";

// One entry in the words of its view; what is no class of values keeps GeoDa's own term beside it.
export function labelWords(key, view) {
  if (view === "local_g_star" && (key === "High-High" || key === "Low-Low")) return t(`hotspot.${key}`);
  const group = ["missing", "suppressed", "not_applicable"].includes(key) ? "status" : "label";
  return t(`${group}.${key}`);
}

export function entryWords(entry, indicator, view) {
  const isRange = entry.key.startsWith("class.");
  if (isRange && isInWords(indicator)) return quantity(entry.lower, indicator);
  return isRange ? range(entry.lower, entry.upper, indicator.decimals) : labelWords(entry.key, view);
}

// The classes that are switched off after one of them is switched.
export function switched(off, key) {
  const after = new Set(off);
  if (!after.delete(key)) after.add(key);
  return after;
}

// How many labels are as sure as `wanted` (SURENESS), and the entry that most of them have; null where none is.
export function doubtedIn(entries, codes, doubts, wanted = SURENESS.unsure) {
  if (!doubts) return null;
  const counts = new Array(entries.length).fill(0);
  doubts.forEach((doubt, i) => {
    if (doubt === wanted) counts[codes[i]] += 1;
  });
  const n = counts.reduce((sum, one) => sum + one, 0);
  return n ? { n, entry: entries[counts.indexOf(Math.max(...counts))] } : null;
}

export function connectLegend(page) {
  const { store } = page;
  byId("legend").addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) store.set({ off: switched(store.get().off, button.dataset.key) });
  });
  byId("legend-all").addEventListener("click", () => {
    store.set({ off: new Set() });
    byId("legend").querySelector("button").focus();
  });
}

// A class that nobody is in stays in the legend, but there is nothing to switch.
function entryNode(entry, indicator, view, off) {
  const label = element("span", { class: "entry" }, entryWords(entry, indicator, view));
  if (!entry.key.startsWith("class.") && view !== "value" && /^[A-Z]/.test(entry.key)) {
    label.append(element("span", { class: "term", lang: "en" }, entry.key));
  }
  const parts = [
    swatch(entry.style),
    label,
    element("span", { class: "count", "data-count": entry.count }, count(entry.count)),
  ];
  const row = entry.count
    ? element("button", { type: "button", "data-key": entry.key, "aria-pressed": `${!off.has(entry.key)}` }, ...parts)
    : element("div", { class: "nobody" }, ...parts);
  return element("li", { "data-key": entry.key }, row);
}

// The rows are made anew; whoever stands on one of them stays there.
function drawEntries(nodes) {
  const list = byId("legend");
  const { activeElement } = document;
  const key = list.contains(activeElement) ? activeElement.dataset.key : null;
  list.replaceChildren(...nodes);
  if (key !== null) [...list.querySelectorAll("button")].find((one) => one.dataset.key === key)?.focus();
}

/** What the hatches mean: {n, entry, doubt, words, hint} of each that is on the map, the surest first. */
export function doubtRows({ entries, codes, doubts, verdicts }, view) {
  const rowOf = (doubt, words, hint) => {
    const held = doubtedIn(entries, codes, doubts, SURENESS[doubt]);
    return held && { ...held, doubt, words, hint };
  };
  const rows = verdicts
    ? ["firm", "depends", "unsure"].map((one) => rowOf(one, t(`verdict.${one}`), t(`legend_verdict.${one}`)))
    : [rowOf("unsure", t("legend.doubt"), t(`legend_doubt.${view}`))];
  return rows.filter(Boolean);
}

function drawDoubt(classes, view) {
  const box = byId("legend-doubt");
  const rows = doubtRows(classes, view);
  box.hidden = !rows.length;
  box.replaceChildren(
    ...rows.flatMap(({ n, entry, doubt, words, hint }) => [
      swatch(entry.style, { doubt: SURENESS[doubt] }),
      element("p", { class: "entry" }, words, element("span", { class: "term" }, hint)),
      element("span", { class: "count", "data-doubted": n, "data-doubt": doubt }, count(n)),
    ]),
  );
}

// Classes are drawn over all sheets that share their areas; where nobody has a value there are none.
function hintOf(page, view) {
  if (view === "value" && !page.indicator.classes.length) return "";
  if (isChapter(page.indicator)) return chapterHint(page.indicator);
  const years = page.sheets.filter(({ place }) => place === page.place).length;
  const same = view === "value" && years > 1 ? t("legend.same_in_years") : "";
  return `${t(`legend_hint.${view}`)} ${same}`.trim();
}

function drawFacts(id, facts) {
  byId(id).replaceChildren(
    ...facts
      .filter(([, value]) => value)
      .map(([name, value]) => element("span", {}, element("span", { class: "name" }, `${name}: `), value)),
  );
}

export async function drawLegend(page, state) {
  const classes = await page.classes();
  const { entries } = classes;
  if (!page.still(state, ["language", "sheet", "indicator", "view", "off"])) return;
  const { indicator } = page;
  const { view, off } = state;
  byId("legend-heading").textContent = t(isChapter(indicator) ? "legend.chapter" : `legend.${view}`);
  const unit = t(`unit_name.${indicator.unit}`);
  drawFacts("legend-facts", [[t("choose.unit"), unit], [t("choose.year"), yearOf(page, indicator)]]);
  drawFacts("legend-source", [[t("choose.source"), sourceOf(page, indicator)]]);
  drawEntries(entries.map((entry) => entryNode(entry, indicator, view, off)));
  byId("legend-all").hidden = !off.size;
  drawDoubt(classes, view);
  byId("legend-hint").textContent = hintOf(page, view);
  const direction = indicator.direction ? `${directionOf(indicator)}.` : "";
  byId("legend-colours").hidden = view === "value";
  byId("legend-colours").textContent = `${t("legend.colours")} ${direction}`.trim();
  byId("legend-whole").textContent = t("legend.whole", { n: count(page.place.n) });
}
