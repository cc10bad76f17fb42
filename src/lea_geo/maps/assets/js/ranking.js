// Every area in a plain table: what the map shows, for those who do not use a map.
import { compareToggled } from "./compare.js";
import { isComposite, shareNode, verdictWords } from "./composite.js";
import { TIER_FIELDS, sureness } from "./estimates.js";
import { gradeNode } from "./grades.js";
import { intervalNodes } from "./intervals.js";
import { labelWords } from "./legend.js";
import { numberKeys, pageOf, rowsWhere, sortedRows, wordKeys, worstIsHigh } from "./ordering.js";
import { yearOf } from "./picker.js";
import { clearChoice, countChosen } from "./selection.js";
import { fifthCell, ranksCell, tierKey } from "./tiercells.js";
import {
  byId, compareWords, count, datum, element, municipalityOf, own, probability, quantity, t,
} from "./words.js";

const PAGE_ROWS = 100;
const TABLE_FIELDS = ["value", "status", "interval_lower", "interval_upper", "grade", ...TIER_FIELDS, "p_worst_decile"];
const TABLE_METHODS = ["local_moran", "local_g_star"];
const TABLE_WATCHES = ["language", "sheet", "indicator", "chosen"];

// How the reader wants the table; `column` blank means by value, what weakens wellbeing most on top.
// `printed`: how many rows go onto paper while the page is printed, from the first.
const tableWish = { column: "", descending: false, page: 0, asked: "", onlyChosen: true, printed: 0 };
let tableMade = { key: "", columns: [], keys: new Map() };

export function connectRanking(page) {
  const redraw = () => page.track(drawRanking(page, page.store.get()));
  byId("ranking-section").addEventListener("toggle", redraw);
  byId("table-filter").addEventListener("input", (event) => {
    Object.assign(tableWish, { asked: event.target.value, page: 0 });
    redraw();
  });
  byId("only-chosen").addEventListener("change", (event) => {
    Object.assign(tableWish, { onlyChosen: event.target.checked, page: 0 });
    redraw();
  });
  byId("table-clear").addEventListener("click", () => {
    clearChoice(page);
    byId("table-filter").focus();
  });
  byId("pager").addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button || button.getAttribute("aria-disabled") === "true") return;
    tableWish.page = Number(button.dataset.to);
    byId("table-scroll").scrollTop = 0;
    redraw();
  });
  page.add(["area", "compared"], drawTableMarks);
  page.store.on(["sheet", "indicator", "chosen"], () => {
    tableWish.page = 0;
  });
}

// One column: what it holds as a key to sort by, and as a cell. `high`: large ones first at the first click.
function wordColumn(n, key, wordOf, cell = wordOf) {
  return { key, keys: () => wordKeys(n, wordOf, compareWords), cell };
}

function numberColumn(n, key, column, cell, high = false) {
  // The codes of a column ascend with its numbers.
  return { key, number: true, high, keys: () => numberKeys(n, (i) => column.codes[i] || null), cell };
}

function shownNumber(field, column, show) {
  return (i) => (column.has(i) ? datum(field, column.at(i), show(column.at(i))) : "–");
}

// Codes are no words of a language.
function compareCodes(a, b) {
  return a < b ? -1 : Number(a > b);
}

// A cell of the grid is called by where it lies, and the cells are in that order already.
function idColumn(place) {
  const cell = (i) => place.idOf(i);
  if (!place.ids) return { key: "id", keys: () => numberKeys(place.n, (i) => i), cell };
  return { ...wordColumn(place.n, "id", cell), keys: () => wordKeys(place.n, cell, compareCodes) };
}

function nameColumn(page) {
  const { place } = page;
  const cell = (i) => areaButton(page, i);
  if (!place.hasNames()) return { ...idColumn(place), key: "name", cell };
  return wordColumn(place.n, "name", (i) => place.nameOf(i), cell);
}

