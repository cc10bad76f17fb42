"""What becomes of outliers: a treatment is learnt on one set of values and can be applied to another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import boxcox as power_transform
from scipy.stats import boxcox_llf

from lea_geo._checks import check_choice
from lea_geo._checks.composite_steps import check_domain, check_treatment
from lea_geo.composite.changes import Changes
from lea_geo.composite_spec import TRANSFORMS, TREATMENTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from lea_geo.composite_spec import Treat

_MARGIN = 0.01
"""How far above 0 the least value is put before a logarithm, as a share of the range."""
_ROUNDING = 1e-14
"""Values that are apart by a smaller share of their size are equal."""
_POWERS = (-5.0, 5.0)
"""Between which the power of Box and Cox is sought."""


def transform(x: np.ndarray, how: str, *, top: float = 1.0) -> np.ndarray:
    """Return one indicator's values transformed, whatever their distribution.

    Parameters
    ----------
    x
        (n,) values; NaN for none.
    how
        ``log`` (of values above 0), ``log1p``: ``log(1 + x)`` (above -1), ``sqrt`` (at least 0), ``logit``:
        ``log(x / (top - x))`` (between 0 and ``top``), or empty for none.
    top
        What a whole is: 1 for shares, 100 for percentages.

    Raises
    ------
    UsageError
        If ``how`` is unknown.
    ValuesError
        If a value is outside the domain; nothing is moved into it.

    Examples
    --------
    >>> transform(np.array([0.5, 0.9]), "logit").round(3).tolist()
    [0.0, 2.197]
    """
    check_choice("transform", how, TRANSFORMS)
    if not how:
        return x
    inside, domain, cure = {
        "log": (x > 0, "above 0", "log1p takes 0 too."),
        "log1p": (x > -1, "above -1", "Leave the transformation out, or let treat find one."),
        "sqrt": (x >= 0, "at least 0", "Leave the transformation out, or let treat find one."),
        "logit": ((x > 0) & (x < top), f"between 0 and {top:g}", "Take sqrt, or shrink the rates first."),
    }[how]
    check_domain(x, how, inside=inside, domain=domain, cure=cure)
    if how == "logit":
        return np.asarray(np.log(x / (top - x)))
    function: Callable[[np.ndarray], np.ndarray] = {"log": np.log, "log1p": np.log1p, "sqrt": np.sqrt}[how]
    return function(x)


def skewness(x: np.ndarray) -> float:
    """Return the adjusted skewness ``G1 = g1 sqrt(n (n - 1)) / (n - 2)`` of the values that are there.

    That of SAS, SPSS and Excel (type 2 of R's e1071), which COINr and the JRC's COIN Tool use too. NaN for
    fewer than three values and where all are equal. Joanes and Gill (1998),
    https://doi.org/10.1111/1467-9884.00122

    Examples
    --------
    >>> round(skewness(np.array([1.0, 2.0, 3.0, 10.0])), 4)  # g1 = 1.0182
    1.7636
    """
    return float(_shape(x[:, None])[0, 0])


def kurtosis(x: np.ndarray) -> float:
    """Return the adjusted excess kurtosis ``G2 = (n - 1) ((n + 1) g2 + 6) / ((n - 2)(n - 3))``.

    Type 2 of e1071 as :func:`skewness`; NaN for fewer than four values and where all are equal.
    """
    return float(_shape(x[:, None])[0, 1])


def _shape(x: np.ndarray) -> np.ndarray:
    """Return skewness and excess kurtosis (k, 2) of the columns of x (n, k)."""
    there = ~np.isnan(x)
    n = there.sum(axis=0).astype(float)
    some = np.maximum(n, 1)
    away = np.where(there, x - np.where(there, x, 0.0).sum(axis=0) / some, 0.0)
    reach = np.abs(away).max(axis=0, initial=0.0)
    size = np.where(there, np.abs(x), 0.0).max(axis=0, initial=0.0)
    flat = reach <= _ROUNDING * size
    away /= np.where(flat, 1.0, reach)  # neither estimator depends on the unit; powers stay within floats
    square = away * away
    m2, m3 = square.sum(axis=0) / some, (square * away).sum(axis=0) / some
    m4 = (square * square).sum(axis=0) / some
    return np.where(flat[:, None], np.nan, _adjusted(n, m2, m3, m4))


def _shape_of(x: np.ndarray) -> np.ndarray:
    """Return the same (1, 2) of the values of one indicator, none of them NaN; in a fraction of the time."""
    away = x - x.mean()
    reach = max(away.max(), -away.min())
    if reach <= _ROUNDING * max(x.max(), -x.min()):
        return np.full((1, 2), np.nan)
    away /= reach
    square, n = away * away, len(x)
    return _adjusted(
        np.array([n]), *(np.array([m / n]) for m in (square.sum(), square @ away, square @ square))
    )


def _adjusted(n: np.ndarray, m2: np.ndarray, m3: np.ndarray, m4: np.ndarray) -> np.ndarray:
    """Return G1 and G2 (k, 2) from central moments; NaN where there are too few values."""
    with np.errstate(divide="ignore", invalid="ignore"):
        g1, g2 = m3 / m2**1.5, m4 / m2**2 - 3
        skew = g1 * np.sqrt(n * (n - 1)) / (n - 2)
        excess = (n - 1) * ((n + 1) * g2 + 6) / ((n - 2) * (n - 3))
    return np.column_stack([np.where(n < 3, np.nan, skew), np.where(n < 4, np.nan, excess)])


def beyond(x: np.ndarray, how: Treat) -> bool:
    """Return whether one indicator has outliers: both skewness and kurtosis are beyond their limits."""
    return bool(_beyond(_shape(x[:, None]), how)[0])


def _beyond(shape: np.ndarray, how: Treat) -> np.ndarray:
    """Return the same of skewness and kurtosis (k, 2); NaN is beyond nothing."""
    return np.asarray((np.abs(shape[:, 0]) > how.skewness) & (shape[:, 1] > how.kurtosis))


@dataclass(frozen=True)
class Treatment:
    """What becomes of the values of k indicators; arrays are (k,)."""

    how: Treat
    kind: np.ndarray
    """``""``, ``winsorised``, ``log`` or ``box_cox``."""
    low: np.ndarray
    """Values below count as this one; -inf where there is no limit."""
    high: np.ndarray
    sign: np.ndarray
    """-1 where the logarithm is taken from the high end, because the skewness is negative; otherwise 1."""
    shift: np.ndarray
    """What is added before a logarithm or a power."""
    power: np.ndarray
    """The power of Box and Cox; NaN for others."""
    before: np.ndarray
    """(k, 2): skewness and excess kurtosis of the values as they were."""
    after: np.ndarray
    """(k, 2): and as they became."""

    @property
    def suffices(self) -> np.ndarray:
        """Whether each indicator is within the limits after its treatment."""
        return ~_beyond(self.after, self.how)

    def apply(self, x: np.ndarray) -> np.ndarray:
        """Return treated values (n, k); those beyond the ends that were learnt count as the end."""
        held: np.ndarray = np.clip(x, self.low, self.high)
        for column in np.flatnonzero(self.kind == "log"):
            sign = self.sign[column]
            held[:, column] = sign * np.log(sign * held[:, column] + self.shift[column])
        for column in np.flatnonzero(self.kind == "box_cox"):
            held[:, column] = power_transform(held[:, column] + self.shift[column], self.power[column])
        return held

    def changes(self, x: np.ndarray) -> Changes:
        """Return every cell of ``x`` that the treatment changes."""
        return Changes.between(x, self.apply(x), self.kind)


def learn(x: np.ndarray, how: Treat) -> Treatment:
    """Learn what becomes of each indicator's outliers.

    An indicator is treated where ``|G1| > how.skewness`` and ``G2 > how.kurtosis``, with the estimators of
    :func:`skewness` and :func:`kurtosis`.

    ``winsorise``
        The values at the end to which the distribution is skewed are brought to the next value within, one
        by one (equal ones together), until the indicator is within the limits or another step would change
        more than ``how.most`` values.
    ``log``
        ``log(x - min + 0.01 (max - min))``, as COINr's; where the skewness is negative, so that the order of
        the areas stays, ``-log(max - x + 0.01 (max - min))``.
    ``box_cox``
        ``((x + c)^p - 1) / p``, the logarithm for p = 0, with the p between -5 and 5 of maximum likelihood; c
        is 0 where all values are positive, and otherwise puts the least at 0.01 of the range.
    ``auto``
        ``winsorise``; where that is not enough ``log``, of the values as they were.

    Parameters
    ----------
    x
        Values (n, k); NaN for none.
    how
        The method and its limits.

    Returns
    -------
    Treatment
        What to do with each indicator; applied to ``x`` or to another year's values.

    Raises
    ------
    UsageError
        If the method is unknown or a limit is out of range.

    References
    ----------
    OECD and JRC (2008), https://doi.org/10.1787/9789264043466-en; Box and Cox (1964),
    https://doi.org/10.1111/j.2517-6161.1964.tb00553.x
    """
    check_choice("treat.method", how.method, TREATMENTS)
    check_treatment(skewness=how.skewness, kurtosis=how.kurtosis, most=how.most)
    before = _shape(x)
    treated = (how.method != "none") & _beyond(before, how)
    learnt = [_learn_one(column, how) if do else _UNTREATED for column, do in zip(x.T, treated, strict=True)]
    kind, low, high, sign, shift, power = zip(*learnt, strict=True) if learnt else ((),) * 6
    treatment = Treatment(
        how=how,
        kind=np.array(kind, dtype=object),
        low=np.array(low, dtype=float),
        high=np.array(high, dtype=float),
        sign=np.array(sign, dtype=float),
        shift=np.array(shift, dtype=float),
        power=np.array(power, dtype=float),
        before=before,
        after=before.copy(),
    )
    if (changed := treatment.kind != "").any():
        treatment.after[changed] = _shape(treatment.apply(x)[:, changed])
    return treatment


_One = tuple[str, float, float, float, float, float]
_UNTREATED: _One = ("", -np.inf, np.inf, 1.0, 0.0, np.nan)


def _learn_one(x: np.ndarray, how: Treat) -> _One:
    """Return kind, low, high, sign, shift and power for one indicator with outliers."""
    if how.method == "log":
        return _logarithm(x)
    if how.method == "box_cox":
        return _box_cox(x)
    winsorised = _winsorised(x, how)
    if how.method == "auto" and beyond(np.clip(x, winsorised[1], winsorised[2]), how):
        return _logarithm(x)
    return winsorised


def _winsorised(x: np.ndarray, how: Treat) -> _One:
    low, high = -np.inf, np.inf
    held = x[~np.isnan(x)]
    now, shape = held, _shape_of(held)
    while _beyond(shape, how)[0]:
        if shape[0, 0] > 0:
            trial = low, float(now[now < now.max()].max())
        else:
            trial = float(now[now > now.min()].min()), high
        if np.sum((held < trial[0]) | (held > trial[1])) > how.most:
            break
        low, high = trial
        now = np.clip(held, low, high)
        shape = _shape_of(now)
    if low == -np.inf and high == np.inf:
        return _UNTREATED
    return "winsorised", low, high, 1.0, 0.0, np.nan


def _logarithm(x: np.ndarray) -> _One:
    least, most = float(np.nanmin(x)), float(np.nanmax(x))
    margin = _MARGIN * (most - least)
    if skewness(x) > 0:
        return "log", least, np.inf, 1.0, margin - least, np.nan
    return "log", -np.inf, most, -1.0, margin + most, np.nan


def _box_cox(x: np.ndarray) -> _One:
    held = x[~np.isnan(x)]
    least, most = float(held.min()), float(held.max())
    shift = 0.0 if least > 0 else _MARGIN * (most - least) - least
    shifted = held + shift
    scaled = shifted / np.exp(np.log(shifted).mean())  # the likelihood's maximum does not depend on the unit
    found = minimize_scalar(
        lambda power: -boxcox_llf(power, scaled), bounds=_POWERS, method="bounded", options={"xatol": 1e-8}
    )
    return "box_cox", least, np.inf, 1.0, shift, float(found.x)
