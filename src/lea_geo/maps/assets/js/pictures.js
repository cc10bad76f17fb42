// A picture of the current view that can stand alone in a slide or a document: whose map it is, what it shows, what
// the colours mean, and where the numbers come from.
import { gapBlock, groundedBlock, rowOfBlocks, stackBlocks, textBlock } from "./blocks.js";
import { fileNameOf, saveFile } from "./files.js";
import { doubtRows, entryWords } from "./legend.js";
import { drawBadge } from "./marks.js";
import { MAP_INK, MAP_PAPER, SURENESS, lookOf, paintOf } from "./patterns.js";
import { sourceOf, yearOf } from "./picker.js";
import { chosenWords, countChosen } from "./selection.js";
import { byId, count, own, sayAloud, t } from "./words.js";

// CSS pixels, and pixels of the file to each.
const PICTURE_WIDTH = 1200;
const PICTURE_RATIO = 2;
const PICTURE_MARGIN = 32;
const INNER_WIDTH = PICTURE_WIDTH - 2 * PICTURE_MARGIN;
const LEGEND_WIDTH = 300;
const LEGEND_GAP = 28;
const MAP_WIDTH = INNER_WIDTH - LEGEND_WIDTH - LEGEND_GAP;
const [LOWEST_MAP, HIGHEST_MAP] = [480, 720];
const SWATCH_SIZE = [30, 18];
const SWATCH_GAP = 12;
const COUNT_WIDTH = 60;
const SCALE_WIDTH = 160;

const SOFT = "#52606d";
const FRAME = "#8796a5";
const WRITTEN = {
  title: { size: 18, weight: 600, colour: "#17507a" },
  indicator: { size: 28, weight: 700, colour: MAP_INK },
  said: { size: 15, colour: MAP_INK },
  heading: { size: 16, weight: 700, colour: MAP_INK },
  entry: { size: 14, colour: MAP_INK },
  off: { size: 14, colour: SOFT },
  hint: { size: 12.5, colour: SOFT },
  banner: { size: 14, weight: 600, colour: "#5c4400" },
};
const MADE_UP = "#fff3cd";

/** The roundest length of 1, 2 or 5 times a power of ten metres that is no longer than `metres`. */
export function roundLength(metres) {
  const power = 10 ** Math.floor(Math.log10(metres));
  return [5, 2, 1].map((times) => times * power).find((length) => length <= metres * (1 + 1e-9));
}

function lengthWords(metres) {
  return metres < 1000 ? `${count(metres)}\u00a0m` : `${count(metres / 1000)}\u00a0km`;
}

function headBlock(pen, page) {
  const { data, indicator } = page;
  const title = [own(indicator.name), yearOf(page, indicator)].filter(Boolean).join(", ");
  const direction = indicator.direction ? `${t(`direction.${indicator.direction}`)}.` : "";
  const banner = data.synthetic ? t("common.synthetic") : "";
  const written = (text, style, width = INNER_WIDTH) => textBlock(pen, text, width, WRITTEN[style]);
  return stackBlocks(
    [
      groundedBlock(written(banner, "banner", INNER_WIDTH - 20), INNER_WIDTH, 10, MADE_UP),
      written(own(data.title), "title"),
      written(title, "indicator"),
      written(direction, "said"),
    ],
    8,
  );
}

function drawSwatch(pen, x, y, look) {
  pen.save();
  pen.translate(x, y);
  pen.fillStyle = paintOf(look, PICTURE_RATIO).fillStyle(pen);
  pen.fillRect(0, 0, ...SWATCH_SIZE);
  pen.strokeStyle = FRAME;
  pen.lineWidth = 1;
  if (look.bare) pen.setLineDash([3, 3]);
  pen.strokeRect(0.5, 0.5, SWATCH_SIZE[0] - 1, SWATCH_SIZE[1] - 1);
  pen.restore();
}

// A sample, what it means, and how many areas have it.
function entryBlock(pen, look, words, n, style = "entry") {
  const right = SWATCH_SIZE[0] + SWATCH_GAP;
  const text = textBlock(pen, words, LEGEND_WIDTH - right - COUNT_WIDTH, WRITTEN[style]);
  const sample = { height: SWATCH_SIZE[1], draw: (onto, x, y) => drawSwatch(onto, x, y, look) };
  const tally = {
    height: SWATCH_SIZE[1],
    draw(onto, x, y) {
      textBlock(onto, n, COUNT_WIDTH, WRITTEN.off).draw(onto, x - onto.measureText(n).width, y);
    },
  };
  return rowOfBlocks([[sample, 0], [text, right], [tally, LEGEND_WIDTH]]);
}

function classBlocks(pen, page, { entries }, { view, off }) {
  return entries.map((entry) => {
    const hidden = off.has(entry.key);
    const words = entryWords(entry, page.indicator, view);
    const said = hidden ? t("picture.off", { words }) : words;
    return entryBlock(pen, lookOf(entry.style, { off: hidden }), said, count(entry.count), hidden ? "off" : "entry");
  });
}

function doubtBlocks(pen, classes, { view }) {
  return doubtRows(classes, view).flatMap(({ n, entry, doubt, words, hint }) => [
    entryBlock(pen, lookOf(entry.style, { doubt: SURENESS[doubt] }), words, count(n)),
    textBlock(pen, hint, LEGEND_WIDTH, WRITTEN.hint),
  ]);
}

function outlineSample(onto, x, y) {
  onto.strokeStyle = MAP_INK;
  onto.lineWidth = 3;
  onto.strokeRect(x + 2, y + 2, SWATCH_SIZE[0] - 4, SWATCH_SIZE[1] - 4);
}

