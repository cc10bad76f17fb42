"""How areas move between classes over the years: a chain of classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo._checks import check_choice, check_count, check_fraction, check_seed
from lea_geo._checks.trends import check_counted, check_years, refuse_too_few
from lea_geo.change.markov_chain import (
    INTERVALS,
    Homogeneity,
    count_moves,
    first_passage,
    homogeneity,
    long_table,
    mobility,
    shares,
    sojourn,
    steady_state,
)
from lea_geo.change.markov_classes import CUTS, Classed, classed, noise_share

if TYPE_CHECKING:
    from collections.abc import Sequence

FEW_MOVES = 5
"""A class that areas left or stayed in fewer times than this times the classes has rough probabilities."""


@dataclass(frozen=True, kw_only=True)
class MarkovResult:
    """Moves between classes, and what follows from them."""

    table: pd.DataFrame
    """One row a pair of classes: ``from``, ``to`` (``"1"`` the lowest), ``moves``, ``of`` (all from there),
    ``probability`` and its interval ``lower upper``."""
    classes: pd.DataFrame
    """Indexed by class: ``areas_years`` (how often it occurs), ``share_first share_last`` (of areas in the
    first and the last year), ``steady_state`` (the shares that the moves lead to in the long run; NaN where
    that depends on the start), ``sojourn`` (mean years until it is left)."""
    first_passage: pd.DataFrame
    """Mean years from a class (row) until another (column) is first entered; NaN as for ``steady_state``."""
    mobility: pd.DataFrame
    """Indexed by index: ``value lower upper``, the interval by drawing whole areas with replacement."""
    over_time: Homogeneity
    """Whether the first and the second half of the years have the same probabilities."""
    states: pd.DataFrame
    """The class of each area in each year, 1 the lowest, 0 where there is no value."""
    borders: pd.DataFrame
    """Upper borders of the classes but the last, by year."""
    moved: float
    """The share of moves to another class."""
    moved_by_noise: float
    """What share would move if no area's rate had changed, for the noise of small numbers alone; NaN where
    no counts were given."""
    n_moves: int
    level: float
    interval: str
    cuts: str
    draws: int
    seed: int
    notes: tuple[str, ...] = ()

    @property
    def probabilities(self) -> pd.DataFrame:
        """The transition probabilities as a matrix."""
        names = list(dict.fromkeys(self.table["from"]))
        return pd.DataFrame(
            self.table["probability"].to_numpy().reshape(len(names), -1), index=names, columns=names
        )

    def __repr__(self) -> str:
        return (
            f"<MarkovResult: {len(self.classes)} classes, {self.n_moves} moves, {self.moved:.0%} to another>"
        )


def markov(
    values: pd.DataFrame,
    *,
    classes: int = 5,
    cuts: str = "pooled",
    goalposts: Sequence[float] | None = None,
    interval: str = "dirichlet",
    level: float = 0.95,
    draws: int = 999,
    seed: int = 0,
    numerators: pd.DataFrame | None = None,
    denominators: pd.DataFrame | None = None,
) -> MarkovResult:
    """Count how areas move between classes from a year to the next, and what that leads to.

    Parameters
    ----------
    values
        Indexed by ``area_id``, a column for each year; NaN where there is no value. A move is counted where
        an area has a value in two columns that follow each other.
    classes
        How many, by quantiles.
    cuts
        ``"pooled"``: quantiles of all years together, so that a change of the general level moves areas;
        ``"year"``: of each year, so that areas move only past each other.
    goalposts
        Borders between classes instead, rising; a value on a border belongs to the lower class.
    interval
        Of the probabilities: ``"dirichlet"`` or ``"exact"``; see
        :func:`lea_geo.change.markov_chain.intervals`. Both take moves to be independent.
    level
        Of all intervals.
    draws, seed
        Of whole areas with replacement, for the intervals of mobility: an area's moves may depend on each
        other.
    numerators, denominators
        The counts behind the values, if they are rates: then ``moved_by_noise`` says what share of moves the
        chance in small numbers would bring if nothing had changed.

    Raises
    ------
    UsageError, ValuesError
        If values are no table of years or an option is wrong; fewer than two years, or no move at all.

    References
    ----------
    Quah (1993), https://doi.org/10.1016/0014-2921(93)90031-5
    Anderson and Goodman (1957), https://doi.org/10.1214/aoms/1177707039
    """
    check_count("draws", draws)
    check_seed(seed)
    check_intervals(interval, level)
    index, years, x = check_years(values, least=2)
    found = check_classes(x, classes, cuts, goalposts)
    counts = moves_of(found)
    counted = check_counted(values, numerators, denominators)
    order = np.argsort(pd.to_numeric(pd.Series(list(values.columns))).to_numpy())
    noise = np.nan if counted is None else noise_share(x, found.borders, *(c[:, order] for c in counted))[1]
    p, names = shares(counts), found.names
    return MarkovResult(
        table=long_table(counts, names, interval, level),
        classes=_classes(found, p),
        first_passage=pd.DataFrame(first_passage(p), index=names, columns=names),
        mobility=_mobility(found, counts, level=level, draws=draws, seed=seed),
        over_time=homogeneity(halves(found.states, found.k)),
        states=pd.DataFrame(found.states + 1, index=index, columns=years),
        borders=pd.DataFrame(found.borders, index=years, columns=names[:-1]),
        moved=float(1.0 - np.trace(counts) / counts.sum()),
        moved_by_noise=noise,
        n_moves=int(counts.sum()),
        level=level,
        interval=interval,
        cuts="goalposts" if goalposts is not None else cuts,
        draws=draws,
        seed=seed,
        notes=(*found.notes, *uneven(years), *_few(counts, names)),
    )


def check_intervals(interval: str, level: float) -> None:
    """Refuse intervals that nobody knows."""
    check_choice("interval", interval, INTERVALS)
    check_fraction("level", level)


def check_classes(x: np.ndarray, classes: int, cuts: str, goalposts: Sequence[float] | None) -> Classed:
    """Return the class of every value; refuse fewer than two classes and unknown cuts."""
    check_count("classes", classes, least=2)
    check_choice("cuts", cuts, CUTS)
    return classed(x, classes, "pooled" if goalposts is not None else cuts, goalposts)


def moves_of(found: Classed) -> np.ndarray:
    """Return the moves between classes; refuse none at all."""
    counts = count_moves(found.states, found.k)
    if not counts.sum():
        raise refuse_too_few(
            "moves from a year to the next", 0, 1, "No area has two years one after another."
        )
    return counts


def halves(states: np.ndarray, k: int) -> np.ndarray:
    """Return the moves of the first and of the second half of the years, shape (2, k, k)."""
    middle = states.shape[1] // 2
    return np.stack([count_moves(states[:, : middle + 1], k), count_moves(states[:, middle:], k)])


def uneven(years: np.ndarray) -> tuple[str, ...]:
    """Return a note where steps between years differ."""
    steps = np.diff(years)
    if np.allclose(steps, steps[0]):
        return ()
    told = ", ".join(f"{step:g}" for step in sorted(set(steps)))
    return (f"Steps of different length ({told} years) are counted alike.",)


def _few(counts: np.ndarray, names: Sequence[str]) -> tuple[str, ...]:
    few = [
        name for name, total in zip(names, counts.sum(axis=1), strict=True) if total < FEW_MOVES * len(names)
    ]
    if not few:
        return ()
    return (
        f"Fewer than {FEW_MOVES * len(names)} moves start in class {', '.join(few)}: rough probabilities.",
    )


def _classes(found: Classed, p: np.ndarray) -> pd.DataFrame:
    def part(states: np.ndarray) -> np.ndarray:
        known = states[states >= 0]
        return np.bincount(known, minlength=found.k) / max(1, len(known))

    known = found.states[found.states >= 0]
    columns = {
        "areas_years": np.bincount(known, minlength=found.k),
        "share_first": part(found.states[:, 0]),
        "share_last": part(found.states[:, -1]),
        "steady_state": steady_state(p),
        "sojourn": sojourn(p),
    }
    return pd.DataFrame(columns, index=pd.Index(found.names, name="class"))


def _mobility(found: Classed, counts: np.ndarray, *, level: float, draws: int, seed: int) -> pd.DataFrame:
    begin = np.bincount(found.states[:, 0][found.states[:, 0] >= 0], minlength=found.k)
    begin = begin / max(1, begin.sum())
    value = mobility(shares(counts), begin)
    by_area = _counts_by_area(found.states, found.k)
    # Areas in an order that does not depend on how they came: by their own moves.
    by_area = by_area[np.lexsort(by_area.T)]
    rng = np.random.Generator(np.random.Philox(seed))
    weights = rng.multinomial(len(by_area), np.full(len(by_area), 1.0 / len(by_area)), size=draws)
    drawn = [mobility(shares(one.reshape(found.k, found.k)), begin) for one in weights @ by_area]
    ends = [(1.0 - level) / 2.0, (1.0 + level) / 2.0]
    rows = {}
    for name, number in value.items():
        own = np.array([one[name] for one in drawn])
        own = own[~np.isnan(own)]
        lower, upper = np.quantile(own, ends) if len(own) else (np.nan, np.nan)
        rows[name] = {"value": number, "lower": float(lower), "upper": float(upper)}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("index")


def _counts_by_area(states: np.ndarray, k: int) -> np.ndarray:
    before, after = states[:, :-1], states[:, 1:]
    both = (before >= 0) & (after >= 0)
    cell = np.where(both, before * k + after, 0)
    rows = np.zeros((len(states), k * k))
    np.add.at(rows, (np.arange(len(states))[:, None], cell), both.astype(float))
    return rows
