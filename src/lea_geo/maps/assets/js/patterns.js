// How a class looks: a plain colour, or a pattern on paper where there is no value, and over either a hatch where
// the label is in doubt, broken into short strokes where it depends on something that is named. A pattern is computed
// as pixels, so that a canvas of cells, a canvas of polygons and the legend show exactly the same.

export const MAP_INK = "#1b2733";
export const MAP_PAPER = "#ffffff";
const TILE_SIDE = 8;
const DITHER_SIDE = 4;
const STROKE = 0.55;
const FADED = 0.74;
const PALE = 0.6;
const SWATCH = [30, 18];

/** How sure a label is, as a number for each area: 0 where nothing is said, and then these. */
export const SURENESS = { unsure: 1, depends: 2, firm: 3 };

export const modulo = (value, size) => ((value % size) + size) % size;
const toLine = (value) => Math.abs(modulo(value + TILE_SIDE / 2, TILE_SIDE) - TILE_SIDE / 2);

// For each pattern how far (x, y) of a tile is from its ink, in CSS pixels; negative inside.
const INKED = {
  hatch: (x, y) => toLine(x + y) * Math.SQRT1_2 - STROKE,
  lines: (x, y) => toLine(y - TILE_SIDE / 2) - STROKE,
  grid: (x, y) => Math.min(toLine(x - TILE_SIDE / 2), toLine(y - TILE_SIDE / 2)) - STROKE,
  dots: (x, y) => Math.min(...[2, 6].map((at) => Math.hypot(toLine(x - at), toLine(y - at)))) - 2 * STROKE,
  crosses: (x, y) => {
    const [across, up] = [Math.abs(x - 4), Math.abs(y - 4)];
    const beyond = Math.max(0, across + up - 4) * Math.SQRT1_2;
    return Math.hypot((across - up) * Math.SQRT1_2, beyond) - STROKE;
  },
};

// The same in whole pixels, for small cells: a tile of 8 would show most of them as blank paper.
const DITHERED = {
  hatch: (x, y) => modulo(x + y, 4) === 0,
  lines: (x, y) => y % 4 === 0,
  grid: (x, y) => x % 4 === 0 || y % 4 === 0,
  dots: (x, y) => x % 2 === 0 && y % 2 === 0,
  crosses: (x, y) => (x + y) % 2 === 0,
};

// An area of a class that is switched off: an outline on paper.
const BARE = { fill: "#ffffff", ink: "#ffffff", pattern: "", lines: null, broken: false, edge: "#c3c9d0", bare: true };

