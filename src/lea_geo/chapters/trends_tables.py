"""The tables of trends: by area, by class, of thresholds, and of moves between classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo._speech import filled
from lea_geo.change.emerging_classes import ARCGIS_CLASSES, CLASSES
from lea_geo.chapter import YES, ChapterTable, Column
from lea_geo.schema import Text
from lea_geo.texts import read_texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lea_geo.chapter_specs.trends import TrendsSpec
    from lea_geo.chapters.trends_found import Found

COLOURS = {
    "new_hot": "#e66101",
    "lasting_hot": "#b2182b",
    "strengthening_hot": "#7f0014",
    "weakening_hot": "#e58368",
    "former_hot": "#f2c9b8",
    "fluctuating_hot": "#fddbc7",
    "new_cold": "#5aa0d0",
    "lasting_cold": "#2166ac",
    "strengthening_cold": "#053061",
    "weakening_cold": "#92c5de",
    "former_cold": "#c6dcea",
    "fluctuating_cold": "#d9e8f2",
    "none": "#ececec",
}
_ARCGIS_AS = {
    "new": "new",
    "consecutive": "new",
    "intensifying": "strengthening",
    "persistent": "lasting",
    "diminishing": "weakening",
    "sporadic": "fluctuating",
    "oscillating": "fluctuating",
    "historical": "former",
}
"""Which of our colours a pattern of ArcGIS has."""
CERTAINTIES = ("firm", "likely", "unsure")
TREND_WORDS = ("rising", "falling", "not_told")


def words() -> Mapping[str, Text]:
    """Return the chapter's texts by key."""
    return read_texts("lea_geo.chapters", "trends.toml")


def key_of(word: str) -> str:
    """Return a class as tables hold it.

    >>> key_of("new hot"), key_of("consecutive cold spot"), key_of("no pattern")
    ('new_hot', 'consecutive_cold', 'none')
    """
    if word in {"no pattern", "none"}:
        return "none"
    return "_".join(word.split()[:2])


def class_keys(rule: str) -> tuple[str, ...]:
    """Return the classes of a rule, as tables hold them."""
    return tuple(key_of(word) for word in (CLASSES if rule == "tested" else ARCGIS_CLASSES) if word)


def colours_of(rule: str) -> dict[str, str]:
    """Return the colour of every class of a rule."""
    found = {}
    for key in class_keys(rule):
        kind, _, side = key.partition("_")
        found[key] = COLOURS[f"{_ARCGIS_AS[kind]}_{side}"] if rule == "arcgis" and side else COLOURS[key]
    return found


def number(name: str, unit: str = "", decimals: int = 2, *, explain: bool = False, scale: str = "") -> Column:
    """Return a column of numbers."""
    say = words()
    told = say[f"explain.{name}"] if explain else Text("", "", "")
    return Column(name, say[f"column.{name}"], explanation=told, unit=unit, decimals=decimals, scale=scale)


def word(name: str, group: str, keys: Sequence[str], colours: Mapping[str, str] | None = None) -> Column:
    """Return a column of words."""
    say = words()
    held = {key: say[f"{group}.{key}"] for key in keys}
    return Column(name, say[f"column.{name}"], kind="word", words=held, colours=colours or {})


def made(
    name: str, columns: Sequence[Column], rows: Sequence[Mapping[str, object]] | pd.DataFrame
) -> ChapterTable:
    """Return a table that is not about areas."""
    say = words()
    names = [column.name for column in columns]
    frame = pd.DataFrame(rows, columns=names)
    kinds = {column.name: "float64" if column.kind == "number" else "str" for column in columns}
    frame = frame.astype(kinds)
    return ChapterTable(
        f"trends_{name}", say[f"{name}.title"], say[f"{name}.explanation"], tuple(columns), frame
    )


def indicator_column() -> Column:
    """Return the column of the indicator's code."""
    return Column("indicator", words()["column.indicator"], kind="indicator")


