"""What must hold of imputing, treating and weighting, whatever the values."""

import numpy as np
import pandas as pd
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from lea_geo.composite import treat
from lea_geo.composite.coherence import alpha, components
from lea_geo.composite.effective import effective
from lea_geo.composite.factor import one_factor
from lea_geo.composite.impute import Known, impute
from lea_geo.composite.weighting import weights
from lea_geo.composite_spec import Impute, Treat, Weighting

NUMBERS = st.floats(-1e6, 1e6, allow_subnormal=False)
GAPS = st.one_of(NUMBERS, st.just(np.nan))
TREATED = st.sampled_from(["winsorise", "log", "box_cox", "auto"])
METHODS = st.sampled_from(["equal", "stated", "consultation", "pca", "factor", "optimised"])


@st.composite
def factored(draw: st.DrawFn, least: int = 3) -> np.ndarray:
    """Return members with one thing in common, so that every method has weights for them."""
    loadings = np.array(draw(st.lists(st.floats(0.5, 0.9), min_size=least, max_size=6)))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    common = random.normal(size=(500, 1))
    return common * loadings + random.normal(size=(500, len(loadings))) * np.sqrt(1 - loadings**2)


def taken(x: np.ndarray, method: str, stated: np.ndarray, correlation: str = "pearson") -> np.ndarray:
    codes = [f"c{i}" for i in range(x.shape[1])]
    answers = pd.DataFrame([stated, np.ones(len(stated))], columns=codes)
    how = Weighting(method, correlation=correlation)
    return weights(x, how, stated=stated, codes=codes, table=answers)


@settings(max_examples=30)
@given(factored(), METHODS, st.data())
def test_weights_add_up_to_one_and_none_is_negative(x, method, data):
    k = x.shape[1]
    stated = np.array(data.draw(st.lists(st.floats(0.5, 2), min_size=k, max_size=k)))
    found = taken(x, method, stated)
    assert abs(found.sum() - 1) < 1e-12
    assert (found >= 0).all()


@settings(max_examples=30)
@given(factored(), METHODS, st.randoms())
def test_the_order_of_members_and_of_areas_is_of_no_account(x, method, random):
    k = x.shape[1]
    order, rows = list(range(k)), list(range(len(x)))
    random.shuffle(order)
    random.shuffle(rows)
    stated = np.linspace(1, 1.5, k)
    before = taken(x, method, stated)
    np.testing.assert_allclose(taken(x[rows][:, order], method, stated[order]), before[order], atol=2e-4)


@settings(max_examples=30)
@given(factored(), st.sampled_from(["pca", "factor"]), st.data())
def test_units_are_of_no_account_to_a_component_and_a_factor(x, method, data):
    k = x.shape[1]
    unit = np.array(data.draw(st.lists(st.floats(0.01, 100), min_size=k, max_size=k)))
    np.testing.assert_allclose(
        taken(x * unit + 3, method, np.ones(k)), taken(x, method, np.ones(k)), atol=1e-5
    )


@settings(max_examples=30)
@given(factored())
def test_at_the_likelihoods_maximum_both_regressions_weigh_alike(x):
    # Lawley's equations make S^-1 l and (l l' + diag(u))^-1 l the same where no uniqueness is at its bound.
    correlations = np.corrcoef(x, rowvar=False)
    found = one_factor(correlations, [str(i) for i in range(x.shape[1])])
    assume(not found.at_bound.any() and (found.uniqueness < 0.999).all())
    np.testing.assert_allclose(found.scoring, np.linalg.solve(correlations, found.loadings), atol=1e-4)


@settings(max_examples=30)
@given(factored(least=2), st.data())
def test_effective_weights_are_shares(x, data):
    k = x.shape[1]
    w = np.array(data.draw(st.lists(st.floats(0.1, 1), min_size=k, max_size=k)))
    for method in ("linear", "nonparametric"):
        found = effective(x @ w, x, method=method)
        assert abs(found.sum() - 1) < 1e-9
        assert (found >= 0).all()


