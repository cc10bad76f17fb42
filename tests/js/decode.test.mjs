import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

import {
  cellId, emptyColumn, readCells, readColumn, readPolygons, readVarints, unpack, unpackJson,
} from "../../src/lea_geo/maps/assets/js/decode.js";

const packed = (bytes) => gzipSync(Uint8Array.from(bytes)).toString("base64");

test("what is packed comes back, long or empty", async () => {
  const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => (i * i) % 251);
  assert.deepEqual(await unpack(packed(bytes)), bytes);
  assert.deepEqual(await unpack(packed([])), new Uint8Array());
  const words = ["</script>", "Åbo", "\u2028"];
  assert.deepEqual(await unpackJson(gzipSync(JSON.stringify(words)).toString("base64")), words);
});

test("varints are read as LEB128 writes them, past 32 bits too", () => {
  // 624485 = e5 8e 26 is the example of DWARF 4, section 7.6; 2**35 is five groups of zeros and a one.
  const bytes = [0, 127, 0x80, 1, 0xe5, 0x8e, 0x26, 0x80, 0x80, 0x80, 0x80, 0x80, 1];
  assert.deepEqual([...readVarints(Uint8Array.from(bytes))], [0, 127, 128, 624485, 2 ** 35]);
});

test("two squares side by side share the arc between them", async () => {
  // Arc 0 goes around the western square but for its eastern side, arc 1 is that side going up, and arc 2
  // goes around the eastern square but for the same side.
  const shapes = {
    arcs: 3, vertices: 10, refs: 4, rings: 2, dividing: 1,
    data: packed([
      2, 0, 2, // four, two and four vertices
      2, 1, 0, 2, 0, 0, 0, 2, 0, 1, // x: 1 0 0 1, 1 1, 1 2 2 1
      2, 0, 1, 0, 0, 2, 1, 0, 2, 0, // y: 1 1 0 0, 0 1, 0 0 1 1
      0, 0, 0, 3, // arc 0, arc 1, arc 2, and two before the next new one: arc 1 backwards
      1, 1, // two arcs a ring
      1, 1, // one ring an area
      0, 2, 0, 0, // points (0, 0) and (1, 0)
      1, // arc 1 divides
    ]),
  };
  const read = await readPolygons(shapes, 2);
  assert.deepEqual([...read.coords], [1, 1, 0, 1, 0, 0, 1, 0, 1, 0, 1, 1, 1, 0, 2, 0, 2, 1, 1, 1]);
  assert.deepEqual([...read.arcStart], [0, 4, 6, 10]);
  assert.deepEqual([...read.refs], [0, 1, 2, ~1]);
  assert.deepEqual([...read.ringStart], [0, 2, 4]);
  assert.deepEqual([...read.areaStart], [0, 1, 2]);
  assert.deepEqual([...read.points], [0, 0, 1, 0]);
  assert.deepEqual([...read.municipalArcs], [1]);
});

test("cells are counted row by row from the south-west", async () => {
  // Three columns; places 1, 2 and 6: the first two of row 0 but one, and the first of row 2.
  const read = await readCells({ cols: 3, rows: 3, data: packed([1, 0, 3]) }, 3);
  assert.deepEqual([...read.col], [1, 2, 0]);
  assert.deepEqual([...read.row], [0, 0, 2]);
  assert.deepEqual([...read.rowStart], [0, 2, 2, 3]);
});

test("an id is made from a cell as Statistics Finland writes it", () => {
  assert.equal(cellId(250, 385_250, 6_675_000), "250mN667500E38525");
  assert.equal(cellId(1000, 385_000, 6_675_000), "1kmN6675E0385");
  assert.equal(cellId(5000, 85_000, 6_690_000), "5kmN1338E0017");
});

test("a column of numbers tells blanks from zeros", async () => {
  // Codes 0, 1 and 300: blank, -0.5 and 29.4, low bytes first.
  const data = packed([0, 1, 44, 0, 0, 1]);
  const column = await readColumn({ type: "number", decimals: 1, low: -5, width: 2, data });
  assert.deepEqual([column.at(0), column.at(1), column.at(2), column.at(3)], [null, -0.5, 29.4, null]);
  assert.deepEqual([column.has(0), column.has(1), column.has(3)], [false, true, false]);
  assert.deepEqual([...column.numbers()], [NaN, -0.5, 29.4]);
  assert.deepEqual([column.length, column.empty, column.codes.constructor], [3, false, Uint16Array]);
});

test("a column of words gives the words", async () => {
  const column = await readColumn({ type: "word", words: ["High-High", "{{7*7}}"], width: 1, data: packed([2, 0, 1]) });
  assert.deepEqual([column.at(0), column.at(1), column.at(2)], ["{{7*7}}", null, "High-High"]);
});

test("a column that a sheet lacks is blank everywhere", () => {
  const column = emptyColumn(2);
  assert.deepEqual([column.length, column.empty, column.at(0), column.has(1)], [2, true, null, false]);
});
