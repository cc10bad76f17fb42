"""Whether types last: the same method on areas drawn again, with other noise in their numbers.

A run draws every area's true composition anew given its counts, draws the areas themselves with replacement,
finds types among them, and gives each area the type whose centre is nearest to what was drawn for it. A type
is stable as far as some type of each run holds the same areas (Jaccard); an area belongs to a type as often
as the runs say.

References
----------
Hennig (2007), https://doi.org/10.1016/j.csda.2006.11.025
Tibshirani and Walther (2005), https://doi.org/10.1198/106186005X59243
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from lea_geo.typology.agreement import adjusted_rand, jaccard, matched, prediction_strength
from lea_geo.typology.fits import AGAIN, NONE, STARTS, Fit, fit, nearest
from lea_geo.typology.streams import stream, whole_seed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lea_geo.typology.features import Features

SPLITS = 20
"""How often the areas are halved for prediction strength."""


@dataclass(frozen=True)
class How:
    """A method with everything but the number of types."""

    method: str
    weights: np.ndarray
    """How much each area counts, shape (n,)."""
    covariance: str
    seed: int
    runs: int
    forming: np.ndarray
    """Which areas types are found among, shape (n,); the others get the type that they are most like."""

    def fit(
        self, x: np.ndarray, k: int, seed: int, *, taken: np.ndarray | None = None, starts: int = AGAIN
    ) -> Fit:
        """Return k types of some areas."""
        taken = np.arange(len(x)) if taken is None else taken
        own = self.forming[taken]
        made = fit(
            self.method,
            x[own],
            k,
            weights=self.weights[taken][own],
            seed=seed,
            starts=starts,
            covariance=self.covariance,
        )
        if own.all():
            return made
        labels = np.full(len(x), NONE)
        labels[own] = made.labels
        labels[~own] = made.assign(x[~own]) if made.k else NONE
        return replace(made, labels=labels)


@dataclass(frozen=True)
class Run:
    """One run, its types named as those that they are in the reference."""

    x: np.ndarray
    """What was drawn, shape (n, dimensions)."""
    labels: np.ndarray
    """Shape (n,); ``NONE`` where no type of the reference matches."""
    member: np.ndarray
    """Probability of each type of the reference, shape (n, k)."""
    raw: np.ndarray
    """Labels as the run has them, shape (n,)."""
    there: np.ndarray
    """Which areas were drawn, shape (n,)."""


@dataclass(frozen=True)
class Stability:
    """What becomes of a division when it is made again."""

    reference: Fit
    jaccard: np.ndarray
    """Mean over the runs, of each type; shape (k,)."""
    member: np.ndarray
    """Share of the runs in which each area is of each type, shape (n, k)."""
    with_reference: float
    """Mean adjusted Rand index of runs and reference."""
    between_runs: float
    """Mean adjusted Rand index of each run and the next."""
    strength: float
    """Prediction strength, NaN for HDBSCAN."""
    strength_error: float


def stability(seen: Features, how: How, k: int) -> Stability:
    """Return how a division into k types fares."""
    reference = stated(seen, how, k)
    n, found = len(seen.ids), reference.k
    kept, member, rand, raws = [], np.zeros((n, found)), [], []
    for run in runs_of(seen, how, k, reference):
        kept.append(jaccard(reference.labels[run.there], found, run.raw[run.there]))
        member += run.member
        rand.append(adjusted_rand(reference.labels, run.raw))
        raws.append(run.raw)
    between = [adjusted_rand(one, other) for one, other in pairwise(raws)]
    strength = _strengths(seen, how, k)
    error = strength.std(ddof=1) / np.sqrt(len(strength)) if len(strength) > 1 else 0.0
    return Stability(
        reference=reference,
        jaccard=_mean(np.array(kept)),
        member=member / how.runs,
        with_reference=float(np.mean(rand)),
        between_runs=float(np.mean(between)) if between else np.nan,
        strength=float(strength.mean()) if len(strength) else np.nan,
        strength_error=float(error),
    )


def stated(seen: Features, how: How, k: int) -> Fit:
    """Return the types of the areas as they are."""
    return how.fit(seen.x, k, whole_seed(how.seed, "start"), starts=STARTS)


def _mean(kept: np.ndarray) -> np.ndarray:
    """Return the mean of each column over the runs that drew any area of the type."""
    held = ~np.isnan(kept)
    return np.asarray(np.where(held, kept, 0.0).sum(axis=0) / np.maximum(1, held.sum(axis=0)))


def runs_of(seen: Features, how: How, k: int, reference: Fit) -> Iterator[Run]:
    """Give runs, one by one; the same every time."""
    n = len(seen.ids)
    for number in range(how.runs):
        x = seen.drawn(stream(how.seed, "noise", number))
        # As Hennig has it: an area that is drawn twice is there once, lest it be a dense place of its own.
        taken = np.unique(stream(how.seed, "resample", number).integers(n, size=n))
        made = how.fit(x[taken], k, whole_seed(how.seed, "start", number + 1), taken=taken)
        there = np.zeros(n, dtype=bool)
        there[taken] = True
        raw = made.assign(x) if made.k else np.full(n, NONE)
        raw[taken] = made.labels  # of HDBSCAN, some of no type
        same = matched(reference.labels, reference.k, raw, made.k)
        labels = np.where(raw == NONE, NONE, np.append(same, NONE)[raw])
        yield Run(x, labels, _member(made, same, x, labels, reference.k), raw, there)


def _member(made: Fit, same: np.ndarray, x: np.ndarray, labels: np.ndarray, k: int) -> np.ndarray:
    """Return each area's probability of the reference's types in one run, shape (n, k)."""
    if made.mixture is None:
        own: np.ndarray = np.eye(k + 1)[labels][:, :k]  # ``NONE`` is the last row
        return own
    found = np.zeros((len(x), k))
    kept = same != NONE
    found[:, same[kept]] = made.memberships(x)[:, kept]
    return found


def _strengths(seen: Features, how: How, k: int) -> np.ndarray:
    """Return prediction strengths: types of one half of the areas, judged by those of the other."""
    if how.method == "hdbscan":
        return np.zeros(0)
    found = []
    for number in range(SPLITS):
        order = stream(how.seed, "split", number).permutation(len(seen.ids))
        half = len(order) // 2
        train, test = np.sort(order[:half]), np.sort(order[half:])
        seed = whole_seed(how.seed, "split", number)
        one = how.fit(seen.x[train], k, seed, taken=train)
        other = how.fit(seen.x[test], k, seed, taken=test)
        found.append(prediction_strength(other.labels, nearest(seen.x[test], one.centres)))
    return np.array(found)
