"""How much each member of a group counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lea_geo._checks import check_choice
from lea_geo._checks.composite_steps import check_answers, check_one_direction, check_stated
from lea_geo.composite.factor import CORRELATIONS, correlation_matrix, first_component, one_factor
from lea_geo.composite.optimise import optimised_weights
from lea_geo.composite_spec import WEIGHTINGS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from lea_geo.composite_spec import Weighting


@dataclass(frozen=True)
class Weighed:
    """Weights of k members and what the method has to say of them; NaN where it says nothing."""

    weights: np.ndarray
    """(k,), none negative, adding up to 1."""
    error: np.ndarray
    """(k,) standard errors of the weights of a consultation."""
    loadings: np.ndarray
    """(k,) correlations with the component or factor."""
    explained: float = float("nan")
    """The share of the members' variance that the component or factor accounts for."""
    gap: float = float("nan")
    """Of optimised weights: the largest difference between a member's importance and the stated one."""
    note: str = ""
    """What a reader of the weights should know."""


def weights(
    x: np.ndarray,
    how: Weighting,
    *,
    stated: np.ndarray,
    codes: Sequence[str],
    table: pd.DataFrame | None = None,
    strict: bool = True,
) -> np.ndarray:
    """Return how much each of k members counts: the ``weights`` of :func:`weigh`."""
    return weigh(x, how, stated=stated, codes=codes, table=table, strict=strict).weights


def weigh(
    x: np.ndarray,
    how: Weighting,
    *,
    stated: np.ndarray,
    codes: Sequence[str],
    table: pd.DataFrame | None = None,
    strict: bool = True,
) -> Weighed:
    """Work out how much each of k members counts.

    ``equal``
        1 / k.
    ``stated``
        What somebody stated, as shares.
    ``consultation``
        The mean over all answers of the share of its points that an answer gives to the member.
    ``pca``
        In proportion to the first principal component's coefficients.
    ``factor``
        In proportion to the regression weights of one-factor maximum likelihood (``factor.one_factor``).
    ``optimised``
        So that each member's importance is what was stated (``optimise.optimised_weights``).

    Parameters
    ----------
    x
        Members (n, k) as they enter the group's score: normalised and turned so that high means the same in
        all; NaN where an area has none. Correlations are over the areas that have every member.
    how
        The method.
    stated
        (k,) weights or importance in any unit, for ``stated`` and ``optimised``.
    codes
        The members' codes, for messages and for the columns of ``table``.
    table
        For ``consultation``: a row for each answer, a column of points for each member; other columns are
        of other groups.
    strict
        Refuse members that run against the component or factor. Otherwise they count 0: for runs on values
        with noise, where a member that hardly goes with the others may fall to either side.

    Returns
    -------
    Weighed
        The weights and what there is to say of them.

    Raises
    ------
    UsageError
        If an option is unknown, or a consultation has no table.
    ValuesError
        If stated weights are negative; answers are blank or negative; members are constant, made of each
        other, or run against each other, so that a component or factor would weight some negatively.
    """
    check_choice("weighting.method", how.method, WEIGHTINGS)
    check_choice("weighting.correlation", how.correlation, CORRELATIONS)
    if how.method in {"stated", "optimised"}:
        check_stated(stated, codes)
    if len(codes) == 1 or how.method == "equal":
        return _weighed(np.ones(len(codes)))
    if how.method == "stated":
        return _weighed(np.asarray(stated, dtype=float))
    if how.method == "consultation":
        return _consulted(check_answers(table, codes))
    if how.method == "optimised":
        found = optimised_weights(x, np.asarray(stated, float), correlation=how.correlation, codes=codes)
        note = f"importance is within {found.gap:.3f} of what was stated"
        return _weighed(found.weights, gap=found.gap, note=note)
    return _along(correlation_matrix(x, how.correlation, codes), how.method, codes, strict=strict)


def _weighed(
    weights: np.ndarray,
    *,
    error: np.ndarray | None = None,
    loadings: np.ndarray | None = None,
    explained: float = float("nan"),
    gap: float = float("nan"),
    note: str = "",
) -> Weighed:
    none = np.full(len(weights), np.nan)
    return Weighed(
        weights=weights / weights.sum(),
        error=none if error is None else error,
        loadings=none if loadings is None else loadings,
        explained=explained,
        gap=gap,
        note=note,
    )


def _consulted(points: np.ndarray) -> Weighed:
    """Return the mean share (answers, k) of points, with the standard error of a mean."""
    shares = points / points.sum(axis=1, keepdims=True)
    m = len(shares)
    error = shares.std(axis=0, ddof=1) / np.sqrt(m) if m > 1 else None
    return _weighed(shares.mean(axis=0), error=error, note=f"means of {m} answers")


def _along(correlations: np.ndarray, method: str, codes: Sequence[str], *, strict: bool) -> Weighed:
    """Return weights in proportion to how members score on the component or factor behind them."""
    pca = method == "pca"
    found = first_component(correlations) if pca else one_factor(correlations, codes)
    what = "component" if pca else "factor"
    if strict:
        check_one_direction(found.loadings, what=what, codes=codes)
    note = f"the {what} accounts for {100 * found.explained:.0f} % of the variance"
    if found.at_bound.any():
        names = ", ".join(code for code, at in zip(codes, found.at_bound, strict=True) if at)
        note += f"; it is as good as the same as {names}"
    weights = np.where(found.against, 0.0, found.scoring)
    return _weighed(weights, loadings=found.loadings, explained=found.explained, note=note)
