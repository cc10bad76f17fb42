"""What chance makes of segregation: expected values under random allocation, and tables drawn again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import entr, gammaln

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lea_geo.inequality.segregation_indices import Array

AT_ONCE = 2_000_000
"""Counts held at a time while tables are drawn."""
_REACH = 12
"""Standard deviations beyond which a count's probability adds nothing to a double."""


def exact_expectations(counts: Array) -> dict[str, float]:
    """Return what indices are expected to be if groups and areas keep their sizes and people are shuffled.

    Each count then follows the hypergeometric law. Mean absolute deviations are De Moivre's closed form
    (Diaconis and Zabell 1991, https://doi.org/10.1214/ss/1177011699), squares the law's variance, and
    entropies a sum over all that a count could be.

    Parameters
    ----------
    counts
        Whole numbers, shape (areas, groups).
    """
    people, groups = counts.sum(axis=1), counts.sum(axis=0)
    total, n = people.sum(), len(people)
    region = groups / total
    mixture = (region * (1 - region)).sum()
    spread = (n - 1) / (total - 1)
    deviations = sum(_mean_deviations(people, group, total).sum() for group in groups)
    entropy = sum(_mean_entropies(people, group, total) for group in groups)
    told = entr(region).sum() - entropy
    return {
        "dissimilarity": deviations / total / (2 * mixture),
        "information_theory": told / entr(region).sum(),
        "mutual_information": told,
        "correlation_ratio": spread,
        "relative_diversity": spread,
        "squared_variation": spread,
        "normalized_exposure": spread,
        "isolation": region[0] + (1 - region[0]) * spread,
        "interaction": (1 - region[0]) * (1 - spread),
    }


def _mean_deviations(people: Array, group: float, total: float) -> Array:
    """Return E|x - t X / T| for each area, x hypergeometric."""
    least = np.floor(people * group / total) + 1
    log = _log_law(np.minimum(least, np.minimum(people, group)), people, group, total)
    there = least <= np.minimum(people, group)
    flow = least * (total - group - people + least) / total
    return np.asarray(np.where(there, 2 * flow * np.exp(log), 0.0))


def _mean_entropies(people: Array, group: float, total: float) -> float:
    """Return sum_i t_i E[-p_i ln p_i] / T with p_i = x_i / t_i, x_i hypergeometric."""
    mean = people * group / total
    deviation = np.sqrt(mean * (1 - group / total) * (total - people) / max(1.0, total - 1))
    low = np.maximum(np.maximum(0, people + group - total), np.floor(mean - _REACH * deviation - _REACH))
    high = np.minimum(np.minimum(people, group), np.ceil(mean + _REACH * deviation + _REACH))
    sizes = (high - low + 1).astype(int)
    owner = np.repeat(np.arange(len(people)), sizes)
    x = low[owner] + np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    mass = np.exp(_log_law(x, people[owner], group, total))
    return float((people[owner] * mass * entr(x / people[owner])).sum() / total)


def _log_law(x: Array, people: Array, group: float, total: float) -> Array:
    law: Array = _log_choose(group, x) + _log_choose(total - group, people - x) - _log_choose(total, people)
    return law


def _log_choose(n: float | Array, k: Array) -> Array:
    return np.asarray(gammaln(np.asarray(n) + 1) - gammaln(k + 1) - gammaln(n - k + 1))


def underlying_shares(counts: Array) -> Array:
    """Return groups' shares by area whose spread is that of the areas' underlying shares.

    Observed shares vary more than what is behind them, by the chance in small numbers. With u the variance
    between areas that is left after the multinomial one, e the multinomial variance of an area's shares, and
    b = u / (u + e), each share is drawn towards the region's by sqrt(b), so that the spread of all is u
    (Louis 1984, https://doi.org/10.1080/01621459.1984.10478062; Ghosh 1992,
    https://doi.org/10.1080/01621459.1992.10475236).
    """
    people = counts.sum(axis=1)
    total = people.sum()
    region = counts.sum(axis=0) / total
    shares = counts / people[:, None]
    mixture = float((region * (1 - region)).sum())
    squares = float((people * ((shares - region) ** 2).sum(axis=1)).sum())
    # E squares = u (T - sum t^2 / T) + (n - 1) (mixture - u): the second is what the first leaves to chance.
    slope = total - (people**2).sum() / total - (len(people) - 1)
    between = 0.0 if slope <= 0 else (squares - (len(people) - 1) * mixture) / slope
    between = min(max(between, 0.0), mixture)
    chance = (mixture - between) / people
    kept = np.sqrt(between / np.maximum(between + chance, np.finfo(float).tiny))
    return np.asarray(region + kept[:, None] * (shares - region))


def resampled(people: Array, shares: Array, seed: int, stream: int) -> Callable[[int], Array]:
    """Return what draws tables of as many people by area, each in a group with the area's probabilities."""
    random = _stream(seed, stream)

    def draw(runs: int) -> Array:
        left = np.broadcast_to(people.astype(np.int64), (runs, len(people))).copy()
        rest = np.ones(len(people))
        tables = np.zeros((runs, *shares.shape))
        for group in range(shares.shape[1] - 1):
            odds = np.clip(shares[:, group] / np.maximum(rest, np.finfo(float).tiny), 0, 1)
            tables[..., group] = random.binomial(left, odds)
            left -= tables[..., group].astype(np.int64)
            rest = rest - shares[:, group]
        tables[..., -1] = left
        return tables

    return draw


def shuffled(people: Array, groups: Array, seed: int, stream: int) -> Callable[[int], Array]:
    """Return what draws tables whose areas and groups keep their sizes, people being shuffled."""
    random = _stream(seed, stream)

    def draw(runs: int) -> Array:
        left = np.broadcast_to(people.astype(np.int64), (runs, len(people))).copy()
        tables = np.zeros((runs, len(people), len(groups)))
        for group, size in enumerate(groups[:-1].astype(np.int64)):
            for run in range(runs):
                chosen = random.multivariate_hypergeometric(left[run], size, method="marginals")
                tables[run, :, group] = chosen
                left[run] -= chosen
        tables[..., -1] = left
        return tables

    return draw


def in_batches(draw: Callable[[int], Array], runs: int, size: int) -> Iterator[Array]:
    """Yield ``runs`` tables of ``size`` counts each, as many at a time as memory should hold."""
    most = max(1, AT_ONCE // max(1, size))
    for start in range(0, runs, most):
        yield draw(min(most, runs - start))


def _stream(seed: int, stream: int) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(key=np.array([seed, stream], dtype=np.uint64)))
