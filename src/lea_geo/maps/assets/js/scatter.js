// Two numbers of every area against each other: its value and the mean of its neighbours, or its place on two ledgers.
// A rectangle or a quadrant of the plot chooses areas on the map, and what is chosen or pointed at there shows here.
import { LEDGERS, LEDGER_PLOT } from "./ledgerplot.js";
import { drawDoubleLine, mapColours } from "./marks.js";
import { MORAN_PLOT } from "./moranplot.js";
import { lookOf, mixed, pixelOf } from "./patterns.js";
import { PlotScale, axisTicks, chosenLast, inQuadrant, nearestPoint, pixelsOf, pointsWithin } from "./plot.js";
import { boxBetween, choiceNodes, chooseAreas, clearChoice, isDrag } from "./selection.js";
import { byId, count, element, number, t } from "./words.js";

// More points than this are drawn as pixels: circles would only hide one another.
const MOST_CIRCLES = 5000;
const POINT_RADIUS = 3.6;
const POINT_REACH = 10;
const POINT_SHADES = [0, 0.12, 0.24, 0.36, 0.48, 0.6, 0.72];

const PLOTS = [MORAN_PLOT, LEDGER_PLOT];

let plotDrawn = null; // the plot that is on the paper: {kind, points, scale, shown}
let plotWish = null; // the kind of plot that the reader has asked for
let quadrantChosen = { mask: null, quadrant: -1 };

export function connectScatter(page) {
  byId("tabs").addEventListener("opened", () => page.track(drawScatter(page, page.store.get())));
  new ResizeObserver(() => page.track(drawScatter(page, page.store.get()))).observe(byId("plot"));
  connectBrush(page);
  page.add(["area", "hover", "language"], drawPlotMarks);
}

// Which plot the reader wants; until somebody has said, the ledgers where one of them is on the map.
function plotKindOf(page) {
  if (!page.sheet.raw.ledgers) return MORAN_PLOT;
  const wanted = plotWish || (LEDGERS.includes(page.indicator.level) ? "ledgers" : "moran");
  return wanted === "ledgers" ? LEDGER_PLOT : MORAN_PLOT;
}

function drawKinds(page, kind) {
  byId("plot-kinds").hidden = !page.sheet.raw.ledgers;
  const held = byId("plot-kind-choice").contains(document.activeElement);
  const nodes = PLOTS.map(({ name, title }) => {
    const checked = name === kind.name;
    const input = element("input", { type: "radio", name: "plot-kind", id: `plot-${name}`, value: name, checked });
    input.addEventListener("change", () => {
      plotWish = name;
      page.track(drawScatter(page, page.store.get()));
    });
    return element("label", { for: `plot-${name}` }, input, element("span", {}, title()));
  });
  byId("plot-kind-choice").replaceChildren(...nodes);
  if (held) byId(`plot-${kind.name}`).focus();
}

export async function drawScatter(page, state) {
  if (byId("panel-scatter").hidden) return;
  const kind = plotKindOf(page);
  drawKinds(page, kind);
  const none = kind.none(page);
  byId("scatter-none").textContent = none;
  byId("scatter-body").hidden = Boolean(none);
  if (none) return;
  const [{ points, styleOf }, classes] = await Promise.all([kind.read(page, state), page.classes()]);
  const watched = ["language", "sheet", "indicator", "view", "off", "chosen"];
  if (!page.still(state, watched) || plotKindOf(page) !== kind) return;
  byId("scatter-none").textContent = points.n ? "" : t("scatter.empty");
  byId("scatter-body").hidden = !points.n;
  if (!points.n) return;
  const box = byId("plot-area").getBoundingClientRect();
  const off = classes.entries.map(({ key }) => state.off.has(key));
  const shown = (i) => !off[classes.codes[i]];
  const scale = new PlotScale(points, Math.round(box.width), Math.round(box.height));
  plotDrawn = { kind, points, shown, scale };
  drawWords(page, plotDrawn);
  drawQuadrants(page, state, plotDrawn);
  drawAxes(page, plotDrawn);
  drawPoints(page, state, plotDrawn, (i) => styleOf(i, classes));
  drawPlotMarks(page, page.store.get());
}

function drawWords(page, { kind, points }) {
  const { x, y, name, sentence: words, colours } = kind.words(page, points);
  byId("scatter-x").textContent = x;
  byId("scatter-y").textContent = y;
  byId("scatter-sentence").textContent = words;
  byId("scatter-colours").textContent = colours;
  byId("plot-points").setAttribute("aria-label", `${name} ${words}`);
  byId("scatter-doubt").hidden = points.n > MOST_CIRCLES || !points.doubted.some(Boolean);
  byId("scatter-moran").replaceChildren(...kind.slopeNodes(page));
}

