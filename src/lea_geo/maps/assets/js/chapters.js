// Chapters of the report on the map: chosen and drawn as an indicator is, in words or in numbers.
import { datum, element, own, probability, quantity, t } from "./words.js";

export function isChapter(indicator) {
  return Boolean(indicator.chapter);
}

// Whether the values are places in a list of words.
export function isInWords(indicator) {
  return Boolean(indicator.categories?.length);
}

// What the colours of a chapter mean beyond what stands beside them.
export function chapterHint(indicator) {
  const scale = isInWords(indicator) ? "words" : indicator.diverging ? "diverging" : "value";
  return t(`legend_chapter.${scale}`);
}

function chapterFact({ flag, probability: chance, ...column }, value) {
  if (flag) return t("common.yes");
  if (typeof value !== "number") return value;
  return chance ? probability(value) : quantity(value, column);
}

// What else the chapter's table says of an area.
export async function besideNodes(page, i) {
  const { indicator } = page;
  if (!isChapter(indicator)) return [];
  const fields = indicator.beside.map((unused, k) => `beside_${k}`);
  const columns = await page.columns(fields);
  const facts = fields.flatMap((field, k) => {
    const value = columns[field].at(i);
    if (value === null || value === "") return [];
    const words = chapterFact(indicator.beside[k], value);
    return [element("dt", {}, own(indicator.beside[k].name)), element("dd", {}, datum(field, value, words))];
  });
  return facts.length ? [element("dl", { class: "facts numbers chapter-facts" }, ...facts)] : [];
}
