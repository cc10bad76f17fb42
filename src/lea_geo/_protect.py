"""The step that protects a study's findings before anything is written.

Statistics are computed inside, on the true values; what leaves is their labels, and the values that the rules
of release allow. Moran's I of the 250 m cells of Vantaa is 0.07, and 0.59 once counts under five are gone:
statistics of protected values are others, so none are computed again.
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
    plain_indicators,
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

    def protect(self, sheets: Sequence[Sheet]) -> None:
        """Decide on one year's sheets together."""
        demands, unseen = demands_of(sheets, self.profile, self.spec.never)
        self.unseen.update(dict.fromkeys(unseen))
        counts = {sheet.name: _shown(sheet.findings) for sheet in sheets}
        for demand in demands:
            some = [sheet for sheet in sheets if {demand.fields, demand.behind} <= counts[sheet.name].keys()]
            self._answer(demand, some, counts)
        for sheet in sheets:
            while self._give_away(sheet, counts[sheet.name]):
                pass

    def _answer(
        self, demand: Demand, some: Sequence[Sheet], counts: Mapping[str, Mapping[Fields, Count]]
    ) -> None:
        """Hide what a demand asks for on the sheets that publish its count."""
        shown = {sheet.name: counts[sheet.name][demand.fields] for sheet in some}
        behind = {sheet.name: counts[sheet.name][demand.behind].people for sheet in some}
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
            self._suppress(replace(ground, caps=self._caps(some, demand)), demand)

    def _give_away(self, sheet: Sheet, counts: Mapping[Fields, Count]) -> bool:
        """Hide counts that others of the same area could be worked out from; return whether any were."""
        real = set(counts_of(sheet.findings))
        shown = {names: count.people for names, count in counts.items() if names in real}
        found = list(giving_away(shown, self.hidden_of(sheet).areas, self._keeps))
        least = max(2, self.profile.minimum_count)
        for names, at in found:
            ids = sheet.findings.areas.index[at]
            self.areas.setdefault((sheet.name, names), set()).update(map(str, ids))
            # As if one person were behind each: then no total gives it back either.
            alone = {sheet.name: np.where(at, 1.0, counts[names].people)}
            ground = ground_of([sheet], {sheet.name: counts[names]}, alone, self._pieces([sheet]))
            self._suppress(ground, Demand(names, names, least), small=False)
        return bool(found)

    def _keeps(self, names: Fields) -> bool:
        """Whether a count must stay visible."""
        return self.profile.is_visible(names) or all_named(names, self.spec.never)

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
            zero=self.profile.zero,
        )
        for at in every:
            places = ground.places(at, found.hidden[at] & ~free[at])
            self._note(places, demand.fields, self.areas, self.totals)
            places = ground.places(at, found.primary[at] & ~free[at] & small)
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


def _told(sheets: Sequence[Sheet], shown: Sequence[Findings], account: Protection) -> Findings:
    """Return what is shown with what a reader has to know of the rest."""
    made = []
    for sheet, one in zip(sheets, shown, strict=True):
        notes = notes_of(sheet, account)
        made.append(replace(one, notes=(*one.notes, *notes)) if notes else one)
    first, *others = made
    settings = {**first.settings, SETTING: account.as_dict()}
    return replace(first, others=tuple(others), settings=settings, notes=(*first.notes, *said_of(account)))
