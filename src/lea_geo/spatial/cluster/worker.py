"""What a worker computes of one partition or one band, and the summaries that it gives of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo.schema import AREA_ID
from lea_geo.spatial.cluster.bands import Band, Piece, Weighed, Whole, build_band, sample_of
from lea_geo.spatial.cluster.ranks import Tally, spaced, tally_of
from lea_geo.spatial.lattice import reaches
from lea_geo.spatial.laws.exact_law import ConditionalLaws, drawn_counts, read_tails
from lea_geo.spatial.laws.value_lattice import DECIMALS, Lattice, are_whole, whole_distances
from lea_geo.spatial.local_g import g_numbers
from lea_geo.spatial.local_moran import moran_numbers
from lea_geo.spatial.local_result import labelled_table, tested_columns, undefined
from lea_geo.spatial.neighbour_sum import Inference, SumTest
from lea_geo.spatial.sums import exact_parts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lea_geo.errors import Fault
    from lea_geo.spatial.cluster.bands import BandSample
    from lea_geo.spatial.local_result import LocalNumbers


@dataclass(frozen=True)
class Settings:
    """The options of a call."""

    statistic: str
    """``local_moran``, ``local_g`` or ``local_g_star``."""
    inference: Inference
    transform: str
    divisor: str

    def numbers(self, sample: BandSample, test: SumTest) -> LocalNumbers:
        """Return the statistic of each cell of a band."""
        if self.statistic == "local_moran":
            return moran_numbers(sample, self.inference, test, self.divisor)
        star = self.statistic == "local_g_star"
        return g_numbers(sample, self.inference, test, star=star, divisor=self.divisor)


@dataclass(frozen=True)
class PieceFacts:
    """What the cells of one partition are like."""

    n_cells: int
    n: int
    lowest: float
    highest: float
    extent: tuple[int, int]
    rows: np.ndarray
    size: int | None
    faults: tuple[Fault, ...]


def piece_facts(piece: Piece) -> PieceFacts:
    """Return what the cells of one partition are like."""
    x = piece.x[~np.isnan(piece.x)]
    return PieceFacts(
        n_cells=len(piece.ids),
        n=len(x),
        lowest=float(x.min(initial=np.inf)),
        highest=float(x.max(initial=-np.inf)),
        extent=piece.extent,
        rows=spaced(np.sort(piece.row)),
        size=piece.size,
        faults=piece.faults,
    )


def faults_of(band: Band) -> tuple[Fault, ...]:
    """Return what is wrong with the places of a band's cells."""
    return band.faults


def count_histogram(band: Band) -> np.ndarray:
    """Return how many of a band's cells have *k* neighbours with a value, at [k]."""
    return np.bincount(band.counts, minlength=1)


def value_tally(band: Band) -> Tally:
    """Return which values a band has."""
    return band.tally()


def settled(band: Band, tally: Tally, answers: np.ndarray) -> Band:
    """Return a band with its values and ranks as the whole map has them."""
    return band.settled(tally, answers)


def spaced_numbers(tally: Tally) -> np.ndarray:
    """Return some numbers of a tally at equal distances in rank, and how many each stands for."""
    return spaced(tally.numbers)


def counted(tally: Tally) -> int:
    """Return how many numbers a tally counts."""
    return int(tally.counts.sum())


def summed(histograms: Sequence[np.ndarray]) -> np.ndarray:
    """Return the sum of arrays of whole numbers, each as if it went on with zeros."""
    total = np.zeros(max(len(histogram) for histogram in histograms), dtype=np.int64)
    for histogram in histograms:
        total[: len(histogram)] += histogram
    return total


def _own(band: Band) -> np.ndarray:
    return band.x[: band.valued]


def _deviations(band: Band, whole: Whole) -> np.ndarray:
    return sample_of(band, whole, "row").deviations[: band.valued]


def sum_parts(band: Band, whole: Whole, power: int, largest: float) -> np.ndarray:
    """Return exact parts of the sum of a band's values, squared deviations or standardised fourth powers."""
    if power == 1:
        x = _own(band)
    elif power == 2:
        x = np.square(_deviations(band, whole))
    else:
        x = sample_of(band, whole, "row").fourth_powers[: band.valued]
    return exact_parts(x, largest, whole.n)


