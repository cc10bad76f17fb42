// What the reader chooses from: kinds of areas and years, indicators by domain, and ways to look at one.
import { VIEWS } from "./classify.js";
import { byId, element, own, t } from "./words.js";

export function drawSheets() {}

export function drawPicker(page, state) {
  const groups = new Map();
  page.sheet.indicators.forEach((indicator, i) => {
    const domain = indicator.domain ? t(`domain.${indicator.domain}`) : "";
    if (!groups.has(domain)) groups.set(domain, []);
    groups.get(domain).push(element("option", { value: i, selected: i === state.indicator }, own(indicator.name)));
  });
  const nodes = [...groups].flatMap(([domain, options]) =>
    domain ? [element("optgroup", { label: domain }, ...options)] : options,
  );
  byId("indicator").replaceChildren(...nodes);
  byId("indicator").onchange = (event) => page.chooseIndicator(Number(event.target.value));
  describe(page, page.indicator);
}

function fact(name, value) {
  return value ? [element("dt", {}, name), element("dd", {}, value)] : [];
}

// Made-up numbers are nobody's statistics, whoever's table they look like.
export function sourceOf(page, indicator) {
  return page.data.synthetic && indicator.source
    ? t("common.made_up_source", { source: indicator.source })
    : indicator.source;
}

function describe(page, indicator) {
  const direction = byId("direction");
  direction.hidden = !indicator.direction;
  direction.dataset.direction = indicator.direction;
  direction.textContent = indicator.direction ? t(`direction.${indicator.direction}`) : "";
  byId("indicator-name").textContent = own(indicator.name);
  byId("explanation").textContent = own(indicator.explanation);
  byId("indicator-facts").replaceChildren(
    ...fact(t("choose.domain"), indicator.domain && t(`domain.${indicator.domain}`)),
    ...fact(t("choose.perspective"), indicator.perspective && t(`perspective.${indicator.perspective}`)),
    ...fact(t("choose.phenomenon"), indicator.phenomenon && t(`phenomenon.${indicator.phenomenon}`)),
    ...fact(t("choose.unit"), t(`unit_name.${indicator.unit}`)),
    ...fact(t("choose.year"), indicator.reference_year),
    ...fact(t("choose.source"), sourceOf(page, indicator)),
    ...fact(t("choose.licence"), !page.data.synthetic && indicator.licence),
  );
}

export function drawViews(page, state) {
  const has = (view) => view === "value" || page.indicator.methods.includes(view);
  byId("views").replaceChildren(
    ...VIEWS.map((view) => {
      const input = element("input", {
        type: "radio",
        name: "view",
        id: `view-${view}`,
        value: view,
        checked: view === state.view,
        disabled: !has(view),
      });
      input.addEventListener("change", () => page.chooseView(view).then(() => byId(`view-${view}`).focus()));
      return element("label", { for: `view-${view}` }, input, element("span", {}, t(`view.${view}`)));
    }),
  );
}
