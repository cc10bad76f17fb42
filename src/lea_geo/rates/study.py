"""What a study makes of its rates: shrunk, graded, or added up over years, as its file says."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from lea_geo._checks.rates import check_graph_for, check_parent_column
from lea_geo.rates.bym2 import bym2
from lea_geo.rates.empirical_bayes import empirical_bayes
from lea_geo.rates.marginal import beta_binomial, poisson_gamma
from lea_geo.rates.parent import shrink_to_parent
from lea_geo.rates.pool_years import pool_years
from lea_geo.rates.reliable import reliability
from lea_geo.schema import CELL_COLUMNS, MUNICIPALITY, WITH_VALUE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from libpysal.graph import Graph

    from lea_geo.rates.empirical_bayes import Links
    from lea_geo.rates.reliable import Reliability
    from lea_geo.rates_spec import RatesSpec

STEADIED_COLUMNS = ("raw", "share", "interval_lower", "interval_upper", "grade", "reason")
"""What stands beside an indicator's cells: its value as counted; the share of that in the value, where the
method has one; the interval that the method gives; and how far the counts can be relied on."""
_PARTS = ["numerator", "denominator"]
_DRAWN = "Rates are drawn towards"
_SAID = {
    "empirical_bayes": f"{_DRAWN} the mean of all areas, the more the fewer people they are of "
    "(empirical Bayes, Marshall 1991).",
    "local": f"{_DRAWN} the mean of each area and its neighbours, the more the fewer people they are of "
    "(local empirical Bayes, Marshall 1991).",
    "beta_binomial": f"{_DRAWN} the mean of all areas by a beta law fitted to them (beta-binomial, maximum "
    "likelihood).",
    "poisson_gamma": f"{_DRAWN} the mean of all areas by a gamma law fitted to them (Poisson-gamma, maximum "
    "likelihood).",
    "parent": f"{_DRAWN} the rate of what the area belongs to ({{parent}}), on the logit, as in the English "
    "Indices of Deprivation (McLennan et al. 2019).",
    "bym2": f"{_DRAWN} those of neighbours and of all areas by a spatial model (BYM2, Riebler et al. 2016).",
}


@dataclass(frozen=True)
class SteadiedCells:
    """An indicator's cells as the study asked for them."""

    cells: pd.DataFrame
    """Indexed as the cells given: ``schema.CELL_COLUMNS``, then ``STEADIED_COLUMNS``."""
    method: str
    """What was done: one of ``RATE_METHODS``; ``raw`` where the method does not fit the indicator."""
    level: float
    counts: Mapping[str, int] = field(default_factory=dict)
    """How many areas have each grade; empty where the study states no rule."""
    notes: tuple[str, ...] = ()
    """What a reader of the report must know, a sentence each; the indicator is not named."""


class _Case(NamedTuple):
    """Counts of the areas that have a value, and what methods need beside them."""

    x: pd.Series
    n: pd.Series
    kind: str
    graph: Links | Graph | None
    attributes: pd.DataFrame | None
    parent: str
    level: float


