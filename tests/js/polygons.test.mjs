// Two squares side by side, the eastern one with a hole that a third area fills, and an island of the western one.
//
//   y 4 +----+--------+          +--+ 4
//     3 | A  |   B +--|--+       |A | 3
//     .. C = [6, 8] x [1, 3] lies inside B = [4, 10] x [0, 4];  A = [0, 4] x [0, 4] and [12, 14] x [3, 4]
import assert from "node:assert/strict";
import { test } from "node:test";
import { PolygonShapes, boxesOfAreas, boxesOfArcs, thinned } from "../../src/lea_geo/maps/assets/js/polygons.js";

const ARCS = [
  [[4, 0], [4, 4]], // between A and B
  [[4, 4], [0, 4], [0, 0], [4, 0]], // the rest of A
  [[4, 0], [10, 0], [10, 4], [4, 4]], // the rest of B
  [[6, 1], [8, 1], [8, 3], [6, 3], [6, 1]], // between B and C
  [[12, 3], [14, 3], [14, 4], [12, 4], [12, 3]], // the island of A
];

function starts(lengths) {
  return Int32Array.from([0, ...lengths.map((_, k) => lengths.slice(0, k + 1).reduce((a, b) => a + b, 0))]);
}

const DECODED = {
  coords: Int32Array.from(ARCS.flat(2)),
  arcStart: starts(ARCS.map((arc) => arc.length)),
  refs: Int32Array.from([0, 1, 4, ~0, 2, 3, ~3]),
  ringStart: starts([2, 1, 2, 1, 1]),
  areaStart: starts([2, 2, 1]),
  points: Int32Array.from([2, 2, 5, 2, 7, 2]),
  municipalArcs: Int32Array.from([0]),
};
const FRAME = { origin: [0, 0], quantum: 1, size: [14, 4] };
const shapes = new PolygonShapes(DECODED, FRAME);
const AS_IT_IS = { a: 1, d: 1, e: 0, f: 0 };

// A pen that writes down what it is told.
function recorder() {
  const said = [];
  return {
    said,
    fills: [],
    beginPath() {
      said.length = 0;
    },
    moveTo: (x, y) => said.push(["M", x, y]),
    lineTo: (x, y) => said.push(["L", x, y]),
    fill(rule) {
      this.fills.push({ style: this.fillStyle, rule, path: said.slice() });
    },
  };
}

// Area within closed rings of a recorded path, rings alternating as they are nested (the shoelace formula).
function ringsOf(said) {
  const rings = [];
  said.forEach(([kind, x, y]) => (kind === "M" ? rings.push([[x, y]]) : rings.at(-1).push([x, y])));
  return rings;
}

function shoelace(ring) {
  return Math.abs(ring.reduce((sum, [x, y], k) => {
    const [nextX, nextY] = ring[(k + 1) % ring.length];
    return sum + (x * nextY - nextX * y) / 2;
  }, 0));
}

test("a place is in the area whose rings enclose it, and a hole belongs to what fills it", () => {
  assert.equal(shapes.areaAt(1, 1), 0);
  assert.equal(shapes.areaAt(13, 3.5), 0);
  assert.equal(shapes.areaAt(5, 2), 1);
  assert.equal(shapes.areaAt(9, 2), 1);
  assert.equal(shapes.areaAt(7, 2), 2);
  assert.equal(shapes.areaAt(11, 2), -1);
  assert.equal(shapes.areaAt(13, 2), -1);
  assert.equal(shapes.areaAt(-50, 900), -1);
});

test("a place on a border belongs to exactly one of the neighbours", () => {
  const inA = [0, 1, 2, 3].map((y) => shapes._inside(0, 4, y));
  const inB = [0, 1, 2, 3].map((y) => shapes._inside(1, 4, y));
  inA.forEach((inside, k) => assert.notEqual(inside, inB[k]));
});

test("a box holds all parts of an area and nothing more", () => {
  assert.deepEqual(shapes.boxOf(0), [0, 0, 14, 4]);
  assert.deepEqual(shapes.boxOf(1), [4, 0, 10, 4]);
  assert.deepEqual(shapes.boxOf(2), [6, 1, 8, 3]);
  assert.deepEqual(shapes.pointOf(2), [7, 2]);
});

