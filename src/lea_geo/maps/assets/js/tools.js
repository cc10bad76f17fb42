// What the reader takes along: files of what is shown.
import { isInWords } from "./chapters.js";
import { csvParts, numberCell, separatorsOf, textCell } from "./csv.js";
import { dependsWords, isComposite } from "./composite.js";
import { sureness } from "./estimates.js";
import { fileNameOf, saveFile } from "./files.js";
import { labelWords } from "./legend.js";
import { rowsWhere } from "./ordering.js";
import { downloadPng } from "./pictures.js";
import { sourceOf, yearOf } from "./picker.js";
import { connectPrinting, printPage } from "./printing.js";
import {
  byId, count, element, municipalityOf, own, probability, quantity, readersLanguage, sayAloud, t,
} from "./words.js";

const TOOLS = [
  { id: "download-png", text: "tools.png", run: downloadPng },
  { id: "download-csv", text: "tools.csv", run: downloadCsv },
  { id: "print", text: "tools.print", run: printPage },
];

const IN_UNIT = ["value", "lower", "upper", "interval_lower", "interval_upper"];
const RANKS = ["rank", "rank_lower", "rank_upper"];
const METHODS_TOLD = ["local_moran", "local_g_star"];
const STATISTICS = [
  "label", "doubt", "verdict", "depends_on", "share", "q_value", "p_value", "statistic", "lag", "neighbors", "hidden",
];
const TIERS = ["tier_lower", "tier_upper"];
const WORST = ["p_worst_decile", "p_worst"];
const MADE_OF_RUNS = ["interval_lower", "interval_upper", "rank_lower", "rank_upper"];

/** One button for each tool. */
export function connectTools(page) {
  connectPrinting(page);
  byId("tools-toggle").addEventListener("click", () => {
    const open = byId("tools").classList.toggle("open");
    byId("tools-toggle").setAttribute("aria-expanded", String(open));
  });
  byId("tools").replaceChildren(
    ...TOOLS.map(({ id, text, run }) => {
      const button = element("button", { type: "button", id, "data-text": text });
      button.addEventListener("click", () => page.track(run(page)));
      return button;
    }),
  );
}

// One column of the file: its heading and its cells, spelled.
function textColumn(title, textAt) {
  return { title, cell: (i) => textCell(textAt(i) || "") };
}

function placeCells({ place }) {
  const named = place.hasNames() ? place.namesOf(0).map((unused, k) => k) : [];
  const languages = ["fi", "sv", "en"];
  const town = (i) => municipalityOf(place.municipalityOf(i));
  return [
    textColumn(t("column.id"), (i) => place.idOf(i)),
    ...named.map((k) => {
      const language = t(`language.${languages[k]}`);
      return textColumn(t("csv.name", { language }), (i) => place.namesOf(i)[k]);
    }),
    ...(place.municipality ? [textColumn(t("column.municipality"), town)] : []),
  ];
}

function aboutCells(page) {
  const { data, indicator } = page;
  const facts = [
    [t("choose.indicator"), own(indicator.name)],
    [t("choose.unit"), t(`unit_name.${indicator.unit}`)],
    [t("choose.year"), yearOf(page, indicator)],
    [t("choose.source"), sourceOf(page, indicator)],
    [t("choose.licence"), data.synthetic ? "" : indicator.licence],
  ];
  return facts.filter(([, value]) => value).map(([title, value]) => {
    const spelled = textCell(value);
    return { title, cell: () => spelled };
  });
}

// Equal values have equal codes, and are spelled once.
function spelledColumn(title, column, spell) {
  const spelled = new Map();
  const cell = (i) => {
    const code = column.codes[i];
    if (!spelled.has(code)) spelled.set(code, spell(column.at(i)));
    return spelled.get(code);
  };
  return { title, cell };
}

function wordColumnOf(title, column, show) {
  return spelledColumn(title, column, (word) => textCell(word === null ? "" : show(word)));
}

function numberColumnOf(title, column, decimals, separators) {
  return spelledColumn(title, column, (value) => numberCell(value, decimals, separators));
}

// Below a thousandth all that is known is that it is below: as on the page, that is no number.
function probabilityColumn(title, column, separators) {
  const small = textCell(probability(0).replace("\u00a0", " "));
  return spelledColumn(title, column, (value) => (value === 0 ? small : numberCell(value, 3, separators)));
}

