"""A map in bands of rows: what one worker holds, each band with the rows around it that its cells reach.

A band is computed as a :class:`lea_geo.spatial.sample.Sample` of its own, by the same code as a whole map.
What depends on all cells, as their mean does, is given to it as :class:`Whole`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from sys import getsizeof
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo._checks.cluster import shortened
from lea_geo._checks.faults import Faults
from lea_geo._checks.graph import as_cells
from lea_geo._checks.values import as_floats, known_status
from lea_geo.errors import AreasError, Fault
from lea_geo.intake.grid import parse_grid_ids
from lea_geo.schema import AREA_ID
from lea_geo.spatial.cell_ids import cell_ids
from lea_geo.spatial.cluster.ranks import Tally, tally_of
from lea_geo.spatial.graph import AreaGraph
from lea_geo.spatial.lattice import cell_rows
from lea_geo.spatial.rows import added_piece
from lea_geo.spatial.sample import Sample, restricted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lea_geo.spatial.laws.value_lattice import Population
    from lea_geo.spatial.links import FloatArray, IntArray, LongArray


class Weighed:
    """What tells a cluster how much memory it takes, so that it is moved to disk in time."""

    def __sizeof__(self) -> int:
        return object.__sizeof__(self) + sum(_size(value) for value in vars(self).values())


def _size(value: object) -> int:
    if isinstance(value, pd.Index | pd.DataFrame):
        return int(np.sum(value.memory_usage(deep=True)))
    return int(value.nbytes) if isinstance(value, np.ndarray) else getsizeof(value)


@dataclass(frozen=True)
class Piece(Weighed):
    """The cells of one partition, in any order."""

    ids: pd.Index[str]
    row: LongArray
    column: LongArray
    x: FloatArray
    """The values, NaN where there is none."""
    size: int | None
    """The side of the cells in metres, where their ids say it."""
    faults: tuple[Fault, ...] = ()

    @property
    def extent(self) -> tuple[int, int]:
        """The first row and the one after the last; both 0 without cells."""
        return (int(self.row.min()), int(self.row.max()) + 1) if len(self.row) else (0, 0)

    def take(self, chosen: np.ndarray) -> Piece:
        """Return some of the cells."""
        return replace(
            self, ids=self.ids[chosen], row=self.row[chosen], column=self.column[chosen], x=self.x[chosen]
        )


def read_piece(frame: pd.DataFrame, column: str) -> Piece:
    """Return the cells of a partition, indexed by grid id or with whole numbers ``row`` and ``column``."""
    faults = Faults()
    size, ids, places = _places(faults, frame)
    values = as_floats(faults, column, frame[column].set_axis(ids)) + 0.0  # which makes -0.0 a plain 0
    row, place = places
    return Piece(ids, row, place, values, size, shortened(faults.found))


def _places(
    faults: Faults, frame: pd.DataFrame
) -> tuple[int | None, pd.Index[str], tuple[LongArray, LongArray]]:
    cells = as_cells(frame)
    if cells is not None:
        numbered = pd.api.types.is_integer_dtype(frame.index.dtype)
        return None, cell_ids(*cells) if numbered else _named(frame.index), cells
    ids = _named(frame.index)
    nowhere = np.zeros(len(ids), dtype=np.int64)
    if len(ids) == 0:
        return None, ids, (nowhere, nowhere)
    try:
        size, northing, easting = parse_grid_ids(ids)
    except AreasError as error:
        faults.found.extend(error.faults)
        return None, ids, (nowhere, nowhere)
    return size, ids, (northing // size, easting // size)


def _named(index: pd.Index) -> pd.Index[str]:
    ids: pd.Index[str] = index.astype("str").rename(AREA_ID)
    return ids


def split(piece: Piece, spans: Sequence[tuple[int, int]], halo: int) -> list[Piece]:
    """Return the cells of a partition that each band of rows needs: its own, and ``halo`` rows around it."""
    return [piece.take((piece.row >= low - halo) & (piece.row < high + halo)) for low, high in spans]


@dataclass(frozen=True)
class Band(Weighed):
    """The cells of some rows from south to north, each row from west to east, and after them the halo."""

    ids: pd.Index[str]
    own: int
    """How many cells are the band's own."""
    positions: np.ndarray | None
    """Where the cells with a value are; None where all have one."""
    x: FloatArray
    """Their values."""
    indptr: LongArray
    """Their links, those of the halo left out."""
    indices: IntArray
    neighbors: np.ndarray
    """How many neighbours with a value every cell has, as far as it is the band's own."""
    hidden: np.ndarray
    """How many without one."""
    ranks: LongArray
    """How many values of the whole map are smaller, and not larger, than each; shape (2, n)."""
    faults: tuple[Fault, ...] = ()

    @property
    def valued(self) -> int:
        """How many of the band's own cells have a value; they come first."""
        return self.own if self.positions is None else int(np.searchsorted(self.positions, self.own))

    @property
    def counts(self) -> LongArray:
        """Number of neighbours with a value of each of those."""
        return np.diff(self.indptr[: self.valued + 1])

    def tally(self) -> Tally:
        """Return which values there are, in the halo too, and how often among the band's own cells."""
        return tally_of(self.x, self.valued)

    def settled(self, tally: Tally, answers: np.ndarray) -> Band:
        """Return the band with its values and ranks as the whole map has them."""
        found = answers[:, np.searchsorted(tally.numbers, self.x)]
        return replace(self, x=found[0], ranks=found[1:].astype(np.int64))


