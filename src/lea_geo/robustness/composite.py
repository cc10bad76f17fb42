"""An index run thousands of times, with other methods and with other values that could be true."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo._checks.robustness_runs import check_workers
from lea_geo._progress import steps
from lea_geo.robustness.alone import alone, settings_alone
from lea_geo.robustness.result import TABLE_COLUMNS, CompositeRobustness
from lea_geo.robustness.runs import blocks, run_all
from lea_geo.robustness.sensitivity import sensitivity_of
from lea_geo.robustness.streams import Key
from lea_geo.robustness.summary import distribution, shares, tier_spans
from lea_geo.robustness.trial import build_trial
from lea_geo.robustness_spec import FACTORS, RobustnessSpec
from lea_geo.schema import AREA_ID

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from libpysal.graph import Graph

    from lea_geo.composite_spec import CompositeSpec
    from lea_geo.intake.join import JoinedIndicators
    from lea_geo.intake.tables import IndicatorTable
    from lea_geo.rates.empirical_bayes import Links
    from lea_geo.robustness.alone import Alone
    from lea_geo.robustness.plan import Setting
    from lea_geo.robustness.runs import Runs
    from lea_geo.robustness.sensitivity import CompositeSensitivity
    from lea_geo.robustness.trial import Trial
    from lea_geo.spec import StudySpec

    Table = pd.DataFrame | IndicatorTable | JoinedIndicators
    Frames = Mapping[str, pd.DataFrame]


def composite_robustness(
    table: Table,
    spec: CompositeSpec | StudySpec | Mapping[str, Any],
    how: RobustnessSpec | None = None,
    *,
    counts: Frames | None = None,
    bounds: Frames | None = None,
    standard_errors: pd.DataFrame | None = None,
    nodes: Sequence[str] = (),
    population: pd.Series | None = None,
    graph: Links | Graph | None = None,
    attributes: pd.DataFrame | None = None,
    workers: int | None = None,
    progress: bool = False,
) -> CompositeRobustness:
    """Run an index many times, with methods and values that could as well have been, and say what stands.

    Each run draws every factor anew and by itself: a way of normalising, of weighting (and each weight up to
    ``weights_within`` of itself away), of aggregating and of filling gaps, an indicator to leave out, true
    rates as far as small numbers leave them open, and each suppressed value within its bounds. The stated
    method is among those drawn. docs/robustness.md says what the results mean and what they do not cover.

    Parameters
    ----------
    table, spec, population, graph, attributes
        As for :func:`lea_geo.composite_index`.
    how
        What is varied, and how often; left out, that of the study, or ``RobustnessSpec()``.
    counts
        By indicator, a frame with ``numerator`` and ``denominator`` of its values by ``area_id``; left out,
        the table's own where it is one of ``read_indicators``. Indicators without counts have no noise.
    bounds
        By indicator, a frame with ``lower`` and ``upper`` of its suppressed values; left out, the table's
        own. A value without both stays a gap.
    standard_errors
        Columns of standard errors, named as the indicators, of values that have no counts.
    nodes
        Codes of the groups whose scores are wanted; left out, the index, or both ledgers.
    workers
        Threads; left out, one a core. The results do not depend on it.
    progress
        Whether to draw a bar on stderr.

    Returns
    -------
    CompositeRobustness
        For each area the distribution of its score and rank, the probability to be among the worst, the tier
        that holds, and the choice that moves it most.

    Raises
    ------
    SpecError
        Some scale cannot meet some way of aggregation, or the index contradicts itself.
    ValuesError
        Ids, counts or bounds do not fit the values.
    UsageError
        An option is out of range.

    References
    ----------
    OECD and JRC (2008), Handbook on Constructing Composite Indicators, step 7,
    https://doi.org/10.1787/9789264043466-en
    Saisana, Saltelli and Tarantola (2005), https://doi.org/10.1111/j.1467-985X.2005.00350.x

    Examples
    --------
    >>> areas = pd.Index(["00100", "00120", "00130", "00140"], name="area_id")
    >>> table = pd.DataFrame({"poor": [10.0, 20, 30, 60], "alone": [5.0, 9, 8, 20]}, index=areas)
    >>> said = {"indicators": [{"code": "poor", "direction": "weakens"},
    ...                        {"code": "alone", "direction": "weakens"}]}
    >>> people = pd.DataFrame({"numerator": [10, 20, 30, 60], "denominator": 100}, index=areas)
    >>> found = composite_robustness(table, said, RobustnessSpec(runs=100), counts={"poor": people})
    >>> print(found.table.loc["00140", "p_worst"])
    1.0
    """
    trial = build_trial(
        table,
        spec,
        how,
        beside=(counts, bounds, standard_errors),
        nodes=nodes,
        population=population,
        graph=graph,
        attributes=attributes,
    )
    return _run(trial, check_workers(workers), progress=progress)


def composite_sensitivity(
    table: Table,
    spec: CompositeSpec | StudySpec | Mapping[str, Any],
    how: RobustnessSpec | None = None,
    *,
    rows: int = 256,
    counts: Frames | None = None,
    bounds: Frames | None = None,
    standard_errors: pd.DataFrame | None = None,
    nodes: Sequence[str] = (),
    population: pd.Series | None = None,
    graph: Links | Graph | None = None,
    attributes: pd.DataFrame | None = None,
    workers: int | None = None,
    progress: bool = False,
) -> CompositeSensitivity:
    """Return Sobol indices: which part of the ranks' variance each factor makes, alone and with others.

    The factors are those of :func:`composite_robustness`, each with all its random numbers. For the whole
    index the output is the mean distance of an area's rank from its stated rank (OECD and JRC 2008, step 7);
    for each area it is its own rank.

    Parameters
    ----------
    table, spec, how, counts, bounds, standard_errors, nodes, population, graph, attributes, workers, progress
        As for :func:`composite_robustness`; of ``nodes`` the first counts, and ``how.runs`` is of no account.
    rows
        Of the design: the index runs ``rows * (2 + factors)`` times. Standard errors fall with its root.

    Returns
    -------
    CompositeSensitivity
        First-order and total indices with standard errors, for the index and for every area.

    Raises
    ------
    SpecError, ValuesError, UsageError
        As :func:`composite_robustness`.

    References
    ----------
    Saltelli et al. (2010), https://doi.org/10.1016/j.cpc.2009.09.018
    """
    trial = build_trial(
        table,
        spec,
        how,
        beside=(counts, bounds, standard_errors),
        nodes=nodes,
        population=population,
        graph=graph,
        attributes=attributes,
    )
    return sensitivity_of(trial, rows=rows, workers=workers, progress=progress)


def _run(trial: Trial, workers: int | None, *, progress: bool) -> CompositeRobustness:
    plan, how = trial.plan, trial.how
    settings = [plan.setting((Key(run),) * len(FACTORS)) for run in range(how.runs)]
    listed = settings_alone(plan)
    scores, rank = trial.stated()
    with steps(shown=progress) as bar:
        bar.expect(blocks(len(settings)) + blocks(len(listed)))
        runs = run_all(
            plan,
            settings,
            worst=how.worst,
            signs=trial.signs,
            workers=workers,
            tick=lambda: bar.begin(f"{how.runs} runs"),
        )
        single = alone(plan, listed, rank, workers=workers, tick=lambda: bar.begin("one choice at a time"))
    tables = {
        code: _table(trial, at, runs, single, scores[at], rank[at], workers)
        for at, code in enumerate(trial.nodes)
    }
    return CompositeRobustness(
        table=next(iter(tables.values())),
        tables=tables,
        sensitivity=_sensitivity(trial, single),
        shifts=_frame(trial, dict(zip(FACTORS, single.shift[0], strict=True)))[list(plan.moving)],
        runs=_chosen(trial, settings),
        choices=trial.choices,
        spec=trial.spec,
        how=how,
        notes=trial.notes,
        trial=trial,
    )


def _frame(trial: Trial, columns: Mapping[str, np.ndarray]) -> pd.DataFrame:
    return pd.DataFrame(dict(columns), index=trial.index.rename(AREA_ID))


def _table(
    trial: Trial,
    node: int,
    runs: Runs,
    single: Alone,
    score: np.ndarray,
    rank: np.ndarray,
    workers: int | None,
) -> pd.DataFrame:
    lower, upper = tier_spans(runs.tally.tiers[node], trial.how.holds)
    mover, without = single.mover(node), single.without[node]
    words = np.array([*FACTORS, ""], dtype=object)[mover]
    codes = np.array([*trial.codes, ""], dtype=object)[without]
    found = {
        "score": score,
        "rank": np.where(rank > 0, rank, np.nan),
        **distribution(runs, node, workers=workers),
        **shares(runs.tally, node),
        "tier_lower": lower,
        "tier_upper": upper,
        "moved_by": pd.array(words, dtype="str"),
        "moved_by_code": pd.array(np.where(words == "indicators", codes, ""), dtype="str"),
        "ranked": runs.tally.ranked[node] / trial.how.runs,
    }
    return _frame(trial, found)[list(TABLE_COLUMNS)]


def _sensitivity(trial: Trial, single: Alone) -> pd.DataFrame:
    """Return a row for each factor that can make a difference."""
    mover = single.mover(0)
    scored = max(1, int((~np.isnan(single.shift[0, 0])).sum()))
    rows = {
        factor: {
            "choices": float(len(trial.choices[factor])) if factor in trial.choices else np.nan,
            "rank_shift": float(np.nansum(single.shift[0, FACTORS.index(factor)])) / scored,
            "moves_most": float((mover == FACTORS.index(factor)).sum()) / scored,
        }
        for factor in trial.plan.moving
    }
    return pd.DataFrame.from_dict(
        rows, orient="index", columns=["choices", "rank_shift", "moves_most"]
    ).rename_axis("factor")


def _chosen(trial: Trial, settings: Sequence[Setting]) -> pd.DataFrame:
    """Return what each run chose, in words."""
    places = {
        "normalise": "normalise",
        "weights": "weighting",
        "aggregate": "aggregate",
        "impute": "impute",
        "indicators": "left_out",
    }
    columns = {
        ("left_out" if factor == "indicators" else factor): pd.Categorical.from_codes(
            np.array([getattr(one, place) for one in settings]), categories=pd.Index(trial.choices[factor])
        )
        for factor, place in places.items()
    }
    return pd.DataFrame(columns, index=pd.RangeIndex(len(settings), name="run"))
