"""The counts that a study publishes, of whom and on which areas, and what the rules ask of them."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import numpy as np

from lea_geo.disclosure.rules import NO_MINIMUM, detail_fields
from lea_geo.schema import MUNICIPALITY, WITH_VALUE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from lea_geo._sheets import Sheet
    from lea_geo.disclosure.rules import Profile
    from lea_geo.schema import Findings, Indicator

Fields = tuple[str, ...]
"""The source fields that a count adds up: counts of the same fields are the same count."""

COUNTED_UNITS = ("persons", "households", "count")
MUNICIPALITIES, REGION = "municipality", "region"
"""What the totals of a study are of, beside its areas."""


@dataclass(frozen=True)
class Count:
    """One count on one kind of areas in one year, as its table gives it."""

    people: NDArray[np.float64]
    """By area; NaN where the table gives none."""
    summed: tuple[NDArray[np.bool_], ...]
    """For each total that is published of it: which areas the total adds up."""


@dataclass(frozen=True)
class Demand:
    """What a rule asks of a count: it is not to be known where too few stand behind it."""

    fields: Fields
    """The count that is to be hidden; of a mean or a median, its field."""
    behind: Fields
    """The count of those who stand behind it: itself, or its denominator."""
    minimum: int
    """Too few are 1 to one less than this."""


def count_of(sheet: Findings, indicator: Indicator) -> Iterator[tuple[Fields, NDArray[np.float64]]]:
    """Yield the counts that an indicator's columns give: fields, and people by area."""
    frame = sheet.results[indicator.code]
    if indicator.is_rate:
        yield indicator.numerator, frame["numerator"].to_numpy(dtype=float)
        yield indicator.denominator, frame["denominator"].to_numpy(dtype=float)
    elif is_count(indicator):
        yield (indicator.field,), frame["value"].to_numpy(dtype=float) / indicator.scale


def is_count(indicator: Indicator) -> bool:
    """Whether an indicator's value counts people."""
    return bool(indicator.field) and indicator.kind == "extensive" and indicator.unit in COUNTED_UNITS


def plain_indicators(sheet: Findings) -> tuple[Indicator, ...]:
    """Return the indicators that are not made of others."""
    return tuple(one for one in sheet.indicators if not one.is_composite and one.code in sheet.results)


def counts_of(sheet: Findings) -> dict[Fields, Count]:
    """Return every count that a sheet gives, by its fields.

    Totals stand in ``comparisons``: over the areas in which an indicator has a value, whatever else of it is
    known, so that two indicators with one count can have two totals of it.
    """
    found: dict[Fields, Count] = {}
    for indicator in plain_indicators(sheet):
        inside = _summed(sheet, indicator)
        for names, people in count_of(sheet, indicator):
            known = found.get(names, Count(people, ()))
            merged = np.where(np.isfinite(known.people), known.people, people)
            sums = known.summed
            if inside is not None and not any(np.array_equal(one, inside) for one in sums):
                sums = (*sums, inside)
            found[names] = Count(merged, sums)
    return found


def _summed(sheet: Findings, indicator: Indicator) -> NDArray[np.bool_] | None:
    """Return the areas that an indicator's totals add up, None where it has none."""
    rows = _rows(sheet.comparisons, indicator.code)
    if rows is None or not (rows["basis"] == "sum").any():
        return None
    valued = sheet.results[indicator.code]["status"].isin([str(one) for one in WITH_VALUE])
    return valued.to_numpy()


def _rows(comparisons: pd.DataFrame | None, code: str) -> pd.DataFrame | None:
    return None if comparisons is None else comparisons[comparisons["code"] == code]


def municipalities_of(sheet: Findings) -> NDArray[np.object_]:
    """Return the municipality of each area whose total is published, blank where none is."""
    inside = sheet.areas[MUNICIPALITY].fillna("").astype(str).to_numpy(dtype=object)
    told = set() if sheet.comparisons is None else set(sheet.comparisons["place"].astype(str)) - {""}
    return np.array([name if name in told else "" for name in inside], dtype=object)


def demands_of(
    sheets: Sequence[Sheet], profile: Profile, never: Iterable[str]
) -> tuple[list[Demand], list[str]]:
    """Return what the rules ask of the counts of one year's sheets, and what they ask that cannot be seen.

    Parameters
    ----------
    sheets
        The kinds of areas of one year.
    profile
        The rules.
    never
        Fields and indicators that stay visible whatever the rules say.
    """
    kept = tuple(never)
    demands: dict[Demand, None] = {}
    unseen: dict[str, None] = {}
    known = {names for sheet in sheets for names in counts_of(sheet.findings)}
    for sheet in sheets:
        for indicator in plain_indicators(sheet.findings):
            if _named(indicator, kept):
                continue
            for names, _ in count_of(sheet.findings, indicator):
                least = profile.count_minimum(names)
                if least > NO_MINIMUM and not all_named(names, kept):
                    demands[Demand(names, names, least)] = None
            for names, behind, least in _behind(indicator, profile):
                if behind in known:
                    demands[Demand(names, behind, least)] = None
                else:
                    unseen[f"{' + '.join(behind)} under {least}"] = None
    # Denominators first: what can be seen of them limits what their numerators can be.
    wholes = {one.denominator for sheet in sheets for one in plain_indicators(sheet.findings)}
    return sorted(demands, key=lambda one: one.fields not in wholes), list(unseen)


def _behind(indicator: Indicator, profile: Profile) -> Iterator[tuple[Fields, Fields, int]]:
    """Yield for an indicator's details who has to stand behind them, and how many.

    A denominator is a detail too, of whatever larger group its threshold names: families of all households.
    """
    details = detail_fields(indicator)
    least = profile.denominator_minimum(indicator)
    if indicator.denominator and least > NO_MINIMUM:
        yield details, indicator.denominator, least
    for names in filter(None, (details, indicator.denominator)):
        for limit in profile.thresholds_of(names):
            if (limit.base,) not in (names, indicator.denominator):
                yield names, (limit.base,), limit.minimum


def _named(indicator: Indicator, kept: tuple[str, ...]) -> bool:
    return any(fnmatchcase(indicator.code, one) for one in kept) or all_named(detail_fields(indicator), kept)


def all_named(names: Fields, kept: tuple[str, ...]) -> bool:
    """Whether some names or patterns name every field."""
    return bool(names) and all(any(fnmatchcase(name, one) for one in kept) for name in names)


def rounded(people: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return people as whole numbers; where none are known, nobody.

    Counts that were carried from other areas are no whole numbers. A part of a person is a person.
    """
    held = np.where(np.isfinite(people), people, 0.0)
    whole: NDArray[np.int64] = np.where((held > 0) & (held < 1), 1, np.rint(held)).astype(np.int64)
    return whole


def by_year(sheets: Iterable[Sheet]) -> Mapping[str, list[Sheet]]:
    """Return the sheets of each year."""
    found: dict[str, list[Sheet]] = {}
    for sheet in sheets:
        found.setdefault(sheet.findings.year, []).append(sheet)
    return found
