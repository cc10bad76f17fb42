"""The step that protects a study's findings before anything is written.

Statistics are computed inside, on the true values; what leaves is their labels, and the values that the rules
of release allow. Statistics of protected values are others (BENCHMARKS.md has an example), so none are
computed again.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo._protect_account import TABLE, Protection, notes_of, rows_of, said_of
from lea_geo._protect_counts import (
    REGION,
    Count,
    Demand,
    all_named,
    by_year,
    counts_of,
    demands_of,
    municipalities_of,
    plain_indicators,
)
from lea_geo._protect_derived import (
    derived_demands,
    derived_of,
    most_of,
    places_of,
    totals_of,
    unknown,
)
from lea_geo._protect_hide import Hidden, concealed
from lea_geo._protect_levels import AREAS, ground_of, pieces_of
from lea_geo._protect_relations import giving_away
from lea_geo._report_disclosure import SETTING
from lea_geo._sheets import sheets_of
from lea_geo.disclosure.protect.suppress import suppress
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
    from lea_geo.spatial.graph import AreaGraph
    from lea_geo.spec import StudySpec


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


def protect(
    findings: Findings, spec: DisclosureSpec, profile: Profile, *, graphs: Sequence[AreaGraph] = ()
) -> tuple[Findings, Protection]:
    """Hide what the rules of release ask for, in all years and on all kinds of areas at once.

    Parameters
    ----------
    findings
        What a study found, with its other years and kinds of areas; true values.
    spec
        How it is to leave.
    profile
        The rules.
    graphs
        Who is whose neighbour, in the study and in each of its others; left out, nobody measures what
        statistics that are computed again would be.

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
    shown = [concealed(sheet.findings, hidden[sheet.name]) for sheet in sheets]
    account = work.account(hidden, shown, graphs or [None] * len(sheets))
    return (_told(sheets, shown, account) if account else findings), account


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
    counts: dict[str, dict[Fields, Count]] = field(default_factory=dict)
    """Sheet to the counts that it publishes, and to the fields of its means and medians."""
    people: dict[str, dict[Fields, Count]] = field(default_factory=dict)
    """Sheet to the counts that it publishes."""
    derived: dict[str, dict[Fields, Count]] = field(default_factory=dict)
    """Sheet to the counts that it does not publish and that can be worked out from those that it does."""

    def protect(self, sheets: Sequence[Sheet]) -> None:
        """Decide on one year's sheets together."""
        demands, unseen = demands_of(sheets, self.profile, self.spec.never)
        self.unseen.update(dict.fromkeys(unseen))
        self._look(sheets)
        for demand in demands:
            self._answer(demand, sheets)
        for demand in derived_demands(
            [self.derived[sheet.name] for sheet in sheets], demands, self.profile, tuple(self.spec.never)
        ):
            self._answer(demand, sheets)
        for sheet in sheets:
            while self._give_away(sheet) or self._give_totals_away(sheet):
                pass

    def _look(self, sheets: Sequence[Sheet]) -> None:
        """Note which counts can be seen or worked out on each of one year's sheets."""
        self.people |= {sheet.name: counts_of(sheet.findings) for sheet in sheets}
        called = {tuple(sorted(names)): names for sheet in sheets for names in self.people[sheet.name]}
        for sheet in sheets:
            self.counts[sheet.name] = _shown(sheet.findings, self.people[sheet.name])
            self.derived[sheet.name] = derived_of(self.people[sheet.name], called)

    def _answer(self, demand: Demand, sheets: Sequence[Sheet]) -> None:
        """Hide what a demand asks for on the sheets that tell its count."""
        every = {sheet.name: self.derived[sheet.name] | self.counts[sheet.name] for sheet in sheets}
        some = [sheet for sheet in sheets if {demand.fields, demand.behind} <= every[sheet.name].keys()]
        shown = {sheet.name: every[sheet.name][demand.fields] for sheet in some}
        behind = {sheet.name: every[sheet.name][demand.behind].people for sheet in some}
        # Areas of one kind that are large enough add up to nothing small; those of several can.
        small = (_asked(behind[one.name], shown[one.name].people, demand) for one in some)
        if len(some) == 1 and not any(small):
            return
        ground = ground_of(some, shown, behind, self._pieces(some))
        if ground.counts is None:
            self.contradicting[" + ".join(demand.fields)] = None
            for one in some:
                self._suppress(ground_of([one], shown, behind, self._pieces([one])), demand)
        else:
            self._suppress(ground, demand)

    def _give_away(self, sheet: Sheet) -> bool:
        """Hide counts that others of the same area could be worked out from; return whether any were."""
        counts, hidden = self.people[sheet.name], self.hidden_of(sheet).areas
        shown = {names: count.people for names, count in counts.items()}
        for names, count in self.derived[sheet.name].items():
            if names in hidden:
                shown[names] = np.where(hidden[names], count.people, np.nan)
        found = list(giving_away(shown, hidden, self._keeps))
        least = max(2, self.profile.minimum_count)
        for names, at in found:
            ids = sheet.findings.areas.index[at]
            self.areas.setdefault((sheet.name, names), set()).update(map(str, ids))
            # As if one person were behind each: then no total gives it back either.
            alone = {sheet.name: np.where(at, 1.0, counts[names].people)}
            ground = ground_of([sheet], {sheet.name: counts[names]}, alone, self._pieces([sheet]))
            self._suppress(ground, Demand(names, names, least), small=False)
        return bool(found)

    def _give_totals_away(self, sheet: Sheet) -> bool:
        """Hide totals that others of the same place could be worked out from; return whether any were."""
        towns, gone = municipalities_of(sheet.findings), self.hidden_of(sheet).totals
        shown, hidden = totals_of(self.people[sheet.name], gone, towns)
        for names, count in self.derived[sheet.name].items():
            some, lost = totals_of({names: count}, gone, towns)
            if names in some:
                shown[names], hidden[names] = np.where(lost[names], some[names], np.nan), lost[names]
        found = list(giving_away(shown, hidden, self._keeps))
        places = np.array(places_of(towns), dtype=object)
        for names, at in found:
            self.totals.setdefault((sheet.name, names), set()).update(places[at].tolist())
        return bool(found)

    def _keeps(self, names: Fields) -> bool:
        """Whether a count must stay visible."""
        return self.profile.is_visible(names) or all_named(names, self.spec.never)

    def _caps(self, ground: Ground, demand: Demand) -> list[NDArray[np.int64]]:
        """Return how many people each area can count at most, by what is seen of the counts it is part of."""
        assert ground.counts is not None  # noqa: S101 - whoever asks has looked
        most: dict[str, Mapping[str, int]] = {}
        found = []
        for at, family in enumerate(ground.families):
            caps = np.full(len(family.ids), NO_LIMIT, dtype=np.int64)
            for i in np.flatnonzero(ground.published(at)).tolist():
                level, label = family.ids[i].split(" ", 1)
                name, what = ground.levels[at][int(level)].place
                if what == AREAS:
                    if name not in most:
                        most[name] = self._most(name, demand.fields)
                    caps[i] = most[name].get(label, NO_LIMIT)
            found.append(np.maximum(caps, family.totals(ground.counts)))
        return found

    def _most(self, name: str, names: Fields) -> dict[str, int]:
        """Return how many people a count can be at most in the areas of a sheet, where that can be seen."""
        sheet = next(one for one in self.sheets if one.name == name)
        ids, hidden = sheet.findings.areas.index, self.hidden_of(sheet)
        seen = {
            one: np.where(hidden.of(one, len(ids)), np.nan, count.people)
            for one, count in self.people[name].items()
        }
        for one, count in self.derived[name].items():
            seen[one] = np.where(self._unknown(sheet, one), np.nan, count.people)
        most = most_of(names, sheet, seen, len(ids))
        return {str(ids[i]): int(np.ceil(most[i])) for i in np.flatnonzero(np.isfinite(most))}

    def _unknown(self, sheet: Sheet, names: Fields) -> NDArray[np.bool_]:
        """Return the areas in which a count that no indicator gives cannot be worked out."""
        shown = {one: count.people for one, count in self.people[sheet.name].items()}
        return unknown(names, shown, self.hidden_of(sheet).areas, len(sheet.findings.areas))

    def _pieces(self, sheets: Sequence[Sheet]) -> Mapping[str, NDArray[np.int64]]:
        """Return the area of each sheet that each piece of ground lies in."""
        names = tuple(sheet.name for sheet in sheets)
        if names not in self.pieces:
            self.pieces[names] = pieces_of(sheets)
        return self.pieces[names]

    def _suppress(self, ground: Ground, demand: Demand, *, small: bool = True) -> None:
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
            area_caps=self._caps(ground, demand) if small and demand.behind == demand.fields else None,
            zero=self.profile.zero,
        )
        for at in every:
            places = ground.places(at, found.hidden[at] & ~free[at])
            self._note(places, demand.fields, self.areas, self.totals)
            places = ground.places(at, found.primary[at] & ~free[at] & small)
            self._note(places, demand.fields, self.primary, None)

    def _hidden(self, ground: Ground, at: int, names: Fields) -> NDArray[np.bool_]:
        """Return what is hidden of a count already, which then costs nothing."""
        gone, known = [], {}
        for called in ground.families[at].ids:
            level, label = called.split(" ", 1)
            sheet, what = ground.levels[at][int(level)].place
            if (sheet, what == AREAS) not in known:
                known[sheet, what == AREAS] = self._gone(sheet, names, areas=what == AREAS)
            gone.append(("" if what == REGION else label) in known[sheet, what == AREAS])
        return np.array(gone, dtype=bool)

    def _gone(self, name: str, names: Fields, *, areas: bool) -> set[str]:
        """Return the areas of a sheet, or the places of its totals, of which a count is not known."""
        found = set((self.areas if areas else self.totals).get((name, names), ()))
        if names not in self.derived[name]:
            return found
        sheet = next(one for one in self.sheets if one.name == name)
        if areas:
            return found | set(map(str, sheet.findings.areas.index[self._unknown(sheet, names)]))
        towns = municipalities_of(sheet.findings)
        shown, hidden = totals_of(self.people[name], self.hidden_of(sheet).totals, towns)
        places = places_of(towns)
        return found | {
            place
            for place, lost in zip(places, unknown(names, shown, hidden, len(places)), strict=True)
            if lost
        }

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

    def account(
        self, hidden: Mapping[str, Hidden], shown: Sequence[Findings], graphs: Sequence[AreaGraph | None]
    ) -> Protection:
        """Return what was done."""
        rows = [
            row
            for sheet, after, graph in zip(self.sheets, shown, graphs, strict=True)
            for row in rows_of(sheet, hidden[sheet.name], self._primary(sheet), after, graph)
        ]
        table = pd.DataFrame(rows, columns=list(TABLE))
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


def _shown(sheet: Findings, counts: Mapping[Fields, Count]) -> dict[Fields, Count]:
    """Return what a sheet publishes by its fields: counts, and means and medians, which have no totals."""
    found = dict(counts)
    for indicator in plain_indicators(sheet):
        names = detail_fields(indicator)
        if names and names not in found:
            values = sheet.results[indicator.code]["value"].to_numpy(dtype=float)
            found[names] = Count(values, ())
    return found


def _asked(behind: NDArray[np.float64], shown: NDArray[np.float64], demand: Demand) -> bool:
    """Whether too few stand behind anything that is shown."""
    return bool(np.any((behind > 0) & (behind < demand.minimum) & np.isfinite(shown)))


def _told(sheets: Sequence[Sheet], shown: Sequence[Findings], account: Protection) -> Findings:
    """Return what is shown with what a reader has to know of the rest."""
    made = []
    for sheet, one in zip(sheets, shown, strict=True):
        notes = notes_of(sheet, account)
        made.append(replace(one, notes=(*one.notes, *notes)) if notes else one)
    first, *others = made
    settings = {**first.settings, SETTING: account.as_dict()}
    return replace(first, others=tuple(others), settings=settings, notes=(*first.notes, *said_of(account)))