function markBlock(pen, words, draw) {
  const right = SWATCH_SIZE[0] + SWATCH_GAP;
  const sample = { height: SWATCH_SIZE[1] + 2, draw };
  return rowOfBlocks([[sample, 0], [textBlock(pen, words, LEGEND_WIDTH - right, WRITTEN.entry), right]]);
}

// The reader's own marks on the map: the area that is open, those compared, and a choice of many.
function markBlocks(pen, { place }, { area, compared, chosen }) {
  const numbered = compared.map((i, at) =>
    markBlock(pen, place.nameOf(i), (onto, x, y) => drawBadge(onto, x + SWATCH_SIZE[0] / 2, y + 10, String(at + 1))),
  );
  const open = area >= 0 && !compared.includes(area) ? [markBlock(pen, place.nameOf(area), outlineSample)] : [];
  const many = chosen ? [textBlock(pen, chosenWords(countChosen(chosen)), LEGEND_WIDTH, WRITTEN.entry)] : [];
  return [...open, ...numbered, ...many];
}

function legendBlock(pen, page, classes, state) {
  const { view } = state;
  const hint = (text) => textBlock(pen, text, LEGEND_WIDTH, WRITTEN.hint);
  const marks = markBlocks(pen, page, state);
  const markHeading = textBlock(pen, marks.length ? t("picture.marked") : "", LEGEND_WIDTH, WRITTEN.heading);
  return stackBlocks([
    textBlock(pen, t(`legend.${view}`), LEGEND_WIDTH, WRITTEN.heading),
    hint(`${t("choose.unit")}: ${t(`unit_name.${page.indicator.unit}`)}`),
    gapBlock(2),
    ...classBlocks(pen, page, classes, state),
    ...doubtBlocks(pen, classes, state),
    gapBlock(marks.length ? 6 : 0),
    markHeading,
    ...marks,
    gapBlock(6),
    hint(t(`legend_hint.${view}`)),
    hint(view === "value" ? "" : t("legend.colours")),
    hint(t("picture.whole", { n: count(page.place.n) })),
  ], 7);
}

// As high as what is seen asks for, within bounds.
function mapSize(page) {
  const { x, y } = page.map.getSize();
  const high = Math.round((MAP_WIDTH * y) / Math.max(1, x));
  return L.point(MAP_WIDTH, Math.max(LOWEST_MAP, Math.min(HIGHEST_MAP, high)));
}

// Over the map, on paper of its own, so that it is read on every colour.
function drawScale(pen, page, size, x, y) {
  const { map } = page;
  const seen = map.getSize();
  const perMetre = map.options.crs.scale(map.getZoom()) * Math.min(size.x / seen.x, size.y / seen.y);
  const metres = roundLength(SCALE_WIDTH / perMetre);
  const wide = metres * perMetre;
  const [left, foot] = [x + 14, y + size.y - 14];
  pen.fillStyle = "rgba(255,255,255,0.85)";
  pen.fillRect(left - 6, foot - 26, wide + 12, 34);
  pen.strokeStyle = MAP_INK;
  pen.lineWidth = 1.5;
  pen.beginPath();
  [[left, foot - 6], [left, foot], [left + wide, foot], [left + wide, foot - 6]].forEach((at) => pen.lineTo(...at));
  pen.stroke();
  textBlock(pen, lengthWords(metres), wide, { ...WRITTEN.entry, size: 12 }).draw(pen, left + 4, foot - 20);
}

function mapBlock(page) {
  const size = mapSize(page);
  return {
    height: size.y,
    draw(pen, x, y) {
      pen.fillStyle = getComputedStyle(byId("lea-map")).backgroundColor;
      pen.fillRect(x, y, size.x, size.y);
      pen.save();
      pen.translate(x, y);
      page.layer.renderTo(pen, size, PICTURE_RATIO);
      pen.restore();
      drawScale(pen, page, size, x, y);
      pen.strokeStyle = FRAME;
      pen.lineWidth = 1;
      pen.strokeRect(x + 0.5, y + 0.5, size.x - 1, size.y - 1);
    },
  };
}

function footBlock(pen, page) {
  const { data, indicator } = page;
  const facts = [
    [t("choose.source"), sourceOf(page, indicator)],
    [t("choose.licence"), data.synthetic ? "" : indicator.licence],
  ];
  const said = facts.filter(([, value]) => value).map(([name, value]) => `${name}: ${value}`);
  const made = t("methods.made", { version: data.version });
  return stackBlocks([...said, made].map((text) => textBlock(pen, text, INNER_WIDTH, WRITTEN.hint)), 2);
}

/** The whole picture as a canvas; `classes` are those of `page.classes()`. */
function pictureOf(page, classes, state) {
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d");
  const legend = legendBlock(pen, page, classes, state);
  const body = rowOfBlocks([[mapBlock(page), 0], [legend, MAP_WIDTH + LEGEND_GAP]]);
  const whole = stackBlocks([headBlock(pen, page), body, footBlock(pen, page)], 18);
  canvas.width = PICTURE_WIDTH * PICTURE_RATIO;
  canvas.height = Math.ceil(whole.height + 2 * PICTURE_MARGIN) * PICTURE_RATIO;
  pen.scale(PICTURE_RATIO, PICTURE_RATIO);
  pen.fillStyle = MAP_PAPER;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  whole.draw(pen, PICTURE_MARGIN, PICTURE_MARGIN);
  return canvas;
}

/** Saves what is seen as one picture. */
export async function downloadPng(page) {
  const classes = await page.classes();
  const canvas = pictureOf(page, classes, page.store.get());
  const file = await new Promise((done) => {
    canvas.toBlob(done, "image/png");
  });
  saveFile(fileNameOf(page, "png"), [file], "image/png");
  sayAloud(t("picture.saved"));
}
