"""What rounding, perturbation, adaptive grids and magnitudes can take."""

from __future__ import annotations

from itertools import pairwise
from numbers import Real
from typing import TYPE_CHECKING, NoReturn

import numpy as np
import pandas as pd

from lea_geo._checks.faults import Faults
from lea_geo._checks.options import check_count
from lea_geo._checks.values import as_floats, check_series, note_ids
from lea_geo.errors import UsageError, ValuesError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

LEAST_SECRET = 16
"""Bytes of a secret that is not to be guessed."""
_WHOLE = "Give whole numbers of 0 or more, without gaps: what is unknown cannot be protected."


def check_whole_counts(name: str, given: object, *, unique: bool = True) -> pd.Series:
    """Return counts as whole numbers of at least 0, by area, each area once where ``unique``."""
    counts = check_series(name, given)
    faults = Faults()
    if not pd.api.types.is_numeric_dtype(counts.dtype):
        faults.add(f"{name} holds {counts.dtype}, not numbers", cure=_WHOLE)
        faults.raise_if_any(ValuesError, "These counts cannot be protected.")
    numbers = counts.to_numpy(dtype=float, na_value=np.nan)
    odd = ~(numbers >= 0) | (numbers != np.floor(numbers)) | np.isinf(numbers)
    if odd.any():
        faults.add(f"{name} that are no counts", ids=counts.index[odd], of=len(counts), cure=_WHOLE)
    if unique and not counts.index.is_unique:
        twice = counts.index[counts.index.duplicated()].unique()
        faults.add(f"ids that {name} has twice", ids=twice, of=len(counts))
    if not len(counts):
        faults.add(f"{name} is empty")
    faults.raise_if_any(ValuesError, "These counts cannot be protected.")
    return counts.astype(np.int64)


def check_sides(sides: Sequence[int], cell: int) -> tuple[int, ...]:
    """Return sides in metres, each of which divides the next, the first a multiple of the cells' own."""
    found = tuple(check_count("a side", side) for side in sides)
    if not found:
        raise UsageError("sides is empty; it must name at least one size of square, in metres.")
    if found[0] % cell or any(b % a or a == b for a, b in pairwise(found)):
        raise UsageError(
            f"sides is {found!r}; each must divide the next, and the cells' own side, {cell} m, the first."
        )
    return found


def check_price(price: float, least: int) -> float:
    """Return what hiding a person costs, in metres of side."""
    if isinstance(price, bool) or not isinstance(price, Real) or not least <= float(price) < np.inf:
        raise UsageError(
            f"price is {price!r}; it must be at least the smallest side, {least} m, or everybody would be "
            "hidden: what hiding one person costs, as the side of a square that would be as bad."
        )
    return float(price)


def check_corner_columns(corners: object, ids: pd.Index, cell: int) -> tuple[NDArray[np.int64], ...]:
    """Return the northing and the easting of each cell's lower-left corner, multiples of the cell's side."""
    if not isinstance(corners, pd.DataFrame) or not {"northing", "easting"} <= set(corners.columns):
        raise UsageError("corners must be a table with the columns northing and easting, by area_id.")
    faults = Faults()
    missing = ids[~ids.isin(corners.index)]
    if len(missing):
        faults.add("cells without a corner", ids=missing.unique(), of=len(ids))
    if not corners.index.is_unique:
        faults.add("cells with two corners", ids=corners.index[corners.index.duplicated()].unique())
    faults.raise_if_any(ValuesError, "Nothing says where some cells lie.")
    northing, easting = (
        corners[name].reindex(ids).to_numpy(dtype=np.float64) for name in ("northing", "easting")
    )
    off = (northing % cell != 0) | (easting % cell != 0)
    if off.any():
        cure = "Move the grid's origin to a corner, or round off what a file's coordinates are out by."
        faults.add(f"corners that are no multiples of {cell} m", ids=ids[off], of=len(ids), cure=cure)
    faults.raise_if_any(ValuesError, "These cells make no grid.")
    return northing.astype(np.int64), easting.astype(np.int64)


def check_atoms(counts: ArrayLike, families: Sequence[tuple[str, int]]) -> NDArray[np.int64]:
    """Return the counts of the atoms, whole numbers of at least 0; families by name and number of atoms."""
    if not families:
        raise UsageError("families is empty; it must name the areas whose totals are published.")
    found = check_whole_counts("counts", pd.Series(np.asarray(counts).ravel())).to_numpy()
    faults = Faults()
    for name, atoms in families:
        if atoms != len(found):
            faults.add(f"{name} has {atoms} atoms and counts has {len(found)}")
    faults.raise_if_any(ValuesError, "The counts and the families are not of the same atoms.")
    return found


def check_unbiased(families: int, most: int) -> None:
    """Refuse to round more families without bias than make a network."""
    if families > most:
        raise UsageError(
            f"{families} families cannot be rounded without bias: where so many overlap there may be no "
            "table within one base. Leave seed out for the nearest one."
        )


