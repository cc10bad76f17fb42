// How to read the map, and what was done to get it.
import { networkWords } from "./background.js";
import { byId, count, datum, element, has, number, own, probability, t } from "./words.js";

const READING = ["value", "local_moran", "local_g_star", "sure", "unknown", "people", "keys"];
// Settings whose values are words that the page can translate.
const IN_WORDS = ["graph", "transform", "method", "methods_used", "islands"];

function fdrOf({ settings, controlled }) {
  const { fdr } = settings;
  if (typeof fdr !== "number" || !controlled) return null;
  return number(100 * fdr, Number.isInteger(100 * fdr) ? 0 : 1);
}

// How many of the areas pointed at are likely to be false alarms, where a study says so.
export function alarms(page, indicator) {
  const percent = fdrOf(page.sheet);
  const silent = percent === null || !indicator.methods.includes("local_moran");
  return silent ? "" : t(`alarms.${page.sheet.controlled}`, { percent });
}

function drawReading({ sheet }) {
  const percent = fdrOf(sheet);
  const nodes = READING.flatMap((key) => [
    element("h3", {}, t(`reading.${key}`)),
    element("p", {}, t(`reading_text.${key}`)),
    ...(key === "sure" && percent !== null ? [element("p", {}, t(`labelled.${sheet.controlled}`, { percent }))] : []),
  ]);
  byId("reading").replaceChildren(...nodes);
}

function graphOf(summary) {
  return t("methods.graph", {
    mean: number(summary.neighbors_mean, 1),
    min: count(summary.neighbors_min),
    max: count(summary.neighbors_max),
    components: count(summary.components),
    isolates: count((summary.isolates || []).length),
  });
}

function plain(key, value) {
  if (Array.isArray(value)) return value.map((one) => plain(key, one)).join(", ");
  if (value !== null && typeof value === "object") {
    return typeof value.neighbors_mean === "number" ? graphOf(value) : JSON.stringify(value);
  }
  if (typeof value === "number" && !Number.isInteger(value)) return count(value);
  if (key === "correction" && has(`correction.${value}`)) return t(`correction.${value}`);
  return IN_WORDS.includes(key) && has(`word.${value}`) ? t(`word.${value}`) : String(value);
}

// A setting without a name in texts.toml is shown as the study calls it; one that was left out is not shown.
function settingNodes(sheet) {
  return Object.entries(sheet.settings)
    .map(([key, value]) => [key, value === null ? "" : plain(key, value)])
    .filter(([, shown]) => shown !== "")
    .flatMap(([key, shown]) => [
      element("dt", {}, has(`setting.${key}`) ? t(`setting.${key}`) : key),
      element("dd", {}, shown),
    ]);
}

function wholeNodes(indicator) {
  const summary = indicator.summary;
  const nodes = [];
  ["n_areas", "n_observed", "n_missing", "n_suppressed", "n_not_applicable", "n_isolates"].forEach((key) => {
    if (typeof summary[key] === "number") nodes.push([`summary.${key}`, summary[key], count(summary[key])]);
  });
  ["moran_statistic", "moran_expected", "moran_z_score"].forEach((key) => {
    if (typeof summary[key] === "number") nodes.push([`summary.${key}`, summary[key], number(summary[key], 3)]);
  });
  if (typeof summary.moran_p_value === "number") {
    nodes.push(["summary.moran_p_value", summary.moran_p_value, probability(summary.moran_p_value)]);
  }
  return nodes.flatMap(([key, value, shown]) => [
    element("dt", {}, t(key)),
    element("dd", {}, datum(key.replace("summary.", ""), value, shown)),
  ]);
}

function ethicsNodes(indicator) {
  const nodes = ["need", "harm"].flatMap((key) =>
    own(indicator[key]) ? [element("h4", {}, t(`methods.${key}`)), element("p", {}, own(indicator[key]))] : [],
  );
  if (!nodes.length) return nodes;
  const [who, when] = [indicator.reviewed_by, indicator.reviewed_on];
  const review = who ? t("methods.reviewed", { who, when }) : t("methods.unreviewed");
  return [...nodes, element("p", { class: "hint" }, review)];
}

export function drawMethods(page) {
  const { sheet, indicator } = page;
  drawReading(page);
  const reason = indicator.summary.reason;
  byId("methods").replaceChildren(
    element("p", {}, t("methods.text", { correction: t(`correction.${sheet.settings.correction || "bh"}`) })),
    element("h3", {}, t("methods.whole"), ": ", own(indicator.name)),
    element("dl", { class: "facts numbers" }, ...wholeNodes(indicator)),
    ...(reason ? [element("p", { lang: "en" }, reason)] : []),
    ...ethicsNodes(indicator),
    element("h3", {}, t("methods.settings")),
    element("dl", { class: "facts" }, ...settingNodes(sheet)),
    element("h3", {}, t("methods.notes", { n: count(sheet.notes.length) })),
    element("ul", { lang: "en" }, ...sheet.notes.map((note) => element("li", {}, note))),
    element("p", { class: "hint" }, t("methods.made", { version: page.data.version }), " ", networkWords(page.data)),
  );
}
