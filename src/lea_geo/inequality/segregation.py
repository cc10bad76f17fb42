"""How evenly groups live across areas, beside what chance alone would make of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import entr, xlogy

from lea_geo._by_area import ByArea
from lea_geo._checks import check_count, check_fraction, check_seed
from lea_geo._checks.segregation import check_allocable, check_group_counts
from lea_geo.inequality.segregation_hidden import hidden_ranges
from lea_geo.inequality.segregation_indices import COMPOSITION, MANY_GROUPS, ROOTS, TWO_GROUPS, index_values
from lea_geo.inequality.segregation_random import (
    exact_expectations,
    in_batches,
    resampled,
    shuffled,
    underlying_shares,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from lea_geo.inequality.segregation_indices import Array

_NULL, _AGAIN = 1, 2
"""Streams of random numbers: people shuffled, and counts drawn again."""


@dataclass(frozen=True)
class LocalSegregation(ByArea):
    """What each area adds to the region's segregation."""

    table: pd.DataFrame
    """Indexed by ``area_id``: ``people``, ``divergence`` (in nats; its mean over people is the mutual
    information), ``entropy`` (of the area's own shares), ``same_group`` (the probability that two people of
    the area are of one group), and for each group ``share_<group>`` and ``location_quotient_<group>`` (its
    share here over that in the region). NaN where a count is hidden or nobody lives."""


@dataclass(frozen=True)
class SegregationResult:
    """Indices of segregation, each beside what chance would make of it."""

    table: pd.DataFrame
    """Indexed by ``index``. ``value``: from the counts as they are. ``expected``: its mean if areas and
    groups kept their sizes and people were shuffled; ``p_value``: the probability of such a value or one of
    more segregation then. ``corrected``: ``(value - expected) / (1 - expected)``, 0 on average under
    shuffling and 1 under complete segregation; NaN for isolation and interaction, which follow the group's
    size. ``underlying underlying_lower underlying_upper``: the index of the areas' underlying shares, the
    bias of small numbers taken away, and its interval. ``again_lower again_upper``: what ``value`` could be
    if as many people were drawn again. ``hidden_lower hidden_upper hidden_kind``: what ``value`` could be
    over all that hidden counts could be; the kind is one of ``segregation_hidden.KINDS``."""
    local: LocalSegregation
    exposure: pd.DataFrame
    """The share of each group (columns) in the area of an average member of each group (rows)."""
    groups: tuple[str, ...]
    n_areas: int
    """Areas with people whose counts are all known: those that ``value`` is of."""
    n_people: float
    left_out: tuple[str, ...]
    """Areas with a hidden count."""
    atkinson_shape: float
    runs: int
    level: float
    seed: int
    notes: tuple[str, ...] = ()

    @property
    def value(self) -> float:
        """The index of dissimilarity."""
        return float(self.table["value"]["dissimilarity"])

    @property
    def interval(self) -> tuple[float, float]:
        """The interval of the underlying index of dissimilarity."""
        row = self.table.loc["dissimilarity", ["underlying_lower", "underlying_upper"]].to_numpy(dtype=float)
        return float(row[0]), float(row[1])


