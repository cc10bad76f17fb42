// Rows of a table in order: by typed arrays, so that three hundred thousand rows take a moment. No page here.

/** Words as numbers that sort as the words do: NaN for a blank. Each different word is compared once. */
export function wordKeys(n, wordOf, compare) {
  const words = Array.from({ length: n }, (unused, i) => wordOf(i));
  const different = [...new Set(words)].filter(Boolean).sort(compare);
  const position = new Map(different.map((word, k) => [word, k]));
  return Float64Array.from(words, (word) => position.get(word) ?? NaN);
}

/** Numbers to sort by: NaN for a blank. */
export function numberKeys(n, numberAt) {
  const keys = new Float64Array(n);
  for (let i = 0; i < n; i += 1) keys[i] = numberAt(i) ?? NaN;
  return keys;
}

// Key and row as one number, so that numbers are sorted as they are, which is many times faster than comparing
// rows by a function; null where the two do not fit.
function sortedAsNumbers(known, keys, descending) {
  let [least, most] = [Infinity, -Infinity];
  for (let k = 0; k < known.length; k += 1) {
    const key = keys[known[k]];
    if (!Number.isInteger(key)) return null;
    if (key < least) least = key;
    if (key > most) most = key;
  }
  const n = keys.length;
  if ((most - least + 1) * n > Number.MAX_SAFE_INTEGER) return null;
  const packed = Float64Array.from(known, (i) => (descending ? most - keys[i] : keys[i] - least) * n + i);
  return Uint32Array.from(packed.sort(), (one) => one % n);
}

/** The rows, which ascend, sorted by their keys: equal ones as they came, blanks last whichever way the rest goes. */
export function sortedRows(rows, keys, descending) {
  const blank = rows.filter((i) => Number.isNaN(keys[i]));
  let known = rows.filter((i) => !Number.isNaN(keys[i]));
  known =
    sortedAsNumbers(known, keys, descending) ||
    known.sort(descending ? (a, b) => keys[b] - keys[a] || a - b : (a, b) => keys[a] - keys[b] || a - b);
  const all = new Uint32Array(rows.length);
  all.set(known);
  all.set(blank, known.length);
  return all;
}

/** The rows that a test lets through. */
export function rowsWhere(n, test) {
  const rows = new Uint32Array(n);
  let kept = 0;
  for (let i = 0; i < n; i += 1) {
    if (test(i)) {
      rows[kept] = i;
      kept += 1;
    }
  }
  return rows.slice(0, kept);
}

/** One page of many: which it is (held within what there is), its first row, the row after its last, how many pages. */
export function pageOf(n, size, asked) {
  const pages = Math.max(1, Math.ceil(n / size));
  const at = Math.min(Math.max(0, asked), pages - 1);
  return { at, pages, from: at * size, to: Math.min(n, (at + 1) * size) };
}

/** Whether large values come first where what weakens wellbeing most does. */
export function worstIsHigh(direction) {
  return direction !== "protects";
}
