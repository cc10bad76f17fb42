"""What an attacker can prove of each atom, area and group of atoms: exact for one family or two."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lea_geo._checks.disclosure_bounds import check_counts, check_families
from lea_geo.disclosure.augment import ENDLESS, move_edges, new_search
from lea_geo.disclosure.flow import feasible_counts
from lea_geo.disclosure.network import Network, build_network, edge_flows, settle
from lea_geo.disclosure.published import NO_LIMIT

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from lea_geo.disclosure.published import Published


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


def base_flow(published: Published, counts: NDArray[np.int64] | None) -> tuple[Network, NDArray[np.int64]]:
    """Return the network over what can still change, and the count of each edge in a table that agrees."""
    check_families(len(published.families))
    found = feasible_counts(published) if counts is None else np.asarray(counts, dtype=np.int64)
    agrees = found is None or (len(found) == published.n_atoms and published.agrees(found))
    counts = check_counts(found, agrees=agrees)
    net, flow = build_network(published), edge_flows(published, counts)
    free = settle(net, flow.copy(), np.zeros(len(net.first) - 1, dtype=np.int64))
    return net.restricted(free), flow
