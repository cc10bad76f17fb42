"""What every column of an output means, in what unit, and what it can hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lea_geo.chapter import UNITS_UNSAID, YES
from lea_geo.schema import (
    DEPENDS,
    DOUBTS,
    GRADES,
    LANGUAGES,
    LOCAL_COUNTS,
    LOCAL_METHODS,
    LOCAL_RESULTS,
    MOVERS,
    VERDICTS,
    Label,
    Status,
    Text,
    result_column,
)
from lea_geo.texts import read_texts, shared_texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lea_geo.chapter import ChapterTable, Column
    from lea_geo.schema import Indicator

_OWN_UNIT = ("value", "lower", "upper", "interval_lower", "interval_upper", "median", "minimum", "maximum")
_LOCAL = {
    result_column(method, column): (method, column) for method in LOCAL_METHODS for column in LOCAL_RESULTS
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


def column_meaning(name: str, table: ChapterTable | None) -> Text:
    """Return what a column of a layer means: of a chapter's table, or as :func:`meaning` has it."""
    own = {} if table is None else {one.name: one for one in table.columns}
    if name not in own:
        return meaning(name)
    column = own[name]
    parts = (column.title, column.explanation)
    return Text(*(". ".join(filter(None, (part.in_language(one) for part in parts))) for one in LANGUAGES))


def chapter_unit(column: Column) -> str:
    """Return the unit in which a column of a chapter's table is stored."""
    if column.unit in ("share", "probability"):
        return f"{column.unit}, 0 to 1"
    if column.unit in UNITS_UNSAID:
        return ""
    return shared_texts()[f"unit_name.{column.unit}"].en


def chapter_range(column: Column) -> str:
    """Return what a column of a chapter's table can hold."""
    if column.words:
        return ", ".join(column.words)
    if column.kind == "number":
        return "0 to 1" if column.unit == "probability" else "any number"
    return f"{YES} or blank" if column.kind == "flag" else "text"


def alias(column: str) -> Text:
    """Return what a form and a table call a column: short, and no two columns of a layer the same."""
    texts = read_texts("lea_geo.export")
    if column not in _LOCAL:
        return texts[f"alias.{column}"]
    method, local = _LOCAL[column]
    parts = (texts[f"alias_method.{method}"], texts[f"alias_local.{local}"])
    return Text(
        **{language: ": ".join(part.in_language(language) for part in parts) for language in LANGUAGES}
    )


def in_all(text: Text, language: str) -> str:
    """Return a text in all languages, one of them first; what is said alike is said once."""
    ordered = sorted(LANGUAGES, key=lambda one: one != language)
    return " / ".join(dict.fromkeys(text.in_language(one) for one in ordered))


def table_meaning(table: str, column: str) -> Text:
    """Return what a column of a table without shapes means."""
    texts = read_texts("lea_geo.export")
    keys = (f"table.{table}.{column}", f"table.any.{column}", f"summary.{column}", f"column.{column}")
    return next(texts[key] for key in keys if key in texts)


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
    if local.startswith("n_"):
        return "0 or more"
    return _RANGES.get(local, "any number")


_CHOICES: Mapping[str, Iterable[str]] = {
    "label": Label,
    "status": Status,
    "doubt": DOUBTS,
    "grade": GRADES,
    "moved_by": MOVERS,
    "verdict": VERDICTS,
}
_WORDS = ("area_id", "name_fi", "name_sv", "name_en", "municipality", "code", "reason")
_RANKS = ("rank", "rank_lower", "rank_upper")
_TIERS = ("tier_lower", "tier_upper")
_SHARES = ("p_lower", "p_upper", "p_value", "p_mid", "q_value", "moran_p_value")
_RANGES: Mapping[str, str] = {
    **dict.fromkeys(_WORDS, "text"),
    **dict.fromkeys(_RANKS, "1 or more"),
    **dict.fromkeys(_TIERS, "1 to 5"),
    **dict.fromkeys((*_SHARES, "p_worst", "p_worst_decile", "share"), "0 to 1"),
    **dict.fromkeys(("variance", "denominator", *LOCAL_COUNTS), "0 or more"),
    "depends_on": f"{', '.join(DEPENDS)}; several with a space between them",
}
