// What there is to draw, and how to draw it onto any canvas: the screen's, or a larger one for a picture or print.
// A view {scale, corner, clip, ratio} says how many pixels a metre has, where the projected origin lies, which box of
// CSS pixels is wanted and how many pixels of the canvas each has.
import { Room, drawNames, middlesOf } from "./labels.js";
import { badgeBox, drawBadge, drawDoubleLine, drawLine, mapColours } from "./marks.js";
import { lookOf, paintOf } from "./patterns.js";
import { municipalityOf } from "./words.js";

// CSS pixels across that an area has on average from which its outline is worth drawing.
const OUTLINED_FROM = 7;
// The same for names of many areas: one name among a thousand would say that only this place matters.
const NAMED_FROM = 44;
const FEW_AREAS = 150;
// Radius of the ring around an area that is smaller than this across.
const RING = 12;
const SMALL = 9;
const WATER = { fill: "#c3d2dc" };
const NO_CLASS = { fill: "#ffffff" };
const [DOUBT_LEVELS, OUTSIDE, FLAGS] = [4, 4, 8];

/** From steps of a frame to pixels of a view. */
export function matrixOf({ origin, quantum }, { scale, corner }) {
  const step = quantum * scale;
  return { a: step, d: -step, e: origin[0] * scale - corner.x, f: -origin[1] * scale - corner.y };
}

/** The class of each area together with how it is drawn: 8 x class, + how sure it is, + 4 outside the selection. */
export function drawnCodes(n, codes, doubts, chosen) {
  const drawn = new Uint16Array(n);
  for (let i = 0; i < n; i++) {
    const doubt = doubts ? doubts[i] : 0;
    drawn[i] = FLAGS * codes[i] + doubt + (chosen && !chosen[i] ? OUTSIDE : 0);
  }
  return drawn;
}

/** The parts of a box x0, y0, x1, y1 that its old content, moved by `moved`, leaves empty. */
export function stripsOf([x0, y0, x1, y1], moved) {
  const left = Math.max(x0, x0 + moved.x);
  const right = Math.min(x1, x1 + moved.x);
  const beside = moved.x > 0 ? [x0, y0, left, y1] : [right, y0, x1, y1];
  const above = moved.y > 0 ? [left, y0, right, y0 + moved.y] : [left, y1 + moved.y, right, y1];
  return [beside, above].filter((strip) => strip[2] > strip[0] && strip[3] > strip[1]);
}

// The box of a frame in pixels: left, top, right, bottom.
function boxIn({ size }, { a, d, e, f }) {
  return [e, f + size[1] * d, e + size[0] * a, f];
}

/**
 * Where water that was cut off fades: for each side of its box that lies outside the areas' box
 * {axis, edge, inner}, from the edge a third of the way towards the areas.
 */
export function fadingSides(water, areas) {
  return water.flatMap((edge, k) => {
    const outside = k < 2 ? edge < areas[k] : edge > areas[k];
    return outside ? [{ axis: k % 2, edge, inner: (2 * edge + areas[k]) / 3 }] : [];
  });
}

// What is under the water shows: the ground's colour, or a background map.
function fadeWater(pen, box, { axis, edge, inner }) {
  const gradient = axis ? pen.createLinearGradient(0, edge, 0, inner) : pen.createLinearGradient(edge, 0, inner, 0);
  gradient.addColorStop(0, "rgba(0, 0, 0, 1)");
  gradient.addColorStop(1, "rgba(0, 0, 0, 0)");
  const corners = [[box[0], box[2]], [box[1], box[3]]];
  const beyond = edge + Math.sign(edge - inner); // the last pixel of the edge is half water
  corners[axis] = [Math.min(beyond, inner), Math.max(beyond, inner)];
  const [[left, right], [top, bottom]] = corners;
  pen.fillStyle = gradient;
  pen.fillRect(left, top, right - left, bottom - top);
}

const pixelAt = ({ a, d, e, f }, [x, y]) => [a * x + e, d * y + f];

export class Scene {
  constructor(labels) {
    this.labels = labels;
    this.context = [];
    this.shapes = null;
  }

  // Another set of areas: what was said about the former ones is forgotten.
  take(place) {
    this.place = place;
    this.shapes = place.shapes;
    this.middles = place.municipality ? middlesOf(place.shapes, place.municipality.codes) : [];
    const codes = new Uint8Array(place.shapes.n);
    this.set({ codes, styles: [NO_CLASS], doubts: null, off: new Set(), chosen: null });
    Object.assign(this, { selected: -1, hovered: -1, compared: [] });
  }

  set(changes) {
    Object.assign(this, changes);
    this.looks = null;
  }

  // Codes of what is drawn, and a paint for each that is in use.
  _looks(ratio) {
    if (this.looks?.ratio !== ratio) {
      const drawn = drawnCodes(this.shapes.n, this.codes, this.doubts, this.chosen);
      const paints = [];
      drawn.forEach((code) => {
        paints[code] ||= this._paint(code, ratio);
      });
      this.looks = { ratio, drawn, paints };
    }
    return this.looks;
  }

