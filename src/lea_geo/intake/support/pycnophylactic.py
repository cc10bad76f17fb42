"""Mass smoothed over borders without leaving its area: Tobler's pycnophylactic interpolation."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely
from scipy import sparse

from lea_geo._checks import pycnophylactic as check
from lea_geo.intake.support.crosswalk import Crosswalk, areal, divided, scaled_rows, whole_rows
from lea_geo.intake.support.overlap import overlap

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lea_geo.intake.support.meeting import Meeting

    Floats = NDArray[np.float64]

CELLS_ACROSS = 10
"""Cells along the side of a source area of median size, where no cell size is said."""
MOST_CELLS = 1_000_000


@dataclass(frozen=True)
class Smoothing:
    """How far the smoothing goes."""

    cell_size: float | None
    """Metres; None makes ``CELLS_ACROSS`` of them."""
    iterations: int
    """The most rounds."""
    convergence: float
    """Smoothing ends when no density changes by more than this share of the largest."""


@dataclass(frozen=True)
class Surface:
    """The cells on which densities are smoothed, laid over sources and over what they share with targets."""

    even: Crosswalk
    """The crosswalk of mass that is spread evenly: for hidden values, which have no surface."""
    shape: tuple[int, int]
    """Rows and columns of cells."""
    size: float
    shared: sparse.csr_array
    """Shape (n_source, n_cells): the surface that a source has of a cell, m2."""
    row: NDArray[np.int64]
    """Of each piece of ground that a source and a target share: its source."""
    column: NDArray[np.int64]
    """And its target."""
    pieces: sparse.csr_array
    """Shape (n_pieces, n_cells): the surface that a piece has of a cell, m2."""

    @classmethod
    def over(cls, met: Meeting, smoothing: Smoothing) -> Surface:
        """Lay cells over sources and targets."""
        west, south, east, north = met.source.total_bounds
        side = smoothing.cell_size or _side(met, (east - west) * (north - south))
        wide, high = (int(np.ceil(length / side)) or 1 for length in (east - west, north - south))
        check.check_cells(wide * high, side, MOST_CELLS)
        x, y = (a.ravel() for a in np.meshgrid(west + side * np.arange(wide), south + side * np.arange(high)))
        cells = gpd.GeoDataFrame(geometry=shapely.box(x, y, x + side, y + side), crs=met.source.crs)
        ground = met.pieces()
        return cls(
            even=areal(met),
            shape=(high, wide),
            size=float(side),
            shared=overlap(met.source, cells),
            row=ground["row"].to_numpy(),
            column=ground["column"].to_numpy(),
            pieces=overlap(ground, cells),
        )

    def crosswalk(self, mass: Floats, smoothing: Smoothing) -> Crosswalk:
        """Return how mass is divided that is smooth over the borders of its sources and stays within them.

        Parameters
        ----------
        mass
            Shape (n_source,): at least 0; NaN where it is hidden. Hidden sources are left out of the surface,
            as if it ended at their borders, and are divided evenly.
        smoothing
            When to stop.
        """
        known = np.nan_to_num(mass, nan=0.0)
        ground = scaled_rows(self.shared, (~np.isnan(mass)).astype(float))
        density, rounds, change = _smoothed(ground, known, self.shape, smoothing)
        there = (density[self.row] * self.pieces).sum(axis=1)
        size = self.even.shares.shape
        carried = sparse.coo_array((there, (self.row, self.column)), shape=size).tocsr()
        total = (density * self.shared).sum(axis=1)
        some = total > 0
        smooth, lost = whole_rows(scaled_rows(carried, np.where(some, 1 / np.where(some, total, 1.0), 0.0)))
        shares = sparse.csr_array(smooth + scaled_rows(self.even.shares, (~some).astype(float)))
        shares.eliminate_zeros()
        lost = np.where(some, lost, self.even.lost)
        return replace(
            self.even,
            shares=shares,
            mass=carried,
            source_mass=known,
            lost=lost,
            assumed=np.where(divided(shares, lost), 1.0, 0.0),
            method="pycnophylactic",
            notes=(self._told(rounds, change, smoothing),),
        )

    def _told(self, rounds: int, change: float, smoothing: Smoothing) -> str:
        settled = "settled" if change <= smoothing.convergence else "did not settle"
        return (
            f"Densities were smoothed over {self.shape[0]} by {self.shape[1]} cells of {self.size:g} m and "
            f"{settled} in {rounds} rounds; the last changed them by up to {change:.2g} of the largest."
        )


def _side(met: Meeting, box: float) -> float:
    """Return a cell size that an area of median size has enough of, and the whole not too many."""
    wanted = float(np.sqrt(np.median(met.source_area))) / CELLS_ACROSS
    return max(wanted, 1.01 * float(np.sqrt(box / MOST_CELLS)))


def _smoothed(
    ground: sparse.csr_array, mass: Floats, shape: tuple[int, int], smoothing: Smoothing
) -> tuple[sparse.csr_array, int, float]:
    """Return the density of each source in each cell, the rounds that it took, and the last change.

    Each round takes the mean of every cell and of the mean of its four neighbours, and then brings each
    source back to its mass: by the same amount everywhere (Tobler 1979), cut off at 0, and by a factor for
    what that took away.
    """
    owner = np.repeat(np.arange(ground.shape[0]), np.diff(ground.indptr))
    size, cell = ground.data, ground.indices
    whole = np.bincount(owner, size, minlength=len(mass))
    held = np.bincount(cell, size, minlength=ground.shape[1])
    area = np.where(whole > 0, whole, 1.0)
    density, rounds, change = (mass / area)[owner], 0, np.inf
    around = _Neighbours.of(held.reshape(shape) > 0)
    while rounds < smoothing.iterations and change > smoothing.convergence:
        level = np.bincount(cell, density * size, minlength=len(held)) / np.where(held > 0, held, 1.0)
        wanted = around.smooth(level)[cell]
        missing = (mass - np.bincount(owner, wanted * size, minlength=len(mass))) / area
        raised = (wanted + missing[owner]).clip(0.0)
        total = np.bincount(owner, raised * size, minlength=len(mass))
        after = raised * (mass / np.where(total > 0, total, 1.0))[owner]
        change = float(np.abs(after - density).max(initial=0.0) / max(after.max(initial=0.0), 1e-300))
        density, rounds = after, rounds + 1
    return sparse.csr_array((density, cell, ground.indptr), shape=ground.shape), rounds, change


@dataclass(frozen=True)
class _Neighbours:
    """The four neighbours of each cell; where one has no ground, the cell itself stands in for it."""

    there: NDArray[np.bool_]
    count: Floats

    @classmethod
    def of(cls, there: NDArray[np.bool_]) -> _Neighbours:
        return cls(there, _sum_around(there.astype(float)))

    def smooth(self, level: Floats) -> Floats:
        """Return the mean of each cell and of the mean of its neighbours."""
        grid = np.where(self.there, level.reshape(self.there.shape), 0.0)
        around = (_sum_around(grid) + (4 - self.count) * grid) / 4
        return np.asarray((grid + around) / 2).ravel()


def _sum_around(grid: Floats) -> Floats:
    """Return the sum of the four neighbours of each cell; there are none beyond the edge."""
    total = np.zeros_like(grid)
    total[1:] += grid[:-1]
    total[:-1] += grid[1:]
    total[:, 1:] += grid[:, :-1]
    total[:, :-1] += grid[:, 1:]
    return total
