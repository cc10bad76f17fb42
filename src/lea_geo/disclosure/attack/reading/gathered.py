"""What has been read so far: numbers as rows of small codes, so that millions of them stay cheap."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from lea_geo.schema import Status

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    import geopandas as gpd
    from numpy.typing import ArrayLike, NDArray

Sheet = tuple[str, str]
"""A kind of areas and a year."""
UNKNOWN = "unknown"
"""The part of a number of which nobody can say what it is of an indicator."""
STATUSES = (
    "",
    str(Status.OBSERVED),
    str(Status.STRUCTURAL_ZERO),
    str(Status.NOT_APPLICABLE),
    str(Status.MISSING),
    str(Status.SUPPRESSED),
)
"""Where files disagree, the last of these counts."""
MOST_LOOSE = 500_000
"""Numbers tied to no area that are kept one by one."""
LOOSE_COLUMNS = (
    "kind",
    "variable",
    "part",
    "geography",
    "year",
    "area_id",
    "lower",
    "upper",
    "count",
    "place",
    "said",
)


@dataclass(frozen=True)
class About:
    """What a number that is tied to no area is about, as far as its place says so."""

    sheet: Sheet = ("", "")
    variable: str = ""
    part: str = ""
    area: str = ""
    """Named by a sentence; of a total, the municipality."""
    language: str = ""
    """That of the words, where it is said."""


class Names:
    """Names and the numbers that stand for them, in the order in which they were first met."""

    def __init__(self) -> None:
        self.known: dict[Any, int] = {}

    def __len__(self) -> int:
        return len(self.known)

    def code(self, name: Hashable) -> int:
        """Return the number of one name."""
        return self.known.setdefault(name, len(self.known))

    def codes(self, names: Iterable[Hashable]) -> NDArray[np.int64]:
        """Return the numbers of many names."""
        known = self.known
        return np.array([known.setdefault(name, len(known)) for name in names], dtype=np.int64)

    def listed(self) -> list[Any]:
        """Return the names in the order of their numbers."""
        return list(self.known)


@dataclass
class Rows:
    """Numbers of one batch, an array each, all of one length."""

    sheet: NDArray[np.int16]
    column: NDArray[np.int32]
    area: NDArray[np.int32]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    place: NDArray[np.int32]


@dataclass
class Gathered:
    """All that has been read."""

    sheets: Names = field(default_factory=Names)
    variables: Names = field(default_factory=Names)
    columns: Names = field(default_factory=Names)
    """Variables with their parts."""
    areas: Names = field(default_factory=Names)
    places: Names = field(default_factory=Names)
    rows: list[Rows] = field(default_factory=list)
    statuses: list[tuple[NDArray[np.int64], ...]] = field(default_factory=list)
    """Sheets, variables, areas and positions in ``STATUSES``."""
    loose: list[tuple[Any, ...]] = field(default_factory=list)
    shapes: dict[Sheet, gpd.GeoDataFrame] = field(default_factory=dict)
    unread: list[tuple[str, str]] = field(default_factory=list)

    def add(
        self,
        sheet: int,
        column: ArrayLike,
        area: ArrayLike,
        lower: ArrayLike,
        upper: ArrayLike,
        place: ArrayLike,
    ) -> None:
        """Note numbers that are tied to areas; arrays stretch to each other, NaN is no number."""
        low, high = np.asarray(lower, dtype=np.float64), np.asarray(upper, dtype=np.float64)
        there = ~(np.isnan(low) | np.isnan(high))
        if not there.any():
            return
        wide = [np.broadcast_to(np.asarray(one, np.int32), low.shape)[there] for one in (column, area, place)]
        of_sheet = np.full(len(wide[0]), sheet, dtype=np.int16)
        self.rows.append(Rows(of_sheet, wide[0], wide[1], low[there], high[there], wide[2]))

    def add_statuses(self, sheet: int, variable: ArrayLike, area: ArrayLike, status: ArrayLike) -> None:
        """Note what is said of cells; position 0 says nothing."""
        states = np.asarray(status, dtype=np.int64)
        said = states > 0
        wide = [np.broadcast_to(np.asarray(one, np.int64), states.shape)[said] for one in (variable, area)]
        self.statuses.append((np.full(len(wide[0]), sheet, dtype=np.int64), *wide, states[said]))

    def add_loose(
        self,
        kind: str,
        bounds: tuple[float, float],
        place: str,
        about: About,
        *,
        count: float = float("nan"),
        said: str = "",
    ) -> None:
        """Note one number that is tied to no area, or by a sentence only."""
        if len(self.loose) >= MOST_LOOSE:
            self.leave(
                place.split(": ", 1)[0], f"it holds numbers beyond the first {MOST_LOOSE:,} tied to no area"
            )
            return
        told = (about.variable, about.part, *about.sheet, about.area)
        self.loose.append((kind, *told, *bounds, count, self.places.code(place), said))

    def column(self, variable: str, part: str) -> int:
        """Return the number of a variable's part."""
        return self.columns.code((self.variables.code(variable), part))

    def leave(self, file: str, why: str) -> None:
        """Note, once, that something of a file was not read."""
        if (file, why) not in self.unread:
            self.unread.append((file, why))
