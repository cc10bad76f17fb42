"""The tables of change: by area, by indicator, of gaps, of convergence, and of what is not compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo._speech import Number, filled
from lea_geo.change.classes import CLASSES
from lea_geo.change.gap_measures import MEASURES
from lea_geo.change.gaps import GAP_VERDICTS
from lea_geo.chapter import ChapterTable, Column
from lea_geo.schema import Text
from lea_geo.texts import read_texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lea_geo.chapter_specs.change import ChangeSpec
    from lea_geo.chapters.change_compare import Compared
    from lea_geo.chapters.change_gaps import Gaps

COLOURS = {
    "risen": "#e66101",
    "fallen": "#5e3c99",
    "about_the_same": "#8fbf9f",
    "cannot_tell": "#d9d9d9",
    "too_few": "#f5f1e3",
    "redrawn": "#6b7480",
}
SIZE_COLOURS = {"more": "#e66101", "no_more": "#8fbf9f"}
_WHY = ("borders", "carried", "jump", "named", "no_value", "no_noise")
_REASONS = {"no value": "no_value", "no noise known": "no_noise"}
_MEANS = ("difference", "regression", "shrunk")
_SUMMED = ("risen", "fallen", "about_the_same", "cannot_tell", "too_few", "redrawn")


def words() -> Mapping[str, Text]:
    """Return the chapter's texts by key."""
    return read_texts("lea_geo.chapters", "change.toml")


def unit_of_difference(unit: str) -> str:
    """Return the unit of a difference of two values."""
    return "percentage_points" if unit == "percent" else unit


def area_table(one: Compared, spec: ChangeSpec) -> ChapterTable:
    """Return what changed in each area, for one indicator."""
    say, indicator, changes = words(), one.indicator, one.changes
    years = {"then": str(changes.since), "now": str(changes.until)}
    table = changes.table
    why = one.redrawn.table["why"].where(table["class"] == "redrawn", "")
    why = why.where(why != "", table["reason"].map(lambda reason: _REASONS.get(reason, "")))
    frame = pd.DataFrame(
        {
            **{name: table[name] for name in ("then", "now", "difference", "lower", "upper")},
            "detectable": table["detectable_rise"].replace(np.inf, np.nan),
            **{name: table[name] for name in ("q_value", "shrunk", "regression")},
            **{name: one.scores[name] for name in ("score_then", "score_now")},
            "class": table["class"],
            "size": table["size"],
            "why": why,
        }
    ).rename_axis("area_id")
    columns = _area_columns(one, spec, years)
    frame = _columns_of(frame, columns)
    return ChapterTable(
        name=f"change_{one.code}",
        title=filled(say["area_table.title"], name=indicator.name),
        explanation=filled(say["area_table.explanation"], **years),
        columns=columns,
        frame=frame,
        place="areas",
        shows=("class", "difference", "shrunk"),
    )


def _area_columns(one: Compared, spec: ChangeSpec, years: Mapping[str, str]) -> tuple[Column, ...]:
    say, unit, decimals = words(), one.indicator.unit, max(1, one.indicator.decimals)
    apart = unit_of_difference(unit)
    year = spec.goalposts or years["then"]
    score = filled(say["explain.score"], year=year)
    power = Number(spec.power, 0, "share")

    def number(name: str, of: str = apart, **more: object) -> Column:
        title = filled(say[f"column.{name}"], **years)
        return Column(name, title, unit=of, decimals=decimals, **more)  # type: ignore[arg-type]

    relevant = Number(one.changes.relevant or 0.0, decimals, apart)
    sizes = {key: filled(say[f"size.{key}"], relevant=relevant) for key in SIZE_COLOURS}
    return (
        number("then", unit),
        number("now", unit),
        number("difference", explanation=say["explain.difference"], scale="diverging"),
        number("lower"),
        number("upper"),
        number("detectable", explanation=filled(say["explain.detectable"], power=power)),
        Column(
            "q_value",
            say["column.q_value"],
            explanation=say["explain.q_value"],
            unit="probability",
            decimals=3,
        ),
        number("shrunk", explanation=say["explain.shrunk"], scale="diverging"),
        number("regression", explanation=say["explain.regression"]),
        *(
            Column(name, filled(say[f"column.{name}"], **years), explanation=score, unit="index", decimals=1)
            for name in ("score_then", "score_now")
        ),
        word_column("class", {key: say[f"class.{key}"] for key in CLASSES}, COLOURS),
        *((word_column("size", sizes),) if one.changes.relevant else ()),
        word_column("why", {key: say[f"why.{key}"] for key in _WHY}),
    )


