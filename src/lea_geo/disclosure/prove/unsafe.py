"""Groups of people that are disclosed: what an attacker can prove to be few, and how."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo._compiled import compiled
from lea_geo.disclosure.prove.augment import move_edges, new_search
from lea_geo.disclosure.prove.cuts import Cuts, find_cuts
from lea_geo.disclosure.prove.flow import base_flow
from lea_geo.disclosure.prove.joint import sets_beyond_cuts
from lea_geo.disclosure.prove.network import Network, build_network, edge_name
from lea_geo.disclosure.prove.recipe import Recipe
from lea_geo.disclosure.published import NO_LIMIT, ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from lea_geo.disclosure.published import Published


@dataclass(frozen=True)
class UnsafeGroup:
    """People in some atoms together, of whom somebody can prove that they are few."""

    atoms: tuple[int, ...]
    """Positions of the atoms."""
    lower: int
    """What can be proved at least."""
    upper: int
    """What can be proved at most."""
    recipe: Recipe | None
    """The numbers that prove the upper bound; None where a program proves it and no single sum does."""
    floor: Recipe | None = None
    """The numbers that prove the lower bound, where the recipe alone does not."""
    proved: bool = True
    """False: nothing proved it safe in the time there was, and so it counts as unsafe."""


@dataclass(frozen=True)
class Unsafe:
    """All unsafe groups that were found: none, exactly where what is published is safe."""

    groups: tuple[UnsafeGroup, ...]
    """The smallest first."""
    minimum_count: int
    zero: str

    @property
    def safe(self) -> bool:
        """Whether no group is unsafe, and none is open."""
        return not self.groups

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a group: atoms, lower, upper, recipe, proved."""
        columns = ("atoms", "lower", "upper", "recipe", "proved")
        rows = [[getattr(group, column) for column in columns] for group in self.groups]
        return pd.DataFrame(rows, columns=list(columns))


def unsafe_groups(
    published: Published,
    k: int,
    counts: NDArray[np.int64] | None = None,
    *,
    zero: str = "safe",
    seconds: float = 60.0,
) -> Unsafe:
    """Return groups of atoms of which it can be proved that they hold 1 to k - 1 people.

    Of a table x that agrees, only atoms and areas with 1 <= x <= k - 1 are looked at. One that cannot be
    raised to k is stopped by a minimum cut, whose unpublished edges are a group with an exactly known total.
    Where known populations or intervals cap a cut, sets of atoms are sought by integer programming
    (``joint``). Which groups beyond atoms and areas are found depends on the table; whether any is does not.

    Parameters
    ----------
    k
        The minimum count, 2 or more.
    counts
        Any table that agrees with what is published; computed where left out.
    zero
        ``"safe"``: a group that is provably empty discloses nobody. ``"hidden"``: a group is unsafe if it can
        be proved to hold fewer than k, unless its known population is 0.
    seconds
        How long integer programs may take in all; what they leave open is returned as not proved.

    Returns
    -------
    Unsafe
        Every unsafe atom and every unsafe area, with exact bounds; and of the groups that are neither, at
        least the one of each cut, with the bounds that its recipe proves. Empty if and only if no union of
        atoms is unsafe.

    Raises
    ------
    ValuesError
        As for :func:`lea_geo.disclosure.prove.bounds.atom_bounds`.
    """
    net, flow = base_flow(published, counts)
    edges = _stuck(net, _candidates(published, flow, k, zero), flow, k)
    found = _Found(published, flow, k)
    if len(edges):
        least = move_edges(net, flow, edges, np.zeros(len(edges), dtype=np.int64), new_search(net))
        found.add_all(edges, least, subsets=zero == "safe")
    if found.unresolved and zero == "safe":
        decided = np.unique([atom for atoms in found.groups for atom in atoms]).astype(np.int64)
        for one in sets_beyond_cuts(published, net, flow, k, decided, seconds=seconds):
            atoms = tuple(one.atoms.tolist())
            found.add(UnsafeGroup(atoms, one.lower, one.upper, None, proved=one.proved))
    groups = sorted(found.groups.values(), key=lambda group: (group.upper, len(group.atoms), group.atoms))
    return Unsafe(tuple(groups), k, zero)


def _candidates(published: Published, flow: NDArray[np.int64], k: int, zero: str) -> NDArray[np.int64]:
    """Return the edges that hold few in the table: all others are safe."""
    if zero == "safe":
        return np.flatnonzero((flow >= 1) & (flow < k))
    somebody = np.minimum(published.upper, 1)
    people = np.concatenate([somebody, *(family.totals(somebody) for family in published.families)])
    return np.flatnonzero((people > 0) & (flow < k))


