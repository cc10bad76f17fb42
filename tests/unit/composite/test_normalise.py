"""Normalisation by hand. Unless a test says otherwise, the values are 2, 4, 4 and 10:

mean 5, sum of squares about it 9 + 1 + 1 + 25 = 36, median 4, absolute deviations from it 2, 0, 0, 6.
"""

import math
import re
from dataclasses import replace
from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest

import lea_geo as lea
from lea_geo.composite.normalise import learn
from lea_geo.composite.score_type import RAW, ScoreType, type_after, type_of
from lea_geo.composite_spec import AGGREGATIONS, NORMALISATIONS, Aggregate, Normalise
from lea_geo.errors import UsageError, ValuesError

VALUES = np.array([2.0, 4, 4, 10])
ENOUGH = {
    "goalposts": {"minimum": 0, "maximum": 20},
    "distance_to_target": {"target": 12},
    "categories": {"breaks": (3.0, 8.0)},
}


def scores(method: str, *, flip: bool = False, values: object = VALUES, **options: object) -> np.ndarray:
    return both(method, values, values, flip=flip, **options)


def both(
    method: str, learnt: object, applied: object, *, flip: bool = False, **options: object
) -> np.ndarray:
    """Return scores of values on a scale that was learnt on others."""
    how = Normalise(method, **options)
    scale = learn(np.asarray(learnt, float)[:, None], how, flip=np.array([flip]))
    return scale.apply(np.asarray(applied, float)[:, None])[:, 0]


def close(ours: np.ndarray, expected: object) -> None:
    np.testing.assert_allclose(ours, np.asarray(expected, float), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    ("method", "options", "up", "down"),
    [
        ("none", {}, [2, 4, 4, 10], [-2, -4, -4, -10]),
        ("min_max", {}, [0, 25, 25, 100], [100, 75, 75, 0]),  # 2 / 8 of the way
        ("min_max", {"low": 1, "high": 9}, [1, 3, 3, 9], [9, 7, 7, 1]),
        ("goalposts", {"minimum": 0, "maximum": 8}, [25, 50, 50, 100], [75, 50, 50, 0]),  # 10 is beyond
        (
            "goalposts",
            {"minimum": 0, "maximum": 8, "cap": False, "high": 1},
            [0.25, 0.5, 0.5, 1.25],
            [0.75, 0.5, 0.5, -0.25],
        ),
        ("rank", {}, [1, 2.5, 2.5, 4], [4, 2.5, 2.5, 1]),
        ("rank", {"ties": "min"}, [1, 2, 2, 4], [4, 2, 2, 1]),
        ("rank", {"ties": "max"}, [1, 3, 3, 4], [4, 3, 3, 1]),
        ("borda", {}, [0, 1.5, 1.5, 3], [3, 1.5, 1.5, 0]),
        ("percentile_rank", {}, [0, 1 / 3, 1 / 3, 1], [1, 1 / 3, 1 / 3, 0]),  # (2 - 1) / (4 - 1)
        ("percentile_rank", {"ties": "average"}, [0, 0.5, 0.5, 1], [1, 0.5, 0.5, 0]),
        ("percentile_rank", {"share": "r/n"}, [0.25, 0.5, 0.5, 1], [1, 0.5, 0.5, 0.25]),
        ("percentile_rank", {"share": "(r-1)/n"}, [0, 0.25, 0.25, 0.75], [0.75, 0.25, 0.25, 0]),
        ("percentile_rank", {"share": "(r-0.5)/n"}, [0.125, 0.375, 0.375, 0.875], None),
        ("percentile_rank", {"share": "r/(n+1)"}, [0.2, 0.4, 0.4, 0.8], [0.8, 0.4, 0.4, 0.2]),
        ("distance_to_target", {"target": 12}, [0, 0.2, 0.2, 0.8], None),  # 2 / 10
        ("distance_to_target", {"target": 6}, [0, 0.5, 0.5, 1], None),
        ("distance_to_target", {"target": 6, "cap": False}, [0, 0.5, 0.5, 2], None),
        ("distance_to_target", {"target": 0}, None, [0.8, 0.6, 0.6, 0]),  # (10 - 2) / 10
        ("distance_to_reference", {}, [0.4, 0.8, 0.8, 2], [1.6, 1.2, 1.2, 0]),  # of the mean, 5
        ("distance_to_reference", {"reference": 4}, [0.5, 1, 1, 2.5], [1.5, 1, 1, -0.5]),
        ("fraction_of_max", {}, [0.2, 0.4, 0.4, 1], [1, 0.5, 0.5, 0.2]),  # x / 10 and 2 / x
        ("categories", {"breaks": (4.0, 8.0)}, [1, 2, 2, 3], [3, 2, 2, 1]),  # 4 is at the break: above
        ("categories", {"breaks": (3.0,), "scores": (0.0, 50.0)}, [0, 50, 50, 50], [50, 0, 0, 0]),
        ("categories", {"quantiles": 2}, [1, 2, 2, 2], [2, 1, 1, 1]),  # the median is 4
        ("ampi", {}, [77.5, 92.5, 92.5, 137.5], [122.5, 107.5, 107.5, 62.5]),  # 100 + 60 (x - 5) / 8
        ("ampi", {"reference": 6}, [70, 85, 85, 130], [130, 115, 115, 70]),  # midway
        ("ampi", {"reference": 10, "minimum": 0, "maximum": 20}, [76, 82, 82, 100], [124, 118, 118, 100]),
    ],
)
def test_a_method_gives_what_its_formula_gives_by_hand(method, options, up, down):
    for flip, expected in ((False, up), (True, down)):
        if expected is not None:
            close(scores(method, flip=flip, **options), expected)


