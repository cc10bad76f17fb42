"""Whether intervals hold the truth as often as they say, and what chance alone is taken for."""

import numpy as np
import pandas as pd
import pytest

import lea_geo as lea
from lea_geo.inequality import formulas
from lea_geo.inequality.entropy import gini_measure, theil_measure
from lea_geo.inequality.estimate import measured_together
from lea_geo.inequality.gaps import gap_measure
from lea_geo.inequality.options import Settings
from lea_geo.inequality.sample import Sample
from lea_geo.inequality.slope import slope_measure
from lea_geo.inequality.spread import variance_measure

N = 40
IDS = pd.Index([f"area {i:02d}" for i in range(N)])
RANK = pd.Series(np.arange(float(N)), IDS)
TIMES = 100


def _world(rng, *, spread: bool):
    """Return people, true rates and events of areas with few people each."""
    people = rng.integers(20, 150, N)
    truth = rng.beta(3, 17, N) if spread else np.full(N, 0.15)
    return people, truth, rng.binomial(people, truth)


def _measures(sample):
    return [
        gini_measure(),
        theil_measure(),
        variance_measure(),
        gap_measure(sample, between="tails"),
        slope_measure(sample, RANK, model="linear")[1],
    ]


def _draws(*, spread: bool):
    """Return, of many worlds, the true measures and what was estimated of each."""
    rng = np.random.default_rng(20_26)
    found = []
    for seed in range(TIMES):
        people, truth, events = _world(rng, spread=spread)
        n, x = pd.Series(people, IDS), pd.Series(events, IDS)
        known = Sample.of(pd.Series(truth, IDS), n, {})
        sample = Sample.of(x / n, n, {"numerator": x, "denominator": n})
        for one, measure in zip(
            measured_together(sample, Settings(runs=149, seed=seed), _measures(sample)),
            _measures(sample),
            strict=True,
        ):
            first = measure.forms[0]
            true = float(measure.formula(first)(known.x, known.people, known.people))
            found.append((one.measure, true, one.estimate()))
    return found


def test_95_percent_intervals_hold_the_truth_about_95_times_in_100() -> None:
    held: dict[str, list[bool]] = {}
    bias: dict[str, list[float]] = {}
    for name, true, one in _draws(spread=True):
        held.setdefault(name, []).append(one.lower <= true <= one.upper)
        bias.setdefault(name, []).append(one.value - true)
    # Of 100 intervals that hold in 95 % of worlds, fewer than 87 do so once in a thousand times.
    assert min(sum(hits) for hits in held.values()) >= 87
    # What they have to overcome: the plain Gini is too large in nearly every world.
    assert np.mean(np.array(bias["gini"]) > 0) > 0.8


def test_equal_areas_are_not_called_unequal() -> None:
    found = _draws(spread=False)
    for name in ("gini", "theil", "between_group_variance", "tail_difference"):
        ones = [one for measure, _, one in found if measure == name]
        # The interval reaches equality in 97.5 % of worlds: fewer than 92 of 100 once in a thousand times.
        assert sum(one.lower <= 1e-12 for one in ones) >= 92
        # A test at 5 % gives false alarms in 5 %: more than 13 of 100 once in a thousand times.
        assert sum(one.p_value <= 0.05 for one in ones) <= 13
        # What equal areas show on average is what chance alone was said to give.
        assert np.mean([one.value for one in ones]) == pytest.approx(
            np.mean([one.noise for one in ones]), rel=0.05
        )


def test_draws_that_count_noise_twice_would_miss_the_truth() -> None:
    rng = np.random.default_rng(7)
    missed = 0
    for _ in range(40):
        people, truth, events = _world(rng, spread=True)
        w = people / people.sum()
        naive = rng.beta(events + 0.5, people - events + 0.5, (199, N))
        lower = np.quantile(formulas.gini(naive, w, w), 0.025)
        missed += bool(lower > formulas.gini(truth, w, w))
    assert missed > 20


