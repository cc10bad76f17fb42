// What an index is made of, and how sure labels and places are, as the page works with it.
import assert from "node:assert/strict";
import { test } from "node:test";

import { classify, surenessOf } from "../../src/lea_geo/maps/assets/js/classify.js";
import { madeOf, parentOf, pathTo, topsOf, treeOf, weightOf } from "../../src/lea_geo/maps/assets/js/composite.js";
import { doubtRows } from "../../src/lea_geo/maps/assets/js/legend.js";
import { SURENESS } from "../../src/lea_geo/maps/assets/js/patterns.js";
import { optionGroups } from "../../src/lea_geo/maps/assets/js/picker.js";
import { LEDGER_QUADRANTS, ledgerPoints, plotPoints } from "../../src/lea_geo/maps/assets/js/plot.js";
import { tierKey } from "../../src/lea_geo/maps/assets/js/tiercells.js";
import { groupsOf, tierOf } from "../../src/lea_geo/maps/assets/js/tiers.js";
import { shareWords, useLanguage, useTexts } from "../../src/lea_geo/maps/assets/js/words.js";

useLanguage("en");
useTexts({ "composite_tree.percent": { en: "{n}%" } });

function one(code, level = "indicator", members = [], weights = [], rest = {}) {
  return { code, level, members, weights, name: { en: code }, direction: "weakens", domain: "", ...rest };
}

// index (75 % health, 25 % work); health (a, b); work (c); d counts in nothing.
const STUDY = [
  one("index", "index", ["health", "work"], [0.75, 0.25]),
  one("health", "domain", ["a", "b"]),
  one("work", "domain", ["c"], [1]),
  one("a", "indicator", [], [], { domain: "health" }),
  one("b", "indicator", [], [], { domain: "health" }),
  one("c", "indicator", [], [], { domain: "work" }),
  one("d"),
];
const named = (code) => STUDY.find((indicator) => indicator.code === code);
const codes = (nodes) => nodes.map(({ at, below }) => [STUDY[at].code, ...codes(below)]);

test("the hierarchy shows every composite, and indicators only under the one that is open", () => {
  assert.deepEqual(codes(treeOf(STUDY, named("index"))), [["index", ["health"], ["work"]]]);
  assert.deepEqual(codes(treeOf(STUDY, named("health"))), [["index", ["health", ["a"], ["b"]], ["work"]]]);
  assert.deepEqual(codes(treeOf(STUDY, named("c"))), [["index", ["health"], ["work", ["c"]]]]);
  assert.deepEqual(codes(treeOf(STUDY, named("d"))), [["index", ["health"], ["work"]]]);
  assert.deepEqual(treeOf([one("a"), one("b")], one("a")), []);
});

test("an indicator knows what is above it, and a member its share of the weights where they are stated", () => {
  assert.deepEqual(pathTo(STUDY, named("a")).map(({ code }) => code), ["index", "health"]);
  assert.equal(parentOf(STUDY, named("index")), null);
  assert.deepEqual(topsOf(STUDY).map(({ code }) => code), ["index"]);
  assert.equal(weightOf(named("index"), "work"), 0.25);
  assert.equal(weightOf(named("health"), "a"), null);
  assert.equal(madeOf(STUDY, named("index")), "health (75%), work (25%)");
  assert.equal(madeOf(STUDY, named("health")), "a, b");
});

test("the index stands before its parts, and these before the indicators by domain", () => {
  const all = STUDY.map((unused, i) => i);
  assert.deepEqual(optionGroups(STUDY, all), [
    ["picker.index", [0]],
    ["composite.domain", [1, 2]],
    ["domain.health", [3, 4]],
    ["domain.work", [5]],
    ["picker.other", [6]],
  ]);
  assert.deepEqual(optionGroups(STUDY, [2, 6]), [["composite.domain", [2]], ["picker.other", [6]]]);
  const ledgers = [one("resource", "resource"), one("load", "load")];
  assert.deepEqual(optionGroups(ledgers, [0, 1]), [["picker.index", [0, 1]]]);
});

test("what is made of others stands apart from what weakens and what protects", () => {
  const groups = groupsOf(STUDY).map(({ direction, domains }) => [direction, domains.flatMap(({ at }) => at)]);
  assert.deepEqual(groups, [["composite", [0, 1, 2]], ["weakens", [3, 4, 5, 6]]]);
});

test("of a composite the fifths are those of its runs, and a rank is exact where the runs and the score agree", () => {
  const tiers = [1, 2];
  const held = { fifth: 1, from: 1, to: 2 };
  assert.deepEqual(tierOf({ rank: 2, lower: 2, upper: 2, tiers }, 10), { ...held, exact: true });
  assert.deepEqual(tierOf({ rank: 1, lower: 2, upper: 2, tiers }, 10), { ...held, exact: false });
});

