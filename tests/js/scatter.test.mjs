// The scatterplot's points, as numbers.
import assert from "node:assert/strict";
import test from "node:test";
import {
  PlotScale, QUADRANTS, axisTicks, chosenLast, inQuadrant, nearestPoint, pixelsOf, plotPoints, pointsWithin,
} from "../../src/lea_geo/maps/assets/js/plot.js";

function columnOf(values) {
  return {
    length: values.length,
    at: (i) => values[i],
    numbers: () => Float64Array.from(values, (value) => value ?? NaN),
  };
}

// Mean of the values: (1 + 2 + 3 + 4 + 10) / 5 = 4. The last two have no place in the plot.
const POINTS = plotPoints({
  value: columnOf([1, 4, 10, 3, 2, null]),
  lag: columnOf([6, 4, 5, 1, 9, 3]),
  label: columnOf(["Not significant", "Not significant", "High-High", "Not significant", "Isolate", "Undefined"]),
  doubt: columnOf([null, null, "noise", null, null, null]),
  verdict: columnOf([null, null, null, null, null, null]),
});
const everything = () => true;

test("areas without a value or without neighbours are no points, but every value counts in the mean", () => {
  assert.deepEqual(POINTS.middle, [4, 4]);
  assert.equal(POINTS.n, 4);
  assert.deepEqual([...POINTS.order], [0, 1, 3, 2]);
  assert.equal(POINTS.lagMean, (6 + 4 + 5 + 1) / 4);
});

test("what lies at the mean is low, as where the labels are given", () => {
  const named = [0, 1, 2, 3].map((i) => QUADRANTS[POINTS.quadrant[i]]);
  assert.deepEqual(named, ["Low-High", "Low-Low", "High-High", "Low-Low"]);
  assert.deepEqual([...inQuadrant(POINTS, QUADRANTS.indexOf("Low-Low"))], [0, 1, 0, 1, 0, 0]);
});

test("a label decides the quadrant where rounding has moved the value over the mean", () => {
  const { quadrant } = plotPoints({
    value: columnOf([4, 4]),
    lag: columnOf([4, 4]),
    label: columnOf(["High-High", "Not significant"]),
    doubt: columnOf([null, null]),
    verdict: columnOf([null, null]),
  });
  assert.deepEqual([...quadrant].map((at) => QUADRANTS[at]), ["High-High", "Low-Low"]);
});

test("chosen points are drawn over the others, and otherwise what stands out over what does not", () => {
  assert.deepEqual([...chosenLast(POINTS, Uint8Array.of(1, 0, 0, 1, 0, 0))], [1, 2, 0, 3]);
  assert.equal(chosenLast(POINTS, null), POINTS.order);
});

test("a rectangle holds the shown points within it", () => {
  const scale = new PlotScale(POINTS, 300, 200);
  const right = { left: scale.across(3.5), right: 300, top: 0, bottom: 200 };
  assert.deepEqual([...pointsWithin(POINTS, scale, right, everything)], [0, 1, 1, 0, 0, 0]);
  assert.deepEqual([...pointsWithin(POINTS, scale, right, (i) => i !== 2)], [0, 1, 0, 0, 0, 0]);
});

test("the nearest shown point is found within reach", () => {
  const scale = new PlotScale(POINTS, 300, 200);
  const at = { x: scale.across(10) - 3, y: scale.down(5) + 3 };
  assert.equal(nearestPoint(POINTS, scale, at, 5, everything), 2);
  assert.equal(nearestPoint(POINTS, scale, at, 4, everything), -1);
  assert.equal(nearestPoint(POINTS, scale, at, 5, (i) => i !== 2), -1);
});

test("every point and the mean lie on the paper", () => {
  const scale = new PlotScale(POINTS, 300, 200);
  [...POINTS.order].forEach((i) => {
    const [x, y] = [scale.across(POINTS.x[i]), scale.down(POINTS.y[i])];
    assert.ok(x > 0 && x < 300 && y > 0 && y < 200);
  });
  assert.ok(scale.down(POINTS.middle[1]) > 0 && scale.down(POINTS.middle[1]) < 200);
});

test("equal values still have a width", () => {
  const same = plotPoints({
    value: columnOf([0, 0]), lag: columnOf([0, 0]), label: columnOf(["x", "x"]), doubt: columnOf([null, null]),
    verdict: columnOf([null, null]),
  });
  assert.ok(Number.isFinite(new PlotScale(same, 100, 100).across(0)));
});

test("an axis is marked at round numbers within it", () => {
  assert.deepEqual(axisTicks(-0.3, 32.1, 5), { at: [0, 10, 20, 30], decimals: 0 });
  assert.deepEqual(axisTicks(0.11, 0.19, 4), { at: [0.12, 0.14, 0.16, 0.18], decimals: 2 });
  assert.deepEqual(axisTicks(21000, 34000, 4), { at: [25000, 30000], decimals: 0 });
});

test("many points become pixels, darker where they heap up, and hidden ones become none", () => {
  const paper = { scale: new PlotScale(POINTS, 50, 40), ratio: 1 };
  const tone = { shades: [7, 8] };
  const colours = ({ pixels }) => [...new Set(pixels)].sort();
  assert.deepEqual(colours(pixelsOf(POINTS, POINTS.order, paper, () => tone)), [0, 7]);
  assert.deepEqual(colours(pixelsOf(POINTS, Uint32Array.of(0, 0, 1), paper, () => tone)), [0, 7, 8]);
  assert.deepEqual(colours(pixelsOf(POINTS, POINTS.order, paper, () => null)), [0]);
});
