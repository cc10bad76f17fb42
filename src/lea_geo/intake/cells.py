"""From text to numbers with a status: sentinels, masks, withheld details and their bounds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo._checks import Faults
from lea_geo._checks import tables as check
from lea_geo.errors import TableError
from lea_geo.schema import Status

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from lea_geo.intake.catalogue import Catalogue, Group, Mask, Source

_NO_ZEROS = "withheld values written as 0. They are treated as suppressed."
SPACES = r"[\s\u00a0\u202f]"


@dataclass(frozen=True)
class Cells:
    """The fields of a table, area by field."""

    values: pd.DataFrame
    """Numbers; NaN wherever the status is not ``observed``."""
    status: pd.DataFrame
    lower: pd.DataFrame
    """What a withheld value is at least; ``-inf`` where nothing is known."""
    upper: pd.DataFrame
    """What a withheld value is at most; ``inf`` where nothing is known."""
    decimal: str
    notes: tuple[str, ...]


def read_cells(
    path: Path, text: pd.DataFrame, catalogue: Catalogue, source: Source, *, decimal: str | None
) -> Cells:
    """Turn a wide table of text into numbers with a status.

    Raises
    ------
    TableError
        Undeclared text, undeclared negative numbers, infinite numbers, commas that can be read in two ways.
    """
    faults = Faults()
    text = text.apply(lambda column: column.str.strip())
    text, decimal, notes = _decimal(faults, text, source, decimal)
    values, status = _numbers(faults, text, catalogue, source)
    faults.raise_if_any(TableError, check.heading(path))
    for mask in source.masks:
        _apply_mask(values, status, mask)
    for group in catalogue.groups:
        notes += _zeros_for_withheld(values, status, group)
    values = values.where(status == Status.OBSERVED)
    lower, upper = _bounds(values, status, catalogue)
    return Cells(values, status, lower, upper, decimal, tuple(notes))


def _decimal(
    faults: Faults, text: pd.DataFrame, source: Source, decimal: str | None
) -> tuple[pd.DataFrame, str, list[str]]:
    """Bring numbers to decimal points, without spaces between thousands."""
    flat = pd.concat([text[field] for field in text], keys=list(text))
    flat = flat.loc[~flat.isin(list(source.sentinels)) & flat.str.contains(r"\d")]
    comma, point = flat.str.contains(",", regex=False), flat.str.contains(".", regex=False)
    if decimal is None:
        decimal = "," if comma.any() and not point.any() else "."
        threes = flat[comma].str.fullmatch(r"-?\d{1,3}(,\d{3})+")
        if comma.any() and (point.any() or threes.all()):
            check.note_decimals(faults, list(flat[comma].index.get_level_values(0).unique()))
            return text, decimal, []
    notes = []
    thousands = "." if decimal == "," else ","
    if flat.str.contains(rf"\d{SPACES}\d").any():
        text = text.replace(rf"(?<=\d){SPACES}(?=\d{{3}})", "", regex=True)
        notes.append("Spaces between thousands were removed.")
    if flat.str.fullmatch(rf"-?\d{{1,3}}(\{thousands}\d{{3}})+(\{decimal}\d+)?").any():
        text = text.replace(rf"(?<=\d)\{thousands}(?=\d{{3}})", "", regex=True)
        notes.append(f"{thousands!r} between thousands was removed, as decimal={decimal!r} was given.")
    if decimal == ",":
        text = text.replace(r"(?<=\d),(?=\d)", ".", regex=True)
        notes.append("Decimal commas were read as decimal points.")
    return text, decimal, notes


def _numbers(
    faults: Faults, text: pd.DataFrame, catalogue: Catalogue, source: Source
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return numbers and statuses, noting every cell that is neither."""
    words = {word: status for word, status in source.sentinels.items() if _number(word) is None}
    numbers = {
        _number(word): status for word, status in source.sentinels.items() if _number(word) is not None
    }
    words.setdefault("", Status.MISSING)
    values, statuses = {}, {}
    for field in text.columns:
        column = text[field]
        value = pd.to_numeric(column, errors="coerce").astype(float)
        status = column.map(words).astype(object)
        for sentinel, meaning in numbers.items():
            status = status.where(value != sentinel, meaning)
        plain = status.isna()
        if (unread := plain & value.isna()).any():
            check.note_text(faults, field, column[unread], source.name)
        if (beyond := plain & check.is_beyond(value)).any():
            check.note_infinite(faults, field, column.index[beyond])
        if not catalogue.fields[field].signed and (negative := plain & (value < 0) & ~beyond).any():
            check.note_negative(faults, field, value[negative], source.name)
        values[field] = value.where(status.isna() | (status == Status.STRUCTURAL_ZERO), np.nan)
        statuses[field] = status.where(~plain, Status.OBSERVED).map(str)
    index = text.index
    return pd.DataFrame(values, index=index), pd.DataFrame(statuses, index=index)


