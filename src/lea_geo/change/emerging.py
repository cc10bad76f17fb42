"""Emerging hot spots: where places become, stay or cease to be hot or cold over the years, and how sure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lea_geo._by_area import ByArea
from lea_geo._checks import check_choice, check_fraction
from lea_geo._checks.trends import check_ends, check_share_of_steps, check_years
from lea_geo.change.emerging_periods import period_tests, third
from lea_geo.change.emerging_space_time import SpaceTimeResult, space_time_g
from lea_geo.change.emerging_told import RULES, Told, sensitivity
from lea_geo.change.trend import TrendResult, mann_kendall
from lea_geo.spatial.graph import as_graph

if TYPE_CHECKING:
    from collections.abc import Mapping

    from libpysal.graph import Graph

    from lea_geo.spatial.graph import AreaGraph

EMERGING_COLUMNS = (
    "class",
    "certainty",
    "years",
    "years_hot",
    "years_cold",
    "z_first",
    "z_last",
    "z_start",
    "z_now",
    "q_start",
    "q_now",
    "tau",
    "p_trend",
    "q_trend",
    "trend",
)
_BY_RULE: Mapping[str, Mapping[str, object]] = {
    "tested": {
        "window": 0,
        "against": "year",
        "fdr": 0.05,
        "trend_correction": "bh",
        "autocorrelation": "pooled",
        "method": "auto",
        "moments": "conditional",
    },
    "arcgis": {
        "window": 1,
        "against": "cube",
        "fdr": 0.10,
        "trend_correction": "none",
        "autocorrelation": "none",
        "method": "analytic",
        "moments": "total",
    },
}
"""What an option is where it is left out."""


@dataclass(frozen=True, kw_only=True)
class EmergingResult(ByArea):
    """The class of every area, what it rests on, and every setting that decided it."""

    table: pd.DataFrame
    """Indexed by ``area_id``, with ``EMERGING_COLUMNS``: ``class``, one of ``emerging_classes.CLASSES`` (or
    ``ARCGIS_CLASSES``); ``certainty``: ``firm``, ``likely``, ``unsure`` or blank; how many ``years`` have a
    test, and in how many the area was told to be hot and cold; the statistic in the first and the last year,
    and that of the first and the last years together (``z_start``, ``z_now``); the q-values of being hot or
    cold at the start and now, by whichever of the two tells more; Kendall's ``tau`` of the statistic over the
    years, with the p- and q-value of its ``trend``."""
    told: pd.DataFrame
    """A column a year: 1 where an area was told to be hot, -1 cold, 0 neither, NaN where it has no test."""
    by_year: SpaceTimeResult
    """The statistic of every area in every year."""
    trends: TrendResult
    """Mann-Kendall's test of the statistic over the years."""
    sensitivity: pd.DataFrame
    """How many areas are in each class when one threshold is moved and the others stay: ``setting value
    used``, ``moved`` (areas whose class is another then) and a column for each class."""
    settings: Mapping[str, object]
    """Every threshold and option, as plain JSON values."""
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        counts = self.table["class"].value_counts()
        told = ", ".join(f"{n} {word}" for word, n in counts.items() if word)
        return f"<EmergingResult {self.settings['rule']}: {len(self.table)} areas; {told}>"