function valueCells(page, columns, separators) {
  const { decimals } = page.indicator;
  const runs = (field) => isComposite(page.indicator) && MADE_OF_RUNS.includes(field);
  const title = (field) =>
    runs(field)
      ? t(`csv_runs.${field}`, { percent: sureness(page) })
      : t(`csv.${field}`, { percent: sureness(page) });
  if (isInWords(page.indicator)) {
    const spell = (at) => textCell(at === null ? "" : quantity(at, page.indicator));
    return [spelledColumn(t("csv.value"), columns.value, spell)];
  }
  const told = (fields, places) =>
    fields
      .filter((field) => !columns[field].empty)
      .map((field) => numberColumnOf(title(field), columns[field], places, separators));
  const counts = ["numerator", "denominator"].flatMap((field) => told([field], wholeOnly(columns[field]) ? 0 : 2));
  return [
    ...told(["value"], decimals),
    spelledColumn(t("column.status"), columns.status, (status) => textCell(t(`status.${status || "missing"}`))),
    ...told(IN_UNIT.slice(1), decimals),
    ...counts,
    ...told([...RANKS, ...TIERS], 0),
    ...told(WORST, 2),
    ...(columns.grade.empty ? [] : [wordColumnOf(title("grade"), columns.grade, (one) => t(`grade.${one}`))]),
    ...(columns.moved_by.empty ? [] : [wordColumnOf(title("moved_by"), columns.moved_by, (one) => t(`mover.${one}`))]),
  ];
}

function wholeOnly(column) {
  for (let i = 0; i < column.length; i += 1) if (column.has(i) && !Number.isInteger(column.at(i))) return false;
  return true;
}

function findingCells(page, method, columns, separators) {
  const held = (field) => columns[`${method}_${field}`];
  const title = (field) => `${t(`column.${method}`)}: ${t(`csv.${field}`)}`;
  const { decimals } = page.indicator;
  const places = { share: 2, statistic: 3, lag: decimals, neighbors: 0, hidden: 0 };
  const columnOf = {
    label: () => wordColumnOf(t(`column.${method}`), held("label"), (label) => labelWords(label, method)),
    doubt: () => wordColumnOf(title("doubt"), held("doubt"), (doubt) => t(`doubt.${doubt}`)),
    verdict: () => wordColumnOf(title("verdict"), held("verdict"), (verdict) => t(`verdict.${verdict}`)),
    depends_on: () =>
      wordColumnOf(title("depends_on"), held("depends_on"), (words) => dependsWords(words.split(" "))),
    q_value: () => probabilityColumn(title("q_value"), held("q_value"), separators),
    p_value: () => probabilityColumn(title("p_value"), held("p_value"), separators),
  };
  const one = (field) => columnOf[field]?.() || numberColumnOf(title(field), held(field), places[field], separators);
  return STATISTICS.filter((field) => !held(field).empty).map(one);
}

async function csvColumns(page) {
  const separators = separatorsOf(readersLanguage());
  const methods = METHODS_TOLD.filter((method) => page.indicator.methods.includes(method));
  const fields = methods.flatMap((method) => STATISTICS.map((field) => `${method}_${field}`));
  const always = [...IN_UNIT, ...RANKS, ...TIERS, ...WORST, "grade", "moved_by", "status", "numerator", "denominator"];
  const columns = await page.columns([...always, ...fields]);
  return [
    ...placeCells(page),
    ...valueCells(page, columns, separators),
    ...methods.flatMap((method) => findingCells(page, method, columns, separators)),
    ...aboutCells(page),
  ];
}

/** Saves all areas, or the chosen ones, with all that is known of the indicator. */
async function downloadCsv(page) {
  const columns = await csvColumns(page);
  const { chosen } = page.store.get();
  const rows = rowsWhere(page.place.n, (i) => !chosen || chosen[i] === 1);
  const head = columns.map(({ title }) => textCell(title));
  const cellsOf = (k) => columns.map(({ cell }) => cell(rows[k]));
  const parts = csvParts(head, rows.length, cellsOf, separatorsOf(readersLanguage()));
  saveFile(fileNameOf(page, "csv"), parts, "text/csv;charset=utf-8");
  sayAloud(t("tools.csv_saved", { n: count(rows.length) }));
}
