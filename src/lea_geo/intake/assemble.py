"""From fields to indicators: rates with their parts, statuses and bounds."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo._checks import Faults
from lea_geo._checks import tables as check
from lea_geo.errors import TableError
from lea_geo.intake.cells import Cells, no_members
from lea_geo.schema import CELL_COLUMNS, Indicator, Status

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from lea_geo.intake.catalogue import Catalogue

# What a sum is when one of its terms is: the first of these that occurs.
_WORST = (Status.MISSING, Status.NOT_APPLICABLE, Status.SUPPRESSED)
MOST_IMPLAUSIBLE = 0.05


@dataclass(frozen=True)
class Assembled:
    """Indicators by area, as one frame for each of ``schema.CELL_COLUMNS``."""

    indicators: tuple[Indicator, ...]
    frames: Mapping[str, pd.DataFrame]
    unavailable: Mapping[str, str] = field(default_factory=dict)
    """Code to the reason why the indicator cannot be built from this table."""
    notes: tuple[str, ...] = ()


def assemble(path: Path, cells: Cells, catalogue: Catalogue) -> Assembled:
    """Build every indicator of the catalogue for which the table has fields.

    Raises
    ------
    TableError
        A share exceeds its whole, or no indicator can be built.
    """
    faults = Faults()
    built: dict[str, pd.DataFrame] = {}
    unavailable: dict[str, str] = {}
    notes: list[str] = []
    for indicator in catalogue.indicators:
        reason = _obstacle(cells, catalogue, indicator)
        if reason:
            unavailable[indicator.code] = reason
            continue
        built[indicator.code] = (
            _rate(faults, cells, indicator) if indicator.is_rate else _plain(cells, catalogue, indicator)
        )
        notes += _doubtful(cells, catalogue, indicator)
    faults.raise_if_any(TableError, check.heading(path))
    if not built:
        check.refuse_no_indicators(path, unavailable)
    return Assembled(
        indicators=tuple(i for i in catalogue.indicators if i.code in built),
        frames={
            column: pd.DataFrame({code: frame[column] for code, frame in built.items()})
            for column in CELL_COLUMNS
        },
        unavailable=unavailable,
        notes=tuple(notes),
    )


def _fields(indicator: Indicator) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*indicator.numerator, *indicator.denominator, indicator.field)))[
        : None if indicator.field else -1
    ]


def _outside(cells: Cells, catalogue: Catalogue, name: str) -> pd.Series[bool]:
    limits = catalogue.fields[name].plausible or (-np.inf, np.inf)
    values = cells.values[name].where(~no_members(cells, catalogue, name))
    return values.notna() & ~values.between(*limits)


def _obstacle(cells: Cells, catalogue: Catalogue, indicator: Indicator) -> str:
    """Return why the indicator cannot be built, or nothing."""
    absent = [name for name in _fields(indicator) if name not in cells.values]
    if absent:
        return f"the table has no {' and no '.join(absent)}"
    for name in _fields(indicator):
        outside, observed = _outside(cells, catalogue, name), cells.values[name].notna()
        if outside.sum() > MOST_IMPLAUSIBLE * max(observed.sum(), 1):
            low, high = catalogue.fields[name].plausible or (0, 0)
            return (
                f"{outside.sum()} of {observed.sum()} values of {name} are outside {low:g} to {high:g}; "
                "has the file lost its decimal separators"
            )
    return ""


def _doubtful(cells: Cells, catalogue: Catalogue, indicator: Indicator) -> list[str]:
    notes = []
    for name in _fields(indicator):
        odd = cells.values.index[_outside(cells, catalogue, name)]
        if len(odd):
            low, high = catalogue.fields[name].plausible or (0, 0)
            notes.append(
                f"{len(odd)} values of {name} are outside {low:g} to {high:g} and were kept: "
                f"{', '.join(odd[:5])}{', …' if len(odd) > 5 else ''}."
            )
    return notes


def _frame(index: pd.Index[str]) -> pd.DataFrame:
    frame = pd.DataFrame(np.nan, index=index, columns=list(CELL_COLUMNS))
    return frame.assign(status=str(Status.OBSERVED))[list(CELL_COLUMNS)]


def _finish(frame: pd.DataFrame) -> pd.DataFrame:
    """Keep bounds of withheld values only, and write unknown bounds as NaN."""
    hidden = frame["status"] == str(Status.SUPPRESSED)
    bounds = frame[["lower", "upper"]].where(hidden).replace([np.inf, -np.inf], np.nan)
    has_value = frame["status"].isin([str(Status.OBSERVED), str(Status.STRUCTURAL_ZERO)])
    return frame.assign(value=frame["value"].where(has_value), **bounds)


def _plain(cells: Cells, catalogue: Catalogue, indicator: Indicator) -> pd.DataFrame:
    name = indicator.field
    frame = _frame(cells.values.index)
    frame["value"] = cells.values[name] * indicator.scale
    frame["status"] = cells.status[name]
    frame["lower"], frame["upper"] = cells.lower[name] * indicator.scale, cells.upper[name] * indicator.scale
    nobody = no_members(cells, catalogue, name)
    empty = Status.STRUCTURAL_ZERO if indicator.kind == "extensive" else Status.NOT_APPLICABLE
    frame.loc[nobody, "status"] = str(empty)
    frame.loc[frame["status"] == str(Status.STRUCTURAL_ZERO), "value"] = 0.0
    return _finish(frame)


@dataclass(frozen=True)
class _Sum:
    value: pd.Series[float]
    status: pd.Series[str]
    lower: pd.Series[float]
    upper: pd.Series[float]


def _sum(cells: Cells, names: tuple[str, ...]) -> _Sum:
    """Add fields up; an observed value is its own bound."""
    if not names:
        zero = pd.Series(0.0, index=cells.values.index)
        return _Sum(zero, pd.Series(str(Status.OBSERVED), index=zero.index), zero, zero)
    picked = list(names)
    statuses = cells.status[picked]
    values = cells.values[picked].mask(statuses == str(Status.STRUCTURAL_ZERO), 0.0)
    status = reduce(
        lambda done, worst: done.mask((statuses == str(worst)).any(axis=1), str(worst)),
        reversed(_WORST),
        pd.Series(str(Status.OBSERVED), index=values.index),
    )
    return _Sum(
        value=values.sum(axis=1, skipna=False),
        status=status,
        lower=values.fillna(cells.lower[picked]).sum(axis=1, skipna=False),
        upper=values.fillna(cells.upper[picked]).sum(axis=1, skipna=False),
    )


def _rate(faults: Faults, cells: Cells, indicator: Indicator) -> pd.DataFrame:
    """Return a rate with its parts; nobody to count means not applicable, a withheld part means bounds."""
    part, whole = _sum(cells, indicator.numerator), _sum(cells, indicator.denominator)
    if indicator.unit == "percent" and (over := part.value > whole.value).any():
        check.note_share(faults, indicator.code, cells.values.index[over])
    frame = _frame(cells.values.index)
    frame["numerator"], frame["denominator"] = part.value, whole.value
    frame["value"] = indicator.scale * part.value / whole.value.where(whole.value > 0)
    status = whole.status.mask(part.status != str(Status.OBSERVED), part.status)
    status = status.mask(whole.status == str(Status.MISSING), str(Status.MISSING))
    frame["status"] = status.mask(whole.value == 0, str(Status.NOT_APPLICABLE))
    frame["lower"], frame["upper"] = _rate_bounds(cells, indicator, part, whole)
    return _finish(frame)


def _rate_bounds(
    cells: Cells, indicator: Indicator, part: _Sum, whole: _Sum
) -> tuple[pd.Series[float], pd.Series[float]]:
    """Return the least and the largest rate that the withheld counts allow.

    Where the numerator is part of the denominator, ``n / (n + rest)`` rises with n and falls with the rest:
    its extremes are at corners of the box of bounds, which plain interval division would overshoot.
    """
    most = indicator.scale if indicator.unit == "percent" else np.inf
    if set(indicator.numerator) <= set(indicator.denominator):
        rest = _sum(cells, tuple(name for name in indicator.denominator if name not in indicator.numerator))
        low_whole, high_whole = part.lower + rest.upper, part.upper + rest.lower
    else:
        low_whole, high_whole = whole.upper, whole.lower
    with np.errstate(invalid="ignore", divide="ignore"):
        lower = (indicator.scale * part.lower / low_whole).fillna(0.0)
        upper = (indicator.scale * part.upper / high_whole).fillna(most)
    return lower.clip(upper=most), upper.clip(upper=most)
