"""One count under attack: the interval that can be proved of every hidden area and of every unsafe group."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from lea_geo.disclosure.attack.reconstruct import Count, Grounds, publish
from lea_geo.disclosure.prove import many, unsafe
from lea_geo.disclosure.prove.bounds import area_bounds
from lea_geo.disclosure.prove.certificate import Certificate, certify
from lea_geo.disclosure.prove.flow import feasible_counts
from lea_geo.disclosure.published import NO_LIMIT

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping

    from numpy.typing import NDArray

    from lea_geo.disclosure.attack.atoms import Atoms
    from lea_geo.disclosure.attack.evidence import Evidence, Known
    from lea_geo.disclosure.attack.reconstruct import Total
    from lea_geo.disclosure.prove.recipe import Recipe
    from lea_geo.disclosure.prove.unsafe import Unsafe, UnsafeGroup
    from lea_geo.disclosure.published import Published

    Whole = NDArray[np.int64]

GROUPS = "groups"
"""The kind of areas of a group that is no area of any kind."""
_SHOWN = 3
_MOST_BOUNDED = 300
"""Hidden areas of one count whose exact interval is told; of more, whether it is unsafe."""
_EXACT_FAMILIES = 2


@dataclass(frozen=True)
class Row:
    """What can be proved of one group of people."""

    variable: str
    geography: str
    area_id: str
    lower: float
    upper: float
    safe: bool
    rule: str
    """``count``, ``denominator`` or ``threshold``; of a safe row the rule that it was held against."""
    recipe: str
    place: str
    attacks: frozenset[str] = frozenset()
    proved: bool = True
    """False: nothing decided it, and so it counts as unsafe."""


@dataclass(frozen=True)
class Examined:
    """One count, attacked."""

    rows: tuple[Row, ...]
    certificate: Certificate | None
    """None where something is unsafe, or the published numbers contradict each other. Where nothing is unsafe
    it need not be a proof: known populations may rule out the tables that it rests on."""
    notes: tuple[str, ...]
    n_families: int
    """How many kinds of areas cross each other."""
    contradicts: bool
    """Whether they were attacked one by one."""
    leaking: Published | None = None
    """What is published, where something is unsafe: for whoever seeks a cure."""


@dataclass(frozen=True)
class Front:
    """One way to read what is published: all kinds of areas at once, or one alone."""

    count: Count
    atoms: Atoms
    published: Published
    table: Whole
    """A table that agrees."""

    @property
    def is_network(self) -> bool:
        """Whether flows answer every question about it."""
        return len(self.published.families) <= _EXACT_FAMILIES

    def unsafe(self, k: int, zero: str) -> Unsafe:
        """Return the groups of which it can be proved that they are few."""
        look = unsafe.unsafe_groups if self.is_network else many.unsafe_groups
        return look(self.published, k, self.table, zero=zero)

    @cached_property
    def places(self) -> dict[str, tuple[str, int]]:
        """What an area is called in a recipe, to its kind and position."""
        return {
            f"{name} {area}": (name, at)
            for name in self.count.known
            for at, area in enumerate(self.atoms.area_ids[name])
        }


def examine(count: Count, evidence: Evidence, grounds: Grounds, k: int, zero: str) -> Examined:
    """Attack one count over all its kinds of areas; where they contradict each other, each of them alone.

    Parameters
    ----------
    count
        What is known of it.
    evidence
        Says where the numbers are printed.
    grounds
        Makes the atoms.
    k
        The least count that may be known.
    zero
        ``safe`` or ``hidden``.
    """
    fronts, notes = read_fronts(count, grounds)
    rows: dict[tuple[str, str], Row] = {}
    certificate = None
    for front in fronts:
        found = front.unsafe(k, zero)
        for group in found.groups:
            row = _unsafe_row(front, group, evidence)
            rows.setdefault((row.geography, row.area_id), row)
        hidden = {name: ~known.exact for name, known in front.count.known.items()}
        tighten(front)
        rows |= {(row.geography, row.area_id): row for row in _hidden_rows(front, evidence, hidden, rows)}
        if found.safe and len(fronts) == 1:
            certificate = certify(front.published, k, front.table, zero=zero)
    n_families = len(grounds.atoms(count.areas).chains)
    contradicts = len(fronts) != 1 or len(fronts[0].published.families) < n_families
    leaks = any(not row.safe for row in rows.values())
    return Examined(
        tuple(rows.values()),
        certificate,
        notes,
        n_families,
        contradicts,
        fronts[0].published if leaks else None,
    )


def read_fronts(count: Count, grounds: Grounds) -> tuple[list[Front], tuple[str, ...]]:
    """Return how to read what is published so that it agrees, and what had to be given up for that."""
    atoms = grounds.atoms(count.areas)
    for nobody_outside in (True, False):
        front = _agreeing(count, atoms, nobody_outside=nobody_outside)
        if front is not None:
            said = f"{count.name}: people are counted outside the grid's cells."
            return [front], () if nobody_outside else (said,)
    kinds = sorted(count.known)
    if len(kinds) > 1:
        every_sliver = Grounds(least_surface=0.0)
        front = _agreeing(count, every_sliver.atoms(count.areas), nobody_outside=False)
        if front is not None:
            return [front], (
                f"{count.name}: the numbers agree only if people live in slivers between borders.",
            )
    alone = [_alone(count, name, grounds) for name in kinds]
    found = [front for front in alone if front is not None]
    named = ", ".join(kinds)
    why = f"the numbers of {named} contradict each other; each was attacked alone"
    return found, (f"{count.name}: {why}.",)


def _agreeing(count: Count, atoms: Atoms, *, nobody_outside: bool) -> Front | None:
    published = publish(count, atoms, nobody_outside=nobody_outside)
    table = feasible_counts(published)
    return None if table is None else Front(count, atoms, published, table)


def _alone(count: Count, name: str, grounds: Grounds) -> Front | None:
    """Return one kind of areas alone, without totals if they do not agree with it either."""
    both: tuple[tuple[Total, ...], ...] = (count.totals.get(name, ()), ())
    for totals in both:
        one = Count(
            count.fields, count.year, {name: count.known[name]}, {name: count.areas[name]}, {name: totals}
        )
        front = _agreeing(one, grounds.atoms(one.areas), nobody_outside=False)
        if front is not None:
            return front
    return None


def _unsafe_row(front: Front, group: UnsafeGroup, evidence: Evidence) -> Row:
    geography, area, at = called(front, np.array(group.atoms))
    used = _used(front, group.recipe)
    known = front.count.known.get(geography)
    if (
        known is not None
        and known.printed[at]
        and known.lower[at] == group.lower == known.upper[at] == group.upper
    ):
        place, how = evidence.place(int(known.place[at])), frozenset({"published"})
        recipe = f"It is printed: {geography} {area} = {group.lower}."
    else:
        place, how = _place(front, used, evidence), _attacks(front, group, used)
        recipe = _sentence(front, group, used)
    low, high = float(group.lower), _upper(group.upper)
    return Row(front.count.name, geography, area, low, high, False, "count", recipe, place, how, group.proved)


def called(front: Front, atoms: Whole) -> tuple[str, str, int]:
    """Return the area that some atoms are, or a name for them."""
    for name, member in sorted(
        front.atoms.member.items(), key=lambda one: -len(front.atoms.area_ids[one[0]])
    ):
        inside = np.unique(member[atoms])
        if len(inside) == 1 and inside[0] >= 0 and np.count_nonzero(member == inside[0]) == len(atoms):
            at = int(inside[0])
            return name, front.atoms.area_ids[name][at], at
    more = f" and {len(atoms) - _SHOWN} more" if len(atoms) > _SHOWN else ""
    return GROUPS, " + ".join(front.atoms.ids[atom] for atom in atoms[:_SHOWN]) + more, -1


def _used(front: Front, recipe: Recipe | None) -> list[tuple[str, Known, int]]:
    """Return the areas whose numbers a recipe uses, with what is known of them."""
    found = []
    for called in (*recipe.add, *recipe.subtract) if recipe is not None else ():
        if called in front.places:
            name, at = front.places[called]
            found.append((called, front.count.known[name], at))
    return found


def _place(front: Front, used: list[tuple[str, Known, int]], evidence: Evidence) -> str:
    """Return where the number stands that gives the group away: one that was concluded before one printed."""
    told = [known.place[at] for _, known, at in used if not known.printed[at] and known.place[at] >= 0]
    told += [known.place[at] for _, known, at in used if known.place[at] >= 0]
    told += [total.printed_in for totals in front.count.totals.values() for total in totals]
    return evidence.place(int(told[0])) if told else ""


def _attacks(front: Front, group: UnsafeGroup, used: list[tuple[str, Known, int]]) -> frozenset[str]:
    found = {attack for _, known, at in used for attack in known.reason(at).attacks}
    names = (*group.recipe.add, *group.recipe.subtract) if group.recipe is not None else ()
    if any(name.startswith("the total of") for name in names):
        found.add("totals")
    if len(names) > 1 or not names:
        found.add("differencing" if front.is_network else "three_geographies")
    return frozenset(found or {"published"})


def _sentence(front: Front, group: UnsafeGroup, used: list[tuple[str, Known, int]]) -> str:
    """Return the recipe in words, with how its numbers are known that are printed nowhere."""
    if (
        len(used) == 1
        and group.recipe is not None
        and (group.recipe.add, group.recipe.subtract) == ((used[0][0],), ())
    ):
        called, known, at = used[0]
        return f"{_capital(called)} is {_between(group)}, as is known by {known.reason(at).recipe}."
    if group.recipe is None:
        said = "Solve all published numbers of " + ", ".join(sorted(front.count.known)) + " together."
    else:
        said = str(group.recipe)
    ways = [(called, known.reason(at).recipe) for called, known, at in used if not known.printed[at]]
    hidden = [(called, how) for called, how in ways if how]
    for called, how in hidden[:_SHOWN]:
        said += f" {_capital(called)} is known by {how}."
    if len(hidden) > _SHOWN:
        said += f" {len(hidden) - _SHOWN} more are known in such ways."
    return said


def _between(group: UnsafeGroup) -> str:
    return f"{group.lower}" if group.lower == group.upper else f"{group.lower} to {group.upper}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def tighten(front: Front) -> None:
    """Know of hidden areas what adding and subtracting over all kinds of areas tells."""
    if not front.is_network:
        return
    for place, chain in enumerate(front.atoms.chains):
        start = 0
        for name in chain.names:
            known = front.count.known[name]
            hidden = np.flatnonzero(~known.exact)[:_MOST_BOUNDED]
            lower, upper = area_bounds(front.published, place, front.table, areas=hidden + start)
            ends = lower.astype(float), np.where(upper >= NO_LIMIT, np.inf, upper.astype(float))
            known.narrow(hidden, *ends, attack="differencing", recipe=f"all numbers of {front.count.name}")
            start += len(known.lower)


def _hidden_rows(
    front: Front,
    evidence: Evidence,
    hidden: Mapping[str, NDArray[np.bool_]],
    unsafe: Container[tuple[str, str]],
) -> Iterator[Row]:
    """Yield what can be proved of hidden areas that are safe."""
    for name, known in front.count.known.items():
        for at in np.flatnonzero(hidden[name])[:_MOST_BOUNDED].tolist():
            area = front.atoms.area_ids[name][at]
            if (name, area) not in unsafe:
                ends, how = (float(known.lower[at]), float(known.upper[at])), known.reason(at).recipe
                where = evidence.place(int(known.place[at]))
                yield Row(front.count.name, name, area, *ends, True, "count", how, where)


def _upper(count: int) -> float:
    return float("inf") if count >= NO_LIMIT else float(count)
