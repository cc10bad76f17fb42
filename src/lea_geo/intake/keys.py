"""Area ids as text: labels split, totals set aside, damaged codes restored only where nothing is guessed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from lea_geo._checks import tables as check
from lea_geo.intake.codes import DIGITS, restore_code

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

TOTALS = frozenset(
    {
        "000",
        "00000",
        "finland",
        "hela landet",
        "hela riket",
        "koko",
        "koko maa",
        "sammanlagt",
        "sss",
        "ssss",
        "total",
        "totalt",
        "whole country",
        "yhteensä",
    }
)
_LABEL = re.compile(r"(?P<code>\d{3,5})\s+(?P<name>\S.*)")
_PLACE = re.compile(r"(?P<name>.*\S)\s+\((?P<place>[^()]+)\)")


@dataclass(frozen=True)
class Keys:
    """What became of the ids of a table; every series keeps the index of its rows."""

    ids: pd.Series[str]
    """The ids of the rows that are areas."""
    names: pd.Series[str]
    """Names that stood beside the codes in labels, else empty."""
    places: pd.Series[str]
    """Municipality names that stood in brackets in labels, else empty."""
    totals: tuple[str, ...]
    repaired: tuple[str, ...]
    notes: tuple[str, ...]


def clean_keys(path: Path, column: pd.Series[str], scheme: str, keys: Mapping[str, str] | None) -> Keys:
    """Return the ids of a table's rows.

    Parameters
    ----------
    path
        The table, for messages.
    column
        The id column, as text.
    scheme
        ``postal``, ``municipality`` or anything else; codes are restored only in the first two.
    keys
        Label to id, for tables that are keyed by name.

    Raises
    ------
    TableError
        Blank, doubled, damaged or foreign ids.
    """
    text = column.str.strip().str.replace(r"\s+", " ", regex=True)
    labels = text.str.extract(_LABEL)
    is_label = labels["code"].notna() & (scheme in DIGITS)
    raw = text.where(~is_label, labels["code"])
    is_total = text.str.casefold().isin(TOTALS) | raw.str.casefold().isin(TOTALS)
    names, places = split_places(labels["name"].where(is_label, "").fillna(""))
    raw, notes = _by_keys(raw[~is_total], keys)
    ids = raw.map(lambda code: restore_code(code, DIGITS[scheme]) if scheme in DIGITS else code).astype(str)
    odd = _odd(ids, scheme)
    check.check_ids(path, ids, pd.Series(range(1, len(text) + 1), index=text.index)[ids.index], odd, scheme)
    changed = ids != raw
    repaired = tuple(f"{old} -> {new}" for old, new in zip(raw[changed], ids[changed], strict=True))
    if repaired:
        notes.append(f"{len(repaired)} codes were restored to {DIGITS[scheme]} digits ({repaired[0]}).")
    totals = tuple(text[is_total])
    if totals:
        notes.append(f"Rows that are totals, no areas, were set aside: {', '.join(totals)}.")
    return Keys(ids, names[ids.index], places[ids.index], totals, repaired, tuple(notes))


def split_places(names: pd.Series[str]) -> tuple[pd.Series[str], pd.Series[str]]:
    """Split ``Tikkurila (Vantaa)`` into names and municipality names; a name without brackets stays whole."""
    parts = names.str.extract(_PLACE)
    return names.where(parts["name"].isna(), parts["name"]), parts["place"].fillna("").astype(str)


def _by_keys(raw: pd.Series[str], keys: Mapping[str, str] | None) -> tuple[pd.Series[str], list[str]]:
    if keys is None:
        return raw, []
    known = raw.map(lambda label: keys.get(label, ""))
    absent = raw[known == ""]
    notes = [f"{len(raw) - len(absent)} of {len(raw)} labels were turned into ids by the given keys."]
    if len(absent):
        shown = ", ".join(absent[:5]) + (", …" if len(absent) > 5 else "")
        notes.append(f"{len(absent)} labels are not among the given keys and stay as they are: {shown}.")
    return known.where(known != "", raw), notes


def _odd(ids: pd.Series[str], scheme: str) -> pd.Series[Any]:
    if scheme not in DIGITS:
        return pd.Series(data=False, index=ids.index)
    return ~ids.str.fullmatch(rf"\d{{{DIGITS[scheme]}}}")
