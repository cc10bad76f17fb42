"""Regions: whole, above the floor, found where they are planted, and refused where they cannot be."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pygeoda
import pytest
from scipy.sparse.csgraph import connected_components
from shapely import box

import lea_geo as lea
from lea_geo.errors import GraphError, UsageError, ValuesError
from lea_geo.typology.agreement import adjusted_rand
from lea_geo.typology.regions import REGION_METHODS

SIDE = 8


def squares(side: int = SIDE) -> gpd.GeoDataFrame:
    ids = pd.Index([f"{i:03d}" for i in range(side * side)], name="area_id")
    shapes = [
        box(x, y, x + 1000, y + 1000)
        for y in range(0, side * 1000, 1000)
        for x in range(0, side * 1000, 1000)
    ]
    return gpd.GeoDataFrame(geometry=shapes, index=ids, crs=3067)


@pytest.fixture(scope="module")
def areas() -> gpd.GeoDataFrame:
    return squares()


@pytest.fixture(scope="module")
def graph(areas) -> lea.AreaGraph:
    return lea.build_graph(areas, "rook")


@pytest.fixture(scope="module")
def quarters(areas) -> tuple[pd.DataFrame, np.ndarray]:
    """Values of four kinds, one in each quarter of the map."""
    place = np.arange(SIDE * SIDE)
    truth = 2 * (place // SIDE >= SIDE // 2) + (place % SIDE >= SIDE // 2)
    rng = np.random.default_rng(2)
    values = pd.DataFrame(
        {"x": truth % 2 * 6 + rng.normal(size=64), "y": truth // 2 * 6 + rng.normal(size=64)}
    )
    return values.set_index(areas.index), truth


@pytest.fixture(scope="module")
def people(areas) -> pd.Series:
    return pd.Series(np.random.default_rng(3).integers(100, 900, size=64).astype(float), index=areas.index)


def pieces(graph: lea.AreaGraph, found: lea.Regions) -> set[int]:
    """Return in how many pieces the regions are."""
    matrix = graph.subset(found.table.index).sparse()
    own = [np.flatnonzero(found.table["region"] == region) for region in found.regions.index]
    return {int(connected_components(matrix[one][:, one], directed=False)[0]) for one in own}


@pytest.mark.parametrize("method", ["skater", "ward", "azp"])
def test_planted_regions_are_found(quarters, graph, method):
    values, truth = quarters
    found = lea.regions(None, graph, indicators=values, method=method, k=4, starts=4)
    assert adjusted_rand(truth, pd.factorize(found.table["region"])[0]) >= 0.9
    assert found.explained > 0.8


@pytest.mark.parametrize("method", REGION_METHODS)
def test_regions_are_whole_and_each_has_the_floor(quarters, graph, people, method):
    values, _ = quarters
    k = None if method == "max_p" else 4
    found = lea.regions(
        None, graph, indicators=values, method=method, k=k, floor=3000, population=people, starts=4
    )
    assert pieces(graph, found) == {1}
    sums = people.groupby(found.table["region"]).sum()
    assert (sums >= 3000).all()
    assert found.regions["people"].to_dict() == sums.to_dict()
    assert found.regions["enough"].all()


def test_max_p_makes_nearly_as_many_regions_as_the_floor_could_let(quarters, graph, people):
    found = lea.regions(
        None, graph, indicators=quarters[0], method="max_p", floor=3000, population=people, starts=4
    )
    assert people.sum() / 3000 * 0.6 < found.k <= people.sum() / 3000


def test_azp_is_never_worse_than_skater_and_ward_and_tells_how_starts_differ(graph, areas):
    values = pd.DataFrame(
        np.random.default_rng(7).normal(size=(64, 2)), index=areas.index, columns=["x", "y"]
    )
    explained = {
        m: lea.regions(None, graph, indicators=values, method=m, k=6).explained for m in ("skater", "ward")
    }
    found = lea.regions(None, graph, indicators=values, method="azp", k=6, starts=6)
    assert found.explained >= max(explained.values()) - 1e-12
    assert len(found.starts) == 6
    assert found.starts["explained"].max() == pytest.approx(found.explained)
    assert any("6 starts: 6 to 6 regions that explain" in note for note in found.notes)


@pytest.mark.parametrize("method", ["skater", "azp"])
def test_regions_are_as_alike_within_as_pygeodas(areas, graph, method, tmp_path):
    """pygeoda 0.1.3's skater and azp_greedy on the same map and values, by its own z-scores."""
    values = pd.DataFrame(
        np.random.default_rng(9).normal(size=(64, 2)), index=areas.index, columns=["x", "y"]
    )
    areas.join(values).to_file(tmp_path / "areas.shp")
    theirs = pygeoda.open(str(tmp_path / "areas.shp"))
    call = pygeoda.skater if method == "skater" else pygeoda.azp_greedy
    held = [values["x"].tolist(), values["y"].tolist()]
    their = call(6, pygeoda.rook_weights(theirs), held)["The ratio of between to total sum of squares"]
    # Robust z-scores stretch both values nearly alike, so that the shares of the spread can be compared.
    ours = lea.regions(None, graph, indicators=values, method=method, k=6, starts=6).explained
    assert ours >= their - 0.05


