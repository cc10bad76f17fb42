// All indicators of one area: what protects and what weakens apart, each by domain.
import { ESTIMATE_FIELDS, besideWhole, comparedOf, countValued, estimateOf } from "./estimates.js";
import { intervalNodes } from "./intervals.js";
import { fifthOf, groupsOf } from "./tiers.js";
import { datum, element, own, quantity, t } from "./words.js";

const SIGNS = { above: "▲", below: "▼", same: "≈" };

// Columns of every indicator of the sheet, in its order.
export function allColumns(sheet) {
  return Promise.all(sheet.indicators.map((unused, k) => sheet.columns(k, ESTIMATE_FIELDS)));
}

// What a group of indicators within a direction is called.
export function groupWords(direction, domain) {
  return t(direction === "chapter" ? `chapter.${domain}` : `domain.${domain}`);
}

function directionWords(direction) {
  return t(direction ? `side.${direction}` : "side.neither");
}

// Nodes of every group: `row(k)` draws indicator k.
function groupNodes(sheet, row) {
  const groups = groupsOf(sheet.indicators).filter(({ direction }) => direction !== "composite"); // told above
  return groups.map(({ direction, domains }) =>
    element(
      "section",
      { class: "direction-group", "data-direction": direction },
      element("h5", {}, directionWords(direction)),
      ...domains.flatMap(({ domain, at }) => [
        domain ? element("h6", {}, groupWords(direction, domain)) : null,
        element("ul", { class: "all" }, ...at.map(row)),
      ]).filter(Boolean),
    ),
  );
}

function statusWords(columns, i) {
  return t(`short.${columns.status.at(i) || "missing"}`);
}

// Below the value: where it lies beside the region, its fifth and its interval.
export function underNode(page, indicator, columns, i, ...more) {
  const estimate = estimateOf(columns, i);
  if (estimate.value === null && !more.length) return null;
  const words = element("span", { class: "where" }, ...more);
  if (estimate.value === null) return element("p", { class: "under-row" }, words);
  const beside = besideWhole(estimate, comparedOf(page, indicator, ""));
  const fifth = fifthOf(columns.rank.at(i), countValued(columns.value));
  const interval = intervalNodes(estimate, indicator);
  if (columns.status.at(i) !== "observed") words.append(element("span", {}, t(`status.${columns.status.at(i)}`)));
  if (beside) {
    const sign = element("span", { class: "sign", "aria-hidden": "true" }, SIGNS[beside.where]);
    words.append(element("span", { "data-where": beside.where }, sign, t(`level.${beside.word}`)));
  }
  if (fifth !== null) words.append(element("span", {}, t(`fifth.${fifth}`)));
  return element("p", { class: "under-row" }, words, interval && element("span", { class: "whole" }, ...interval));
}

// A button that shows the indicator on the map; `name` is the attribute that holds its code.
export function indicatorButton(page, k, columns, i, name = "data-code") {
  const indicator = page.sheet.indicators[k];
  const value = columns.value.at(i);
  const button = element(
    "button",
    { type: "button", [name]: indicator.code, "aria-pressed": String(indicator === page.indicator) },
    element("span", {}, own(indicator.name)),
    value === null
      ? element("span", { class: "none" }, statusWords(columns, i))
      : datum("value", value, quantity(value, indicator)),
  );
  button.addEventListener("click", () => page.chooseIndicator(k));
  return button;
}

function overviewRow(page, k, columns, i) {
  const under = underNode(page, page.sheet.indicators[k], columns, i);
  return element("li", {}, indicatorButton(page, k, columns, i), under);
}

export function overviewNodes(page, all, i) {
  return [
    element("h4", {}, t("area.all")),
    ...groupNodes(page.sheet, (k) => overviewRow(page, k, all[k], i)),
  ];
}
