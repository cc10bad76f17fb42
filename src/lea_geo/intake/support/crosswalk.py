"""Which share of each source area's mass goes to each target area."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy import sparse

from lea_geo._checks import check_choice
from lea_geo._checks import interpolate as check
from lea_geo.intake.support.doubles import doubled
from lea_geo.intake.support.overlap import overlap

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

METHODS = ("areal",)
ROUNDING = 1e-9
"""What coordinates cannot say: a share of an area's mass that is neither lost nor gained."""


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
    weights: gpd.GeoDataFrame | None = None,
    tolerance: float = 1e-6,
) -> Crosswalk:
    """Say which share of each source area's mass goes to each target area.

    Parameters
    ----------
    source_areas, target_areas
        Areas in one projected CRS in metres; neither set may lie over itself.
    method
        ``areal``: mass is spread evenly over the surface of its source.
    weights
        Not for ``areal``.
    tolerance
        Which share of an area another one of the same set may cover, from 0 to below 1.

    Returns
    -------
    Crosswalk
        Shares, shared surface and what is lost outside the targets.

    Raises
    ------
    AreasError
        If the CRSs differ or are not in metres, polygons are invalid, ids are repeated or blank, or areas of
        one set lie over each other.
    UsageError
        If an option is wrong.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import box
    >>> old = gpd.GeoDataFrame(geometry=[box(0, 0, 40, 10)], index=["old"], crs=3067)
    >>> new = gpd.GeoDataFrame(geometry=[box(0, 0, 10, 10), box(10, 0, 40, 10)], index=["a", "b"], crs=3067)
    >>> build_crosswalk(old, new).shares.toarray().tolist()
    [[0.25, 0.75]]
    """
    check_choice("method", method, METHODS)
    share = check.check_tolerance("tolerance", tolerance)
    if weights is not None:
        check.refuse_weights(method)
    check.check_ids(source_areas, target_areas)
    met = meeting(source_areas, target_areas, share)
    return _areal(met)


@dataclass(frozen=True)
class Meeting:
    """Two sets of areas laid over each other."""

    source: gpd.GeoDataFrame
    target: gpd.GeoDataFrame
    overlap: sparse.csr_array
    source_area: Floats
    target_area: Floats


def meeting(source: gpd.GeoDataFrame, target: gpd.GeoDataFrame, tolerance: float) -> Meeting:
    """Lay two sets of areas over each other; refuse a set that lies over itself."""
    shared = overlap(source, target)
    check.check_no_doubles(
        {"source areas": doubled(source, tolerance), "target areas": doubled(target, tolerance)}
    )
    sizes = [shapely.area(np.asarray(areas.geometry.array, dtype=object)) for areas in (source, target)]
    return Meeting(source, target, shared, *sizes)


def _areal(met: Meeting) -> Crosswalk:
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
        source_area=met.source_area,
        target_area=met.target_area,
        method="areal",
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
