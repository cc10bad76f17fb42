"""Indices of segregation that look at borders, land and distances between areas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from lea_geo._checks import check_count, check_fraction, check_seed
from lea_geo._checks.segregation import check_not_too_many, check_two_groups
from lea_geo.inequality.segregation_indices import Places, dissimilarity
from lea_geo.inequality.segregation_profile import HeldCounts
from lea_geo.inequality.segregation_random import in_batches, resampled, shuffled, underlying_shares

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd

    from lea_geo.inequality.segregation_indices import Array

INDICES = (
    "adjacency_dissimilarity",
    "boundary_dissimilarity",
    "shape_dissimilarity",
    "delta",
    "absolute_clustering",
    "relative_clustering",
    "spatial_proximity",
    "decay_isolation",
    "decay_interaction",
)
_MOST = 5000
"""How many areas all pairs of can be held."""
_OWN = 0.6
"""White's mean distance within an area, as a share of the root of its land."""
_NULL, _AGAIN = 5, 6


@dataclass(frozen=True)
class SpatialSegregation:
    """Indices of the dimensions of segregation that need a map."""

    table: pd.DataFrame
    """Indexed by ``index``, those of ``INDICES``: ``value``; ``expected`` and ``p_value`` (two-sided) if
    areas and groups kept their sizes and people were shuffled; ``lower upper``, the basic bootstrap interval
    of the index of the areas' underlying shares."""
    decay: float
    n_areas: int
    left_out: tuple[str, ...]
    runs: int
    level: float
    seed: int


def segregation_spatial(
    counts: pd.DataFrame,
    areas: gpd.GeoDataFrame,
    *,
    decay: float = 1000.0,
    runs: int = 199,
    level: float = 0.95,
    seed: int = 2009,
) -> SpatialSegregation:
    """Measure segregation of two groups with borders, land and distances.

    With x and X the group's count here and in all, y and Y that of the rest, t and T of both, z = x / t, D
    the dissimilarity, a land, and ``c_ij = exp(-d_ij / decay)``, where an area's distance to itself is 0.6
    times the root of its land::

        adjacency_dissimilarity   D - sum |z_i - z_j| over pairs of neighbours / their number
        boundary_dissimilarity    the same, pairs weighed by the length b_ij of their common border
        shape_dissimilarity       the same, and by half the sum of both areas' common borders over their land,
                                  as a share of the largest such ratio
        delta                     sum |x / X - a / A| / 2
        absolute_clustering       (x'cx - X^2 m) / (x'ct - X^2 m), m the mean of all c_ij
        relative_clustering       P_xx / P_yy - 1, with P_xy = x'cy / (X Y)
        spatial_proximity         (X P_xx + Y P_yy) / (T P_tt)
        decay_isolation           sum x_i / X sum_j k_ij x_j / t_j, with k_ij = c_ij t_j / sum_j c_ij t_j
        decay_interaction         the same with y_j

    Parameters
    ----------
    counts
        As in :func:`~lea_geo.inequality.segregation.segregation`, of two groups, the one of interest first.
    areas
        Their boundaries, in metres. Their whole land counts, also where nobody can live.
    decay
        The distance in metres at which people count e times less.
    runs, level, seed
        As in :func:`~lea_geo.inequality.segregation_profile.segregation_profile`.

    Returns
    -------
    SpatialSegregation

    Raises
    ------
    UsageError
        If there are not two groups, or an option is out of range.
    ValuesError
        If ids do not match, counts are impossible, or there are more than 5 000 areas.

    References
    ----------
    Massey and Denton (1988), https://doi.org/10.1093/sf/67.2.281
    Morrill (1991), On the measure of geographic segregation, Geography Research Forum 11, 25-36
    Wong (1993), https://doi.org/10.1080/00420989320080551
    """
    check_two_groups(counts)
    check_count("runs", runs, least=19)
    check_fraction("level", level)
    check_seed(seed)
    held = HeldCounts.of(counts, runs, level, seed)
    check_not_too_many(len(held.ids), _MOST)
    geography = _Geography.of(held.shapes(areas), decay)
    whole = np.round(held.counts)
    people, shares = whole.sum(axis=1), underlying_shares(whole)

    def drawn(draw: Callable[[int], Array]) -> Array:
        with np.errstate(invalid="ignore", divide="ignore"):  # a group may come out empty in a tiny table
            found = [geography.indices(tables) for tables in in_batches(draw, runs, len(people) ** 2)]
        values = np.concatenate(found)
        return values[~np.isnan(values).any(axis=1)]

    value = geography.indices(held.counts[None])[0]
    truth = geography.indices((shares * people[:, None])[None])[0]
    chance = drawn(shuffled(people, whole.sum(axis=0), seed, _NULL))
    again = drawn(resampled(people, shares, seed, _AGAIN))
    low, high = np.quantile(again, [(1 - level) / 2, (1 + level) / 2], axis=0)
    tails = np.minimum((chance >= value).sum(axis=0), (chance <= value).sum(axis=0))
    columns = {
        "value": value,
        "expected": chance.mean(axis=0),
        "p_value": np.minimum(1, 2 * (tails + 1) / (len(chance) + 1)),
        "lower": value - (high - truth),
        "upper": value - (low - truth),
    }
    table = pd.DataFrame(columns, index=pd.Index(INDICES, name="index"))
    return SpatialSegregation(table, decay, len(people), held.left_out, runs, level, seed)