def test_z_divides_by_n_less_one_or_by_n_as_asked():
    apart = np.array([-3, -1, -1, 5])
    close(scores("z"), apart / math.sqrt(36 / 3))
    close(scores("z", sample=False), apart / 3)  # sqrt(36 / 4)
    close(scores("z", sample=False, mean=100, deviation=10, flip=True), 100 - 10 * apart / 3)


def test_robust_z_is_the_distance_from_the_median_in_median_deviations():
    close(scores("robust_z"), np.array([-2, 0, 0, 6]) / 1.4826)  # MAD is the middle of 0, 0, 2, 6
    close(scores("robust_z", mean=50, deviation=2), 50 + np.array([-4, 0, 0, 12]) / 1.4826)


def test_a_z_score_weighted_by_population_is_that_of_the_people():
    """Mean (3 * 2 + 4 + 4 + 10) / 6 = 4, variance (3 * 4 + 0 + 0 + 36) / 6 = 8; a gap has no say."""
    x = np.array([[2.0], [4], [4], [10], [np.nan]])
    people = np.array([3.0, 1, 1, 1, 50])
    scale = learn(x, Normalise("z", weighted=True), flip=np.array([False]), population=people)
    close(scale.apply(x)[:, 0], [*(np.array([-2, 0, 0, 6]) / math.sqrt(8)), np.nan])


def test_ranks_weighted_by_population_are_those_of_the_people():
    """As if every person were an area: people with 1 1 1, 4 4, 4, 9; a gap has no say."""
    x, people = np.array([[1.0], [4], [4], [9], [np.nan]]), np.array([3.0, 2, 1, 1, 50])
    persons = np.repeat(x[:4], [3, 2, 1, 1], axis=0)
    for how in (
        Normalise("percentile_rank", weighted=True),
        Normalise("percentile_rank", weighted=True, share="(r-0.5)/n", ties="average"),
        Normalise("exponential_rank", weighted=True),
    ):
        for flip in (np.array([False]), np.array([True])):
            ours = learn(x, how, flip=flip, population=people).apply(x)[:, 0]
            plain = learn(persons, replace(how, weighted=False), flip=flip).apply(x[:4])[:, 0]
            close(ours, [*plain, np.nan])


