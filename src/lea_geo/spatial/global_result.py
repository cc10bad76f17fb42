"""How a global statistic is tested: its settings, its result, and permutations of the whole map."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from lea_geo._checks import check_choice, check_count, check_seed
from lea_geo.spatial.global_forms import Form
from lea_geo.spatial.global_permutation import shuffled_products
from lea_geo.spatial.inference import ALTERNATIVES, Tails, counted_tails, normal_tails
from lea_geo.spatial.sample import TRANSFORMS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lea_geo.spatial.global_network import Network
    from lea_geo.spatial.sample import Sample

PERMUTATIONS = 999
"""One test needs no correction for many: 999 show two-sided p-values down to 0.002."""
ASSUMPTIONS = ("randomisation", "normality")


@dataclass(frozen=True, kw_only=True)
class GlobalResult:
    """One number for a whole map, its test, and every setting that decided them."""

    name: str
    """Which statistic, for example ``global_moran``."""
    statistic: float = np.nan
    """NaN where ``reason`` says why."""
    expected: float = np.nan
    """Mean under ``assumption``."""
    variance: float = np.nan
    """Variance under ``assumption``."""
    z_score: float = np.nan
    """(statistic - expected) / sqrt(variance)."""
    p_value: float = np.nan
    """By permutations where some ran, otherwise by the normal law."""
    p_lower: float = np.nan
    """P(as small or smaller)."""
    p_upper: float = np.nan
    """P(as large or larger)."""
    p_analytic: float = np.nan
    """By the z-score and the normal law, for the same alternative."""
    n: int
    """Number of areas with a value."""
    n_isolates: int
    """How many of them have no neighbour with a value."""
    transform: str
    permutations: int
    seed: int
    alternative: str
    assumption: str
    reason: str = ""
    """Why there is no statistic; empty where there is one."""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Settings:
    """What decides a test beside the values and the graph, checked."""

    transform: str
    permutations: int
    seed: int
    alternative: str
    assumption: str = "randomisation"

    def __post_init__(self) -> None:
        check_choice("transform", self.transform, TRANSFORMS)
        check_count("permutations", self.permutations, least=0)
        check_seed(self.seed)
        check_choice("alternative", self.alternative, ALTERNATIVES)
        check_choice("assumption", self.assumption, ASSUMPTIONS)


def results_of(
    name: str, samples: Sequence[Sample], network: Network, forms: Sequence[Form | str], settings: Settings
) -> list[GlobalResult]:
    """Test indicators that have values in the same areas, each form with its sample.

    Parameters
    ----------
    samples
        All of the same areas, in the order of the network.
    forms
        Of each sample, or why it has none.
    """
    found = [form for form in forms if isinstance(form, Form)]
    observed = [form.observed(network) for form in found]
    tails = _normal(found, observed)
    if settings.permutations and found:
        tails = _shuffled(samples[0], network, found, observed, settings)
    untested = GlobalResult(name=name, n=network.n, n_isolates=network.n_isolates, **vars(settings))
    results = iter(
        _with_numbers(untested, form, statistic, tail)
        for form, statistic, tail in zip(found, observed, tails, strict=True)
    )
    return [next(results) if isinstance(form, Form) else replace(untested, reason=form) for form in forms]


def _z_score(form: Form, statistic: float) -> float:
    return np.nan if form.is_certain else float((statistic - form.expected) / np.sqrt(form.variance))


def _normal(forms: Sequence[Form], observed: Sequence[float]) -> list[Tails]:
    """Return the tails of the normal law; 1 where the statistic has only one possible value."""
    scores = [_z_score(form, statistic) for form, statistic in zip(forms, observed, strict=True)]
    certain = [np.array([form.is_certain]) for form in forms]
    return [normal_tails(np.array([z])).certain_where(one) for z, one in zip(scores, certain, strict=True)]


def _with_numbers(untested: GlobalResult, form: Form, statistic: float, tails: Tails) -> GlobalResult:
    normal = _normal([form], [statistic])[0]
    # Adding zero makes -0.0 a plain 0.
    return replace(
        untested,
        statistic=statistic + 0.0,
        expected=form.expected,
        variance=form.variance,
        z_score=_z_score(form, statistic) + 0.0,
        p_value=float(tails.p_value(untested.alternative)[0]),
        p_lower=float(tails.lower[0]),
        p_upper=float(tails.upper[0]),
        p_analytic=float(normal.p_value(untested.alternative)[0]),
    )


def _shuffled(
    sample: Sample, network: Network, forms: Sequence[Form], observed: Sequence[float], settings: Settings
) -> list[Tails]:
    # Which value goes where must not depend on the order in which the areas came.
    order = sample.ids.argsort()
    margins = network.margins[order] if any(form.square for form in forms) else np.empty(0)
    products, squares = shuffled_products(
        network.pairs(order),
        margins,
        np.column_stack([form.a[order] for form in forms]),
        permutations=settings.permutations,
        seed=settings.seed,
    )
    tails = []
    for m, (form, statistic) in enumerate(zip(forms, observed, strict=True)):
        drawn, slack = form.of(products[:, m], squares[:, m]), form.rounding(network)
        at_most = np.array([np.count_nonzero(drawn <= statistic + slack)])
        at_least = np.array([np.count_nonzero(drawn >= statistic - slack)])
        tails.append(counted_tails(at_most, at_least, settings.permutations))
    return tails
