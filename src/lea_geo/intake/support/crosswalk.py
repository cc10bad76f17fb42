"""Which share of each source area's mass goes to each target area."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias, cast

import numpy as np
from scipy import sparse

from lea_geo._checks import check_choice
from lea_geo._checks import interpolate as check
from lea_geo._checks import weights as check_weights
from lea_geo.intake.support.dasymetric import weighed_by_areas, weighed_by_points
from lea_geo.intake.support.land import weighed_by_raster
from lea_geo.intake.support.meeting import ROUNDING, meet

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

    from lea_geo.intake.support.dasymetric import Weighed
    from lea_geo.intake.support.meeting import Meeting

    Floats = NDArray[np.float64]

METHODS = ("areal", "dasymetric")
Weights: TypeAlias = "gpd.GeoDataFrame | str | Path"
"""What says where mass lies: finer areas, points, or the path of a raster."""


@dataclass(frozen=True, kw_only=True)
class Crosswalk:
    """How the mass of each source area is divided among the target areas.

    The ids are in the order of the frames that it was built from; every matrix has a row for each source area
    and a column for each target area.
    """

    source_ids: pd.Index
    target_ids: pd.Index
    shares: sparse.csr_array
    """Which share of the source's mass goes to the target, from 0 to 1; a row's sum is ``1 - lost``."""
    overlap: sparse.csr_array
    """The surface that the two have in common, m2."""
    mass: sparse.csr_array
    """What the method weighs there: m2, or the weights' own unit (people, buildings)."""
    source_mass: Floats
    """Shape (n_source,): the same in the whole source, in targets or not."""
    lost: Floats
    """Shape (n_source,): the share of the source's mass that lies outside all targets."""
    assumed: Floats
    """Shape (n_source,): the share of its mass whose place rests on an assumption, that what a border cuts is
    spread evenly. 0 where the whole source lies in one target: nothing was divided."""
    unweighted: NDArray[np.bool_]
    """Shape (n_source,): which sources hold no weights at all, so that they were divided by surface."""
    source_area: Floats
    """Shape (n_source,): m2."""
    target_area: Floats
    """Shape (n_target,): m2."""
    method: str
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        size = f"{len(self.source_ids)} areas to {len(self.target_ids)}, {self.shares.nnz} pieces"
        lost = int(np.count_nonzero(self.lost))
        return f"<Crosswalk {self.method}: {size}, {lost} areas partly or wholly outside>"

    @property
    def covered(self) -> Floats:
        """Shape (n_target,): which share of the target's surface the sources cover."""
        covered: Floats = self.overlap.sum(axis=0) / self.target_area
        return np.where(np.abs(covered - 1) < ROUNDING, 1.0, covered)

    def spread(self) -> Crosswalk:
        """Return a crosswalk in which what is lost outside goes where the rest of its source goes.

        What was lost counts as ``assumed``. A source that reaches no target stays lost.
        """
        reaches = self.lost < 1
        kept = np.where(reaches, 1 - self.lost, 1.0)
        added = np.where(reaches, self.lost, 0.0)
        return replace(
            self,
            shares=scaled_rows(self.shares, 1 / kept),
            lost=np.where(reaches, 0.0, self.lost),
            assumed=np.where(added > 0, added + self.assumed, self.assumed).clip(0.0, 1.0),
        )


