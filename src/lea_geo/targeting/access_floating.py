"""Floating catchments: what a service offers, shared by those who reach it, summed up where they live.

PySAL's ``access`` computes the same from long tables, which is too slow for hundreds of redraws and leaves
areas out that reach nothing; tests hold these few lines to it. Its ``iterate_raam`` is used as it is, with
need scaled up: it moves whole persons only, so that areas of fewer than 200 stop short of an equilibrium.
"""

from __future__ import annotations

import numpy as np

METHODS = ("2sfca", "3sfca", "opportunities", "raam")
PERSONS = 1e9
"""What need is scaled to for ``iterate_raam``, which counts in whole persons."""
CYCLES = 300


def choosing(weights: np.ndarray) -> np.ndarray:
    """Return weights times the share with which an area turns to a service: 3SFCA's third step."""
    total = weights.sum(axis=1, keepdims=True)
    return np.asarray(weights * np.divide(weights, total, out=np.zeros_like(weights), where=total > 0))


def floating(weights: np.ndarray, demand: np.ndarray, supply: np.ndarray) -> np.ndarray:
    """Return the score of each area: ``A_i = sum_j w_ij S_j / sum_k D_k w_kj``.

    What a service offers whose catchment holds nobody is shared by nobody.

    Parameters
    ----------
    weights
        Shape (n, m).
    demand
        Shape (..., n).
    supply
        Shape (..., m).

    Returns
    -------
        Shape (..., n).
    """
    asked = demand @ weights
    offered = np.divide(supply, asked, out=np.zeros(np.broadcast(supply, asked).shape), where=asked > 0)
    return np.asarray(offered @ weights.T)


def rational(costs: np.ndarray, demand: np.ndarray, supply: np.ndarray, tau: float) -> np.ndarray:
    """Return the cost of the journey and of the crowd where nobody can do better by going elsewhere.

    The rational agent access model: a service with D families for S places costs ``D / (rho S)`` with rho the
    mean ratio, and a journey ``c / tau`` (Saxon and Snow 2020,
    https://doi.org/10.1080/24694452.2019.1629870).

    Parameters
    ----------
    costs
        Shape (n, m), NaN for no route.
    demand, supply
        Shapes (n,) and (m,).
    tau
        The journey that is as bad as a crowd of the mean size.

    Returns
    -------
        Shape (n,); NaN where nobody is or nothing can be reached.
    """
    from access.raam import iterate_raam  # noqa: PLC0415 - heavy, and wanted by few

    used, offered = (demand > 0) & ~np.isnan(costs).all(axis=1), supply > 0
    scores = np.full(len(demand), np.nan)
    if not used.any() or not offered.any():
        return scores
    people = np.round(demand[used] / demand[used].sum() * PERSONS).astype(np.int64)
    places = supply[offered] / supply[offered].sum() * float(people.sum())
    trip = np.ma.masked_invalid(costs[np.ix_(used, offered)] / tau)
    some = people > 0
    found = np.full(len(people), np.nan)
    found[some] = np.ma.filled(
        iterate_raam(people[some], places, trip[some], max_cycles=CYCLES, min_step=0.0005), np.nan
    )
    scores[used] = found
    return scores
