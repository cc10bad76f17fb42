"""Gaps between areas over time."""

import numpy as np
import pandas as pd
import pytest

from lea_geo.change.gaps import gaps_over_time
from lea_geo.errors import UsageError


def _years(rng, people, *rates):
    ids = [f"{i:05d}" for i in range(len(people))]
    return {
        2015 + 5 * k: pd.DataFrame({"numerator": rng.binomial(people, rate), "denominator": people}, ids)
        for k, rate in enumerate(rates)
    }


def _verdicts(found, form):
    change = found.change
    return set(change.loc[(change["form"] == form) & (change["weighting"] == "weighted"), "verdict"])


def test_where_all_rates_halve_the_absolute_gap_narrows_and_the_relative_one_cannot_be_told_to_have():
    rng = np.random.default_rng(1)
    people, rate = rng.integers(1500, 6000, 40), rng.beta(8, 50, 40)
    found = gaps_over_time(_years(rng, people, rate, rate / 2), runs=299)
    assert _verdicts(found, "absolute") == {"narrowed"}
    assert _verdicts(found, "relative") == {"cannot_tell"}
    assert set(found.disagreeing["pair"]) == {"fifths", "gini", "deviation"}


def test_where_the_same_is_added_to_all_the_relative_gap_narrows_alone():
    rng = np.random.default_rng(2)
    people, rate = rng.integers(2500, 8000, 40), rng.beta(8, 50, 40)
    found = gaps_over_time(_years(rng, people, rate, rate + 0.15), runs=299)
    assert "narrowed" not in _verdicts(found, "absolute")
    assert _verdicts(found, "relative") == {"narrowed"}


def test_equal_gaps_are_rarely_called_changed():
    rng = np.random.default_rng(3)
    wrong = 0
    for seed in range(40):
        people, rate = rng.integers(100, 900, 30), rng.beta(8, 50, 30)
        found = gaps_over_time(_years(rng, people, rate, rate), runs=99, seed=seed, pairs=("gini",))
        wrong += found.change["verdict"].iloc[0] != "cannot_tell"
    assert wrong <= 6  # P(more than 6 of 40 at 5 %) = 0.003


def test_an_interval_of_the_change_holds_the_true_change():
    rng = np.random.default_rng(4)
    held = 0
    for seed in range(40):
        people, rate = rng.integers(300, 1500, 40), rng.beta(8, 50, 40)
        later = 1 / 7 + 0.6 * (rate - 1 / 7)
        found = gaps_over_time(_years(rng, people, rate, later), runs=99, seed=seed, pairs=("deviation",))
        row = found.change[(found.change["form"] == "absolute") & (found.change["weighting"] == "unweighted")]
        truth = np.std(later) - np.std(rate)
        held += bool(row["lower"].iloc[0] <= truth <= row["upper"].iloc[0])
    assert held >= 34  # P(fewer of 40 at 95 %) = 0.003


def test_along_an_order_the_slope_has_the_sign_of_the_order_and_narrows_towards_nothing():
    rng = np.random.default_rng(5)
    people, rate = np.full(40, 4000), np.linspace(0.3, 0.1, 40)
    order = pd.Series(np.arange(40.0), index=[f"{i:05d}" for i in range(40)])
    found = gaps_over_time(_years(rng, people, rate, 0.2 + (rate - 0.2) / 2), order=order, runs=199)
    slope = found.change[(found.change["measure"] == "slope_index")].iloc[0]
    # The line from 0.3 to 0.1 runs over 39 of 40 steps: 0.2 * 40 / 39.
    assert slope["then"] == pytest.approx(-0.2 * 40 / 39, abs=0.02)
    assert slope["difference"] > 0
    assert slope["verdict"] == "narrowed"


def test_absolute_and_relative_weighted_and_unweighted_stand_together_in_every_year():
    rng = np.random.default_rng(6)
    people, rate = rng.integers(500, 900, 12), rng.beta(8, 50, 12)
    found = gaps_over_time(_years(rng, people, rate, rate, rate), runs=99)
    shape = found.table.groupby(["year", "pair"])[["form", "weighting"]].nunique()
    assert (shape == 2).all().all()
    assert len(shape) == 9


def test_a_redrawn_area_is_in_no_year():
    rng = np.random.default_rng(7)
    people, rate = rng.integers(500, 900, 12), rng.beta(8, 50, 12)
    found = gaps_over_time(_years(rng, people, rate, rate), redrawn=["00003"], runs=99)
    assert found.n == 11
    assert "Gaps are of the 11 areas comparable in all years, without 00003." in found.notes


def test_a_slope_without_an_order_is_refused():
    rng = np.random.default_rng(8)
    years = _years(rng, np.full(9, 500), np.full(9, 0.1), np.full(9, 0.1))
    with pytest.raises(UsageError, match="give order="):
        gaps_over_time(years, pairs=("slope",))
