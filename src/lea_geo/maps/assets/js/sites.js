// Places that a chapter names, as marks on the map: sites that exist and sites that are proposed.
import { element, own } from "./words.js";

const SITE_SIZE = 14;

// One mark; its name is text, whatever it holds.
function siteMark({ map }, { x, y, name, kind, fill }) {
  const { latitude, longitude } = map.options.crs.mercator.toDegrees(x, y);
  const words = kind ? `${own(name)} (${own(kind)})` : own(name);
  const sign = element("span", { class: "site-sign" }, element("span", { class: "site-name" }, words));
  if (fill) sign.style.background = fill;
  const icon = L.divIcon({ className: "site", html: sign, iconSize: [SITE_SIZE, SITE_SIZE] });
  return L.marker([latitude, longitude], { icon, interactive: false, keyboard: false });
}

export function drawSites(page) {
  page.sites ||= L.layerGroup().addTo(page.map);
  page.sites.clearLayers();
  const places = page.data.points?.[page.indicator.chapter] || [];
  places.forEach((place) => page.sites.addLayer(siteMark(page, place)));
}
