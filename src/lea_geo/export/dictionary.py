"""What every column of an output means, in what unit, and what it can hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lea_geo.schema import (
    DOUBTS,
    LANGUAGES,
    LOCAL_COLUMNS,
    LOCAL_COUNTS,
    LOCAL_METHODS,
    Label,
    Status,
    Text,
    result_column,
)
from lea_geo.texts import read_texts, shared_texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lea_geo.schema import Indicator

_OWN_UNIT = ("value", "lower", "upper", "interval_lower", "interval_upper", "median", "minimum", "maximum")
_RANKS = ("rank", "rank_lower", "rank_upper")
_PROBABILITIES = ("p_lower", "p_upper", "p_value", "p_mid", "q_value")
_LOCAL = {
    result_column(method, column): (method, column)
    for method in LOCAL_METHODS
    for column in (*LOCAL_COLUMNS, "doubt")
}
"""The columns of the local statistics, each with its method and what it is there."""


def meaning(column: str) -> Text:
    """Return what a column of a result layer means."""
    texts = read_texts("lea_geo.export")
    if column not in _LOCAL:
        return texts[f"column.{column}"]
    method, local = _LOCAL[column]
    parts = (texts[f"method.{method}"], texts[f"local.{local}"])
    return Text(
        **{language: ": ".join(part.in_language(language) for part in parts) for language in LANGUAGES}
    )


def summary_meaning(column: str) -> Text:
    """Return what a column of the summary means."""
    return read_texts("lea_geo.export")[f"summary.{column}"]


def unit_of(column: str, indicator: Indicator) -> str:
    """Return a column's unit in the results of ``indicator``; empty for text and for pure numbers."""
    return shared_texts()[f"unit_name.{indicator.unit}"].en if column in _OWN_UNIT else ""


def range_of(column: str) -> str:
    """Return what a column can hold: words for text, bounds for numbers."""
    local = _LOCAL.get(column, ("", column))[1]
    if local in _CHOICES:
        return ", ".join(choice for choice in _CHOICES[local] if choice)
    if local in _PROBABILITIES or local == "moran_p_value":
        return "0 to 1"
    if local in _RANKS:
        return "1 or more"
    if local in {"variance", "denominator", *LOCAL_COUNTS} or local.startswith("n_"):
        return "0 or more"
    return "text" if local in _WORDS else "any number"


_CHOICES: Mapping[str, Iterable[str]] = {"label": Label, "status": Status, "doubt": DOUBTS}
_WORDS = frozenset({"area_id", "name_fi", "name_sv", "name_en", "municipality", "code", "reason"})
