// Moran's scatterplot: every area's value against the mean of its neighbours. A rectangle or a quadrant of it
// chooses areas on the map, and what is chosen or pointed at there shows here.
import { labelWords } from "./legend.js";
import { drawDoubleLine, mapColours } from "./marks.js";
import { lookOf, mixed, pixelOf } from "./patterns.js";
import {
  PlotScale, QUADRANTS, axisTicks, chosenLast, inQuadrant, nearestPoint, pixelsOf, plotPoints, pointsWithin,
} from "./plot.js";
import { boxBetween, choiceNodes, chooseAreas, clearChoice, isDrag } from "./selection.js";
import { byId, count, datum, element, number, own, quantity, t } from "./words.js";

const PLOT_FIELDS = ["value", "local_moran_lag", "local_moran_label", "local_moran_doubt"];
// More points than this are drawn as pixels: circles would only hide one another.
const MOST_CIRCLES = 5000;
const POINT_RADIUS = 3.6;
const POINT_REACH = 10;
const POINT_SHADES = [0, 0.12, 0.24, 0.36, 0.48, 0.6, 0.72];

let plotDrawn = null; // the plot that is on the paper: {points, scale, shown}
let plotKept = { key: "", points: null };
let quadrantChosen = { mask: null, quadrant: -1 };

export function connectScatter(page) {
  byId("tabs").addEventListener("opened", () => page.track(drawScatter(page, page.store.get())));
  new ResizeObserver(() => page.track(drawScatter(page, page.store.get()))).observe(byId("plot"));
  connectBrush(page);
  page.add(["area", "hover", "language"], drawPlotMarks);
}

// Why there is no plot, or blank.
function whyNot(page) {
  const { transform } = page.sheet.settings;
  if (!page.indicator.methods.includes("local_moran")) return t("scatter.no_statistic");
  return transform && transform !== "row" ? t("scatter.no_mean") : "";
}

async function pointsOf(page, state) {
  const key = [state.sheet, state.indicator].join();
  const columns = await page.columns(PLOT_FIELDS);
  if (plotKept.key !== key) {
    const [value, lag, label, doubt] = PLOT_FIELDS.map((field) => columns[field]);
    plotKept = { key, points: plotPoints({ value, lag, label, doubt }), columns };
  }
  return plotKept;
}

export async function drawScatter(page, state) {
  if (byId("panel-scatter").hidden) return;
  const none = whyNot(page);
  byId("scatter-none").textContent = none;
  byId("scatter-body").hidden = Boolean(none);
  if (none) return;
  const [{ points, columns }, classes] = await Promise.all([pointsOf(page, state), page.classes()]);
  if (!page.still(state, ["language", "sheet", "indicator", "view", "off", "chosen"])) return;
  byId("scatter-none").textContent = points.n ? "" : t("scatter.empty");
  byId("scatter-body").hidden = !points.n;
  if (!points.n) return;
  const box = byId("plot-area").getBoundingClientRect();
  const off = classes.entries.map(({ key }) => state.off.has(key));
  const shown = (i) => !off[classes.codes[i]];
  plotDrawn = { points, shown, scale: new PlotScale(points, Math.round(box.width), Math.round(box.height)) };
  drawWords(page, points);
  drawQuadrants(page, state, points);
  drawAxes(page, plotDrawn);
  drawPoints(page, state, { ...plotDrawn, columns });
  drawPlotMarks(page, page.store.get());
}

function drawWords(page, { n, counts, doubted }) {
  const { indicator } = page;
  const unit = t(`unit_name.${indicator.unit}`);
  byId("scatter-x").textContent = t("scatter.x", { indicator: own(indicator.name), unit });
  byId("scatter-y").textContent = t("scatter.y", { unit });
  const alike = counts[1] + counts[2];
  const words = t("scatter.sentence", { n: count(n), alike: count(alike), unlike: count(n - alike) });
  byId("scatter-sentence").textContent = words;
  byId("plot-points").setAttribute("aria-label", `${t("scatter.name", { indicator: own(indicator.name) })} ${words}`);
  byId("scatter-doubt").hidden = n > MOST_CIRCLES || !doubted.some(Boolean);
  const statistic = indicator.summary.moran_statistic;
  const told = typeof statistic === "number";
  const [before, after] = t("scatter.moran").split("{moran}");
  byId("scatter-moran").replaceChildren(
    ...(told ? [before, datum("moran_statistic", statistic, number(statistic, 3)), after] : []),
  );
}

