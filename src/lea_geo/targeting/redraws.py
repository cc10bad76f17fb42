"""Draws of what the true need may be, given the counts of all areas."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lea_geo._checks import check_choice, check_count, check_fraction, check_seed

if TYPE_CHECKING:
    from lea_geo.targeting.law import Laws
    from lea_geo.targeting.need import Need

NOISES = ("joint", "sampling", "none")
"""What chance leaves open of a count: in the light of all areas' rates, by itself, or nothing."""
LEAST_DRAWS = 100


def redraws(need: Need, laws: Laws | None, *, noise: str, draws: int, seed: int) -> np.ndarray:
    """Return draws of the number of families in need that each area's true rate would make.

    ``joint``: with a law drawn from those that the counts allow, x families in need among n leave a rate
    Beta(a + x, b + n - x), or Gamma(a + x, b + n); drawn towards what is usual, so that the extremes of many
    areas do not come out too extreme. ``sampling``: Jeffreys' priors, Beta(x + 1/2, n - x + 1/2) or
    Gamma(x + 1/2); what is taken where there are no families, and so no rates. A hidden count is drawn first,
    among those between its bounds.

    Returns
    -------
    numpy.ndarray
        Shape (draws, n), in the order of ``need.index``; 0 where there are no families.
    """
    check_choice("noise", noise, NOISES)
    check_count("draws", draws, least=LEAST_DRAWS)
    random = np.random.default_rng(check_seed(seed))
    counts = _counts(random, need, laws, draws)
    if noise == "none":
        return counts
    if need.families is None:
        return random.standard_gamma(counts + 0.5)
    if noise == "sampling" or laws is None:
        a, b = np.full((draws, 1), 0.5), np.full((draws, 1), 0.5 if need.kind == "proportion" else 0.0)
    else:
        a, b = _priors(random, laws, need.kind, draws)
    lived = np.where(need.families > 0, need.families, 1.0)
    if need.kind == "proportion":
        rate = random.beta(a + np.minimum(counts, lived), b + np.maximum(lived - counts, 0.0))
    else:
        rate = random.standard_gamma(a + counts) / (b + lived)
    return np.asarray(rate * need.families)


def expected(need: Need, laws: Laws | None, known: np.ndarray) -> np.ndarray:
    """Return the mean of the ``joint`` draws, hidden counts being as ``known`` (n,) has them; exactly.

    A rate is drawn towards the mean of its law by the weight of the law: ``n (s m + x) / (s + n)``, averaged
    over laws. Without families, the counts.
    """
    if laws is None or need.families is None:
        return known
    strength = laws.strength if need.kind == "proportion" else laws.strength / laws.mean
    total = np.zeros(len(known))
    for mean, weight, chance in zip(laws.mean, strength, laws.weight, strict=True):
        total += (
            chance * need.families * (mean * weight + known) / (weight + np.maximum(need.families, 1e-300))
        )
    return total


def _priors(random: np.random.Generator, laws: Laws, kind: str, draws: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the law of each draw as what it adds to events and to the rest, shape (draws, 1) each."""
    at = random.choice(len(laws.weight), size=draws, p=laws.weight)
    mean, strength = laws.mean[at, None], laws.strength[at, None]
    if kind == "proportion":
        return mean * strength, (1 - mean) * strength
    return strength, strength / mean


def _counts(random: np.random.Generator, need: Need, laws: Laws | None, draws: int) -> np.ndarray:
    """Return the counts with a draw for each hidden one, shape (draws, n)."""
    counts = np.tile(need.counts, (draws, 1))
    for i in np.flatnonzero(need.hidden).tolist():
        if laws is not None:
            values, chance = need.possible(i, laws)
            counts[:, i] = random.choice(values, size=draws, p=chance)
        else:
            counts[:, i] = random.uniform(need.lower[i], need.upper[i], size=draws)
    return counts


def ends(draws: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the quantiles between which the draws (draws, ...) lie with probability ``level``."""
    tail = (1 - check_fraction("level", level)) / 2
    lower, upper = np.quantile(draws, [tail, 1 - tail], axis=0)
    return lower, upper
