// Which area an arrow key leads to.
import assert from "node:assert/strict";
import test from "node:test";

import { nearestTo, nearestTowards } from "../../src/lea_geo/maps/assets/js/keyboard.js";

const EAST = [1, 0];
const WEST = [-1, 0];
const NORTH = [0, 1];
const SOUTH = [0, -1];
const from = (points, i, direction) => nearestTowards((k) => points[k], points.length, i, direction);

test("in a grid the arrows lead to the neighbours that share a side, and stop at the edge", () => {
  const grid = [0, 1, 2].flatMap((y) => [0, 1, 2].map((x) => [x, y])); // 4 is in the middle
  assert.deepEqual([EAST, WEST, NORTH, SOUTH].map((one) => from(grid, 4, one)), [5, 3, 7, 1]);
  assert.equal(from(grid, 2, EAST), -1);
  assert.equal(from(grid, 0, SOUTH), -1);
});

test("an area beyond 45 degrees is passed over, however near", () => {
  assert.equal(from([[0, 0], [1, 1.01], [50, 0]], 0, EAST), 2);
  assert.equal(from([[0, 0], [1, 1.01], [50, 0]], 0, NORTH), 1);
});

test("exactly at 45 degrees an area is reached from both sides", () => {
  const points = [[0, 0], [3, 3]];
  assert.equal(from(points, 0, EAST), 1);
  assert.equal(from(points, 0, NORTH), 1);
});

test("of areas that are equally near the straightest is taken", () => {
  assert.equal(from([[0, 0], [3, 4], [4, 3], [5, 0]].map(([x, y]) => [x + 100, y]), 0, EAST), 3);
});

test("an area on the same point is nobody's neighbour", () => {
  assert.equal(from([[0, 0], [0, 0]], 0, EAST), -1);
});

test("every area of a scattered map can be reached from every other by arrows", () => {
  // A fixed multiplicative sequence: scattered, and the same every time.
  const points = Array.from({ length: 60 }, (unused, k) => [(k * 7919) % 1009, (k * 104_729) % 997]);
  const reached = new Set([0]);
  const waiting = [0];
  while (waiting.length) {
    const i = waiting.pop();
    [EAST, WEST, NORTH, SOUTH].forEach((direction) => {
      const next = from(points, i, direction);
      if (next >= 0 && !reached.has(next)) {
        reached.add(next);
        waiting.push(next);
      }
    });
  }
  assert.equal(reached.size, points.length);
});

test("the nearest area to a point is found", () => {
  const points = [[0, 0], [10, 0], [4, 4]];
  assert.equal(nearestTo((i) => points[i], 3, [5, 3]), 2);
});
