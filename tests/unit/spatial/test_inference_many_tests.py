"""Corrections for many tests against R, mid-p against laws written out, and the sort beneath them."""

from fractions import Fraction
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, norm

from lea_geo.errors import UsageError
from lea_geo.spatial.inference import (
    CORRECTIONS,
    LEAST_MASS,
    Tails,
    adjusted,
    counted_tails,
    normal_tails,
    required_permutations,
)
from lea_geo.spatial.ordering import ascending


def numbers(text):
    """Return the numbers of a text, as a program printed them."""
    return np.array(text.replace("NA", "nan").split(), dtype=float)


# Benjamini and Hochberg (1995), section 3.2; and eight p-values with ties, between two that are missing.
THEIRS = numbers(
    "0.0001 0.0004 0.0019 0.0095 0.0201 0.0278 0.0298 0.0344 0.0459 0.324 0.4262 0.5719 0.6528 0.759 1"
)
GAPS = numbers("0.04 NA 0.001 0.04 0.2 NA 1 0.013 0.013 0.5")

# p.adjust of R 4.2.2.
OF_R = {
    "bh": (
        """0.0015 0.003 0.0095 0.035625 0.0603 0.0638571428571429 0.0638571428571429 0.0645 0.0765 0.486
        0.5811818181818181 0.714875 0.7532307692307693 0.8132142857142857 1""",
        """0.064 NA 0.008 0.064 0.2666666666666667 NA 1 0.0346666666666667 0.0346666666666667
        0.5714285714285714""",
    ),
    "by": (
        """0.00497734348984349 0.00995468697968698 0.03152317543567543 0.11821190788378289
        0.20008920829170829 0.21189262285333715 0.21189262285333715 0.21402577006327006
        0.25384451798201801 1 1 1 1 1 1""",
        """0.1739428571428571 NA 0.0217428571428571 0.1739428571428571 0.7247619047619048 NA 1
        0.0942190476190476 0.0942190476190476 1""",
    ),
    "holm": (
        "0.0015 0.0056 0.0247 0.114 0.2211 0.278 0.278 0.278 0.3213 1 1 1 1 1 1",
        "0.2 NA 0.008 0.2 0.6 NA 1 0.091 0.091 1",
    ),
    "bonferroni": (
        "0.0015 0.006 0.0285 0.1425 0.3015 0.417 0.447 0.516 0.6885 1 1 1 1 1 1",
        "0.32 NA 0.008 0.32 1 NA 1 0.104 0.104 1",
    ),
}

# qvalue 2.30.0 of Bioconductor, qvalue(p, lambda = 0.5): pi0 = 4 / (15 / 2), without the 1 for small samples.
OF_QVALUE = numbers(
    """0.0008 0.0016 0.00506666666666667 0.019 0.03216 0.03405714285714286 0.03405714285714286 0.0344 0.0408
    0.2592 0.30996363636363639"""
)

P_VALUES = st.lists(
    st.one_of(st.just(np.nan), st.sampled_from([0.0, 0.01, 0.05, 0.5, 1.0]), st.floats(0, 1)), max_size=40
).map(lambda p: np.array(p, dtype=float))


@pytest.mark.parametrize("correction", OF_R)
def test_corrections_are_those_of_r(correction):
    for p, expected in zip((THEIRS, GAPS), OF_R[correction], strict=True):
        np.testing.assert_allclose(adjusted(p, correction), numbers(expected), rtol=1e-13)


def test_storeys_q_values_are_bioconductors_times_the_larger_share_of_nothing_to_find():
    # Four of the 15 are above 1/2: pi0 = (1 + 4) / (15 / 2) where qvalue has 4 / (15 / 2).
    q = adjusted(THEIRS, "storey")
    np.testing.assert_allclose(q[:11], OF_QVALUE * 5 / 4, rtol=1e-13)
    assert q[11:].tolist() == [1.0] * 4


def test_storeys_share_by_hand():
    # Six tested, one above 1/2: pi0 = (1 + 1) / 3. q = 2/3 * 6 p / rank, from the largest p at most 1/2 down.
    q = adjusted(np.array([0.3, 0.01, np.nan, 0.9, 0.02, 0.3, 0.04]), "storey")
    assert q == pytest.approx([0.24, 0.04, np.nan, 1.0, 0.04, 0.24, 0.04 * 4 / 3], nan_ok=True)


def test_storeys_share_is_at_most_one():
    p = np.array([0.001, 0.9, 0.95, 0.99])
    assert adjusted(p, "storey")[0] == adjusted(p, "bh")[0]


