"""Does an association differ from place to place: geographically weighted regression, with care."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import stats

from lea_geo._by_area import ByArea
from lea_geo._checks import check_count, check_fraction, check_seed
from lea_geo._checks.drivers import (
    check_local_size,
    check_not_collinear,
    check_not_exact,
    check_places,
)
from lea_geo.drivers.aligned import aligned
from lea_geo.drivers.association import ECOLOGICAL
from lea_geo.drivers.folds import one_core
from lea_geo.drivers.local_test import Kernels, variability_test
from lea_geo.drivers.spreg_fits import quiet
from lea_geo.schema import AREA_ID
from lea_geo.spatial.inference import adjusted

if TYPE_CHECKING:
    from libpysal.graph import Graph

    from lea_geo.drivers.aligned import Aligned
    from lea_geo.spatial.graph import AreaGraph

LEAST_AREAS = 30
MOST_AREAS = 1000
MOST_MULTISCALE = 150
"""More areas than these take minutes."""
WORDS = ("positive", "negative", "not significant")
CONSTANT = "constant"
STATIONARY = (
    "No association is shown to differ from place to place: chance gives coefficients that vary as much."
)
INDEPENDENT = (
    "Without a graph the test takes errors for independent; where neighbours are alike, it finds too much."
)


@dataclass(frozen=True)
class LocalRegression(ByArea):
    """A regression of its own around each area."""

    table: pd.DataFrame
    """Indexed by ``area_id``: for every driver its coefficient (standard deviations of the outcome for one of
    the driver), ``<driver>_t`` and ``<driver>_label`` (``positive``, ``negative`` or ``not significant``, at
    the corrected critical value; blank where the driver's association is not shown to vary), then
    ``local_r_squared`` and ``condition``. NaN and blank where an area was left out."""
    terms: pd.DataFrame
    """Indexed by term, the constant first: ``bandwidth`` (areas), ``effective_parameters`` and
    ``critical_t``; then ``variability`` (standard deviation of the local coefficients), ``p_value`` and
    ``q_value`` of the test that they do not vary, ``varies``, and ``minimum median maximum`` of the
    coefficients."""
    outcome: str
    multiscale: bool
    aicc: float
    global_aicc: float
    """Of least squares: a local model with a larger one is worth less than one for all areas."""
    r_squared: float
    runs: int
    seed: int
    level: float
    fdr: float
    notes: tuple[str, ...] = ()

    @property
    def varying(self) -> tuple[str, ...]:
        """The drivers whose association is shown to differ from place to place."""
        varies = self.terms["varies"].drop(CONSTANT)
        return tuple(str(name) for name in varies.index[varies])


def local_regression(
    outcome: pd.Series,
    drivers: pd.DataFrame,
    coords: pd.DataFrame,
    *,
    graph: AreaGraph | Graph | None = None,
    multiscale: bool = False,
    runs: int = 199,
    seed: int = 0,
    level: float = 0.95,
    fdr: float = 0.05,
) -> LocalRegression:
    """Regress an outcome on drivers around each area, and test first whether anything differs between places.

    Geographically weighted regression with an adaptive bisquare kernel whose number of areas has the smallest
    AICc; ``multiscale`` gives every driver a number of its own. Both are fitted by mgwr on standardised
    variables.

    A map of local coefficients always looks as if something varied. So ``runs`` times outcomes are made whose
    coefficients are the same everywhere, the bandwidth is chosen afresh, and a driver's labels
    are given only where its coefficients vary more than they do then (q at most ``fdr``). Labels use the
    critical t of da Silva and Fotheringham: the error ``1 - level`` times the number of terms over the
    effective number of parameters (for ``multiscale`` over that of each term).

    Parameters
    ----------
    outcome, drivers
        As in :func:`lea_geo.associations`; at least 30 areas must have all values.
    coords
        Columns ``x y`` in metres, indexed by ``area_id``.
    graph
        Who is whose neighbour: the test then allows for errors that are alike between neighbours, which
        otherwise look like coefficients that differ. Left out, it takes errors for independent, and a note
        says so.
    multiscale
        Whether each driver may work at a scale of its own; at most 150 areas, otherwise 1 000.
    runs, seed
        Of the test; the same seed gives the same numbers for any order of the areas.
    level
        Of the labels, before the correction, between 0 and 1.
    fdr
        Of the test for every term, between 0 and 1.

    Raises
    ------
    UsageError, ValuesError
        If ids do not match, options do not fit, or there are too few areas or more than it is bearable for.

    References
    ----------
    Brunsdon, Fotheringham and Charlton (1996), https://doi.org/10.1111/j.1538-4632.1996.tb00936.x
    Fotheringham, Yang and Kang (2017), https://doi.org/10.1080/24694452.2017.1352480
    da Silva and Fotheringham (2016), https://doi.org/10.1111/gean.12084
    Harris and others (2017), https://doi.org/10.1016/j.spasta.2017.07.006 (the test)
    Wheeler and Tiefelsdorf (2005), https://doi.org/10.1007/s10109-005-0155-6
    """
    check_count("runs", runs, least=19)
    check_seed(seed)
    check_fraction("level", level)
    check_fraction("fdr", fdr)
    found = aligned(outcome, drivers, least=LEAST_AREAS)
    check_local_size(found.n, MOST_MULTISCALE if multiscale else MOST_AREAS, multiscale=multiscale)
    places = check_places(coords, found.ids)
    check_not_collinear(found.x, found.names)
    check_not_exact(found.y, found.x, found.names)
    y = (found.y - found.y.mean()) / found.y.std()
    x = (found.x - found.x.mean(axis=0)) / found.x.std(axis=0)
    design = np.column_stack([np.ones(found.n), x])
    fitted = _fit(places, y, x, multiscale=multiscale)
    kernels = Kernels(places, bandwidths(found.n, design.shape[1]))
    spread, p_value = variability_test(
        kernels, y, design, None if graph is None else found.graph(graph), runs=runs, seed=seed
    )
    terms = _terms(found, fitted, spread, p_value, level, fdr)
    table = _table(found, fitted, terms, kernels, design)
    notes = [*found.notes]
    if not terms["varies"].iloc[1:].any():
        notes.append(STATIONARY)
    if graph is None:
        notes.append(INDEPENDENT)
    return LocalRegression(
        table=table,
        terms=terms,
        outcome=found.outcome,
        multiscale=multiscale,
        aicc=float(fitted.aicc),
        global_aicc=global_aicc(y, design),
        r_squared=float(fitted.r_squared),
        runs=runs,
        seed=seed,
        level=level,
        fdr=fdr,
        notes=(*notes, ECOLOGICAL),
    )


def bandwidths(n: int, k: int) -> tuple[int, ...]:
    """Return numbers of areas to choose a bandwidth from: from four for each term, or 15, to all."""
    least = min(n, max(15, 4 * k))
    return tuple(int(number) for number in np.unique(np.geomspace(least, n, 8).round()))


def global_aicc(y: np.ndarray, design: np.ndarray) -> float:
    """Return the AICc of least squares, as mgwr has it of local models."""
    n, k = design.shape
    residuals = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
    return float(n * np.log(np.mean(residuals**2)) + n * np.log(2 * np.pi) + n * (n + k) / (n - 2 - k))


@dataclass(frozen=True, eq=False)
class _Fitted:
    bandwidths: np.ndarray
    params: np.ndarray
    t: np.ndarray
    enp: np.ndarray
    """Effective parameters of each term, or of all for each."""
    terms: float
    """What the error is multiplied by: the number of terms, or 1 where each has parameters of its own."""
    aicc: float
    r_squared: float
    residuals: np.ndarray


def _fit(places: np.ndarray, y: np.ndarray, x: np.ndarray, *, multiscale: bool) -> _Fitted:
    from mgwr.gwr import GWR, MGWR  # noqa: PLC0415 - takes seconds to import
    from mgwr.sel_bw import Sel_BW  # noqa: PLC0415

    k = x.shape[1] + 1
    # mgwr would start at 40 + 2k areas, which is more than a town has.
    least = bandwidths(len(y), k)[0]
    with one_core(), quiet():
        selector: Any = Sel_BW(places, y[:, None], x, multi=multiscale, n_jobs=1)
        ends = {"multi_bw_min": [least]} if multiscale else {"bw_min": least, "bw_max": len(y)}
        chosen = selector.search(**ends)
        kind = MGWR if multiscale else GWR
        second = selector if multiscale else chosen
        done: Any = kind(places, y[:, None], x, second, n_jobs=1).fit()
        enp = np.asarray(done.ENP_j) if multiscale else np.full(k, float(done.ENP))
        spread = np.asarray(done.bse)
        return _Fitted(
            np.broadcast_to(np.asarray(chosen, dtype=float), (k,)),
            np.asarray(done.params),
            np.asarray(done.params) / spread,
            enp,
            1.0 if multiscale else float(k),
            float(done.aicc),
            float(1 - np.sum(np.asarray(done.resid_response) ** 2) / np.sum((y - y.mean()) ** 2)),
            np.asarray(done.resid_response).ravel(),
        )


def _terms(
    found: Aligned, fitted: _Fitted, spread: np.ndarray, p_value: np.ndarray, level: float, fdr: float
) -> pd.DataFrame:
    error = np.minimum((1 - level) * fitted.terms / np.maximum(fitted.enp, 1.0), 1 - level)
    q_value = adjusted(p_value, "bh")
    columns = {
        "bandwidth": fitted.bandwidths,
        "effective_parameters": fitted.enp,
        "critical_t": stats.t.ppf(1 - error / 2, found.n - 1),
        "variability": spread,
        "p_value": p_value,
        "q_value": q_value,
        "varies": q_value <= fdr,
        "minimum": fitted.params.min(axis=0),
        "median": np.median(fitted.params, axis=0),
        "maximum": fitted.params.max(axis=0),
    }
    return pd.DataFrame(columns, index=pd.Index([CONSTANT, *found.names], name="term", dtype="str"))


def _table(
    found: Aligned, fitted: _Fitted, terms: pd.DataFrame, kernels: Kernels, design: np.ndarray
) -> pd.DataFrame:
    table = pd.DataFrame(index=found.ids)
    for k, name in enumerate(found.names, start=1):
        t, critical = fitted.t[:, k], float(terms["critical_t"].iloc[k])
        table[name], table[f"{name}_t"] = fitted.params[:, k], t
        words = np.where(np.abs(t) <= critical, WORDS[2], np.where(t > 0, WORDS[0], WORDS[1]))
        table[f"{name}_label"] = words if terms["varies"].iloc[k] else ""
    weights = kernels.of(int(fitted.bandwidths.max()))
    table["local_r_squared"] = _local_r_squared(found, fitted, weights)
    table["condition"] = _conditions(design, weights)
    wide = table.reindex(found.index).rename_axis(AREA_ID)
    labels = [f"{name}_label" for name in found.names]
    wide[labels] = wide[labels].fillna("").astype("str")
    return wide


def _local_r_squared(found: Aligned, fitted: _Fitted, weights: np.ndarray) -> np.ndarray:
    y = (found.y - found.y.mean()) / found.y.std()
    total = weights.sum(axis=1)
    mean = weights @ y / total
    squares = weights @ y**2 - total * mean**2
    return np.asarray(1 - (weights @ fitted.residuals**2) / squares)


def _conditions(design: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the condition number of every local design, its columns scaled to one length (Belsley)."""
    found = np.empty(len(weights))
    for i, w in enumerate(weights):
        local = design * np.sqrt(w)[:, None]
        length = np.sqrt(np.square(local).sum(axis=0))
        found[i] = np.linalg.cond(local / np.where(length > 0, length, 1.0))
    return found
