"""Which indicators, and which areas, say too little to be part of an index."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo._checks.composite_steps import check_screening
from lea_geo.schema import AREA_ID, Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lea_geo.composite_spec import Screen

INDICATOR_COLUMNS = ("values", "not_applicable", "available", "zeros", "ties", "fails", "excluded")
"""How many areas have a value and to how many the indicator does not apply; the share of areas with a value;
the share of zeros, and of the most frequent value, among the values; why the indicator fails, in words
(blank: it does not); and whether it is left out."""
AREA_COLUMNS = ("values", "available", "zeros", "fails", "excluded")
"""The same of areas, over indicators."""


@dataclass(frozen=True)
class Screened:
    """What screening found."""

    indicators: pd.DataFrame
    """Indexed by code, with ``INDICATOR_COLUMNS``."""
    areas: pd.DataFrame
    """Indexed by ``area_id``, with ``AREA_COLUMNS``."""
    how: Screen

    @property
    def excluded(self) -> tuple[str, ...]:
        """The codes of the indicators that are left out."""
        return tuple(self.indicators.index[self.indicators["excluded"]])

    @property
    def notes(self) -> tuple[str, ...]:
        """What failed and why, a sentence for each indicator, and one for all areas."""
        failing = self.indicators[self.indicators["fails"] != ""]
        kept = {True: "It is left out.", False: "It is kept."}
        notes = [f"{code}: {row['fails']}. {kept[bool(row['excluded'])]}" for code, row in failing.iterrows()]
        areas = self.areas.index[self.areas["fails"] != ""]
        if len(areas):
            shown = ", ".join(areas[:5]) + (" ..." if len(areas) > 5 else "")
            done = "get no score" if self.how.exclude else "are kept"
            what = "Areas with too few values or too many zeros"
            notes.append(f"{what}, which {done}: {len(areas)} ({shown}).")
        return tuple(notes)


def screen(
    x: np.ndarray,
    how: Screen,
    *,
    codes: Sequence[str],
    ids: pd.Index[str],
    status: np.ndarray | None = None,
) -> Screened:
    """Count what indicators and areas have, and say which fail.

    Areas are counted over the indicators that are kept.

    Parameters
    ----------
    x
        Values (n, k) before anything is imputed; NaN for none.
    how
        The limits, and whether what fails is left out.
    codes
        (k,) of the indicators.
    ids
        (n,) of the areas.
    status
        (n, k) words of ``schema.Status``, to count what is not applicable.

    Raises
    ------
    UsageError
        If a limit is not between 0 and 1.
    """
    check_screening(
        available=how.available,
        zeros=how.zeros,
        ties=how.ties,
        area_available=how.area_available,
        area_zeros=how.area_zeros,
    )
    found = _of_indicators(x, how, codes, status)
    kept = ~found["excluded"].to_numpy(dtype=bool)
    return Screened(found, _of_areas(x[:, kept], how, ids), how)


def _of_indicators(
    x: np.ndarray, how: Screen, codes: Sequence[str], status: np.ndarray | None
) -> pd.DataFrame:
    there = ~np.isnan(x)
    values = there.sum(axis=0)
    not_applicable = np.zeros(len(codes), dtype=int)
    if status is not None:
        not_applicable = (status == str(Status.NOT_APPLICABLE)).sum(axis=0)
    available = values / max(len(x), 1)
    zeros = _share((x == 0).sum(axis=0), values)
    ties = _share(np.array([_most_frequent(column) for column in x.T]), values)
    fails = _reasons(
        [
            (available < how.available, available, "areas have a value, fewer than", how.available),
            (zeros > how.zeros, zeros, "values are 0, more than", how.zeros),
            (ties > how.ties, ties, "values are one and the same, more than", how.ties),
        ]
    )
    columns = (values, not_applicable, available, zeros, ties, fails, how.exclude & (fails != ""))
    index = pd.Index(list(codes), name="code", dtype=str)
    return pd.DataFrame(dict(zip(INDICATOR_COLUMNS, columns, strict=True)), index=index)


def _of_areas(x: np.ndarray, how: Screen, ids: pd.Index[str]) -> pd.DataFrame:
    values = (~np.isnan(x)).sum(axis=1)
    available = values / max(x.shape[1], 1)
    zeros = _share((x == 0).sum(axis=1), values)
    fails = _reasons(
        [
            (
                available < how.area_available,
                available,
                "indicators have a value, fewer than",
                how.area_available,
            ),
            (zeros > how.area_zeros, zeros, "values are 0, more than", how.area_zeros),
        ]
    )
    columns = (values, available, zeros, fails, how.exclude & (fails != ""))
    return pd.DataFrame(dict(zip(AREA_COLUMNS, columns, strict=True)), index=ids.rename(AREA_ID))


def _share(count: np.ndarray, of: np.ndarray) -> np.ndarray:
    share = np.full(len(of), np.nan)
    np.divide(count, of, out=share, where=of > 0)
    return share


def _most_frequent(column: np.ndarray) -> int:
    return int(np.unique(column[~np.isnan(column)], return_counts=True)[1].max(initial=0))


def _reasons(found: Sequence[tuple[np.ndarray, np.ndarray, str, float]]) -> np.ndarray:
    """Return why each row fails, ``40.0 % of areas have a value, fewer than 50 %``, or blank."""
    reasons: list[list[str]] = [[] for _ in found[0][0]]
    for fails, share, words, limit in found:
        for row in np.flatnonzero(fails):
            reasons[row].append(f"{100 * share[row]:.1f} % of {words} {100 * limit:g} %")
    return np.array(["; ".join(reason) for reason in reasons], dtype=object)