def smoothed(
    cells: pd.DataFrame,
    how: RatesSpec,
    *,
    kind: str,
    scale: float = 1.0,
    graph: Links | Graph | None = None,
    attributes: pd.DataFrame | None = None,
    level: float = 0.95,
) -> SteadiedCells:
    """Return an indicator's cells with the values and grades that the study asks for.

    Parameters
    ----------
    cells
        Indexed by ``area_id``, with ``schema.CELL_COLUMNS``. Areas without a value stay without one.
    how
        What the study says of rates.
    kind
        What chance makes of the counts: ``"proportion"``, ``"rate"``, or empty where there are none; then
        values stay as they are.
    scale
        The value is ``scale * numerator / denominator``.
    graph
        Who is whose neighbour, for ``local`` and ``bym2``; the same areas as the cells.
    attributes
        For ``parent``: indexed by ``area_id``, with the column that the study names.
    level
        Probability that an interval holds the rate.

    Raises
    ------
    UsageError
        If the method lacks its graph or its attribute.
    ValuesError
        If counts, graph or attributes do not fit together.
    """
    held = cells["status"].isin([str(status) for status in WITH_VALUE])
    if not kind or not held.any():
        return _as_counted(cells, how, level, kind)
    x, n = (cells[part].where(held) for part in _PARTS)
    parent = how.parent or MUNICIPALITY
    case = _Case(x, n, kind, graph, attributes, parent, level)
    method = _method(how.method, kind)
    table, told = _METHODS[method](case) if method != "raw" else (_raw(case), ())
    columns = {name: cells[name] for name in CELL_COLUMNS}
    if method != "raw":
        columns["value"] = cells["value"].where(~held, scale * table["estimate"])
    for name in ("lower", "upper"):
        end = table[name].clip(upper=1.0) if kind == "proportion" else table[name]
        columns[f"interval_{name}"] = scale * end.where(held)
    graded = _graded(case, how)
    columns |= {"raw": cells["value"], "share": table["reliability"].where(held)}
    columns |= {name: graded.table[name] for name in ("grade", "reason")}
    said = () if method == "raw" else (_SAID[method].format(parent=parent),)
    return SteadiedCells(
        cells=pd.DataFrame(columns, index=cells.index)[[*CELL_COLUMNS, *STEADIED_COLUMNS]],
        method=method,
        level=level,
        counts=graded.counts if how.flags else {},
        notes=(*_unfit(how.method, method), *said, *told, *_grade_notes(graded.counts, how)),
    )


