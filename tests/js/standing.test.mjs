import assert from "node:assert/strict";
import { test } from "node:test";
import { listedOf, standingOut } from "../../src/lea_geo/maps/assets/js/standing.js";

const column = (values) => ({ length: values.length, at: (i) => values[i] });

test("areas that stand out are told label by label as in the legend, the surest first", () => {
  const low = "Low-Low";
  const labels = column([low, "High-High", "Not significant", "Isolate", null, low, "High-High", low]);
  const sure = column([0.04, 0.01, 0.5, null, null, 0.002, null, 0.002]);
  assert.deepEqual(standingOut(labels, sure), [
    ["High-High", [1, 6]],
    [low, [5, 7, 0]],
  ]);
});

test("of each label as many are listed as there is room for, and never all but one", () => {
  const areas = (n) => Array.from({ length: n }, (unused, i) => i);
  // Room for 12: 6 of each of two labels, 3 of each of four, at least 3 of each of six.
  assert.deepEqual([6, 7, 8, 500].map((n) => listedOf(areas(n), 2)), [6, 7, 6, 6]);
  assert.deepEqual([4, 5].map((n) => listedOf(areas(n), 4)), [4, 3]);
  assert.equal(listedOf(areas(9), 6), 3);
});
