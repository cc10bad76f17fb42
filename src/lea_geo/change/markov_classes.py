"""Classes of values over the years: by quantiles of all years, of each year, or by fixed goalposts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import binom

from lea_geo._checks.trends import check_goalposts, refuse_too_few

if TYPE_CHECKING:
    from collections.abc import Sequence

CUTS = ("pooled", "year")


@dataclass(frozen=True, eq=False)
class Classed:
    """The class of every area in every year."""

    states: np.ndarray
    """0 for the lowest, -1 where there is no value; shape (n areas, n years)."""
    borders: np.ndarray
    """Upper borders of all classes but the last, counted in; shape (n years, k - 1)."""
    notes: tuple[str, ...] = ()

    @property
    def k(self) -> int:
        """How many classes there are."""
        return int(self.borders.shape[1]) + 1

    @property
    def names(self) -> tuple[str, ...]:
        """``"1"`` for the lowest class, and so on."""
        return tuple(str(i + 1) for i in range(self.k))


def classed(x: np.ndarray, classes: int, cuts: str, goalposts: Sequence[float] | None) -> Classed:
    """Class values; equal borders, which ties make, are one."""
    if goalposts is not None:
        borders = np.tile(check_goalposts(goalposts), (x.shape[1], 1))
        return Classed(_states(x, borders), borders)
    if np.isnan(x).all():
        raise refuse_too_few("values to class", 0, classes, "An area without neighbours has no mean of them.")
    points = np.arange(1, classes) / classes
    if cuts == "pooled":
        single = np.unique(np.quantile(x[~np.isnan(x)], points))
        borders, lost = np.tile(single, (x.shape[1], 1)), classes - 1 - len(single)
        note = (
            f"{lost} of {classes - 1} borders between classes are equal to others: too many values are tied."
        )
        return Classed(_states(x, borders), borders, (note,) if lost else ())
    known = [column[~np.isnan(column)] for column in x.T]
    borders = np.array([np.quantile(one, points) if len(one) else points * np.nan for one in known])
    return Classed(_states(x, borders), borders)


def _states(x: np.ndarray, borders: np.ndarray) -> np.ndarray:
    states = np.empty(x.shape, dtype=np.int64)
    for t in range(x.shape[1]):
        states[:, t] = np.searchsorted(borders[t], x[:, t], side="left")
    states[np.isnan(x)] = -1
    return states


def noise_share(
    x: np.ndarray, borders: np.ndarray, events: np.ndarray, people: np.ndarray
) -> tuple[float, float]:
    """Return the observed share of moves to another class, and that which chance alone would bring.

    As if each area had the same rate in all years, that of its years together, and its counts were binomial:
    the chance of a move from year t to t + 1 is ``1 - sum_c P_t(c) P_(t+1)(c)``, with ``P_t(c)`` that of a
    count whose rate falls in class c. Over the pairs of years where an area has both counts.
    """
    scale = _scale(x, events, people)
    known = ~(np.isnan(events) | np.isnan(people) | np.isnan(x)) & (people > 0)
    n_events = np.where(known, events, 0.0).sum(axis=1)
    n_people = np.where(known, people, 0.0).sum(axis=1)
    rate = np.divide(n_events, n_people, out=np.full(len(x), np.nan), where=n_people > 0)
    chances = np.stack([_chances(rate, people[:, t], borders[t] / scale) for t in range(x.shape[1])])
    states = _states(x, borders)
    both = known[:, :-1] & known[:, 1:]
    stays = (chances[:-1] * chances[1:]).sum(axis=2).T
    moved = states[:, :-1] != states[:, 1:]
    if not both.any():
        return np.nan, np.nan
    return float(moved[both].mean()), float(1.0 - stays[both].mean())


def _scale(x: np.ndarray, events: np.ndarray, people: np.ndarray) -> float:
    known = ~(np.isnan(events) | np.isnan(people) | np.isnan(x)) & (people > 0) & (events > 0)
    return float(np.median(x[known] * people[known] / events[known])) if known.any() else 1.0


def _chances(rate: np.ndarray, people: np.ndarray, borders: np.ndarray) -> np.ndarray:
    """Return the chance of each class, shape (n areas, k)."""
    whole = np.where(np.isnan(people), 0.0, people)[:, None]
    most = np.floor(whole * borders[None, :] * (1 + 1e-12) + 1e-9)
    below = binom.cdf(np.minimum(most, whole), np.round(whole), np.nan_to_num(rate)[:, None])
    below = np.where(most < 0, 0.0, below)
    edges = np.column_stack([np.zeros(len(rate)), below, np.ones(len(rate))])
    return np.diff(edges, axis=1)
