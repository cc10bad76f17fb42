"""Chapter "targeting": who is missed, who belongs on the list, and who gets what."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from lea_geo._speech import Number, filled
from lea_geo.chapter import Chapter, Chart
from lea_geo.chapters.targeting_found import find
from lea_geo.chapters.targeting_says import statements
from lea_geo.chapters.targeting_tables import (
    TEXTS,
    certainty_table,
    curve_tables,
    list_table,
    missed_table,
    money_tables,
    scenario_tables,
)

if TYPE_CHECKING:
    from lea_geo.chapter_specs.targeting import TargetingSpec
    from lea_geo.chapters.ground import Ground
    from lea_geo.chapters.targeting_found import Found
    from lea_geo.schema import Text


def build(ground: Ground, spec: TargetingSpec) -> Chapter:
    """Make the chapter from what leaves the study.

    Parameters
    ----------
    ground
        The findings of the latest year, and the files that the section names.
    spec
        What the study's ``[targeting]`` says.

    Raises
    ------
    SpecError
        The section names an indicator that the study does not have or that counts nobody, its files do not
        fit, or its terms cannot all be kept.
    """
    found = find(ground, spec)
    areas = ground.areas
    need = ground.indicator(found.counted.code).name
    return Chapter(
        code="targeting",
        title=TEXTS["chapter.title"],
        question=TEXTS["chapter.question"],
        method=filled(
            TEXTS["chapter.method"],
            need=need,
            draws=Number(found.draws),
            size=Number(found.listed.choose),
            level=Number(100 * spec.level),
            money=TEXTS["money.none" if found.allocation is None else "money.shared"],
        ),
        tables=(
            list_table(found, areas),
            certainty_table(found),
            missed_table(found),
            *curve_tables(found),
            *money_tables(found, areas, spec.phase_in),
            *scenario_tables(found, areas),
        ),
        charts=_charts(found),
        statements=statements(ground, found, spec.level),
        limits=_limits(found),
        settings={
            **_plain(asdict(spec)),
            "need_used": found.counted.code,
            **found.settings,
            **_formulas(found),
        },
        notes=tuple(found.notes),
    )


def _formulas(found: Found) -> dict[str, int]:
    """Return how many other formulas the money was shared by too."""
    paid = found.allocation
    return {} if paid is None else {"other_formulas": int(paid.alternatives.shape[1])}


def _plain(said: dict[str, object]) -> dict[str, object]:
    """Return settings as JSON has them."""
    return {key: list(value) if isinstance(value, tuple) else value for key, value in said.items()}


def _charts(found: Found) -> tuple[Chart, ...]:
    ends: dict[str, Any] = {"lower": "lower", "upper": "upper"}
    curve = Chart(
        "curve",
        "targeting_curve",
        TEXTS["chart.curve"],
        "share_of_families",
        "share_of_need",
        only={"order": ("rate",)},
        **ends,
    )
    reached: dict[str, Any] = {"lower": "share_reached_lower", "upper": "share_reached_upper"}
    charts = [
        curve,
        Chart("intervals", "targeting_missed", TEXTS["chart.missed"], "share_reached", "strategy", **reached),
    ]
    if found.scenarios is not None:
        fifth: dict[str, Any] = {"lower": "to_neediest_lower", "upper": "to_neediest_upper"}
        told = TEXTS["chart.scenarios"]
        charts.append(Chart("intervals", "targeting_scenarios", told, "to_neediest", "scenario", **fifth))
    return tuple(charts)


def _limits(found: Found) -> tuple[Text, ...]:
    limits = [TEXTS[f"limit.{name}"] for name in ("register", "area", "within", "decision")]
    if found.left_out:
        limits.append(filled(TEXTS["limit.left_out"], n=Number(found.left_out)))
    hidden = int(found.counted.need.isna().sum())
    if hidden:
        limits.append(filled(TEXTS["limit.hidden"], n=Number(hidden)))
    return tuple(limits)