function placeColumns(page) {
  const { place } = page;
  const town = (i) => place.municipalityOf(i) && municipalityOf(place.municipalityOf(i));
  return [
    nameColumn(page),
    ...(place.hasNames() ? [idColumn(place)] : []),
    ...(place.municipality ? [wordColumn(place.n, "municipality", town)] : []),
  ];
}

function valueColumns(page, columns) {
  const { place, indicator } = page;
  const { value, status, interval_lower: lower, interval_upper: upper, rank } = columns;
  const high = worstIsHigh(indicator.direction);
  const composite = isComposite(indicator);
  const told = composite ? { ...indicator, unit: "" } : indicator; // nobody needs "points" in every cell
  const number = shownNumber("value", value, (v) => quantity(v, told));
  const shown = (i) => {
    const grade = gradeNode(columns, i, "span", { class: "term" });
    return grade ? element("span", {}, number(i), grade) : number(i);
  };
  const interval = (i) => intervalCell({ lower: lower.at(i), upper: upper.at(i) }, told);
  const spread = composite ? "interval_runs" : "interval";
  return [
    ...(composite ? tierColumns(page, columns) : []),
    numberColumn(place.n, "value", value, shown, high),
    ...(lower.empty ? [] : [numberColumn(place.n, spread, lower, interval, high)]),
    ...(rank.empty || composite ? [] : [numberColumn(place.n, "fifth", rank, (i) => fifthCell(columns, i), !high)]),
    wordColumn(place.n, "status", (i) => t(`short.${status.at(i) || "missing"}`)),
  ];
}

// Of a composite first the fifths that an area could be in, which alone the table is sorted by, and not its score:
// areas of the same fifths stay as they came.
function tierColumns(page, columns) {
  const { place, indicator } = page;
  const { p_worst_decile: worst, rank_lower: first } = columns;
  const high = worstIsHigh(indicator.direction);
  const keys = () => numberKeys(place.n, (i) => tierKey(columns, i, high));
  const share = (i) => (worst.has(i) ? shareNode("p_worst_decile", worst.at(i)) : "–");
  return [
    { key: "tier", number: true, high: !high, keys, cell: (i) => fifthCell(columns, i) },
    ...(worst.empty ? [] : [numberColumn(place.n, "worst_decile", worst, share, true)]),
    ...(first.empty ? [] : [numberColumn(place.n, "ranks", first, (i) => ranksCell(columns, i), !high)]),
  ];
}

function intervalCell(bounds, indicator) {
  const nodes = intervalNodes(bounds, indicator);
  return nodes ? element("span", { class: "whole" }, ...nodes) : "–";
}

function findingColumns(page, method, columns) {
  const { place } = page;
  const [label, doubt, verdict, dependsOn, q] = ["label", "doubt", "verdict", "depends_on", "q_value"].map(
    (name) => columns[`${method}_${name}`],
  );
  const word = (i) => (label.at(i) ? labelWords(label.at(i), method) : "");
  const cell = (i) => {
    const node = element("span", { "data-field": `${method}_label`, "data-value": label.at(i) || "" }, word(i));
    const [field, why] = verdict.at(i) ? ["verdict", verdict.at(i)] : ["doubt", doubt.at(i)];
    const words = field === "verdict" ? verdictWords(why, dependsOn.at(i)) : why && t(`doubt.${why}`);
    const attributes = { class: "term", "data-field": `${method}_${field}`, "data-value": why };
    return why ? element("span", {}, node, element("span", attributes, words)) : node;
  };
  const each = page.sheet.controlled === "each"; // the q-value then is the p-value
  const name = each ? `${method}_p_value` : `${method}_q_value`;
  const sure = each ? columns[name] : q;
  return [
    wordColumn(place.n, method, word, cell),
    numberColumn(place.n, `${method}_${each ? "p" : "q"}`, sure, shownNumber(name, sure, probability)),
  ];
}

