"""Segregation of what surrounds people, and of borders, land and distances."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import lea_geo as lea


def board(n, size=1000):
    cells = {f"{i:02d}{j:02d}": shapely.box(i * size, j * size, (i + 1) * size, (j + 1) * size)
             for i in range(n) for j in range(n)}  # fmt: skip
    return gpd.GeoDataFrame(geometry=list(cells.values()), index=pd.Index(cells), crs="EPSG:3067")


def halves_and_checks(n):
    """Return two ways to give half the areas 30 and half 10 of 100: halves of the board, and its checks."""
    ids = board(n).index
    row, column = ids.str[:2].astype(int), ids.str[2:].astype(int)
    halves = np.where(row < n // 2, 30.0, 10.0)
    checks = np.where((row + column) % 2 == 0, 30.0, 10.0)
    return (pd.DataFrame({"group": one, "rest": 100 - one}, index=ids) for one in (halves, checks))


def test_the_own_area_alone_gives_the_plain_indices():
    halves, _ = halves_and_checks(4)
    profile = lea.segregation_profile(halves, board(4), scales=[0], runs=19).table.set_index("index")
    plain = lea.segregation(halves, runs=19).table["value"]
    for index in profile.index.drop("relative_diversity"):
        assert profile["value"][index] == pytest.approx(plain[index])
    assert profile["value"]["relative_diversity"] == pytest.approx(plain["correlation_ratio"])


def test_large_parts_that_differ_are_told_from_areas_that_differ_from_their_neighbours():
    """The same shares by area: plain indices are equal, and only what is around tells them apart."""
    halves, checks = halves_and_checks(8)
    areas = board(8)
    one, other = (lea.segregation_profile(c, areas, scales=[0, 3000], runs=49) for c in (halves, checks))
    assert one.table["value"][0] == pytest.approx(other.table["value"][0])
    large, small = (profile.ratios.loc["information_theory"] for profile in (one, other))
    assert large["ratio"] > 0.6
    assert small["ratio"] < 0.1
    assert large["lower"] > small["upper"]


def test_a_kernel_weighs_neighbours_by_distance_and_the_own_area_fully():
    """Two areas 1 km apart, biweight of 2 km: the neighbour weighs (1 - 1/4)^2 = 9/16."""
    areas = board(2).iloc[:2]
    counts = pd.DataFrame({"group": [16.0, 0.0], "rest": [0.0, 16.0]}, index=areas.index)
    found = lea.segregation_profile(counts, areas, scales=[2000], runs=19).table.set_index("index")
    # around the first area 16 of 16 + 9 are of the group: |16/25 - 1/2| / (1/2) = 0.28
    assert found["value"]["dissimilarity"] == pytest.approx(0.28)
    assert found["value"]["isolation"] == pytest.approx(16 / 25)


def test_a_graph_says_who_is_around():
    areas = board(2)
    counts = pd.DataFrame({"group": [10.0, 0, 0, 0], "rest": [0.0, 10, 10, 10]}, index=areas.index)
    graph = lea.build_graph(areas, "queen")
    found = lea.segregation_around(counts, graph, own=1.0, runs=19).table.set_index("index")
    # everybody is everybody's neighbour: all are surrounded by the region
    assert found["value"]["dissimilarity"] == pytest.approx(0, abs=1e-12)
    assert found["value"]["information_theory"] == pytest.approx(0, abs=1e-12)
    alone = lea.segregation_around(counts, graph, own=1e9, runs=19).table.set_index("index")
    assert alone["value"]["dissimilarity"] == pytest.approx(1, abs=1e-6)


def test_a_scale_at_which_areas_see_none_but_themselves_is_said():
    halves, _ = halves_and_checks(4)
    found = lea.segregation_profile(halves, board(4), scales=[500], runs=19)
    assert found.notes == (
        "At 500 m most areas see none but themselves: areas are too large for that scale.",
    )


def test_indices_of_borders_and_distances_are_those_of_a_hand_calculation():
    """Two squares of 1 km side by side, 10 of 10 and 0 of 10, decay of 1 km."""
    areas = board(2).iloc[[0, 2]]
    counts = pd.DataFrame({"group": [10.0, 0.0], "rest": [0.0, 10.0]}, index=areas.index)
    found = lea.segregation_spatial(counts, areas, decay=1000, runs=19).table["value"]
    own, other = np.exp(-0.6), np.exp(-1)
    assert found["adjacency_dissimilarity"] == pytest.approx(0)
    assert found["boundary_dissimilarity"] == pytest.approx(0)
    assert found["delta"] == pytest.approx(0.5)
    assert found["relative_clustering"] == pytest.approx(0)
    assert found["spatial_proximity"] == pytest.approx(2 * own / (own + other))
    assert found["decay_isolation"] == pytest.approx(own / (own + other))
    assert found["decay_isolation"] + found["decay_interaction"] == pytest.approx(1)


def test_clustering_is_above_chance_where_halves_of_the_board_differ():
    halves, checks = halves_and_checks(6)
    areas = board(6)
    one, other = (lea.segregation_spatial(c, areas, decay=1500, runs=99).table for c in (halves, checks))
    assert one["value"]["absolute_clustering"] > one["expected"]["absolute_clustering"]
    assert one["p_value"]["absolute_clustering"] == pytest.approx(0.02)
    assert other["value"]["spatial_proximity"] < one["value"]["spatial_proximity"]
    assert (one["lower"] <= one["upper"]).all()


def test_what_cannot_be_measured_is_refused_in_words():
    halves, _ = halves_and_checks(2)
    areas = board(2)
    with pytest.raises(lea.LeaGeoError, match="different numbers of metres"):
        lea.segregation_profile(halves, areas, scales=[-1])
    with pytest.raises(lea.LeaGeoError, match="must be a GeoDataFrame"):
        lea.segregation_profile(halves, halves, scales=[0])
    with pytest.raises(lea.LeaGeoError, match="areas are not in metres"):
        lea.segregation_profile(halves, areas.to_crs("EPSG:4326"), scales=[0])
    with pytest.raises(lea.LeaGeoError, match="areas of counts that areas does not have"):
        lea.segregation_profile(halves, areas.iloc[1:], scales=[0])
    with pytest.raises(lea.LeaGeoError, match="two columns"):
        lea.segregation_spatial(halves.assign(other=1.0), areas)
