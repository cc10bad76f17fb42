"""Unsafe groups while they are gathered: most are a cut each, and are made where somebody asks for them.

Of a release that nothing protects hundreds of thousands are found. What is known of each atom or area that is
unsafe by itself stays in arrays; sets that a cut does not tell apart, and those of programs, are few.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, overload

import numpy as np

from lea_geo._compiled import compiled
from lea_geo.disclosure.prove.cuts import Cuts, find_cuts
from lea_geo.disclosure.prove.network import build_network, edge_name
from lea_geo.disclosure.prove.recipe import Recipe
from lea_geo.disclosure.published import NO_LIMIT, ROOT

if TYPE_CHECKING:
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


class _Alone(NamedTuple):
    """Edges that are unsafe by themselves, with the cuts that stop them; one for the same atoms."""

    edge: NDArray[np.int64]
    lower: NDArray[np.int64]
    upper: NDArray[np.int64]
    size: NDArray[np.int64]
    first_atom: NDArray[np.int64]
    batch: NDArray[np.int64]
    """Which list of cuts holds the edge's."""
    at: NDArray[np.int64]
    """Its place there."""

    def of(self, rows: NDArray[np.int64]) -> _Alone:
        """Return some of the edges."""
        return _Alone(*(column[rows] for column in self))


class Groups(Sequence[UnsafeGroup]):
    """Unsafe groups, the smallest first; each is made when it is asked for."""

    def __init__(self, found: Found, alone: _Alone) -> None:
        self._found, self._alone = found, alone
        made = list(found.made.values())
        firsts = [
            np.concatenate([column, np.array(more, dtype=np.int64)])
            for column, more in (
                (alone.upper, [group.upper for group in made]),
                (alone.size, [len(group.atoms) for group in made]),
                (alone.first_atom, [group.atoms[0] for group in made]),
            )
        ]
        self._made = made
        self._order = np.lexsort(firsts[::-1])

    def __len__(self) -> int:
        """Return how many groups there are."""
        return len(self._order)

    @overload
    def __getitem__(self, at: int) -> UnsafeGroup: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[UnsafeGroup, ...]: ...
    def __getitem__(self, at: int | slice) -> UnsafeGroup | tuple[UnsafeGroup, ...]:
        """Return a group, or some."""
        if isinstance(at, slice):
            return tuple(self._make(one) for one in self._order[at].tolist())
        return self._make(int(self._order[at]))

    def _make(self, at: int) -> UnsafeGroup:
        n = len(self._alone.edge)
        return self._made[at - n] if at >= n else self._found.group_of(self._alone, at)


