"""Local statistics of a series of years: hot spots by year, neighbours in time, change beside change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import sparse

from lea_geo._checks import check_choice, check_count
from lea_geo._checks.trends import check_same_areas, check_years, refuse_against, refuse_lag
from lea_geo.schema import LOCAL_COLUMNS, Label
from lea_geo.spatial.graph import AreaGraph, as_graph
from lea_geo.spatial.inference import CORRECTIONS, adjusted
from lea_geo.spatial.local_g import local_g
from lea_geo.spatial.local_moran import local_moran, local_moran_bivariate
from lea_geo.spatial.local_result import ROUNDING, LocalResult

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from libpysal.graph import Graph

AGAINST = ("year", "window", "cube")
"""What a neighbourhood is compared with: the values of its year, of the years that it reaches over, or of all
years."""
FAMILIES = ("all", "year")
"""Which tests one correction covers: those of all areas and years, or each year by itself."""
LEAST_VALUES = 4


@dataclass(frozen=True, kw_only=True)
class SpaceTimeResult:
    """A local statistic of every area in every year, and every setting that decided it."""

    table: pd.DataFrame
    """Indexed by ``area_id``, the years one after another: ``year`` and ``schema.LOCAL_COLUMNS`` but
    ``status``. ``q_value`` and ``label`` hold over the ``family``."""
    statistic: str
    years: tuple[float, ...]
    window: int
    """How many earlier years the neighbourhood reaches over, or how far back ``y`` lies."""
    against: str
    family: str
    fdr: float
    correction: str
    alternative: str
    transform: str
    method: str
    """What ran; several where years differ."""
    permutations: int | None
    seed: int
    notes: tuple[str, ...] = ()

    def wide(self, column: str) -> pd.DataFrame:
        """Return one column as a table of areas by years, areas in their order."""
        first = self.table.index.unique()
        wide = self.table.set_index("year", append=True)[column].unstack("year")  # noqa: PD010 - no aggregation
        return wide.reindex(index=first, columns=list(self.years))


@dataclass(frozen=True)
class _Testing:
    """How to test each year, and all of them together."""

    method: str
    permutations: int | None
    seed: int
    fdr: float
    correction: str
    family: str
    alternative: str
    transform: str

    def __post_init__(self) -> None:
        check_choice("family", self.family, FAMILIES)
        check_choice("correction", self.correction, CORRECTIONS)

    @property
    def options(self) -> dict[str, Any]:
        """Options of one year's statistic; the family is corrected as a whole."""
        own = {name: value for name, value in vars(self).items() if name not in {"family", "correction"}}
        return {**own, "correction": "none"}

    def result(
        self,
        statistic: str,
        table: pd.DataFrame,
        years: np.ndarray,
        found: Sequence[LocalResult],
        *,
        window: int,
        against: str,
        notes: tuple[str, ...],
    ) -> SpaceTimeResult:
        settings = vars(self) | {
            "method": ", ".join(sorted({one.method for one in found})),
            "permutations": max((one.permutations or 0 for one in found), default=0) or None,
        }
        return SpaceTimeResult(
            table=judged(table, self.family, self.correction, self.fdr),
            statistic=statistic,
            years=tuple(years.tolist()),
            window=window,
            against=against,
            notes=tuple(dict.fromkeys((*notes, *(note for one in found for note in one.notes)))),
            **settings,
        )


