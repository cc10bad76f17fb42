// What is an index and not an indicator: what it is made of, which way it points, and what becomes of an area when it
// is made again in other ways and from other possible numbers.
import { element, has, listed, number, own, shareWords, t } from "./words.js";

const HOLDS = 0.9;

export function isComposite(indicator) {
  return Boolean(indicator.level) && indicator.level !== "indicator";
}

// Which way a high value points, in a sentence without its full stop; blank where nobody says.
export function directionOf(indicator) {
  const { direction } = indicator;
  return direction ? t(`${isComposite(indicator) ? "direction_index" : "direction"}.${direction}`) : "";
}

// The share of runs in which tiers, ranks and intervals of composites hold, in whole per cent.
export function holding({ settings }) {
  const holds = settings.robustness?.holds;
  return number(100 * (typeof holds === "number" ? holds : HOLDS), 0);
}

// The composite that an indicator counts in, or null.
export function parentOf(indicators, { code }) {
  return indicators.find(({ members }) => members.includes(code)) || null;
}

// The composites above an indicator, the highest first.
export function pathTo(indicators, indicator) {
  const parent = parentOf(indicators, indicator);
  return parent ? [...pathTo(indicators, parent), parent] : [];
}

// The composites that are part of no other.
export function topsOf(indicators) {
  return indicators.filter((one) => isComposite(one) && !parentOf(indicators, one));
}

// A member's share of the weights, or null where nobody has stated any.
export function weightOf(parent, code) {
  return parent && parent.weights.length ? parent.weights[parent.members.indexOf(code)] : null;
}

/**
 * The hierarchy as nested nodes {at, weight, below}: `at` is a position among the indicators. Indicators stand only
 * under the composite that is open, so that many do not hide the few above them.
 */
export function treeOf(indicators, open) {
  const shown = isComposite(open) ? open : parentOf(indicators, open);
  const nodeOf = (one, parent) => ({
    at: indicators.indexOf(one),
    weight: weightOf(parent, one.code),
    below: one.members
      .map((code) => indicators.find((other) => other.code === code))
      .filter((member) => member && (isComposite(member) || one === shown))
      .map((member) => nodeOf(member, one)),
  });
  return topsOf(indicators).map((one) => nodeOf(one, null));
}

// What something is made of, in a few words: "Health (25%), Education (75%)".
export function madeOf(indicators, composite) {
  return composite.members
    .map((code) => [indicators.find((one) => one.code === code), weightOf(composite, code)])
    .filter(([member]) => member)
    .map(([member, weight]) => (weight === null ? own(member.name) : `${own(member.name)} (${weightWords(weight)})`))
    .join(", ");
}

// A stated weight is no share of runs: it can be all, and it has no error.
export function weightWords(weight) {
  const tenths = Math.round(1000 * weight) / 10;
  return t("composite_tree.percent", { n: number(tenths, Number.isInteger(tenths) ? 0 : 1) });
}

// How sure a label is, in a few words: "Depends on the choice of neighbours"; blank where nobody says.
export function verdictWords(verdict, dependsOn) {
  const named = (dependsOn || "").split(" ").filter(Boolean);
  const key = `verdict_on.${verdict}`;
  if (named.length && has(key)) return t(key, { named: dependsWords(named) });
  return verdict ? t(`verdict.${verdict}`) : "";
}

export function dependsWords(named) {
  return listed(named.map((word) => t(`depends_on.${word}`)));
}

// In how many of the runs something held.
export function shareNode(field, share) {
  const attributes = { "data-field": field, "data-value": String(share), value: String(share) };
  return element("data", attributes, shareWords(share));
}
