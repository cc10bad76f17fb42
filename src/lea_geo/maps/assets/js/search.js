// Finding an area by its name in any language, or by its code.
import { byId, count, element, t } from "./words.js";

const MOST_FOUND = 8;

// A button that leads to an area.
export function pick(page, i, { swatch = null, words = "" } = {}) {
  const [name, id] = [page.place.nameOf(i), page.place.idOf(i)];
  const under = [...(name === id ? [] : [id]), ...(words ? [words] : [])].join(" · ");
  const button = element(
    "button",
    { type: "button", "data-area": id },
    element("span", {}, name, element("span", { class: "term" }, under)),
    swatch,
  );
  button.addEventListener("click", () => page.selectArea(i, { move: true }));
  return element("li", {}, button);
}

export function connectSearch(page) {
  byId("area-search").addEventListener("input", () => drawSearch(page));
}

// Positions of the areas whose code or any name holds what is asked for.
export function findAreas(place, asked) {
  const wanted = asked.trim().toLocaleLowerCase();
  if (!wanted) return [];
  const holds = (word) => word.toLocaleLowerCase().includes(wanted);
  const found = [];
  for (let i = 0; i < place.n; i += 1) {
    if (holds(place.idOf(i)) || place.namesOf(i).some(holds)) found.push(i);
  }
  return found;
}

export function drawSearch(page) {
  const asked = byId("area-search").value;
  const found = findAreas(page.place, asked);
  byId("search-count").textContent = asked.trim() ? t("who.found", { n: count(found.length) }) : "";
  byId("search-results").replaceChildren(...found.slice(0, MOST_FOUND).map((i) => pick(page, i)));
  if (found.length > MOST_FOUND) {
    const rest = t("who.more", { n: count(found.length - MOST_FOUND) });
    byId("search-results").append(element("li", { class: "hint" }, rest));
  }
}
