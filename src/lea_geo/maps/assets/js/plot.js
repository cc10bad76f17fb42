// The linked scatterplot as numbers: which points it has, in which quadrant each lies, where on the paper.
// Nothing here knows of a page.
import { surenessOf } from "./classify.js";
import { SURENESS } from "./patterns.js";

/** The four quadrants as they lie in the plot, row by row from the top. */
export const QUADRANTS = ["Low-High", "High-High", "Low-Low", "High-Low"];
/** The same of the two ledgers: where an area lies is known from its whole scores. */
export const LEDGER_QUADRANTS = [
  "low_load_high_resource", "high_load_high_resource", "low_load_low_resource", "high_load_low_resource",
];
const NOWHERE = 255;
const ROOM = 0.05;

/** A label that says more than that the area cannot be told apart from the rest. */
function isFinding(label) {
  return QUADRANTS.includes(label);
}

// A label was given to the whole numbers, and the page knows rounded ones: where there is a label, it is right.
function quadrantOf(x, y, mean, label) {
  const labelled = QUADRANTS.indexOf(label);
  if (labelled >= 0) return labelled;
  return (y > mean ? 0 : 2) + (x > mean ? 1 : 0);
}

function meanOf(numbers) {
  let [sum, n] = [0, 0];
  for (let i = 0; i < numbers.length; i += 1) {
    if (!Number.isNaN(numbers[i])) {
      sum += numbers[i];
      n += 1;
    }
  }
  return n ? sum / n : NaN;
}

function rangeOf(numbers, areas, also) {
  let [low, high] = [also, also];
  areas.forEach((i) => {
    low = Math.min(low, numbers[i]);
    high = Math.max(high, numbers[i]);
  });
  const room = (high - low) * ROOM || Math.abs(high) * ROOM || 1;
  return [low - room, high + room];
}

/**
 * The points, one for each area that has a value and neighbours with one. Takes the columns value, lag, label,
 * doubt and verdict; both axes are divided at the mean of all values (`middle`), as GeoDa divides them.
 */
export function plotPoints({ value, lag, label, doubt, verdict }) {
  const [x, y] = [value.numbers(), lag.numbers()];
  const mean = meanOf(x);
  const quadrant = new Uint8Array(x.length).fill(NOWHERE);
  const found = new Uint8Array(x.length);
  const doubted = new Uint8Array(x.length);
  const counts = [0, 0, 0, 0];
  const areas = [];
  let sum = 0;
  for (let i = 0; i < x.length; i += 1) {
    const told = label.at(i);
    if (Number.isNaN(x[i]) || Number.isNaN(y[i]) || told === "Isolate" || told === "Undefined") continue;
    quadrant[i] = quadrantOf(x[i], y[i], mean, told);
    found[i] = Number(isFinding(told));
    doubted[i] = Number([SURENESS.unsure, SURENESS.depends].includes(surenessOf(verdict.at(i), doubt.at(i))));
    counts[quadrant[i]] += 1;
    sum += y[i];
    areas.push(i);
  }
  const [xRange, yRange] = [rangeOf(x, areas, mean), rangeOf(y, areas, mean)];
  // What stands out is drawn over what does not.
  const order = Uint32Array.from([...areas.filter((i) => !found[i]), ...areas.filter((i) => found[i])]);
  const lagMean = sum / areas.length;
  const middle = [mean, mean];
  return { n: areas.length, x, y, middle, lagMean, quadrant, found, doubted, counts, order, xRange, yRange };
}

/**
 * The points of the two ledgers, one for each area that has a place on both. Takes the columns load, resource and
 * place; `middle` are the medians, at which the axes are divided.
 */
