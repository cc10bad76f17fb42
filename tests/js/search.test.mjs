// Finding areas by code and name, among few and among very many.
import assert from "node:assert/strict";
import test from "node:test";

import { buildIndex, findAreas } from "../../src/lea_geo/maps/assets/js/search.js";

function placeOf(areas) {
  return { n: areas.length, idOf: (i) => areas[i][0], namesOf: (i) => areas[i].slice(1) };
}

const PLACE = placeOf([
  ["65100", "Vaasa Keskus", "Vasa Centrum", ""],
  ["65200", "Hietalahti", "Sandviken", ""],
  ["65300", "Vanha Vaasa", "Gamla Vasa", "Old Vaasa"],
]);
const found = async (asked, most) => findAreas(await buildIndex(PLACE), asked, most);

test("an area is found by its code and by its name in any language, whatever the case", async () => {
  assert.deepEqual((await found("653")).areas, [2]);
  assert.deepEqual((await found("sandVIKEN")).areas, [1]);
  assert.deepEqual((await found("old v")).areas, [2]);
});

test("areas that begin with what is asked for come first, and each comes once", async () => {
  assert.deepEqual(await found("va"), { areas: [0, 2], n: 2 });
  assert.deepEqual(await found("vasa"), { areas: [0, 2], n: 2 });
  assert.deepEqual((await found("a")).areas, [0, 1, 2]);
  assert.deepEqual((await found("gamla")).areas, [2]);
  assert.deepEqual((await found("keskus")).areas, [0]);
  // "Sandviken" begins with it; the others only hold it.
  assert.deepEqual((await found("s")).areas[0], 1);
});

test("all are counted where few are given", async () => {
  assert.deepEqual(await found("65", 1), { areas: [0], n: 3 });
});

test("a blank asks for nothing, and what nobody has is not found", async () => {
  assert.deepEqual(await found("  "), { areas: [], n: 0 });
  assert.deepEqual(await found("xyz"), { areas: [], n: 0 });
});

test("what is asked for never reaches from one area or name into the next", async () => {
  assert.deepEqual(await found("centrum65200"), { areas: [], n: 0 });
  assert.deepEqual(await found("65100vaasa"), { areas: [], n: 0 });
});

test("characters that mean something to patterns are only characters here", async () => {
  const index = await buildIndex(placeOf([["a.*(b", "x"], ["azzb", "y"]]));
  assert.deepEqual(findAreas(index, ".*("), { areas: [0], n: 1 });
});

test("the index gives way to the page between slices and still holds every area", async () => {
  let rests = 0;
  const ids = Array.from({ length: 45_001 }, (unused, i) => [`id${i}x`]);
  const index = await buildIndex(placeOf(ids), async () => (rests += 1));
  assert.equal(rests, 2); // slices of 20 000
  assert.deepEqual(findAreas(index, "id45000x"), { areas: [45_000], n: 1 });
  assert.equal(findAreas(index, "id").n, 45_001);
});
