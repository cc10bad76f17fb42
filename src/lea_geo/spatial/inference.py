"""From a law to a decision: tails, two-sided p-values, many tests, and how many permutations they need."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np
from scipy.special import digamma, ndtr

from lea_geo._checks import check_choice
from lea_geo.schema import CONTROLLED
from lea_geo.spatial.ordering import ascending

ALTERNATIVES = ("two-sided", "greater", "less")
CORRECTIONS = tuple(CONTROLLED)
"""How p-values of many tests become q-values: see :func:`adjusted`."""
P_FLOOR = 1e-13
"""Smaller p-values of the exact law are round-off; they are reported as this bound."""
LEAST_MASS = 1e-12
"""Tails that overlap by less have met by round-off: several times what either of them can be wrong by."""
STOREY_LAMBDA = 0.5
"""p-values above it are taken to come from areas where nothing is to be found (Storey 2002)."""


@dataclass(frozen=True)
class Tails:
    """Both tails of a test, each with the observed value counted in."""

    lower: np.ndarray
    """P(as small or smaller), shape (n,); NaN where nothing was tested."""
    upper: np.ndarray
    """P(as large or larger), shape (n,)."""

    def p_value(self, alternative: str) -> np.ndarray:
        """Return the p-value: one tail, or for ``two-sided`` min(1, 2 min(lower, upper))."""
        if alternative == "greater":
            return self.upper
        if alternative == "less":
            return self.lower
        p = np.minimum(self.lower, self.upper)
        p *= 2.0
        return np.asarray(np.minimum(p, 1.0, out=p))

    def mid(self) -> Tails:
        """Return the tails with the observed value counted in by half, so that the two add up to 1.

        P(S = s) = lower + upper - 1 is taken off by half. ``mid().p_value(alternative)`` is the mid-p, which
        has mean 1/2 where nothing is to be found, however few values S can take; in return it can exceed its
        level, which the p-value never does. Where P(S = s) is below ``LEAST_MASS``, as for continuous laws,
        the tails stay as they are to the last bit.

        References
        ----------
        Lancaster (1961), https://doi.org/10.1080/01621459.1961.10482105
        Agresti and Gottard (2007), https://doi.org/10.1016/j.csda.2007.02.024
        """
        half = self.lower + self.upper
        half -= 1.0
        half[half < LEAST_MASS] = 0.0
        for tail in (self.lower, self.upper):  # no value is likelier than a tail that holds it
            np.minimum(half, tail, out=half)
        half *= 0.5
        return Tails(self.lower - half, self.upper - half)

    def flipped_where(self, negative: np.ndarray) -> Tails:
        """Return the tails of a statistic that falls where ``negative`` says, when the sum rises."""
        return Tails(np.where(negative, self.upper, self.lower), np.where(negative, self.lower, self.upper))

    def certain_where(self, degenerate: np.ndarray) -> Tails:
        """Return the tails with 1 where the statistic has only one possible value."""
        if not degenerate.any():
            return self
        return Tails(np.where(degenerate, 1.0, self.lower), np.where(degenerate, 1.0, self.upper))

    def only(self, tested: np.ndarray) -> Tails:
        """Return the tails with NaN where nothing was tested."""
        if tested.all():
            return self
        return Tails(np.where(tested, self.lower, np.nan), np.where(tested, self.upper, np.nan))


def normal_tails(z_score: np.ndarray) -> Tails:
    """Return the tails of the standard normal law at ``z_score``."""
    return Tails(ndtr(z_score), ndtr(-z_score))


def counted_tails(at_most: np.ndarray, at_least: np.ndarray, permutations: int | np.ndarray) -> Tails:
    """Return Monte-Carlo tails (count + 1) / (permutations + 1).

    The observed arrangement is one of those possible, so it counts in both tails and no p-value is zero.

    References
    ----------
    Phipson and Smyth (2010), https://doi.org/10.2202/1544-6115.1585
    """
    return Tails((at_most + 1.0) / (permutations + 1.0), (at_least + 1.0) / (permutations + 1.0))


def adjusted(p_values: np.ndarray, correction: str) -> np.ndarray:
    """Return q-values: the smallest level of the error that is controlled at which a test is a discovery.

    With the ``m`` p-values that are not NaN in rising order, ``p_(1)`` to ``p_(m)``, and at most 1::

        bh          q_(i) = min over j >= i of m p_(j) / j
        by          the same, times 1 + 1/2 + ... + 1/m
        storey      the same as bh, times pi0 = min(1, (1 + #{p > 1/2}) / (m / 2)); 1 where p > 1/2
        holm        q_(i) = max over j <= i of (m - j + 1) p_(j)
        bonferroni  q = m p
        none        q = p

    ``bh``, ``by`` and ``storey`` control the false discovery rate: the expected share of false ones among the
    discoveries. ``by`` does so whatever the tests have to do with each other; ``bh`` where they are
    independent or go together, as overlapping neighbourhoods do; ``storey`` where they are independent or
    nearly so, and finds more where much is to be found. ``holm`` and ``bonferroni`` control the probability
    of any false discovery, whatever the dependence, and ``none`` that of each test by itself.

    ``pi0`` is the share of areas where nothing is to be found, estimated at lambda = 1/2 with 1 added for
    small samples. p-values of counts lean towards 1, which makes it too large and so errs on the safe side.

    Parameters
    ----------
    p_values
        Between 0 and 1, NaN where nothing was tested; shape (n,).
    correction
        One of ``CORRECTIONS``.

    Returns
    -------
    numpy.ndarray
        Shape (n,), NaN where ``p_values`` is.

    Raises
    ------
    UsageError
        If the correction is unknown.

    References
    ----------
    Benjamini and Hochberg (1995), https://doi.org/10.1111/j.2517-6161.1995.tb02031.x
    Benjamini and Yekutieli (2001), https://doi.org/10.1214/aos/1013699998
    Holm (1979), https://www.jstor.org/stable/4615733
    Caldas de Castro and Singer (2006), https://doi.org/10.1111/j.0016-7363.2006.00682.x
    Storey (2002), https://doi.org/10.1111/1467-9868.00346
    Storey, Taylor and Siegmund (2004), https://doi.org/10.1111/j.1467-9868.2004.00439.x

    Examples
    --------
    >>> adjusted(np.array([0.01, np.nan, 0.04, 0.03]), "bh").round(3).tolist()
    [0.03, nan, 0.04, 0.04]
    >>> adjusted(np.array([0.01, np.nan, 0.04, 0.03]), "holm").round(3).tolist()
    [0.03, nan, 0.06, 0.06]
    """
    check_choice("correction", correction, CORRECTIONS)
    p = np.asarray(p_values, dtype=float)
    if correction == "none":
        return p.copy()
    if correction == "bonferroni":
        return np.asarray(np.minimum(1.0, p * np.count_nonzero(~np.isnan(p))))
    rising, places = ascending(p)
    q = np.full(p.shape, np.nan)
    q[places] = np.minimum(1.0, _stepped(rising, correction))
    return q


def _stepped(p: np.ndarray, correction: str) -> np.ndarray:
    """Return the q-values, not yet cut at 1, of p-values in rising order."""
    m = len(p)
    above = m - int(np.searchsorted(p, STOREY_LAMBDA, side="right"))
    each = steps(p, np.arange(1.0, m + 1.0), m, above, correction)
    if correction == "holm":
        return np.asarray(np.maximum.accumulate(each))
    return np.asarray(np.minimum.accumulate(each[::-1])[::-1])


def steps(p: np.ndarray, rank: np.ndarray, m: int, above: int, correction: str) -> np.ndarray:
    """Return what accumulates to q-values: from the largest p-value down, for ``holm`` from the smallest up.

    Parameters
    ----------
    p, rank
        p-values in rising order and their ranks, counted from 1, among all ``m``; shape (n,).
    above
        How many of all exceed ``STOREY_LAMBDA``.
    """
    if correction == "holm":
        return np.asarray(p * (m + 1.0 - rank))
    each = p * m / rank
    if correction == "by":
        each *= harmonic(m)
    elif correction == "storey":
        each *= min(1.0, (1 + above) / (m * (1 - STOREY_LAMBDA))) if m else 1.0
        each[p > STOREY_LAMBDA] = 1.0
    return np.asarray(each)


def harmonic(n: int) -> float:
    """Return 1 + 1/2 + ... + 1/n.

    >>> round(harmonic(3), 12)  # 11/6
    1.833333333333
    """
    return float(digamma(n + 1.0) + np.euler_gamma)


def required_permutations(
    n_tested: int, fdr: float, alternative: str = "two-sided", correction: str = "bh"
) -> int:
    """Return how many permutations let one lone area among ``n_tested`` survive the correction.

    The smallest p-value is ``t / (R + 1)`` with ``t = 2`` for two-sided tests and 1 otherwise; its q-value is
    ``n_tested`` times as large, again times ``1 + 1/2 + ... + 1/n_tested`` for ``by``, and no larger for
    ``none``. A lone area leaves Storey's pi0 at 1.

    Examples
    --------
    >>> required_permutations(3000, 0.05)
    119999
    >>> required_permutations(100, 0.05, "greater")
    1999
    >>> required_permutations(3000, 0.05, correction="none")
    39
    """
    tails = 2 if alternative == "two-sided" else 1
    times = {"none": 1.0, "by": n_tested * harmonic(n_tested)}.get(correction, float(n_tested))
    # 1e-9 keeps 2 * 3000 / 0.05 at 120 000 although 0.05 is no binary fraction.
    return max(1, ceil(tails * times / fdr - 1e-9) - 1)
