"""Tables that agree with everything published and do what is asked: found, or shown not to be."""

from __future__ import annotations

from dataclasses import replace
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from lea_geo.disclosure.prove.linear_presolve import propagate
from lea_geo.disclosure.prove.many_system import Block, Neighbourhoods, build_system, row_areas
from lea_geo.disclosure.published import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from lea_geo.disclosure.prove.linear import LinearSystem
    from lea_geo.disclosure.published import Published

BRANCHES = 2_000
"""How far one integer program branches: a limit that no machine's speed moves."""
SIZES = (200, 1_500, 6_000)
"""How many atoms around a place are looked at, one after the other until they decide."""
LOOKS = 6
"""How often every row is looked at by itself first: enough for what is published outright."""
IMPOSSIBLE = 2
"""What scipy reports of HiGHS: no table."""


class Answer(NamedTuple):
    """What a program says of a question."""

    table: NDArray[np.int64] | None
    """Counts of the block's atoms that agree and do what is asked; None: none was found."""
    impossible: bool
    """Whether no table of the whole does what is asked."""


class Search:
    """All that is published, a table that agrees, and what is found from it."""

    def __init__(self, published: Published, counts: NDArray[np.int64], seconds: float) -> None:
        self.published = published
        self.counts = counts.copy()
        system = build_system(published)
        self.known = propagate(system, LOOKS)[0]
        """What each atom is at least and at most by rows looked at one by one."""
        self.near = Neighbourhoods(replace(system, least=self.known[0], most=self.known[1]))
        self.said = Neighbourhoods(system)
        """The same without what was found out of it: where numbers that prove something are looked for."""
        self.areas = row_areas(published)
        self.parts = [_parts(family.parent) for family in published.families]
        """The areas that lie in each area of a family, as the columns of its row."""
        self.until = monotonic() + seconds

    def blocks(self, atoms: NDArray[np.int64]) -> Iterator[tuple[Block, bool]]:
        """Yield larger and larger blocks around some atoms, and whether nothing outside ties them."""
        before = -1
        for size in SIZES:
            inside = self.near.around(atoms, size)
            if len(inside) == before or self.late():
                return
            before = len(inside)
            yield self.near.block(inside, self.counts), len(inside) < size

    def late(self) -> bool:
        """Return whether the time is over."""
        return monotonic() > self.until

    def ask(self, block: Block, atoms: NDArray[np.int64], least: float, most: float) -> Answer:
        """Look for a table in which some atoms together hold from ``least`` to ``most``."""
        some = np.isin(block.atoms, atoms).astype(float)
        table, none = self._table(block.frozen, some, least, most)
        if table is not None or not none or block.closed.all():
            return Answer(table, impossible=none)
        return Answer(None, self._table(block.loose, some, least, most)[1])

    def _table(
        self, system: LinearSystem, some: NDArray[np.float64], least: float, most: float
    ) -> tuple[NDArray[np.int64] | None, bool]:
        """Return a table with a sum in an interval, and whether there is none."""
        result = milp(
            np.zeros(len(some)),
            constraints=[
                LinearConstraint(system.matrix, system.lower, system.upper),
                LinearConstraint(sparse.csr_array(some[None, :]), least, most),
            ],
            bounds=Bounds(system.least, system.most),
            integrality=np.ones(len(some), dtype=int),
            options={"node_limit": BRANCHES, "time_limit": max(0.01, self.until - monotonic())},
        )
        if result.x is None:
            return None, result.status == IMPOSSIBLE
        table = np.rint(result.x)
        sums, held = system.matrix @ table, some @ table
        agrees = np.all((sums >= system.lower) & (sums <= system.upper)) and least <= held <= most
        within = np.all((table >= system.least) & (table <= system.most))
        return (table.astype(np.int64) if agrees and within else None), False


def _parts(parent: NDArray[np.int64]) -> sparse.csr_array:
    inner = np.flatnonzero(parent != ROOT)
    ones = np.ones(len(inner), dtype=np.int8)
    return sparse.csr_array((ones, (parent[inner], inner)), shape=(len(parent), len(parent)))


def raised(search: Search, atoms: NDArray[np.int64], k: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which atoms hold k or more in some table, looked for around each, and which do in none."""
    found, never = np.zeros((2, len(atoms)), dtype=bool)
    for at in range(len(atoms)):
        for block, _ in search.blocks(atoms[[at]]):
            answer = search.ask(block, atoms[[at]], k, np.inf)
            found[at], never[at] = answer.table is not None, answer.impossible
            if found[at] or never[at]:
                break
    return found, never
