import assert from "node:assert/strict";
import { test } from "node:test";
import { readAddress, writeAddress } from "../../src/lea_geo/maps/assets/js/address.js";
import { Store } from "../../src/lea_geo/maps/assets/js/state.js";

test("only those who asked for what has changed are told, once", () => {
  const store = new Store({ area: 1, language: "fi", view: "value" });
  const told = [];
  store.on(["area", "view"], (state, before) => told.push([before.area, state.area]));
  store.on(["language"], () => told.push("language"));
  store.set({ area: 2, view: "local_moran" });
  store.set({ area: 2 });
  assert.deepEqual(told, [[1, 2]]);
});

test("what is written into the address is read from it again, whatever the names", () => {
  const parts = {
    level: "postal",
    year: "2018",
    indicator: "a&b=c#d",
    view: "local_moran",
    area: "65100",
    compare: ["65100", "</script>", "å,ä ö"],
    lang: "sv",
    at: { latitude: 63.1, longitude: 21.6, zoom: 7.25 },
  };
  assert.deepEqual(readAddress(writeAddress(parts)), parts);
});

test("what an address says beside what is known is left alone", () => {
  assert.deepEqual(readAddress("#__proto__=1&at=nowhere&x=2"), {});
  assert.equal(writeAddress({ area: "", compare: null }), "");
});
