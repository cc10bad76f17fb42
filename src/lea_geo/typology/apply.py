"""Types of one year applied to another: who moved, what noise alone would move, and which types drifted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.stats import chi2, false_discovery_control

from lea_geo._by_area import ByArea
from lea_geo._checks import check_count, check_fraction, check_seed
from lea_geo._checks.typology import check_applied
from lea_geo.typology.agreement import adjusted_rand, matched
from lea_geo.typology.features import features
from lea_geo.typology.fits import NONE, STARTS, Fit, letters, quiet
from lea_geo.typology.stability import How
from lea_geo.typology.streams import stream, whole_seed
from lea_geo.typology.zeros import least_shares, prior, replaced

if TYPE_CHECKING:
    from lea_geo.typology.composition import Composition
    from lea_geo.typology.features import Features
    from lea_geo.typology.types import Types

MOVES = ("stayed", "moved", "unsure")
"""What became of an area: the same type; another one, and its numbers moved further than noise would;
another one, but noise could have done that."""


@dataclass(frozen=True, kw_only=True)
class AppliedTypes(ByArea):
    """The types of one year, in another."""

    table: pd.DataFrame
    """Indexed by ``area_id``: ``before`` and ``type``, letters, blank where a year has no values;
    ``probability`` and ``second``; ``distance``, how far the area went; ``p_value`` of the same true
    numbers in both years (Pearson's chi-square of counts, squared differences over variances of indicators);
    ``q_value``, the same for all areas (Benjamini-Hochberg); ``p_by_noise``, how often noise alone gives it
    another type; ``move``, one of ``MOVES``."""
    memberships: pd.DataFrame
    """Probability of every type in the new year."""
    crossed: pd.DataFrame
    """Areas by type before (rows) and now."""
    moved: int
    """Areas of another type than before, sure or not."""
    expected: float
    """How many noise alone would move."""
    expected_interval: tuple[float, float]
    """Of the same, over the worlds without change."""
    p_value: float
    """How often noise alone moves as many."""
    drift: pd.DataFrame
    """Indexed by type: ``distance`` of its new centre from the old one; ``p_value``, how often noise alone
    takes it as far; ``of_way``, the distance as a share of that to the nearest other type; ``drifted``,
    whether the p-value is at most ``fdr`` over the number of types."""
    fresh: pd.Series
    """The types that the new year would have by itself, named as those that they share most areas with."""
    fresh_rand: float
    """Adjusted Rand index of ``fresh`` and the applied types."""
    draws: int
    fdr: float
    level: float
    seed: int
    notes: tuple[str, ...]

    def __repr__(self) -> str:
        sure = int((self.table["move"] == "moved").sum())
        return f"<AppliedTypes: {self.moved} areas of another type, {sure} surely; noise {self.expected:.1f}>"


def apply_types(
    result: Types,
    data: Composition | None = None,
    *,
    indicators: pd.DataFrame | None = None,
    errors: pd.DataFrame | None = None,
    draws: int = 999,
    fdr: float = 0.05,
    level: float = 0.95,
    seed: int = 2009,
) -> AppliedTypes:
    """Give the areas of another year the types of an earlier one.

    The new data take the same transform with the same medians and spreads, and each area the type of the
    nearest centre (a mixture: the most probable). What noise alone would do is drawn: true compositions
    given the earlier counts, and from each as many people as the area has now. Areas without counts or
    standard errors have no noise that anybody knows, and every change of theirs is taken as real.

    Parameters
    ----------
    result
        The types: :func:`lea_geo.types`.
    data, indicators, errors
        As there, of the new year, with the same parts and indicators.
    draws
        How many worlds without change.
    fdr
        The expected share of false alarms among the areas that are said to have moved.
    level
        Of the interval of how many noise alone would move.
    seed
        The same seed gives the same answer, in whatever order the areas are.

    Raises
    ------
    UsageError, ValuesError
        If the parts or indicators are others, or no area is in both years.
    """
    check_count("draws", draws, least=19)
    check_seed(seed)
    for name, value in (("fdr", fdr), ("level", level)):
        check_fraction(name, value)
    new = features(data, indicators, errors, scale=result.seen.scale)
    both = result.seen.ids.intersection(new.ids).sort_values()
    check_applied(len(both))
    old_at, new_at = result.seen.ids.get_indexer(both), new.ids.get_indexer(both)
    with quiet():
        now = result.fit.assign(new.x)
        fresh, fresh_rand = _fresh(result, new, now)
        worlds = _worlds(result, new, old_at, new_at, draws, seed)
        member = _member(result, new, runs=result.runs, seed=seed)
    before = result.fit.labels[old_at]
    table = _table(result, new, now, member)
    _judge(table, result, new, (old_at, new_at), worlds, fdr)
    differs = (before != now[new_at]) & (before != NONE)
    by_world = worlds.moves
    low, high = np.quantile(by_world, [(1 - level) / 2, (1 + level) / 2])
    names = letters(result.k)
    return AppliedTypes(
        table=table,
        memberships=pd.DataFrame(member, index=new.ids, columns=names).reindex(table.index),
        crossed=_crossed(before, now[new_at], names),
        moved=int(differs.sum()),
        expected=float(by_world.mean()),
        expected_interval=(float(low), float(high)),
        p_value=float((1 + (by_world >= differs.sum()).sum()) / (draws + 1)),
        drift=_drift(result, new, now, worlds, fdr),
        fresh=fresh,
        fresh_rand=fresh_rand,
        draws=draws,
        fdr=fdr,
        level=level,
        seed=seed,
        notes=_notes(result, new, both),
    )


@dataclass(frozen=True)
class _Worlds:
    """What noise alone does to areas of both years."""

    others: np.ndarray
    """Share of worlds in which each has another type than before, shape (n,)."""
    moves: np.ndarray
    """How many areas have another type, shape (draws,)."""
    centres: np.ndarray
    """How far each type's centre goes, shape (draws, k)."""


def _worlds(
    result: Types, new: Features, old_at: np.ndarray, new_at: np.ndarray, draws: int, seed: int
) -> _Worlds:
    old = result.seen
    here, before = old.x[old_at], result.fit.labels[old_at]
    others = np.zeros(len(here))
    moves, centres = np.zeros(draws), np.full((draws, result.k), np.nan)
    start = _centres(here, before, result.fit)
    for number in range(draws):
        x = _again(old, new, old_at, new_at, stream(seed, "compare", number))
        labels = result.fit.assign(x)
        differs = (labels != before) & (before != NONE)
        others += differs
        moves[number] = differs.sum()
        centres[number] = np.linalg.norm(_centres(x, labels, result.fit) - start, axis=1)
    return _Worlds(others / draws, moves, centres)


def _again(
    old: Features, new: Features, old_at: np.ndarray, new_at: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Return the new coordinates of areas of which nothing true has changed, shape (n, dimensions)."""
    values = old.values[old_at] + np.hypot(old.errors[old_at], new.errors[new_at]) * rng.standard_normal(
        old.values[old_at].shape
    )
    kept, now = old.composition, new.composition
    if kept is None or now is None:
        return old.scale.place(np.zeros((len(values), 0)), values)
    shares = kept.drawn(rng)[old_at]
    if now.counts is None or kept.counts is None:
        return old.scale.place(shares, values)
    people = np.maximum(1, np.rint(now.counts.to_numpy()[new_at].sum(axis=1))).astype(np.int64)
    counts = rng.multinomial(people, shares).astype(float)
    least = least_shares(counts, prior(counts + 0.01, now.zeros))
    return old.scale.place(replaced(counts / counts.sum(axis=1, keepdims=True), least), values)


def _centres(x: np.ndarray, labels: np.ndarray, fit: Fit) -> np.ndarray:
    """Return the mean of each type's areas, NaN of a type without any; shape (k, dimensions)."""
    found = np.full(fit.centres.shape, np.nan)
    for one in range(fit.k):
        if (labels == one).any():
            found[one] = x[labels == one].mean(axis=0)
    return found


def _member(result: Types, new: Features, *, runs: int, seed: int) -> np.ndarray:
    """Return the share of draws in which each area of the new year is of each type, shape (n, k)."""
    found = np.zeros((len(new.ids), result.k))
    for number in range(runs):
        found += result.fit.memberships(new.drawn(stream(seed, "noise", number)))
    return found / runs


def _fresh(result: Types, new: Features, now: np.ndarray) -> tuple[pd.Series, float]:
    """Return the new year's own types under the old names, and how well they agree with the applied ones."""
    n = len(new.ids)
    own = np.ones(n, dtype=bool)
    how = How(result.method, np.ones(n), result.covariance or "tied", result.seed, result.runs, own)
    names = np.array([*letters(result.k), ""], dtype=object)
    if result.method == "hdbscan" or result.k == 1:
        return pd.Series(names[now], index=new.ids, dtype="str", name="fresh"), float("nan")
    made = how.fit(new.x, result.k, whole_seed(result.seed, "start"), starts=STARTS)
    same = np.append(matched(now, result.k, made.labels, made.k), NONE)
    return (
        pd.Series(names[same[made.labels]], index=new.ids, dtype="str", name="fresh"),
        adjusted_rand(now, made.labels),
    )


def _table(result: Types, new: Features, now: np.ndarray, member: np.ndarray) -> pd.DataFrame:
    names = np.array([*letters(result.k), ""], dtype=object)
    own = member[range(len(now)), now]
    others = member.copy()
    others[range(len(now)), now] = -1.0
    second = np.where(others.max(axis=1) > 0, names[others.argmax(axis=1)], "")
    found = {"type": names[now], "probability": own, "second": second}
    every = result.table.index.union(new.ids.union(new.left_out)).sort_values()
    table = pd.DataFrame(found, index=new.ids).reindex(every)
    table.insert(0, "before", result.table["type"].reindex(every))
    for column in ("before", "type", "second"):
        table[column] = table[column].fillna("").astype("str")
    for column in ("distance", "p_value", "q_value", "p_by_noise"):
        table[column] = np.nan
    table["move"] = pd.Series("", index=every, dtype="str")
    return table


def _judge(
    table: pd.DataFrame,
    result: Types,
    new: Features,
    at: tuple[np.ndarray, np.ndarray],
    worlds: _Worlds,
    fdr: float,
) -> None:
    """Write into the table how far areas went, and whether noise alone would take them there."""
    ids = result.seen.ids[at[0]]
    p_value = _unchanged(result.seen, new, *at)
    q = false_discovery_control(p_value)
    table.loc[ids, "distance"] = np.linalg.norm(new.x[at[1]] - result.seen.x[at[0]], axis=1)
    table.loc[ids, "p_value"] = p_value
    table.loc[ids, "q_value"] = q
    table.loc[ids, "p_by_noise"] = worlds.others
    own = table.loc[ids]
    moved = np.where(q <= fdr, "moved", "unsure")
    words = np.where(own["before"] == own["type"], "stayed", moved)
    table.loc[ids, "move"] = np.where(own["before"] == "", "", words)


def _unchanged(old: Features, new: Features, old_at: np.ndarray, new_at: np.ndarray) -> np.ndarray:
    """Return the p-value of the same true numbers in both years, shape (n,).

    Pearson's chi-square of the two years' counts, and squared differences of indicators over their
    variances. What has no noise that is known differs for real if it differs at all.
    """
    apart = new.values[new_at] - old.values[old_at]
    variance = old.errors[old_at] ** 2 + new.errors[new_at] ** 2
    noisy = variance > 0
    statistic = np.where(noisy, apart**2 / np.where(noisy, variance, 1.0), 0.0).sum(axis=1)
    free = noisy.sum(axis=1).astype(float)
    real = (~noisy & (np.abs(apart) > 1e-12)).any(axis=1)
    kept, now = old.composition, new.composition
    if kept is not None and now is not None:
        if kept.counts is not None and now.counts is not None:
            one, other = kept.counts.to_numpy()[old_at], now.counts.to_numpy()[new_at]
            both, part = one + other, one.sum(axis=1) / (one + other).sum(axis=1)
            expected = both * part[:, None]
            with np.errstate(invalid="ignore", divide="ignore"):
                each = (one - expected) ** 2 / (expected * (1 - part[:, None]))
            statistic += np.where(both > 0, each, 0.0).sum(axis=1)
            free += (both > 0).sum(axis=1) - 1
        else:
            differs = np.abs(kept.table.to_numpy()[old_at] - now.table.to_numpy()[new_at]) > 1e-12
            real |= differs.any(axis=1)
    p_value = np.where(free > 0, chi2.sf(statistic, np.maximum(free, 1)), 1.0)
    return np.asarray(np.where(real, 0.0, p_value))


def _crossed(before: np.ndarray, now: np.ndarray, names: list[str]) -> pd.DataFrame:
    table = np.zeros((len(names), len(names)), dtype=np.int64)
    typed = before != NONE
    np.add.at(table, (before[typed], now[typed]), 1)
    index = pd.Index(names, name="before", dtype="str")
    return pd.DataFrame(table, index=index, columns=pd.Index(names, name="type", dtype="str"))


def _drift(result: Types, new: Features, now: np.ndarray, worlds: _Worlds, fdr: float) -> pd.DataFrame:
    old_at = result.seen.ids.isin(new.ids)
    start = _centres(result.seen.x[old_at], result.fit.labels[old_at], result.fit)
    here = new.ids.isin(result.seen.ids)
    distance = np.linalg.norm(_centres(new.x[here], now[here], result.fit) - start, axis=1)
    further = (worlds.centres >= distance - 1e-12) | np.isnan(worlds.centres)
    p_value = np.where(np.isnan(distance), np.nan, (1 + further.sum(axis=0)) / (len(further) + 1))
    apart = np.linalg.norm(result.fit.centres[:, None, :] - result.fit.centres[None, :, :], axis=-1)
    np.fill_diagonal(apart, np.inf)
    of_way = distance / apart.min(axis=1) if result.k > 1 else np.full(1, np.nan)
    return pd.DataFrame(
        {"distance": distance, "p_value": p_value, "of_way": of_way, "drifted": p_value <= fdr / result.k},
        index=result.types.index,
    )


def _notes(result: Types, new: Features, both: pd.Index) -> tuple[str, ...]:
    notes = list(new.notes)
    alone = len(result.seen.ids) + len(new.ids) - 2 * len(both)
    if alone:
        notes.append(f"{alone} areas have values in one of the two years only and are not compared.")
    if not (result.seen.noisy and new.noisy):
        notes.append("No noise is known in one of the years: every change of type is taken as real.")
    return tuple(notes)
