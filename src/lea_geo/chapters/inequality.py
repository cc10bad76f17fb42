"""The chapter of inequality: how wide the gaps are, and whether they are more than chance."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from lea_geo._speech import Number, filled
from lea_geo.chapter import Chapter, Chart
from lea_geo.chapters.inequality_measured import measure_all
from lea_geo.chapters.inequality_statements import statements
from lea_geo.chapters.inequality_tables import MEASURES, NEAR, PARTS, TEXTS, tables

if TYPE_CHECKING:
    from lea_geo.chapter import ChapterTable
    from lea_geo.chapter_specs.inequality import InequalitySpec
    from lea_geo.chapters.ground import Ground
    from lea_geo.chapters.inequality_measured import Measured, Settings
    from lea_geo.schema import Text


def build(ground: Ground, spec: InequalitySpec) -> Chapter:
    """Measure the inequality of every indicator in the latest year.

    Parameters
    ----------
    ground
        What leaves the study.
    spec
        ``[inequality]`` of the study file.

    Returns
    -------
        Measures with intervals and with what chance alone would give, their split by municipality, and the
        Gini of neighbours.

    Raises
    ------
    SpecError
        A code that the study does not have.
    """
    found, settings, notes = measure_all(ground, spec)
    made = tables(found, settings.share)
    said = statements(ground, found, settings, made) if made else ()
    return Chapter(
        "inequality",
        TEXTS["chapter.title"],
        TEXTS["chapter.question"],
        filled(TEXTS["chapter.method"], runs=Number(float(settings.options["runs"])), share=_share(settings)),
        made,
        _charts(made),
        said,
        _limits(found, settings),
        asdict(spec)
        | {"epsilon": list(spec.epsilon), "indicators": [one.indicator.code for one in found]}
        | {"rank_by": settings.order_code, **settings.options},
        notes,
    )


def _share(settings: Settings) -> Number:
    return Number(settings.share, 0, "share")


def _charts(made: tuple[ChapterTable, ...]) -> tuple[Chart, ...]:
    names = {table.name for table in made}
    charts = []
    if MEASURES in names:
        charts.append(_gini_chart(next(table for table in made if table.name == MEASURES)))
    if PARTS in names:
        only = {"measure": ("theil",), "weighting": ("weighted",), "part": ("between",)}
        charts.append(Chart("bars", PARTS, TEXTS["chart.parts"], "indicator", "part_share", only=only))
    if NEAR in names:
        only = {"weighting": ("weighted",)}
        charts.append(Chart("bars", NEAR, TEXTS["chart.near"], "indicator", "near_share", only=only))
    return tuple(charts)


def _gini_chart(made: ChapterTable) -> Chart:
    """Return Gini coefficients within their intervals: without chance where that is known, as these are."""
    only: dict[str, tuple[str, ...]] = {"measure": ("gini",), "weighting": ("weighted",)}
    drawn, title = "value", TEXTS["chart.gini"]
    frame = made.frame[(made.frame["measure"] == "gini") & (made.frame["weighting"] == "weighted")]
    counted = tuple(frame.loc[frame["corrected"].notna(), "indicator"])
    if counted:
        drawn, title, only = "corrected", TEXTS["chart.gini_corrected"], {**only, "indicator": counted}
    return Chart("intervals", MEASURES, title, drawn, "indicator", "lower", "upper", only=only)


def _limits(found: list[Measured], settings: Settings) -> tuple[Text, ...]:
    """Return what cannot be concluded."""
    kept = ["inside", "common_law", "hidden", "cause"]
    if any(not one.counted for one in found):
        kept.append("no_counts")
    if settings.order_code and any(one.own_order for one in found):
        kept.append("own_order")
    return tuple(TEXTS[f"limit.{key}"] for key in kept)
