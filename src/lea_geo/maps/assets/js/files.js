// Files that the reader takes along.
import { fileName } from "./csv.js";
import { yearOf } from "./picker.js";
import { element, own, readersLanguage } from "./words.js";

// Characters of a name's part: a long title must not crowd out what the file is about.
const LONGEST_PART = 40;

/** Hands the reader a file; `parts` are those of a Blob. */
export function saveFile(name, parts, type) {
  const address = URL.createObjectURL(new Blob(parts, { type }));
  element("a", { href: address, download: name }).click();
  // The browser reads it a moment later.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** A name for a file of what is shown: the title, the indicator, the year and the language. */
export function fileNameOf(page, ending) {
  const { indicator, data } = page;
  const parts = [own(data.title), own(indicator.name), yearOf(page, indicator) || "", readersLanguage()];
  return fileName(parts.map((part) => [...part].slice(0, LONGEST_PART).join("")), ending);
}
