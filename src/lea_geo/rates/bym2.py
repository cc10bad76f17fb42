"""Rates of small populations, smoothed by a spatial model with structured and unstructured effects: BYM2."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import sparse

from lea_geo._by_area import ByArea
from lea_geo._checks import check_choice, check_fraction
from lea_geo._checks.bym2 import (
    check_covariates,
    check_linked,
    check_modelled,
    check_prior,
    check_threshold,
)
from lea_geo._checks.values import check_counts
from lea_geo.rates.bym2_field import Field, Structure
from lea_geo.rates.bym2_grid import Node, Priors, Surface, integrate
from lea_geo.rates.bym2_marginals import Marginals, hyperparameters, marginals
from lea_geo.rates.bym2_sites import BINOMIAL, POISSON, Likelihood
from lea_geo.rates.empirical_bayes import links_among
from lea_geo.schema import AREA_ID

if TYPE_CHECKING:
    from libpysal.graph import Graph

    from lea_geo.rates.empirical_bayes import Links

FAMILIES = {"poisson": POISSON, "binomial": BINOMIAL}
FIXED_PRECISION = 0.001
"""Of the normal priors of the intercept and of the standardised covariates' coefficients, as in R-INLA."""


@dataclass(frozen=True)
class Bym2Result(ByArea):
    """The posterior of every area's rate, and what was assumed."""

    table: pd.DataFrame
    """Indexed by ``area_id`` in the order of the numerator: ``raw`` (the count over its size), posterior
    ``mean sd lower upper`` of the relative risk or rate, ``exceedance`` (the probability that it is above
    ``exceed``), ``linear_mean linear_sd`` of its logarithm or logit, and ``structured unstructured``, the
    posterior means of the two parts of the spatial effect on that scale."""
    hyperparameters: pd.DataFrame
    """``mean sd lower median upper`` of ``precision`` (tau), ``log_precision``, ``sd`` (1 / sqrt(tau)),
    ``mixing`` (phi), ``intercept`` (at the means of the covariates) and each covariate's coefficient. The
    mean of tau is NaN: under these priors it is infinite."""
    family: str
    exceed: float
    level: float
    prior_precision: tuple[float, float]
    prior_mixing: tuple[float, float]
    fixed_precision: float
    n_components: int
    """Parts of the graph with more than one area."""
    n_isolates: int
    n_without_data: int
    n_nodes: int
    """Points of the hyperparameters that were integrated over."""
    notes: tuple[str, ...] = ()


def bym2(
    numerator: pd.Series,
    denominator: pd.Series,
    graph: Links | Graph,
    *,
    family: str = "poisson",
    covariates: pd.DataFrame | None = None,
    exceed: float | None = None,
    level: float = 0.95,
    prior_precision: tuple[float, float] = (1.0, 0.01),
    prior_mixing: tuple[float, float] = (0.5, 2 / 3),
) -> Bym2Result:
    """Smooth rates by the BYM2 model: each area is drawn to its neighbours, and to all, as far as data allow.

    With y_i events, size E_i (expected events or people) and covariates x_i (Riebler et al. 2016)::

        y_i ~ Poisson(E_i exp(eta_i))   or   y_i ~ Binomial(E_i, expit(eta_i))
        eta_i = mu + x_i' beta + (sqrt(1 - phi) v_i + sqrt(phi) u_i) / sqrt(tau)

    v is independent noise and u an intrinsic autoregression on the graph that sums to 0 in each component,
    where its variances are scaled to a geometric mean of 1; an area without neighbours has v alone, with all
    of the variance. tau and phi have penalised-complexity priors, mu and the coefficients of standardised
    covariates normal ones with mean 0 and precision 0.001.

    Nothing is drawn at random. For each of some 50 to 130 values of (tau, phi), expectation propagation finds
    the Gaussian with each area's posterior mean and variance by sparse Cholesky factors; each area's
    posterior is the mixture, over these, of its cavity times its own likelihood, with the skewness that has.

    Parameters
    ----------
    numerator
        Events indexed by ``area_id``, aligned by id, not negative. An area where it or the denominator is
        NaN, or both are 0, has no data: it is predicted from its neighbours, and a note counts it.
    denominator
        With ``family="poisson"`` the expected events or the people: the posterior is of the relative risk or
        of the rate accordingly. With ``"binomial"`` the people of whom the numerator is part.
    graph
        An ``AreaGraph`` or ``libpysal.graph.Graph`` with the same ids. Links count as 0 or 1, in both
        directions; weights and self-links do not count.
    family
        ``"poisson"`` or ``"binomial"``.
    covariates
        A column for each, indexed by ``area_id``, known everywhere.
    exceed
        Threshold of ``exceedance``, on the scale of the rate; None: the rate of all areas together.
    level
        Probability that ``lower`` and ``upper`` hold between them, equal tails.
    prior_precision
        (U, alpha): P(1 / sqrt(tau) > U) = alpha. 1 / sqrt(tau) is about the standard deviation of eta.
    prior_mixing
        (U, alpha): P(phi < U) = alpha.

    Returns
    -------
    Bym2Result
        ``table`` and ``hyperparameters``.

    Raises
    ------
    UsageError
        If an option is unknown or out of range, or something has no ids.
    ValuesError
        If ids differ, counts are negative, infinite or contradict each other, no area has an event, or
        covariates have gaps or no information.
    GraphError
        If no area has a neighbour.

    References
    ----------
    Riebler, Sørbye, Simpson and Rue (2016), https://doi.org/10.1177/0962280216660421
    Simpson et al. (2017), https://doi.org/10.1214/16-STS576
    Freni-Sterrantino, Ventrucci and Rue (2018), https://doi.org/10.1016/j.sste.2018.04.001
    Rue, Martino and Chopin (2009), https://doi.org/10.1111/j.1467-9868.2008.00700.x
    Cseke and Heskes (2011), Journal of Machine Learning Research 12, 417-454
    """
    check_choice("family", family, FAMILIES)
    check_fraction("level", level)
    priors = (
        check_prior("prior_precision", prior_precision, share=False),
        check_prior("prior_mixing", prior_mixing, share=True),
    )
    data = _Data.of(numerator, denominator, graph, covariates, family)
    threshold = check_threshold(exceed, data.overall, share=family == "binomial")
    surface = Surface(data.field, data.likelihood, Priors.of(data.field, *priors))
    nodes = integrate(surface)
    return Bym2Result(
        data.table(marginals(nodes, data.likelihood, level, threshold)),
        hyperparameters(nodes, data.field.structure.mixing, level, ["intercept", *data.names], data.scales),
        family=family,
        exceed=threshold,
        level=level,
        prior_precision=priors[0],
        prior_mixing=priors[1],
        fixed_precision=FIXED_PRECISION,
        n_components=int(np.count_nonzero(data.field.structure.sizes > 1)),
        n_isolates=int(np.count_nonzero(data.field.structure.sizes == 1)),
        n_without_data=int(np.count_nonzero(data.unknown)),
        n_nodes=len(nodes),
        notes=(*data.notes, *_disagreeing(nodes)),
    )