def area_table(one: Found) -> ChapterTable:
    """Return what is told of each area, for one indicator."""
    say, indicator = words(), one.indicator
    found, level = one.emerging.table, one.levels.table
    frame = pd.DataFrame(
        {
            "class": found["class"].map(lambda one: key_of(one) if one else ""),
            "certainty": found["certainty"],
            "years": found["years"],
            # Of no year with a value, none was hot or cold, and none was not.
            **{name: found[name].where(found["years"] > 0) for name in ("years_hot", "years_cold")},
            **{name: found[name] for name in ("z_first", "z_last", "z_start", "z_now", "q_start", "q_now")},
            **{name: found[name] for name in ("tau", "p_trend", "q_trend")},
            "spot_trend": found["trend"].str.replace(" ", "_"),
            **{name: level[name] for name in ("slope", "slope_lower", "slope_upper", "p_value", "q_value")},
            "trend": level["trend"].str.replace(" ", "_"),
        }
    ).rename_axis("area_id")
    texts = ("class", "certainty", "spot_trend", "trend")
    kinds = {name: "str" if name in texts else "float64" for name in frame.columns}
    # A series too short to bound a slope has endless bounds: none, in a table.
    frame = frame.astype(kinds).replace([np.inf, -np.inf], np.nan)
    return ChapterTable(
        name=f"trends_{one.code}",
        title=filled(say["area_table.title"], name=indicator.name),
        explanation=filled(
            say["area_table.explanation"], first=f"{one.years[0]:g}", last=f"{one.years[-1]:g}"
        ),
        columns=_area_columns(one),
        frame=frame,
        place="areas",
        shows=("class", "slope", "z_now"),
    )


def _area_columns(one: Found) -> tuple[Column, ...]:
    rule, unit = str(one.emerging.settings["rule"]), one.indicator.unit
    decimals = max(1, one.indicator.decimals) + 1
    apart = "percentage_points" if unit == "percent" else unit
    return (
        word("class", "class" if rule == "tested" else "pattern", class_keys(rule), colours_of(rule)),
        word("certainty", "certainty", CERTAINTIES),
        *(number(name, decimals=0) for name in ("years", "years_hot", "years_cold")),
        *(number(name, explain=name == "z_first") for name in ("z_first", "z_last")),
        number("z_start", explain=True),
        number("z_now", scale="diverging"),
        *(number(name, "probability", 3) for name in ("q_start", "q_now")),
        number("tau", explain=True, scale="diverging"),
        *(number(name, "probability", 3) for name in ("p_trend", "q_trend")),
        word("spot_trend", "trend_word", TREND_WORDS),
        number("slope", apart, decimals, explain=True, scale="diverging"),
        *(number(name, apart, decimals) for name in ("slope_lower", "slope_upper")),
        *(number(name, "probability", 3) for name in ("p_value", "q_value")),
        word("trend", "trend_word", TREND_WORDS),
    )


def summary_table(every: Sequence[Found]) -> ChapterTable:
    """Return what is told of each indicator in all areas."""
    rows = []
    for one in every:
        counts = one.levels.table["trend"].value_counts()
        spots = one.emerging.table["class"].value_counts()
        told = sum(int(n) for name, n in spots.items() if key_of(str(name) or "none") != "none")
        rows.append(
            {
                "indicator": one.code,
                "first": one.years[0],
                "last": one.years[-1],
                "n_years": len(one.years),
                "tested": one.levels.n_tested,
                "spots": told,
                "rising": int(counts.get("rising", 0)),
                "falling": int(counts.get("falling", 0)),
                "p_least": one.p_least,
                "least_years": one.levels.least_years,
                "region_slope": one.region.slope,
                "region_p": one.region.p_value,
            }
        )
    columns = (
        indicator_column(),
        *(number(name, decimals=0) for name in ("first", "last", "n_years", "tested", "spots")),
        *(number(name, decimals=0) for name in ("rising", "falling")),
        number("p_least", "probability", 3, explain=True),
        number("least_years", decimals=0, explain=True),
        number("region_slope", explain=True),
        number("region_p", "probability", 3),
    )
    return made("summary", columns, rows)


def class_table(every: Sequence[Found]) -> ChapterTable:
    """Return how many areas are in each class, and how surely."""
    rule = str(every[0].emerging.settings["rule"])
    rows = []
    for one in every:
        table = one.emerging.table
        keys = table["class"].map(lambda word: key_of(word) if word else "")
        for key in class_keys(rule):
            own = table.loc[keys == key, "certainty"].value_counts()
            sure = {name: int(own.get(name, 0)) for name in CERTAINTIES}
            span = {"first": one.years[0], "last": one.years[-1]}
            rows.append(
                {"indicator": one.code, "class": key, "areas": int((keys == key).sum()), **sure, **span}
            )
    columns = (
        indicator_column(),
        word("class", "class" if rule == "tested" else "pattern", class_keys(rule)),
        *(number(name, decimals=0) for name in ("areas", *CERTAINTIES, "first", "last")),
    )
    return made("classes", columns, rows)


