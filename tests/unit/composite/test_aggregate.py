"""Aggregation by hand; calculations are shown beside the numbers."""

import math
import re
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

import lea_geo as lea
from lea_geo.composite.aggregate import aggregate, check_pair
from lea_geo.composite.score_type import type_after, type_of
from lea_geo.composite_spec import AGGREGATIONS, Aggregate, Normalise
from lea_geo.errors import UsageError, ValuesError

PAIR = np.array([[20.0, 80]])
ONES = np.ones(2)


def how(method: str, **options: object) -> Aggregate:
    return Aggregate(method, **({"power": 2.0} if method == "power" else {}) | options)


def close(ours: np.ndarray, expected: object) -> None:
    np.testing.assert_allclose(ours, np.asarray(expected, float), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    ("method", "options", "equal", "weighted"),
    [
        ("arithmetic", {}, 50, 65),  # (20 + 3 * 80) / 4
        ("sum", {}, 100, 260),
        ("geometric", {}, 40, (20 * 80**3) ** 0.25),
        ("harmonic", {}, 32, 4 / (1 / 20 + 3 / 80)),  # 2 / (1 / 20 + 1 / 80)
        ("power", {"power": 2}, math.sqrt(3400), math.sqrt((400 + 3 * 6400) / 4)),
        ("power", {"power": 1}, 50, 65),
        ("power", {"power": 0}, 40, (20 * 80**3) ** 0.25),
        ("power", {"power": -1}, 32, 4 / (1 / 20 + 3 / 80)),
        ("median", {}, 50, 80),
        ("minimum", {}, 20, 20),
        ("maximum", {}, 80, 80),
        ("ampi", {"penalty": "-"}, 50 - 900 / 50, 65 - 675 / 65),  # 900 = 30^2, 675 = (45^2 + 3 * 15^2) / 4
        ("ampi", {"penalty": "+"}, 50 + 900 / 50, 65 + 675 / 65),
    ],
)
def test_a_method_gives_what_its_formula_gives_by_hand(method, options, equal, weighted):
    close(aggregate(PAIR, ONES, how(method, **options)), [equal])
    close(aggregate(PAIR, np.array([1.0, 3]), how(method, **options)), [weighted])


def test_unbalanced_areas_pay_in_the_direction_of_a_high_score():
    """Scores 90 and 110: mean 100, deviation 10, cv 0.1, penalty 10 * 0.1 = 1."""
    x = np.array([[90.0, 110], [100, 100]])
    close(aggregate(x, ONES, how("ampi"), high="protects"), [99, 100])
    close(aggregate(x, ONES, how("ampi"), high="weakens"), [101, 100])
    close(aggregate(x, ONES, how("ampi", penalty="-"), high="weakens"), [99, 100])


@pytest.mark.parametrize("method", AGGREGATIONS)
def test_areas_that_have_nothing_at_all_score_nothing(method):
    ours = aggregate(np.zeros((3, 2)), ONES, how(method))
    close(ours, np.zeros(3))


def test_a_median_is_between_two_members_where_half_the_weight_lies_on_each_side():
    x = np.array([[5.0, 1, 3, 9], [4, 4, 1, 2]])
    close(aggregate(x, np.ones(4), how("median")), [4, 3])
    close(aggregate(x, np.array([1.0, 1, 2, 4]), how("median")), [7, 2])  # weights 1 2 1 | 4, then 2 4 2
    close(aggregate(x, np.array([0.1, 0.1, 0.1, 0.3]), how("median")), [7, 2])


@pytest.mark.parametrize("method", ["geometric", "harmonic", "power"])
def test_nothing_makes_up_for_a_zero(method):
    x = np.array([[0.0, 80], [80, 80]])
    close(aggregate(x, ONES, how(method) if method != "power" else how(method, power=-2)), [0, 80])


@pytest.mark.parametrize(
    "method", ["arithmetic", "geometric", "harmonic", "power", "median", "minimum", "ampi"]
)
def test_a_gap_leaves_its_weight_out(method):
    x = np.array([[20.0, np.nan, 80], [20, 50, 80]])
    ours = aggregate(x, np.array([1.0, 2, 3]), how(method), available=0.6)  # 4 of 6 weights are there
    close(ours[:1], aggregate(PAIR, np.array([1.0, 3]), how(method)))


def test_a_sum_takes_a_gap_to_be_as_the_mean_of_the_rest():
    x = np.array([[20.0, np.nan, 80], [20, 50, 80]])
    close(aggregate(x, np.array([1.0, 2, 3]), how("sum")), [6 * (20 + 3 * 80) / 4, 20 + 2 * 50 + 3 * 80])


