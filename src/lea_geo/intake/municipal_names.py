"""What a file of municipalities calls them: a study knows its areas' municipalities by code alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lea_geo._checks.tables import BROKEN, mend_mojibake
from lea_geo.errors import DataError
from lea_geo.intake.codes import DIGITS, restore_code
from lea_geo.intake.dialects import read_raw
from lea_geo.schema import LANGUAGES, Text

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

_CODES = ("kunta", "natcode", "municipality", "kuntakoodi", "kuntanro")
_NAMES = {
    "fi": ("nimi", "namefin", "name_fi", "kuntanimi"),
    "sv": ("namn", "nameswe", "name_sv"),
    "en": ("name", "name_en"),
}
"""Columns as Statistics Finland, the National Land Survey and lea_geo call them, in any case."""
_LOST = re.compile(f"[\x00-\x1f\x7f{BROKEN}]")


def read_municipal_names(path: Path, *, code: str = "") -> dict[str, Text]:
    """Return the names of municipalities by their code of three digits.

    Parameters
    ----------
    path
        A file of municipalities. Whoever reads its polygons says what is wrong with it: where it cannot be
        read, nobody has a name here.
    code
        The column of codes; left out, one that is called as its owners call it.

    Returns
    -------
    dict
        Without names that have lost letters on the way; empty where no column holds codes or names. A
        language without a name takes the first that there is.
    """
    try:
        frame, _ = mend_mojibake(path, read_raw(path, layer=None, sheet=None).frame)
    except DataError:
        return {}
    column = code if code in frame else _called(frame, _CODES)
    columns = {language: _called(frame, names) for language, names in _NAMES.items()}
    if column is None or not any(columns.values()):
        return {}
    codes = frame[column].str.strip().map(lambda text: restore_code(text, DIGITS["municipality"]))
    found: dict[str, Text] = {}
    for row, own in enumerate(codes):
        said = {lang: frame[name].iloc[row].strip() for lang, name in columns.items() if name is not None}
        said = {language: name for language, name in said.items() if name and not _LOST.search(name)}
        known = next(iter(said.values()), "")
        if known and re.fullmatch(r"\d{3}", own):
            found.setdefault(own, Text(*(said.get(language) or known for language in LANGUAGES)))
    return found


def _called(frame: pd.DataFrame, names: tuple[str, ...]) -> str | None:
    columns = {str(name).casefold(): str(name) for name in reversed(frame.columns)}
    return next((columns[name] for name in names if name in columns), None)
