// Up to three areas side by side, and how sure their differences are.
import { isChapter, isInWords } from "./chapters.js";
import { holding, isComposite } from "./composite.js";
import { certainty, comparedOf, estimateOf, reachOf } from "./estimates.js";
import { intervalNodes, whiskers } from "./intervals.js";
import { allColumns, groupWords } from "./overview.js";
import { groupsOf, pairsOf } from "./tiers.js";
import { byId, datum, element, own, quantity, sayAloud, t } from "./words.js";

export const COMPARABLE = 3;

// The number that stands on the area on the map.
export function badge(at) {
  return element("span", { class: `badge badge-${at + 1}` }, String(at + 1));
}

// Takes an area into the comparison or out of it, and says so; a fourth is told why it stays out.
export function compareToggled(page, i) {
  const { compared } = page.store.get();
  const name = page.place.nameOf(i);
  const within = compared.includes(i);
  if (!within && compared.length >= COMPARABLE) {
    const words = t("compare.full");
    sayAloud(words);
    const note = byId("compare-full");
    if (note) {
      note.textContent = words;
      note.hidden = false;
    }
    return page.settled();
  }
  sayAloud(t(within ? "compare.removed" : "compare.added", { name }));
  return page.toggleCompared(i);
}

function removeButton(page, i) {
  const words = t("compare.remove", { name: page.place.nameOf(i) });
  const button = element("button", { type: "button", class: "close", "aria-label": words, "data-remove": i }, "×");
  button.addEventListener("click", async () => {
    await compareToggled(page, i);
    const next = byId("comparison").querySelector("[data-remove]");
    (next || byId("panel-compare")).focus({ preventScroll: true });
  });
  return button;
}

function columnHead(page, i, at) {
  const name = element("button", { type: "button", class: "link" }, page.place.nameOf(i));
  name.addEventListener("click", () => page.selectArea(i, { move: true }));
  return element("th", { scope: "col" }, element("span", { class: "over" }, badge(at), removeButton(page, i)), name);
}

function valueCell(indicator, columns, i) {
  const estimate = estimateOf(columns, i);
  if (estimate.value === null) {
    const words = t(`short.${columns.status.at(i) || "missing"}`);
    return element("td", {}, element("span", { class: "none" }, words));
  }
  const interval = intervalNodes(estimate, indicator);
  return element(
    "td",
    {},
    datum("value", estimate.value, quantity(estimate.value, indicator)),
    interval && element("span", { class: "term" }, ...interval),
  );
}

// Which differences are clear and which are not, in words.
function sureWords(held) {
  const pairs = pairsOf(held);
  if (!pairs.length) return "";
  if (pairs.some(({ apart }) => apart === null)) return t("compare.unknown");
  const named = (wanted) =>
    pairs.filter(({ apart }) => apart === wanted).map(({ a, b }) => t("compare.pair", { a: a + 1, b: b + 1 }));
  const [clear, unsure] = [named(true), named(false)];
  if (pairs.length === 1) return t(clear.length ? "compare.clear" : "compare.unsure");
  if (!clear.length) return t("compare.all_unsure");
  if (!unsure.length) return t("compare.all_clear");
  return t("compare.mixed", { clear: clear.join(", "), unsure: unsure.join(", ") });
}

function indicatorRows(page, k, columns, areas) {
  const indicator = page.sheet.indicators[k];
  const held = areas.map((i) => estimateOf(columns, i));
  const whole = comparedOf(page, indicator, "");
  const scale = reachOf(indicator, whole ? [...held, whole] : held);
  const known = !isInWords(indicator) && held.some(({ value }) => value !== null);
  const rows = held.map((estimate, at) => ({ ...estimate, label: String(at + 1) }));
  const drawn = known ? whiskers(rows, scale, { mark: whole && whole.value }) : null;
  const words = isChapter(indicator) ? "" : sureWords(held);
  const said = words ? element("p", { class: "hint" }, words) : null;
  return element(
    "tbody",
    { "data-code": indicator.code },
    element("tr", {}, element("th", { scope: "rowgroup", colspan: areas.length }, own(indicator.name))),
    element("tr", {}, ...areas.map((i) => valueCell(indicator, columns, i))),
    element("tr", {}, element("td", { colspan: areas.length, class: "drawn" }, drawn, said)),
  );
}

function headRow(words, span, kind) {
  const head = element("th", { scope: "rowgroup", colspan: span }, words);
  return element("tbody", { class: kind }, element("tr", {}, head));
}

function tableNode(page, all, areas) {
  const groups = groupsOf(page.sheet.indicators).flatMap(({ direction, domains }) => [
    headRow(t(direction ? `side.${direction}` : "side.neither"), areas.length, "direction-head"),
    ...domains.flatMap(({ domain, at }) => [
      ...(domain ? [headRow(groupWords(direction, domain), areas.length, "domain-head")] : []),
      ...at.map((k) => indicatorRows(page, k, all[k], areas)),
    ]),
  ]);
  return element(
    "table",
    {},
    element("caption", { class: "unseen" }, t("compare.heading")),
    element("thead", {}, element("tr", {}, ...areas.map((i, at) => columnHead(page, i, at)))),
    ...groups,
  );
}

function emptyNodes() {
  return [
    element("h3", {}, t("compare.heading")),
    element("p", {}, t("compare.empty")),
    element("p", { class: "hint" }, t("compare.empty_keys")),
  ];
}

function howToRead(page) {
  const { sheet } = page;
  const runs = sheet.indicators.some((one) => isComposite(one) && Object.hasOwn(one.columns, "interval_lower"));
  const how = t("compare.how", { percent: certainty(page) });
  return runs ? [how, t("compare.how_runs", { percent: holding(sheet) })] : [how];
}

export async function drawComparison(page, state) {
  const areas = state.compared;
  byId("compared-count").textContent = areas.length || "";
  byId("compared-count").hidden = !areas.length;
  const all = areas.length ? await allColumns(page.sheet) : [];
  if (!page.still(state, ["language", "sheet", "indicator", "compared"])) return;
  if (!areas.length) {
    byId("comparison").replaceChildren(...emptyNodes());
    return;
  }
  const hints = areas.length === 1 ? [t("compare.one")] : howToRead(page);
  byId("comparison").replaceChildren(
    ...hints.map((hint) => element("p", { class: "hint" }, hint)),
    tableNode(page, all, areas),
  );
}
