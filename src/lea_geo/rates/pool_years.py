"""Counts of several years added up until they are enough."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo._checks.options import check_choice, check_count
from lea_geo._checks.rates import check_minimum, check_years_given, refuse_no_rule
from lea_geo.errors import SHOWN_IDS
from lea_geo.rates.counts import RATE_KINDS, Counts, RateResult

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True)
class PooledYears(RateResult):
    """Rates over several years, and which."""

    years: tuple[int, ...]
    """The years that could be added up, the latest first."""
    minimum_denominator: float
    minimum_numerator: float
    same: bool


def pool_years(
    counts: Mapping[int, pd.DataFrame],
    *,
    kind: str = "proportion",
    minimum_denominator: float = 0,
    minimum_numerator: float = 0,
    most: int | None = None,
    same: bool = False,
) -> PooledYears:
    """Add up each area's events and people over the latest years until there are enough.

    The latest year comes first, then the one before it, until both minima are reached. A year that is not
    known ends the sum: what lies beyond it is of another time.

    Parameters
    ----------
    counts
        Year to a table indexed by ``area_id`` with columns ``numerator`` and ``denominator``; the same areas
        in every year. NaN where unknown.
    kind
        As in :func:`~lea_geo.rates.empirical_bayes.empirical_bayes`.
    minimum_denominator, minimum_numerator
        How many people and events are enough; at least one must be above 0.
    most
        How many years may be added up; left out, all.
    same
        Add up the same years for every area, so that all rates are of one time: as many as it takes for
        every area that can have enough.

    Returns
    -------
    PooledYears
        Columns ``numerator denominator rate`` over the years, ``first_year`` and ``last_year`` (NaN where the
        latest year is not known), ``n_years`` and ``enough``.

    Raises
    ------
    UsageError
        If there is no minimum, no year, or an unknown option.
    ValuesError
        If a year lacks a column, areas differ between years, or counts of a year make no rate.
    """
    check_choice("kind", kind, RATE_KINDS)
    least = check_minimum("minimum_denominator", minimum_denominator)
    fewest = check_minimum("minimum_numerator", minimum_numerator)
    if not least and not fewest:
        refuse_no_rule("pool_years")
    tables = check_years_given(counts)
    years = tuple(sorted(tables, reverse=True))[: check_count("most", most) if most else None]
    by_year = [Counts.of(tables[year]["numerator"], tables[year]["denominator"], kind) for year in years]
    index = by_year[0].index
    order = [one.index.get_indexer(index) for one in by_year]
    x, n = (
        np.cumsum([getattr(one, part)[place] for one, place in zip(by_year, order, strict=True)], axis=0)
        for part in ("events", "people")
    )
    last, enough = _enough(x, n, least, fewest, same=same)
    known = last >= 0
    table = _table(index, years, (x, n), np.maximum(last, 0), known)
    table["enough"] = enough
    return PooledYears(
        table=table,
        method="pool_years",
        kind=kind,
        n_without_population=int((table["denominator"] == 0).sum()),
        notes=_notes(table, years),
        years=years,
        minimum_denominator=least,
        minimum_numerator=fewest,
        same=same,
    )


def _enough(
    x: np.ndarray, n: np.ndarray, least: float, fewest: float, *, same: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Return the last row of the sums to take for each area, -1 where the first is not known; and if it does.

    ``x`` and ``n`` are sums over the latest years, shape (years, n).
    """
    known = (~np.isnan(x + n)).sum(axis=0)
    holds = (n >= least) & (x >= fewest)  # not where either is NaN
    able = holds.any(axis=0)
    last = np.where(able, holds.argmax(axis=0), known - 1)
    if same:
        needed = int(last[able].max(initial=0))
        last = np.minimum(needed, known - 1)
    return last, np.asarray(holds[np.maximum(last, 0), np.arange(len(last))] & (last >= 0))


def _table(
    index: pd.Index,
    years: tuple[int, ...],
    sums: tuple[np.ndarray, np.ndarray],
    last: np.ndarray,
    known: np.ndarray,
) -> pd.DataFrame:
    x, n = (np.where(known, part[last, np.arange(len(index))], np.nan) for part in sums)
    columns = {
        "numerator": x,
        "denominator": n,
        "rate": np.divide(x, n, out=np.full(len(index), np.nan), where=n > 0),
        "first_year": np.where(known, np.array(years, dtype=float)[last], np.nan),
        "last_year": np.where(known, float(years[0]), np.nan),
        "n_years": np.where(known, last + 1, 0),
    }
    return pd.DataFrame(columns, index=index)


def _notes(table: pd.DataFrame, years: tuple[int, ...]) -> tuple[str, ...]:
    """Return how many areas took how many years, and which never have enough."""
    taken = table["n_years"].value_counts().sort_index()
    said = [f"{n} of {len(table)} areas over {k} years" for k, n in taken.items() if int(str(k)) > 1]
    notes = [f"Rates add up the years from {years[0]} backwards: {', '.join(said)}."] if said else []
    short = table.index[~table["enough"]]
    if len(short):
        named = ", ".join(map(str, short[:SHOWN_IDS])) + (", …" if len(short) > SHOWN_IDS else "")
        notes.append(f"{len(short)} of {len(table)} areas do not have enough in {len(years)} years: {named}.")
    return tuple(notes)