const column = (values) => ({
  length: values.length,
  empty: values.every((value) => value === null),
  at: (i) => values[i],
  has: (i) => values[i] !== null,
  numbers: () => Float64Array.from(values, (value) => value ?? NaN),
});

test("a table sorts by fifths alone: the worst first, and areas of the same fifths as they came", () => {
  const columns = {
    value: column([9, 8, 7, 6, 5, null]),
    rank: column([1, 2, 3, 4, 5, null]),
    rank_lower: column([1, 1, 3, 3, 5, null]),
    rank_upper: column([2, 2, 4, 4, 5, null]),
    tier_lower: column([1, 1, 1, 3, 5, null]),
    tier_upper: column([2, 2, 1, 5, 5, null]),
  };
  const order = (high) =>
    [0, 1, 2, 3, 4].sort((a, b) => (high ? 1 : -1) * (tierKey(columns, a, high) - tierKey(columns, b, high)) || a - b);
  assert.deepEqual(order(true), [2, 0, 1, 3, 4]); // surely in fifth 1, then 1 to 2 twice, then 3 to 5, then 5
  assert.deepEqual(order(false), [4, 3, 0, 1, 2]); // a low score is the worst: surely in fifth 5 first
  assert.equal(tierKey(columns, 5, true), null);
});

test("a verdict says how sure a label is, and where there is none a doubt does", () => {
  assert.deepEqual(["firm", "depends", "unsure"].map((verdict) => surenessOf(verdict, "noise")), [3, 2, 1]);
  assert.deepEqual([surenessOf(null, "noise"), surenessOf(null, null), surenessOf("toString", null)], [1, 0, 0]);
});

const STYLES = new Proxy({}, { get: (unused, key) => ({ fill: key }) });

test("labels that point at an area are drawn by their verdict, and grey ones are only told of in words", () => {
  const labels = ["High-High", "High-High", "Low-Low", "Low-High", "Not significant", "Isolate"];
  const classes = classify(
    {
      value: column([1, 2, 3, 4, 5, 6]),
      status: column(Array(6).fill("observed")),
      local_moran_label: column(labels),
      local_moran_doubt: column([null, null, null, "noise", null, null]),
      local_moran_verdict: column(["firm", "depends", "unsure", null, "unsure", null]),
    },
    { classes: [] },
    "local_moran",
    STYLES,
  );
  assert.deepEqual([...classes.doubts], [3, 2, 1, 1, 0, 0]);
  assert.equal(classes.verdicts, true);
  const rows = doubtRows(classes, "local_moran").map(({ doubt, n, entry }) => [doubt, n, entry.key]);
  assert.deepEqual(rows, [["firm", 1, "High-High"], ["depends", 1, "High-High"], ["unsure", 2, "Low-Low"]]);
  assert.deepEqual(doubtRows({ ...classes, doubts: null }, "local_moran"), []);
  const before = doubtRows({ ...classes, verdicts: false }, "local_moran").map(({ doubt, n }) => [doubt, n]);
  assert.deepEqual(before, [["unsure", 2]]);
});

test("a point of the scatterplot has a ring where its label is not firm", () => {
  const { doubted } = plotPoints({
    value: column([1, 2, 3, 4]),
    lag: column([1, 2, 3, 4]),
    label: column(["Low-Low", "Low-Low", "High-High", "High-High"]),
    doubt: column([null, null, null, "noise"]),
    verdict: column(["firm", "depends", "unsure", null]),
  });
  assert.deepEqual([...doubted], [0, 1, 1, 1]);
  assert.equal(SURENESS.firm, 3);
});

test("on two ledgers an area lies where its whole scores say, whatever rounding made of them", () => {
  const points = ledgerPoints(
    {
      load: column([1, 5, 5, 9, null]),
      resource: column([8, 8, 2, 2, 3]),
      place: column([
        "low_load_high_resource", "high_load_high_resource", "low_load_low_resource", "high_load_low_resource", null,
      ]),
    },
    [5, 5],
  );
  assert.deepEqual([...points.quadrant].slice(0, 4).map((at) => LEDGER_QUADRANTS[at]), [
    "low_load_high_resource", "high_load_high_resource", "low_load_low_resource", "high_load_low_resource",
  ]);
  assert.deepEqual([points.n, [...points.order], points.counts], [4, [0, 1, 2, 3], [1, 1, 1, 1]]);
  assert.deepEqual(points.middle, [5, 5]);
});

test("a share of runs is told in whole per cent, and is never quite nothing or all", () => {
  const said = [0, 0.009, 0.01, 0.48, 0.99, 0.999, 1].map(shareWords);
  assert.deepEqual(said, ["<\u00a01%", "<\u00a01%", "1%", "48%", "99%", ">\u00a099%", ">\u00a099%"]);
});
