"""Details of few people whom only subtraction finds: where two kinds of areas differ by a handful."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from lea_geo.disclosure.attack.details import asked_groups
from lea_geo.disclosure.attack.examine import Row, called, read_fronts
from lea_geo.disclosure.attack.rates import COUNTED
from lea_geo.disclosure.prove.bounds import group_bounds
from lea_geo.disclosure.prove.crossed import total_bounds
from lea_geo.errors import LeaGeoError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from lea_geo.disclosure.attack.counted import Fields
    from lea_geo.disclosure.attack.evidence import Evidence
    from lea_geo.disclosure.attack.examine import Front
    from lea_geo.disclosure.attack.reconstruct import Count, Grounds
    from lea_geo.disclosure.prove.unsafe import UnsafeGroup
    from lea_geo.disclosure.rules import Profile
    from lea_geo.schema import Indicator

    Counts = Mapping[tuple[Fields, str], Count]
    Ends = tuple[NDArray[np.float64], NDArray[np.float64]]

_MOST = 200
"""Groups of one denominator that are looked at, the smallest first."""


def group_rows(counts: list[Count], evidence: Evidence, grounds: Grounds, profile: Profile) -> Iterator[Row]:
    """Yield the details that are known of groups with too few people that are no area that prints them.

    Parameters
    ----------
    counts
        Every count that the release tells of.
    evidence
        What is known of every value.
    grounds
        Makes the atoms.
    profile
        Says how many people a detail needs.
    """
    by_name = {(one.fields, one.year): one for one in counts}
    for indicator in sorted(evidence.indicators.values(), key=lambda one: one.code):
        for rule, base, minimum in asked_groups(indicator, profile):
            if base != tuple(sorted(indicator.denominator)):
                continue
            for (fields, _), people in by_name.items():
                if fields == base and len(people.known) > 1:
                    yield from _rows(
                        by_name, people, indicator, evidence, grounds, (rule, minimum, profile.width)
                    )


def _rows(
    counts: Counts,
    people: Count,
    indicator: Indicator,
    evidence: Evidence,
    grounds: Grounds,
    asked: tuple[str, int, float],
) -> Iterator[Row]:
    rule, minimum, width = asked
    fronts, _ = read_fronts(people, grounds)
    if len(fronts) != 1 or len(fronts[0].atoms.chains) < 2:
        return
    groups = [one for one in fronts[0].unsafe(minimum, "safe").groups if one.proved][:_MOST]
    groups = [one for one in groups if not _is_printed(fronts[0], one)]
    atoms = [np.array(one.atoms) for one in groups]
    if not groups:
        return
    if indicator.unit in COUNTED:
        ends = _of_counts(counts, people, indicator, grounds, atoms)
    else:
        ends = _of_means(fronts[0], indicator, evidence, groups, atoms)
    for group, low, high in zip(groups, *ends, strict=True) if ends is not None else ():
        near = 0.0 if indicator.unit in COUNTED else width * abs(low)
        if high - low <= near:
            geography, area, _ = called(fronts[0], np.array(group.atoms))
            said = f"{' + '.join(people.fields)} is {group.lower} to {group.upper} there: {group.recipe}"
            what = f"{said} The same sum tells {indicator.code}."
            name = f"{indicator.code} {people.year}".strip()
            how = frozenset({"differencing", "means_medians" if near else "denominators"})
            yield Row(name, geography, area, float(low), float(high), False, rule, what, "", how)


def _is_printed(front: Front, group: UnsafeGroup) -> bool:
    """Whether a group is an area whose number of people is printed: its details are held against that."""
    geography, _, at = called(front, np.array(group.atoms))
    return at >= 0 and bool(front.count.known[geography].printed[at])


def _of_counts(
    counts: Counts, people: Count, indicator: Indicator, grounds: Grounds, atoms: list[NDArray[np.int64]]
) -> Ends | None:
    """Return what is known of the numerators of groups, where they are told of the same kinds of areas."""
    events = counts.get((tuple(sorted(indicator.numerator)), people.year))
    if events is None or not set(people.known) <= set(events.known):
        return None
    same: dict[str, Any] = {
        name: {kind: getattr(events, name)[kind] for kind in people.known}
        for name in ("known", "areas", "totals", "nobody")
    }
    fronts, _ = read_fronts(replace(events, **same), grounds)
    if len(fronts) != 1 or fronts[0].published.n_atoms <= max(int(one.max()) for one in atoms):
        return None
    lower, upper = group_bounds(fronts[0].published, atoms, fronts[0].table)
    return lower.astype(float), upper.astype(float)


def _of_means(
    front: Front,
    indicator: Indicator,
    evidence: Evidence,
    groups: list[UnsafeGroup],
    atoms: list[NDArray[np.int64]],
) -> Ends | None:
    """Return what is known of the means of groups: printed means times their counts, added and subtracted."""
    means = {}
    for kind, people in front.count.known.items():
        sheet = evidence.sheets[kind, front.count.year]
        value = sheet.get(indicator.code, "value")
        for at in np.flatnonzero(value.printed & people.exact & (people.lower > 0)).tolist():
            area = f"{kind} {front.atoms.area_ids[kind][at]}"
            means[area] = (value.lower[at] / indicator.scale, value.upper[at] / indicator.scale)
    if not means:
        return None
    try:
        total = total_bounds(front.published, means, atoms, seconds=5.0)
    except LeaGeoError:
        return None
    count = np.array([(one.lower, one.upper) for one in groups], dtype=float)
    return indicator.scale * total.lower / count[:, 1], indicator.scale * total.upper / count[:, 0]
