"""What stands in for a value that is not known: nothing, unless the index asks for it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from scipy import sparse

from lea_geo._checks import check_choice
from lea_geo._checks.composite_steps import check_imputation
from lea_geo.composite.changes import Changes
from lea_geo.composite_spec import IMPUTATIONS
from lea_geo.schema import Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from lea_geo.composite_spec import Impute

    _Estimate = tuple[np.ndarray, np.ndarray | str]
    """What stands in for each cell, were it a gap, (n, k); and the method in words."""


@dataclass(frozen=True)
class Known:
    """What is known of n areas and k indicators besides their values."""

    status: np.ndarray | None = None
    """(n, k) words of ``schema.Status``; left out, every NaN is missing."""
    lower: np.ndarray | None = None
    """(n, k): what a suppressed value is at least; NaN where nothing is known."""
    upper: np.ndarray | None = None
    links: sparse.csr_array[Any, tuple[int, int]] | None = None
    """(n, n): who is whose neighbour, for ``neighbours``."""
    group: np.ndarray | None = None
    """(n,) whole numbers, for ``group`` and ``parent``: what each area belongs to; -1 for nothing."""
    people: np.ndarray | None = None
    """(n, k): the denominators of the values, for ``parent``; NaN where there is none."""

    @cached_property
    def answerable(self) -> np.ndarray | None:
        """Which cells have an answer, known or not; None where all have."""
        return None if self.status is None else np.asarray(self.status != str(Status.NOT_APPLICABLE))

    @cached_property
    def neighbours(self) -> sparse.csr_array[Any, tuple[int, int]]:
        """1 for each link between different areas."""
        links = sparse.csr_array(cast("Any", self.links), dtype=float)
        links.data = (links.data != 0).astype(float)
        return sparse.csr_array(links - sparse.diags_array(links.diagonal()))

    @cached_property
    def membership(self) -> sparse.csr_array[Any, tuple[int, int]]:
        """(groups + 1, n): 1 where an area belongs to a group; the last row has those without one."""
        group = np.asarray(self.group)
        count = int(group.max(initial=-1)) + 1
        row = np.where(group < 0, count, group)
        return sparse.csr_array((np.ones(len(row)), (row, np.arange(len(row)))), shape=(count + 1, len(row)))

    def gaps(self, x: np.ndarray) -> np.ndarray:
        """Return which cells have an answer that is not known: no value, and not "not applicable"."""
        empty: np.ndarray = np.isnan(x)
        return empty if self.answerable is None else empty & self.answerable


@dataclass(frozen=True)
class Imputed:
    """Values with their gaps filled as far as the method could."""

    values: np.ndarray
    """(n, k)."""
    changes: Changes
    left: np.ndarray
    """(k,): how many gaps stay, because nothing was there to take a value from."""
    how: Impute


def impute(x: np.ndarray, how: Impute, known: Known | None = None) -> Imputed:
    """Fill gaps from the values that are there.

    ``mean`` and ``median``
        of the indicator over all areas.
    ``neighbours``
        the mean over the neighbours that have a value, each counting the same.
    ``group``
        the median over the areas of the same group.
    ``parent``
        the value of the group as a whole: ``sum(d_i x_i) / sum(d_i)`` over its areas with a value, d_i being
        their denominators; the plain mean where one of them has no denominator. The log says which.

    Only values that were known stand in for others, so that the order of the areas is of no account. A
    suppressed value stays within what is known of it. A cell that is not applicable is never filled.

    Parameters
    ----------
    x
        Values (n, k) in the indicators' own units; NaN for none.
    how
        The method.
    known
        Status, bounds and what the method takes its values from.

    Returns
    -------
    Imputed
        The values, every cell that changed, and how many gaps stay.

    Raises
    ------
    UsageError
        If the method is unknown, or lacks its graph or groups.
    """
    known = known or Known()
    check_choice("impute.method", how.method, IMPUTATIONS)
    check_imputation(how.method, has_links=known.links is not None, has_group=known.group is not None)
    gaps = known.gaps(x)
    if how.method == "none" or not gaps.any():
        return _imputed(x, x.copy(), np.full(x.shape[1], how.method, dtype=object), gaps, how)
    estimate, words = _METHODS[how.method](x, known)
    within, clipped = _within_bounds(estimate, known)
    values = np.where(gaps, within, x)
    plain = np.broadcast_to(np.asarray(words, dtype=object), x.shape)
    words = np.where(clipped, plain + ", held within its bounds", plain)
    return _imputed(x, values, words, gaps, how)


def filled(x: np.ndarray, how: Impute, known: Known) -> np.ndarray:
    """Return what :func:`impute` makes of values, without its log and its checks: for thousands of runs."""
    gaps = known.gaps(x)
    if how.method == "none" or not gaps.any():
        return x
    return np.where(gaps, _within_bounds(_METHODS[how.method](x, known)[0], known)[0], x)


def _imputed(x: np.ndarray, values: np.ndarray, words: np.ndarray, gaps: np.ndarray, how: Impute) -> Imputed:
    left = np.sum(gaps & np.isnan(values), axis=0)
    return Imputed(values, Changes.between(x, values, words), left, how)


def _within_bounds(estimate: np.ndarray, known: Known) -> tuple[np.ndarray, np.ndarray]:
    """Return the estimates moved into their bounds, and which of them had to be moved."""
    lower = np.nan if known.lower is None else known.lower
    upper = np.nan if known.upper is None else known.upper
    # fmax and fmin pass over a bound that is NaN, but would also fill an estimate that is.
    within = np.where(np.isnan(estimate), np.nan, np.fmin(np.fmax(estimate, lower), upper))
    return within, ~np.isnan(estimate) & (within != estimate)


def _mean(x: np.ndarray, _: Known) -> _Estimate:
    there = ~np.isnan(x)
    total, count = np.where(there, x, 0.0).sum(axis=0), there.sum(axis=0)
    return np.broadcast_to(_ratio(total, count), x.shape), "mean"


def _median(x: np.ndarray, _: Known) -> _Estimate:
    found = [np.median(held) if len(held := column[~np.isnan(column)]) else np.nan for column in x.T]
    return np.broadcast_to(np.array(found), x.shape), "median"


def _neighbours(x: np.ndarray, known: Known) -> _Estimate:
    there = ~np.isnan(x)
    total, count = known.neighbours @ np.where(there, x, 0.0), known.neighbours @ there.astype(float)
    return _ratio(total, count), "mean of neighbours"


def _group(x: np.ndarray, known: Known) -> _Estimate:
    return _medians(x, np.asarray(known.group)), "median of the group"


def _parent(x: np.ndarray, known: Known) -> _Estimate:
    group, sums = np.asarray(known.group), known.membership
    there = ~np.isnan(x)
    filled = np.where(there, x, 0.0)
    people = np.full(x.shape, np.nan) if known.people is None else known.people
    counted = there & (people >= 0)
    number = np.where(counted, people, 0.0)
    weighted = _ratio(sums @ (number * filled), sums @ number)
    plain = _ratio(sums @ filled, sums @ there.astype(float))
    by_number = (sums @ (there & ~counted).astype(float) == 0) & ~np.isnan(weighted)
    value = np.where(by_number, weighted, plain)
    words = np.where(by_number, "parent area, by denominators", "parent area, mean")
    value[-1] = np.nan  # of areas that belong to nothing
    return value[group], words[group]  # -1 is the last row


def _ratio(total: np.ndarray, count: np.ndarray) -> np.ndarray:
    ratio = np.full(np.shape(total), np.nan)
    np.divide(total, count, out=ratio, where=np.asarray(count) > 0)
    return ratio


def _medians(x: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Return for each cell the median of its column over its group (n, k); NaN outside groups."""
    found = np.full(x.shape, np.nan)
    groups = int(group.max(initial=-1)) + 1
    key = group.astype(np.int16) if groups < 2**15 else group  # short numbers are sorted by radix
    for column in range(x.shape[1]):
        held = np.flatnonzero(~np.isnan(x[:, column]) & (group >= 0))
        order = held[np.argsort(x[held, column])]
        order = order[np.argsort(key[order], kind="stable")]
        count = np.bincount(group[order], minlength=groups)
        start = np.concatenate([[0], np.cumsum(count)[:-1]]).astype(np.intp)
        some = count > 0
        low, high = start + (count - 1) // 2, start + count // 2
        median = np.full(groups + 1, np.nan)  # the last is for -1
        ordered = x[order, column]
        median[:-1][some] = (ordered[low[some]] + ordered[high[some]]) / 2
        found[:, column] = median[group]
    return found


_METHODS: dict[str, Callable[[np.ndarray, Known], _Estimate]] = {
    "mean": _mean,
    "median": _median,
    "neighbours": _neighbours,
    "group": _group,
    "parent": _parent,
}
