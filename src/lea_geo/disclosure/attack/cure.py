"""What would mend a release at the least cost: hide, merge or round areas, or leave a kind of areas out.

Each cure is tried on what is published and attacked again; only one that leaves nothing to be found is told.
What it costs is the number of people of whom less is told, and of areas.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from lea_geo.disclosure.attack.cure_changes import Area, areas_of, areas_over, hidden, merged, rounded
from lea_geo.disclosure.prove.many import unsafe_groups as unsafe_of_many
from lea_geo.disclosure.prove.recipe import Recipe
from lea_geo.disclosure.prove.unsafe import unsafe_groups

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lea_geo.disclosure.published import Published

ROUNDS = 12
"""How often a cure that is not enough is added to before it is given up."""
SHOWN = 5
"""Areas that a sentence names."""

Find = Callable[["Published"], Sequence["Recipe"]]
"""How everything that can be found in what is published is found."""


@dataclass(frozen=True)
class Cure:
    """A change after which nothing can be found."""

    kind: str
    """``hide``, ``merge``, ``round`` or ``leave_out``."""
    areas: tuple[str, ...]
    """Those that change, by the names of the families; merged ones joined by a plus sign."""
    level: str
    """The kind of areas that is rounded or left out; empty where single areas are hidden or merged."""
    base: int
    """What is rounded to; 0 where nothing is."""
    people: int
    """Of how many people it tells less: those in hidden and merged areas, and half the base for each rounded
    one. Of a kind that is left out, all that it showed."""
    published: Published | None = field(default=None, repr=False, compare=False)
    """What would be published then."""

    def __str__(self) -> str:
        people = f"{self.people:,} people"
        shown = ", ".join(self.areas[:SHOWN]) + (", …" if len(self.areas) > SHOWN else "")
        n = len(self.areas)
        counted = "1 area" if n == 1 else f"{n:,} areas"
        if self.kind == "hide":
            return f"hide {shown} ({counted}, {people})"
        if self.kind == "merge":
            return f"merge {shown} and show the sum alone ({counted}, {people})"
        if self.kind == "round":
            near = f"each then known to within {self.base // 2}"
            return f"round {self.level} to the nearest {self.base} ({counted}, {near})"
        return f"leave {self.level} out ({counted}, {people})"


def find_cures(
    published: Published, k: int, *, zero: str = "safe", find: Find | None = None
) -> tuple[Cure, ...]:
    """Return the cures that were found, the cheapest first: fewest people, then fewest areas.

    Parameters
    ----------
    published
        What is published of one count.
    k
        The least count that may be known.
    zero
        Whether it may be known that nobody is there: ``safe`` or ``hidden``.
    find
        What attacks a changed release; left out, the bounds that an audit uses.

    Returns
    -------
    tuple of Cure
        Of each kind at most one for each family or kind of areas. Empty where none was found, or where
        nothing is to be cured.
    """
    attack = find or (lambda changed: _attacked(changed, k, zero))
    recipes = attack(published)
    if not recipes:
        return ()
    tried = (*_by_area(published, recipes, attack), *_by_level(published, k, attack))
    order = {(one.kind, one.areas): one for one in tried}
    return tuple(sorted(order.values(), key=lambda one: (one.people, len(one.areas), one.kind, one.areas)))


def _attacked(published: Published, k: int, zero: str) -> Sequence[Recipe]:
    """Return the recipe of each unsafe group; where a program found one, the areas that it lies in."""
    found = unsafe_groups if len(published.families) <= 2 else unsafe_of_many
    return tuple(
        group.recipe or Recipe(areas_over(published, group.atoms), (), group.lower, group.upper)
        for group in found(published, k, zero=zero).groups
    )


def _by_area(published: Published, recipes: Sequence[Recipe], attack: Find) -> Iterator[Cure]:
    """Yield cures that break the recipes area by area, in any family and in each by itself."""
    families = range(len(published.families))
    for within in (tuple(families), *((one,) for one in families)):
        for kind, change in (("hide", _hide), ("merge", _merge)):
            if cure := _repeated(published, recipes, attack, within, kind, change):
                yield cure


def _repeated(
    published: Published,
    recipes: Sequence[Recipe],
    attack: Find,
    within: tuple[int, ...],
    kind: str,
    change: Callable[[Published, Area], tuple[Published, str, int] | None],
) -> Cure | None:
    """Change the cheapest area of each recipe until there is none; None where that does not end well."""
    changed, people = published, 0
    names: list[str] = []
    for _ in range(ROUNDS):
        before = len(names)
        for recipe in recipes:
            if not _holds(changed, recipe):
                continue
            for area in _cheapest(changed, recipe, within):
                if (done := change(changed, area)) is not None:
                    changed, name, cost = done
                    names.append(name)
                    people += cost
                    break
            else:
                return None
        recipes = attack(changed)
        if not recipes:
            return Cure(kind, tuple(names), "", 0, people, changed)
        if len(names) == before:
            return None
    return None


def _hide(published: Published, area: Area) -> tuple[Published, str, int]:
    return hidden(published, [area]), area.name, area.count


def _merge(published: Published, area: Area) -> tuple[Published, str, int] | None:
    """Merge an area with the smallest published one that lies in the same larger area."""
    family = published.families[area.family]
    beside = [
        one
        for one in areas_of(published, area.family)
        if family.parent[one.at] == family.parent[area.at] and one.at != area.at and one.count > 0
    ]
    if not beside:
        return None
    other = min(beside, key=lambda one: (one.count, one.name))
    return merged(published, area, other), f"{area.name} + {other.name}", area.count + other.count


def _holds(published: Published, recipe: Recipe) -> bool:
    """Whether all areas of a recipe are still published."""
    names = {name for family in published.families for name in np.array(family.ids)[family.published]}
    known = {name for family in published.families for name in family.ids}
    return all(name in names for name in (*recipe.add, *recipe.subtract) if name in known)


def _cheapest(published: Published, recipe: Recipe, within: Iterable[int]) -> list[Area]:
    named = {*recipe.add, *recipe.subtract}
    found = [area for at in within for area in areas_of(published, at) if area.name in named]
    return sorted(found, key=lambda area: (area.count, area.name))


def _by_level(published: Published, k: int, attack: Find) -> Iterator[Cure]:
    """Yield cures that treat all areas of one kind alike."""
    everywhere = [area for at in range(len(published.families)) for area in areas_of(published, at)]
    for level in sorted({area.level for area in everywhere}):
        areas = [area for area in everywhere if area.level == level]
        names, people = tuple(area.name for area in areas), sum(area.count for area in areas)
        without = hidden(published, areas)
        if len(areas) < len(everywhere) and not attack(without):
            yield Cure("leave_out", names, level, 0, people, without)
        for base in (k, 2 * k):
            changed = rounded(published, areas, base)
            if not attack(changed):
                yield Cure("round", names, level, base, len(areas) * (base // 2), changed)
                break


def cheapest_cure(cures: Iterable[Cure]) -> str:
    """Return a sentence with the cheapest cure and what else would do, blank where there is none.

    >>> cheapest_cure([Cure("hide", ("cell 7",), "", 0, 12), Cure("leave_out", ("a", "b"), "grid", 0, 90)])
    'The cheapest: hide cell 7 (1 area, 12 people). Or leave grid out (2 areas, 90 people).'
    """
    best: dict[str, Cure] = {}
    for one in cures:
        best.setdefault(one.kind, one)
    if not best:
        return ""
    first, *others = map(str, best.values())
    rest = "".join(f" Or {one}." for one in others[:2])
    return f"The cheapest: {first}.{rest}"
