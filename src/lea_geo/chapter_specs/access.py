"""``[access]`` of a study file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lea_geo._checks.spec import Keys


@dataclass(frozen=True)
class AccessSpec:
    """What the chapter of access is made of."""

    indicators: tuple[str, ...] = ()
    """Codes; empty: as the chapter finds fit."""


def read_access(keys: Keys) -> AccessSpec:
    """Return what the table says; what is wrong with it goes to the faults of ``keys``."""
    spec = AccessSpec(indicators=keys.texts("indicators"))
    keys.done()
    return spec
