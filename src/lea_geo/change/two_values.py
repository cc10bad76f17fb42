"""The values of two years with their standard errors, area by area."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from lea_geo._checks.change import check_values_of
from lea_geo.change.detectable import detectable_error
from lea_geo.change.pairs import Compared, Measured
from lea_geo.change.shrunk import shrunk_change
from lea_geo.spatial.inference import normal_tails

if TYPE_CHECKING:
    from lea_geo.change.pairs import Asked, Given

    Columns = dict[str, np.ndarray]


def compared_values(given: Given, asked: Asked) -> Compared:
    """Return the comparison of two years of values; without errors, only what they are."""
    value, error = zip(
        *(
            check_values_of(table, given.index, year)
            for table, year in zip(given.tables, given.years, strict=True)
        ),
        strict=True,
    )
    then, now, error_then, error_now = (asked.scale * part for part in (*value, *error))
    held = ~np.isnan(then) & ~np.isnan(now)
    every = Measured(then, now, error_then, error_now, given.rho)
    errors = np.where(given.redrawn, np.nan, every.errors)
    columns = _described(every, every.errors, asked) | _tests(now - then, errors, asked)
    columns |= _detectable(errors, asked) | _likely(every, asked)
    reason = np.select(
        [~held, given.redrawn, np.isnan(every.errors)], ["no value", "redrawn", "no noise known"], ""
    ).astype(object)
    # How many people are behind a value is not known, so that none has too few.
    return Compared(table=pd.DataFrame(columns, given.index).assign(reason=reason), enough=np.inf)


def _described(held: Measured, errors: np.ndarray, asked: Asked) -> Columns:
    difference = held.now - held.then
    reach = float(ndtri((1 + asked.level) / 2)) * errors
    positive = (held.then > 0) & (held.now >= 0)
    ratio = np.divide(held.now, held.then, out=np.full(len(difference), np.nan), where=positive)
    found = {"then": held.then, "now": held.now, "difference": difference, "ratio": ratio}
    return found | {"lower": difference - reach, "upper": difference + reach}


def _tests(difference: np.ndarray, errors: np.ndarray, asked: Asked) -> Columns:
    empty = np.full(len(difference), np.nan)
    tails = normal_tails(_deviate(difference, errors))
    found = {"p_lower": tails.lower, "p_upper": tails.upper, "p_value": tails.p_value("two-sided")}
    if asked.relevant is None:
        return found | {"p_more": empty, "p_same": empty.copy()}
    above, below = (_deviate(difference - end, errors) for end in (asked.relevant, -asked.relevant))
    more = np.minimum(1.0, 2 * np.minimum(ndtr(-above), ndtr(below)))
    return found | {"p_more": more, "p_same": np.maximum(ndtr(above), ndtr(-below))}


def _deviate(away: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """Return ``away / errors``; without any noise every difference is beyond doubt, and none is none."""
    with np.errstate(divide="ignore", invalid="ignore"):
        z = away / errors
    return np.where((errors == 0) & (away == 0), 0.0, z)


def _detectable(errors: np.ndarray, asked: Asked) -> Columns:
    tested = max(1, int((~np.isnan(errors)).sum()))
    alone = asked.fdr if asked.correction == "none" else asked.fdr / tested
    rise = detectable_error(errors, alpha=asked.alpha, power=asked.power)
    listed = detectable_error(errors, alpha=alone, power=asked.power)
    return {"detectable_rise": rise, "detectable_fall": rise.copy(), "detectable_listed": listed}


def _likely(every: Measured, asked: Asked) -> Columns:
    noisy = ~np.isnan(every.errors) & ~np.isnan(every.now - every.then)
    parts = (every.then, every.now, every.error_then, every.error_now, every.rho)
    found = shrunk_change(Measured(*(part[noisy] for part in parts)), level=asked.level)
    columns = {}
    for name, column in (
        ("shrunk", found.change),
        ("shrunk_lower", found.lower),
        ("shrunk_upper", found.upper),
        ("regression", found.regression),
    ):
        columns[name] = np.full(len(noisy), np.nan)
        columns[name][noisy] = column
    return columns