def build_band(parts: Sequence[Piece], span: tuple[int, int], reach: IntArray) -> Band:
    """Put together what all partitions hold of a band, and link its cells."""
    cells = _in_order(parts, span)
    own = int(((cells.row >= span[0]) & (cells.row < span[1])).sum())
    twice = _in_one_place(cells)
    if twice.any():
        fault = Fault(
            "cells in the same place", int(twice[:own].sum()), ids=tuple(cells.ids[:own][twice[:own]])
        )
        cells, own = cells.take(np.zeros(0, dtype=np.int64)), 0
        return replace(_linked(cells, own, reach), faults=shortened([fault]))
    return _linked(cells, own, reach)


def _in_order(parts: Sequence[Piece], span: tuple[int, int]) -> Piece:
    columns = [np.concatenate([getattr(part, name) for part in parts]) for name in ("row", "column", "x")]
    ids = parts[0].ids.append([part.ids for part in parts[1:]])
    row, column, x = columns
    outside = (row < span[0]) | (row >= span[1])
    return Piece(ids, row, column, x, None).take(np.lexsort((column, row, outside)))


def _in_one_place(cells: Piece) -> np.ndarray:
    """Return which cells share their place with another; equal ones follow each other."""
    same = (np.diff(cells.row) == 0) & (np.diff(cells.column) == 0)
    twice = np.zeros(len(cells.row), dtype=np.bool_)
    twice[1:] |= same
    twice[:-1] |= same
    return twice


def _linked(cells: Piece, own: int, reach: IntArray) -> Band:
    none = np.zeros(0, dtype=np.int64)
    if len(cells.ids) == 0:
        return Band(
            cells.ids, 0, None, cells.x, np.zeros(1, np.int64), none.astype(np.int32), none, none, _NO_RANKS
        )
    indptr, indices = cell_rows(cells.ids, cells.row, cells.column, reach)
    last = int(indptr[own])
    indptr = np.concatenate([indptr[: own + 1], np.full(len(cells.ids) - own, last)])
    graph = _graph(cells.ids, indptr, indices[:last])
    positions, part, counts = restricted(graph, cells.ids, ~np.isnan(cells.x))
    x = cells.x if positions is None else cells.x[positions]
    return Band(cells.ids, own, positions, x, part.indptr, part.indices, *counts, _NO_RANKS)


