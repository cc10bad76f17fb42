"""The classified areas that a map draws: several local statistics of one variable, tested together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import pandas as pd

from lea_geo._checks.values import check_statistics, joined
from lea_geo.schema import LOCAL_COLUMNS, LOCAL_METHODS, Label, result_column
from lea_geo.spatial.local_g import g_result
from lea_geo.spatial.local_moran import moran_result
from lea_geo.spatial.local_result import LocalResult, undefined
from lea_geo.spatial.neighbour_sum import Inference, SumTest, sum_test
from lea_geo.spatial.sample import Sample, build_sample

if TYPE_CHECKING:
    import geopandas as gpd
    from libpysal.graph import Graph

    from lea_geo.spatial.graph import AreaGraph

Statistic = Callable[[Sample, Inference, SumTest], LocalResult]

STATISTICS: Mapping[str, Statistic] = MappingProxyType(
    {
        "local_moran": moran_result,
        "local_g": lambda sample, inference, test: g_result(sample, inference, test, star=False),
        "local_g_star": lambda sample, inference, test: g_result(sample, inference, test, star=True),
    }
)
"""The statistics that one test of the neighbour sums decides."""


@dataclass(frozen=True)
class Hotspots:
    """Areas with their values and what each local statistic says of them."""

    table: gpd.GeoDataFrame
    """The areas, in their order, with ``value``, ``status`` and for each statistic the columns that
    ``schema.result_column`` names."""
    summary: pd.DataFrame
    """Indexed by statistic: how many areas have each label, one column a label, and ``n_tested``, ``method``,
    ``permutations`` and ``reason``."""
    results: Mapping[str, LocalResult]
    """Each statistic's own result, with its settings."""
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<Hotspots: {len(self.table)} areas; {', '.join(self.results)}>"


def hotspots(
    areas: gpd.GeoDataFrame,
    values: pd.Series,
    graph: AreaGraph | Graph,
    *,
    methods: tuple[str, ...] = LOCAL_METHODS,
    method: str = "auto",
    permutations: int | None = None,
    seed: int = 0,
    fdr: float = 0.05,
    alternative: str = "two-sided",
    correction: str = "bh",
    transform: str = "row",
    status: pd.Series | None = None,
) -> Hotspots:
    """Classify areas by several local statistics at once.

    Parameters
    ----------
    areas
        Indexed by ``area_id``, the same ids as ``values`` and ``graph``.
    methods
        Which statistics: ``local_moran``, ``local_g``, ``local_g_star``. All of them rise or fall with the
        sum over the neighbours, which is tested once.
    values, graph, method, permutations, seed, fdr, alternative, correction, transform, status
        As in :func:`lea_geo.local_moran`.

    Raises
    ------
    JoinError
        If areas and values do not hold the same ids.
    UsageError, ValuesError, ResolutionError
        As :func:`lea_geo.local_moran`.
    """
    check_statistics(methods, STATISTICS)
    inference = Inference(method, permutations, seed, fdr, alternative, correction=correction)
    sample = build_sample(values, graph, transform=transform, status=status)
    if sample.reason:
        results = {name: undefined(name, sample, inference) for name in methods}
    else:
        test = sum_test(sample, inference)
        results = {name: STATISTICS[name](sample, inference, test) for name in methods}
    table = joined(areas, _columns(sample, values, results), cure="drop or rename them")
    notes = tuple(dict.fromkeys(note for result in results.values() for note in result.notes))
    return Hotspots(table, _summary(results), MappingProxyType(results), notes)


def _columns(sample: Sample, values: pd.Series, results: Mapping[str, LocalResult]) -> pd.DataFrame:
    status = pd.Series(sample.status, index=sample.index)
    columns = {"value": values.astype(float), "status": status}
    for name, result in results.items():
        for column in LOCAL_COLUMNS:
            if column != "status":
                columns[result_column(name, column)] = result.table[column]
    return pd.DataFrame(columns)


def _summary(results: Mapping[str, LocalResult]) -> pd.DataFrame:
    rows = {
        name: {
            **{label.value: int((result.table["label"] == label.value).sum()) for label in Label},
            "n_tested": result.n_tested,
            "method": result.method,
            "permutations": result.permutations,
            "reason": result.reason,
        }
        for name, result in results.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("statistic")
