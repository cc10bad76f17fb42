"""The tables and charts of the chapter of segregation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.special import ndtri
from scipy.stats import false_discovery_control

from lea_geo._speech import filled
from lea_geo.chapter import ChapterTable, Chart, Column
from lea_geo.chapters.segregation_measured import LEVEL
from lea_geo.inequality.segregation_compare import segregation_difference
from lea_geo.inequality.segregation_indices import TWO_GROUPS
from lea_geo.texts import read_texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lea_geo._text import Text
    from lea_geo.chapters.ground import Ground
    from lea_geo.chapters.segregation_measured import Measured
    from lea_geo.inequality.segregation import SegregationResult

SUMMARY, INDICES, PROFILE, CHANGE, AREAS = (
    f"segregation_{name}" for name in ("summary", "indices", "profile", "change", "areas")
)
_ESTIMATE = ("value", "expected", "underlying", "lower", "upper")
_FOUND = {"lower": "underlying_lower", "upper": "underlying_upper"}
"""How a result of the room calls what these tables call otherwise."""
_PARTS = ("composition", "rate")
_DRAWN = 5
"""Of how many indicators, the most uneven ones, a map may draw what areas add, and a chart the lines."""


def texts() -> Mapping[str, Text]:
    """Return the chapter's texts."""
    return read_texts("lea_geo.chapters", "segregation.toml")


def build_tables(ground: Ground, found: list[Measured]) -> tuple[ChapterTable, ...]:
    """Return the tables that there is something to fill with."""
    tables = [_summary(found)]
    if not found:
        return tuple(tables)
    tables.append(_indices(found))
    if any(one.profile is not None for one in found):
        tables.append(_profile(found))
    if any(one.change is not None for one in found):
        tables.append(_change(found))
    return (*tables, _areas(ground, found))


def build_charts(tables: tuple[ChapterTable, ...], found: list[Measured]) -> tuple[Chart, ...]:
    """Return the charts of the tables that there are."""
    said, names = texts(), {table.name for table in tables}
    if not found:
        return ()
    few = {"indicator": tuple(one.code for one in _most_uneven(found)[:_DRAWN])}
    own: dict[str, Any] = {
        "y": "underlying",
        "lower": "lower",
        "upper": "upper",
        "by": "indicator",
        "only": few,
    }
    level = Chart(
        "intervals",
        INDICES,
        said["chart.level"],
        "underlying",
        "indicator",
        "lower",
        "upper",
        only={"index": ("dissimilarity",)},
    )
    years = Chart("lines", SUMMARY, said["chart.years"], "year", **own)
    around = Chart("lines", PROFILE, said["chart.profile"], "scale", "underlying", by="indicator", only=few)
    change = Chart("intervals", CHANGE, said["chart.change"], "rate", "indicator", "rate_lower", "rate_upper")
    drawn = (
        (level, True),
        (years, any(len(one.years) > 1 for one in found)),
        (around, PROFILE in names),
        (change, CHANGE in names),
    )
    return tuple(chart for chart, wanted in drawn if wanted)


def _most_uneven(found: list[Measured]) -> list[Measured]:
    return sorted(found, key=lambda one: -float(one.latest.table["underlying"]["dissimilarity"]))


def _column(name: str, **more: Any) -> Column:  # noqa: ANN401 - whatever a column has
    said = texts()
    explained = {"explanation": said[f"explain.{name}"]} if f"explain.{name}" in said else {}
    return Column(name, said[f"column.{name}"], **{**explained, **more})


def _shares(names: tuple[str, ...], unit: str = "share", decimals: int = 1) -> tuple[Column, ...]:
    return tuple(_column(name, unit=unit, decimals=decimals) for name in names)


def _table(name: str, columns: tuple[Column, ...], rows: list[dict[str, Any]]) -> ChapterTable:
    frame = pd.DataFrame(rows, columns=[column.name for column in columns])
    for column in columns:
        frame[column.name] = frame[column.name].astype(float if column.kind == "number" else object)
    said = texts()
    title, explanation = said[f"table.{name}.title"], said[f"table.{name}.explanation"]
    return ChapterTable(name, title, explanation, columns, frame)


def _year(year: str) -> float:
    return float(year) if year.isdigit() else float("nan")


def _summary(found: list[Measured]) -> ChapterTable:
    columns = (
        _column("indicator", kind="indicator"),
        _column("year", unit="year", decimals=0),
        _column("areas", decimals=0),
        _column("left_out", decimals=0),
        *_shares((*_ESTIMATE, "corrected")),
        _column("p_value", unit="probability", decimals=3),
        *_shares(("hidden_lower", "hidden_upper")),
    )
    rows = []
    for one in found:
        for year, result in one.years.items():
            row = result.table.loc["dissimilarity"]
            kept = [column.name for column in columns[4:]]
            told = {name: row[_FOUND.get(name, name)] for name in kept}
            left = len(result.left_out) + one.unknown[year]
            rows.append(
                {
                    "indicator": one.code,
                    "year": _year(year),
                    "areas": result.n_areas,
                    "left_out": left,
                    **told,
                }
            )
    return _table(SUMMARY, columns, rows)


def _indices(found: list[Measured]) -> ChapterTable:
    said = texts()
    words = {name: said[f"index.{name}"] for name in TWO_GROUPS}
    columns = (
        _column("indicator", kind="indicator"),
        _column("index", kind="word", words=words),
        *_shares(_ESTIMATE, unit="", decimals=3),
        _column("p_value", unit="probability", decimals=3),
    )
    rows = [
        {"indicator": one.code, "index": name, "p_value": row["p_value"]}
        | {column: row[_FOUND.get(column, column)] for column in _ESTIMATE}
        for one in found
        for name, row in one.latest.table.iterrows()
    ]
    return _table(INDICES, columns, rows)


