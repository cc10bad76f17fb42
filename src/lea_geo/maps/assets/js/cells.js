// Square cells by the hundred thousand: sorted by row and column in typed arrays, and written to the screen pixel by
// pixel, which costs the same at every zoom. A matrix {a, d, e, f} sends steps (x, y) to pixels (a x + e, d y + f),
// with d below zero because rows grow northwards.

import { modulo } from "./patterns.js";

const LINED_FROM = 6;
const DITHERED_BELOW = 12;

/** First place in `sorted[from..to)` whose value is at least `value`; `to` if there is none. */
export function firstAtLeast(sorted, from, to, value) {
  let [low, high] = [from, to];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** First and last of `count` steps that shows between pixels 0 and `length`, where step s begins at a s + e. */
export function stepsSeen(a, e, length, count) {
  const ends = [-e / a, (length - e) / a].map(Math.floor).sort((one, other) => one - other);
  return [Math.max(0, ends[0]), Math.min(count - 1, ends[1])];
}

// From where to where a step reaches in whole pixels: at least one, however far out.
function span(a, e, step, length) {
  const ends = [Math.round(a * step + e), Math.round(a * (step + 1) + e)];
  const low = Math.min(ends[0], ends[1]);
  return [Math.max(0, low), Math.min(length, Math.max(low + 1, ends[0], ends[1]))];
}

// One cell, or one stretch of its border, in its tile's pixels; the tile begins at `anchor`.
function paintBlock({ pixels, stride, anchor }, [x0, x1], [y0, y1], tile) {
  const { side } = tile;
  if (side === 1) {
    const [pixel] = tile.pixels;
    for (let y = y0; y < y1; y++) {
      const end = y * stride + x1;
      for (let at = y * stride + x0; at < end; at++) pixels[at] = pixel;
    }
    return;
  }
  for (let y = y0; y < y1; y++) {
    const from = modulo(y - anchor[1], side) * side;
    let along = modulo(x0 - anchor[0], side);
    for (let x = x0; x < x1; x++) {
      pixels[y * stride + x] = tile.pixels[from + along];
      along = along + 1 === side ? 0 : along + 1;
    }
  }
}

// A line along the west and north side of a cell: its neighbours draw the others. A bare cell is nothing but lines.
function paintEdges(target, [x0, x1], [y0, y1], { edge, look }, wide) {
  const line = { side: 1, pixels: [edge] };
  paintBlock(target, [x0, Math.min(x1, x0 + wide)], [y0, y1], line);
  paintBlock(target, [x0, x1], [y0, Math.min(y1, y0 + wide)], line);
  if (!look.bare) return;
  paintBlock(target, [Math.max(x0, x1 - wide), x1], [y0, y1], line);
  paintBlock(target, [x0, x1], [Math.max(y0, y1 - wide), y1], line);
}

export class CellShapes {
  constructor(decoded, frame) {
    this.kind = "cells";
    this.frame = frame;
    this.n = decoded.col.length;
    this._cells = decoded;
    this._sheets = new WeakMap();
  }

  cellOf(i) {
    return [this._cells.col[i], this._cells.row[i]];
  }

  pointOf(i) {
    return [this._cells.col[i] + 0.5, this._cells.row[i] + 0.5];
  }

  boxOf(i) {
    const { col, row } = this._cells;
    return [col[i], row[i], col[i] + 1, row[i] + 1];
  }

  topOf(i) {
    return [this._cells.col[i] + 0.5, this._cells.row[i] + 1];
  }

  // Which cell a place in steps is in, or -1.
  areaAt(x, y) {
    return this._at(Math.floor(x), Math.floor(y));
  }

  _at(column, row) {
    const { rows, rowStart, col } = this._cells;
    if (!(row >= 0 && row < rows)) return -1;
    const k = firstAtLeast(col, rowStart[row], rowStart[row + 1], column);
    return k < rowStart[row + 1] && col[k] === column ? k : -1;
  }

  // Calls visit(i, column, row) for the cells that show in a box of pixels [x0, y0, x1, y1].
  eachSeen({ a, d, e, f }, clip, visit) {
    const { cols, rows, rowStart, col } = this._cells;
    const [x0, y0, x1, y1] = clip;
    const [left, right] = stepsSeen(a, e - x0, x1 - x0, cols);
    const [bottom, top] = stepsSeen(d, f - y0, y1 - y0, rows);
    for (let row = bottom; row <= top; row++) {
      const end = rowStart[row + 1];
      for (let k = firstAtLeast(col, rowStart[row], end, left); k < end && col[k] <= right; k++) visit(k, col[k], row);
    }
  }

  /**
   * Writes the cells into `target`: pixels in rows of `stride`, the first `width` of `height` rows, patterns from
   * `anchor`. Where several cells share a pixel the last one shows: a sample of the classes, not a blend of them,
   * which would be the colour of another class.
   */
  paintInto(target, matrix, codes, paints, { dithered, lines }) {
    const tiles = paints.map((paint) => paint && paint.tile(dithered));
    this.eachSeen(matrix, [0, 0, target.width, target.height], (i, column, row) => {
      const across = span(matrix.a, matrix.e, column, target.width);
      const down = span(matrix.d, matrix.f, row, target.height);
      paintBlock(target, across, down, tiles[codes[i]]);
      if (lines) paintEdges(target, across, down, paints[codes[i]], lines);
    });
  }

  // The pen draws in CSS pixels; the cells are written in pixels of its canvas.
  fill(pen, matrix, codes, paints, clip) {
    const own = pen.getTransform();
    const { width, height } = pen.canvas;
    const box = clip
      ? [own.a * clip[0] + own.e, own.d * clip[1] + own.f, own.a * clip[2] + own.e, own.d * clip[3] + own.f]
      : [0, 0, width, height];
    const [x0, y0] = [Math.max(0, Math.floor(box[0])), Math.max(0, Math.floor(box[1]))];
    const [x1, y1] = [Math.min(width, Math.ceil(box[2])), Math.min(height, Math.ceil(box[3]))];
    if (x1 <= x0 || y1 <= y0) return;
    const onCanvas = {
      a: own.a * matrix.a,
      d: own.d * matrix.d,
      e: own.a * matrix.e + own.e - x0,
      f: own.d * matrix.f + own.f - y0,
    };
    const sheet = this._blank(pen.canvas, y1 - y0);
    const anchor = [Math.round(own.e) - x0, Math.round(own.f) - y0];
    const lines = matrix.a >= LINED_FROM ? Math.round(own.a) : 0;
    const target = { ...sheet, width: x1 - x0, height: y1 - y0, anchor };
    this.paintInto(target, onCanvas, codes, paints, { dithered: matrix.a < DITHERED_BELOW, lines });
    sheet.pen.putImageData(sheet.image, 0, 0, 0, 0, x1 - x0, y1 - y0);
    pen.save();
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.drawImage(sheet.pen.canvas, 0, 0, x1 - x0, y1 - y0, x0, y0, x1 - x0, y1 - y0);
    pen.restore();
  }

  // What is under the cells must show between them, so they are written beside and laid over. A sheet lives as long as
  // the canvas that it is for: to make one costs more than to draw on it.
  _blank(canvas, height) {
    let sheet = this._sheets.get(canvas);
    if (sheet?.image.width !== canvas.width || sheet.image.height !== canvas.height) {
      const beside = document.createElement("canvas");
      beside.width = canvas.width;
      beside.height = canvas.height;
      const pen = beside.getContext("2d");
      const image = pen.createImageData(canvas.width, canvas.height);
      sheet = { pen, image, pixels: new Uint32Array(image.data.buffer), stride: canvas.width };
      this._sheets.set(canvas, sheet);
    }
    sheet.pixels.fill(0, 0, sheet.stride * height);
    return sheet;
  }

  /** Adds cell `i` to the current path. */
  trace(pen, { a, d, e, f }, i) {
    const [x, y] = [a * this._cells.col[i] + e, d * (this._cells.row[i] + 1) + f];
    pen.rect(x, y, a, -d);
  }

  // Borders of cells are written with them, and municipalities have none between cells.
  outline() {}

  municipalBorders() {}

  /** Adds the borders between cells in `mask` and everything else; below some pixels they would hide the cells. */
  frontier(pen, matrix, mask, clip) {
    if (matrix.a < LINED_FROM) return;
    const { a, d, e, f } = matrix;
    const sides = [[-1, 0, 0, 0, 0, 1], [1, 0, 1, 0, 1, 1], [0, -1, 0, 0, 1, 0], [0, 1, 0, 1, 1, 1]];
    this.eachSeen(matrix, clip, (i, column, row) => {
      if (!mask[i]) return;
      sides.forEach(([right, up, x0, y0, x1, y1]) => {
        const beside = this._at(column + right, row + up);
        if (beside >= 0 && mask[beside]) return;
        pen.moveTo(a * (column + x0) + e, d * (row + y0) + f);
        pen.lineTo(a * (column + x1) + e, d * (row + y1) + f);
      });
    });
  }
}