def largest_fourth_power(band: Band, whole: Whole) -> float:
    """Return the largest standardised fourth power of a band."""
    return float(sample_of(band, whole, "row").fourth_powers[: band.valued].max(initial=0.0))


def whole_at(band: Band) -> list[bool]:
    """Say for each number of decimals whether it makes all values of a band whole."""
    return [are_whole(_own(band), decimals) for decimals in range(DECIMALS + 1)]


def common_distance(band: Band, lowest: float, decimals: int) -> int:
    """Return the largest whole number that all distances from ``lowest`` are made of, 0 without any."""
    return int(np.gcd.reduce(whole_distances(_own(band), lowest, decimals)))


def step_histogram(band: Band, lattice: Lattice) -> np.ndarray:
    """Return how many of a band's values are 0, 1, ... steps."""
    return np.bincount(lattice.steps(_own(band)), minlength=1)


@dataclass(frozen=True)
class Tested(Weighed):
    """The cells of a band after their test, which no longer need their links."""

    band: Band
    columns: dict[str, np.ndarray]
    """Those of the table; the q-values come last."""
    labels: np.ndarray
    error: float

    def __sizeof__(self) -> int:
        columns = sum(column.nbytes for column in self.columns.values())
        return super().__sizeof__() + int(columns)


def test_band(
    band: Band, whole: Whole, lattice: Lattice | None, histogram: np.ndarray | None, settings: Settings
) -> Tested:
    """Test the cells of a band by the law of the values of all cells."""
    sample = sample_of(band, whole, settings.transform)
    law = None
    if lattice is not None and histogram is not None:
        laws = ConditionalLaws(histogram, lattice.size, whole.drawn)
        law = (lattice, lattice.steps(sample.x), laws)
    found = read_tails(sample, drawn_counts(sample), law)
    test = SumTest(found.tails.only(sample.counts > 0), "exact", error=found.error)
    numbers = settings.numbers(sample, test)
    bare = replace(band, indices=band.indices[:0].copy(), ranks=band.ranks[:, :0].copy())
    return Tested(bare, tested_columns(settings.inference, numbers), numbers.labels, found.error)


def error_of(tested: Tested) -> float:
    """Return how far a p-value of a band can be from the truth."""
    return tested.error


def p_tally(tested: Tested) -> Tally:
    """Return which p-values a band has, and how often."""
    p = tested.columns["p_value"]
    p = p[~np.isnan(p)]
    return tally_of(p, len(p))


def outermost(found: np.ndarray, correction: str) -> float | None:
    """Return the q-value of a bucket that decides on the next ones, None where it is empty."""
    if len(found) == 0:
        return None
    return float(found[-1] if correction == "holm" else found[0])


def corrected(tested: Tested, tally: Tally, answers: np.ndarray) -> Tested:
    """Return a band with its q-values, by p-value."""
    p = tested.columns["p_value"]
    q, known = np.full(len(p), np.nan), ~np.isnan(p)
    q[known] = answers[0, np.searchsorted(tally.numbers, p[known])]
    return replace(tested, columns=tested.columns | {"q_value": q})


def labelled(tested: Tested, settings: Settings) -> pd.DataFrame:
    """Return the table of a band's own cells."""
    sample = sample_of(tested.band, _nobody(), settings.transform)
    table = labelled_table(sample, settings.inference, tested.columns, tested.labels)
    return table.iloc[: tested.band.own]


def undefined_table(band: Band, whole: Whole, settings: Settings) -> pd.DataFrame:
    """Return the table of a band where nothing can be tested."""
    sample = sample_of(band, whole, settings.transform)
    return undefined(settings.statistic, sample, settings.inference).table.iloc[: band.own]


def empty_table(settings: Settings) -> pd.DataFrame:
    """Return a table without cells."""
    none = np.zeros(0, dtype=np.int64)
    nobody = Piece(pd.Index([], dtype="str", name=AREA_ID), none, none, np.zeros(0), None)
    return undefined_table(build_band([nobody], (0, 0), reaches("queen", 1, None)), _nobody(), settings)


def _nobody() -> Whole:
    return Whole(0, np.nan, np.nan, tied=False, most=0, drawn=np.zeros(1, dtype=np.int64))
