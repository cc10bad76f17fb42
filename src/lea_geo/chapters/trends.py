"""Where things gather over the years: emerging hot spots, trends, and moves between classes."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from lea_geo._notes import gathered
from lea_geo._speech import Number, filled
from lea_geo.chapter import Chapter, Chart
from lea_geo.chapters import trends_tables as tables
from lea_geo.chapters.trends_found import LEAST_YEARS, found_of, series_of
from lea_geo.chapters.trends_says import statements
from lea_geo.chapters.trends_tables import key_of, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lea_geo.chapter import ChapterTable
    from lea_geo.chapter_specs.trends import TrendsSpec
    from lea_geo.chapters.ground import Ground
    from lea_geo.chapters.trends_found import Found
    from lea_geo.schema import Text

DRAWN = 3
"""So many indicators have charts."""


def build(ground: Ground, spec: TrendsSpec) -> Chapter:
    """Follow hot spots, trends and classes over the study's years.

    Raises
    ------
    SpecError
        An indicator that the study does not have.
    """
    codes = ground.codes(spec.indicators, key="[trends] indicators")
    series = {code: series_of(ground, code) for code in codes}
    long = {code: one for code, one in series.items() if one.shape[1] >= LEAST_YEARS}
    every, said = [], []
    for code, values in long.items():
        one = found_of(ground, spec, code, values)
        if isinstance(one, str):
            said.append((ground.indicator(code).name.en, (one,)))
        else:
            every.append(one)
    short = [code for code in codes if code not in long]
    notes = _short_note(short)
    if not every:
        return _nothing(spec, (*notes, *gathered(said)), max((len(ground.years), 1)))
    return Chapter(
        code="trends",
        title=words()["chapter.title"],
        question=words()["chapter.question"],
        method=_method(spec, every),
        tables=_tables(every, spec),
        charts=_charts(every),
        statements=statements(ground, every),
        limits=_limits(every),
        settings={**asdict(spec), "years": [f"{year:g}" for year in every[0].years], "seed": ground.seed},
        notes=(*notes, *gathered([*said, *((one.indicator.name.en, one.notes) for one in every)])),
    )


def _nothing(spec: TrendsSpec, notes: Sequence[str], years: int) -> Chapter:
    """Return the chapter of a study with too few years."""
    say = words()
    few = filled(say["chapter.few_years"], n=Number(years), least=Number(LEAST_YEARS))
    return Chapter(
        code="trends",
        title=say["chapter.title"],
        question=say["chapter.question"],
        method=few,
        tables=(),
        limits=(few,),
        settings=asdict(spec),
        notes=tuple(notes),
    )


def _method(spec: TrendsSpec, every: Sequence[Found]) -> Text:
    return filled(
        words()[f"chapter.method_{spec.rule}"],
        first=f"{every[0].years[0]:g}",
        last=f"{every[0].years[-1]:g}",
        fdr=Number(spec.fdr, 0, "share"),
        share=Number(spec.share, 0, "share"),
    )


def _tables(every: Sequence[Found], spec: TrendsSpec) -> tuple[ChapterTable, ...]:
    found = [tables.summary_table(every), tables.class_table(every), tables.year_table(every)]
    found += [tables.area_table(one) for one in every]
    found.append(tables.sensitivity_table(every, spec))
    moving = [one for one in every if one.moves is not None]
    if moving:
        found += [tables.move_table(moving), tables.mobility_table(moving)]
    return tuple(found)


def _charts(every: Sequence[Found]) -> tuple[Chart, ...]:
    say, charts = words(), []
    for one in every[:DRAWN]:
        held = one.emerging.table["class"]
        only = {"indicator": (one.code,), "class": tuple(sorted({key_of(word) for word in held if word}))}
        title = filled(say["classes.chart"], name=one.indicator.name)
        charts.append(Chart("bars", "trends_classes", title, x="class", y="areas", only=only))
    for one in [one for one in every if one.moves is not None][:DRAWN]:
        title = filled(say["moves.chart"], name=one.indicator.name)
        only = {"indicator": (one.code,)}
        charts.append(Chart("matrix", "trends_moves", title, x="to", y="from", by="probability", only=only))
    return tuple(charts)


def _limits(every: Sequence[Found]) -> tuple[Text, ...]:
    say, first = words(), every[0]
    limits = [say["limits.relative"], say["limits.not_told"], say["limits.borders"]]
    if len(first.years) < first.levels.least_years:
        limits.insert(0, _few_years(first))
    if all(one.moves is None for one in every):
        limits.append(say["limits.few_moves"])
    return tuple(limits)


def _few_years(one: Found) -> Text:
    return filled(
        words()["limits.few_years"],
        n=Number(len(one.years)),
        p=Number(one.p_least, 2, "probability"),
        least=Number(one.levels.least_years),
        areas=Number(one.levels.n_tested),
    )


def _short_note(short: Sequence[str]) -> tuple[str, ...]:
    if not short:
        return ()
    listed = ", ".join(short[:5]) + (", …" if len(short) > 5 else "")
    return (f"Fewer than {LEAST_YEARS} years with values, and no trend: {len(short)} indicators ({listed}).",)
