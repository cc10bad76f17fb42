"""A budget shared in proportion, between floors and caps: exactly for what is paid, quickly for draws."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

_ROWS = 200
"""Draws that are filled at once: a country's take some tens of megabytes."""

_NOTHING = 1e-200
"""A share of the largest weight that is too small to count, or to divide by."""


class Limits(NamedTuple):
    """What each area gets before need is asked, at least and at most, in whole units (n,)."""

    base: tuple[Fraction, ...]
    floor: tuple[int, ...]
    cap: tuple[int, ...]

    def held(self, amounts: Sequence[Fraction]) -> list[Fraction]:
        """Return amounts within their floors and caps."""
        return [
            min(max(x, Fraction(low)), Fraction(high))
            for x, low, high in zip(amounts, self.floor, self.cap, strict=True)
        ]


def fill(budget: int, weights: Sequence[Fraction], limits: Limits) -> list[Fraction]:
    """Return what each area gets, ``min(max(base_i + t w_i, floor_i), cap_i)``, adding up to the budget.

    The sum rises with t, in straight pieces between the points where an area leaves its floor or reaches its
    cap; they are walked through in rational numbers. If only w_i grows, its
    area cannot get less: it could only with a smaller t, at which no other area gets more, and the sum would
    be short.

    Parameters
    ----------
    budget
        In units; the limits must allow it (:func:`~lea_geo.targeting.terms.bounds_of`).
    weights
        0 or more.
    limits
        Floors, caps and what comes before need.
    """
    grow: list[tuple[Fraction, Fraction]] = []
    for base, low, high, weight in zip(*limits, weights, strict=True):
        if weight > 0 and base < high and low < high:
            grow.append((max(low - base, Fraction(0)) / weight, weight))
            grow.append(((high - base) / weight, -weight))
    grow.sort()
    total, slope, t = sum(limits.held(limits.base), Fraction(0)), Fraction(0), Fraction(0)
    for point, change in grow:
        if total + slope * (point - t) >= budget:
            break
        total, t = total + slope * (point - t), point
        slope += change
    if slope > 0:
        t += (budget - total) / slope
    return limits.held([base + t * weight for base, weight in zip(limits.base, weights, strict=True)])


def largest_remainder(amounts: Sequence[Fraction], budget: int, first: Sequence[int]) -> list[int]:
    """Return whole units that add up to the budget, each within one of its amount (Hamilton's method).

    Every area gets the whole part of its amount; what is left goes by one to the largest remainders. Equal
    remainders: the area that comes first in ``first``. Whoever has the larger amount never gets less, and
    whoever alone asks for more never gets less: an amount that rises while all others fall keeps its place
    among the remainders, or gains a whole unit.

    Parameters
    ----------
    amounts
        They add up to the budget.
    budget
        Whole.
    first
        The places of the areas, in the order in which equal remainders are served.

    References
    ----------
    Balinski and Young (1982), Fair Representation, Yale University Press
    """
    whole = [int(amount // 1) for amount in amounts]
    left = budget - sum(whole)
    served = sorted(first, key=lambda i: whole[i] - amounts[i])[:left]
    for i in served:
        whole[i] += 1
    return whole


def fill_draws(budget: float, weights: np.ndarray, limits: Limits) -> np.ndarray:
    """Return what :func:`fill` gives for each row of weights (rows, n), as floats."""
    base, floor, cap = (np.array([float(x) for x in part]) for part in limits)
    filled = [
        _fill_rows(budget, weights[i : i + _ROWS], base, floor, np.minimum(cap, budget))
        for i in range(0, len(weights), _ROWS)
    ]
    return np.concatenate(filled) if filled else np.zeros(weights.shape)


def _fill_rows(
    budget: float, weights: np.ndarray, base: np.ndarray, floor: np.ndarray, cap: np.ndarray
) -> np.ndarray:
    most = weights.max(axis=1, keepdims=True)
    weights = np.divide(weights, most, out=np.zeros(weights.shape), where=most > 0)
    grows = (weights > _NOTHING) & (base < cap) & (floor < cap)
    safe = np.where(grows, weights, 1.0)
    begins = np.where(grows, np.maximum(floor - base, 0) / safe, 0.0)
    points = np.concatenate([begins, np.where(grows, (cap - base) / safe, 0.0)], axis=1)
    change = np.concatenate([np.where(grows, weights, 0.0), np.where(grows, -weights, 0.0)], axis=1)
    order = np.argsort(points, axis=1, kind="stable")
    points = np.take_along_axis(points, order, axis=1)
    slope = np.cumsum(np.take_along_axis(change, order, axis=1), axis=1)
    total = np.clip(base, floor, cap).sum() + points[:, :1] * 0.0
    steps = np.cumsum(slope[:, :-1] * np.diff(points, axis=1), axis=1)
    total = np.concatenate([total, total + steps], axis=1)
    at = np.maximum((total < budget).sum(axis=1, keepdims=True) - 1, 0)
    here = np.take_along_axis(slope, at, axis=1)
    short = budget - np.take_along_axis(total, at, axis=1)
    more = np.divide(short, here, out=np.zeros_like(short), where=here > 0)
    t = np.take_along_axis(points, at, axis=1) + np.maximum(more, 0.0)
    return np.asarray(np.clip(base + t * np.where(grows, weights, 0.0), floor, cap))
