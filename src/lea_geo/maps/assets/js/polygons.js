// Areas that share their borders: the coordinates stay in the typed arrays that the file carries, and are moved to
// the screen as they are drawn. A matrix {a, d, e, f} sends steps (x, y) to pixels (a x + e, d y + f).

const FINEST_DETAIL = 0.4;
const MOST_BINS = 96;

/** Box x0, y0, x1, y1 of each arc, end to end. */
export function boxesOfArcs(coords, arcStart) {
  const boxes = new Int32Array(4 * (arcStart.length - 1));
  for (let arc = 0; arc < arcStart.length - 1; arc++) {
    let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity];
    for (let k = arcStart[arc]; k < arcStart[arc + 1]; k++) {
      x0 = Math.min(x0, coords[2 * k]);
      x1 = Math.max(x1, coords[2 * k]);
      y0 = Math.min(y0, coords[2 * k + 1]);
      y1 = Math.max(y1, coords[2 * k + 1]);
    }
    boxes.set([x0, y0, x1, y1], 4 * arc);
  }
  return boxes;
}

/** Box of each area, end to end. */
export function boxesOfAreas({ refs, ringStart, areaStart }, arcBoxes) {
  const boxes = new Int32Array(4 * (areaStart.length - 1));
  for (let i = 0; i < areaStart.length - 1; i++) {
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    for (let r = ringStart[areaStart[i]]; r < ringStart[areaStart[i + 1]]; r++) {
      const at = 4 * (refs[r] < 0 ? ~refs[r] : refs[r]);
      box[0] = Math.min(box[0], arcBoxes[at]);
      box[1] = Math.min(box[1], arcBoxes[at + 1]);
      box[2] = Math.max(box[2], arcBoxes[at + 2]);
      box[3] = Math.max(box[3], arcBoxes[at + 3]);
    }
    // An area without a ring has no box: it lies nowhere.
    boxes.set(box[0] <= box[2] ? box : [0, 0, -1, -1], 4 * i);
  }
  return boxes;
}

/** Arcs without the vertices that lie nearer than `tolerance` steps to the last one kept; ends always stay. */
export function thinned(coords, arcStart, tolerance) {
  if (tolerance <= 1) return { coords, arcStart };
  const kept = new Int32Array(coords.length);
  const starts = new Int32Array(arcStart.length);
  let count = 0;
  for (let arc = 0; arc < arcStart.length - 1; arc++) {
    const last = arcStart[arc + 1] - 1;
    let [x, y] = [Infinity, Infinity];
    for (let k = arcStart[arc]; k <= last; k++) {
      const near = Math.abs(coords[2 * k] - x) + Math.abs(coords[2 * k + 1] - y) < tolerance;
      if (near && k !== last) continue;
      x = kept[2 * count] = coords[2 * k];
      y = kept[2 * count + 1] = coords[2 * k + 1];
      count += 1;
    }
    starts[arc + 1] = count;
  }
  return { coords: kept.slice(0, 2 * count), arcStart: starts };
}

// A uniform grid of bins over the boxes; each bin lists the areas whose box touches it.
class BoxIndex {
  constructor(boxes) {
    const n = boxes.length / 4;
    this.side = Math.max(1, Math.min(MOST_BINS, Math.ceil(Math.sqrt(n))));
    this.low = [Infinity, Infinity];
    const high = [-Infinity, -Infinity];
    for (let at = 0; at < boxes.length; at++) {
      if (at % 4 < 2) this.low[at % 2] = Math.min(this.low[at % 2], boxes[at]);
      else high[at % 2] = Math.max(high[at % 2], boxes[at]);
    }
    this.step = high.map((value, axis) => Math.max(1, value - this.low[axis]) / this.side);
    this._fill(boxes, n);
  }

  bin(value, axis) {
    return Math.max(0, Math.min(this.side - 1, Math.floor((value - this.low[axis]) / this.step[axis])));
  }

