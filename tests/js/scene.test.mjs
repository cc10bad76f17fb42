import assert from "node:assert/strict";
import { test } from "node:test";
import { Room, middlesOf } from "../../src/lea_geo/maps/assets/js/labels.js";
import { Scene, drawnCodes, fadingSides, matrixOf, stripsOf } from "../../src/lea_geo/maps/assets/js/scene.js";

test("a step of a frame falls on the pixel that its metres do", () => {
  // Origin 100 east, 200 north, steps of 10 m, 0.5 pixels to a metre, the view beginning at pixel (20, -150).
  const matrix = matrixOf({ origin: [100, 200], quantum: 10 }, { scale: 0.5, corner: { x: 20, y: -150 } });
  // 4 steps east and 6 north: 140 m and 260 m, thus pixels 70 - 20 and -130 + 150.
  assert.deepEqual([matrix.a * 4 + matrix.e, matrix.d * 6 + matrix.f], [50, 20]);
});

test("class, doubt and selection are told apart in one code", () => {
  const doubts = Uint8Array.from([0, 1, 0, 1]);
  const chosen = Uint8Array.from([1, 1, 0, 0]);
  assert.deepEqual([...drawnCodes(4, [3, 3, 3, 3], doubts, chosen)], [24, 25, 28, 29]);
  assert.deepEqual([...drawnCodes(2, [0, 300], null, null)], [0, 2400]);
});

const holds = ([x0, y0, x1, y1], x, y) => x >= x0 && x < x1 && y >= y0 && y < y1;

// Every pixel of a small window is either kept from before or in exactly one strip.
test("what a move brings into sight is covered by strips that do not overlap", () => {
  const box = [3, -2, 13, 6];
  for (let right = -9; right <= 9; right += 3) {
    for (let down = -7; down <= 7; down += 7) {
      const strips = stripsOf(box, { x: right, y: down });
      for (let k = 0; k < 80; k++) {
        const [x, y] = [box[0] + (k % 10), box[1] + Math.floor(k / 10)];
        const fresh = strips.filter((strip) => holds(strip, x, y)).length;
        assert.equal(fresh, holds(box, x - right, y - down) ? 0 : 1, `${x},${y} moved by ${right},${down}`);
      }
    }
  }
});

test("a name is written only where none is yet", () => {
  const room = new Room();
  assert.ok(room.take([0, 0, 10, 10]));
  assert.ok(!room.take([9, 9, 20, 20]));
  assert.ok(room.take([10, 0, 20, 10]));
  assert.equal(room.count, 2);
});

test("a municipality is named at the area nearest to its middle, and areas outside any are left out", () => {
  const boxes = [[0, 0, 2, 2], [2, 0, 8, 2], [8, 0, 10, 2], [50, 50, 60, 60]];
  const shapes = {
    n: 4,
    boxOf: (i) => boxes[i].slice(),
    pointOf: (i) => [(boxes[i][0] + boxes[i][2]) / 2, (boxes[i][1] + boxes[i][3]) / 2],
  };
  assert.deepEqual(middlesOf(shapes, Uint16Array.from([7, 7, 7, 0])), [
    { code: 7, box: [0, 0, 10, 2], area: 1, point: [5, 1] },
  ]);
});

test("another place forgets what was said about the former one", () => {
  const scene = new Scene(() => "");
  scene.take({ shapes: { n: 2 } });
  scene.set({ codes: Uint8Array.of(1, 1), doubts: Uint8Array.of(1, 0), chosen: Uint8Array.of(1, 0) });
  Object.assign(scene, { selected: 1, compared: [0] });
  scene.take({ shapes: { n: 3 } });
  const { codes, doubts, chosen, selected, compared } = scene;
  assert.deepEqual({ n: codes.length, doubts, chosen, selected, compared }, {
    n: 3,
    doubts: null,
    chosen: null,
    selected: -1,
    compared: [],
  });
});

test("water fades where it ends beyond the areas, over a third of the way, and nowhere else", () => {
  // Water reaches 90 left of the areas, as far up as they do, 40 short of their right side and 60 below them.
  const sides = fadingSides([0, 50, 260, 360], [90, 50, 300, 300]);
  assert.deepEqual(sides, [
    { axis: 0, edge: 0, inner: 30 },
    { axis: 1, edge: 360, inner: 340 },
  ]);
});
