"""``[trends]`` of a study file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lea_geo._checks.spec import Keys


@dataclass(frozen=True)
class TrendsSpec:
    """What the chapter of trends is made of."""

    indicators: tuple[str, ...] = ()
    """Codes; empty: as the chapter finds fit."""


def read_trends(keys: Keys) -> TrendsSpec:
    """Return what the table says; what is wrong with it goes to the faults of ``keys``."""
    spec = TrendsSpec(indicators=keys.texts("indicators"))
    keys.done()
    return spec