def test_categories_weighted_by_population_hold_as_many_people_each():
    """Of 10 people the middles are at 0.2, 0.45, 0.6 and 0.85: of three categories 1, 2, 2, 3."""
    x, people = np.array([[1.0], [2], [5], [9], [np.nan]]), np.array([4.0, 1, 2, 3, 50])
    how = Normalise("categories", quantiles=3, weighted=True)
    close(learn(x, how, flip=np.array([False]), population=people).apply(x)[:, 0], [1, 2, 2, 3, np.nan])
    close(learn(x, how, flip=np.array([True]), population=people).apply(x)[:, 0], [3, 2, 2, 1, np.nan])


def test_exponential_ranks_are_those_of_the_english_and_scottish_indices():
    """The Scottish Indices of Deprivation 2003, appendix 5: 100 for the worst, above 50 for ten percent.

    50 = -23 ln(1 - R (1 - e^(-100/23))) where R = (1 - e^(-50/23)) / (1 - e^(-100/23)) = 0.8979.
    """
    values = np.arange(1.0, 1001)
    ours = scores("exponential_rank", values=values)
    assert ours[-1] == pytest.approx(100, abs=1e-9)
    assert (ours > 50).tolist() == [False] * 897 + [True] * 103
    half = -23 * math.log(1 - 0.5 * (1 - math.exp(-100 / 23)))
    assert ours[499] == pytest.approx(half)
    assert half == pytest.approx(15.6468, abs=5e-5)
    close(scores("exponential_rank", values=-values, flip=True), ours)


def test_normal_scores_are_normal_quantiles_of_ranks():
    """Of three areas the ranks stand for 1/4, 2/4 and 3/4; the normal quartile is 0.674490."""
    quartile = NormalDist().inv_cdf(0.75)
    assert quartile == pytest.approx(0.674490, abs=5e-7)
    close(scores("normal_score", values=[10, 1000, 20]), [-quartile, quartile, 0])
    close(scores("normal_score", values=[10, 1000, 20], flip=True), [quartile, -quartile, 0])
    # Halves in place of quarters: 1/6, 3/6 and 5/6.
    sixth = NormalDist(100, 10).inv_cdf(5 / 6)
    close(
        scores("normal_score", values=[10, 20, 30], share="(r-0.5)/n", mean=100, deviation=10),
        [200 - sixth, 100, sixth],
    )


def test_a_normal_score_without_bounds_is_refused():
    with pytest.raises(UsageError, match="gives an end no score"):
        scores("normal_score", values=[1, 2, 3], share="r/n")


def test_exponential_ranks_can_begin_at_0_as_scotlands_of_2020_or_end_there_too():
    """X(R) for R = 0 and 3 / 4, and for R = 0 and 1."""
    three_quarters = -23 * math.log(1 - 0.75 * (1 - math.exp(-100 / 23)))
    begins = scores("exponential_rank", values=[1, 2, 3, 4], share="(r-1)/n")
    assert (begins[0], begins[-1]) == (0, pytest.approx(three_quarters))
    ends = scores("exponential_rank", values=[1, 2, 3, 4], share="(r-1)/(n-1)")
    assert (ends[0], ends[-1]) == (0, pytest.approx(100))


def test_values_that_only_rounding_keeps_apart_have_the_same_rank():
    """Sums of percentile ranks of four decimals are equal in whatever order they are taken."""
    sums = [0.1 + 0.2, 0.3, 0.7, 0.4 + 0.3 - 1e-16]
    assert len(set(sums)) == 4
    close(scores("rank", values=sums), [1.5, 1.5, 3.5, 3.5])
    close(scores("percentile_rank", values=sums), [0, 0, 2 / 3, 2 / 3])
    close(scores("rank", values=[1, 1 + 1e-12, 2]), [1, 2, 3])


