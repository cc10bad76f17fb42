"""Values of two years with what is known of their noise, whatever they are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lea_geo._checks.change import check_correlation, check_redrawn, check_two_of, check_values_of
from lea_geo.change.pairs import Given, Measured
from lea_geo.change.told import shown
from lea_geo.change.two_counts import known_pairs, measured, usual_rates
from lea_geo.schema import AREA_ID

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd


def two_years(
    tables: Mapping[int, pd.DataFrame],
    since: int | None,
    until: int | None,
    *,
    correlation: object = 0.0,
    redrawn: object = (),
) -> Given:
    """Return the two years to compare, with what is known of their areas, in the order of the earlier one."""
    one, other = check_two_of(tables, since, until)
    index = tables[one].index.rename(AREA_ID)
    return Given(
        years=(one, other),
        tables=(tables[one], tables[other]),
        index=index,
        rho=check_correlation(correlation, index),
        redrawn=check_redrawn(redrawn, index),
    )


def known_values(given: Given, kind: str, scale: float) -> tuple[pd.Index, Measured, tuple[str, ...]]:
    """Return ids, values and errors of the areas with values in both years that are not redrawn.

    They are in the order of their ids, so that what is drawn from them is the same in whatever order they
    were given.
    """
    if kind == "value":
        parts = [
            check_values_of(table, given.index, year)
            for table, year in zip(given.tables, given.years, strict=True)
        ]
        (then, error_then), (now, error_now) = parts
        held = ~np.isnan(then) & ~np.isnan(now)
        columns = [part[held] for part in (then, now, error_then, error_now)]
    else:
        held, pairs = known_pairs(given, kind)
        every = measured(pairs, usual_rates(pairs))
        columns = [every.then, every.now, every.error_then, every.error_now]
    ids = given.index[held]
    kept = np.flatnonzero(~given.redrawn[held])
    order = kept[np.argsort(ids[kept].astype(str).to_numpy(), kind="stable")]
    notes = []
    if (~held).any():
        notes.append(f"{int((~held).sum())} of {len(held)} areas lack a value in one of the years.")
    if len(kept) < len(ids):
        notes.append(
            f"{len(ids) - len(kept)} areas are redrawn and left out: {shown(ids[given.redrawn[held]])}."
        )
    then, now, error_then, error_now = (scale * column[order] for column in columns)
    return ids[order], Measured(then, now, error_then, error_now, given.rho[held][order]), tuple(notes)
