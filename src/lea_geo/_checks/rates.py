"""Counts by stratum, standard populations and parents: what a rate can be standardised or shrunk by."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from numbers import Integral
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import numpy as np
import pandas as pd

from lea_geo._checks.faults import Faults
from lea_geo._checks.values import as_floats, check_series, note_ids
from lea_geo.errors import UsageError, ValuesError
from lea_geo.schema import AREA_ID

if TYPE_CHECKING:
    from collections.abc import Iterable

T = TypeVar("T")
_CURE_STRATA = "Give both by the same strata, spelt the same: age bands as texts such as '0-4'."
_NO_RATE = "No standardised rate can be made of these counts."


def check_strata(events: object, people: object) -> tuple[pd.Index, pd.Index, np.ndarray, np.ndarray]:
    """Return area ids, strata, and events and people of shape (n, strata); refuse what does not fit."""
    faults = Faults()
    wide = [_wide(faults, name, data) for name, data in (("events", events), ("people", people))]
    faults.raise_if_any(ValuesError, "Counts by stratum are needed.")
    above, below = wide
    note_ids(faults, "events", above.index, below.index, "people")
    _note_strata(faults, "events", above.columns, below.columns, "people")
    faults.raise_if_any(ValuesError, "The events and the people do not fit together.")
    below = below.reindex(index=above.index, columns=above.columns)
    events_by, people_by = above.to_numpy(dtype=float), below.to_numpy(dtype=float)
    ids = above.index
    for name, numbers in (("events", events_by), ("people", people_by)):
        if (numbers < 0).any():
            faults.add(f"negative {name}", ids=ids[np.flatnonzero((numbers < 0).any(axis=1))], of=len(ids))
    orphans = ((people_by == 0) & (events_by > 0)).any(axis=1)
    if orphans.any():
        cure = "Events and people of one stratum must be counted in the same way."
        faults.add("events in a stratum where nobody lives", ids=ids[orphans], of=len(ids), cure=cure)
    faults.raise_if_any(ValuesError, _NO_RATE)
    return ids.rename(AREA_ID), above.columns, events_by, people_by


def check_people_by_stratum(people: object) -> pd.DataFrame:
    """Return people by area and stratum."""
    faults = Faults()
    wide = _wide(faults, "people", people)
    faults.raise_if_any(ValuesError, "Counts by stratum are needed.")
    numbers = wide.to_numpy(dtype=float)
    if (numbers < 0).any():
        faults.add("negative people", ids=wide.index[np.flatnonzero((numbers < 0).any(axis=1))], of=len(wide))
    faults.raise_if_any(ValuesError, _NO_RATE)
    return wide.rename_axis(index=AREA_ID)


def check_per_stratum(name: str, given: object, strata: pd.Index, *, some: bool) -> np.ndarray:
    """Return a number for each stratum, in their order; where ``some``, they must not all be zero."""
    faults = Faults()
    series = check_series(name, given)
    if not series.index.is_unique:
        faults.add(f"strata that {name} has twice", ids=series.index[series.index.duplicated()])
    else:
        _note_strata(faults, name, series.index, strata, "the counts")
    numbers = as_floats(faults, name, series)
    if np.isnan(numbers).any() or (numbers < 0).any():
        cure = "Each stratum needs a number of at least 0."
        faults.add(f"strata without a usable number in {name}", ids=series.index[~(numbers >= 0)], cure=cure)
    elif some and not numbers.sum() > 0:
        faults.add(f"{name} holds nobody", cure="Some stratum must be above 0.")
    faults.raise_if_any(ValuesError, f"The strata of {name} and of the counts do not fit together.")
    return series.reindex(strata).to_numpy(dtype=float)


def check_standard_name(name: str, known: Iterable[str]) -> str:
    """Return the name of a standard population that is built in."""
    if name in known:
        return name
    raise UsageError(
        f"standard is {name!r}; it must be one of {', '.join(sorted(known))}, a Series of people by stratum, "
        "or None for the people of all areas together."
    )


def check_bands(
    ages: Mapping[object, tuple[int, int] | None], bands: Iterable[tuple[int, int]], standard: str
) -> None:
    """Refuse strata whose ages a standard population cannot be added up to.

    ``ages`` holds the first and the last year of each stratum's age band, or None where it is none.
    """
    faults = Faults()
    unread = [label for label, band in ages.items() if band is None]
    if unread:
        cure = "Write age bands as '0-4' or '85+'; of several levels, name the one of ages 'age'."
        faults.add("strata that are no age bands", ids=unread, of=len(ages), cure=cure)
    starts, ends = {first for first, _ in bands}, {last for _, last in bands}
    read = {label: band for label, band in ages.items() if band is not None}
    cut = [label for label, (first, last) in read.items() if first not in starts or last not in ends]
    if cut:
        cure = (
            f"{standard} begins bands at {', '.join(map(str, sorted(starts)))}; give a standard of your own."
        )
        faults.add("age bands that divide a band of the standard", ids=cut, of=len(ages), cure=cure)
    ordered = sorted(set(read.values()))
    if any(one[1] >= other[0] for one, other in pairwise(ordered)):
        faults.add("age bands that overlap", cure="Each age must be in one band.")
    faults.raise_if_any(ValuesError, f"The strata do not fit {standard}.")


def check_parents(parents: object, ids: pd.Index) -> pd.Series:
    """Return the parent of each area, aligned by id; every area needs one."""
    series = check_series("parents", parents)
    faults = Faults()
    note_ids(faults, "parents", series.index, ids, "the counts")
    faults.raise_if_any(ValuesError, "The counts and the parents do not hold the same areas.")
    aligned = series.reindex(ids)
    blank = (aligned.isna() | (aligned.astype(str).str.strip() == "")).to_numpy()
    if blank.any():
        cure = "Say what each area belongs to, or leave these out."
        faults.add("areas without a parent", ids=ids[blank], of=len(ids), cure=cure)
    faults.raise_if_any(ValuesError, "Nothing says what some areas should be shrunk towards.")
    return aligned


def check_cv_limits(cautious: float, largest: float) -> None:
    """Refuse limits of the coefficient of variation that are not above 0 or stand in the wrong order."""
    if not 0 < cautious <= largest:
        raise UsageError(
            f"cautious_cv is {cautious!r} and largest_cv is {largest!r}; both must be above 0, and caution "
            "begins before a rate is unreliable."
        )


def check_minimum(name: str, value: float) -> float:
    """Return a least number of events or people, 0 or more."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < np.inf:
        raise UsageError(f"{name} is {value!r}; it must be a number of at least 0.")
    return float(value)