def test_no_correction_leaves_the_p_values():
    p = GAPS.copy()
    q = adjusted(p, "none")
    np.testing.assert_array_equal(q, GAPS)
    q[0] = 1.0
    assert p[0] == GAPS[0]


@pytest.mark.parametrize("correction", CORRECTIONS)
@pytest.mark.parametrize("p", [[], [np.nan], [np.nan, np.nan]])
def test_where_nothing_was_tested_there_is_no_q_value(p, correction):
    assert np.isnan(adjusted(np.array(p, dtype=float), correction)).all()
    assert len(adjusted(np.array(p, dtype=float), correction)) == len(p)


def test_an_unknown_correction_is_refused_and_the_nearest_named():
    with pytest.raises(UsageError, match=r"correction is 'holms'.*Did you mean 'holm'"):
        adjusted(GAPS, "holms")


@given(P_VALUES, st.sampled_from(CORRECTIONS), st.randoms(use_true_random=False))
def test_q_values_depend_on_nothing_but_the_p_values(p, correction, random):
    order = list(range(len(p)))
    random.shuffle(order)
    q = adjusted(p, correction)
    np.testing.assert_array_equal(adjusted(p[order], correction), q[order])


@given(P_VALUES)
def test_corrections_are_ordered_from_the_mildest_to_the_strictest(p):
    q = {correction: adjusted(p, correction) for correction in CORRECTIONS}
    tested = ~np.isnan(p)
    for milder, stricter in [("none", "bh"), ("bh", "by"), ("bh", "holm"), ("holm", "bonferroni")]:
        assert (q[milder][tested] <= q[stricter][tested] * (1 + 1e-12)).all()
    # Storey's correction looks no further than p = 1/2, where q of bh is at least as large.
    low = q["bh"] <= 0.5
    assert (q["storey"][low] <= q["bh"][low] * (1 + 1e-12)).all()


@given(P_VALUES, st.sampled_from(CORRECTIONS))
def test_q_values_rise_with_p_values_and_are_no_smaller(p, correction):
    q, tested = adjusted(p, correction), ~np.isnan(p)
    assert (np.isnan(q) == ~tested).all()
    rising = np.argsort(p[tested])
    assert (np.diff(q[tested][rising]) >= 0).all()
    assert ((q[tested] >= 0) & (q[tested] <= 1)).all()
    if correction != "storey":
        assert (q[tested] >= p[tested] * (1 - 1e-12)).all()


def test_the_false_discovery_rate_holds_and_storey_finds_more():
    # 400 maps of 500 areas, 200 of them with something to find. Under independence E(FDP) of bh is 0.6 * 0.05
    # and of storey at most 0.05; the allowance is three standard errors of a mean of 400 with sd below 0.03.
    random = np.random.default_rng(11)
    p = norm.sf(random.normal(np.r_[np.full(200, 3.0), np.zeros(300)], size=(400, 500)))
    shares, found = {}, {}
    for correction in ("bh", "storey", "by"):
        hit = np.array([adjusted(row, correction) <= 0.05 for row in p])
        shares[correction] = np.mean(hit[:, 200:].sum(axis=1) / np.maximum(1, hit.sum(axis=1)))
        found[correction] = hit[:, :200].mean()
    assert shares["bh"] == pytest.approx(0.03, abs=0.0045)
    assert shares["storey"] <= 0.05 + 0.0045
    assert shares["by"] <= 0.03 / 6  # 1 + 1/2 + ... + 1/500 is 6.8
    assert found["by"] < found["bh"] < found["storey"]


@pytest.mark.parametrize("correction", ["bh", "holm", "bonferroni", "storey"])
def test_a_lone_area_among_3000_needs_119_999_permutations(correction):
    assert required_permutations(3000, 0.05, correction=correction) == 2 * 3000 * 20 - 1


def test_whatever_the_dependence_a_lone_area_needs_eight_times_as_many():
    # 1 + 1/2 + ... + 1/3000 = 8.58 is no whole number, so the next smaller one suffices.
    share = sum(Fraction(1, i) for i in range(1, 3001))
    assert required_permutations(3000, 0.05, correction="by") == int(share * 120_000)


def test_without_a_correction_the_number_of_areas_does_not_matter():
    assert required_permutations(3000, 0.05, correction="none") == 39
    assert required_permutations(3, 0.05, "less", correction="none") == 19


