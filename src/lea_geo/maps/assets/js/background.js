// Background tiles, where whoever made the map asked for them. Nothing else in the page uses the network.
import { t } from "./words.js";

const BACKGROUND_TILE = 256;

export function addBackground({ map, data }) {
  if (!data.tiles) return;
  const { url, attribution, deepest } = data.tiles;
  const options = { tileSize: BACKGROUND_TILE, maxNativeZoom: deepest, attribution: textAsMarkup(attribution) };
  L.tileLayer(url, options).addTo(map);
  document.body.classList.add("has-tiles");
  L.control.attribution({ prefix: false, position: "bottomright" }).addTo(map);
}

// Leaflet writes an attribution as markup; a text must stay one.
function textAsMarkup(text) {
  const escapes = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text.replace(/[&<>"]/g, (character) => escapes[character]);
}

// What the page says of its own use of the network.
export function networkWords({ tiles }) {
  return tiles ? t("methods.tiles", { host: new URL(tiles.url).host }) : t("methods.no_network");
}
