"""Whether areas have drawn together: sigma convergence, with and without the noise of small numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import stdtr

from lea_geo._checks.change import check_change_years
from lea_geo.change.gaps import GapsOverTime, gaps_over_time
from lea_geo.change.known import known_values, two_years

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd


@dataclass(frozen=True, kw_only=True)
class SigmaConvergence:
    """The dispersion of areas over years."""

    gaps: GapsOverTime
    """Standard deviation (absolute) and coefficient of variation (relative) of each year, by people and by
    areas, and what became of them: ``narrowed`` is convergence."""
    naive_ratio: float
    """Raw variance of the later year over that of the earlier, noise and all, every area once."""
    naive_p: float
    """Pitman and Morgan's two-sided p-value that both raw variances are equal."""

    @property
    def table(self) -> pd.DataFrame:
        """A row for each year, form and weighting."""
        return self.gaps.table

    @property
    def change(self) -> pd.DataFrame:
        """A row for each form and weighting: then, now, the difference with its interval, the verdict."""
        return self.gaps.change

    @property
    def notes(self) -> tuple[str, ...]:
        """What was left out or assumed."""
        return self.gaps.notes


def sigma_convergence(years: Mapping[int, pd.DataFrame], **options: Any) -> SigmaConvergence:  # noqa: ANN401 - those of gaps_over_time
    """Say whether the dispersion of areas is another than it was, the noise of small numbers taken off.

    Noise spreads areas apart, the more the fewer people they have: where the population grows, the raw
    dispersion falls although nothing converges. Beside what :func:`gaps_over_time` finds there is the test
    that others use, which knows nothing of noise: with sums ``s = y1 + y0`` and differences ``d = y1 - y0``,
    both variances are equal just where s and d are uncorrelated, ``t = r sqrt((n - 2) / (1 - r^2))``.

    Parameters
    ----------
    years, options
        As in :func:`gaps_over_time`, without ``order`` and ``pairs``.

    Returns
    -------
    SigmaConvergence

    Raises
    ------
    UsageError, ValuesError
        As :func:`gaps_over_time`.

    References
    ----------
    Pitman (1939), https://doi.org/10.1093/biomet/31.1-2.9
    Carree and Klomp (1997), https://doi.org/10.1162/003465397557114
    """
    gaps = gaps_over_time(years, **options, pairs=("deviation",))
    tables = check_change_years(years, gaps.kind)
    given = two_years(tables, gaps.since, gaps.until, redrawn=options.get("redrawn", ()))
    _, held, _ = known_values(given, gaps.kind, 1.0)
    ratio, p_value = _pitman(held.then, held.now)
    return SigmaConvergence(gaps=gaps, naive_ratio=ratio, naive_p=p_value)


def _pitman(then: np.ndarray, now: np.ndarray) -> tuple[float, float]:
    spread = float(np.var(then))
    total, step = now + then, now - then
    if spread == 0 or not np.var(total) or not np.var(step):
        return np.nan, np.nan
    r = float(np.corrcoef(total, step)[0, 1])
    t = r * np.sqrt((len(then) - 2) / (1 - r * r))
    return float(np.var(now)) / spread, float(2 * stdtr(len(then) - 2, -abs(t)))
