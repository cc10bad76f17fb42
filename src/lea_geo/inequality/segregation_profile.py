"""Segregation of what surrounds people: nearby areas count too, as far as one looks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import sparse

from lea_geo._checks import check_choice, check_count, check_fraction, check_seed
from lea_geo._checks.segregation import (
    check_allocable,
    check_areas_of,
    check_group_counts,
    check_scales,
)
from lea_geo._checks.values import check_graph_ids
from lea_geo.inequality.segregation import underlying_index
from lea_geo.inequality.segregation_indices import AROUND, COMPOSITION, around_values
from lea_geo.inequality.segregation_random import in_batches, resampled, shuffled, underlying_shares
from lea_geo.spatial.graph import as_graph
from lea_geo.spatial.nearness import KERNELS, kernel_links, place_points

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import geopandas as gpd
    from libpysal.graph import Graph

    from lea_geo.inequality.segregation_indices import Array
    from lea_geo.spatial.graph import AreaGraph

_NULL, _AGAIN = 3, 4


@dataclass(frozen=True)
class SegregationProfile:
    """Spatial indices of segregation by how far one looks around."""

    table: pd.DataFrame
    """One row a scale and an index: ``scale`` (metres; 0: the area itself only, NaN: a graph), ``index``,
    ``value expected corrected p_value underlying underlying_lower underlying_upper`` as in
    :class:`~lea_geo.inequality.segregation.SegregationResult`, and ``neighbors``, the mean number of other
    areas that are looked at."""
    ratios: pd.DataFrame
    """Indexed by ``index``: ``ratio``, the underlying index at the largest scale over that at the smallest,
    with ``lower upper``: the larger, the more of the segregation is of large parts of the region and not of
    areas beside each other. NaN where segregation at the smallest scale cannot be told from none."""
    scales: tuple[float, ...]
    function: str
    n_areas: int
    left_out: tuple[str, ...]
    runs: int
    level: float
    seed: int
    notes: tuple[str, ...] = ()


def segregation_profile(
    counts: pd.DataFrame,
    areas: gpd.GeoDataFrame,
    *,
    scales: Iterable[float] = (0, 1000, 2000, 4000, 8000),
    function: str = "bisquare",
    points: str = "representative",
    runs: int = 199,
    level: float = 0.95,
    seed: int = 2009,
) -> SegregationProfile:
    """Measure segregation of what surrounds people, for several meanings of around.

    Everybody is surrounded by those of their own area and, the nearer the more, of areas within the scale:
    with w the kernel and d the distance between areas, the share of group k around area i is
    ``sum_j w(d_ij) x_jk / sum_j w(d_ij) t_j``, and indices are made of these shares, each area counting by
    its own people (Reardon and O'Sullivan's spatial indices; the profile is Reardon and others').

    Parameters
    ----------
    counts
        As in :func:`~lea_geo.inequality.segregation.segregation`. Areas with a hidden count are left out, of
        what surrounds others too.
    areas
        Their boundaries, in metres.
    scales
        How far one looks, in metres, 0 or more.
    function
        The kernel, one of those of ``build_graph(kind="kernel")``; ``"bisquare"`` is Reardon's biweight.
    points
        Where areas' people are taken to be: ``"representative"`` points or ``"centroid"``.
    runs, level, seed
        As in :func:`~lea_geo.inequality.segregation.segregation`.

    Returns
    -------
    SegregationProfile

    Raises
    ------
    UsageError
        If an option is unknown or out of range.
    ValuesError
        If ids do not match or counts are impossible.

    References
    ----------
    Reardon and O'Sullivan (2004), https://doi.org/10.1111/j.0081-1750.2004.00150.x
    Reardon and others (2008), https://doi.org/10.1353/dem.0.0019
    """
    check_choice("function", function, KERNELS)
    check_choice("points", points, ("representative", "centroid"))
    wanted = check_scales(scales)
    held = HeldCounts.of(counts, runs, level, seed)
    places = place_points(held.shapes(areas), points)
    matrices = [_kernel(places, held.ids, scale, function) for scale in wanted]
    return _profile(held, matrices, wanted, function)


def segregation_around(
    counts: pd.DataFrame,
    graph: AreaGraph | Graph,
    *,
    own: float = 1.0,
    runs: int = 199,
    level: float = 0.95,
    seed: int = 2009,
) -> SegregationProfile:
    """Measure segregation of what surrounds people, as a graph says what that is.

    As :func:`segregation_profile` with one scale: an area's own people weigh ``own`` and those of its
    neighbours as much as their links, in the graph's weights as they are. So travel times, walking networks
    or plain neighbours can say who is around.

    Parameters
    ----------
    counts, runs, level, seed
        As in :func:`segregation_profile`.
    graph
        Of the same areas.
    own
        How much an area's own people weigh, above 0.

    Returns
    -------
    SegregationProfile
        Its scale is NaN.

    Raises
    ------
    UsageError, ValuesError, GraphError
        As :func:`segregation_profile`; if the graph is none or has other areas.
    """
    held = HeldCounts.of(counts, runs, level, seed)
    linked = as_graph(graph)
    check_graph_ids(held.all_ids, linked.ids)
    near = linked.subset(held.ids).sparse()
    matrix = sparse.csr_array(near + check_scales([own])[0] * sparse.eye_array(len(held.ids)))
    return _profile(held, [matrix], (np.nan,), linked.kind)


@dataclass(frozen=True)
class HeldCounts:
    """Counts of areas with people, and what to draw."""

    all_ids: pd.Index
    ids: pd.Index
    counts: Array
    left_out: tuple[str, ...]
    runs: int
    level: float
    seed: int

    @classmethod
    def of(cls, counts: pd.DataFrame, runs: int, level: float, seed: int) -> HeldCounts:
        """Keep the areas that have people and no hidden count."""
        check_count("runs", runs, least=19)
        check_fraction("level", level)
        check_seed(seed)
        ids, groups, numbers, _, _, people = check_group_counts(counts)
        hidden = np.isnan(numbers).any(axis=1)
        keep = ~hidden & (people > 0)
        check_allocable(ids[keep], groups, numbers[keep])
        return cls(ids, ids[keep], numbers[keep], tuple(map(str, ids[hidden])), runs, level, seed)

    def shapes(self, areas: gpd.GeoDataFrame) -> np.ndarray:
        """Return the shapes of the areas."""
        return check_areas_of(areas, self.all_ids, self.ids)

    @property
    def names(self) -> tuple[str, ...]:
        """The indices that are defined."""
        return (*AROUND, "isolation") if self.counts.shape[1] == 2 else AROUND


def _kernel(places: np.ndarray, ids: pd.Index, scale: float, function: str) -> sparse.csr_array:
    n = len(ids)
    own = float(KERNELS[function](np.zeros(1))[0])
    if scale == 0:
        return sparse.csr_array(own * sparse.eye_array(n))
    links = kernel_links(places, ids, function=function, bandwidth=scale, k=None)
    near = sparse.coo_array((links.weight, (links.focal, links.neighbor)), shape=(n, n))
    return sparse.csr_array(near + own * sparse.eye_array(n))


def _around(names: tuple[str, ...], matrices: list[sparse.csr_array], tables: Array) -> Array:
    """Return indices of tables (runs, areas, groups) at each scale: (runs, scales, names)."""
    runs, n, groups = tables.shape
    side = np.ascontiguousarray(tables.transpose(1, 0, 2)).reshape(n, runs * groups)
    found = []
    for matrix in matrices:
        around = (matrix @ side).reshape(n, runs, groups).transpose(1, 0, 2)
        found.append(around_values(names, tables, around))
    return np.stack(found, axis=1)


def _profile(
    held: HeldCounts, matrices: list[sparse.csr_array], scales: tuple[float, ...], function: str
) -> SegregationProfile:
    names, whole = held.names, np.round(held.counts)
    people = whole.sum(axis=1)
    shares = underlying_shares(whole)

    def drawn(draw: Callable[[int], Array]) -> Array:
        with np.errstate(invalid="ignore", divide="ignore"):  # a group may come out empty in a tiny table
            found = [_around(names, matrices, tables) for tables in in_batches(draw, held.runs, whole.size)]
        values = np.concatenate(found)
        return values[~np.isnan(values).any(axis=(1, 2))]

    value = _around(names, matrices, held.counts[None])[0]
    truth = _around(names, matrices, (shares * people[:, None])[None])[0]
    chance = drawn(shuffled(people, whole.sum(axis=0), held.seed, _NULL))
    again = drawn(resampled(people, shares, held.seed, _AGAIN))
    neighbors = np.array([matrix.nnz / len(people) - 1 for matrix in matrices])
    rows = [
        _rows(names, scale, value[at], truth[at], chance[:, at], again[:, at], held.level).assign(
            neighbors=neighbors[at]
        )
        for at, scale in enumerate(scales)
    ]
    table = pd.concat(rows, ignore_index=True)
    notes = _notes(held, scales, neighbors)
    return SegregationProfile(
        table=table,
        ratios=_ratios(names, table, again, held.level),
        scales=scales,
        function=function,
        n_areas=len(people),
        left_out=held.left_out,
        runs=held.runs,
        level=held.level,
        seed=held.seed,
        notes=notes,
    )


def _rows(
    names: tuple[str, ...],
    scale: float,
    value: Array,
    truth: Array,
    chance: Array,
    again: Array,
    level: float,
) -> pd.DataFrame:
    expected = chance.mean(axis=0)
    middle, least, most = underlying_index(names, value, truth, again, level)
    follows = np.isin(names, COMPOSITION)
    columns = {
        "scale": np.full(len(names), scale),
        "index": np.array(names, dtype=object),
        "value": value,
        "expected": expected,
        "corrected": np.where(follows, np.nan, (value - expected) / (1 - expected)),
        "p_value": ((chance >= value - 1e-12).sum(axis=0) + 1) / (len(chance) + 1),
        "underlying": middle,
        "underlying_lower": least,
        "underlying_upper": most,
    }
    return pd.DataFrame(columns)


def _ratios(names: tuple[str, ...], table: pd.DataFrame, again: Array, level: float) -> pd.DataFrame:
    """Return the underlying index at the last scale over that at the first, and its percentile interval."""
    index = pd.Index(names, name="index")
    blank = pd.DataFrame(np.nan, index=index, columns=["ratio", "lower", "upper"])
    if again.shape[1] < 2:
        return blank
    k = len(names)
    small, large = (
        table.iloc[part].set_index("index") for part in (slice(0, k), slice(len(table) - k, len(table)))
    )
    found = np.array([one["underlying"].to_numpy() for one in (small, large)])
    around = found + (again - again.mean(axis=0))[:, [0, -1]]
    with np.errstate(divide="ignore", invalid="ignore"):
        draws = np.maximum(around[:, 1], 0) / np.maximum(around[:, 0], 0)
        ratio = found[1] / found[0]
    # A draw with no segregation at the first scale is endless: ends are draws, nothing between two.
    ranked = np.sort(np.nan_to_num(draws, nan=0.0, posinf=np.inf), axis=0)
    reach = int((1 - level) / 2 * (len(ranked) - 1))
    ends = ranked[[reach, -1 - reach]]
    told = (small["underlying_lower"] > 0).to_numpy()
    columns = {"ratio": ratio, "lower": ends[0], "upper": ends[1]}
    return pd.DataFrame(
        {name: np.where(told, column, np.nan) for name, column in columns.items()}, index=index
    )


def _notes(held: HeldCounts, scales: tuple[float, ...], neighbors: Array) -> tuple[str, ...]:
    notes = []
    if held.left_out:
        of = f"{len(held.left_out)} of {len(held.all_ids)}"
        notes.append(f"Areas left out, also of what surrounds others, because a count is hidden: {of}.")
    blind = [scale for scale, near in zip(scales, neighbors, strict=True) if scale > 0 and near < 1]
    if blind:
        said = ", ".join(f"{scale:g}" for scale in blind)
        notes.append(f"At {said} m most areas see none but themselves: areas are too large for that scale.")
    return tuple(notes)
