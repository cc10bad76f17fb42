"""Agreement with R on standardised rates and laws of rates; rates.R makes the numbers."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import lea_geo as lea

HERE = Path(__file__).parent
FOLDER = HERE / "rates"


@pytest.fixture
def strata() -> pd.DataFrame:
    table = pd.read_csv(FOLDER / "strata.csv", dtype={"area": str})
    return table.rename(columns={"area": "area_id"}).set_index(["area_id", "age"])


@pytest.fixture
def theirs() -> pd.DataFrame:
    return pd.read_csv(FOLDER / "standardised.csv", dtype={"area": str}).set_index("area")


@pytest.fixture
def laws() -> pd.Series:
    return pd.read_csv(FOLDER / "laws.csv", index_col="name")["value"]


@pytest.fixture
def sids() -> pd.DataFrame:
    return pd.read_csv(HERE / "spdep" / "rates.csv", dtype={"id": str}).set_index("id")


def test_direct_rates_and_their_gamma_intervals_are_those_of_epitools(strata, theirs):
    ours = lea.direct_rates(strata["events"], strata["people"], interval="gamma").table
    for column in ("crude", "rate", "lower", "upper"):
        np.testing.assert_allclose(ours[column], theirs.loc[ours.index, column], rtol=1e-10)
    narrow = lea.direct_rates(strata["events"], strata["people"], interval="gamma", level=0.8).table
    np.testing.assert_allclose(narrow["lower"], theirs.loc[ours.index, "lower80"], rtol=1e-10)
    np.testing.assert_allclose(narrow["upper"], theirs.loc[ours.index, "upper80"], rtol=1e-10)


def test_expected_events_and_ratios_are_those_of_epitools(strata, theirs):
    ours = lea.indirect_rates(strata["events"], strata["people"]).table
    for column in ("expected", "ratio"):
        np.testing.assert_allclose(ours[column], theirs.loc[ours.index, column], rtol=1e-10)


def test_the_gamma_law_of_rates_is_that_of_mass(sids, laws):
    ours = lea.poisson_gamma(sids["cases"], sids["people"])
    assert ours.strength == pytest.approx(laws["gamma_strength"], rel=1e-7)
    assert ours.mean == pytest.approx(laws["gamma_mean"], rel=1e-9)


def test_the_gain_of_the_gamma_law_over_one_rate_for_all_is_that_of_mass(sids, laws):
    x, n = sids["cases"], sids["people"]
    mean = x.sum() / n.sum()
    poisson = float((x * np.log(mean * n) - mean * n).sum())
    ours = lea.poisson_gamma(x, n)
    assert ours.log_likelihood - poisson == pytest.approx(laws["gamma_gain"], rel=1e-9)


def test_the_beta_law_of_proportions_is_that_of_vgam(sids, laws):
    ours = lea.beta_binomial(sids["cases"], sids["people"])
    assert ours.mean * ours.strength == pytest.approx(laws["beta_a"], rel=1e-6)
    assert (1 - ours.mean) * ours.strength == pytest.approx(laws["beta_b"], rel=1e-6)
