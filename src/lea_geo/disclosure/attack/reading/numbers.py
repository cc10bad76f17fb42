"""The interval that a printed number stands for."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_DECIMALS = 6
"""Numbers with more are taken for printed in full."""
_FEW = 10
"""Whole measurements of fewer areas may be whole by chance."""
_SPACES = "\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}"
_SIGNS = "-\N{MINUS SIGN}"
_BEFORE = rf"(?<![\w.,])(?P<sign>[{_SIGNS}]?)"
_NUMBER = re.compile(
    rf"{_BEFORE}(?P<whole>\d{{1,3}}(?:[ {_SPACES}]\d{{3}})+|\d{{1,3}}(?:,\d{{3}})+(?=\.\d)|\d+)"
    r"(?:[.,](?P<rest>\d+))?(?!\w)"
)
_ENGLISH = re.compile(rf"{_BEFORE}(?P<whole>[1-9]\d{{0,2}}(?:,\d{{3}})+|\d+)(?:\.(?P<rest>\d+))?(?!\w)")
"""A comma between thousands."""
_OPEN = re.compile("\\d\\s*\N{EN DASH}\\s*\N{EN DASH}?\\s*\\)?$")
"""A range without an end: nothing is known of how much at most."""
_RANGE = re.compile(rf"\d[ {_SPACES}]?[\N{{EN DASH}}-][ {_SPACES}]?\d")


def as_column(values: list[Any]) -> NDArray[Any]:
    """Return the cells of a column: floats where all are numbers, else text and numbers."""
    if all(one is None or (isinstance(one, int | float) and not isinstance(one, bool)) for one in values):
        return np.array(values, dtype=np.float64)
    column = np.empty(len(values), dtype=object)
    column[:] = [
        one if isinstance(one, str | int | float) else None if one is None else str(one) for one in values
    ]
    return column


def stands_for(
    values: NDArray[np.float64], *, measured: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the intervals that columns of numbers stand for.

    A column whose numbers all have at most ``MOST_DECIMALS`` decimals is taken for rounded to as many, and a
    number in it for anything within half a unit. Any other column is taken for printed in full.

    Parameters
    ----------
    values
        Numbers, a column a variable, shape (n, m); NaN where there is none.
    measured
        Columns of measurements, shape (m,): whole numbers of at least ten areas are rounded ones. Elsewhere
        whole numbers are counts, and stand for themselves.

    Returns
    -------
    lower, upper
        Shape (n, m); NaN where there is no number.

    Examples
    --------
    >>> lower, upper = stands_for(np.array([[1.5, 1 / 3], [2.25, 3.0]]), measured=np.array([True, True]))
    >>> lower[:, 0].tolist(), upper[:, 0].tolist(), (lower[:, 1] == upper[:, 1]).tolist()
    ([1.495, 2.245], [1.505, 2.255], [True, True])
    """
    blank = np.isnan(values)
    many = (~blank).sum(axis=0) >= _FEW
    half = np.zeros(values.shape[1])
    left = np.ones(values.shape[1], dtype=bool)
    for decimals in range(MOST_DECIMALS + 1):
        with np.errstate(invalid="ignore", over="ignore"):  # Infinite numbers are in full.
            scaled = values[:, left] * 10.0**decimals
            off = np.abs(scaled - np.rint(scaled)) > 8 * np.finfo(float).eps * np.abs(scaled)
        fits = ~(off | np.isinf(scaled)).any(axis=0)
        found = np.flatnonzero(left)[fits]
        half[found] = 0.5 * 10.0**-decimals if decimals else np.where(measured & many, 0.5, 0.0)[found]
        left[found] = False
    return values - half, values + half


def printed_numbers(text: str, language: str = "") -> list[tuple[float, float]]:
    """Return each number of a text as the interval that it stands for.

    Parameters
    ----------
    text
        A text in Finnish, Swedish or English.
    language
        ``en`` where commas stand between thousands; elsewhere they begin the decimals.

    Examples
    --------
    >>> printed_numbers("18,084", "en"), printed_numbers("18,084", "fi")
    ([(18084.0, 18084.0)], [(18.0835, 18.0845)])
    >>> printed_numbers("1 234,5 of 7")
    [(1234.45, 1234.55), (7.0, 7.0)]
    """
    found = []
    for match in (_ENGLISH if language == "en" else _NUMBER).finditer(text):
        whole = re.sub(rf"[,{_SPACES} ]", "", match["whole"])
        rest = match["rest"] or ""
        value = float(f"{whole}.{rest or 0}") * (-1 if match["sign"] in (*_SIGNS,) and match["sign"] else 1)
        half = 0.5 * 10.0 ** -len(rest) if rest else 0.0
        found.append((round(value - half, len(rest) + 1), round(value + half, len(rest) + 1)))
    return found


def printed_interval(text: str, language: str = "") -> tuple[float, float] | None:
    """Return what a cell says of one number: the number itself or the range that it names.

    Examples
    --------
    >>> printed_interval("withheld (0–9.7)"), printed_interval("2 of 3"), printed_interval("withheld (7––)")
    ((0.0, 9.75), None, (7.0, inf))
    """
    apart = _RANGE.sub(lambda found: re.sub(r"[\N{EN DASH}-]", " – ", found[0]), text)
    found = printed_numbers(apart, language)
    if len(found) == 1:
        return (found[0][0], math.inf) if _OPEN.search(text) else found[0]
    return (found[0][0], found[1][1]) if len(found) == 2 and " – " in apart else None