def year_table(every: Sequence[Found]) -> ChapterTable:
    """Return how many areas were hot and cold in each year."""
    parts = []
    for one in every:
        told = one.emerging.told
        held = {
            "indicator": one.code,
            "year": told.columns.astype(float),
            "tested": told.notna().sum(),
            "hot": (told == 1).sum(),
            "cold": (told == -1).sum(),
        }
        parts.append(pd.DataFrame(held))
    counts = (number(name, decimals=0) for name in ("tested", "hot", "cold"))
    columns = (indicator_column(), number("year", unit="year", decimals=0), *counts)
    return made("years", columns, pd.concat(parts, ignore_index=True))


def sensitivity_table(every: Sequence[Found], spec: TrendsSpec) -> ChapterTable:
    """Return how many areas change their class when one threshold is moved."""
    rows = []
    for one in every:
        table = one.emerging.sensitivity
        for _, row in table.iterrows():
            counts = {key_of(name): row[name] for name in table.columns[4:]}
            told = sum(int(n) for key, n in counts.items() if key != "none")
            now = sum(int(n) for key, n in counts.items() if key.split("_")[0] not in {"former", "none"})
            rows.append(
                {
                    "indicator": one.code,
                    "setting": row["setting"],
                    "value": row["value"],
                    "used": YES if row["used"] else "",
                    "moved": row["moved"],
                    "spots": told,
                    "spots_not_former": now,
                    **{f"n_{key}": counts[key] for key in class_keys(spec.rule)},
                }
            )
    say = words()
    group = "class" if spec.rule == "tested" else "pattern"
    settings = ("fdr", "trend_fdr", "family", "trend_correction", "ends", "share")
    columns = (
        indicator_column(),
        word("setting", "setting", settings),
        Column("value", say["column.value"], kind="text"),
        Column("used", say["column.used"], kind="flag"),
        *(number(name, decimals=0) for name in ("moved", "spots", "spots_not_former")),
        *(Column(f"n_{key}", say[f"{group}.{key}"], decimals=0) for key in class_keys(spec.rule)),
    )
    return made("thresholds", columns, rows)


def move_table(moving: Sequence[Found]) -> ChapterTable:
    """Return the moves between classes."""
    found = [one.moves.table.assign(indicator=one.code) for one in moving if one.moves is not None]
    columns = (
        indicator_column(),
        *(Column(name, words()[f"column.{name}"], kind="text") for name in ("from", "to")),
        *(number(name, decimals=0) for name in ("moves", "of")),
        *(number(name, "share", 0) for name in ("probability", "lower", "upper")),
    )
    return made("moves", columns, pd.concat(found, ignore_index=True))


def mobility_table(moving: Sequence[Found]) -> ChapterTable:
    """Return how much areas move between classes, and whether neighbours matter to that."""
    rows = []
    for one in moving:
        if one.moves is None:
            continue
        shorrocks = one.moves.mobility.loc["shorrocks"]
        rows.append(
            {
                "indicator": one.code,
                "n_moves": one.moves.n_moves,
                "moved": one.moves.moved,
                "moved_by_noise": one.moves.moved_by_noise,
                "mobility": shorrocks["value"],
                "lower": shorrocks["lower"],
                "upper": shorrocks["upper"],
                "p_over_time": one.moves.over_time.p_chi2,
                "few_expected": one.moves.over_time.few_expected,
                "p_neighbors": one.beside.test.p_permutation if one.beside else np.nan,
            }
        )
    columns = (
        indicator_column(),
        number("n_moves", decimals=0),
        number("moved", "share", 0),
        number("moved_by_noise", "share", 0, explain=True),
        number("mobility", explain=True),
        number("lower"),
        number("upper"),
        number("p_over_time", "probability", 3, explain=True),
        number("few_expected", decimals=0, explain=True),
        number("p_neighbors", "probability", 3, explain=True),
    )
    return made("mobility", columns, rows)
