"""What has changed: real change by area, gaps over time, and areas that are not the same place."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from lea_geo._notes import gathered
from lea_geo._speech import filled
from lea_geo.chapter import Chapter, Chart
from lea_geo.chapters import change_tables as tables
from lea_geo.chapters.change_compare import borders_of, codes_compared, compared, years_compared
from lea_geo.chapters.change_gaps import MANY_AREAS, gaps_of
from lea_geo.chapters.change_says import control, statements
from lea_geo.chapters.change_tables import words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lea_geo.chapter import ChapterTable
    from lea_geo.chapter_specs.change import ChangeSpec
    from lea_geo.chapters.change_compare import Compared
    from lea_geo.chapters.change_gaps import Gaps
    from lea_geo.chapters.ground import Ground
    from lea_geo.schema import Text

DRAWN = 4
"""So many indicators have charts of their gaps."""


def build(ground: Ground, spec: ChangeSpec) -> Chapter:
    """Compare the latest year with an earlier one.

    Raises
    ------
    SpecError
        An indicator or a year that the study does not have.
    """
    if len(ground.years) < 2:
        return _nothing(spec)
    years = years_compared(ground, spec)
    borders, told = borders_of(ground, spec, years)
    codes, absent = codes_compared(ground, spec, years)
    every = [compared(ground, spec, code, years, borders) for code in codes]
    if not every:
        return _nothing(spec)
    gaps = [found for one in every if (found := gaps_of(ground, spec, one)) is not None]
    say = words()
    return Chapter(
        code="change",
        title=say["chapter.title"],
        question=say["chapter.question"],
        method=filled(say["chapter.method"], then=str(years[0]), now=str(years[1]), control=control(spec)),
        tables=_tables(every, gaps, spec),
        charts=_charts(every, gaps),
        statements=statements(ground, spec, every, gaps),
        limits=_limits(ground, every),
        settings={**asdict(spec), "years": list(years), "seed": ground.seed},
        notes=(*told, *absent, *_notes(every, gaps)),
    )


def _nothing(spec: ChangeSpec) -> Chapter:
    """Return the chapter of a study that has nothing to compare with."""
    say = words()
    return Chapter(
        code="change",
        title=say["chapter.title"],
        question=say["chapter.question"],
        method=say["chapter.one_year"],
        tables=(),
        limits=(say["chapter.one_year"],),
        settings=asdict(spec),
        notes=("No two years have the same indicator: nothing is said of change.",),
    )


def _tables(every: Sequence[Compared], gaps: Sequence[Gaps], spec: ChangeSpec) -> tuple[ChapterTable, ...]:
    found = [tables.summary_table(every), *(tables.area_table(one, spec) for one in every)]
    if gaps:
        found += [tables.gap_table(gaps), tables.gap_change_table(gaps), tables.convergence_table(gaps)]
    breaks = tables.break_table(every)
    return tuple(found) if breaks is None else (*found, breaks)


def _charts(every: Sequence[Compared], gaps: Sequence[Gaps]) -> tuple[Chart, ...]:
    """Return the gaps over time of the first indicators: absolute and relative, always both."""
    say, names = words(), {one.code: one.indicator.name for one in every}
    return tuple(
        Chart(
            "lines",
            "change_gaps",
            filled(say[f"gaps.chart_{form}"], name=names[one.code]),
            x="year",
            y="value",
            lower="lower",
            upper="upper",
            by="weighting",
            only={"indicator": (one.code,), "measure": (measure,)},
        )
        for one in gaps[:DRAWN]
        for form, measure in (("absolute", "difference"), ("relative", "ratio"))
    )


def _limits(ground: Ground, every: Sequence[Compared]) -> tuple[Text, ...]:
    say = words()
    keys = ["same", "cause", "overlap"]
    keys += ["index"] if any(one.indicator.is_composite for one in every) else []
    keys += ["pooled"] if ground.spec.rates.years > 1 else []
    return tuple(say[f"limits.{key}"] for key in keys)


def _notes(every: Sequence[Compared], gaps: Sequence[Gaps]) -> tuple[str, ...]:
    held = {one.code: one for one in gaps}
    said = []
    for one in every:
        found = held.get(one.code)
        more = (*found.found.notes, *(found.beta.notes if found.beta else ())) if found else ()
        # What became of extreme areas stands in the summary.
        own = [note for note in one.changes.notes if "regression to the mean" not in note]
        said.append((one.indicator.name.en, (*own, *one.redrawn.notes, *more)))
    notes = gathered(said)
    if any(one.found.n > MANY_AREAS for one in gaps):
        notes.append(f"Of more than {MANY_AREAS} areas, gaps are of the two years compared only.")
    drawn = len(gaps) - DRAWN
    if drawn > 0:
        notes.append(f"Charts are of the first {DRAWN} indicators; the table has {drawn} more.")
    return tuple(notes)
