"""``[segregation]`` of a study file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lea_geo._checks.spec import Keys

SCALES = (1000.0, 2000.0, 4000.0, 8000.0)


@dataclass(frozen=True)
class SegregationSpec:
    """How evenly groups live across areas, and what became of it."""

    indicators: tuple[str, ...] = ()
    """Codes of shares of a count: the group is the numerator, and it is held against the rest of the
    denominator. Empty: every indicator that has counts."""
    scales: tuple[float, ...] = SCALES
    """How far people look around themselves, in metres."""
    runs: int = 499
    """How many times people are shuffled, and counts drawn again."""


def read_segregation(keys: Keys) -> SegregationSpec:
    """Return what the table says; what is wrong with it goes to the faults of ``keys``."""
    scales = tuple(sorted(set(keys.numbers("scales"))))
    if scales and scales[0] <= 0:
        cure = "A scale is how many metres people look around themselves, such as 2000."
        keys.faults.add(f"{keys.where} scales has a number that is not above 0", cure=cure)
    spec = SegregationSpec(
        indicators=keys.texts("indicators"),
        scales=scales or SCALES,
        runs=keys.count("runs", 499, least=99, most=9999),
    )
    keys.done()
    return spec
