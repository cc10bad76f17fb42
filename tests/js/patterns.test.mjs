import assert from "node:assert/strict";
import { test } from "node:test";
import { SURENESS, lookOf, mixed, pixelOf, tileOf } from "../../src/lea_geo/maps/assets/js/patterns.js";

const PATTERNS = ["hatch", "dots", "grid", "lines", "crosses"];
// ColorBrewer's YlGnBu and the cluster colours of _colours.py, light and dark, and the grey of what is not significant.
const CLASSES = ["#ffffcc", "#a1dab4", "#41b6c4", "#2c7fb8", "#253494", "#d9d9d9", "#b2182b", "#fdae61", "#80cdff"];
const plain = (fill) => ({ fill, pattern: "", ink: "#6b7480" });
const onPaper = (pattern) => ({ fill: "#ffffff", pattern, ink: "#3f4750" });

function channelsOf(pixel) {
  return [pixel & 255, (pixel >> 8) & 255, (pixel >> 16) & 255];
}

// Relative luminance and contrast as WCAG 2.2 defines them.
function luminance(pixel) {
  const [red, green, blue] = channelsOf(pixel).map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one, other) {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

function strongest(pixels, against) {
  return Math.max(...Array.from(pixels, (pixel) => contrast(pixel, against)));
}

test("a pixel has red first and is opaque", () => {
  assert.deepEqual([...new Uint8Array(Uint32Array.of(pixelOf("#102030")).buffer)], [16, 32, 48, 255]);
});

test("mixing goes from one colour to the other", () => {
  assert.equal(mixed("#000000", "#ffffff", 0), "#000000");
  assert.equal(mixed("#000000", "#ffffff", 1), "#ffffff");
  assert.equal(mixed("#102030", "#304050", 0.5), "#203040");
});

test("a plain class is one pixel of its own colour", () => {
  const { side, pixels } = tileOf(lookOf(plain("#41b6c4")), 2, false);
  assert.deepEqual([side, ...pixels], [1, pixelOf("#41b6c4")]);
});

test("a doubt is seen on every class colour, by a line at least three times lighter or darker", () => {
  CLASSES.forEach((fill) => {
    [1, 1.25, 2].forEach((ratio) => {
      const { pixels } = tileOf(lookOf(plain(fill), { doubt: SURENESS.unsure }), ratio, false);
      assert.ok(strongest(pixels, pixelOf(fill)) >= 3, `${fill} at ${ratio}`);
    });
    const { pixels } = tileOf(lookOf(plain(fill), { doubt: SURENESS.unsure }), 1, true);
    assert.ok(strongest(pixels, pixelOf(fill)) >= 3, `${fill} on small cells`);
  });
});

test("a doubt shows a dark line beside a light one", () => {
  CLASSES.forEach((fill) => {
    const { pixels } = tileOf(lookOf(plain(fill), { doubt: SURENESS.unsure }), 2, false);
    const bright = Array.from(pixels, luminance);
    assert.ok(Math.max(...bright) > 0.75 && Math.min(...bright) < 0.08, fill);
  });
});

test("what depends on a choice is seen on every class colour too, and leaves more of it free", () => {
  const share = ({ pixels }, fill) => pixels.filter((pixel) => pixel === pixelOf(fill)).length / pixels.length;
  CLASSES.forEach((fill) => {
    [[1, false], [1.25, false], [2, false], [1, true]].forEach(([ratio, small]) => {
      const [broken, whole] = [SURENESS.depends, SURENESS.unsure].map((doubt) =>
        tileOf(lookOf(plain(fill), { doubt }), ratio, small),
      );
      assert.ok(strongest(broken.pixels, pixelOf(fill)) >= 3, `${fill} at ${ratio}`);
      assert.ok(share(broken, fill) >= share(whole, fill) + 0.15, `${fill} at ${ratio}`);
    });
  });
});

test("a firm label looks as one of which nobody has said anything", () => {
  const firm = lookOf(plain("#b2182b"), { doubt: SURENESS.firm });
  assert.deepEqual(firm, lookOf(plain("#b2182b")));
});

test("the class is still the largest part of what is in doubt", () => {
  CLASSES.forEach((fill) => {
    const { pixels } = tileOf(lookOf(plain(fill), { doubt: SURENESS.unsure }), 2, false);
    const own = pixels.filter((pixel) => pixel === pixelOf(fill)).length;
    assert.ok(own / pixels.length >= 0.4, fill);
  });
});

test("no two patterns look alike, large or dithered", () => {
  [false, true].forEach((dithered) => {
    const tiles = PATTERNS.map((pattern) => tileOf(lookOf(onPaper(pattern)), 2, dithered).pixels.join());
    assert.equal(new Set(tiles).size, PATTERNS.length);
  });
});

test("a pattern on small cells has no pixel of bare paper and none of a class", () => {
  const classes = new Set(CLASSES.map(pixelOf));
  PATTERNS.forEach((pattern) => {
    tileOf(lookOf(onPaper(pattern)), 1, true).pixels.forEach((pixel) => {
      assert.ok(pixel !== pixelOf("#ffffff") && !classes.has(pixel), pattern);
    });
  });
});

test("a pattern is neutral: nothing in it has the hue of a scale", () => {
  PATTERNS.forEach((pattern) => {
    [false, true].forEach((dithered) => {
      tileOf(lookOf(onPaper(pattern)), 1, dithered).pixels.forEach((pixel) => {
        const parts = channelsOf(pixel);
        assert.ok(Math.max(...parts) - Math.min(...parts) <= 24, pattern);
      });
    });
  });
});

test("a tile continues in the next one without a seam", () => {
  PATTERNS.forEach((pattern) => {
    const { side, pixels } = tileOf(lookOf(onPaper(pattern)), 1, false);
    assert.equal(side, 8);
    const at = (x, y) => pixels[((y + side) % side) * side + ((x + side) % side)];
    // Turned by half a turn every pattern is itself again somewhere else; one that is torn at the seam is not.
    const turned = Array.from(pixels, (_, k) => at(-1 - (k % side), -1 - Math.floor(k / side)));
    const shifts = Array.from({ length: side * side }, (_, k) => [k % side, Math.floor(k / side)]);
    const same = shifts.some(([u, v]) => turned.every((p, k) => p === at((k % side) + u, Math.floor(k / side) + v)));
    assert.ok(same, pattern);
  });
});

test("what lies outside a selection is nearer to paper than what is in it", () => {
  CLASSES.forEach((fill) => {
    const faded = pixelOf(lookOf(plain(fill), { faded: true }).fill);
    assert.ok(contrast(faded, pixelOf("#ffffff")) <= contrast(pixelOf(fill), pixelOf("#ffffff")), fill);
    assert.ok(luminance(faded) > 0.45, fill);
  });
});

test("a class that is switched off shows nothing of its colour, pattern or doubt", () => {
  const style = { fill: "#b2182b", pattern: "dots", ink: "#000000" };
  const look = lookOf(style, { off: true, doubt: SURENESS.unsure, faded: true });
  assert.deepEqual([look.fill, look.pattern, look.lines, look.bare], ["#ffffff", "", null, true]);
});
