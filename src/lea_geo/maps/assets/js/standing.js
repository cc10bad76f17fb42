// The areas with a label of their own, surest first. The value view shows the clusters' list too: a ranking of
// values would mostly rank chance.
import { QUIET_LABELS } from "./classify.js";
import { labelWords } from "./legend.js";
import { alarms } from "./methods.js";
import { swatch } from "./patterns.js";
import { pick } from "./search.js";
import { byId, count, element, t } from "./words.js";

const MOST_LISTED = 12;

// Positions of the labelled areas, surest first.
function labelledAreas(labels, sure) {
  const found = [];
  for (let i = 0; i < labels.length; i += 1) {
    const label = labels.at(i);
    if (label && !QUIET_LABELS.includes(label)) found.push(i);
  }
  return found.sort((a, b) => (sure.at(a) ?? 1) - (sure.at(b) ?? 1) || a - b);
}

export async function drawStanding(page, state) {
  const { indicator, data } = page;
  const method = state.view === "value" ? "local_moran" : state.view;
  byId("standing-out").hidden = !indicator.methods.includes(method);
  if (byId("standing-out").hidden) return;
  const fields = ["label", "q_value", "doubt"].map((name) => `${method}_${name}`);
  const [labels, sure, doubts] = Object.values(await page.columns(fields));
  if (!page.still(state, ["language", "sheet", "indicator", "view"])) return;
  const found = labelledAreas(labels, sure);
  byId("standing-out-heading").textContent = t(`out.${method}`, { n: count(found.length) });
  byId("standing-out-hint").textContent = found.length ? t("out.order") : t("out.none");
  byId("standing-out-alarms").textContent = found.length ? alarms(page, indicator) : "";
  const item = (i) => {
    const [label, doubt] = [labels.at(i), Boolean(doubts.at(i))];
    const words = labelWords(label, method) + (doubt ? `, ${t("out.unsure")}` : "");
    return pick(page, i, { words, swatch: swatch(data.styles[label] || data.styles.Undefined, { doubt }) });
  };
  byId("standing-out-list").replaceChildren(...found.slice(0, MOST_LISTED).map(item));
  if (found.length > MOST_LISTED) {
    const rest = t("out.rest", { n: count(found.length - MOST_LISTED) });
    byId("standing-out-list").append(element("li", { class: "hint" }, rest));
  }
}