class Found:
    """Unsafe groups while they are gathered, each once."""

    def __init__(self, published: Published, flow: NDArray[np.int64], k: int) -> None:
        self.published, self.flow, self.k = published, flow, k
        self.net = build_network(published)
        self._whole = self.net.whole()
        self.made: dict[tuple[int, ...], UnsafeGroup] = {}
        self.covered = np.zeros(published.n_atoms, dtype=np.bool_)
        """Atoms that are in some group."""
        self._under = Under(published)
        self._cuts: list[Cuts] = []
        self._floors: list[tuple[NDArray[np.int64], Cuts]] = []
        self._alone: list[tuple[NDArray[np.int64], ...]] = []

    def mark(self, edges: NDArray[np.int64], atoms: NDArray[np.bool_]) -> None:
        """Mark the atoms under some edges."""
        self._under.mark(edges, atoms)

    def add(self, group: UnsafeGroup) -> None:
        """Keep a group, with the narrower bounds where it is known already."""
        known = self.made.get(group.atoms)
        if known is None or group.upper - group.lower < known.upper - known.lower:
            self.made[group.atoms] = group
        self.covered[list(group.atoms)] = True

    def add_cuts(self, edges: NDArray[np.int64], least: NDArray[np.int64], *, subsets: bool) -> None:
        """Add what the cuts of stuck edges disclose; ``least``: how few each can hold."""
        cuts = find_cuts(self.net, self._whole, self.flow, edges, self.k)
        alone = np.flatnonzero(least >= 1) if subsets else np.arange(len(edges))
        wide = alone[least[alone] < cuts.reached[alone]]
        batch = np.full(len(alone), len(self._cuts), dtype=np.int64)
        self._cuts.append(cuts)
        self._floors.append((wide, find_cuts(self.net, self._whole, self.flow, edges[wide], 0)))
        self._alone.append((edges[alone], least[alone], cuts.reached[alone], batch, alone))
        self._under.mark(edges[alone], self.covered)
        if subsets:
            for at in self._that_tell_more(cuts).tolist():
                self._add_cut(int(edges[at]), cuts, at)

    def groups(self) -> Groups:
        """Return all that was found."""
        edge, lower, upper, batch, at = (
            np.concatenate([np.zeros(0, dtype=np.int64), *parts])
            for parts in (zip(*self._alone, strict=True) if self._alone else [[]] * 5)
        )
        size, first, mark = self._under.told(edge)
        _, kept = np.unique(np.column_stack([size, first, mark]), axis=0, return_index=True)
        alone = _Alone(edge, lower, upper, size, first, batch, at).of(np.sort(kept))
        return Groups(self, self._narrower(alone))

    def _narrower(self, alone: _Alone) -> _Alone:
        """Leave out what is among the made groups too: of the two, the one with the wider bounds."""
        if not self.made:
            return alone
        kept = np.ones(len(alone.edge), dtype=np.bool_)
        sizes = np.unique([len(atoms) for atoms in self.made])
        firsts = np.unique([atoms[0] for atoms in self.made])
        for at in np.flatnonzero(np.isin(alone.size, sizes) & np.isin(alone.first_atom, firsts)).tolist():
            known = self.made.get(self._under(int(alone.edge[at])))
            if known is not None and known.upper - known.lower < alone.upper[at] - alone.lower[at]:
                kept[at] = False
            elif known is not None:
                del self.made[known.atoms]
        return alone.of(np.flatnonzero(kept))

    def group_of(self, alone: _Alone, row: int) -> UnsafeGroup:
        """Return the group of an edge that is unsafe by itself."""
        edge, lower, upper, batch, at = (
            int(column[row]) for column in (alone.edge, alone.lower, alone.upper, alone.batch, alone.at)
        )
        floor = None
        if lower < upper:
            wide, cuts = self._floors[batch]
            floor = self._recipe(*cuts.of(int(np.searchsorted(wide, at))))
        return UnsafeGroup(self._under(edge), lower, upper, self._recipe(*self._cuts[batch].of(at)), floor)

    def _that_tell_more(self, cuts: Cuts) -> NDArray[np.int64]:
        """Return which cuts tell of a set that is not their edge alone: some that they subtract is hidden."""
        hidden = (cuts.terms & 1 == 1) & (self.net.lower < self.net.upper)[cuts.terms >> 1]
        sums = np.concatenate([[0], np.cumsum(hidden)])
        return np.flatnonzero(sums[cuts.first[1:]] > sums[cuts.first[:-1]])

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

    def _recipe(self, plus: NDArray[np.int64], minus: NDArray[np.int64]) -> Recipe:
        net = self.net
        unbound = [bool(np.any(net.upper[side] >= NO_LIMIT)) for side in (plus, minus)]
        upper = NO_LIMIT if unbound[0] else int(net.upper[plus].sum() - net.lower[minus].sum())
        lower = 0 if unbound[1] else int(net.lower[plus].sum() - net.upper[minus].sum())
        add, less = (tuple(edge_name(self.published, e) for e in side.tolist()) for side in (plus, minus))
        return Recipe(add, less, max(lower, 0), upper)


class Under:
    """The atoms under each edge."""

    def __init__(self, published: Published) -> None:
        self._n = published.n_atoms
        self._families = published.families
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

    def mark(self, edges: NDArray[np.int64], atoms: NDArray[np.bool_]) -> None:
        """Mark the atoms under some edges."""
        atoms[edges[edges < self._n]] = True
        before = self._n
        for family, (order, first, size) in zip(self._families, self._trees, strict=True):
            areas = edges[(edges >= before) & (edges < before + len(family.parent))] - before
            ends = np.zeros(len(order) + 1, dtype=np.int64)
            np.add.at(ends, first[areas], 1)
            np.add.at(ends, first[areas] + size[areas], -1)
            atoms[order[np.cumsum(ends[:-1]) > 0]] = True
            before += len(family.parent)

    def told(
        self, edges: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Return how many atoms each edge holds, the first of them, and a mark that sets do not share.

        The mark is the sum of a random number of 63 bits for each atom, the same every time.
        """
        marks = np.random.default_rng(0).integers(2**63 - 1, size=self._n)
        ones = [np.ones(self._n, dtype=np.int64), *(size for _, _, size in self._trees)]
        firsts, sums = [np.arange(self._n)], [marks]
        for family, (order, first, size) in zip(self._families, self._trees, strict=True):
            least = np.full(len(family.parent), self._n, dtype=np.int64)
            _lowest_atom(family.leaf, family.parent, least)
            firsts.append(least)
            upto = np.concatenate([[0], np.cumsum(marks[order])])
            sums.append(upto[first + size] - upto[first])
        held, lowest, mark = (np.concatenate(parts)[edges] for parts in (ones, firsts, sums))
        return held, lowest, mark


@compiled
def _lowest_atom(leaf: np.ndarray, parent: np.ndarray, lowest: np.ndarray) -> None:
    """Write the first atom of each area."""
    for atom in range(len(leaf)):
        lowest[leaf[atom]] = min(lowest[leaf[atom]], atom)
    for area in range(len(parent)):  # a parent comes after its children
        if parent[area] != ROOT:
            lowest[parent[area]] = min(lowest[parent[area]], lowest[area])


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
