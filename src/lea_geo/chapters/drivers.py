"""Chapter "drivers": what goes with the outcome, how surely, and on which areas."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from lea_geo._speech import Number, filled
from lea_geo.chapter import Chapter, Chart
from lea_geo.chapters.drivers_found import Found, find, values_of
from lea_geo.chapters.drivers_said import statements
from lea_geo.chapters.drivers_tables import (
    TEXTS,
    association_table,
    class_ends,
    held_out_tables,
    local_tables,
    map_tables,
    persons_table,
    regression_tables,
    scale_table,
    step_of,
    title,
)

if TYPE_CHECKING:
    import pandas as pd

    from lea_geo.chapter import ChapterTable
    from lea_geo.chapter_specs.drivers import DriversSpec
    from lea_geo.chapters.ground import Ground
    from lea_geo.schema import Text


def build(ground: Ground, spec: DriversSpec) -> Chapter:
    """Make the chapter from what leaves the study.

    Parameters
    ----------
    ground
        The findings by year and kind of areas, and who is whose neighbour.
    spec
        What the study's ``[drivers]`` says.

    Raises
    ------
    SpecError
        The section names an indicator that the study does not have.
    """
    found = find(ground, spec)
    tables = _tables(ground, found)
    outcome = ground.indicator(found.outcome).name
    settings = asdict(spec) | {
        "outcome": found.outcome,
        "indicators": list(found.drivers),
        "seed": ground.seed,
    }
    if found.associations is not None:
        values = {code: values_of(ground, code) for code in (found.outcome, *found.drivers)}
        settings["classes"] = class_ends(found, values)
    if found.regression is not None:
        settings |= {"model_used": found.regression.model, "decision": found.regression.decision}
        settings["reason"] = found.regression.reason
    return Chapter(
        code="drivers",
        title=TEXTS["chapter.title"],
        question=filled(TEXTS["chapter.question"], outcome=outcome),
        method=TEXTS["chapter.method"],
        tables=tables,
        charts=_charts(ground, found, {one.name for one in tables}),
        statements=statements(ground, spec, found),
        limits=_limits(ground, found),
        settings=settings,
        notes=tuple(found.notes),
    )


def _tables(ground: Ground, found: Found) -> tuple[ChapterTable, ...]:
    made: list[ChapterTable | None] = [association_table(found)]
    if found.associations is not None:
        values = {code: values_of(ground, code) for code in (found.outcome, *found.drivers)}
        made += [scale_table(found), *map_tables(ground, found, values), *_models(ground, found, values)]
        made += [*local_tables(ground, found), *held_out_tables(found), persons_table(found)]
    return tuple(one for one in made if one is not None)


def _models(ground: Ground, found: Found, values: dict[str, pd.Series[float]]) -> list[ChapterTable]:
    return regression_tables(ground, found, {code: step_of(values[code]) for code in found.drivers})


def _charts(ground: Ground, found: Found, names: set[str]) -> tuple[Chart, ...]:
    if found.associations is None:
        return ()
    charts = [
        Chart(
            "intervals",
            "drivers_association",
            TEXTS["chart.association"],
            "pearson",
            "driver",
            "lower",
            "upper",
        )
    ]
    if "drivers_importance" in names:
        told = TEXTS["chart.importance"]
        charts.append(
            Chart("intervals", "drivers_importance", told, "importance", "driver", "lower", "upper")
        )
    if "drivers_partial" in names:
        for code in found.drivers:
            told = title("chart", "partial", driver=ground.indicator(code).name)
            only = {"driver": (code,)}
            charts.append(
                Chart("curve", "drivers_partial", told, "value", "effect", "lower", "upper", only=only)
            )
    return tuple(charts)


def _limits(ground: Ground, found: Found) -> tuple[Text, ...]:
    limits = [TEXTS["limit.ecological"], TEXTS["limit.cause"], TEXTS["limit.scale"]]
    if found.n < len(ground.areas):
        counts = {"n": Number(found.n), "all": Number(len(ground.areas))}
        limits.append(filled(TEXTS["limit.hidden"], **counts))
    if found.one_whole:
        limits.append(TEXTS["limit.whole"])
    if found.members:
        limits.append(TEXTS["limit.member"])
    return tuple(limits)
