"""Area ids as a file holds them, made text again where that is certain."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lea_geo._checks.areas import add_id_kind_fault, add_malformed_ids
from lea_geo.errors import AreasError
from lea_geo.intake.codes import DIGITS, SCIENTIFIC, restore_code
from lea_geo.intake.grid import parse_grid_ids

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from lea_geo._checks.faults import Faults

ID_SCHEMES = ("grid", "municipality", "postal")


def area_ids_of(
    column: pd.Series, kind: str, scheme: str | None, faults: Faults, notes: list[str]
) -> list[str] | None:
    """Return the ids of a column as text, blank where there is none; None if the column cannot hold ids.

    Leading zeros come back only where ``scheme`` says how long an id is. What was changed goes to ``notes``,
    what is wrong to ``faults``.
    """
    name = str(column.name)
    texts = _texts(column, kind)
    if texts is None:
        add_id_kind_fault(faults, name, kind)
        return None
    stripped = [text.strip() for text in texts]
    if changed := sum(a != b for a, b in zip(texts, stripped, strict=True)):
        notes.append(f"Blanks around {changed} of {len(texts)} ids in column {name!r} were removed.")
    if scheme in DIGITS:
        return _of_digits(stripped, scheme, name, faults, notes)
    scientific = [text for text in stripped if SCIENTIFIC.fullmatch(text)]
    add_malformed_ids(faults, "area ids in scientific notation", scientific)
    if scheme == "grid":
        _check_grid_ids(stripped, faults)
    elif kind == "integer":
        notes.append(
            f"Column {name!r} holds whole numbers, which became text as they are. If zeros were lost, "
            "id_scheme='postal' or 'municipality' restores them."
        )
    return stripped


def _texts(column: pd.Series, kind: str) -> list[str] | None:
    if kind == "float":
        return None
    # A null among whole numbers makes pandas hold them as floats; the file did not.
    values = column.astype("Int64") if kind == "integer" else column
    known = values.notna().tolist()
    objects = [value if there else "" for value, there in zip(values.tolist(), known, strict=True)]
    if kind != "integer" and not all(isinstance(value, str) for value in objects):
        return None
    return [str(value) for value in objects]


def _of_digits(ids: Sequence[str], scheme: str, name: str, faults: Faults, notes: list[str]) -> list[str]:
    """Return ids of a fixed number of digits, with the zeros that numbers lose."""
    width = DIGITS[scheme]
    filled = [restore_code(text, width) for text in ids]
    bad = [
        was
        for was, text in zip(ids, filled, strict=True)
        if text and not re.fullmatch(rf"[0-9]{{{width}}}", text)
    ]
    add_malformed_ids(faults, f"area ids that are no {scheme} code of {width} digits", bad)
    changed = [(was, text) for was, text in zip(ids, filled, strict=True) if was != text]
    if changed:
        was, text = changed[0]
        notes.append(
            f"{len(changed)} of {len(ids)} ids in column {name!r} were repaired as {scheme} codes of {width} "
            f"digits ({was} became {text})."
        )
    return filled


def _check_grid_ids(ids: Sequence[str], faults: Faults) -> None:
    try:
        parse_grid_ids([text for text in ids if text])
    except AreasError as error:
        faults.found.extend(error.faults)
