"""Draws of true values: against laws that are known, and against models that can be solved by hand."""

import numpy as np
import pytest

from lea_geo.robustness.hidden import HiddenValues
from lea_geo.robustness.joint import posterior
from lea_geo.robustness.noise import JointNoise, SamplingNoise, noise_model
from lea_geo.robustness.observed import Beside, Observed, observe
from lea_geo.robustness.streams import Key, stream


def counted(events, people, *, scale: float = 1.0) -> Observed:
    events, people = np.atleast_2d(np.array(events, float).T).T, np.atleast_2d(np.array(people, float).T).T
    nothing = np.full(events.shape, np.nan)
    codes = tuple(f"i{j}" for j in range(events.shape[1]))
    return observe(scale * events / people, Beside(events, people, nothing, nothing, nothing), codes)[0]


def measured(y: np.ndarray, error: float) -> Observed:
    """Return values with one standard error."""
    nothing = np.full(y.shape, np.nan)
    beside = Beside(nothing, nothing, nothing, nothing, np.full(y.shape, error))
    return observe(y, beside, tuple("ab"[: y.shape[1]]))[0]


def draws(noise, observed: Observed, many: int) -> np.ndarray:
    found = []
    for run in range(many):
        x = observed.value.copy()
        noise.draw(stream(1, Key(run), "noise"), x)
        found.append(x)
    return np.array(found)


def test_kinds_are_told_by_counts_and_scale():
    assert counted([[3, 30]], [[20, 100]], scale=100.0).kinds == ("proportion", "proportion")
    assert counted([[3], [30]], [[20], [100]], scale=1000.0).kinds == ("rate",)
    assert counted([[3], [130]], [[20], [100]]).kinds == ("rate",)
    assert measured(np.array([[1.0], [2.0]]), 0.1).kinds == ("error",)


def test_an_indicator_with_a_value_that_has_no_counts_is_taken_as_known_and_named():
    value = np.array([[0.1, 0.2], [0.3, 0.4]])
    people = np.array([[10.0, 10.0], [10.0, np.nan]])
    nothing = np.full((2, 2), np.nan)
    found, notes = observe(value, Beside(value * people, people, nothing, nothing, nothing), ("a", "b"))
    assert found.kinds == ("proportion", "exact")
    assert notes == ("Taken as known, for want of counts or standard errors of all their values: b.",)


def test_sampling_draws_jeffreys_beta_for_proportions():
    observed = counted([[3], [0]], [[20], [8]], scale=100.0)
    found = draws(SamplingNoise(observed), observed, 4000)[:, :, 0] / 100
    # Beta(a, b): mean a / (a + b), variance ab / (a + b)^2 (a + b + 1), with a = x + 1/2 and b = n - x + 1/2
    for area, (a, b) in enumerate([(3.5, 17.5), (0.5, 8.5)]):
        variance = a * b / (a + b) ** 2 / (a + b + 1)
        assert found[:, area].mean() == pytest.approx(a / (a + b), abs=4 * np.sqrt(variance / 4000))
        assert found[:, area].var() == pytest.approx(variance, rel=0.12)


def test_sampling_draws_jeffreys_gamma_for_rates():
    observed = counted([[3], [130]], [[20], [100]])
    found = draws(SamplingNoise(observed), observed, 4000)[:, :, 0]
    # Gamma(x + 1/2) / n: mean (x + 1/2) / n, variance (x + 1/2) / n^2
    assert found.mean(axis=0) == pytest.approx([3.5 / 20, 130.5 / 100], rel=0.03)
    assert found.var(axis=0) == pytest.approx([3.5 / 400, 130.5 / 10000], rel=0.12)


def test_one_measured_indicator_is_shrunk_as_fay_and_herriot_do():
    y = np.random.default_rng(5).normal(10, 2, (400, 1))
    law = posterior(measured(y, 1.5))
    # With one known variance D: mu = mean(y), S = var(y) - D, posterior mean mu + S / (S + D) (y - mu)
    s = y.var() - 1.5**2
    weight = s / (s + 1.5**2)
    assert law.mean[:, 0] == pytest.approx((1 - weight) * y.mean() + weight * y[:, 0], abs=0.01)
    assert law.root[:, 0, 0] ** 2 == pytest.approx(1.5**2 * weight, rel=0.01)
    assert law.settled


def test_two_measured_indicators_lend_each_other_strength():
    rng = np.random.default_rng(6)
    true = rng.multivariate_normal([0, 5], [[1, 0.8], [0.8, 1]], 1500)
    y = true + 0.7 * rng.standard_normal(true.shape)
    law = posterior(measured(y, 0.7))
    # Sigma = cov(y) - D I, G = Sigma (Sigma + D I)^-1; mean mu + G (y - mu), covariance Sigma - G Sigma
    sigma = np.cov(y.T, bias=True) - 0.49 * np.eye(2)
    gain = sigma @ np.linalg.inv(sigma + 0.49 * np.eye(2))
    assert law.mean == pytest.approx(y.mean(axis=0) + (y - y.mean(axis=0)) @ gain.T, abs=0.02)
    assert law.root[0] @ law.root[0].T == pytest.approx(sigma - gain @ sigma, abs=0.01)
    assert np.mean((law.mean - true) ** 2) < 0.75 * np.mean((y - true) ** 2)


