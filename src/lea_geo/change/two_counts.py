"""The counts of two years, area by area."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import ndtr

from lea_geo._checks.change import check_counts_of
from lea_geo.change.detectable import smallest_detectable
from lea_geo.change.exact import correlated, exact_tails
from lea_geo.change.pairs import Asked, Compared, Given, Measured, Pairs
from lea_geo.change.score import score_interval, score_z
from lea_geo.change.shrunk import shrunk_change
from lea_geo.rates.empirical_bayes import empirical_bayes
from lea_geo.spatial.inference import Tails, normal_tails

WHOLE = 1e-6
"""A count that is further from a whole number was carried from other areas."""


def compared_counts(given: Given, asked: Asked) -> Compared:
    """Return the comparison of two years of counts."""
    held, pairs = known_pairs(given, asked.kind)
    tested = ~given.redrawn[held]
    usual = usual_rates(pairs)
    one = {name: np.full(len(pairs.x0), np.nan) for name in _TESTED}
    one |= _described(pairs, asked) | _likely(pairs, usual, asked)
    if tested.any():
        some = picked(pairs, tested)
        for name, column in (_tests(some, asked) | _detectable(some, usual[0][tested], asked)).items():
            one[name][tested] = column
    reason = np.full(len(held), "no value", dtype=object)
    reason[held] = np.where(tested, "", "redrawn")
    table = pd.DataFrame({name: _spread(column, held) for name, column in one.items()}, given.index)
    enough = asked.relevant or _doubling(pairs, asked)
    return Compared(table=table.assign(reason=reason), enough=enough, said=_told(pairs, asked))


def known_pairs(given: Given, kind: str) -> tuple[np.ndarray, Pairs]:
    """Return where counts of both years are known, and those counts."""
    x0, n0 = check_counts_of(given.tables[0], given.index, given.years[0], kind)
    x1, n1 = check_counts_of(given.tables[1], given.index, given.years[1], kind)
    held = ~np.isnan(x0) & ~np.isnan(x1) & (n0 > 0) & (n1 > 0)
    return held, Pairs(kind, x0[held], n0[held], x1[held], n1[held], given.rho[held])


def picked(pairs: Pairs, rows: np.ndarray) -> Pairs:
    """Return some of the areas."""
    parts = (part[rows] for part in (pairs.x0, pairs.n0, pairs.x1, pairs.n1, pairs.rho))
    return Pairs(pairs.kind, *parts)


def measured(pairs: Pairs, usual: tuple[np.ndarray, np.ndarray]) -> Measured:
    """Return the rates with the errors that they have where the true rates are ``usual``."""
    v0, v1 = pairs.variances(*usual)
    return Measured(pairs.then, pairs.now, np.sqrt(v0), np.sqrt(v1), pairs.rho)


def steadied(x: np.ndarray, n: np.ndarray, kind: str) -> np.ndarray:
    """Return the rates of a year drawn towards their mean: above 0 even where nothing happened."""
    if len(x) == 0:
        return np.zeros(0)
    found = empirical_bayes(pd.Series(x), pd.Series(n), kind=kind).table["estimate"].to_numpy()
    return np.asarray(np.clip(found, 0.0, 1.0 if kind == "proportion" else np.inf))


def usual_rates(pairs: Pairs) -> tuple[np.ndarray, np.ndarray]:
    return steadied(pairs.x0, pairs.n0, pairs.kind), steadied(pairs.x1, pairs.n1, pairs.kind)


_TESTED = (
    "p_lower",
    "p_upper",
    "p_value",
    "p_more",
    "p_same",
    "detectable_rise",
    "detectable_fall",
    "detectable_listed",
)


def _described(pairs: Pairs, asked: Asked) -> dict[str, np.ndarray]:
    lower, upper = score_interval(pairs, asked.level)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(pairs.then > 0, pairs.now / pairs.then, np.nan)
    scaled = {"then": pairs.then, "now": pairs.now, "difference": pairs.now - pairs.then}
    scaled |= {"lower": lower, "upper": upper}
    return {name: asked.scale * column for name, column in scaled.items()} | {"ratio": ratio}


def _tests(pairs: Pairs, asked: Asked) -> dict[str, np.ndarray]:
    tails = _tails(pairs, asked.method)
    found = {"p_lower": tails.lower, "p_upper": tails.upper, "p_value": tails.p_value("two-sided")}
    if asked.relevant is not None:
        margin = asked.relevant / asked.scale
        above, below = score_z(pairs, margin), score_z(pairs, -margin)
        # Surely more: beyond either end, hence twice the smaller; surely less: within both (Schuirmann 1987).
        found["p_more"] = np.minimum(1.0, 2 * np.minimum(ndtr(-above), ndtr(below)))
        found["p_same"] = np.maximum(ndtr(above), ndtr(-below))
    return found


def _tails(pairs: Pairs, method: str) -> Tails:
    if method == "score":
        return normal_tails(score_z(pairs, 0.0))
    tails = exact_tails(pairs)
    return correlated(tails if method == "exact" else tails.mid(), pairs)


def _detectable(pairs: Pairs, base: np.ndarray, asked: Asked) -> dict[str, np.ndarray]:
    """Return the smallest changes that are found: by themselves, and as the only one among all tested."""
    rise, fall = smallest_detectable(pairs, base, alpha=asked.alpha, power=asked.power)
    alone = asked.fdr if asked.correction == "none" else asked.fdr / len(base)
    listed, _ = smallest_detectable(pairs, base, alpha=alone, power=asked.power)
    columns = {"detectable_rise": rise, "detectable_fall": fall, "detectable_listed": listed}
    return {name: asked.scale * column for name, column in columns.items()}


def _likely(pairs: Pairs, usual: tuple[np.ndarray, np.ndarray], asked: Asked) -> dict[str, np.ndarray]:
    found = shrunk_change(measured(pairs, usual), level=asked.level)
    columns = {"shrunk": found.change, "shrunk_lower": found.lower, "shrunk_upper": found.upper}
    columns |= {"regression": found.regression}
    return {name: asked.scale * column for name, column in columns.items()}


def _doubling(pairs: Pairs, asked: Asked) -> float:
    """Return the rate of all areas together, or that of its opposite where that is smaller."""
    if not len(pairs.x0):
        return float("nan")
    rate = float(pairs.x0.sum() / pairs.n0.sum())
    return asked.scale * (min(rate, 1 - rate) if asked.kind == "proportion" else rate)


def _told(pairs: Pairs, asked: Asked) -> tuple[str, ...]:
    parts = np.concatenate([pairs.x0, pairs.n0, pairs.x1, pairs.n1]).reshape(4, -1)
    broken = int((np.abs(parts - np.rint(parts)) > WHOLE).any(axis=0).sum())
    if asked.method == "score" or not broken:
        return ()
    return (
        f"Counts of {broken} of {parts.shape[1]} areas are no whole numbers; the exact test rounds them.",
    )


def _spread(column: np.ndarray, held: np.ndarray) -> np.ndarray:
    full = np.full(len(held), np.nan)
    full[held] = column
    return full
