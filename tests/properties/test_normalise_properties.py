"""What holds for every scale, whatever the values."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from lea_geo.composite.normalise import learn
from lea_geo.composite.score_type import type_of
from lea_geo.composite_spec import NORMALISATIONS, Normalise

OPTIONS = {
    "goalposts": {"minimum": 2.0, "maximum": 700.0},
    "distance_to_target": {"target": 5000.0},
    "categories": {"quantiles": 4},
    "z": {"mean": 100.0, "deviation": 10.0},
}
RANKS = ("rank", "borda", "percentile_rank", "exponential_rank", "normal_score")
BOUNDED = {
    "min_max": (0, 100),
    "goalposts": (0, 100),
    "percentile_rank": (0, 1),
    "exponential_rank": (0, 100),
    "distance_to_target": (0, 1),
    "fraction_of_max": (0, 1),
    "categories": (1, 4),
    "ampi": (40, 160),
}
METHODS = st.sampled_from(NORMALISATIONS)
# Tenths of 1 to 1000 with many ties: positive, as shares of the largest need.
COLUMNS = arrays(np.int64, st.integers(4, 30), elements=st.integers(10, 10000)).map(lambda x: x / 10)
FLIP = st.booleans()


def scale_of(x: np.ndarray, method: str, flip: bool, **options: object):
    how = Normalise(method, **(OPTIONS.get(method, {}) | options))
    if method == "distance_to_target" and flip:
        how = Normalise(method, target=0.5)
    return learn(x[:, None], how, flip=np.array([flip]))


def scores(x: np.ndarray, method: str, flip: bool, **options: object) -> np.ndarray:
    scale = scale_of(x, method, flip, **options)
    assume(not scale.undefined.any())
    return scale.apply(x[:, None])[:, 0]


@given(COLUMNS, METHODS, FLIP)
def test_who_has_more_never_scores_less_or_never_more_where_low_is_good(x, method, flip):
    order = np.argsort(x)
    steps = np.diff(scores(x, method, flip)[order])
    assert ((-steps if flip else steps) >= -1e-9).all()


@given(COLUMNS, METHODS, FLIP)
def test_equal_values_have_equal_scores(x, method, flip):
    doubled = np.concatenate([x, x])
    ours = scores(doubled, method, flip)
    np.testing.assert_array_equal(ours[: len(x)], ours[len(x) :])


@given(COLUMNS, st.sampled_from(sorted(BOUNDED)), FLIP)
def test_scores_stay_within_their_bounds(x, method, flip):
    low, high = BOUNDED[method]
    ours = scores(x, method, flip)
    assert (ours >= low - 1e-9).all()
    assert (ours <= high + 1e-9).all()
    assert (ours >= type_of(Normalise(method, **OPTIONS.get(method, {}))).least).all()


@given(
    COLUMNS,
    st.sampled_from(("min_max", "z", "robust_z", "ampi", *RANKS, "categories")),
    FLIP,
    st.floats(0.01, 100),
    st.floats(-1000, 1000),
)
def test_units_do_not_matter(x, method, flip, factor, shift):
    assume(method != "categories" or len(np.unique(x)) > 4)
    # Ranks of values that differ would be shared if another unit rounded them to one.
    other = np.round(factor * x + shift, 9) if method in RANKS else factor * x + shift
    assume(len(np.unique(other)) == len(np.unique(x)))
    if method == "categories":  # a quantile may fall on a value, which another unit moves by rounding
        factor, shift = 2.0 ** round(np.log2(factor)), 0.0
        other = factor * x
    np.testing.assert_allclose(scores(x, method, flip), scores(other, method, flip), rtol=1e-7, atol=1e-7)


@given(COLUMNS, st.sampled_from(RANKS), FLIP)
def test_ranks_see_only_the_order(x, method, flip):
    np.testing.assert_array_equal(scores(x, method, flip), scores(np.log(x), method, flip))
    np.testing.assert_array_equal(scores(x, method, flip), scores(x**3, method, flip))


@given(COLUMNS, st.sampled_from(("min_max", "z", "robust_z", "percentile_rank", "borda", "rank", "ampi")))
def test_the_other_direction_is_the_mirror_image(x, method):
    ties = {"ties": "average"} if method in RANKS else {}
    up, down = (scores(x, method, flip, **ties) for flip in (False, True))
    np.testing.assert_allclose(up + down, np.full(len(x), (up + down)[0]), rtol=1e-9, atol=1e-9)


@given(COLUMNS, METHODS, FLIP, st.randoms(use_true_random=False))
def test_the_order_of_areas_does_not_matter(x, method, flip, random):
    order = np.array(random.sample(range(len(x)), len(x)))
    np.testing.assert_allclose(
        scores(x, method, flip)[order], scores(x[order], method, flip), rtol=1e-9, atol=1e-9
    )


@given(COLUMNS, COLUMNS, METHODS)
def test_indicators_are_scaled_each_by_its_own_values(x, y, method):
    n = min(len(x), len(y))
    table, flip = np.column_stack([x[:n], y[:n]]), np.array([False, method != "distance_to_target"])
    how = Normalise(method, **OPTIONS.get(method, {}))
    together = learn(table, how, flip=flip).apply(table)
    for column in (0, 1):
        own = table[:, [column]]
        alone = learn(own, how, flip=flip[[column]]).apply(own)
        np.testing.assert_allclose(together[:, [column]], alone, rtol=1e-9, atol=1e-9)


@given(COLUMNS, COLUMNS, METHODS, FLIP)
def test_another_year_is_scored_in_the_same_order(x, later, method, flip):
    scale = scale_of(x, method, flip)
    assume(not scale.undefined.any())
    steps = np.diff(scale.apply(np.sort(later)[:, None])[:, 0])
    assert ((-steps if flip else steps) >= -1e-9).all()
    both = scale.apply(np.concatenate([x, later])[:, None])[:, 0]
    np.testing.assert_array_equal(both[: len(x)], scale.apply(x[:, None])[:, 0])


@given(COLUMNS)
def test_percentile_ranks_are_the_share_of_the_others_that_are_lower(x):
    lower = [(x < own).sum() / (len(x) - 1) for own in x]
    np.testing.assert_allclose(scores(x, "percentile_rank", flip=False), lower, rtol=1e-12)


@given(COLUMNS, FLIP)
def test_z_scores_have_the_stated_mean_and_deviation(x, flip):
    ours = scores(x, "z", flip)
    assert ours.mean() == pytest.approx(100)
    assert ours.std(ddof=1) == pytest.approx(10)
