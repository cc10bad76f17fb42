"""Priors, covariates and counts of the spatial model BYM2."""

from __future__ import annotations

from numbers import Real
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo._checks.faults import Faults
from lea_geo._checks.options import check_fraction
from lea_geo._checks.values import as_floats, note_ids
from lea_geo.errors import GraphError, UsageError, ValuesError

if TYPE_CHECKING:
    from collections.abc import Sequence

PARAMETERS = ("precision", "log_precision", "sd", "mixing", "intercept")
NO_MODEL = "The spatial model cannot be fitted to these counts."


def check_prior(name: str, given: object, *, share: bool) -> tuple[float, float]:
    """Return (U, alpha) of a prior: alpha a probability, U a share or any number above 0."""
    if not isinstance(given, tuple | list) or len(given) != 2:
        raise UsageError(f"{name} is {given!r}; it must be a pair (U, alpha).")
    scale, alpha = given
    probability = check_fraction(f"alpha of {name}", alpha)
    if share:
        return check_fraction(f"U of {name}", scale), probability
    return _above_zero(f"U of {name}", scale), probability


def check_threshold(value: float | None, default: float, *, share: bool) -> float:
    """Return the threshold that areas may exceed; left out, the rate of all areas together."""
    if value is None:
        return default
    return check_fraction("exceed", value) if share else _above_zero("exceed", value)


def _above_zero(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, Real) or not 0 < float(value) < np.inf:
        raise UsageError(f"{name} is {value!r}; it must be a finite number above 0.")
    return float(value)


def check_modelled(index: pd.Index, events: np.ndarray, size: np.ndarray, *, share: bool) -> None:
    """Refuse counts of which no area has any or, of shares, each has all."""
    faults = Faults()
    known = ~np.isnan(events) & (size > 0)
    total = events[known].sum()
    if not known.any():
        faults.add("no area has a count")
    elif total == 0:
        cure = "Nothing can be said of how areas differ; wilson_interval and byar_interval bound each rate."
        faults.add("no area has an event", count=int(known.sum()), of=len(index), cure=cure)
    elif share and total == size[known].sum():
        faults.add("every area's numerator is its denominator", cure="Nothing varies; no model is needed.")
    faults.raise_if_any(ValuesError, NO_MODEL)


def check_linked(n_links: int) -> None:
    """Refuse a graph without links."""
    if n_links == 0:
        raise GraphError(
            "The graph has no links, so no effect can be structured; empirical_bayes shrinks towards a mean."
        )


def check_covariates(covariates: object, index: pd.Index) -> tuple[list[str], np.ndarray]:
    """Return names and numbers (n, k) of covariates, aligned by id."""
    if covariates is None:
        return [], np.empty((len(index), 0))
    table = covariates.to_frame() if isinstance(covariates, pd.Series) else covariates
    if not isinstance(table, pd.DataFrame):
        raise UsageError(
            f"covariates is a {type(covariates).__name__}; it must be a DataFrame indexed by area_id."
        )
    names = [str(name) for name in table.columns]
    faults = Faults()
    note_ids(faults, "covariates", table.index, index, "counts")
    columns = [as_floats(faults, f"covariate {name}", table.iloc[:, k]) for k, name in enumerate(names)]
    faults.raise_if_any(ValuesError, "The covariates do not fit the counts.")
    x = pd.DataFrame(dict(enumerate(columns)), index=table.index).reindex(index).to_numpy(dtype=float)
    _check_columns(names, x, index)
    return names, x


def _check_columns(names: Sequence[str], x: np.ndarray, index: pd.Index) -> None:
    """Refuse names used twice, gaps, and columns that others make."""
    faults = Faults()
    taken = {
        name for name in names if names.count(name) > 1 or name in {"precision", "sd", "mixing", "intercept"}
    }
    if taken:
        faults.add(f"covariates named {', '.join(sorted(taken))} twice, or as a parameter is")
    for name, column in zip(names, x.T, strict=True):
        gaps = np.isnan(column)
        if gaps.any():
            cure = "The model needs it everywhere; fill it in, or leave the area or the covariate out."
            faults.add(f"no value of covariate {name}", ids=index[gaps], of=len(index), cure=cure)
        elif np.ptp(column) == 0:
            faults.add(f"covariate {name} is the same everywhere", cure="Leave it out.")
    if (
        not faults.found
        and np.linalg.matrix_rank(np.column_stack([np.ones(len(x)), x - x.mean(0)])) <= x.shape[1]
    ):
        faults.add("covariates of which one follows from the others", cure="Leave it out.")
    faults.raise_if_any(ValuesError, "The covariates cannot explain anything.")
