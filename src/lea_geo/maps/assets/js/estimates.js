// What is known of one value beside the value: its interval, its place among the areas, what it is compared with.
import { intervalNodes, whiskers } from "./intervals.js";
import { asShown, besideValue, scaleOf, tierOf } from "./tiers.js";
import { count, datum, element, municipalityOf, number, quantity, sentence, t } from "./words.js";

export const ESTIMATE_FIELDS = ["value", "status", "interval_lower", "interval_upper", "rank"];
const ROW_HEIGHT = 44;
const valuedAreas = new WeakMap();

// How many areas have a value in a column; counted once.
export function countValued(column) {
  if (!valuedAreas.has(column)) {
    let n = 0;
    for (let i = 0; i < column.length; i += 1) n += Number(column.has(i));
    valuedAreas.set(column, n);
  }
  return valuedAreas.get(column);
}

// {value, lower, upper} of area `i`, from columns of ESTIMATE_FIELDS.
export function estimateOf(columns, i) {
  const [value, lower, upper] = ["value", "interval_lower", "interval_upper"].map((field) => columns[field].at(i));
  return { value, lower, upper };
}

// The same of a municipality or of the whole region, as it is shown; null where it is not known.
export function comparedOf(page, indicator, name) {
  const row = page.sheet.comparison(indicator.code, name);
  if (!row || row.value === null) return null;
  const shown = (held) => (held === null ? null : asShown(held, indicator.decimals));
  const [value, lower, upper] = [row.value, row.interval_lower, row.interval_upper].map(shown);
  return { value, lower, upper, basis: row.basis };
}

// The certainty of intervals and possible ranks, as a whole number of per cent.
export function certainty(page) {
  const { interval_level: level } = page.sheet.settings;
  return number(100 * (typeof level === "number" ? level : 0.95), 0);
}

// The interval in words, or why there is none.
export function intervalNode(page, indicator, estimate, counted) {
  if (estimate.value === null) return null;
  const nodes = intervalNodes(estimate, indicator);
  if (!nodes) return element("p", { class: "hint" }, t(counted ? "estimate.no_interval" : "estimate.no_counts"));
  const interval = element("span", { class: "whole" }, ...nodes);
  return element("p", { class: "interval" }, ...sentence("estimate.interval", { percent: certainty(page), interval }));
}

function strip(tier) {
  const parts = [5, 4, 3, 2, 1].map((fifth) => {
    const possible = tier.from !== null && tier.from <= fifth && fifth <= tier.to;
    return element("span", { class: fifth === tier.fifth ? "here" : possible ? "possible" : "" });
  });
  return element("span", { class: "fifths", "aria-hidden": "true" }, ...parts);
}

function tierDoubt(page, tier) {
  const percent = certainty(page);
  if (tier.from === null) return t("estimate.rank_unsure");
  if (tier.from === tier.to) return t("estimate.same_fifth", { percent });
  if (tier.from === 1 && tier.to === 5) return t("estimate.any_fifth");
  return t("estimate.fifths", { percent, from: t(`fifth_from.${tier.from}`), to: t(`fifth_to.${tier.to}`) });
}

// In which fifth of the areas the value is, and could be; its position only where that is certain.
export function tierNode(page, columns, i) {
  const [rank, lower, upper] = ["rank", "rank_lower", "rank_upper"].map((field) => columns[field].at(i));
  const n = countValued(columns.value);
  const tier = tierOf({ rank, lower, upper }, n);
  if (tier.fifth === null) return null;
  const words = element("strong", { "data-field": "fifth", "data-value": tier.fifth }, t(`fifth.${tier.fifth}`));
  const node = element("div", { class: "tier" }, element("p", {}, strip(tier), words));
  const parts = { rank: datum("rank", rank, count(rank)), n: count(n), percent: certainty(page) };
  const said = tier.exact
    ? sentence("estimate.position", parts)
    : [t("estimate.among", { n: count(n) }), " ", tierDoubt(page, tier)];
  node.append(element("p", { class: "hint" }, ...said));
  return node;
}

function comparisonRow(indicator, { name, estimate, kind, mark }, scale) {
  const interval = intervalNodes(estimate, indicator);
  return element(
    "tr",
    { class: kind },
    element("th", { scope: "row" }, name),
    element("td", { class: "drawn" }, whiskers([{ ...estimate, kind }], scale, { mark, high: ROW_HEIGHT })),
    element(
      "td",
      { class: "number" },
      datum("value", estimate.value, quantity(estimate.value, indicator)),
      interval && element("span", { class: "term" }, ...interval),
    ),
  );
}

// Every number that the indicator's scale must hold: its classes reach over all areas.
export function reachOf(indicator, estimates) {
  const ends = indicator.classes.flatMap(({ lower, upper }) => [lower, upper]);
  return scaleOf([...ends, ...estimates.flatMap(({ value, lower, upper }) => [value, lower, upper])]);
}

// How the value lies beside the region's, and the word that the texts have for it; null where nobody knows.
export function besideWhole(estimate, whole) {
  const where = whole && besideValue(estimate, whole.value);
  return where ? { where, word: estimate.lower === null ? `${where}_unsure` : where } : null;
}

function axisRow(indicator, { least, most }) {
  const ends = [least, most].map((end) => element("span", {}, number(end, indicator.decimals)));
  const cells = [element("td"), element("td", {}, ...ends), element("td")];
  return element("tr", { class: "axis", "aria-hidden": "true" }, ...cells);
}

// The area beside its municipality and the whole region: a drawing, and the same in numbers.
export function comparisonNode(page, estimate, i) {
  const { indicator, place } = page;
  const whole = comparedOf(page, indicator, "");
  if (estimate.value === null || !whole) return null;
  const town = place.municipalityOf(i);
  const local = town && comparedOf(page, indicator, town);
  const rows = [{ name: place.nameOf(i), estimate, kind: "area-row" }];
  if (local) rows.push({ name: municipalityOf(town), estimate: local, kind: "town-row" });
  const region = t(whole.basis === "median" ? "legend.region_median" : "legend.region");
  rows.push({ name: region, estimate: whole, kind: "whole-row" });
  const scale = reachOf(
    indicator,
    rows.map((row) => row.estimate),
  );
  const drawn = rows.map((row) => comparisonRow(indicator, { ...row, mark: whole.value }, scale));
  return element(
    "div",
    { class: "beside" },
    element("h4", {}, t("estimate.beside")),
    element("table", {}, element("tbody", {}, ...drawn, axisRow(indicator, scale))),
    element("p", { class: "said" }, t(`beside.${besideWhole(estimate, whole).word}`)),
  );
}
