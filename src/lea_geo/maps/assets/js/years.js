// Which of a study's sheets is shown: the kind of areas, and the year.
import { byId, element, own, sayAloud, t } from "./words.js";

const STEP_MS = 1200;
const player = { timer: 0, playing: false };

// What tells kinds of areas apart: cells of two sizes are two kinds. Where nobody said what the areas are, equal
// squares are cells.
export function kindOf({ level, place }) {
  const { kind, frame } = place.raw;
  const cells = kind === "cells" && (!level || level === "grid");
  return cells ? `grid ${Math.round(frame.quantum)}` : level || "other";
}

// The kinds of areas that a study has, in its order.
export function kindsOf(sheets) {
  return [...new Set(sheets.map(kindOf))];
}

// Positions of the sheets of a kind that have a year, oldest first.
export function sheetsByYear(sheets, kind) {
  return sheets
    .flatMap((sheet, k) => (kindOf(sheet) === kind && sheet.year ? [k] : []))
    .sort((a, b) => sheets[a].year.localeCompare(sheets[b].year, "en", { numeric: true }));
}

// The sheet of a kind whose year is the same or the nearest; of two as near, the later.
export function nearestSheet(sheets, kind, year) {
  const away = (k) => Math.abs(Number.parseFloat(sheets[k].year) - Number.parseFloat(year));
  const [nearest] = sheetsByYear(sheets, kind).reverse().sort((a, b) => away(a) - away(b));
  return nearest ?? sheets.findIndex((sheet) => kindOf(sheet) === kind);
}

export function connectSheets(page) {
  byId("year").addEventListener("input", (event) => {
    stopPlaying();
    page.chooseSheet(yearsHere(page)[Number(event.target.value)]);
  });
  byId("play").addEventListener("click", () => (player.playing ? stopPlaying() : startPlaying(page)));
}

function yearsHere(page) {
  return sheetsByYear(page.sheets, kindOf(page.sheet));
}

// What was shown stays where the other areas have it; where they do not, the reader is told.
async function chooseKind(page, kind) {
  stopPlaying();
  const k = nearestSheet(page.sheets, kind, page.sheet.year);
  const [{ indicator, sheet }, after] = [page, page.sheets[k]];
  await page.chooseSheet(k);
  const lost = [
    after.find(indicator.code) < 0 && t("kind.without", { indicator: own(indicator.name) }),
    after.year !== sheet.year && after.year && t("kind.other_year", { asked: sheet.year, shown: after.year }),
  ];
  byId("level-note").textContent = lost.filter(Boolean).join(" ");
}

export function drawSheets(page, state) {
  byId("level-note").textContent = "";
  const kinds = kindsOf(page.sheets);
  const years = yearsHere(page);
  byId("levels").hidden = kinds.length < 2;
  byId("years").hidden = years.length < 2;
  byId("sheets").hidden = kinds.length < 2 && years.length < 2;
  drawLevels(page, kinds);
  drawYears(page, years, years.indexOf(state.sheet));
}

export function kindWords(kind) {
  const [level, side] = kind.split(" ");
  const name = t(`areas.${level}`);
  if (!side) return name;
  return `${name} ${Number(side) < 1000 ? `${side}\u00a0m` : `${Number(side) / 1000}\u00a0km`}`;
}

function drawLevels(page, kinds) {
  if (kinds.length < 2) return;
  const shown = kindOf(page.sheet);
  const focused = document.activeElement && document.activeElement.name === "level";
  byId("level-choice").replaceChildren(
    ...kinds.map((kind, k) => {
      const input = element("input", { type: "radio", name: "level", id: `level-${k}`, checked: kind === shown });
      input.addEventListener("change", () => chooseKind(page, kind));
      return element("label", { for: input.id }, input, element("span", {}, kindWords(kind)));
    }),
  );
  if (focused) byId(`level-${kinds.indexOf(shown)}`).focus();
}

// The slider itself stays, or it would be lost to the hand that holds it.
function drawYears(page, years, at) {
  if (years.length < 2) return;
  const slider = byId("year");
  const { year } = page.sheet;
  slider.max = String(years.length - 1);
  slider.value = String(at);
  slider.setAttribute("aria-valuetext", year);
  byId("year-shown").textContent = year;
  const named = new Set([0, years.length - 1]);
  byId("year-ticks").replaceChildren(
    ...years.map((k, i) => element("span", {}, named.has(i) ? page.sheets[k].year : "")),
  );
  drawPlay();
}

function drawPlay() {
  const words = t(player.playing ? "choose.pause" : "choose.play");
  byId("play").title = words;
  byId("play").replaceChildren(element("span", { class: "unseen" }, words));
  byId("play").dataset.playing = String(player.playing);
}

// From the year that is shown to the last; from the last, all of them once more.
function startPlaying(page) {
  player.playing = true;
  drawPlay();
  const years = yearsHere(page);
  const last = page.sheet === page.sheets[years.at(-1)];
  if (last) page.chooseSheet(years[0]);
  player.timer = setTimeout(() => stepYear(page), last ? STEP_MS : STEP_MS / 4);
}

async function stepYear(page) {
  const years = yearsHere(page);
  const next = years.indexOf(page.store.get().sheet) + 1;
  if (next < years.length) await page.chooseSheet(years[next]);
  if (!player.playing) return;
  if (next < years.length - 1) {
    player.timer = setTimeout(() => stepYear(page), STEP_MS);
    return;
  }
  stopPlaying();
  sayAloud(t("choose.played", { year: page.sheet.year }));
}

function stopPlaying() {
  clearTimeout(player.timer);
  player.playing = false;
  drawPlay();
}
