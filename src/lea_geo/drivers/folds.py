"""Which areas are held out together: whole places, so that no model is tested next door to what it learnt."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lea_geo.drivers.spreg_fits import quiet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lea_geo.spatial.graph import AreaGraph


def place_folds(places: np.ndarray, folds: int, *, repeats: int, seed: int) -> np.ndarray:
    """Return compact blocks of neighbouring areas by k-means of their coordinates, shape (repeats, n).

    The areas are in the order of their ids; each repeat starts from other random centres.
    """
    from sklearn.cluster import KMeans  # noqa: PLC0415 - it takes a second to import

    found = np.empty((repeats, len(places)), dtype=np.int64)
    with one_core(), quiet():
        for repeat in range(repeats):
            state = int(np.random.SeedSequence([seed, repeat]).generate_state(1)[0])
            found[repeat] = KMeans(folds, n_init=1, init="random", random_state=state).fit_predict(places)
    return found


def group_folds(groups: np.ndarray, folds: int, *, repeats: int, seed: int) -> np.ndarray:
    """Return folds of whole groups, as municipalities, of sizes as even as random order allows.

    Each group, in random order, goes to the fold that has the fewest areas so far.
    """
    names, place = np.unique(groups, return_inverse=True)
    sizes = np.bincount(place)
    number = min(folds, len(names))
    found = np.empty((repeats, len(groups)), dtype=np.int64)
    for repeat in range(repeats):
        random = np.random.Generator(np.random.Philox(key=np.array([seed, repeat], dtype=np.uint64)))
        held, fold_of = np.zeros(number), np.empty(len(names), dtype=np.int64)
        for group in random.permutation(len(names)):
            fold_of[group] = int(np.argmin(held))
            held[fold_of[group]] += sizes[group]
        found[repeat] = fold_of[place]
    return found


def random_folds(n: int, folds: int, *, repeats: int, seed: int) -> np.ndarray:
    """Return folds that ignore where areas are, shape (repeats, n)."""
    found = np.empty((repeats, n), dtype=np.int64)
    for repeat in range(repeats):
        random = np.random.Generator(np.random.Philox(key=np.array([seed, repeat + 2**32], dtype=np.uint64)))
        found[repeat] = random.permutation(np.arange(n) % folds)
    return found


def splits(fold: np.ndarray, links: AreaGraph | None, buffer: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Give, for each fold, which areas a model learns from and which it is tested on, each of shape (n,).

    Areas within ``buffer`` steps of a tested one are in neither.
    """
    steps = None if links is None else links.transform("binary").sparse()
    for number in np.unique(fold):
        tested = fold == number
        near = tested.copy()
        for _ in range(buffer if steps is not None else 0):
            near |= (steps @ near.astype(float)) > 0
        yield ~near, tested


class one_core:  # noqa: N801 - used as a verb: with one_core():
    """Keep numerical libraries on one core: theirs are small jobs, and sums must not depend on the number."""

    def __enter__(self) -> None:
        from threadpoolctl import threadpool_limits  # noqa: PLC0415 - comes with scikit-learn

        self.limits = threadpool_limits(limits=1)

    def __exit__(self, *_: object) -> None:
        self.limits.restore_original_limits()


def fewest_learnt(folds: np.ndarray, links: AreaGraph | None, buffer: int) -> int:
    """Return the smallest number of areas that any fold's model learns from."""
    return min(int(learnt.sum()) for fold in folds for learnt, _ in splits(fold, links, buffer))
