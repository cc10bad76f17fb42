"""Options of calls: choices, counts, fractions, seeds."""

from __future__ import annotations

from difflib import get_close_matches
from numbers import Integral, Real
from typing import TYPE_CHECKING

from lea_geo.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Collection


def check_choice(name: str, value: str, choices: Collection[str]) -> str:
    """Return ``value`` if it is one of ``choices``; otherwise name them and the nearest."""
    if value in choices:
        return value
    near = get_close_matches(str(value), [str(choice) for choice in choices], n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise UsageError(f"{name} is {value!r}; it must be one of {', '.join(sorted(choices))}.{hint}")


def check_count(name: str, value: int, *, least: int = 1) -> int:
    """Return ``value`` as an int of at least ``least``."""
    if isinstance(value, bool) or not isinstance(value, Integral) or value < least:
        raise UsageError(f"{name} is {value!r}; it must be a whole number of at least {least}.")
    return int(value)


def check_fraction(name: str, value: float) -> float:
    """Return ``value`` as a float strictly between 0 and 1."""
    if isinstance(value, bool) or not isinstance(value, Real) or not 0 < float(value) < 1:
        raise UsageError(f"{name} is {value!r}; it must lie strictly between 0 and 1.")
    return float(value)


def check_seed(value: int) -> int:
    """Return ``value`` as a seed: a whole number from 0 to 2**63 - 1."""
    if isinstance(value, bool) or not isinstance(value, Integral) or not 0 <= value < 2**63:
        raise UsageError(f"seed is {value!r}; it must be a whole number from 0 to 2**63 - 1.")
    return int(value)


def check_year(value: int, years: Collection[int]) -> int:
    """Return ``value`` if it is one of ``years``."""
    if isinstance(value, bool) or value not in years:
        raise UsageError(f"year is {value!r}; it must be one of {', '.join(map(str, sorted(years)))}.")
    return int(value)


def check_threads(name: str, value: str) -> int:
    """Return what an environment variable says of the number of threads."""
    if not value.isdigit() or int(value) < 1:
        raise UsageError(f"{name} is {value!r}; it must be a whole number of at least 1.")
    return int(value)