def test_percentile_ranks_are_those_of_excel():
    """Microsoft's own example of PERCENTRANK.INC, which cuts 0.5555... off after three digits."""
    array = [13, 12, 11, 8, 4, 3, 2, 1, 1, 1]
    ours = both("percentile_rank", array, [2, 4, 8, 5], decimals=3, truncate=True)
    close(ours, [0.333, 0.555, 0.666, 0.583])


def test_scores_can_be_rounded():
    close(scores("percentile_rank", decimals=4), [0, 0.3333, 0.3333, 1])
    close(scores("min_max", values=[0, 29, 100], high=1, decimals=2, truncate=True), [0, 0.29, 1])


@pytest.mark.parametrize(
    ("method", "options", "later", "expected"),
    [
        ("min_max", {}, [1, 6, 12], [-12.5, 50, 125]),
        ("z", {"sample": False}, [5, 8, 14], [0, 1, 3]),
        ("ampi", {}, [1, 5, 13], [70, 100, 160]),
        ("fraction_of_max", {}, [5, 20, 0], [0.5, 2, 0]),
        ("categories", {"quantiles": 2}, [1, 3.9, 99], [1, 1, 2]),
        ("rank", {}, [1, 3, 7], [1, 1.75, 3.25]),  # midway from 1 to 2.5, and from 2.5 to 4
        ("percentile_rank", {}, [1, 7, 99], [0, 2 / 3, 1]),  # midway from 1 / 3 to 1
        ("goalposts", {"minimum": 0, "maximum": 8}, [-1, 2, 9], [0, 25, 100]),
        ("distance_to_target", {"target": 12}, [0, 7, 20], [0, 0.5, 1]),
    ],
)
def test_a_scale_learnt_on_one_year_scores_another(method, options, later, expected):
    close(both(method, VALUES, later, **options), expected)


def test_a_later_zero_cannot_be_a_share_of_the_best_where_low_is_good():
    close(both("fraction_of_max", VALUES, [1, 4], flip=True), [2, 0.5])
    with pytest.raises(ValuesError, match="best value of 0"):
        both("fraction_of_max", VALUES, [0, 4], flip=True)


@pytest.mark.parametrize("method", [m for m in NORMALISATIONS if m not in {"none", "goalposts"}])
def test_a_gap_has_no_score_and_leaves_the_others_as_they_are(method):
    options = ENOUGH.get(method, {})
    with_gap = scores(method, values=[2, np.nan, 4, 4, 10], **options)
    assert np.isnan(with_gap[1])
    close(np.delete(with_gap, 1), scores(method, **options))


@pytest.mark.parametrize("method", ["min_max", "z", "robust_z", "ampi"])
def test_values_without_spread_have_no_scores_and_the_scale_says_so(method):
    x = np.column_stack([VALUES, np.full(4, 0.1) * 3, np.full(4, np.nan)])
    scale = learn(x, Normalise(method), flip=np.zeros(3, bool))
    assert scale.undefined.tolist() == [False, True, True]
    assert np.isnan(scale.apply(x)[:, 1:]).all()


@pytest.mark.parametrize("method", NORMALISATIONS)
def test_values_and_learnt_scales_are_never_changed(method):
    x = VALUES[:, None].copy()
    scale = learn(x, Normalise(method, **ENOUGH.get(method, {})), flip=np.array([False]))
    first = scale.apply(x)
    first[:] = -1
    assert (x[:, 0] == VALUES).all()
    close(scale.apply(x)[:, 0], scores(method, **ENOUGH.get(method, {})))


@pytest.mark.parametrize("method", NORMALISATIONS)
def test_a_scale_says_of_what_kind_its_scores_are(method):
    how = Normalise(method, **ENOUGH.get(method, {}))
    scale = learn(VALUES[:, None], how, flip=np.array([False]))
    assert scale.kind == type_of(how).kind
    assert (scale.apply(VALUES[:, None]) >= type_of(how).least).all()