_NO_RANKS = np.empty((2, 0), dtype=np.int64)


def _graph(ids: pd.Index[str], indptr: LongArray, indices: IntArray) -> AreaGraph:
    weights = np.broadcast_to(1.0, indices.shape)
    return AreaGraph.made(ids=ids, indptr=indptr, indices=indices, weights=weights, kind="lattice", notes=())


@dataclass(frozen=True)
class Whole:
    """What all cells decide together."""

    n: int
    """How many have a value."""
    lowest: float
    highest: float
    tied: bool
    """Whether any two have the same."""
    most: int
    """The largest number of neighbours."""
    drawn: LongArray
    """How many cells draw *k* values, at [k]."""
    bulk: float = np.nan
    """The distance of the quartiles."""
    reason: str = ""
    """Why no statistic is defined; empty when one is."""
    mean: float = np.nan
    squares: float = np.nan
    kurtosis: float = np.nan
    population: Population | None = None

    @property
    def largest_deviation(self) -> float:
        """The largest of all deviations from the mean."""
        return max(abs(self.lowest - self.mean), abs(self.highest - self.mean))


@dataclass(frozen=True, eq=False)
class BandSample(Sample):
    """The cells of a band that have a value, as one process would know them."""

    whole: Whole = field(kw_only=True)
    ranks: LongArray = field(kw_only=True)

    @property
    def n(self) -> int:
        """Number of cells with a value on the whole map."""
        return self.whole.n

    @property
    def mean(self) -> float:
        """Mean of all values."""
        return self.whole.mean

    @property
    def squares(self) -> float:
        """Sum of all squared deviations."""
        return self.whole.squares

    @property
    def kurtosis(self) -> float:
        """Kurtosis of all values."""
        return self.whole.kurtosis

    @property
    def tied(self) -> bool:
        """Whether any two cells have the same value."""
        return self.whole.tied

    @property
    def copies(self) -> LongArray:
        """How many areas of the whole map have each area's value."""
        return np.asarray(self.not_larger(slice(None)) - self.smaller(slice(None)))

    def smaller(self, positions: np.ndarray | slice) -> IntArray:
        """Return how many values of the whole map are smaller."""
        return self.ranks[0, positions]

    def not_larger(self, positions: np.ndarray | slice) -> IntArray:
        """Return how many values of the whole map are as large or smaller."""
        return self.ranks[1, positions]

    @cached_property
    def lagged_values(self) -> FloatArray:
        """Weighted sum of the neighbours' values, shape (n,)."""
        return self._lag(self.x, max(abs(self.whole.lowest), abs(self.whole.highest)))

    @cached_property
    def lagged_deviations(self) -> FloatArray:
        """Weighted sum of the neighbours' deviations from the mean, shape (n,)."""
        return self._lag(self.deviations, self.whole.largest_deviation)

    def _lag(self, x: FloatArray, largest: float) -> FloatArray:
        sums = added_piece(self.indptr, self.indices, x, largest=largest, most=self.whole.most)
        return np.asarray(self.row_weight * sums)


def sample_of(band: Band, whole: Whole, transform: str) -> BandSample:
    """Return a band as a sample of the whole map."""
    valid = np.ones(len(band.ids), dtype=bool)
    if band.positions is not None:
        valid[:] = False
        valid[band.positions] = True
    status, _ = known_status(Faults(), ~valid, None, band.ids)
    return BandSample(
        index=band.ids,
        status=status,
        positions=band.positions,
        x=band.x,
        ranked=np.array([whole.lowest, whole.highest]),
        graph=_graph(
            band.ids if band.positions is None else band.ids[band.positions], band.indptr, band.indices
        ),
        neighbors=band.neighbors,
        hidden=band.hidden,
        transform=transform,
        reason=whole.reason,
        whole=whole,
        ranks=band.ranks,
    )
