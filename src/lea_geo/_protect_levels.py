"""The areas and totals that a study publishes of one count, as trees that can be looked at together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lea_geo._protect_counts import MUNICIPALITIES, REGION, municipalities_of, rounded
from lea_geo.disclosure.attack.atoms import OUTSIDE, intersect
from lea_geo.disclosure.attack.reconstruct import is_grid
from lea_geo.disclosure.prove.flow import feasible_counts
from lea_geo.disclosure.published import NO_LIMIT, Family, Published, build_family
from lea_geo.schema import MUNICIPALITY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from lea_geo._protect_counts import Count
    from lea_geo._sheets import Sheet

AREAS = "areas"
_ELSEWHERE = "\N{MIDDLE DOT}"
"""What the name of a piece begins with of which nothing is published."""

Place = tuple[str, str]
"""A sheet's name, and what of it: ``areas``, or ``municipality`` or ``region`` for totals."""


@dataclass(frozen=True)
class Level:
    """One partition of the region of which counts are published."""

    place: Place
    label: NDArray[np.object_]
    """What each area of the sheet belongs to; blank: nothing of it is published."""


@dataclass(frozen=True)
class Ground:
    """All partitions of some sheets, over pieces that none of them cuts."""

    families: tuple[Family, ...]
    levels: tuple[tuple[Level, ...], ...]
    """The partitions that each family is made of, the finest first."""
    counts: NDArray[np.int64] | None
    """People in each piece, in a table that agrees with what is published; None: there is no such table."""
    caps: NDArray[np.int64] | None = None
    """How many people each piece can hold at most, as anybody knows; None: nobody does."""

    def published(self, at: int) -> NDArray[np.bool_]:
        """Return which areas of a family's tree have a count that is published, if nothing is hidden."""
        names = [one.split(" ", 1)[1] for one in self.families[at].ids]
        return np.array([not name.startswith(_ELSEWHERE) for name in names])

    def places(self, at: int, chosen: NDArray[np.bool_]) -> dict[Place, set[str]]:
        """Return what some areas of a family's tree are called, by where they stand."""
        found: dict[Place, set[str]] = {}
        for name, picked in zip(self.families[at].ids, chosen, strict=True):
            if picked:
                level, label = name.split(" ", 1)
                found.setdefault(self.levels[at][int(level)].place, set()).add(label)
        return found


def levels_of(sheet: Sheet, count: Count) -> list[Level]:
    """Return the partitions of one sheet of which a count is published: its areas and their totals."""
    ids = sheet.findings.areas.index.to_numpy(dtype=object)
    towns = municipalities_of(sheet.findings)
    found = [Level((sheet.name, AREAS), np.where(np.isfinite(count.people), ids, ""))]
    for inside in count.summed:
        found.append(Level((sheet.name, MUNICIPALITIES), np.where(inside, towns, "")))
        found.append(Level((sheet.name, REGION), np.where(inside, REGION, "")))
    return [one for one in found if (one.label != "").any()]


def ground_of(
    sheets: Sequence[Sheet],
    shown: Mapping[str, Count],
    behind: Mapping[str, NDArray[np.float64]],
    members: Mapping[str, NDArray[np.int64]],
) -> Ground:
    """Return what is published of one count, and the people behind it.

    Parameters
    ----------
    sheets
        Those that publish it.
    shown
        Sheet to the count: where it is published, and which totals are.
    behind
        Sheet to the people whom the rules look at, by area.
    members
        What :func:`pieces_of` gives.
    """
    pieces = len(next(iter(members.values())))
    labelled = []
    for sheet in sheets:
        member = members[sheet.name]
        for level in levels_of(sheet, shown[sheet.name]):
            labels = np.append(level.label, "")  # OUTSIDE is the last
            labelled.append((level, labels[member], member))
    chains = _chains([(level, labels) for level, labels, _ in labelled], pieces)
    families = tuple(
        build_family(f"{i}", {f"{j}": labels.tolist() for j, (_, labels) in enumerate(chain)})
        for i, chain in enumerate(chains)
    )
    levels = tuple(tuple(level for level, _ in chain) for chain in chains)
    for caps in _caps(sheets, members):
        counts = _counts(sheets, members, behind, families, levels, caps)
        if counts is not None:
            return Ground(families, levels, counts, caps)
    return Ground(families, levels, None)


