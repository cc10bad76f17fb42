"""A release with some of its areas hidden, merged or rounded."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from lea_geo.disclosure.published import NO_LIMIT, ROOT, Family

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from lea_geo.disclosure.published import Published


@dataclass(frozen=True)
class Area:
    """An area whose count is published."""

    family: int
    """Position of its family."""
    at: int
    """Position in the family."""
    name: str
    count: int

    @property
    def level(self) -> str:
        """The kind of areas, as its name begins: ``postal`` of ``postal 00100``; ``totals`` of those."""
        return "totals" if self.name.startswith("the total of ") else self.name.partition(" ")[0]


def areas_of(published: Published, family: int) -> list[Area]:
    """Return the areas of a family whose count is published."""
    one = published.families[family]
    return [Area(family, int(at), one.ids[at], int(one.lower[at])) for at in np.flatnonzero(one.published)]


def areas_over(published: Published, atoms: Sequence[int]) -> tuple[str, ...]:
    """Return the names of the published areas, of any size, that some atoms lie in."""
    names: list[str] = []
    for at, family in enumerate(published.families):
        inside = {int(one) for one in family.leaf[list(atoms)]}
        level = inside
        while level := {int(family.parent[one]) for one in level} - {ROOT}:
            inside |= level
        names += [area.name for area in areas_of(published, at) if area.at in inside]
    return tuple(names)


def hidden(published: Published, areas: Iterable[Area]) -> Published:
    """Return what is published when nothing is said of some areas."""
    return _with_bounds(published, [(area, 0, NO_LIMIT) for area in areas])


def rounded(published: Published, areas: Sequence[Area], base: int) -> Published:
    """Return what is published when some areas are rounded to multiples of ``base``.

    A rounded count stands for every count that could have been rounded to it, ties both ways.
    """
    bounds = []
    for area in areas:
        shown = base * ((2 * area.count + base) // (2 * base))
        bounds.append((area, max(0, shown - base // 2), shown + base // 2))
    return _with_bounds(published, bounds)


def merged(published: Published, one: Area, other: Area) -> Published:
    """Return what is published when the sum of two areas of one larger area is shown in their place."""
    bare = hidden(published, [one, other])
    family, total = bare.families[one.family], one.count + other.count
    above = int(family.parent[one.at])
    at = len(family.parent) if above == ROOT else above  # before its own parent, after its children
    parent = np.insert(_shifted(family.parent, at), at, ROOT if above == ROOT else above + 1)
    parent[_shifted(np.array([one.at, other.at]), at)] = at
    changed = Family(
        name=family.name,
        leaf=_shifted(family.leaf, at),
        parent=parent,
        lower=np.insert(family.lower, at, total),
        upper=np.insert(family.upper, at, total),
        ids=(*family.ids[:at], f"{one.name} + {other.name}", *family.ids[at:]),
    )
    return _with_family(bare, one.family, changed)


def _shifted(positions: NDArray[np.int64], at: int) -> NDArray[np.int64]:
    """Return positions after one more area has come to stand at ``at``."""
    return positions + (positions >= at)


def _with_bounds(published: Published, bounds: Iterable[tuple[Area, int, int]]) -> Published:
    told: dict[int, list[tuple[int, int, int]]] = {}
    for area, least, most in bounds:
        told.setdefault(area.family, []).append((area.at, least, most))
    for at, some in told.items():
        family = published.families[at]
        lower, upper = family.lower.copy(), family.upper.copy()
        for area_at, least, most in some:
            lower[area_at], upper[area_at] = least, most
        published = _with_family(published, at, replace(family, lower=lower, upper=upper))
    return published


def _with_family(published: Published, at: int, family: Family) -> Published:
    families = (*published.families[:at], family, *published.families[at + 1 :])
    return replace(published, families=families)
