// Tables as text that every spreadsheet opens and none runs. RFC 4180, with the separators of the reader's language.

const END = "\r\n";
// What a spreadsheet takes for a formula at the beginning of a cell, or after what another language separates by.
const FORMULA = /(^|[;,\t\r\n]["']?)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])/g;
const LEADING = /^(?=[\t\r\n])/;

/** How a language separates cells and decimals. */
export function separatorsOf(language) {
  return language === "en" ? { cell: ",", decimal: "." } : { cell: ";", decimal: "," };
}

/** A text that no spreadsheet takes for a formula: an apostrophe stands before what could begin one. */
export function withoutFormula(text) {
  return text.replace(FORMULA, "$1'").replace(LEADING, "'");
}

/** A text as a cell: always in quotes, so that it is a text whatever it holds. */
export function textCell(text) {
  return text ? `"${withoutFormula(text).replaceAll('"', '""')}"` : "";
}

/** A number as a cell, blank where there is none: a real minus, no gaps between thousands. */
export function numberCell(value, decimals, { decimal }) {
  return value === null ? "" : value.toFixed(Math.max(0, decimals)).replace(".", decimal);
}

/**
 * Lines of cells that are spelled already, in parts of at most `chunk` lines: what a Blob takes. It begins with a
 * byte order mark, by which Excel knows UTF-8.
 */
export function csvParts(head, n, cellsOf, { cell }, chunk = 5000) {
  const parts = [`\ufeff${head.join(cell)}${END}`];
  for (let from = 0; from < n; from += chunk) {
    const lines = [];
    for (let k = from; k < Math.min(n, from + chunk); k += 1) lines.push(cellsOf(k).join(cell));
    parts.push(lines.join(END) + END);
  }
  return parts;
}

/** A name that every system takes for a file: letters, digits and lines only. */
export function fileName(parts, ending) {
  const words = parts.map((part) => part.normalize("NFC").replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-+|-+$/g, ""));
  const name = words.filter(Boolean).join("_");
  return `${[...name].slice(0, 100).join("") || "lea"}.${ending}`;
}
