import assert from "node:assert/strict";
import { test } from "node:test";

import { medianOf, spreadOf } from "../../src/lea_geo/maps/assets/js/histogram.js";
import { doubtedIn, switched } from "../../src/lea_geo/maps/assets/js/legend.js";
import { countStatuses, heldBy } from "../../src/lea_geo/maps/assets/js/methods.js";

test("every value lies in one bin of its class, the largest in the last, and blanks in none", () => {
  const values = [0, 1, 2.5, NaN, 5, 10];
  const spread = spreadOf(values, [0, 0, 1, 2, 1, 1], 3, 4);
  // Bins of 2.5: [0, 2.5), [2.5, 5), [5, 7.5), [7.5, 10].
  assert.deepEqual(spread, { low: 0, high: 10, bins: [[2, 0, 0], [0, 1, 0], [0, 1, 0], [0, 1, 0]] });
});

test("equal values stand in the middle, and no values have no spread", () => {
  assert.deepEqual(spreadOf([7, 7], [0, 0], 1, 3).bins, [[0], [2], [0]]);
  assert.equal(spreadOf([NaN], [0], 1), null);
});

test("as many values are counted as there are, whatever they are", () => {
  let seed = 2009;
  const random = () => {
    seed = (seed * 48271) % 2147483647; // Lehmer's generator
    return seed / 2147483647;
  };
  for (let n = 1; n <= 200; n += 1) {
    const values = Array.from({ length: n }, () => Math.round(random() * 1000) / 7 - 30);
    const { bins } = spreadOf(values, values.map((one) => Number(one > 0)), 2);
    const of = (k) => bins.reduce((sum, counts) => sum + counts[k], 0);
    assert.deepEqual([of(0), of(1)], [values.filter((one) => one <= 0).length, values.filter((one) => one > 0).length]);
  }
});

test("the median is the middle value, or midway between the two that are", () => {
  assert.equal(medianOf([3, NaN, 1, 10]), 3);
  assert.equal(medianOf([3, 1, 10, 4]), 3.5);
  assert.ok(Number.isNaN(medianOf([NaN])));
});

test("switching a class twice leaves it as it was, and never touches the set that was there", () => {
  const off = new Set(["a"]);
  assert.deepEqual(switched(off, "b"), new Set(["a", "b"]));
  assert.deepEqual(switched(switched(off, "b"), "b"), off);
  assert.deepEqual(switched(off, "a"), new Set());
  assert.deepEqual(off, new Set(["a"]));
});

test("doubts are counted over all labels, and shown on the label that most of them have", () => {
  const entries = [{ key: "High-High" }, { key: "Low-Low" }];
  assert.deepEqual(doubtedIn(entries, [0, 1, 1, 0, 1], [1, 1, 1, 0, 0]), { n: 3, entry: { key: "Low-Low" } });
  assert.equal(doubtedIn(entries, [0, 1], [0, 0]), null);
  assert.equal(doubtedIn(entries, [0, 1], null), null);
});

test("a zero where there is nobody is a value, and a status that nobody said is a missing one", () => {
  const words = ["observed", "structural_zero", "suppressed", null, "missing", "not_applicable"];
  const status = { length: words.length, at: (i) => words[i] };
  assert.deepEqual(countStatuses(status), { observed: 2, suppressed: 1, missing: 2, not_applicable: 1 });
});

test("a study is told to have what any of its indicators has, and nothing else", () => {
  const bare = { columns: { value: {} }, methods: [] };
  const tested = { columns: { value: {}, interval_lower: {}, local_moran_doubt: {} }, methods: ["local_moran"] };
  assert.deepEqual(heldBy([bare]), {
    intervals: false, ranks: false, index: false, runs: false, doubts: false, verdicts: false, methods: new Set(),
  });
  assert.deepEqual(heldBy([bare, tested]), {
    intervals: true, ranks: false, index: false, runs: false, doubts: true, verdicts: false,
    methods: new Set(["local_moran"]),
  });
});
