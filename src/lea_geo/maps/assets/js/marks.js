// Lines and numbers over the areas: each dark and light at once, so that it is seen on every colour.

const BADGE_RADIUS = 9;
const INK_AND_PAPER = {
  ink: "#1b2733",
  paper: "#ffffff",
  halo: "rgba(255,255,255,0.88)",
  outline: "rgba(74,86,98,0.55)",
  border: "rgba(27,39,51,0.85)",
  outside: "rgba(90,101,112,0.7)",
};
// A canvas is not recoloured where the reader has chosen the colours: it asks for them by name.
const CHOSEN_BY_READER = {
  ink: "CanvasText",
  paper: "Canvas",
  halo: "Canvas",
  outline: "rgba(74,86,98,0.9)",
  border: "CanvasText",
  outside: "GrayText",
};

/** The colours of lines and names. */
export function mapColours() {
  return window.matchMedia("(forced-colors: active)").matches ? CHOSEN_BY_READER : INK_AND_PAPER;
}

/** Strokes what `trace` adds to the path. */
export function drawLine(pen, trace, colour, width) {
  pen.beginPath();
  trace();
  pen.strokeStyle = colour;
  pen.lineWidth = width;
  pen.stroke();
}

/** A dark line within a light one. */
export function drawDoubleLine(pen, trace, inner, outer) {
  const { ink, paper } = mapColours();
  pen.beginPath();
  trace();
  [[paper, outer], [ink, inner]].forEach(([colour, width]) => {
    pen.strokeStyle = colour;
    pen.lineWidth = width;
    pen.stroke();
  });
}

/** Where a badge lies. */
export function badgeBox(x, y) {
  return [x - BADGE_RADIUS - 1, y - BADGE_RADIUS - 1, x + BADGE_RADIUS + 1, y + BADGE_RADIUS + 1];
}

/** A number that sits on an outline. */
export function drawBadge(pen, x, y, text) {
  const { ink, paper } = mapColours();
  pen.beginPath();
  pen.arc(x, y, BADGE_RADIUS, 0, 2 * Math.PI);
  pen.fillStyle = ink;
  pen.fill();
  pen.strokeStyle = paper;
  pen.lineWidth = 2;
  pen.stroke();
  pen.font = '700 12px "Segoe UI", "Helvetica Neue", Roboto, Arial, sans-serif';
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillStyle = paper;
  pen.fillText(text, x, y + 0.5);
}
