"""Whether a study's cluster labels are firm, depend on a choice, or cannot be said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lea_geo._checks.label_robustness import LEAST_DRAWS
from lea_geo._estimates import counted_kind
from lea_geo.robustness.label_draws import index_draws
from lea_geo.robustness.labels import label_robustness
from lea_geo.robustness_spec import GraphChoice
from lea_geo.schema import LOCAL_METHODS
from lea_geo.spatial.builders import build_graph

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    import pandas as pd

    from lea_geo._compose import Composite
    from lea_geo._gather import Material
    from lea_geo.robustness.label_result import LabelRobustness
    from lea_geo.schema import Indicator
    from lea_geo.spatial.graph import AreaGraph
    from lea_geo.spec import StudySpec

_FEWER = 5
"""How many times fewer runs each other choice of an index's method gets than the stated one."""
_NEAREST = 6
"""Neighbours of the other graph where the stated one goes by borders: as many as areas border on average."""


def other_graphs(areas: gpd.GeoDataFrame, spec: StudySpec) -> dict[str, AreaGraph]:
    """Link the areas in every other way that labels are made again by, where they are."""
    how = spec.robustness
    if how is None or not how.labels:
        return {}
    return {
        one.name: build_graph(areas, one.graph, **dict[str, Any](one.options))
        for one in (_other(spec.spatial.graph, len(areas)) if how.graphs is None else how.graphs)
    }


def _other(stated: str, n: int) -> tuple[GraphChoice, ...]:
    """Return a graph of another kind: by nearness in place of borders, or by borders in place of nearness."""
    if stated in {"queen", "rook"}:
        return (GraphChoice("knn", k=_NEAREST),) if n > _NEAREST else ()
    return () if stated == "lattice" else (GraphChoice("queen"),)


def verdicts(
    material: Material,
    indicator: Indicator,
    graph: AreaGraph,
    others: Mapping[str, AreaGraph],
    composite: Composite | None,
) -> LabelRobustness | None:
    """Make the labels of one indicator again in other runs; None where the study asks for none.

    Parameters
    ----------
    material
        The areas and what is known of them, an index included.
    indicator
        Which indicator.
    graph, others
        Who is whose neighbour, as stated and otherwise.
    composite
        The index, where the indicator is part of one.
    """
    how, spatial = material.spec.robustness, material.spec.spatial
    if how is None or not how.labels:
        return None
    cells = material.cells[indicator.code]
    asked: dict[str, Any] = {
        "statistic": LOCAL_METHODS,
        "graphs": others,
        "runs": how.labels,
        "seed": how.seed,
        "method": spatial.method,
        "permutations": spatial.permutations,
        "fdr": spatial.fdr,
        "correction": spatial.correction,
        "transform": spatial.transform,
    }
    if composite is not None and composite.sure is not None and indicator.is_composite:
        draws = index_draws(
            composite.sure,
            node=composite.nodes[indicator.code],
            runs=max(LEAST_DRAWS, how.labels),
            others=max(LEAST_DRAWS, how.labels // _FEWER),
        )
        return label_robustness(draws.values, graph, draws=draws, hidden="nearby", **asked)
    return label_robustness(
        cells["value"],
        graph,
        status=cells["status"],
        bounds=cells[["lower", "upper"]],
        hidden="nearby",
        **_counts(material, indicator, cells),
        **asked,
    )


def _counts(material: Material, indicator: Indicator, cells: pd.DataFrame) -> dict[str, Any]:
    """Return what chance makes of the values, where that is known: not of those that were drawn together."""
    kind = "" if indicator.code in material.intervals else counted_kind(indicator, cells)
    if not kind:
        return {}
    return {"counts": cells[["numerator", "denominator"]], "kind": kind, "scale": indicator.scale}
