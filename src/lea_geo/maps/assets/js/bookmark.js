// What the reader looks at stands in the page's address, so that a link or a bookmark opens it again.
import { readAddress, writeAddress } from "./address.js";
import { COMPARABLE } from "./compare.js";

// Browsers refuse addresses that change too often.
const WRITTEN_AFTER = 200;

// The language and the sheet that the address asks for, or those that the page opens with.
export function askedFor({ data, sheets }) {
  const { lang, level, year } = readAddress(window.location.hash);
  const fits = (sheet) => (!level || sheet.level === level) && (!year || sheet.year === year);
  return {
    language: data.languages.includes(lang) ? lang : data.language,
    sheet: Math.max(0, sheets.findIndex(fits)),
  };
}

// The rest of what it asks for, as far as the sheet has it.
export function openAddress(page) {
  const asked = readAddress(window.location.hash);
  const indicator = Math.max(0, page.sheet.find(asked.indicator));
  const { methods } = page.sheet.indicators[indicator];
  const compared = (asked.compare || []).map((id) => page.place.indexOf(id)).filter((i) => i >= 0);
  page.store.set({
    indicator,
    view: methods.includes(asked.view) ? asked.view : "value",
    area: asked.area ? page.place.indexOf(asked.area) : -1,
    compared: [...new Set(compared)].slice(0, COMPARABLE),
  });
  if (!asked.at || !isOnMap(page, asked.at)) return;
  page.map.setView([asked.at.latitude, asked.at.longitude], asked.at.zoom, { animate: false });
}

// Whether a place is where the areas are: an address of another map must not open an empty sea.
function isOnMap(page, { latitude, longitude }) {
  const { origin, quantum, size } = page.place.raw.frame;
  const { x, y } = page.map.options.crs.mercator.toMetres(latitude, longitude);
  const [wide, high] = size.map((steps) => steps * quantum);
  return x >= origin[0] && x <= origin[0] + wide && y >= origin[1] && y <= origin[1] + high;
}

export function connectAddress(page) {
  let waiting = 0;
  const later = () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => window.history.replaceState(null, "", addressOf(page)), WRITTEN_AFTER);
  };
  page.store.on(["language", "sheet", "indicator", "view", "area", "compared"], later);
  page.map.on("moveend", later);
  // Somebody pasted another address into the open page; what the page writes itself raises no such event.
  window.addEventListener("hashchange", async () => {
    const { language, sheet } = askedFor(page);
    await page.chooseLanguage(language);
    await page.chooseSheet(sheet);
    openAddress(page);
  });
}

function addressOf(page) {
  const { language, view, area, compared } = page.store.get();
  const { lat, lng } = page.map.getCenter();
  return writeAddress({
    level: page.sheets.some(({ level }) => level !== page.sheet.level) ? page.sheet.level : "",
    year: page.sheet.year,
    indicator: page.indicator.code,
    view: view === "value" ? "" : view,
    area: area < 0 ? "" : page.place.idOf(area),
    compare: compared.length ? compared.map((i) => page.place.idOf(i)) : null,
    lang: language,
    at: { latitude: lat, longitude: lng, zoom: page.map.getZoom() },
  });
}
