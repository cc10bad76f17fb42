import assert from "node:assert/strict";
import { test } from "node:test";
import { CellShapes, firstAtLeast, stepsSeen } from "../../src/lea_geo/maps/assets/js/cells.js";

// Rows from the south: columns 1 2 4, none, 0 2.
const DECODED = {
  cols: 5,
  rows: 3,
  col: Int32Array.from([1, 2, 4, 0, 2]),
  row: Int32Array.from([0, 0, 0, 2, 2]),
  rowStart: Int32Array.from([0, 3, 3, 5]),
};
const shapes = new CellShapes(DECODED, { origin: [0, 0], quantum: 250, size: [5, 3] });

function seen(matrix, clip) {
  const found = [];
  shapes.eachSeen(matrix, clip, (i) => found.push(i));
  return found;
}

// Three rows of 4 pixels each, north up.
const FOUR = { a: 4, d: -4, e: 0, f: 12 };

function painted(matrix, { width, height, codes = [1, 2, 3, 4, 5], lines = 0, paints = PLAIN, anchor = [0, 0] }) {
  const target = { pixels: new Uint32Array(width * height), stride: width, width, height, anchor };
  shapes.paintInto(target, matrix, codes, paints, { dithered: false, lines });
  return Array.from({ length: height }, (_, y) => [...target.pixels.slice(y * width, (y + 1) * width)].join(""));
}

const plain = (pixel) => ({ tile: () => ({ side: 1, pixels: [pixel] }), edge: 9, look: {} });
const PLAIN = [null, 1, 2, 3, 4, 5].map((pixel) => pixel && plain(pixel));

test("the first place that is at least a value is found as by looking at each", () => {
  const sorted = Int32Array.from([2, 3, 3, 7, 11]);
  for (let value = 0; value < 14; value++) {
    const looked = sorted.findIndex((held) => held >= value);
    assert.equal(firstAtLeast(sorted, 0, 5, value), looked < 0 ? 5 : looked);
  }
  assert.equal(firstAtLeast(sorted, 2, 4, 0), 2);
  assert.equal(firstAtLeast(sorted, 3, 3, 5), 3);
});

test("a place is in the cell that holds it, and in none where there is no cell", () => {
  assert.equal(shapes.areaAt(1, 0), 0);
  assert.equal(shapes.areaAt(2.99, 0.99), 1);
  assert.equal(shapes.areaAt(4.5, 0.5), 2);
  assert.equal(shapes.areaAt(3.5, 0.5), -1);
  assert.equal(shapes.areaAt(1.5, 1.5), -1);
  assert.equal(shapes.areaAt(0.1, 2.9), 3);
  [[-0.1, 0], [0, -0.1], [0, 3], [5, 0], [NaN, 0]].forEach(([x, y]) => assert.equal(shapes.areaAt(x, y), -1));
});

test("a cell is a square of one step", () => {
  assert.deepEqual(shapes.boxOf(4), [2, 2, 3, 3]);
  assert.deepEqual(shapes.pointOf(4), [2.5, 2.5]);
  assert.deepEqual(shapes.cellOf(4), [2, 2]);
});

test("rows and columns are seen when any of their pixels is", () => {
  assert.deepEqual(stepsSeen(4, 0, 12, 5), [0, 3]);
  assert.deepEqual(stepsSeen(4, -5, 6, 5), [1, 2]);
  assert.deepEqual(stepsSeen(-4, 12, 11, 3), [0, 2]);
  const [first, last] = stepsSeen(4, 100, 12, 5);
  assert.ok(first > last);
});

test("only the cells within the view are visited", () => {
  assert.deepEqual(seen(FOUR, [0, 0, 20, 12]), [0, 1, 2, 3, 4]);
  assert.deepEqual(seen(FOUR, [0, 0, 7, 3]), [3]);
  assert.deepEqual(seen(FOUR, [9, 9, 11, 12]), [1]);
  assert.deepEqual(seen(FOUR, [100, 0, 120, 12]), []);
  assert.deepEqual(seen(FOUR, [0, 100, 20, 120]), []);
});

test("cells are written where they lie, north up", () => {
  const rows = painted({ a: 2, d: -2, e: 0, f: 6 }, { width: 10, height: 6 });
  assert.deepEqual(rows, ["4400550000", "4400550000", "0000000000", "0000000000", "0011220033", "0011220033"]);
});

test("a view that begins within a cell shows the rest of it", () => {
  assert.deepEqual(painted({ a: 2, d: -2, e: -3, f: 5 }, { width: 4, height: 2 }), ["0550", "0000"]);
});

// All five lie in one pixel: the last shows.
test("a cell far smaller than a pixel still has one, and neighbours of whole pixels leave no gap", () => {
  assert.deepEqual(painted({ a: 0.1, d: -0.1, e: 1, f: 1 }, { width: 3, height: 2 }).join("|"), "000|050");
  for (const a of [1.3, 2.5, 3.7]) {
    const [row] = painted({ a, d: -1, e: 0.4, f: 1 }, { width: 20, height: 1 });
    assert.match(row, /^0+1+2+0+3+0*$/);
  }
});

test("a pattern stays where the ground is while the view moves", () => {
  const striped = { tile: () => ({ side: 2, pixels: [7, 8, 8, 7] }), edge: 9, look: {} };
  const options = { codes: [1, 1, 1, 1, 1], paints: [null, striped], width: 8, height: 4 };
  const still = painted({ a: 4, d: -4, e: -4, f: 4 }, { ...options, anchor: [0, 0] });
  const moved = painted({ a: 4, d: -4, e: -5, f: 4 }, { ...options, anchor: [-1, 0] });
  assert.deepEqual(moved.map((row) => row.slice(0, 7)), still.map((row) => row.slice(1)));
});

test("large cells are lined, and a bare one is closed on every side", () => {
  assert.deepEqual(painted({ a: 4, d: -4, e: -4, f: 4 }, { width: 4, height: 4, lines: 1 }), [
    "9999",
    "9111",
    "9111",
    "9111",
  ]);
  const bare = PLAIN.map((paint) => paint && { ...paint, look: { bare: true } });
  assert.deepEqual(painted({ a: 4, d: -4, e: -4, f: 4 }, { width: 4, height: 4, lines: 1, paints: bare }), [
    "9999",
    "9119",
    "9119",
    "9999",
  ]);
});

test("a selection is bounded where its cells end, and not between two of them", () => {
  const lines = [];
  const pen = { moveTo: (x, y) => lines.push([x, y]), lineTo: (x, y) => lines.at(-1).push(x, y) };
  const matrix = { a: 10, d: -10, e: 0, f: 30 };
  shapes.frontier(pen, matrix, Uint8Array.from([1, 1, 0, 0, 0]), [0, 0, 50, 30]);
  // Cells 0 and 1 share one side: two squares have 8 sides, less 2.
  assert.equal(lines.length, 6);
  assert.ok(!lines.some(([x0, , x1]) => x0 === 20 && x1 === 20));
  lines.length = 0;
  shapes.frontier(pen, { ...matrix, a: 3, d: -3 }, Uint8Array.from([1, 1, 0, 0, 0]), [0, 0, 50, 30]);
  assert.equal(lines.length, 0);
});