// The keyboard's way of choosing: the quadrants, as they lie in the plot.
function drawQuadrants(page, state, points) {
  const held = document.activeElement?.dataset.quadrant;
  const buttons = QUADRANTS.map((label, quadrant) => {
    const chosen = quadrant === quadrantChosen.quadrant && state.chosen && state.chosen === quadrantChosen.mask;
    const n = points.counts[quadrant];
    const pressed = { type: "button", "aria-pressed": String(Boolean(chosen)) };
    const button = element(
      "button",
      { ...pressed, "data-quadrant": label, "aria-disabled": n ? null : "true" },
      element("span", {}, labelWords(label, "local_moran")),
      element("span", { class: "count", "data-count": n }, count(n)),
    );
    button.style.setProperty("--colour", page.data.styles[label].fill);
    button.addEventListener("click", () => chooseQuadrant(page, points, quadrant, chosen));
    return button;
  });
  byId("quadrants").replaceChildren(...buttons);
  if (held) buttons[QUADRANTS.indexOf(held)].focus();
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

function drawAxes(page, { points, scale }) {
  const across = axisTicks(scale.left, scale.right, scale.wide / 48);
  const down = axisTicks(scale.low, scale.top, scale.high / 40);
  const mean = element("span", { class: "tick mean" }, t("scatter.mean"), " ");
  mean.append(datum("mean", points.mean, quantity(points.mean, page.indicator)));
  mean.classList.toggle("leftward", scale.across(points.mean) > scale.wide / 2);
  mean.style.left = `${scale.across(points.mean)}px`;
  byId("plot-ticks").replaceChildren(
    mean,
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

function drawPoints(page, state, { points, scale, shown, columns }) {
  const { pen, ratio } = penOn("plot-points", scale);
  const looks = new Map();
  const lookAt = (i) => {
    const label = columns.local_moran_label.at(i);
    const faded = Boolean(state.chosen) && !state.chosen[i];
    const key = `${label} ${faded}`;
    if (!looks.has(key)) looks.set(key, pointLook(page, label, faded));
    return looks.get(key);
  };
  const order = chosenLast(points, state.chosen);
  if (points.n > MOST_CIRCLES) {
    const { pixels, wide, high } = pixelsOf(points, order, { scale, ratio }, (i) => (shown(i) ? lookAt(i) : null));
    const image = new ImageData(new Uint8ClampedArray(pixels.buffer), wide, high);
    pen.putImageData(image, 0, 0);
  }
  drawLines(page, pen, points, scale);
  if (points.n <= MOST_CIRCLES) drawCircles(pen, { points, scale, shown, lookAt, order });
}

// How a point looks: as the area does among the clusters, with an edge that is seen on paper.
function pointLook(page, label, faded) {
  const style = page.data.styles[label] || page.data.styles.Undefined;
  const { fill } = lookOf({ ...style, pattern: "" }, { faded });
  const edge = mixed(style.fill, "#1b2733", 0.55);
  const depth = label === "Not significant" ? POINT_SHADES : [0];
  return {
    fill,
    edge: faded ? mixed(edge, "#ffffff", 0.7) : edge,
    ring: faded ? "#c3cad1" : "#1b2733",
    shades: depth.map((share) => pixelOf(mixed(fill, "#1b2733", faded ? share / 4 : share))),
  };
}

function drawLines(page, pen, points, scale) {
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
  const [x, y] = [scale.across(points.mean), scale.down(points.mean)];
  line([x, 0], [x, scale.high], outside, [5, 4]);
  line([0, y], [scale.wide, y], outside, [5, 4]);
  const slope = page.indicator.summary.moran_statistic;
  if (typeof slope !== "number") return;
  // By least squares the line of that slope goes through both means.
  const at = (value) => [scale.across(value), scale.down(points.lagMean + slope * (value - points.mean))];
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
  const { points, scale } = plotDrawn;
  const { pen } = penOn("plot-marks", scale);
  const placed = (i) => i >= 0 && i < points.quadrant.length && points.quadrant[i] < QUADRANTS.length;
  [[state.hover, 6], [state.area, 7.5]].forEach(([i, radius]) => {
    if (!placed(i)) return;
    const trace = () => pen.arc(scale.across(points.x[i]), scale.down(points.y[i]), radius, 0, 2 * Math.PI);
    drawDoubleLine(pen, trace, 2.2, 5);
  });
  const told = [state.hover, state.area].find(placed);
  byId("scatter-readout").replaceChildren(...(told === undefined ? [t("scatter.point")] : readout(page, points, told)));
}

function readout(page, points, i) {
  const { indicator, place } = page;
  const parts = t("scatter.readout").split(/\{\w+\}/);
  return [
    element("strong", {}, place.nameOf(i)),
    parts[0],
    datum("value", points.x[i], quantity(points.x[i], indicator)),
    parts[1],
    datum("local_moran_lag", points.y[i], quantity(points.y[i], indicator)),
    parts[2] || "",
  ];
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
