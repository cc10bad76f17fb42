"""What holds for every aggregation, whatever the scores and the weights."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from lea_geo.composite.aggregate import aggregate
from lea_geo.composite_spec import AGGREGATIONS, Aggregate

MEANS = ("arithmetic", "geometric", "harmonic", "power", "median", "minimum", "maximum")
# A penalty can make an area with a higher member worse.
MONOTONE = (*MEANS, "sum", "copeland", "benefit_of_the_doubt")
SHAPES = st.tuples(st.integers(2, 7), st.integers(2, 5))


def how(method: str) -> Aggregate:
    return Aggregate(method, power=2.5 if method == "power" else None)


@st.composite
def cases(draw: st.DrawFn, *, gaps: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Draw scores of 1 to 100 and weights above 0."""
    n, k = draw(SHAPES)
    x = draw(arrays(np.int64, (n, k), elements=st.integers(10, 1000))) / 10
    if gaps:
        x = np.where(draw(arrays(bool, (n, k))), np.nan, x)
    return x, draw(arrays(np.int64, k, elements=st.integers(1, 9))).astype(float)


def close(one: np.ndarray, other: np.ndarray, rtol: float = 1e-6) -> None:
    np.testing.assert_allclose(one, other, rtol=rtol, atol=1e-6)


@given(cases(gaps=True), st.sampled_from(MEANS))
def test_a_mean_lies_between_the_lowest_and_the_highest_member(case, method):
    x, weights = case
    ours = aggregate(x, weights, how(method), available=0)
    assert (np.isnan(ours) == np.isnan(x).all(axis=1)).all()
    assert (ours[~np.isnan(ours)] >= np.fmin.reduce(x, axis=1)[~np.isnan(ours)] - 1e-9).all()
    assert (ours[~np.isnan(ours)] <= np.fmax.reduce(x, axis=1)[~np.isnan(ours)] + 1e-9).all()


@given(cases(), st.lists(st.floats(-20, 20), min_size=2, max_size=5))
def test_power_means_rise_with_their_order(case, powers):
    x, weights = case
    rising = np.array([aggregate(x, weights, Aggregate("power", power=p)) for p in sorted(powers)])
    assert (np.diff(rising, axis=0) >= -1e-7 * rising[:-1]).all()


@given(cases())
def test_the_named_means_are_power_means(case):
    x, weights = case
    for method, power in (("arithmetic", 1), ("geometric", 0), ("harmonic", -1)):
        close(
            aggregate(x, weights, how(method)), aggregate(x, weights, Aggregate("power", power=power)), 1e-12
        )
    almost = aggregate(x, weights, Aggregate("power", power=1e-6))
    close(aggregate(x, weights, how("geometric")), almost, 1e-4)


@given(cases(gaps=True), st.sampled_from([m for m in AGGREGATIONS if m != "sum"]), st.floats(0.01, 100))
@settings(max_examples=40)
def test_the_unit_of_weights_does_not_matter(case, method, factor):
    x, weights = case
    close(
        aggregate(x, weights, how(method), available=0.4),
        aggregate(x, factor * weights, how(method), available=0.4),
    )


@given(cases(gaps=True), st.sampled_from(AGGREGATIONS), st.randoms(use_true_random=False))
@settings(max_examples=40)
def test_the_order_of_areas_and_of_members_does_not_matter(case, method, random):
    x, weights = case
    rows, columns = (np.array(random.sample(range(size), size)) for size in x.shape)
    ours = aggregate(x, weights, how(method), available=0.4)
    close(aggregate(x[rows][:, columns], weights[columns], how(method), available=0.4), ours[rows])


@given(cases(), st.sampled_from(MONOTONE), st.floats(0, 50), st.data())
@settings(max_examples=60)
def test_an_area_that_scores_higher_in_a_member_never_scores_lower(case, method, more, data):
    x, weights = case
    member = data.draw(st.integers(0, x.shape[1] - 1))
    raised = x.copy()
    raised[0, member] += more
    before, after = (aggregate(y, weights, how(method))[0] for y in (x, raised))
    assert after >= before - 1e-6


@given(cases(), st.sampled_from((*MEANS, "ampi")))
def test_equal_members_give_their_own_score(case, method):
    x, weights = case
    flat = np.repeat(x[:, :1], x.shape[1], axis=1)
    close(aggregate(flat, weights, how(method)), x[:, 0], 1e-12)


@given(
    cases(), st.sampled_from(("arithmetic", "sum", "geometric", "harmonic", "power")), st.floats(0.01, 100)
)
def test_a_mean_changes_with_the_unit_of_scores_as_they_do(case, method, factor):
    x, weights = case
    close(aggregate(factor * x, weights, how(method)), factor * aggregate(x, weights, how(method)), 1e-12)


@given(cases())
def test_unbalanced_areas_pay_as_much_as_they_gain_where_high_is_bad(case):
    x, weights = case
    mean = aggregate(x, weights, how("arithmetic"))
    less, more = (aggregate(x, weights, how("ampi"), high=high) for high in ("protects", "weakens"))
    assert (less <= mean + 1e-9).all()
    close(less + more, 2 * mean)


@given(cases(gaps=True))
def test_copeland_gives_away_as_many_victories_as_defeats(case):
    x, weights = case
    ours = aggregate(x, weights, how("copeland"), available=0)
    scored = ours[~np.isnan(ours)]
    assert scored.sum() == 0
    assert (np.abs(scored) <= max(0, len(scored) - 1)).all()


@given(cases())
def test_copeland_sees_only_the_order_of_each_member(case):
    x, weights = case
    np.testing.assert_array_equal(
        aggregate(x, weights, how("copeland")), aggregate(np.log(x), weights, how("copeland"))
    )


@given(cases(), st.floats(0.01, 100))
@settings(max_examples=30)
def test_benefit_of_the_doubt_is_a_share_of_the_best_whatever_the_units(case, factor):
    x, weights = case
    doubt = how("benefit_of_the_doubt")
    ours = aggregate(x, weights, doubt)
    assert (ours > 0).all()
    assert ours.max() >= 1 - 1e-7
    units = np.linspace(1, factor, x.shape[1])
    close(aggregate(x * units, weights, doubt), ours)


@given(cases(), st.floats(0, 0.2))
@settings(max_examples=30)
def test_tighter_bounds_on_shares_leave_less_doubt(case, least):
    x, weights = case
    free, bound = (
        aggregate(x, weights, Aggregate("benefit_of_the_doubt", least=low)) for low in (None, least)
    )
    assert (bound <= free + 1e-7).all()
