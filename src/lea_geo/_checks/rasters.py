"""What ``[[rasters]]`` of a study must say, and what the numbers that come of it must be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lea_geo._checks.faults import Faults
from lea_geo._checks.tables import is_beyond
from lea_geo.errors import RasterError, SpecError

if TYPE_CHECKING:
    from collections.abc import Collection

    import pandas as pd


def check_field(file: str, name: str, fields: Collection[str], used: Collection[str]) -> None:
    """Refuse a field that no indicator of the catalogue is made of alone."""
    if name in used:
        return
    faults = Faults()
    known = f"Indicators of one field are made of {', '.join(sorted(used))}." if used else ""
    if name in fields:
        what, cure = f"no indicator of the catalogue has {name!r}, of {file}, as its field", known
    else:
        what = f"the catalogue has no field {name!r}, which {file} is to be"
        cure = f"Name it under [fields], and as the field of an indicator. {known}".strip()
    faults.add(what, cure=cure)
    raise SpecError("The study cannot be used:", faults.found)


def check_numbers(
    file: str, name: str, values: pd.Series[float], least: pd.Series[float], *, signed: bool
) -> None:
    """Refuse numbers that the field cannot hold.

    ``least`` is the smallest pixel of each area: a -1 for no data that nobody has declared hides in a mean.
    """
    faults = Faults()
    beyond, negative = is_beyond(values), least < 0
    if beyond.any():
        faults.add(f"{name} is infinite or beyond 1e15", ids=values.index[beyond], of=len(values))
    if negative.any() and not signed:
        cure = "Declare what stands for no data: nodata = [-1]; or the field as signed in the catalogue."
        what = f"{name} has pixels below 0, {least.min():g} at least"
        faults.add(what, ids=values.index[negative], of=len(values), cure=cure)
    faults.raise_if_any(RasterError, f"The raster {file} cannot be used:")
