"""The words that stand for coded values: for forms and legends, and for GeoPackage's own field domains."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from lea_geo.schema import (
    CONTEXT_KINDS,
    DEPENDS,
    DOUBTS,
    GRADES,
    LOCAL_METHODS,
    MOVERS,
    PLACES,
    VERDICTS,
    Label,
    Status,
    result_column,
)
from lea_geo.texts import read_texts, shared_texts

if TYPE_CHECKING:
    from collections.abc import Iterable

LEDGER_PLACE = "ledger_place"
"""The column of the layers of load and resource that says where an area lies on both."""


def words_of(column: str, language: str) -> dict[str, str]:
    """Return what each value of a column means; nothing where its values speak for themselves.

    Parameters
    ----------
    column
        Of a result layer, or ``kind`` of the context.
    language
        ``fi``, ``sv`` or ``en``.
    """
    domain = domain_of(column)
    return dict(_words(domain, language)) if domain else {}


def domain_of(column: str) -> str:
    """Return the name of the domain that a column's values are of; empty where they are of none."""
    if column in _DOMAINS:
        return f"lea_{column}"
    method = next((one for one in LOCAL_METHODS if column.startswith(f"{one}_")), "")
    local = column.removeprefix(f"{method}_")
    if not method or local not in _LOCAL:
        return ""
    return f"lea_{local}_{method}" if local == "label" else f"lea_{local}"


def domain_names() -> tuple[str, ...]:
    """Return the name of every domain."""
    columns = (*_DOMAINS, *(result_column(method, local) for method in LOCAL_METHODS for local in _LOCAL))
    return tuple(dict.fromkeys(domain_of(column) for column in columns))


def domain_words(domain: str, language: str) -> dict[str, str]:
    """Return the values of a domain and what each means."""
    return dict(_words(domain, language))


def label_words(method: str, language: str) -> dict[str, str]:
    """Return GeoDa's cluster labels in a planner's words, with GeoDa's own term behind them."""
    shared, said = shared_texts(), {}
    for label in map(str, Label):
        hot = f"hotspot.{label}" if method == "local_g_star" else ""
        word = shared[hot if hot in shared else f"label.{label}"].in_language(language)
        said[label] = f"{word} ({label})"
    return said


def _words(domain: str, language: str) -> Iterable[tuple[str, str]]:
    name = domain.removeprefix("lea_")
    for method in LOCAL_METHODS:
        if name == f"label_{method}":
            return label_words(method, language).items()
    group, values = _DOMAINS.get(name) or _LOCAL[name]
    texts = {**shared_texts(), **read_texts("lea_geo.export")}
    blank = texts[f"blank.{name}" if f"blank.{name}" in texts else "blank.other"].in_language(language)
    found = {}
    for value in values:
        said = [texts[f"{group}.{word}"].in_language(language) for word in value.split()]
        found[value] = ", ".join(said) if said else blank
    return found.items()


def _several(words: Iterable[str]) -> tuple[str, ...]:
    """Return every choice of words, in their order, a space between them."""
    held = tuple(words)
    return tuple(" ".join(some) for n in range(len(held) + 1) for some in combinations(held, n))


_DOMAINS: dict[str, tuple[str, tuple[str, ...]]] = {
    "status": ("status", tuple(map(str, Status))),
    "grade": ("grade", GRADES),
    "moved_by": ("mover", MOVERS),
    "kind": ("context", CONTEXT_KINDS),
    LEDGER_PLACE: ("place", PLACES),
}
_LOCAL: dict[str, tuple[str, tuple[str, ...]]] = {
    "label": ("label", tuple(map(str, Label))),
    "doubt": ("doubt", DOUBTS),
    "verdict": ("verdict", VERDICTS),
    "depends_on": ("depends_on", _several(DEPENDS)),
}
