"""What is known of every area's numbers, and how one comes to know it: what attacks read and narrow.

One sheet is one kind of areas in one year. Of each number of each area an interval is known; an attack may
narrow it, and says by which published numbers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lea_geo.schema import Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    from lea_geo.disclosure.attack.claims import Claims
    from lea_geo.schema import Indicator

    Floats = NDArray[np.float64]

Key = tuple[str, str]
"""A variable and one of its parts: ``("unemployment", "numerator")``."""

_WITHHELD = (str(Status.SUPPRESSED), str(Status.MISSING), str(Status.NOT_APPLICABLE))
UNTOLD = (str(Status.MISSING), str(Status.NOT_APPLICABLE))
"""Cells that have no number anywhere: nobody has counted, or there is nobody to count."""


class Reason(NamedTuple):
    """How an end of an interval is known."""

    attacks: frozenset[str]
    """By which attacks, keys of ``tried.ATTACKS``."""
    recipe: str
    """The published numbers that lead to it."""


NO_REASON = Reason(frozenset(), "")
"""Of what is printed, and of what is not known."""


@dataclass
class Known:
    """One number of every area of a sheet."""

    lower: Floats
    upper: Floats
    printed: NDArray[np.bool_]
    """Whether each is printed as a number; not so where only an interval is stated of a hidden one."""
    place: NDArray[np.int64]
    """Where it is told, a position in ``Claims.places``; -1 for nowhere."""
    below: NDArray[np.object_]
    """Why each is no less than ``lower``, as a ``Reason``."""
    above: NDArray[np.object_]
    """Why each is no more than ``upper``."""

    @classmethod
    def nothing(cls, n: int) -> Known:
        """Return numbers of which nothing is known."""
        ends = np.full(n, -np.inf), np.full(n, np.inf)
        return cls(*ends, np.zeros(n, dtype=bool), np.full(n, -1, dtype=np.int64), *_no_reasons(n))

    @property
    def middle(self) -> Floats:
        """The middle of what each printed number stands for; NaN where none is printed."""
        found = np.full(len(self.lower), np.nan)
        found[self.printed] = (self.lower[self.printed] + self.upper[self.printed]) / 2
        return found

    @property
    def exact(self) -> NDArray[np.bool_]:
        """Whether each is known to the last digit."""
        return np.equal(self.lower, self.upper)

    def reason(self, at: int) -> Reason:
        """Return how the interval of one area is known, from both sides."""
        return _together(self.below[at], self.above[at])

    def narrow(
        self,
        where: ArrayLike,
        lower: ArrayLike,
        upper: ArrayLike,
        *,
        attack: str,
        recipe: str,
        place: int = -1,
        through: tuple[Known, ...] = (),
    ) -> int:
        """Note what an attack knows of some areas; return of how many it is more than was known.

        Printed numbers are believed as they are: what contradicts them was computed from other numbers.

        Parameters
        ----------
        where
            Positions of the areas.
        lower, upper
            What they are at least and at most.
        attack, recipe, place
            Which attack knows it, by which published numbers, and where these stand.
        through
            Other numbers of the same areas that it was concluded from.
        """
        at = np.atleast_1d(np.asarray(where, dtype=np.int64))
        ends = [np.broadcast_to(np.asarray(end, dtype=float), at.shape) for end in (lower, upper)]
        free = ~self.printed[at] & (
            np.maximum(self.lower[at], ends[0]) <= np.minimum(self.upper[at], ends[1])
        )
        rises, falls = free & (ends[0] > self.lower[at]), free & (ends[1] < self.upper[at])
        for side, known, end, reasons in (
            (rises, self.lower, ends[0], self.below),
            (falls, self.upper, ends[1], self.above),
        ):
            known[at[side]] = end[side]
            for one in at[side].tolist():
                used = [other.reason(one) for other in through]
                reasons[one] = _together(Reason(frozenset({attack}), recipe), *used)
                self.place[one] = place if self.place[one] < 0 else self.place[one]
        return int(np.count_nonzero(rises | falls))


def _together(*reasons: Reason) -> Reason:
    """Return several reasons as one."""
    recipes = dict.fromkeys(one.recipe for one in reasons if one.recipe)
    return Reason(frozenset().union(*(one.attacks for one in reasons)), "; ".join(recipes))


def _no_reasons(n: int) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    found = np.empty((2, n), dtype=object)
    for side in found:
        side[:] = [NO_REASON] * n
    return found[0], found[1]


@dataclass
class Sheet:
    """One kind of areas in one year."""

    geography: str
    year: str
    areas: gpd.GeoDataFrame
    known: dict[Key, Known] = field(default_factory=dict)
    status: dict[str, NDArray[np.object_]] = field(default_factory=dict)
    """Variable to what its cells say of themselves; empty where they say nothing."""

    @property
    def n(self) -> int:
        """The number of areas."""
        return len(self.areas)

    def get(self, variable: str, part: str) -> Known:
        """Return what is known of a part of a variable, which attacks may narrow."""
        return self.known.setdefault((variable, part), Known.nothing(self.n))

    def has(self, variable: str, part: str) -> bool:
        """Whether anything is known of a part of a variable."""
        return (variable, part) in self.known

    def printed(self, variable: str, part: str) -> NDArray[np.bool_]:
        """Whether a part of a variable is printed, area by area."""
        return self.known[variable, part].printed if self.has(variable, part) else np.zeros(self.n, bool)

    def states(self, variable: str) -> NDArray[np.object_]:
        """Return what the cells of a variable say of themselves, area by area."""
        return self.status.get(variable, np.full(self.n, "", dtype=object))

    def withheld(self, variable: str) -> NDArray[np.bool_]:
        """Whether an area's value is not printed although there may be one."""
        return ~self.printed(variable, "value") & ~np.isin(self.states(variable).astype(str), UNTOLD)


