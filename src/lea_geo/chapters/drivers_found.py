"""All that the chapter on drivers rests on, computed from what leaves the study."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lea_geo._checks.drivers import refuse_no_outcome
from lea_geo.drivers.association import Associations, associations
from lea_geo.drivers.ecological import EcologicalBounds, ecological_bounds
from lea_geo.drivers.held_out import LEAST_AREAS as LEAST_HELD_OUT
from lea_geo.drivers.held_out import HeldOut, held_out_model
from lea_geo.drivers.lee import global_lee, local_lee
from lea_geo.drivers.local import LEAST_AREAS as LEAST_LOCAL
from lea_geo.drivers.local import MOST_AREAS, MOST_MULTISCALE, LocalRegression, local_regression
from lea_geo.drivers.regression import Regression, regress
from lea_geo.drivers.scale import ScaleRange, scale_range
from lea_geo.errors import DataError, UsageError
from lea_geo.schema import WITH_VALUE
from lea_geo.spatial.local_moran import local_moran_bivariate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from lea_geo.chapter_specs.drivers import DriversSpec
    from lea_geo.chapters.ground import Ground
    from lea_geo.schema import Indicator
    from lea_geo.spatial.global_result import GlobalResult
    from lea_geo.spatial.local_result import LocalResult

MOST_DRIVERS = 6
"""Of the drivers that nobody named."""
LEAST_SHARE = 0.5
"""A driver that fewer of the outcome's areas have is left out, so that it does not cost the others their
areas."""
MOST_SPATIAL = 3500
"""With more areas a spatial model takes matrices of gigabytes; least squares stands instead."""
LEAST_AREAS = 10
LARGE_VIF = 5.0
"""A driver with a larger variance inflation factor gets no sentence of its own among the others."""


@dataclass
class Found:
    """What was found, and what was not and why."""

    outcome: str
    drivers: tuple[str, ...]
    members: tuple[str, ...] = ()
    """Drivers that are part of the outcome, or count some of the same people as it does."""
    one_whole: bool = False
    """Whether some are shares of the same people."""
    n: int = 0
    associations: Associations | None = None
    scales: dict[str, ScaleRange] = field(default_factory=dict)
    lee: dict[str, GlobalResult] = field(default_factory=dict)
    places: dict[str, LocalResult] = field(default_factory=dict)
    around: dict[str, LocalResult] = field(default_factory=dict)
    """The outcome of an area among its neighbours' driver."""
    entangled: tuple[str, ...] = ()
    """Drivers whose coefficients say little, because the others nearly give them."""
    regression: Regression | None = None
    local: LocalRegression | None = None
    held_out: HeldOut | None = None
    persons: dict[str, EcologicalBounds] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def note(self, sentences: tuple[str, ...] | list[str]) -> None:
        """Keep what was said, once."""
        self.notes += [one for one in sentences if one not in self.notes]


def values_of(ground: Ground, code: str) -> pd.Series[float]:
    """Return the values that are known of an indicator, NaN elsewhere."""
    cells = ground.cells(code)
    known = cells["status"].isin([str(one) for one in WITH_VALUE])
    return cells["value"].where(known).astype(float).rename(code)


def parts_of(ground: Ground, code: str) -> set[str]:
    """Return the codes of everything that a composite is made of."""
    indicators = {one.code: one for one in ground.findings.indicators}
    found: set[str] = set()
    waiting = [code]
    while waiting:
        for member in indicators[waiting.pop()].members:
            if member not in found:
                found.add(member)
                waiting += [member] if member in indicators else []
    return found


def chosen(ground: Ground, spec: DriversSpec) -> tuple[str, tuple[str, ...]]:
    """Return the codes of the outcome and of its drivers, named or as the chapter finds fit."""
    if spec.outcome:
        ground.codes((spec.outcome,), key="[drivers] outcome")
    codes = ground.codes(spec.indicators, key="[drivers] indicators")
    outcome = spec.outcome or _usual_outcome(ground, spec.indicators)
    if spec.indicators:
        return outcome, codes
    taken = parts_of(ground, outcome) | {outcome}
    return outcome, tuple(code for code in codes if code not in taken)[:MOST_DRIVERS]


def _usual_outcome(ground: Ground, drivers: tuple[str, ...]) -> str:
    """Return the index, unless it is a driver or made of all else; then the first free indicator."""
    index, plain = ground.index_code, ground.codes()
    if index and index not in drivers and set(plain) - parts_of(ground, index):
        return index
    free = [code for code in plain if code not in drivers]
    return free[0] if free else refuse_no_outcome()


