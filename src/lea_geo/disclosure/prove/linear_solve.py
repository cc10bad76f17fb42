"""The least and the most of sums in one part of a system, by linear and integer programs."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from lea_geo.disclosure.prove.linear_presolve import ROUNDING, WHOLE

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy import sparse
    from scipy.optimize import OptimizeResult

    from lea_geo.disclosure.prove.linear_presolve import Part

FLOATS = 1e-6
"""How far off a row a table with real unknowns may be: HiGHS's own tolerance, of rows scaled to 1."""
SAME = 1e-6
"""How close two values must be, as a share of them, to be the same."""
DONE, LIMIT, NONE, ENDLESS, UNSURE = 0, 1, 2, 3, 4
"""What scipy reports of HiGHS: solved, stopped at a limit, no table, unbounded, unbounded or no table."""


class Solver:
    """One part, the sums that are asked for, and what tables that agree were found to reach.

    A bound comes from a relaxation; that it is *reached* comes from a table, rounded to whole numbers and
    held against every row again. So a mistake in floats may leave a bound open, but does not make a sum look
    safer than it is: what is called safe rests on tables alone.
    """

    def __init__(self, part: Part, sums: sparse.csr_array, *, seconds: float, nodes: int) -> None:
        self.part = part
        self.sums = sums
        self.until = monotonic() + seconds
        self.nodes = nodes
        self.reached = np.full((2, sums.shape[0]), -np.inf)
        """What the tables make of each sum with its sign turned, and of each sum, at most."""
        whole_sum = np.ones(sums.shape[0], dtype=bool)
        loose = (sums.data != np.round(sums.data)) | ~part.integer[sums.indices]
        whole_sum[np.repeat(np.arange(sums.shape[0]), np.diff(sums.indptr))[loose]] = False
        self.whole = whole_sum
        """Which sums are whole numbers in every table."""
        self.slack = FLOATS
        if part.integer.all():
            self.slack = ROUNDING if np.any(part.matrix.data != np.round(part.matrix.data)) else 0.0

    def contradicts(self) -> bool:
        """Return whether no table agrees; a first one is kept where there is one."""
        nothing = np.zeros(len(self.part.unknowns))
        for whole in self._programs():
            result = self._solve(nothing, whole=whole)
            if result is not None and result.status == NONE:
                return True
            if result is None or self._keep(result):
                return False
        return False

    def _programs(self) -> tuple[bool, ...]:
        """Return whether to demand whole numbers, in the order that programs are tried."""
        return (False, True) if self.part.integer.any() else (False,)

    def _solve(self, cost: NDArray[np.float64], *, whole: bool) -> OptimizeResult | None:
        """Minimise; None where the time is over."""
        part, left = self.part, self.until - monotonic()
        if left <= 0:
            return None
        return milp(
            cost,
            constraints=[LinearConstraint(part.matrix, part.lower, part.upper)] if len(part.rows) else [],
            bounds=Bounds(part.least, part.most),
            integrality=part.integer.astype(int) if whole else None,
            # HiGHS is content with a gap of 1e-4 unless told otherwise.
            options={"time_limit": left, "node_limit": self.nodes, "mip_rel_gap": 0.0},
        )

    def _keep(self, result: OptimizeResult) -> bool:
        """Note what the table that was found reaches, if it agrees once rounded; return whether it does."""
        if result.x is None:
            return False
        part = self.part
        table = np.clip(np.where(part.integer, np.round(result.x), result.x), part.least, part.most)
        found = part.matrix @ table
        size = np.maximum(1.0, abs(part.matrix) @ np.abs(table))
        slack = self.slack * size
        if np.any((found < part.lower - slack) | (found > part.upper + slack)):
            return False
        values = self.sums @ table
        self.reached = np.maximum(self.reached, np.vstack([-values, values]))
        return True

    def most(self, at: int, sign: int, enough: float = np.inf) -> tuple[float, bool]:
        """Return an upper bound of one sum times its sign, and whether a table reaches it.

        A bound from ``enough`` on stands for at least that much.
        """
        part, cost = self.part, sign * self.sums[[at]].toarray()[0]
        used = cost != 0
        bound = float(cost[used] @ np.where(cost > 0, part.most, part.least)[used])
        for program in self._programs():
            if self._is_reached(at, sign, min(bound, enough)):
                break
            result = self._solve(-cost, whole=program)
            if result is None:
                break
            self._keep(result)
            bound = min(bound, self._bound(result, at, sign, whole=program))
        return bound, self._is_reached(at, sign, min(bound, enough))

    def _bound(self, result: OptimizeResult, at: int, sign: int, *, whole: bool) -> float:
        """Return the upper bound that a program has proved."""
        if result.status in (ENDLESS, UNSURE):
            if np.isfinite(self.reached[0]).any():  # tables there are: then it is endless
                self.reached[_side(sign), at] = np.inf
            return np.inf
        proved = result.mip_dual_bound if whole else result.fun if result.status == DONE else None
        if proved is None or not np.isfinite(proved):
            return np.inf
        return float(np.floor(-proved + WHOLE)) if self.whole[at] else -float(proved)

    def _is_reached(self, at: int, sign: int, bound: float) -> bool:
        highest = self.reached[_side(sign), at]
        slack = 0.0 if self.whole[at] or np.isinf(bound) else SAME * max(1.0, abs(bound))
        return bool(highest >= bound - slack)


def _side(sign: int) -> int:
    return (sign + 1) // 2