@pytest.mark.parametrize(
    ("how", "says"),
    [
        (Normalise("min_max", low=5, high=5), "low must be below high"),
        (Normalise("goalposts", minimum=1), "needs minimum and maximum"),
        (Normalise("goalposts", minimum=9, maximum=1), "direction says which of them scores high"),
        (Normalise("distance_to_target"), "needs a target"),
        (Normalise("z", low=1), "low means nothing to 'z'; it belongs to min_max and goalposts."),
        (Normalise("rank", weighted=True), "weighted means nothing to 'rank'"),
        (Normalise("categories", breaks=(1.0,), weighted=True), "weighted means nothing to stated breaks"),
        (Normalise("z", deviation=0), "deviation is 0; it must be a number above 0"),
        (Normalise("rank", ties="dense"), "ties is 'dense'; it must be min, max or average"),
        (Normalise("percentile_rank", share="n/r"), "share is 'n/r'; it must be one of r/n,"),
        (Normalise("rank", share="r/n"), "share means nothing to 'rank'"),
        (Normalise("rank", truncate=True), "truncate needs decimals"),
        (Normalise("categories"), "needs breaks, or quantiles, and not both"),
        (Normalise("categories", breaks=(3.0, 1.0)), "breaks must rise"),
        (Normalise("categories", quantiles=1), "at least 2 categories"),
        (Normalise("categories", breaks=(3.0,), scores=(1.0,)), "2 categories need 2"),
        (
            Normalise("categories", breaks=(3.0,), scores=(2.0, 1.0)),
            "rise from the worst category to the best",
        ),
        (Normalise("distance_to_reference", reference=0), "nothing can be a share of it"),
        (Normalise("min_mx"), "Did you mean 'min_max'?"),
    ],
)
def test_options_that_contradict_a_method_are_refused(how, says):
    with pytest.raises(UsageError, match=re.escape(says)):
        learn(VALUES[:, None], how, flip=np.array([False]))


def test_all_wrong_options_are_named_at_once():
    with pytest.raises(UsageError) as refused:
        learn(VALUES[:, None], Normalise("rank", low=1, target=3), flip=np.array([False]))
    assert "low means nothing" in str(refused.value)
    assert "target means nothing" in str(refused.value)


@pytest.mark.parametrize(
    ("how", "flip", "says"),
    [
        (
            Normalise("distance_to_target", target=2),
            False,
            "target 2 is no better than the worst area's value",
        ),
        (Normalise("distance_to_target", target=10), True, "target 10 is no better"),
        (Normalise("fraction_of_max"), True, "values below 0, or a best value of 0: 1 of 2 (zero)"),
    ],
)
def test_values_that_a_method_cannot_take_are_refused_by_name(how, flip, says):
    x = np.column_stack([VALUES, VALUES - 2])
    with pytest.raises(ValuesError, match=re.escape(says)):
        learn(x, how, flip=np.array([flip, flip]), codes=("some", "zero"))


TABLE = pd.DataFrame({"jobless": [4.0, 8, 6], "income": [30.0, 20, 40]}, index=["a", "b", "c"])
DIRECTIONS = {"income": "protects", "jobless": "weakens"}


def test_a_table_is_normalised_by_the_directions_of_its_columns():
    worse = lea.normalise(TABLE, directions=DIRECTIONS)
    assert worse["jobless"].tolist() == [0, 100, 50]
    assert worse["income"].tolist() == [50, 100, 0]
    better = lea.normalise(TABLE, directions=DIRECTIONS, high="protects")
    pd.testing.assert_frame_equal(better, 100 - worse)


def test_each_column_of_a_table_can_have_a_method_of_its_own():
    ours = lea.normalise(TABLE, {"income": "rank", "jobless": Normalise("min_max", high=1)})
    assert ours["jobless"].tolist() == [0, 1, 0.5]
    assert ours["income"].tolist() == [2, 1, 3]


