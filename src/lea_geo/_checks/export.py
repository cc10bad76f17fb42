"""What the files for GIS programs, spreadsheets and databases cannot be written as."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lea_geo._checks.faults import Faults
from lea_geo.errors import OutputError, UsageError
from lea_geo.schema import LANGUAGES

if TYPE_CHECKING:
    from pathlib import Path

    from lea_geo.schema import Findings


MOST_ROWS = 1_048_575
"""Of a sheet of a workbook, below its header."""


def language_of(findings: Findings, language: str | None) -> str:
    """Return the language that a file speaks: the one asked for, or the study's own, or Finnish."""
    if language is None:
        own = findings.settings.get("language")
        return str(own) if own in LANGUAGES else LANGUAGES[0]
    if language not in LANGUAGES:
        raise UsageError(f"There is no language {language!a}: choose {', '.join(LANGUAGES)}.")
    return language


def check_rows(findings: Findings, path: Path) -> None:
    """Refuse findings with more rows than a sheet has."""
    rows = len(findings.areas) * max(1, len(findings.indicators))
    faults = Faults()
    if rows > MOST_ROWS:
        cure = "Use write_tables or write_parquet."
        faults.add(f"a sheet has {MOST_ROWS} rows, and areas times indicators are {rows}", cure=cure)
    faults.raise_if_any(OutputError, f"{path.name} was not written:")
