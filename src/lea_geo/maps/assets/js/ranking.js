// Every area in a plain table: what the map shows, for those who do not use a map.
import { labelWords } from "./legend.js";
import { byId, compareWords, datum, element, municipalityOf, own, probability, quantity, t } from "./words.js";

let order = { column: "name", descending: false };

async function rankingColumns(page) {
  const { place, indicator } = page;
  const methods = ["local_moran", "local_g_star"].filter((method) => indicator.methods.includes(method));
  const fields = methods.flatMap((method) => [`${method}_label`, `${method}_q_value`]);
  const columns = await page.columns(["value", "status", ...fields]);
  return [
    { key: "name", of: (i) => place.nameOf(i) },
    { key: "id", of: (i) => place.idOf(i) },
    ...(place.municipality ? [{ key: "municipality", of: (i) => municipalityOf(place.municipalityOf(i)) }] : []),
    { key: "value", number: true, of: (i) => columns.value.at(i), show: (v) => quantity(v, indicator) },
    { key: "status", of: (i) => t(`short.${columns.status.at(i) || "missing"}`) },
    ...methods.flatMap((method) => {
      const label = (i) => columns[`${method}_label`].at(i);
      return [
        { key: method, of: (i) => (label(i) ? labelWords(label(i), method) : "") },
        { key: `${method}_q`, number: true, of: (i) => columns[`${method}_q_value`].at(i), show: probability },
      ];
    }),
  ];
}

function sorted(n, column) {
  const sign = order.descending ? -1 : 1;
  const rows = Array.from({ length: n }, (unused, i) => i);
  if (!column.number) return rows.sort((a, b) => sign * compareWords(column.of(a), column.of(b)));
  return rows.sort((a, b) => {
    const [x, y] = [column.of(a), column.of(b)];
    // What has no value stays last, whichever way the rest is sorted.
    if (x === null || y === null) return (x === null) - (y === null);
    return sign * (x - y);
  });
}

function headCell(column, redraw) {
  const sortedBy = order.column === column.key;
  const button = element("button", { type: "button" }, t(`column.${column.key}`));
  button.addEventListener("click", async () => {
    order = { column: column.key, descending: sortedBy ? !order.descending : Boolean(column.number) };
    await redraw();
    document.querySelector(`#ranking [data-column="${column.key}"] button`).focus();
  });
  const direction = order.descending ? "descending" : "ascending";
  return element("th", { scope: "col", "data-column": column.key, "aria-sort": sortedBy ? direction : "none" }, button);
}

function cellNode(page, column, i) {
  const value = column.of(i);
  if (column.key === "name") {
    const button = element("button", { type: "button", "data-area": page.place.idOf(i) }, value);
    button.addEventListener("click", () => page.selectArea(i, { move: true }));
    return element("th", { scope: "row" }, button);
  }
  if (!column.number) return element("td", {}, value);
  const shown = value === null ? "–" : datum(column.key, value, column.show(value));
  return element("td", { class: "number" }, shown);
}

export function openRanking(page) {
  return drawRanking(page, page.store.get());
}

export async function drawRanking(page, state) {
  if (!byId("ranking-section").open) return;
  const wanted = await rankingColumns(page);
  if (!page.still(state, ["language", "sheet", "indicator", "chosen"])) return;
  const by = wanted.find(({ key }) => key === order.column) || wanted[0];
  const redraw = () => drawRanking(page, page.store.get());
  const head = element("tr", {}, ...wanted.map((column) => headCell(column, redraw)));
  const rows = sorted(page.place.n, by).map((i) => element("tr", {}, ...wanted.map((c) => cellNode(page, c, i))));
  byId("ranking-caption").textContent = own(page.indicator.name);
  byId("ranking").tHead.replaceChildren(head);
  byId("ranking").tBodies[0].replaceChildren(...rows);
}