def check_variance(variance: float) -> float:
    """Return a variance above 0."""
    if isinstance(variance, bool) or not isinstance(variance, Real) or not 0 < float(variance) < np.inf:
        raise UsageError(f"variance is {variance!r}; it must be a number above 0.")
    return float(variance)


def refuse_variance(count: int, variance: float, able: tuple[float, float] | None) -> NoReturn:
    """Refuse a perturbation table in which some count cannot have the variance that is asked for."""
    if able is None:
        reason = "it has no change to a count below, or none to one above, so no mean of 0"
    else:
        reason = f"its changes that are left have a variance of {able[0]:g} to {able[1]:g}"
    raise UsageError(
        f"A count of {count} cannot have a variance of {variance:g}: {reason}. Take a larger change, another "
        "variance or a smaller least count."
    )


def check_records(records: object, columns: Sequence[str], keys: str | None) -> pd.DataFrame:
    """Return records with an area in each column, each record once."""
    if not isinstance(records, pd.DataFrame):
        raise UsageError(
            "records must be a table with a row for each record, its index what each record is called."
        )
    faults = Faults()
    needed = [*columns, *([keys] if keys else [])]
    lacking = [name for name in needed if name not in records.columns]
    if lacking:
        faults.add("columns that records does not have", ids=lacking)
        faults.raise_if_any(ValuesError, "These records cannot be counted.")
    if not records.index.is_unique:
        twice = records.index[records.index.duplicated()].unique()
        faults.add("records of the same name", ids=twice, of=len(records))
    for name in needed:
        blank = records[name].isna().to_numpy()
        if blank.any():
            faults.add(f"records without {name}", ids=records.index[blank], of=len(records))
    if keys and not lacking and not pd.api.types.is_integer_dtype(records[keys].dtype):
        faults.add(f"{keys} holds {records[keys].dtype}, not whole numbers")
    if not len(records):
        faults.add("there are no records")
    faults.raise_if_any(ValuesError, "These records cannot be counted.")
    return records


def check_key_source(secret: str | None, keys: str | None) -> None:
    """Refuse to make record keys of nothing, or of two things."""
    if (secret is None) == (keys is None):
        raise UsageError(
            "State either secret, from which the records' keys are made, or keys, the column that has them."
        )
    if secret is not None and len(secret.encode()) < LEAST_SECRET:
        raise UsageError(
            f"secret has {len(secret.encode())} bytes; it needs {LEAST_SECRET} or more: who guesses it knows "
            "all noise."
        )


def check_aligned(before: object, others: Mapping[str, object]) -> None:
    """Refuse series that are not of the same areas; None stands for one that was left out."""
    index = check_series("before", before).index
    faults = Faults()
    if not index.is_unique:
        faults.add("duplicate area ids in before", ids=index[index.duplicated()].unique(), of=len(index))
    for name, given in others.items():
        if given is not None:
            note_ids(faults, name, check_series(name, given).index, index, "before")
    faults.raise_if_any(ValuesError, "What is published cannot be held against what is true.")


def check_magnitude_rules(
    dominance: tuple[int, float] | None, p_percent: float | None, minimum_count: int
) -> None:
    """Refuse rules of magnitudes that are out of range, and none at all."""
    check_count("minimum_count", minimum_count)
    if dominance is None and p_percent is None and minimum_count == 1:
        raise UsageError("State a rule: dominance=(n, k), p_percent=p or minimum_count.")
    if dominance is not None:
        if not isinstance(dominance, tuple | list) or len(dominance) != 2:
            raise UsageError(f"dominance is {dominance!r}; it must be (n, k): contributors and percent.")
        check_count("the n of dominance", dominance[0])
        _check_percent("the k of dominance", dominance[1])
    if p_percent is not None:
        _check_percent("p_percent", p_percent)


def _check_percent(name: str, value: float) -> None:
    if isinstance(value, bool) or not isinstance(value, Real) or not 0 < float(value) <= 100:
        raise UsageError(f"{name} is {value!r}; it must be above 0 and at most 100 percent.")


def check_contributions(given: object) -> pd.Series:
    """Return contributions of 0 or more, by area."""
    series = check_series("contributions", given)
    faults = Faults()
    values = as_floats(faults, "contributions", series)
    odd = ~(values >= 0)
    if odd.any():
        cure = "Leave out who contributes nothing known; negative amounts need a rule of their own."
        faults.add("areas with contributions that are negative or missing", ids=series.index[odd], cure=cure)
    if not len(series):
        faults.add("contributions is empty")
    faults.raise_if_any(ValuesError, "These sums cannot be judged.")
    return series


def check_scale(scale: float) -> None:
    """Refuse a scale that is not above 0."""
    if isinstance(scale, bool) or not isinstance(scale, Real) or not 0 < float(scale) < np.inf:
        raise UsageError(f"scale is {scale!r}; it must be a number above 0, such as 100 for percent.")


def check_own_weight(own: float) -> None:
    """Refuse a weight of an area itself that is not above 0."""
    if isinstance(own, bool) or not isinstance(own, Real) or not 0 < float(own) < np.inf:
        raise UsageError(f"own is {own!r}; the weight of an area itself must be a number above 0.")
