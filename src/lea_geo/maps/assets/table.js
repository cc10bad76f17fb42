// Every area in a plain table: what the map shows, for those who do not use a map.
(function (lea) {
  "use strict";

  const { t, own, quantity, probability, element } = lea.words;
  const $ = (id) => document.getElementById(id);
  let order = { column: "name", descending: false };

  function columnsFor(data, state, columns) {
    const indicator = data.indicators[state.indicator];
    const known = (field, i) => lea.panel.known(columns, field, i);
    const wanted = [
      { key: "name", of: (i) => lea.nameOf(data, i) },
      { key: "id", of: (i) => data.areas.id[i] },
      ...(data.areas.municipality.some(Boolean)
        ? [{ key: "municipality", of: (i) => lea.municipalityOf(data.areas.municipality[i] || "") }]
        : []),
      { key: "value", number: true, of: (i) => known("value", i), show: (v) => quantity(v, indicator) },
      { key: "status", of: (i) => t(`short.${columns.status[i] || "missing"}`) },
    ];
    ["local_moran", "local_g_star"].forEach((method) => {
      if (!(method in indicator.legends)) return;
      const label = (i) => known(`${method}_label`, i);
      wanted.push({ key: method, of: (i) => (label(i) ? lea.legend.wordsOf(label(i), method) : "") });
      wanted.push({ key: `${method}_q`, number: true, of: (i) => known(`${method}_q_value`, i), show: probability });
    });
    return wanted;
  }

  function sorted(data, column) {
    const sign = order.descending ? -1 : 1;
    const rows = data.areas.id.map((id, i) => i);
    if (!column.number) return rows.sort((a, b) => sign * lea.compareWords(column.of(a), column.of(b)));
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
    button.addEventListener("click", () => {
      order = { column: column.key, descending: sortedBy ? !order.descending : Boolean(column.number) };
      redraw();
      document.querySelector(`#area-table [data-column="${column.key}"] button`).focus();
    });
    const direction = order.descending ? "descending" : "ascending";
    return element(
      "th",
      { scope: "col", "data-column": column.key, "aria-sort": sortedBy ? direction : "none" },
      button,
    );
  }

  function cell(data, column, i, actions) {
    const value = column.of(i);
    if (column.key === "name") {
      const button = element("button", { type: "button", "data-area": data.areas.id[i] }, value);
      button.addEventListener("click", () => actions.selectArea(i));
      return element("th", { scope: "row" }, button);
    }
    if (!column.number) return element("td", {}, value);
    const shown = value === null ? "–" : lea.panel.datum(column.key, value, column.show(value));
    return element("td", { class: "number" }, shown);
  }

  async function draw(data, state, actions) {
    if (!$("table-section").open) return;
    const columns = await lea.columnsOf(data.indicators[state.indicator]);
    const wanted = columnsFor(data, state, columns);
    const by = wanted.find(({ key }) => key === order.column) || wanted[0];
    const head = element("tr", {}, ...wanted.map((c) => headCell(c, () => draw(data, state, actions))));
    const rows = sorted(data, by).map((i) => element("tr", {}, ...wanted.map((c) => cell(data, c, i, actions))));
    $("table-caption").textContent = own(data.indicators[state.indicator].name);
    $("area-table").tHead.replaceChildren(head);
    $("area-table").tBodies[0].replaceChildren(...rows);
  }

  lea.table = { draw };
})((window.leaGeo = window.leaGeo || {}));
