"""Tables in which small atoms hold enough, as a few moves on a base table; one in which all others are 0."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from lea_geo._compiled import compiled
from lea_geo.disclosure.prove.augment import Search, move_edge, new_search, put_back
from lea_geo.disclosure.prove.cuts import with_room
from lea_geo.disclosure.prove.flow import base_flow
from lea_geo.disclosure.prove.joint import joint_zero
from lea_geo.disclosure.prove.network import MOST_FAMILIES, Network
from lea_geo.disclosure.published import ROOT, Family

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from lea_geo.disclosure.published import Published


class Witnesses:
    """Witnesses while they are gathered: which atoms hold k or more in some table."""

    def __init__(self, published: Published, k: int, base: NDArray[np.int64]) -> None:
        self.published, self.k, self.base = published, k, base
        self.lifted = base >= k
        self.moves: list[NDArray[np.int64]] = []
        """Each a table: atom, by how much it differs from the base, the next atom, ..."""

    def lift(self, atoms: NDArray[np.int64]) -> None:
        """Seek a witness for each of some atoms that no witness lifts yet."""
        for view in networks(self.published, self.base):
            net, flow = base_flow(view, self.base)
            asked = atoms[~self.lifted[atoms]]
            first, moves = _lift(net, flow, asked, self.k, len(self.base), self.lifted, new_search(net))
            self.moves += np.split(moves, 2 * first[1:-1])[: len(first) - 1]

    def add(self, table: NDArray[np.int64]) -> None:
        """Take any table that agrees as a witness."""
        moved = np.flatnonzero(table != self.base)
        self.lifted |= table >= self.k
        self.moves.append(np.column_stack([moved, (table - self.base)[moved]]).ravel())

    def zero_table(self) -> NDArray[np.int64]:
        """Return a table in which as many atoms as can be, of those that nothing lifts, are 0 at once.

        An atom of 0 that the table fills is lifted then, or is to be 0 too.
        """
        table, idle = self.base, np.flatnonzero(~self.lifted & (self.base > 0))
        while np.any(idle):
            table = self._zero_jointly(idle)
            filled = np.flatnonzero(~self.lifted & (self.base == 0) & (table > 0) & (table < self.k))
            self.lift(filled)
            more = filled[~self.lifted[filled]]
            if not len(more):
                break
            idle = np.append(idle, more)
        return table

    def _zero_jointly(self, idle: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the table with most of some atoms at 0, of those that each network finds."""
        tables = []
        for view in networks(self.published, self.base):
            net, flow = base_flow(view, self.base)
            tables.append(joint_zero(net, flow, idle)[: len(self.base)])
        return min(tables, key=lambda table: np.count_nonzero(table[idle]))


def networks(published: Published, base: NDArray[np.int64]) -> Iterator[Published]:
    """Yield what is published as networks: itself, or for more than two families one family at a time.

    What the other families cut together is then one family of pieces, each kept at what it holds in the base
    table: fewer tables agree with that, and all of these agree with what is published.
    """
    if len(published.families) <= MOST_FAMILIES:
        yield published
        return
    for at, family in enumerate(published.families):
        others = [one.leaf for number, one in enumerate(published.families) if number != at]
        pieces, leaf = np.unique(np.column_stack(others), axis=0, return_inverse=True)
        frozen = Family(
            name="pieces",
            leaf=leaf.ravel().astype(np.int64),
            parent=np.full(len(pieces), ROOT, dtype=np.int64),
            lower=(held := np.bincount(leaf.ravel(), base, len(pieces)).astype(np.int64)),
            upper=held,
            ids=tuple(map(str, range(len(pieces)))),
        )
        yield replace(published, families=(family, frozen))


@compiled
def _lift(
    net: Network,
    base: np.ndarray,
    atoms: np.ndarray,
    k: int,
    n_atoms: int,
    lifted: np.ndarray,
    search: Search,
) -> tuple[np.ndarray, np.ndarray]:
    """Write a witness for each atom that none before it lifts; mark all that it lifts."""
    flow = base.copy()
    first, count, end = np.zeros(len(atoms) + 1, np.int64), 0, 0
    moves = np.empty(16 * len(atoms) + 64, np.int64)
    for atom in atoms:
        if lifted[atom]:
            continue
        if move_edge(net, flow, atom, k, search) >= k:
            moves = with_room(moves, end, 2 * search.tally[0])
            for e in search.changed[: search.tally[0]]:
                if e < n_atoms and flow[e] != base[e]:
                    moves[end], moves[end + 1] = e, flow[e] - base[e]
                    end += 2
                    lifted[e] |= flow[e] >= k
            count += 1
            first[count] = end // 2
        put_back(flow, base, search)
    return first[: count + 1], moves[:end]
