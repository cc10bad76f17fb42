// Moran's scatterplot: every area's value against the mean of its neighbours.
import { labelWords } from "./legend.js";
import { QUADRANTS, plotPoints } from "./plot.js";
import { count, datum, element, number, own, quantity, t } from "./words.js";

const MORAN_FIELDS = ["value", "lag", "label", "doubt", "verdict"];
let moranKept = { key: "", points: null };

// Why there is no plot, or blank.
function noMoran(page) {
  const { transform } = page.sheet.settings;
  if (!page.indicator.methods.includes("local_moran")) return t("scatter.no_statistic");
  return transform && transform !== "row" ? t("scatter.no_mean") : "";
}

async function readMoran(page, state) {
  const key = [state.sheet, state.indicator].join();
  if (moranKept.key !== key) {
    const fields = MORAN_FIELDS.map((name) => (name === "value" ? name : `local_moran_${name}`));
    const columns = Object.values(await page.columns(fields));
    const held = Object.fromEntries(MORAN_FIELDS.map((name, k) => [name, columns[k]]));
    moranKept = { key, points: plotPoints(held), label: held.label };
  }
  const { points, label } = moranKept;
  const { styles } = page.data;
  // As the area looks among the clusters.
  const styleOf = (i) => {
    const told = label.at(i);
    return { key: told, style: styles[told] || styles.Undefined, deep: told === "Not significant" };
  };
  return { points, styleOf };
}

function moranWords({ indicator }, { n, counts }) {
  const unit = t(`unit_name.${indicator.unit}`);
  const alike = counts[1] + counts[2];
  return {
    x: t("scatter.x", { indicator: own(indicator.name), unit }),
    y: t("scatter.y", { unit }),
    name: t("scatter.name", { indicator: own(indicator.name) }),
    sentence: t("scatter.sentence", { n: count(n), alike: count(alike), unlike: count(n - alike) }),
    colours: t("scatter.colours"),
  };
}

function moranSlope({ indicator }) {
  return indicator.summary.moran_statistic;
}

function moranSlopeNodes(page) {
  const slope = moranSlope(page);
  const [before, after] = t("scatter.moran").split("{moran}");
  return typeof slope === "number" ? [before, datum("moran_statistic", slope, number(slope, 3)), after] : [];
}

function moranReadout({ indicator, place }, points, i) {
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

export const MORAN_PLOT = {
  name: "moran",
  title: () => t("scatter.kind_moran"),
  quadrants: QUADRANTS,
  middle: "scatter.mean",
  none: noMoran,
  read: readMoran,
  words: moranWords,
  slope: moranSlope,
  slopeNodes: moranSlopeNodes,
  middleData: ({ indicator }, { middle }) => [datum("mean", middle[0], quantity(middle[0], indicator))],
  quadrantWords: (label) => labelWords(label, "local_moran"),
  quadrantColour: (page, label) => page.data.styles[label].fill,
  readout: moranReadout,
};
