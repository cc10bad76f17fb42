"""Which attacks there are, which of them an audit has tried, and why not the others."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

ATTACKS = {
    "published": "small numbers that are simply printed, in any file",
    "hidden_files": "hidden sheets and columns, data inside pages, files left over",
    "differencing": "adding and subtracting over two kinds of areas",
    "three_geographies": "adding and subtracting over three kinds of areas or more",
    "totals": "totals of municipalities and of the region",
    "denominators": "known denominators: a count cannot exceed its population",
    "attributes": "attribute dimensions: counts that are parts of other counts",
    "rates": "rates times denominators, and the intervals around rates",
    "means_medians": "means and medians together with counts",
    "years": "several years of the same areas",
    "earlier": "earlier releases, and others that are published along",
    "rule": "an attacker who knows the suppression rule",
    "legends": "the ends and class bounds of legends",
    "histograms": "bars of histograms and class counts",
    "ranks": "ranks that nobody has",
    "lags": "spatial lags and local statistics",
    "smoothed": "smoothed rates",
    "composite": "what a composite index is made of",
    "global_statistics": "medians, means and statistics of all areas",
    "sentences": "numbers in sentences",
}
"""The attacks by their keys, in the order in which they are told."""


@dataclass(frozen=True)
class Tried:
    """One attack, and whether it was tried."""

    attack: str
    """One of ``ATTACKS``."""
    tried: bool
    found: int = 0
    """How many unsafe groups it alone, or it among others, discloses."""
    why: str = ""
    """What was done exactly and what was not; of an attack that was not tried, why."""

    def __str__(self) -> str:
        what = ATTACKS[self.attack]
        said = f"tried, {self.found} unsafe" if self.tried else "NOT tried"
        return f"{what}: {said}" + (f" ({self.why})" if self.why else "")

    def as_dict(self) -> dict[str, Any]:
        """Return the record as plain JSON values."""
        return asdict(self)


def in_order(records: Iterable[Tried]) -> tuple[Tried, ...]:
    """Return records in the order of ``ATTACKS``, those that were tried and those that were not."""
    order = list(ATTACKS)
    return tuple(sorted(records, key=lambda one: order.index(one.attack)))