def find(ground: Ground, spec: DriversSpec) -> Found:
    """Compute everything that the study asks for and its areas bear; what they do not is noted."""
    outcome, drivers = chosen(ground, spec)
    y = values_of(ground, outcome)
    notes: list[str] = []
    x = _usable(ground, y, drivers, notes)
    found = Found(outcome, tuple(x.columns), notes=notes)
    found.members = tuple(code for code in found.drivers if _made_of_one(ground, outcome, code))
    found.one_whole = _one_whole(ground, (outcome, *found.drivers))
    if not found.drivers or int(y.notna().sum()) < LEAST_AREAS:
        found.note([f"Fewer than {LEAST_AREAS} areas have values, or no driver does: nothing is computed."])
        return found
    coords, counts = places_of(ground), _counts(ground, (outcome, *found.drivers))
    found.n = int((y.notna() & x.notna().all(axis=1)).sum())
    found.associations = _tried(
        found, lambda: associations(y, x, coords=coords, counts=counts, level=spec.level)
    )
    if found.associations is None:
        return found
    for code in found.drivers:
        _pair(ground, spec, found, y, x[code], counts)
    free = x.drop(columns=list(found.members))
    if free.empty or free.shape[1] == 0:
        found.note(["Every driver is part of the outcome, so no model is made."])
        return found
    if found.members:
        found.note([f"{', '.join(found.members)} overlap with the outcome and are in no model."])
    x = free
    found.entangled = _entangled(y, x)
    if found.entangled:
        named = ", ".join(found.entangled)
        found.note(
            [f"The other drivers nearly give {named} (VIF above {LARGE_VIF:g}): no sentence of theirs alone."]
        )
    _regression(ground, spec, found, y, x)
    _local(ground, spec, found, y, x, coords)
    _held_out(ground, spec, found, y, x, coords)
    return found


def _made_of_one(ground: Ground, outcome: str, code: str) -> bool:
    """Whether a driver is part of the outcome, or both count some of the same people."""
    one, two = ground.indicator(outcome), ground.indicator(code)
    shared = {*one.numerator, *filter(None, (one.field,))} & {*two.numerator, *filter(None, (two.field,))}
    return code in parts_of(ground, outcome) or bool(shared)


def _usable(ground: Ground, y: pd.Series[float], drivers: tuple[str, ...], notes: list[str]) -> pd.DataFrame:
    columns = {}
    for code in drivers:
        values = values_of(ground, code)
        both = values[y.notna()].dropna()
        if len(both) < max(LEAST_AREAS, LEAST_SHARE * int(y.notna().sum())):
            notes.append(f"{code} is left out: only {len(both)} areas have it and the outcome.")
        elif both.nunique() < 3:
            notes.append(f"{code} is left out: it has hardly any different values.")
        else:
            columns[code] = values
    return pd.DataFrame(columns, index=y.index)


def places_of(ground: Ground) -> pd.DataFrame:
    """Return a point within each area."""
    points = ground.findings.areas.geometry.representative_point()
    return pd.DataFrame({"x": points.x, "y": points.y}, index=ground.areas)


def _counts(ground: Ground, codes: tuple[str, ...]) -> dict[str, pd.DataFrame]:
    """Return the counts of those that are proportions of people."""
    found = {}
    for code in codes:
        if not ground.indicator(code).is_rate:
            continue
        cells = ground.cells(code)[["numerator", "denominator"]].astype(float)
        cells = cells.where(cells.notna().all(axis=1))
        if (cells["numerator"] <= cells["denominator"]).sum() == cells["numerator"].notna().sum() > 2:
            found[code] = cells
    return found


def _one_whole(ground: Ground, codes: tuple[str, ...]) -> bool:
    wholes = [ground.indicator(code).denominator for code in codes if ground.indicator(code).is_rate]
    return len(set(wholes)) < len(wholes)


def _tried(found: Found, make: Callable[[], Any]) -> Any:  # noqa: ANN401 - whatever is made
    """Return what is made, or note why the areas do not bear it."""
    try:
        made = make()
    except (DataError, UsageError) as error:
        found.note([" ".join(str(error).split())])
        return None
    found.note(made.notes)
    return made


def _pair(
    ground: Ground,
    spec: DriversSpec,
    found: Found,
    y: pd.Series[float],
    x: pd.Series[float],
    counts: Mapping[str, pd.DataFrame],
) -> None:
    """Find all that is asked of the outcome and one driver."""
    code = str(x.name)
    found.lee[code] = global_lee(y, x, ground.graph, seed=ground.seed)
    found.places[code] = local_lee(y, x, ground.graph, seed=ground.seed, fdr=spec.fdr)
    found.around[code] = local_moran_bivariate(y, x, ground.graph, seed=ground.seed, fdr=spec.fdr)
    if spec.scales:
        made = _tried(
            found,
            lambda: scale_range(
                y,
                x,
                ground.graph,
                runs=spec.runs,
                seed=ground.seed,
                x_counts=counts.get(found.outcome),
                y_counts=counts.get(code),
                levels=_levels(ground, found.outcome, code),
            ),
        )
        if made is not None:
            found.scales[code] = made
    if code in found.members:
        return
    if _same_people(ground.indicator(found.outcome), ground.indicator(code)) and {found.outcome, code} <= set(
        counts
    ):
        group, outcome = counts[code], counts[found.outcome]
        people = group["denominator"].where(group["denominator"] == outcome["denominator"])
        if people.notna().any():
            found.persons[code] = ecological_bounds(group["numerator"], outcome["numerator"], people)


