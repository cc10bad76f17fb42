"""What the chapter of targeting reads and is asked for, and why it cannot be made."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pandas as pd

from lea_geo._checks.faults import Faults
from lea_geo.errors import SpecError, ValuesError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy as np

_HEADING = "The study's chapters cannot be written:"


def no_index() -> SpecError:
    """Return the error for a list by an index that the study does not make."""
    faults = Faults()
    cure = 'Add [composite], or write by = "rate".'
    faults.add('[targeting] by = "index", and the study makes no index', cure=cure)
    return SpecError(_HEADING, faults.found)


@contextmanager
def unshared(where: str) -> Iterator[None]:
    """Say which table of the study file holds terms that cannot all be kept."""
    try:
        yield
    except ValuesError as error:
        raise SpecError(f"{where} of the study file: {error.heading}", error.faults) from None


def read_amounts(path: Path, area_id: str, column: str, areas: pd.Index[str]) -> pd.Series[float]:
    """Return the euros of each area from a CSV file."""
    table = _read(path, [area_id, column])
    faults = Faults()
    ids = table[area_id].str.strip()
    for what, bad in (
        ("areas named twice", ids[ids.duplicated()]),
        ("areas that the study does not have", ids[~ids.isin(areas)]),
    ):
        if len(bad):
            faults.add(f"{what} in {path.name}", ids=bad.unique(), of=len(ids))
    euros = pd.to_numeric(table[column].str.strip().str.replace(",", ".", regex=False), errors="coerce")
    odd = ~(euros >= 0)
    if odd.any():
        faults.add(f"amounts in {path.name} that are no euros of 0 or more", ids=ids[odd], of=len(ids))
    faults.raise_if_any(SpecError, _HEADING)
    return pd.Series(euros.to_numpy(dtype=float), index=ids.to_numpy())


def read_places(path: Path, x: str, y: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the eastings and northings of places from a CSV file."""
    table = _read(path, [x, y])
    numbers = table.apply(lambda one: pd.to_numeric(one.str.replace(",", ".", regex=False), errors="coerce"))
    faults = Faults()
    odd = numbers.isna().any(axis=1)
    if odd.any() or not len(numbers):
        cure = "Every place needs both coordinates, in the areas' CRS."
        rows = [f"row {place + 2}" for place in odd.to_numpy().nonzero()[0]]
        faults.add(f"places without coordinates in {path.name}", ids=rows, of=len(odd), cure=cure)
    faults.raise_if_any(SpecError, _HEADING)
    return numbers[x].to_numpy(dtype=float), numbers[y].to_numpy(dtype=float)


def _read(path: Path, columns: list[str]) -> pd.DataFrame:
    """Return columns of a CSV file as text, whatever separates them."""
    faults = Faults()
    try:
        table = pd.read_csv(path, sep=None, engine="python", dtype="str", encoding="utf-8-sig")
    except (OSError, ValueError, UnicodeDecodeError) as error:
        faults.add(f"{path.name} cannot be read as CSV: {error}", cure="Save it as CSV in UTF-8.")
        raise SpecError(_HEADING, faults.found) from None
    lacking = [name for name in columns if name not in table.columns]
    if lacking:
        faults.add(f"{path.name} has no column", ids=lacking, cure=f"It has {', '.join(table.columns)}.")
    faults.raise_if_any(SpecError, _HEADING)
    return table[columns].fillna("")
