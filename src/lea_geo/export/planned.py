"""A sheet of the workbook before it is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Number:
    """A number and how many decimals a reader should see."""

    value: float
    decimals: int = 0


class Head(str):
    """What a column is called, where a sheet holds several tables."""

    __slots__ = ()


@dataclass(frozen=True)
class PlannedSheet:
    """A sheet before it is written; without a header it is a page to read, whose lone lines are headings."""

    name: str
    header: tuple[str, ...]
    rows: Sequence[tuple[object, ...]]
    widths: tuple[int, ...]
    frozen: int = 0
    """Columns that stay in sight."""
    wrapped: bool = False
    """Whether long texts are broken into lines."""
