"""How somebody finds what is hidden: which published numbers to add, and which to subtract."""

from __future__ import annotations

from dataclasses import dataclass

from lea_geo.disclosure.published import NO_LIMIT

SHOWN = 4
"""How many ids a sentence names."""


@dataclass(frozen=True)
class Recipe:
    """Published numbers that together tell a group's count, or bound it."""

    add: tuple[str, ...]
    """The areas (and atoms of known population) whose numbers are added."""
    subtract: tuple[str, ...]
    """The areas whose numbers are taken from that."""
    lower: int
    """What is left at least."""
    upper: int
    """What is left at most, ``NO_LIMIT`` where nothing says; equal to ``lower``: all of them are known."""

    @property
    def total(self) -> int | None:
        """What is left, where that is one number."""
        return self.lower if self.lower == self.upper else None

    def __str__(self) -> str:
        """Return one sentence: "Publish these values and subtract: postal 00100 - cell 7 - cell 8 = 3."""
        terms = _listed(self.add, " + ")
        if self.subtract:
            many = len(self.subtract) > SHOWN
            less = _listed(self.subtract, " + " if many else " - ")
            terms += f" - ({less})" if many else f" - {less}"
        return f"Publish these values and subtract: {terms or 'nothing'} {self._left()}."

    def _left(self) -> str:
        if self.lower == self.upper:
            return f"= {self.lower}"
        if self.upper >= NO_LIMIT:
            return f"is at least {self.lower}"
        return f"is from {self.lower} to {self.upper}" if self.lower else f"is at most {self.upper}"


def _listed(ids: tuple[str, ...], sign: str) -> str:
    shown = sign.join(ids[:SHOWN])
    return shown if len(ids) <= SHOWN else f"{shown}{sign}{len(ids) - SHOWN:,} more"
