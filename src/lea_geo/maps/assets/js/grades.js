// How far rates over few people can be relied on, and what a study makes of them. What is reliable is not marked.
import { count, element, has, number, t } from "./words.js";

const MARKED = ["caution", "unreliable"];

// A few words on a rate that a study's rules mark; blank for all others.
export function gradeWords(columns, i) {
  const grade = columns.grade.at(i);
  return MARKED.includes(grade) ? t(`grade.${grade}`) : "";
}

// The same as an element, or null.
export function gradeNode(columns, i, tag = "span", attributes = {}) {
  const words = gradeWords(columns, i);
  if (!words) return null;
  return element(tag, { "data-field": "grade", "data-value": columns.grade.at(i), ...attributes }, words);
}

// Whether a study draws its rates together, so that their intervals are no longer those of the counts.
export function ratesDrawn({ settings }) {
  return has(`rates_method.${settings.rates?.method}`);
}

// By which method and by which rules, a sentence each.
export function ratesWords({ settings }) {
  const { method, years, merge, ...rules } = settings.rates || {};
  const said = has(`rates_method.${method}`) ? [t(`rates_method.${method}`)] : [];
  if (years > 1) said.push(t("rates_rule.years", { n: count(years) }));
  if (merge === true) said.push(t("rates_rule.merge"));
  Object.entries(rules)
    .filter(([key, limit]) => typeof limit === "number" && limit > 0 && has(`rates_rule.${key}`))
    .forEach(([key, limit]) => said.push(t(`rates_rule.${key}`, { n: limitWords(limit) })));
  return said.join(" ");
}

// As few decimals as a limit has, three at most.
function limitWords(limit) {
  const decimals = [0, 1, 2].find((one) => Number(limit.toFixed(one)) === limit) ?? 3;
  return number(limit, decimals);
}
