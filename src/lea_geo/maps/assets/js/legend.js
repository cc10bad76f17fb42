// What the colours and patterns mean, and how many areas have each.
import { swatch } from "./patterns.js";
import { byId, count, element, range, t } from "./words.js";

// One entry in the words of its view; what is no class of values keeps GeoDa's own term beside it.
export function labelWords(key, view) {
  if (view === "local_g_star" && (key === "High-High" || key === "Low-Low")) return t(`hotspot.${key}`);
  const group = ["missing", "suppressed", "not_applicable"].includes(key) ? "status" : "label";
  return t(`${group}.${key}`);
}

export function entryWords(entry, indicator, view) {
  const isRange = entry.key.startsWith("class.");
  return isRange ? range(entry.lower, entry.upper, indicator.decimals) : labelWords(entry.key, view);
}

function entryNode(entry, indicator, view) {
  const label = element("span", { class: "entry" }, entryWords(entry, indicator, view));
  if (!entry.key.startsWith("class.") && view !== "value" && /^[A-Z]/.test(entry.key)) {
    label.append(element("span", { class: "term", lang: "en" }, entry.key));
  }
  return element(
    "li",
    { "data-key": entry.key },
    swatch(entry.style),
    label,
    element("span", { class: "count", "data-count": entry.count }, count(entry.count)),
  );
}

export async function drawLegend(page, state) {
  const { entries } = await page.classes();
  if (!page.still(state, ["language", "sheet", "indicator", "view", "off"])) return;
  const { indicator } = page;
  const { view } = state;
  byId("legend-heading").textContent = t(`legend.${view}`);
  byId("legend-hint").textContent = t(`legend_hint.${view}`, { unit: t(`unit_name.${indicator.unit}`) });
  byId("legend").replaceChildren(...entries.map((entry) => entryNode(entry, indicator, view)));
  const direction = indicator.direction ? `${t(`direction.${indicator.direction}`)}.` : "";
  byId("legend-colours").hidden = view === "value";
  byId("legend-colours").textContent = `${t("legend.colours")} ${direction}`.trim();
  byId("legend-whole").textContent = t("legend.whole", { n: count(page.place.n) });
}
