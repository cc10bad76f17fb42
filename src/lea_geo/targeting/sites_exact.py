"""The best set of sites by branch and bound, with proof: for more sets than can be tried one by one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

TOLERANCE = 1e-9
"""Of a proof, as a share of what is proved."""


@dataclass(frozen=True)
class Proved:
    """A set of sites, and what is proved of it."""

    chosen: tuple[int, ...]
    """Columns of the sites that are added."""
    value: float
    """The mean loss."""
    bound: float
    """What no set can lose less than."""


@dataclass(frozen=True)
class Relaxed:
    """What is known of all sets without trying them."""

    bound: float
    """What no set can lose less than."""
    opened: np.ndarray
    """How much more every set loses at least that holds a place, shape (m,)."""
    closed: np.ndarray
    """How much more every set loses at least that lacks it, shape (m,)."""


class Master:
    """The p-median problem in few variables: a yes or no for each place, and a loss for each area.

    A family's loss is a piecewise linear function of which places are open: with c the costs from area i in
    rising order, for every k ``theta_i >= c_k - sum over j of max(c_k - c_j, 0) y_j``. Few of these cuts
    matter; they are found as they are broken, first with fractions and then with whole places, until the
    bound meets the value: a Benders decomposition (Duran-Mateluna, Ales and Elloumi 2023). With losses of 0
    and 1 it is the maximal covering problem. HiGHS solves what is left, on one thread, to a gap of 0; its
    answer is deterministic.

    Parameters
    ----------
    losses
        Shape (n, m), finite.
    fixed, free
        Shape (m,).
    p
        How many free places to open.
    covers
        Which places serve each of several areas, one of which must be open: shape (k, m).
    """

    def __init__(
        self,
        losses: np.ndarray,
        fixed: np.ndarray,
        free: np.ndarray,
        p: int,
        covers: np.ndarray | None = None,
    ) -> None:
        self.losses, self.fixed, self.free, self.p = losses, fixed, free, p
        self.covers = np.zeros((0, losses.shape[1]), dtype=bool) if covers is None else covers
        self.order = np.argsort(losses, axis=1, kind="stable")
        self.rows: list[sparse.csr_array] = []
        self.least: list[np.ndarray] = []

    def solve(self, weights: np.ndarray, banned: Iterable[Sequence[int]] = ()) -> Proved | None:
        """Return the best set that is not banned; None where there is none.

        Parameters
        ----------
        weights
            Need, shape (n,), adding up to 1.
        banned
            Sets that are known already.
        """
        refused = list(banned)
        opened, theta, whole = np.where(self.free, 0.5, self.fixed), np.full(len(weights), -1.0), False
        best: tuple[float, np.ndarray] | None = None
        while True:
            added = self._cut(opened, theta, weights)
            if not added and whole:
                break
            whole = whole or not added
            found = self._master(weights, refused, whole=whole)
            if found is None:
                return None
            opened, theta, bound = found
            if whole:
                opened = np.round(opened)
                value = float(weights @ self.losses[:, opened > 0].min(axis=1))
                if best is None or value < best[0]:
                    best = value, opened
                if best[0] <= bound + TOLERANCE * max(1.0, abs(best[0])):
                    break
        assert best is not None  # noqa: S101 - whole is true only after a set was found
        chosen = tuple(np.flatnonzero((best[1] > 0) & self.free).tolist())
        return Proved(chosen, best[0], min(bound, best[0]))

    def relax(self, weights: np.ndarray) -> Relaxed:
        """Return what no set can lose less than, and what opening or closing each place adds to that.

        With places open in part the problem is linear. Its reduced costs tell what any set loses at least
        that holds a place, or lacks it: sets that are worse than a known one need not be tried.
        """
        n, m = self.losses.shape
        opened, theta = np.where(self.free, 0.5, self.fixed), np.full(n, -1.0)
        found: Any = None  # an optimum: there always is one
        while self._cut(opened, theta, weights) or found is None:
            cuts: Any = -sparse.vstack(
                self.rows
            )  # linprog's stubs know no sparse matrices, nor bounds as arrays
            number: Any = _row(self.free, n)
            ends: Any = np.column_stack(self._ends(n))
            found = linprog(
                np.concatenate([np.zeros(m), weights]),
                A_ub=cuts,
                b_ub=-np.concatenate(self.least),
                A_eq=number,
                b_eq=[self.p],
                bounds=ends,
                method="highs",
            )
            opened, theta = found.x[:m], found.x[m:]
        return Relaxed(float(found.fun), found.lower.marginals[:m], -found.upper.marginals[:m])

    def _ends(self, n: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the bounds of places and losses."""
        lower = np.concatenate([np.where(self.fixed, 1.0, 0.0), np.zeros(n)])
        upper = np.concatenate([np.where(self.free | self.fixed, 1.0, 0.0), np.full(n, np.inf)])
        return lower, upper

    def _cut(self, opened: np.ndarray, theta: np.ndarray, weights: np.ndarray) -> bool:
        """Add the cuts that a solution breaks; return whether there were any."""
        reached = np.cumsum(opened[self.order], axis=1)
        place = np.minimum((reached < 1 - 1e-9).sum(axis=1), self.losses.shape[1] - 1)
        rows = np.arange(len(theta))
        level = self.losses[rows, self.order[rows, place]]
        saved = np.maximum(level[:, None] - self.losses, 0)
        broken = (level - saved @ opened > theta + 1e-7 * np.maximum(1, level)) & (weights > 0)
        at = np.flatnonzero(broken)
        if len(at):
            one = sparse.csr_array((np.ones(len(at)), (np.arange(len(at)), at)), shape=(len(at), len(theta)))
            self.rows.append(sparse.csr_array(sparse.hstack([sparse.csr_array(saved[at]), one])))
            self.least.append(level[at])
        return bool(len(at))

    def _master(
        self, weights: np.ndarray, banned: list[Sequence[int]], *, whole: bool
    ) -> tuple[np.ndarray, np.ndarray, float] | None:
        n, m = self.losses.shape
        rules = [LinearConstraint(_row(self.free, n), self.p, self.p)]
        if self.rows:
            rules.append(LinearConstraint(sparse.vstack(self.rows), np.concatenate(self.least), np.inf))
        if len(self.covers):
            rules.append(LinearConstraint(_wide(self.covers, n), 1, np.inf))
        if banned:
            refused = np.zeros((len(banned), m))
            for i, chosen in enumerate(banned):
                refused[i, list(chosen)] = 1
            rules.append(LinearConstraint(_wide(refused, n), -np.inf, refused.sum(axis=1) - 1))
        found = milp(
            np.concatenate([np.zeros(m), weights]),
            constraints=rules,
            integrality=np.concatenate([np.full(m, int(whole)), np.zeros(n, dtype=int)]),
            bounds=Bounds(*self._ends(n)),
            options={"mip_rel_gap": 0.0},
        )
        if found.x is None:
            return None
        # A relaxation has no bound of its own: nothing is proved before all places are whole.
        bound = -np.inf if found.mip_dual_bound is None else found.mip_dual_bound
        return found.x[:m], found.x[m:], bound


