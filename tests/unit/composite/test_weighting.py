"""Weights, and what they do in effect; by hand, by known populations, or by what must hold."""

import numpy as np
import pandas as pd
import pytest

import lea_geo as lea
from lea_geo.composite.effective import correlation_ratios, effective
from lea_geo.composite.factor import one_factor
from lea_geo.composite.weighting import weigh, weights
from lea_geo.composite_spec import Weighting
from lea_geo.errors import UsageError, ValuesError

CODES = ["a", "b", "c"]
NAN = np.nan


def exact(correlations: list[list[float]], n: int = 200) -> np.ndarray:
    """Return n rows whose correlations are exactly these: whitened noise times a Cholesky factor."""
    wanted = np.array(correlations)
    noise = np.random.default_rng(7).normal(size=(n, len(wanted)))
    noise -= noise.mean(axis=0)
    white = noise @ np.linalg.inv(np.linalg.cholesky(noise.T @ noise)).T
    return white @ np.linalg.cholesky(wanted).T


def of(loadings: list[float]) -> list[list[float]]:
    """Return the correlations that one factor with these loadings makes."""
    correlations = np.outer(loadings, loadings)
    np.fill_diagonal(correlations, 1)
    return correlations.tolist()


ALIKE = exact(of([0.8, 0.6, 0.5]))


def take(method: str, x: np.ndarray = ALIKE, *, stated=(1, 1, 1), codes=CODES, **more) -> np.ndarray:
    table = more.pop("table", None)
    return weights(
        x, Weighting(method, **more), stated=np.array(stated, dtype=float), codes=codes, table=table
    )


def test_equal_and_stated_weights():
    np.testing.assert_allclose(take("equal", stated=(3, 2, 1)), [1 / 3] * 3)
    np.testing.assert_allclose(take("stated", stated=(3, 2, 1)), [1 / 2, 1 / 3, 1 / 6])


def test_a_member_by_itself_has_all_the_weight_by_every_method():
    for method in ("equal", "stated", "consultation", "pca", "factor", "optimised"):
        assert take(method, ALIKE[:, :1], stated=(4,), codes=["a"]).tolist() == [1]


def test_the_weights_of_a_consultation_are_mean_shares_with_the_error_of_a_mean():
    answers = pd.DataFrame({"a": [5, 60], "b": [3, 20], "other": [9, 9], "c": [2, 20]}, index=["x", "y"])
    found = weigh(ALIKE, Weighting("consultation"), stated=np.ones(3), codes=CODES, table=answers)
    np.testing.assert_allclose(found.weights, [0.55, 0.25, 0.2])  # shares .5 .3 .2 and .6 .2 .2
    # Two shares d apart have the standard deviation d / sqrt(2), and their mean the error d / 2.
    np.testing.assert_allclose(found.error, [0.05, 0.05, 0], atol=1e-15)
    assert found.note == "means of 2 answers"


def test_one_answer_has_no_error():
    found = weigh(ALIKE, Weighting("consultation"), stated=np.ones(3), codes=CODES, table=_answers([1, 1, 2]))
    np.testing.assert_allclose(found.weights, [0.25, 0.25, 0.5])
    assert np.isnan(found.error).all()


def _answers(*rows: list) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=CODES, index=[f"r{i}" for i in range(len(rows))])


def test_answers_that_leave_a_share_open_are_refused_by_name_all_at_once():
    table = _answers([1, 2, 3], [1, NAN, 1], [-1, 2, 2], [0, 0, 0], ["much", 1, 1])
    with pytest.raises(ValuesError) as caught:
        take("consultation", table=table)
    message = str(caught.value)
    assert "answers with a cell that is blank or no number: 2 of 5 (row r1, row r4)" in message
    assert "answers with negative points: 1 of 5 (row r2)" in message
    assert "answers without a single point: 1 of 5 (row r3)" in message


def test_a_consultation_without_a_table_or_a_column_or_an_answer_is_refused():
    with pytest.raises(UsageError, match=r"needs weighting\.table: a row for each answer"):
        take("consultation")
    with pytest.raises(ValuesError, match=r"members without a column: 1 of 3 \(c\)"):
        take("consultation", table=_answers([1, 1, 1]).drop(columns="c"))
    with pytest.raises(ValuesError, match="no answers"):
        take("consultation", table=_answers())


def test_stated_weights_that_are_no_shares_are_refused():
    with pytest.raises(ValuesError, match=r"weights that are negative or no number: 2 of 3 \(a, c\)"):
        take("stated", stated=(-1, 1, NAN))
    with pytest.raises(ValuesError, match="all weights are 0"):
        take("optimised", stated=(0, 0, 0))


