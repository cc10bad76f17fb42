"""What can be proved of sums when linear conditions are known: reading between published numbers in general.

A release holds more than totals: a mean times its count, a weighted mean of neighbours (a spatial lag), a
smoothed rate, last year's number. Each is a row: an interval for a sum of unknowns. Counts are whole numbers
that nobody publishes; how low and how high one of them can be is an integer program.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import sparse

from lea_geo._checks.disclosure_linear import check_effort, check_system, check_targets, contradiction
from lea_geo.disclosure.prove.linear_contradictions import clashing_among, clashing_rows
from lea_geo.disclosure.prove.linear_presolve import propagate, split, widened
from lea_geo.disclosure.prove.linear_solve import Solver
from lea_geo.errors import ContradictionError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lea_geo.disclosure.prove.linear_presolve import Pair

SECONDS = 60.0
"""How long one part of a system is worked on, unless told otherwise."""
NODES = 20_000
"""How far one integer program branches, unless told otherwise: a limit that no machine's speed moves."""


@dataclass(frozen=True)
class LinearSystem:
    """Conditions ``lower <= matrix @ x <= upper`` on unknowns ``least <= x <= most``."""

    matrix: sparse.csr_array
    """One row a condition, one column an unknown."""
    lower: NDArray[np.float64]
    """What each row's sum is at least; ``-inf``: nothing is known."""
    upper: NDArray[np.float64]
    """What each row's sum is at most; equal to ``lower`` where the sum was published in full."""
    least: NDArray[np.float64]
    """What each unknown is at least."""
    most: NDArray[np.float64]
    """What each unknown is at most; ``inf`` or ``NO_LIMIT``: no limit is known."""
    integer: NDArray[np.bool_]
    """Which unknowns are whole numbers."""
    row_ids: tuple[str, ...] = ()
    """What each row is called, as a person would look it up; empty where a number will do."""
    unknown_ids: tuple[str, ...] = ()
    """What each unknown is called; empty where a number will do."""

    def __post_init__(self) -> None:
        check_system(
            self.matrix,
            {"lower": self.lower, "upper": self.upper},
            {"least": self.least, "most": self.most, "integer": self.integer},
            {"row_ids": self.row_ids, "unknown_ids": self.unknown_ids},
        )

    def row_name(self, row: int) -> str:
        """Return what a row is called."""
        return self.row_ids[row] if self.row_ids else f"row {row}"


class SumBounds(NamedTuple):
    """What can be proved of each of some sums; unpacks into its three arrays."""

    lower: NDArray[np.float64]
    """No table that agrees makes the sum smaller."""
    upper: NDArray[np.float64]
    """No table that agrees makes the sum larger."""
    exact: NDArray[np.bool_]
    """Whether tables that agree reach both. Where not, an attacker with more time may prove a narrower
    interval, though never a wider one: count the sum as unsafe unless the interval is harmless at both ends
    for another reason."""


