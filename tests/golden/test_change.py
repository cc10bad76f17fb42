"""Change of two counts, and convergence, against R (tests/golden/change.R; versions beside its numbers)."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lea_geo.change.between import area_changes
from lea_geo.change.convergence import beta_convergence
from lea_geo.change.sigma import sigma_convergence

FOLDER = Path(__file__).parent / "change"
TWO = pd.read_csv(FOLDER / "two_counts.csv")
AMOUNTS = pd.read_csv(FOLDER / "amounts.csv")
NUMBERS = pd.read_csv(FOLDER / "convergence.csv").set_index("name")["value"]


def _years() -> dict[int, pd.DataFrame]:
    ids = pd.Index([f"{i:05d}" for i in range(len(TWO))], name="area_id")
    return {
        year: pd.DataFrame(
            {"numerator": TWO[f"x{k}"].to_numpy(), "denominator": TWO[f"n{k}"].to_numpy()}, ids
        )
        for k, year in enumerate((2018, 2026))
    }


@pytest.mark.parametrize(("kind", "name"), [("proportion", "fisher"), ("rate", "poisson")])
def test_exact_tails_are_those_of_r(kind, name):
    table = area_changes(_years(), kind=kind, method="exact").table
    np.testing.assert_allclose(table["p_lower"], TWO[f"{name}_less"], rtol=1e-9)
    np.testing.assert_allclose(table["p_upper"], TWO[f"{name}_greater"], rtol=1e-9)


def test_the_exact_two_sided_p_value_of_rates_is_that_of_rateratio_test():
    table = area_changes(_years(), kind="rate", method="exact").table
    np.testing.assert_allclose(table["p_value"], TWO["rateratio_p"], rtol=1e-9)


@pytest.mark.parametrize(("kind", "name"), [("proportion", "fisher_midp"), ("rate", "poisson_midp")])
def test_mid_p_is_that_of_exact2x2_and_exactci(kind, name):
    table = area_changes(_years(), kind=kind).table
    np.testing.assert_allclose(table["p_value"], TWO[name], rtol=1e-7)


@pytest.mark.parametrize(("kind", "name"), [("proportion", "mn"), ("rate", "poisson")])
def test_intervals_are_miettinen_and_nurminens_of_ratesci(kind, name):
    table = area_changes(_years(), kind=kind).table
    np.testing.assert_allclose(table["lower"], TWO[f"{name}_lower"], atol=2e-7)
    np.testing.assert_allclose(table["upper"], TWO[f"{name}_upper"], atol=2e-7)


def _amounts() -> dict[int, pd.DataFrame]:
    return {
        year: pd.DataFrame(
            {"value": AMOUNTS[name].to_numpy(), "error": 0.0}, [f"a{i:02d}" for i in range(12)]
        )
        for year, name in ((2015, "then"), (2025, "now"))
    }


def test_the_naive_slope_is_that_of_lm_and_ten_times_reats_slope_a_year():
    naive = beta_convergence(_amounts(), kind="value", transform="log").table.loc["naive"]
    assert naive["slope"] == pytest.approx(NUMBERS["lm_slope"], rel=1e-10)
    assert naive["slope"] == pytest.approx(10 * NUMBERS["reat_beta_a_year"], rel=1e-10)
    assert [naive["lower"], naive["upper"]] == pytest.approx([NUMBERS["lm_lower"], NUMBERS["lm_upper"]])


def test_without_noise_the_corrected_slope_is_the_naive_one():
    table = beta_convergence(_amounts(), kind="value", transform="log").table
    assert table.loc["corrected", "slope"] == pytest.approx(table.loc["naive", "slope"], rel=1e-12)


def test_the_speed_is_that_of_barro_and_sala_i_martins_equation():
    # (1/T) log(y_T/y_0) = a - (1 - exp(-s T)) / T log y_0, here with T = 10.
    speed = beta_convergence(_amounts(), kind="value", transform="log").table.loc["naive", "speed"]
    assert -(1 - np.exp(-speed * 10)) / 10 == pytest.approx(NUMBERS["reat_beta_a_year"], rel=1e-10)


def test_pitman_and_morgans_p_value_is_that_of_r():
    found = sigma_convergence(_amounts(), kind="value", runs=99)
    assert found.naive_p == pytest.approx(NUMBERS["morgan_p"], rel=1e-9)
    assert found.naive_ratio == pytest.approx(NUMBERS["variance_ratio"], rel=1e-12)


def test_deviations_of_logarithms_are_reats():
    logs = {year: table.assign(value=np.log(table["value"])) for year, table in _amounts().items()}
    table = sigma_convergence(logs, kind="value", runs=99).table
    held = table[(table["form"] == "absolute") & (table["weighting"] == "unweighted")]["value"]
    # Both divide by n: the areas are all that there are.
    np.testing.assert_allclose(held, [NUMBERS["reat_sd_then"], NUMBERS["reat_sd_now"]], rtol=1e-9)