def _profile(found: list[Measured]) -> ChapterTable:
    columns = (
        _column("indicator", kind="indicator"),
        _column("scale", unit="metres", decimals=0),
        _column("neighbors", decimals=1),
        *_shares(_ESTIMATE, unit="", decimals=3),
        _column("p_value", unit="probability", decimals=3),
        *_shares(("remains", "remains_lower", "remains_upper"), decimals=0),
    )
    rows = []
    for one in found:
        if one.profile is None:
            continue
        table = one.profile.table[one.profile.table["index"] == "information_theory"]
        ratio = one.profile.ratios
        for row in table.to_dict("records"):
            told = {
                name: row[_FOUND.get(name, name)] for name in (*_ESTIMATE, "p_value", "scale", "neighbors")
            }
            last = row["scale"] == one.profile.scales[-1]
            remains = {"remains": "ratio", "remains_lower": "lower", "remains_upper": "upper"}
            kept = {
                name: _finite(ratio[source]["information_theory"]) if last else np.nan
                for name, source in remains.items()
            }
            rows.append({"indicator": one.code, **told, **kept})
    return _table(PROFILE, columns, rows)


def _finite(number: float) -> float:
    return float(number) if np.isfinite(number) else float("nan")


def _change(found: list[Measured]) -> ChapterTable:
    own = tuple(f"{part}{ending}" for part in ("change", *_PARTS) for ending in ("", "_lower", "_upper"))
    columns = (
        _column("indicator", kind="indicator"),
        _column("first_year", decimals=0),
        _column("last_year", decimals=0),
        *_shares(("before", "after", *own, "hidden_lower", "hidden_upper"), unit="", decimals=2),
        *_shares(("apart_before", "apart_after")),
        *_shares(("apart", "apart_lower", "apart_upper"), unit="percentage_points"),
        _column("q_value", unit="probability", decimals=3),
    )
    rows = [_change_row(one) for one in found if one.change is not None]
    by_chance = [row.pop("p_value") for row in rows]
    for row, q_value in zip(rows, false_discovery_control(by_chance), strict=True):
        row["q_value"] = q_value
    return _table(CHANGE, columns, rows)


def _change_row(one: Measured) -> dict[str, Any]:
    change, years = one.change, list(one.years)
    assert change is not None  # noqa: S101 - only those are asked for
    row: dict[str, Any] = {
        "indicator": one.code,
        "first_year": _year(years[0]),
        "last_year": _year(years[-1]),
        "before": change.before,
        "after": change.after,
    }
    for name, part in (("change", "total"), *((part, part) for part in _PARTS)):
        for ending, column in (("", "value"), ("_lower", "lower"), ("_upper", "upper")):
            row[name + ending] = change.parts[column][part]
    row["hidden_lower"] = change.parts["hidden_lower"]["total"]
    row["hidden_upper"] = change.parts["hidden_upper"]["total"]
    first, last = one.years[years[0]], one.years[years[-1]]
    return row | _apart(first, last)


def _apart(first: SegregationResult, last: SegregationResult) -> dict[str, float]:
    """Return the change of unevenness, in percentage points."""
    found = segregation_difference(first, last).table
    told = {name: float(found[name]["dissimilarity"]) for name in found}
    return {
        "apart_before": told["first"],
        "apart_after": told["second"],
        "apart": 100 * told["difference"],
        "apart_lower": 100 * told["lower"],
        "apart_upper": 100 * told["upper"],
        "p_value": told["p_value"],
    }


def _areas(ground: Ground, found: list[Measured]) -> ChapterTable:
    said = texts()
    columns, frame = list[Column](), pd.DataFrame(index=ground.areas)
    for one in found:
        name = ground.indicator(one.code).name
        told = _excess(one).reindex(ground.areas)
        if one.change is not None:
            told = told.join(one.change.table[list(_PARTS)].reindex(ground.areas))
        for column in told:
            key = f"{one.code}_{column}"
            frame[key] = told[column].astype(float)
            drawn = column in ("excess", *_PARTS)
            more: dict[str, Any] = {"scale": "diverging"} if drawn else {}
            if column == "excess":
                more["explanation"] = said["explain.excess"]
            title = filled(said[f"column.of_{column}"], name=name)
            columns.append(Column(key, title, decimals=0 if "excess" in str(column) else 3, **more))
    title, explanation = said[f"table.{AREAS}.title"], said[f"table.{AREAS}.explanation"]
    shows = tuple(f"{one.code}_excess" for one in _most_uneven(found)[:_DRAWN])
    return ChapterTable(AREAS, title, explanation, tuple(columns), frame, "areas", shows)


def _excess(one: Measured) -> pd.DataFrame:
    """Return how many more of the group each area has than an even spread gives it, by Wilson's bounds."""
    local = one.latest.local.table
    people, share = local["people"], local["share_group"]
    region = float(np.nansum(people * share) / people[share.notna()].sum())
    z = float(ndtri((1 + LEVEL) / 2))
    centre = (share + z**2 / (2 * people)) / (1 + z**2 / people)
    reach = z * np.sqrt(share * (1 - share) / people + z**2 / (4 * people**2)) / (1 + z**2 / people)
    columns = {"excess": share, "excess_lower": centre - reach, "excess_upper": centre + reach}
    return pd.DataFrame({name: people * (column - region) for name, column in columns.items()})
