"""Residents in the lowest income category of Paavo 2018 and 2026, beside plain sums over the files."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import lea_geo as lea

pytestmark = pytest.mark.real
LOW, ALL = "hr_pi_tul", "hr_tuy"


@pytest.fixture(scope="module")
def whole(finland):
    names = {"postinumero": str, "kuntano": str}
    table = pd.read_csv(finland / "paavo_2018_whole_country.csv", dtype=names).set_index("postinumero")
    return table.assign(kuntano=table["kuntano"].str.zfill(3))


@pytest.fixture(scope="module")
def vantaa_2026(finland):
    table = gpd.read_file(finland / "paavo_wfs_2026_helsinki_tampere_turku.gpkg")
    table = table[table["kunta"] == "092"].set_index("postinumeroalue")
    return table.assign(**{name: table[name].where(table[name] >= 0) for name in (LOW, ALL)})


def groups(table):
    return pd.DataFrame({"low": table[LOW], "rest": table[ALL] - table[LOW]}).astype(float)


def plain(table):
    known = table[[LOW, ALL]].dropna()
    low, rest = known[LOW], known[ALL] - known[LOW]
    return (low / low.sum() - rest / rest.sum()).abs().sum() / 2


def test_vantaas_dissimilarity_is_the_plain_sum_and_far_above_chance(whole):
    vantaa = whole[whole["kuntano"] == "092"]
    found = lea.segregation(groups(vantaa), runs=199)
    row = found.table.loc["dissimilarity"]
    assert row["value"] == pytest.approx(plain(vantaa))
    # 36 areas, two of them withheld or empty
    assert found.n_areas + len(found.left_out) == 36
    assert row["expected"] < 0.05 < row["underlying_lower"] <= row["value"]
    assert row["p_value"] == pytest.approx(1 / 200)


def test_finlands_areas_are_measured_with_what_they_withhold(whole):
    """3 030 areas; where no adult is told of, the adults of the population stand for them."""
    counts = groups(whole)
    people = counts.sum(axis=1, min_count=2).fillna(whole["ko_ika18y"].astype(float))
    low = pd.DataFrame(0.0, index=counts.index, columns=counts.columns)
    high = pd.DataFrame({"low": people, "rest": people})
    measured = people.notna()
    found = lea.segregation(
        counts[measured], totals=people[measured], lower=low[measured], upper=high[measured], runs=19
    )
    row = found.table.loc["dissimilarity"]
    assert row["value"] == pytest.approx(plain(whole))
    assert row["hidden_kind"] == "bounds"
    assert row["hidden_lower"] < row["value"] < row["hidden_upper"]
    assert row["hidden_upper"] - row["hidden_lower"] < 0.01  # withheld areas are small


def test_vantaas_change_is_made_of_where_people_live_and_of_the_areas(whole, vantaa_2026):
    vantaa = whole[whole["kuntano"] == "092"]
    both = vantaa.index.intersection(vantaa_2026.index)
    before, after = (
        table.loc[both, [LOW, ALL]].astype(float).set_axis(["numerator", "denominator"], axis=1)
        for table in (vantaa, vantaa_2026)
    )
    found = lea.decompose_change(before, after, scale=100)
    known = before.notna().all(axis=1) & after.notna().all(axis=1)
    rates = [100 * table.loc[known, "numerator"].sum() / table.loc[known, "denominator"].sum()
             for table in (before, after)]  # fmt: skip
    assert found.value == pytest.approx(rates[1] - rates[0])
    parts = found.parts["value"]
    assert parts["composition"] + parts["rate"] == pytest.approx(found.value)
    assert found.interval[0] < found.value < found.interval[1]
    assert np.isfinite(found.parts.loc[:, ["value", "lower", "upper"]].to_numpy()).all()
