// Texts and numbers in the reader's language.
(function (lea) {
  "use strict";

  const LOCALES = { fi: "fi-FI", sv: "sv-FI", en: "en-GB" };
  const NARROW_SPACE = "\u00a0";
  let texts = {};
  let language = "fi";

  function t(key, values) {
    const text = has(key) ? texts[key][language] : key;
    if (!values) return text;
    return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
  }

  function has(key) {
    return Object.hasOwn(texts, key);
  }

  // A text of the data in the reader's language, or in any that there is.
  function own(text) {
    return text[language] || text.fi || text.sv || text.en || "";
  }

  function number(value, decimals) {
    const digits = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
    return value.toLocaleString(LOCALES[language], digits).replace("-", "\u2212");
  }

  function count(value) {
    return value.toLocaleString(LOCALES[language], { maximumFractionDigits: 20 });
  }

  function quantity(value, indicator) {
    const shown = number(value, indicator.decimals);
    const group = value === 1 ? "unit_one" : "unit";
    const key = `${group}.${indicator.unit}`;
    if (language === "en" && indicator.unit === "euro") return `€${shown}`;
    const gap = language === "en" && indicator.unit === "percent" ? "" : NARROW_SPACE;
    return has(key) ? `${shown}${gap}${t(key)}` : shown;
  }

  function probability(value) {
    return value < 0.001 ? `<${NARROW_SPACE}${number(0.001, 3)}` : number(value, 3);
  }

  function element(tag, attributes, ...children) {
    const node = document.createElement(tag);
    Object.entries(attributes || {}).forEach(([name, value]) => {
      if (value === true) node.setAttribute(name, "");
      else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
    });
    node.append(...children);
    return node;
  }

  // Every text that stands in the page itself.
  function translatePage() {
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

  lea.words = { t, has, own, number, count, quantity, probability, element, translatePage };
  lea.useTexts = (all) => {
    texts = all;
  };
  lea.useLanguage = (name) => {
    language = name;
  };
  lea.nameOf = (data, i) => {
    const names = data.areas.name;
    return names[language][i] || names.fi[i] || names.sv[i] || names.en[i] || data.areas.id[i];
  };
  // A municipality by name where it is known; a bare code says what it is.
  lea.municipalityOf = (place) => {
    if (has(`municipality.${place}`)) return t(`municipality.${place}`);
    return /^\d+$/.test(place) ? `${t("column.municipality")} ${place}` : place;
  };
  lea.compareWords = (a, b) => a.localeCompare(b, LOCALES[language], { numeric: true });
})((window.leaGeo = window.leaGeo || {}));
