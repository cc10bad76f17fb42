"""The step that protects a study's findings before anything is written.

Statistics are computed inside, on the true values; what leaves is their labels, and the values that the rules
of release allow. Moran's I of the 250 m cells of Vantaa is 0.07, and 0.59 once counts under five are gone:
statistics of protected values are others, so none are computed again.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lea_geo._notes import gathered
from lea_geo._protect_counts import (
    REGION,
    Count,
    Demand,
    by_year,
    count_of,
    counts_of,
    demands_of,
    plain_indicators,
)
from lea_geo._protect_hide import Hidden, cells_of, concealed
from lea_geo._protect_levels import AREAS, ground_of, pieces_of
from lea_geo._report_disclosure import SETTING
from lea_geo._sheets import sheets_of
from lea_geo.disclosure.published import NO_LIMIT
from lea_geo.disclosure.rules import detail_fields, load_profile

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from lea_geo._protect_counts import Fields
    from lea_geo._protect_levels import Ground, Place
    from lea_geo._sheets import Sheet
    from lea_geo.disclosure.rules import Profile
    from lea_geo.disclosure_spec import DisclosureSpec
    from lea_geo.schema import Findings
    from lea_geo.spec import StudySpec

_INSIDE = (
    "Labels and tests are of the true values; statistics of the values as they are shown would be others."
)
_AMONG = (
    "Where something is withheld, ranks, medians and extremes are among what is shown, Moran's I is rounded, "
    "and the numbers of local tests are withheld with it."
)
_TABLE = ("code", "sheet", "level", "year", "hidden", "primary", "secondary", "people", "totals")


@dataclass(frozen=True)
class Protection:
    """What was hidden of a study, and by which rules. It stays inside; :meth:`as_dict` may leave."""

    profile: Profile
    method: str
    """``suppress`` or ``audit_only``."""
    table: pd.DataFrame
    """One row an indicator and kind of areas with something hidden: ``code``, ``sheet`` (blank for the
    study's own areas), ``level``, ``year``; ``hidden`` cells that had a value, of them ``primary`` by the
    rules themselves and ``secondary`` so that the others cannot be worked out; ``people`` in the hidden
    cells; ``totals`` hidden, of municipalities and the region."""
    unseen: tuple[str, ...] = ()
    """What the rules ask for that the study's data cannot tell."""
    contradicting: tuple[str, ...] = ()
    """Counts whose kinds of areas contradict each other, so that each kind was protected by itself."""
    notes: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return not self.table.empty

    def as_dict(self) -> dict[str, Any]:
        """Return what a reader may know, as plain JSON values.

        How many cells are hidden because they are small, and how many to protect those, is not said: where
        all are small, each is known to be.
        """
        shown = ["code", "sheet", "hidden", "totals"]
        rows = self.table[shown].to_dict(orient="records")
        return {
            "profile": self.profile.as_dict(),
            "method": self.method,
            "hidden": [{key: one[key] for key in shown if one[key] not in ("", 0)} for one in rows],
            **({"unseen": list(self.unseen)} if self.unseen else {}),
            **({"contradicting": list(self.contradicting)} if self.contradicting else {}),
        }


def profile_of(spec: StudySpec) -> Profile:
    """Return the rules that a study names.

    Raises
    ------
    SpecError
        What is wrong with their file.
    """
    said = spec.disclosure
    if said is None:  # pragma: no cover - whoever asks has looked
        raise ValueError("the study names no rules")
    return load_profile(
        spec.profile_path or said.profile,
        minimum_count=said.minimum_count,
        zero=said.zero or None,
        stated_by=said.stated_by,
    )


def protect(findings: Findings, spec: DisclosureSpec, profile: Profile) -> tuple[Findings, Protection]:
    """Hide what the rules of release ask for, in all years and on all kinds of areas at once.

    Parameters
    ----------
    findings
        What a study found, with its other years and kinds of areas; true values.
    spec
        How it is to leave.
    profile
        The rules.

    Returns
    -------
    Findings, Protection
        The same findings object where nothing is hidden.
    """
    sheets = sheets_of(findings)
    work = _Work(sheets, profile, spec)
    if spec.method == "suppress":
        for some in by_year(sheets).values():
            work.protect(some)
    hidden = {sheet.name: work.hidden_of(sheet) for sheet in sheets}
    account = work.account(hidden)
    if not account:
        return findings, account
    return _concealed(sheets, hidden, account), account


@dataclass
class _Work:
    """What has been decided so far."""

    sheets: Sequence[Sheet]
    profile: Profile
    spec: DisclosureSpec
    areas: dict[tuple[str, Fields], set[str]] = field(default_factory=dict)
    totals: dict[tuple[str, Fields], set[str]] = field(default_factory=dict)
    primary: dict[tuple[str, Fields], set[str]] = field(default_factory=dict)
    pieces: dict[tuple[str, ...], Mapping[str, NDArray[np.int64]]] = field(default_factory=dict)
    unseen: dict[str, None] = field(default_factory=dict)
    contradicting: dict[str, None] = field(default_factory=dict)

    def protect(self, sheets: Sequence[Sheet]) -> None:
        """Decide on one year's sheets together."""
        demands, unseen = demands_of(sheets, self.profile, self.spec.never)
        self.unseen.update(dict.fromkeys(unseen))
        counts = {sheet.name: _shown(sheet.findings) for sheet in sheets}
        for demand in demands:
            some = [sheet for sheet in sheets if {demand.fields, demand.behind} <= counts[sheet.name].keys()]
            shown = {sheet.name: counts[sheet.name][demand.fields] for sheet in some}
            behind = {sheet.name: counts[sheet.name][demand.behind].people for sheet in some}
            # Areas of one kind that are large enough add up to nothing small; those of several can.
            small = (_asked(behind[one.name], shown[one.name].people, demand) for one in some)
            if len(some) == 1 and not any(small):
                continue
            ground = ground_of(some, shown, behind, self._pieces(some))
            if ground.counts is None:
                self.contradicting[" + ".join(demand.fields)] = None
                for one in some:
                    self._suppress(ground_of([one], shown, behind, self._pieces([one])), demand)
            else:
                self._suppress(replace(ground, caps=self._caps(some, demand)), demand)

    def _caps(self, sheets: Sequence[Sheet], demand: Demand) -> NDArray[np.int64] | None:
        """Return how many people each area can count at most by its denominators, where these can be seen."""
        if len(sheets) > 1 or demand.behind != demand.fields:
            return None
        found, hidden = sheets[0].findings, self.hidden_of(sheets[0])
        caps = np.full(len(found.areas), NO_LIMIT, dtype=np.int64)
        for one in plain_indicators(found):
            if one.numerator == demand.fields and one.unit == "percent":
                people = found.results[one.code]["denominator"].to_numpy(dtype=float)
                seen = np.isfinite(people) & ~hidden.of(one.denominator, len(people))
                caps[seen] = np.minimum(caps[seen], np.ceil(people[seen]).astype(np.int64))
        return caps

    def _pieces(self, sheets: Sequence[Sheet]) -> Mapping[str, NDArray[np.int64]]:
        """Return the area of each sheet that each piece of ground lies in."""
        names = tuple(sheet.name for sheet in sheets)
        if names not in self.pieces:
            self.pieces[names] = pieces_of(sheets)
        return self.pieces[names]

    def _suppress(self, ground: Ground, demand: Demand) -> None:
        from lea_geo.disclosure.suppress import suppress  # noqa: PLC0415

        assert ground.counts is not None  # noqa: S101 - of areas alone there always are
        every = range(len(ground.families))
        free = [~ground.published(at) for at in every]
        found = suppress(
            ground.counts,
            ground.families,
            k=demand.minimum,
            already=[free[at] | self._hidden(ground, at, demand.fields) for at in every],
            never=[self._never(ground, at) for at in every],
            caps=ground.caps,
            zero=self.profile.zero,
        )
        for at in every:
            places = ground.places(at, found.hidden[at] & ~free[at])
            self._note(places, demand.fields, self.areas, self.totals)
            places = ground.places(at, found.primary[at] & ~free[at])
            self._note(places, demand.fields, self.primary, None)

    def _hidden(self, ground: Ground, at: int, names: Fields) -> NDArray[np.bool_]:
        """Return what is hidden of a count already, which then costs nothing."""
        gone = []
        for called in ground.families[at].ids:
            level, label = called.split(" ", 1)
            sheet, what = ground.levels[at][int(level)].place
            held = self.areas if what == AREAS else self.totals
            gone.append(("" if what == REGION else label) in held.get((sheet, names), ()))
        return np.array(gone, dtype=bool)

    def _never(self, ground: Ground, at: int) -> NDArray[np.bool_]:
        """Return the totals that must stay visible."""
        kept = []
        for name in ground.families[at].ids:
            level, _ = name.split(" ", 1)
            kept.append(ground.levels[at][int(level)].place[1] in self.spec.never)
        return np.array(kept, dtype=bool) & ground.published(at)

    def _note(
        self,
        places: Mapping[Place, set[str]],
        names: Fields,
        areas: dict[tuple[str, Fields], set[str]],
        totals: dict[tuple[str, Fields], set[str]] | None,
    ) -> None:
        for (sheet, what), labels in places.items():
            if what == AREAS:
                areas.setdefault((sheet, names), set()).update(labels)
            elif totals is not None:
                said = {""} if what == REGION else labels
                totals.setdefault((sheet, names), set()).update(said)

    def hidden_of(self, sheet: Sheet) -> Hidden:
        """Return what is hidden of a sheet."""
        ids = sheet.findings.areas.index
        return Hidden(
            {names: ids.isin(list(some)) for (name, names), some in self.areas.items() if name == sheet.name},
            {names: frozenset(some) for (name, names), some in self.totals.items() if name == sheet.name},
        )

    def account(self, hidden: Mapping[str, Hidden]) -> Protection:
        """Return what was done."""
        rows = [
            row for sheet in self.sheets for row in _rows(sheet, hidden[sheet.name], self._primary(sheet))
        ]
        table = pd.DataFrame(rows, columns=list(_TABLE))
        notes = []
        if self.profile.rounding:
            notes.append(
                f"The rules ask for counts rounded to multiples of {self.profile.rounding}, which a study "
                "does not do: only what is too small is hidden."
            )
        return Protection(
            self.profile,
            self.spec.method,
            table,
            tuple(self.unseen),
            tuple(self.contradicting),
            tuple(notes),
        )

    def _primary(self, sheet: Sheet) -> Hidden:
        ids = sheet.findings.areas.index
        return Hidden(
            {
                names: ids.isin(list(some))
                for (name, names), some in self.primary.items()
                if name == sheet.name
            },
            {},
        )


def _shown(sheet: Findings) -> dict[Fields, Count]:
    """Return what a sheet publishes by its fields: counts, and means and medians, which have no totals."""
    found = counts_of(sheet)
    for indicator in plain_indicators(sheet):
        names = detail_fields(indicator)
        if names and names not in found:
            values = sheet.results[indicator.code]["value"].to_numpy(dtype=float)
            found[names] = Count(values, ())
    return found


def _asked(behind: NDArray[np.float64], shown: NDArray[np.float64], demand: Demand) -> bool:
    """Whether too few stand behind anything that is shown."""
    return bool(np.any((behind > 0) & (behind < demand.minimum) & np.isfinite(shown)))


def _rows(sheet: Sheet, hidden: Hidden, primary: Hidden) -> list[tuple[Any, ...]]:
    found = sheet.findings
    lost, first = (cells_of(found, one) for one in (hidden, primary))
    rows = []
    for indicator in found.indicators:
        code = indicator.code
        cells = lost[code] & found.results[code]["value"].notna().to_numpy()
        small = cells & first[code]
        people = [numbers for _, numbers in count_of(found, indicator)][:1]
        inside = float(np.nansum(people[0][cells])) if people else np.nan
        parts = filter(None, (detail_fields(indicator), indicator.denominator))
        totals = len(frozenset[str]().union(*(hidden.total(part) for part in parts)))
        if cells.any() or totals:
            said = (code, sheet.name, found.level, found.year)
            rows.append(
                (*said, int(cells.sum()), int(small.sum()), int((cells & ~small).sum()), inside, totals)
            )
    return rows


def _concealed(sheets: Sequence[Sheet], hidden: Mapping[str, Hidden], account: Protection) -> Findings:
    """Return the findings without what is hidden, and with what a reader has to know of that."""
    made = []
    for sheet in sheets:
        one = concealed(sheet.findings, hidden[sheet.name])
        notes = _notes(sheet, account)
        made.append(replace(one, notes=(*one.notes, *notes)) if notes else one)
    first, *others = made
    settings = {**first.settings, SETTING: account.as_dict()}
    return replace(first, others=tuple(others), settings=settings, notes=(*first.notes, *_said(account)))


def _notes(sheet: Sheet, account: Protection) -> list[str]:
    """Return what is hidden of a sheet's indicators, what holds for several said once."""
    names = {one.code: one.name.en for one in sheet.findings.indicators}
    rows = account.table[account.table["sheet"] == sheet.name]
    n = len(sheet.findings.areas)
    said = []
    for code, cells, totals in rows[["code", "hidden", "totals"]].itertuples(index=False):
        more = f" and {totals} totals" if totals else ""
        said.append((names[code], [f"withheld by the rules of release in {cells} of {n} areas{more}."]))
    return gathered(said)


def _said(account: Protection) -> list[str]:
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
