"""The files of an index: tables for spreadsheets and programs, and where every number came from."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

import pandas as pd

from lea_geo import __version__
from lea_geo._cells import as_cell
from lea_geo._checks.output import INDEX_MANIFEST
from lea_geo._manifest import hash_file, hash_inputs, library_versions
from lea_geo._output import replacing
from lea_geo.schema import AREA_ID

if TYPE_CHECKING:
    from pathlib import Path

    from lea_geo._index import MadeIndex
    from lea_geo.composite.result import CompositeResult
    from lea_geo.robustness.result import CompositeRobustness

RANKS = ("rank", "load_rank", "resource_rank")
"""Columns of whole numbers."""


def write_index(made: MadeIndex, out: Path) -> dict[str, Any]:
    """Write an index to a directory, which appears whole or not at all, and return its manifest.

    Parameters
    ----------
    made
        The index.
    out
        A directory that does not exist, is empty, or is an earlier output.

    Raises
    ------
    OutputError
        ``out`` holds something else, or the disk refuses.
    """
    with replacing(out) as folder:
        write_account(folder, made.result, made.robustness)
        manifest = _manifest(made, folder)
        text = json.dumps(manifest, ensure_ascii=False, indent=1)
        (folder / INDEX_MANIFEST).write_text(text + "\n", encoding="utf-8", newline="\n")
    return manifest


def write_account(folder: Path, result: CompositeResult, sure: CompositeRobustness | None) -> None:
    """Write what an index is made of, cell by cell, and what other runs make of it.

    Parameters
    ----------
    folder
        Where the tables go; it is there.
    result
        The index.
    sure
        Its runs; None where there are none.
    """
    _write(folder / "index.csv", result.table.reset_index())
    _write(folder / "nodes.csv", result.nodes.reset_index())
    _write(folder / "indicators.csv", result.normalised.reset_index())
    _write(folder / "weights.csv", result.weights.reset_index())
    _write(folder / "log.csv", result.log)
    if sure is not None:
        again = pd.concat(sure.tables, names=["code", AREA_ID])
        _write(folder / "robustness.csv", again.reset_index())
        _write(folder / "choices.csv", sure.sensitivity.reset_index())


def _manifest(made: MadeIndex, folder: Path) -> dict[str, Any]:
    """Return where the numbers came from; no time and no path of the machine."""
    spec, result = made.spec, made.result
    return {
        "lea_geo": __version__,
        "versions": library_versions(),
        "study": {key: value for key, value in spec.as_dict().items() if value},
        "inputs": hash_inputs(spec),
        "areas": len(result.table),
        "scored": int(result.table.iloc[:, 0].notna().sum()),
        "indicators": [node.code for node in result.tree.indicators],
        "groups": [result.tree.codes[i] for i in result.tree.groups],
        "notes": list(made.notes),
        "outputs": {path.name: hash_file(path) for path in sorted(folder.iterdir())},
    }


def _write(path: Path, table: pd.DataFrame) -> None:
    """Write a table as CSV: UTF-8 with a byte order mark, numbers in full, no text that is a formula."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([as_cell(str(name)) for name in table.columns])
    writer.writerows(zip(*(_cells(table[name], str(name)) for name in table.columns), strict=True))
    path.write_bytes(text.getvalue().encode("utf-8-sig"))


def _cells(column: pd.Series, name: str) -> list[str]:
    values = column.tolist()
    if name in RANKS:
        return [as_cell(None if value != value else int(value)) for value in values]  # noqa: PLR0124 - NaN
    return [as_cell(str(value) if name == AREA_ID else value) for value in values]
