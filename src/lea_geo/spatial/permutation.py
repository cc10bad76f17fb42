"""Conditional permutation: each area stays, its neighbours receive values drawn from the others.

Draws are shared by all areas and exact for each of them. One draw is k + 1 different areas in random order;
area *i* uses the first k, and where it is itself among them, the last one in its place. That is a uniform
draw of k from the other n - 1 areas.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from lea_geo.spatial.inference import Tails, counted_tails

if TYPE_CHECKING:
    from lea_geo.spatial.sample import Sample

BATCH_CELLS = 2**22
"""How many drawn positions are held at once."""
SHUFFLED_CELLS = 2**22
"""How many positions are shuffled at once."""

Statistic = Callable[[int, Sequence[np.ndarray]], np.ndarray]
"""Takes an area's position and its weighted sums of each drawn column, gives the statistic of every draw."""


def random_generator(seed: int) -> np.random.Generator:
    """Return the counter-based generator that every random step uses."""
    return np.random.Generator(np.random.Philox(seed))


def draw_without_replacement(n: int, k: int, permutations: int, seed: int) -> Iterator[np.ndarray]:
    """Yield batches of draws of ``k`` different positions below ``n``, each of shape (k, draws)."""
    generator = random_generator(seed)
    together = max(1, min(SHUFFLED_CELLS // n, BATCH_CELLS // k, permutations))
    # A shuffle may start from any order, so the rows are never put back.
    shuffled = np.tile(np.arange(n, dtype=np.int32), (together, 1))
    rows = np.arange(together)
    waiting: list[np.ndarray] = []
    held = done = 0
    while done < permutations:
        for place in range(k):
            pick = generator.integers(place, n, size=together)
            chosen = shuffled[rows, pick]
            shuffled[rows, pick] = shuffled[:, place]
            shuffled[:, place] = chosen
        take = min(together, permutations - done)
        waiting.append(shuffled[:take, :k].T.copy())
        done, held = done + take, held + take
        if done == permutations or held * k >= BATCH_CELLS:
            yield np.concatenate(waiting, axis=1)
            waiting, held = [], 0


@dataclass(frozen=True)
class _Batch:
    """One batch of draws and the columns' values at them."""

    draws: np.ndarray
    """Positions, shape (k + 1, draws) for the largest k."""
    columns: tuple[np.ndarray, ...]
    """The columns that are drawn, each of shape (n,)."""
    drawn: tuple[np.ndarray, ...]
    """Their values at the draws, each of the shape of ``draws``."""
    running: tuple[np.ndarray, ...]
    """Cumulated over the draws, so that row k - 1 is the sum of the first k; empty for unequal weights."""
    order: np.ndarray
    """Places in the flattened draws, sorted by the area that is there."""
    starts: np.ndarray
    """Where each area's places begin and end in ``order``, shape (n + 1,)."""

    @classmethod
    def of(cls, draws: np.ndarray, columns: tuple[np.ndarray, ...], *, equal: bool) -> _Batch:
        drawn = tuple(column[draws] for column in columns)
        running = tuple(np.cumsum(values, axis=0) for values in drawn) if equal else ()
        flat = draws[:-1].ravel()
        order = np.argsort(flat, kind="stable")
        starts = np.searchsorted(flat[order], np.arange(len(columns[0]) + 1))
        return cls(draws, columns, drawn, running, order, starts)

    def sums(self, i: int, weights: np.ndarray) -> list[np.ndarray]:
        """Return the weighted sum of each column over area ``i``'s neighbours, each of shape (draws,)."""
        k = len(weights)
        place, draw = np.divmod(self.order[self.starts[i] : self.starts[i + 1]], self.draws.shape[1])
        place, draw = place[place < k], draw[place < k]
        result = []
        for m, column in enumerate(self.columns):
            total = self.running[m][k - 1] * weights[0] if self.running else weights @ self.drawn[m][:k]
            total[draw] += weights[place] * (self.drawn[m][k, draw] - column[i])
            result.append(total)
        return result


def permutation_tails(
    sample: Sample,
    columns: tuple[np.ndarray, ...],
    statistic: Statistic,
    observed: np.ndarray,
    *,
    tolerance: np.ndarray,
    permutations: int,
    seed: int,
) -> Tails:
    """Count, for each area, how many draws give a statistic at most and at least the observed one.

    Parameters
    ----------
    columns
        What is drawn, each of shape (n,).
    tolerance
        Differences up to this are ties, which count in both tails; shape (n,).
    """
    at_most, at_least = np.zeros(sample.n), np.zeros(sample.n)
    weights, equal = sample.weights, sample.equal_weights
    most = int(sample.counts.max(initial=0))
    tested = np.flatnonzero(sample.counts).tolist()
    for draws in draw_without_replacement(sample.n, most + 1, permutations, seed) if tested else ():
        batch = _Batch.of(draws, columns, equal=equal)
        for i in tested:
            row = weights.data[weights.indptr[i] : weights.indptr[i + 1]]
            drawn = statistic(i, batch.sums(i, row))
            at_most[i] += np.count_nonzero(drawn <= observed[i] + tolerance[i])
            at_least[i] += np.count_nonzero(drawn >= observed[i] - tolerance[i])
    return counted_tails(at_most, at_least, permutations).only(sample.counts > 0)


def shuffled_products(
    weights: sparse.csr_array,
    a: np.ndarray,
    linear: tuple[np.ndarray, np.ndarray] | None,
    *,
    permutations: int,
    seed: int,
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield, for batches of permutations of all areas, sum_ij w_ij a_i a_j and sum_i r_i b_i.

    Parameters
    ----------
    a
        Shuffled over the areas, shape (n,).
    linear
        ``r``, which stays, and ``b``, which is shuffled together with ``a``; None for none.
    """
    n = len(a)
    # a'Wa needs each pair once.
    pairs = sparse.csr_array(sparse.triu(weights + weights.T, k=1))
    generator = random_generator(seed)
    together = max(1, min(BATCH_CELLS // n, permutations))
    order = np.tile(np.arange(n, dtype=np.int32), (together, 1))
    for done in range(0, permutations, together):
        generator.permuted(order, axis=1, out=order)
        take = order[: permutations - done].T
        shuffled = a[take]
        sums = np.zeros(take.shape[1]) if linear is None else linear[0] @ linear[1][take]
        yield np.einsum("ij,ij->j", shuffled, pairs @ shuffled), sums
