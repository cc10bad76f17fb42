"""Whole tables for a certificate over three families or more: what programs find where flows do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lea_geo.disclosure.prove.many_search import Search

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from lea_geo.disclosure.published import Published

SECONDS = 60.0
"""How long either question may take."""


def raising_tables(
    published: Published, counts: NDArray[np.int64], atoms: NDArray[np.int64], k: int
) -> Iterator[NDArray[np.int64]]:
    """Yield tables that agree and give k or more to those of some atoms for which one is found.

    Parameters
    ----------
    counts
        A table that agrees; the tables differ from it around one atom each.
    """
    if not len(atoms):
        return
    search = Search(published, counts, SECONDS)
    for atom in atoms:
        for block, _ in search.blocks(np.array([atom])):
            answer = search.ask(block, np.array([atom]), k, np.inf)
            if answer.table is not None:
                yield _whole(counts, block.atoms, answer.table)
            if answer.table is not None or answer.impossible:
                break


def emptying_table(
    published: Published, counts: NDArray[np.int64], low: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Return a table that agrees and leaves fewer of the low atoms with somebody, where one is found.

    Parameters
    ----------
    counts
        A table that agrees.
    low
        The atoms that are to be empty at once; those that are stay so.
    """
    atoms = np.flatnonzero(low & (counts > 0))
    if not len(atoms):
        return counts
    search = Search(published, counts, SECONDS)
    for atom in atoms:
        for block, _ in search.blocks(np.array([atom])) if search.counts[atom] else ():
            table = search.ask(block, block.atoms[low[block.atoms]], -np.inf, 0).table
            if table is not None:
                search.counts = _whole(search.counts, block.atoms, table)
                break
    return search.counts


def _whole(counts: NDArray[np.int64], atoms: NDArray[np.int64], some: NDArray[np.int64]) -> NDArray[np.int64]:
    table = counts.copy()
    table[atoms] = some
    return table
