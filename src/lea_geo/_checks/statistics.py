"""What is asked of a statistical service, and what its answers must be."""

from __future__ import annotations

from collections import Counter
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from lea_geo._checks.faults import Faults
from lea_geo.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

SHOWN = 12


def _heading(source: str, what: str) -> str:
    return f"{source} cannot give {what}:"


def _listed(values: Iterable[object]) -> str:
    names = [str(value) for value in values]
    return ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")


def refuse_table(source: str, table: str, there: Mapping[str, str]) -> SourceError:
    """Return the error for a table that a service does not have; ``there`` is table to title."""
    faults = Faults()
    near = get_close_matches(table, list(there), n=1)
    hint = f"Did you mean {near[0]}? " if near else ""
    listed = _listed(f"{name} ({title})" for name, title in there.items())
    faults.add(f"there is no table {table!r}", cure=f"{hint}There are {listed or 'none'}.")
    return SourceError(_heading(source, f"the table {table}"), faults.found)


def refuse_variables(source: str, table: str, what: str, names: Iterable[str]) -> SourceError:
    """Return the error for a table without areas, fields or years, or with more than those."""
    faults = Faults()
    faults.add(what, ids=names, cure="A table by area, field and year is needed.")
    return SourceError(_heading(source, f"the table {table}"), faults.found)


class Choices:
    """Collects what was asked of a table and is not there."""

    def __init__(self, source: str, table: str) -> None:
        self._faults = Faults()
        self._heading = _heading(source, f"what was asked of {table}")

    def check(self, kind: str, asked: Sequence[str], absent: Sequence[str], there: Collection[str]) -> None:
        """Note the values that the table does not have, and an empty question."""
        if not asked:
            self._faults.add(f"no {kind} are asked for", cure="Leave them out to have all.")
        if absent:
            self._faults.add(
                f"the table has no such {kind}",
                ids=absent,
                of=len(asked),
                cure=f"It has {len(there)}: {_listed(there)}.",
            )

    def raise_if_any(self) -> None:
        """Raise one SourceError with all of it."""
        self._faults.raise_if_any(SourceError, self._heading)


def check_indicators(
    source: str, ids: Sequence[str], years: Sequence[str], there: Mapping[str, Mapping[str, Any]]
) -> None:
    """Refuse indicators that the service does not list, and years that lie outside what it has of them."""
    faults = Faults()
    if not ids:
        faults.add("no indicators are asked for")
    if not years:
        faults.add("no years are asked for")
    odd = [year for year in years if not (year.isdigit() and len(year) == 4)]
    if odd:
        faults.add("years that are no years", ids=odd, of=len(years), cure="Write them as 2023.")
    unknown = [one for one in ids if one not in there]
    if unknown:
        faults.add(
            "unknown indicators",
            ids=unknown,
            of=len(ids),
            cure=f"The service lists {len(there)}; an indicator is asked for by its number.",
        )
    for one in ids:
        first, last = there.get(one, {}).get("years") or ("0000", "9999")
        outside = [year for year in years if year not in odd and not first <= year <= last]
        if outside:
            faults.add(f"indicator {one} has no such years", ids=outside, cure=f"It has {first} to {last}.")
    faults.raise_if_any(SourceError, _heading(source, "what was asked"))


def check_regions(source: str, codes: Mapping[str, str], given: Collection[str]) -> None:
    """Refuse a service without municipalities, and one code for two regions that both have values."""
    faults = Faults()
    if not codes:
        faults.add("the service lists no municipalities by a code of three digits")
    own = Counter(code for number, code in codes.items() if number in given)
    twice = [code for code, n in own.items() if n > 1]
    if twice:
        faults.add("codes that stand for several regions with values", ids=twice, of=len(own))
    faults.raise_if_any(SourceError, _heading(source, "values by municipality"))


def refuse_no_values(
    source: str, nothing: Sequence[str], genders: Mapping[str, Sequence[str]]
) -> SourceError:
    """Return the error for indicators without a single value in a year that was asked for."""
    faults = Faults()
    known = "; ".join(f"{one}: {', '.join(words)}" for one, words in genders.items() if words)
    cure = f"Genders that they are given by: {known}." if known else "Ask for another year or gender."
    faults.add("no municipality has a value (indicator, year, gender)", ids=nothing, cure=cure)
    return SourceError(_heading(source, "what was asked"), faults.found)