def test_standard_errors_serve_where_there_are_no_counts() -> None:
    rng = np.random.default_rng(3)
    held = 0
    for seed in range(60):
        truth = rng.normal(50, 8, N)
        error = pd.Series(rng.uniform(2, 8, N), IDS)
        values = pd.Series(truth, IDS) + rng.normal(0, error)
        result = lea.gini(values, None, standard_error=error, runs=199, seed=seed)
        true = float(formulas.gini(truth, np.full(N, 1 / N), np.full(N, 1 / N)))
        held += result.interval[0] <= true <= result.interval[1]
        assert result.corrected < result.value
    assert result.includes == "the standard errors of the values"
    # Fewer than 51 of 60 once in a thousand times.
    assert held >= 51


def test_the_intervals_say_what_they_include() -> None:
    rng = np.random.default_rng(1)
    people, _, events = _world(rng, spread=True)
    n, x = pd.Series(people, IDS), pd.Series(events, IDS)
    said = {"numerator": x, "denominator": n}
    counts = lea.gini(x / n, n, **said)
    assert counts.includes == "the noise of small numbers"
    alone = lea.gini(x / n, n)
    assert alone.includes == "how other areas such as these might differ"
    assert any("holds nothing of small numbers" in note for note in alone.notes)
    assert np.isnan(alone.noise)
    both = lea.gini(x / n, n, resample=True, **said)
    assert both.includes == "the noise of small numbers and how other areas such as these might differ"
    assert both.interval[1] - both.interval[0] > counts.interval[1] - counts.interval[0]


def test_extremes_have_no_interval_without_counts_and_say_so() -> None:
    rng = np.random.default_rng(1)
    people, _, events = _world(rng, spread=True)
    n, x = pd.Series(people, IDS), pd.Series(events, IDS)
    bare = lea.difference(x / n, n)
    assert np.isnan(bare.interval).all()
    assert any("Counts or standard errors would give one" in note for note in bare.notes)
    counted = lea.difference(x / n, n, numerator=x, denominator=n)
    assert counted.interval[0] < counted.corrected < counted.interval[1]
    assert counted.noise < counted.corrected < counted.value


def test_a_slope_s_interval_follows_from_its_weights() -> None:
    # Two areas of equal size: the ridits are 1/4 and 3/4, so the slope is twice the difference of the rates.
    n, x = pd.Series([10_000, 10_000], ["a", "b"]), pd.Series([2000, 3000], ["a", "b"])
    rank = pd.Series([1, 2], ["a", "b"])
    result = lea.slope_index(x / n, n, rank, model="linear", numerator=x, denominator=n)
    assert result.value == pytest.approx(0.2)
    error = 2 * np.sqrt(0.2 * 0.8 / 10_000 + 0.3 * 0.7 / 10_000)
    assert np.diff(result.interval)[0] == pytest.approx(2 * 1.959964 * error, rel=2e-3)


def test_rates_of_events_that_recur_are_drawn_from_a_gamma_law() -> None:
    rng = np.random.default_rng(5)
    n = pd.Series(rng.integers(50, 500, N), IDS)
    x = pd.Series(rng.poisson(n * rng.gamma(4, 0.4, N)), IDS)
    result = lea.theil(1000 * x / n, n, numerator=x, denominator=n, kind="rate")
    assert (x > n).any()
    assert result.interval[0] < result.corrected < result.interval[1]
    with pytest.raises(ValueError, match="numerator larger than its denominator"):
        lea.theil(1000 * x / n, n, numerator=x, denominator=n)


def test_how_many_draws_are_held_at_once_changes_no_number(monkeypatch) -> None:
    rng = np.random.default_rng(2)
    people, _, events = _world(rng, spread=True)
    n, x = pd.Series(people, IDS), pd.Series(events, IDS)
    whole = [
        lea.inequality_table(x / n, n, favourable=True, runs=99, numerator=x, denominator=n, resample=r)
        for r in (None, True)
    ]
    monkeypatch.setattr("lea_geo.inequality.estimate._CELLS", 7 * N)
    parts = [
        lea.inequality_table(x / n, n, favourable=True, runs=99, numerator=x, denominator=n, resample=r)
        for r in (None, True)
    ]
    for one, other in zip(whole, parts, strict=True):
        pd.testing.assert_frame_equal(one.table, other.table, check_exact=True)
