"""Several drivers at once: least squares, and what spatial diagnostics say of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import stats

from lea_geo._checks import check_choice, check_fraction, check_seed
from lea_geo._checks.drivers import (
    check_fewer_drivers,
    check_graph_for,
    check_not_collinear,
    check_not_exact,
    check_sizes,
    check_weighted_model,
)
from lea_geo.drivers.aligned import Aligned, aligned
from lea_geo.drivers.association import ECOLOGICAL
from lea_geo.drivers.diagnose import diagnose
from lea_geo.drivers.impacts import impact_table, slx_impacts
from lea_geo.drivers.spatial_models import spatial_fit

if TYPE_CHECKING:
    from typing import Any

    from libpysal.graph import Graph

    from lea_geo.spatial.graph import AreaGraph

MODELS = ("ols", "slx", "lag", "error", "durbin")
CONSTANT = "constant"
SPATIAL_TERMS = {"lag": "spatial lag", "durbin": "spatial lag", "error": "spatial error"}
WEIGHTED = "Weighted by size; the tests of spatial dependence and of even spread are those without weights."


@dataclass(frozen=True)
class Regression:
    """A regression of an outcome on its drivers over areas."""

    table: pd.DataFrame
    """Indexed by term: ``estimate standard_error lower upper p_value`` in the units of the data,
    ``standardised`` (standard deviations of the outcome for one of the driver) and ``vif``; NaN where they do
    not apply."""
    diagnostics: pd.DataFrame
    """Indexed by test: ``statistic df p_value``. Always of unweighted least squares, whatever the model."""
    impacts: pd.DataFrame
    """Indexed by driver: ``direct indirect total``, each with ``_lower`` and ``_upper``. What one unit more
    of the driver goes with in the area itself, through its neighbours, and together."""
    decision: str
    """Which model the diagnostics point to: one of ``DECISIONS``; blank where they were not asked for."""
    reason: str
    """That decision in words."""
    model: str
    outcome: str
    n: int
    r_squared: float
    adjusted_r_squared: float
    log_likelihood: float
    aic: float
    level: float
    seed: int
    weighted: bool
    residuals: pd.Series
    """Indexed by ``area_id``, NaN where an area was left out."""
    notes: tuple[str, ...] = ()


def regress(
    outcome: pd.Series,
    drivers: pd.DataFrame,
    graph: AreaGraph | Graph | None = None,
    *,
    model: str = "ols",
    weights: pd.Series | None = None,
    level: float = 0.95,
    alpha: float = 0.05,
    seed: int = 0,
) -> Regression:
    """Regress an outcome on drivers over areas, and say whether space must come into it.

    Models, with W the row-standardised graph::

        ols     y = a + X b + e                slx     y = a + X b + W X t + e
        lag     y = r W y + a + X b + e        durbin  y = r W y + a + X b + W X t + e
        error   y = a + X b + u, u = l W u + e

    ``lag``, ``error`` and ``durbin`` are fitted by maximum likelihood, the others by least squares; the tests
    are spreg's. The decision follows Anselin and Rey: no spatial model where neither simple Lagrange
    multiplier test is below ``alpha``; the one that is; where both are, the robust one that is, and
    ``durbin`` where both or neither are.

    Parameters
    ----------
    outcome, drivers
        As in :func:`lea_geo.associations`.
    graph
        Who is whose neighbour; without one there is least squares without spatial diagnostics. Isolates are
        left out, and a note says so.
    model
        One of ``MODELS``.
    weights
        Of the areas, as their population; only least squares takes them. Heteroskedasticity and Lagrange
        multiplier tests are then those of the unweighted model, which the note says.
    level, alpha
        Of the intervals and of the decision, between 0 and 1.
    seed
        Of the 2 000 draws behind the intervals of impacts.

    Raises
    ------
    UsageError, ValuesError
        If ids do not match, values do not vary, drivers are too many or each other's copies, or options do
        not fit.

    References
    ----------
    Anselin (1988), Spatial Econometrics, Kluwer
    Anselin, Bera, Florax and Yoon (1996), https://doi.org/10.1016/0166-0462(95)02111-6
    LeSage and Pace (2009), Introduction to Spatial Econometrics, CRC (impacts)
    """
    check_choice("model", model, MODELS)
    check_fraction("level", level)
    check_fraction("alpha", alpha)
    check_seed(seed)
    found, links, notes = _linked(aligned(outcome, drivers), graph, model)
    check_not_collinear(found.x, found.names)
    check_not_exact(found.y, found.x, found.names)
    check_weighted_model(model, weights)
    weigh = None if weights is None else check_sizes("weights", weights, found.ids)
    diagnostics, decision, reason = diagnose(found.y, found.x, links, alpha)
    if model in SPATIAL_TERMS:
        fitted = _spatial(found, links, model, level, seed)
    else:
        fitted = _least_squares(found, links, model, weigh, level)
    said = (WEIGHTED,) if weigh is not None else ()
    full = pd.Series(fitted.pop("residuals"), index=found.ids, name="residual").reindex(found.index)
    return Regression(
        diagnostics=diagnostics,
        decision=decision,
        reason=reason,
        model=model,
        outcome=found.outcome,
        n=found.n,
        level=level,
        seed=seed,
        weighted=weigh is not None,
        residuals=full,
        notes=(*found.notes, *notes, *said, ECOLOGICAL),
        **fitted,
    )


def _linked(
    found: Aligned, graph: AreaGraph | Graph | None, model: str
) -> tuple[Aligned, AreaGraph | None, tuple[str, ...]]:
    """Return the areas that have neighbours, their links, and a note on the others."""
    if graph is None:
        check_graph_for(model)
        return found, None, ()
    links = found.graph(graph)
    alone = np.isin(found.ids, links.isolates)
    if not alone.any():
        return found, links, ()
    kept = ~alone
    check_fewer_drivers(int(kept.sum()), len(found.names))
    part = Aligned(
        found.index, found.ids[kept], found.outcome, found.names, found.y[kept], found.x[kept], found.notes
    )
    named = ", ".join(map(str, found.ids[alone][:5])) + (", …" if alone.sum() > 5 else "")
    note = f"{int(alone.sum())} of {len(alone)} areas have no neighbour with all values: {named}."
    return part, links.subset(part.ids), (note,)


def _least_squares(
    found: Aligned, links: AreaGraph | None, model: str, weigh: np.ndarray | None, level: float
) -> dict[str, Any]:
    """Fit by least squares, the columns scaled before and the coefficients after."""
    x, names = found.x, list(found.names)
    if model == "slx" and links is not None:
        x = np.column_stack([x, links.transform("row").sparse() @ x])
        names += [f"lag of {name}" for name in found.names]
        check_fewer_drivers(found.n, x.shape[1])
        check_not_collinear(x, tuple(names))
    scale = np.append(1.0, np.sqrt(np.mean(x**2, axis=0)))
    design = np.column_stack([np.ones(found.n), x]) / scale
    w = np.ones(found.n) if weigh is None else weigh / weigh.mean()
    root = np.sqrt(w)[:, None]
    left, singular, right = np.linalg.svd(root * design, full_matrices=False)
    scaled = right.T @ ((left.T @ (root[:, 0] * found.y)) / singular)
    residuals = found.y - design @ scaled
    df = found.n - design.shape[1]
    squares = float(w @ residuals**2)
    covariance = (right.T / singular**2) @ right * squares / df / np.outer(scale, scale)
    estimates = scaled / scale
    total = float(w @ (found.y - np.average(found.y, weights=w)) ** 2)
    likelihood = -0.5 * found.n * (np.log(2 * np.pi * squares / found.n) + 1) + 0.5 * float(np.log(w).sum())
    r_squared = 1 - squares / total
    return {
        "table": _terms([CONSTANT, *names], estimates, covariance, found, x, df, level),
        "impacts": slx_impacts(found.names, estimates, covariance, df, level),
        "r_squared": r_squared,
        "adjusted_r_squared": 1 - (1 - r_squared) * (found.n - 1) / df,
        "log_likelihood": likelihood,
        "aic": 2 * design.shape[1] - 2 * likelihood,
        "residuals": residuals,
    }


def _spatial(found: Aligned, links: AreaGraph | None, model: str, level: float, seed: int) -> dict[str, Any]:
    assert links is not None  # noqa: S101 - refused before
    fit = spatial_fit(found.y, found.x, links, model)
    names, x = list(found.names), found.x
    if model == "durbin":
        names += [f"lag of {name}" for name in found.names]
        x = np.column_stack([x, links.transform("row").sparse() @ x])
    terms = [CONSTANT, *names, SPATIAL_TERMS[model]]
    return {
        "table": _terms(terms, fit.estimates, fit.covariance, found, x, np.inf, level),
        "impacts": impact_table(found.names, fit, model, level=level, seed=seed),
        "r_squared": fit.r_squared,
        "adjusted_r_squared": np.nan,
        "log_likelihood": fit.log_likelihood,
        "aic": fit.aic,
        "residuals": fit.residuals,
    }


def _terms(
    terms: list[str],
    estimates: np.ndarray,
    covariance: np.ndarray,
    found: Aligned,
    x: np.ndarray,
    df: float,
    level: float,
) -> pd.DataFrame:
    """Return the table of terms; with endless ``df`` by the normal law."""
    spread = np.sqrt(np.diag(covariance))
    quantile = stats.t.ppf((1 + level) / 2, df)
    standardised, vif = (np.full(len(terms), np.nan) for _ in range(2))
    k = x.shape[1]
    standardised[1 : k + 1] = estimates[1 : k + 1] * x.std(axis=0) / found.y.std()
    vif[1 : k + 1] = np.diag(np.linalg.inv(np.corrcoef(x, rowvar=False).reshape(k, k)))
    columns = {
        "estimate": estimates,
        "standard_error": spread,
        "lower": estimates - quantile * spread,
        "upper": estimates + quantile * spread,
        "p_value": 2 * stats.t.sf(np.abs(estimates / spread), df),
        "standardised": standardised,
        "vif": vif,
    }
    return pd.DataFrame(columns, index=pd.Index(terms, name="term", dtype="str"))
