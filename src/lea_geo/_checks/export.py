"""What the files for GIS programs, spreadsheets and databases cannot be written as."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lea_geo.errors import UsageError
from lea_geo.schema import LANGUAGES

if TYPE_CHECKING:
    from lea_geo.schema import Findings


def language_of(findings: Findings, language: str | None) -> str:
    """Return the language that a file speaks: the one asked for, or the study's own, or Finnish."""
    if language is None:
        own = findings.settings.get("language")
        return str(own) if own in LANGUAGES else LANGUAGES[0]
    if language not in LANGUAGES:
        raise UsageError(f"There is no language {language!a}: choose {', '.join(LANGUAGES)}.")
    return language