def test_equal_neighbours_stay_linked(graph, areas):
    """spopt's Skater (0.7.0) takes a distance of 0 for no link and tears such areas apart."""
    values = pd.DataFrame({"x": np.where(np.arange(64) % SIDE < 4, 0.0, 1.0)}, index=areas.index)
    found = lea.regions(None, graph, indicators=values, k=2)
    assert found.explained == pytest.approx(1)
    assert pieces(graph, found) == {1}


def test_islands_are_pieces_of_their_own_and_a_floor_beyond_them_is_refused(areas, quarters, people):
    values, _ = quarters
    kept = areas.drop(index=["055", "062"])  # 063 loses both neighbours
    graph = lea.build_graph(kept, "rook")
    values, people = values.loc[kept.index], people.loc[kept.index]
    with pytest.raises(
        GraphError, match=r"cannot reach 2,000 with all that they are linked to: 1 of 62 \(063\)"
    ):
        lea.regions(None, graph, indicators=values, k=4, floor=2000, population=people)
    found = lea.regions(
        None, graph, indicators=values, k=4, floor=2000, population=people, unreachable="keep"
    )
    island = found.table.loc["063", "region"]
    assert found.regions.loc[island, "areas"] == 1
    assert not found.regions.loc[island, "enough"]
    assert found.regions.drop(island)["enough"].all()
    assert any("cannot reach the floor and are kept below it" in note for note in found.notes)
    with pytest.raises(
        GraphError, match=r"regions wanted: 1; pieces of the map that no link joins: 2\. Give k=2"
    ):
        lea.regions(None, graph, indicators=values, k=1)


def test_more_regions_than_the_floor_lets_are_refused_with_the_number_that_it_does(quarters, graph, people):
    with pytest.raises(
        GraphError, match=r"regions wanted: 40; as many as the floor and the links let be made: \d+"
    ):
        lea.regions(None, graph, indicators=quarters[0], k=40, floor=3000, population=people)


def test_max_p_takes_a_floor_and_the_others_a_number(quarters, graph):
    with pytest.raises(UsageError, match="max_p makes as many regions as the floor lets"):
        lea.regions(None, graph, indicators=quarters[0], method="max_p", k=3)
    with pytest.raises(UsageError, match="'ward' needs k="):
        lea.regions(None, graph, indicators=quarters[0], method="ward")
    with pytest.raises(UsageError, match="population is a NoneType"):
        lea.regions(None, graph, indicators=quarters[0], k=3, floor=10)


def test_noise_says_how_surely_areas_are_in_their_region(quarters, graph, areas):
    values, _ = quarters
    exact = lea.regions(None, graph, indicators=values, k=4)
    assert exact.table["probability"].isna().all()
    errors = pd.DataFrame(0.5, index=areas.index, columns=["x", "y"])
    noisy = lea.regions(None, graph, indicators=values, errors=errors, k=4, runs=20)
    wild = lea.regions(None, graph, indicators=values, errors=10 * errors, k=4, runs=20)
    assert 0.6 < wild.table["probability"].mean() + 0.3 < noisy.table["probability"].mean() + 0.3
    assert noisy.table["probability"].mean() > 0.9


def test_a_foreign_area_is_refused(quarters, graph):
    values = quarters[0].rename(index={"000": "x"})
    with pytest.raises((GraphError, ValuesError), match="x"):
        lea.regions(None, graph, indicators=values, k=4)


def test_regions_do_not_depend_on_the_order_of_areas(quarters, graph, people):
    values, _ = quarters
    options = {"method": "azp", "k": 4, "floor": 2000, "population": people, "starts": 3}
    one = lea.regions(None, graph, indicators=values, **options)
    other = lea.regions(None, graph, indicators=values.iloc[::-1], **options)
    pd.testing.assert_frame_equal(one.table, other.table)
