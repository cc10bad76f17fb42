// What is known of one value beside the value: its interval, its place among the areas, what it is compared with.
import { isChapter } from "./chapters.js";
import { holding, isComposite, shareNode } from "./composite.js";
import { intervalNodes, whiskers } from "./intervals.js";
import { asShown, besideValue, scaleOf, tierOf } from "./tiers.js";
import { count, datum, element, municipalityOf, number, quantity, sentence, t } from "./words.js";

export const ESTIMATE_FIELDS = ["value", "status", "interval_lower", "interval_upper", "rank"];
export const TIER_FIELDS = ["rank", "rank_lower", "rank_upper", "tier_lower", "tier_upper"];
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

// The same of an indicator, or the share of runs in which what is said of a composite holds.
export function sureness(page, indicator = page.indicator) {
  return isComposite(indicator) ? holding(page.sheet) : certainty(page);
}

// What is said of an indicator speaks of chance, what is said of a composite of runs.
const SAID_OF_CHANCE = {
  interval: "estimate.interval",
  none: "estimate.no_interval",
  uncounted: "estimate.no_counts",
  unsure: "estimate.rank_unsure",
  any: "estimate.any_fifth",
  same: "estimate.same_fifth",
  several: "estimate.fifths",
  position: "estimate.position",
};
const SAID_OF_RUNS = {
  interval: "estimate.interval_runs",
  none: "estimate.no_runs",
  uncounted: "estimate.no_runs",
  unsure: "estimate.rank_unsure",
  any: "estimate.any_fifth_runs",
  same: "estimate.same_fifth_runs",
  several: "estimate.fifths_runs",
  position: "estimate.position_runs",
};

function saidOf(indicator) {
  return isComposite(indicator) ? SAID_OF_RUNS : SAID_OF_CHANCE;
}

// The interval in words, or why there is none.
export function intervalNode(page, indicator, estimate, counted) {
  if (estimate.value === null || isChapter(indicator)) return null; // a chapter's own stands beside it
  const nodes = intervalNodes(estimate, indicator);
  const said = saidOf(indicator);
  if (!nodes) return element("p", { class: "hint" }, t(counted ? said.none : said.uncounted));
  const parts = { percent: sureness(page, indicator), interval: element("span", { class: "whole" }, ...nodes) };
  return element("p", { class: "interval" }, ...sentence(said.interval, parts));
}

function strip(tier) {
  const parts = [5, 4, 3, 2, 1].map((fifth) => {
    const possible = tier.from !== null && tier.from <= fifth && fifth <= tier.to;
    return element("span", { class: fifth === tier.fifth ? "here" : possible ? "possible" : "" });
  });
  return element("span", { class: "fifths", "aria-hidden": "true" }, ...parts);
}

function tierDoubt(page, tier) {
  const percent = sureness(page);
  const said = saidOf(page.indicator);
  if (tier.from === null) return t(said.unsure);
  if (tier.from === tier.to) return t(said.same, { percent, fifth: t(`fifth.${tier.from}`).toLocaleLowerCase() });
  if (tier.from === 1 && tier.to === 5) return t(said.any, { percent });
  return t(said.several, { percent, from: t(`fifth_from.${tier.from}`), to: t(`fifth_to.${tier.to}`) });
}

// The rank of area `i`, among how many, and the fifths that it could be in.
export function standingOf(columns, i) {
  const [rank, lower, upper, ...tiers] = TIER_FIELDS.map((field) => columns[field].at(i));
  const n = countValued(columns.value);
  return { rank, lower, upper, n, tier: tierOf({ rank, lower, upper, tiers }, n) };
}

// In which fifth of the areas the value is, and could be; its position only where that is certain.
export function tierNode(page, columns, i) {
  const { rank, n, tier } = standingOf(columns, i);
  if (tier.fifth === null) return null;
  const words = element("strong", { "data-field": "fifth", "data-value": tier.fifth }, t(`fifth.${tier.fifth}`));
  const node = element("div", { class: "tier" }, element("p", {}, strip(tier), words));
  const parts = { rank: datum("rank", rank, count(rank)), n: count(n), percent: sureness(page) };
  const said = tier.exact
    ? sentence(saidOf(page.indicator).position, parts)
    : [t("estimate.among", { n: count(n) }), " ", tierDoubt(page, tier)];
  node.append(element("p", { class: "hint" }, ...said));
  return node;
}

// How often the area is among the worst when the index is made again, and what moves its place most.
export function runsNode({ sheet }, columns, i) {
  const { worst } = sheet.settings.robustness || {};
  const share = (field) => columns[field].has(i) && { share: shareNode(field, columns[field].at(i)) };
  const mover = columns.moved_by.at(i);
  const moved = { "data-field": "moved_by", "data-value": mover };
  const said = [
    ["runs.worst_decile", share("p_worst_decile")],
    ["runs.worst", typeof worst === "number" && share("p_worst") && { ...share("p_worst"), n: count(worst) }],
    ["runs.moved_by", mover && { mover: element("span", moved, t(`mover.${mover}`)) }],
  ].filter(([, parts]) => parts);
  if (!said.length) return null;
  return element("ul", { class: "runs" }, ...said.map(([key, parts]) => element("li", {}, ...sentence(key, parts))));
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

function besideWords(indicator, word) {
  const sure = !word.endsWith("_unsure");
  return isComposite(indicator) && sure ? t(`beside_runs.${word}`) : t(`beside.${word}`);
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
    element("p", { class: "said" }, besideWords(indicator, besideWhole(estimate, whole).word)),
  );
}