@dataclass(frozen=True, eq=False)
class _Data:
    """What the model is fitted to."""

    index: pd.Index
    likelihood: Likelihood
    field: Field
    names: list[str]
    scales: np.ndarray
    notes: tuple[str, ...]

    @classmethod
    def of(
        cls,
        numerator: pd.Series,
        denominator: pd.Series,
        graph: Links | Graph,
        covariates: pd.DataFrame | None,
        family: str,
    ) -> _Data:
        index, events, size = check_counts(numerator, denominator, proportion=family == "binomial")
        check_modelled(index, events, size, share=family == "binomial")
        names, x = check_covariates(covariates, index)
        links, notes = _both_ways(links_among(graph, index, np.ones(len(index), dtype=bool)))
        check_linked(links.nnz)
        known = ~np.isnan(events) & (size > 0)
        likelihood = Likelihood(FAMILIES[family], np.where(known, events, np.nan), size)
        scales = x.std(axis=0)
        design = np.column_stack([np.ones(len(index)), (x - x.mean(axis=0)) / scales])
        field = Field(Structure.of(links), design, FIXED_PRECISION)
        notes += _notes(index, known, field.structure)
        return cls(index.rename(AREA_ID), likelihood, field, names, np.append(1.0, scales), notes)

    @property
    def unknown(self) -> np.ndarray:
        return np.asarray(np.isnan(self.likelihood.events))

    @property
    def overall(self) -> float:
        known = ~self.unknown
        return float(self.likelihood.events[known].sum() / self.likelihood.size[known].sum())

    def table(self, found: Marginals) -> pd.DataFrame:
        size = np.where(self.unknown, np.nan, self.likelihood.size)
        columns = {"raw": self.likelihood.events / size, **vars(found)}
        return pd.DataFrame(columns, index=self.index)


def _both_ways(links: sparse.csr_array) -> tuple[sparse.csr_array, tuple[str, ...]]:
    """Return the links with each in both directions."""
    links = sparse.csr_array(links)
    links.eliminate_zeros()
    both = sparse.csr_array(links.maximum(links.T))
    added = both.nnz - links.nnz
    return both, (f"{added} links go one way in the graph; they count in both.",) if added else ()


def _notes(index: pd.Index, known: np.ndarray, structure: Structure) -> tuple[str, ...]:
    n, notes = len(index), []
    if not known.all():
        notes.append(
            f"{n - known.sum()} of {n} areas have no data; they are predicted from their neighbours, or from "
            "all areas where they have none."
        )
    if not structure.linked.all():
        notes.append(
            f"{n - structure.linked.sum()} of {n} areas have no neighbours; their effect is unstructured."
        )
    dark = (structure.sizes > 1) & (structure.total(known.astype(float)) == 0)
    if dark.any():
        notes.append(
            f"{dark.sum()} components of the graph have no data at all: only the prior speaks of their areas."
        )
    return tuple(notes)


def _disagreeing(nodes: list[Node]) -> tuple[str, ...]:
    share = sum(node.weight for node in nodes if not node.found.agrees)
    if share < 0.001:
        return ()
    return (f"Propagation did not settle at hyperparameters that hold {share:.1%} of the posterior.",)
