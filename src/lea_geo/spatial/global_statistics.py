"""Global spatial autocorrelation: whether the whole map has a pattern.

The moments are those of Cliff and Ord (1981), over all areas that have a value; an area without neighbours is
one of them (spdep's ``adjust.n=FALSE``). In the equations z_i = x_i - mean(x), S0 = sum_ij w_ij, S1 = sum_ij
(w_ij + w_ji)^2 / 2, S2 = sum_i (sum_j w_ij + sum_j w_ji)^2, b2 = n sum z^4 / (sum z^2)^2.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lea_geo._checks.values import check_binary, check_not_negative
from lea_geo.rates.empirical_bayes import standardised_rates
from lea_geo.spatial.global_forms import AMOUNTS, Form, form_of, join_count_form, reason_against
from lea_geo.spatial.global_network import Network, network_of
from lea_geo.spatial.global_result import PERMUTATIONS, GlobalResult, Settings, results_of
from lea_geo.spatial.sample import Sample, build_sample

if TYPE_CHECKING:
    import pandas as pd
    from libpysal.graph import Graph

    from lea_geo.spatial.graph import AreaGraph


def global_moran(
    values: pd.Series,
    graph: AreaGraph | Graph,
    *,
    permutations: int = PERMUTATIONS,
    seed: int = 0,
    alternative: str = "two-sided",
    assumption: str = "randomisation",
    transform: str = "row",
    status: pd.Series | None = None,
) -> GlobalResult:
    """Measure whether neighbours are alike by Moran's I.

    ``I = (n / S0) sum_ij w_ij z_i z_j / sum z^2``; its mean without a pattern is -1/(n-1), and larger means
    alike.

    Parameters
    ----------
    values
        One number an area, indexed by ``area_id``; NaN where there is none.
    graph
        Whose ids are those of ``values``, in any order.
    permutations
        How many times the values are shuffled; 0 leaves only the normal law.
    seed
        Of the permutations; the same seed gives the same numbers for any order of the areas.
    alternative
        ``"two-sided"``, ``"greater"`` or ``"less"``; of the statistic, not of the autocorrelation.
    assumption
        Of the analytic moments: ``"randomisation"`` or ``"normality"``.
    transform
        Weights: ``"row"`` (sum to 1), ``"binary"`` or ``"original"``.
    status
        One of ``schema.Status`` an area; left out, NaN is missing and everything else observed.

    Raises
    ------
    UsageError
        If an option is unknown or values have no ids.
    ValuesError
        If ids are missing, foreign or repeated, a value is infinite or no number, or fewer than four areas
        have one.

    References
    ----------
    Moran (1950), https://doi.org/10.1093/biomet/37.1-2.17
    Cliff and Ord (1981), Spatial Processes, Pion
    """
    settings = Settings(transform, permutations, seed, alternative, assumption)
    sample = build_sample(values, graph, transform=transform, status=status)
    return _test("global_moran", "moran", sample, settings)


def _test(name: str, statistic: str, sample: Sample, settings: Settings) -> GlobalResult:
    network = network_of(sample)
    return _test_form(
        name, form_of(statistic, sample, network, settings.assumption), sample, network, settings
    )


def _test_form(
    name: str, form: Form | str, sample: Sample, network: Network, settings: Settings
) -> GlobalResult:
    return results_of(name, [sample], network, [form], settings)[0]


def global_geary(
    values: pd.Series,
    graph: AreaGraph | Graph,
    *,
    permutations: int = PERMUTATIONS,
    seed: int = 0,
    alternative: str = "two-sided",
    assumption: str = "randomisation",
    transform: str = "row",
    status: pd.Series | None = None,
) -> GlobalResult:
    """Measure how different neighbours are by Geary's C.

    ``C = (n - 1) sum_ij w_ij (x_i - x_j)^2 / (2 S0 sum z^2)``; its mean without a pattern is 1, and smaller
    means alike. ``z_score`` has the sign of C - 1 (spdep's has the other).

    Parameters
    ----------
    values, graph, permutations, seed, alternative, assumption, transform, status
        As in :func:`global_moran`.

    Raises
    ------
    UsageError, ValuesError
        As in :func:`global_moran`.

    References
    ----------
    Geary (1954), https://doi.org/10.2307/2986645
    """
    settings = Settings(transform, permutations, seed, alternative, assumption)
    sample = build_sample(values, graph, transform=transform, status=status)
    return _test("global_geary", "geary", sample, settings)


def global_g(
    values: pd.Series,
    graph: AreaGraph | Graph,
    *,
    permutations: int = PERMUTATIONS,
    seed: int = 0,
    alternative: str = "two-sided",
    transform: str = "row",
    status: pd.Series | None = None,
) -> GlobalResult:
    """Measure whether high values, or low ones, lie together by Getis and Ord's General G.

    ``G = sum_ij w_ij x_i x_j / sum_{i != j} x_i x_j`` for values that are not negative; larger than its mean
    S0/(n(n-1)) means that high values lie together, smaller that low ones do. Binary weights are usual
    (``transform="binary"``).

    Parameters
    ----------
    values, graph, permutations, seed, alternative, transform, status
        As in :func:`global_moran`.

    Raises
    ------
    UsageError
        As in :func:`global_moran`.
    ValuesError
        As in :func:`global_moran`, and if a value is negative: G compares amounts.

    References
    ----------
    Getis and Ord (1992), https://doi.org/10.1111/j.1538-4632.1992.tb00261.x
    """
    settings = Settings(transform, permutations, seed, alternative)
    sample = build_sample(values, graph, transform=transform, status=status)
    check_not_negative(
        "values",
        sample.x,
        sample.ids,
        why=AMOUNTS,
    )
    return _test("global_g", "g", sample, settings)


def global_join_count(
    values: pd.Series,
    graph: AreaGraph | Graph,
    *,
    permutations: int = PERMUTATIONS,
    seed: int = 0,
    alternative: str = "two-sided",
    transform: str = "binary",
    status: pd.Series | None = None,
) -> GlobalResult:
    """Count links that join two areas which both have an attribute.

    ``BB = sum_ij w_ij x_i x_j / 2`` for ``x`` of 0 and 1; moments under sampling without replacement. The
    weights are binary unless ``transform`` says otherwise.

    Parameters
    ----------
    values
        1 where an area has the attribute, 0 where not, NaN where nobody knows; indexed by ``area_id``.
    graph, permutations, seed, alternative, transform, status
        As in :func:`global_moran`.

    Raises
    ------
    UsageError
        As in :func:`global_moran`.
    ValuesError
        As in :func:`global_moran`, and if a value is neither 0 nor 1.

    References
    ----------
    Cliff and Ord (1981), Spatial Processes, Pion
    """
    settings = Settings(transform, permutations, seed, alternative)
    sample = build_sample(values, graph, transform=transform, status=status)
    check_binary("values", sample.x, sample.ids)
    network = network_of(sample)
    form = reason_against(sample, network) or join_count_form(sample, network)
    return _test_form("global_join_count", form, sample, network, settings)


def global_moran_rates(
    numerator: pd.Series,
    denominator: pd.Series,
    graph: AreaGraph | Graph,
    *,
    permutations: int = PERMUTATIONS,
    seed: int = 0,
    alternative: str = "two-sided",
    assumption: str = "randomisation",
    transform: str = "row",
    kind: str = "proportion",
) -> GlobalResult:
    """Measure whether neighbours' rates are alike by Moran's I with empirical-Bayes standardisation.

    Rates of small populations vary more, which hides a pattern or feigns one. Each rate is standardised by
    its own variance first (:func:`lea_geo.rates.empirical_bayes.standardised_rates`), then
    :func:`global_moran` is taken of the result. An area where nobody lives has no rate and is left out; a
    note counts those.

    Parameters
    ----------
    numerator, denominator
        Counts indexed by ``area_id``, not negative.
    graph, permutations, seed, alternative, assumption, transform
        As in :func:`global_moran`.
    kind
        ``"proportion"`` where the numerator is part of the denominator, ``"rate"`` otherwise.

    Raises
    ------
    UsageError, ValuesError
        As in :func:`global_moran` and :func:`lea_geo.empirical_bayes`.

    References
    ----------
    Assunção and Reis (1999),
    https://doi.org/10.1002/(SICI)1097-0258(19990830)18:16<2147::AID-SIM179>3.0.CO;2-I
    """
    settings = Settings(transform, permutations, seed, alternative, assumption)
    standardised = standardised_rates(numerator, denominator, kind=kind)
    sample = build_sample(standardised.table["z_score"], graph, transform=transform)
    result = _test("global_moran_rates", "moran", sample, settings)
    return replace(result, notes=(*result.notes, *standardised.notes))
