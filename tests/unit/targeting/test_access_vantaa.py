"""Real people on real cells: Vantaa's malls by public transport, and sites among its cells."""

import zipfile

import geopandas as gpd
import pandas as pd
import pytest

import lea_geo as lea

pytestmark = pytest.mark.real
MALLS = ["5878070", "5878087", "5902043"]


@pytest.fixture(scope="module")
def people(finland):
    """HSY's people of 2015 in Vantaa, by the cell of YKR's grid in which the centre of theirs lies."""
    town = gpd.read_file(finland / "kunta_2019_1000k.gpkg").query("kunta == '092'").to_crs(3067)
    cells = gpd.read_file(finland / "hsy_population_grid_250m_2015.gpkg").to_crs(3067)
    cells = cells.set_geometry(cells.geometry.centroid)
    cells = cells[cells.within(town.geometry.iloc[0])]
    grid = gpd.read_file(finland / "ykr_grid_250m_helsinki_region.gpkg")
    joined = gpd.sjoin(cells[["ASUKKAITA", "geometry"]], grid[["YKR_ID", "geometry"]])
    joined = joined[~joined.index.duplicated()]
    return joined["ASUKKAITA"].groupby(joined["YKR_ID"].astype(str)).sum().astype(float)


@pytest.fixture(scope="module")
def bus(finland):
    return lea.read_travel_times(finland / "ykr_travel_times_vantaa_malls_2015.zip", cost="pt_r_tt")


def test_access_to_malls_is_what_the_files_say(people, bus, finland):
    """Counted once more with pandas alone: the shortest time of each cell, and what half an hour reaches."""
    with zipfile.ZipFile(finland / "ykr_travel_times_vantaa_malls_2015.zip") as archive:
        parts = [
            pd.read_csv(archive.open(name), sep=";", dtype={"from_id": str}) for name in archive.namelist()
        ]
    rows = pd.concat(parts)
    rows = rows[(rows["pt_r_tt"] >= 0) & rows["from_id"].isin(people.index)]
    least = rows.groupby("from_id")["pt_r_tt"].min()
    assert len(people) > 1500
    supply = pd.Series(1.0, index=MALLS)
    scores = lea.access_scores(people, supply, bus, threshold=30, noise="none")
    told = scores.table["nearest_cost"].dropna()
    assert told.to_dict() == least.reindex(told.index).astype(float).to_dict()
    assert len(told) == len(least)
    assert scores.reached_demand == people[least.index[least <= 30]].sum()
    assert (scores.table["score"] * people).sum() == pytest.approx(
        3
    )  # three malls, shared by all who reach them
    within = lea.compare_sites(people, bus, {"malls": MALLS}, radius=30, noise="none").table.loc["malls"]
    assert within["reached"] == pytest.approx(scores.reached_demand / people.sum())


def test_two_sites_among_a_hundred_cells_are_proved_and_near_their_ties(people, finland):
    grid = gpd.read_file(finland / "ykr_grid_250m_helsinki_region.gpkg")
    cells = grid.set_index(grid["YKR_ID"].astype(str)).loc[people.index, ["geometry"]]
    places = cells.loc[people.nlargest(100).index]
    costs = lea.travel_costs(cells, places)
    found = lea.choose_sites(people, None, costs, p=2, radius=3000, draws=100)
    assert (found.gap, found.solver) == (0, "enumeration")
    assert found.n_tied > 1  # cells beside one another do as well
    table = costs.table[list(found.sites)].min(axis=1)
    assert found.value == pytest.approx((table * people).sum() / people.sum())
    one_less = lea.choose_sites(people, None, costs, p=1, noise="none")
    assert found.value < one_less.value