// The keyboard's way of choosing: the quadrants, as they lie in the plot.
function drawQuadrants(page, state, { kind, points }) {
  const held = document.activeElement?.dataset.quadrant;
  const buttons = kind.quadrants.map((label, quadrant) => {
    const chosen = quadrant === quadrantChosen.quadrant && state.chosen && state.chosen === quadrantChosen.mask;
    const n = points.counts[quadrant];
    const pressed = { type: "button", "aria-pressed": String(Boolean(chosen)) };
    const button = element(
      "button",
      { ...pressed, "data-quadrant": label, "aria-disabled": n ? null : "true" },
      element("span", {}, kind.quadrantWords(label)),
      element("span", { class: "count", "data-count": n }, count(n)),
    );
    button.style.setProperty("--colour", kind.quadrantColour(page, label));
    button.addEventListener("click", () => chooseQuadrant(page, points, quadrant, chosen));
    return button;
  });
  byId("quadrants").replaceChildren(...buttons);
  if (held) buttons[kind.quadrants.indexOf(held)]?.focus();
  byId("scatter-choice").replaceChildren(...choiceNodes(page, state.chosen, () => byId("quadrants").firstChild));
}

function chooseQuadrant(page, points, quadrant, chosen) {
  if (chosen) return clearChoice(page);
  if (!points.counts[quadrant]) return undefined;
  quadrantChosen = { mask: inQuadrant(points, quadrant), quadrant };
  return chooseAreas(page, quadrantChosen.mask);
}

function tickNode(words, style) {
  const node = element("span", { class: "tick" }, words);
  Object.assign(node.style, style);
  return node;
}

// Where an axis is divided: above the plot for the one that runs across, to the right of it for the other.
function middleNodes({ kind, points, scale }, page) {
  const [x, y] = points.middle;
  const [across, up] = kind.middleData(page, points);
  const first = element("span", { class: "tick mean" }, t(kind.middle), " ", across);
  first.classList.toggle("leftward", scale.across(x) > scale.wide / 2);
  first.style.left = `${scale.across(x)}px`;
  if (!up) return [first];
  const second = element("span", { class: "tick middle" }, t(kind.middle), " ", up);
  second.style.top = `${scale.down(y)}px`;
  return [first, second];
}

function drawAxes(page, drawn) {
  const { scale } = drawn;
  const across = axisTicks(scale.left, scale.right, scale.wide / 48);
  const down = axisTicks(scale.low, scale.top, scale.high / 40);
  byId("plot-ticks").replaceChildren(
    ...middleNodes(drawn, page),
    ...across.at.map((x) => tickNode(number(x, across.decimals), { left: `${scale.across(x)}px`, top: "100%" })),
    ...down.at.map((y) => tickNode(number(y, down.decimals), { right: "100%", top: `${scale.down(y)}px` })),
  );
  byId("plot-ticks").querySelectorAll(".tick").forEach((node) => {
    node.classList.toggle("at-left", node.style.right === "100%");
  });
}

// A pen on a canvas of the plot, cleaned, in CSS pixels.
function penOn(id, { wide, high }) {
  const ratio = Math.min(2, window.devicePixelRatio || 1);
  const canvas = byId(id);
  [canvas.width, canvas.height] = [Math.round(wide * ratio), Math.round(high * ratio)];
  const pen = canvas.getContext("2d");
  pen.scale(ratio, ratio);
  return { pen, ratio };
}

function drawPoints(page, state, { kind, points, scale, shown }, styleOf) {
  const { pen, ratio } = penOn("plot-points", scale);
  const looks = new Map();
  const lookAt = (i) => {
    const { key, style, deep } = styleOf(i);
    const faded = Boolean(state.chosen) && !state.chosen[i];
    const held = `${key} ${faded}`;
    if (!looks.has(held)) looks.set(held, pointLook(style, { faded, deep }));
    return looks.get(held);
  };
  const order = chosenLast(points, state.chosen);
  if (points.n > MOST_CIRCLES) {
    const { pixels, wide, high } = pixelsOf(points, order, { scale, ratio }, (i) => (shown(i) ? lookAt(i) : null));
    const image = new ImageData(new Uint8ClampedArray(pixels.buffer), wide, high);
    pen.putImageData(image, 0, 0);
  }
  drawLines(pen, points, scale, kind.slope(page));
  if (points.n <= MOST_CIRCLES) drawCircles(pen, { points, scale, shown, lookAt, order });
}

// How a point looks: in its colour, with an edge that is seen on paper; `deep` ones darken where many meet.
function pointLook(style, { faded, deep }) {
  const { fill } = lookOf({ ...style, pattern: "" }, { faded });
  const edge = mixed(style.fill, "#1b2733", 0.55);
  return {
    fill,
    edge: faded ? mixed(edge, "#ffffff", 0.7) : edge,
    ring: faded ? "#c3cad1" : "#1b2733",
    shades: (deep ? POINT_SHADES : [0]).map((share) =>
      pixelOf(mixed(fill, "#1b2733", faded ? share / 4 : share)),
    ),
  };
}

