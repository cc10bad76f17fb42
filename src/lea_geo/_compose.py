"""From the indicators of a study to its index: what an index and its groups are, as further indicators."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pandas as pd
from scipy.special import ndtri

from lea_geo._estimates import INTERVAL_LEVEL, counts_and_bounds
from lea_geo.composite.index import composite_index
from lea_geo.intake.tables import IndicatorTable
from lea_geo.robustness.composite import composite_robustness
from lea_geo.schema import (
    CELL_COLUMNS,
    COMPOSITE_LEVELS,
    INDEX,
    LANGUAGES,
    LEDGERS,
    STABILITY_COLUMNS,
    EthicalNote,
    Indicator,
    Status,
    Text,
)
from lea_geo.texts import read_texts, shared_texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lea_geo._gather import Material
    from lea_geo.composite.engine import Learnt
    from lea_geo.composite.result import CompositeResult
    from lea_geo.composite.tree import Member, Tree
    from lea_geo.composite_spec import CompositeSpec
    from lea_geo.robustness.result import CompositeRobustness
    from lea_geo.spatial.graph import AreaGraph

_DEVIATES = float(ndtri((1 + INTERVAL_LEVEL) / 2))
_RUNS = {"score_lower": "interval_lower", "score_upper": "interval_upper"}
"""What runs say of scores and ranks, and where findings hold it."""


@dataclass(frozen=True)
class Composite:
    """The index of some areas in one year."""

    result: CompositeResult
    sure: CompositeRobustness | None
    """What becomes of it in other runs; None where the study asks for none."""
    indicators: tuple[Indicator, ...]
    """The index or the ledgers, then their groups from above."""
    nodes: Mapping[str, str]
    """The code of each of them to what the index itself calls it: a group divided by those above it has a
    dot in its name, which no layer of a GeoPackage can have."""
    cells: Mapping[str, pd.DataFrame]
    """Code to a frame indexed as the areas, with ``CELL_COLUMNS``."""

    def stability(self, code: str) -> pd.DataFrame | None:
        """Return what the runs say of one of ``indicators``; None where there are none."""
        if self.sure is None:
            return None
        found = self.sure.tables[self.nodes[code]].rename(columns=_RUNS)
        return found[["interval_lower", "interval_upper", "rank_lower", "rank_upper", *STABILITY_COLUMNS]]

    def join_to(self, material: Material) -> Material:
        """Return the material with the index before its indicators."""
        said = (*self.result.notes, *(self.sure.notes if self.sure else ()))
        return replace(
            material,
            indicators=(*self.indicators, *material.indicators),
            cells={**self.cells, **material.cells},
            notes=(*material.notes, *dict.fromkeys(said)),
        )


def compose(
    material: Material, graph: AreaGraph, *, scales: Learnt | None = None, progress: bool = False
) -> Composite:
    """Make the study's index of some areas in one year.

    Parameters
    ----------
    material
        The areas and what is known of them; their study has an index.
    graph
        Who is whose neighbour, for gaps that neighbours fill.
    scales
        What the index has learnt in the study's own year, so that other years compare with it.
    progress
        Show a progress bar on stderr.
    """
    spec = material.spec
    table = _table(material)
    result = composite_index(table, spec, scales=scales, graph=graph)
    tree = result.tree
    below = [node for node in _from_above(tree) if node not in tree.roots]
    nodes = [tree.nodes[node] for node in (*tree.roots, *below)]
    sure = None
    if spec.robustness is None or spec.robustness.runs:
        codes = [node.code for node in nodes]
        sure = composite_robustness(
            table, spec, nodes=codes, graph=graph, progress=progress, **_uncertain(material)
        )
    known = {one.code: one for one in material.indicators}
    return Composite(
        result,
        sure,
        indicators=tuple(_indicator(node, result, known, spec.composite) for node in nodes),
        nodes={_code(node.code): node.code for node in nodes},
        cells={_code(node.code): _cells(result, node, material) for node in nodes},
    )


def _from_above(tree: Tree) -> Iterator[int]:
    """Yield the groups, those below each of them in the order in which it has them."""
    at = list(tree.roots)
    while at:
        yield from at
        at = [one for group in at for one in tree.members(group).tolist() if one in tree.groups]


def _code(node: str) -> str:
    return node.replace(".", "_")


def _uncertain(material: Material) -> dict[str, Any]:
    """Return what is known of how far values may be from the truth."""
    as_counted = [one for one in material.indicators if one.code not in material.intervals]
    return {**counts_and_bounds(as_counted, material.cells), "standard_errors": _errors(material)}


def _errors(material: Material) -> pd.DataFrame | None:
    """Return standard errors of values that were drawn together: their intervals in normal deviates."""
    wide = {code: one["interval_upper"] - one["interval_lower"] for code, one in material.intervals.items()}
    known = {code: one / (2 * _DEVIATES) for code, one in wide.items() if one.notna().any()}
    return pd.DataFrame(known, index=material.areas.index) if known else None


def _table(material: Material) -> IndicatorTable:
    """Return the material's indicators as a table of them."""
    index, cells = material.areas.index, material.cells
    wide: dict[str, Any] = {
        part: pd.DataFrame({code: one[part] for code, one in cells.items()}, index=index)
        for part in CELL_COLUMNS
    }
    return IndicatorTable(
        values=wide.pop("value"),
        attributes=pd.DataFrame(material.areas.drop(columns="geometry")),
        indicators=material.indicators,
        **wide,
    )


