"""The same areas in every year, as measures of inequality take them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo._checks.change import check_counts_of, check_values_of
from lea_geo.change.told import shown
from lea_geo.inequality.options import Options
from lea_geo.inequality.sample import Sample

if TYPE_CHECKING:
    from collections.abc import Mapping


def samples_of(
    tables: Mapping[int, pd.DataFrame],
    kind: str,
    scale: float,
    redrawn: np.ndarray,
    orders: Mapping[int, pd.Series],
) -> tuple[dict[int, Sample], pd.Index, tuple[str, ...]]:
    """Return a sample of each year, the areas in all of them, and a sentence on those that are left out."""
    index = next(iter(tables.values())).index
    columns = {year: _columns(table, index, year, kind) for year, table in tables.items()}
    held = ~redrawn
    for parts in columns.values():
        held &= parts["held"]
    for order in orders.values():
        held &= order.reindex(index).notna().to_numpy()
    kept, lost = index[held], index[~held]
    notes: tuple[str, ...] = ()
    if len(lost):
        notes = (f"Gaps are of the {len(kept)} areas comparable in all years, without {shown(lost)}.",)
    samples = {}
    if len(kept) > 1:
        samples = {year: _sample(parts, held, kept, kind, scale) for year, parts in columns.items()}
    return samples, kept, notes


def _columns(table: pd.DataFrame, index: pd.Index, year: int, kind: str) -> dict[str, np.ndarray]:
    if kind != "value":
        events, people = check_counts_of(table, index, year, kind)
        return {"x": events, "n": people, "held": ~np.isnan(events) & (people > 0)}
    value, error = check_values_of(table, index, year)
    people = (
        table["people"].reindex(index).to_numpy(dtype=float) if "people" in table else np.ones(len(index))
    )
    return {"x": value, "n": people, "error": error, "held": ~np.isnan(value) & (people > 0)}


def _sample(
    parts: Mapping[str, np.ndarray], held: np.ndarray, kept: pd.Index, kind: str, scale: float
) -> Sample:
    x, n = (pd.Series(parts[name][held], index=kept) for name in ("x", "n"))
    if kind != "value":
        return Sample.of(scale * x / n, n, Options(numerator=x, denominator=n, kind=kind))
    error = pd.Series(scale * parts["error"][held], index=kept)
    noisy = error.notna().all() and bool((error > 0).any())
    known = Options(standard_error=error) if noisy else Options()
    return Sample.of(scale * x, n, known)
