// What the pointer rests on.
import { byId, element, quantity, t } from "./words.js";

const TIP_WIDTH = 200;

export function hideTip() {
  byId("tip").hidden = true;
}

export async function showTip(page, i, point) {
  const { indicator } = page;
  const { value, status } = await page.columns(["value", "status"]);
  if (page.store.get().hover !== i) return;
  const held = value.at(i);
  const shown = held === null ? t(`short.${status.at(i) || "missing"}`) : quantity(held, indicator);
  const tip = byId("tip");
  tip.replaceChildren(element("strong", {}, page.place.nameOf(i)), element("span", {}, shown));
  const right = point.x > page.map.getSize().x - TIP_WIDTH;
  tip.style.left = `${point.x + (right ? -14 : 14)}px`;
  tip.style.top = `${point.y + 16}px`;
  tip.classList.toggle("leftward", right);
  tip.hidden = false;
}
