// Values with what is uncertain about them: as text, which says all of it, and as a dot with whiskers beside it.
import { svgNode } from "./svg.js";
import { datum, dashBetween, number, quantity } from "./words.js";

const CAP = 4;
const DOT = 4.5;
const NUMBERED_DOT = 8;

// [lower, dash, upper] with the unit after it, or null where there is no interval.
export function intervalNodes({ lower, upper }, indicator) {
  if (lower === null || upper === null) return null;
  const [from, to] = [number(lower, indicator.decimals), number(upper, indicator.decimals)];
  const first = quantity(lower, indicator);
  const shown = first.startsWith(from) ? from : first; // a unit that stands before the number is said twice
  return [
    datum("interval_lower", lower, shown),
    dashBetween(from, to),
    datum("interval_upper", upper, quantity(upper, indicator)),
  ];
}

function line(kind, x1, y1, x2, y2) {
  return svgNode("line", { class: kind, x1, y1, x2, y2 });
}

const percent = (share) => `${(100 * share).toFixed(2)}%`;

// A dot, or a number in a larger one.
function dotNodes({ value, kind, label }, scale, y) {
  const x = percent(scale.share(value));
  const dot = svgNode("circle", { class: `dot ${kind || ""}`, cx: x, cy: y, r: label ? NUMBERED_DOT : DOT });
  if (!label) return [dot];
  const place = { x, y, dy: "0.35em", "text-anchor": "middle" };
  return [dot, svgNode("text", { class: "dot-number", ...place }, label)];
}

function rowNodes(row, scale, y) {
  const { value, lower, upper } = row;
  const nodes = [];
  if (lower !== null && upper !== null) {
    const [from, to] = [lower, upper].map((bound) => percent(scale.share(bound)));
    nodes.push(line("whisker", from, y, to, y));
    [from, to].forEach((x) => nodes.push(line("whisker", x, y - CAP, x, y + CAP)));
  }
  return value === null ? nodes : [...nodes, ...dotNodes(row, scale, y)];
}

// One row a value, `high` pixels each, on one scale; `mark` is a value that stands as a line behind all of them.
export function whiskers(rows, scale, { mark = null, high = 22 } = {}) {
  const height = high * rows.length;
  const drawing = svgNode("svg", { class: "whiskers", width: "100%", height, "aria-hidden": "true" });
  if (mark !== null) {
    const x = percent(scale.share(mark));
    drawing.append(line("mark", x, 0, x, height));
  }
  rows.forEach((row, k) => {
    const y = high * (k + 0.5);
    drawing.append(line("track", 0, y, "100%", y), ...rowNodes(row, scale, y));
  });
  return drawing;
}
