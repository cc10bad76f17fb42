"""Beta and sigma convergence, with the noise of small numbers taken off."""

import numpy as np
import pandas as pd
import pytest

from lea_geo.change.convergence import beta_convergence
from lea_geo.change.sigma import sigma_convergence
from lea_geo.errors import ValuesError


def _years(rng, people, then, now, people_now=None):
    people_now = people if people_now is None else people_now
    ids = [f"{i:05d}" for i in range(len(people))]
    return {
        2015: pd.DataFrame({"numerator": rng.binomial(people, then), "denominator": people}, ids),
        2025: pd.DataFrame({"numerator": rng.binomial(people_now, now), "denominator": people_now}, ids),
    }


def test_noise_alone_looks_like_convergence_and_is_not_called_it():
    rng = np.random.default_rng(3)
    naive, corrected, called = [], [], 0
    for seed in range(30):
        people, rate = rng.integers(100, 600, 80), rng.beta(20, 120, 80)
        found = beta_convergence(_years(rng, people, rate, rate), runs=199, seed=seed)
        naive.append(found.table.loc["naive", "slope"])
        corrected.append(found.table.loc["corrected", "slope"])
        called += found.verdict != "cannot_tell"
    assert np.mean(naive) < -0.15
    assert abs(np.mean(corrected)) < 0.05
    assert called <= 5


def test_a_true_slope_is_recovered_and_its_interval_holds_it():
    rng = np.random.default_rng(4)
    slopes, held = [], 0
    for seed in range(30):
        people, rate = rng.integers(200, 1500, 100), rng.beta(10, 60, 100)
        later = rate - 0.4 * (rate - 1 / 7) + 0.01
        found = beta_convergence(_years(rng, people, rate, later), runs=199, seed=seed).table.loc["corrected"]
        slopes.append(found["slope"])
        held += found["lower"] <= -0.4 <= found["upper"]
    assert np.mean(slopes) == pytest.approx(-0.4, abs=0.02)
    assert held >= 25


def test_half_of_a_gap_that_closes_by_two_fifths_in_ten_years_is_gone_after_fourteen():
    then = np.arange(10.0, 50.0, 2.0)
    ids = [f"{i:05d}" for i in range(len(then))]
    years = {
        2015: pd.DataFrame({"value": then, "error": 0.0}, ids),
        2025: pd.DataFrame({"value": then - 0.4 * (then - then.mean()), "error": 0.0}, ids),
    }
    row = beta_convergence(years, kind="value", runs=99).table.loc["corrected"]
    # 0.6 = exp(-10 s), and half is gone after log 2 / s
    assert row["half_life"] == pytest.approx(10 * np.log(2) / -np.log(0.6))


def test_where_hardly_any_variance_is_real_nothing_is_told():
    rng = np.random.default_rng(5)
    people, rate = np.full(300, 50), np.full(300, 0.1)
    found = beta_convergence(_years(rng, people, rate, rate), runs=99)
    assert found.verdict == "cannot_tell"
    assert np.isnan(found.table.loc["corrected", "slope"])
    assert any("cannot be told from small numbers" in note for note in found.notes)


def test_raw_dispersion_falls_where_the_people_grow_and_true_dispersion_does_not():
    rng = np.random.default_rng(6)
    rate, people = rng.beta(40, 260, 120), np.full(120, 150)
    found = sigma_convergence(_years(rng, people, rate, rate, 20 * people), runs=299)
    assert found.naive_ratio < 0.6
    assert found.naive_p < 0.01
    assert set(found.change["verdict"]) == {"cannot_tell"}


def test_true_convergence_of_dispersion_is_found():
    rng = np.random.default_rng(7)
    rate, people = rng.beta(10, 60, 60), np.full(60, 1500)
    found = sigma_convergence(_years(rng, people, rate, 1 / 7 + 0.5 * (rate - 1 / 7)), runs=299)
    assert set(found.change["verdict"]) == {"narrowed"}


def test_the_order_of_areas_changes_nothing():
    rng = np.random.default_rng(8)
    people, rate = rng.integers(200, 900, 30), rng.beta(10, 60, 30)
    years = _years(rng, people, rate, rate)
    turned = {year: table.iloc[::-1] for year, table in years.items()}
    one, other = (beta_convergence(given, runs=99) for given in (years, turned))
    pd.testing.assert_frame_equal(one.table, other.table)
    one, other = (sigma_convergence(given, runs=99).change for given in (years, turned))
    pd.testing.assert_frame_equal(one, other)


def test_seven_areas_have_no_slope():
    rng = np.random.default_rng(9)
    with pytest.raises(ValuesError, match="A slope needs at least 8"):
        beta_convergence(_years(rng, np.full(7, 500), np.full(7, 0.1), np.full(7, 0.1)))
