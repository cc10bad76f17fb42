"""What an attacker can prove of each atom, area and group of atoms: exact for one family or two."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from lea_geo.disclosure.prove.augment import ENDLESS, move_edges, new_search
from lea_geo.disclosure.prove.flow import balance, base_flow, feasible_counts, reach, start
from lea_geo.disclosure.prove.integer import bound_groups, build_rows
from lea_geo.disclosure.prove.joint import loose_atoms
from lea_geo.disclosure.prove.network import MOST_FAMILIES, build_network, edge_name
from lea_geo.disclosure.prove.recipe import Recipe
from lea_geo.disclosure.prove.unsafe import Unsafe, UnsafeGroup, unsafe_groups
from lea_geo.disclosure.published import NO_LIMIT, ROOT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from lea_geo.disclosure.published import Family, Published

__all__ = [
    "Recipe",
    "Unsafe",
    "UnsafeGroup",
    "area_bounds",
    "atom_bounds",
    "contradiction",
    "group_bounds",
    "unsafe_groups",
]


def atom_bounds(
    published: Published,
    counts: NDArray[np.int64] | None = None,
    *,
    atoms: ArrayLike | None = None,
    enough: int | None = None,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the least and the most that each atom can hold, by all that is published.

    max x_a = x_a + the largest flow from the atom's area in the one family back to that in the other, in the
    residual graph of any table x that agrees; the least likewise.

    Parameters
    ----------
    counts
        Any table that agrees with what is published; computed where left out. The bounds do not depend on it.
    atoms
        Positions of the atoms asked for; all where left out.
    enough
        Stop raising an atom that holds as many: its upper bound is then at least this, and not exact.

    Returns
    -------
    lower, upper
        ``NO_LIMIT`` where nothing bounds an atom from above.

    Raises
    ------
    ValuesError
        There are more than two families, the published numbers contradict each other, or ``counts`` does not
        agree with them.
    """
    asked = np.arange(published.n_atoms) if atoms is None else np.asarray(atoms, dtype=np.int64)
    return _edge_bounds(published, counts, asked, enough)


