// What the pointer rests on.
import { estimateOf } from "./estimates.js";
import { gradeNode } from "./grades.js";
import { intervalNodes } from "./intervals.js";
import { verdictWords } from "./composite.js";
import { labelWords } from "./legend.js";
import { byId, element, quantity, t } from "./words.js";

const TIP_WIDTH = 220;
const TIP_HEIGHT = 110;
const TIP_FIELDS = ["value", "status", "interval_lower", "interval_upper", "grade"];

// The fields of the label that the map shows, where it shows labels.
function tipFields(view) {
  return view === "value" ? [] : ["label", "verdict", "depends_on"].map((name) => `${view}_${name}`);
}

export function hideTip() {
  byId("tip").hidden = true;
}

function tipNodes(page, columns, view, i) {
  const estimate = estimateOf(columns, i);
  const { value } = estimate;
  const shown = value === null ? t(`short.${columns.status.at(i) || "missing"}`) : quantity(value, page.indicator);
  const interval = intervalNodes(estimate, page.indicator);
  const [label, verdict, dependsOn] = tipFields(view).map((field) => columns[field].at(i));
  return [
    element("strong", {}, page.place.nameOf(i)),
    element("span", {}, shown, ...(interval ? [" (", ...interval, ")"] : [])),
    gradeNode(columns, i),
    label ? element("span", {}, labelWords(label, view)) : null,
    verdict ? element("span", {}, verdictWords(verdict, dependsOn)) : null,
  ].filter(Boolean);
}

export async function showTip(page, i, point) {
  const { view } = page.store.get();
  const columns = await page.columns([...TIP_FIELDS, ...tipFields(view)]);
  if (page.store.get().hover !== i) return;
  const tip = byId("tip");
  tip.replaceChildren(...tipNodes(page, columns, view, i));
  const size = page.map.getSize();
  const right = point.x > size.x - TIP_WIDTH;
  const low = point.y > size.y - TIP_HEIGHT;
  tip.style.left = `${point.x + (right ? -14 : 14)}px`;
  tip.style.top = `${point.y + (low ? -16 : 16)}px`;
  tip.classList.toggle("leftward", right);
  tip.classList.toggle("upward", low);
  tip.hidden = false;
}