def test_the_component_of_equally_correlated_members_weights_them_equally():
    x = exact([[1, 0.4, 0.4], [0.4, 1, 0.4], [0.4, 0.4, 1]])
    found = weigh(x, Weighting("pca"), stated=np.ones(3), codes=CODES)
    np.testing.assert_allclose(found.weights, [1 / 3] * 3)
    assert found.explained == pytest.approx((1 + 2 * 0.4) / 3)  # the largest eigenvalue is 1 + (k - 1) r
    np.testing.assert_allclose(found.loadings, np.sqrt([(1 + 2 * 0.4) / 3] * 3))


def test_the_factor_behind_three_members_is_found_exactly():
    loadings = np.array([0.8, 0.6, 0.5])  # three correlations, three loadings: no misfit is left
    found = weigh(ALIKE, Weighting("factor"), stated=np.ones(3), codes=CODES)
    np.testing.assert_allclose(found.loadings, loadings, atol=1e-6)
    scoring = loadings / (1 - loadings**2)
    np.testing.assert_allclose(found.weights, scoring / scoring.sum(), atol=1e-6)
    assert found.explained == pytest.approx(np.mean(loadings**2))
    assert found.note == "the factor accounts for 42 % of the variance"


def test_a_member_that_is_the_factor_itself_is_named():
    # Its squared loading would have to be 0.9 * 0.9 / 0.65, which is above 1.
    near = exact([[1, 0.9, 0.9], [0.9, 1, 0.65], [0.9, 0.65, 1]])
    assert one_factor(np.corrcoef(near, rowvar=False), CODES).at_bound.tolist() == [True, False, False]
    found = weigh(near, Weighting("factor"), stated=np.ones(3), codes=CODES)
    assert found.note.endswith("; it is as good as the same as a")


def test_members_that_run_against_the_others_are_refused_by_name():
    x = exact([[1, 0.5, -0.4], [0.5, 1, -0.3], [-0.4, -0.3, 1]])
    with pytest.raises(
        ValuesError, match=r"members that run against the component: 1 of 3 \(c \(-0\.\d+\)\)"
    ):
        take("pca", x)
    with pytest.raises(ValuesError, match=r"members that run against the factor: 1 of 3 \(c \(-0\.\d+\)\)"):
        take("factor", x)


@pytest.mark.parametrize("method", ["pca", "factor"])
def test_in_runs_with_noise_a_member_that_falls_to_the_other_side_counts_nothing(method):
    x = exact([[1, 0.5, -0.1], [0.5, 1, -0.05], [-0.1, -0.05, 1]])
    found = weigh(x, Weighting(method), stated=np.ones(3), codes=CODES, strict=False).weights
    assert found[2] == 0
    assert (found[:2] > 0).all()
    assert found.sum() == pytest.approx(1)


@pytest.mark.parametrize("method", ["pca", "factor"])
def test_an_index_is_run_with_noise_that_turns_a_member_round_but_not_made_of_one_that_runs_against(method):
    draws = np.random.default_rng(0)
    tilt = draws.normal(size=100)
    chances = {
        "poor": 1 / (1 + np.exp(-tilt)),
        "sick": 1 / (1 + np.exp(-0.8 * tilt)),
        "apart": np.full(100, 0.3),
    }
    ids = pd.Index([f"{i:05d}" for i in range(100)], name="area_id")
    events = pd.DataFrame({code: draws.binomial(60, p) for code, p in chances.items()}, index=ids)
    counts = {c: pd.DataFrame({"numerator": events[c], "denominator": 60}, index=ids) for c in events}
    said = {"indicators": [{"code": c, "direction": "weakens"} for c in events], "normalise": "z"}
    run = lea.composite_robustness(
        events / 0.6, said | {"weighting": method}, lea.RobustnessSpec(runs=50), counts=counts
    )
    assert run.table["p_worst"].between(0, 1).all()
    against = (events / 0.6).assign(apart=events["apart"] - events["poor"])
    with pytest.raises(ValuesError, match=rf"run against the {'component' if method == 'pca' else 'factor'}"):
        lea.composite_robustness(against, said | {"weighting": method}, lea.RobustnessSpec(runs=50))


def test_the_members_of_a_factor_are_not_made_of_each_other():
    with pytest.raises(ValuesError, match="members of which one is made of the others: 3"):
        take("factor", np.column_stack([ALIKE[:, :2], ALIKE[:, 0] + ALIKE[:, 1]]))


def test_two_members_of_a_factor_count_alike_for_nothing_tells_them_apart():
    found = weigh(ALIKE[:, :2], Weighting("factor"), stated=np.ones(2), codes=["a", "b"])
    np.testing.assert_allclose(found.weights, [0.5, 0.5])
    np.testing.assert_allclose(found.loadings, np.sqrt([0.48, 0.48]))  # their correlation is 0.8 * 0.6
    with pytest.raises(ValuesError, match=r"run against the factor: 1 of 2 \(b \(-0\.69\)\)"):
        take("factor", ALIKE[:, :2] * [1, -1], stated=(1, 1), codes=["a", "b"])


