"""Correlograms: who is at which lag, by hand, and what has no lag."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import shortest_path
from small_maps import graph_from, square

import lea_geo as lea
from lea_geo.errors import GraphError, UsageError, ValuesError
from lea_geo.spatial.graph import AreaGraph
from lea_geo.spatial.rings import rings


def row_of_cells(n: int) -> list[str]:
    return [f"1kmN6675E{300 + column:04d}" for column in range(n)]


def chain(n: int) -> AreaGraph:
    return lea.build_graph(row_of_cells(n), "lattice")


@given(st.lists(st.lists(st.booleans(), min_size=9, max_size=9), min_size=9, max_size=9), st.booleans())
@settings(max_examples=40)
def test_a_ring_holds_exactly_those_whose_shortest_way_is_so_long(rows, both_ways):
    links = np.array(rows)
    graph = graph_from(links | links.T if both_ways else links)
    steps = shortest_path(graph.sparse(), unweighted=True)
    for lag, ring in enumerate(rings(graph, 5), 1):
        first, second = np.nonzero(steps == lag)
        assert np.repeat(np.arange(9), np.diff(ring.indptr)).tolist() == first.tolist()
        assert ring.indices.tolist() == second.tolist()


def test_rings_of_a_lattice_are_squares_around_each_cell():
    graph = square(9)
    middle = 40
    for lag, ring in enumerate(rings(graph, 4), 1):
        cells = ring.indices[ring.indptr[middle] : ring.indptr[middle + 1]]
        row, column = np.divmod(cells, 9)
        assert len(cells) == 8 * lag
        assert (np.maximum(abs(row - 4), abs(column - 4)) == lag).all()


def test_a_correlogram_of_six_areas_in_a_line_by_hand():
    # z = -2.5 ... 2.5, sum z^2 = 17.5, and 6 - d pairs: I_d = 6 / (6 - d) * sum z_i z_(i+d) / 17.5.
    values = pd.Series(range(1, 7), chain(6).ids, dtype=float)
    table = lea.correlogram(values, chain(6), lags=5, transform="binary", permutations=0).table
    z = np.arange(6) - 2.5
    by_hand = [6 / (6 - d) * (z[:-d] @ z[d:]) / 17.5 for d in range(1, 6)]
    np.testing.assert_allclose(table["statistic"], by_hand)
    assert table["n_pairs"].tolist() == [5, 4, 3, 2, 1]
    assert table["n_isolates"].tolist() == [0, 0, 0, 2, 4]
    assert table.index.tolist() == [1, 2, 3, 4, 5]


def test_p_values_are_corrected_for_the_lags_by_holm():
    values = pd.Series(np.sin(np.arange(40) / 3), chain(40).ids)
    table = lea.correlogram(values, chain(40), lags=3, permutations=0).table
    rising = table.sort_values("p_value")
    by_hand = np.minimum(1, np.maximum.accumulate(rising["p_value"] * [3, 2, 1]))
    np.testing.assert_allclose(rising["q_value"], by_hand)
    alone = lea.correlogram(values, chain(40), lags=3, permutations=0, correction="none").table
    assert alone["q_value"].tolist() == table["p_value"].tolist()


def test_the_first_lag_is_the_statistic_of_the_graph_itself():
    values = pd.Series(np.arange(25.0) ** 1.5, square(5).ids)
    first = lea.correlogram(values, square(5), lags=1, permutations=99, seed=3).table.loc[1]
    alone = lea.global_moran(values, square(5), permutations=99, seed=3)
    for name in ("statistic", "expected", "variance", "p_value", "p_lower", "n"):
        assert first[name] == getattr(alone, name)


def test_a_lag_that_no_pair_has_is_nan_with_the_reason():
    values = pd.Series([1.0, 4, 2, 8], chain(4).ids)
    table = lea.correlogram(values, chain(4), lags=5, permutations=9).table
    assert table["n_pairs"].tolist() == [3, 2, 1, 0, 0]
    assert table["reason"].tolist() == ["", "", "", *["No two areas with a value are so far apart."] * 2]
    assert table.loc[4:, "statistic":"p_analytic"].isna().all().all()


def test_a_constant_has_a_reason_at_every_lag():
    table = lea.correlogram(pd.Series(1.0, chain(6).ids), chain(6), lags=2).table
    assert table["reason"].str.startswith("All areas have the same value").all()
    assert table["q_value"].isna().all()


def test_a_way_may_lead_through_an_area_without_a_value():
    values = pd.Series([1.0, 3, np.nan, 9, 5], chain(5).ids)
    table = lea.correlogram(values, chain(5), lags=4, permutations=0).table
    # 0-1 and 3-4; 1-3; 0-3 and 1-4; 0-4.
    assert table["n_pairs"].tolist() == [2, 1, 2, 1]
    assert table["n"].tolist() == [4] * 4


def test_an_isolate_is_at_no_lag_and_counts_as_one_of_the_areas():
    graph = lea.build_graph([*row_of_cells(5), "1kmN6700E0300"], "lattice")
    table = lea.correlogram(pd.Series([3.0, 1, 2, 7, 5, 4], graph.ids), graph, lags=2, permutations=0).table
    assert table["n"].tolist() == [6, 6]
    assert table["n_isolates"].tolist() == [1, 1]


def test_the_mean_distance_of_each_lag_comes_from_the_areas():
    cells = row_of_cells(6)
    values = pd.Series([3.0, 1, 2, 7, 5, np.nan], cells)
    table = lea.correlogram(values, chain(6), lags=3, areas=cells, permutations=0).table
    assert table["distance_mean"].tolist() == [1000, 2000, 3000]


def test_classes_of_distance_hold_their_upper_limit():
    # Cells 1 km apart: 5 pairs at 1 km, 4 at 2 km, 3 at 3 km, 2 at 4 km.
    cells = row_of_cells(6)
    values = pd.Series([3.0, 1, 2, 7, 5, 4], cells)
    found = lea.correlogram(
        values, kind="distance", areas=cells, distances=[1000, 2999, 4000], permutations=0
    )
    assert found.table["n_pairs"].tolist() == [5, 4, 5]
    assert found.table["distance_mean"].tolist() == [1000, 2000, (3 * 3000 + 2 * 4000) / 5]
    assert found.table["distance_from"].tolist() == [0, 1000, 2999]


def test_a_class_of_distance_without_a_pair_is_nan_with_the_reason():
    cells = row_of_cells(6)
    values = pd.Series([3.0, 1, 2, 7, 5, 4], cells)
    table = lea.correlogram(values, kind="distance", areas=cells, distances=[900, 1000], permutations=0).table
    assert np.isnan(table.loc[1, ["statistic", "distance_mean", "p_value", "q_value"]].astype(float)).all()
    assert table.loc[1, "reason"] == "No two areas with a value are so far apart."
    assert table.loc[2, "reason"] == ""


@pytest.mark.parametrize("threads", ["1", "4"])
@pytest.mark.parametrize("kind", ["contiguity", "distance"])
def test_order_and_threads_change_no_bit(kind, threads, monkeypatch):
    rng = np.random.default_rng(6)
    cells = [f"1kmN{6700 + r}E{300 + c:04d}" for r in range(50) for c in range(50) if (r * 7 + c * 3) % 9]
    values = pd.Series(rng.gamma(2, size=len(cells)), cells)
    values.iloc[::31] = np.nan

    def run(values: pd.Series, cells: list[str]) -> pd.DataFrame:
        more = {"distances": [1000, 2500]} if kind == "distance" else {"lags": 2}
        return lea.correlogram(
            values, lea.build_graph(cells, "lattice"), kind=kind, areas=cells, permutations=19, seed=2, **more
        ).table

    before = run(values, cells)
    monkeypatch.setenv("LEA_GEO_THREADS", threads)
    after = run(values.sample(frac=1, random_state=1), rng.permutation(cells).tolist())
    pd.testing.assert_frame_equal(after, before, check_exact=True)


def test_what_a_kind_needs_is_asked_for():
    values = pd.Series([3.0, 1, 2, 7], row_of_cells(4))
    with pytest.raises(UsageError, match="needs areas= and distances="):
        lea.correlogram(values, chain(4), kind="distance", areas=row_of_cells(4))
    with pytest.raises(UsageError, match="kind='contiguity' needs a graph"):
        lea.correlogram(values)
    with pytest.raises(UsageError, match="distances belongs to kind='distance'"):
        lea.correlogram(values, chain(4), distances=[1000])
    with pytest.raises(UsageError, match="rising distances in metres above 0"):
        lea.correlogram(values, kind="distance", areas=row_of_cells(4), distances=[2000, 1000])
    with pytest.raises(UsageError, match="transform is 'original'"):
        lea.correlogram(values, chain(4), transform="original")
    with pytest.raises(UsageError, match="lags is 0"):
        lea.correlogram(values, chain(4), lags=0)


def test_areas_that_are_not_those_of_the_values_are_named():
    values = pd.Series([3.0, 1, 2, 7], row_of_cells(4))
    with pytest.raises(ValuesError, match="areas of areas that values does not have: 1 of 5"):
        lea.correlogram(values, kind="distance", areas=row_of_cells(5), distances=[1000])


def test_degrees_are_no_distances():
    areas = gpd.GeoDataFrame(geometry=shapely.points(range(4), range(4)), index=list("abcd"), crs="EPSG:4326")
    with pytest.raises(GraphError, match="in degrees"):
        lea.correlogram(pd.Series(range(4), list("abcd")), kind="distance", areas=areas, distances=[1000])


def test_general_g_of_lags_refuses_amounts_below_zero():
    with pytest.raises(ValuesError, match="negative values: 1 of 4"):
        lea.correlogram(pd.Series([3.0, -1, 2, 7], chain(4).ids), chain(4), statistic="g")
