"""Chapter "access": how near services are to need, and where new sites should go."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from lea_geo._speech import Number, filled
from lea_geo.chapter import Chapter, Chart
from lea_geo.chapters.access_found import find
from lea_geo.chapters.access_said import statements
from lea_geo.chapters.access_tables import areas_table, options_table, scenarios_table, sites_table, words

if TYPE_CHECKING:
    from lea_geo.chapter_specs.access import AccessSpec
    from lea_geo.chapters.access_found import Found
    from lea_geo.chapters.ground import Ground
    from lea_geo.schema import Text


def build(ground: Ground, spec: AccessSpec) -> Chapter:
    """Make the chapter from what leaves the study.

    Parameters
    ----------
    ground
        The findings by year and kind of areas.
    spec
        What the study's ``[access]`` says.

    Raises
    ------
    SpecError
        The section names an indicator that the study does not have or that counts nobody.
    TableError
        Its files cannot be used, or do not fit the study.
    """
    found, say = find(ground, spec), words()
    tables = [areas_table(ground, found), sites_table(found)]
    tables += [options_table(found)] if found.choice is not None and found.choice.sites else []
    tables += [scenarios_table(found)]
    return Chapter(
        code="access",
        title=say["chapter.title"],
        question=say["chapter.question"],
        method=filled(
            say["chapter.method"],
            indicator=ground.indicator(found.code).name,
            objective=say[f"objective.{spec.objective}"],
            draws=Number(spec.draws),
        ),
        tables=tuple(tables),
        charts=_charts(found),
        statements=statements(ground, found),
        limits=_limits(spec, found),
        settings=_settings(ground, spec, found),
        notes=found.notes,
    )


def _charts(found: Found) -> tuple[Chart, ...]:
    say = words()
    charts = [
        Chart(
            "intervals",
            "access_scenarios",
            say["chart.reached"],
            x="reached",
            y="scenario",
            lower="reached_lower",
            upper="reached_upper",
        )
    ]
    if found.choice is not None and found.choice.table["p_belongs"].notna().any():
        states = {"state": ("new", "not_chosen")}
        charts.append(
            Chart("bars", "access_sites", say["chart.belongs"], x="name", y="p_belongs", only=states)
        )
    return tuple(charts)


def _limits(spec: AccessSpec, found: Found) -> tuple[Text, ...]:
    say = words()
    told = [say["limit.straight" if spec.travel.kind == "straight" else "limit.given"]]
    told += [say["limit.centre"], say["limit.need"]]
    if found.choice is not None and spec.candidates is None:
        told.append(say["limit.candidates"])
    return tuple(told)


def _settings(ground: Ground, spec: AccessSpec, found: Found) -> dict[str, object]:
    scenarios = [{"name": one.name.as_dict(), "sites": list(one.sites)} for one in spec.scenarios]
    told: dict[str, object] = asdict(spec) | {"need": found.code, "radius": found.radius, "seed": ground.seed}
    told |= {"catchments": list(found.catchments), "unit": found.places.costs.unit, "scenarios": scenarios}
    if found.choice is not None:
        told |= {"solver": found.choice.solver, "gap": found.choice.gap, "sets_as_good": found.choice.n_tied}
    return told