def _same_people(one: Indicator, other: Indicator) -> bool:
    return one.is_rate and other.is_rate and one.denominator == other.denominator


def _levels(ground: Ground, outcome: str, code: str) -> dict[str, pd.DataFrame]:
    found = {}
    for level, findings in ground.levels.items():
        if outcome in findings.results and code in findings.results:
            cells = {name: findings.results[one] for name, one in (("x", outcome), ("y", code))}
            words = [str(one) for one in WITH_VALUE]
            found[level] = pd.DataFrame(
                {
                    name: part["value"].where(part["status"].isin(words)).astype(float)
                    for name, part in cells.items()
                }
            )
    return found


def _entangled(y: pd.Series[float], x: pd.DataFrame) -> tuple[str, ...]:
    whole = x[y.notna() & x.notna().all(axis=1)]
    if x.shape[1] < 2 or len(whole) < LEAST_AREAS:
        return ()
    inflation = np.diag(np.linalg.pinv(np.corrcoef(whole, rowvar=False)))
    return tuple(str(code) for code, one in zip(x.columns, inflation, strict=True) if one > LARGE_VIF)


def _regression(
    ground: Ground, spec: DriversSpec, found: Found, y: pd.Series[float], x: pd.DataFrame
) -> None:
    weights = _weights(ground, spec, found, y, x)
    first = _tried(
        found, lambda: regress(y, x, ground.graph, weights=weights, level=spec.level, seed=ground.seed)
    )
    found.regression = first
    wanted = first.decision if spec.model == "auto" and first is not None else spec.model
    if first is None or wanted in ("ols", ""):
        return
    if found.n > MOST_SPATIAL and wanted != "slx":
        found.note(
            [f"More than {MOST_SPATIAL} areas: no spatial regression is fitted, least squares stands."]
        )
        return
    kept = weights if wanted == "slx" else None
    fitted = _tried(
        found,
        lambda: regress(y, x, ground.graph, model=wanted, weights=kept, level=spec.level, seed=ground.seed),
    )
    found.regression = fitted or first


def _weights(
    ground: Ground, spec: DriversSpec, found: Found, y: pd.Series[float], x: pd.DataFrame
) -> pd.Series[float] | None:
    if not spec.weighted:
        return None
    people = ground.cells(found.outcome)["denominator"].astype(float)
    whole = y.notna() & x.notna().all(axis=1)
    if not (people[whole] > 0).all():
        found.note(["The outcome has no population for every area: areas count alike."])
        return None
    return people


def _local(
    ground: Ground,
    spec: DriversSpec,
    found: Found,
    y: pd.Series[float],
    x: pd.DataFrame,
    coords: pd.DataFrame,
) -> None:
    if not spec.local:
        return
    if not LEAST_LOCAL <= found.n <= MOST_AREAS:
        found.note(
            [f"Local regression is skipped: {found.n} areas, and it takes {LEAST_LOCAL} to {MOST_AREAS}."]
        )
        return
    several = spec.multiscale and found.n <= MOST_MULTISCALE
    if spec.multiscale and not several:
        found.note([f"More than {MOST_MULTISCALE} areas: all drivers share one bandwidth."])
    found.local = _tried(
        found,
        lambda: local_regression(
            y,
            x,
            coords,
            graph=ground.graph,
            multiscale=several,
            runs=spec.runs - 1,
            seed=ground.seed,
            level=spec.level,
            fdr=spec.fdr,
        ),
    )


def _held_out(
    ground: Ground,
    spec: DriversSpec,
    found: Found,
    y: pd.Series[float],
    x: pd.DataFrame,
    coords: pd.DataFrame,
) -> None:
    if spec.held_out == "none":
        return
    if found.n < LEAST_HELD_OUT:
        found.note([f"Nothing is held out: {found.n} areas, and it takes {LEAST_HELD_OUT}."])
        return
    groups = ground.municipality if spec.held_out == "municipalities" else None
    found.held_out = _tried(
        found,
        lambda: held_out_model(
            y,
            x,
            coords,
            graph=ground.graph,
            groups=groups,
            folds=min(spec.folds, found.n // 4),
            repeats=spec.repeats,
            buffer=spec.buffer,
            level=spec.level,
            seed=ground.seed,
        ),
    )
    if (
        found.held_out is not None
        and np.isfinite(found.held_out.skill["lower"].iloc[0])
        and spec.folds > found.n // 4
    ):
        found.note([f"{found.n} areas bear {found.n // 4} folds, not {spec.folds}."])