def _row(places: np.ndarray, n: int) -> sparse.csr_array:
    return _wide(places[None, :], n)


def _wide(places: np.ndarray, n: int) -> sparse.csr_array:
    """Return rows over places with n zeros behind each."""
    return sparse.csr_array(
        sparse.hstack([sparse.csr_array(places.astype(float)), sparse.csr_array((len(places), n))])
    )


def fewest(covers: np.ndarray, fixed: np.ndarray, free: np.ndarray) -> int | None:
    """Return the least number of free places so that each row has an open one; None where there is no way.

    The set covering problem (Toregas et al. 1971, https://doi.org/10.1287/opre.19.6.1363).
    """
    if not (covers[:, free | fixed].any(axis=1)).all():
        return None
    left = covers[~covers[:, fixed].any(axis=1)]
    if not len(left):
        return 0
    found = milp(
        free.astype(float),
        constraints=LinearConstraint(sparse.csr_array(left.astype(float)), 1, np.inf),
        integrality=np.ones(len(free), dtype=int),
        bounds=Bounds(0, np.where(free, 1.0, 0.0)),
        options={"mip_rel_gap": 0.0},
    )
    assert found.fun is not None  # noqa: S101 - every row has a place that can serve it
    return round(found.fun)


def least_radius(costs: np.ndarray, fixed: np.ndarray, free: np.ndarray, p: int) -> float:
    """Return the least radius within which ``p`` more places can serve every area: the p-centre problem.

    By halving the list of distances that there are; at each, the fewest places are found (Minieka 1970,
    https://doi.org/10.1137/1012016).
    """
    steps = np.unique(costs[:, free | fixed])
    low, high = 0, len(steps) - 1
    while low < high:
        middle = (low + high) // 2
        needed = fewest(costs <= steps[middle], fixed, free)
        if needed is not None and needed <= p:
            high = middle
        else:
            low = middle + 1
    return float(steps[low])