def refuse_no_rule(verb: str) -> NoReturn:
    """Refuse to add up counts without a word on how many are enough."""
    raise UsageError(
        f"{verb} needs to know how many are enough: give minimum_denominator or minimum_numerator."
    )


def check_years_given(counts: object) -> dict[int, pd.DataFrame]:
    """Return a table for each year, each with the counts of the same areas."""
    if not isinstance(counts, Mapping) or not counts:
        raise UsageError("counts must hold a table for each year: {2024: table, 2023: table}.")
    odd = [year for year in counts if isinstance(year, bool) or not isinstance(year, Integral)]
    if odd:
        raise UsageError(f"counts has the year {odd[0]!r}; a year is a whole number.")
    faults = Faults()
    tables = {int(year): table for year, table in counts.items()}
    latest = tables[max(tables)]
    for year, table in tables.items():
        lacking = [name for name in ("numerator", "denominator") if name not in getattr(table, "columns", ())]
        if lacking:
            faults.add(f"the table of {year} has no column {' and no '.join(lacking)}")
        else:
            note_ids(faults, f"the table of {year}", table.index, latest.index, f"that of {max(tables)}")
    faults.raise_if_any(ValuesError, "The years cannot be added up.")
    return tables


def check_graph_for(graph: T | None, method: str) -> T:
    """Return the graph that a study's method needs, or refuse to do without."""
    if graph is None:
        raise UsageError(f"method={method!r} needs the neighbours: give graph=.")
    return graph


def check_parent_column(attributes: object, name: str) -> pd.Series:
    """Return the attribute that says what each area belongs to."""
    if not isinstance(attributes, pd.DataFrame) or name not in attributes:
        known = list(attributes.columns) if isinstance(attributes, pd.DataFrame) else []
        had = f"The areas have {', '.join(map(str, known))}." if known else "Give attributes=."
        raise UsageError(f"method='parent' needs to know what each area belongs to: {name!r}. {had}")
    return attributes[name]


