// The map's own controls, and the view of the whole.
import { t } from "./words.js";

const MARGIN = 24;

export function addControls(page) {
  const { map } = page;
  page.zoom = L.control.zoom({ position: "topleft" }).addTo(map);
  const whole = L.DomUtil.create("a", "lea-whole", page.zoom.getContainer());
  whole.href = "#lea-map";
  whole.setAttribute("role", "button");
  whole.textContent = "⤢";
  L.DomEvent.on(whole, "click", (event) => {
    L.DomEvent.stop(event);
    showAll(page);
  });
  L.control.scale({ imperial: false, position: "bottomleft" }).addTo(map);
}

export function nameControls(page) {
  const [more, less] = [".leaflet-control-zoom-in", ".leaflet-control-zoom-out"];
  const links = { [more]: "zoom_in", [less]: "zoom_out", ".lea-whole": "whole" };
  Object.entries(links).forEach(([where, key]) => {
    const link = page.zoom.getContainer().querySelector(where);
    link.title = t(`map.${key}`);
    link.setAttribute("aria-label", t(`map.${key}`));
  });
}

// All areas in the window, whatever its size.
export function showAll(page) {
  const { map } = page;
  const { crs, maxZoom } = map.options;
  const { origin, quantum, size } = page.place.raw.frame;
  const [wide, high] = size.map((steps) => Math.max(1, steps * quantum));
  const room = map.getSize();
  const scale = Math.min((room.x - MARGIN) / wide, (room.y - MARGIN) / high);
  const zoom = Math.min(maxZoom, Math.floor(crs.zoom(scale) * 4) / 4);
  const middle = crs.mercator.toDegrees(origin[0] + wide / 2, origin[1] + high / 2);
  map.setMinZoom(Math.min(map.getMinZoom(), zoom - 1));
  map.setView([middle.latitude, middle.longitude], zoom, { animate: false });
  map.setMinZoom(zoom - 1);
}
