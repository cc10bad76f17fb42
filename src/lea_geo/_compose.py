"""From the indicators of a study to its index: what an index and its groups are, as further indicators."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pandas as pd
from scipy.special import ndtri

from lea_geo._estimates import INTERVAL_LEVEL, counted_kind
from lea_geo.composite.index import composite_index
from lea_geo.intake.tables import IndicatorTable
from lea_geo.robustness.composite import composite_robustness
from lea_geo.schema import (
    CELL_COLUMNS,
    LANGUAGES,
    STABILITY_COLUMNS,
    EthicalNote,
    Indicator,
    Status,
    Text,
)
from lea_geo.texts import read_texts, shared_texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lea_geo._gather import Material
    from lea_geo.composite.engine import Learnt
    from lea_geo.composite.result import CompositeResult
    from lea_geo.composite.tree import Member
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
    cells: Mapping[str, pd.DataFrame]
    """Code to a frame indexed as the areas, with ``CELL_COLUMNS``."""

    def stability(self, code: str) -> pd.DataFrame | None:
        """Return what the runs say of one of ``indicators``; None where there are none."""
        if self.sure is None:
            return None
        found = self.sure.tables[code].rename(columns=_RUNS)
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
    nodes = [result.tree.nodes[node] for node in reversed(result.tree.groups)]
    sure = None
    if spec.robustness is None or spec.robustness.runs:
        codes = [node.code for node in nodes]
        sure = composite_robustness(
            table, spec, nodes=codes, graph=graph, progress=progress, **_uncertain(material)
        )
    known = {one.code: one for one in material.indicators}
    made = tuple(_indicator(node, result, known) for node in nodes)
    return Composite(result, sure, made, {one.code: _cells(result, one.code) for one in made})


def _uncertain(material: Material) -> dict[str, Any]:
    """Return what is known of how far values may be from the truth."""
    cells = material.cells
    counted = [
        one.code
        for one in material.indicators
        if counted_kind(one, cells[one.code]) and one.code not in material.intervals
    ]
    return {
        "counts": {code: cells[code][["numerator", "denominator"]] for code in counted},
        "bounds": {code: one[["lower", "upper"]] for code, one in cells.items()},
        "standard_errors": _errors(material),
    }


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


def _cells(result: CompositeResult, code: str) -> pd.DataFrame:
    """Return the scores of a group as an indicator's cells: an area without one is missing."""
    score = result.node(code)["result"]
    status = score.isna().map({True: str(Status.MISSING), False: str(Status.OBSERVED)})
    cells = pd.DataFrame({"value": score, "status": status.astype("str")})
    return cells.reindex(columns=list(CELL_COLUMNS)).astype({"lower": float, "upper": float})


def _indicator(node: Member, result: CompositeResult, known: dict[str, Indicator]) -> Indicator:
    """Return what a group is, in the words of its members."""
    tree = result.tree
    at = tree.codes.index(node.code)
    members = [tree.nodes[one] for one in tree.members(at)]
    weights = result.weights.loc[[one.code for one in members], "stated_in_group"]
    return Indicator(
        code=node.code,
        name=_name(node, known),
        explanation=_explained([_name(one, known) for one in members]),
        unit="index",
        kind="intensive",
        direction=node.high,
        domain=node.label if node.level == "domain" else "",
        perspective=node.label if node.level == "perspective" else "",
        phenomenon=node.label if node.level == "phenomenon" else "",
        ethics=EthicalNote(_words()["ethics.need"], _words()["ethics.harm"]),
        level=node.level,
        members=tuple(one.code for one in members),
        weights=tuple(weights) if weights.notna().all() else (),
    )


def _name(node: Member, known: Mapping[str, Indicator]) -> Text:
    """Return a node's own name, the catalogue's word for it, or what is left: its code."""
    if node.name is not None:
        return node.name
    if node.code in known:
        return known[node.code].name
    shared = shared_texts()
    named = shared.get(f"{node.level}.{node.label}") or shared.get(f"composite.{node.label}")
    return named or Text(*[node.label] * len(LANGUAGES))


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
