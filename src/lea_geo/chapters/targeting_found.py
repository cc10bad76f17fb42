"""What the chapter of targeting computes: need, list, who is missed, money and scenarios."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lea_geo._checks.chapters import refuse_no_need, refuse_unknown_codes
from lea_geo._checks.targeting_chapter import no_index, read_amounts, read_places, unshared
from lea_geo._estimates import counted_kind
from lea_geo.chapters.need import counted_need
from lea_geo.targeting.allocate import Allocation, allocate
from lea_geo.targeting.missed import Missed, missed
from lea_geo.targeting.priority import PriorityList, priority_list, standing
from lea_geo.targeting.priority_runs import priority_list_of_runs
from lea_geo.targeting.scenarios import Scenarios, compare_scenarios

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lea_geo.chapter_specs.targeting import ScenarioSpec, TargetingSpec
    from lea_geo.chapters.ground import Ground
    from lea_geo.chapters.need import Counted

INTERVAL_Z = 1.6448536269514722
"""An index's published interval holds 90 % of the runs: as many normal deviations on either side."""
NEED_KEY = "[targeting] need or alternatives"
PAID, EQUAL, CHOSEN, NOW = "paid", "equal", "chosen", "now"
"""Scenarios that the chapter makes itself: the one asked for, the same for every family, only the chosen
areas, and what areas had before. Those of the study file are called by their place: ``scenario_1``."""
_APPROXIMATED = (
    "How likely an area belongs on the list by the index is approximated from the published intervals of its "
    "scores, as if areas were independent."
)
_UNKNOWN = "The index has no published intervals, so that nothing says how sure the list is."
_COUNTED = "How likely an area belongs on the list is the share of the index's runs that have it there."
MOST_NUMBERS = 2_000_000
LEAST_DRAWS = 300
"""A country's need is drawn less often than a city's: draws times areas, and at least so many draws."""
_TERMS = (
    "power",
    "fixed",
    "fixed_per_family",
    "floor",
    "floor_per_family",
    "cap",
    "cap_per_family",
    "least_families",
    "hold_harmless",
    "estimate",
)


@dataclass
class Found:
    """All that the chapter tells."""

    counted: Counted
    listed: PriorityList
    reached: Missed
    allocation: Allocation | None = None
    scenarios: Scenarios | None = None
    asked: dict[str, ScenarioSpec] = field(default_factory=dict)
    left_out: int = 0
    draws: int = 0
    """How often the true need was drawn."""
    settings: dict[str, object] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def find(ground: Ground, spec: TargetingSpec) -> Found:
    """Compute the chapter.

    Raises
    ------
    SpecError
        The section names an indicator that the study does not have or that counts nobody, its files do not
        fit, or its terms cannot all be kept.
    """
    codes = [spec.need, *spec.alternatives, *(one.need for one in spec.scenarios)]
    known = {one.code: one for one in ground.findings.indicators}
    named = [code for code in dict.fromkeys(codes) if code]
    refuse_unknown_codes(named, known, key=NEED_KEY, counted=True)
    counted = counted_need(ground, spec.need, key=NEED_KEY)
    notes: list[str] = []
    spec = _fitted(spec, counted, notes)
    listed = _listed(ground, spec, counted, notes)
    chosen = listed.table["chosen"].reindex(counted.need.index, fill_value=False).astype(bool)
    reached = missed(
        counted.need,
        counted.families,
        chosen,
        catchment=_catchment(ground, spec, counted, notes),
        shares=spec.shares,
        level=spec.level,
        draws=spec.draws,
        seed=ground.seed,
        **counted.ends,
    )
    found = Found(counted, listed, reached, left_out=len(ground.areas) - len(counted.need), notes=notes)
    found.draws = spec.draws
    found.settings = {"seed": ground.seed, "draws_used": spec.draws, "choose_used": listed.choose}
    found.notes += [*listed.notes, *reached.notes]
    if spec.budget:
        _share(ground, spec, found, chosen)
    found.notes = list(dict.fromkeys(found.notes))
    return found