def test_constant_members_and_too_few_complete_areas_are_refused():
    constant = ALIKE.copy()
    constant[:, 1] = 3
    for method in ("pca", "factor", "optimised"):
        with pytest.raises(ValuesError, match=r"members that are the same in every area .*: 1 of 3 \(b\)"):
            take(method, constant)
    gaps = ALIKE.copy()
    gaps[2:, 0] = NAN
    with pytest.raises(ValuesError, match="areas that have every member: 2 of 200"):
        take("pca", gaps)


def test_ranks_are_of_no_account_to_spearman():
    curved = ALIKE.copy()
    curved[:, 0] = np.exp(9 * curved[:, 0])
    for method in ("pca", "factor"):
        np.testing.assert_allclose(
            take(method, curved, correlation="spearman"), take(method, correlation="spearman"), rtol=1e-9
        )
        assert not np.allclose(take(method, curved), take(method))


def test_uncorrelated_members_matter_as_much_as_was_stated_by_the_roots_of_it():
    x = exact(np.eye(3).tolist())
    # y = x w has cor(x_i, y)^2 = w_i^2 / sum(w^2), so that importance 4 : 1 : 1 needs weights 2 : 1 : 1.
    np.testing.assert_allclose(take("optimised", x, stated=(4, 1, 1)), [0.5, 0.25, 0.25], atol=1e-6)


@pytest.mark.parametrize("correlation", ["pearson", "spearman"])
def test_optimised_weights_bring_importance_to_what_was_stated(correlation):
    stated = np.array([2, 1, 1])
    found = weigh(ALIKE, Weighting("optimised", correlation=correlation), stated=stated, codes=CODES)
    y = ALIKE @ found.weights
    members = ALIKE
    if correlation == "spearman":
        y, members = pd.Series(y).rank().to_numpy(), pd.DataFrame(ALIKE).rank().to_numpy()
    np.testing.assert_allclose(effective(y, members), stated / 4, atol=2e-3)
    assert found.gap < 2e-3


def test_importance_that_no_weights_can_give_is_told():
    twin = np.column_stack([ALIKE[:, 0], ALIKE[:, 0], ALIKE[:, 1]])  # the first two always matter alike
    found = weigh(twin, Weighting("optimised"), stated=np.array([2, 1, 1]), codes=CODES)
    assert found.gap > 0.05
    assert found.note == f"importance is within {found.gap:.3f} of what was stated"


def test_a_member_of_which_nothing_is_stated_gets_nothing():
    assert take("optimised", stated=(1, 0, 1))[1] == 0


def test_effective_weights_of_uncorrelated_members_are_squares():
    x = exact(np.eye(3).tolist())
    np.testing.assert_allclose(effective(x @ [0.6, 0.3, 0.1], x), np.array([36, 9, 1]) / 46, atol=1e-9)


def test_a_member_that_matters_along_a_bend_has_no_straight_but_a_curved_ratio():
    x = np.linspace(-1, 1, 301)
    y = x**2
    assert correlation_ratios(y, x[:, None])[0] == pytest.approx(0, abs=1e-12)
    assert correlation_ratios(y, x[:, None], method="nonparametric")[0] == pytest.approx(1, abs=0.01)


def test_noise_has_nearly_no_curved_ratio():
    draws = np.random.default_rng(3)
    ratio = correlation_ratios(draws.normal(size=2000), draws.normal(size=(2000, 1)), method="nonparametric")
    assert ratio[0] < 0.01


def test_of_few_different_values_the_curved_ratio_is_that_of_their_means():
    x, y = np.array([1, 1, 2, 2, 3, 3.0]), np.array([0, 2, 5, 7, 0, 4.0])
    between = 2 * ((1 - 3) ** 2 + (6 - 3) ** 2 + (2 - 3) ** 2)  # group means 1, 6, 2 around 3
    total = np.sum((y - 3) ** 2)
    assert correlation_ratios(y, x[:, None], method="nonparametric")[0] == pytest.approx(between / total)


def test_areas_without_the_member_are_left_out_of_its_ratio():
    x, y = np.array([1, 2, 3, NAN, 5.0]), np.array([1, 2, 3, 9, NAN])
    assert correlation_ratios(y, x[:, None])[0] == pytest.approx(1)


def test_a_constant_member_or_score_has_no_ratio():
    x = np.column_stack([np.arange(5.0), np.ones(5)])
    assert np.isnan(correlation_ratios(np.arange(5.0), x)).tolist() == [False, True]
    assert np.isnan(effective(np.ones(5), x)).all()
    assert np.isnan(correlation_ratios(np.arange(5.0), x, method="nonparametric")).tolist() == [False, True]


def test_options_that_do_not_exist_are_refused():
    with pytest.raises(UsageError, match=r"weighting\.method is 'pcs'.*Did you mean 'pca'"):
        take("pcs")
    with pytest.raises(UsageError, match=r"weighting\.correlation is 'kendall'"):
        take("pca", correlation="kendall")
    with pytest.raises(UsageError, match="method is 'curved'"):
        effective(np.ones(3), np.ones((3, 1)), method="curved")
