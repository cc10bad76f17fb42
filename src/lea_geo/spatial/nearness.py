"""Who is near whom: links between points by distance.

Distances are compared to the micrometre, so that cells of a lattice at equal distances count as equal however
their coordinates are rounded; equal distances are told apart by area id, never by the order of the rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.spatial import KDTree

from lea_geo._checks.graph import check_apart, check_bandwidths
from lea_geo.spatial.links import FloatArray, Geometries, IntArray, Links

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

DECIMALS = 6
MICROMETRE = 1e-6

KERNELS: dict[str, Callable[[FloatArray], FloatArray]] = {
    "triangular": lambda z: 1 - z,
    "parabolic": lambda z: 0.75 * (1 - z**2),
    "gaussian": lambda z: np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi),
    "bisquare": lambda z: 15 / 16 * (1 - z**2) ** 2,
    "cosine": lambda z: np.pi / 4 * np.cos(np.pi / 2 * z),
    "exponential": lambda z: np.exp(-z),
    "boxcar": np.ones_like,
}
"""K(z) for z = distance / bandwidth from 0 to 1, in libpysal's names and scale; beyond 1 there is no link."""
VANISHING = ("triangular", "parabolic", "bisquare", "cosine")
"""The kernels that are 0 at their bandwidth."""


def place_points(shapes: Geometries, points: str) -> Geometries:
    """Return a point for each area: ``"representative"``, surely inside it, or its ``"centroid"``."""
    return np.asarray(shapely.centroid(shapes) if points == "centroid" else shapely.point_on_surface(shapes))


def knn_links(points: Geometries, ids: pd.Index[str], *, k: int) -> Links:
    """Return links of weight 1 from each area to its ``k`` nearest others."""
    place = shapely.get_coordinates(points)
    focal, neighbor, distance = _within(place, kth_distances(place, k))
    rank = np.argsort(np.argsort(ids.to_numpy()))
    order = np.lexsort((rank[neighbor], distance, focal))
    focal, neighbor, distance = focal[order], neighbor[order], distance[order]
    counts = np.bincount(focal, minlength=len(ids))
    standing = np.arange(focal.size) - (np.cumsum(counts) - counts)[focal]
    tied = int(np.count_nonzero(counts > k))
    note = f"Areas with several others at the distance of neighbour {k}: {tied}; the smaller id was taken."
    near = standing < k
    return Links(focal[near], neighbor[near], np.ones(int(near.sum())), (note,) if tied else ())


def band_links(points: Geometries, ids: pd.Index[str], *, threshold: float, alpha: float | None) -> Links:
    """Return links between areas at most ``threshold`` metres apart, of :func:`distance_weights`."""
    place = shapely.get_coordinates(points)
    pairs = KDTree(place).query_pairs(threshold + MICROMETRE, output_type="ndarray")
    distance = distances_between(place, pairs[:, 0], pairs[:, 1])
    first, second = pairs[distance <= threshold].T
    distance = distance[distance <= threshold]
    if alpha is not None:
        check_apart(ids, first, second, distance)
    return Links.both_ways(first, second, distance_weights(distance, alpha))


def distance_weights(distance: FloatArray, alpha: float | None) -> FloatArray:
    """Return ``distance ** -alpha``, with the distance in metres, or 1 where alpha is None."""
    return np.ones(distance.size) if alpha is None else distance**-alpha


def kernel_links(
    points: Geometries, ids: pd.Index[str], *, function: str, bandwidth: float | None, k: int | None
) -> Links:
    """Return links weighed by a kernel of the distance, without the area itself.

    The bandwidth is the same for all areas (``bandwidth``, in metres), or for each area its distance to its
    ``k``-th nearest other; then links differ by direction.
    """
    place = shapely.get_coordinates(points)
    reach = np.full(len(ids), bandwidth) if k is None else kth_distances(place, k)
    check_bandwidths(ids, reach)
    focal, neighbor, distance = _within(place, reach)
    weight = KERNELS[function](distance / reach[focal])
    some = (weight > 0) & ((distance < reach[focal]) | (function not in VANISHING))
    return Links(focal[some], neighbor[some], weight[some])


def kth_distances(place: FloatArray, k: int) -> FloatArray:
    """Return the distance from each point to its ``k``-th nearest other."""
    # A point finds itself, or another in the same place, at distance 0: one more is asked for.
    farthest = np.asarray(KDTree(place).query(place, k=[k + 1])[0])
    return np.round(farthest[:, 0], DECIMALS)


def _within(place: FloatArray, reach: FloatArray) -> tuple[IntArray, IntArray, FloatArray]:
    """Return who lies within reach of each point, itself left out, and the distances."""
    found = KDTree(place).query_ball_point(place, reach + MICROMETRE, return_sorted=False)
    focal = np.repeat(np.arange(len(place)), [len(row) for row in found])
    neighbor = np.concatenate(found).astype(np.intp)
    distance = distances_between(place, focal, neighbor)
    near = (focal != neighbor) & (distance <= reach[focal])
    return focal[near], neighbor[near], distance[near]


def distances_between(place: FloatArray, first: IntArray, second: IntArray) -> FloatArray:
    """Return distances to the micrometre; the same pair has the same distance in both directions."""
    apart = place[first] - place[second]
    return np.asarray(np.round(np.sqrt((apart**2).sum(axis=1)), DECIMALS))
