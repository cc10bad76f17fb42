"""A budget, a formula and terms, and what they come to in whole units."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from lea_geo._checks.allocation import check_overrides
from lea_geo.targeting.fill import Limits, fill, fill_draws, largest_remainder
from lea_geo.targeting.formula import Formula
from lea_geo.targeting.terms import Bounds, Terms, bounds_of, exact

if TYPE_CHECKING:
    from collections.abc import Mapping

TERM_NAMES = tuple(Terms.__dataclass_fields__)


class Given(NamedTuple):
    """Counts as the user gave them, and how they are to be read."""

    need: pd.Series | pd.DataFrame
    families: pd.Series | None
    kind: str
    lower: pd.Series | pd.DataFrame | None
    upper: pd.Series | pd.DataFrame | None
    hidden: str


@dataclass(frozen=True)
class Problem:
    """One way to share one budget."""

    formula: Formula
    bounds: Bounds
    unit: Fraction
    weights: np.ndarray
    """By what the budget is shared, shape (n,)."""
    years: int

    @classmethod
    def of(cls, given: Given, terms: Terms) -> Problem:
        """Align, check, and refuse terms that cannot all be kept."""
        formula = Formula.of(given, terms)
        weights = formula.weights([kind.used for kind in formula.kinds])
        bounds = bounds_of(terms, formula.index, formula.families, weights > 0)
        return cls(formula, bounds, exact(terms.unit), weights * bounds.eligible, terms.phase_in)

    def path(self) -> list[list[int]]:
        """Return the units of each area by year, in the order of ``formula.index``; the target last.

        The way leads to the amounts before they are rounded: so that, in every year too, an area whose need
        alone grows never gets less.
        """
        weights = [Fraction(float(weight)) for weight in self.weights]
        target = fill(self.bounds.units, weights, self.bounds.limits)
        previous = self.bounds.previous
        if previous is None or self.years == 1:
            return [self._rounded(target)]
        had = [exact(euros) for euros in previous]
        scale = Fraction(self.bounds.units) / sum(had)
        return [
            self._year([(1 - step) * x * scale + step * y for x, y in zip(had, target, strict=True)])
            for step in (Fraction(year, self.years) for year in range(1, self.years))
        ] + [self._rounded(target)]

    def _year(self, wanted: list[Fraction]) -> list[int]:
        """Return the wanted units within floors and caps; who is left out leaves step by step."""
        limits, units = self.bounds.limits, self.bounds.units
        cap = tuple(high if ok else units for high, ok in zip(limits.cap, self.bounds.eligible, strict=True))
        within = Limits((Fraction(0),) * len(wanted), limits.floor, cap)
        return self._rounded(fill(units, wanted, within))

    def _rounded(self, amounts: list[Fraction]) -> list[int]:
        # Of equal remainders, the greater need first, then the smaller id: nearest to fair, and settled.
        first = sorted(range(len(amounts)), key=lambda i: (-self.weights[i], i))
        return largest_remainder(amounts, self.bounds.units, first)

    def euros(self, units: list[int]) -> np.ndarray:
        """Return units as euros."""
        return np.array([float(one * self.unit) for one in units])

    def redrawn(self, weights: np.ndarray) -> np.ndarray:
        """Return euros by rows of other weights (rows, n), not rounded."""
        limits = self.bounds.limits
        filled = fill_draws(float(self.bounds.units), weights * self.bounds.eligible, limits)
        return filled * float(self.unit)

    def why(self, units: list[int]) -> list[str]:
        """Return what holds each area where it is: one of ``BOUNDS``."""
        limits, ways = self.bounds.limits, []
        for i, x in enumerate(units):
            if not self.bounds.eligible[i]:
                ways.append("left out")
            elif x == limits.cap[i] < self.bounds.units:
                ways.append("cap")
            elif x == limits.floor[i] > 0:
                ways.append("kept" if self.bounds.held[i] else "floor")
            else:
                ways.append("")
        return ways


BOUNDS = ("floor", "kept", "cap", "left out")
"""What can hold an area's euros: a floor, the share of its previous amount that it keeps, a cap, or too few
families for the formula."""


def other_formulas(
    given: Given, terms: Terms, alternatives: Mapping[str, Mapping[str, object]] | None
) -> dict[str, tuple[Given, Terms]]:
    """Return other ways by name: those asked for, and each of several kinds of need left out."""
    found = {}
    if isinstance(given.need, pd.DataFrame) and given.need.shape[1] > 1:
        for name in given.need:
            rest = None if terms.weights is None else {k: w for k, w in terms.weights.items() if k != name}
            if rest is None or sum(rest.values()) > 0:
                kept = given._replace(need=given.need.drop(columns=name))
                found[f"without {name}"] = (kept, replace(terms, weights=rest))
    for name, overrides in (alternatives or {}).items():
        said = check_overrides(str(name), overrides, (*TERM_NAMES, *Given._fields))
        data = {key: value for key, value in said.items() if key in Given._fields}
        rule = {key: value for key, value in said.items() if key in TERM_NAMES}
        found[str(name)] = (given._replace(**data), replace(terms, **rule))  # type: ignore[arg-type]
    return found
