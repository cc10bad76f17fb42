// Where an area stands in the hierarchy of an index: the index, its parts, and what the part that is open is made of.
import { pathTo, treeOf, weightWords } from "./composite.js";
import { indicatorButton, underNode } from "./overview.js";
import { element, own, t } from "./words.js";

// Of which part of which index the indicator that is shown is a member.
export function pathNode({ sheet, indicator }) {
  const path = pathTo(sheet.indicators, indicator).map(({ name }) => own(name));
  if (!path.length) return [];
  return [element("p", { class: "hint path" }, t("composite_tree.part_of", { path: path.join(" › ") }))];
}

function nodeRow(page, all, i, { at, weight, below }) {
  const indicator = page.sheet.indicators[at];
  const words = () => t("composite_tree.weight", { percent: weightWords(weight) });
  const told = weight === null ? [] : [element("span", { class: "weight" }, words())];
  return element(
    "li",
    {},
    element(
      "div",
      { class: "node" },
      indicatorButton(page, at, all[at], i, "data-node"),
      underNode(page, indicator, all[at], i, ...told),
    ),
    below.length ? element("ul", {}, ...below.map((one) => nodeRow(page, all, i, one))) : null,
  );
}

// The two ledgers side by side in words, where the study keeps them apart.
function placeNode(places, i) {
  const place = places.at(i);
  if (!place) return null;
  const said = element("strong", { "data-field": "place", "data-value": place }, t(`place.${place}`));
  return element("div", { class: "place" }, element("p", {}, said), element("p", { class: "hint" }, t("ledgers.than")));
}

/** The hierarchy with the values of area `i`; `all` are the columns of every indicator. */
export function hierarchyNodes(page, all, places, i) {
  const tree = treeOf(page.sheet.indicators, page.indicator);
  if (!tree.length) return [];
  const place = placeNode(places, i);
  return [
    element("h4", {}, t(place ? "ledgers.heading" : "composite_tree.heading")),
    ...(place ? [place] : []),
    element("ul", { class: "all tree" }, ...tree.map((node) => nodeRow(page, all, i, node))),
  ];
}
