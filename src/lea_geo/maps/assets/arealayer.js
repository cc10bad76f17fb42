// The areas as one Leaflet layer on canvas: shapes are kept in whole steps of the data's own grid and moved to
// the screen as a whole, so thousands of areas cost a handful of strokes.
(function (lea) {
  "use strict";

  const INK = "#1b2733";
  const FONT = '"Segoe UI", "Helvetica Neue", Roboto, Arial, sans-serif';
  const MOST_LABELS = 160;
  const FEW_AREAS = 150;

  lea.AreaLayer = L.Renderer.extend({
    options: { padding: 0.25 },

    initialize(frame, shapes, names) {
      L.Renderer.prototype.initialize.call(this, {});
      this._frame = frame;
      this._shapes = shapes;
      this._names = names;
      this._classes = [];
      this._selected = -1;
      this._hovered = -1;
      this._outline = new Path2D();
      shapes.areas.forEach((shape) => this._outline.addPath(shape.path));
      this._border = new Path2D();
      shapes.borders.forEach((shape) => this._border.addPath(shape.path));
      this._probe = document.createElement("canvas").getContext("2d");
    },

    // codes: the class of each area; styles: how each class looks.
    setClasses(codes, styles) {
      this._classes = styles.map((style) => ({ style, path: new Path2D() }));
      codes.forEach((code, i) => this._classes[code].path.addPath(this._shapes.areas[i].path));
      this._drawBase();
    },

    setNames(names) {
      this._names = names;
      this._drawBase();
    },

    select(i) {
      this._selected = i;
      this._drawMarks();
    },

    hover(i) {
      if (i === this._hovered) return;
      this._hovered = i;
      this._drawMarks();
    },

    // The area under a point of the layer, or -1.
    areaAt(layerPoint) {
      const matrix = this._matrix().inverse();
      const { x, y } = matrix.transformPoint(new DOMPoint(layerPoint.x, layerPoint.y));
      return this._shapes.areas.findIndex(({ box, path }) => {
        const inBox = x >= box[0] && x <= box[2] && y >= box[1] && y <= box[3];
        return inBox && this._probe.isPointInPath(path, x, y, "evenodd");
      });
    },

    // The middle of an area as a point of the layer.
    pointOf(i) {
      const [x, y] = this._shapes.areas[i].point;
      const point = this._matrix().transformPoint(new DOMPoint(x, y));
      return L.point(point.x, point.y);
    },

    // From steps of the data to points of the layer.
    _matrix() {
      const scale = this._map.options.crs.scale(this._map.getZoom());
      const corner = this._map.getPixelOrigin();
      const [east, north] = this._frame.origin;
      const step = this._frame.quantum * scale;
      return new DOMMatrix([step, 0, 0, step, east * scale - corner.x, -north * scale - corner.y]);
    },

    _initContainer() {
      this._container = L.DomUtil.create("div", "area-layer");
      this._container.setAttribute("aria-hidden", "true");
      this._pens = ["base", "marks"].map((name) => {
        const canvas = L.DomUtil.create("canvas", name, this._container);
        return canvas.getContext("2d");
      });
    },

    _destroyContainer() {
      L.DomUtil.remove(this._container);
      delete this._container;
    },

    _update() {
      if (this._map._animatingZoom && this._bounds) return;
      L.Renderer.prototype._update.call(this);
      const size = this._bounds.getSize();
      this._ratio = Math.min(2, window.devicePixelRatio || 1);
      L.DomUtil.setPosition(this._container, this._bounds.min);
      this._pens.forEach(({ canvas }) => {
        canvas.width = size.x * this._ratio;
        canvas.height = size.y * this._ratio;
        canvas.style.width = `${size.x}px`;
        canvas.style.height = `${size.y}px`;
      });
      this._toScreen = this._matrix();
      this._drawBase();
      this._drawMarks();
    },

    _clean(pen) {
      const { min } = this._bounds;
      pen.setTransform(1, 0, 0, 1, 0, 0);
      pen.clearRect(0, 0, pen.canvas.width, pen.canvas.height);
      pen.setTransform(this._ratio, 0, 0, this._ratio, -min.x * this._ratio, -min.y * this._ratio);
      pen.lineJoin = "round";
    },

    _onScreen(path) {
      const moved = new Path2D();
      moved.addPath(path, this._toScreen);
      return moved;
    },

    _stroke(pen, path, colour, width) {
      pen.strokeStyle = colour;
      pen.lineWidth = width;
      pen.stroke(path);
    },

    _drawBase() {
      if (!this._container) return;
      const pen = this._pens[0];
      this._clean(pen);
      this._classes.forEach(({ style, path }) => {
        pen.fillStyle = lea.paint(pen, style, this._ratio);
        pen.fill(this._onScreen(path), "evenodd");
      });
      const step = this._toScreen.a / this._frame.quantum;
      const fine = step < 1 / 400;
      this._stroke(pen, this._onScreen(this._outline), "rgba(255,255,255,0.9)", fine ? 0.35 : 1);
      this._stroke(pen, this._onScreen(this._outline), "rgba(60,72,84,0.45)", fine ? 0.2 : 0.5);
      this._stroke(pen, this._onScreen(this._border), `rgba(27,39,51,${fine ? 0.5 : 0.85})`, fine ? 0.5 : 1.4);
      this._drawNames(pen);
    },

    _drawMarks() {
      if (!this._container) return;
      const pen = this._pens[1];
      this._clean(pen);
      if (this._hovered >= 0) {
        this._stroke(pen, this._onScreen(this._shapes.areas[this._hovered].path), INK, 1.8);
      }
      if (this._selected >= 0) {
        const path = this._onScreen(this._shapes.areas[this._selected].path);
        this._stroke(pen, path, "#ffffff", 6);
        this._stroke(pen, path, INK, 3);
      }
    },

    // Names where they fit; in a large country municipalities come first, in a town its areas do.
    _drawNames(pen) {
      const taken = [];
      pen.textAlign = "center";
      pen.textBaseline = "middle";
      // A few names among many codes would look as if only those places mattered.
      const of = (shape) => lea.municipalityOf(shape.name);
      const named = this._shapes.borders.length > 1 && !this._shapes.borders.some((shape) => /\d$/.test(of(shape)));
      const places = () => this._shapes.borders.forEach((shape) => {
        if (named) this._drawName(pen, shape, of(shape).toUpperCase(), `700 12px ${FONT}`, 1.1, taken);
      });
      const areas = () => this._shapes.areas.forEach((shape, i) => {
        if (taken.length < MOST_LABELS) this._drawName(pen, shape, this._names[i], `600 12px ${FONT}`, 1, taken);
      });
      const inOrder = this._shapes.areas.length > FEW_AREAS ? [places, areas] : [areas, places];
      inOrder.forEach((draw) => draw());
    },

    _drawName(pen, { box, point }, name, font, room, taken) {
      const wide = (box[2] - box[0]) * this._toScreen.a * room;
      if (wide < 24 || (box[3] - box[1]) * this._toScreen.a < 14) return;
      const { x, y } = this._toScreen.transformPoint(new DOMPoint(point[0], point[1]));
      if (!this._bounds.contains(L.point(x, y))) return;
      pen.font = font;
      const half = pen.measureText(name).width / 2 + 3;
      if (half * 2 > wide) return;
      const place = [x - half - 8, y - 9, x + half + 8, y + 9];
      if (taken.some((t) => t[0] < place[2] && t[2] > place[0] && t[1] < place[3] && t[3] > place[1])) return;
      taken.push(place);
      pen.strokeStyle = "rgba(255,255,255,0.88)";
      pen.lineWidth = 3;
      pen.strokeText(name, x, y);
      pen.fillStyle = INK;
      pen.fillText(name, x, y);
    },
  });
})((window.leaGeo = window.leaGeo || {}));
