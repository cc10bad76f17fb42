"""Segregation and decompositions beside R's packages (golden/segregation.R) and published worked examples."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import lea_geo as lea

FOLDER = Path(__file__).parent / "segregation"
ROUNDED = 5.1e-5
"""OasisR rounds to four decimals."""


@pytest.fixture(scope="module")
def reference():
    return json.loads((FOLDER / "reference.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def counts():
    return pd.read_csv(FOLDER / "counts.csv", dtype={"area_id": str}).set_index("area_id").astype(float)


@pytest.fixture(scope="module")
def two(counts):
    return pd.DataFrame({"a": counts["a"], "rest": counts["b"] + counts["c"]})


@pytest.fixture(scope="module")
def board(counts):
    corners = [(1000 * int(area[0]), 1000 * int(area[1])) for area in counts.index]
    cells = [shapely.box(x, y, x + 1000, y + 1000) for x, y in corners]
    return gpd.GeoDataFrame(geometry=cells, index=counts.index, crs="EPSG:3067")


@pytest.fixture(scope="module")
def drivers():
    table = pd.read_csv(FOLDER / "drivers.csv", dtype={"area_id": str}).set_index("area_id")
    return table.astype(float)


X = ["income", "education", "unemployment"]


def test_two_groups_are_as_oasisr_has_them(two, reference):
    found = lea.segregation(two, runs=19).table["value"]
    for index, value in reference["oasis"].items():
        assert found[index] == pytest.approx(value, abs=ROUNDED), index


def test_three_groups_are_as_oasisr_has_them(counts, reference):
    found = lea.segregation(counts, runs=19).table["value"]
    for index, value in reference["many"].items():
        assert found[index] == pytest.approx(np.ravel(value)[0], abs=ROUNDED), index


def test_mutual_information_is_that_of_r_segregation_with_its_local_parts(counts, two, reference):
    many, pair = lea.segregation(counts, runs=19), lea.segregation(two, runs=19)
    told = reference["mutual"]
    assert many.table["value"]["mutual_information"] == pytest.approx(told["M"], rel=1e-12)
    assert many.table["value"]["information_theory"] == pytest.approx(told["H"], rel=1e-12)
    assert pair.table["value"]["mutual_information"] == pytest.approx(told["M_two"], rel=1e-12)
    assert pair.table["value"]["information_theory"] == pytest.approx(told["H_two"], rel=1e-12)
    local = many.local.table["divergence"]
    assert local.to_dict() == pytest.approx({area: told["local"][area] for area in local.index}, rel=1e-9)


def test_what_surrounds_people_is_that_of_r_seg(counts, board, reference):
    """Exp(-d / 1 km) of all pairs, by a graph of all others within 100 km and the area itself at 1."""
    graph = lea.build_graph(board, "kernel", function="exponential", bandwidth=1000 * 100, points="centroid")
    # The kernel divides by its bandwidth: exp(-d / 100 km) to the power 100 is exp(-d / 1 km).
    graph = lea.AreaGraph(graph.ids, graph.indptr, graph.indices, graph.weights**100)
    found = lea.segregation_around(counts, graph, runs=19).table.set_index("index")["value"]
    told = reference["around"]
    for index in ("dissimilarity", "information_theory", "relative_diversity"):
        assert found[index] == pytest.approx(told[index], rel=1e-9), index


def test_indices_of_borders_land_and_distances_are_as_oasisr_has_them(two, board, reference):
    found = lea.segregation_spatial(two, board, runs=19).table["value"]
    for index, value in reference["board"].items():
        # OasisR takes what borders bring from a dissimilarity that it has rounded already.
        assert found[index] == pytest.approx(value, abs=2 * ROUNDED), index


def test_indices_are_those_of_pysal_segregation(counts, two):
    """numbers_of_pysal_segregation.py, PySAL segregation 2.5.4."""
    told = json.loads((FOLDER / "pysal.json").read_text("utf-8"))
    for table, kind in ((two, "single"), (counts, "multi")):
        found = lea.segregation(table, runs=19).table["value"]
        for index, value in told[kind].items():
            assert found[index] == pytest.approx(value, rel=1e-9), index


def test_a_gap_falls_on_drivers_as_r_oaxaca_has_it(drivers, reference):
    weights = {"second": 0, "first": 1, "average": 0.5, "without_group": -1, "pooled": -2}
    overall = {row["group.weight"]: row for row in reference["oaxaca"]["overall"]}
    by_driver = {rows[0]["group.weight"]: rows for rows in reference["oaxaca"]["variables"]}
    for name, weight in weights.items():
        found = lea.decompose_gap(
            drivers["value"], drivers[X], drivers["first"] == 1, reference=name, runs=19
        )
        told = overall[weight]
        assert found.parts["value"]["explained"] == pytest.approx(told["coef(explained)"], rel=1e-9), name
        assert found.parts["value"]["unexplained"] == pytest.approx(told["coef(unexplained)"], rel=1e-9), name
        rows = {row["_row"]: row for row in by_driver[weight]}
        for driver, told in rows.items():
            if driver not in X:
                continue  # the constant is explained by nothing
            assert found.table["explained"][driver] == pytest.approx(told["coef(explained)"], rel=1e-8)
            assert found.table["unexplained"][driver] == pytest.approx(told["coef(unexplained)"], rel=1e-8)


def test_a_concentration_index_falls_on_drivers_as_rineq_has_it(drivers, reference):
    by = {"rank_by": drivers["income"], "drivers": drivers[X], "runs": 19}
    plain = lea.decompose_concentration(drivers["value"], **by)
    weighted = lea.decompose_concentration(drivers["value"], population=drivers["population"], **by)
    told = reference["rineq"]
    assert plain.value == pytest.approx(told["value"], rel=1e-8)
    for driver in (*X, "residual"):
        assert plain.table["contribution"][driver] == pytest.approx(told["contribution"][driver], rel=1e-8)
        assert 100 * weighted.table["share"][driver] == pytest.approx(
            told["weighted_shares"][driver], rel=1e-8
        )
    for driver in X:
        assert plain.table["concentration"][driver] == pytest.approx(told["partial"][driver], rel=1e-8)


def test_schools_of_three_states_are_as_the_vignette_of_r_segregation_has_them():
    """Between the states of schools00: M 0.0992 and H 0.0977, by mutual_total() of states and five groups."""
    states = pd.read_csv(FOLDER / "schools00_states.csv", dtype={"area_id": str}).set_index("area_id")
    found = lea.segregation(states.astype(float), runs=19).table["value"]
    assert found["mutual_information"] == pytest.approx(0.0992, abs=5e-5)
    assert found["information_theory"] == pytest.approx(0.0977, abs=5e-5)


def test_headship_rates_are_those_of_das_gupta():
    """Das Gupta (1993), table 5.1: household headship per 100, United States 1970 and 1985, by age."""
    size = {
        1970: [12.9, 10.9, 9.5, 8.0, 7.8, 8.4, 8.6, 7.8, 7.0, 5.9, 4.7, 3.6, 4.9],
        1985: [10.1, 11.2, 11.6, 10.9, 9.4, 7.7, 6.3, 6.0, 6.3, 5.9, 5.1, 4.0, 5.5],
    }
    rate = {
        1970: [1.9, 25.8, 45.7, 49.6, 51.2, 51.6, 51.8, 54.9, 58.7, 60.4, 62.8, 66.6, 66.8],
        1985: [2.2, 24.3, 45.8, 52.5, 56.1, 55.6, 56.0, 57.4, 57.2, 61.2, 63.9, 68.6, 72.2],
    }
    tables = {}
    for year, share in size.items():
        people = pd.Series(share, index=[f"age {at:02d}" for at in range(13)])
        tables[year] = pd.DataFrame({"numerator": people * rate[year] / 100, "denominator": people})
    found = lea.decompose_change(tables[1970], tables[1985], scale=100)
    assert (found.before, found.after) == pytest.approx((44.7268, 47.6940), abs=5e-5)
    assert found.parts["value"].to_dict() == pytest.approx(
        {"composition": 1.2269, "rate": 1.7403, "total": 2.9672}, abs=5e-5
    )


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        (  # example 2.2: birth rates of Austria and Chile, 1981
            {"births": 51.78746, "aged 15-49": 0.45919, "women": 0.52638},
            {"births": 84.90502, "aged 15-49": 0.75756, "women": 0.51065},
            {"births": 10.4340333, "aged 15-49": 10.5608476, "women": -0.6670084},
        ),
        (  # example 2.3: non-marital births, United States, 1971 and 1979
            {"births": 25.3, "pregnancies": 0.214, "active": 0.279, "single": 0.949},
            {"births": 32.7, "pregnancies": 0.290, "active": 0.473, "single": 0.986},
            {"births": 0.6889411, "pregnancies": 0.8125381, "active": 1.3829055, "single": 0.1047547},
        ),
        (  # example 2.4: total fertility, South Korea, five factors
            {"married": 0.58, "unprotected": 0.76, "abortion": 0.84, "lactation": 0.66, "fecund": 16.573},
            {"married": 0.72, "unprotected": 0.97, "abortion": 0.97, "lactation": 0.56, "fecund": 16.158},
            {
                "married": 1.0909785,
                "unprotected": 1.2298438,
                "abortion": 0.7278399,
                "lactation": -0.8398707,
                "fecund": -0.1290187,
            },
        ),
    ],
)  # fmt: skip
def test_products_of_factors_are_taken_apart_as_in_das_guptas_manual(first, second, told):
    """Das Gupta (1993), chapter 2; printed to seven decimals by DasGuptR 2.1.0."""
    found = lea.decompose_factors(first, second)
    assert found.table["value"].to_dict() == pytest.approx(told, abs=2e-6)


def test_products_by_age_are_taken_apart_as_in_das_guptas_manual():
    """Das Gupta (1993), example 4.3: birth rates of Taiwan, 1960 and 1970, by age."""
    ages = pd.Index(range(7))
    late = {
        "fertility": [488, 452, 338, 156, 63, 22, 3],
        "married": [0.082, 0.527, 0.866, 0.941, 0.942, 0.923, 0.876],
        "women": [0.058, 0.038, 0.032, 0.030, 0.026, 0.023, 0.019],
    }
    early = {
        "fertility": [393, 407, 369, 274, 184, 90, 16],
        "married": [0.122, 0.622, 0.903, 0.930, 0.916, 0.873, 0.800],
        "women": [0.043, 0.041, 0.036, 0.032, 0.026, 0.020, 0.018],
    }
    later, earlier = (
        {name: pd.Series(numbers, index=ages, dtype=float) for name, numbers in one.items()}
        for one in (late, early)
    )
    # The manual's columns of 1960 and 1970 are named here as DasGuptR 2.1.0 prints them.
    found = lea.decompose_factors(earlier, later)
    told = {"fertility": -7.285632, "married": -2.720633, "women": -1.565181}
    assert {name: abs(value) for name, value in found.table["value"].items()} == pytest.approx(
        {name: abs(value) for name, value in told.items()}, abs=2e-6
    )
    assert found.value == pytest.approx(-11.571446, abs=2e-6)
