// Reads what maps/encode.py, arcs.py and cells.py pack: gzip in base64, rows of varints, planes of bytes.

export async function unpack(packed) {
  const stream = new Blob([bytesOf(packed)]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

export async function unpackJson(packed) {
  return JSON.parse(new TextDecoder().decode(await unpack(packed)));
}

function bytesOf(packed) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(packed);
  const text = atob(packed);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i += 1) bytes[i] = text.charCodeAt(i);
  return bytes;
}

// Whole numbers up to 2**53: multiplied rather than shifted, which would stop at 32 bits.
export function readVarints(bytes) {
  let count = 0;
  for (let i = 0; i < bytes.length; i += 1) if (bytes[i] < 128) count += 1;
  const numbers = new Float64Array(count);
  let number = 0;
  let unit = 1;
  let at = 0;
  for (let i = 0; i < bytes.length; i += 1) {
    number += (bytes[i] & 127) * unit;
    unit *= 128;
    if (bytes[i] >= 128) continue;
    numbers[at] = number;
    at += 1;
    number = 0;
    unit = 1;
  }
  return numbers;
}

export async function readPolygons(shapes, n) {
  const row = readVarints(await unpack(shapes.data));
  let at = 0;
  const take = (count) => row.subarray(at, (at += count));
  const arcStart = starts(take(shapes.arcs), 2);
  const coords = pairs(take(shapes.vertices), take(shapes.vertices));
  const refs = references(take(shapes.refs));
  const ringStart = starts(take(shapes.rings), 1);
  const areaStart = starts(take(n), 0);
  const points = pairs(take(n), take(n));
  const municipalArcs = Int32Array.from(take(shapes.dividing));
  for (let i = 1; i < municipalArcs.length; i += 1) municipalArcs[i] += municipalArcs[i - 1];
  return { coords, arcStart, refs, ringStart, areaStart, points, municipalArcs };
}

function starts(counts, least) {
  const found = new Int32Array(counts.length + 1);
  for (let i = 0; i < counts.length; i += 1) found[i + 1] = found[i] + counts[i] + least;
  return found;
}

function pairs(east, north) {
  const found = new Int32Array(2 * east.length);
  let x = 0;
  let y = 0;
  for (let i = 0; i < east.length; i += 1) {
    x += unfolded(east[i]);
    y += unfolded(north[i]);
    found[2 * i] = x;
    found[2 * i + 1] = y;
  }
  return found;
}

function unfolded(number) {
  return number % 2 ? -(number + 1) / 2 : number / 2;
}

function references(codes) {
  const refs = new Int32Array(codes.length);
  let fresh = 0;
  for (let i = 0; i < codes.length; i += 1) {
    const arc = fresh - Math.ceil(codes[i] / 2);
    refs[i] = codes[i] % 2 ? ~arc : arc;
    if (codes[i] === 0) fresh += 1;
  }
  return refs;
}

export async function readCells(shapes, n) {
  const gaps = readVarints(await unpack(shapes.data));
  const { cols, rows } = shapes;
  const col = new Int32Array(n);
  const row = new Int32Array(n);
  const rowStart = new Int32Array(rows + 1);
  let place = -1;
  for (let i = 0; i < n; i += 1) {
    place += gaps[i] + 1;
    row[i] = Math.floor(place / cols);
    col[i] = place - row[i] * cols;
    rowStart[row[i] + 1] += 1;
  }
  for (let k = 0; k < rows; k += 1) rowStart[k + 1] += rowStart[k];
  return { cols, rows, col, row, rowStart };
}

const SPELLINGS = { 250: ["250m", 10, 6, 5], 1000: ["1km", 1000, 4, 4], 5000: ["5km", 5000, 4, 4] };

// Statistics Finland's id of a cell, from its side and its lower-left corner in metres of EPSG:3067.
export function cellId(side, east, north) {
  const [prefix, unit, wide, narrow] = SPELLINGS[side];
  const digits = (metres, length) => String(Math.floor(metres / unit)).padStart(length, "0");
  return `${prefix}N${digits(north, wide)}E${digits(east, narrow)}`;
}

// One value for each area. A code of 0 is a blank; `codes` is all of them, for those who draw or count.
class Column {
  constructor(codes, meaningOf, empty = false) {
    this.codes = codes;
    this.length = codes.length;
    this.empty = empty;
    this.meaningOf = meaningOf;
  }

  has(i) {
    return this.codes[i] > 0;
  }

  at(i) {
    return this.has(i) ? this.meaningOf(this.codes[i]) : null;
  }

  // All values as numbers, NaN for a blank; words have none.
  numbers() {
    const found = new Float64Array(this.length);
    for (let i = 0; i < this.length; i += 1) found[i] = this.has(i) ? Number(this.at(i)) : NaN;
    return found;
  }
}

export function emptyColumn(n) {
  return new Column(new Uint8Array(n), () => null, true);
}

export async function readColumn(column) {
  const codes = joinPlanes(await unpack(column.data), column.width);
  if (column.type === "word") return new Column(codes, (code) => column.words[code - 1]);
  // Dividing by a whole power of ten gives the very number that is nearest to the decimals.
  const unit = 10 ** Math.abs(column.decimals);
  const whole = (code) => code - 1 + column.low;
  return new Column(codes, column.decimals < 0 ? (code) => whole(code) * unit : (code) => whole(code) / unit);
}

function joinPlanes(bytes, width) {
  if (width === 1) return bytes;
  const n = bytes.length / width;
  const codes = width === 2 ? new Uint16Array(n) : width <= 4 ? new Uint32Array(n) : new Float64Array(n);
  for (let plane = 0, unit = 1; plane < width; plane += 1, unit *= 256) {
    const from = plane * n;
    for (let i = 0; i < n; i += 1) codes[i] += bytes[from + i] * unit;
  }
  return codes;
}