def segregation(
    counts: pd.DataFrame,
    *,
    totals: pd.Series | None = None,
    lower: pd.DataFrame | None = None,
    upper: pd.DataFrame | None = None,
    atkinson_shape: float = 0.5,
    runs: int = 999,
    level: float = 0.95,
    seed: int = 2009,
) -> SegregationResult:
    """Measure how evenly groups live across areas.

    With few people by area every index is far from 0 even if people live anywhere at random, so each comes
    with what it would be then, a test against that, and an estimate with that bias taken away. The formulas
    are in :mod:`lea_geo.inequality.segregation_indices`; P is a group's share of the region, p that of an
    area, t an area's people, T the region's, I the sum of P (1 - P) and E the entropy.

    Parameters
    ----------
    counts
        Indexed by ``area_id``, a column for each group, everybody in exactly one: the group of interest
        first, then the rest. NaN is a hidden count; an area with one is left out of the indices, and the
        range over all that it could be is told beside them.
    totals
        People by area, all groups together; a hidden count that is the rest is then worked out, and of two
        groups the range over hidden counts has bounds that nothing can lie outside.
    lower, upper
        What hidden counts are at least and at most; the columns of ``counts``.
    atkinson_shape
        Atkinson's b, between 0 and 1; above 0.5 areas where the group is many count for more.
    runs
        How many tables are drawn of people shuffled, and as many of counts drawn again.
    level
        Coverage of the intervals, between 0 and 1.
    seed
        Decides the random numbers.

    Returns
    -------
    SegregationResult
        Of two groups the indices ``TWO_GROUPS``, of more ``MANY_GROUPS``.

    Raises
    ------
    UsageError
        If ``counts`` is no table of two groups or more, or an option is out of range.
    ValuesError
        If ids do not match, counts are impossible, fewer than two areas have people, or a group has nobody.

    References
    ----------
    Massey and Denton (1988), https://doi.org/10.1093/sf/67.2.281
    Reardon and Firebaugh (2002), https://doi.org/10.1111/1467-9531.00110
    Winship (1977), https://doi.org/10.1093/sf/55.4.1058
    Carrington and Troske (1997), https://doi.org/10.1080/07350015.1997.10524718
    Allen, Burgess, Davidson and Windmeijer (2015), https://doi.org/10.1111/ectj.12039
    Elbers (2023), https://doi.org/10.1177/0049124121986204
    """
    check_fraction("atkinson_shape", atkinson_shape)
    check_count("runs", runs, least=19)
    check_fraction("level", level)
    check_seed(seed)
    ids, groups, numbers, low, high, people = check_group_counts(
        counts, totals=totals, lower=lower, upper=upper
    )
    names = TWO_GROUPS if len(groups) == 2 else MANY_GROUPS
    hidden = np.isnan(numbers).any(axis=1)
    held = numbers[~hidden & (people > 0)]
    check_allocable(ids[~hidden & (people > 0)], groups, held)
    whole = np.round(held)
    table = _indices(names, held, whole, atkinson_shape, runs, level, seed)
    ranges, kinds = hidden_ranges(names, low, high, people, atkinson_shape)
    table["hidden_lower"], table["hidden_upper"], table["hidden_kind"] = ranges[:, 0], ranges[:, 1], kinds
    return SegregationResult(
        table=table,
        local=LocalSegregation(_by_area(ids, groups, numbers)),
        exposure=_exposures(groups, held),
        groups=groups,
        n_areas=len(held),
        n_people=float(held.sum()),
        left_out=tuple(map(str, ids[hidden])),
        atkinson_shape=atkinson_shape,
        runs=runs,
        level=level,
        seed=seed,
        notes=_notes(ids, hidden, people, rounded=not np.array_equal(whole, held)),
    )


def _indices(
    names: tuple[str, ...], held: Array, whole: Array, shape: float, runs: int, level: float, seed: int
) -> pd.DataFrame:
    value = index_values(names, held, shape)
    people, sizes = whole.sum(axis=1), whole.sum(axis=0)
    chance = _drawn(names, shuffled(people, sizes, seed, _NULL), runs, whole.size, shape)
    exact = exact_expectations(whole)
    expected = np.array([exact.get(name, chance[:, at].mean()) for at, name in enumerate(names)])
    shares = underlying_shares(whole)
    again = _drawn(names, resampled(people, shares, seed, _AGAIN), runs, whole.size, shape)
    truth = index_values(names, shares * people[:, None], shape)
    drawn = np.quantile(again, [(1 - level) / 2, (1 + level) / 2], axis=0)
    middle, least, most = underlying_index(names, value, truth, again, level)
    follows = np.isin(names, COMPOSITION)
    columns = {
        "value": value,
        "expected": expected,
        "corrected": np.where(follows, np.nan, (value - expected) / (1 - expected)),
        "p_value": _tail(names, value, chance),
        "underlying": middle,
        "underlying_lower": least,
        "underlying_upper": most,
        "again_lower": drawn[0],
        "again_upper": drawn[1],
    }
    return pd.DataFrame(columns, index=pd.Index(names, name="index"))