def test_a_table_can_be_scored_as_another_year_was():
    later = pd.DataFrame({"income": [25.0], "jobless": [10.0]}, index=["z"])
    ours = lea.normalise(later, learnt_on=TABLE)
    assert list(ours.columns) == ["income", "jobless"]
    assert ours.loc["z"].tolist() == [25, 150]


def test_population_is_aligned_by_id():
    people = pd.Series({"c": 1.0, "b": 2.0, "a": 3.0})
    ours = lea.normalise(TABLE[["jobless"]], Normalise("z", weighted=True), population=people)
    mean = (3 * 4 + 2 * 8 + 6) / 6
    deviation = math.sqrt((3 * (4 - mean) ** 2 + 2 * (8 - mean) ** 2 + (6 - mean) ** 2) / 6)
    close(ours["jobless"].to_numpy(), (np.array([4, 8, 6]) - mean) / deviation)


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: lea.normalise([1, 2]), UsageError, "table is a list; it must be a pandas DataFrame"),
        (lambda: lea.normalise(TABLE.iloc[:0]), UsageError, "no areas or no columns"),
        (lambda: lea.normalise(TABLE.assign(name="x")), ValuesError, "name holds"),
        (lambda: lea.normalise(TABLE.replace(8, np.inf)), ValuesError, "infinite jobless: 1 of 3 (b)"),
        (lambda: lea.normalise(pd.concat([TABLE, TABLE])), ValuesError, "duplicate area ids in table"),
        (
            lambda: lea.normalise(TABLE.assign(same=3.0)),
            ValuesError,
            "all values are equal, or there are none",
        ),
        (
            lambda: lea.normalise(TABLE, directions={"jobless": "weakens"}),
            ValuesError,
            "columns without directions: 1 of 2 (income)",
        ),
        (
            lambda: lea.normalise(TABLE, directions={"jobless": "bad", "income": "protects"}),
            UsageError,
            "the direction of jobless is 'bad'",
        ),
        (lambda: lea.normalise(TABLE, {"jobless": "z"}), ValuesError, "columns without how: 1 of 2 (income)"),
        (lambda: lea.normalise(TABLE, Normalise("z", weighted=True)), UsageError, "give population"),
        (
            lambda: lea.normalise(
                TABLE, Normalise("z", weighted=True), population=pd.Series({"a": 1.0, "b": 2.0})
            ),
            ValuesError,
            "does not have: 1 of 3 (c)",
        ),
        (
            lambda: lea.normalise(
                TABLE, Normalise("z", weighted=True), population=pd.Series({"a": 1.0, "b": -2.0, "c": 1})
            ),
            ValuesError,
            "negative population: 1 of 3",
        ),
        (
            lambda: lea.normalise(TABLE, learnt_on=TABLE[["income"]]),
            ValuesError,
            "columns without learnt_on: 1 of 2 (jobless)",
        ),
    ],
)
def test_a_table_that_cannot_be_normalised_is_refused_with_the_reason(call, error, says):
    with pytest.raises(error, match=re.escape(says)):
        call()


def test_types_of_scores_follow_them_up_the_hierarchy():
    """What only has differences keeps only differences in a mean; victories less defeats can be negative."""
    z, positive = type_of(Normalise("z")), type_of(Normalise("min_max", low=1))
    assert type_of(Normalise("none"), z) == z
    assert type_of(Normalise("none")) == RAW
    assert type_after(Aggregate(), [z, positive]).kind == "interval"
    assert type_after(Aggregate("geometric"), [positive, positive]) == positive
    assert type_after(Aggregate("copeland"), [positive]).least < 0
    assert type_after(Aggregate("benefit_of_the_doubt"), [z]) == ScoreType("positive", 0.0)
    assert not type_after(Aggregate("sum"), [type_of(Normalise("ampi"))]).centred
    for method in AGGREGATIONS:
        assert type_after(Aggregate(method), [positive]).kind in {"positive", "ordinal"}
