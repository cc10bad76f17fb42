"""The crosswalk between areas of two years: as it is built, without what is only drawn otherwise."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy import sparse

from lea_geo.intake.support.crosswalk import scaled_rows
from lea_geo.intake.vintages.ground import shared_ground

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from lea_geo.intake.support.crosswalk import Crosswalk

    Floats = NDArray[np.float64]

LEAST = 0.01
"""A link that is less than this of the ground of both its areas moves nobody."""


@dataclass(frozen=True)
class Redrawn:
    """What was left out of a crosswalk."""

    n: int
    """How many links."""
    share: Floats
    """Shape (n_source,): the share of each source's mass that stays with the rest of it for that reason."""


def without_slivers(
    walk: Crosswalk,
    source: gpd.GeoDataFrame,
    target: gpd.GeoDataFrame,
    *,
    tolerance: float,
    least: float = LEAST,
) -> tuple[Crosswalk, Redrawn]:
    """Return the crosswalk without links that are slivers or slight; their mass goes where the rest does.

    Parameters
    ----------
    walk
        From ``source`` to ``target``.
    source, target
        Areas of two years.
    tolerance
        As in :func:`~lea_geo.intake.vintages.ground.shared_ground`, metres.
    least
        A link with less than this share of the ground of both its areas is left out.
    """
    links = shared_ground(source, target, tolerance=tolerance, shared=walk.overlap)
    sizes = [shapely.area(np.asarray(areas.geometry.array, dtype=object)) for areas in (source, target)]
    ground = links["ground"].to_numpy()
    of_source, of_target = (
        ground / size[links[side]] for size, side in zip(sizes, ("before", "after"), strict=True)
    )
    kept = (ground > 0) & (np.maximum(of_source, of_target) >= least)
    pattern = (kept.astype(float), (links["before"].to_numpy(), links["after"].to_numpy()))
    keep = sparse.coo_array(pattern, shape=walk.shares.shape).tocsr()
    shares = walk.shares.multiply(keep).tocsr()
    total, left = walk.shares.sum(axis=1), shares.sum(axis=1)
    # A source none of whose mass would be left keeps what it had: nobody is lost to tidiness.
    emptied = (left <= 0) & (total > 0)
    shares = shares + scaled_rows(walk.shares, emptied.astype(float))
    left = np.where(emptied, total, left)
    shares = sparse.csr_array(scaled_rows(shares, total / np.where(left > 0, left, 1.0)))
    shares.eliminate_zeros()
    alone = np.diff(shares.indptr) == 1
    shares.data[shares.indptr[:-1][alone]] = (1 - walk.lost)[alone]  # all of it, not all but rounding
    dropped = Redrawn(walk.shares.nnz - shares.nnz, np.asarray(total - left, dtype=float))
    settled = replace(
        walk,
        shares=shares,
        overlap=sparse.csr_array(walk.overlap.multiply(shares > 0)),
        mass=scaled_rows(shares, walk.source_mass),
        assumed=np.where(alone & (walk.lost == 0), 0.0, walk.assumed),
    )
    return settled, dropped
