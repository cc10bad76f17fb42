"""Scales: what was learnt of some areas' values, and turns values into scores."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

from lea_geo._checks.normalise import check_share_of_best

if TYPE_CHECKING:
    from lea_geo.composite_spec import Normalise

FLAT = 1e-12
"""A spread below this share of the largest value is rounding, not variation."""


@dataclass(frozen=True, eq=False)
class Scale(ABC):
    """How the values of k indicators become scores; learnt once, it puts other years on the same scale."""

    how: Normalise
    """The method and its options."""
    kind: str
    """What the scores can bear: ``raw interval positive ordinal`` (:mod:`lea_geo.composite.score_type`)."""
    flip: np.ndarray
    """Whether low values score high, shape (k,)."""
    undefined: np.ndarray
    """Indicators that the method can make no scale of, such as one without any spread; shape (k,). All
    their scores are NaN."""

    def apply(self, x: np.ndarray) -> np.ndarray:
        """Return the scores of values of shape (n, k), in that shape; NaN where the value is NaN."""
        scores = self._score(np.asarray(x, dtype=float))
        if self.undefined.any():
            scores[:, self.undefined] = np.nan
        if self.how.decimals is None:
            return scores
        if self.how.truncate:
            shift = 10.0**self.how.decimals
            # 0.29 * 100 is 28.999999999999996: what is within rounding of a whole number is that number.
            return np.asarray(np.trunc(np.round(scores * shift, 6)) / shift)
        return np.asarray(np.round(scores, self.how.decimals))

    @abstractmethod
    def _score(self, x: np.ndarray) -> np.ndarray:
        """Return scores in a new array."""


@dataclass(frozen=True, eq=False)
class LineScale(Scale):
    """Scores on a line: ``base + reach (x - origin) / spread``, kept between ``least`` and ``most``."""

    origin: np.ndarray
    spread: np.ndarray
    """Negative where low values score high."""
    base: float = 0.0
    reach: float = 1.0
    least: float = -np.inf
    most: float = np.inf

    def _score(self, x: np.ndarray) -> np.ndarray:
        scores = np.asarray((x - self.origin) / self.spread)
        if self.reach != 1:
            scores *= self.reach
        scores += self.base  # and 0 makes -0 a 0
        if np.isfinite(self.least) or np.isfinite(self.most):
            np.clip(scores, self.least, self.most, out=scores)
        return scores


@dataclass(frozen=True, eq=False)
class RatioScale(Scale):
    """Scores as a share of the best value: ``x / best``, or ``best / x`` where low values score high."""

    best: np.ndarray

    def _score(self, x: np.ndarray) -> np.ndarray:
        check_share_of_best(np.fmin.reduce(x, axis=0, initial=np.nan), self.flip, ())
        with np.errstate(divide="ignore", invalid="ignore"):  # of what is not flipped, best / x is not used
            return np.asarray(np.where(self.flip, self.best / x, x / self.best))


@dataclass(frozen=True, eq=False)
class StepScale(Scale):
    """A score for each category of values; a value at a break belongs to the category above it."""

    breaks: tuple[np.ndarray, ...]
    """For each indicator, where a category ends and the next begins, rising."""
    scores: np.ndarray
    """The score of each category from the worst up, one more than breaks."""

    def _score(self, x: np.ndarray) -> np.ndarray:
        out = np.empty(x.shape)
        for column, breaks in enumerate(self.breaks):
            dealt = self.scores[::-1] if self.flip[column] else self.scores
            out[:, column] = dealt[np.searchsorted(breaks, x[:, column], side="right")]
        out[np.isnan(x)] = np.nan
        return out


@dataclass(frozen=True, eq=False)
class RankScale(Scale):
    """Ranks among the learnt values, 1 for what scores least, and what a method makes of them.

    A value that is not among the learnt ones has the rank that a straight line between its two neighbours
    gives, as in Excel's PERCENTRANK.INC; one beyond them has the rank of the end.
    """

    knots: tuple[np.ndarray, ...]
    """For each indicator the distinct learnt values, rising; with their sign changed where it is flipped."""
    ranks: tuple[np.ndarray, ...]
    """The rank of each."""
    n: np.ndarray
    """How many values were learnt, shape (k,)."""

    def _score(self, x: np.ndarray) -> np.ndarray:
        ranks = np.empty(x.shape[::-1])
        for column, (knots, known) in enumerate(zip(self.knots, self.ranks, strict=True)):
            signed = -x[:, column] if self.flip[column] else np.ascontiguousarray(x[:, column])
            if len(knots) == 0:
                ranks[column] = np.nan
                continue
            order = np.argsort(signed)  # looking up in order costs a tenth
            ranks[column, order] = np.interp(signed[order], knots, known)
        return np.ascontiguousarray(self._shaped(ranks.T))

    def _shaped(self, ranks: np.ndarray) -> np.ndarray:
        if self.how.method == "percentile_rank":
            return shares_of(ranks, self.n, share_of(self.how))
        if self.how.method == "exponential_rank":
            c = EXPONENTIAL if self.how.constant is None else self.how.constant
            return exponential_of(shares_of(ranks, self.n, share_of(self.how)), c)
        if self.how.method == "normal_score":
            reach = 1.0 if self.how.deviation is None else self.how.deviation
            return (self.how.mean or 0.0) + reach * ndtri(shares_of(ranks, self.n, share_of(self.how)))
        return ranks - 1 if self.how.method == "borda" else ranks


EXPONENTIAL = 23.0
"""The constant of the English Indices of Deprivation: a tenth of the areas scores above 50."""


_SHARES = {"percentile_rank": "(r-1)/(n-1)", "exponential_rank": "r/n", "normal_score": "r/(n+1)"}
"""What a rank stands for where nothing is said."""


def share_of(how: Normalise) -> str:
    """Return which share a rank stands for in a normalisation; nothing where it takes none."""
    return how.share or _SHARES.get(how.method, "")


def shares_of(rank: np.ndarray, n: np.ndarray, share: str) -> np.ndarray:
    """Return which share of n areas a rank stands for; NaN where nothing can be said."""
    below, of = {
        "r/n": (0.0, n),
        "(r-1)/n": (1.0, n),
        "(r-0.5)/n": (0.5, n),
        "(r-1)/(n-1)": (1.0, n - 1),
        "r/(n+1)": (0.0, n + 1),
    }[share]
    return np.asarray((rank - below) / np.where((n > 0) & (of > 0), of, np.nan))


def exponential_of(share: np.ndarray, c: float) -> np.ndarray:
    """Return ``-c ln(1 - R (1 - exp(-100 / c)))``: 0 to 100 for shares of 0 to 1."""
    return np.asarray(-c * np.log1p(share * np.expm1(-100 / c)))