  _eachBin(boxes, i, visit) {
    if (boxes[4 * i] > boxes[4 * i + 2]) return;
    const [left, right] = [this.bin(boxes[4 * i], 0), this.bin(boxes[4 * i + 2], 0)];
    const highest = this.bin(boxes[4 * i + 3], 1);
    for (let row = this.bin(boxes[4 * i + 1], 1); row <= highest; row++) {
      for (let column = left; column <= right; column++) visit(row * this.side + column);
    }
  }

  _fill(boxes, n) {
    this.start = new Int32Array(this.side * this.side + 1);
    for (let i = 0; i < n; i++) this._eachBin(boxes, i, (bin) => (this.start[bin + 1] += 1));
    for (let bin = 0; bin < this.side * this.side; bin++) this.start[bin + 1] += this.start[bin];
    this.areas = new Int32Array(this.start[this.side * this.side]);
    const next = this.start.slice();
    for (let i = 0; i < n; i++) this._eachBin(boxes, i, (bin) => (this.areas[next[bin]++] = i));
  }

  at(x, y) {
    const bin = this.bin(y, 1) * this.side + this.bin(x, 0);
    return this.areas.subarray(this.start[bin], this.start[bin + 1]);
  }
}

export class PolygonShapes {
  constructor(decoded, frame) {
    this.kind = "polygons";
    this.frame = frame;
    this.n = decoded.areaStart.length - 1;
    this._parts = decoded;
    this._arcBoxes = boxesOfArcs(decoded.coords, decoded.arcStart);
    this._boxes = boxesOfAreas(decoded, this._arcBoxes);
    this._index = new BoxIndex(this._boxes);
    this._detail = { tolerance: 0, coords: decoded.coords, arcStart: decoded.arcStart };
  }

  pointOf(i) {
    return [this._parts.points[2 * i], this._parts.points[2 * i + 1]];
  }

  boxOf(i) {
    return Array.from(this._boxes.subarray(4 * i, 4 * i + 4));
  }

  // The northernmost vertex, where a mark can sit on the outline.
  topOf(i) {
    const { coords, arcStart } = this._parts;
    let best = this.pointOf(i);
    this._eachArc(i, (arc) => {
      for (let k = arcStart[arc]; k < arcStart[arc + 1]; k++) {
        if (coords[2 * k + 1] > best[1]) best = [coords[2 * k], coords[2 * k + 1]];
      }
    });
    return best;
  }

  // Which area a place in steps is in, or -1.
  areaAt(x, y) {
    return this._index.at(x, y).find((i) => this._inBox(i, x, y) && this._inside(i, x, y)) ?? -1;
  }

  _inBox(i, x, y) {
    const boxes = this._boxes;
    return x >= boxes[4 * i] && x <= boxes[4 * i + 2] && y >= boxes[4 * i + 1] && y <= boxes[4 * i + 3];
  }

  // Even-odd: how often a ray to the east crosses the rings.
  _inside(i, x, y) {
    const { coords, arcStart } = this._parts;
    let inside = false;
    this._eachArc(i, (arc) => {
      for (let k = 2 * arcStart[arc]; k < 2 * (arcStart[arc + 1] - 1); k += 2) {
        const [y0, y1] = [coords[k + 1], coords[k + 3]];
        if (y0 > y === y1 > y) continue;
        if (x < coords[k] + ((y - y0) / (y1 - y0)) * (coords[k + 2] - coords[k])) inside = !inside;
      }
    });
    return inside;
  }

  _eachArc(i, visit) {
    const { refs, ringStart, areaStart } = this._parts;
    const end = ringStart[areaStart[i + 1]];
    for (let r = ringStart[areaStart[i]]; r < end; r++) visit(refs[r] < 0 ? ~refs[r] : refs[r]);
  }

