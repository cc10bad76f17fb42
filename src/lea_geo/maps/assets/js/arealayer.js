// The areas as one Leaflet layer on two canvases: what is always there, and the marks of the reader, which change
// with every move of the mouse. Nothing is drawn anew while the map moves within what is drawn already.
import { drawNames, middlesOf } from "./labels.js";
import { drawBadge, drawDoubleLine, drawLine, mapColours } from "./marks.js";
import { Paint, lookOf } from "./patterns.js";
import { municipalityOf } from "./words.js";

// Pixels across that an area has on average from which its outline is worth drawing.
const OUTLINED_FROM = 7;
const MOST_MARKED = 3;
const WATER = { fill: "#c3d2dc" };
const NO_CLASS = { fill: "#ffffff" };

/** From steps of a frame to pixels of a view. */
export function matrixOf({ origin, quantum }, { scale, corner }) {
  const step = quantum * scale;
  return { a: step, d: -step, e: origin[0] * scale - corner.x, f: -origin[1] * scale - corner.y };
}

/** The class of each area together with how it is drawn: 4 x class, + 1 in doubt, + 2 outside the selection. */
export function drawnCodes(n, codes, doubts, chosen) {
  const drawn = new Uint16Array(n);
  for (let i = 0; i < n; i++) drawn[i] = 4 * codes[i] + (doubts && doubts[i] ? 1 : 0) + (chosen && !chosen[i] ? 2 : 0);
  return drawn;
}

