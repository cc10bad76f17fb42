"""What cuts do not decide: sets of atoms, where known populations and intervals cap what each atom can hold.

Let N be the atoms that no table raises to k: only sets within N can be unsafe. If all of N can be 0 at once,
none is. Otherwise a set is sought that holds 1 to k - 1 in every table known so far; the tables in which it
holds fewest and most are computed, and join the known ones where they show it safe. This ends: either with a
set that is unsafe, or with none left, which is exact for any number of families (constraint generation).
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import optimize

from lea_geo._compiled import compiled
from lea_geo.disclosure.prove.augment import Search, below, in_time, move_edge, new_search
from lea_geo.disclosure.prove.integer import build_rows, split

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from lea_geo.disclosure.prove.integer import Rows
    from lea_geo.disclosure.prove.network import Network
    from lea_geo.disclosure.published import Published


MOST_ATOMS = 20_000
"""In larger parts one program takes minutes, and many would be needed."""


class Set(NamedTuple):
    """A set of atoms that holds from ``lower`` to ``upper`` in all tables, or that nothing decided."""

    atoms: NDArray[np.int64]
    lower: int
    upper: int
    proved: bool


def sets_beyond_cuts(
    published: Published,
    net: Network,
    flow: NDArray[np.int64],
    k: int,
    stuck: NDArray[np.int64],
    decided: NDArray[np.int64],
    *,
    until: float,
) -> Iterator[Set]:
    """Yield unsafe sets until each atom that holds somebody in the joint zero table is in one or in none.

    An unsafe set holds such an atom: in that table the other atoms, which no table raises to k, are empty.

    Parameters
    ----------
    net, flow
        As :func:`lea_geo.disclosure.prove.flow.base_flow` gives them.
    stuck
        Positions of the atoms that hold 1 to k - 1 and that no table raises to k.
    decided
        Positions of atoms that are in a known unsafe set, for which none is sought.
    until
        When it is late, by the clock of :func:`time.monotonic`; what is then open is yielded as not proved.
    """
    loose = loose_atoms(net, published.n_atoms)
    stuck = stuck[loose[stuck]]
    empty = np.flatnonzero(loose & (flow[: published.n_atoms] == 0))
    few, done = _jointly(net, flow, stuck, empty, until)
    if done and not np.any(few[stuck] > 0):
        return  # though all that is empty stays so, whether it can be raised or not
    low = np.sort(np.concatenate([stuck, *below(net, flow, empty, k, until)]))
    table, _ = _jointly(net, flow, stuck, np.setdiff1d(low, stuck), until)
    asked = np.setdiff1d(low[table[low] > 0], decided)
    if len(asked):
        rows = build_rows(published).known(np.flatnonzero(~loose), flow[: published.n_atoms])
        for atoms in split(rows, asked):
            inside, left = np.isin(atoms, low), np.isin(atoms, asked)
            if len(atoms) > MOST_ATOMS or time.monotonic() > until:
                yield Set(atoms[left], 0, k - 1, proved=False)
            else:
                yield from _sets_in_part(rows.part(atoms), atoms, inside, left, k, flow[atoms], until)


def loose_atoms(net: Network, n_atoms: int) -> NDArray[np.bool_]:
    """Return whether each atom may take more than one count."""
    loose = (net.tail == net.head) & (net.lower < net.upper)
    loose[net.arcs >> 1] = True
    return np.asarray(loose[:n_atoms], dtype=np.bool_)


def joint_zero(net: Network, flow: NDArray[np.int64], atoms: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the count of each edge in a table in which as many of some atoms as can be are 0 at once.

    One atom after another is lowered and then kept at 0. Where all of them can be 0 at once, all of them are.
    """
    empty = flow[atoms] == 0
    return _jointly(net, flow, atoms[~empty], atoms[empty], np.inf)[0]


def _jointly(
    net: Network, flow: NDArray[np.int64], atoms: NDArray[np.int64], empty: NDArray[np.int64], until: float
) -> tuple[NDArray[np.int64], bool]:
    """Return the table with atoms lowered one by one and others kept empty, and whether there was time."""
    few, done = net._replace(upper=net.upper.copy()), 0
    few.upper[empty] = 0
    table, search = flow.copy(), new_search(net)
    for some in in_time(atoms, until):
        _lower_jointly(few, table, some, search)
        done += len(some)
    return table, done == len(atoms)


@compiled
def _lower_jointly(net: Network, flow: np.ndarray, edges: np.ndarray, search: Search) -> None:
    """Bring one edge after another to 0 and keep it there; where it cannot be 0, put all back."""
    for e in edges:
        before = flow[e]
        if move_edge(net, flow, e, 0, search) == 0:
            net.upper[e] = 0
        else:
            move_edge(net, flow, e, before, search)


def _sets_in_part(
    part: Rows,
    atoms: NDArray[np.int64],
    inside: NDArray[np.bool_],
    left: NDArray[np.bool_],
    k: int,
    base: NDArray[np.int64],
    until: float,
) -> Iterator[Set]:
    """Yield the unsafe sets of one part of the network, as :func:`sets_beyond_cuts`."""
    known = [base, *(part.extreme(np.where(inside, sign, 0.0), until)[0] for sign in (1.0, -1.0))]
    tables = [one for one in known if one is not None]
    while np.any(left):
        chosen = _choose(np.array(tables)[:, inside], left[inside], k, until)
        if chosen is None:
            return
        members = np.flatnonzero(inside)[chosen]
        costs = np.zeros(len(atoms))
        costs[members] = 1.0
        ends = [part.extreme(sign * costs, until) for sign in (1.0, -1.0)]
        found = [table for table, done in ends if done and table is not None]
        if len(found) < len(ends) or len(chosen) == 0:
            yield Set(atoms[left], 0, k - 1, proved=False)
            return
        held = [int(table[members].sum()) for table in found]
        if held[0] >= 1 and held[1] < k:
            yield Set(np.sort(atoms[members]), held[0], held[1], proved=True)
            left[members] = False
        tables += found


def _choose(
    tables: NDArray[np.int64], asked: NDArray[np.bool_], k: int, until: float
) -> NDArray[np.int64] | None:
    """Return the fewest atoms that hold 1 to k - 1 in all tables and one that is asked for.

    None: there are none. Empty: there was no time to tell.
    """
    rows = np.vstack([np.unique(tables, axis=0), asked])
    most = np.full(len(rows), k - 1.0)
    most[-1] = np.inf
    found = optimize.milp(
        np.ones(tables.shape[1]),
        integrality=np.ones(tables.shape[1], dtype=np.int64),
        bounds=optimize.Bounds(0, 1),
        constraints=optimize.LinearConstraint(rows.astype(np.float64), np.ones(len(rows)), most),
        options={"time_limit": max(until - time.monotonic(), 0.01)},
    )
    if found.x is not None:
        return np.flatnonzero(np.rint(found.x))
    return None if found.status == 2 else np.zeros(0, dtype=np.int64)
