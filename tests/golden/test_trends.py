"""Trends against R: Kendall 2.2.1, trend 1.1.6 and modifiedmk 1.6, run by tests/golden/trends.R."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lea_geo.change.trend import mann_kendall

FOLDER = Path(__file__).parent / "trends"
SERIES = pd.read_csv(FOLDER / "series.csv")
R = pd.read_csv(FOLDER / "trends.csv", index_col="name")


def ours(name, **options):
    one = SERIES[SERIES["name"] == name]
    values = pd.DataFrame([one["value"].to_numpy()], index=[name], columns=one["year"])
    return mann_kendall(values, **options).table.iloc[0]


def tolerant(number):
    return pytest.approx(number, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("name", R.index)
def test_s_its_variance_and_sens_slope_are_those_of_kendall_and_trend(name):
    found, r = ours(name), R.loc[name]
    assert found["s"] == r["kendall_s"]
    assert found["variance"] == tolerant(r["trend_var"])
    assert abs(found["z_score"]) == tolerant(abs(r["trend_z"]))
    assert found["slope"] == tolerant(r["sen"])
    assert found["tau"] == pytest.approx(r["kendall_tau"], abs=2e-7)  # Kendall computes in single precision


@pytest.mark.parametrize("name", ["noise", "rising", "falling", "lasting", "lasting_rising", "opposing"])
def test_without_ties_the_slopes_interval_is_that_of_trend(name):
    found, r = ours(name), R.loc[name]
    assert found["slope_lower"] == tolerant(r["sen_lower"])
    assert found["slope_upper"] == tolerant(r["sen_upper"])


@pytest.mark.parametrize("name", R.index[R["mmkh_z"].notna()])
def test_the_variance_of_hamed_and_rao_is_that_of_modifiedmk(name):
    found, r = ours(name, autocorrelation="hamed_rao"), R.loc[name]
    assert found["variance"] == tolerant(r["mmkh_var"])
    assert found["z_score"] == tolerant(r["mmkh_z"])
    assert found["p_value"] == tolerant(r["mmkh_p"])


@pytest.mark.parametrize("name", R.index[R["mmkh_z"].isna()])
def test_where_modifiedmk_has_a_negative_variance_nothing_is_corrected(name):
    assert R.loc[name, "mmkh_var"] < 0
    found = ours(name, autocorrelation="hamed_rao")
    assert not found["corrected"]
    assert found["variance"] == tolerant(R.loc[name, "trend_var"])


@pytest.mark.parametrize("name", R.index)
def test_prewhitening_that_is_free_of_trend_is_that_of_modifiedmk(name):
    found, r = ours(name, autocorrelation="trend_free"), R.loc[name]
    assert found["s"] == r["tfpw_s"]
    assert found["variance"] == tolerant(r["tfpw_var"])
    assert found["z_score"] == tolerant(r["tfpw_z"])


def test_the_exact_law_and_the_normal_one_of_r_agree_in_long_series():
    by = {name: ours(name)["p_value"] for name in R.index}
    assert np.allclose(pd.Series(by), R["kendall_p"], atol=0.012)
