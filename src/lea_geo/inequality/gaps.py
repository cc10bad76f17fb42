"""Difference and ratio: how far apart two ends are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

import numpy as np
import pandas as pd

from lea_geo._checks.inequality import (
    check_groups,
    check_members,
    check_order,
    check_sides,
    check_tails,
    refuse_value,
)
from lea_geo.inequality import formulas
from lea_geo.inequality.ends import Members, Tails
from lea_geo.inequality.estimate import Form, Measure, first_form, measured
from lea_geo.inequality.options import Options, Settings
from lea_geo.inequality.sample import Sample

if TYPE_CHECKING:
    from lea_geo.inequality.result import Inequality

EXTREMES, TAILS = "extremes", "tails"


def difference(
    values: pd.Series,
    population: pd.Series | None,
    *,
    between: str | tuple[str, str] = EXTREMES,
    rank: pd.Series | None = None,
    groups: pd.Series | None = None,
    share: float = 0.1,
    **options: Unpack[Options],
) -> Inequality:
    """Measure a gap as a difference: of highest and lowest, of most and least deprived, or of two named.

    Parameters
    ----------
    values
        One number an area, indexed by ``area_id``; NaN where there is none.
    population
        People of each area, indexed by ``area_id``; None to count every area once.
    between
        ``"extremes"``: the highest value less the lowest, never below 0, whichever is the better.
        ``"tails"``: the mean of the ``share`` of people with the highest values less that of those with the
        lowest; with ``rank``, the mean of the most advantaged less that of the most disadvantaged, which may
        be negative. Two names: the first less the second, of areas, or of ``groups``.
    rank
        For ``"tails"``: orders the areas from the most disadvantaged (lowest) to the most advantaged, indexed
        by ``area_id``. An order from elsewhere does not run after chance, as that of the values themselves
        does.
    groups
        The group of each area, indexed by ``area_id``, where ``between`` names groups.
    share
        Of the population, for ``"tails"``; an area on the edge is split.
    **options
        As in :func:`lea_geo.gini`.

    Returns
    -------
    Inequality
        ``.value`` is the difference, ``.relative`` the ratio of the same two. Extremes of many noisy values
        lie far apart by chance alone: see ``.noise`` and ``.corrected``.

    Raises
    ------
    UsageError, ValuesError
        As in :func:`lea_geo.gini`; if names, ranks or groups have no value.

    References
    ----------
    Schlotheuber and Hosseinpoor (2022), https://doi.org/10.3390/ijerph19063697
    """
    sample, settings = Sample.of(values, population, options), Settings.of(options)
    return measured(
        sample, settings, gap_measure(sample, between=between, rank=rank, groups=groups, share=share)
    )


def ratio(
    values: pd.Series,
    population: pd.Series | None,
    *,
    between: str | tuple[str, str] = EXTREMES,
    rank: pd.Series | None = None,
    groups: pd.Series | None = None,
    share: float = 0.1,
    **options: Unpack[Options],
) -> Inequality:
    """Measure a gap as a ratio: 1 where there is none.

    Parameters
    ----------
    values, population, between, rank, groups, share
        As in :func:`difference`, one over the other instead of one less the other.
    **options
        Counts, level, runs, seed and the rest, as in :func:`lea_geo.gini`.

    Returns
    -------
    Inequality
        ``.value`` is the ratio, ``.absolute`` the difference of the same two.

    Raises
    ------
    UsageError, ValuesError
        As in :func:`difference`, and if a value is negative or the lower end is zero.

    References
    ----------
    Schlotheuber and Hosseinpoor (2022), https://doi.org/10.3390/ijerph19063697
    """
    sample, settings = Sample.of(values, population, options), Settings.of(options)
    measure = gap_measure(sample, between=between, rank=rank, groups=groups, share=share)
    result = measured(sample, settings, first_form(measure, "relative"))
    if np.isnan(result.value):
        refuse_value("The ratio", "the lower end is zero or negative; use difference.")
    return result


def gap_measure(
    sample: Sample,
    *,
    between: str | tuple[str, str] = EXTREMES,
    rank: pd.Series | None = None,
    groups: pd.Series | None = None,
    share: float = 0.1,
) -> Measure:
    """Return a difference and the ratio of the same two."""
    settings = {"between": between if isinstance(between, str) else list(between), "ranked": rank is not None}
    check_sides(between, (EXTREMES, TAILS), ranked=rank is not None, grouped=groups is not None)
    if between == EXTREMES:
        return Measure(
            (
                Form("difference", "absolute", formulas.extreme_difference, needs_noise=True),
                Form("ratio", "relative", _positive(formulas.extreme_ratio), equal=1.0, needs_noise=True),
            ),
            settings=settings,
        )
    if between == TAILS:
        return _tails(sample, rank, share, settings | {"share": share})
    one, other = (_members(sample, name, groups) for name in between)
    forms = _ends_forms("difference", "ratio", needs_noise=bool(one.sum() < 2 or other.sum() < 2))
    return Measure(forms, Members(one, other), settings)


def _tails(sample: Sample, rank: pd.Series | None, share: float, settings: dict[str, object]) -> Measure:
    check_tails(top=share, bottom=share)
    if rank is not None:
        ends = Tails(check_order(rank, sample.ids), share, share)
        return Measure(_ends_forms("tail_difference", "tail_ratio"), ends, settings)
    return Measure(
        (
            Form("tail_difference", "absolute", formulas.tail_difference(share, share)),
            Form("tail_ratio", "relative", _positive(formulas.tail_ratio(share, share)), equal=1.0),
        ),
        settings=settings,
    )


def _members(sample: Sample, name: str, groups: pd.Series | None) -> np.ndarray:
    labels = (
        sample.ids.astype(str).to_numpy() if groups is None else check_groups("groups", groups, sample.ids)
    )
    check_members("between", [str(name)], pd.Index(labels).unique(), "areas" if groups is None else "groups")
    return np.asarray(labels == str(name)).astype(float)


def _ends_forms(absolute: str, relative: str, *, needs_noise: bool = False) -> tuple[Form, Form]:
    return (
        Form(absolute, "absolute", combine=lambda u, v: np.asarray(u - v), needs_noise=needs_noise),
        Form(relative, "relative", combine=over, equal=1.0, logged=True, needs_noise=needs_noise),
    )


def over(u: np.ndarray | complex, v: np.ndarray | complex) -> np.ndarray:
    """Return u / v, and nothing where either is not above zero."""
    meant = (np.real(u) > 0) & (np.real(v) > 0)
    return np.where(meant, u / np.where(meant, v, 1), np.nan)


def _positive(ratio_of: formulas.Formula) -> formulas.Formula:
    """Return a ratio that has no value where values are not above zero."""

    def formula(x: np.ndarray, w: np.ndarray, p: np.ndarray) -> np.ndarray:
        found = ratio_of(x, w, p)
        return np.where((found >= 1 - 1e-9) & np.isfinite(found), found, np.nan)

    return formula
