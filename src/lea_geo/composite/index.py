"""A composite index, step by step: from a table of indicators to scores, ranks and effective weights."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lea_geo._checks.composite_data import check_scales
from lea_geo.composite.account import log_of, nodes_of, notes_of, table_of, weights_of
from lea_geo.composite.impute import impute
from lea_geo.composite.prepare import prepare
from lea_geo.composite.result import CompositeResult

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from libpysal.graph import Graph

    from lea_geo.composite.engine import Learnt
    from lea_geo.composite_spec import CompositeSpec
    from lea_geo.intake.join import JoinedIndicators
    from lea_geo.intake.tables import IndicatorTable
    from lea_geo.rates.empirical_bayes import Links
    from lea_geo.spec import StudySpec


def composite_index(
    table: pd.DataFrame | IndicatorTable | JoinedIndicators,
    spec: CompositeSpec | StudySpec | Mapping[str, Any],
    *,
    scales: Learnt | None = None,
    population: pd.Series | None = None,
    graph: Links | Graph | None = None,
    attributes: pd.DataFrame | None = None,
) -> CompositeResult:
    """Make a composite index: screen, impute, transform, treat, normalise, weigh, aggregate; level by level.

    Parameters
    ----------
    table
        A row for each area, indexed by ``area_id``, and a column for each indicator in its own unit, NaN for
        none; ``<column>_status`` may say of each value what it is (``schema.Status``). Or what
        ``read_indicators`` or ``join_indicators`` returns. A suppressed or missing value is never taken for
        0; a structural zero is 0.
    spec
        The index: a ``CompositeSpec``, a study that has one, or what ``[composite]`` of a study file gives as
        a dict. docs/composite.md describes every choice.
    scales
        ``.scales`` of an index of another year: its scales, limits of outliers and weights are used in place
        of this table's own, so that the two years compare.
    population
        People in each area, by ``area_id``, for methods that weight by it; left out, the column that the
        index names.
    graph
        Who is whose neighbour, for ``impute = "neighbours"``.
    attributes
        A table by ``area_id`` with what an area belongs to (``impute.by``), where the table lacks it.

    Returns
    -------
    CompositeResult
        Scores and ranks of areas, scores of all groups, weights stated and in effect, and every cell that
        was changed.

    Raises
    ------
    SpecError
        The index contradicts itself, or combines scores in a way that means nothing: everything at once.
    ValuesError
        Columns, cells or ids that cannot be used.
    UsageError
        What was given is no table or no index, or lacks what a method needs.

    References
    ----------
    OECD and JRC (2008), Handbook on Constructing Composite Indicators,
    https://doi.org/10.1787/9789264043466-en

    Examples
    --------
    >>> import pandas as pd
    >>> areas = pd.Index(["00100", "00120", "00130"], name="area_id")
    >>> table = pd.DataFrame({"poor": [10, 20, 30], "trust": [5, 4, 3]}, index=areas)
    >>> said = {"indicators": [{"code": "poor", "direction": "weakens"},
    ...                        {"code": "trust", "direction": "protects"}]}
    >>> composite_index(table, said).table["score"].tolist()
    [0.0, 50.0, 100.0]
    """
    made = prepare(table, spec, scales=scales, population=population, graph=graph, attributes=attributes)
    imputed = impute(made.given.values, made.spec.impute, made.given.known)
    learnt = made.engine.learn(imputed.values)
    engine = replace(made.engine, held=learnt)
    check_scales(engine.undefined)
    scores = engine.scores(imputed.values)
    results, published = engine.results(scores)
    weights = weights_of(made.tree, scores)
    nodes = nodes_of(made, scores, results, weights)
    return CompositeResult(
        table=table_of(made, nodes),
        nodes=nodes,
        values=made.frame(imputed.values),
        normalised=made.frame(scores.put[:, : made.tree.n_indicators]),
        weights=weights,
        log=log_of(made, imputed, learnt),
        scales=replace(learnt, results=published),
        screened=made.screened,
        tree=made.tree,
        spec=made.spec,
        engine=engine,
        notes=notes_of(
            made, imputed, learnt, nodes, weights, engine.explained(scores) if scales is None else {}
        ),
    )