  _paint(drawn, ratio) {
    const code = Math.floor(drawn / FLAGS);
    const state = { doubt: drawn % DOUBT_LEVELS, faded: Boolean(drawn & OUTSIDE), off: this.off.has(code) };
    return paintOf(lookOf(this.styles[code] || NO_CLASS, state), ratio);
  }

  // Everything under the names.
  drawGround(pen, view) {
    const { shapes } = this;
    const { clip } = view;
    const matrix = matrixOf(shapes.frame, view);
    const colours = mapColours();
    pen.lineJoin = "round";
    this.context.forEach((piece) => this._drawContext(pen, piece, view));
    const { drawn, paints } = this._looks(view.ratio);
    shapes.fill(pen, matrix, drawn, paints, clip);
    const across = this._across(matrix);
    const fine = across < 2 * OUTLINED_FROM;
    if (across >= OUTLINED_FROM) {
      drawLine(pen, () => shapes.outline(pen, matrix, clip), colours.outline, fine ? 0.35 : 0.8);
    }
    drawLine(pen, () => shapes.municipalBorders(pen, matrix, clip), colours.border, fine ? 0.5 : 1.3);
    if (this.chosen) drawDoubleLine(pen, () => shapes.frontier(pen, matrix, this.chosen, clip), 2, 4);
  }

  _drawContext(pen, { kind, shapes }, view) {
    const matrix = matrixOf(shapes.frame, view);
    if (kind === "water") {
      shapes.fill(pen, matrix, new Uint8Array(shapes.n), [paintOf(lookOf(WATER), view.ratio)], view.clip);
      const [box, areas] = [boxIn(shapes.frame, matrix), boxIn(this.shapes.frame, matrixOf(this.shapes.frame, view))];
      pen.globalCompositeOperation = "destination-out";
      fadingSides(box, areas).forEach((side) => fadeWater(pen, box, side));
      pen.globalCompositeOperation = "source-over";
    } else {
      drawLine(pen, () => shapes.outline(pen, matrix, view.clip), mapColours().outside, 0.8);
    }
  }

  // CSS pixels that an area has across on average.
  _across(matrix) {
    const [wide, high] = this.shapes.frame.size;
    return Math.sqrt((wide * high) / this.shapes.n) * matrix.a;
  }

  // Names lie over the marks, whose lines would cut them, and beside the numbers of compared areas.
  drawNames(pen, view) {
    const matrix = matrixOf(this.shapes.frame, view);
    const room = new Room();
    this._badges(matrix).forEach(([x, y]) => room.take(badgeBox(x, y)));
    const few = this.shapes.n <= FEW_AREAS;
    const ask = { areas: few || this._across(matrix) >= NAMED_FROM, places: this._namedMiddles() };
    drawNames(pen, this.shapes, this.labels, ask, { matrix, clip: view.clip, colours: mapColours(), room });
  }

  // A few names among many codes would look as if only those places mattered.
  _namedMiddles() {
    const named = this.middles.map((middle) => {
      return { ...middle, name: municipalityOf(this.place.municipality.at(middle.area)) };
    });
    return named.length > 1 && named.every(({ name }) => !/\d$/.test(name)) ? named : [];
  }

  // The reader's own marks.
  drawMarks(pen, view) {
    const matrix = matrixOf(this.shapes.frame, view);
    const around = (i, inner, outer) => drawDoubleLine(pen, () => this._traceMark(pen, matrix, i), inner, outer);
    pen.lineJoin = "round";
    if (this._known(this.hovered)) around(this.hovered, 1.8, 4.2);
    this.compared.filter((i) => this._known(i)).forEach((i) => around(i, 2.4, 5.4));
    if (this._known(this.selected)) around(this.selected, 3, 6.4);
    this._badges(matrix).forEach(([x, y], position) => drawBadge(pen, x, y, String(position + 1)));
  }

  // An area too small to be found by its outline has a ring around it too.
  _traceMark(pen, matrix, i) {
    this.shapes.trace(pen, matrix, i);
    if (!this._isSmall(matrix, i)) return;
    const [x, y] = pixelAt(matrix, this.shapes.pointOf(i));
    pen.moveTo(x + RING, y);
    pen.arc(x, y, RING, 0, 2 * Math.PI);
  }

  _isSmall(matrix, i) {
    const [x0, y0, x1, y1] = this.shapes.boxOf(i);
    return Math.max(x1 - x0, y1 - y0) * matrix.a < SMALL;
  }

  // Where the numbers of compared areas stand: on the outline, or on the ring.
  _badges(matrix) {
    return this.compared.filter((i) => this._known(i)).map((i) => {
      if (!this._isSmall(matrix, i)) return pixelAt(matrix, this.shapes.topOf(i));
      const [x, y] = pixelAt(matrix, this.shapes.pointOf(i));
      return [x, y - 2 * RING];
    });
  }

  _known(i) {
    return i >= 0 && i < this.shapes.n;
  }
}