def _caps(
    sheets: Sequence[Sheet], members: Mapping[str, NDArray[np.int64]]
) -> Iterator[NDArray[np.int64] | None]:
    """Yield how many people each piece can hold: nobody outside the cells of a grid, which are all inhabited.

    Where the counts contradict that, anybody can tell: then no piece has a limit.
    """
    if len(sheets) > 1:
        grids = [members[one.name] for one in sheets if is_grid(one.findings.areas)]
        if any((member < 0).any() for member in grids):
            outside = np.any([member < 0 for member in grids], axis=0)
            yield np.where(outside, 0, NO_LIMIT)
    yield None


def pieces_of(sheets: Sequence[Sheet]) -> dict[str, NDArray[np.int64]]:
    """Return the area of each sheet that each piece lies in; of one sheet, the areas are the pieces."""
    if len(sheets) == 1:
        return {sheets[0].name: np.arange(len(sheets[0].findings.areas))}
    atoms = intersect({sheet.name: sheet.findings.areas[[MUNICIPALITY, "geometry"]] for sheet in sheets})
    return {name: np.where(at == OUTSIDE, -1, at) for name, at in atoms.member.items()}


def _chains(
    labelled: Sequence[tuple[Level, NDArray[np.object_]]], pieces: int
) -> list[list[tuple[Level, NDArray[np.object_]]]]:
    """Return the partitions as few chains, each nested in the next, those with the most areas first."""
    left = sorted(labelled, key=lambda one: -len(set(one[1])))
    found = []
    while left:
        level, labels = left.pop(0)
        below = np.where(labels == "", [f"{_ELSEWHERE}{i}" for i in range(pieces)], labels)
        chain = [(level, below)]
        for one in list(left):
            above = _nested(chain[-1][1], one[1])
            if above is not None:
                chain.append((one[0], above))
                left = [other for other in left if other is not one]
        found.append(chain)
    return found


def _nested(below: NDArray[np.object_], above: NDArray[np.object_]) -> NDArray[np.object_] | None:
    """Return what lies above, blanks named after what is below them; None where an area lies in two."""
    inside: dict[str, str] = {}
    for one, other in zip(below.tolist(), above.tolist(), strict=True):
        if inside.setdefault(one, other) != other:
            return None
    return np.array(
        [name or f"{_ELSEWHERE}{one}" for one, name in ((one, inside[one]) for one in below.tolist())],
        dtype=object,
    )


def _counts(
    sheets: Sequence[Sheet],
    members: Mapping[str, NDArray[np.int64]],
    behind: Mapping[str, NDArray[np.float64]],
    families: tuple[Family, ...],
    levels: tuple[tuple[Level, ...], ...],
    caps: NDArray[np.int64] | None,
) -> NDArray[np.int64] | None:
    """Return people by piece: those of the areas, or where areas cross, some that agree with all areas."""
    people = {name: rounded(some) for name, some in behind.items()}
    if len(sheets) == 1:
        return people[sheets[0].name]
    known = tuple(_with_totals(family, chain, people) for family, chain in zip(families, levels, strict=True))
    pieces = len(next(iter(members.values())))
    most = np.full(pieces, NO_LIMIT, dtype=np.int64) if caps is None else caps
    return feasible_counts(Published(known, np.zeros(pieces, dtype=np.int64), most))


def _with_totals(family: Family, chain: tuple[Level, ...], people: Mapping[str, NDArray[np.int64]]) -> Family:
    """Return a family with the true count of every area that is published."""
    lower, upper = np.zeros(len(family.ids), dtype=np.int64), np.full(len(family.ids), NO_LIMIT)
    sums: list[dict[str, int]] = []
    for level in chain:
        held: dict[str, int] = {}
        for label, number in zip(level.label.tolist(), people[level.place[0]].tolist(), strict=True):
            held[label] = held.get(label, 0) + number
        sums.append(held)
    for at, name in enumerate(family.ids):
        number, label = name.split(" ", 1)
        if not label.startswith(_ELSEWHERE):
            lower[at] = upper[at] = sums[int(number)][label]
    return Family(family.name, family.leaf, family.parent, lower, upper, family.ids)