function channels(colour) {
  return [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
}

/** `share` of one colour in another, both `#rrggbb`. */
export function mixed(colour, other, share) {
  const to = channels(other);
  const parts = channels(colour).map((from, k) => Math.round(from + (to[k] - from) * share));
  return `#${parts.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

// As a pixel of an ImageData that is read as 32-bit numbers, on the little-endian machines that browsers run on.
export function pixelOf(colour) {
  const [red, green, blue] = channels(colour);
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

function brightness(colour) {
  const [red, green, blue] = channels(colour);
  return (0.299 * red + 0.587 * green + 0.114 * blue) / 255;
}

/** What is really drawn of a style once it is pale, in doubt (SURENESS), faded by a selection or switched off. */
export function lookOf(style, { doubt = 0, faded = false, off = false } = {}) {
  if (off) return BARE;
  const wash = (colour) => {
    const pale = style.pale ? mixed(colour, MAP_PAPER, PALE) : colour;
    return faded ? mixed(pale, MAP_PAPER, FADED) : pale;
  };
  const fill = wash(style.fill);
  const broken = doubt === SURENESS.depends;
  const tones = [MAP_INK, MAP_PAPER].map((colour) => (faded ? mixed(colour, MAP_PAPER, FADED) : colour));
  const lines = broken || doubt === SURENESS.unsure ? tones : null;
  const edge = brightness(fill) > 0.8 ? mixed(fill, MAP_INK, 0.2) : mixed(fill, MAP_PAPER, 0.5);
  return { fill, ink: wash(style.ink || MAP_INK), pattern: style.pattern || "", lines, broken, edge };
}

// Part of a pixel that lies within a shape, from the distance to its border.
const covered = (distance, ratio) => Math.max(0, Math.min(1, 0.5 - distance * ratio));

// The doubt hatch falls the other way than the hatch of missing values: a dark line and beside it a light one.
function doubted(colour, [dark, light], x, y, ratio) {
  const along = modulo(x - y, TILE_SIDE) * Math.SQRT1_2;
  const width = 1;
  const around = TILE_SIDE * Math.SQRT1_2;
  const beside = (middle) => {
    const away = Math.abs(along - middle);
    return covered(Math.min(away, around - away) - width / 2, ratio);
  };
  return mixed(mixed(colour, light, beside(1.5 * width)), dark, beside(width / 2));
}

// A stroke is as long as the gap after it.
const inGap = (look, x, y, side) => look.broken && modulo(x + y, side) >= side / 2;

function smoothColour(look, x, y, ratio) {
  const inked = look.pattern ? mixed(look.fill, look.ink, covered(INKED[look.pattern](x, y), ratio)) : look.fill;
  return look.lines && !inGap(look, x, y, TILE_SIDE) ? doubted(inked, look.lines, x, y, ratio) : inked;
}

// No pixel of a pattern is its paper alone, or a single cell could vanish.
function ditheredColour(look, x, y) {
  const lined = look.lines && !inGap(look, x, y, DITHER_SIDE);
  if (lined && modulo(x - y, DITHER_SIDE) < 2) return look.lines[modulo(x - y, DITHER_SIDE)];
  if (!look.pattern) return look.fill;
  return DITHERED[look.pattern](x, y) ? look.ink : mixed(look.fill, look.ink, 0.3);
}

/** The repeating square of a look as pixels: `{side, pixels}`; one pixel where the look is plain. */
export function tileOf(look, ratio, dithered) {
  if (!look.pattern && !look.lines) return { side: 1, pixels: Uint32Array.of(pixelOf(look.fill)) };
  const grain = Math.max(1, Math.round(ratio));
  const side = dithered ? DITHER_SIDE * grain : Math.max(TILE_SIDE / 2, Math.round(TILE_SIDE * ratio));
  const pixels = new Uint32Array(side * side);
  const step = TILE_SIDE / side;
  pixels.forEach((none, at) => {
    const [x, y] = [at % side, Math.floor(at / side)];
    const colour = dithered
      ? ditheredColour(look, Math.floor(x / grain), Math.floor(y / grain))
      : smoothColour(look, (x + 0.5) * step, (y + 0.5) * step, 1 / step);
    pixels[at] = pixelOf(colour);
  });
  return { side, pixels };
}

/** A look ready to be used on canvases of `ratio` pixels to a CSS pixel. */
class Paint {
  constructor(look, ratio) {
    this.look = look;
    this.ratio = ratio;
    this.edge = pixelOf(look.edge);
    this._tiles = [];
    this._pattern = null;
  }

  tile(dithered) {
    const at = Number(dithered);
    this._tiles[at] ||= tileOf(this.look, this.ratio, dithered);
    return this._tiles[at];
  }

  // For a pen that draws in CSS pixels.
  fillStyle(pen) {
    const { side, pixels } = this.tile(false);
    if (side === 1) return this.look.fill;
    if (!this._pattern) {
      const canvas = document.createElement("canvas");
      canvas.width = side;
      canvas.height = side;
      canvas.getContext("2d").putImageData(new ImageData(new Uint8ClampedArray(pixels.buffer), side, side), 0, 0);
      this._pattern = pen.createPattern(canvas, "repeat");
      this._pattern.setTransform(new DOMMatrix().scale(TILE_SIDE / side));
    }
    return this._pattern;
  }
}

const paintsInUse = new Map();

/** The paint of a look, made once: a pattern costs more to make than to use. */
export function paintOf(look, ratio) {
  const key = JSON.stringify([ratio, look]);
  if (!paintsInUse.has(key)) paintsInUse.set(key, new Paint(look, ratio));
  return paintsInUse.get(key);
}

/** A sample for the legend. */
export function swatch(style, { doubt = 0 } = {}) {
  const ratio = 2;
  const canvas = document.createElement("canvas");
  canvas.className = "swatch";
  [canvas.width, canvas.height] = SWATCH.map((length) => length * ratio);
  canvas.setAttribute("aria-hidden", "true");
  const pen = canvas.getContext("2d");
  pen.scale(ratio, ratio);
  pen.fillStyle = paintOf(lookOf(style, { doubt }), ratio).fillStyle(pen);
  pen.fillRect(0, 0, ...SWATCH);
  return canvas;
}
