// How to read the map, and what was done to get it.
import { networkWords } from "./background.js";
import { WITH_VALUE } from "./classify.js";
import { holding, isComposite, madeOf, topsOf } from "./composite.js";
import { certainty } from "./estimates.js";
import { ratesDrawn, ratesWords } from "./grades.js";
import { byId, count, datum, element, has, number, own, probability, t } from "./words.js";
import { kindOf, kindsOf, kindWords, sheetsByYear } from "./years.js";

const ALWAYS_READ = ["value", "local_moran", "local_g_star", "sure"];
const LAST_READ = ["unknown", "people", "keys"];
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

// What a study has of its own: intervals, doubts, tests; asked of all its indicators.
export function heldBy(indicators) {
  const field = (name, held = indicators) => held.some(({ columns }) => Object.hasOwn(columns, name));
  const [composites, measured] = [true, false].map((made) => indicators.filter((one) => isComposite(one) === made));
  const methods = new Set(indicators.flatMap((indicator) => indicator.methods));
  return {
    intervals: field("interval_lower", measured),
    ranks: field("rank_lower", measured),
    index: composites.length > 0,
    runs: field("tier_lower", composites) || field("rank_lower", composites),
    doubts: [...methods].some((method) => field(`${method}_doubt`)),
    verdicts: [...methods].some((method) => field(`${method}_verdict`)),
    methods,
  };
}

// How many areas have a value, and how many have none for which reason.
export function countStatuses(status) {
  const counts = { observed: 0, suppressed: 0, missing: 0, not_applicable: 0 };
  for (let i = 0; i < status.length; i += 1) {
    const word = status.at(i) || "missing";
    counts[WITH_VALUE.includes(word) ? "observed" : word] += 1;
  }
  return counts;
}

function studyWords({ sheet, sheets, place }) {
  const [level] = kindOf(sheet).split(" ");
  const opening = `reading_study.${has(`reading_study.${level}`) ? level : "other"}`;
  const said = [t(opening, { n: count(place.n), indicators: count(sheet.indicators.length) })];
  const years = sheetsByYear(sheets, kindOf(sheet)).map((k) => sheets[k].year);
  if (years.length > 1) said.push(t("reading_study.years", { first: years[0], last: years.at(-1) }));
  else if (sheet.year) said.push(t("reading_study.year", { year: sheet.year }));
  const kinds = kindsOf(sheets);
  const named = kinds.map(kindWords).join(", ").toLocaleLowerCase();
  if (kinds.length > 1) said.push(t("reading_study.kinds", { kinds: named }));
  return said.join(" ");
}

function hiddenWords(counts) {
  return t("reading_study.hidden", Object.fromEntries(Object.entries(counts).map(([key, n]) => [key, count(n)])));
}

// Paragraphs by heading, only of what the study has.
function readingParts(page, counts) {
  const { sheet } = page;
  const held = heldBy(sheet.indicators);
  const percent = fdrOf(sheet);
  const level = { percent: certainty(page) };
  const always = ALWAYS_READ.filter((key) => key === "value" || key === "sure" || held.methods.has(key));
  const parts = new Map([["study", [studyWords(page)]], ...always.map((key) => [key, [t(`reading_text.${key}`)]])]);
  if (!held.methods.size) parts.delete("sure");
  else if (percent !== null) parts.get("sure").push(t(`labelled.${sheet.controlled}`, { percent }));
  if (held.verdicts) parts.set("verdict", [t("reading_text.verdict")]);
  else if (held.doubts) parts.set("doubt", [t("reading_text.doubt")]);
  if (sheet.raw.ledgers) parts.set("ledgers", [t("reading_text.ledgers")]);
  else if (held.index) parts.set("index", [t("reading_text.index")]);
  if (held.runs) parts.set("runs", [t("reading_text.runs", { percent: holding(sheet) })]);
  if (held.intervals) parts.set("interval", [t("reading_text.interval", level)]);
  if (held.ranks) parts.set("rank", [t("reading_text.rank", level)]);
  LAST_READ.forEach((key) => parts.set(key, [t(`reading_text.${key}`)]));
  parts.get("unknown").push(hiddenWords(counts));
  return parts;
}

function drawReading(page, counts) {
  const nodes = [...readingParts(page, counts)].flatMap(([key, texts]) => [
    element("h3", {}, t(`reading.${key}`)),
    ...texts.map((text) => element("p", {}, text)),
  ]);
  byId("reading").replaceChildren(...nodes);
}

// Who is whose neighbour, in a sentence or two, as far as the settings tell.
function neighbourWords({ settings }) {
  const metres = (value) => (typeof value === "number" ? count(value) : "");
  const { graph, k, threshold, bandwidth, islands, water_distance: water } = settings;
  const said = [];
  if (has(`graph_words.${graph}`)) {
    said.push(t(`graph_words.${graph}`, { k: metres(k), metres: metres(graph === "kernel" ? bandwidth : threshold) }));
  }
  const bridged = islands !== "components" || typeof water === "number";
  if (has(`islands_words.${islands}`) && bridged) said.push(t(`islands_words.${islands}`, { metres: metres(water) }));
  return said.join(" ");
}

