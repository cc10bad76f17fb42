// Finding an area by its name in any language, or by its code.
import { byId, count, element, t } from "./words.js";

const MOST_FOUND = 8;
const AT_ONCE = 20_000;
const BREAK = "\n"; // a search field holds none
const indexes = new WeakMap();
let shownAreas = [];
let active = -1;

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

// All codes and names as one text, and where each area begins in it: one search through a long text is faster
// than many through short ones. Between slices the page is free to do other things.
export async function buildIndex(place, rest = () => new Promise((resolve) => setTimeout(resolve))) {
  const starts = new Float64Array(place.n + 1);
  const pieces = [];
  let length = 0;
  for (let from = 0; from < place.n; from += AT_ONCE) {
    const to = Math.min(place.n, from + AT_ONCE);
    for (let i = from; i < to; i += 1) {
      const words = [place.idOf(i), ...place.namesOf(i)].map((word) => BREAK + word.toLowerCase()).join("");
      pieces.push(words);
      starts[i] = length;
      length += words.length;
    }
    if (to < place.n) await rest();
  }
  starts[place.n] = length;
  return { text: pieces.join(""), starts };
}

// Calls `use` with every area that holds what is wanted, once and in order, until it says false.
function eachHit({ text, starts }, wanted, use) {
  let i = 0;
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, starts[i])) {
    while (starts[i + 1] <= at) i += 1;
    if (use(i) === false) return;
    i += 1;
  }
}

// The first `most` areas whose code or any name holds what is asked for, those that begin with it before the
// others, and how many there are in all.
export function findAreas(index, asked, most = MOST_FOUND) {
  const wanted = asked.trim().toLowerCase();
  if (!wanted) return { areas: [], n: 0 };
  const areas = [];
  let n = 0;
  eachHit(index, BREAK + wanted, (i) => areas.push(i) < most);
  const begin = new Set(areas);
  eachHit(index, wanted, (i) => {
    n += 1;
    if (areas.length < most && !begin.has(i)) areas.push(i);
  });
  return { areas, n };
}

function indexOf(place) {
  if (!indexes.has(place)) indexes.set(place, buildIndex(place));
  return indexes.get(place);
}

function optionOf(page, i, k) {
  const [name, id] = [page.place.nameOf(i), page.place.idOf(i)];
  const under = name === id ? null : element("span", { class: "term" }, id);
  const attributes = { role: "option", id: `found-${k}`, "aria-selected": "false", "data-area": id };
  const option = element("li", attributes, name, under);
  option.addEventListener("click", () => choose(page, i));
  return option;
}

function markActive(k) {
  active = k;
  [...byId("search-results").children].forEach((option, at) => {
    option.setAttribute("aria-selected", String(at === k));
    if (at === k) option.scrollIntoView({ block: "nearest" });
  });
  const input = byId("area-search");
  if (k < 0) input.removeAttribute("aria-activedescendant");
  else input.setAttribute("aria-activedescendant", `found-${k}`);
}

function showFound(page, areas) {
  shownAreas = areas;
  byId("search-results").replaceChildren(...areas.map((i, k) => optionOf(page, i, k)));
  byId("search-results").hidden = !areas.length;
  byId("area-search").setAttribute("aria-expanded", String(areas.length > 0));
  markActive(-1);
}

function choose(page, i) {
  showFound(page, []);
  byId("search-count").textContent = "";
  return page.selectArea(i, { move: true, from: "area-search" });
}

function clear(page) {
  byId("area-search").value = "";
  byId("search-count").textContent = "";
  showFound(page, []);
}

function followKey(page, event) {
  const n = shownAreas.length;
  if (event.key === "Escape" && byId("area-search").value) {
    event.preventDefault();
    event.stopPropagation(); // the open area stays open
    clear(page);
  } else if (event.key === "Enter" && n) {
    event.preventDefault();
    choose(page, shownAreas[Math.max(0, active)]);
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    if (!n) page.track(drawSearch(page));
    else if (event.key === "ArrowDown") markActive((active + 1) % n);
    else markActive(active <= 0 ? n - 1 : active - 1);
  }
}

export function connectSearch(page) {
  const input = byId("area-search");
  input.addEventListener("focus", () => indexOf(page.place));
  input.addEventListener("input", () => page.track(drawSearch(page)));
  input.addEventListener("keydown", (event) => followKey(page, event));
}

export async function drawSearch(page) {
  const asked = byId("area-search").value;
  const { place } = page;
  const { areas, n } = asked.trim() ? findAreas(await indexOf(place), asked) : { areas: [], n: 0 };
  if (asked !== byId("area-search").value || place !== page.place) return;
  const words = n > areas.length ? "who.more" : "who.found";
  byId("search-count").textContent = asked.trim() ? t(words, { n: count(n), shown: count(areas.length) }) : "";
  showFound(page, areas);
}