async function tableColumns(page) {
  const methods = TABLE_METHODS.filter((method) => page.indicator.methods.includes(method));
  const told = ["label", "doubt", "q_value", "p_value", "verdict", "depends_on"];
  const fields = methods.flatMap((method) => told.map((name) => `${method}_${name}`));
  const columns = await page.columns([...TABLE_FIELDS, ...fields]);
  return [
    ...placeColumns(page),
    ...valueColumns(page, columns),
    ...methods.flatMap((method) => findingColumns(page, method, columns)),
  ];
}

function areaButton(page, i) {
  const attributes = { type: "button", id: `row-${i}`, "data-area": page.place.idOf(i) };
  const button = element("button", attributes, page.place.nameOf(i));
  button.addEventListener("click", () => page.selectArea(i, { move: true, from: button.id }));
  return button;
}

function compareButton(page, i) {
  const { compared } = page.store.get();
  const button = element("button", { type: "button", class: "plain", "aria-pressed": String(compared.includes(i)) });
  button.append(t("table.compare"), element("span", { class: "unseen" }, `: ${page.place.nameOf(i)}`));
  button.addEventListener("click", () => compareToggled(page, i));
  return button;
}

// Areas whose name in any language, code or municipality holds what is asked for.
function asksFor({ place }, asked) {
  const wanted = asked.trim().toLocaleLowerCase();
  if (!wanted) return () => true;
  const holds = (word) => word.toLocaleLowerCase().includes(wanted);
  const towns = new Set(place.municipalities.filter((town) => holds(town) || holds(municipalityOf(town))));
  return (i) => holds(place.idOf(i)) || towns.has(place.municipalityOf(i)) || place.namesOf(i).some(holds);
}

// How the table is sorted now: {column, descending}.
function orderOf(columns, { direction }) {
  const column = columns.find(({ key }) => key === tableWish.column);
  if (column) return { column, descending: tableWish.descending };
  const tier = columns.find(({ key }) => key === "tier");
  if (tier) return { column: tier, descending: !worstIsHigh(direction) };
  return { column: columns.find(({ key }) => key === "value"), descending: worstIsHigh(direction) };
}

function headCell(page, column, order) {
  const sortedBy = order.column === column;
  const title = t(`column.${column.key}`, { percent: sureness(page) });
  const button = element("button", { type: "button" }, title);
  button.addEventListener("click", () => {
    const descending = sortedBy ? !order.descending : Boolean(column.high);
    Object.assign(tableWish, { column: column.key, descending, page: 0 });
    page.track(drawRanking(page, page.store.get()));
  });
  const direction = order.descending ? "descending" : "ascending";
  const attributes = { scope: "col", "data-column": column.key, "aria-sort": sortedBy ? direction : null };
  return element("th", { ...attributes, class: column.number ? "number" : null }, button);
}

// The heading is made anew; whoever stands on one of its buttons stays there.
function drawHead(page, columns, order) {
  const held = document.activeElement?.closest("#ranking thead th")?.dataset.column;
  const cells = columns.map((column) => headCell(page, column, order));
  const last = element("th", { scope: "col" }, element("span", { class: "unseen" }, t("table.compare")));
  byId("ranking").tHead.replaceChildren(element("tr", {}, ...cells, last));
  cells.find((cell) => cell.dataset.column === held)?.firstChild.focus();
}

function tableRow(page, columns, i) {
  const cells = columns.map((column) =>
    column.key === "name"
      ? element("th", { scope: "row" }, column.cell(i))
      : element("td", { class: column.number ? "number" : null, "data-column": column.key }, column.cell(i)),
  );
  return element("tr", { "data-row": i }, ...cells, element("td", {}, compareButton(page, i)));
}

function sortedWords(page, { column, descending }) {
  const { direction } = page.indicator;
  const title = t(`column.${column.key}`, { percent: sureness(page) }).toLocaleLowerCase();
  if (column.key === "tier") return t(descending === worstIsHigh(direction) ? "sorted.tiers_back" : "sorted.tiers");
  if (column.key === "value" && direction && descending === worstIsHigh(direction)) return t(`worst.${direction}`);
  const way = column.number ? (descending ? "high" : "low") : descending ? "back" : "forth";
  return t(`sorted.${way}`, { column: title });
}

