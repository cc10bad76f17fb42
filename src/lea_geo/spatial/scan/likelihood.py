"""How much better two risks explain the cases than one: the likelihood ratio of the scan statistic."""

from __future__ import annotations

from math import log1p

from lea_geo.spatial.compiled import compiled

Law = tuple[float, float, bool, int]
"""All cases *C* and all people *N*, both above 0; whether the model is Bernoulli's, which needs ``C < N``;
and the side: 1 for windows with more cases than expected, -1 with fewer, 0 both."""

ROUNDING = 1e-12
"""Cases that differ from the expected number by less than this share of it are as expected."""


@compiled
def log_ratio(cases: float, people: float, law: Law) -> float:
    """Return the log likelihood ratio of one window, 0 on the side that is not asked for.

    With *c* cases among *n* people in the window and *C* among *N* in all, and ``mu = C n / N`` expected
    (Kulldorff 1997)::

        Poisson    c log(c / mu) + (C - c) log((C - c) / (C - mu))
        Bernoulli  c log(c / mu) + (n - c) log((n - c) / (n - mu))
                   + (C - c) log((C - c) / (C - mu)) + (N - n - C + c) log((N - n - C + c) / (N - n - C + mu))

    and ``0 log 0 = 0``.

    Parameters
    ----------
    cases, people
        *c* and *n*, of the window.
    """
    all_cases, all_people, bernoulli, sign = law
    outside = all_people - people
    expected = all_cases * (people / all_people)
    excess = cases - expected
    if outside <= 0.0 or excess * sign < 0.0 or abs(excess) <= ROUNDING * expected:
        return 0.0
    ratio = _term(cases, expected) + _term(all_cases - cases, all_cases - expected)
    if bernoulli:
        healthy = people - expected
        ratio += _term(people - cases, healthy)
        ratio += _term(outside - (all_cases - cases), all_people - all_cases - healthy)
    return max(ratio, 0.0)


@compiled
def _term(observed: float, expected: float) -> float:
    if observed <= 0.0:
        return 0.0
    return observed * log1p((observed - expected) / expected)


@compiled
def squared_scale(people: float, law: Law) -> float:
    """Return *v* so that a window's log ratio is at most ``(c - mu)**2 / v``.

    The log ratio is a Kullback-Leibler divergence, and that is at most the chi-squared divergence. A window
    that fails this bound needs no logarithm.
    """
    all_cases, all_people, bernoulli, _ = law
    share = people / all_people
    scale = all_cases * share * (1.0 - share)
    return scale * (1.0 - all_cases / all_people) if bernoulli else scale
