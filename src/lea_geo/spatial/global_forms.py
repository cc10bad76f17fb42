"""What each global statistic makes of an indicator's values: a quadratic form, and its moments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from lea_geo.spatial.global_moments import (
    geary_moments,
    join_count_moments,
    kurtosis,
    moran_moments,
    ord_moments,
)
from lea_geo.spatial.sums import exact_sum

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from lea_geo.spatial.global_network import Network
    from lea_geo.spatial.sample import Sample


Sums = TypeVar("Sums", float, np.ndarray)
AMOUNTS = "General G compares amounts, which are not negative."
"""Why values below zero are refused."""
CERTAIN = 1e-12
"""A variance below this share of the squared mean is rounding."""


@dataclass(frozen=True)
class Form:
    """A statistic ``scale * sum_ij w_ij a_i a_j + square * sum_i r_i a_i^2``, and its moments.

    ``r_i`` is the sum of row and column *i* of the weights.
    """

    a: np.ndarray
    """Of every area, shape (n,)."""
    scale: float
    expected: float
    variance: float
    square: float = 0.0

    def __post_init__(self) -> None:
        if self.variance <= CERTAIN * self.expected**2:
            object.__setattr__(self, "variance", 0.0)

    @property
    def is_certain(self) -> bool:
        """Whether every order of the values has the same statistic, as where all areas are linked."""
        return self.variance == 0.0

    def observed(self, network: Network) -> float:
        """Return the statistic of the areas as they lie."""
        squares = exact_sum(network.margins * np.square(self.a)) if self.square else 0.0
        return self.of(network.product(self.a), squares)

    def of(self, products: Sums, squares: Sums) -> Sums:
        """Return the statistic for given sums; arrays of sums give an array."""
        return self.scale * products + self.square * squares

    def rounding(self, network: Network) -> float:
        """Return how much two ways of adding up the same statistic may differ."""
        largest = float(np.square(self.a).max())
        return 1e-12 * largest * network.constants.s0 * (abs(self.scale) + 2 * abs(self.square))


def reason_against(sample: Sample, network: Network) -> str:
    """Return why these values have no statistic on this network, or nothing where they have one."""
    return sample.reason or ("" if network.n_links else "No area has a neighbour with a value.")


def moran_form(sample: Sample, network: Network, assumption: str) -> Form:
    """Return Moran's I."""
    z = sample.deviations / np.sqrt(sample.variance("n"))
    constants = network.constants
    return Form(z, 1.0 / constants.s0, *moran_moments(constants, kurtosis(z), assumption))


def geary_form(sample: Sample, network: Network, assumption: str) -> Form:
    """Return Geary's C, whose squared differences are squares less products."""
    z = sample.deviations / np.sqrt(sample.variance("n-1"))
    constants = network.constants
    moments = geary_moments(constants, kurtosis(z), assumption)
    return Form(z, -1.0 / constants.s0, *moments, square=0.5 / constants.s0)


def ord_form(sample: Sample, network: Network, assumption: str) -> Form:  # noqa: ARG001 - has one law only
    """Return General G, for values that are not negative and more than one of them above 0."""
    x = sample.x / (exact_sum(sample.x) / sample.n)
    pairs = exact_sum(x) ** 2 - exact_sum(np.square(x))
    return Form(x, 1.0 / pairs, *ord_moments(network.constants, x))


def join_count_form(sample: Sample, network: Network) -> Form:
    """Return the number of joins of areas that both have the attribute."""
    return Form(sample.x, 0.5, *join_count_moments(network.constants, exact_sum(sample.x)))


FORMS: Mapping[str, Callable[[Sample, Network, str], Form]] = {
    "moran": moran_form,
    "geary": geary_form,
    "g": ord_form,
}


def form_of(statistic: str, sample: Sample, network: Network, assumption: str) -> Form | str:
    """Return the form of a statistic by name, or why these values have none."""
    reason = reason_against(sample, network)
    if not reason and statistic == "g" and np.count_nonzero(sample.x) < 2:
        reason = "Only one area is not zero, so there is no pair to compare."
    return reason or FORMS[statistic](sample, network, assumption)
