"""Weighted least squares over many redrawn sets of areas, for whatever is taken apart by its drivers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

ASSOCIATION = (
    "The parts are associations between areas: they show no cause, and what holds of areas need not hold of "
    "the people in them."
)


def fitted(design: np.ndarray, values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the coefficients of weighted least squares, NaN where the design determines none."""
    root = np.sqrt(weights)
    coefficients, _, rank, _ = np.linalg.lstsq(design * root[:, None], values * root, rcond=None)
    return coefficients if rank == design.shape[1] else np.full(design.shape[1], np.nan)


def with_constant(drivers: np.ndarray) -> np.ndarray:
    """Return drivers after a column of ones."""
    return np.column_stack([np.ones(len(drivers)), drivers])


def bootstrapped(
    of: Callable[[np.ndarray], np.ndarray], groups: np.ndarray, runs: int, level: float, seed: int
) -> tuple[np.ndarray, np.ndarray, int]:
    """Return percentile bounds over areas drawn again within groups, and how many runs failed.

    Parameters
    ----------
    of
        What is made of the rows at some positions; NaN where they determine nothing.
    groups
        The group of each row, whole numbers.
    runs, level, seed
        How many times, coverage, and what decides the draws.
    """
    random = np.random.default_rng(seed)
    members = [np.flatnonzero(groups == group) for group in np.unique(groups)]
    found = np.array(
        [of(np.concatenate([random.choice(rows, size=len(rows)) for rows in members])) for _ in range(runs)]
    )
    failed = int(np.isnan(found).all(axis=1).sum())
    known = ~np.isnan(found).all(axis=0)
    ends = np.full((2, found.shape[1]), np.nan)
    tails = [(1 - level) / 2, (1 + level) / 2]
    ends[:, known] = np.nanquantile(found[:, known], tails, axis=0)
    return ends[0], ends[1], failed


def what_to_know(left: tuple[str, ...], held: int, failed: int, runs: int) -> tuple[str, ...]:
    """Return what a reader of the parts must know: what they do not show, and what was left out."""
    notes = [ASSOCIATION]
    if left:
        notes.append(f"Areas left out because something is not known: {len(left)} of {len(left) + held}.")
    if failed:
        notes.append(f"Draws of areas left out because they could not be taken apart: {failed} of {runs}.")
    return tuple(notes)
