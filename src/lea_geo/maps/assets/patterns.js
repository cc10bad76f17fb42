// How a class looks: a plain colour, or a pattern on paper where there is no value. The legend and the map draw
// with the same functions.
(function (lea) {
  "use strict";

  const TILE = 8;
  const cache = new Map();

  const STROKES = {
    hatch: (pen) => {
      [-TILE, 0, TILE].forEach((shift) => {
        pen.moveTo(shift, TILE);
        pen.lineTo(shift + TILE, 0);
      });
    },
    lines: (pen) => {
      pen.moveTo(0, TILE / 2);
      pen.lineTo(TILE, TILE / 2);
    },
    grid: (pen) => {
      pen.moveTo(0, TILE / 2);
      pen.lineTo(TILE, TILE / 2);
      pen.moveTo(TILE / 2, 0);
      pen.lineTo(TILE / 2, TILE);
    },
    crosses: (pen) => {
      pen.moveTo(2, 2);
      pen.lineTo(6, 6);
      pen.moveTo(6, 2);
      pen.lineTo(2, 6);
    },
  };

  function tileOf(style, ratio) {
    const canvas = document.createElement("canvas");
    canvas.width = TILE * ratio;
    canvas.height = TILE * ratio;
    const pen = canvas.getContext("2d");
    pen.scale(ratio, ratio);
    pen.fillStyle = style.fill;
    pen.fillRect(0, 0, TILE, TILE);
    pen.fillStyle = style.ink;
    pen.strokeStyle = style.ink;
    pen.lineWidth = 1.1;
    pen.beginPath();
    if (style.pattern === "dots") {
      [[2, 2], [6, 6]].forEach(([x, y]) => {
        pen.moveTo(x + 1.1, y);
        pen.arc(x, y, 1.1, 0, 2 * Math.PI);
      });
      pen.fill();
    } else {
      STROKES[style.pattern](pen);
      pen.stroke();
    }
    return canvas;
  }

  // What to fill with, for a pen that draws in CSS pixels on a canvas of `ratio` pixels to each.
  function paint(pen, style, ratio) {
    if (!style.pattern) return style.fill;
    const key = `${style.pattern}${style.ink}${ratio}`;
    if (!cache.has(key)) {
      const pattern = pen.createPattern(tileOf(style, ratio), "repeat");
      pattern.setTransform(new DOMMatrix().scale(1 / ratio));
      cache.set(key, pattern);
    }
    return cache.get(key);
  }

  function swatch(style) {
    const ratio = 2;
    const [width, height] = [30, 18];
    const canvas = document.createElement("canvas");
    canvas.className = "swatch";
    canvas.width = width * ratio;
    canvas.height = height * ratio;
    canvas.setAttribute("aria-hidden", "true");
    const pen = canvas.getContext("2d");
    pen.scale(ratio, ratio);
    pen.fillStyle = paint(pen, style, ratio);
    pen.fillRect(0, 0, width, height);
    return canvas;
  }

  lea.paint = paint;
  lea.swatch = swatch;
})((window.leaGeo = window.leaGeo || {}));
