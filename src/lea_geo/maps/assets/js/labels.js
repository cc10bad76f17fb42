// Names on the map: where there is room, and never one over another.

const LABEL_FONT = '"Segoe UI", "Helvetica Neue", Roboto, Arial, sans-serif';
const AREA_FONT = `600 12px ${LABEL_FONT}`;
const PLACE_FONT = `700 12px ${LABEL_FONT}`;
const MOST_LABELS = 160;
const LEAST_ROOM = [24, 14];

/** Keeps what was taken; `take(box)` is false where a box x0, y0, x1, y1 would lie over an earlier one. */
export class Room {
  constructor() {
    this._taken = [];
  }

  get count() {
    return this._taken.length;
  }

  take([x0, y0, x1, y1]) {
    if (this._taken.some((box) => box[0] < x1 && box[2] > x0 && box[1] < y1 && box[3] > y0)) return false;
    this._taken.push([x0, y0, x1, y1]);
    return true;
  }
}

/** For each municipality (codes 1 and up) its box and the member area that lies nearest to its middle. */
export function middlesOf(shapes, codes) {
  const found = new Map();
  for (let i = 0; i < shapes.n; i++) {
    if (!codes[i]) continue;
    const box = shapes.boxOf(i);
    const known = found.get(codes[i]);
    if (!known) found.set(codes[i], { code: codes[i], box, area: i });
    else known.box = [0, 1, 2, 3].map((k) => (k < 2 ? Math.min : Math.max)(known.box[k], box[k]));
  }
  const away = ({ box }, [x, y]) => Math.hypot(x - (box[0] + box[2]) / 2, y - (box[1] + box[3]) / 2);
  for (let i = 0; i < shapes.n; i++) {
    const place = found.get(codes[i]);
    if (place && away(place, shapes.pointOf(i)) < away(place, shapes.pointOf(place.area))) place.area = i;
  }
  return [...found.values()].map((place) => ({ ...place, point: shapes.pointOf(place.area) }));
}

const measuredWidths = new Map();

function widthOf(pen, text) {
  const key = `${pen.font}${text}`;
  if (!measuredWidths.has(key)) measuredWidths.set(key, pen.measureText(text).width);
  return measuredWidths.get(key);
}

function drawName(pen, { matrix, clip, colours, room }, { box, point }, name, slack) {
  const wide = (box[2] - box[0]) * matrix.a * slack;
  if (wide < LEAST_ROOM[0] || (box[3] - box[1]) * -matrix.d < LEAST_ROOM[1]) return;
  const [x, y] = [matrix.a * point[0] + matrix.e, matrix.d * point[1] + matrix.f];
  if (x < clip[0] || x > clip[2] || y < clip[1] || y > clip[3]) return;
  const half = widthOf(pen, name) / 2 + 3;
  if (half * 2 > wide || !room.take([x - half - 8, y - 9, x + half + 8, y + 9])) return;
  pen.lineJoin = "round";
  pen.strokeStyle = colours.halo;
  pen.lineWidth = 3;
  pen.strokeText(name, x, y);
  pen.fillStyle = colours.ink;
  pen.fillText(name, x, y);
}

/** Names of `places`, the municipalities, and, where `areas` have room for theirs, of areas. Cells have no names. */
export function drawNames(pen, shapes, labels, { areas, places }, view) {
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  const drawPlaces = () => {
    pen.font = PLACE_FONT;
    places.forEach((place) => drawName(pen, view, place, place.name.toUpperCase(), 1.1));
  };
  const drawAreas = () => {
    pen.font = AREA_FONT;
    for (let i = 0; i < shapes.n && view.room.count < MOST_LABELS; i++) {
      drawName(pen, view, { box: shapes.boxOf(i), point: shapes.pointOf(i) }, labels(i), 1);
    }
  };
  drawPlaces();
  if (areas && shapes.kind === "polygons") drawAreas();
}
