// How the values spread between the smallest and the largest, in the colours of their classes.
import { isInWords } from "./chapters.js";
import { MAP_INK, lookOf } from "./patterns.js";
import { svgNode } from "./svg.js";
import { byId, datum, element, quantity, t } from "./words.js";

const N_BINS = 25;
const [CHART_WIDTH, CHART_HEIGHT] = [250, 56];
const MARK_SIDE = 8;
const VIEW_BOX = [-MARK_SIDE, -MARK_SIDE, CHART_WIDTH + 2 * MARK_SIDE, CHART_HEIGHT + MARK_SIDE + 1].join(" ");

// Counts for each of `n` bins of equal width, by class: {low, high, bins: [[count of class 0, ...], ...]}.
export function spreadOf(values, codes, classes, n = N_BINS) {
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < values.length; i += 1) {
    if (values[i] < low) low = values[i];
    if (values[i] > high) high = values[i];
  }
  if (low > high) return null;
  const bins = Array.from({ length: n }, () => new Array(classes).fill(0));
  for (let i = 0; i < values.length; i += 1) {
    if (!Number.isNaN(values[i])) bins[binOf(values[i], low, high, n)][codes[i]] += 1;
  }
  return { low, high, bins };
}

// A value on the line between two bins belongs to the upper one, the largest value to the last.
function binOf(value, low, high, n) {
  if (high === low) return Math.floor(n / 2);
  return Math.min(n - 1, Math.floor(((value - low) / (high - low)) * n));
}

// Half of the values are at most this, and half at least.
export function medianOf(values) {
  const held = Float64Array.from(values.filter((value) => !Number.isNaN(value))).sort();
  if (!held.length) return NaN;
  const middle = held.length >> 1;
  return held.length % 2 ? held[middle] : (held[middle - 1] + held[middle]) / 2;
}

// The classes of a bin stand on each other, the lowest at the foot; off ones are outlines.
function barNodes({ bins }, entries, off) {
  const most = Math.max(...bins.map((counts) => counts.reduce((sum, one) => sum + one, 0)));
  const wide = CHART_WIDTH / bins.length;
  return bins.flatMap((counts, at) => {
    let foot = CHART_HEIGHT;
    return counts.flatMap((one, k) => {
      if (!one) return [];
      const tall = Math.max(1, (one / most) * (CHART_HEIGHT - 2));
      foot -= tall;
      const { fill, edge } = lookOf(entries[k].style, { off: off.has(entries[k].key) });
      const box = { x: at * wide + 0.75, y: foot + 0.5, width: wide - 1.5, height: Math.max(0.5, tall - 0.5) };
      return [svgNode("rect", { ...box, fill, stroke: edge, "stroke-width": 1 })];
    });
  });
}

function markX(value, { low, high }) {
  const share = high === low ? 0.5 : (value - low) / (high - low);
  return Math.max(0, Math.min(1, share)) * CHART_WIDTH;
}

// The region is a broken line, the chosen area a triangle that points down to its place.
function markNodes(spread, { region, chosen }) {
  const ink = { stroke: MAP_INK, fill: "none" };
  const nodes = [svgNode("line", { x1: 0, x2: CHART_WIDTH, y1: CHART_HEIGHT, y2: CHART_HEIGHT, stroke: "#8796a5" })];
  if (region !== null) {
    const x = markX(region, spread);
    const line = { x1: x, x2: x, y1: 0, y2: CHART_HEIGHT };
    nodes.push(svgNode("line", { ...line, stroke: "#ffffff", "stroke-width": 3.5 }));
    nodes.push(svgNode("line", { ...line, ...ink, "stroke-width": 1.5, "stroke-dasharray": "4 2" }));
  }
  if (chosen !== null) {
    const x = markX(chosen, spread);
    nodes.push(svgNode("line", { x1: x, x2: x, y1: 0, y2: CHART_HEIGHT, stroke: "#ffffff", "stroke-width": 4 }));
    nodes.push(svgNode("line", { x1: x, x2: x, y1: -2, y2: CHART_HEIGHT, ...ink, "stroke-width": 2 }));
    const [left, side] = [x - MARK_SIDE / 2, MARK_SIDE];
    nodes.push(svgNode("path", { d: `M${left} ${-side}h${side}l${-side / 2} ${side}z`, fill: MAP_INK }));
  }
  return nodes;
}

function keyNode(mark, name, field, value, indicator) {
  return element(
    "li",
    {},
    element("span", { class: `mark ${mark}`, "aria-hidden": "true" }),
    element("span", {}, name),
    datum(field, value, quantity(value, indicator)),
  );
}

// Smallest, median and largest as the summary has them, or as the areas do.
function endsOf(values, spread, summary) {
  const { low, high } = spread;
  return { low, high, median: typeof summary.median === "number" ? summary.median : medianOf(values) };
}

function spreadWords(ends, indicator) {
  const shown = Object.entries(ends).map(([key, value]) => [key, quantity(value, indicator)]);
  return t("legend.spread", Object.fromEntries(shown));
}

// Words have no spread.
function drawnSpread(indicator, values, codes, entries) {
  return isInWords(indicator) ? null : spreadOf(values, codes, entries.length);
}

export async function drawHistogram(page, state) {
  const [{ entries, codes }, { value }] = await Promise.all([page.classes(), page.columns(["value"])]);
  if (!page.still(state, ["language", "sheet", "indicator", "view", "off", "area"])) return;
  const values = value.numbers();
  const { indicator } = page;
  const spread = drawnSpread(indicator, values, codes, entries);
  byId("histogram").hidden = !spread;
  if (!spread) return;
  const row = page.sheet.comparison(indicator.code, "");
  const marked = {
    region: row && typeof row.value === "number" ? row.value : null,
    chosen: state.area >= 0 && value.has(state.area) ? value.at(state.area) : null,
  };
  const said = spreadWords(endsOf(values, spread, indicator.summary), indicator);
  const picture = svgNode(
    "svg",
    { viewBox: VIEW_BOX, role: "img", "aria-label": t("legend.histogram") },
    ...barNodes(spread, entries, state.off),
    ...markNodes(spread, marked),
  );
  const chosenName = marked.chosen === null ? "" : page.place.nameOf(state.area);
  const regionWords = row && row.basis === "median" ? t("legend.region_median") : t("legend.region");
  byId("histogram").replaceChildren(
    picture,
    element("p", { class: "hint spread" }, said),
    element(
      "ul",
      { class: "marks" },
      marked.region === null ? null : keyNode("region", regionWords, "region", marked.region, indicator),
      marked.chosen === null ? null : keyNode("chosen", chosenName, "chosen", marked.chosen, indicator),
    ),
  );
}