def underlying_index(
    names: tuple[str, ...], value: Array, truth: Array, again: Array, level: float
) -> tuple[Array, Array, Array]:
    """Return the bias-corrected index and its basic bootstrap interval.

    Dissimilarity and Gini are proportional to the spread of shares, the others to its square, to which chance
    adds nearly the same whatever the truth is: so those two are corrected in squares.

    Parameters
    ----------
    names
        Of indices.
    value, truth
        From the counts, and from the shares that ``again`` was drawn from, shape (names,).
    again
        From counts drawn again, shape (runs, names).
    level
        Coverage.
    """
    power = np.where(np.isin(names, ROOTS), 2.0, 1.0)
    low, high = np.quantile(again, [(1 - level) / 2, (1 + level) / 2], axis=0)
    shifts = np.array([(again**power).mean(axis=0), high**power, low**power]) - truth**power
    found = np.clip(value**power - shifts, 0, 1) ** (1 / power)
    return found[0], found[1], found[2]


def _drawn(names: tuple[str, ...], draw: Callable[[int], Array], runs: int, size: int, shape: float) -> Array:
    with np.errstate(invalid="ignore", divide="ignore"):  # a group may come out empty in a tiny table
        found = [index_values(names, tables, shape) for tables in in_batches(draw, runs, size)]
    values = np.concatenate(found)
    return values[~np.isnan(values).any(axis=1)]


def _tail(names: tuple[str, ...], value: Array, chance: Array) -> Array:
    """Return the share of shuffled tables, the observed one among them, with as much segregation or more."""
    sign = np.where(np.array(names) == "interaction", -1.0, 1.0)
    more = (sign * chance >= sign * value - 1e-12).sum(axis=0)
    return np.asarray((more + 1) / (len(chance) + 1))


def _exposures(groups: tuple[str, ...], held: Array) -> pd.DataFrame:
    shares = held / held.sum(axis=1, keepdims=True)
    matrix = (held / held.sum(axis=0)).T @ shares
    return pd.DataFrame(matrix, index=pd.Index(groups, name="of"), columns=pd.Index(groups, name="to"))


def _by_area(ids: pd.Index, groups: tuple[str, ...], numbers: Array) -> pd.DataFrame:
    people = numbers.sum(axis=1)
    shares = numbers / np.where(people > 0, people, np.nan)[:, None]
    region = np.nansum(numbers[~np.isnan(people)], axis=0)
    region = region / region.sum()
    columns = {
        "people": people,
        "divergence": xlogy(shares, shares / region).sum(axis=1),
        "entropy": entr(shares).sum(axis=1),
        "same_group": (shares**2).sum(axis=1),
    }
    for at, group in enumerate(groups):
        columns[f"share_{group}"] = shares[:, at]
        columns[f"location_quotient_{group}"] = shares[:, at] / region[at]
    return pd.DataFrame(columns, index=ids)


def _notes(ids: pd.Index, hidden: Array, people: Array, *, rounded: bool) -> tuple[str, ...]:
    notes = []
    if hidden.any():
        notes.append(f"Areas left out because a count is hidden: {int(hidden.sum())} of {len(ids)}.")
    empty = int((people == 0).sum())
    if empty:
        notes.append(f"Areas left out because nobody lives there: {empty} of {len(ids)}.")
    if rounded:
        notes.append("Counts are not whole numbers; what chance makes of them is drawn from rounded counts.")
    return tuple(notes)
