// Which class an area falls into, in each of the map's views.
import { SURENESS } from "./patterns.js";

export const WITH_VALUE = ["observed", "structural_zero"];
export const VIEWS = ["value", "local_moran", "local_g_star"];
export const QUIET_LABELS = ["Not significant", "Isolate", "Undefined"];
const STATUSES = ["observed", "structural_zero", "suppressed", "missing", "not_applicable"];
export const LABELS = [
  "High-High",
  "Low-Low",
  "Low-High",
  "High-Low",
  "Other positive",
  "Negative",
  "Not significant",
  "Isolate",
  "Undefined",
];
const PATTERNS = ["suppressed", "missing", "not_applicable", "Isolate", "Undefined"];
// Classes that a legend shows even where nobody is in them: that nobody is, is a finding.
const ALWAYS = {
  value: [],
  local_moran: ["High-High", "Low-Low", "Low-High", "High-Low", "Not significant"],
  local_g_star: ["High-High", "Low-Low", "Not significant"],
};

export function fieldsOf(view) {
  const told = ["label", "doubt", "verdict"].map((name) => `${view}_${name}`);
  return view === "value" ? ["value", "status"] : ["value", "status", ...told];
}

// The first class that reaches up to the value; classes ascend.
function classAt(classes, value) {
  const found = classes.findIndex(({ upper }) => value <= upper);
  return `class.${found < 0 ? classes.length - 1 : found}`;
}

// What stands in for a value where there is none, or blank.
function insteadOf(status, valued) {
  if (WITH_VALUE.includes(status)) return valued ? "" : "Undefined";
  return STATUSES.includes(status) ? status : "missing";
}

function keyOf(columns, indicator, view, i) {
  const value = columns.value.at(i);
  const status = columns.status.at(i) || "missing";
  if (view === "value") return insteadOf(status, value !== null) || classAt(indicator.classes, value);
  const label = columns[`${view}_label`].at(i);
  return insteadOf(status, true) || (LABELS.includes(label) ? label : "Undefined");
}

// The legend's entries, from classes to patterns: {key, style, count, lower, upper}.
function entriesOf(counts, indicator, view, styles) {
  const classes = view === "value" ? indicator.classes : [];
  const rest = [...LABELS.filter((key) => !PATTERNS.includes(key)), ...PATTERNS].filter(
    (key) => counts.has(key) || ALWAYS[view].includes(key),
  );
  return [
    ...classes.map((one, k) => ({ ...one, key: `class.${k}`, style: { fill: one.fill, pattern: "", ink: "" } })),
    ...rest.map((key) => ({ key, style: styles[key], lower: null, upper: null })),
  ].map((entry) => ({ ...entry, count: counts.get(entry.key) || 0 }));
}

// How sure a label is, as a number of SURENESS: by the verdict on it, or where there is none by what could turn it.
export function surenessOf(verdict, doubt) {
  if (Object.hasOwn(SURENESS, verdict ?? "")) return SURENESS[verdict];
  return doubt ? SURENESS.unsure : 0;
}

// Columns are those of `fieldsOf(view)`. Gives {entries, codes, doubts, verdicts}: the position of each area's entry,
// how sure each label is (null where nobody knows), and whether that is by verdicts.
export function classify(columns, indicator, view, styles) {
  const n = columns.value.length;
  const counts = new Map();
  const keys = new Array(n);
  for (let i = 0; i < n; i += 1) {
    keys[i] = keyOf(columns, indicator, view, i);
    counts.set(keys[i], (counts.get(keys[i]) || 0) + 1);
  }
  const entries = entriesOf(counts, indicator, view, styles);
  const position = new Map(entries.map(({ key }, k) => [key, k]));
  return {
    entries,
    codes: Uint8Array.from(keys, (key) => position.get(key)),
    doubts: view === "value" ? null : doubtsOf(columns, view, n),
    verdicts: view !== "value" && !columns[`${view}_verdict`].empty,
  };
}

// Only a label that points at an area is drawn as sure or in doubt: of the grey ones that is told in words.
function doubtsOf(columns, view, n) {
  const [label, verdict, doubt] = ["label", "verdict", "doubt"].map((name) => columns[`${view}_${name}`]);
  if (verdict.empty && doubt.empty) return null;
  const sure = (i) => (QUIET_LABELS.includes(label.at(i)) ? 0 : surenessOf(verdict.at(i), doubt.at(i)));
  return Uint8Array.from({ length: n }, (unused, i) => sure(i));
}
