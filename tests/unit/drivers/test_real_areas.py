"""The same on real postal areas: unemployment, education and income in Finland."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import lea_geo as lea

PLACES = {"Vantaa": ["092"], "Tampere and Ylöjärvi": ["837", "980"]}


@pytest.fixture(scope="module")
def paavo(finland) -> gpd.GeoDataFrame:
    areas = gpd.read_file(finland / "paavo_wfs_2026_helsinki_tampere_turku.gpkg").to_crs("EPSG:3067")
    areas.index = pd.Index(areas["postinumeroalue"].astype(str), name="area_id")
    return areas


@pytest.mark.real
@pytest.mark.parametrize("place", list(PLACES))
def test_what_is_said_of_a_city_follows_from_its_numbers(paavo, place):
    areas = paavo[paavo["kunta"].isin(PLACES[place])]
    numbers = areas[["ko_perus", "ko_ika18y", "pt_tyott", "pt_tyoll", "hr_mtu"]].astype(float)
    numbers = numbers.where(numbers > 0)
    counts = pd.DataFrame(
        {"numerator": numbers["pt_tyott"], "denominator": numbers["pt_tyott"] + numbers["pt_tyoll"]}
    )
    outcome = (counts["numerator"] / counts["denominator"]).rename("unemployed")
    drivers = pd.DataFrame({"basic": numbers["ko_perus"] / numbers["ko_ika18y"], "income": numbers["hr_mtu"]})
    points = areas.representative_point()
    coords = pd.DataFrame({"x": points.x, "y": points.y})
    graph = lea.build_graph(areas[["geometry"]], "queen")
    whole = outcome.notna() & drivers.notna().all(axis=1)
    found = lea.associations(outcome, drivers, coords=coords, counts={"unemployed": counts}).table
    plain = np.corrcoef(outcome[whole], drivers.loc[whole, "basic"])[0, 1]
    assert found.loc["basic", "pearson"] == pytest.approx(plain)
    assert 2 < found.loc["basic", "effective_size"] <= whole.sum()
    assert found.loc["basic", "pearson"] > 0 > found.loc["income", "pearson"]
    assert 0.5 < found.loc["basic", "outcome_reliability"] < 1
    fit = lea.regress(outcome, drivers, graph)
    assert fit.decision in {"ols", "lag", "error", "durbin"}
    assert fit.n <= whole.sum()
    ranges = lea.scale_range(outcome, drivers["basic"], graph, runs=50, x_counts=counts)
    assert ranges.lowest <= plain <= ranges.highest