def _fitted(spec: TargetingSpec, counted: Counted, notes: list[str]) -> TargetingSpec:
    """Return what can be done with so many areas, and note where it is not what was asked."""
    n = int((counted.families > 0).sum())
    draws = max(min(spec.draws, LEAST_DRAWS), min(spec.draws, MOST_NUMBERS // max(1, n)))
    if draws < spec.draws:
        notes.append(f"The need of {n} areas was drawn {draws} times, not {spec.draws}.")
    choose = spec.choose
    if choose >= 1 and choose >= n:
        choose = 0.2
        notes.append(f"{spec.choose:g} areas cannot be chosen among {n}: a fifth of them are listed.")
    return replace(spec, draws=draws, choose=choose)


def _listed(ground: Ground, spec: TargetingSpec, counted: Counted, notes: list[str]) -> PriorityList:
    if spec.by != "index":
        return priority_list(
            counted.need,
            counted.families,
            choose=spec.choose,
            by=spec.by,
            level=spec.level,
            draws=spec.draws,
            seed=ground.seed,
            **counted.ends,
        )
    return _by_index(ground, spec, counted, notes)


def _by_index(ground: Ground, spec: TargetingSpec, counted: Counted, notes: list[str]) -> PriorityList:
    """Choose by the composite index; how sure that is, its published runs say."""
    code = ground.index_code
    if not code:
        raise no_index()
    results = ground.results(code).reindex(counted.need.index)
    high = ground.indicator(code).direction == "weakens"
    spread = (results["interval_upper"] - results["interval_lower"]) / (2 * INTERVAL_Z)
    random = np.random.default_rng(ground.seed)
    noise = random.standard_normal((spec.draws, len(results))) * spread.fillna(0.0).to_numpy()
    runs = pd.DataFrame(results["value"].to_numpy() + noise, columns=results.index)
    made = priority_list_of_runs(
        results["value"], runs, choose=spec.choose, worst="high" if high else "low", level=spec.level
    )
    worst = ground.spec.robustness.worst if ground.spec.robustness is not None else None
    if worst == made.choose and results["p_worst"].notna().any():
        notes.append(_COUNTED)
        return _with_chances(made, results["p_worst"].fillna(0.0), spec.level)
    notes.append(_UNKNOWN if spread.isna().all() else _APPROXIMATED)
    return made


def _with_chances(made: PriorityList, chance: pd.Series[float], level: float) -> PriorityList:
    """Return the list with other probabilities, and what follows from them."""
    table, on = made.table.copy(), made.table["chosen"].to_numpy(dtype=bool)
    table["p_belongs"] = chance
    tied = table.index.isin(made.tied_at_cut)
    known = table["rank"].notna()
    table["standing"] = np.where(known, standing(chance.to_numpy(), level, tied), "")
    wrong = float((1 - chance[on]).sum())
    return replace(
        made,
        table=table,
        expected_wrong=wrong,
        expected_left_out=float(chance[~on].sum()),
        wrong_interval=(float("nan"), float("nan")),
    )


def _catchment(
    ground: Ground, spec: TargetingSpec, counted: Counted, notes: list[str]
) -> pd.Series[bool] | None:
    """Return which areas' inner points lie within the distance of a place; None where none is asked for."""
    if spec.catchment is None:
        return None
    import shapely  # noqa: PLC0415 - few studies ask for it

    said = spec.catchment
    x, y = read_places(ground.data / said.path, said.x, said.y)
    tree = shapely.STRtree(shapely.points(x, y))
    points = ground.findings.areas.geometry.loc[counted.need.index].representative_point()
    nearest = tree.query_nearest(points.to_numpy(), return_distance=True, all_matches=False)
    notes.append(f"An area is near a service where a point inside it lies within {said.distance:g} m of one.")
    near = pd.Series(np.inf, counted.need.index)
    near.iloc[nearest[0][0]] = nearest[1]
    return near <= said.distance


def _share(ground: Ground, spec: TargetingSpec, found: Found, chosen: pd.Series[bool]) -> None:
    """Share the budget as asked, and in the other ways."""
    counted, previous = found.counted, _previous(ground, spec, found)
    terms = {name: getattr(spec, name) for name in _TERMS}
    terms |= {"previous": previous, "phase_in": spec.phase_in, "unit": spec.unit}
    doubt: dict[str, Any] = {"level": spec.level, "draws": spec.draws, "seed": ground.seed}
    with unshared("[targeting]"):
        found.allocation = allocate(
            counted.need,
            spec.budget,
            families=counted.families,
            alternatives=_alternatives(ground, spec, counted),
            **terms,
            **counted.ends,
            **doubt,
        )
    ways: dict[str, Allocation | pd.Series[float]] = {} if previous is None else {NOW: previous}
    ways[PAID] = found.allocation
    ways |= _reference(spec, counted, chosen, doubt)
    for place, scenario in enumerate(spec.scenarios, start=1):
        found.asked[f"scenario_{place}"] = scenario
        with unshared(f"[[targeting.scenarios]] {scenario.name.en!r}"):
            ways[f"scenario_{place}"] = _scenario(ground, spec, scenario, (counted, chosen, terms), doubt)
    found.scenarios = compare_scenarios(
        ways,
        need=counted.need,
        families=counted.families,
        base=NOW if NOW in ways else PAID,
        same=spec.unit,
        **counted.ends,
        **doubt,
    )
    found.notes += [*found.allocation.notes, *found.scenarios.notes]


def _reference(
    spec: TargetingSpec, counted: Counted, chosen: pd.Series[bool], doubt: Mapping[str, Any]
) -> dict[str, Allocation]:
    """Return what to hold any way against: the same for every family, and only the chosen areas."""
    plain = {"families": counted.families, "unit": spec.unit, **counted.ends, **doubt}
    ways = {EQUAL: allocate(counted.need, spec.budget, power=0.0, **plain)}
    if counted.need[chosen].sum() > 0:
        ways[CHOSEN] = allocate(counted.need, spec.budget, cap=_only(chosen, None), **plain)
    return ways


def _scenario(
    ground: Ground,
    spec: TargetingSpec,
    scenario: ScenarioSpec,
    asked: tuple[Counted, pd.Series[bool], dict[str, Any]],
    doubt: Mapping[str, Any],
) -> Allocation:
    counted, chosen, main = asked
    terms = {**main, "phase_in": 1}
    terms |= {name: getattr(scenario, name) for name in _TERMS if getattr(scenario, name) not in (None, "")}
    need, ends = counted.need, counted.ends
    if scenario.need:
        need, low, high = on_families(ground, scenario.need, counted)
        ends = {"kind": "proportion", "lower": low, "upper": high}
    if scenario.areas == "chosen":
        terms |= {"cap": _only(chosen, terms["cap"]), "floor": _where(chosen, terms["floor"])}
        terms |= {"floor_per_family": 0.0, "hold_harmless": 0.0, "fixed": _where(chosen, terms["fixed"])}
    budget = spec.budget if scenario.budget is None else scenario.budget
    return allocate(need, budget, families=counted.families, **terms, **ends, **doubt)


def _only(chosen: pd.Series[bool], cap: float | None) -> pd.Series[float]:
    """Return the cap where areas are chosen, and nothing elsewhere."""
    return pd.Series(np.where(chosen, np.nan if cap is None else cap, 0.0), chosen.index)


def _where(chosen: pd.Series[bool], amount: float | None) -> pd.Series[float]:
    return pd.Series(np.where(chosen, amount or 0.0, 0.0), chosen.index)


def _alternatives(ground: Ground, spec: TargetingSpec, counted: Counted) -> dict[str, dict[str, object]]:
    """Return other formulas: the other estimate, dense need counting more or less, other indicators."""
    other = "observed" if spec.estimate == "expected" else "expected"
    found: dict[str, dict[str, object]] = {other: {"estimate": other}}
    found["concentrated"] = {"power": spec.power + 0.5}
    if spec.power >= 0.5:
        found["spread"] = {"power": spec.power - 0.5}
    for code in spec.alternatives:
        need, low, high = on_families(ground, code, counted)
        found[code] = {"need": need, "lower": low, "upper": high, "kind": "proportion"}
    return found


def on_families(
    ground: Ground, code: str, counted: Counted
) -> tuple[pd.Series[float], pd.Series[float], pd.Series[float]]:
    """Return another indicator's rate as so many of the same families, and bounds where it is hidden.

    Other indicators count other people; held against the same families they say where need is, not how much.
    """
    indicator, cells = ground.indicator(code), ground.cells(code).loc[counted.need.index]
    if counted_kind(indicator, cells) != "proportion":
        raise refuse_no_need(NEED_KEY, code)
    families = counted.families
    rates = cells[["value", "lower", "upper"]].astype(float) / indicator.scale
    need = (rates["value"] * families).where(families > 0, 0.0).clip(upper=families)
    gone = need.isna()
    lower = (rates["lower"].fillna(0.0) * families).where(gone)
    return need, lower, (rates["upper"].fillna(1.0) * families).where(gone)


def _previous(ground: Ground, spec: TargetingSpec, found: Found) -> pd.Series[float] | None:
    said = spec.previous
    if said is None:
        return None
    given = read_amounts(ground.data / said.path, said.area_id, said.column, ground.areas)
    unnamed = int((~ground.areas.isin(given.index)).sum())
    if unnamed:
        found.notes.append(f"{unnamed} areas are not in {said.path} and are taken to have had nothing.")
    inside = given.reindex(found.counted.need.index, fill_value=0.0)
    lost = float(given.sum() - inside.sum())
    if lost > 0:
        found.notes.append(
            f"{lost:,.0f} euros went before to areas whose need is not known; the comparison leaves them out."
        )
    return inside
