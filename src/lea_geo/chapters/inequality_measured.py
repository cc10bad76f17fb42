"""The inequality of every indicator, from what leaves the study."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lea_geo._estimates import counted_kind
from lea_geo._notes import gathered
from lea_geo.errors import ValuesError
from lea_geo.inequality.entropy import theil
from lea_geo.inequality.gaps import difference
from lea_geo.inequality.slope import concentration_index, slope_index
from lea_geo.inequality.spatial_gini import spatial_gini
from lea_geo.inequality.spread import between_group_variance
from lea_geo.inequality.table import inequality_table
from lea_geo.schema import WITH_VALUE
from lea_geo.spatial.inference import adjusted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

    from lea_geo.chapter_specs.inequality import InequalitySpec
    from lea_geo.chapters.ground import Ground
    from lea_geo.inequality.result import Estimate, Inequality
    from lea_geo.inequality.spatial_gini import SpatialGini
    from lea_geo.inequality.table import InequalityTable
    from lea_geo.schema import Indicator

MANY_AREAS = 500
"""With more areas, intervals are made of fewer draws: chance among so many evens out."""
RUNS, RUNS_OF_MANY = 999, 199
FEWEST = 4
"""Areas with a value: with fewer there is nothing to measure the inequality of."""
FDR = 0.05
"""Of the sentences that call a gap or a pattern more than chance."""


@dataclass(frozen=True)
class Measured:
    """One indicator."""

    indicator: Indicator
    counted: bool
    """Whether the values are made of counts, so that their noise is known."""
    weighted: bool
    """Whether people are known; otherwise every area counts once."""
    all: InequalityTable
    ranked: tuple[Inequality, ...]
    """Gap, slope and concentration along the order of the study; empty where there is none."""
    own_order: bool
    """Whether that order is made of the indicator itself, among others."""
    split: tuple[Inequality, ...]
    """Theil's T and the variance by municipality; empty where there is one."""
    near: SpatialGini | None

    @property
    def gap(self) -> Estimate:
        """The gap between the two ends, of people where they are known."""
        return self.all.of("tail_difference").estimate("absolute")


@dataclass(frozen=True)
class Settings:
    """What all indicators are measured with."""

    order: pd.Series | None
    """From disadvantaged to advantaged, indexed by area; None where nothing orders them."""
    order_code: str
    made_of: frozenset[str]
    """Codes that the order is made of."""
    options: Mapping[str, Any]
    epsilon: tuple[float, ...]
    share: float
    by: str


def measure_all(ground: Ground, spec: InequalitySpec) -> tuple[list[Measured], Settings, tuple[str, ...]]:
    """Return every indicator's inequality, what it was measured with, and what is to be said of it."""
    codes = _codes(ground, spec)
    settings = _settings(ground, spec)
    found, said = [], []
    for code in codes:
        one, notes = _measure(ground, spec, settings, code)
        said.append((ground.indicator(code).name.en, notes))
        if one is not None:
            found.append(one)
    return found, settings, tuple(gathered(said))


def _codes(ground: Ground, spec: InequalitySpec) -> list[str]:
    """Return indicators that can be more or less unequal: shares, rates and means, no numbers of people."""
    codes = ground.codes(spec.indicators, key="[inequality] indicators")
    if spec.indicators:
        return list(codes)
    return [code for code in codes if ground.indicator(code).kind == "intensive"]


def _settings(ground: Ground, spec: InequalitySpec) -> Settings:
    code = ground.codes((spec.rank_by,), key="[inequality] rank_by")[0] if spec.rank_by else ground.index_code
    order = None
    if code:
        values = _values(ground.cells(code))
        order = values if ground.indicator(code).direction == "protects" else -values
    runs = spec.runs or (RUNS if len(ground.areas) <= MANY_AREAS else RUNS_OF_MANY)
    seed = ground.seed if spec.seed is None else spec.seed
    return Settings(
        order,
        code,
        _made_of(ground, code),
        {"runs": runs, "seed": seed},
        spec.epsilon,
        spec.share,
        spec.by,
    )


def _made_of(ground: Ground, code: str) -> frozenset[str]:
    """Return a code and, of a composite, those of everything that it is made of."""
    if not code:
        return frozenset()
    known = {one.code for one in ground.findings.indicators}
    members = ground.indicator(code).members
    return frozenset({code}).union(*(_made_of(ground, one) for one in members if one in known))


def _values(cells: pd.DataFrame) -> pd.Series:
    valued = cells["status"].isin([str(status) for status in WITH_VALUE])
    return cells["value"].where(valued)