def word_column(name: str, held: Mapping[str, Text], colours: Mapping[str, str] | None = None) -> Column:
    """Return a column of words."""
    return Column(name, words()[f"column.{name}"], kind="word", words=held, colours=colours or {})


def number_column(
    name: str,
    unit: str = "",
    decimals: int = 2,
    explanation: str = "",
    years: Mapping[str, str] | None = None,
) -> Column:
    """Return a column of numbers."""
    say = words()
    told = say[explanation] if explanation else Text("", "", "")
    title = filled(say[f"column.{name}"], **(years or {}))
    return Column(name, title, explanation=told, unit=unit, decimals=decimals)


def summary_table(every: Sequence[Compared]) -> ChapterTable:
    """Return how many areas of each indicator have changed."""
    say = words()
    rows = []
    for one in every:
        counts, table = one.changes.summary, one.changes.table
        typical = table["detectable_rise"].replace(np.inf, np.nan).median()
        rows.append(
            {
                "indicator": one.code,
                "since": str(one.changes.since),
                "until": str(one.changes.until),
                "tested": float(one.changes.n_tested),
                **{name: float(counts[name]) for name in _SUMMED},
                "typical": float(typical),
                **worst_of(one),
            }
        )
    columns = (
        Column("indicator", say["column.indicator"], kind="indicator"),
        *(Column(name, say[f"column.{name}"], kind="text") for name in ("since", "until")),
        number_column("tested", decimals=0),
        *(number_column(name, decimals=0) for name in _SUMMED),
        number_column("typical"),
        number_column("worst", decimals=0, explanation="explain.worst"),
        *(number_column(f"worst_{name}", explanation=f"explain.{name}") for name in _MEANS),
    )
    frame = pd.DataFrame(rows, columns=[column.name for column in columns])
    return ChapterTable("change_summary", say["summary.title"], say["summary.explanation"], columns, frame)


def worst_of(one: Compared) -> dict[str, float]:
    """Return what became of the tenth of areas where the indicator weighed most on wellbeing then."""
    means = one.changes.extremes
    end = "lowest" if one.indicator.direction == "protects" else "highest"
    if end not in means.index:
        return {"worst": float("nan")} | {f"worst_{name}": float("nan") for name in _MEANS}
    row = means.loc[[end]].iloc[0].to_dict()
    return {"worst": float(row["areas"])} | {f"worst_{name}": float(row[name]) for name in _MEANS}


def gap_table(gaps: Sequence[Gaps]) -> ChapterTable:
    """Return the gaps of every year."""
    say = words()
    columns = (
        Column("indicator", say["column.indicator"], kind="indicator"),
        number_column("year", unit="year", decimals=0),
        *_gap_words(),
        number_column("value", explanation="explain.value"),
        *(number_column(name) for name in ("lower", "upper", "raw")),
    )
    found = [_told(one.found.table, one) for one in gaps]
    # What chance adds to a gap is no part of it; the interval is around what is left.
    found = [one.assign(raw=one["value"], value=one["corrected"].fillna(one["value"])) for one in found]
    frame = _columns_of(pd.concat(found, ignore_index=True), columns)
    return ChapterTable("change_gaps", say["gaps.title"], say["gaps.explanation"], columns, frame)


