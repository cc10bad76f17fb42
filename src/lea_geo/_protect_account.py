"""What was hidden of a study and by which rules: for those inside, for the files, and in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lea_geo._notes import gathered
from lea_geo._protect_counts import count_of
from lea_geo._protect_hide import STATISTIC_DECIMALS, cells_of, says_something
from lea_geo._protect_utility import MEASURES, utility_of
from lea_geo.disclosure.rules import detail_fields

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from lea_geo._protect_hide import Hidden
    from lea_geo._sheets import Sheet
    from lea_geo.disclosure.rules import Profile
    from lea_geo.schema import Findings
    from lea_geo.spatial.graph import AreaGraph

_INSIDE = (
    "Labels and tests are of the true values; statistics of the values as they are shown would be others."
)
_AMONG = (
    "Where something is withheld, ranks, medians and extremes are among what is shown, Moran's I is rounded, "
    "and the numbers of local tests are withheld with it."
)
TABLE = (
    *("code", "sheet", "level", "year", "hidden", "primary", "secondary", "people", "totals"),
    *MEASURES,
)


@dataclass(frozen=True)
class Protection:
    """What was hidden of a study, and by which rules. It stays inside; :meth:`as_dict` may leave."""

    profile: Profile
    method: str
    """``suppress`` or ``audit_only``."""
    table: pd.DataFrame
    """One row an indicator and kind of areas with something hidden: ``code``, ``sheet`` (blank for the
    study's own areas), ``level``, ``year``; ``hidden`` cells that said something, of them ``primary`` by the
    rules themselves and ``secondary`` so that the others cannot be worked out; ``people`` in the hidden
    cells; ``totals`` hidden, of municipalities and the region; and what somebody would find who computed
    statistics again from what is shown: ``moran_before moran_after hot_before hot_after hot_overlap``, as in
    :class:`lea_geo.disclosure.protect.utility.UtilityLost`."""
    unseen: tuple[str, ...] = ()
    """What the rules ask for that the study's data cannot tell."""
    contradicting: tuple[str, ...] = ()
    """Counts whose kinds of areas contradict each other, so that each kind was protected by itself."""
    notes: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return not self.table.empty

    @property
    def of_study_itself(self) -> bool:
        """Whether anything is hidden of the study's own areas in the latest year: those of an index."""
        return bool((self.table["sheet"] == "").any())

    def as_dict(self) -> dict[str, Any]:
        """Return what a reader may know, as plain JSON values.

        How many cells are hidden because they are small, and how many to protect those, is not said: where
        all are small, each is known to be.
        """
        return {
            "profile": self.profile.as_dict(),
            "method": self.method,
            "hidden": [_shown(one) for one in self.table.to_dict(orient="records")],
            **({"unseen": list(self.unseen)} if self.unseen else {}),
            **({"contradicting": list(self.contradicting)} if self.contradicting else {}),
        }


def _shown(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Return what of a row of ``TABLE`` a reader may know."""
    said = {key: row[key] for key in ("code", "sheet", "hidden", "totals") if row[key] not in ("", 0)}
    found = {key: round(row[key], STATISTIC_DECIMALS) for key in ("moran_before", "moran_after")}
    return said | {key: value for key, value in found.items() if np.isfinite(value)}


def rows_of(
    sheet: Sheet, hidden: Hidden, primary: Hidden, shown: Findings, graph: AreaGraph | None
) -> list[tuple[Any, ...]]:
    """Return a row of ``TABLE`` for each indicator of a sheet with something hidden.

    Parameters
    ----------
    sheet
        With true values.
    hidden
        All that is hidden of it.
    primary
        What of that is too small itself.
    shown
        The sheet's findings after protection.
    graph
        Who is whose neighbour on it.
    """
    found = sheet.findings
    lost, first = (cells_of(found, one) for one in (hidden, primary))
    rows = []
    for indicator in found.indicators:
        code = indicator.code
        cells = lost[code] & says_something(found.results[code])
        small = cells & first[code]
        people = [numbers for _, numbers in count_of(found, indicator)][:1]
        inside = float(np.nansum(people[0][cells])) if people else np.nan
        parts = filter(None, (detail_fields(indicator), indicator.denominator))
        totals = len(frozenset[str]().union(*(hidden.total(part) for part in parts)))
        if cells.any() or totals:
            said = (code, sheet.name, found.level, found.year)
            counts = (int(cells.sum()), int(small.sum()), int((cells & ~small).sum()), inside, totals)
            rows.append((*said, *counts, *utility_of(found, shown, indicator, graph)))
    return rows


def notes_of(sheet: Sheet, account: Protection) -> list[str]:
    """Return what is hidden of a sheet's indicators, what holds for several said once."""
    names = {one.code: one.name.en for one in sheet.findings.indicators}
    rows = account.table[account.table["sheet"] == sheet.name]
    n = len(sheet.findings.areas)
    said = []
    for code, cells, totals in rows[["code", "hidden", "totals"]].itertuples(index=False):
        more = f" and {totals} totals" if totals else ""
        said.append((names[code], [f"withheld by the rules of release in {cells} of {n} areas{more}."]))
    return gathered(said)


def said_of(account: Protection) -> list[str]:
    """Return what holds for the whole study."""
    profile = account.profile
    stated = f", least count stated by {profile.stated_by}" if profile.stated_by else ""
    rules = f"{profile.name} {profile.version} ({profile.confidence}{stated})"
    said = [f"Protected by the rules {rules}. {_INSIDE}", _AMONG]
    if account.unseen:
        said.append(f"The rules also look at what this study does not hold: {', '.join(account.unseen)}.")
    said += [
        f"The counts of {name} on several kinds of areas contradict each other: each was protected by itself."
        for name in account.contradicting
    ]
    return [*said, *account.notes]
