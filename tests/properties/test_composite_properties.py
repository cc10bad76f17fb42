"""What holds for every index, whatever its values and its steps."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import lea_geo as lea
from lea_geo.composite_spec import Aggregate, CompositeSpec, Node, Normalise, Weighting

CODES = ("a", "b", "c", "d")
DIRECTIONS = ("weakens", "protects", "weakens", "protects")
SCALES = (
    Normalise("min_max"),
    Normalise("z"),
    Normalise("rank"),
    Normalise("percentile_rank"),
    Normalise("exponential_rank"),
)
FIXED = Normalise("goalposts", minimum=-1000, maximum=1000)
WAYS = (Aggregate("arithmetic"), Aggregate("sum"), Aggregate("median"))

values = arrays(float, (7, 4), elements=st.integers(-50, 50).map(float)).filter(
    lambda x: bool((np.ptp(x, axis=0) > 0).all())
)


def frame(x: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(x, index=[f"i{row}" for row in range(len(x))], columns=list(CODES))


def spec(how: Normalise, way: Aggregate = WAYS[0]) -> CompositeSpec:
    return CompositeSpec(
        groups=(Node("g"), Node("h", parent="g")),
        indicators=tuple(
            Node(code, direction=direction, parent=parent, weight=weight)
            for code, direction, parent, weight in zip(
                CODES, DIRECTIONS, ("", "g", "h", "h"), (None, 2, 1, 3), strict=True
            )
        ),
        normalise=how,
        weighting=Weighting("stated"),
        aggregate=way,
    )


def score(data: pd.DataFrame, said: CompositeSpec) -> pd.Series:
    return lea.composite_index(data, said).table["score"]


@settings(max_examples=40, deadline=None)
@given(values, st.sampled_from(SCALES), st.sampled_from(WAYS), st.permutations(range(7)))
def test_the_order_of_the_areas_does_not_matter(x, how, way, order):
    data = frame(x)
    turned = data.iloc[list(order)]
    pd.testing.assert_series_equal(
        score(data, spec(how, way)), score(turned, spec(how, way))[data.index], rtol=1e-9
    )


@settings(max_examples=40, deadline=None)
@given(values, st.sampled_from(SCALES), st.floats(0.01, 100), st.integers(-100, 100))
def test_the_unit_of_an_indicator_does_not_matter_where_its_scale_is_learnt(x, how, factor, shift):
    data = frame(x)
    other = data.assign(b=(data["b"] + shift) * factor)
    assert score(other, spec(how)).tolist() == pytest.approx(
        score(data, spec(how)).tolist(), rel=1e-6, abs=1e-6
    )


@settings(max_examples=40, deadline=None)
@given(
    values, st.sampled_from((*SCALES[2:], FIXED)), st.integers(0, 3), st.integers(0, 6), st.integers(1, 40)
)
def test_more_of_what_weakens_never_lowers_a_score_and_more_of_what_protects_never_raises_it(
    x, how, column, row, more
):
    before = score(frame(x), spec(how)).iloc[row]
    x = x.copy()
    x[row, column] += more if DIRECTIONS[column] == "weakens" else -more
    if (np.ptp(x, axis=0) > 0).all():
        assert score(frame(x), spec(how)).iloc[row] >= before - 1e-9


@settings(max_examples=40, deadline=None)
@given(values, st.integers(0, 3), st.integers(0, 6))
def test_a_missing_value_moves_nothing_but_its_own_area_where_scales_are_stated(x, column, row):
    full = score(frame(x), spec(FIXED))
    x = x.copy()
    x[row, column] = np.nan
    gap = score(frame(x), spec(FIXED))
    others = [i for i in range(7) if i != row]
    assert gap.iloc[others].tolist() == full.iloc[others].tolist()


@settings(max_examples=40, deadline=None)
@given(values, st.sampled_from(SCALES))
def test_weights_stated_and_in_effect_add_up_to_one_among_members_and_at_every_level(x, how):
    weights = lea.composite_index(frame(x), spec(how)).weights
    inside = weights[weights["parent"] != ""].groupby("parent")
    for name in ("stated_in_group", "effective_in_group"):
        sums = inside[name].sum(min_count=1).dropna()
        assert sums.tolist() == pytest.approx([1] * len(sums))
    assert weights.loc[list(CODES), "stated"].sum() == pytest.approx(1)
    assert weights.loc[list(CODES), "effective"].sum() in (pytest.approx(1), 0.0)


@settings(max_examples=40, deadline=None)
@given(values, st.sampled_from(SCALES))
def test_what_a_high_score_means_can_be_turned_round_and_ranks_with_it(x, how):
    if how.method == "exponential_rank":  # the good end is drawn out as little as it is, whichever way
        return
    said = spec(how)
    turned = CompositeSpec(**{**vars(said), "high": "protects"})
    one, other = score(frame(x), said), score(frame(x), turned)
    if how.method == "percentile_rank":  # equal values share the lower rank, whichever way is up
        return
    assert (one + other).tolist() == pytest.approx([(one + other).iloc[0]] * 7)


@settings(max_examples=20, deadline=None)
@given(values, st.sampled_from(SCALES))
def test_scales_learnt_on_a_table_give_the_table_the_same_scores(x, how):
    made = lea.composite_index(frame(x), spec(how))
    again = lea.composite_index(frame(x), spec(how), scales=made.scales)
    assert again.table["score"].tolist() == pytest.approx(made.table["score"].tolist())