def build_crosswalk(
    source_areas: gpd.GeoDataFrame,
    target_areas: gpd.GeoDataFrame,
    *,
    method: str = "areal",
    weights: Weights | None = None,
    weights_column: str | None = None,
    densities: Mapping[int, float] | None = None,
    band: int = 1,
    tolerance: float = 1e-6,
) -> Crosswalk:
    """Say which share of each source area's mass goes to each target area.

    ``areal`` spreads mass evenly over the surface of its source (Goodchild and Lam 1980). ``dasymetric``
    (Wright 1936; Eicher and Brewer 2001) divides it as ``weights`` lie within the source; only what a border
    cuts of them is spread evenly, within itself.

    Parameters
    ----------
    source_areas, target_areas
        Areas in one projected CRS in metres; neither set may lie over itself.
    method
        ``areal`` or ``dasymetric``. Pycnophylactic shares depend on the values: see :func:`interpolate`.
    weights
        For ``dasymetric``, in the same CRS: a GeoDataFrame of finer areas (a population grid, built-up land)
        or of points (buildings, addresses), or the path of a raster, which is read a piece at a time.
    weights_column
        The column of ``weights`` that counts, at least 0; left out, each point or each square metre counts as
        one.
    densities
        For a raster of classes (land cover): each class and how dense it is, at least 0, in any unit. Left
        out, the raster holds densities or counts.
    band
        Of the raster, counted from 1.
    tolerance
        Which share of an area another one of the same set may cover, from 0 to below 1.

    Returns
    -------
    Crosswalk
        Shares, shared surface and what is lost outside the targets. A source in which all weights are 0 is
        divided by surface, and noted.

    Raises
    ------
    AreasError
        If the CRSs differ or are not in metres, polygons are invalid, ids are repeated or blank, areas of one
        set lie over each other, or the raster cannot be read.
    ValuesError
        If weights are missing or negative, or a class has no density.
    UsageError
        If an option is wrong.

    References
    ----------
    Goodchild and Lam (1980), Areal interpolation: a variant of the traditional spatial problem,
    Geo-Processing 1, 297-312.
    Wright (1936), https://doi.org/10.2307/209467
    Eicher and Brewer (2001), https://doi.org/10.1559/152304001782173727

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import Point, box
    >>> old = gpd.GeoDataFrame(geometry=[box(0, 0, 40, 10)], index=["old"], crs=3067)
    >>> new = gpd.GeoDataFrame(geometry=[box(0, 0, 10, 10), box(10, 0, 40, 10)], index=["a", "b"], crs=3067)
    >>> build_crosswalk(old, new).shares.toarray().tolist()
    [[0.25, 0.75]]
    >>> houses = gpd.GeoDataFrame(geometry=[Point(1, 1), Point(2, 2), Point(3, 3), Point(39, 9)], crs=3067)
    >>> build_crosswalk(old, new, method="dasymetric", weights=houses).shares.toarray().tolist()
    [[0.75, 0.25]]
    """
    check_choice("method", method, METHODS)
    share = check.check_tolerance("tolerance", tolerance)
    kind = check_weights.check_method(method, weights, weights_column, densities)
    check.check_ids(source_areas, target_areas)
    met = meet(source_areas, target_areas, share)
    if kind is None:
        return areal(met)
    if kind == "raster":
        return _dasymetric(met, weighed_by_raster(met, cast("str | Path", weights), densities, band))
    check_weights.check_weights_crs(weights, source_areas)
    weigh = weighed_by_areas if kind == "areas" else weighed_by_points
    return _dasymetric(met, weigh(met, cast("gpd.GeoDataFrame", weights), weights_column))


def areal(met: Meeting) -> Crosswalk:
    """Return the crosswalk that spreads mass evenly over surface."""
    shares, lost = whole_rows(scaled_rows(met.overlap, 1 / met.source_area))
    return Crosswalk(
        source_ids=met.source.index,
        target_ids=met.target.index,
        shares=shares,
        overlap=met.overlap,
        mass=met.overlap,
        source_mass=met.source_area,
        lost=lost,
        assumed=np.where(divided(shares, lost), 1.0, 0.0),
        unweighted=np.zeros(len(met.source), dtype=bool),
        source_area=met.source_area,
        target_area=met.target_area,
        method="areal",
    )


def _dasymetric(met: Meeting, weighed: Weighed) -> Crosswalk:
    """Return the crosswalk that divides mass as the weights lie; by surface where they say nothing."""
    even = areal(met)
    empty = weighed.source_mass <= 0
    whole = np.where(empty, 1.0, weighed.source_mass)
    by_weight, lost = whole_rows(scaled_rows(weighed.mass, np.where(empty, 0.0, 1 / whole)))
    shares = sparse.csr_array(by_weight + scaled_rows(even.shares, empty.astype(float)))
    shares.eliminate_zeros()
    lost = np.where(empty, even.lost, lost)
    told = f"{empty.sum()} of {len(empty)} source areas hold no weights; their mass is spread by surface."
    return replace(
        even,
        shares=shares,
        mass=weighed.mass,
        source_mass=weighed.source_mass,
        lost=lost,
        assumed=np.where(empty, even.assumed, np.where(divided(shares, lost), weighed.cut / whole, 0.0)),
        unweighted=empty,
        method="dasymetric",
        notes=(*weighed.notes, *((told,) if empty.any() else ())),
    )


def scaled_rows(matrix: sparse.csr_array, factor: Floats) -> sparse.csr_array:
    """Return the matrix with each row times its factor."""
    data = matrix.data * np.repeat(factor, np.diff(matrix.indptr))
    return sparse.csr_array((data, matrix.indices, matrix.indptr), shape=matrix.shape)


def whole_rows(shares: sparse.csr_array) -> tuple[sparse.csr_array, Floats]:
    """Return shares whose rows add up to at most 1, to 1 where only rounding is missing; and the rest."""
    total = shares.sum(axis=1)
    whole = total > 1 - ROUNDING
    return scaled_rows(shares, 1 / np.where(whole, total, 1.0)), np.where(whole, 0.0, 1 - total)


def divided(shares: sparse.csr_array, lost: Floats) -> NDArray[np.bool_]:
    """Return which sources are cut: they go to several targets, or partly to none."""
    pieces = np.diff(shares.indptr)
    return (pieces > 1) | ((lost > 0) & (pieces > 0))
