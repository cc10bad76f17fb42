"""At which distance an indicator clusters: global autocorrelation within a growing distance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from lea_geo._checks import check_count, check_fraction
from lea_geo._checks.global_statistics import check_distances, check_some
from lea_geo.spatial.distance_classes import DistanceClasses, located_sample, rising_distances
from lea_geo.spatial.global_patterns import check_options, table_of_patterns
from lea_geo.spatial.global_result import Settings

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    import geopandas as gpd
    from numpy.typing import NDArray

    from lea_geo.spatial.links import FloatArray
    from lea_geo.spatial.rings import Pattern

MANY_LOOKS = (
    "Every distance is tested on the same values, and each holds the nearer ones; q_value is corrected for "
    "all of them. A distance chosen by its peak fits these values: test others with it, or call it chosen."
)
STILL_RISING = "The z-score still rises at the largest distance, so a peak may lie beyond."


@dataclass(frozen=True)
class IncrementalAutocorrelation:
    """A global statistic within one distance after another, its peaks, and every setting that decided it."""

    table: pd.DataFrame
    """Indexed by ``distance`` in metres: ``statistic expected variance z_score p_value q_value p_lower
    p_upper p_analytic n n_isolates n_pairs neighbors_mean peak reason``. ``q_value`` is corrected for the
    number of distances; ``peak`` says where the z-score is higher than at both distances beside."""
    first_peak: float | None
    """The smallest distance of a peak whose ``q_value`` is at most ``level``; None where there is none."""
    peak: float | None
    """The distance of the highest such peak."""
    statistic: str
    """``moran``, ``geary`` or ``g``."""
    level: float
    transform: str
    permutations: int
    seed: int
    alternative: str
    assumption: str
    correction: str
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        peak = "no peak" if self.peak is None else f"peak at {self.peak:g} m"
        return f"<IncrementalAutocorrelation {self.statistic}: {len(self.table)} distances, {peak}>"


def incremental_autocorrelation(
    values: pd.Series,
    areas: gpd.GeoDataFrame | Collection[str],
    *,
    distances: Iterable[float] | None = None,
    steps: int = 10,
    statistic: str = "moran",
    level: float = 0.05,
    points: str = "representative",
    permutations: int = 0,
    seed: int = 0,
    alternative: str = "two-sided",
    assumption: str = "randomisation",
    transform: str = "row",
    correction: str = "holm",
    status: pd.Series | None = None,
) -> IncrementalAutocorrelation:
    """Measure likeness within a growing distance, to find the distance at which it is most marked.

    At each distance all areas at most so far apart are neighbours, and the z-score of the global statistic
    tells how marked the likeness is. Where the z-score peaks, the processes that make neighbours alike are
    most marked; there may be several such distances. This is ArcGIS's Incremental Spatial Autocorrelation,
    which does not correct for the many distances: each look is another chance to find something in nothing.
    Here ``q_value`` is corrected for all distances, and a peak counts only where it is at most ``level``.

    Parameters
    ----------
    values
        One number an area, indexed by ``area_id``; NaN where there is none.
    areas
        Where the areas are: a GeoDataFrame indexed by ``area_id`` in a CRS in metres, or grid ids, whose
        cells' centres count. In any order.
    distances
        In metres, rising. Left out, ``steps`` distances: the first is the smallest at which every area with a
        value has a neighbour; the step is the mean distance to the nearest neighbour, or smaller where the
        last would exceed half the diagonal of the map.
    steps
        How many distances, where none are given.
    statistic
        ``"moran"``, ``"geary"`` (whose z-scores count from 0 downwards) or ``"g"`` (General G).
    level
        Highest ``q_value`` of a peak that counts.
    points
        Distances are measured between ``"representative"`` points, surely inside each area, or
        ``"centroid"``.
    permutations, seed, alternative, assumption, status
        As in :func:`global_moran`; without permutations ``p_value`` follows from the z-score.
    transform
        Weights of the neighbours: ``"row"`` (sum to 1 for each area) or ``"binary"``.
    correction
        For the number of distances: ``"holm"``, which holds however the tests depend on each other, or
        another of :func:`lea_geo.spatial.inference.adjusted`.

    Returns
    -------
    IncrementalAutocorrelation
        ``.table["z_score"].plot()`` draws it.

    Raises
    ------
    UsageError
        If an option is unknown or out of range.
    ValuesError
        As :func:`global_moran`, if the areas are others than those of the values, or if there are more pairs
        of areas within the largest distance than can be held.
    GraphError
        If the areas cannot tell distances: no geometry, degrees, duplicate ids.

    References
    ----------
    Getis and Aldstadt (2004), https://doi.org/10.1111/j.1538-4632.2004.tb01127.x
    Holm (1979), https://www.jstor.org/stable/4615733

    Examples
    --------
    >>> cells = [f"1kmN{6675 + row}E{300 + column:04d}" for row in range(8) for column in range(8)]
    >>> blocks = pd.Series([(row // 4 + column // 4) % 2 for row in range(8) for column in range(8)], cells)
    >>> found = incremental_autocorrelation(blocks, cells, distances=[1000, 1500, 2000, 3000, 4000])
    >>> found.table["z_score"].round(1).tolist()
    [7.9, 9.8, 10.7, 11.5, 7.1]
    >>> found.first_peak
    3000.0
    """
    check_options(statistic, transform, correction)
    check_fraction("level", level)
    settings = Settings(transform, permutations, seed, alternative, assumption)
    limits = None if distances is None else check_distances(distances)
    count = check_count("steps", steps)
    sample, place = located_sample(values, areas, points=points, transform=transform, status=status)
    if limits is None:
        check_some(sample.n)
        limits = rising_distances(place, count)
    patterns = _growing(DistanceClasses.of(place, limits))
    table = table_of_patterns(statistic, sample, patterns, settings, correction)
    table.index = pd.Index(limits, name="distance")
    height = table["z_score"].to_numpy() * (-1 if statistic == "geary" else 1)
    peaks = find_peaks(limits, height, table["q_value"].to_numpy(), level)
    table.insert(len(table.columns) - 1, "peak", peaks.top)
    return IncrementalAutocorrelation(
        table,
        first_peak=peaks.first,
        peak=peaks.highest,
        statistic=statistic,
        level=level,
        correction=correction,
        notes=(MANY_LOOKS, STILL_RISING) if (height[-2:-1] < height[-1]).any() else (MANY_LOOKS,),
        **vars(settings),
    )


class Peaks(NamedTuple):
    """Where z-scores are higher than beside."""

    top: NDArray[np.bool_]
    """Which distances are peaks, shape (distances,); the first and the last have nothing to rise above."""
    first: float | None
    """The smallest distance of a peak that counts."""
    highest: float | None
    """The distance of the highest peak that counts."""


def find_peaks(limits: FloatArray, height: FloatArray, q_value: FloatArray, level: float) -> Peaks:
    """Return the peaks; those count that are above 0 and whose q-value is at most ``level``."""
    inner = height[1:-1]
    top = np.zeros(len(height), dtype=bool)
    top[1:-1] = (inner > height[:-2]) & (inner > height[2:])
    counted = np.flatnonzero(top & (q_value <= level) & (height > 0))
    if len(counted) == 0:
        return Peaks(top, None, None)
    return Peaks(top, float(limits[counted[0]]), float(limits[counted[np.argmax(height[counted])]]))


def _growing(classes: DistanceClasses) -> Iterator[tuple[Pattern, dict[str, float]]]:
    """Yield who lies within each distance, and how many neighbours that makes."""
    for number in range(1, len(classes.limits) + 1):
        pattern = classes.up_to(number)
        yield pattern, {"neighbors_mean": len(pattern.indices) / max(1, len(pattern.indptr) - 1)}