@pytest.mark.parametrize("method", AGGREGATIONS)
def test_an_area_with_too_few_of_the_weights_has_no_score(method):
    x = np.array([[20.0, np.nan, 80], [np.nan, 50, np.nan], [20, 50, 80], [np.nan] * 3])
    ours = aggregate(x, np.array([1.0, 2, 3]), how(method), available=4 / 6)
    assert np.isnan(ours).tolist() == [False, True, False, True]


@pytest.mark.parametrize("method", AGGREGATIONS)
def test_a_member_without_weight_takes_no_part(method):
    x = np.array([[20.0, 7, 80], [40, np.nan, 30], [50, 0, 60]])
    close(
        aggregate(x, np.array([1.0, 0, 3]), how(method), available=1),
        aggregate(x[:, [0, 2]], np.array([1.0, 3]), how(method), available=1),
    )


def test_copeland_counts_victories_less_defeats():
    """a beats b in two members of three and c in two; b beats c in all."""
    x = np.array([[3.0, 3, 1], [2, 2, 3], [1, 1, 2]])
    close(aggregate(x, np.ones(3), how("copeland")), [2, 0, -2])
    close(aggregate(x, np.array([1.0, 1, 5]), how("copeland")), [-2, 2, 0])  # now the third decides
    close(aggregate(x, np.array([0.1, 0.2, 0.3]), how("copeland")), [0, 1, -1])  # a draws with both


FOUR = pd.DataFrame(
    {"m1": [1.0, 2, 3, 4], "m2": [1.0, 4, 2, 3], "m3": [3.0, 2, 4, 1], "m4": [4.0, 3, 1, 2]},
    index=list("abcd"),
)


def test_copeland_can_turn_two_areas_round_when_another_one_is_added():
    """Without d: a and b draw, b and c draw, c beats a in m1, m2 and m3.

    With d: a and d draw, b beats d in m2, m3 and m4, and d beats c in m1, m2 and m4. Nothing about b and c
    has changed.
    """
    three = lea.aggregate(FOUR.loc[list("abc")], how="copeland")
    four = lea.aggregate(FOUR, how="copeland")
    assert three.to_dict() == {"a": -1, "b": 0, "c": 1}
    assert four.to_dict() == {"a": -1, "b": 1, "c": 0, "d": 0}
    assert three["c"] > three["b"]
    assert four["c"] < four["b"]


def test_a_mean_never_turns_two_areas_round_when_another_one_is_added():
    three, four = lea.aggregate(FOUR.loc[list("abc")]), lea.aggregate(FOUR)
    pd.testing.assert_series_equal(three, four.loc[list("abc")])


def test_copeland_compares_areas_on_the_members_that_both_have():
    x = np.array([[3.0, np.nan], [2, 9], [np.nan, 5]])
    close(aggregate(x, ONES, how("copeland"), available=0.5), [1, 0, -1])  # a - c have nothing in common


CORNERS = np.array([[2.0, 1], [1, 2], [1, 1]])


def test_benefit_of_the_doubt_judges_each_area_by_its_best_weights():
    """Two areas are best in one member each; the third reaches 2 / 3 of the line between them.

    w1 + w2 is largest where 2 w1 + w2 = 1 and w1 + 2 w2 = 1: at 1 / 3 each.
    """
    close(aggregate(CORNERS, ONES, how("benefit_of_the_doubt")), [1, 1, 2 / 3])


def test_benefit_of_the_doubt_keeps_to_bounds_on_shares():
    """Equal shares: for (2, 1) weights (t, 2 t), and t + 4 t <= 1 of the other: t = 0.2, score 0.8."""
    close(aggregate(CORNERS, ONES, how("benefit_of_the_doubt", least=0.5)), [0.8, 0.8, 2 / 3])
    close(aggregate(CORNERS, ONES, how("benefit_of_the_doubt", most=0.5)), [0.8, 0.8, 2 / 3])


def test_benefit_of_the_doubt_of_an_area_without_what_must_count_is_zero():
    x = np.array([[0.0, 2], [1, 1]])
    close(aggregate(x, ONES, how("benefit_of_the_doubt", least=0.1)), [0, 1])
    close(aggregate(x, ONES, how("benefit_of_the_doubt")), [1, 1])


