"""How far each choice alone moves each area: one factor differs, everything else is as stated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lea_geo.robustness.plan import STATED
from lea_geo.robustness.runs import ranks, spread
from lea_geo.robustness.streams import Key
from lea_geo.robustness_spec import FACTORS

if TYPE_CHECKING:
    from collections.abc import Callable

    from lea_geo.robustness.plan import Plan, Setting

DRAWS = 64
"""Of weights, noise and hidden values, which are numbers and no list."""
_SAMPLE = 2
"""Other random numbers than those of the runs and of the samples of Sobol indices."""
_LISTS = ("normalise", "aggregate", "impute", "indicators")


@dataclass(frozen=True)
class Alone:
    """Mean distances between ranks and the stated ranks."""

    shift: np.ndarray
    """Of each node's areas by each factor, NaN without a stated rank; shape (nodes, factors, n)."""
    without: np.ndarray
    """For each area the indicator (column) without which its rank moves most, -1 for none; (nodes, n)."""

    def mover(self, node: int) -> np.ndarray:
        """Return the place among ``FACTORS`` of what moves each area most, -1 for nothing; shape (n,)."""
        shift = np.where(np.isnan(self.shift[node]), 0.0, self.shift[node])
        return np.where(shift.max(axis=0) > 0, shift.argmax(axis=0), -1)


def settings_alone(plan: Plan) -> list[tuple[str, Setting]]:
    """Return the settings in which one factor differs from what is stated, the factor beside each.

    A factor that chooses from a list takes every choice once, the stated one too, for it is as likely to be
    drawn; one that draws numbers takes some draws.
    """
    found: list[tuple[str, Setting]] = []
    for factor in plan.moving:
        if factor in _LISTS:
            places = range(plan.alternatives.count(factor))
            found += [(factor, plan.chosen(factor, place)) for place in places]
        else:
            at = FACTORS.index(factor)
            for draw in range(DRAWS):
                keys = (*STATED[:at], Key(draw, _SAMPLE), *STATED[at + 1 :])
                found.append((factor, plan.setting(keys)))
    return found


def alone(
    plan: Plan,
    listed: list[tuple[str, Setting]],
    stated: np.ndarray,
    *,
    workers: int | None,
    tick: Callable[[], None],
) -> Alone:
    """Run the settings and return how far they move areas.

    Parameters
    ----------
    plan, listed
        What to run.
    stated
        Ranks as stated, 0 for none; shape (nodes, n).
    workers, tick
        As for ``spread``.
    """
    moved = np.empty((len(listed), *stated.shape), dtype=np.float32)

    def work(start: int, stop: int) -> None:
        for run in range(start, stop):
            rank = np.array([ranks(scores) for scores in plan.scores(listed[run][1])])
            moved[run] = np.where((rank > 0) & (stated > 0), np.abs(rank - stated), np.nan)

    spread(work, len(listed), workers=workers, tick=tick)
    names = np.array([factor for factor, _ in listed])
    shift = np.zeros((stated.shape[0], len(FACTORS), stated.shape[1]))
    for at, factor in enumerate(FACTORS):
        shift[:, at] = _mean(moved[names == factor])
    shift[:, :, :] = np.where((stated > 0)[:, None], shift, np.nan)
    return Alone(shift, _without(plan, moved[names == "indicators"], stated))


def _mean(moved: np.ndarray) -> np.ndarray:
    """Return the mean over runs in which an area has a rank; 0 without any."""
    there = ~np.isnan(moved)
    total = np.where(there, moved, 0.0).sum(axis=0, dtype=float)
    return np.asarray(total / np.maximum(there.sum(axis=0), 1))


def _without(plan: Plan, moved: np.ndarray, stated: np.ndarray) -> np.ndarray:
    if not len(moved):
        return np.full(stated.shape, -1)
    far = np.where(np.isnan(moved), 0.0, moved)
    best = far.argmax(axis=0)
    columns = np.array(plan.alternatives.left_out)[best]
    return np.where(far.max(axis=0) > 0, columns, -1)
