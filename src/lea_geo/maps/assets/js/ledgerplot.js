// Two ledgers against each other: what weakens and what protects, of every area, in the colours of the map.
import { LEDGER_QUADRANTS, ledgerPoints } from "./plot.js";
import { count, datum, element, number, own, t } from "./words.js";

export const LEDGERS = ["load", "resource"];
const QUADRANT_EDGE = "#8796a5";
let ledgersKept = { key: "", points: null };

// The indicators of load and resource, and their positions.
function ledgersOf({ indicators }) {
  return LEDGERS.map((level) => {
    const at = indicators.findIndex((one) => one.level === level);
    return { at, indicator: indicators[at] };
  });
}

async function readLedgers(page, state) {
  const { sheet } = page;
  const key = String(state.sheet);
  if (ledgersKept.key !== key) {
    const held = ledgersOf(sheet);
    const [load, resource] = await Promise.all(held.map(({ at }) => sheet.column(at, "value")));
    const middle = held.map(({ indicator }) => indicator.summary.median);
    ledgersKept = { key, points: ledgerPoints({ load, resource, place: await sheet.ledgers() }, middle) };
  }
  const styleOf = (i, { entries, codes }) => ({ key: codes[i], style: entries[codes[i]].style, deep: true });
  return { points: ledgersKept.points, styleOf };
}

function ledgerWords({ sheet }, { n, counts }) {
  const [load, resource] = ledgersOf(sheet).map(({ indicator }) => own(indicator.name));
  const worst = counts[LEDGER_QUADRANTS.indexOf("high_load_low_resource")];
  return {
    x: `${load} →`,
    y: `${resource} ↑`,
    name: t("ledgers.name", { load, resource }),
    sentence: t("ledgers.sentence", { n: count(n), worst: count(worst) }),
    colours: t("ledgers.colours"),
  };
}

// A score as it is shown, where the axis or the words name it.
function ledgerDatum(field, value, { decimals }) {
  return datum(field, value, number(value, decimals));
}

function ledgerReadout({ sheet, place }, points, i) {
  const [load, resource] = ledgersOf(sheet).map(({ indicator }) => indicator);
  const told = [[load, "load", points.x[i]], [resource, "resource", points.y[i]]];
  const parts = told.flatMap(([indicator, field, value], k) => [
    `${k ? ", " : ": "}${own(indicator.name)} `,
    ledgerDatum(field, value, indicator),
  ]);
  const where = t(`place.${LEDGER_QUADRANTS[points.quadrant[i]]}`);
  return [element("strong", {}, place.nameOf(i)), ...parts, `. ${where}.`];
}

export const LEDGER_PLOT = {
  name: "ledgers",
  title: () => t("ledgers.kind"),
  quadrants: LEDGER_QUADRANTS,
  middle: "ledgers.median",
  none: () => "",
  read: readLedgers,
  words: ledgerWords,
  slope: () => null,
  slopeNodes: () => [],
  middleData: ({ sheet }, { middle }) =>
    ledgersOf(sheet).map(({ indicator }, k) => ledgerDatum(`${LEDGERS[k]}_median`, middle[k], indicator)),
  quadrantWords: (key) => t(`place.${key}`),
  quadrantColour: () => QUADRANT_EDGE,
  readout: ledgerReadout,
};
