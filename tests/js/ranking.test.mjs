// Rows in order, and pages of them.
import assert from "node:assert/strict";
import test from "node:test";
import {
  numberKeys, pageOf, rowsWhere, sortedRows, wordKeys, worstIsHigh,
} from "../../src/lea_geo/maps/assets/js/ordering.js";

const ALL = Uint32Array.of(0, 1, 2, 3, 4);

test("blanks come last whichever way the rest goes, and equal ones stay as they came", () => {
  const keys = Float64Array.of(2, NaN, 5, 2, -1);
  assert.deepEqual([...sortedRows(ALL, keys, false)], [4, 0, 3, 2, 1]);
  assert.deepEqual([...sortedRows(ALL, keys, true)], [2, 0, 3, 4, 1]);
});

test("whole numbers, fractions and numbers too large to pack are sorted alike", () => {
  const small = Float64Array.of(3, 1, NaN, 3, 2);
  [small, small.map((key) => key / 7), small.map((key) => key * 1e15)].forEach((keys) => {
    assert.deepEqual([...sortedRows(ALL, keys, true)], [0, 3, 4, 1, 2]);
    assert.deepEqual([...sortedRows(ALL, keys, false)], [1, 4, 0, 3, 2]);
  });
});

test("only the rows that are asked for are sorted", () => {
  const rows = rowsWhere(5, (i) => i % 2 === 0);
  assert.deepEqual([...rows], [0, 2, 4]);
  assert.deepEqual([...sortedRows(rows, Float64Array.of(1, 9, 3, 9, 2), true)], [2, 4, 0]);
});

test("words become numbers in the order of the reader's language, and a blank becomes none", () => {
  const words = ["Öja", "Aho", "", "Ähtäri", "Aho"];
  const keys = wordKeys(5, (i) => words[i], (a, b) => a.localeCompare(b, "fi"));
  assert.deepEqual([...keys], [2, 0, NaN, 1, 0]);
});

test("a number that is not there is none", () => {
  assert.deepEqual([...numberKeys(3, (i) => [0, null, -2][i])], [0, NaN, -2]);
});

test("pages hold every row once and none beyond the last", () => {
  assert.deepEqual(pageOf(3030, 100, 0), { at: 0, pages: 31, from: 0, to: 100 });
  assert.deepEqual(pageOf(3030, 100, 99), { at: 30, pages: 31, from: 3000, to: 3030 });
  assert.deepEqual(pageOf(0, 100, 5), { at: 0, pages: 1, from: 0, to: 0 });
  assert.deepEqual(pageOf(200, 100, -1), { at: 0, pages: 2, from: 0, to: 100 });
});

test("large values are the worst unless they protect", () => {
  assert.deepEqual(["weakens", "protects", ""].map(worstIsHigh), [true, false, true]);
});
