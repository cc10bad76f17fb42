// The areas as one Leaflet layer on three canvases: the ground, the marks of the reader, which change with every move
// of the mouse, and the names. While the map moves within what is drawn nothing is drawn anew; beyond it the ground
// is pushed along, and only the strips that come into sight are drawn.
import { Scene, matrixOf, stripsOf } from "./scene.js";

const MOST_MARKED = 3;
const FINEST_RATIO = 2;
const REACH = 4;

export const AreaLayer = L.Renderer.extend({
  // ratio: pixels of the canvas to a CSS pixel, for paper; 0 as the screen has them.
  options: { padding: 0.25, ratio: 0 },

  // labels: (i) => the name of area i in the reader's language.
  initialize({ labels }) {
    L.Renderer.prototype.initialize.call(this, {});
    this._scene = new Scene(labels);
  },

  setShapes(place) {
    this._scene.take(place);
    this._redraw();
  },

  _change(changes) {
    this._scene.set(changes);
    this._redraw();
  },

  // styles[code] says how a class looks: {fill, pattern, ink, pale}.
  setClasses(codes, styles) {
    this._change({ codes, styles });
  },

  // 1 where the label is uncertain.
  setDoubts(doubts) {
    this._change({ doubts });
  },

  // Codes of the classes that are drawn as bare outlines.
  setOff(off) {
    this._change({ off });
  },

  // 1 where an area is part of the reader's selection; null where there is none.
  setChosen(chosen) {
    this._change({ chosen });
  },

  // [{kind: "water" | "border", shapes: PolygonShapes}]
  setContext(context) {
    this._change({ context: context || [] });
  },

  // The names are others now: the reader changed the language.
  setNames() {
    this._redraw();
  },

  _mark(marks) {
    Object.assign(this._scene, marks);
    this._drawMarks();
  },

  select(i) {
    this._mark({ selected: i });
  },

  compare(areas) {
    this._scene.compared = areas.slice(0, MOST_MARKED);
    this._drawOver();
  },

  hover(i) {
    if (i !== this._scene.hovered) this._mark({ hovered: i });
  },

  // The area under a point of the layer, or -1.
  areaAt(layerPoint) {
    const { a, d, e, f } = this._matrix();
    return this._scene.shapes.areaAt((layerPoint.x - e) / a, (layerPoint.y - f) / d);
  },

  // A point inside an area as a point of the layer.
  pointOf(i) {
    return this._toLayer(this._scene.shapes.pointOf(i));
  },

  // 1 for each area whose point lies in a box of points of the layer.
  indicesIn({ min, max }) {
    const { shapes } = this._scene;
    const { a, d, e, f } = this._matrix();
    const mask = new Uint8Array(shapes.n);
    for (let i = 0; i < shapes.n; i++) {
      const [x, y] = shapes.pointOf(i);
      const [right, down] = [a * x + e, d * y + f];
      mask[i] = Number(right >= min.x && right <= max.x && down >= min.y && down <= max.y);
    }
    return mask;
  },

  // What is seen now, drawn at the pen's origin: `size` in CSS pixels, `ratio` pixels to each.
  renderTo(pen, size, ratio) {
    const canvas = document.createElement("canvas");
    this._fit(canvas, size, ratio);
    const seen = this._map.getSize();
    const larger = Math.min(size.x / seen.x, size.y / seen.y);
    const middle = this._map.project(this._map.getCenter()).multiplyBy(larger);
    const scale = this._scale() * larger;
    const corner = this._fromZero(middle.subtract(L.point(size.x, size.y).divideBy(2)), scale);
    const view = { scale, corner, clip: [0, 0, size.x, size.y], ratio };
    const copy = canvas.getContext("2d");
    copy.scale(ratio, ratio);
    this._scene.drawGround(copy, view);
    this._scene.drawMarks(copy, view);
    this._scene.drawNames(copy, view);
    pen.drawImage(canvas, 0, 0, size.x, size.y);
  },

  _scale() {
    return this._map.options.crs.scale(this._map.getZoom());
  },

  _matrix() {
    const scale = this._scale();
    return matrixOf(this._scene.shapes.frame, { scale, corner: this._fromZero(this._map.getPixelOrigin(), scale) });
  },

  // A pixel of the world counted from where easting and northing are zero, wherever the map's tiles begin.
  _fromZero(pixel, scale) {
    return pixel.subtract(this._map.options.crs.transformation.transform(L.point(0, 0), scale));
  },

  _toLayer([x, y]) {
    const { a, d, e, f } = this._matrix();
    return L.point(a * x + e, d * y + f);
  },

  _initContainer() {
    this._container = L.DomUtil.create("div", "area-layer");
    this._container.setAttribute("aria-hidden", "true");
    const penOn = (name) => L.DomUtil.create("canvas", name, this._container).getContext("2d");
    this._pens = { ground: penOn("base"), marks: penOn("marks"), names: penOn("names") };
    this._forced = window.matchMedia("(forced-colors: active)");
    this._recolour = () => this._redraw();
    this._forced.addEventListener("change", this._recolour);
  },

  _destroyContainer() {
    this._forced.removeEventListener("change", this._recolour);
    L.DomUtil.remove(this._container);
    delete this._container;
    delete this._view;
  },

  getEvents() {
    return { ...L.Renderer.prototype.getEvents.call(this), move: this._onMove };
  },

  // Dragged beyond what is drawn; at another zoom the end of the zoom is awaited.
  _onMove() {
    if (!this._map._animatingZoom && this._continues()) this._update();
  },

  // Whether what is drawn is of the present scale, size and ratio.
  _continues() {
    const { start, zoom, size, ratio } = this._view || {};
    const map = this._map;
    return Boolean(start) && zoom === map.getZoom() && start.equals(map.getPixelOrigin())
      && size.equals(map.getSize()) && ratio === this._ratio();
  },

  // Whole, so that what is drawn can be pushed along by whole pixels: a screen at 125 % shows a finer picture smaller.
  _ratio() {
    return this.options.ratio || (window.devicePixelRatio > 1 ? FINEST_RATIO : 1);
  },

  _covered() {
    const corners = [L.point(0, 0), this._map.getSize()];
    return corners.every((point) => this._bounds.contains(this._map.containerPointToLayerPoint(point)));
  },

  _update() {
    if (this._map._animatingZoom && this._bounds) return;
    const before = this._continues() ? this._bounds : null;
    if (before && this._covered()) return;
    L.Renderer.prototype._update.call(this);
    const { min, max } = this._bounds;
    L.DomUtil.setPosition(this._container, min);
    const [start, scale] = [this._map.getPixelOrigin(), this._scale()];
    this._view = {
      start,
      zoom: this._map.getZoom(),
      scale,
      corner: this._fromZero(start, scale),
      size: this._map.getSize(),
      clip: [min.x, min.y, max.x, max.y],
      ratio: this._ratio(),
    };
    if (before && !this._waiting && this._push(before)) this._drawOver();
    else this._drawAll();
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
    queueMicrotask(() => this._waiting && this._drawAll());
  },

  _draws() {
    return Boolean(this._container && this._view && this._scene.shapes);
  },

  _clean(pen) {
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, pen.canvas.width, pen.canvas.height);
    this._place(pen);
  },

  // The pen draws in points of the layer.
  _place(pen) {
    const { clip, ratio } = this._view;
    pen.setTransform(ratio, 0, 0, ratio, -clip[0] * ratio, -clip[1] * ratio);
  },

  _drawAll() {
    this._waiting = false;
    if (!this._draws()) return;
    const { ground } = this._pens;
    const size = this._bounds.getSize();
    if (ground.canvas.width !== Math.round(size.x * this._view.ratio) || !this._fitted?.equals(size)) {
      Object.values(this._pens).forEach(({ canvas }) => this._fit(canvas, size, this._view.ratio));
      this._fitted = size;
    }
    this._clean(ground);
    this._scene.drawGround(ground, this._view);
    this._drawOver();
  },

  // Moves the ground that stays in sight and draws the strips that are new; false where nothing stays.
  _push(before) {
    if (!this._draws()) return false;
    const { clip, ratio } = this._view;
    const size = this._bounds.getSize();
    const moved = before.min.subtract(this._bounds.min);
    if (Math.abs(moved.x) >= size.x || Math.abs(moved.y) >= size.y) return false;
    const pen = this._pens.ground;
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.globalCompositeOperation = "copy";
    pen.drawImage(pen.canvas, moved.x * ratio, moved.y * ratio);
    pen.globalCompositeOperation = "source-over";
    this._place(pen);
    stripsOf(clip, moved).forEach((strip) => this._drawStrip(pen, strip));
    return true;
  },

  _drawStrip(pen, strip) {
    const [x0, y0, x1, y1] = strip;
    pen.save();
    pen.beginPath();
    pen.rect(x0, y0, x1 - x0, y1 - y0);
    pen.clip();
    // Lines of what lies just outside reach into the strip.
    this._scene.drawGround(pen, { ...this._view, clip: [x0 - REACH, y0 - REACH, x1 + REACH, y1 + REACH] });
    pen.restore();
  },

  _drawOver() {
    if (!this._draws()) return;
    this._clean(this._pens.names);
    this._scene.drawNames(this._pens.names, this._view);
    this._drawMarks();
  },

  _drawMarks() {
    if (!this._draws()) return;
    this._clean(this._pens.marks);
    this._scene.drawMarks(this._pens.marks, this._view);
  },
});
