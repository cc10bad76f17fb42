"""What suppression costs against the optimum, how long it takes, and whether a thousand runs agree.

``python tests/benchmarks/bench_disclosure_suppress.py [blocks] [seconds]`` prints figures of BENCHMARKS.md.
The optimum is that of a mixed-integer program, written here from the definition and from nothing that
``suppress`` uses: a binary for each area, and for every atom of 1 to k - 1 people a table of its own that
agrees with all areas that are not hidden and gives the atom k or more. HiGHS solves it.
"""

from __future__ import annotations

import resource
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

sys.path.append(str(Path(__file__).parents[1] / "helpers"))

from finland_made_up import World, finland

from lea_geo.disclosure.protect.suppress import Suppression, suppress
from lea_geo.disclosure.prove.bounds import atom_bounds
from lea_geo.disclosure.prove.unsafe import unsafe_groups
from lea_geo.disclosure.published import NO_LIMIT

K = 10
LEAST, MOST = 500, 700


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def blocks(world: World, number: int, seed: int = 1) -> list[World]:
    """Cut squares of 500 to 700 atoms around atoms, every second one where many people live."""
    rng = np.random.default_rng(seed)
    crowded, found = world.people / world.people.sum(), []
    while len(found) < number:
        at = rng.choice(len(world), p=crowded if len(found) % 2 else None)
        distance = np.maximum(abs(world.x - world.x[at]), abs(world.y - world.y[at]))
        near = np.sort(distance)[: MOST + 1]
        steps = LEAST + np.flatnonzero(np.diff(near[LEAST - 1 :]) > 0)
        if len(steps):
            found.append(world.part(distance < near[steps[0]]))
    return found


def areas_over(families) -> sparse.csr_array:
    """Return which atoms each area of all families holds."""
    n = len(families[0].leaf)
    rows = []
    for family in families:
        inside = sparse.csr_array((np.ones(n), (family.leaf, np.arange(n))), shape=(len(family.ids), n))
        inside = inside.tolil()
        for area, above in enumerate(family.parent.tolist()):
            if above >= 0:
                inside[[above]] = inside[[above]] + inside[[area]]
        rows.append(inside.tocsr())
    return sparse.vstack(rows, format="csr")


def unprotected(task: Suppression, x, k: int) -> np.ndarray:
    """Return the atoms of 1 to k - 1 that no table gives k while only small areas are hidden.

    Hiding more never takes protection away, so that all others need no table of their own.
    """
    families = tuple(
        replace(family, lower=np.where(small, 0, total), upper=np.where(small, NO_LIMIT, total))
        for family, small, total in zip(task.published.families, task.primary, task.totals, strict=True)
    )
    few = np.flatnonzero((x > 0) & (x < k))
    reached = atom_bounds(replace(task.published, families=families), x, atoms=few, enough=k)[1]
    return few[reached < k]


def optimum(task: Suppression, x, k: int, seconds: float) -> tuple[float, bool]:
    """Return a bound on the cost of hiding further areas, and whether it is the least cost itself."""
    atoms = unprotected(task, x, k)
    if not len(atoms):
        return 0.0, True
    families = task.published.families
    inside = areas_over(families)[~np.concatenate(task.primary)]
    cost = inside @ x + 1.0
    m, n = inside.shape
    # Of each such atom n changes d >= -x: |inside @ d| <= (k - x) hidden; its own change is k - x.
    hides, moves, low, high = [], [], [np.zeros(m)], [np.ones(m)]
    for atom in atoms:
        hides.append(sparse.vstack([-(k - x[atom]) * sparse.identity(m)] * 2))
        moves.append(sparse.vstack([inside, -inside]))
        least, most = -np.minimum(x, k - x[atom]).astype(float), np.full(n, float(k - x[atom]))
        least[atom] = most[atom] = k - x[atom]
        low.append(least)
        high.append(most)
    solved = milp(
        np.concatenate([cost, np.zeros(n * len(atoms))]),
        integrality=np.repeat([1, 0], [m, n * len(atoms)]),
        bounds=Bounds(np.concatenate(low), np.concatenate(high)),
        constraints=LinearConstraint(
            sparse.hstack([sparse.vstack(hides), sparse.block_diag(moves)], format="csr"), ub=0
        ),
        options={"time_limit": seconds, "mip_rel_gap": 0.0},
    )
    return (float(solved.fun), True) if solved.status == 0 else (float(solved.mip_dual_bound or 0.0), False)