@dataclass
class Evidence:
    """All sheets of a release, and what else attacks need of it."""

    claims: Claims
    sheets: dict[tuple[str, str], Sheet]
    indicators: dict[str, Indicator]

    def place(self, at: int) -> str:
        """Return what a place is called."""
        return str(self.claims.places[at]) if at >= 0 else ""

    @cached_property
    def totals(self) -> pd.DataFrame:
        """The printed totals of numerators and denominators, with ``count``: how many areas each counts."""
        rows = self.loose("total")
        counted = rows["part"].isin(["numerator", "denominator"]) & rows["count"].notna()
        return rows[counted]

    def loose(self, *kinds: str) -> pd.DataFrame:
        """Return the numbers of some kinds that are tied to no area; ``summary_median`` is of one part."""
        table = self.claims.loose
        parts = table["part"].astype(str) if "part" in table else ""
        kind = table["kind"].astype(str)
        kind = kind.where(kind != "summary", kind + "_" + parts)
        return table.assign(kind=kind)[kind.isin(kinds)]


def listed(rows: pd.DataFrame, *names: str) -> Iterator[tuple[Any, ...]]:
    """Yield some columns of a table, row by row."""
    return zip(*(rows[name].tolist() for name in names), strict=True)


def gather(claims: Claims) -> Evidence:
    """Return what a release says, sheet by sheet, before anything is concluded from it."""
    sheets = {key: Sheet(*key, areas) for key, areas in claims.areas.items()}
    table = claims.table
    for key, rows in table.groupby(["geography", "year"], sort=True, observed=True):
        if key in sheets:
            _fill(sheets[key], rows)
    indicators = {one.code: one for one in claims.indicators}
    return Evidence(claims, sheets, indicators)


def _fill(sheet: Sheet, rows: pd.DataFrame) -> None:
    # The tightest last, so that it stays; of equal ones the first, which is the audited release's own.
    width = -(rows["upper"] - rows["lower"]).to_numpy()[::-1]
    rows = rows.iloc[len(rows) - 1 - np.argsort(width, kind="stable")]
    at = sheet.areas.index.get_indexer(rows["area_id"])
    rows, at = rows[at >= 0], at[at >= 0]
    codes = rows.groupby(["variable", "part"], sort=True, observed=True).indices
    columns = {name: rows[name].to_numpy() for name in ("lower", "upper", "place", "status")}
    for key, those in codes.items():
        variable, part = tuple(map(str, key)) if isinstance(key, tuple) else ("", "")
        _fill_part(sheet, (variable, part), at[those], {n: c[those] for n, c in columns.items()})


def _fill_part(sheet: Sheet, key: Key, at: NDArray[np.int64], columns: dict[str, Any]) -> None:
    states = columns["status"].astype(str)
    said = ~np.isin(states, ("", "nan"))
    if said.any():
        sheet.status.setdefault(key[0], np.full(sheet.n, "", dtype=object))[at[said]] = states[said]
    known, lower, upper = sheet.get(*key), columns["lower"].astype(float), columns["upper"].astype(float)
    there = np.isfinite(lower) | np.isfinite(upper)
    at, lower, upper, states = at[there], lower[there], upper[there], states[there]
    known.lower[at], known.upper[at], known.place[at] = lower, upper, columns["place"][there]
    # Of a hidden value only an interval is stated, unless a file forgot to hide it.
    known.printed[at] = (lower == upper) | ((key[1] != "value") | ~np.isin(states, _WITHHELD)) & np.isfinite(
        upper - lower
    )