def _cells(result: CompositeResult, node: Member, material: Material) -> pd.DataFrame:
    """Return the scores of a group as an indicator's cells.

    An area without one is missing; where none of the group's questions has an answer, the group has none.
    """
    tree, score = result.tree, result.node(node.code)["result"]
    below = [tree.nodes[one].column for one in tree.below(tree.codes.index(node.code))]
    nothing = pd.concat([material.cells[code]["status"] == Status.NOT_APPLICABLE for code in below], axis=1)
    status = nothing.all(axis=1).map({True: str(Status.NOT_APPLICABLE), False: str(Status.MISSING)})
    status = status.where(score.isna(), str(Status.OBSERVED))
    cells = pd.DataFrame({"value": score, "status": status.astype("str")})
    return cells.reindex(columns=list(CELL_COLUMNS)).astype({"lower": float, "upper": float})


def _indicator(
    node: Member, result: CompositeResult, known: dict[str, Indicator], spec: CompositeSpec | None
) -> Indicator:
    """Return what a group is, in the words of its members."""
    tree = result.tree
    at = tree.codes.index(node.code)
    members = [tree.nodes[one] for one in tree.members(at)]
    weights = result.weights.loc[[one.code for one in members], "stated_in_group"]
    return Indicator(
        code=_code(node.code),
        name=(spec.name if spec and node.level == INDEX else None) or _name(node, known),
        explanation=_explained([_name(one, known) for one in members]),
        unit="index",
        kind="intensive",
        direction=node.high,
        domain=node.label if node.level == "domain" else "",
        perspective=node.label if node.level == "perspective" else "",
        phenomenon=node.label if node.level == "phenomenon" else "",
        ethics=EthicalNote(_words()["ethics.need"], _words()["ethics.harm"]),
        level=node.level,
        members=tuple(_code(one.code) if one.level != "indicator" else one.column for one in members),
        weights=tuple(weights) if weights.notna().all() else (),
    )


def _name(node: Member, known: Mapping[str, Indicator]) -> Text:
    """Return a node's own name, the catalogue's word for it, or what is left: its code.

    A group that those above it divide has theirs after its own: Education (load).
    """
    if node.name is not None:
        return node.name
    if node.code in known:
        return known[node.code].name
    named = _word(node.level, node.label)
    above = node.code.removesuffix(node.label).rstrip(".")
    if not above:
        return named
    around = _word("composite" if above in LEDGERS else node.level, above.rpartition(".")[2])
    return Text(*(f"{named.in_language(one)} ({around.in_language(one)})" for one in LANGUAGES))


def _word(group: str, label: str) -> Text:
    shared = shared_texts()
    found = [shared.get(f"{one}.{label}") for one in (group, *COMPOSITE_LEVELS, "composite")]
    return next(filter(None, found), Text(*[label] * len(LANGUAGES)))


def _explained(members: list[Text]) -> Text:
    words = _words()["index.explanation"]
    return Text(
        *(
            words.in_language(language).replace(
                "{members}", "; ".join(one.in_language(language) for one in members)
            )
            for language in LANGUAGES
        )
    )


def _words() -> Mapping[str, Text]:
    return read_texts("lea_geo", "compose.toml")
