// Where an area stands, as cells of the table: fifths and ranks as far as they are known, never a league.
import { standingOf } from "./estimates.js";
import { count, dashBetween, datum, element, t } from "./words.js";

const FIFTH_STEP = 8; // more than there are fifths

/** A number by which areas that could be in the same fifths are equal; `high`: the first fifth is the worst. */
export function tierKey(columns, i, high) {
  const { from, to, fifth } = standingOf(columns, i).tier;
  if (fifth === null) return null;
  const [one, other] = high ? [from ?? fifth, to ?? fifth] : [to ?? fifth, from ?? fifth];
  return FIFTH_STEP * one + other;
}

// The ranks that an area could have; one rank only where there is no other.
export function ranksCell(columns, i) {
  const { lower, upper } = standingOf(columns, i);
  if (lower === null || upper === null) return "–";
  const [from, to] = [count(lower), count(upper)];
  if (from === to) return datum("rank_lower", lower, from);
  const nodes = [datum("rank_lower", lower, from), dashBetween(from, to), datum("rank_upper", upper, to)];
  return element("span", { class: "whole" }, ...nodes);
}

// The fifth and those that it could be; a place in a league only where no other is possible, and not where the ranks
// have a column of their own.
export function fifthCell(columns, i) {
  const { rank, tier } = standingOf(columns, i);
  const { fifth, from, to, exact } = tier;
  const node = element("span", { class: "whole" });
  if (fifth !== null) {
    node.append(element("span", { "data-field": "fifth", "data-value": fifth }, String(fifth)));
    const other = from !== null && (from !== fifth || to !== fifth);
    if (other && from === to) node.append(element("span", { class: "possible" }, ` (${from})`));
    else if (other) node.append(element("span", { class: "possible" }, ` (${from}–${to})`));
  }
  if (exact && columns.tier_lower.empty) {
    const place = [" ", t("table.position"), " ", datum("rank", rank, count(rank))];
    node.append(element("span", { class: "possible" }, ...place));
  }
  return node.hasChildNodes() ? node : "–";
}
