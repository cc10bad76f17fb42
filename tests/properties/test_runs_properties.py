"""What must hold of runs, whatever the values."""

from dataclasses import replace

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import lea_geo as lea
from lea_geo.composite_spec import CompositeSpec, Node, Normalise
from lea_geo.robustness.runs import ranks
from lea_geo.robustness.sobol import jansen
from lea_geo.robustness.summary import tier_spans
from lea_geo.robustness_spec import RobustnessSpec

HOW = RobustnessSpec(runs=24, noise="sampling", hidden="uniform")
SPEC = CompositeSpec(
    indicators=(Node("a", direction="weakens"), Node("b", direction="protects")), normalise=Normalise("z")
)
SCORES = arrays(float, st.integers(1, 40), elements=st.sampled_from([np.nan, 0.0, 1.0, 2.5, -3.0]))
SEEDS = st.integers(0, 2**32)


def made(seed: int, n: int = 20):
    rng = np.random.default_rng(seed)
    ids = pd.Index([f"{i:05d}" for i in range(n)], name="area_id")
    people = rng.integers(10, 300, (n, 2)).astype(float)
    events = rng.binomial(people.astype(int), rng.beta(4, 12, (n, 2))).astype(float)
    table = pd.DataFrame(events / people, ids, ["a", "b"])
    counts = {
        code: pd.DataFrame({"numerator": events[:, j], "denominator": people[:, j]}, ids)
        for j, code in enumerate(table)
    }
    return table, counts


@given(SCORES)
def test_a_rank_is_one_more_than_the_number_of_higher_scores(scores):
    with np.errstate(invalid="ignore"):
        higher = (scores[:, None] > scores[None, :]).sum(axis=0)
    assert (ranks(scores) == np.where(np.isnan(scores), 0, higher + 1)).all()


@given(arrays(np.int64, (7, 5), elements=st.integers(0, 50)), st.floats(0.5, 0.99))
def test_a_span_of_tiers_holds_and_no_smaller_one_does(counts, holds):
    lower, upper = tier_spans(counts, holds)
    for area in np.flatnonzero(counts.sum(axis=1)):
        runs, width = counts[area].sum(), int(upper[area] - lower[area]) + 1
        inside = [counts[area, i : i + w].sum() for w in (width, width - 1) for i in range(6 - w)]
        assert counts[area, int(lower[area]) - 1 : int(upper[area])].sum() >= holds * runs - 1e-6
        assert all(one < holds * runs for one in inside[6 - width :])


@given(SEEDS)
@settings(max_examples=10, deadline=None)
def test_shares_are_shares_and_intervals_hold_their_middle(seed):
    table, counts = made(seed)
    found = lea.composite_robustness(table, SPEC, replace(HOW, seed=seed, worst=5), counts=counts).table
    for share in ("p_worst", "p_worst_decile", "ranked"):
        assert found[share].between(0, 1).all()
    assert (found["p_worst_decile"] <= found["p_worst"]).all()  # 2 of 20 areas, and 5
    for what in ("score", "rank"):
        assert (found[f"{what}_lower"] <= found[f"{what}_median"]).all()
        assert (found[f"{what}_median"] <= found[f"{what}_upper"]).all()
    assert (found["tier_lower"] <= found["tier_upper"]).all()
    # without ties some 5 areas are among the worst 5 of every run
    assert found["p_worst"].sum() >= 5 - 1e-9


@given(SEEDS, st.floats(0.001, 1000))
@settings(max_examples=8, deadline=None)
def test_the_unit_of_an_indicator_is_of_no_account(seed, unit):
    table, _ = made(seed)
    how = replace(HOW, normalise=(), noise="none")
    plain = lea.composite_robustness(table, SPEC, how)
    other = lea.composite_robustness(table * [unit, 1.0], SPEC, how)
    pd.testing.assert_frame_equal(plain.table, other.table, rtol=1e-5)


@given(SEEDS)
@settings(max_examples=8, deadline=None)
def test_without_noise_the_order_of_areas_is_of_no_account(seed):
    table, _ = made(seed)
    how = replace(HOW, noise="none")
    turned = table.sample(frac=1, random_state=seed % 2**32)
    plain = lea.composite_robustness(table, SPEC, how).table
    other = lea.composite_robustness(turned, SPEC, how).table.loc[plain.index]
    pd.testing.assert_frame_equal(plain, other, rtol=1e-5)


@given(SEEDS, st.integers(2, 5))
@settings(max_examples=20, deadline=None)
def test_total_indices_are_never_negative_and_shares_do_not_depend_on_the_unit(seed, k):
    rng = np.random.default_rng(seed)
    a, b, ab = rng.normal(size=50), rng.normal(size=50), rng.normal(size=(k, 50))
    found, other = jansen(a, b, ab), jansen(3 * a + 7, 3 * b + 7, 3 * ab + 7)
    assert (found.total >= 0).all()
    assert np.allclose(found.total, other.total)
    assert np.allclose(found.first_error, other.first_error)
