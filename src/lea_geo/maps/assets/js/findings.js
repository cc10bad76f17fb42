// What the local statistics say of one area, and how sure that is.
import { QUIET_LABELS, surenessOf } from "./classify.js";
import { dependsWords, shareNode } from "./composite.js";
import { labelWords } from "./legend.js";
import { alarms } from "./methods.js";
import { swatch } from "./patterns.js";
import { count, datum, element, number, probability, quantity, sentence, t } from "./words.js";

const FINDING_METHODS = ["local_moran", "local_g_star"];
const STATISTIC_FIELDS = [
  "label", "doubt", "q_value", "p_value", "statistic", "lag", "neighbors", "hidden", "share", "verdict", "depends_on",
];

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
  const shown = datum(`${method}_hidden`, hidden, count(hidden));
  const parts = { all: count(neighbors + hidden), hidden: shown };
  return element("p", { class: "hint" }, ...sentence("common.hidden_neighbours", parts));
}

function labelNode(page, method, { label, doubt, verdict }) {
  if (label === null) return null;
  const style = page.data.styles[label];
  const hatch = QUIET_LABELS.includes(label) ? 0 : surenessOf(verdict, doubt);
  const words = element("span", {}, labelWords(label, method), element("span", { class: "term", lang: "en" }, label));
  const attributes = { class: "label", "data-field": `${method}_label`, "data-value": label };
  return element("p", attributes, style ? swatch(style, { doubt: hatch }) : null, words);
}

// Why the label could be another; a label without doubt is not proved by that, so nothing is said of it.
function doubtNodes(method, doubt) {
  const reasons = doubt ? doubt.split(" ") : [];
  return reasons.map((reason) =>
    element("p", { class: "doubt", "data-field": `${method}_doubt`, "data-value": reason }, t(`doubted.${reason}`)),
  );
}

// Whether the label holds when the choices and the numbers are others, on what it depends, and how often it came.
function verdictNodes(method, { verdict, depends_on: dependsOn, share }) {
  if (!verdict) return [];
  const words = (dependsOn || "").split(" ").filter(Boolean);
  const attributes = { "data-field": `${method}_depends_on`, "data-value": dependsOn };
  const named = words.length ? element("strong", attributes, dependsWords(words)) : t(`verdict_nothing.${verdict}`);
  const said = element(
    "p",
    { class: `doubt verdict ${verdict}`, "data-field": `${method}_verdict`, "data-value": verdict },
    ...(verdict === "depends" ? [] : [element("strong", {}, t(`verdict.${verdict}`), "."), " "]),
    ...sentence(`verdict_text.${verdict}`, { named }),
  );
  const often = { share: share === null ? "" : shareNode(`${method}_share`, share) };
  return [said, share === null ? null : element("p", { class: "hint" }, ...sentence("verdict_share.same", often))];
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
  const label = labelNode(page, method, held);
  if (label) section.append(label);
  const meaning = meaningOf(page, valued, held.label);
  const hidden = hiddenNode(method, valued, held.neighbors, held.hidden);
  const sure = held.verdict ? verdictNodes(method, held) : doubtNodes(method, held.doubt);
  section.append(...sure.filter(Boolean));
  if (meaning && !said.has(meaning)) section.append(element("p", { class: "hint" }, meaning));
  if (hidden && !said.has(hidden.textContent)) section.append(hidden);
  said.add(meaning).add(hidden && hidden.textContent);
  section.append(numbersNode(page, method, held));
  return section;
}

export async function findingNodes(page, i, valued) {
  const said = new Set(); // what holds for both statistics is said once
  const methods = FINDING_METHODS.filter((method) => page.indicator.methods.includes(method));
  const columns = await Promise.all(
    methods.map((method) => page.columns(STATISTIC_FIELDS.map((field) => `${method}_${field}`))),
  );
  return methods.map((method, k) => {
    const held = Object.fromEntries(STATISTIC_FIELDS.map((f) => [f, columns[k][`${method}_${f}`].at(i)]));
    return findingNode(page, method, held, valued, said);
  });
}
