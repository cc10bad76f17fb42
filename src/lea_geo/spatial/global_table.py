"""The same global statistic for many indicators at once."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lea_geo._checks import check_choice
from lea_geo._checks.global_statistics import check_table
from lea_geo.spatial.global_forms import FORMS, form_of
from lea_geo.spatial.global_network import network_of
from lea_geo.spatial.global_result import PERMUTATIONS, GlobalResult, Settings, results_of
from lea_geo.spatial.graph import as_graph
from lea_geo.spatial.sample import build_samples

if TYPE_CHECKING:
    from collections.abc import Mapping

    from libpysal.graph import Graph

    from lea_geo.spatial.graph import AreaGraph

COLUMNS = (
    "statistic",
    "expected",
    "variance",
    "z_score",
    "p_value",
    "p_lower",
    "p_upper",
    "p_analytic",
    "n",
    "n_isolates",
    "reason",
)
"""What a table of global results says of each, in the names of ``GlobalResult``."""


@dataclass(frozen=True)
class GlobalTable:
    """A global statistic of many indicators, and every setting that decided it."""

    table: pd.DataFrame
    """Indexed by ``indicator`` in the order of the columns given, with ``COLUMNS``: what
    :class:`GlobalResult` says of each."""
    name: str
    """Which statistic, for example ``global_moran``."""
    transform: str
    permutations: int
    seed: int
    alternative: str
    assumption: str
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        undefined = int((self.table["reason"] != "").sum())
        return f"<GlobalTable {self.name}: {len(self.table)} indicators, {undefined} of them undefined>"

    def result(self, indicator: str) -> GlobalResult:
        """Return what is known of one indicator, as the call for it alone returns it."""
        row = self.table.loc[[indicator]].to_dict("records")[0]
        numbers: dict[str, Any] = {str(column): number for column, number in row.items()}
        settings = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "table"}
        return GlobalResult(**numbers, **settings)


def global_statistics(
    table: pd.DataFrame,
    graph: AreaGraph | Graph,
    *,
    statistic: str = "moran",
    permutations: int = PERMUTATIONS,
    seed: int = 0,
    alternative: str = "two-sided",
    assumption: str = "randomisation",
    transform: str = "row",
    status: pd.DataFrame | None = None,
) -> GlobalTable:
    """Measure whether neighbours are alike, for many indicators at once.

    The numbers are those of :func:`global_moran`, :func:`global_geary` or :func:`global_g` for each indicator
    alone, to the last bit. Indicators that have values in the same areas share the permutations and what the
    moments need of the graph.

    Parameters
    ----------
    table
        Indexed by ``area_id``, a column an indicator; NaN where there is no value.
    graph
        Whose ids are those of the table, in any order.
    statistic
        ``"moran"``, ``"geary"`` or ``"g"`` (General G).
    permutations, seed, alternative, assumption, transform
        As in :func:`global_moran`; General G has only one ``assumption``, randomisation.
    status
        One of ``schema.Status`` an area and indicator, with the columns of the table; left out, NaN is
        missing and everything else observed.

    Raises
    ------
    UsageError
        If an option is unknown or the table is none.
    ValuesError
        If ids are missing, foreign or repeated, a value is infinite or no number (or negative, for General
        G), or fewer than four areas have one. All that is wrong with all indicators is named at once.

    Examples
    --------
    >>> from lea_geo import build_graph
    >>> cells = [f"1kmN667{row}E038{column}" for row in range(3) for column in range(3)]
    >>> table = pd.DataFrame({"north": [0, 0, 0, 1, 1, 1, 2, 2, 2], "same": 1}, index=cells)
    >>> found = global_statistics(table, build_graph(cells, "lattice"), permutations=0).table
    >>> found["statistic"].round(3).tolist()
    [0.356, nan]
    >>> found.loc["same", "reason"]
    'All areas have the same value, so there is nothing to compare.'
    """
    check_choice("statistic", statistic, FORMS)
    settings = Settings(transform, permutations, seed, alternative, assumption)
    area_graph = as_graph(graph)
    values = check_table(table, status, area_graph.ids, amounts=statistic == "g")
    name = f"global_{statistic}"
    found: dict[str, GlobalResult] = {}
    for together in _alike(values).values():
        samples = build_samples(
            [(str(code), values[code]) for code in together], area_graph, transform=transform
        )
        network = network_of(samples[0])
        forms = [form_of(statistic, sample, network, assumption) for sample in samples]
        found |= dict(zip(together, results_of(name, samples, network, forms, settings), strict=True))
    rows = results_table([found[code] for code in values.columns], values.columns.rename("indicator"))
    return GlobalTable(rows, name, **vars(settings))


def _alike(values: pd.DataFrame) -> Mapping[bytes, list[str]]:
    """Return the indicators that have values in the same areas, grouped."""
    groups: dict[bytes, list[str]] = {}
    for code in values.columns:
        groups.setdefault(np.packbits(values[code].notna()).tobytes(), []).append(code)
    return groups


def results_table(results: list[GlobalResult], index: pd.Index) -> pd.DataFrame:
    """Return results as rows."""
    columns = {column: [getattr(result, column) for result in results] for column in COLUMNS}
    return pd.DataFrame(columns, index=index).astype({"reason": "str"})
