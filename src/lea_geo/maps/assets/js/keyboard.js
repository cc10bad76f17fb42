// The map without a mouse: arrow keys move from area to area, and what is there is said.
import { compareToggled } from "./compare.js";
import { verdictWords } from "./composite.js";
import { labelWords } from "./legend.js";
import { hideTip, showTip } from "./tip.js";
import { showAll } from "./view.js";
import { byId, quantity, sayAloud, t } from "./words.js";

const EDGE = 48;
// Areas lie in steps that grow to the east and to the north.
const TOWARDS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const left = { place: null, area: -1 };
const ZOOMS = { "+": 0.5, "=": 0.5, "-": -0.5, "\u2212": -0.5 };

// The nearest area within 45 degrees of a direction as seen from `from`, or -1: the straightest of those that
// are equally near, and then the first. Distances are whole steps, so that equal ones are equal.
export function nearestTowards(pointOf, n, from, [east, north]) {
  const [x, y] = pointOf(from);
  let [found, nearest, least] = [-1, Infinity, Infinity];
  for (let i = 0; i < n; i += 1) {
    const [itsX, itsY] = pointOf(i);
    const along = (itsX - x) * east + (itsY - y) * north;
    const across = Math.abs((itsX - x) * north - (itsY - y) * east);
    if (along <= 0 || across > along) continue;
    const distance = along * along + across * across;
    if (distance < nearest || (distance === nearest && across < least)) [found, nearest, least] = [i, distance, across];
  }
  return found;
}

// The area nearest to a point.
export function nearestTo(pointOf, n, [x, y]) {
  let [found, nearest] = [-1, Infinity];
  for (let i = 0; i < n; i += 1) {
    const [itsX, itsY] = pointOf(i);
    const distance = (itsX - x) ** 2 + (itsY - y) ** 2;
    if (distance < nearest) [found, nearest] = [i, distance];
  }
  return found;
}

// The middle of the window in the place's steps.
function middleOf(page) {
  const { lat, lng } = page.map.getCenter();
  const { x, y } = page.map.options.crs.mercator.toMetres(lat, lng);
  const { origin, quantum } = page.place.raw.frame;
  return [(x - origin[0]) / quantum, (y - origin[1]) / quantum];
}

// Where the reader is: at the area under the keys or the pointer, else at the open one, else where the keys were.
function standingAt(page) {
  const { hover, area } = page.store.get();
  if (hover >= 0) return hover;
  if (area >= 0) return area;
  return left.place === page.place ? left.area : -1;
}

async function announceArea(page, i) {
  const { view, compared } = page.store.get();
  const told = view === "value" ? [] : ["label", "doubt", "verdict", "depends_on"].map((name) => `${view}_${name}`);
  const columns = await page.columns(["value", "status", ...told]);
  if (page.store.get().hover !== i) return;
  const value = columns.value.at(i);
  const parts = [page.place.nameOf(i)];
  parts.push(value === null ? t(`short.${columns.status.at(i) || "missing"}`) : quantity(value, page.indicator));
  const [label, doubt, verdict, dependsOn] = told.map((field) => columns[field].at(i));
  if (label) parts.push(labelWords(label, view));
  if (label && verdict) parts.push(verdictWords(verdict, dependsOn));
  else if (label && doubt) parts.push(t("keys.unsure"));
  if (compared.includes(i)) parts.push(t("keys.compared"));
  sayAloud(parts.join(", "));
}

function bringInside(page, i) {
  const { map, layer } = page;
  const at = map.layerPointToContainerPoint(layer.pointOf(i));
  const size = map.getSize();
  const inside = at.x > EDGE && at.y > EDGE && at.x < size.x - EDGE && at.y < size.y - EDGE;
  if (!inside) map.panTo(map.layerPointToLatLng(layer.pointOf(i)), { animate: false });
}

function show(page, i) {
  bringInside(page, i); // a map that moves forgets what the pointer was on, so this comes first
  page.store.set({ hover: i });
  return showTip(page, i, page.map.layerPointToContainerPoint(page.layer.pointOf(i)));
}

function moveTo(page, i) {
  Object.assign(left, { place: page.place, area: i });
  return Promise.all([show(page, i), announceArea(page, i)]);
}

function move(page, direction) {
  const { shapes, n } = page.place;
  const pointOf = (i) => shapes.pointOf(i);
  const from = standingAt(page);
  const next = from < 0 ? nearestTo(pointOf, n, middleOf(page)) : nearestTowards(pointOf, n, from, direction);
  if (next >= 0) page.track(moveTo(page, next));
  else sayAloud(t("keys.edge", { name: page.place.nameOf(from) }));
}

// What a key does, or null where the map leaves it to others.
function actionOf(page, key) {
  if (TOWARDS[key]) return () => move(page, TOWARDS[key]);
  if (ZOOMS[key]) return () => page.map.setZoom(page.map.getZoom() + ZOOMS[key], { animate: false });
  if (key === "Home") return () => showAll(page);
  const i = standingAt(page);
  if (i < 0) return null;
  if (key === "Enter") return () => page.selectArea(i, { from: "lea-map" });
  if (key === "c" || key === "C") return () => compareToggled(page, i);
  return null;
}

export function connectKeyboard(page) {
  const map = byId("lea-map");
  map.addEventListener("keydown", (event) => {
    if (event.target !== map || event.ctrlKey || event.metaKey || event.altKey) return;
    const action = actionOf(page, event.key);
    if (!action) return;
    event.preventDefault();
    action();
  });
  map.addEventListener("focus", () => {
    const i = standingAt(page);
    if (i >= 0 && map.matches(":focus-visible")) page.track(show(page, i));
  });
  map.addEventListener("blur", () => {
    hideTip();
    page.store.set({ hover: -1 });
  });
}
