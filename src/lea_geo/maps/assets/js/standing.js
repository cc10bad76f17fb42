// The areas with a label of their own, label by label, surest first. The value view shows the clusters' list too: a
// ranking of values would mostly rank chance.
import { LABELS, QUIET_LABELS, surenessOf } from "./classify.js";
import { verdictWords } from "./composite.js";
import { labelWords } from "./legend.js";
import { alarms } from "./methods.js";
import { SURENESS, swatch } from "./patterns.js";
import { pick } from "./search.js";
import { chooseAreas } from "./selection.js";
import { byId, count, element, municipalityOf, t } from "./words.js";

const MOST_LISTED = 12;
const LEAST_LISTED = 3;

// Positions of the labelled areas by label, labels as in the legend, areas surest first: [[label, [i..]], ...].
export function standingOut(labels, sure) {
  const groups = new Map(LABELS.map((label) => [label, []]));
  for (let i = 0; i < labels.length; i += 1) {
    const label = labels.at(i);
    if (groups.has(label) && !QUIET_LABELS.includes(label)) groups.get(label).push(i);
  }
  const surest = (a, b) => (sure.at(a) ?? 1) - (sure.at(b) ?? 1) || a - b;
  return [...groups].filter(([, areas]) => areas.length).map(([label, areas]) => [label, areas.sort(surest)]);
}

// How many areas of a label are listed; not to name a single one would take as much room as its name.
export function listedOf(areas, groups) {
  const most = Math.max(LEAST_LISTED, Math.floor(MOST_LISTED / groups));
  return areas.length <= most + 1 ? areas.length : most;
}

// How sure the label is, in words: the verdict on it, or that it is in doubt.
function sureWordsOf({ verdict, dependsOn, doubt }, i) {
  if (!verdict.at(i)) return doubt.at(i) ? t("out.unsure") : "";
  const words = verdictWords(verdict.at(i), dependsOn.at(i));
  return words.charAt(0).toLocaleLowerCase() + words.slice(1);
}

function standingAreaNode(page, i, label, told) {
  const town = page.place.municipalities.length > 1 ? municipalityOf(page.place.municipalityOf(i)) : "";
  const words = [/\d$/.test(town) ? "" : town, sureWordsOf(told, i)].filter(Boolean).join(" · ");
  const doubt = surenessOf(told.verdict.at(i), told.doubt.at(i));
  const hatched = doubt && doubt !== SURENESS.firm;
  return pick(page, i, { words, swatch: hatched ? swatch(page.data.styles[label], { doubt }) : null });
}

// All areas of a label at once, on the map and in the table.
function standingAllNode(page, areas) {
  const all = element("button", { type: "button", class: "plain" }, t("out.all", { n: count(areas.length) }));
  all.addEventListener("click", () => {
    const mask = new Uint8Array(page.place.n);
    areas.forEach((i) => {
      mask[i] = 1;
    });
    chooseAreas(page, mask);
  });
  return all;
}

function standingGroupNode(page, [label, areas], told) {
  const listed = areas.slice(0, listedOf(areas, told.groups));
  return element(
    "div",
    { "data-label-of": label },
    element(
      "h4",
      {},
      swatch(page.data.styles[label]),
      element("span", {}, labelWords(label, told.method)),
      element("span", { class: "count" }, count(areas.length)),
    ),
    element("ul", { class: "picks" }, ...listed.map((i) => standingAreaNode(page, i, label, told))),
    listed.length < areas.length ? standingAllNode(page, areas) : null,
  );
}

export async function drawStanding(page, state) {
  const { indicator } = page;
  const method = state.view === "value" ? "local_moran" : state.view;
  byId("standing-out").hidden = !indicator.methods.includes(method);
  if (byId("standing-out").hidden) return;
  const fields = ["label", "q_value", "doubt", "verdict", "depends_on"].map((name) => `${method}_${name}`);
  const [labels, sure, doubt, verdict, dependsOn] = Object.values(await page.columns(fields));
  if (!page.still(state, ["language", "sheet", "indicator", "view"])) return;
  const found = standingOut(labels, sure);
  const n = found.reduce((sum, [, areas]) => sum + areas.length, 0);
  byId("standing-out-heading").textContent = t(`out.${method}`, { n: count(n) });
  byId("standing-out-hint").textContent = n ? t("out.order") : t("out.none");
  byId("standing-out-alarms").textContent = n ? alarms(page, indicator) : "";
  const told = { method, doubt, verdict, dependsOn, groups: found.length };
  byId("standing-out-list").replaceChildren(...found.map((group) => standingGroupNode(page, group, told)));
}