@dataclass(frozen=True)
class _Geography:
    """Pairs of areas that touch, land, and nearness of all pairs."""

    first: np.ndarray
    second: np.ndarray
    border: Array
    """Length of the common border of each pair, 0 where areas meet in a point."""
    ratio: Array
    """Common borders over land, of each area."""
    land: Array
    near: Array

    @classmethod
    def of(cls, shapes: np.ndarray, decay: float) -> _Geography:
        tree = shapely.STRtree(shapes)
        first, second = tree.query(shapes, predicate="intersects")
        first, second = first[first < second], second[first < second]
        border = shapely.length(shapely.intersection(shapes[first], shapes[second]))
        land = shapely.area(shapes)
        inner = np.bincount(first, border, len(shapes)) + np.bincount(second, border, len(shapes))
        place = shapely.get_coordinates(shapely.centroid(shapes))
        apart = np.sqrt(((place[:, None] - place[None]) ** 2).sum(axis=2))
        np.fill_diagonal(apart, _OWN * np.sqrt(land))
        return cls(first, second, border, inner / land, land, np.exp(-apart / decay))

    def indices(self, tables: Array) -> Array:
        """Return ``INDICES`` of tables (runs, areas, 2), shape (runs, indices)."""
        x, t = tables[..., 0], tables.sum(axis=-1)
        return np.stack([*self._across_borders(tables), self._delta(x), *self._by_distance(x, t)], axis=-1)

    def _across_borders(self, tables: Array) -> tuple[Array, Array, Array]:
        places = Places.of(tables)
        even, z = dissimilarity(places), places.shares[..., 0]
        steps = np.abs(z[:, self.first] - z[:, self.second])
        weight = self.border / max(self.border.sum(), np.finfo(float).tiny)
        compact = (self.ratio[self.first] + self.ratio[self.second]) / (2 * max(self.ratio.max(), 1e-300))
        return (
            even - (steps.mean(axis=1) if len(self.first) else 0.0),
            even - steps @ weight,
            even - steps @ (weight * compact),
        )

    def _delta(self, x: Array) -> Array:
        share = x / x.sum(axis=1, keepdims=True)
        return np.asarray(np.abs(share - self.land / self.land.sum()).sum(axis=1) / 2)

    def _by_distance(self, x: Array, t: Array) -> tuple[Array, ...]:
        y = t - x
        near = [one @ self.near for one in (x, y, t)]
        sizes = [one.sum(axis=1) for one in (x, y, t)]
        xx, yy, tt = (
            (one * close).sum(axis=1) / size**2
            for one, close, size in zip((x, y, t), near, sizes, strict=True)
        )
        xt = (x * near[2]).sum(axis=1) / sizes[0] ** 2
        mean = self.near.mean()
        isolation = (x * near[0] / near[2]).sum(axis=1) / sizes[0]
        return (
            (xx - mean) / (xt - mean),
            xx / yy - 1,
            (sizes[0] * xx + sizes[1] * yy) / (sizes[2] * tt),
            isolation,
            1 - isolation,
        )
