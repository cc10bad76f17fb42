"""Counts that no indicator gives and that can be worked out: children under 18 less those under 7.

The audit of a release forms them too, by the same rule: a whole less a part of it. Whether one of them is
known in an area depends on what is hidden there of the counts that the study publishes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lea_geo._protect_counts import Count, Demand, all_named, plain_indicators
from lea_geo._protect_relations import put_together
from lea_geo.disclosure.attack.counted import ROUNDS, rests
from lea_geo.disclosure.rules import NO_MINIMUM

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from numpy.typing import NDArray

    from lea_geo._protect_counts import Fields
    from lea_geo._sheets import Sheet
    from lea_geo.disclosure.rules import Profile

    Floats = NDArray[np.float64]


def derived_of(counts: Mapping[Fields, Count], called: Mapping[Fields, Fields]) -> dict[Fields, Count]:
    """Return the counts of a sheet that are a whole less a part of it, as the table gives the two.

    Parameters
    ----------
    counts
        Those that the sheet publishes.
    called
        Sorted fields to the fields of a count as the study's indicators give them.
    """
    known = {tuple(sorted(names)): count for names, count in counts.items()}
    own = frozenset(known)
    for _ in range(ROUNDS):
        for whole, part, rest in rests(known):
            if rest not in own:
                known[rest] = _less(known[whole], known[part], known.get(rest))
    return {called.get(names, names): count for names, count in known.items() if names not in own}


def _less(whole: Count, part: Count, before: Count | None) -> Count:
    """Return a whole less a part; where another whole and part gave it before, that."""
    people = whole.people - part.people
    people[people < 0] = np.nan
    summed = [one for one in whole.summed if any(np.array_equal(one, other) for other in part.summed)]
    if before is not None:
        people = np.where(np.isfinite(before.people), before.people, people)
        new = [one for one in summed if not any(np.array_equal(one, other) for other in before.summed)]
        summed = [*before.summed, *new]
    return Count(people, tuple(summed))


def derived_demands(
    derived: Iterable[Collection[Fields]], asked: Collection[Demand], profile: Profile, never: tuple[str, ...]
) -> list[Demand]:
    """Return what the rules ask of counts that no indicator gives, but for what is asked already."""
    found: dict[Demand, None] = {}
    for names in sorted({names for some in derived for names in some}):
        least = profile.count_minimum(names)
        if least > NO_MINIMUM and not all_named(names, never):
            found[Demand(names, names, least)] = None
    return [one for one in found if one not in asked]


def places_of(towns: NDArray[np.object_]) -> list[str]:
    """Return the municipalities that have totals, and blank for the region."""
    return ["", *sorted({str(one) for one in towns} - {""})]


def totals_of(
    counts: Mapping[Fields, Count], gone: Mapping[Fields, Collection[str]], towns: NDArray[np.object_]
) -> tuple[dict[Fields, Floats], dict[Fields, NDArray[np.bool_]]]:
    """Return the totals that are published of counts, by place, and which of them are hidden."""
    places = places_of(towns)
    inside = [np.ones(len(towns), dtype=bool) if place == "" else towns == place for place in places]
    shown = {
        names: np.array([np.nansum(count.people[some]) for some in inside])
        for names, count in counts.items()
        if count.summed
    }
    hidden = {names: np.array([place in gone.get(names, ()) for place in places]) for names in shown}
    return shown, hidden


def unknown(
    names: Fields, shown: Mapping[Fields, Floats], hidden: Mapping[Fields, NDArray[np.bool_]], n: int
) -> NDArray[np.bool_]:
    """Return where a count cannot be put together of those that are shown and not hidden."""
    seen = {
        one: np.isfinite(people) & ~hidden.get(one, np.zeros(n, dtype=bool)) for one, people in shown.items()
    }
    return ~put_together(names, seen, n)


def most_of(names: Fields, sheet: Sheet, seen: Mapping[Fields, Floats], n: int) -> Floats:
    """Return how many a count can be at most in each area, by what is seen of the counts that it is part of.

    Parameters
    ----------
    names
        The count.
    sheet
        Whose indicators say which count is a share of which.
    seen
        Counts by area; NaN where they are not known.
    n
        How many areas there are.
    """
    shares = [
        (one.numerator, one.denominator) for one in plain_indicators(sheet.findings) if one.unit == "percent"
    ]
    wholes, looked = {names}, 0
    while len(wholes) > looked:
        looked = len(wholes)
        wholes |= {one for one in seen if any(set(part) < set(one) for part in wholes)}
        wholes |= {whole for part, whole in shares if part in wholes}
    found = np.full(n, np.inf)
    for one in wholes - {names} & seen.keys():
        found = np.fmin(found, seen[one])
    return found