def _measure(
    ground: Ground, spec: InequalitySpec, settings: Settings, code: str
) -> tuple[Measured | None, list[str]]:
    indicator, cells = ground.indicator(code), ground.cells(code)
    values = _values(cells)
    if values.notna().sum() < FEWEST:
        return None, [f"Fewer than {FEWEST} areas have a value: no inequality is measured."]
    counts, people, notes = _people(ground, spec, indicator, cells, values)
    options: dict[str, Any] = {**settings.options, **counts}
    table = inequality_table(
        values,
        people,
        favourable=indicator.direction == "protects",
        epsilon=settings.epsilon,
        share=settings.share,
        **options,
    )
    own = code in settings.made_of
    ranked = () if code == settings.order_code else _ranked(values, people, settings, options)
    split, more = _split(ground, values, people, settings, options)
    near, last = _near(ground, values, people, options)
    return (
        Measured(indicator, bool(counts), people is not None, table, ranked, own, split, near),
        [*notes, *table.notes, *more, *last],
    )


def _people(
    ground: Ground, spec: InequalitySpec, indicator: Indicator, cells: pd.DataFrame, values: pd.Series
) -> tuple[dict[str, Any], pd.Series | None, list[str]]:
    """Return the counts of an indicator's values, whose inequality it is, and what is to be said of that."""
    kind = counted_kind(indicator, cells)
    above, below = cells["numerator"], cells["denominator"]
    if kind and _fits(values, above, below):
        return {"numerator": above, "denominator": below, "kind": kind}, below, []
    notes = ["The published values are not made of the published counts by one scale."] if kind else []
    if spec.population:
        code = ground.codes((spec.population,), key="[inequality] population")[0]
        people = _values(ground.cells(code))
        return {}, people, [*notes, f"Areas count by {ground.indicator(code).name.en.lower()}."]
    return {}, None, notes


def _fits(values: pd.Series, above: pd.Series, below: pd.Series) -> bool:
    """Say whether values are their counts times one number."""
    held = values.notna()
    rate = (above[held] / below[held]).to_numpy(dtype=float)
    x = values[held].to_numpy(dtype=float)
    if not (rate > 0).any():
        return bool((x == 0).all())
    scale = float((x * rate).sum() / (rate * rate).sum())
    return bool(np.abs(x - scale * rate).max() <= 1e-6 * np.abs(x).max())


def _ranked(
    values: pd.Series, people: pd.Series | None, settings: Settings, options: dict[str, Any]
) -> tuple[Inequality, ...]:
    """Return measures along the order of the study, of areas that have a place in it."""
    if settings.order is None:
        return ()
    placed = values.where(settings.order.notna())
    standing = settings.order[placed.notna()]
    if len(standing) < FEWEST or standing.nunique() < 2:
        return ()
    gap = difference(placed, people, between="tails", rank=settings.order, share=settings.share, **options)
    slope = slope_index(placed, people, settings.order, **options)
    if not values.mean() > 0:
        return gap, slope
    return gap, slope, concentration_index(placed, people, settings.order, **options)


def _split(
    ground: Ground, values: pd.Series, people: pd.Series | None, settings: Settings, options: dict[str, Any]
) -> tuple[tuple[Inequality, ...], list[str]]:
    """Return Theil's T and the variance, split by municipality."""
    inside = ground.municipality.rename("municipality")
    known = values.where(inside != "")
    if not settings.by or inside[known.notna()].nunique() < 2:
        return (), []
    blank = int((values.notna() & known.isna()).sum())
    notes = [f"{blank} areas with a value have no municipality and are not in the split."] if blank else []
    found = [between_group_variance(known, people, nesting=inside, **options)]
    if not (known < 0).any() and known.sum() > 0:
        found.insert(0, theil(known, people, nesting=inside, **options))
    return tuple(found), notes


def _near(
    ground: Ground, values: pd.Series, people: pd.Series | None, options: dict[str, Any]
) -> tuple[SpatialGini | None, list[str]]:
    if (values < 0).any():
        return None, ["Values below zero have no Gini of near and far pairs."]
    try:
        return spatial_gini(values, people, ground.graph, **options), []
    except ValuesError as error:
        return None, [f"No Gini of near and far pairs: {error.faults[0]}"]


def q_values(found: Iterable[float]) -> list[float]:
    """Return Benjamini and Hochberg's q-values of p-values, NaN where there is none."""
    p_values = np.array(list(found), dtype=float)
    if not np.isfinite(p_values).any():
        return [float("nan")] * len(p_values)
    return [float(q) for q in adjusted(p_values, "bh")]
