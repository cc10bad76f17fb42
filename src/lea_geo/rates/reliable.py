"""Which rates are reliable, by rules that are stated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo._checks.rates import check_cv_limits, check_minimum
from lea_geo.rates.counts import Counts, RateResult
from lea_geo.schema import GRADES

if TYPE_CHECKING:
    from collections.abc import Mapping

REASONS = ("denominator", "numerator", "cv")
"""Which rule a rate fails: too few people, too few events, too large a coefficient of variation."""
CAUTIOUS_CV = 0.166
LARGEST_CV = 0.333
"""Statistics Canada's limits: estimates with a coefficient of variation up to 16.6 % are released as they
are, up to 33.3 % with a warning, and above it not at all."""


@dataclass(frozen=True, kw_only=True)
class Reliability(RateResult):
    """How far each rate can be relied on, and the rules."""

    minimum_denominator: float
    minimum_numerator: float
    cautious_cv: float
    largest_cv: float

    @property
    def counts(self) -> Mapping[str, int]:
        """How many areas have each grade; those without a rate under the empty one."""
        found = self.table["grade"].value_counts()
        return {grade: int(found.get(grade, 0)) for grade in GRADES}


def reliability(
    numerator: pd.Series,
    denominator: pd.Series,
    *,
    kind: str = "proportion",
    minimum_denominator: float = 0,
    minimum_numerator: float = 0,
    cautious_cv: float = CAUTIOUS_CV,
    largest_cv: float = LARGEST_CV,
) -> Reliability:
    """Grade each area's rate: reliable, to be used with caution, or unreliable.

    The coefficient of variation is the standard error over the rate; of x events among n people::

        proportion: sqrt((n - x) / (n x)),   rate: 1 / sqrt(x)

    Where nobody or everybody is affected the formula would say that there is no noise, or no end of it; there
    half an event is added or taken away.

    Parameters
    ----------
    numerator, denominator, kind
        As in :func:`~lea_geo.rates.empirical_bayes.empirical_bayes`.
    minimum_denominator, minimum_numerator
        A rate over fewer people, or of fewer events, is unreliable.
    cautious_cv, largest_cv
        A rate with a coefficient of variation above the first is to be used with caution, above the second
        unreliable. Left out, Statistics Canada's; ``math.inf`` sets no limit.

    Returns
    -------
    Reliability
        Columns ``rate``, ``cv``, ``grade`` (one of ``GRADES``) and ``reason``: the rules that it fails, any
        of ``REASONS`` with spaces between them; and ``.counts`` of the grades.

    Raises
    ------
    UsageError, ValuesError
        As :func:`~lea_geo.rates.empirical_bayes.empirical_bayes`, and for limits in the wrong order.

    References
    ----------
    Statistics Canada, guidelines for the release of survey estimates, in the user guides of its public-use
    microdata files
    """
    least = check_minimum("minimum_denominator", minimum_denominator)
    fewest = check_minimum("minimum_numerator", minimum_numerator)
    check_cv_limits(cautious_cv, largest_cv)
    counts = Counts.of(numerator, denominator, kind)
    x, n = counts.events[counts.valid], counts.people[counts.valid]
    cv = _variation(x, n, kind)
    fails = np.array([n < least, x < fewest, cv > largest_cv])
    cautious = cv > cautious_cv
    grade = np.where(fails.any(axis=0), "unreliable", np.where(cautious, "caution", "reliable"))
    reason = _reasons(fails | np.array([[False], [False], [True]]) & cautious)
    plain = counts.result({"rate": counts.spread(x / n), "cv": counts.spread(cv)}, "reliability", kind)
    for name, words in (("grade", grade), ("reason", reason)):
        full = np.full(len(counts.index), "", dtype=object)
        full[counts.valid] = words
        plain.table[name] = pd.array(full, dtype="str")
    return Reliability(
        table=plain.table,
        method=plain.method,
        kind=kind,
        n_without_population=plain.n_without_population,
        notes=plain.notes,
        minimum_denominator=least,
        minimum_numerator=fewest,
        cautious_cv=cautious_cv,
        largest_cv=largest_cv,
    )


def _variation(x: np.ndarray, n: np.ndarray, kind: str) -> np.ndarray:
    some = np.maximum(x, 0.5)
    if kind == "rate":
        return np.asarray(1 / np.sqrt(some))
    # Of less than one person there is no half that could be taken away.
    some = np.clip(x, np.minimum(0.5, n / 2), n - np.minimum(0.5, n / 2))
    return np.asarray(np.sqrt((n - some) / (n * some)))


def _reasons(fails: np.ndarray) -> np.ndarray:
    """Return the failed rules as words, shape (n,); ``fails`` has shape (rules, n)."""
    words = [
        " ".join(word for bit, word in enumerate(REASONS) if code >> bit & 1)
        for code in range(2 ** len(REASONS))
    ]
    codes = (fails.T * (1 << np.arange(len(REASONS)))).sum(axis=1)
    return np.asarray(np.array(words, dtype=object)[codes])
