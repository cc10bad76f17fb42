"""Solves made-up location problems with spopt and pulp's CBC, and writes what they find.

    python tests/golden/access_spopt.py > tests/golden/access/spopt.json

The problems are drawn by a congruential generator that is written out here, so that tests can draw them
again."""

from __future__ import annotations

import json
import sys
import warnings

import numpy as np


def problem(seed: int, n: int, m: int) -> tuple[np.ndarray, np.ndarray]:
    """Return demand (n,) from 1 to 60 and costs (n, m) from 1 to 100, whole numbers."""
    state, drawn = seed, []
    for _ in range(n + n * m):
        state = (1103515245 * state + 12345) % 2**31
        drawn.append(state >> 8)
    numbers = np.array(drawn)
    return 1 + numbers[:n] % 60, 1 + (numbers[n:] % 100).reshape(n, m)


CASES = [(1, 15, 8, 2), (2, 25, 10, 3), (3, 40, 12, 4)]
RADIUS = 20


def main() -> None:
    """Print the optima of spopt."""
    warnings.simplefilter("ignore")
    import pulp  # noqa: PLC0415 - the tests import `problem` and need no solver
    import spopt  # noqa: PLC0415
    from spopt.locate import LSCP, MCLP, PCenter, PMedian  # noqa: PLC0415

    solver = pulp.PULP_CBC_CMD(msg=False)
    rows = []
    for seed, n, m, p in CASES:
        demand, costs = problem(seed, n, m)
        median = PMedian.from_cost_matrix(costs, demand, p).solve(solver)
        covered = MCLP.from_cost_matrix(costs, demand, RADIUS, p).solve(solver)
        centre = PCenter.from_cost_matrix(costs, p).solve(solver)
        reach = int(np.sort(costs.min(axis=1))[-1])
        every = LSCP.from_cost_matrix(costs, reach).solve(solver)
        rows.append(
            {
                "seed": seed, "n": n, "m": m, "p": p, "radius": RADIUS, "reach": reach,
                "p_median": float(pulp.value(median.problem.objective)),
                "coverage": float(pulp.value(covered.problem.objective)),
                "p_centre": float(pulp.value(centre.problem.objective)),
                "coverage_all": float(pulp.value(every.problem.objective)),
            }
        )  # fmt: skip
    programs = {"spopt": spopt.__version__, "pulp": pulp.__version__, "solver": "CBC"}
    json.dump({"programs": programs, "rows": rows}, sys.stdout, indent=1)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
