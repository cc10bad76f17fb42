"""Which groups of atoms are unsafe: those that no table clears, smallest first.

A group is unsafe where no table empties it and none gives it k or more. To look through all unions of atoms,
tables are gathered: the smallest group that none of them clears is asked for (a hitting set, by an integer
program), and either a new table clears it, or it is unsafe. That ends, and is exact.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lea_geo.disclosure.prove.many_search import Search
    from lea_geo.disclosure.prove.many_system import Block

TRIES = 400
"""How many groups are put to the test at one place."""


@dataclass
class Cluster:
    """The atoms of one block that cannot reach k, and the tables that were found over them."""

    search: Search
    block: Block
    low: NDArray[np.int64]
    """The atoms of the whole that may belong to an unsafe group."""
    k: int
    tables: list[NDArray[np.int64]] = field(default_factory=list)
    """What the low atoms hold in tables that agree."""
    found: list[NDArray[np.int64]] = field(default_factory=list)
    """Unsafe groups, none inside another, as positions in ``low``."""

    def covering(self, wanted: NDArray[np.bool_]) -> bool:
        """Find unsafe groups until they hold every wanted atom that is in any; return whether they do."""
        for _ in range(TRIES):
            group = self._candidate(wanted & ~self._covered())
            if group is None:
                return True
            unsafe = self._unsafe(group)
            if unsafe is None:
                return False
            if unsafe:
                self.found.append(self._smallest(group))
        return False

    def _covered(self) -> NDArray[np.bool_]:
        covered = np.zeros(len(self.low), dtype=bool)
        covered[np.concatenate([np.zeros(0, dtype=np.int64), *self.found])] = True
        return covered

    def _candidate(self, wanted: NDArray[np.bool_]) -> NDArray[np.int64] | None:
        """Return the smallest group with a wanted atom that no table clears and that holds no found group."""
        if not wanted.any():
            return None
        n = len(self.low)
        rows = [LinearConstraint(wanted.astype(float)[None, :], 1, np.inf)]
        for table in self.tables:
            rows.append(LinearConstraint(np.sign(table).astype(float)[None, :], 1, np.inf))
            rows.append(LinearConstraint(table.astype(float)[None, :], -np.inf, self.k - 1))
        for group in self.found:
            inside = np.isin(np.arange(n), group).astype(float)
            rows.append(LinearConstraint(inside[None, :], -np.inf, len(group) - 1))
        # A little more for later atoms: the smallest group, and of those always the same.
        cost = 1 + np.arange(n) / (4 * n * n)
        chosen = milp(cost, constraints=rows, bounds=Bounds(0, 1), integrality=np.ones(n, dtype=int))
        return None if chosen.x is None else np.flatnonzero(chosen.x > 0.5)

    def _unsafe(self, group: NDArray[np.int64]) -> bool | None:
        """Return whether a group is unsafe, None where that stays open; keep the table that clears it."""
        answers = []
        for least, most in ((-np.inf, 0), (self.k, np.inf)):
            answer = self.search.ask(self.block, self.low[group], least, most)
            if answer.table is not None:
                held = dict(zip(self.block.atoms.tolist(), answer.table.tolist(), strict=True))
                self.tables.append(np.array([held[atom] for atom in self.low.tolist()]))
                return False
            answers.append(answer.impossible)
        return True if all(answers) else None

    def _smallest(self, group: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return a group inside an unsafe one from which no atom can be left out."""
        for atom in group:
            rest = group[group != atom]
            if len(rest) and self._unsafe(rest):
                group = rest
        return group