export const AreaLayer = L.Renderer.extend({
  options: { padding: 0.25 },

  // labels: (i) => the name of area i in the reader's language.
  initialize({ labels }) {
    L.Renderer.prototype.initialize.call(this, {});
    this._labels = labels;
    this._context = [];
    this._off = new Set();
    this._place = null;
  },

  // Another set of areas: everything that was said about the former ones is forgotten.
  setShapes(place) {
    this._place = place;
    this._shapes = place.shapes;
    this._codes = new Uint8Array(place.shapes.n);
    this._styles = [NO_CLASS];
    this._doubts = this._chosen = null;
    this._selected = this._hovered = -1;
    this._compared = [];
    this._middles = place.municipality ? middlesOf(place.shapes, place.municipality.codes) : [];
    this._forgetPaints();
    this._redraw();
  },

  // styles[code] says how a class looks: {fill, pattern, ink, pale}.
  setClasses(codes, styles) {
    this._codes = codes;
    this._styles = styles;
    this._forgetPaints();
    this._redraw();
  },

  // 1 where the label is uncertain.
  setDoubts(mask) {
    this._doubts = mask;
    this._forgetPaints();
    this._redraw();
  },

  // Codes of the classes that are drawn as bare outlines.
  setOff(codes) {
    this._off = codes;
    this._forgetPaints();
    this._redraw();
  },

  // 1 where an area is part of the reader's selection; null where there is none.
  setChosen(mask) {
    this._chosen = mask;
    this._forgetPaints();
    this._redraw();
  },

  setNames() {
    this._redraw();
  },

  // [{kind: "water" | "border", shapes: PolygonShapes}]
  setContext(context) {
    this._context = context || [];
    this._redraw();
  },

  select(i) {
    this._selected = i;
    this._drawMarks();
  },

  compare(areas) {
    this._compared = areas.slice(0, MOST_MARKED);
    this._drawMarks();
  },

  hover(i) {
    if (i === this._hovered) return;
    this._hovered = i;
    this._drawMarks();
  },

  // The area under a point of the layer, or -1.
  areaAt(layerPoint) {
    const { a, d, e, f } = this._matrix();
    return this._shapes.areaAt((layerPoint.x - e) / a, (layerPoint.y - f) / d);
  },

  // A point inside an area as a point of the layer.
  pointOf(i) {
    return this._toLayer(this._shapes.pointOf(i));
  },

  boundsOf(i) {
    const [x0, y0, x1, y1] = this._shapes.boxOf(i);
    const corners = [[x0, y0], [x0, y1], [x1, y0], [x1, y1]].map((corner) => this._toLayer(corner));
    return L.latLngBounds(corners.map((corner) => this._map.layerPointToLatLng(corner)));
  },

  // 1 for each area whose point lies in a box: L.LatLngBounds, or L.Bounds in points of the layer.
  indicesIn(bounds) {
    const box = bounds instanceof L.LatLngBounds ? this._layerBox(bounds) : bounds;
    const { a, d, e, f } = this._matrix();
    const mask = new Uint8Array(this._shapes.n);
    mask.forEach((none, i) => {
      const [x, y] = this._shapes.pointOf(i);
      const [right, down] = [a * x + e, d * y + f];
      mask[i] = right >= box.min.x && right <= box.max.x && down >= box.min.y && down <= box.max.y;
    });
    return mask;
  },

  // What is seen now, drawn at the pen's origin: `size` in CSS pixels, `ratio` pixels to each.
  renderTo(pen, size, ratio) {
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(size.x * ratio);
    canvas.height = Math.round(size.y * ratio);
    const seen = this._map.getSize();
    const larger = Math.min(size.x / seen.x, size.y / seen.y);
    const scale = this._scale() * larger;
    const middle = this._map.project(this._map.getCenter()).multiplyBy(larger);
    const corner = middle.subtract(L.point(size.x, size.y).divideBy(2));
    const view = { scale, corner, clip: [0, 0, size.x, size.y], ratio, paints: [] };
    const copy = canvas.getContext("2d");
    copy.scale(ratio, ratio);
    this._drawAreas(copy, view);
    this._drawMarksOn(copy, view);
    pen.drawImage(canvas, 0, 0, size.x, size.y);
  },

  _layerBox(bounds) {
    const corners = ["getNorthWest", "getNorthEast", "getSouthWest", "getSouthEast"].map((get) => bounds[get]());
    return L.bounds(corners.map((corner) => this._map.latLngToLayerPoint(corner)));
  },

  _scale() {
    return this._map.options.crs.scale(this._map.getZoom());
  },

  _matrix() {
    return matrixOf(this._shapes.frame, { scale: this._scale(), corner: this._map.getPixelOrigin() });
  },

  _toLayer([x, y]) {
    const { a, d, e, f } = this._matrix();
    return L.point(a * x + e, d * y + f);
  },

  _forgetPaints() {
    this._paints = [];
    this._drawn = drawnCodes(this._shapes.n, this._codes, this._doubts, this._chosen);
  },

  // A paint for every look that is in use.
  _paintsFor(paints, ratio) {
    const styleOf = (code) => this._styles[code] || NO_CLASS;
    const used = new Set(this._drawn);
    used.forEach((drawn) => {
      const code = drawn >> 2;
      const look = { doubt: Boolean(drawn & 1), faded: Boolean(drawn & 2), off: this._off.has(code) };
      paints[drawn] ||= new Paint(lookOf(styleOf(code), look), ratio);
    });
    return paints;
  },

  _initContainer() {
    this._container = L.DomUtil.create("div", "area-layer");
    this._container.setAttribute("aria-hidden", "true");
    this._pens = ["base", "marks"].map((name) => L.DomUtil.create("canvas", name, this._container).getContext("2d"));
    this._forced = window.matchMedia("(forced-colors: active)");
    this._follow = () => this._redraw();
    this._forced.addEventListener("change", this._follow);
  },

  _destroyContainer() {
    this._forced.removeEventListener("change", this._follow);
    L.DomUtil.remove(this._container);
    delete this._container;
  },

  getEvents() {
    return { ...L.Renderer.prototype.getEvents.call(this), move: this._onMove };
  },

  // Dragged beyond what is drawn.
  _onMove() {
    if (!this._map._animatingZoom && this._sameScale() && !this._covered()) this._update();
  },

  _sameScale() {
    const drawn = this._view;
    return Boolean(drawn) && drawn.zoom === this._map.getZoom() && drawn.corner.equals(this._map.getPixelOrigin());
  },

  _covered() {
    const size = this._map.getSize();
    const seen = [L.point(0, 0), size].map((point) => this._map.containerPointToLayerPoint(point));
    return this._view.size.equals(size) && seen.every((point) => this._bounds.contains(point));
  },

  _update() {
    if (this._map._animatingZoom && this._bounds) return;
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    if (this._sameScale() && this._view.ratio === ratio && this._covered()) return;
    L.Renderer.prototype._update.call(this);
    const { min, max } = this._bounds;
    if (this._view?.ratio !== ratio) this._paints = [];
    this._view = {
      zoom: this._map.getZoom(),
      scale: this._scale(),
      corner: this._map.getPixelOrigin(),
      size: this._map.getSize(),
      clip: [min.x, min.y, max.x, max.y],
      ratio,
    };
    L.DomUtil.setPosition(this._container, min);
    this._pens.forEach(({ canvas }) => this._fit(canvas, max.subtract(min), ratio));
    this._drawBase();
    this._drawMarks();
  },

  _fit(canvas, size, ratio) {
    canvas.width = Math.round(size.x * ratio);
    canvas.height = Math.round(size.y * ratio);
    canvas.style.width = `${size.x}px`;
    canvas.style.height = `${size.y}px`;
  },

  // Several things often change at once; they are drawn once, still before the next frame.
  _redraw() {
    if (this._waiting) return;
    this._waiting = true;
    queueMicrotask(() => {
      this._waiting = false;
      this._drawBase();
      this._drawMarks();
    });
  },

  _clean(pen) {
    const { clip, ratio } = this._view;
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, pen.canvas.width, pen.canvas.height);
    pen.setTransform(ratio, 0, 0, ratio, -clip[0] * ratio, -clip[1] * ratio);
  },

  _drawBase() {
    if (!this._container || !this._view || !this._shapes) return;
    this._clean(this._pens[0]);
    this._drawAreas(this._pens[0], { ...this._view, paints: this._paints });
  },

  _drawMarks() {
    if (!this._container || !this._view || !this._shapes) return;
    this._clean(this._pens[1]);
    this._drawMarksOn(this._pens[1], this._view);
  },

  _drawAreas(pen, view) {
    const { clip, ratio } = view;
    const shapes = this._shapes;
    const matrix = matrixOf(shapes.frame, view);
    const colours = mapColours();
    pen.lineJoin = "round";
    this._context.forEach((piece) => this._drawContext(pen, piece, view));
    shapes.fill(pen, matrix, this._drawn, this._paintsFor(view.paints, ratio), clip);
    const [wide, high] = shapes.frame.size;
    const across = Math.sqrt((wide * high) / shapes.n) * matrix.a;
    const fine = across < 2 * OUTLINED_FROM;
    if (across >= OUTLINED_FROM) {
      drawLine(pen, () => shapes.outline(pen, matrix, clip), colours.outline, fine ? 0.35 : 0.8);
    }
    drawLine(pen, () => shapes.municipalBorders(pen, matrix, clip), colours.border, fine ? 0.5 : 1.3);
    if (this._chosen) drawLine(pen, () => shapes.frontier(pen, matrix, this._chosen, clip), colours.ink, 2);
    drawNames(pen, shapes, this._labels, this._namedMiddles(), { matrix, clip, colours });
  },

  // A few names among many codes would look as if only those places mattered.
  _namedMiddles() {
    const named = this._middles.map((middle) => {
      return { ...middle, name: municipalityOf(this._place.municipality.at(middle.area)) };
    });
    return named.length > 1 && named.every(({ name }) => !/\d$/.test(name)) ? named : [];
  },

  _drawContext(pen, { kind, shapes }, view) {
    const matrix = matrixOf(shapes.frame, view);
    if (kind === "water") {
      shapes.fill(pen, matrix, new Uint8Array(shapes.n), [new Paint(lookOf(WATER), view.ratio)], view.clip);
    } else {
      drawLine(pen, () => shapes.outline(pen, matrix, view.clip), mapColours().outside, 0.8);
    }
  },

  _drawMarksOn(pen, view) {
    const matrix = matrixOf(this._shapes.frame, view);
    const around = (i, inner, outer) => drawDoubleLine(pen, () => this._shapes.trace(pen, matrix, i), inner, outer);
    const known = (i) => i >= 0 && i < this._shapes.n;
    const compared = this._compared.filter(known);
    pen.lineJoin = "round";
    if (known(this._hovered)) around(this._hovered, 1.8, 4.2);
    compared.forEach((i) => around(i, 2.4, 5.4));
    if (known(this._selected)) around(this._selected, 3, 6.4);
    compared.forEach((i, place) => {
      const [x, y] = this._shapes.topOf(i);
      drawBadge(pen, matrix.a * x + matrix.e, matrix.d * y + matrix.f, String(place + 1));
    });
  },
});
