"""Everything that lea_geo raises on purpose.

::

    LeaGeoError
    ├── UsageError            the call is wrong: an unknown option, a number out of range   (exit 2)
    └── DataError             what was given says no; every fault is named at once          (exit 1)
        ├── SpecError         a study file
        ├── CatalogueError    an indicator catalogue
        ├── AreasError        boundaries or grid cells
        ├── TableError        an indicator table
        ├── RasterError       a raster whose pixels are summed up by area
        ├── JoinError         a table that does not fit its areas
        ├── GraphError        a graph that cannot be built or does not fit its values
        ├── ValuesError       values that a statistic cannot take
        ├── ResolutionError   too few permutations for the question asked
        ├── ContradictionError published numbers that no table can be behind
        ├── SourceError       a live source that cannot be fetched from
        └── OutputError       an output that cannot be written, read or reproduced

Both branches are also ``ValueError``, so that code which knows nothing of lea_geo can catch them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

SHOWN_IDS = 5


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong, in the words its reader needs."""

    what: str
    """What is wrong, without a full stop: ``"duplicate area ids"``."""
    count: int | None = None
    """How many are affected."""
    of: int | None = None
    """Out of how many."""
    ids: tuple[str, ...] = ()
    """Whom it concerns; the message shows the first five."""
    cure: str = ""
    """What to do about it, as a sentence."""

    def __str__(self) -> str:
        text = self.what
        if self.count is not None:
            text += f": {self.count}" + (f" of {self.of}" if self.of is not None else "")
        if self.ids:
            more = ", …" if len(self.ids) > SHOWN_IDS else ""
            text += f" ({', '.join(self.ids[:SHOWN_IDS])}{more})"
        return f"{text}. {self.cure}" if self.cure else f"{text}."


class LeaGeoError(ValueError):
    """The root of the tree."""


class UsageError(LeaGeoError):
    """The call itself is wrong."""


class DataError(LeaGeoError):
    """What was given says no.

    Parameters
    ----------
    heading
        What was being done, with the file's name where there is one.
    faults
        Everything that is wrong, not only the first.
    """

    def __init__(self, heading: str, faults: Iterable[Fault] = ()) -> None:
        self.heading = heading
        self.faults = tuple(faults)
        super().__init__("\n".join([heading, *(f"  - {fault}" for fault in self.faults)]))


class SpecError(DataError):
    """A study file."""


class CatalogueError(DataError):
    """An indicator catalogue."""


class AreasError(DataError):
    """Boundaries or grid cells."""


class TableError(DataError):
    """An indicator table."""


class RasterError(DataError):
    """A raster whose pixels are summed up by area."""


class JoinError(DataError):
    """A table that does not fit its areas."""


class GraphError(DataError):
    """A graph that cannot be built or does not fit its values."""


class ValuesError(DataError):
    """Values that a statistic cannot take."""


class ResolutionError(DataError):
    """Too few permutations for the question asked."""


class ContradictionError(DataError):
    """Published numbers that no table can be behind."""


class SourceError(DataError):
    """A live source that cannot be fetched from."""


class OutputError(DataError):
    """An output that cannot be written, read or reproduced."""