def against_the_optimum(world: World, number: int, seconds: float) -> None:
    """Print how much more than the optimum suppression costs on blocks, people and areas of the first too."""
    for column, k, sides in (("people", K, ()), ("people", K, (1000,)), ("children_poor", 5, (1000,))):
        extra, whole, proved, asked = [], [], 0, 0
        started, ours = time.perf_counter(), 0.0
        for block in blocks(world, number):
            x = getattr(block, column)
            before = time.perf_counter()
            found = suppress(x, [block.grid(*sides), block.post()], k=k)
            ours += time.perf_counter() - before
            least, exact = optimum(found, x, k, seconds)
            proved += exact
            asked += found.cost > 0
            pairs = zip(found.totals, found.primary, strict=True)
            small = sum(float((total[some] + 1).sum()) for total, some in pairs)
            extra.append(found.cost / least - 1 if least else float(found.cost > 0))
            whole.append((found.cost - least) / max(small + least, 1))
        say(
            f"{column}, k = {k}, grid {('cell', *sides)}: {number} blocks, {asked} with secondary areas, "
            f"{proved} optima proved; secondary cost above the optimum or its bound: mean "
            f"{np.mean(extra):.3%}, largest {np.max(extra):.3%}; of all that is hidden: mean "
            f"{np.mean(whole):.4%}, largest {np.max(whole):.4%}; suppress {ours:.1f} s, all "
            f"{time.perf_counter() - started:.0f} s"
        )


def the_country(world: World) -> None:
    """Print seconds and memory of suppression and audit of the whole country."""
    for column, k, sides in (("people", K, ()), ("children_poor", 5, ()), ("people", K, (1000, 5000))):
        x, families = getattr(world, column), [world.grid(*sides), world.post()]
        never = [None, np.array([name.startswith("municipality") for name in families[1].ids])]
        for run in ("first", "second", "third"):
            started = time.perf_counter()
            found = suppress(x, families, k=k, never=never)
            middle = time.perf_counter()
            unsafe = len(unsafe_groups(found.published, k).groups)
            ended = time.perf_counter()
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            more = sum(int(some.sum()) for some in found.secondary)
            say(
                f"country, {column}, k = {k}, grid {('cell', *sides)}, {run} run: suppress "
                f"{middle - started:.2f} s, audit {ended - middle:.2f} s, {unsafe} unsafe, cost "
                f"{found.cost:.0f}, bound {found.bound:.0f}, {more} secondary areas, peak {peak:.0f} MB"
            )
        say(found.account.to_string())


def a_thousand_runs(world: World) -> None:
    """Print how many different results a thousand runs with atoms in another order give."""
    block = blocks(world, 3)[2]
    rng, results = np.random.default_rng(1), set()
    for _ in range(1_000):
        order = rng.permutation(len(block))
        moved = block.part(order)
        families = [moved.grid(1000), moved.post()]
        found = suppress(moved.people, families if rng.random() < 0.5 else families[::-1], k=K)
        hidden = zip(found.published.families, found.hidden, strict=True)
        results.add(frozenset(name for family, gone in hidden for name in np.array(family.ids)[gone]))
    say(f"1 000 runs, atoms and families in another order each: {len(results)} different results")


if __name__ == "__main__":
    number, seconds = (float(one) for one in (*sys.argv[1:], "100", "60")[:2])
    country = finland()
    the_country(country)
    against_the_optimum(country, int(number), seconds)
    a_thousand_runs(country)
