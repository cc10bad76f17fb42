"""Which areas are how far apart: all pairs up to the largest distance, found once and told apart by class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from scipy import sparse
from scipy.spatial import KDTree

from lea_geo._checks.global_statistics import check_located, check_pairs
from lea_geo._checks.graph import check_request
from lea_geo.intake.grid import parse_grid_ids
from lea_geo.spatial.cell_ids import cell_ids
from lea_geo.spatial.graph import AreaGraph
from lea_geo.spatial.nearness import MICROMETRE, distances_between, kth_distances, place_points
from lea_geo.spatial.rings import Pattern
from lea_geo.spatial.sample import Sample, build_sample
from lea_geo.spatial.sums import exact_sum

if TYPE_CHECKING:
    from collections.abc import Collection

    import geopandas as gpd
    import pandas as pd

    from lea_geo.spatial.links import FloatArray


@dataclass(frozen=True)
class DistanceClasses:
    """Every pair of points up to some distance, in both directions, and the class that it belongs to."""

    limits: FloatArray
    """The largest distance of each class, in metres, rising; the first class begins at 0."""
    numbers: sparse.csr_array
    """The number of the class of each pair, from 1; shape (n, n), indices sorted."""
    means: FloatArray
    """Mean distance of the pairs of each class, NaN where there is none."""

    @classmethod
    def of(cls, place: FloatArray, limits: FloatArray) -> DistanceClasses:
        """Return the classes of points at ``place``, shape (n, 2).

        Raises
        ------
        ValuesError
            If there are more pairs than can be held.
        """
        n = len(place)
        tree = KDTree(place)
        reach = float(limits[-1]) + MICROMETRE
        check_pairs((int(tree.count_neighbors(tree, reach)) - n) // 2, float(limits[-1]), n)
        first, second = tree.query_pairs(reach, output_type="ndarray").astype(np.int32).T
        distance = distances_between(place, first, second)
        number = np.searchsorted(limits, distance) + 1
        kept = number <= len(limits)
        first, second, distance, number = first[kept], second[kept], distance[kept], number[kept]
        ends = (np.concatenate([first, second]), np.concatenate([second, first]))
        both = np.concatenate([number, number]).astype(np.int16)
        numbers = sparse.csr_array((both, ends), shape=(n, n))
        numbers.sort_indices()
        means = [_mean(distance[number == one]) for one in range(1, len(limits) + 1)]
        return cls(limits, numbers, np.array(means))

    def only(self, number: int) -> Pattern:
        """Return the links of one class."""
        return self._where(self.numbers.data == number)

    def up_to(self, number: int) -> Pattern:
        """Return the links of one class and of all nearer ones."""
        return self._where(self.numbers.data <= number)

    def _where(self, kept: np.ndarray) -> Pattern:
        before = np.concatenate([[0], np.cumsum(kept, dtype=np.int64)])
        return Pattern(before[self.numbers.indptr], self.numbers.indices[kept])


def mean_distance(place: FloatArray, pattern: Pattern) -> float:
    """Return the mean length of links between points at ``place``, in metres; NaN where there is none."""
    focal = np.repeat(np.arange(len(place), dtype=np.int32), np.diff(pattern.indptr))
    return _mean(distances_between(place, focal, pattern.indices))


def _mean(distance: FloatArray) -> float:
    return exact_sum(distance) / len(distance) if len(distance) else np.nan


def locate(areas: gpd.GeoDataFrame | Collection[str], points: str) -> tuple[pd.Index[str], FloatArray]:
    """Return the ids of areas and a point in each, in metres, shape (n, 2): of grid ids the cells' centres.

    Raises
    ------
    GraphError
        If the areas cannot tell distances: no geometry, degrees, duplicate ids.
    """
    bare = not hasattr(areas, "geometry")
    options: dict[str, Any] = {} if bare else {"k": 1, "points": points}
    request = check_request(
        areas,
        "lattice" if bare else "knn",
        islands="isolate",
        water_distance=None,
        options=options,
        name_cells=cell_ids,
    )
    if request.geometry is None:
        size, northing, easting = parse_grid_ids(request.ids.tolist())
        corners = np.column_stack([easting, northing])
        return request.ids, np.asarray(corners + size / 2, dtype=np.float64)
    place = shapely.get_coordinates(place_points(request.geometry, points))
    return request.ids, place.astype(np.float64)


def located_sample(
    values: pd.Series,
    areas: gpd.GeoDataFrame | Collection[str],
    *,
    points: str,
    transform: str,
    status: pd.Series | None,
) -> tuple[Sample, FloatArray]:
    """Return the areas that have a value, without links among them, and a point in each, shape (n, 2)."""
    ids, place = locate(areas, points)
    check_located(values, ids)
    alone = AreaGraph(ids, np.zeros(len(ids) + 1, dtype=np.int64), np.empty(0, dtype=np.int32), np.empty(0))
    sample = build_sample(values, alone, transform=transform, status=status)
    return sample, place[ids.get_indexer(sample.ids)]


def rising_distances(place: FloatArray, steps: int) -> FloatArray:
    """Return distances from that at which every point has a neighbour, in steps to the next neighbour.

    The step is the mean distance to the nearest other, or smaller where ``steps`` of them would exceed half
    the diagonal of the map, beyond which the middle has everybody for a neighbour.
    """
    nearest = kth_distances(place, 1)
    start = float(nearest.max())
    diagonal = float(np.hypot(*np.ptp(place, axis=0)))
    step = exact_sum(nearest) / len(nearest)
    if steps > 1 and start < diagonal / 2:
        step = min(step, (diagonal / 2 - start) / (steps - 1))
    return np.asarray(start + step * np.arange(steps), dtype=np.float64)