def space_time_g(
    values: pd.DataFrame,
    graph: AreaGraph | Graph,
    *,
    window: int = 0,
    against: str = "year",
    method: str = "auto",
    permutations: int | None = None,
    seed: int = 0,
    fdr: float = 0.05,
    correction: str = "bh",
    family: str = "all",
    alternative: str = "two-sided",
    transform: str = "row",
    moments: str = "conditional",
) -> SpaceTimeResult:
    """Find hot and cold spots of every year by G_i*, with neighbours in space and, if asked for, in time.

    The neighbourhood of an area in a year is the area and its neighbours in that year and in the ``window``
    years before it. It is the G_i* of :func:`lea_geo.local_g` on a graph of areas in years, by the same exact
    law.

    Parameters
    ----------
    values
        Indexed by ``area_id``, a column for each year; NaN where there is no value.
    graph
        Whose ids are those of ``values``.
    window
        How many earlier years count in. With 0 each year is seen by itself. With more, the statistics of
        successive years share values, and look alike for that reason alone.
    against
        ``"year"`` (only where ``window`` is 0): is the neighbourhood high among the areas of its year;
        ``"window"``: among those of the years that it reaches over; ``"cube"``: among all areas in all years,
        so that a rise that all areas share makes late years hot and early ones cold.
    method, permutations, seed, fdr, correction, alternative, transform, moments
        As in :func:`lea_geo.local_g`.
    family
        ``"all"``: one correction over all areas and years, so that looking at many years brings no more false
        alarms than looking at one; ``"year"``: each year by itself.

    Raises
    ------
    UsageError, ValuesError, ResolutionError
        As :func:`lea_geo.local_g`.

    References
    ----------
    Ord and Getis (1995), https://doi.org/10.1111/j.1538-4632.1995.tb00912.x
    """
    check_count("window", window, least=0)
    check_choice("against", against, AGAINST)
    if against == "year" and window:
        refuse_against(window)
    index, years, x = check_years(values, least=1)
    given = as_graph(graph)
    check_same_areas(index, given.ids, name="values", whose="the graph")
    part = given if given.ids.equals(index) else given.subset(index)
    testing = _Testing(method, permutations, seed, fdr, correction, family, alternative, transform)
    options = {**testing.options, "moments": moments}
    x, notes = _usable(x, years)
    found = _cube(x, part, window, options) if against == "cube" else _windows(x, part, window, options)
    tables = [one.table if against == "cube" else one.table.iloc[-len(index) :] for one in found]
    table = pd.concat(tables).reset_index(drop=True)
    table.index = pd.Index(np.tile(index.to_numpy(), len(years)), name="area_id")
    table.insert(0, "year", np.repeat(years, len(index)))
    return testing.result("local_g_star", table, years, found, window=window, against=against, notes=notes)


def space_time_moran(
    values: pd.DataFrame,
    graph: AreaGraph | Graph,
    *,
    lag: int = 1,
    method: str = "auto",
    permutations: int | None = None,
    seed: int = 0,
    fdr: float = 0.05,
    correction: str = "bh",
    family: str = "all",
    alternative: str = "two-sided",
    transform: str = "row",
) -> SpaceTimeResult:
    """Find areas whose value goes with what their neighbours' values were some years before.

    The bivariate local Moran's I of an area's own value in a year and its neighbours' values ``lag`` years
    of the table earlier: ``I_it = z_it sum_j w_ij z_j(t-lag)``, each year standardised by itself.

    Parameters
    ----------
    values, graph, family, method, permutations, seed, fdr, correction, alternative, transform
        As in :func:`space_time_g`.
    lag
        How many columns back the neighbours' values lie, at least 1.

    Raises
    ------
    UsageError, ValuesError, ResolutionError
        As :func:`lea_geo.local_moran_bivariate`.

    References
    ----------
    Anselin, Syabri and Smirnov (2002), Visualizing multivariate spatial correlation with dynamically linked
    windows, in New Tools for Spatial Data Analysis, edited by Anselin and Rey
    Lee (2001), https://doi.org/10.1007/s101090100064
    """
    check_count("lag", lag)
    index, years, x = check_years(values, least=2)
    if lag >= len(years):
        refuse_lag(lag, len(years))
    testing = _Testing(method, permutations, seed, fdr, correction, family, alternative, transform)
    found = []
    for now in range(lag, len(years)):
        own, earlier = pd.Series(x[:, now], index), pd.Series(x[:, now - lag], index)
        found.append(local_moran_bivariate(own, earlier, graph, **testing.options))
    table = pd.concat([one.table for one in found])
    table.insert(0, "year", np.repeat(years[lag:], len(index)))
    name = "local_moran_bivariate"
    return testing.result(name, table, years[lag:], found, window=lag, against="year", notes=())


def differential_moran(
    values: pd.DataFrame,
    graph: AreaGraph | Graph,
    *,
    method: str = "auto",
    permutations: int | None = None,
    seed: int = 0,
    fdr: float = 0.05,
    correction: str = "bh",
    alternative: str = "two-sided",
    transform: str = "row",
) -> LocalResult:
    """Find areas whose change from the first year to the last goes with their neighbours' change.

    Local Moran's I of ``x_last - x_first``: High-High is an area that rose more than the mean, or fell less,
    among neighbours that did the same. Levels that do not change cancel out.

    Parameters
    ----------
    values
        As in :func:`space_time_g`; the first and the last column are used.
    graph, method, permutations, seed, fdr, correction, alternative, transform
        As in :func:`lea_geo.local_moran`.

    Raises
    ------
    UsageError, ValuesError, ResolutionError
        As :func:`lea_geo.local_moran`.

    References
    ----------
    Anselin (2019), The local spatial autocorrelation chapters of the GeoDa workbook (differential Moran)
    """
    index, _, x = check_years(values, least=2)
    change = pd.Series(x[:, -1] - x[:, 0], index)
    return local_moran(
        change,
        graph,
        method=method,
        permutations=permutations,
        seed=seed,
        fdr=fdr,
        correction=correction,
        alternative=alternative,
        transform=transform,
    )


