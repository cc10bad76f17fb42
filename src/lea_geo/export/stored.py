"""How findings are written down in a GeoPackage: what its writer and its reader agree on."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

from lea_geo.schema import (
    LOCAL_COUNTS,
    LOCAL_METHODS,
    MUNICIPALITY,
    NAME_COLUMNS,
    RESULT_COLUMNS,
    RESULT_WORDS,
    SUMMARY_COLUMNS,
    EthicalNote,
    Indicator,
    Text,
    result_column,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

STORED_VERSION = 4
"""2: local statistics bring ``p_mid``, ``neighbors`` and ``hidden``. 3: intervals, ranks, doubts,
comparisons, context, other years and other kinds of areas. 4: composites with their members and weights, what
becomes of them in other runs, and verdicts on labels."""
AREA_COLUMNS = (*NAME_COLUMNS, MUNICIPALITY)
TEXT_RESULTS = frozenset(name for name in RESULT_COLUMNS if name.endswith(RESULT_WORDS))
COUNT_RESULTS = frozenset(result_column(method, count) for method in LOCAL_METHODS for count in LOCAL_COUNTS)
"""Whole numbers, stored as such; a blank among them reads back as NaN."""
SUMMARY_COUNTS = frozenset(name for name in SUMMARY_COLUMNS if name.startswith("n_"))
TEXT_COMPARISONS = frozenset({"code", "place", "basis"})
CONTEXT_COLUMNS = ("kind", "name")
SHEET_COLUMNS = ("sheet", "areas", "level", "year", "title", "synthetic", "settings", "notes")
"""One row for each other year and kind of areas. ``sheet`` is what its layers begin with, before an
underscore; ``areas`` is the layer that holds its areas; what follows ``year`` is JSON."""
_TEXTS = ("name", "explanation")
_LISTS = ("numerator", "denominator", "members")


def as_words(column: Iterable[object]) -> list[str]:
    """Return a column of words, blank where there is none.

    >>> as_words(["High-High", float("nan"), None])
    ['High-High', '', '']
    """
    return [text if isinstance(text, str) else "" for text in column]


def indicator_as_json(indicator: Indicator) -> dict[str, Any]:
    """Return an indicator as plain JSON values; :func:`indicator_from_json` turns back."""
    return asdict(indicator)


def indicator_from_json(entry: dict[str, Any]) -> Indicator:
    """Return the indicator that an entry describes.

    Raises
    ------
    ValueError, TypeError, KeyError
        The entry is not what :func:`indicator_as_json` gives.
    """
    ethics = entry["ethics"]
    given = {name: entry[name] for name in (f.name for f in fields(Indicator)) if name in entry}
    if any(not isinstance(part, str) for name in _LISTS for part in given[name]):
        raise TypeError("field names must be text")
    if not all(
        isinstance(one, (int, float)) for one in (given["scale"], given["decimals"], *given["weights"])
    ):
        raise TypeError("scale, decimals and weights must be numbers")
    plain = {k for k in given if k not in {*_TEXTS, *_LISTS, "ethics", "scale", "decimals", "weights"}}
    if not all(isinstance(given[name], str) for name in plain):
        raise TypeError("an entry must be text")
    return Indicator(
        **given
        | {name: text_from_json(entry[name]) for name in _TEXTS}
        | {name: tuple(entry[name]) for name in (*_LISTS, "weights")}
        | {
            "ethics": EthicalNote(
                need=text_from_json(ethics["need"]),
                harm=text_from_json(ethics["harm"]),
                reviewed_by=str(ethics["reviewed_by"]),
                reviewed_on=str(ethics["reviewed_on"]),
            )
        }
    )


def text_from_json(entry: dict[str, Any]) -> Text:
    """Return the text in three languages that an entry holds.

    Raises
    ------
    ValueError, TypeError, KeyError
        The entry is not a text in three languages.
    """
    found = Text(**entry)
    if not all(isinstance(part, str) for part in found.as_dict().values()):
        raise TypeError("a text must be text")
    return found