def gap_change_table(gaps: Sequence[Gaps]) -> ChapterTable:
    """Return what became of the gaps."""
    say, first = words(), gaps[0].found
    years = {"then": str(first.since), "now": str(first.until)}
    columns = (
        Column("indicator", say["column.indicator"], kind="indicator"),
        *_gap_words(),
        *(number_column(name, years=years) for name in ("then", "now", "difference", "lower", "upper")),
        word_column("verdict", {key: say[f"verdict.{key}"] for key in GAP_VERDICTS}),
    )
    found = [_told(one.found.change, one) for one in gaps]
    frame = _columns_of(pd.concat(found, ignore_index=True), columns)
    explanation = filled(say["gap_change.explanation"], **years)
    return ChapterTable("change_gap_change", say["gap_change.title"], explanation, columns, frame)


def _told(table: pd.DataFrame, one: Gaps) -> pd.DataFrame:
    """Return the rows of an indicator; without people, the weighted ones would only say the others again."""
    kept = table if one.weighted else table[table["weighting"] == "unweighted"]
    return kept.assign(indicator=one.code)


def _gap_words() -> tuple[Column, ...]:
    say = words()
    return (
        word_column("measure", {key: say[f"measure.{key}"] for key in MEASURES}),
        word_column("form", {key: say[f"form.{key}"] for key in ("absolute", "relative")}),
        word_column("weighting", {key: say[f"weighting.{key}"] for key in ("weighted", "unweighted")}),
    )


def convergence_table(gaps: Sequence[Gaps]) -> ChapterTable:
    """Return how much of the differences at the start has gone."""
    say = words()
    rows = []
    for one in gaps:
        beta = one.beta
        if beta is None:
            continue
        naive, corrected = beta.table.loc["naive"], beta.table.loc["corrected"]
        row = {"indicator": one.code, "naive_closed": -naive["slope"], "closed": -corrected["slope"]}
        same = beta.table.loc["same_people"]
        half = corrected["half_life"] if beta.verdict == "converging" else np.nan
        row |= {"closed_same": -same["slope"]}
        row |= {"closed_lower": -corrected["upper"], "closed_upper": -same["lower"]}
        row |= {"reliability": beta.reliability, "half_life": half, "verdict": beta.verdict}
        rows.append(row)
    columns = (
        Column("indicator", say["column.indicator"], kind="indicator"),
        *(
            number_column(name, "share", 0, f"explain.{name}" if name in ("closed", "closed_same") else "")
            for name in (
                "naive_closed",
                "closed",
                "closed_same",
                "closed_lower",
                "closed_upper",
                "reliability",
            )
        ),
        number_column("half_life", "years", 0),
        word_column(
            "verdict", {key: say[f"verdict.{key}"] for key in ("converging", "diverging", "cannot_tell")}
        ),
    )
    frame = _columns_of(pd.DataFrame(rows, columns=[column.name for column in columns]), columns)
    title, explanation = say["convergence.title"], say["convergence.explanation"]
    return ChapterTable("change_convergence", title, explanation, columns, frame)


def break_table(every: Sequence[Compared]) -> ChapterTable | None:
    """Return the areas that are not compared, or None where all are."""
    say = words()
    first = every[0].changes
    years = {"then": str(first.since), "now": str(first.until)}
    rows = [
        {
            "indicator": one.code,
            "area": area,
            "why": one.redrawn.table.loc[area, "why"],
            "people_then": one.people.loc[area, first.since],
            "people_now": one.people.loc[area, first.until],
        }
        for one in every
        for area in one.redrawn.table.index[one.redrawn.table["redrawn"]]
    ]
    if not rows:
        return None
    columns = (
        Column("indicator", say["column.indicator"], kind="indicator"),
        Column("area", say["column.area"], kind="area"),
        word_column("why", {key: say[f"why.{key}"] for key in _WHY}),
        number_column("people_then", decimals=0, years=years),
        number_column("people_now", decimals=0, years=years),
    )
    frame = _columns_of(pd.DataFrame(rows), columns)
    return ChapterTable("change_breaks", say["breaks.title"], say["breaks.explanation"], columns, frame)


def _columns_of(frame: pd.DataFrame, columns: Sequence[Column]) -> pd.DataFrame:
    kinds = {column.name: "float64" if column.kind == "number" else "str" for column in columns}
    return frame[list(kinds)].astype(kinds).replace([np.inf, -np.inf], np.nan)