def test_benefit_of_the_doubt_judges_an_area_with_a_gap_among_those_that_have_its_members():
    """The last has the first member only: 1 of the best, 2."""
    x = np.vstack([CORNERS, [1, np.nan]])
    close(aggregate(x, ONES, how("benefit_of_the_doubt")), [1, 1, 2 / 3, 0.5])
    close(aggregate(x, ONES, how("benefit_of_the_doubt", least=0.3, most=0.7))[3:], [0.5])


def corner_search(x: np.ndarray, least: float, most: float) -> list[float]:
    """Return the scores by trying every corner of the weights that are allowed; two members."""
    found = []
    for own in x:
        line = np.array([[-1, 0], [0, -1], [-own[0], 0], [0, -own[1]]])
        line[2:] += least * own
        top = np.array([[own[0], 0], [0, own[1]]]) - most * own
        limits, bounds = np.vstack([x, line, top]), np.r_[np.ones(len(x)), np.zeros(6)]
        best = 0.0
        for pair in combinations(range(len(limits)), 2):
            rows = limits[list(pair)]
            if abs(np.linalg.det(rows)) > 1e-9:
                corner = np.linalg.solve(rows, bounds[list(pair)])
                if (limits @ corner <= bounds + 1e-9).all():
                    best = max(best, own @ corner)
        found.append(best)
    return found


@pytest.mark.parametrize(("least", "most"), [(0.0, 1.0), (0.2, 0.9), (0.4, 0.6)])
def test_benefit_of_the_doubt_is_the_best_corner_of_all_allowed_weights(least, most):
    x = np.random.default_rng(3).uniform(1, 9, (7, 2))
    ours = aggregate(x, ONES, how("benefit_of_the_doubt", least=least, most=most))
    np.testing.assert_allclose(ours, corner_search(x, least, most), rtol=1e-7)


def test_benefit_of_the_doubt_is_what_its_dual_says():
    """The least that is needed of other areas to reach i in every member: min sum(l), l x_k >= x_ik."""
    x = np.random.default_rng(5).uniform(0, 1, (40, 4))
    x[7] = x[3] / 2  # of no account to the others
    x[:, 2] *= 1000
    dual = [linprog(np.ones(len(x)), A_ub=-x.T, b_ub=-own, method="highs-ipm").fun for own in x]
    ours = aggregate(x, np.ones(4), how("benefit_of_the_doubt"))
    np.testing.assert_allclose(ours, dual, rtol=1e-6)
    assert ours[7] == pytest.approx(ours[3] / 2)


REFUSED = [
    ("geometric", Normalise("z")),
    ("geometric", Normalise("min_max")),
    ("geometric", Normalise("percentile_rank")),
    ("geometric", Normalise("borda")),
    ("geometric", Normalise("goalposts", minimum=0, maximum=1, cap=False)),
    ("geometric", Normalise("distance_to_reference")),
    ("harmonic", Normalise("robust_z")),
    ("harmonic", Normalise("categories", breaks=(1.0,), scores=(0.0, 1.0))),
    ("power", Normalise("z")),
    ("geometric", Normalise("exponential_rank", share="(r-1)/n")),
    ("benefit_of_the_doubt", Normalise("z", mean=50)),
    ("benefit_of_the_doubt", Normalise("min_max", low=-1)),
    ("ampi", Normalise("min_max", low=1)),
    ("ampi", Normalise("z")),
    ("ampi", Normalise("z", mean=100, deviation=50)),
]
ALLOWED = [
    ("geometric", Normalise("none")),
    ("geometric", Normalise("min_max", low=1)),
    ("geometric", Normalise("goalposts", minimum=0, maximum=1)),  # as the Human Development Index
    ("geometric", Normalise("exponential_rank")),
    ("geometric", Normalise("percentile_rank", share="r/n")),
    ("geometric", Normalise("rank")),
    ("geometric", Normalise("categories", quantiles=5)),
    ("geometric", Normalise("ampi")),
    ("geometric", Normalise("fraction_of_max")),
    ("power", Normalise("min_max")),
    ("benefit_of_the_doubt", Normalise("min_max")),
    ("benefit_of_the_doubt", Normalise("percentile_rank")),
    ("ampi", Normalise("ampi")),
    ("ampi", Normalise("z", mean=100, deviation=10)),  # the index of De Muro, Mazziotta and Pareto (2011)
    *(
        (method, Normalise("z"))
        for method in ("arithmetic", "sum", "median", "minimum", "maximum", "copeland")
    ),
]


@pytest.mark.parametrize(("method", "scores"), REFUSED)
def test_a_pair_that_means_nothing_is_refused_with_a_cure(method, scores):
    with pytest.raises(UsageError, match=r"Use .*(min_max|'ampi')") as refused:
        check_pair(how(method), scores, where="the domain health")
    assert str(refused.value).startswith(f"aggregate '{method}' of '{scores.method}' (the domain health): ")


