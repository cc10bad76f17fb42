"""The steps of a local statistic on a Dask cluster, and what passes between them.

Cells are gathered into bands of rows, values and p-values are ranked by exchanges, and what all cells decide
together is added up from summaries of some numbers a band. Any of Dask's schedulers runs it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import dask
import dask.dataframe as dd
import numpy as np
from dask import delayed

from lea_geo._checks.cluster import check_partitions, check_places, refuse_law
from lea_geo.spatial.cluster import bands, ranks, worker
from lea_geo.spatial.cluster.bands import Whole
from lea_geo.spatial.laws.exact_law import law_fits
from lea_geo.spatial.laws.value_lattice import DECIMALS, Lattice, Population, width_in_spreads
from lea_geo.spatial.neighbour_sum import LARGEST_ERROR
from lea_geo.spatial.sample import TIED, undefined_reason
from lea_geo.spatial.sums import rounded_sum

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lea_geo.spatial.cluster.worker import Settings
    from lea_geo.spatial.links import IntArray

Task = Any
"""A Dask task, or what it will return."""
IN_BUCKET = 400_000
"""How many different numbers a bucket of an exchange holds."""
TOGETHER = 16
"""How many histograms one task adds."""


@dataclass(frozen=True)
class Outcome:
    """What the steps lead to."""

    table: Task
    """A Dask DataFrame."""
    n_cells: int
    n_valued: int
    n_tested: int
    error: float
    reason: str
    bands: int


def run(cells: Task, column: str, reach: IntArray, pieces: int | None, settings: Settings) -> Outcome:
    """Compute a local statistic of the cells of a Dask DataFrame, all but its table."""
    held, (n_cells, n, lowest, highest) = _gathered(cells, column, reach, pieces)
    held, whole = _ranked(held, n, lowest, highest)
    if whole.reason:
        table = _table([delayed(worker.undefined_table)(band, whole, settings) for band in held], settings)
        return Outcome(table, n_cells, n, 0, 0.0, whole.reason, len(held))
    whole = _described(held, whole, settings)
    tested, error = _tested(held, whole, settings)
    table, n_tested = _labelled(tested, settings)
    return Outcome(table, n_cells, n, n_tested, error, "", len(held))


def _kept(tasks: Sequence[Task]) -> list[Task]:
    """Start tasks whose results stay on the cluster."""
    return list(dask.persist(*tasks))


def _each(work: Callable[..., Any], tasks: Sequence[Task], *options: object) -> list[Any]:
    """Return a small summary of each of some results."""
    return list(dask.compute(*[delayed(work)(task, *options) for task in tasks]))


def _gathered(
    cells: Task, column: str, reach: IntArray, pieces: int | None
) -> tuple[list[Task], tuple[int, int, float, float]]:
    """Return bands of rows, and the number of cells and of values and the smallest and largest of those."""
    parts = _kept([delayed(bands.read_piece)(part, column) for part in cells.to_delayed()])
    facts = _each(worker.piece_facts, parts)
    n_cells, n = sum(fact.n_cells for fact in facts), sum(fact.n for fact in facts)
    sizes = {fact.size for fact in facts if fact.size is not None}
    check_partitions((fault for fact in facts for fault in fact.faults), sizes, n_cells, n)
    lowest, highest = min(fact.lowest for fact in facts), max(fact.highest for fact in facts)
    limits = ranks.cut_points([fact.rows for fact in facts], pieces or len(parts)).astype(np.int64)
    filled = [fact.extent for fact in facts if fact.n_cells]
    outer = [min(low for low, _ in filled), max(high for _, high in filled)]
    edges = np.unique([*outer, *limits]).tolist()
    spans = list(pairwise(edges))
    held = _kept(_exchanged(parts, [fact.extent for fact in facts], spans, reach))
    faults = _each(worker.faults_of, held)
    check_places((fault for found in faults for fault in found), n_cells)
    return held, (n_cells, n, lowest, highest)


def _exchanged(
    parts: list[Task], extents: list[tuple[int, int]], spans: list[tuple[int, int]], reach: IntArray
) -> list[Task]:
    """Return tasks that put each band together from the partitions that hold some of it."""
    halo = len(reach) - 1
    needed: list[list[Task]] = [[] for _ in spans]
    for part, (first, end) in zip(parts, extents, strict=True):
        met = [
            place
            for place, (low, high) in enumerate(spans)
            if first < high + halo and low - halo < end > first
        ]
        pieces = delayed(bands.split)(part, [spans[place] for place in met], halo)
        for order, place in enumerate(met):
            needed[place].append(pieces[order])
    return [delayed(bands.build_band)(found, span, reach) for found, span in zip(needed, spans, strict=True)]


@dataclass(frozen=True)
class _Exchange:
    """Numbers of all bands, in buckets by their size."""

    parts: list[list[Task]]
    """The tally of each band for each bucket."""
    buckets: list[Task]
    """All of them together."""

    @classmethod
    def of(cls, tallies: list[Task]) -> _Exchange:
        """Send the numbers of each band to the buckets."""
        samples = _each(worker.spaced_numbers, tallies)
        count = sum(float(sample[1].sum()) for sample in samples)
        limits = ranks.cut_points(samples, min(len(tallies), 1 + int(count / IN_BUCKET)))
        split = [delayed(ranks.parted)(tally, limits) for tally in tallies]
        parts = [[part[place] for place in range(len(limits) + 1)] for part in split]
        return cls(parts, _kept([delayed(ranks.merged)(list(column)) for column in zip(*parts, strict=True)]))

    def replies(self, answers: list[Task]) -> list[Task]:
        """Return for each band what the buckets answer to its numbers."""
        return [
            delayed(ranks.joined)(
                [
                    delayed(ranks.reply)(part, bucket, answer)
                    for part, bucket, answer in zip(row, self.buckets, answers, strict=True)
                ]
            )
            for row in self.parts
        ]


def _ranked(held: list[Task], n: int, lowest: float, highest: float) -> tuple[list[Task], Whole]:
    """Give every band the ranks of its values on the whole map, and tie values that differ by rounding."""
    counts = worker.summed(_each(worker.count_histogram, held))
    links = np.arange(len(counts))
    drawn = np.bincount(np.minimum(links, np.maximum(n - 1 - links, 0)), counts).astype(np.int64)
    if n == 0:
        whole = Whole(
            0, np.nan, np.nan, tied=False, most=0, drawn=drawn, reason=undefined_reason(np.empty(0))
        )
        return held, whole
    tallies = _kept([delayed(worker.value_tally)(band) for band in held])
    exchange = _Exchange.of(tallies)
    bound = TIED * max(abs(lowest), abs(highest))
    ends = ranks.chained(_each(ranks.edges_of, exchange.buckets, bound), bound)
    answers = _kept(
        [
            delayed(ranks.ranked)(bucket, bound, end)
            for bucket, end in zip(exchange.buckets, ends, strict=True)
        ]
    )
    replies = exchange.replies(answers)
    settled = _kept(
        [
            delayed(worker.settled)(band, tally, reply)
            for band, tally, reply in zip(held, tallies, replies, strict=True)
        ]
    )
    tied = any(_each(ranks.are_tied, answers))
    wanted = [0, n // 4, (3 * n) // 4, n - 1]
    first, low, high, last = np.nanmax(_each(ranks.at_ranks, answers, wanted), axis=0).tolist()
    reason = undefined_reason(np.array([first, last]))
    whole = Whole(
        n, first, last, tied=tied, most=len(counts) - 1, drawn=drawn, reason=reason, bulk=high - low
    )
    return settled, whole


def _described(held: list[Task], whole: Whole, settings: Settings) -> Whole:
    """Return what all cells decide together: mean, variance, kurtosis, and how their values are spaced."""

    def added(power: int, largest: float) -> float:
        return rounded_sum(np.sum(_each(worker.sum_parts, held, whole, power, largest), axis=0))

    whole = replace(whole, mean=added(1, max(abs(whole.lowest), abs(whole.highest))) / whole.n)
    whole = replace(whole, squares=added(2, whole.largest_deviation**2))
    if settings.inference.moments == "total":
        largest = max(_each(worker.largest_fourth_power, held, whole))
        whole = replace(whole, kurtosis=added(4, largest) / whole.n)
    are_whole = np.all(_each(worker.whole_at, held), axis=0)
    decimals = next((d for d in range(DECIMALS + 1) if are_whole[d]), None)
    common = 1
    if decimals is not None:
        common = max(1, int(np.gcd.reduce(_each(worker.common_distance, held, whole.lowest, decimals))))
    spread = (whole.squares / whole.n) ** 0.5
    width = width_in_spreads(whole.highest - whole.lowest, whole.bulk, spread)
    population = Population(whole.n, whole.lowest, whole.highest, width, decimals, common)
    if whole.most > (whole.n - 1) / 2:
        refuse_law(f"{whole.most} neighbours among {whole.n} cells are more than half of them")
    if reason := law_fits(len(whole.drawn) - 1, population):
        refuse_law(reason)
    return replace(whole, population=population)


def _tested(held: list[Task], whole: Whole, settings: Settings) -> tuple[list[Task], float]:
    """Return the tested bands, and how far a p-value can be from the truth."""
    most, lattice, histogram = len(whole.drawn) - 1, None, None
    if most > 0 and whole.population is not None:
        lattice = Lattice.of(whole.population, most)
        histogram = _added_up([delayed(worker.step_histogram)(band, lattice) for band in held])
    tested = _kept([delayed(worker.test_band)(band, whole, lattice, histogram, settings) for band in held])
    error = max(_each(worker.error_of, tested))
    if error > LARGEST_ERROR:
        refuse_law(f"outliers leave the exact law an error of up to {error:.2g}")
    return tested, error


def _added_up(tasks: list[Task]) -> Task:
    """Return the sum of arrays, some at a time, so that no task holds all of them."""
    while len(tasks) > 1:
        groups = [tasks[start : start + TOGETHER] for start in range(0, len(tasks), TOGETHER)]
        tasks = [delayed(worker.summed)(group) for group in groups]
    return tasks[0]


def _labelled(tested: list[Task], settings: Settings) -> tuple[Task, int]:
    """Return the table with its q-values and labels, and how many cells have a p-value."""
    tallies = _kept([delayed(worker.p_tally)(band) for band in tested])
    exchange, correction = _Exchange.of(tallies), settings.inference.correction
    sizes = [int(size) for size in _each(worker.counted, exchange.buckets)]
    above, m = sum(_each(ranks.above_lambda, exchange.buckets)), sum(sizes)
    starts = np.concatenate([[0], np.cumsum(sizes)])[:-1].tolist()
    found = _kept(
        [
            delayed(ranks.q_steps)(bucket, start, m, above, correction)
            for bucket, start in zip(exchange.buckets, starts, strict=True)
        ]
    )
    carried = ranks.carried_over(_each(worker.outermost, found, correction), correction)
    answers = [
        delayed(ranks.q_values)(q, before, correction) for q, before in zip(found, carried, strict=True)
    ]
    replies = exchange.replies(answers)
    # The table is made later, when only what its tasks depend on directly is still on the cluster.
    corrected = _kept(
        [
            delayed(worker.corrected)(band, tally, reply)
            for band, tally, reply in zip(tested, tallies, replies, strict=True)
        ]
    )
    return _table([delayed(worker.labelled)(band, settings) for band in corrected], settings), m


def _table(tables: list[Task], settings: Settings) -> Task:
    return dd.from_delayed(tables, meta=worker.empty_table(settings), verify_meta=False)
