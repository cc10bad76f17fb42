"""What the chapter on drivers says in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lea_geo._speech import Number, filled
from lea_geo.chapter import Statement
from lea_geo.chapters.drivers_found import values_of
from lea_geo.chapters.drivers_tables import TEXTS, outcome_unit, step_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from lea_geo.chapter_specs.drivers import DriversSpec
    from lea_geo.chapters.drivers_found import Found
    from lea_geo.chapters.ground import Ground
    from lea_geo.schema import Text


def statements(ground: Ground, spec: DriversSpec, found: Found) -> tuple[Statement, ...]:
    """Return what was found, a sentence each."""
    if found.associations is None:
        return ()
    return (
        *_pairs(ground, spec, found),
        *_together(ground, spec, found),
        *_skill(ground, spec, found),
        *_local(ground, found),
        *_persons(ground, found),
    )


def _two(value: float) -> Number:
    return Number(value, 2)


def _share(value: float) -> Number:
    return Number(value, 0, "share")


def _level(spec: DriversSpec) -> Number:
    return Number(100 * spec.level, 0)


def _pairs(ground: Ground, spec: DriversSpec, found: Found) -> Iterator[Statement]:
    assert found.associations is not None  # noqa: S101 - asked before
    outcome = ground.indicator(found.outcome).name
    for code, row in found.associations.table.iterrows():
        named = {"driver": ground.indicator(str(code)).name, "outcome": outcome}
        r, scales = float(row["pearson"]), found.scales.get(str(code))
        known = bool(row["q_value"] <= spec.fdr)
        turned = scales is not None and not scales.sign_holds
        key, more = "noise", {}
        if known:
            key = "more" if r > 0 else "less"
            if scales is not None:
                key += "_scales"
                more = {"low": _two(scales.lowest), "high": _two(scales.highest)}
        text = filled(TEXTS[f"said.{key}"], **named, r=_two(r), **more)
        # What goes with the outcome by construction is no finding.
        weight = 0.1 if not known else 0.2 if str(code) in found.members else 0.35 + 0.5 * abs(r)
        certainty = "unsure" if not known else "likely" if turned or scales is None else "firm"
        because = _because(spec, row)
        if known and turned:
            because = _joined(because, TEXTS["said.turns"])
        yield Statement(text, certainty, because, "drivers_association", min(weight, 1.0))


def _because(spec: DriversSpec, row: pd.Series) -> Text:
    return filled(
        TEXTS["said.because"],
        level=_level(spec),
        low=_two(row["lower"]),
        high=_two(row["upper"]),
        q=Number(row["q_value"], 3, "probability"),
        n=Number(row["n"]),
        size=Number(row["effective_size"]),
    )


def _joined(one: Text, two: Text) -> Text:
    return type(one)(
        *(f"{a} {b}" for a, b in zip(one.as_dict().values(), two.as_dict().values(), strict=True))
    )


def _together(ground: Ground, spec: DriversSpec, found: Found) -> Iterator[Statement]:
    fit = found.regression
    if fit is None or len(found.drivers) < 2:
        return
    outcome = ground.indicator(found.outcome).name
    unit = outcome_unit(ground, found)
    for code, row in fit.impacts.iterrows():
        if row["total_lower"] <= 0 <= row["total_upper"] or str(code) in found.entangled:
            continue
        driver, step = ground.indicator(str(code)), step_of(values_of(ground, str(code)))
        values = {
            name: Number(float(row[column]) * step, signed=name == "total", **unit)
            for name, column in (("total", "total"), ("low", "total_lower"), ("high", "total_upper"))
        }
        # A step of the driver: 1 000 euros, one percentage point.
        said = Number(
            step,
            max(0, int(-np.floor(np.log10(step)))),
            "percentage_points" if driver.unit == "percent" else driver.unit,
        )
        text = filled(
            TEXTS["said.together"], driver=driver.name, outcome=outcome, total=values["total"], step=said
        )
        because = filled(
            TEXTS["said.together_because"],
            level=_level(spec),
            low=values["low"],
            high=values["high"],
            model=TEXTS[f"word.{fit.model}"],
        )
        yield Statement(text, "likely", because, "drivers_impacts", 0.4)


def _skill(ground: Ground, spec: DriversSpec, found: Found) -> Iterator[Statement]:
    if found.held_out is None:
        return
    outcome = ground.indicator(found.outcome).name
    rows = found.held_out.skill.to_dict("records")
    skill = {(str(row["model"]), str(row["held_out"])): row for row in rows}
    own = skill["boosted", "places"]
    ends = {"low": _share(own["lower"]), "high": _share(own["upper"]), "level": _level(spec)}
    if not found.held_out.has_skill:
        text = filled(TEXTS["said.no_skill"], outcome=outcome)
        because = filled(TEXTS["said.no_skill_because"], r2=_share(own["r_squared"]), **ends)
        yield Statement(text, "unsure", because, "drivers_held_out", 0.3)
        return
    text = filled(TEXTS["said.skill"], outcome=outcome, r2=_share(own["r_squared"]))
    others = {
        "random": _share(skill["boosted", "random"]["r_squared"]),
        "linear": _share(skill["linear", "places"]["r_squared"]),
    }
    because = filled(TEXTS["said.skill_because"], **ends, **others)
    yield Statement(text, "likely", because, "drivers_held_out", 0.45)


def _local(ground: Ground, found: Found) -> Iterator[Statement]:
    if found.local is None:
        return
    outcome = ground.indicator(found.outcome).name
    for code in (one for one in found.local.varying if one not in found.members):
        text = filled(TEXTS["said.varies"], driver=ground.indicator(code).name, outcome=outcome)
        q = Number(float(found.local.terms["q_value"].loc[code]), 3, "probability")
        yield Statement(text, "likely", filled(TEXTS["said.varies_because"], q=q), "drivers_local", 0.3)


def _persons(ground: Ground, found: Found) -> Iterator[Statement]:
    outcome = ground.indicator(found.outcome).name
    for code, bounds in found.persons.items():
        row = bounds.summary.T["share_in_group"]
        if not np.isfinite(row["lower"]):
            continue
        text = filled(
            TEXTS["said.persons"],
            driver=ground.indicator(code).name,
            outcome=outcome,
            low=_share(row["lower"]),
            high=_share(row["upper"]),
        )
        yield Statement(text, "firm", TEXTS["said.persons_because"], "drivers_persons", 0.25)