def bounds(
    system: LinearSystem,
    targets: sparse.csr_array,
    *,
    enough: tuple[float, float] | None = None,
    seconds: float = SECONDS,
    nodes: int = NODES,
) -> SumBounds:
    """Return how low and how high each of some sums can be in a table that agrees with the system.

    First each row is looked at by itself, again and again (bounds propagation), which fixes much; what is
    fixed and what says nothing more goes. What is left falls into parts that share no row. In each, a linear
    program gives a bound, and where no table of whole numbers reaches it, an integer program does (HiGHS).

    *Floats.* A row of floats is widened by 1e-9 of its value (of 1, where that is larger): a printed float
    agrees with its own table only up to rounding, which the attacker has to allow for as well. Bounds
    propagated are rounded outwards. A bound of whole numbers is exact only if a table, rounded to whole
    numbers and held against every row anew (rows of whole numbers: without any tolerance), reaches it. So
    rounding may leave ``exact`` False, but cannot lend a sum a value that no table gives it: nothing looks
    safer than it is. Sums of real unknowns are exact to 1e-6 of their size.

    Parameters
    ----------
    system
        The conditions. A float is given as the interval that its printed digits stand for.
    targets
        One row a sum, one column an unknown: the coefficients.
    enough
        Bounds beyond which nobody cares, ``(low, high)``: a lower bound below ``low`` is given as ``low`` and
        an upper bound above ``high`` as ``high``, which spares much work.
    seconds
        How long one part may take. It makes the answer depend on the machine, though only in what is left not
        ``exact``; ``nodes`` is meant to stop work first.
    nodes
        How many branches one integer program may follow.

    Raises
    ------
    lea_geo.errors.ContradictionError
        No table agrees with the conditions that tie the targets' unknowns; the rows that clash are named (the
        cheapest to loosen, by an elastic relaxation). Parts that no target touches are not looked at: see
        `contradictions`.

    Notes
    -----
    Bounds propagation: Savelsbergh (1994), https://doi.org/10.1287/ijoc.6.4.445. Elastic relaxation: Chinneck
    (2008), https://doi.org/10.1007/978-0-387-74932-7.

    Examples
    --------
    Three hidden counts: together 9, the first two at least 7, the mean of the last two printed as 1.5.

    >>> import numpy as np
    >>> from scipy import sparse
    >>> system = LinearSystem(
    ...     sparse.csr_array([[1, 1, 1], [1, 1, 0], [0, 0.5, 0.5]]),
    ...     lower=np.array([9, 7, 1.45]), upper=np.array([9, np.inf, 1.55]),
    ...     least=np.zeros(3), most=np.full(3, np.inf), integer=np.ones(3, dtype=bool))
    >>> lower, upper, exact = bounds(system, sparse.csr_array(np.eye(3)))
    >>> lower.tolist(), upper.tolist(), exact.tolist()
    ([6.0, 1.0, 0.0], [6.0, 3.0, 2.0], [True, True, True])
    """
    check_effort(seconds, nodes)
    targets = sparse.csr_array(targets).astype(float)
    targets.eliminate_zeros()
    check_targets(system.matrix.shape[1], targets)
    wide, known = _known(system, seconds)
    fixed = known[0] == known[1]
    constant = targets @ np.where(fixed, known[0], 0.0)
    found = np.vstack([-constant, constant])
    exact = np.ones(targets.shape[0], dtype=bool)
    limits = (-enough[0], enough[1]) if enough else (np.inf, np.inf)
    columns = sparse.csc_array(targets)
    n_free = np.diff(sparse.csr_array(columns[:, ~fixed]).indptr)
    for part in split(wide, known, np.diff(columns.indptr) > 0):
        sums = sparse.csr_array(columns[:, part.unknowns])
        n_here = np.diff(sums.indptr)
        at = np.flatnonzero(n_here)
        solver = Solver(part, sparse.csr_array(sums[at]), seconds=seconds, nodes=nodes)
        if solver.contradicts():
            raise contradiction(clashing_rows(system, part, seconds), system.matrix.shape[0])
        for (place, target), (side, sign) in product(enumerate(at), enumerate((-1, 1))):
            # What lies in several parts needs the bound of each; what lies in this one may stop at enough.
            alone = n_here[target] == n_free[target]
            value, reached = solver.most(place, sign, limits[side] - found[side, target] if alone else np.inf)
            found[side, target] += value
            exact[target] &= reached
    found = np.minimum(found, np.array(limits)[:, None])
    return SumBounds(0.0 - found[0], found[1], exact)  # 0.0 -: never minus nought


def contradictions(system: LinearSystem, *, seconds: float = SECONDS) -> tuple[str, ...]:
    """Return the rows that cannot all hold at once; empty where nothing was found to contradict.

    Named are the rows that are cheapest to loosen so that the rest agree: of numbers that contradict each
    other, these need not be the ones that are wrong.

    Parameters
    ----------
    system
        The conditions.
    seconds
        How long one part may take.
    """
    try:
        wide, known = _known(system, seconds)
        found: list[str] = []
        for part in split(wide, known, np.ones(system.matrix.shape[1], dtype=bool)):
            nothing = sparse.csr_array((0, len(part.unknowns)))
            if Solver(part, nothing, seconds=seconds, nodes=NODES).contradicts():
                found += clashing_rows(system, part, seconds)
    except ContradictionError as error:
        return error.faults[0].ids
    return tuple(found)


def _known(system: LinearSystem, seconds: float) -> tuple[LinearSystem, Pair]:
    """Return the system as it is worked on and the interval of each unknown that follows row by row."""
    wide = widened(system)
    known, wrong = propagate(wide)
    if wrong.any():
        raise contradiction(clashing_among(system, wide, wrong, seconds), system.matrix.shape[0])
    return wide, known
