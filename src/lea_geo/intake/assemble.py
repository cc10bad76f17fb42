"""From fields to indicators: rates with their parts, statuses and bounds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lea_geo._checks import Faults
from lea_geo._checks import tables as check
from lea_geo.errors import TableError
from lea_geo.intake.cells import Cells, no_members
from lea_geo.schema import CELL_COLUMNS, WITH_VALUE, Indicator, Status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from lea_geo.intake.catalogue import Catalogue

Floats = NDArray[np.float64]
Words = NDArray[np.object_]
_Parts = dict[str, Any]
"""One array for each of ``schema.CELL_COLUMNS``."""

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
    built: dict[str, _Parts] = {}
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
            column: pd.DataFrame(
                {code: parts[column] for code, parts in built.items()}, index=cells.values.index
            )
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
    limits = catalogue.fields[name].plausible
    values = cells.values[name]
    if limits is None:
        return pd.Series(data=False, index=values.index)
    return values.notna() & ~values.between(*limits) & ~no_members(cells, catalogue, name)


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


def _finish(parts: _Parts) -> _Parts:
    """Keep values that are known and bounds of those withheld; write unknown bounds as NaN."""
    hidden = parts["status"] == str(Status.SUPPRESSED)
    has_value = np.isin(parts["status"], [str(status) for status in WITH_VALUE])
    for name in ("lower", "upper"):
        parts[name] = np.where(hidden & np.isfinite(parts[name]), parts[name], np.nan)
    parts["value"] = np.where(has_value, parts["value"], np.nan)
    return {name: parts[name] for name in CELL_COLUMNS}


def _plain(cells: Cells, catalogue: Catalogue, indicator: Indicator) -> _Parts:
    name, scale = indicator.field, indicator.scale
    nobody = no_members(cells, catalogue, name).to_numpy()
    empty = Status.STRUCTURAL_ZERO if indicator.kind == "extensive" else Status.NOT_APPLICABLE
    status = np.where(nobody, str(empty), cells.status[name].to_numpy(dtype=object))
    value = np.where(status == str(Status.STRUCTURAL_ZERO), 0.0, scale * cells.values[name].to_numpy())
    return _finish(
        {
            "value": value,
            "status": status,
            "lower": scale * cells.lower[name].to_numpy(),
            "upper": scale * cells.upper[name].to_numpy(),
            "numerator": np.full(len(value), np.nan),
            "denominator": np.full(len(value), np.nan),
        }
    )


@dataclass(frozen=True)
class _Sum:
    value: Floats
    status: Words
    lower: Floats
    upper: Floats


def _sum(cells: Cells, names: Sequence[str]) -> _Sum:
    """Add fields up; an observed value is its own bound."""
    picked = list(names)
    statuses = cells.status[picked].to_numpy(dtype=object)
    values = np.where(
        statuses == str(Status.STRUCTURAL_ZERO), 0.0, cells.values[picked].to_numpy(dtype=float)
    )
    unknown = np.isnan(values)
    worst = [(statuses == str(status)).any(axis=1) for status in _WORST]
    return _Sum(
        value=values.sum(axis=1),
        status=np.select(worst, [str(status) for status in _WORST], str(Status.OBSERVED)).astype(object),
        lower=np.where(unknown, cells.lower[picked].to_numpy(dtype=float), values).sum(axis=1),
        upper=np.where(unknown, cells.upper[picked].to_numpy(dtype=float), values).sum(axis=1),
    )


def _rate(faults: Faults, cells: Cells, indicator: Indicator) -> _Parts:
    """Return a rate with its parts; nobody to count means not applicable, a withheld part means bounds."""
    part, whole = _sum(cells, indicator.numerator), _sum(cells, indicator.denominator)
    if indicator.unit == "percent" and (over := part.value > whole.value).any():
        check.note_share(faults, indicator.code, cells.values.index[over])
    status = np.where(part.status == str(Status.OBSERVED), whole.status, part.status)
    status = np.where(whole.status == str(Status.MISSING), str(Status.MISSING), status)
    lower, upper = _rate_bounds(cells, indicator, part, whole)
    with np.errstate(invalid="ignore", divide="ignore"):
        value = indicator.scale * part.value / whole.value
    return _finish(
        {
            "value": value,
            "status": np.where(whole.value == 0, str(Status.NOT_APPLICABLE), status),
            "lower": lower,
            "upper": upper,
            "numerator": part.value,
            "denominator": whole.value,
        }
    )


def _rate_bounds(cells: Cells, indicator: Indicator, part: _Sum, whole: _Sum) -> tuple[Floats, Floats]:
    """Return the least and the largest rate that the withheld counts allow.

    Where the numerator is part of the denominator, ``n / (n + rest)`` rises with n and falls with the rest:
    its extremes are at corners of the box of bounds, which plain interval division would overshoot.
    """
    most = indicator.scale if indicator.unit == "percent" else np.inf
    low_whole, high_whole = whole.upper, whole.lower
    if set(indicator.numerator) <= set(indicator.denominator):
        rest = _sum(cells, [name for name in indicator.denominator if name not in indicator.numerator])
        low_whole, high_whole = part.lower + rest.upper, part.upper + rest.lower
    with np.errstate(invalid="ignore", divide="ignore"):
        lower = indicator.scale * part.lower / low_whole
        upper = indicator.scale * part.upper / high_whole
    lower, upper = np.where(np.isnan(lower), 0.0, lower), np.where(np.isnan(upper), most, upper)
    return np.minimum(lower, most), np.minimum(upper, most)
