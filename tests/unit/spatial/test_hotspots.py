"""Hot spots: several statistics on the areas that a map draws."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import box

import lea_geo as lea
from lea_geo.errors import JoinError, UsageError
from lea_geo.schema import LOCAL_COLUMNS, LOCAL_METHODS, Label, result_column


@pytest.fixture
def areas() -> gpd.GeoDataFrame:
    """Squares of 8 by 8, the last one far away."""
    cells = [box(x, y, x + 1, y + 1) for x in range(8) for y in range(8)]
    cells[-1] = box(50, 50, 51, 51)
    ids = pd.Index([f"{i:05d}" for i in range(64)], name="area_id")
    return gpd.GeoDataFrame({"name_fi": "x"}, index=ids, geometry=cells, crs=3067)


@pytest.fixture
def values(areas) -> pd.Series:
    noise = pd.Series(np.random.default_rng(1).normal(size=64), areas.index)
    noise.iloc[[0, 1, 2, 8, 9, 10, 16, 17, 18]] += 5
    noise.iloc[40] = np.nan
    return noise


def test_every_statistic_is_the_one_that_is_called_alone(areas, values):
    graph = lea.build_graph(areas, "queen")
    spots = lea.hotspots(areas, values, graph)
    alone = {
        "local_moran": lea.local_moran(values, graph),
        "local_g_star": lea.local_g(values, graph, star=True),
    }
    for name, result in alone.items():
        for column in LOCAL_COLUMNS[:-1]:
            pd.testing.assert_series_equal(
                spots.table[result_column(name, column)], result.table[column], check_names=False
            )
        assert spots.results[name].method == result.method


def test_the_table_is_the_areas_with_value_status_and_labels(areas, values):
    spots = lea.hotspots(areas, values.iloc[::-1], lea.build_graph(areas, "queen"))
    assert isinstance(spots.table, gpd.GeoDataFrame)
    assert spots.table.index.equals(areas.index)
    assert spots.table.crs == areas.crs
    assert spots.table.loc["00009", "local_moran_label"] == Label.HIGH_HIGH
    assert spots.table.loc["00009", "local_g_star_label"] == Label.HIGH_HIGH
    assert spots.table.loc["00063", "local_moran_label"] == Label.ISOLATE
    assert spots.table.loc["00040", ["status", "local_moran_label"]].tolist() == ["missing", Label.UNDEFINED]
    assert spots.table["value"].equals(values.rename("value"))
    assert list(areas.columns) == ["name_fi", "geometry"]


def test_the_summary_counts_every_area_once(areas, values):
    summary = lea.hotspots(areas, values, lea.build_graph(areas, "queen")).summary
    assert tuple(summary.index) == LOCAL_METHODS
    assert (summary[[label.value for label in Label]].sum(axis=1) == 64).all()
    assert summary["n_tested"].tolist() == [62, 62]
    assert summary.loc["local_moran", ["Isolate", "Undefined"]].tolist() == [1, 1]


def test_a_constant_is_undefined_with_its_reason(areas):
    spots = lea.hotspots(areas, pd.Series(1.0, areas.index), lea.build_graph(areas, "queen"))
    assert (spots.table["local_moran_label"] == Label.UNDEFINED).all()
    assert spots.table["local_moran_p_value"].isna().all()
    assert spots.summary["reason"].str.contains("same value").all()


def test_wrong_names_of_statistics_are_refused(areas, values):
    graph = lea.build_graph(areas, "queen")
    with pytest.raises(UsageError, match="Did you mean 'local_g_star'"):
        lea.hotspots(areas, values, graph, methods=("local_gstar",))
    for wrong in ("local_moran", (), ("local_g", "local_g")):
        with pytest.raises(UsageError, match="must be a tuple of different statistics"):
            lea.hotspots(areas, values, graph, methods=wrong)


def test_areas_that_the_values_do_not_have_are_named(areas, values):
    graph = lea.build_graph(areas, "queen")
    with pytest.raises(JoinError, match=r"areas of the table that areas does not have: 1 of 64 \(00000\)"):
        lea.hotspots(areas.iloc[1:], values, graph)
