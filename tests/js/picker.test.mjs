import assert from "node:assert/strict";
import { test } from "node:test";

import { byDomain, findIndicators, optionAfter } from "../../src/lea_geo/maps/assets/js/picker.js";
import { kindOf, kindsOf, nearestSheet, sheetsByYear } from "../../src/lea_geo/maps/assets/js/years.js";

const indicator = (code, domain, fi, sv = fi, en = fi) => ({ code, domain, name: { fi, sv, en } });
const INDICATORS = [
  indicator("low", "material", "Pienituloiset", "Låginkomsttagare", "On a low income"),
  indicator("single", "social", "Yhden vanhemman perheet", "Enföräldersfamiljer", "One-parent families"),
  indicator("rent", "", "Vuokralla asuvat"),
  indicator("income", "material", "Tulot"),
];
const domainOf = (domain) => ({ material: "Aineellinen elintaso", social: "Sosiaaliset suhteet" })[domain];
const found = (asked) => findIndicators(INDICATORS, asked, domainOf).map((i) => INDICATORS[i].code);

test("an indicator is found by its name in any language, its code, its domain, or words of several", () => {
  assert.deepEqual(found(""), ["low", "single", "rent", "income"]);
  assert.deepEqual(found("LÅGINK"), ["low"]);
  assert.deepEqual(found("aineell"), ["low", "income"]);
  assert.deepEqual(found("perheet  yhden "), ["single"]);
  assert.deepEqual(found("rent"), ["single", "rent"]); // "One-parent"
  assert.deepEqual(found("aineellinen perheet"), []);
});

test("indicators stand by domain in the study's order, those without a domain last", () => {
  const rows = [indicator("a", ""), indicator("b", "x"), indicator("c", "y"), indicator("d", "x")];
  assert.deepEqual(byDomain(rows, [0, 1, 2, 3]), [["x", [1, 3]], ["y", [2]], ["", [0]]]);
  assert.deepEqual(byDomain(rows, []), []);
});

test("arrows and pages stop at the ends, Home and End lead there, and other keys lead nowhere", () => {
  assert.equal(optionAfter("ArrowDown", 3, 5), 4);
  assert.equal(optionAfter("ArrowDown", 4, 5), 4);
  assert.equal(optionAfter("ArrowUp", 0, 5), 0);
  assert.equal(optionAfter("PageDown", 0, 150), 8);
  assert.equal(optionAfter("PageUp", 3, 150), 0);
  assert.equal(optionAfter("Home", 77, 150), 0);
  assert.equal(optionAfter("End", 0, 150), 149);
  assert.equal(optionAfter("a", 0, 5), -1);
  assert.equal(optionAfter("ArrowDown", -1, 0), -1);
});

const sheet = (level, year, side) => ({
  level, year, place: { raw: { kind: side ? "cells" : "polygons", frame: { quantum: side || 5 } } },
});
const SHEETS = [
  sheet("postal", "2021"), sheet("postal", "2019"), sheet("postal", "2020"),
  sheet("grid", "2016", 250), sheet("grid", "2020", 250), sheet("grid", "", 1000),
];

test("kinds of areas keep the study's order, and cells of two sizes are two kinds", () => {
  assert.deepEqual(kindsOf(SHEETS), ["postal", "grid 250", "grid 1000"]);
});

test("the sheets of a kind go from the oldest year to the newest", () => {
  assert.deepEqual(sheetsByYear(SHEETS, "postal"), [1, 2, 0]);
  assert.deepEqual(sheetsByYear(SHEETS, "grid 1000"), []);
});

test("another kind of areas keeps the year, or takes the nearest, of two the later, or whatever it has", () => {
  assert.equal(nearestSheet(SHEETS, "grid 250", "2020"), 4);
  assert.equal(nearestSheet(SHEETS, "grid 250", "2017"), 3);
  assert.equal(nearestSheet(SHEETS, "grid 250", "2018"), 4);
  assert.equal(nearestSheet(SHEETS, "grid 1000", "2021"), 5);
  assert.equal(nearestSheet(SHEETS, "postal", ""), 0);
});

test("equal squares are cells where nobody said what they are, and postal areas where somebody did", () => {
  assert.equal(kindOf(sheet("", "", 250.0004)), "grid 250");
  assert.equal(kindOf(sheet("postal", "", 1000)), "postal");
  assert.equal(kindOf(sheet("", "")), "other");
});