def _number(word: str) -> float | None:
    try:
        return float(word)
    except ValueError:
        return None


def _apply_mask(values: pd.DataFrame, status: pd.DataFrame, mask: Mask) -> None:
    condition = pd.Series(data=True, index=values.index)
    if mask.when:
        condition = values[mask.when] < mask.below if mask.when in values else ~condition
    for field in mask.fields:
        if field in values:
            hit = condition & (values[field] == mask.equals)
            status.loc[hit, field] = str(mask.status)


def _zeros_for_withheld(values: pd.DataFrame, status: pd.DataFrame, group: Group) -> list[str]:
    """Give back their status to withheld details that somebody wrote as 0.

    A group of people has an average age and a median income, and a group below the minimum has no published
    details at all: zeros there are no numbers.
    """
    details = [field for field in values.columns if group.holds(field)]
    if group.total not in values or not details:
        return []
    total, measures = values[group.total], [field for field in details if field in group.measures]
    observed = status[details] == Status.OBSERVED
    blank = ((values[details] == 0) & observed).all(axis=1) & (total > 0)
    blank &= (total < group.minimum) | bool(measures)
    status.loc[blank, details] = str(Status.SUPPRESSED)
    what = f"every detail of the group {group.name!r} is 0 although {group.total} is not"
    notes = [f"In {blank.sum()} areas {what}: {_NO_ZEROS}"] if blank.any() else []
    for field in measures:
        zero = (values[field] == 0) & observed[field] & (total > 0)
        status.loc[zero, field] = str(Status.SUPPRESSED)
        if (alone := zero & ~blank).any():
            notes.append(f"In {alone.sum()} areas {field} is 0 although {group.total} is not: {_NO_ZEROS}")
    return notes


def _bounds(
    values: pd.DataFrame, status: pd.DataFrame, catalogue: Catalogue
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what is known of withheld values: a count lies between 0 and its group's total."""
    withheld = status == Status.SUPPRESSED
    lower = pd.DataFrame(np.nan, index=values.index, columns=values.columns)
    upper = lower.copy()
    totals = {group.total: group.minimum - 1 for group in catalogue.groups}
    measures = {field for group in catalogue.groups for field in group.measures}
    for field in values.columns:
        hidden = withheld[field]
        known = pd.Series(float(totals.get(field, np.inf)), index=values.index)
        for group in catalogue.groups_of(field):
            if group.total in values and field not in measures:
                known = known.clip(upper=values[group.total].fillna(group.minimum - 1))
        least = -np.inf if field in measures or catalogue.fields[field].signed else 0.0
        lower[field] = lower[field].mask(hidden, least)
        upper[field] = upper[field].mask(hidden, known)
    return lower, upper


def no_members(cells: Cells, catalogue: Catalogue, field: str) -> pd.Series[bool]:
    """Return where nobody is in the group that ``field`` describes."""
    empty = pd.Series(data=False, index=cells.values.index)
    for group in catalogue.groups_of(field):
        if group.total in cells.values:
            empty |= cells.values[group.total] == 0
    return empty


def counts(status: pd.DataFrame) -> Mapping[str, Mapping[str, int]]:
    """Return how many areas have each status, by column."""
    return {
        str(column): {str(name): int((status[column] == name).sum()) for name in Status}
        for column in status.columns
    }