@pytest.mark.parametrize(("method", "scores"), ALLOWED)
def test_a_pair_that_means_something_is_not_refused(method, scores):
    check_pair(how(method), scores)


def test_a_power_mean_is_refused_or_not_by_its_order():
    check_pair(how("power", power=1), Normalise("z"))
    check_pair(how("power", power=0.5), Normalise("min_max"))
    with pytest.raises(UsageError, match="it multiplies or divides scores"):
        check_pair(how("power", power=0), Normalise("min_max"))


def test_scores_of_groups_are_refused_for_what_they_were_made_of():
    """The mean of z-scores has no more a zero of its own than z-scores have."""
    group = type_after(how("arithmetic"), [type_of(Normalise("z"))])
    with pytest.raises(UsageError, match="geometric' of scores of groups"):
        check_pair(how("geometric"), group)
    check_pair(how("geometric"), type_after(how("geometric"), [type_of(Normalise("min_max", low=1))]))


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: aggregate(-PAIR, ONES, how("geometric")), ValuesError, "scores below 0: 2 of 2"),
        (lambda: aggregate(-PAIR, ONES, how("benefit_of_the_doubt")), ValuesError, "Use min_max"),
        (lambda: aggregate(-PAIR, ONES, how("ampi")), ValuesError, "Use normalise.method = 'ampi'"),
        (lambda: aggregate(-PAIR, ONES, how("power")), ValuesError, "cannot be aggregated by 'power'"),
        (lambda: aggregate(PAIR, ONES, Aggregate("power")), UsageError, "'power' needs power"),
        (
            lambda: aggregate(PAIR, ONES, Aggregate(power=2)),
            UsageError,
            "power means nothing to 'arithmetic'",
        ),
        (lambda: aggregate(PAIR, ONES, how("ampi", penalty="x")), UsageError, "penalty is 'x'"),
        (lambda: aggregate(PAIR, np.array([1.0, -1]), how("sum")), UsageError, "weights must be 0 or more"),
        (lambda: aggregate(PAIR, np.zeros(2), how("sum")), UsageError, "at least one above 0"),
        (lambda: aggregate(PAIR, np.ones(3), how("sum")), UsageError, "3 weights for 2 members"),
        (
            lambda: aggregate(PAIR, ONES, how("benefit_of_the_doubt", least=0.6)),
            UsageError,
            "shares from 0.6 to 1 of 2 members cannot add up to 1",
        ),
        (
            lambda: aggregate(PAIR, ONES, how("benefit_of_the_doubt", most=0.4)),
            UsageError,
            "shares from 0 to 0.4 of 2 members cannot add up to 1",
        ),
        (
            lambda: aggregate(PAIR, ONES, how("benefit_of_the_doubt", least=0.5, most=0.4)),
            UsageError,
            "least not above most",
        ),
        (lambda: aggregate(PAIR, ONES, Aggregate("mean")), UsageError, "it must be one of ampi, arithmetic"),
        (
            lambda: lea.aggregate(FOUR, how="geometric", normalised="z"),
            UsageError,
            "Use min_max with low = 1",
        ),
        (lambda: lea.aggregate(FOUR, {"m1": 1.0, "m9": 2.0}), ValuesError, "does not have: 1 of 2 (m9)"),
        (lambda: lea.aggregate(FOUR, available=1.5), UsageError, "available is 1.5"),
        (lambda: lea.aggregate(FOUR, high="up"), UsageError, "high is 'up'"),
        (lambda: lea.aggregate(FOUR["m1"]), UsageError, "table is a Series"),
    ],
)
def test_what_cannot_be_aggregated_is_refused_with_the_reason(call, error, says):
    with pytest.raises(error, match=re.escape(says)):
        call()


def test_weights_of_a_table_are_aligned_by_name():
    weights = pd.Series({"m4": 4.0, "m3": 3.0, "m2": 2.0, "m1": 1.0})
    ours = lea.aggregate(FOUR, weights)
    assert ours.name == "score"
    assert ours["a"] == pytest.approx((1 + 2 + 9 + 16) / 10)


@pytest.mark.parametrize("method", AGGREGATIONS)
def test_scores_given_are_never_changed(method):
    x = np.array([[20.0, 80], [40, np.nan], [50, 60]])
    before = x.copy()
    aggregate(x, ONES, how(method))
    np.testing.assert_array_equal(x, before)
