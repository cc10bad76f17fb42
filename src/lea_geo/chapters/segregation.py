"""The chapter of segregation: how evenly groups live across areas, and what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lea_geo._notes import gathered
from lea_geo.chapter import Chapter
from lea_geo.chapters.segregation_measured import LEVEL, measure
from lea_geo.chapters.segregation_said import build_statements
from lea_geo.chapters.segregation_tables import build_charts, build_tables, texts

if TYPE_CHECKING:
    from lea_geo.chapter_specs.segregation import SegregationSpec
    from lea_geo.chapters.ground import Ground


def build(ground: Ground, spec: SegregationSpec) -> Chapter:
    """Return the chapter.

    Parameters
    ----------
    ground
        What leaves the study.
    spec
        What its file says of the chapter.
    """
    found, notes, scales = measure(ground, spec)
    tables = build_tables(ground, found)
    said = texts()
    notes += gathered((one.code, one.notes) for one in found)
    return Chapter(
        code="segregation",
        title=said["title"],
        question=said["question"],
        method=said["method"],
        tables=tables,
        charts=build_charts(tables, found),
        statements=build_statements(ground, tables),
        limits=tuple(said[f"limits.{name}"] for name in ("cause", "people", "size", "hidden", "points")),
        settings={
            "indicators": [one.code for one in found],
            "scales": list(scales),
            "runs": spec.runs,
            "kernel": "bisquare",
            "level": LEVEL,
            "seed": ground.seed,
        },
        notes=tuple(dict.fromkeys(notes)),
    )
