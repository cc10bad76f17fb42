"""What areas are compared by: parts that share a denominator, and indicators, in each year."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo._checks.typology_chapter import check_denominators, check_ledger_sides
from lea_geo._speech import filled, listed
from lea_geo.texts import read_texts
from lea_geo.typology.composition import Composition, composition

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lea_geo._text import Text
    from lea_geo.chapter_specs.types import PartSpec, TypesSpec
    from lea_geo.chapters.ground import Ground

REST = "rest"
"""The code of the part that the others leave."""
_WHOLE = 0.5
"""Counts that differ by less are the same."""


@dataclass(frozen=True)
class Data:
    """One year's data."""

    parts: Composition | None
    indicators: pd.DataFrame | None
    errors: pd.DataFrame | None
    people: pd.Series
    """Whom the parts count; without parts, the largest denominator of any indicator."""
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Named:
    """What is compared, by its code."""

    parts: Mapping[str, Text]
    indicators: tuple[str, ...]


def codes_of(ground: Ground, spec: TypesSpec) -> tuple[str, ...]:
    """Return the indicators beside the parts that areas are compared by: none that is withheld everywhere."""
    if spec.indicators or not spec.parts:
        return _valued(ground, ground.codes(spec.indicators, key="[types] indicators"))
    return ()


def _valued(ground: Ground, codes: tuple[str, ...]) -> tuple[str, ...]:
    held = tuple(code for code in codes if ground.cells(code)["value"].notna().any())
    return held or codes


def named(ground: Ground, spec: TypesSpec) -> Named:
    """Return what the parts are called, in order, the rest last."""
    wanted = [code for part in spec.parts for _, code in part.terms]
    ground.codes(wanted, counted=True, key="[types] parts") if wanted else ()
    parts = {f"part_{at}": _name(ground, part) for at, part in enumerate(spec.parts, start=1)}
    if parts:
        parts[REST] = spec.rest or texts()["part.rest"]
    return Named(parts, codes_of(ground, spec))


def texts() -> Mapping[str, Text]:
    """Return the chapter's texts."""
    return read_texts("lea_geo.chapters", "types.toml")


def _name(ground: Ground, part: PartSpec) -> Text:
    if part.name is not None:
        return part.name
    added = listed([ground.indicator(code).name for sign, code in part.terms if sign > 0])
    taken = [ground.indicator(code).name for sign, code in part.terms if sign < 0]
    return filled(texts()["part.less"], whole=added, less=listed(taken)) if taken else added


def data_of(ground: Ground, spec: TypesSpec, what: Named, year: str, like: tuple[str, ...] = ()) -> Data:
    """Return the data of one year, with the parts of another where these are given."""
    notes: list[str] = []
    people = _people(ground, year)
    parts = None
    if spec.parts:
        counts, people = _counts(ground, spec, what, year, notes, like)
        parts = composition(counts, zeros=spec.zeros)
    values, errors = indicators_of(ground, what.indicators, year)
    if spec.indicators or not spec.parts:
        asked = ground.codes(spec.indicators)
        notes += [
            f"{code} has no value in any area and is left out."
            for code in asked
            if code not in what.indicators
        ]
    return Data(parts, values, errors, people, tuple(notes))


def _counts(
    ground: Ground, spec: TypesSpec, what: Named, year: str, notes: list[str], like: tuple[str, ...]
) -> tuple[pd.DataFrame, pd.Series]:
    """Return the counts of all parts, the rest included, and whom they count."""
    cells = {code: ground.cells(code, year) for part in spec.parts for _, code in part.terms}
    whole = check_denominators({code: held["denominator"] for code, held in cells.items()}, _WHOLE)
    columns = {}
    for name, part in zip(what.parts, spec.parts, strict=False):
        columns[name] = sum((sign * cells[code]["numerator"] for sign, code in part.terms), start=0.0)
    counts = pd.DataFrame(columns, index=ground.areas).astype(float)
    counts[REST] = whole - counts.sum(axis=1, skipna=False)
    below = (counts < -_WHOLE).any(axis=1)
    if below.any():
        notes.append(f"{int(below.sum())} areas have parts below zero and no composition: {_some(below)}.")
    counts = counts.mask(below).clip(lower=0.0)
    if like:
        others = [name for name in counts.columns if name not in like]
        counts[like[-1]] += counts[others].sum(axis=1)
        return counts[list(like)], whole
    if (counts[REST].dropna() < _WHOLE).all():
        counts = counts.drop(columns=REST)
    return _without_rare(counts, notes), whole


def _some(flag: pd.Series) -> str:
    ids = flag.index[flag]
    return ", ".join(map(str, ids[:5])) + (", …" if len(ids) > 5 else "")


def _without_rare(counts: pd.DataFrame, notes: list[str]) -> pd.DataFrame:
    """Return the counts, parts that fewer than two areas have put together with the last one."""
    rare = [name for name in counts.columns[:-1] if (counts[name] > 0).sum() < 2]
    if rare:
        last = counts.columns[-1]
        notes.append(f"{len(rare)} parts occur in fewer than two areas and are counted with {last}: {rare}.")
        counts[last] += counts[rare].sum(axis=1)
        counts = counts.drop(columns=rare)
    return counts


def indicators_of(
    ground: Ground, codes: tuple[str, ...], year: str
) -> tuple[pd.DataFrame | None, pd.DataFrame | None]:
    """Return values and standard errors of indicators; those without counts have none.

    Agresti and Coull's: of ``(x + 2) / (n + 4)`` among ``n + 4``.
    """
    if not codes:
        return None, None
    values, errors = {}, {}
    for code in codes:
        cells, one = ground.cells(code, year), ground.indicator(code)
        values[code] = cells["value"]
        if one.is_rate:
            n = cells["denominator"] + 4
            share = ((cells["numerator"] + 2) / n).clip(0.0, 1.0)
            spread = np.sqrt((share * (1 - share) / n).to_numpy())
            errors[code] = pd.Series(one.scale * np.nan_to_num(spread), index=ground.areas)
    return pd.DataFrame(values), pd.DataFrame(errors, index=ground.areas)


def _people(ground: Ground, year: str) -> pd.Series:
    """Return the largest denominator that any indicator has in each area; 0 where none is known."""
    held = [
        ground.cells(code, year)["denominator"] for code in ground.codes() if ground.indicator(code).is_rate
    ]
    if not held:
        return pd.Series(0.0, index=ground.areas)
    return pd.concat(held, axis=1).max(axis=1).fillna(0.0)


def sides_of(ground: Ground, spec: TypesSpec) -> dict[str, tuple[str, ...]]:
    """Return the indicators that weaken and those that protect."""
    codes = ground.codes(spec.indicators, key="[types] indicators")
    sides = {
        direction: _valued(ground, tuple(c for c in codes if ground.indicator(c).direction == direction))
        for direction in ("weakens", "protects")
    }
    check_ledger_sides(sides)
    return sides
