// What the reader chooses from, and what the colours mean.
(function (lea) {
  "use strict";

  const { t, own, number, count, element } = lea.words;
  const $ = (id) => document.getElementById(id);
  const VIEWS = ["value", "local_moran", "local_g_star"];

  // One entry in the words of its view; what is no class of values keeps GeoDa's own term beside it.
  function wordsOf(key, view) {
    if (view === "local_g_star" && (key === "High-High" || key === "Low-Low")) return t(`hotspot.${key}`);
    const group = ["missing", "suppressed", "not_applicable"].includes(key) ? "status" : "label";
    return t(`${group}.${key}`);
  }

  function rangeOf(entry, indicator) {
    const lower = number(entry.lower, indicator.decimals);
    const upper = number(entry.upper, indicator.decimals);
    const dash = /[\s\u2212-]/.test(lower + upper) ? "\u00a0– " : "–";
    return lower === upper ? lower : `${lower}${dash}${upper}`;
  }

  function fillIndicators(data, state) {
    const groups = new Map();
    data.indicators.forEach((indicator, i) => {
      const domain = indicator.domain ? t(`domain.${indicator.domain}`) : "";
      if (!groups.has(domain)) groups.set(domain, []);
      groups.get(domain).push(element("option", { value: i, selected: i === state.indicator }, own(indicator.name)));
    });
    const nodes = [...groups].flatMap(([domain, options]) =>
      domain ? [element("optgroup", { label: domain }, ...options)] : options,
    );
    $("indicator").replaceChildren(...nodes);
  }

  function fact(name, value) {
    return value ? [element("dt", {}, name), element("dd", {}, value)] : [];
  }

  // Made-up numbers are nobody's statistics, whoever's table they look like.
  function sourceOf(data, indicator) {
    return data.synthetic && indicator.source
      ? t("common.made_up_source", { source: indicator.source })
      : indicator.source;
  }

  function describeIndicator(data, indicator) {
    const direction = $("direction");
    direction.hidden = !indicator.direction;
    direction.dataset.direction = indicator.direction;
    direction.textContent = indicator.direction ? t(`direction.${indicator.direction}`) : "";
    $("indicator-name").textContent = own(indicator.name);
    $("explanation").textContent = own(indicator.explanation);
    $("indicator-facts").replaceChildren(
      ...fact(t("choose.domain"), indicator.domain && t(`domain.${indicator.domain}`)),
      ...fact(t("choose.perspective"), indicator.perspective && t(`perspective.${indicator.perspective}`)),
      ...fact(t("choose.phenomenon"), indicator.phenomenon && t(`phenomenon.${indicator.phenomenon}`)),
      ...fact(t("choose.unit"), t(`unit_name.${indicator.unit}`)),
      ...fact(t("choose.year"), indicator.reference_year),
      ...fact(t("choose.source"), sourceOf(data, indicator)),
      ...fact(t("choose.licence"), !data.synthetic && indicator.licence),
    );
  }

  function fillViews(indicator, state, choose) {
    $("views").replaceChildren(
      ...VIEWS.map((view) => {
        const input = element("input", {
          type: "radio",
          name: "view",
          id: `view-${view}`,
          value: view,
          checked: view === state.view,
          disabled: !(view in indicator.legends),
        });
        input.addEventListener("change", () => choose(view));
        return element("label", { for: `view-${view}` }, input, element("span", {}, t(`view.${view}`)));
      }),
    );
  }

  function entryNode(entry, indicator, view) {
    const isRange = entry.key.startsWith("class.");
    const text = isRange ? rangeOf(entry, indicator) : wordsOf(entry.key, view);
    const label = element("span", { class: "entry" }, text);
    if (!isRange && view !== "value" && /^[A-Z]/.test(entry.key)) {
      label.append(element("span", { class: "term", lang: "en" }, entry.key));
    }
    return element(
      "li",
      { "data-key": entry.key },
      lea.swatch(entry.style),
      label,
      element("span", { class: "count", "data-count": entry.count }, count(entry.count)),
    );
  }

  function fillLegend(indicator, view) {
    $("legend-heading").textContent = t(`legend.${view}`);
    const unit = t(`unit_name.${indicator.unit}`);
    $("legend-hint").textContent = t(`legend_hint.${view}`, { unit });
    $("legend").replaceChildren(...indicator.legends[view].map((entry) => entryNode(entry, indicator, view)));
    const direction = indicator.direction ? `${t(`direction.${indicator.direction}`)}.` : "";
    $("legend-colours").hidden = view === "value";
    $("legend-colours").textContent = `${t("legend.colours")} ${direction}`.trim();
    const whole = indicator.legends[view].reduce((sum, entry) => sum + entry.count, 0);
    $("legend-whole").textContent = t("legend.whole", { n: count(whole) });
  }

  lea.legend = { wordsOf, fillIndicators, describeIndicator, fillViews, fillLegend };
})((window.leaGeo = window.leaGeo || {}));