// How an area came by its label: which tests, at which level, after which correction, and whence the p-values.
function testedWords({ settings, controlled }, methods) {
  const said = [t(methods.size > 1 ? "methods.text" : `methods_one.${[...methods][0]}`)];
  const { fdr, correction = "bh", methods_used: used } = settings;
  if (typeof fdr === "number" && controlled) {
    said.push(t(`methods_level.${controlled === "each" ? "each" : "corrected"}`, {
      level: number(fdr, Math.max(2, String(fdr).length - 2)),
      correction: t(`correction.${correction}`),
    }));
  }
  (Array.isArray(used) ? used : []).filter((way) => has(`way.${way}`)).forEach((way) => said.push(t(`way.${way}`)));
  return said.join(" ");
}

// The setting of a step of the index: a word that a study file has for it, by itself or in a table with options.
function stepOf({ settings }, step) {
  const said = settings.composite?.[step];
  return typeof said === "object" && said !== null ? said.method : said;
}

// What the index is made of, and by which methods; steps that were not taken are not told.
function indexWords({ sheet }) {
  const { indicators } = sheet;
  const madeWords = (one) => t("index_words.made", { name: own(one.name), parts: madeOf(indicators, one) });
  const made = topsOf(indicators).map(madeWords);
  const steps = ["impute", "treat", "normalise", "weighting", "aggregate"]
    .map((step) => [step, stepOf(sheet, step)])
    .filter(([, method]) => method && method !== "none" && has(`index_method.${method}`))
    .map(([step, method]) => t(`index_step.${step}`, { method: t(`index_method.${method}`) }));
  const { available } = sheet.settings.composite || {};
  const percent = typeof available === "number" ? number(100 * available, 0) : "";
  const least = percent ? [t("index_step.available", { percent })] : [];
  return [...made, ...steps, ...least].join(" ");
}

// How often the index was made again, and with what.
function runsWords({ sheet }) {
  const { runs } = sheet.settings.robustness || {};
  const n = typeof runs === "number" ? [t("runs_words.runs", { n: count(runs) })] : [];
  return [...n, t("runs_words.varied"), t("runs_words.holds", { percent: holding(sheet) })].join(" ");
}

// Whence the intervals are, and the ranks that areas could have.
function intervalWords(page) {
  const counted = t("methods_text.estimates", { percent: certainty(page) });
  return ratesDrawn(page.sheet) ? `${t("methods_text.intervals_drawn")} ${counted}` : counted;
}

function methodParts(page) {
  const { sheet } = page;
  const held = heldBy(sheet.indicators);
  return [
    ["tested", held.methods.size ? testedWords(sheet, held.methods) : t("methods.untested")],
    ["neighbours", held.methods.size ? neighbourWords(sheet) : ""],
    ["rates", ratesWords(sheet)],
    ["index", held.index ? indexWords(page) : ""],
    ["runs", held.runs ? runsWords(page) : ""],
    ["verdicts", held.verdicts ? t("methods_text.verdicts") : ""],
    ["doubts", held.doubts && !held.verdicts ? t("methods_text.doubts") : ""],
    ["estimates", held.intervals ? intervalWords(page) : ""],
    ["limits", t("methods_text.limits")],
  ].filter(([, text]) => text);
}

const GRAPH_COUNTS = ["neighbors_mean", "neighbors_min", "neighbors_max", "components"];

function describesGraph(value) {
  return GRAPH_COUNTS.every((name) => typeof value[name] === "number") && Array.isArray(value.isolates);
}

function graphOf(summary) {
  return t("methods.graph", {
    mean: number(summary.neighbors_mean, 1),
    min: count(summary.neighbors_min),
    max: count(summary.neighbors_max),
    components: count(summary.components),
    isolates: count(summary.isolates.length),
  });
}

// A table of settings as a study file would say it, in a line: "normalise.method min_max; runs 1000".
function flatWords(table, before = "") {
  return Object.entries(table)
    .filter(([, value]) => value !== null && value !== "")
    .map(([key, value]) => {
      const nested = typeof value === "object" && !Array.isArray(value);
      return nested ? flatWords(value, `${before}${key}.`) : `${before}${key} ${JSON.stringify(value)}`;
    })
    .filter(Boolean)
    .join("; ");
}

function plain(key, value) {
  if (Array.isArray(value)) return value.map((one) => plain(key, one)).join(", ");
  if (value !== null && typeof value === "object") {
    return describesGraph(value) ? graphOf(value) : flatWords(value);
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

export async function drawMethods(page, state) {
  const { status } = await page.columns(["status"]);
  if (!page.still(state, ["language", "sheet", "indicator"])) return;
  const { sheet, indicator } = page;
  drawReading(page, countStatuses(status));
  const reason = indicator.summary.reason;
  byId("methods").replaceChildren(
    ...methodParts(page).flatMap(([key, text]) => [
      element("h3", {}, t(`methods_part.${key}`)),
      element("p", {}, text),
    ]),
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
