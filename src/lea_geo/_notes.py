"""Sentences about single indicators, said once where they hold for several."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

NAMED = 3
"""How many indicators a note names that holds for several."""


def gathered(said: Iterable[tuple[str, Iterable[str]]]) -> list[str]:
    """Return each sentence once, after the names that it is about.

    Parameters
    ----------
    said
        Names and what is said of each.

    Examples
    --------
    >>> gathered([("Work", ["No counts."]), ("Home", ["No counts.", "Few people."])])
    ['Work, Home: No counts.', 'Home: Few people.']
    """
    about: dict[str, list[str]] = {}
    for name, notes in said:
        for note in dict.fromkeys(notes):
            about.setdefault(note, []).append(name)
    return [f"{_named(names)}: {note}" for note, names in about.items()]


def _named(names: list[str]) -> str:
    shown = ", ".join(names[:NAMED])
    return shown if len(names) <= NAMED else f"{shown} and {len(names) - NAMED} other indicators"