def _stuck(net: Network, edges: NDArray[np.int64], flow: NDArray[np.int64], k: int) -> NDArray[np.int64]:
    """Return the edges that no table that agrees raises to k; areas only where some atom is."""
    atoms = edges[edges < len(flow) - (len(net.first) - 2)]  # each node but the root is an area
    goal = np.full(len(edges), k, dtype=np.int64)
    search = new_search(net)
    stuck = atoms[move_edges(net, flow, atoms, goal[: len(atoms)], search) < k]
    areas = edges[len(atoms) :] if len(stuck) else edges[:0]
    return np.concatenate([stuck, areas[move_edges(net, flow, areas, goal[: len(areas)], search) < k]])


class _Found:
    """Unsafe groups while they are gathered, each once."""

    def __init__(self, published: Published, flow: NDArray[np.int64], k: int) -> None:
        self.published, self.net, self.flow, self.k = published, build_network(published), flow, k
        self.groups: dict[tuple[int, ...], UnsafeGroup] = {}
        self.unresolved: set[int] = set()
        self._under = _Under(published)

    def add(self, group: UnsafeGroup) -> None:
        """Keep a group, with the narrower bounds where it is known already."""
        known = self.groups.get(group.atoms)
        if known is None or group.upper - group.lower < known.upper - known.lower:
            self.groups[group.atoms] = group

    def add_all(self, edges: NDArray[np.int64], least: NDArray[np.int64], *, subsets: bool) -> None:
        """Add what the cuts of stuck edges disclose; ``least``: how few each can hold."""
        cuts = find_cuts(self.net, self.flow, edges, self.k)
        alone = least >= 1 if subsets else np.ones(len(edges), dtype=np.bool_)
        where = np.flatnonzero(alone & (least < cuts.reached))
        floors = dict(zip(where.tolist(), self._floors(edges[where]), strict=True))
        for at, edge in enumerate(edges.tolist()):
            if alone[at]:
                recipe = self._recipe(*cuts.of(at))
                low, high = int(least[at]), int(cuts.reached[at])
                self.add(UnsafeGroup(self._under(edge), low, high, recipe, floors.get(at)))
            if subsets:
                self._add_cut(edge, cuts, at)
        covered = {atom for atoms in self.groups for atom in atoms}
        self.unresolved = {e for e in edges.tolist() if e < self.published.n_atoms} - covered

    def _add_cut(self, edge: int, cuts: Cuts, at: int) -> None:
        """Add the edge with all else that its cut does not tell apart from it."""
        plus, minus = cuts.of(at)
        loose = minus[self.net.lower[minus] < self.net.upper[minus]]
        told = self._recipe(plus, minus[self.net.lower[minus] == self.net.upper[minus]])
        if told.lower < 1 or told.upper >= self.k:
            return
        parts = [atom for one in (edge, *loose.tolist()) for atom in self._under(one)]
        members = tuple(sorted(set(parts)))
        lower = told.lower if len(members) == len(parts) else -(-told.lower // max(Counter(parts).values()))
        self.add(UnsafeGroup(members, lower, told.upper, told))

    def _floors(self, edges: NDArray[np.int64]) -> Iterator[Recipe]:
        cuts = find_cuts(self.net, self.flow, edges, 0)
        for at in range(len(edges)):
            yield self._recipe(*cuts.of(at))

    def _recipe(self, plus: NDArray[np.int64], minus: NDArray[np.int64]) -> Recipe:
        net = self.net
        unbound = [bool(np.any(net.upper[side] >= NO_LIMIT)) for side in (plus, minus)]
        upper = NO_LIMIT if unbound[0] else int(net.upper[plus].sum() - net.lower[minus].sum())
        lower = 0 if unbound[1] else int(net.lower[plus].sum() - net.upper[minus].sum())
        add, less = (tuple(edge_name(self.published, e) for e in side.tolist()) for side in (plus, minus))
        return Recipe(add, less, max(lower, 0), upper)


class _Under:
    """The atoms under each edge."""

    def __init__(self, published: Published) -> None:
        self._n = published.n_atoms
        self._trees = [
            _lay_tree(family.leaf, family.parent, family.totals(np.ones(self._n, dtype=np.int64)))
            for family in published.families
        ]

    def __call__(self, edge: int) -> tuple[int, ...]:
        """Return the atoms' positions, sorted."""
        if edge < self._n:
            return (edge,)
        area = edge - self._n
        for order, first, size in self._trees:
            if area < len(first):
                return tuple(np.sort(order[first[area] : first[area] + size[area]]).tolist())
            area -= len(first)
        raise IndexError(edge)


@compiled
def _lay_tree(
    leaf: np.ndarray, parent: np.ndarray, size: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the atoms in an order in which those of each area are neighbours, and where each area starts."""
    first, place, top = np.zeros(len(parent), np.int64), np.zeros(len(parent), np.int64), 0
    for area in range(len(parent) - 1, -1, -1):  # a parent comes after its children
        above = parent[area]
        if above == ROOT:
            first[area] = top
            top += size[area]
        else:
            first[area] = place[above]
            place[above] += size[area]
        place[area] = first[area]
    order = np.empty(len(leaf), np.int64)
    for atom in range(len(leaf)):
        order[place[leaf[atom]]] = atom
        place[leaf[atom]] += 1
    return order, first, size
