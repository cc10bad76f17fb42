// Who: search, the areas that stand out, and one area with all its numbers.
(function (lea) {
  "use strict";

  const { t, own, number, count, quantity, probability, element } = lea.words;
  const $ = (id) => document.getElementById(id);
  const MOST_FOUND = 8;
  const MOST_LISTED = 12;
  const WITH_VALUE = ["observed", "structural_zero"];

  // A number as the reader sees it, with the whole number for whoever wants to check.
  function datum(field, value, shown) {
    return element("data", { "data-field": field, "data-value": String(value), value: String(value) }, shown);
  }

  function known(columns, field, i) {
    const value = field in columns ? columns[field][i] : null;
    return value === undefined ? null : value;
  }

  function boundsOf(columns, indicator, i) {
    const lower = known(columns, "lower", i);
    const upper = known(columns, "upper", i);
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
    const status = columns.status[i] || "missing";
    const value = known(columns, "value", i);
    const block = element("div", { class: "value" });
    if (value !== null) {
      block.append(element("p", { class: "big" }, datum("value", value, quantity(value, indicator))));
    }
    const hasWords = value === null || status !== "observed";
    block.append(
      element(
        "p",
        { class: hasWords ? "status" : "unseen", "data-field": "status", "data-value": status },
        t(`status.${status}`),
      ),
    );
    const bounds = boundsOf(columns, indicator, i);
    if (bounds && !WITH_VALUE.includes(status)) block.append(bounds);
    const [over, under] = [known(columns, "numerator", i), known(columns, "denominator", i)];
    if (over !== null && under !== null) {
      const parts = t("area.of").split(/\{\w+\}/);
      const nodes = [datum("numerator", over, count(over)), datum("denominator", under, count(under))];
      block.append(element("p", { class: "hint" }, parts[0], nodes[0], parts[1], nodes[1], parts[2] || ""));
    }
    return block;
  }

  function labelNode(indicator, columns, method, i) {
    const label = known(columns, `${method}_label`, i);
    if (label === null) return null;
    const entry = indicator.legends[method].find(({ key }) => key === label);
    const words = lea.legend.wordsOf(label, method);
    return element(
      "p",
      { class: "label", "data-field": `${method}_label`, "data-value": label },
      ...(entry ? [lea.swatch(entry.style)] : []),
      element("span", {}, words, element("span", { class: "term", lang: "en" }, label)),
    );
  }

  // What a label does not say by itself: a grey area is no proof of sameness, and silence is no zero.
  function meaningOf(data, indicator, columns, method, i) {
    const label = known(columns, `${method}_label`, i);
    if (known(columns, "value", i) === null) return t("finding.no_value");
    if (label === "Not significant") return t("finding.not_significant");
    if (label === "Isolate") return t("finding.isolate");
    return label === null || label === "Undefined" ? "" : lea.methods.alarms(data, indicator);
  }

  // How many neighbours the area could not be compared with, where there are any.
  function hiddenNode(columns, method, i) {
    const [valued, hidden] = [known(columns, `${method}_neighbors`, i), known(columns, `${method}_hidden`, i)];
    if (!hidden || known(columns, "value", i) === null) return null;
    const all = count(valued + hidden);
    const [before, after] = t("common.hidden_neighbours", { all }).split("{hidden}");
    return element("p", { class: "hint" }, before, datum(`${method}_hidden`, hidden, count(hidden)), after);
  }

  function statistics(data, indicator, columns, method, i, said) {
    if (!(method in indicator.legends)) return null;
    const section = element("section", { class: "finding" }, element("h4", {}, t(`finding.${method}`)));
    const label = labelNode(indicator, columns, method, i);
    if (label) section.append(label);
    const meaning = meaningOf(data, indicator, columns, method, i);
    if (meaning && !said.has(meaning)) section.append(element("p", { class: "hint" }, meaning));
    said.add(meaning);
    const hidden = hiddenNode(columns, method, i);
    if (hidden && !said.has(hidden.textContent)) section.append(hidden);
    if (hidden) said.add(hidden.textContent);
    const list = element("dl", { class: "facts numbers" });
    const sure = data.controlled === "each" ? ["p_value"] : ["q_value", "p_value"];  // otherwise they are the same
    [...sure, "statistic", "lag"].forEach((name) => {
      const value = known(columns, `${method}_${name}`, i);
      if (value === null) return;
      const shown = name.endsWith("_value")
        ? probability(value)
        : name === "lag" ? quantity(value, indicator) : number(value, 3);
      list.append(
        element("dt", {}, t(`number.${name}`)),
        element("dd", {}, datum(`${method}_${name}`, value, shown)),
      );
    });
    section.append(list);
    return section;
  }

  function heading(data, i, close) {
    const button = element("button", { type: "button", class: "close", "aria-label": t("area.close") }, "×");
    button.addEventListener("click", close);
    const place = data.areas.municipality[i];
    const under = [element("span", { "data-field": "area_id", "data-value": data.areas.id[i] }, data.areas.id[i])];
    if (place) {
      const named = lea.municipalityOf(place);
      under.push(element("span", { "data-field": "municipality", "data-value": place }, named));
    }
    return element(
      "header",
      {},
      element("h3", { id: "area-name" }, lea.nameOf(data, i)),
      element("p", { class: "hint under" }, ...under),
      button,
    );
  }

  // One row an indicator, kept in the order and under the domains of the picker.
  async function allIndicators(data, state, i, chooseIndicator) {
    const all = await Promise.all(data.indicators.map(lea.columnsOf));
    const nodes = [];
    let domain = null;
    data.indicators.forEach((indicator, at) => {
      if (indicator.domain !== domain && indicator.domain) {
        nodes.push(element("li", { class: "domain" }, t(`domain.${indicator.domain}`)));
      }
      domain = indicator.domain;
      const value = known(all[at], "value", i);
      const status = all[at].status[i] || "missing";
      const button = element(
        "button",
        { type: "button", "data-code": indicator.code, "aria-pressed": String(at === state.indicator) },
        element("span", {}, own(indicator.name)),
        value === null
          ? element("span", { class: "none" }, t(`short.${status}`))
          : datum("value", value, quantity(value, indicator)),
      );
      button.addEventListener("click", () => chooseIndicator(at));
      nodes.push(element("li", {}, button));
    });
    return element("ul", { class: "all" }, ...nodes);
  }

  async function showArea(data, state, actions) {
    const indicator = data.indicators[state.indicator];
    const i = state.area;
    const columns = await lea.columnsOf(indicator);
    const list = await allIndicators(data, state, i, actions.chooseIndicator);
    if (i !== state.area) return;
    const said = new Set();  // what holds for both statistics is said once
    const sections = ["local_moran", "local_g_star"].map((m) => statistics(data, indicator, columns, m, i, said));
    $("area").replaceChildren(
      heading(data, i, actions.close),
      element("p", { class: "about" }, own(indicator.name)),
      valueBlock(columns, indicator, i),
      ...sections.filter(Boolean),
      element("h4", {}, t("area.all")),
      list,
    );
  }

  function pick(data, i, actions, { swatch, words } = {}) {
    const [name, id] = [lea.nameOf(data, i), data.areas.id[i]];
    const under = [...(name === id ? [] : [id]), ...(words ? [words] : [])].join(" · ");
    const button = element(
      "button",
      { type: "button", "data-area": id },
      element("span", {}, name, element("span", { class: "term" }, under)),
      ...(swatch ? [swatch] : []),
    );
    button.addEventListener("click", () => actions.selectArea(i));
    return element("li", {}, button);
  }

  function search(data, actions) {
    const wanted = $("area-search").value.trim().toLocaleLowerCase();
    const found = !wanted
      ? []
      : data.areas.id
          .map((id, i) => i)
          .filter((i) =>
            [data.areas.id[i], data.areas.name.fi[i], data.areas.name.sv[i], data.areas.name.en[i]].some((word) =>
              word.toLocaleLowerCase().includes(wanted),
            ),
          );
    $("search-count").textContent = wanted ? t("who.found", { n: count(found.length) }) : "";
    $("search-results").replaceChildren(...found.slice(0, MOST_FOUND).map((i) => pick(data, i, actions)));
    if (found.length > MOST_FOUND) {
      const rest = t("who.more", { n: count(found.length - MOST_FOUND) });
      $("search-results").append(element("li", { class: "hint" }, rest));
    }
  }

  // The areas with a label of their own, surest first. The value view shows the clusters' list too: a ranking of
  // values would mostly rank chance.
  async function standingOut(data, state, actions) {
    const indicator = data.indicators[state.indicator];
    const method = state.view === "value" ? "local_moran" : state.view;
    const columns = await lea.columnsOf(indicator);
    const has = method in indicator.legends;
    $("standing-out").hidden = !has;
    if (!has) return;
    const quiet = ["Not significant", "Isolate", "Undefined"];
    const found = data.areas.id
      .map((id, i) => i)
      .filter((i) => columns[`${method}_label`][i] && !quiet.includes(columns[`${method}_label`][i]))
      .sort((a, b) => (known(columns, `${method}_q_value`, a) ?? 1) - (known(columns, `${method}_q_value`, b) ?? 1));
    $("standing-out-heading").textContent = t(`out.${method}`, { n: count(found.length) });
    $("standing-out-hint").textContent = found.length ? t("out.order") : t("out.none");
    $("standing-out-alarms").textContent = found.length ? lea.methods.alarms(data, indicator) : "";
    $("standing-out-list").replaceChildren(
      ...found.slice(0, MOST_LISTED).map((i) => {
        const label = columns[`${method}_label`][i];
        const entry = indicator.legends[method].find(({ key }) => key === label);
        const words = lea.legend.wordsOf(label, method);
        return pick(data, i, actions, { words, swatch: entry && lea.swatch(entry.style) });
      }),
    );
    if (found.length > MOST_LISTED) {
      const rest = t("out.rest", { n: count(found.length - MOST_LISTED) });
      $("standing-out-list").append(element("li", { class: "hint" }, rest));
    }
  }

  lea.panel = { showArea, search, standingOut, datum, known };
})((window.leaGeo = window.leaGeo || {}));
