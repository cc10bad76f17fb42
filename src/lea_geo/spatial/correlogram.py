"""How likeness falls off with distance: a global statistic for one lag after another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo._checks import check_choice, check_count
from lea_geo._checks.global_statistics import check_distances, check_kind, check_located
from lea_geo.spatial.distance_classes import DistanceClasses, locate, located_sample, mean_distance
from lea_geo.spatial.global_patterns import check_options, table_of_patterns
from lea_geo.spatial.global_result import PERMUTATIONS, Settings
from lea_geo.spatial.graph import AreaGraph, as_graph
from lea_geo.spatial.rings import Pattern, rings
from lea_geo.spatial.rows import taken_rows
from lea_geo.spatial.sample import build_sample

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    import geopandas as gpd
    from libpysal.graph import Graph

    from lea_geo.spatial.links import FloatArray
    from lea_geo.spatial.sample import Sample

Lag = tuple[Pattern, dict[str, float]]
"""The links of a lag among the areas that have a value, and its distances in metres."""
KINDS = ("contiguity", "distance")


@dataclass(frozen=True)
class Correlogram:
    """A global statistic for one lag after another, and every setting that decided it."""

    table: pd.DataFrame
    """Indexed by ``lag`` from 1: ``statistic expected variance z_score p_value q_value p_lower p_upper
    p_analytic n n_isolates n_pairs distance_from distance_to distance_mean reason``. ``q_value`` is corrected
    for the number of lags; ``n_isolates`` areas have nobody at that lag; distances are in metres, NaN where
    none were asked for."""
    statistic: str
    """``moran``, ``geary`` or ``g``."""
    kind: str
    """``contiguity`` or ``distance``."""
    transform: str
    permutations: int
    seed: int
    alternative: str
    assumption: str
    correction: str
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<Correlogram {self.statistic}: {len(self.table)} lags by {self.kind}>"


def correlogram(
    values: pd.Series,
    graph: AreaGraph | Graph | None = None,
    *,
    kind: str = "contiguity",
    statistic: str = "moran",
    lags: int = 8,
    areas: gpd.GeoDataFrame | Collection[str] | None = None,
    distances: Iterable[float] | None = None,
    points: str = "representative",
    permutations: int = PERMUTATIONS,
    seed: int = 0,
    alternative: str = "two-sided",
    assumption: str = "randomisation",
    transform: str = "row",
    correction: str = "holm",
    status: pd.Series | None = None,
) -> Correlogram:
    """Measure whether areas are alike that are one step apart, two steps apart, and so on.

    At lag *d* the statistic counts exactly the pairs of areas that the shortest way along the links takes *d*
    steps to join, or whose distance lies in the *d*-th class. Where it comes down to its mean, likeness ends.
    All lags are tested on the same values, and by the same permutations of them.

    Parameters
    ----------
    values
        One number an area, indexed by ``area_id``; NaN where there is none.
    graph
        Whose ids are those of ``values``, in any order; its weights do not count. A way may lead through an
        area without a value.
    kind
        ``"contiguity"``: lags are steps in the graph. ``"distance"``: lags are classes of distance between
        the areas, and no graph is needed.
    statistic
        ``"moran"``, ``"geary"`` or ``"g"`` (General G).
    lags
        How many steps, with ``kind="contiguity"``.
    areas
        With ``kind="distance"``, where the areas are: a GeoDataFrame indexed by ``area_id`` in a CRS in
        metres, or grid ids, whose cells' centres count. With ``kind="contiguity"`` they may be given for the
        mean distance of each lag.
    distances
        With ``kind="distance"``, the largest distance of each class in metres, rising: class *d* holds the
        pairs further apart than the limit before and at most its own; the first begins at 0.
    points
        Distances are measured between ``"representative"`` points, surely inside each area, or
        ``"centroid"``.
    permutations, seed, alternative, assumption, status
        As in :func:`global_moran`.
    transform
        Weights of the pairs of a lag: ``"row"`` (sum to 1 for each area) or ``"binary"``.
    correction
        For the number of lags: ``"holm"``, or another of :func:`lea_geo.spatial.inference.adjusted`.

    Returns
    -------
    Correlogram
        ``.table["statistic"].plot()`` draws it, ``.table["expected"].plot()`` the level without a pattern. A
        lag at which there is no pair has NaN and a ``reason``.

    Raises
    ------
    UsageError
        If an option is unknown, or what the kind needs is not given.
    ValuesError
        As :func:`global_moran`, and if there are more pairs of areas than can be held.
    GraphError
        If the areas are not those of the values, or cannot tell distances.

    References
    ----------
    Cliff and Ord (1981), Spatial Processes, Pion, chapter 5
    Holm (1979), https://www.jstor.org/stable/4615733

    Examples
    --------
    >>> from lea_geo import build_graph
    >>> cells = [f"1kmN6675E{300 + column:04d}" for column in range(12)]
    >>> values = pd.Series([0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1], index=cells)
    >>> waves = correlogram(values, build_graph(cells, "lattice"), lags=4, permutations=0)
    >>> waves.table["statistic"].round(2).tolist()
    [0.5, -0.17, -1.0, -0.5]
    """
    check_choice("kind", kind, KINDS)
    check_options(statistic, transform, correction)
    check_kind(graph, areas, distances, kind)
    settings = Settings(transform, permutations, seed, alternative, assumption)
    if graph is not None and kind == "contiguity":
        whole = as_graph(graph)
        sample = build_sample(values, whole, transform=transform, status=status)
        place = None if areas is None else _place(sample, areas, points)
        patterns = _by_steps(sample, whole, check_count("lags", lags), place)
    else:
        limits = check_distances(distances)
        sample, place = located_sample(values, areas, points=points, transform=transform, status=status)
        patterns = _by_distance(DistanceClasses.of(place, limits))
    table = table_of_patterns(statistic, sample, patterns, settings, correction)
    return Correlogram(table, statistic, kind, correction=correction, **vars(settings))


def _place(sample: Sample, areas: gpd.GeoDataFrame | Collection[str], points: str) -> FloatArray:
    ids, place = locate(areas, points)
    check_located(pd.Series(index=sample.index, dtype=float), ids)
    return place[ids.get_indexer(sample.ids)]


def _by_steps(sample: Sample, graph: AreaGraph, lags: int, place: FloatArray | None) -> Iterator[Lag]:
    """Yield who is how many steps away, among the areas that have a value."""
    positions = graph.ids.get_indexer(sample.ids)
    for ring in rings(graph, lags):
        pattern = ring
        if sample.n < graph.n:
            pattern = Pattern(*taken_rows(*ring, np.broadcast_to(1.0, len(ring.indices)), positions)[:2])
        mean = np.nan if place is None else mean_distance(place, pattern)
        yield pattern, {"distance_from": np.nan, "distance_to": np.nan, "distance_mean": mean}


def _by_distance(classes: DistanceClasses) -> Iterator[Lag]:
    """Yield who is how far away."""
    starts = [0.0, *classes.limits[:-1]]
    for number, (start, end, mean) in enumerate(zip(starts, classes.limits, classes.means, strict=True), 1):
        yield classes.only(number), {"distance_from": start, "distance_to": end, "distance_mean": mean}
