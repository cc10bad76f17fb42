"""Which attacks there are, which of them an audit has tried, and why not the others."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lea_geo.disclosure.attack.audit import ReleaseAudit

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
    "chapters": "numbers that were computed from the published ones",
}
"""The attacks by their keys, in the order in which they are told."""

MADE_AFTER = (
    "chapters were computed from the files that were attacked, after they were: they tell nothing more"
)
FOLLOWS = (
    "chapters were computed again from the rest of the files, and come out the same: they tell nothing more"
)
READ_ALIKE = "chapters could not be computed again, so that their numbers were read like all others"
DIFFERS = (
    "chapters were computed again from the rest of the files, and some files hold others: "
    "these were read like all else, and count as not read"
)


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


def told_of_chapters(audit: ReleaseAudit, why: str, *, tried: bool = True) -> ReleaseAudit:
    """Return an audit that says what was done of chapters."""
    others = (one for one in audit.tried if one.attack != "chapters")
    return replace(audit, tried=in_order([*others, Tried("chapters", tried, why=why)]))