function drawLines(pen, points, scale, slope) {
  const { outside, ink } = mapColours();
  const line = (from, to, colour, dash) => {
    pen.setLineDash(dash);
    pen.strokeStyle = colour;
    pen.lineWidth = 1.2;
    pen.beginPath();
    pen.moveTo(...from);
    pen.lineTo(...to);
    pen.stroke();
    pen.setLineDash([]);
  };
  const [mean, middle] = points.middle;
  const [x, y] = [scale.across(mean), scale.down(middle)];
  line([x, 0], [x, scale.high], outside, [5, 4]);
  line([0, y], [scale.wide, y], outside, [5, 4]);
  if (typeof slope !== "number") return;
  // By least squares the line of that slope goes through both means.
  const at = (value) => [scale.across(value), scale.down(points.lagMean + slope * (value - mean))];
  line(at(scale.left), at(scale.right), ink, []);
}

function drawCircles(pen, { points, scale, shown, lookAt, order }) {
  const circle = (i, radius) => {
    pen.beginPath();
    pen.arc(scale.across(points.x[i]), scale.down(points.y[i]), radius, 0, 2 * Math.PI);
  };
  const draw = (i) => {
    if (!shown(i)) return;
    const look = lookAt(i);
    circle(i, POINT_RADIUS);
    pen.fillStyle = look.fill;
    pen.fill();
    pen.lineWidth = 1;
    pen.strokeStyle = look.edge;
    pen.stroke();
    if (!points.doubted[i]) return;
    circle(i, POINT_RADIUS + 2.6);
    pen.setLineDash([2.4, 2]);
    pen.lineWidth = 1.4;
    pen.strokeStyle = look.ring;
    pen.stroke();
    pen.setLineDash([]);
  };
  order.forEach(draw);
}

// The area that is open and the one that is pointed at, here or on the map.
function drawPlotMarks(page, state) {
  if (byId("panel-scatter").hidden || byId("scatter-body").hidden || !plotDrawn) return;
  const { kind, points, scale } = plotDrawn;
  const { pen } = penOn("plot-marks", scale);
  const placed = (i) => i >= 0 && i < points.quadrant.length && points.quadrant[i] < kind.quadrants.length;
  [[state.hover, 6], [state.area, 7.5]].forEach(([i, radius]) => {
    if (!placed(i)) return;
    const trace = () => pen.arc(scale.across(points.x[i]), scale.down(points.y[i]), radius, 0, 2 * Math.PI);
    drawDoubleLine(pen, trace, 2.2, 5);
  });
  const told = [state.hover, state.area].find(placed);
  const words = told === undefined ? [t("scatter.point")] : kind.readout(page, points, told);
  byId("scatter-readout").replaceChildren(...words);
}

// Dragging chooses; a click takes the choice away or, on a point, marks its area.
function connectBrush(page) {
  const paper = byId("plot-area");
  const box = byId("plot-brush");
  let from = null;
  const at = (event) => {
    const { left, top } = paper.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  };
  const near = (event) => nearestPoint(plotDrawn.points, plotDrawn.scale, at(event), POINT_REACH, plotDrawn.shown);
  paper.addEventListener("pointerdown", (event) => {
    if (!plotDrawn || event.button !== 0) return;
    event.preventDefault();
    paper.setPointerCapture(event.pointerId);
    from = at(event);
  });
  paper.addEventListener("pointermove", (event) => {
    if (!plotDrawn) return;
    if (!from) page.store.set({ hover: near(event) });
    else placeBrush(box, boxBetween(from, at(event)), isDrag(from, at(event)));
  });
  paper.addEventListener("pointerup", (event) => {
    if (!from) return;
    const { points, scale, shown } = plotDrawn;
    const drag = isDrag(from, at(event)) && boxBetween(from, at(event));
    box.hidden = true;
    from = null;
    if (drag) chooseAreas(page, pointsWithin(points, scale, drag, shown));
    else clickPlot(page, near(event));
  });
  paper.addEventListener("pointercancel", () => {
    box.hidden = true;
    from = null;
  });
  paper.addEventListener("pointerleave", () => page.store.set({ hover: -1 }));
}

function clickPlot(page, i) {
  if (i >= 0) page.store.set({ area: i });
  else if (page.store.get().chosen) clearChoice(page);
}

function placeBrush(box, { left, right, top, bottom }, shown) {
  box.hidden = !shown;
  const place = { left, top, width: right - left, height: bottom - top };
  Object.entries(place).forEach(([name, pixels]) => {
    box.style[name] = `${pixels}px`;
  });
}
