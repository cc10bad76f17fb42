"""The Gaussian field of BYM2: a scaled intrinsic autoregression, noise beside it, and a few coefficients."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse
from scipy.interpolate import CubicSpline
from scipy.sparse.csgraph import connected_components
from scipy.special import expit, logit

from lea_geo.rates.bym2_cholesky import Cholesky, Pattern

LEAST_DIAGONAL = 1e-10
"""Added where no area of a component has data, relative to the mean number of neighbours: the sum-to-zero
constraint then settles what the matrix leaves open."""
FULL = 20.0
"""A logit of phi from which on nothing is left of 1 - phi."""


@dataclass(frozen=True, eq=False)
class Structure:
    """The structured effect u*: neighbours are alike, and each component sums to 0.

    Its precision is the graph's Laplacian, scaled so that the geometric mean of the variances is 1 in each
    component (Sørbye and Rue 2014, https://doi.org/10.1016/j.spasta.2013.06.004; Freni-Sterrantino, Ventrucci
    and Rue 2018, https://doi.org/10.1016/j.sste.2018.04.001). An area without neighbours is a component of
    its own, where the constraint leaves u* = 0.
    """

    pattern: Pattern
    diagonal: np.ndarray
    component: np.ndarray
    sizes: np.ndarray
    variances: np.ndarray
    log_determinant: float
    """Of the product of the eigenvalues that are not zero."""

    @classmethod
    def of(cls, links: sparse.csr_array) -> Structure:
        """Return the structure of a symmetric matrix of zeros and ones."""
        component = connected_components(links, directed=False)[1].astype(np.int64)
        sizes = np.bincount(component)
        degrees = np.asarray(links.sum(axis=1), dtype=float)
        degrees[sizes[component] == 1] = 1.0
        variances, log_determinant = _unscaled(Pattern.of(-links), degrees, component, sizes)
        linked = sizes[component] > 1
        logs = np.bincount(component[linked], np.log(variances[linked]), minlength=len(sizes)) / sizes
        scale = np.exp(logs)[component]
        pattern = Pattern.of(sparse.csr_array(sparse.diags_array(-scale) @ links))
        log_determinant += float(np.sum(np.log(scale))) - float(np.sum(logs))
        return cls(pattern, scale * degrees, component, sizes, variances / scale, log_determinant)

    @property
    def linked(self) -> np.ndarray:
        """Which areas have neighbours."""
        return np.asarray(self.sizes[self.component] > 1)

    def total(self, x: np.ndarray) -> np.ndarray:
        """Return the sums of ``x`` (n,) over components."""
        return np.bincount(self.component, x, minlength=len(self.sizes))

    def factor(self, added: np.ndarray) -> Cholesky:
        """Return the factors of the precision with something added to its diagonal."""
        return self.pattern.factor(self.diagonal + np.maximum(added, LEAST_DIAGONAL * self.diagonal.mean()))

    @cached_property
    def mixing(self) -> Mixing:
        return Mixing.of(self)


def _unscaled(
    pattern: Pattern, degrees: np.ndarray, component: np.ndarray, sizes: np.ndarray
) -> tuple[np.ndarray, float]:
    """Return the variances of the Laplacian's pseudo-inverse and its log-determinant, without eigenvalues.

    One area of each component gets 1 on the diagonal: that leaves the centred part of the inverse as it is,
    and by the matrix-tree theorem the product of the other eigenvalues is n times the determinant.
    """
    first = np.unique(component, return_index=True)[1]
    held = first[sizes > 1]
    diagonal = degrees.copy()
    diagonal[held] += 1.0
    factors = pattern.factor(diagonal)
    rows = factors.solve(np.ones((len(degrees), 1)))[:, 0]
    mean = np.bincount(component, rows) / sizes**2
    variances = factors.inverse_diagonal() - 2 * rows / sizes[component] + mean[component]
    return np.maximum(variances, 0.0), factors.log_determinant + float(np.log(sizes).sum())


@dataclass(frozen=True, eq=False)
class Mixing:
    """How far a share phi of structured variance is from none: d(phi) = sqrt(2 KLD), and the way back.

    With N areas that have neighbours, and gamma the eigenvalues of the scaled covariance of u*::

        2 KLD = phi (sum gamma - N) - sum log(1 - phi + phi gamma)

    (Riebler et al. 2016, appendix). The sum of logarithms comes from sparse determinants on a grid of phi.
    """

    logits: np.ndarray
    log_distance: CubicSpline
    n_zero: int
    """Number of zero eigenvalues: the components that have more than one area."""

    @classmethod
    def of(cls, structure: Structure) -> Mixing:
        linked, n = structure.linked, int(structure.linked.sum())
        n_zero = int(np.count_nonzero(structure.sizes > 1))
        logits = np.arange(-9.0, 16.1, 0.5)
        excess = float(structure.variances[linked].sum()) - n
        squares = [expit(x) * excess - _log_spread(structure, x, n, n_zero) for x in logits]
        return cls(logits, CubicSpline(logits, 0.5 * np.log(squares)), n_zero)

    def distance(self, phi: float) -> float:
        """Return d(phi) for phi between 0 and 1, and neither extreme."""
        return float(np.exp(self.log_distance(logit(phi))))

    @property
    def full(self) -> float:
        """The distance from which on phi is 1 to within 2e-9, and so is what it does."""
        last = self.logits[-1]
        return float(np.sqrt(np.exp(2 * self.log_distance(last)) + self.n_zero * (FULL - last)))

    def shares(self, distance: float) -> tuple[float, float]:
        """Return phi and 1 - phi, each to full precision, at a distance."""
        first, last = self.logits[[0, -1]]
        low, high = np.exp(self.log_distance([first, last]))
        if distance <= low:  # there d is proportional to phi
            phi = float(expit(first)) * distance / low
            return phi, 1.0 - phi
        if distance >= high:  # there 2 KLD grows by 1 for each zero eigenvalue and unit of the logit
            x = last + (distance**2 - high**2) / self.n_zero
        else:
            x = float(np.interp(np.log(distance), self._fine[1], self._fine[0]))
        return float(expit(x)), float(expit(-x))

    @cached_property
    def _fine(self) -> tuple[np.ndarray, np.ndarray]:
        logits = np.linspace(self.logits[0], self.logits[-1], 20_001)
        return logits, self.log_distance(logits)


def _log_spread(structure: Structure, x: float, n: int, n_zero: int) -> float:
    """Return sum log(1 - phi + phi gamma) at logit(phi) = x."""
    ratio = float(np.exp(x))
    added = np.where(structure.linked, ratio, 0.0)
    found = structure.pattern.factor(structure.diagonal + added).log_determinant
    return n * float(np.log(expit(-x))) + found - n_zero * x - structure.log_determinant


@dataclass(frozen=True, eq=False)
class Sites:
    """A Gaussian in place of each area's likelihood: exp(shift eta - precision eta^2 / 2)."""

    precision: np.ndarray
    shift: np.ndarray


@dataclass(frozen=True, eq=False)
class Gaussian:
    """The field given sites and hyperparameters."""

    mean: np.ndarray
    variance: np.ndarray
    """Of the linear predictor of each area."""
    structured: np.ndarray
    unstructured: np.ndarray
    """Means of the two parts of the spatial effect."""
    coefficients: np.ndarray
    covariance: np.ndarray
    evidence: float
    """Logarithm of the integral of prior times sites."""


@dataclass(frozen=True, eq=False)
class Field:
    """eta = X beta + sigma (sqrt(1 - phi) v + sqrt(phi) u*), with beta ~ N(0, 1 / fixed_precision).

    v is integrated out by hand, which leaves matrices of the graph's own pattern; beta borders them, and the
    sums to zero are conditioned on (Rue and Held 2005, section 2.3.3).
    """

    structure: Structure
    design: np.ndarray
    fixed_precision: float

    def given(
        self, sites: Sites, sigma: float, shares: tuple[float, float], *, variances: bool = True
    ) -> Gaussian:
        """Return the field given sites; without ``variances`` those are NaN, and it costs a third."""
        structure, design = self.structure, self.design
        scale = np.where(structure.linked, sigma * np.sqrt(shares[0]), 0.0)
        noise = np.where(structure.linked, sigma**2 * shares[1], sigma**2)
        damped = 1.0 / (1.0 + noise * sites.precision)
        weight, shift = sites.precision * damped, sites.shift * damped
        factors = structure.factor(scale**2 * weight)
        border = (scale * weight)[:, None] * design
        sides = factors.solve(np.column_stack([np.ones(len(scale)), scale * shift, border]))
        ones, sums = sides[:, 0], structure.total(sides[:, 0])
        u, effect = self._centred(sides[:, 1:], ones, sums)
        information = design.T @ (weight[:, None] * design) - border.T @ effect
        information[np.diag_indices_from(information)] += self.fixed_precision
        covariance = np.linalg.inv(information)
        beta = covariance @ (design.T @ shift - border.T @ u)
        structured = scale * (u - effect @ beta)
        predictor = structured + design @ beta
        mean = (predictor + noise * sites.shift) * damped
        determinant = self._determinant(factors, sums, damped, information)
        evidence = 0.5 * float(sites.shift @ mean) - 0.5 * determinant
        variance = np.full(len(mean), np.nan)
        if variances:
            own = np.maximum(factors.inverse_diagonal() - ones**2 / sums[structure.component], 0.0)
            slope = design - scale[:, None] * effect
            spread = scale**2 * own + np.einsum("ij,jk,ik->i", slope, covariance, slope)
            variance = noise * damped + spread * damped**2
        return Gaussian(mean, variance, structured, mean - predictor, beta, covariance, evidence)

    def _determinant(
        self, factors: Cholesky, sums: np.ndarray, damped: np.ndarray, information: np.ndarray
    ) -> float:
        """Return log det(I + K T), K the prior covariance of eta and T the sites' precision."""
        structure, fixed = self.structure, len(information) * float(np.log(self.fixed_precision))
        of_field = factors.log_determinant + float(np.log(sums / structure.sizes).sum())
        of_coefficients = float(np.linalg.slogdet(information)[1]) - fixed
        return of_field - structure.log_determinant - float(np.log(damped).sum()) + of_coefficients

    def _centred(
        self, sides: np.ndarray, ones: np.ndarray, sums: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return solutions that sum to zero over components: the first, and the others."""
        component = self.structure.component
        centred = np.column_stack([x - ones * (self.structure.total(x) / sums)[component] for x in sides.T])
        return centred[:, 0], centred[:, 1:]
