"""Low-income households of Vantaa: what the calls give is what the published table says."""

import pandas as pd
import pytest

import lea_geo as lea

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def vantaa(finland):
    table = pd.read_csv(finland / "paavo_2018_whole_country.csv", dtype={"postinumero": str, "kuntano": str})
    table = table[table["kuntano"].str.zfill(3) == "092"].set_index("postinumero")
    counts = table[["tr_pi_tul", "tr_kuty"]].astype(float)
    return counts[counts["tr_kuty"].notna()]


def test_ten_areas_hold_little_more_than_half_of_the_households_and_the_rest_live_elsewhere(vantaa):
    need, households = vantaa["tr_pi_tul"], vantaa["tr_kuty"]
    listed = lea.priority_list(need, households, choose=10)
    rate = (need / households).sort_values(ascending=False)
    assert set(listed.table.index[listed.table["chosen"]]) == set(rate.index[:10])
    row = lea.missed(need, households, listed.table["chosen"]).table.loc["chosen"]
    assert row["share_reached"] == pytest.approx(need[rate.index[:10]].sum() / need.sum())
    assert row["share_reached_lower"] > 0.5
    assert row["share_missed_lower"] > 0.4
    # Tens of thousands of households: the list is sure but for its last places.
    assert 0 < listed.expected_wrong < 2


def test_three_hundred_thousand_euros_add_up_and_chance_decides_little_of_them(vantaa):
    need, households = vantaa["tr_pi_tul"], vantaa["tr_kuty"]
    found = lea.allocate(need, 300_000, families=households, floor_per_family=2, cap_per_family=5)
    euros = found.table["euros"]
    assert euros.sum() == 300_000
    assert (euros >= 2 * households).all()
    assert (euros <= 5 * households).all()
    assert found.noise_share < 0.03