def area_bounds(
    published: Published,
    family: int,
    counts: NDArray[np.int64] | None = None,
    *,
    areas: ArrayLike | None = None,
    enough: int | None = None,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the least and the most that each area of a family can hold; else as :func:`atom_bounds`.

    Parameters
    ----------
    family
        Position of the family.
    areas
        Positions of the areas asked for; all where left out.
    """
    sizes = [published.n_atoms, *(len(one.parent) for one in published.families)]
    asked = np.arange(sizes[family + 1]) if areas is None else np.asarray(areas, dtype=np.int64)
    return _edge_bounds(published, counts, asked + sum(sizes[: family + 1]), enough)


def _edge_bounds(
    published: Published, counts: NDArray[np.int64] | None, edges: NDArray[np.int64], enough: int | None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    net, flow = base_flow(published, counts)
    lower, upper = flow[edges].copy(), flow[edges].copy()
    loose = np.zeros(len(flow), dtype=np.bool_)
    loose[net.arcs >> 1] = True
    loose |= (net.tail == net.head) & (net.lower < net.upper)
    at = np.flatnonzero(loose[edges])
    search = new_search(net)
    nothing = np.zeros(len(at), dtype=np.int64)
    lower[at] = move_edges(net, flow, edges[at], nothing, search)
    most = np.full(len(at), NO_LIMIT if enough is None else enough, dtype=np.int64)
    upper[at] = move_edges(net, flow, edges[at], np.maximum(most, flow[edges[at]]), search)
    upper[upper >= ENDLESS] = NO_LIMIT
    return lower, upper


def contradiction(published: Published) -> Recipe | None:
    """Return which published numbers contradict each other, None where a table agrees with all of them.

    Returns
    -------
    Recipe
        What the areas to add hold at least is more than those to subtract hold at most, though all of it lies
        in these: nothing may be left, and ``lower`` is left. Of three or more families, the first two that
        contradict each other; where none do, all together.
    """
    for family in published.families:
        wrong = np.flatnonzero(family.lower > family.upper)
        if len(wrong):
            one, least = (family.ids[wrong[0]],), int((family.lower - family.upper)[wrong[0]])
            return Recipe(one, one, least, least)
    for pair in combinations(published.families, min(MOST_FAMILIES, len(published.families))):
        found = _contradiction(replace(published, families=pair))
        if found is not None:
            return found
    if len(published.families) > MOST_FAMILIES and feasible_counts(published) is None:
        return Recipe(tuple(family.name for family in published.families), (), 0, NO_LIMIT)
    return None


def _contradiction(published: Published) -> Recipe | None:
    """Return a set of nodes that more enters than can leave: the minimum cut of what cannot be sent."""
    net = build_network(published)
    flow, excess = start(net)
    wrong = np.flatnonzero(net.lower > net.upper)
    if len(wrong):
        one, least = (edge_name(published, int(wrong[0])),), int((net.lower - net.upper)[wrong[0]])
        return Recipe(one, one, least, least)
    if not balance(net, flow, excess):
        return None
    inside = reach(net, flow, int(np.flatnonzero(excess > 0)[0]))
    enters = np.flatnonzero(~inside[net.tail] & inside[net.head] & (net.lower > 0))
    leaves = np.flatnonzero(inside[net.tail] & ~inside[net.head])
    left = int(net.lower[enters].sum() - net.upper[leaves].sum())
    return Recipe(_names(published, enters), _names(published, leaves), left, left)


def _names(published: Published, edges: NDArray[np.int64]) -> tuple[str, ...]:
    return tuple(edge_name(published, edge) for edge in edges.tolist())


def group_bounds(
    published: Published, groups: Sequence[ArrayLike], counts: NDArray[np.int64] | None = None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the least and the most that each group of atoms can hold together.

    Exact: by flows where one or two families are published and the group is one atom or one area, by integer
    programming over the connected part otherwise (which may take long where a part is large).

    Parameters
    ----------
    groups
        Positions of the atoms of each group.
    counts
        As for :func:`atom_bounds`.
    """
    sets = [np.unique(np.asarray(group, dtype=np.int64)) for group in groups]
    lower, upper = (np.zeros(len(sets), dtype=np.int64) for _ in range(2))
    if len(published.families) > MOST_FAMILIES:
        return bound_groups(build_rows(published), sets)
    net, flow = base_flow(published, counts)
    edge = np.array([_edge_of(published, one) for one in sets], dtype=np.int64)
    alone = np.flatnonzero(edge >= 0)
    lower[alone], upper[alone] = _edge_bounds(published, flow[: published.n_atoms], edge[alone], None)
    mixed = np.flatnonzero(edge < 0)
    if len(mixed):
        fixed = np.flatnonzero(~loose_atoms(net, published.n_atoms))
        rows = build_rows(published).known(fixed, flow)
        lower[mixed], upper[mixed] = bound_groups(rows, [sets[at] for at in mixed])
    return lower, upper


def _edge_of(published: Published, group: NDArray[np.int64]) -> int:
    """Return the edge that holds a group and nothing else, -1 where there is none."""
    if len(group) == 1:
        return int(group[0])
    first = published.n_atoms
    for family in published.families:
        area = _area_of(family, group) if len(group) else ROOT
        if area != ROOT:
            return first + area
        first += len(family.parent)
    return -1


def _area_of(family: Family, group: NDArray[np.int64]) -> int:
    """Return the area that holds exactly these atoms, ``ROOT`` where there is none."""
    at = np.unique(family.leaf[group])
    while len(at) > 1 and at[0] != ROOT:  # the lowest position can be no parent of another
        at = np.unique(np.append(at[1:], family.parent[at[0]]))
    while at[0] != ROOT:
        held = np.count_nonzero(_inside(family, int(at[0])))
        if held >= len(group):
            return int(at[0]) if held == len(group) else ROOT
        at = family.parent[at]
    return ROOT


def _inside(family: Family, area: int) -> NDArray[np.bool_]:
    """Return whether each atom lies in an area."""
    at = family.leaf.copy()
    while np.any(below := at < area):
        at[below] = np.where(family.parent[at[below]] == ROOT, len(family.parent), family.parent[at[below]])
    return np.asarray(at == area, dtype=np.bool_)