  // Vertices as dense as this scale can show. Both sides of a border lose the same ones, so no gap opens.
  _lines(matrix) {
    const tolerance = FINEST_DETAIL / matrix.a;
    if (this._detail.tolerance !== tolerance) {
      this._detail = { tolerance, ...thinned(this._parts.coords, this._parts.arcStart, tolerance) };
    }
    return this._detail;
  }

  /** Whether box `at` of `boxes` meets `clip` (pixels x0, y0, x1, y1; none means everything). */
  _seen(boxes, at, { a, d, e, f }, clip) {
    if (boxes[4 * at] > boxes[4 * at + 2]) return false;
    if (!clip) return true;
    const [left, right] = [a * boxes[4 * at] + e, a * boxes[4 * at + 2] + e];
    const [top, bottom] = [d * boxes[4 * at + 3] + f, d * boxes[4 * at + 1] + f];
    return left <= clip[2] && right >= clip[0] && top <= clip[3] && bottom >= clip[1];
  }

  // One path for all areas of a class: areas of one look need no seam between them.
  fill(pen, matrix, codes, paints, clip) {
    const byCode = new Map();
    for (let i = 0; i < this.n; i++) {
      if (!this._seen(this._boxes, i, matrix, clip)) continue;
      if (!byCode.has(codes[i])) byCode.set(codes[i], []);
      byCode.get(codes[i]).push(i);
    }
    byCode.forEach((areas, code) => {
      pen.beginPath();
      areas.forEach((i) => this.trace(pen, matrix, i));
      pen.fillStyle = paints[code].fillStyle(pen);
      pen.fill("evenodd");
    });
  }

  /** Adds the rings of area `i` to the current path. */
  trace(pen, matrix, i) {
    const { areaStart } = this._parts;
    for (let ring = areaStart[i]; ring < areaStart[i + 1]; ring++) this._ring(pen, matrix, ring);
  }

  _ring(pen, matrix, ring) {
    const { refs, ringStart } = this._parts;
    // Never closePath(): the last arc ends where the first began, and Chromium measures the whole path at each call.
    for (let r = ringStart[ring]; r < ringStart[ring + 1]; r++) this._arc(pen, matrix, refs[r], r > ringStart[ring]);
  }

  _arc(pen, matrix, ref, joined) {
    const { coords, arcStart } = this._lines(matrix);
    const { a, d, e, f } = matrix;
    const arc = ref < 0 ? ~ref : ref;
    const step = ref < 0 ? -1 : 1;
    const ends = [arcStart[arc], arcStart[arc + 1] - 1];
    const [first, last] = ref < 0 ? ends.reverse() : ends;
    if (!joined) pen.moveTo(a * coords[2 * first] + e, d * coords[2 * first + 1] + f);
    for (let k = first; k !== last; ) {
      k += step;
      pen.lineTo(a * coords[2 * k] + e, d * coords[2 * k + 1] + f);
    }
  }

  /** Adds every border to the current path, once. */
  outline(pen, matrix, clip) {
    for (let arc = 0; arc < this._parts.arcStart.length - 1; arc++) {
      if (this._seen(this._arcBoxes, arc, matrix, clip)) this._arc(pen, matrix, arc, false);
    }
  }

  /** Adds the borders between municipalities. */
  municipalBorders(pen, matrix, clip) {
    this._parts.municipalArcs.forEach((arc) => {
      if (this._seen(this._arcBoxes, arc, matrix, clip)) this._arc(pen, matrix, arc, false);
    });
  }

  /** Adds the borders between areas in `mask` and everything else. */
  frontier(pen, matrix, mask, clip) {
    const sides = new Uint8Array(this._parts.arcStart.length - 1);
    mask.forEach((chosen, i) => {
      if (chosen) this._eachArc(i, (arc) => (sides[arc] ^= 1));
    });
    sides.forEach((one, arc) => {
      if (one && this._seen(this._arcBoxes, arc, matrix, clip)) this._arc(pen, matrix, arc, false);
    });
  }
}
