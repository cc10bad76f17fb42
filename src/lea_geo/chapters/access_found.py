"""What the chapter of access computes: scores, sites and scenarios."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lea_geo._checks.chapters import refuse_unknown_codes
from lea_geo.chapters.access_places import RADII, Places, border_costs, places_of
from lea_geo.chapters.need import counted_need
from lea_geo.targeting.access import AccessScores, access_scores
from lea_geo.targeting.sites import choose_sites
from lea_geo.targeting.sites_scenarios import compare_sites

if TYPE_CHECKING:
    import pandas as pd

    from lea_geo.chapter_specs.access import AccessSpec
    from lea_geo.chapters.ground import Ground
    from lea_geo.chapters.need import Counted
    from lea_geo.schema import Text
    from lea_geo.targeting.sites_result import SiteChoice, SiteScenarios

NEED_KEY = "[access] need"
TODAY, PROPOSED, ALTERNATIVE = "today", "proposed", "alternative"
WIDER = (2 / 3, 3 / 2)
"""Catchments that are tried beside the radius where the study names none, as its multiples."""


@dataclass(frozen=True, eq=False)
class Found:
    """All that the chapter tells."""

    code: str
    counted: Counted
    places: Places
    radius: float
    catchments: tuple[float, ...]
    scores: AccessScores | None
    """None where no service is."""
    choice: SiteChoice | None
    """None where no site is chosen."""
    scenarios: SiteScenarios
    asked: dict[str, Text]
    """Names of the scenarios that the study file names."""
    notes: tuple[str, ...]

    @property
    def factor(self) -> float:
        """By what costs are multiplied to be told: metres are told in kilometres."""
        return 0.001 if self.places.costs.unit == "metres" else 1.0

    @property
    def unit(self) -> str:
        """The unit that costs are told in."""
        return "kilometres" if self.places.costs.unit == "metres" else "minutes"


def find(ground: Ground, spec: AccessSpec) -> Found:
    """Compute the chapter.

    Raises
    ------
    SpecError
        The section names an indicator that the study does not have or that counts nobody.
    TableError
        Its files cannot be used.
    """
    known = {one.code: one for one in ground.findings.indicators}
    refuse_unknown_codes([spec.need] if spec.need else [], known, key=NEED_KEY, counted=True)
    counted = counted_need(ground, spec.need, key=NEED_KEY)
    places = places_of(ground, spec, counted.need, counted.code)
    radius = spec.radius or RADII[places.costs.unit]
    catchments = spec.catchments or tuple(radius * one for one in WIDER)
    doubt: dict[str, Any] = {
        "families": counted.families,
        "level": spec.level,
        "draws": spec.draws,
        "seed": ground.seed,
    }
    doubt |= counted.ends
    scores = _scores(ground, spec, (counted, places), (radius, *catchments), doubt)
    choice = _choice(spec, counted, places, radius, doubt)
    sets, asked = _sets(spec, places, choice)
    scenarios = compare_sites(counted.need, places.costs, sets, radius=radius, **doubt)
    parts = [one.notes for one in (scores, choice, scenarios) if one is not None]
    notes = [*places.notes, *(note for part in parts for note in part)]
    lost = len(ground.areas) - len(counted.need)
    if lost:
        notes.append(f"{lost} areas whose need is not known are left out.")
    told = tuple(dict.fromkeys(notes))
    return Found(counted.code, counted, places, radius, catchments, scores, choice, scenarios, asked, told)


def _scores(
    ground: Ground,
    spec: AccessSpec,
    parts: tuple[Counted, Places],
    radii: tuple[float, ...],
    doubt: dict[str, Any],
) -> AccessScores | None:
    counted, places = parts
    if not places.services:
        return None
    capacity = places.frame.loc[places.services, "capacity"].astype(float)
    supply = capacity if spec.services is not None and spec.services.capacity else capacity.fillna(1.0)
    return access_scores(
        counted.need,
        supply,
        places.costs.among(destinations=places.services),
        threshold=radii[0],
        thresholds=radii[1:],
        method=spec.score,
        border=border_costs(ground, places, radii[0]),
        **doubt,
    )


def _choice(
    spec: AccessSpec, counted: Counted, places: Places, radius: float, doubt: dict[str, Any]
) -> SiteChoice | None:
    if not spec.choose:
        return None
    existing = places.services if spec.keep else []
    number = None if spec.objective == "coverage_all" else spec.choose
    candidates = [*places.candidates, *([] if spec.keep else places.services)]
    capacity = None
    if spec.capacity:
        capacity = places.frame["capacity"].astype(float).fillna(spec.capacity)
        capacity = capacity[[*candidates, *existing]]
    return choose_sites(
        counted.need,
        candidates,
        places.costs,
        p=number,
        objective=spec.objective,
        radius=radius,
        existing=existing,
        capacity=capacity,
        tie=spec.tie,
        alternatives=spec.alternatives,
        cost_noise=spec.travel_noise,
        **doubt,
    )


def _sets(
    spec: AccessSpec, places: Places, choice: SiteChoice | None
) -> tuple[dict[str, list[str]], dict[str, Text]]:
    """Return the sets of sites to compare, by name, and what those of the study file are called."""
    sets: dict[str, list[str]] = {TODAY: places.services} if places.services else {}
    if choice is not None:
        sets[PROPOSED] = [*choice.existing, *choice.sites]
        others = choice.options[choice.options["tied"]].iloc[1:]
        if len(others):
            sets[ALTERNATIVE] = [*choice.existing, *others["sites"].iloc[0].split(" ")]
    asked = {}
    for place, scenario in enumerate(spec.scenarios, start=1):
        asked[f"scenario_{place}"] = scenario.name
        sets[f"scenario_{place}"] = list(scenario.sites)
    return sets, asked


def of_areas(found: Found, scenario: str, column: str, index: pd.Index) -> pd.Series:
    """Return what a scenario says of each area of ``index``; nothing where it says nothing."""
    rows = found.scenarios.areas
    own = rows[rows["scenario"] == scenario].set_index("area_id")[column].reindex(index)
    return own.fillna("") if own.dtype == object or own.dtype.kind not in "fi" else own.astype(float)