export function ledgerPoints({ load, resource, place }, middle) {
  const [x, y] = [load.numbers(), resource.numbers()];
  const quadrant = Uint8Array.from({ length: x.length }, (unused, i) => {
    const at = LEDGER_QUADRANTS.indexOf(place.at(i));
    return at < 0 ? NOWHERE : at;
  });
  const order = Uint32Array.from(x.keys()).filter((i) => quadrant[i] !== NOWHERE);
  const counts = LEDGER_QUADRANTS.map((unused, at) => order.filter((i) => quadrant[i] === at).length);
  const [xRange, yRange] = [rangeOf(x, order, middle[0]), rangeOf(y, order, middle[1])];
  return { n: order.length, x, y, middle, quadrant, doubted: new Uint8Array(x.length), counts, order, xRange, yRange };
}

/** 1 for each area in the quadrant. */
export function inQuadrant(points, quadrant) {
  return Uint8Array.from(points.quadrant, (held) => Number(held === quadrant));
}

/** From values to pixels of a paper `wide` and `high`, and back. */
export class PlotScale {
  constructor(points, wide, high) {
    [this.left, this.right] = points.xRange;
    [this.low, this.top] = points.yRange;
    this.wide = wide;
    this.high = high;
  }

  across(x) {
    return ((x - this.left) / (this.right - this.left)) * this.wide;
  }

  down(y) {
    return ((this.top - y) / (this.top - this.low)) * this.high;
  }
}

/** The points in the order of drawing, those of the choice last. */
export function chosenLast({ order }, chosen) {
  return chosen ? Uint32Array.from([...order.filter((i) => !chosen[i]), ...order.filter((i) => chosen[i])]) : order;
}

/** 1 for each shown point in a rectangle of pixels; `shown(i)` says which are there to be chosen. */
export function pointsWithin(points, scale, box, shown) {
  const mask = new Uint8Array(points.x.length);
  points.order.forEach((i) => {
    const [x, y] = [scale.across(points.x[i]), scale.down(points.y[i])];
    const inside = x >= box.left && x <= box.right && y >= box.top && y <= box.bottom;
    mask[i] = Number(inside && shown(i));
  });
  return mask;
}

/** The shown point nearest to a pixel and no further than `reach` from it, or -1. */
export function nearestPoint(points, scale, at, reach, shown) {
  let [nearest, least] = [-1, reach * reach];
  points.order.forEach((i) => {
    const square = (scale.across(points.x[i]) - at.x) ** 2 + (scale.down(points.y[i]) - at.y) ** 2;
    if (square <= least && shown(i)) [nearest, least] = [i, square];
  });
  return nearest;
}

/** Round numbers for an axis, at most about `most` of them: {at: [...], decimals}. */
export function axisTicks(low, high, most) {
  const raw = (high - low) / most;
  const power = Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((part) => part * 10 ** power).find((one) => one >= raw * (1 - 1e-9));
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  const at = Array.from({ length: last - first + 1 }, (unused, k) => Number(((first + k) * step).toFixed(decimals)));
  return { at, decimals };
}

/**
 * Many points as pixels: those that do not stand out as a shade that darkens with their number, those that do in
 * their colours. `toneOf(i)` gives {pixel, deep} for a point, or null where it is hidden.
 */
export function pixelsOf(points, order, { scale, ratio }, toneOf) {
  const [wide, high] = [Math.round(scale.wide * ratio), Math.round(scale.high * ratio)];
  const pixels = new Uint32Array(wide * high);
  const heaps = new Uint32Array(wide * high);
  const side = Math.max(1, Math.round(1.5 * ratio));
  order.forEach((i) => {
    const tone = toneOf(i);
    if (!tone) return;
    const right = Math.min(wide - side, Math.floor(scale.across(points.x[i]) * ratio));
    const down = Math.min(high - side, Math.floor(scale.down(points.y[i]) * ratio));
    for (let k = 0; k < side * side; k += 1) {
      const at = (down + Math.floor(k / side)) * wide + right + (k % side);
      heaps[at] += 1;
      pixels[at] = tone.shades[Math.min(tone.shades.length - 1, Math.floor(Math.log2(heaps[at])))];
    }
  });
  return { pixels, wide, high };
}