def judged(table: pd.DataFrame, family: str, correction: str, fdr: float) -> pd.DataFrame:
    """Return a table of p-values by year with q-values over its family, and labels by them."""
    table = table[["year", *(name for name in LOCAL_COLUMNS if name != "status")]].copy()
    p = table["p_value"].to_numpy(float)
    table["q_value"] = family_q(p, table["year"].to_numpy(), family, correction)
    sides = np.where(table["p_upper"] <= table["p_lower"], str(Label.HIGH_HIGH), str(Label.LOW_LOW))
    told = (table["q_value"] <= fdr * (1 + ROUNDING)).to_numpy()
    own = table["label"].to_numpy(dtype=object)
    known = ~np.isin(own, [str(Label.ISOLATE), str(Label.UNDEFINED)])
    quadrant = np.isin(
        own, [str(Label.HIGH_LOW), str(Label.LOW_HIGH), str(Label.LOW_LOW), str(Label.HIGH_HIGH)]
    )
    words = np.where(quadrant, own, sides)
    table["label"] = np.where(known, np.where(told, words, str(Label.NOT_SIGNIFICANT)), own)
    return table


def family_q(p: np.ndarray, years: np.ndarray, family: str, correction: str) -> np.ndarray:
    """Return q-values over all tests, or over those of each year."""
    if family == "all":
        return adjusted(p, correction)
    q = np.full(len(p), np.nan)
    for year in np.unique(years):
        q[years == year] = adjusted(p[years == year], correction)
    return q


def _usable(x: np.ndarray, years: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return the values without years that too few areas have, and notes on what is left out."""
    x = x.copy()
    count = (~np.isnan(x)).sum(axis=0)
    thin = (count > 0) & (count < LEAST_VALUES)
    x[:, thin] = np.nan
    notes = []
    if thin.any():
        listed = ", ".join(f"{year:g}" for year in years[thin])
        notes.append(f"Years with values in fewer than {LEAST_VALUES} areas are left out: {listed}.")
    gaps = int(np.isnan(x).sum())
    if gaps:
        notes.append(f"{gaps} of {x.size} values of areas in years are missing and left out.")
    return x, tuple(notes)


def _windows(
    x: np.ndarray, graph: AreaGraph, window: int, options: Mapping[str, object]
) -> list[LocalResult]:
    found = []
    for now in range(x.shape[1]):
        first = max(0, now - window)
        cube = graph if first == now else space_time_graph(graph, now - first + 1, window)
        found.append(_g(x[:, first : now + 1], cube, options))
    return found


def _cube(x: np.ndarray, graph: AreaGraph, window: int, options: Mapping[str, object]) -> list[LocalResult]:
    return [_g(x, space_time_graph(graph, x.shape[1], window), options)]


def _g(x: np.ndarray, cube: AreaGraph, options: Mapping[str, object]) -> LocalResult:
    values = pd.Series(x.T.ravel(), index=cube.ids)
    return local_g(values, cube, star=True, **options)  # type: ignore[arg-type] # as the signature above has them


def space_time_graph(graph: AreaGraph, n_years: int, window: int) -> AreaGraph:
    """Return the graph of areas in years: year by year the areas in their order.

    An area in a year is linked with its neighbours in that year and with itself and them in the ``window``
    years before; itself with the largest weight of its row, which is what G_i* gives the area.
    """
    links = graph.transform("original").sparse()
    own = links.max(axis=1).toarray().ravel() if graph.n_links else np.zeros(graph.n)
    own[own == 0] = 1.0  # an area without neighbours still has its own past
    earlier = links + sparse.diags_array(own)
    whole = sparse.kron(sparse.eye_array(n_years), links)
    for back in range(1, min(window, n_years - 1) + 1):
        whole = whole + sparse.kron(sparse.eye_array(n_years, k=-back), earlier)
    rows = sparse.csr_array(whole)
    rows.sort_indices()
    ids = pd.Index([f"{area}@{year}" for year in range(n_years) for area in graph.ids])
    return AreaGraph(
        ids, rows.indptr.astype(np.int64), rows.indices.astype(np.int32), rows.data, kind=graph.kind
    )
