"""Groups of people that are disclosed: what an attacker can prove to be few, and how."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo.disclosure.prove.augment import below, in_time, move_edges, new_search
from lea_geo.disclosure.prove.flow import base_flow
from lea_geo.disclosure.prove.groups import Found, UnsafeGroup
from lea_geo.disclosure.prove.joint import loose_atoms, sets_beyond_cuts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from lea_geo.disclosure.prove.network import Network
    from lea_geo.disclosure.published import Published

__all__ = ["Unsafe", "UnsafeGroup", "unsafe_groups"]

MANY = 5_000
"""Of a given table with more small atoms that may change, a table with fewer is sought: each is a search."""


@dataclass(frozen=True)
class Unsafe:
    """All unsafe groups that were found: none, exactly where what is published is safe."""

    groups: Sequence[UnsafeGroup]
    """The smallest first; of very many, each is made when it is asked for."""
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
        How long all of it may take; atoms that this leaves open are returned as not proved.

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
    until = time.monotonic() + seconds
    net, flow = _sparse_flow(published, counts, k)
    stuck, left = _stuck(net, _candidates(published, flow, k, zero), flow, k, until)
    found = Found(published, flow, k)
    left = np.concatenate([left, _add_cuts(found, net, stuck, until, subsets=zero == "safe")])
    small = stuck[stuck < published.n_atoms]
    if zero == "safe" and not np.all(found.covered[small]):
        decided = np.flatnonzero(found.covered)
        for one in sets_beyond_cuts(published, net, flow, k, small, decided, until=until):
            atoms = tuple(one.atoms.tolist())
            found.add(UnsafeGroup(atoms, one.lower, one.upper, None, proved=one.proved))
    return Unsafe(_with_open(found, left), k, zero)


def _sparse_flow(
    published: Published, counts: NDArray[np.int64] | None, k: int
) -> tuple[Network, NDArray[np.int64]]:
    """Return the network and a table that agrees: the given one, or that of fewest people where it has many.

    The table that is computed starts from the least of everything and so leaves few atoms with few people;
    true counts leave most atoms of a country with few, and each of them is looked at.
    """
    net, flow = base_flow(published, counts)
    small = loose_atoms(net, published.n_atoms) & (flow[: published.n_atoms] >= 1)
    if counts is not None and np.count_nonzero(small & (flow[: published.n_atoms] < k)) > MANY:
        return base_flow(published, None)
    return net, flow


def _add_cuts(
    found: Found, net: Network, stuck: NDArray[np.int64], until: float, *, subsets: bool
) -> NDArray[np.int64]:
    """Add what the cuts of stuck edges tell; return the edges for which there was no time."""
    done, search = 0, new_search(net)
    for some in in_time(stuck, until):
        least = move_edges(net, found.flow, some, np.zeros(len(some), dtype=np.int64), search)
        found.add_cuts(some, least, subsets=subsets)
        done += len(some)
    return stuck[done:]


def _with_open(found: Found, left: NDArray[np.int64]) -> Sequence[UnsafeGroup]:
    """Return what was found, and as one group the atoms that there was no time for."""
    atoms = np.zeros(len(found.covered), dtype=np.bool_)
    found.mark(left, atoms)
    atoms &= ~found.covered
    if np.any(atoms):
        members = tuple(np.flatnonzero(atoms).tolist())
        found.add(UnsafeGroup(members, 0, found.k - 1, None, proved=False))
    return found.groups()


def _candidates(published: Published, flow: NDArray[np.int64], k: int, zero: str) -> NDArray[np.int64]:
    """Return the edges that hold few in the table: all others are safe."""
    if zero == "safe":
        return np.flatnonzero((flow >= 1) & (flow < k))
    somebody = np.minimum(published.upper, 1)
    people = np.concatenate([somebody, *(family.totals(somebody) for family in published.families)])
    return np.flatnonzero((people > 0) & (flow < k))


def _stuck(
    net: Network, edges: NDArray[np.int64], flow: NDArray[np.int64], k: int, until: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the edges that no table raises to k, areas only where some atom is; and those left."""
    is_atom = edges < len(flow) - (len(net.first) - 2)  # each node but the root is an area
    atoms, left = below(net, flow, edges[is_atom], k, until)
    asked = edges[~is_atom] if len(atoms) or len(left) else edges[:0]
    areas, left_areas = below(net, flow, asked, k, until)
    return np.concatenate([atoms, areas]), np.concatenate([left, left_areas])
