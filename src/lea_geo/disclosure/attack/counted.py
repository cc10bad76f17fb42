"""Which counts a release tells of, and what is known of each: one count may stand in many indicators."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from lea_geo.disclosure.attack.evidence import Known
from lea_geo.disclosure.attack.rates import COUNTED

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from lea_geo.disclosure.attack.evidence import Evidence, Sheet
    from lea_geo.schema import Indicator

Fields = tuple[str, ...]
"""The source fields that a count adds up, sorted: two indicators with the same fields tell one number."""
SheetKey = tuple[str, str]
Held = dict[SheetKey, dict[Fields, Known]]
"""What is known of every count of every sheet."""

ROUNDS = 2
"""How often parts and wholes are told of each other: what the last learns helps the first."""
_COUNTS = ("persons", "households", "count")
_NO_COUNT = re.compile(r"(rank|tier|score|available|p_|fid$|objectid|id$|year|vuosi|x$|y$|row$|column$)")
"""What columns are called that hold whole numbers and count nobody."""
UNNAMED = ("unknown", "value")
"""The parts that a number has whose column names no part of an indicator."""


def counts_of(evidence: Evidence) -> Held:
    """Return what is known of every count of every sheet.

    Counts are an indicator's numerator and denominator, a value in persons or households, and whole numbers
    in columns that name no indicator.
    """
    found: Held = {}
    for key, sheet in evidence.sheets.items():
        held: dict[Fields, Known] = {}
        for fields, known in _told(evidence.indicators, sheet):
            held[fields] = _both(held[fields], known) if fields in held else _whole(known)
        for _ in range(ROUNDS):
            _relate(held)
        found[key] = held
    return found


def _told(indicators: Mapping[str, Indicator], sheet: Sheet) -> Iterator[tuple[Fields, Known]]:
    """Yield the counts of a sheet; one that several indicators hold comes several times."""
    for (variable, part), known in sorted(sheet.known.items()):
        indicator = indicators.get(variable)
        if indicator is None:
            if part in UNNAMED and _looks_counted(variable, known):
                yield (variable.rsplit(".", 1)[-1],), known
        elif not getattr(indicator, part, "value"):
            continue
        elif part == "denominator" or (part == "numerator" and indicator.unit in COUNTED):
            yield tuple(sorted(getattr(indicator, part))), known
        elif part == "value" and indicator.unit in _COUNTS and not indicator.is_rate:
            yield (indicator.field or variable,), known


def _looks_counted(variable: str, known: Known) -> bool:
    """Whether printed numbers are whole and not negative, and their name does not say what else they are."""
    if _NO_COUNT.match(variable.rsplit(".", 1)[-1].lower()):
        return False
    lower, upper = known.lower[known.printed], known.upper[known.printed]
    whole = np.all(lower == upper) and np.all(lower >= 0) and np.all(lower % 1 == 0)
    return bool(len(lower) and whole and (len(lower) == 1 or lower.min() < lower.max()))


def _whole(known: Known) -> Known:
    """Return the whole numbers that an interval holds, or those around it, at least 0."""
    slack = 1e-6
    lower, upper = np.maximum(np.ceil(known.lower - slack), 0), np.floor(known.upper + slack)
    # People who were carried from one set of areas to another are no whole numbers: both that are near.
    between = lower > upper
    lower, upper = np.where(between, upper, lower), np.where(between, lower, upper)
    reasons = known.below.copy(), known.above.copy()
    return Known(lower, upper, known.printed.copy(), known.place.copy(), *reasons)


def _both(first: Known, known: Known) -> Known:
    """Return what two sources say of one count together; where they contradict each other, the first."""
    second = _whole(known)
    agree = np.maximum(first.lower, second.lower) <= np.minimum(first.upper, second.upper)
    rises, falls = agree & (second.lower > first.lower), agree & (second.upper < first.upper)
    return Known(
        np.where(rises, second.lower, first.lower),
        np.where(falls, second.upper, first.upper),
        first.printed | (agree & second.printed),
        np.where(rises | falls | (first.place < 0), second.place, first.place),
        np.where(rises, second.below, first.below),
        np.where(falls, second.above, first.above),
    )


def _relate(held: dict[Fields, Known]) -> None:
    """Let parts be no more than their whole, and know a part as the whole less the other part."""
    for whole, part, rest in rests(held):
        held.setdefault(rest, Known.nothing(len(held[whole].lower)))
        _subtract(held[whole], held[part], held[rest], f"{name_of(whole)} less {name_of(part)}")
        said = f"it is part of {name_of(whole)}"
        everybody = np.arange(len(held[part].lower))
        held[part].narrow(
            everybody, 0, held[whole].upper, attack="attributes", recipe=said, through=(held[whole],)
        )


def rests(held: Collection[Fields]) -> Iterator[tuple[Fields, Fields, Fields]]:
    """Yield every whole, a part of it and the rest, which whoever asks takes in before the next is sought.

    >>> list(rests([("a", "b", "c"), ("a",)]))
    [(('a', 'b', 'c'), ('a',), ('b', 'c'))]
    """
    for whole in list(held):
        for part in list(held):
            if set(part) < set(whole):
                yield whole, part, tuple(sorted(set(whole) - set(part)))


def _subtract(whole: Known, part: Known, rest: Known, said: str) -> None:
    """Know the rest of a whole, and of each what the two others leave."""
    at = np.arange(len(whole.lower))
    for known, other in ((rest, part), (part, rest)):
        with np.errstate(invalid="ignore"):
            ends = np.nan_to_num(np.maximum(whole.lower - other.upper, 0), nan=0.0), whole.upper - other.lower
        place = int(whole.place.max(initial=-1))
        known.narrow(at, *ends, attack="attributes", recipe=said, place=place, through=(whole, other))
    ends = part.lower + rest.lower, part.upper + rest.upper
    whole.narrow(at, *ends, attack="attributes", recipe="its parts, added up", through=(part, rest))


def name_of(fields: Fields) -> str:
    """Return what a count is called: its fields, added up.

    >>> name_of(("he_0_2", "he_3_6"))
    'he_0_2 + he_3_6'
    """
    return " + ".join(fields)