function drawPager(rows, { at, pages, from, to }) {
  byId("pager").hidden = pages === 1;
  const goes = { first: 0, previous: at - 1, next: at + 1, last: pages - 1 };
  Object.entries(goes).forEach(([name, target]) => {
    const button = byId("pager").querySelector(`[data-go="${name}"]`);
    button.dataset.to = target;
    button.setAttribute("aria-disabled", String(target === at || target < 0 || target >= pages));
  });
  const said = rows ? t("table.rows", { from: count(from + 1), to: count(to), n: count(rows) }) : t("table.no_rows");
  if (byId("table-rows").textContent !== said) byId("table-rows").textContent = said;
}

function drawChosenOnly(chosen) {
  byId("table-choice").hidden = !chosen;
  byId("only-chosen").checked = tableWish.onlyChosen;
  byId("only-chosen-words").textContent = chosen ? t("table.only_chosen", { n: count(countChosen(chosen)) }) : "";
}

function tableKey({ language, sheet, indicator }) {
  return [language, sheet, indicator].join();
}

// Columns and their keys to sort by are made once for an indicator and a language.
async function madeFor(page, state) {
  const key = tableKey(state);
  if (tableMade.key !== key) tableMade = { key, columns: await tableColumns(page), keys: new Map() };
  return tableMade;
}

function keysOf({ keys }, column) {
  if (!keys.has(column.key)) keys.set(column.key, column.keys());
  return keys.get(column.key);
}

export async function drawRanking(page, state) {
  drawChosenOnly(state.chosen);
  if (!byId("ranking-section").open) return;
  await madeFor(page, state);
  if (page.still(state, TABLE_WATCHES)) fillRanking(page);
}

/** Makes the table's columns ready, so that it can be drawn at once. */
export function prepareRanking(page, state) {
  return madeFor(page, state);
}

/** Shows the first `rows` at once, or its pages again where that is 0; false where the columns are not ready. */
export function putOnPaper(page, rows) {
  tableWish.printed = rows;
  const ready = tableMade.key === tableKey(page.store.get());
  if (ready) fillRanking(page);
  return ready;
}

function fillRanking(page) {
  const { place, indicator } = page;
  const { chosen } = page.store.get();
  const asked = asksFor(page, tableWish.asked);
  const within = chosen && tableWish.onlyChosen ? (i) => chosen[i] === 1 : () => true;
  const rows = rowsWhere(place.n, (i) => within(i) && asked(i));
  const order = orderOf(tableMade.columns, indicator);
  const sorted = sortedRows(rows, keysOf(tableMade, order.column), order.descending);
  const now = pageOf(sorted.length, tableWish.printed || PAGE_ROWS, tableWish.printed ? 0 : tableWish.page);
  if (!tableWish.printed) tableWish.page = now.at;
  const year = yearOf(page, indicator);
  byId("ranking-title").textContent = [own(indicator.name), year].filter(Boolean).join(", ");
  byId("ranking-sorted").textContent = sortedWords(page, order);
  drawHead(page, tableMade.columns, order);
  const shown = [...sorted.subarray(now.from, now.to)].map((i) => tableRow(page, tableMade.columns, i));
  byId("ranking").tBodies[0].replaceChildren(...shown);
  drawPager(sorted.length, now);
  drawTableMarks(page, page.store.get());
}

// The area that is open, and those in the comparison.
function drawTableMarks(page, { area, compared }) {
  [...byId("ranking").tBodies[0].rows].forEach((row) => {
    const i = Number(row.dataset.row);
    row.classList.toggle("open", i === area);
    row.lastChild.firstChild.setAttribute("aria-pressed", String(compared.includes(i)));
  });
}
