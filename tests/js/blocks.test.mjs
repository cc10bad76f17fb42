import assert from "node:assert/strict";
import test from "node:test";
import { groundedBlock, rowOfBlocks, stackBlocks, wrappedLines } from "../../src/lea_geo/maps/assets/js/blocks.js";
import { roundLength } from "../../src/lea_geo/maps/assets/js/pictures.js";

// Every character is one wide.
const wide = (text) => [...text].length;

test("lines hold whole words, in order, none wider than there is room", () => {
  const text = "Lasten ja nuorten hyvinvointi asuinalueittain";
  const lines = wrappedLines(text, 18, wide);
  assert.deepEqual(lines, ["Lasten ja nuorten", "hyvinvointi", "asuinalueittain"]);
  for (let width = 15; width < 50; width += 1) {
    const found = wrappedLines(text, width, wide);
    assert.equal(found.join(" "), text);
    assert.ok(found.every((line) => wide(line) <= width));
  }
});

test("a word longer than a line is broken, and no character of it is lost", () => {
  const lines = wrappedLines("a yhdenvanhemmanperhe b", 6, wide);
  assert.equal(lines.join("").replaceAll(" ", ""), "ayhdenvanhemmanperheb");
  assert.ok(lines.every((line) => wide(line) <= 6));
  assert.deepEqual(wrappedLines("\u{1f600}\u{1f600}", 0, wide), ["\u{1f600}", "\u{1f600}"]);
});

test("a no-break space does not break, and a soft hyphen is not written", () => {
  assert.deepEqual(wrappedLines("noin 1\u00a0000 lasta", 7, wide), ["noin", "1\u00a0000", "lasta"]);
  assert.deepEqual(wrappedLines("Postinumero\u00adalueet", 40, wide), ["Postinumeroalueet"]);
  assert.deepEqual(wrappedLines(" \n\t", 10, wide), []);
});

function blockOf(height, drawn) {
  return { height, draw: (pen, x, y) => drawn.push([x, y, height]) };
}

test("stacked blocks lie one below the other, and what is empty takes no room", () => {
  const drawn = [];
  const stack = stackBlocks([blockOf(10, drawn), blockOf(0, drawn), blockOf(30, drawn)], 5);
  assert.equal(stack.height, 45);
  stack.draw(null, 3, 100);
  assert.deepEqual(drawn, [[3, 100, 10], [3, 115, 30]]);
});

test("blocks in a row have level tops and the height of the highest; a ground reaches around its block", () => {
  const drawn = [];
  const pen = { fillRect: (...box) => drawn.push(box) };
  const row = rowOfBlocks([[blockOf(10, drawn), 0], [groundedBlock(blockOf(8, drawn), 50, 4, "#fff"), 60]]);
  assert.equal(row.height, 16);
  row.draw(pen, 1, 2);
  assert.deepEqual(drawn, [[1, 2, 10], [61, 2, 50, 16], [65, 6, 8]]);
  assert.equal(groundedBlock(blockOf(0, drawn), 50, 4, "#fff").height, 0);
});

test("a scale bar has a round length that fits", () => {
  const cases = [[999, 500], [1000, 1000], [4999, 2000], [7000, 5000], [0.3, 0.2]];
  cases.forEach(([room, length]) => assert.ok(Math.abs(roundLength(room) - length) < 1e-9));
});
