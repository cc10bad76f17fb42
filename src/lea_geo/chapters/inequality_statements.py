"""What the chapter of inequality says in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lea_geo._speech import Number, filled, span
from lea_geo.chapter import Statement
from lea_geo.chapters.inequality_measured import FDR
from lea_geo.chapters.inequality_tables import GAPS, NEAR, PARTS, TEXTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from lea_geo.chapter import ChapterTable
    from lea_geo.chapters.ground import Ground
    from lea_geo.chapters.inequality_measured import Measured, Settings
    from lea_geo.schema import Indicator, Text

_POINTS = {"percent": "percentage_points"}


def statements(
    ground: Ground, found: list[Measured], settings: Settings, made: tuple[ChapterTable, ...]
) -> tuple[Statement, ...]:
    """Return sentences on every indicator's gap, slope, neighbours and municipalities."""
    frames = {table.name: table.frame for table in made}
    said = [*_gaps(found, settings, frames[GAPS]), *_slopes(ground, found, settings, frames[GAPS])]
    if NEAR in frames:
        said += _near(found, frames[NEAR])
    if PARTS in frames:
        said += _parts(found, frames[PARTS])
    return tuple(said)


def _number(value: float, indicator: Indicator) -> Number:
    unit = _POINTS.get(indicator.unit, indicator.unit)
    return Number(float(value), indicator.decimals, unit)


def _gaps(found: list[Measured], settings: Settings, frame: pd.DataFrame) -> Iterator[Statement]:
    share = Number(settings.share, 0, "share")
    for one, row in zip(found, frame.to_dict("records"), strict=True):
        gap, low, high = (_number(row[key], one.indicator) for key in ("gap", "lower", "upper"))
        noise, corrected = (_number(row[key], one.indicator) for key in ("noise", "corrected"))
        who = "people" if one.weighted else "areas"
        held: dict[str, Text | Number] = {
            "indicator": one.indicator.name,
            "gap": gap,
            "share": share,
            "interval": span(low, high),
            "noise": noise,
            "corrected": corrected,
            "q": Number(row["q_value"], 3, "probability"),
        }
        if not one.counted:
            yield _statement(f"gap.{who}_unknown", held, "likely", "because.gap_unknown", GAPS, 0.35)
        elif row["q_value"] <= FDR:
            sure = "firm" if row["lower"] > row["noise"] else "likely"
            size = float(one.all.of("gini").value) if _has_gini(one) else 0.2
            yield _statement("gap.people", held, sure, "because.gap", GAPS, 0.5 + 0.4 * min(1.0, 2 * size))
        else:
            yield _statement("gap.chance", held, "unsure", "because.gap", GAPS, 0.2)


def _has_gini(one: Measured) -> bool:
    return any(result.measure == "gini" for result in one.all.results)


def _slopes(
    ground: Ground, found: list[Measured], settings: Settings, frame: pd.DataFrame
) -> Iterator[Statement]:
    """Say how indicators go with the order, but not those that the order is made of."""
    for one, row in zip(found, frame.to_dict("records"), strict=True):
        if one.own_order or not np.isfinite(row["slope"]) or not np.isfinite(row["slope_q_value"]):
            continue
        slope, low, high = (
            _number(row[key], one.indicator) for key in ("slope", "slope_lower", "slope_upper")
        )
        clear = row["slope_q_value"] <= FDR
        held: dict[str, Text | Number] = {
            "indicator": one.indicator.name,
            "order": ground.indicator(settings.order_code).name,
            "slope": Number(abs(slope.value), slope.decimals, slope.unit),
            "interval": span(low, high),
            "q": Number(row["slope_q_value"], 3, "probability"),
        }
        key = ("slope.more" if slope.value > 0 else "slope.less") if clear else "slope.chance"
        sure, weight = ("firm", 0.6) if clear else ("unsure", 0.15)
        yield _statement(key, held, sure, "because.slope", GAPS, weight)


def _near(found: list[Measured], frame: pd.DataFrame) -> Iterator[Statement]:
    """Say which indicators are alike among neighbours."""
    names = {one.indicator.code: one for one in found}
    for row in frame.to_dict("records"):
        one = names[row["indicator"]]
        if row["weighting"] != ("weighted" if one.weighted else "unweighted"):
            continue
        clear = row["q_value"] <= FDR
        held: dict[str, Text | Number] = {
            "indicator": one.indicator.name,
            "near": Number(row["near_share"], 1, "share"),
            "expected": Number(row["expected"], 1, "share"),
            "q": Number(row["q_value"], 3, "probability"),
        }
        alike = row["near_share"] < row["expected"]
        key = ("near.alike" if alike else "near.unlike") if clear else "near.chance"
        sure, weight = ("firm", 0.4) if clear else ("unsure", 0.1)
        yield _statement(key, held, sure, "because.near", NEAR, weight)


def _parts(found: list[Measured], frame: pd.DataFrame) -> Iterator[Statement]:
    """Say how much of the inequality lies between municipalities."""
    names = {one.indicator.code: one for one in found}
    rows = frame[(frame["measure"] == "theil") & (frame["part"] == "between")]
    for row in rows.to_dict("records"):
        one = names[row["indicator"]]
        if row["weighting"] != ("weighted" if one.weighted else "unweighted") or not one.counted:
            continue
        clear = row["lower"] > 0
        held: dict[str, Text | Number] = {
            "indicator": one.indicator.name,
            "part": Number(row["part_share"], 0, "share"),
        }
        held |= {"interval": span(Number(row["lower"], 4), Number(row["upper"], 4))}
        key = "parts.between" if clear else "parts.within"
        yield _statement(key, held, "likely", "because.parts", PARTS, 0.3 if clear else 0.2)


def _statement(
    key: str, held: dict[str, Text | Number], certainty: str, because: str, table: str, weight: float
) -> Statement:
    return Statement(
        filled(TEXTS[f"say.{key}"], **held), certainty, filled(TEXTS[f"say.{because}"], **held), table, weight
    )