@given(st.integers(2, 6), st.integers(0, 2**32 - 1))
def test_alpha_of_members_that_say_the_same_is_one(k, seed):
    one = np.random.default_rng(seed).normal(size=(30, 1))
    found = alpha(np.repeat(one, k, axis=1))
    np.testing.assert_allclose([found.raw, found.standardised], 1, atol=1e-9)


@given(st.integers(2, 6), st.floats(0.05, 0.95))
def test_alpha_of_parallel_members_follows_spearman_and_brown(k, r):
    noise = np.random.default_rng(k).normal(size=(50, k))
    noise -= noise.mean(axis=0)
    white = noise @ np.linalg.inv(np.linalg.cholesky(noise.T @ noise)).T
    x = white @ np.linalg.cholesky(np.full((k, k), r) + (1 - r) * np.eye(k)).T
    expected = k * r / (1 + (k - 1) * r)
    np.testing.assert_allclose([alpha(x).raw, alpha(x).standardised], expected, rtol=1e-9)


@given(factored())
def test_eigenvalues_add_up_to_the_members_and_loadings_give_the_correlations_back(x):
    found = components(x, seed=1)
    assert abs(found.eigenvalues.sum() - x.shape[1]) < 1e-9
    np.testing.assert_allclose(found.loadings @ found.loadings.T, np.corrcoef(x, rowvar=False), atol=1e-9)
    assert found.kaiser >= 1


@given(arrays(float, st.integers(4, 40), elements=GAPS), TREATED, st.integers(0, 8))
def test_no_treatment_changes_the_order_of_areas_or_makes_or_fills_a_gap(x, method, most):
    column = np.append(x, 1e8)[:, None]  # something to treat
    found = treat.learn(column, Treat(method, most=most)).apply(column)[:, 0]
    np.testing.assert_array_equal(np.isnan(found), np.isnan(column[:, 0]))
    held = ~np.isnan(found)
    order = np.argsort(column[held, 0], kind="stable")
    assert (np.diff(found[held][order]) >= 0).all()


@given(arrays(float, st.integers(4, 40), elements=NUMBERS), st.integers(0, 8))
def test_winsorising_changes_no_more_values_than_asked_and_leaves_all_others_alone(x, most):
    column = np.append(x, [1e8, -1e7])[:, None]
    treatment = treat.learn(column, Treat("winsorise", most=most))
    changed = treatment.apply(column) != column
    assert changed.sum() <= most
    inside = column[~changed]
    np.testing.assert_array_equal(
        np.unique(treatment.apply(column)[changed]), np.intersect1d(treatment.apply(column)[changed], inside)
    )


@given(
    arrays(float, st.tuples(st.integers(2, 12), st.integers(1, 4)), elements=GAPS),
    st.sampled_from(["mean", "median", "neighbours", "group", "parent"]),
    st.integers(0, 2**32 - 1),
)
def test_imputing_changes_gaps_alone_and_stays_within_what_was_seen(x, method, seed):
    random = np.random.default_rng(seed)
    n = len(x)
    links = np.triu(random.random((n, n)) < 0.3, 1).astype(float)
    known = Known(links=links + links.T, group=random.integers(-1, 3, n))
    found = impute(x, Impute(method, by="m"), known)
    there = ~np.isnan(x)
    np.testing.assert_array_equal(found.values[there], x[there])
    for column, values in zip(x.T, found.values.T, strict=True):
        new = values[np.isnan(column) & ~np.isnan(values)]
        if len(new):
            slack = 1e-9 * np.nanmax(np.abs(column))
            assert np.nanmin(column) - slack <= new.min()
            assert new.max() <= np.nanmax(column) + slack
    assert found.left.sum() == np.isnan(found.values).sum()
    assert len(found.changes.row) == there.size - there.sum() - found.left.sum()