@pytest.mark.parametrize("correction", CORRECTIONS)
@pytest.mark.parametrize("n", [1, 2, 7, 300])
def test_so_many_permutations_label_a_lone_area_and_one_fewer_does_not(correction, n):
    for alternative, tails in (("two-sided", 2), ("greater", 1)):
        needed = required_permutations(n, 0.05, alternative, correction)
        p = np.r_[tails / (needed + 1), np.full(n - 1, 0.9)]
        assert adjusted(p, correction)[0] <= 0.05 * (1 + 1e-9)
        p[0] = tails / needed
        assert adjusted(p, correction)[0] > 0.05


def test_the_mid_p_counts_the_observed_value_by_half():
    # Hypergeometric: 3 of 8 have it, 4 are drawn. P(0, 1, 2, 3) = 5, 30, 30, 5 of 70.
    law = np.array([comb(3, x) * comb(5, 4 - x) for x in range(4)]) / comb(8, 4)
    tails = Tails(np.cumsum(law), np.cumsum(law[::-1])[::-1])
    mid = tails.mid()
    assert mid.upper == pytest.approx(np.array([67.5, 50, 20, 2.5]) / 70)
    assert mid.lower == pytest.approx(np.array([2.5, 20, 50, 67.5]) / 70)
    assert mid.p_value("two-sided") == pytest.approx(np.array([5, 40, 40, 5]) / 70)


def test_mid_p_has_the_mean_one_half_that_p_values_of_few_counts_exceed():
    law = binom(3, 0.2)
    x = np.arange(4)
    tails = Tails(law.cdf(x), law.sf(x - 1))
    assert np.sum(law.pmf(x) * tails.mid().upper) == pytest.approx(0.5, abs=1e-15)
    assert np.sum(law.pmf(x) * tails.upper) > 0.7


def test_the_mid_p_of_a_continuous_law_is_the_p_value_to_the_last_bit():
    z = np.random.default_rng(5).normal(size=10_000) * 3
    tails = normal_tails(z)
    assert (tails.mid().upper == tails.upper).all()
    assert (tails.mid().p_value("two-sided") == tails.p_value("two-sided")).all()


def test_what_has_only_one_possible_value_keeps_a_two_sided_p_of_one():
    mid = Tails(np.ones(2), np.ones(2)).mid()
    assert mid.p_value("two-sided").tolist() == [1.0, 1.0]
    assert mid.upper.tolist() == [0.5, 0.5]


def test_the_mid_p_of_permutations_halves_the_ties_and_the_observed_arrangement():
    # 99 permutations: 2 above, 3 tied, 94 below; the observed arrangement is the hundredth, and a tie.
    mid = counted_tails(np.array([97.0]), np.array([5.0]), 99).mid()
    assert mid.upper == pytest.approx([(2 + 4 / 2) / 100])
    assert mid.lower == pytest.approx([(94 + 4 / 2) / 100])


def test_an_untested_area_has_no_mid_p():
    mid = Tails(np.array([np.nan, 0.5]), np.array([np.nan, 0.75])).mid()
    assert np.isnan(mid.p_value("two-sided")[0])
    assert mid.upper[1] == pytest.approx(0.625)


@given(st.lists(st.integers(0, 50), min_size=1, max_size=12), st.integers(0, 11))
def test_mid_tails_add_up_to_one_and_are_at_least_half_of_the_tails(weights, at):
    law = np.array(weights, dtype=float) + 1e-6
    law /= law.sum()
    at = min(at, len(law) - 1)
    tails = Tails(law[: at + 1].sum()[None], law[at:].sum()[None])
    mid = tails.mid()
    assert mid.lower + mid.upper == pytest.approx(1.0, abs=LEAST_MASS + 1e-15)
    for half, whole in ((mid.lower, tails.lower), (mid.upper, tails.upper)):
        assert 0.5 * whole[0] <= half[0] <= whole[0]


@given(
    st.lists(
        st.one_of(
            st.just(np.nan), st.sampled_from([0.0, -0.0, 5e-324, 1e-13, 0.5, 1.0, 1e300]), st.floats(0, 2)
        ),
        max_size=60,
    )
)
@settings(max_examples=200)
def test_the_sort_is_numpys(values):
    values = np.array(values, dtype=float)
    rising, places = ascending(values)
    np.testing.assert_array_equal(rising, np.sort(values)[: len(rising)])
    assert len(rising) == (~np.isnan(values)).sum()
    np.testing.assert_array_equal(values[places], rising)
    assert len(set(places.tolist())) == len(places)


def test_equal_values_keep_their_order():
    values = np.random.default_rng(2).integers(0, 5, 5000) / 7
    assert ascending(values)[1].tolist() == np.argsort(values, kind="stable").tolist()
