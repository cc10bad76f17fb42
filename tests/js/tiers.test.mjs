// Where values stand: fifths, intervals that hold or overlap, and what is kept apart.
import assert from "node:assert/strict";
import test from "node:test";

import {
  asShown, besideValue, fifthOf, groupsOf, pairsOf, scaleOf, tierOf,
} from "../../src/lea_geo/maps/assets/js/tiers.js";

const range = (from, to) => Array.from({ length: to - from + 1 }, (unused, k) => from + k);

test("ten areas make fifths of two, from the highest down", () => {
  assert.deepEqual(range(1, 10).map((rank) => fifthOf(rank, 10)), [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]);
});

test("fifths of any number of areas differ by at most one area, and never go back up", () => {
  range(5, 203).forEach((n) => {
    const fifths = range(1, n).map((rank) => fifthOf(rank, n));
    const sizes = range(1, 5).map((fifth) => fifths.filter((one) => one === fifth).length);
    assert.deepEqual(fifths, [...fifths].sort((a, b) => a - b));
    assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1, `${n}: ${sizes}`);
    assert.equal(sizes.reduce((a, b) => a + b), n);
  });
});

test("fewer than five areas have no fifths, nor has an area without a rank", () => {
  assert.equal(fifthOf(1, 4), null);
  assert.equal(fifthOf(null, 100), null);
});

test("a rank is exact only where it could be no other", () => {
  assert.deepEqual(tierOf({ rank: 3, lower: 3, upper: 3 }, 10), { fifth: 2, from: 2, to: 2, exact: true });
  assert.deepEqual(tierOf({ rank: 3, lower: 1, upper: 6 }, 10), { fifth: 2, from: 1, to: 3, exact: false });
  assert.deepEqual(tierOf({ rank: 3, lower: null, upper: null }, 10), { fifth: 2, from: null, to: null, exact: false });
});

test("a value whose interval holds the other is about the same, ends included", () => {
  const held = { value: 10, lower: 8, upper: 12 };
  assert.deepEqual([7.9, 8, 10, 12, 12.1].map((other) => besideValue(held, other)), [
    "above", "same", "same", "same", "below",
  ]);
  assert.equal(besideValue({ value: null, lower: null, upper: null }, 1), null);
  assert.equal(besideValue({ value: 1, lower: null, upper: null }, 2), "below");
});

test("what is said of two numbers agrees with how they are shown", () => {
  // 8.04 is shown as 8.0, which an interval from 8.0 holds.
  assert.equal(besideValue({ value: 10, lower: 8.0, upper: 12 }, asShown(8.04, 1)), "same");
  assert.equal(asShown(7.96, 1), 8);
});

test("of three areas every pair is judged by whether the intervals lie apart", () => {
  const held = [
    { value: 1, lower: 0, upper: 2 },
    { value: 3, lower: 2, upper: 4 },
    { value: 9, lower: 8, upper: 10 },
  ];
  assert.deepEqual(pairsOf(held), [
    { a: 0, b: 1, apart: false },
    { a: 0, b: 2, apart: true },
    { a: 1, b: 2, apart: true },
  ]);
});

test("without a value there is no pair, and without an interval nobody knows", () => {
  const bare = { value: 1, lower: null, upper: null };
  assert.deepEqual(pairsOf([bare, { ...bare, value: null }]), []);
  assert.deepEqual(pairsOf([bare, { value: 2, lower: 1, upper: 3 }]), [{ a: 0, b: 1, apart: null }]);
});

test("what protects and what weakens are never in one group, and every indicator is in one", () => {
  const indicators = [
    { direction: "weakens", domain: "health" },
    { direction: "protects", domain: "health" },
    { direction: "", domain: "" },
    { direction: "weakens", domain: "education" },
    { direction: "weakens", domain: "health" },
  ];
  assert.deepEqual(groupsOf(indicators), [
    { direction: "protects", domains: [{ domain: "health", at: [1] }] },
    { direction: "weakens", domains: [{ domain: "health", at: [0, 4] }, { domain: "education", at: [3] }] },
    { direction: "", domains: [{ domain: "", at: [2] }] },
  ]);
});

test("a scale reaches from the least to the most, and one number alone stands in the middle", () => {
  const { least, most, share } = scaleOf([3, null, -1, NaN, 7], 0.1);
  assert.deepEqual([least, most], [-1, 7]);
  assert.deepEqual([-1, 3, 7].map(share), [0.1, 0.5, 0.9]);
  assert.equal(scaleOf([4]).share(4), 0.5);
});
