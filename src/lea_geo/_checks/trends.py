"""Series of years: what a trend, an emerging hot spot or a chain of classes can be made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import numpy as np
import pandas as pd

from lea_geo._checks.faults import Faults
from lea_geo._checks.options import check_count
from lea_geo._checks.values import note_ids
from lea_geo.errors import UsageError, ValuesError

if TYPE_CHECKING:
    from collections.abc import Sequence

HEADING = "No series of years can be made of these values."


def check_years(values: object, *, least: int = 3) -> tuple[pd.Index, np.ndarray, np.ndarray]:
    """Return ids, years in rising order and the values, shape (n areas, n years), of a table of years.

    Raises
    ------
    UsageError
        If it is no DataFrame.
    ValuesError
        If ids or years are repeated, a column is no year or no number, a value is infinite, or there are
        fewer than ``least`` years.
    """
    if not isinstance(values, pd.DataFrame):
        raise UsageError(
            f"values is a {type(values).__name__}; it must be a DataFrame indexed by area_id with a column "
            "for each year."
        )
    faults = Faults()
    if not values.index.is_unique:
        faults.add("duplicate area ids", ids=values.index[values.index.duplicated()], of=len(values))
    years = pd.to_numeric(pd.Series(list(values.columns), dtype=object), errors="coerce").to_numpy(float)
    odd = ~np.isfinite(years)
    if odd.any():
        faults.add("columns that are no years", ids=values.columns[odd], of=len(years))
    elif len(np.unique(years)) < len(years):
        faults.add("repeated years", cure="Give one column a year.")
    if len(years) < least:
        faults.add(f"years: {len(years)}", cure=f"At least {least} are needed.")
    x = _numbers(faults, values)
    faults.raise_if_any(ValuesError, HEADING)
    order = np.argsort(years)
    return values.index.rename("area_id"), years[order], x[:, order]


def _numbers(faults: Faults, values: pd.DataFrame) -> np.ndarray:
    text = [str(name) for name, kind in values.dtypes.items() if not pd.api.types.is_numeric_dtype(kind)]
    if text:
        faults.add("years whose values are no numbers", ids=text, of=values.shape[1])
        return np.empty(values.shape)
    x = values.to_numpy(dtype=float, na_value=np.nan)
    endless = np.isinf(x).any(axis=1)
    if endless.any():
        faults.add(
            "areas with infinite values",
            ids=values.index[endless],
            of=len(values),
            cure="Use NaN for no value.",
        )
    return x


def check_same_areas(index: pd.Index, ids: pd.Index, *, name: str, whose: str) -> None:
    """Refuse two tables that do not hold the same areas."""
    faults = Faults()
    note_ids(faults, name, index, ids, whose)
    faults.raise_if_any(ValuesError, f"The {name} and {whose} do not hold the same areas.")


def check_goalposts(goalposts: Sequence[float]) -> np.ndarray:
    """Return borders between classes as floats; they must rise."""
    borders = np.asarray(list(goalposts), dtype=float)
    if len(borders) == 0 or not np.isfinite(borders).all() or (np.diff(borders) <= 0).any():
        raise UsageError(f"goalposts is {list(goalposts)!r}; it must be rising numbers, at least one.")
    return borders


def check_counted(
    values: pd.DataFrame, numerators: object, denominators: object
) -> tuple[np.ndarray, np.ndarray] | None:
    """Return counts behind a table of years, aligned with it by id and year; None where none are given."""
    if numerators is None and denominators is None:
        return None
    tables = []
    for name, given in (("numerators", numerators), ("denominators", denominators)):
        if not isinstance(given, pd.DataFrame):
            raise UsageError(f"{name} is a {type(given).__name__}; give both tables of counts, or neither.")
        check_same_areas(given.index, values.index, name=name, whose="values")
        absent = [str(year) for year in values.columns if year not in given.columns]
        faults = Faults()
        if absent:
            faults.add(f"years of values that {name} does not have", ids=absent, of=values.shape[1])
        faults.raise_if_any(ValuesError, HEADING)
        tables.append(given.loc[values.index, list(values.columns)])
    above, below = (_numbers(Faults(), table) for table in tables)
    faults = Faults()
    wrong = np.asarray(((above < 0) | (below < 0) | (above > below)).any(axis=1), dtype=bool)
    if wrong.any():
        faults.add("areas whose counts are negative or exceed their whole", ids=values.index[wrong])
    faults.raise_if_any(ValuesError, HEADING)
    return above, below


def check_regimes(regimes: object, index: pd.Index) -> pd.Series:
    """Return the group of each area, aligned by id."""
    if not isinstance(regimes, pd.Series):
        raise UsageError(
            f"regimes is a {type(regimes).__name__}; it must be a pandas Series indexed by area_id."
        )
    check_same_areas(regimes.index, index, name="regimes", whose="values")
    return regimes.reindex(index)


def refuse_too_few(what: str, found: int, least: int, cure: str) -> ValuesError:
    """Return the error for too few areas or moves."""
    faults = Faults()
    faults.add(f"{what}: {found}", cure=f"At least {least} are needed. {cure}".strip())
    return ValuesError(HEADING, faults.found)


def refuse_against(window: int) -> NoReturn:
    """Refuse to compare a neighbourhood over several years with the values of one."""
    raise UsageError(
        f"against='year' with window={window}: a neighbourhood that reaches over several years can be "
        "compared with those years (against='window') or with all (against='cube')."
    )


def refuse_lag(lag: int, n_years: int) -> NoReturn:
    """Refuse to look further back than the first year."""
    raise UsageError(f"lag is {lag}; with {n_years} years it can be at most {n_years - 1}.")


def check_share_of_steps(share: float) -> float:
    """Return a share above 0 and at most 1."""
    if isinstance(share, bool) or not 0 < share <= 1:
        raise UsageError(f"share is {share!r}; it must be above 0 and at most 1.")
    return float(share)


def check_ends(ends: int, n_years: int) -> int:
    """Return how many years are taken together at either end; a year must be left between."""
    check_count("ends", ends)
    if 2 * ends >= n_years:
        raise UsageError(f"ends is {ends}; with {n_years} years it can be at most {(n_years - 1) // 2}.")
    return ends
