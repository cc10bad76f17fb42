// The areas that the reader has chosen together: by a rectangle on the map or in the plot, by what is in view, or
// by a quadrant. The map fades the others, the plot too, and the table and the file hold the chosen ones only.
import { byId, count, element, sayAloud, t } from "./words.js";

// Pixels under which a drag is a click.
const SHORTEST_DRAG = 5;

export function countChosen(mask) {
  let n = 0;
  for (let i = 0; i < mask.length; i += 1) n += mask[i];
  return n;
}

/** Chooses areas by a mask; one that holds nobody takes the choice away. */
export function chooseAreas(page, mask) {
  const n = countChosen(mask);
  page.store.set({ chosen: n ? mask : null });
  sayAloud(n ? chosenWords(n) : t("chosen.none"));
}

export function clearChoice(page) {
  page.store.set({ chosen: null });
  sayAloud(t("chosen.cleared"));
}

export function chosenWords(n) {
  return n === 1 ? t("chosen.one") : t("chosen.many", { n: count(n) });
}

/** How many are chosen, and the way back; `next()` gives what takes the focus then. */
export function choiceNodes(page, chosen, next) {
  if (!chosen) return [];
  const n = countChosen(chosen);
  const button = element("button", { type: "button", class: "plain clear-choice" }, t("chosen.clear"));
  button.addEventListener("click", () => {
    clearChoice(page);
    next().focus();
  });
  return [element("span", { "data-chosen": n }, chosenWords(n)), button];
}

/** The corner of a rectangle that is being drawn, and where the pointer is now, as one box. */
export function boxBetween(from, to) {
  return {
    left: Math.min(from.x, to.x),
    right: Math.max(from.x, to.x),
    top: Math.min(from.y, to.y),
    bottom: Math.max(from.y, to.y),
  };
}

export function isDrag(from, to) {
  return Math.hypot(to.x - from.x, to.y - from.y) >= SHORTEST_DRAG;
}

// Dragging a rectangle over the map: with Shift, or once the button has been pressed.
class MapBrush {
  constructor(page) {
    this.page = page;
    this.frame = page.map.getContainer();
    this.box = element("div", { class: "brush", hidden: true });
    this.hint = element("p", { class: "brush-hint", hidden: true });
    this.frame.append(this.box, this.hint);
    this.from = null;
    this.armed = false;
    page.map.boxZoom.disable();
    this.frame.addEventListener("pointerdown", (event) => this.start(event), true);
    this.frame.addEventListener("pointermove", (event) => this.move(event), true);
    this.frame.addEventListener("pointerup", (event) => this.end(event), true);
    this.frame.addEventListener("pointercancel", () => this.stop(), true);
    this.frame.addEventListener("click", (event) => this.swallow(event), true);
  }

  arm(armed) {
    this.armed = armed;
    this.frame.classList.toggle("brushing", armed);
    byId("choose-on-map").setAttribute("aria-pressed", String(armed));
    this.hint.textContent = t("chosen.how");
    this.hint.hidden = !armed;
    if (armed) sayAloud(t("chosen.how"));
    const { dragging } = this.page.map;
    if (armed) dragging.disable();
    else dragging.enable();
  }

  start(event) {
    this.dragged = false;
    const onControl = event.target.closest(".leaflet-control, a, button");
    if (!event.isPrimary || event.button !== 0 || onControl || !(this.armed || event.shiftKey)) return;
    // Neither the map's own dragging nor its hovering begins.
    event.preventDefault();
    event.stopPropagation();
    this.frame.setPointerCapture(event.pointerId);
    this.from = this.at(event);
  }

  at(event) {
    return this.page.map.mouseEventToContainerPoint(event);
  }

  move(event) {
    if (!this.from) return;
    event.stopPropagation();
    const to = this.at(event);
    this.dragged ||= isDrag(this.from, to);
    const { left, right, top, bottom } = boxBetween(this.from, to);
    this.box.hidden = !this.dragged;
    Object.assign(this.box.style, {
      left: `${left}px`,
      top: `${top}px`,
      width: `${right - left}px`,
      height: `${bottom - top}px`,
    });
  }

  end(event) {
    if (!this.from) return;
    event.stopPropagation();
    const [from, to] = [this.from, this.at(event)];
    this.stop();
    if (!this.dragged) return;
    this.arm(false);
    chooseOnMap(this.page, from, to);
  }

  stop() {
    this.from = null;
    this.box.hidden = true;
  }

  // The click that ends a drag is no click on an area.
  swallow(event) {
    if (!this.dragged) return;
    this.dragged = false;
    event.stopImmediatePropagation();
  }
}

// Areas whose middle lies between two points of the map's window.
function chooseOnMap(page, from, to) {
  const corners = [from, to].map((point) => page.map.containerPointToLayerPoint(L.point(point.x, point.y)));
  chooseAreas(page, page.layer.indicesIn(L.bounds(corners)));
}

function choosingControl(page, brush) {
  const drag = element("button", { type: "button", id: "choose-on-map", "aria-pressed": "false" });
  const view = element("button", { type: "button", id: "choose-in-view" });
  drag.append(element("span", { class: "drawn-box", "aria-hidden": "true" }));
  view.append(element("span", { class: "drawn-box whole", "aria-hidden": "true" }));
  drag.addEventListener("click", () => brush().arm(!brush().armed));
  view.addEventListener("click", () => chooseOnMap(page, { x: 0, y: 0 }, page.map.getSize()));
  const bar = element("div", { class: "leaflet-bar choosing" }, drag, view);
  const pill = element("p", { class: "choice on-map", id: "map-choice" });
  return [["topleft", bar], ["topright", pill]].map(([position, node]) => {
    const control = L.control({ position });
    control.onAdd = () => {
      L.DomEvent.disableClickPropagation(node);
      return node;
    };
    return control.addTo(page.map);
  });
}

export function connectSelection(page) {
  let brush = null;
  choosingControl(page, () => brush);
  brush = new MapBrush(page);
  page.add(["language", "chosen"], drawChoice);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const { area, chosen } = page.store.get();
    if (brush.armed) {
      brush.arm(false);
      event.stopImmediatePropagation();
    } else if (chosen && area < 0) clearChoice(page);
  });
}

function drawChoice(page, state) {
  [["choose-on-map", t("chosen.on_map")], ["choose-in-view", t("chosen.in_view")]].forEach(([id, words]) => {
    byId(id).title = words;
    byId(id).setAttribute("aria-label", words);
  });
  byId("map-choice").hidden = !state.chosen;
  byId("map-choice").replaceChildren(...choiceNodes(page, state.chosen, () => byId("choose-on-map")));
}
