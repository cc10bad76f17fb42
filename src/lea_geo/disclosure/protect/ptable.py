"""Perturbation tables: the chance of each change of each count, as even as what is asked of them allows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import brentq

from lea_geo._checks import check_count
from lea_geo._checks.disclosure_protect import check_variance, refuse_variance

if TYPE_CHECKING:
    from numpy.typing import NDArray

_STEEPEST = 60.0
"""Where the odds of two changes next to each other are e to this, the more likely ones have it all."""


@dataclass(frozen=True)
class PerturbationTable:
    """The chance of each change of each count."""

    chances: NDArray[np.float64]
    """Row: a count, the last one that and all larger ones; column: a change from -D to D. Rows sum to 1."""
    largest: int
    """D, the largest change."""
    variance: float
    """V, the variance of the change of every count but 0."""
    smallest: int
    """The smallest count above 0 that is ever published."""

    def changes(self, counts: NDArray[np.int64], draws: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the change of each count, from a number of 0 up to but not 1 for each."""
        upto = np.cumsum(self.chances, axis=1)
        # The last change that has a chance takes what round-off leaves of the sum.
        upto[np.cumsum(self.chances[:, ::-1], axis=1)[:, ::-1] == self.chances] = 1.0
        row = np.minimum(counts, len(upto) - 1)
        found: NDArray[np.int64] = (draws[:, None] >= upto[row]).sum(axis=1) - self.largest
        return found

    def reach(self, published: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the least and the most that can be behind each published number, by who knows the table."""
        last = len(self.chances) - 1
        change = np.arange(-self.largest, self.largest + 1)
        behind = published[:, None] - change
        possible = (behind >= 0) & (self.chances[np.clip(behind, 0, last), change + self.largest] > 0)
        lower = np.where(possible, behind, np.iinfo(np.int64).max).min(axis=1)
        return lower, np.where(possible, behind, -1).max(axis=1)


def perturbation_table(*, largest: int, variance: float, smallest: int = 1) -> PerturbationTable:
    r"""Return the chances of largest entropy that are asked for (Giessing 2016).

    Of every count i above 0 the changes v have the chances p that maximise -sum p log p among those with

    * mean 0 and variance V, so that perturbed counts are unbiased and equally noisy,
    * -D <= v <= D, and i + v either 0 or at least ``smallest``: no other count is ever published;

    they are p_v proportional to exp(a v + b v^2) over the changes that are left. 0 stays 0.

    Parameters
    ----------
    largest
        D, the largest change, persons.
    variance
        V, persons squared.
    smallest
        The smallest count above 0 that may be published; 1: any.

    Returns
    -------
    PerturbationTable
        Counts of D + smallest and more share the last row: none of their changes is ruled out.

    Raises
    ------
    UsageError
        If an option is out of range, or a count cannot have that variance; the message says which it can.

    References
    ----------
    Giessing (2016), https://doi.org/10.1007/978-3-319-45381-1_18
    Marley and Leaver (2011), A method for confidentialising user-defined tables: statistical properties and
    a risk-utility analysis, 58th World Statistics Congress

    Examples
    --------
    >>> table = perturbation_table(largest=2, variance=1.0)
    >>> table.chances[1].round(3).tolist()
    [0.0, 0.398, 0.306, 0.194, 0.102]
    """
    check_count("largest", largest)
    check_count("smallest", smallest)
    check_variance(variance)
    return _table(largest, float(variance), smallest)


@cache
def _table(largest: int, variance: float, smallest: int) -> PerturbationTable:
    changes = np.arange(-largest, largest + 1)
    rows = [np.where(changes == 0, 1.0, 0.0)]
    for count in range(1, largest + smallest + 1):
        after = count + changes
        allowed = changes[(after == 0) | (after >= smallest)]
        chances = np.zeros(len(changes))
        chances[allowed + largest] = _most_disordered(count, allowed.astype(float), variance)
        rows.append(chances)
    found = np.array(rows)
    found.setflags(write=False)
    return PerturbationTable(found, largest, variance, smallest)


def _most_disordered(count: int, changes: NDArray[np.float64], variance: float) -> NDArray[np.float64]:
    """Return the chances of largest entropy over some changes, of mean 0 and a given variance."""
    below, above = changes[changes <= 0], changes[changes >= 0]
    if not (len(below) and len(above)):
        refuse_variance(count, variance, None)
    least, most = -float(below.max() * above.min()), -float(below.min() * above.max())
    if not least <= variance <= most:
        refuse_variance(count, variance, (least, most))
    if variance in (least, most):
        ends = (below.max(), above.min()) if variance == least else (below.min(), above.max())
        return _two_changes(changes, *ends)

    def beyond(steepness: float) -> float:
        chances = _centred(changes, steepness)
        return float(chances @ changes**2) - variance

    return _centred(changes, float(brentq(beyond, -_STEEPEST, _STEEPEST, xtol=1e-14, rtol=1e-14)))


def _two_changes(changes: NDArray[np.float64], low: float, high: float) -> NDArray[np.float64]:
    """Return the chances of mean 0 that two changes share."""
    up = -low / (high - low) if high > low else 1.0
    return np.where(changes == high, up, np.where(changes == low, 1.0 - up, 0.0))


def _centred(changes: NDArray[np.float64], steepness: float) -> NDArray[np.float64]:
    """Return chances proportional to exp(a v + b v^2) of mean 0, for a given b."""
    far = 4 * float(np.abs(changes).max()) * (abs(steepness) + 1) + _STEEPEST

    def chances(tilt: float) -> NDArray[np.float64]:
        logs = tilt * changes + steepness * changes**2
        weights = np.exp(logs - logs.max())
        return np.asarray(weights / weights.sum())

    tilt = brentq(lambda a: float(chances(a) @ changes), -far, far, xtol=1e-14, rtol=1e-14)
    return chances(float(tilt))
