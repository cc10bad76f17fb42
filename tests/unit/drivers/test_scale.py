"""Scale and persons: zones that hang together, ranges, and bounds by hand."""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse.csgraph import connected_components

import lea_geo as lea
from lea_geo.drivers.zones import random_zones
from lea_geo.errors import UsageError, ValuesError
from lea_geo.spatial.graph import AreaGraph

SIDE = 8
IDS = pd.Index([f"a{i:02d}" for i in range(SIDE**2)], name="area_id")
PLACE = np.column_stack([np.arange(64) % SIDE, np.arange(64) // SIDE])


def board(gap: bool = False) -> AreaGraph:
    near = (np.abs(PLACE[:, None] - PLACE[None]).sum(axis=2) == 1).astype(int)
    if gap:  # no link between west and east
        west = PLACE[:, 0] < 4
        near = near * (west[:, None] == west[None])
    indptr = np.cumsum([0, *near.sum(axis=1)])
    return AreaGraph(IDS, indptr, np.nonzero(near)[1], np.ones(indptr[-1]))


@pytest.mark.parametrize("gap", [False, True])
def test_every_zone_hangs_together_and_none_is_empty(gap):
    links = board(gap)
    for zone in random_zones(links, 11, runs=20, seed=1):
        assert set(zone) == set(range(11))
        for number in range(11):
            part = np.flatnonzero(zone == number)
            assert connected_components(links.sparse()[part][:, part], directed=False)[0] == 1


def test_parts_that_are_not_linked_stay_apart_even_where_fewer_zones_are_asked_for():
    empty = AreaGraph(IDS, np.zeros(65), np.zeros(0), np.zeros(0))
    assert len(set(random_zones(empty, 3, runs=1, seed=0)[0])) == 64


def test_larger_areas_strengthen_what_neighbours_share_and_random_noise_hides():
    # Planted: both follow the east-west gradient plus noise of their own, which larger areas average away.
    random = np.random.default_rng(2)
    x, y = (pd.Series(0.3 * PLACE[:, 0] + random.normal(size=64), index=IDS) for _ in range(2))
    found = lea.scale_range(x, y, board(), zones=(32, 12), runs=100, seed=3)
    medians = found.table["median"].to_numpy()
    assert medians[0] < medians[1] < medians[2]
    assert found.sign_holds
    assert found.highest == found.table["upper"].max()


def test_zones_have_the_rates_of_their_counts():
    # With everything in one linked pair of zones fixed by hand: sums over sums, not means of rates.
    people = pd.DataFrame({"numerator": 1.0, "denominator": np.arange(1.0, 65)}, index=IDS)
    x = (people["numerator"] / people["denominator"]).rename("x")
    y = pd.Series(PLACE[:, 1].astype(float), index=IDS)
    drawn = random_zones(board(), 10, runs=1, seed=5)[0]
    zones = pd.DataFrame(
        {"zone": drawn, "n": people["numerator"], "d": people["denominator"], "y": y.to_numpy()}
    )
    sums = zones.groupby("zone").agg({"n": "sum", "d": "sum", "y": "mean"})
    expected = np.corrcoef(sums["n"] / sums["d"], sums["y"])[0, 1]
    found = lea.scale_range(x, y, board(), zones=(10,), runs=1, seed=5, x_counts=people)
    assert found.table["median"].iloc[1] == pytest.approx(expected)


def test_other_kinds_of_areas_stand_beside():
    x = pd.Series(np.arange(64.0), index=IDS)
    towns = pd.DataFrame({"x": [1.0, 2, 3, 4, 5, np.nan], "y": [5.0, 4, 3, 2, 1, 0]}, index=list("abcdef"))
    few = towns.iloc[:3]
    found = lea.scale_range(x, x**2, board(), zones=(20,), runs=5, levels={"towns": towns, "few": few})
    assert found.table["division"].tolist() == ["as given", "towns", "random"]
    assert found.table["median"].iloc[1] == pytest.approx(-1)
    assert not found.sign_holds
    assert found.table["same_sign"].tolist() == [1.0, 0.0, 1.0]


@pytest.mark.parametrize("zones", [(2,), (64,), (7.5,), "12"])
def test_numbers_of_zones_that_make_no_sense_are_refused(zones):
    x = pd.Series(np.arange(64.0), index=IDS)
    with pytest.raises(UsageError, match="zones"):
        lea.scale_range(x, x**2, board(), zones=zones)


def counts(*numbers):
    return [pd.Series(part, index=["a", "b"], dtype=float) for part in numbers]


def test_bounds_are_duncan_and_daviss_by_hand():
    # a: 100 people, 60 in the group, 70 with the outcome: 30 to 60 are both. b: 50, 10, 5: 0 to 5 are both.
    found = lea.ecological_bounds(*counts([60, 10], [70, 5], [100, 50]))
    assert found.table[["both_lower", "both_upper"]].to_numpy().tolist() == [[30, 60], [0, 5]]
    assert found.table.loc["a", ["in_group_lower", "in_group_upper"]].tolist() == [0.5, 1.0]
    # All: 70 in the group, 75 with the outcome, 150 people: 30 to 65 are both.
    summary = found.summary[["lower", "upper"]]
    assert summary.loc["share_in_group"].tolist() == pytest.approx([30 / 70, 65 / 70])
    assert summary.loc["share_outside"].tolist() == pytest.approx([10 / 80, 45 / 80])
    assert summary.loc["difference"].tolist() == pytest.approx([30 / 70 - 45 / 80, 65 / 70 - 10 / 80])
    # phi = (150 A - 70 * 75) / sqrt(70 * 80 * 75 * 75)
    root = np.sqrt(70 * 80 * 75 * 75)
    assert summary.loc["phi"].tolist() == pytest.approx([(4500 - 5250) / root, (9750 - 5250) / root])
    assert not found.sign_known


def test_areas_of_one_kind_tell_everything():
    # Where the group is nobody or everybody, an area's margins are the table.
    found = lea.ecological_bounds(*counts([0, 50], [10, 40], [100, 50]))
    assert found.summary.loc["share_in_group", ["lower", "upper"]].tolist() == [0.8, 0.8]
    assert found.summary.loc["share_outside", ["lower", "upper"]].tolist() == [0.1, 0.1]
    assert found.sign_known


def test_goodman_recovers_shares_that_are_the_same_everywhere():
    ids = [f"a{i}" for i in range(20)]
    people = pd.Series(1000.0, index=ids)
    group = pd.Series(np.linspace(50, 900, 20).round(), index=ids)
    outcome = 0.6 * group + 0.1 * (people - group)
    found = lea.ecological_bounds(group, outcome, people).summary["goodman"]
    assert found[["share_in_group", "share_outside", "difference"]].tolist() == pytest.approx([0.6, 0.1, 0.5])


def test_unknown_counts_are_left_out_and_impossible_ones_refused():
    group, outcome, people = counts([60, np.nan], [70, 5], [100, 50])
    found = lea.ecological_bounds(group, outcome, people)
    assert found.table.loc["b"].isna().all()
    assert found.summary.loc["share_in_group", "lower"] == 0.5
    assert any("b" in note for note in found.notes)
    with pytest.raises(ValuesError, match="more than there are people"):
        lea.ecological_bounds(*counts([60, 60], [70, 5], [100, 50]))
