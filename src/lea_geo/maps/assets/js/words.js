// Texts and numbers in the reader's language.
const LOCALES = { fi: "fi-FI", sv: "sv-FI", en: "en-GB" };
const NO_BREAK = "\u00a0";
let texts = {};
let language = "fi";

export function useTexts(all) {
  texts = all;
}

export function useLanguage(name) {
  language = name;
}

export function readersLanguage() {
  return language;
}

export function has(key) {
  return Object.hasOwn(texts, key);
}

// A text by its key; a word of the data that nobody has translated ("unit.furlong") stands as it is.
export function t(key, values) {
  const text = has(key) ? texts[key][language] : key.slice(key.indexOf(".") + 1);
  if (!values) return text;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (Object.hasOwn(values, name) ? values[name] : whole));
}

// A text whose {places} are taken by nodes or texts: what `append` takes.
export function sentence(key, parts) {
  return t(key)
    .split(/(\{\w+\})/)
    .map((piece) => (/^\{\w+\}$/.test(piece) ? (parts[piece.slice(1, -1)] ?? piece) : piece));
}

// A text of the data in the reader's language, or in any that there is.
export function own(text) {
  return text[language] || text.fi || text.sv || text.en || "";
}

export function number(value, decimals) {
  const digits = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  return value.toLocaleString(LOCALES[language], digits).replace("-", "\u2212");
}

export function count(value) {
  return value.toLocaleString(LOCALES[language], { maximumFractionDigits: 20 });
}

export function quantity(value, indicator) {
  if (indicator.categories?.length) return own(indicator.categories[value] || {});
  const shown = number(value, indicator.decimals);
  const group = value === 1 ? "unit_one" : "unit";
  const key = `${group}.${indicator.unit}`;
  if (language === "en" && indicator.unit === "euro") return `€${shown}`;
  const gap = language === "en" && indicator.unit === "percent" ? "" : NO_BREAK;
  return has(key) ? `${shown}${gap}${t(key)}` : shown;
}

// A dash between digits stands free where a space or a minus could be misread with it.
export function dashBetween(from, to) {
  return /[\s\u2212-]/.test(from + to) ? `${NO_BREAK}– ` : "–";
}

export function range(lower, upper, decimals) {
  const [from, to] = [number(lower, decimals), number(upper, decimals)];
  return from === to ? from : `${from}${dashBetween(from, to)}${to}`;
}

export function probability(value) {
  return value < 0.001 ? `<${NO_BREAK}${number(0.001, 3)}` : number(value, 3);
}

// A share of runs in whole per cent: runs are thousands, so nothing is ever quite 0 or 100.
export function shareWords(share) {
  const percent = (words) => (language === "en" ? `${words}%` : `${words}${NO_BREAK}%`);
  if (share < 0.01) return percent(`<${NO_BREAK}1`);
  return share > 0.99 ? percent(`>${NO_BREAK}99`) : percent(number(100 * share, 0));
}

// Several words as the language lists them: "a, b and c".
export function listed(words) {
  return new Intl.ListFormat(LOCALES[language], { type: "conjunction" }).format(words);
}

// A collator costs far more to make than to use.
const collators = {};

export function compareWords(a, b) {
  collators[language] ||= new Intl.Collator(LOCALES[language], { numeric: true });
  return collators[language].compare(a, b);
}

// A municipality by name where it is known; a bare code says what it is.
export function municipalityOf(place) {
  if (has(`municipality.${place}`)) return t(`municipality.${place}`);
  return /^\d+$/.test(place) ? `${t("column.municipality")} ${place}` : place;
}

// One element with its attributes and children; children that are text stay text.
export function element(tag, attributes, ...children) {
  const node = document.createElement(tag);
  Object.entries(attributes || {}).forEach(([name, value]) => {
    if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
  });
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

// A number as the reader sees it, with the whole number for whoever wants to check.
export function datum(field, value, shown) {
  return element("data", { "data-field": field, "data-value": String(value), value: String(value) }, shown);
}

export function byId(id) {
  return document.getElementById(id);
}

// For screen readers: what has changed that they would miss.
export function sayAloud(text) {
  byId("announce").textContent = text;
}

// Every text that stands in the page itself.
export function translatePage() {
  document.documentElement.lang = language;
  document.querySelectorAll("[data-text]").forEach((node) => {
    node.textContent = t(node.dataset.text);
  });
  document.querySelectorAll("[data-label]").forEach((node) => {
    node.setAttribute("aria-label", t(node.dataset.label));
  });
  document.querySelectorAll("[data-language]").forEach((node) => {
    node.setAttribute("aria-pressed", String(node.dataset.language === language));
  });
}
