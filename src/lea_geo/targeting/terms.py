"""The terms on which a budget is shared, and what they allow each area."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from lea_geo._checks.allocation import check_amounts, check_feasible, check_previous, check_units
from lea_geo._checks.rates import check_minimum
from lea_geo.targeting.fill import Limits

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

ESTIMATES = ("observed", "expected")
"""What money follows: the counts as they are, or the need that is expected behind them."""
COMBINES = ("counts", "shares")
"""How several kinds of need are added up: as weighted counts, or each as its share of the whole."""


@dataclass(frozen=True)
class Terms:
    """How a budget is to be shared; see :func:`~lea_geo.targeting.allocate.allocate`."""

    budget: float
    power: float = 1.0
    weights: Mapping[str, float] | None = None
    combine: str = "counts"
    multiplier: pd.Series | None = None
    fixed: float | pd.Series = 0.0
    fixed_per_family: float = 0.0
    floor: float | pd.Series | None = None
    floor_per_family: float = 0.0
    cap: float | pd.Series | None = None
    cap_per_family: float | None = None
    least_families: float = 0.0
    previous: pd.Series | None = None
    hold_harmless: float = 0.0
    phase_in: int = 1
    unit: float = 1.0
    estimate: str = "observed"


@dataclass(frozen=True)
class Bounds:
    """What the terms allow each area, in units, and why."""

    units: int
    """The budget."""
    limits: Limits
    eligible: np.ndarray
    """Areas with as many families as the terms ask for, shape (n,)."""
    held: np.ndarray
    """Areas whose floor is what they had before, shape (n,)."""
    previous: np.ndarray | None
    """In euros, shape (n,)."""


def exact(number: float) -> Fraction:
    """Return a number as its decimals say it: 0.1 is a tenth, not the nearest binary fraction."""
    return Fraction(repr(float(number)))


def bounds_of(terms: Terms, ids: pd.Index, families: np.ndarray | None, needy: np.ndarray) -> Bounds:
    """Return what the terms allow, or refuse terms that cannot all be kept.

    Parameters
    ----------
    terms
        As the user gave them.
    ids, families
        Of the areas, in one order.
    needy
        Areas whose share grows with the budget: those with some need, shape (n,).
    """
    unit = exact(terms.unit)
    units = check_units(exact(terms.budget), unit)
    eligible = np.ones(len(ids), bool) if families is None else families >= terms.least_families
    previous = check_previous(terms.previous, ids, hold_harmless=terms.hold_harmless, phase_in=terms.phase_in)
    people = [exact(x) for x in families] if families is not None else [Fraction(0)] * len(ids)
    kept = [exact(terms.hold_harmless) * exact(x) for x in _or_zero(previous, len(ids))]
    fixed = _largest(ids, people, "fixed", terms.fixed, terms.fixed_per_family, together=sum)
    floor = _largest(ids, people, "floor", terms.floor, terms.floor_per_family, together=max)
    cap = _caps(ids, people, terms)
    limits = Limits(
        tuple(x / unit if ok else Fraction(0) for x, ok in zip(fixed, eligible, strict=True)),
        tuple(
            int(-(-max(x, y) // unit)) if ok else 0 for x, y, ok in zip(floor, kept, eligible, strict=True)
        ),
        tuple(
            (units if x is None else min(units, int(x // unit))) if ok else 0
            for x, ok in zip(cap, eligible, strict=True)
        ),
    )
    check_feasible(limits, ids, budget=units, grows=needy & eligible, unit=unit)
    held = np.array([y > x for x, y in zip(floor, kept, strict=True)], dtype=bool) & eligible
    return Bounds(units, limits, eligible, held, previous)


def _or_zero(previous: np.ndarray | None, n: int) -> np.ndarray:
    return np.zeros(n) if previous is None else previous


def _largest(
    ids: pd.Index,
    people: list[Fraction],
    name: str,
    given: float | pd.Series | None,
    per_family: float,
    *,
    together: Callable[[tuple[Fraction, Fraction]], Fraction | int],
) -> list[Fraction]:
    """Return an amount of each area in euros: what is given for areas and what for families, ``together``."""
    amounts = check_amounts(name, given, ids)
    each = exact(check_minimum(f"{name}_per_family", per_family))
    own = [Fraction(0) if np.isnan(x) else exact(x) for x in amounts]
    return [Fraction(together((x, each * n))) for x, n in zip(own, people, strict=True)]


def _caps(ids: pd.Index, people: list[Fraction], terms: Terms) -> list[Fraction | None]:
    """Return the lesser of both caps of each area; None where it has none."""
    caps: list[Fraction | None] = [
        None if np.isnan(x) else exact(x) for x in check_amounts("cap", terms.cap, ids)
    ]
    if terms.cap_per_family is None:
        return caps
    each = exact(check_minimum("cap_per_family", terms.cap_per_family))
    return [each * n if x is None else min(x, each * n) for x, n in zip(caps, people, strict=True)]
