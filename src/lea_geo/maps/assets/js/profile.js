// One area with all its numbers.
import { WITH_VALUE } from "./classify.js";
import { labelWords } from "./legend.js";
import { alarms } from "./methods.js";
import { swatch } from "./patterns.js";
import { byId, count, datum, element, municipalityOf, number, own, probability, quantity, t } from "./words.js";

const VALUE_FIELDS = ["value", "status", "lower", "upper", "numerator", "denominator"];
const METHODS = ["local_moran", "local_g_star"];
const STATISTIC_FIELDS = ["label", "q_value", "p_value", "statistic", "lag", "neighbors", "hidden"];

function boundsNode(columns, indicator, i) {
  const [lower, upper] = [columns.lower.at(i), columns.upper.at(i)];
  // That a count or a share is at least nothing and at most all is no news.
  const says = upper === null ? lower > 0 : lower > 0 || !(indicator.unit === "percent" && upper >= 100);
  if (!says) return null;
  const nodes = [];
  if (lower !== null) nodes.push(datum("lower", lower, quantity(lower, indicator)));
  if (upper !== null) nodes.push(datum("upper", upper, quantity(upper, indicator)));
  const key = nodes.length === 2 ? "area.between" : lower === null ? "area.at_most" : "area.at_least";
  const parts = t(key).split(/\{\w+\}/);
  return element("p", { class: "bounds" }, parts[0], nodes[0], parts[1], ...nodes.slice(1), parts[2] || "");
}

function valueBlock(columns, indicator, i) {
  const status = columns.status.at(i) || "missing";
  const value = columns.value.at(i);
  const block = element("div", { class: "value" });
  if (value !== null) {
    block.append(element("p", { class: "big" }, datum("value", value, quantity(value, indicator))));
  }
  const hasWords = value === null || status !== "observed";
  const attributes = { class: hasWords ? "status" : "unseen", "data-field": "status", "data-value": status };
  block.append(element("p", attributes, t(`status.${status}`)));
  const bounds = boundsNode(columns, indicator, i);
  if (bounds && !WITH_VALUE.includes(status)) block.append(bounds);
  const [over, under] = [columns.numerator.at(i), columns.denominator.at(i)];
  if (over !== null && under !== null) {
    const parts = t("area.of").split(/\{\w+\}/);
    const nodes = [datum("numerator", over, count(over)), datum("denominator", under, count(under))];
    block.append(element("p", { class: "hint" }, parts[0], nodes[0], parts[1], nodes[1], parts[2] || ""));
  }
  return block;
}

// What a label does not say by itself: a grey area is no proof of sameness, and silence is no zero.
function meaningOf(page, valued, label) {
  if (!valued) return t("finding.no_value");
  if (label === "Not significant") return t("finding.not_significant");
  if (label === "Isolate") return t("finding.isolate");
  return label === null || label === "Undefined" ? "" : alarms(page, page.indicator);
}

// How many neighbours the area could not be compared with, where there are any.
function hiddenNode(method, valued, neighbors, hidden) {
  if (!hidden || !valued) return null;
  const [before, after] = t("common.hidden_neighbours", { all: count(neighbors + hidden) }).split("{hidden}");
  return element("p", { class: "hint" }, before, datum(`${method}_hidden`, hidden, count(hidden)), after);
}

function labelNode(page, method, label) {
  if (label === null) return null;
  const style = page.data.styles[label];
  const words = element("span", {}, labelWords(label, method), element("span", { class: "term", lang: "en" }, label));
  const attributes = { class: "label", "data-field": `${method}_label`, "data-value": label };
  return element("p", attributes, style ? swatch(style) : null, words);
}

