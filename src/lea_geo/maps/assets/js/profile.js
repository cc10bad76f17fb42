// One area with all its numbers.
import { WITH_VALUE } from "./classify.js";
import { besideNodes, isChapter, isInWords } from "./chapters.js";
import { badge, compareToggled } from "./compare.js";
import {
  ESTIMATE_FIELDS, TIER_FIELDS, comparisonNode, estimateOf, intervalNode, runsNode, tierNode,
} from "./estimates.js";
import { findingNodes } from "./findings.js";
import { gradeNode, ratesDrawn } from "./grades.js";
import { hierarchyNodes, pathNode } from "./hierarchy.js";
import { allColumns, overviewNodes } from "./overview.js";
import { byId, count, datum, element, municipalityOf, own, quantity, sentence, t } from "./words.js";

const VALUE_FIELDS = [
  ...ESTIMATE_FIELDS, ...TIER_FIELDS, "lower", "upper", "numerator", "denominator", "grade", "p_worst",
  "p_worst_decile", "moved_by",
];
const DRAWN_FROM = ["language", "sheet", "indicator", "area"];

function boundsNode(columns, indicator, i) {
  const [lower, upper] = [columns.lower.at(i), columns.upper.at(i)];
  // That a count or a share is at least nothing and at most all is no news.
  const says = upper === null ? lower > 0 : lower > 0 || !(indicator.unit === "percent" && upper >= 100);
  if (!says) return null;
  const parts = {};
  if (lower !== null) parts.lower = datum("lower", lower, quantity(lower, indicator));
  if (upper !== null) parts.upper = datum("upper", upper, quantity(upper, indicator));
  const key = lower === null ? "area.at_most" : upper === null ? "area.at_least" : "area.between";
  return element("p", { class: "bounds" }, ...sentence(key, parts));
}

// The value itself; words take more room than numbers.
function bigNode(indicator, value) {
  const size = isInWords(indicator) ? "big in-words" : "big";
  return element("p", { class: size }, datum("value", value, quantity(value, indicator)));
}

function valueBlock(page, columns, i) {
  const { indicator } = page;
  const status = columns.status.at(i) || "missing";
  const estimate = estimateOf(columns, i);
  const { value } = estimate;
  const block = element("div", { class: "value" });
  if (value !== null) block.append(bigNode(indicator, value));
  const hasWords = value === null || status !== "observed";
  const attributes = { class: hasWords ? "status" : "unseen", "data-field": "status", "data-value": status };
  block.append(element("p", attributes, t(`status.${status}`)));
  const bounds = boundsNode(columns, indicator, i);
  if (bounds && !WITH_VALUE.includes(status)) block.append(bounds);
  const [over, under] = [columns.numerator.at(i), columns.denominator.at(i)];
  const counted = over !== null && under !== null;
  const interval = intervalNode(page, indicator, estimate, counted);
  if (interval) block.append(interval);
  if (counted) {
    const parts = { part: datum("numerator", over, count(over)), whole: datum("denominator", under, count(under)) };
    const key = ratesDrawn(page.sheet) ? "area.counts" : "area.of"; // what was drawn together is no mere quotient
    block.append(element("p", { class: "hint" }, ...sentence(key, parts)));
  }
  const grade = gradeNode(columns, i, "p", { class: "grade" });
  if (grade) block.append(grade);
  return block;
}

function heading(page, i) {
  const button = element("button", { type: "button", class: "close", "aria-label": t("area.close") }, "×");
  button.addEventListener("click", () => page.close());
  const [id, town, called] = [page.place.idOf(i), page.place.municipalityOf(i), page.place.nameOf(i)];
  const code = { "data-field": "area_id", "data-value": id };
  const under = called === id ? [] : [element("span", code, id)]; // an area without a name is called by its code
  if (town) under.push(element("span", { "data-field": "municipality", "data-value": town }, municipalityOf(town)));
  const name = element("h3", { id: "area-name", ...(called === id ? code : {}) }, called);
  const more = under.length ? element("p", { class: "hint under" }, ...under) : null;
  return element("header", {}, name, more, button);
}

function toggleNodes(page, i) {
  const toggle = element("button", { type: "button", id: "compare-toggle", class: "quiet" });
  toggle.addEventListener("click", () => compareToggled(page, i));
  return [toggle, element("p", { class: "hint", id: "compare-full", hidden: true })];
}

// Whether the area is compared; the rest of the profile does not depend on it.
function drawToggle(page) {
  const { area, compared } = page.store.get();
  const at = compared.indexOf(area);
  const words = t(at < 0 ? "compare.add" : "compare.take_out");
  byId("compare-toggle").replaceChildren(...(at < 0 ? [] : [badge(at)]), words);
  byId("compare-full").hidden = true;
}

// Where the profile lies over the page, as on a phone, the map stays beside it with the area in sight.
export function makeRoom(page, i) {
  const sheet = byId("area");
  if (i < 0 || getComputedStyle(sheet).position !== "fixed") return;
  byId("lea-map").scrollIntoView({ block: "start" });
  const { map, layer } = page;
  const free = sheet.getBoundingClientRect().top - byId("lea-map").getBoundingClientRect().top;
  const at = map.layerPointToContainerPoint(layer.pointOf(i));
  if (at.y > 0.8 * free || at.y < 0.1 * free) map.panBy([0, at.y - free / 2], { animate: false });
}

// Replaces what is drawn; the focus stays where it was if the same thing is there again.
function redrawn(container, nodes) {
  const held = container.contains(document.activeElement) ? document.activeElement : null;
  const name = held && ["id", "data-node", "data-code", "data-remove"].find((one) => held.hasAttribute(one));
  const value = name && held.getAttribute(name);
  container.replaceChildren(...nodes);
  if (!name || held === container) return;
  const again = [...container.querySelectorAll(`[${name}]`)].find((node) => node.getAttribute(name) === value);
  if (again) again.focus({ preventScroll: true });
}

export async function drawProfile(page, state, before) {
  const i = state.area;
  byId("area").hidden = i < 0;
  if (i < 0) return;
  const same = state !== before && DRAWN_FROM.every((key) => state[key] === before[key]);
  if (same && byId("compare-toggle")) {
    drawToggle(page);
    return;
  }
  const columns = await page.columns(VALUE_FIELDS);
  const estimate = estimateOf(columns, i);
  const beside = await besideNodes(page, i);
  const findings = isChapter(page.indicator) ? [] : await findingNodes(page, i, estimate.value !== null);
  const [all, places] = await Promise.all([allColumns(page.sheet), page.sheet.ledgers()]);
  if (!page.still(state, DRAWN_FROM)) return;
  const parts = [tierNode, runsNode].map((draw) => draw(page, columns, i));
  parts.push(comparisonNode(page, estimate, i));
  redrawn(byId("area"), [
    heading(page, i),
    ...toggleNodes(page, i),
    element("p", { class: "about" }, own(page.indicator.name)),
    ...pathNode(page),
    valueBlock(page, columns, i),
    ...beside,
    ...parts.filter(Boolean),
    ...findings,
    ...hierarchyNodes(page, all, places, i),
    ...overviewNodes(page, all, i),
  ]);
  drawToggle(page);
}