def check_within(within: object, ids: pd.Index) -> pd.Series:
    """Return what each area may not be merged beyond, aligned by id."""
    series = check_series("within", within)
    faults = Faults()
    note_ids(faults, "within", series.index, ids, "the counts")
    faults.raise_if_any(ValuesError, "Nothing says within what some areas may be merged.")
    return series.reindex(ids)


def check_attributes(attributes: object, ids: pd.Index) -> pd.DataFrame:
    """Return attributes of areas, aligned by id, each on the scale of its standard deviation."""
    if not isinstance(attributes, pd.DataFrame):
        raise UsageError(
            f"attributes is a {type(attributes).__name__}; it must be a DataFrame indexed by area_id."
        )
    faults = Faults()
    note_ids(faults, "attributes", attributes.index, ids, "the counts")
    columns = {name: as_floats(faults, f"{name} of attributes", attributes[name]) for name in attributes}
    unknown = np.asarray(np.isnan(list(columns.values())).any(axis=0))
    if unknown.any():
        cure = "Leave the attribute out, or say what it should be there."
        faults.add("areas without an attribute", ids=attributes.index[unknown], of=len(unknown), cure=cure)
    faults.raise_if_any(ValuesError, "Areas cannot be compared by these attributes.")
    table = pd.DataFrame(columns, index=attributes.index).reindex(ids)
    return table / table.std(ddof=0).replace(0, 1)


def refuse_many_areas(found: int, most: int) -> NoReturn:
    """Refuse to merge more linked areas than the search for regions can hold."""
    faults = Faults()
    cure = "Merge within smaller units: within=areas['municipality'], or a graph of fewer areas."
    faults.add(f"{found} areas are linked to each other, and at most {most} can be merged at once", cure=cure)
    raise ValuesError("The areas cannot be merged.", faults.found)


def _wide(faults: Faults, name: str, data: object) -> pd.DataFrame:
    """Return a table with a row for each area and a column for each stratum."""
    if isinstance(data, pd.Series) and data.index.nlevels > 1:
        table = _unstacked(faults, name, data)
    elif isinstance(data, pd.DataFrame):
        table = data
    else:
        raise UsageError(
            f"{name} is a {type(data).__name__}; it must be a DataFrame indexed by area_id with a column for "
            "each stratum, or a Series indexed by area_id and stratum, such as "
            "table.set_index(['area_id', 'age', 'sex'])['events']."
        )
    if not table.columns.is_unique:
        twice = table.columns[table.columns.duplicated()].unique()
        faults.add(f"strata that {name} has twice", ids=twice, of=len(table.columns))
        return pd.DataFrame(index=table.index)
    numbers = [as_floats(faults, f"{name} of {column}", table[column]) for column in table.columns]
    filled = np.array(numbers).reshape(len(table.columns), len(table.index)).T
    return pd.DataFrame(filled, index=table.index, columns=table.columns)


def _unstacked(faults: Faults, name: str, data: pd.Series) -> pd.DataFrame:
    """Return a long table as a wide one; a row that is absent is not a zero."""
    if not data.index.is_unique:
        twice = data.index[data.index.duplicated()].get_level_values(0).unique()
        faults.add(f"areas with a stratum twice in {name}", ids=twice)
        return pd.DataFrame()
    index: Any = data.index  # pandas-stubs knows no level by its place
    area, ids = pd.factorize(index.get_level_values(0))
    stratum, labels = pd.factorize(index.droplevel(0))
    numbers = np.full((len(ids), len(labels)), np.nan)
    there = np.zeros(numbers.shape, dtype=bool)
    numbers[area, stratum] = as_floats(faults, name, data)
    there[area, stratum] = True
    if not there.all():
        lacking = ids[np.flatnonzero(~there.all(axis=1))]
        cure = "Give every stratum of every area: 0 where there was none, NaN where it is not known."
        faults.add(f"areas that lack strata in {name}", ids=lacking, of=len(ids), cure=cure)
    return pd.DataFrame(numbers, index=pd.Index(ids), columns=pd.Index(labels))


def _note_strata(faults: Faults, name: str, strata: pd.Index, expected: pd.Index, whose: str) -> None:
    for what, odd in (
        (f"strata of {name} that {whose} does not have", strata[~strata.isin(expected)]),
        (f"strata of {whose} that {name} does not have", expected[~expected.isin(strata)]),
    ):
        if len(odd):
            faults.add(what, ids=odd, of=len(strata.union(expected, sort=False)), cure=_CURE_STRATA)