def emerging_hotspots(
    values: pd.DataFrame,
    graph: AreaGraph | Graph,
    *,
    rule: str = "tested",
    window: int | None = None,
    against: str | None = None,
    fdr: float | None = None,
    trend_fdr: float | None = None,
    correction: str = "bh",
    trend_correction: str | None = None,
    family: str = "all",
    autocorrelation: str | None = None,
    ends: int | None = None,
    share: float = 0.9,
    method: str | None = None,
    permutations: int | None = None,
    seed: int = 0,
    transform: str = "row",
) -> EmergingResult:
    """Class areas by how hot and cold spots come and go: G_i* of each year, Mann-Kendall's test over them.

    ``rule="tested"``: is it hot now, was it at the start, and does the statistic rise or fall, each told at a
    stated false discovery rate, make the words new, lasting, strengthening, weakening, former and fluctuating
    (:func:`lea_geo.change.emerging_classes.told_classes`). Nothing hangs on a share of the years, and what
    a test cannot tell lowers the certainty. ``rule="arcgis"``: ArcGIS's seventeen patterns and its defaults.

    Parameters
    ----------
    values
        Indexed by ``area_id``, a column for each year, three or more; NaN where there is no value.
    graph
        Whose ids are those of ``values``.
    rule
        ``"tested"`` or ``"arcgis"``. Options left out are what the rule names, here as tested / arcgis.
    window, against, method, permutations, seed, transform
        As in :func:`space_time_g`: 0 / 1, ``"year"`` / ``"cube"``, ``"auto"`` / ``"analytic"``.
    fdr
        Level at which a year is told to be hot or cold: 0.05 / 0.10.
    trend_fdr
        Level at which a trend is told; left out, that of ``fdr``.
    correction, family
        Of the years' tests, as in :func:`space_time_g`.
    trend_correction
        Of the trends' tests: ``"bh"`` / ``"none"``.
    autocorrelation
        Of the statistic over the years, as in :func:`mann_kendall`: ``"pooled"`` / ``"none"``.
    ends
        How many years at either end are also taken together, for ``rule="tested"``: left out, a third of
        them, at least one.
    share
        Of the years in which an area is hot, for ``rule="arcgis"`` only: 0.9.

    Raises
    ------
    UsageError, ValuesError, ResolutionError
        As :func:`space_time_g` and :func:`mann_kendall`; fewer than three years.

    References
    ----------
    Ord and Getis (1995), https://doi.org/10.1111/j.1538-4632.1995.tb00912.x
    Mann (1945), https://doi.org/10.2307/1907187
    Esri, How Emerging Hot Spot Analysis works, ArcGIS Pro 3.3 documentation
    """
    check_choice("rule", rule, RULES)
    check_share_of_steps(share)
    index, years, x = check_years(values)
    ends = third(len(years)) if ends is None else check_ends(ends, len(years))
    given = {
        "window": window,
        "against": against,
        "fdr": fdr,
        "trend_correction": trend_correction,
        "autocorrelation": autocorrelation,
        "method": method,
    }
    chosen = {**_BY_RULE[rule], **{name: one for name, one in given.items() if one is not None}}
    chosen |= {"rule": rule, "family": family, "correction": correction, "share": share, "ends": ends}
    chosen["trend_fdr"] = chosen["fdr"] if trend_fdr is None else trend_fdr
    check_fraction("trend_fdr", float(str(chosen["trend_fdr"])))
    by_year = _by_year(values, graph, chosen, permutations=permutations, seed=seed, transform=transform)
    statistic = by_year.wide("statistic")
    trends = mann_kendall(
        statistic.loc[index],
        autocorrelation=str(chosen["autocorrelation"]),
        fdr=float(str(chosen["trend_fdr"])),
        correction=str(chosen["trend_correction"]),
    )
    ordered = pd.DataFrame(x, index=index, columns=years)
    options: dict[str, Any] = {
        "method": chosen["method"],
        "permutations": permutations,
        "seed": seed,
        "transform": transform,
    }
    at = partial(period_tests, ordered, as_graph(graph), options)  # of how many years at either end
    told = Told.of(by_year, trends, at(ends) if rule == "tested" else None)
    settings = {**chosen, "permutations": permutations, "seed": seed, "transform": transform}
    return EmergingResult(
        table=_table(told, chosen, by_year, trends),
        told=pd.DataFrame(
            np.where(np.isnan(told.p), np.nan, told.sides(chosen)[0]), index=told.index, columns=years
        ),
        by_year=by_year,
        trends=trends,
        sensitivity=sensitivity(told, chosen, at),
        settings=settings,
        notes=(*by_year.notes, *trends.notes, *_notes(told, chosen)),
    )


def _by_year(
    values: pd.DataFrame, graph: AreaGraph | Graph, chosen: Mapping[str, object], **options: object
) -> SpaceTimeResult:
    names = ("window", "against", "fdr", "correction", "family", "method", "moments")
    picked = {name: chosen[name] for name in names}
    return space_time_g(values, graph, **picked, **options)  # type: ignore[arg-type] # checked there


def _table(
    told: Told, chosen: Mapping[str, object], by_year: SpaceTimeResult, trends: TrendResult
) -> pd.DataFrame:
    words, sure = told.classes(chosen)
    sides, _ = told.sides(chosen)
    q, q_periods = told.q(chosen)
    z = by_year.wide("statistic").loc[told.index].to_numpy(float)
    trend = trends.table
    columns = {
        "class": pd.array(words, dtype="str"),
        "certainty": pd.array(sure, dtype="str"),
        "years": (~np.isnan(told.p)).sum(axis=1),
        "years_hot": (sides == 1).sum(axis=1),
        "years_cold": (sides == -1).sum(axis=1),
        "z_first": z[:, 0],
        "z_last": z[:, -1],
        "z_start": told.periods.z[:, 0] if told.periods else z[:, 0],
        "z_now": told.periods.z[:, 2] if told.periods else z[:, -1],
        "q_start": np.fmin(q[:, 0], q_periods[:, 0]),
        "q_now": np.fmin(q[:, -1], q_periods[:, 2]),
        "tau": trend["tau"].to_numpy(),
        "p_trend": trend["p_value"].to_numpy(),
        "q_trend": trend["q_value"].to_numpy(),
        "trend": pd.array(trend["trend"].to_numpy(dtype=object), dtype="str"),
    }
    return pd.DataFrame(columns, index=told.index)[list(EMERGING_COLUMNS)]


def _notes(told: Told, chosen: Mapping[str, object]) -> tuple[str, ...]:
    notes = []
    blind = int((~told.tested).sum())
    if blind and chosen["rule"] == "tested":
        notes.append(f"{blind} of {len(told.index)} areas have no test in the first or the last year.")
    if int(str(chosen["window"])) and chosen["autocorrelation"] == "none":
        notes.append(
            "Neighbourhoods that reach over earlier years make successive statistics alike: trends are told "
            "too often. autocorrelation='pooled' reckons with that."
        )
    if chosen["against"] == "cube":
        notes.append(
            "Each year is compared with all years: what rises or falls everywhere makes hot and cold spots."
        )
    return tuple(notes)
