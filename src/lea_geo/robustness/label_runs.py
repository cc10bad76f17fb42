"""One run: values in, labels out, with nothing of a table in between; and many of them at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np

from lea_geo._checks.values import as_texts
from lea_geo._progress import steps
from lea_geo.robustness.label_law import run_test
from lea_geo.schema import Label, Status
from lea_geo.spatial.compiled import one_thread, thread_count
from lea_geo.spatial.inference import adjusted
from lea_geo.spatial.local_g import g_numbers
from lea_geo.spatial.local_moran import moran_numbers
from lea_geo.spatial.local_result import code_of, label_codes
from lea_geo.spatial.sample import Sample, settle_ties, undefined_reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scipy import sparse

    from lea_geo.spatial.graph import AreaGraph
    from lea_geo.spatial.local_result import LocalNumbers
    from lea_geo.spatial.neighbour_sum import Inference, SumTest

SAID = (Label.HIGH_HIGH, Label.LOW_LOW, Label.HIGH_LOW, Label.LOW_HIGH, Label.NOT_SIGNIFICANT)
"""The labels that are counted; the others say nothing of an area."""
_PLACE = np.full(len(Label), len(SAID), dtype=np.intp)
_PLACE[[code_of(label) for label in SAID]] = range(len(SAID))
TOGETHER = 8
"""How many runs a thread takes at once."""


class Draw(Protocol):
    """Where the values of a run come from."""

    def draw(self, run: int) -> np.ndarray:
        """Return the values of a run, the same for every call."""


@dataclass(frozen=True)
class Fixed:
    """The same values in every run."""

    values: np.ndarray

    def draw(self, run: int) -> np.ndarray:  # noqa: ARG002 - no run differs
        """Return the values."""
        return self.values


@dataclass(frozen=True, eq=False)
class Labeller:
    """Areas that have a value, their links, and how they are tested."""

    graph: AreaGraph
    transform: str
    inference: Inference
    statistics: tuple[str, ...]
    fast: bool = True
    _words: object = field(init=False, repr=False)

    def __post_init__(self) -> None:
        words = as_texts(np.zeros(self.graph.n, dtype=np.int8), [str(Status.OBSERVED)])
        object.__setattr__(self, "_words", words)
        _ = self.graph.equal_weights  # found out before threads ask for it

    def sample(self, x: np.ndarray) -> Sample:
        """Return values, in the order of the graph, as the statistics take them."""
        settled, ranked = settle_ties(x)
        links, none = np.diff(self.graph.indptr), np.zeros(self.graph.n, dtype=np.int64)
        reason = undefined_reason(ranked)
        return Sample(
            self.graph.ids,
            self._words,  # type: ignore[arg-type]
            None,
            settled,
            ranked,
            self.graph,
            links,
            none,
            self.transform,
            reason,
        )

    def codes(self, x: np.ndarray) -> np.ndarray:
        """Return the code of every area's label, shape (statistics, n); areas may lack a value in a run."""
        held = ~np.isnan(x)
        if not held.all():
            found = np.full((len(self.statistics), len(x)), code_of(Label.UNDEFINED), dtype=np.int8)
            if held.any():
                part = replace(self, graph=self.graph.take(np.flatnonzero(held)))
                found[:, held] = part.codes(x[held])
            return found
        sample = self.sample(x)
        if sample.reason:
            return np.full((len(self.statistics), sample.n), code_of(Label.UNDEFINED), dtype=np.int8)
        test = run_test(sample, self.inference, fast=self.fast)
        return np.array([_codes(sample, self.inference, test, name) for name in self.statistics])


def _codes(sample: Sample, inference: Inference, test: SumTest, statistic: str) -> np.ndarray:
    numbers = _numbers(sample, inference, test, statistic)
    p_value = numbers.tested_tails().p_value(inference.alternative)
    q_value = adjusted(p_value, inference.correction)
    return label_codes(sample, inference, q_value, numbers.statistic, numbers.labels)


def _numbers(sample: Sample, inference: Inference, test: SumTest, statistic: str) -> LocalNumbers:
    if statistic == "local_moran":
        return moran_numbers(sample, inference, test, "n")
    return g_numbers(sample, inference, test, star=True, divisor="n")


@dataclass(frozen=True, eq=False)
class Setting:
    """One way to look at the region: a choice, and the runs that are made under it."""

    word: str
    """What differs from the stated choices, one of ``schema.DEPENDS``; empty where nothing does."""
    name: str
    """Which alternative it is."""
    labeller: Labeller
    values: Draw
    runs: Sequence[int]
    """Which runs; one alone where all would be the same."""
    carry: sparse.csr_array
    """Whose labels an area takes: weights, shape (areas asked about, areas labelled)."""

    @property
    def title(self) -> str:
        """What the setting is called in tables: ``"graph: knn"``."""
        return f"{self.word}: {self.name}" if self.word else self.name

    def count(self, runs: Sequence[int]) -> np.ndarray:
        """Return how many of some runs give each label of ``SAID``, shape (statistics, n, labels + 1)."""
        n = self.labeller.graph.n
        counts = np.zeros((len(self.labeller.statistics), n, len(SAID) + 1), dtype=np.int32)
        areas = np.arange(n)
        with one_thread():
            for run in runs:
                found = _PLACE[self.labeller.codes(self.values.draw(run))]
                for statistic, places in enumerate(found):
                    counts[statistic, areas, places] += 1
        return counts

    def shares(self, counts: np.ndarray) -> np.ndarray:
        """Return the share of runs with each label of ``SAID``, shape (statistics, areas, labels).

        Runs, and other areas, that say nothing of an area do not count; NaN where none says anything.
        """
        carried = np.array([self.carry @ one[:, : len(SAID)] for one in counts], dtype=float)
        total = carried.sum(axis=2, keepdims=True)
        return np.asarray(np.divide(carried, total, out=np.full_like(carried, np.nan), where=total > 0))


def count_all(settings: Sequence[Setting], *, workers: int | None, progress: bool) -> list[np.ndarray]:
    """Return the counts of every setting.

    Counts are whole numbers and every run has its own stream of random numbers, so neither the number of
    workers nor their order changes anything.
    """
    pieces = [
        (number, setting.runs[start : start + TOGETHER])
        for number, setting in enumerate(settings)
        for start in range(0, len(setting.runs), TOGETHER)
    ]
    found: list[np.ndarray | int] = [0] * len(settings)
    with (
        steps(shown=progress) as at,
        ThreadPoolExecutor(workers or thread_count()) as pool,
    ):
        at.expect(len(pieces))
        waiting = {pool.submit(settings[number].count, runs): number for number, runs in pieces}
        for done in as_completed(waiting):
            number = waiting.pop(done)
            found[number] = found[number] + done.result()
            at.begin(settings[number].title)
    return [np.asarray(one) for one in found]
