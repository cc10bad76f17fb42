import assert from "node:assert/strict";
import { test } from "node:test";
import { classify } from "../../src/lea_geo/maps/assets/js/classify.js";
import { emptyColumn } from "../../src/lea_geo/maps/assets/js/decode.js";

const column = (values) => ({ length: values.length, empty: false, at: (i) => values[i] });
const STYLES = new Proxy({}, { get: (unused, key) => ({ fill: key }) });
const INDICATOR = { classes: [{ lower: 1, upper: 2, fill: "pale" }, { lower: 3, upper: 9.5, fill: "dark" }] };

function classed(view, columns) {
  const { entries, codes, doubts } = classify(columns, INDICATOR, view, STYLES);
  return { keys: Array.from(codes, (code) => entries[code].key), entries, doubts };
}

test("a value falls into the class that holds it, limits included", () => {
  const status = column(Array(4).fill("observed"));
  const { keys } = classed("value", { value: column([1, 2, 3, 9.5]), status });
  assert.deepEqual(keys, ["class.0", "class.0", "class.1", "class.1"]);
});

test("a status without value is a class of its own even beside a number", () => {
  const words = ["missing", "suppressed", "not_applicable", "structural_zero"];
  const { keys, entries } = classed("value", { value: column([1, 2, 3, 1]), status: column(words) });
  assert.deepEqual(keys, ["missing", "suppressed", "not_applicable", "class.0"]);
  assert.equal(entries.reduce((sum, { count }) => sum + count, 0), 4);
});

test("no value where one is said to be is undefined, and an unknown status is missing", () => {
  const { keys } = classed("value", { value: column([null, 1, 1]), status: column(["observed", "pwned", null]) });
  assert.deepEqual(keys, ["Undefined", "missing", "missing"]);
});

test("a label of a suppressed area shows as suppressed, and an unknown label as undefined", () => {
  const { keys } = classed("local_moran", {
    value: column([null, 1, 1]),
    status: column(["suppressed", "observed", "observed"]),
    local_moran_label: column(["High-High", "constructor", "Low-Low"]),
    local_moran_doubt: emptyColumn(3),
    local_moran_verdict: emptyColumn(3),
  });
  assert.deepEqual(keys, ["suppressed", "Undefined", "Low-Low"]);
});

test("labels that nobody has are listed all the same, because that is a finding", () => {
  const { entries, doubts } = classed("local_moran", {
    value: column([1]),
    status: column(["observed"]),
    local_moran_label: column(["Low-Low"]),
    local_moran_doubt: column(["noise"]),
    local_moran_verdict: emptyColumn(1),
  });
  const counts = Object.fromEntries(entries.map(({ key, count }) => [key, count]));
  assert.deepEqual(counts, { "High-High": 0, "Low-Low": 1, "Low-High": 0, "High-Low": 0, "Not significant": 0 });
  assert.deepEqual([...doubts], [1]);
});