def test_what_is_missing_is_told_from_the_other_indicator_and_is_not_drawn():
    rng = np.random.default_rng(7)
    true = rng.multivariate_normal([0, 5], [[1, 0.9], [0.9, 1]], 2000)
    y = true + 0.3 * rng.standard_normal(true.shape)
    y[:500, 1] = np.nan
    observed = measured(y, 0.3)
    model = noise_model(observed, "joint")
    # E(theta_2 | y_1) = mu_2 + s12 / (s11 + D) (y_1 - mu_1) with the true parameters, 0.9 / 1.09 here
    assert model.law.mean[:500, 1] == pytest.approx(5 + 0.9 / 1.09 * y[:500, 0], abs=0.15)
    x = y.copy()
    model.draw(stream(1, Key(0), "noise"), x)
    assert np.isnan(x[:500, 1]).all()
    assert np.isfinite(x[500:]).all()


def test_draws_have_the_law_of_the_model():
    observed = counted(np.array([[8, 30], [2, 10], [5, 22], [9, 40]]), np.array([[50, 100]] * 4))
    model = JointNoise.of(observed)
    theta = np.arcsin(np.sqrt(draws(model, observed, 6000)[:, 1]))
    assert theta.mean(axis=0) == pytest.approx(model.law.mean[1], abs=0.006)
    assert np.cov(theta.T) == pytest.approx(model.law.root[1] @ model.law.root[1].T, rel=0.1, abs=2e-4)


def test_large_areas_keep_their_rates_and_small_ones_are_drawn_to_the_others():
    rng = np.random.default_rng(8)
    people = np.where(np.arange(300) < 150, 20.0, 50_000.0)
    rate = rng.beta(20, 80, 300)
    observed = counted(rng.binomial(people.astype(int), rate)[:, None], people[:, None])
    drawn = draws(JointNoise.of(observed), observed, 200).mean(axis=0)[:, 0]
    raw = observed.value[:, 0]
    assert drawn[150:] == pytest.approx(raw[150:], abs=0.003)
    assert np.std(drawn[:150]) < 0.6 * np.std(raw[:150])
    assert np.mean((drawn - rate)[:150] ** 2) < 0.4 * np.mean((raw - rate)[:150] ** 2)


def test_an_area_without_any_event_may_have_some_and_none_has_more_than_its_people():
    observed = counted([[0], [20], [3], [5], [20]], [[20], [20], [20], [20], [20]])
    for method in ("sampling", "joint"):
        found = draws(noise_model(observed, method), observed, 300)
        assert 0 < found[:, 0].mean() < 0.3
        assert found.min() >= 0
        assert found.max() <= 1


def test_values_without_noise_stay_as_they_are():
    value = np.array([[0.1, 7.0], [0.3, 8.0], [0.2, 3.0], [0.4, 1.0]])
    people = np.column_stack([np.full(4, 50.0), np.full(4, np.nan)])
    nothing = np.full((4, 2), np.nan)
    observed, _ = observe(value, Beside(value * people, people, nothing, nothing, nothing), ("a", "b"))
    for method in ("sampling", "joint"):
        found = draws(noise_model(observed, method), observed, 5)
        assert (found[:, :, 1] == value[:, 1]).all()
        assert (found[:, :, 0] != value[:, 0]).all()
    assert noise_model(observed, "none") is None


def test_streams_depend_on_seed_run_sample_and_factor_and_on_nothing_else():
    first = stream(1, Key(4), "noise").random(3)
    assert (stream(1, Key(4, 0), "noise").random(3) == first).all()
    for other in (
        stream(2, Key(4), "noise"),
        stream(1, Key(5), "noise"),
        stream(1, Key(4, 1), "noise"),
        stream(1, Key(4), "hidden"),
    ):
        assert (other.random(3) != first).all()


def suppressed() -> Observed:
    rng = np.random.default_rng(9)
    level = rng.normal(0, 0.6, 200)
    people = np.full((200, 3), 400.0)
    rate = 1 / (1 + np.exp(-(level[:, None] - 1)))
    events = rng.binomial(400, np.repeat(rate, 3, axis=1)).astype(float)
    value = events / people
    lower, upper = np.full((200, 3), np.nan), np.full((200, 3), np.nan)
    value[:20, 2], lower[:20, 2], upper[:20, 2] = np.nan, 0.1, 0.9
    return observe(value, Beside(events, people, lower, upper, np.full((200, 3), np.nan)), ("a", "b", "c"))[0]


@pytest.mark.parametrize("method", ["uniform", "joint"])
def test_suppressed_values_lie_between_their_bounds_and_nothing_else_moves(method):
    observed = suppressed()
    hidden = HiddenValues.of(observed, JointNoise.of(observed) if method == "joint" else None)
    for run in range(20):
        x = observed.value.copy()
        hidden.draw(stream(1, Key(run), "hidden"), x)
        assert ((x[:20, 2] >= 0.1) & (x[:20, 2] <= 0.9)).all()
        assert (x[20:] == observed.value[20:]).all()


def test_uniform_draws_reach_all_of_the_bounds_and_likely_ones_follow_the_other_rates():
    observed = suppressed()
    drawn = {}
    for name, model in (("uniform", None), ("joint", JointNoise.of(observed))):
        hidden, found = HiddenValues.of(observed, model), []
        for run in range(400):
            x = observed.value.copy()
            hidden.draw(stream(1, Key(run), "hidden"), x)
            found.append(x[:20, 2])
        drawn[name] = np.array(found)
    # Uniform on (0.1, 0.9): mean 0.5, standard deviation 0.8 / sqrt(12)
    assert drawn["uniform"].mean() == pytest.approx(0.5, abs=0.01)
    assert drawn["uniform"].std() == pytest.approx(0.8 / np.sqrt(12), rel=0.02)
    others = np.clip(observed.value[:20, :2].mean(axis=1), 0.1, 0.9)
    assert np.abs(drawn["joint"].mean(axis=0) - others).max() < 0.06