def pooled(
    cells: Mapping[int, pd.DataFrame], how: RatesSpec, *, kind: str, scale: float = 1.0
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return an indicator's cells of the latest year with counts of earlier years added where they are few.

    Parameters
    ----------
    cells
        Year to a frame indexed by ``area_id``, with ``schema.CELL_COLUMNS``; the same areas in every year.
    how
        ``years`` says how many years at most, the minima how many people and events are enough.
    kind, scale
        As in :func:`smoothed`.

    Returns
    -------
    tuple
        Cells as in the latest year, with other ``value numerator denominator`` where years were added up;
        areas without a value in the latest year stay so. And sentences that say how many years were taken.
    """
    latest = cells[max(cells)]
    if how.years == 1 or len(cells) == 1 or not kind:
        return latest, ()
    valued = [str(status) for status in WITH_VALUE]
    counts = {
        year: pd.DataFrame({part: one[part].where(one["status"].isin(valued)) for part in _PARTS})
        for year, one in cells.items()
    }
    found = pool_years(
        counts,
        kind=kind,
        minimum_denominator=how.minimum_denominator,
        minimum_numerator=how.minimum_numerator,
        most=how.years,
    )
    added = found.table["n_years"] > 1
    changed = {name: latest[name].where(~added, found.table[name]) for name in _PARTS}
    value = latest["value"].where(~added, scale * found.table["rate"])
    return latest.assign(value=value, **changed), found.notes


def _as_counted(cells: pd.DataFrame, how: RatesSpec, level: float, kind: str) -> SteadiedCells:
    """Return the cells as they are."""
    blank = pd.Series("", index=cells.index, dtype="str")
    own = cells[list(CELL_COLUMNS)].assign(raw=cells["value"])
    own = own.assign(**dict.fromkeys(("share", "interval_lower", "interval_upper"), np.nan))
    told = ("It has no counts of events and people, so it is neither drawn to other areas nor graded.",)
    asked = not kind and (how.method != "raw" or how.flags)
    return SteadiedCells(own.assign(grade=blank, reason=blank), "raw", level, notes=told if asked else ())


def _method(asked: str, kind: str) -> str:
    """Return what is done where a method is asked for: events that may recur have no share and no logit."""
    return {"beta_binomial": "poisson_gamma", "parent": "raw"}.get(asked, asked) if kind == "rate" else asked


def _unfit(asked: str, method: str) -> tuple[str, ...]:
    if asked == method or method != "raw":
        return ()
    return ("Its events may recur, so its rate has no logit to shrink it on; it stays as it was counted.",)


def _graded(case: _Case, how: RatesSpec) -> Reliability:
    largest = how.largest_cv or np.inf
    return reliability(
        case.x,
        case.n,
        kind=case.kind,
        minimum_denominator=how.minimum_denominator,
        minimum_numerator=how.minimum_numerator,
        cautious_cv=how.cautious_cv or largest,
        largest_cv=largest,
    )


def _grade_notes(counts: Mapping[str, int], how: RatesSpec) -> tuple[str, ...]:
    """Return how many rates are marked, and by which rules."""
    if not how.flags:
        return ()
    rules = (
        (how.minimum_denominator, f"fewer than {how.minimum_denominator:g} people"),
        (how.minimum_numerator, f"fewer than {how.minimum_numerator:g} events"),
        (how.largest_cv, f"a coefficient of variation above {how.largest_cv or 0:g}"),
    )
    unreliable = " or ".join(words for stated, words in rules if stated)
    rated = sum(n for grade, n in counts.items() if grade)
    told = [f"{counts['unreliable']} of {rated} rates are unreliable: {unreliable}."] if unreliable else []
    if how.cautious_cv:
        limit = f"a coefficient of variation above {how.cautious_cv:g}"
        told.append(f"{counts['caution']} of {rated} rates are to be used with caution: {limit}.")
    return tuple(told)


def _raw(case: _Case) -> pd.DataFrame:
    return pd.DataFrame(np.nan, index=case.x.index, columns=["lower", "upper", "reliability"])


def _by_moments(method: str) -> Callable[[_Case], tuple[pd.DataFrame, tuple[str, ...]]]:
    def found(case: _Case) -> tuple[pd.DataFrame, tuple[str, ...]]:
        graph = check_graph_for(case.graph, method) if method == "local" else None
        result = empirical_bayes(case.x, case.n, graph=graph, method=method, kind=case.kind)
        return result.table.assign(lower=np.nan, upper=np.nan), result.notes

    return found


def _beta(case: _Case) -> tuple[pd.DataFrame, tuple[str, ...]]:
    result = beta_binomial(case.x, case.n, level=case.level)
    return result.table, result.notes


def _gamma(case: _Case) -> tuple[pd.DataFrame, tuple[str, ...]]:
    result = poisson_gamma(case.x, case.n, level=case.level)
    return result.table, result.notes


def _parent(case: _Case) -> tuple[pd.DataFrame, tuple[str, ...]]:
    column = check_parent_column(case.attributes, case.parent)
    known = case.x.dropna().index
    # Of areas without a value nobody need know what they belong to.
    parents = column[column.index.isin(known)]
    result = shrink_to_parent(case.x[known], case.n[known], parents, level=case.level)
    return result.table.reindex(case.x.index), result.notes


def _spatial(case: _Case) -> tuple[pd.DataFrame, tuple[str, ...]]:
    graph = check_graph_for(case.graph, "bym2")
    family = "binomial" if case.kind == "proportion" else "poisson"
    result = bym2(case.x, case.n, graph, family=family, level=case.level)
    table = result.table.rename(columns={"mean": "estimate"}).assign(reliability=np.nan)
    told = ("What the model predicts for areas without a value is not taken as theirs.",)
    return table, (*result.notes, *(told if result.n_without_data else ()))


_METHODS: dict[str, Callable[[_Case], tuple[pd.DataFrame, tuple[str, ...]]]] = {
    "empirical_bayes": _by_moments("global"),
    "local": _by_moments("local"),
    "beta_binomial": _beta,
    "poisson_gamma": _gamma,
    "parent": _parent,
    "bym2": _spatial,
}
