// Where a value stands: among all areas, beside the whole region, beside other areas. Nothing of the page here.
import { isComposite } from "./composite.js";

const FIFTHS = 5;
const DIRECTIONS = ["protects", "weakens"];

// From 1, the fifth of the areas with the highest values, to 5; null where the areas are too few to divide.
export function fifthOf(rank, n) {
  if (rank === null || n < FIFTHS) return null;
  return Math.floor((FIFTHS * (rank - 0.5)) / n) + 1;
}

// The fifth of a rank, the fifths that it could be in, and whether the rank itself is certain. Where those fifths
// are known by themselves, as of a composite, they come as `tiers`: [first, last].
export function tierOf({ rank, lower, upper, tiers = [null, null] }, n) {
  const bounded = lower !== null && upper !== null;
  const [first, last] = tiers;
  return {
    fifth: fifthOf(rank, n),
    from: first ?? (bounded ? fifthOf(lower, n) : null),
    to: last ?? (bounded ? fifthOf(upper, n) : null),
    exact: bounded && lower === upper && lower === rank,
  };
}

// As the page shows it, so that what is said of two numbers agrees with what is seen of them.
export function asShown(value, decimals) {
  return Number(value.toFixed(decimals));
}

// "above", "below" or, where the interval holds the other value, "same"; null where one of them is not known.
export function besideValue({ value, lower, upper }, other) {
  if (value === null || other === null) return null;
  const from = lower ?? value;
  const to = upper ?? value;
  if (from <= other && other <= to) return "same";
  return value > other ? "above" : "below";
}

// Every two of the values: whether their intervals lie apart; null where that is not known.
export function pairsOf(held) {
  const pairs = [];
  held.forEach((one, a) => {
    held.slice(a + 1).forEach((other, k) => {
      if (one.value !== null && other.value !== null) pairs.push({ a, b: a + 1 + k, apart: liesApart(one, other) });
    });
  });
  return pairs;
}

function liesApart(one, other) {
  if (one.lower === null || other.lower === null) return null;
  return one.upper < other.lower || other.upper < one.lower;
}

// Indicators by direction and then by domain, as positions: what protects and what weakens never meet. What is made
// of others comes before them, and what chapters say after all.
export function groupsOf(indicators) {
  const directions = ["composite", ...DIRECTIONS, "", "chapter"];
  const of = (indicator) => {
    if (indicator.chapter) return "chapter";
    if (isComposite(indicator)) return "composite";
    return DIRECTIONS.includes(indicator.direction) ? indicator.direction : "";
  };
  return directions
    .map((direction) => {
      const domains = new Map();
      indicators.forEach((indicator, k) => {
        if (of(indicator) !== direction) return;
        const domain = direction === "composite" ? "" : indicator.chapter || indicator.domain;
        domains.set(domain, [...(domains.get(domain) || []), k]);
      });
      return { direction, domains: [...domains].map(([domain, at]) => ({ domain, at })) };
    })
    .filter(({ domains }) => domains.length);
}

// From the smallest to the largest of all numbers, as a share of the width; `margin` is free on either side.
export function scaleOf(numbers, margin = 0.04) {
  const known = numbers.filter((number) => number !== null && Number.isFinite(number));
  const [least, most] = [Math.min(...known), Math.max(...known)];
  const reach = most - least;
  const share = (number) => (reach > 0 ? margin + ((1 - 2 * margin) * (number - least)) / reach : 0.5);
  return { least, most, share };
}
