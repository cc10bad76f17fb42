// Values with what is uncertain about them: as text, which says all of it, and as a dot with whiskers beside it.
import { datum, dashBetween, number, quantity } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";
const HIGH = 22;
const CAP = 4;
const DOT = 4.5;

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

function shape(tag, attributes) {
  const node = document.createElementNS(SVG, tag);
  Object.entries(attributes).forEach(([name, value]) => node.setAttribute(name, String(value)));
  return node;
}

function line(kind, x1, y1, x2, y2) {
  return shape("line", { class: kind, x1, y1, x2, y2 });
}

const percent = (share) => `${(100 * share).toFixed(2)}%`;

function rowNodes({ value, lower, upper, kind }, scale, top) {
  const y = top + HIGH / 2;
  const nodes = [];
  if (lower !== null && upper !== null) {
    const [from, to] = [lower, upper].map((bound) => percent(scale.share(bound)));
    nodes.push(line("whisker", from, y, to, y));
    [from, to].forEach((x) => nodes.push(line("whisker", x, y - CAP, x, y + CAP)));
  }
  if (value !== null) nodes.push(shape("circle", { class: `dot ${kind || ""}`, cx: percent(scale.share(value)), cy: y, r: DOT }));
  return nodes;
}

// One row a value, on one scale; `mark` is a value that stands as a line behind all of them.
export function whiskers(rows, scale, { mark = null } = {}) {
  const drawing = shape("svg", { class: "whiskers", width: "100%", height: HIGH * rows.length, "aria-hidden": "true" });
  if (mark !== null) {
    const x = percent(scale.share(mark));
    drawing.append(line("mark", x, 0, x, HIGH * rows.length));
  }
  rows.forEach((row, k) => {
    const top = HIGH * k;
    drawing.append(line("track", 0, top + HIGH / 2, "100%", top + HIGH / 2), ...rowNodes(row, scale, top));
  });
  return drawing;
}