test("an area without rings is nowhere", () => {
  const areaStart = Int32Array.from([0, 2, 4, 5, 5]);
  const boxes = boxesOfAreas({ ...DECODED, areaStart }, boxesOfArcs(DECODED.coords, DECODED.arcStart));
  assert.ok(boxes[12] > boxes[14]);
  const points = Int32Array.from([...DECODED.points, 1, 1]);
  assert.equal(new PolygonShapes({ ...DECODED, areaStart, points }, FRAME).areaAt(1, 1), 0);
});

test("a traced area encloses what its rings do, whichever way its arcs run", () => {
  const areas = [0, 1, 2].map((i) => {
    const pen = recorder();
    shapes.trace(pen, AS_IT_IS, i);
    return ringsOf(pen.said).map(shoelace);
  });
  // A: 4 x 4 and 2 x 1; B: 6 x 4 with a hole of 2 x 2; C: 2 x 2.
  assert.deepEqual(areas, [[16, 2], [24, 4], [4]]);
});

test("what is traced is moved by the matrix", () => {
  const pen = recorder();
  shapes.trace(pen, { a: 10, d: -10, e: 5, f: 100 }, 2);
  assert.deepEqual(pen.said[0], ["M", 65, 90]);
});

test("each border is drawn once, and only where it is seen", () => {
  const pen = recorder();
  shapes.outline(pen, AS_IT_IS, [-1, -1, 20, 20]);
  assert.equal(ringsOf(pen.said).length, ARCS.length);
  pen.beginPath();
  // A matrix with d above zero turns north down: the box of pixels is then that of steps.
  shapes.outline(pen, { a: 1, d: -1, e: 0, f: 4 }, [11, 0, 20, 1]);
  assert.deepEqual(ringsOf(pen.said), [[[12, 1], [14, 1], [14, 0], [12, 0], [12, 1]]]);
});

test("a selection is bounded by the borders that only one of its areas has", () => {
  const pen = recorder();
  shapes.frontier(pen, AS_IT_IS, Uint8Array.from([1, 1, 0]), [-1, -1, 20, 20]);
  const first = ringsOf(pen.said).map(([start]) => start.join());
  assert.deepEqual(first, ["4,4", "4,0", "6,1", "12,3"]);
});

test("areas of one look are filled as one path, and those outside the view not at all", () => {
  const pen = recorder();
  const paints = ["red", "blue"].map((colour) => ({ fillStyle: () => colour }));
  shapes.fill(pen, { a: 1, d: -1, e: 0, f: 4 }, Uint8Array.from([0, 1, 1]), paints, [5, 0, 20, 4]);
  assert.deepEqual(pen.fills.map(({ style, rule }) => [style, rule]), [["red", "evenodd"], ["blue", "evenodd"]]);
  assert.equal(ringsOf(pen.fills[1].path).length, 3);
  pen.fills.length = 0;
  shapes.fill(pen, { a: 1, d: -1, e: 0, f: 4 }, Uint8Array.from([0, 1, 1]), paints, [11, 0, 20, 4]);
  assert.deepEqual(pen.fills.map(({ style }) => style), ["red"]);
});

test("thinning keeps the ends of every arc and the shape to within its tolerance", () => {
  const line = Array.from({ length: 101 }, (_, x) => [x, Math.round(3 * Math.sin(x / 5))]);
  const { coords, arcStart } = thinned(Int32Array.from(line.flat()), Int32Array.from([0, 101]), 8);
  assert.deepEqual([...arcStart], [0, coords.length / 2]);
  assert.ok(arcStart[1] < 30);
  assert.deepEqual([...coords.slice(0, 2), ...coords.slice(-2)], [...line[0], ...line[100]]);
  const kept = new Set(Array.from({ length: arcStart[1] }, (_, k) => `${coords[2 * k]},${coords[2 * k + 1]}`));
  line.forEach(([x, y]) => {
    const near = line.some(([u, v]) => kept.has(`${u},${v}`) && Math.abs(u - x) + Math.abs(v - y) < 8);
    assert.ok(near, `${x},${y}`);
  });
});

test("at a scale that shows every step nothing is thinned", () => {
  const { coords } = thinned(DECODED.coords, DECODED.arcStart, 0.5);
  assert.equal(coords, DECODED.coords);
});
