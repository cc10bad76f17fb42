"""Where mass lies within an area, by what is known on finer ground: areas, points or a raster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy import sparse

from lea_geo._checks import weights as check
from lea_geo.intake.support.locate import locate
from lea_geo.intake.support.meeting import ROUNDING, added
from lea_geo.intake.support.overlap import overlap

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from lea_geo.intake.support.meeting import Meeting

    Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Weighed:
    """What the weights say of two sets of areas."""

    mass: sparse.csr_array
    """Shape (n_source, n_target): the weights on the ground that two areas share."""
    source_mass: Floats
    """Shape (n_source,): the weights in each source, in targets or not."""
    cut: Floats
    """Shape (n_source,): the weights of what a border cuts, taken to be spread evenly within it."""
    notes: tuple[str, ...] = ()


def weighed_by_areas(met: Meeting, zones: gpd.GeoDataFrame, column: str | None) -> Weighed:
    """Weigh the ground by finer areas, each spread evenly over its surface.

    A zone that lies partly outside a source, or over two, gives each what lies in it: source, zone and target
    are laid over each other all three.

    Parameters
    ----------
    met
        Sources and targets.
    zones
        Polygons in the same CRS.
    column
        What they hold, at least 0; None counts square metres.
    """
    shapes = np.asarray(zones.geometry.array, dtype=object)
    size = shapely.area(shapes)
    density = np.ones(len(zones)) if column is None else check.check_weights(zones, column) / size
    pieces = met.pieces()
    shared = overlap(pieces, zones)
    part = shared.data < size[shared.indices] * (1 - ROUNDING)
    cut = sparse.csr_array((shared.data * part, shared.indices, shared.indptr), shape=shared.shape)
    row, column_of = pieces["row"].to_numpy(), pieces["column"].to_numpy()
    return Weighed(
        mass=_gathered(met, row, column_of, shared @ density),
        source_mass=overlap(met.source, zones) @ density,
        cut=added(row, cut @ density, len(met.source)),
    )


def weighed_by_points(met: Meeting, points: gpd.GeoDataFrame, column: str | None) -> Weighed:
    """Weigh the ground by points, such as buildings or addresses.

    Parameters
    ----------
    met
        Sources and targets.
    points
        Points in the same CRS. One on a common border belongs to one of its areas.
    column
        What they hold, at least 0; None counts each as one.
    """
    held = np.ones(len(points)) if column is None else check.check_weights(points, column)
    x, y = points.geometry.x.to_numpy(), points.geometry.y.to_numpy()
    row, target = locate(x, y, met.source), locate(x, y, met.target)
    inside, away = row >= 0, int(np.count_nonzero(row < 0))
    both = inside & (target >= 0)
    notes = (f"{away} of {len(points)} points lie in no source area and weigh nothing.",) if away else ()
    return Weighed(
        mass=_gathered(met, row[both], target[both], held[both]),
        source_mass=added(row[inside], held[inside], len(met.source)),
        cut=np.zeros(len(met.source)),
        notes=notes,
    )


def _gathered(
    met: Meeting, row: NDArray[np.int64], column: NDArray[np.int64], weight: Floats
) -> sparse.csr_array:
    """Return the sum of weights for each pair of areas."""
    shape = (len(met.source), len(met.target))
    mass = sparse.coo_array((weight, (row, column)), shape=shape).tocsr()
    mass.sum_duplicates()
    return mass