function numbersNode(page, method, held) {
  const list = element("dl", { class: "facts numbers" });
  const sure = page.sheet.controlled === "each" ? ["p_value"] : ["q_value", "p_value"]; // otherwise they are the same
  [...sure, "statistic", "lag"].forEach((name) => {
    const value = held[name];
    if (value === null) return;
    const asQuantity = name === "lag" ? quantity(value, page.indicator) : number(value, 3);
    const shown = name.endsWith("_value") ? probability(value) : asQuantity;
    list.append(element("dt", {}, t(`number.${name}`)), element("dd", {}, datum(`${method}_${name}`, value, shown)));
  });
  return list;
}

function findingNode(page, method, held, valued, said) {
  const section = element("section", { class: "finding" }, element("h4", {}, t(`finding.${method}`)));
  const label = labelNode(page, method, held.label);
  if (label) section.append(label);
  const meaning = meaningOf(page, valued, held.label);
  const hidden = hiddenNode(method, valued, held.neighbors, held.hidden);
  if (meaning && !said.has(meaning)) section.append(element("p", { class: "hint" }, meaning));
  if (hidden && !said.has(hidden.textContent)) section.append(hidden);
  said.add(meaning).add(hidden && hidden.textContent);
  section.append(numbersNode(page, method, held));
  return section;
}

async function findingNodes(page, i, valued) {
  const said = new Set(); // what holds for both statistics is said once
  const methods = METHODS.filter((method) => page.indicator.methods.includes(method));
  const columns = await Promise.all(
    methods.map((method) => page.columns(STATISTIC_FIELDS.map((field) => `${method}_${field}`))),
  );
  return methods.map((method, k) => {
    const held = Object.fromEntries(STATISTIC_FIELDS.map((f) => [f, columns[k][`${method}_${f}`].at(i)]));
    return findingNode(page, method, held, valued, said);
  });
}

function heading(page, i) {
  const button = element("button", { type: "button", class: "close", "aria-label": t("area.close") }, "×");
  button.addEventListener("click", () => page.close());
  const [id, town] = [page.place.idOf(i), page.place.municipalityOf(i)];
  const under = [element("span", { "data-field": "area_id", "data-value": id }, id)];
  if (town) under.push(element("span", { "data-field": "municipality", "data-value": town }, municipalityOf(town)));
  return element(
    "header",
    {},
    element("h3", { id: "area-name" }, page.place.nameOf(i)),
    element("p", { class: "hint under" }, ...under),
    button,
  );
}

// One row an indicator, kept in the order and under the domains of the picker.
async function allIndicators(page, i) {
  const { sheet } = page;
  const all = await Promise.all(sheet.indicators.map((unused, k) => sheet.columns(k, ["value", "status"])));
  const nodes = [];
  let domain = null;
  sheet.indicators.forEach((indicator, at) => {
    if (indicator.domain !== domain && indicator.domain) {
      nodes.push(element("li", { class: "domain" }, t(`domain.${indicator.domain}`)));
    }
    domain = indicator.domain;
    const value = all[at].value.at(i);
    const status = all[at].status.at(i) || "missing";
    const button = element(
      "button",
      { type: "button", "data-code": indicator.code, "aria-pressed": String(indicator === page.indicator) },
      element("span", {}, own(indicator.name)),
      value === null
        ? element("span", { class: "none" }, t(`short.${status}`))
        : datum("value", value, quantity(value, indicator)),
    );
    button.addEventListener("click", () => page.chooseIndicator(at));
    nodes.push(element("li", {}, button));
  });
  return element("ul", { class: "all" }, ...nodes);
}

export async function drawProfile(page, state) {
  const i = state.area;
  byId("area").hidden = i < 0;
  if (i < 0) return;
  const { indicator } = page;
  const columns = await page.columns(VALUE_FIELDS);
  const findings = await findingNodes(page, i, columns.value.at(i) !== null);
  const list = await allIndicators(page, i);
  if (!page.still(state, ["language", "sheet", "indicator", "area", "compared"])) return;
  byId("area").replaceChildren(
    heading(page, i),
    element("p", { class: "about" }, own(indicator.name)),
    valueBlock(columns, indicator, i),
    ...findings,
    element("h4", {}, t("area.all")),
    list,
  );
}
