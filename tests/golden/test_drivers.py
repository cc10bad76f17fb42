"""Agreement with R's spdep, spatialreg, SpatialPack and GWmodel, and with esda, on the Columbus data.

drivers.R makes the numbers and names their source and versions.
"""

import warnings
from itertools import permutations
from pathlib import Path

import libpysal
import numpy as np
import pandas as pd
import pytest
from esda.lee import Spatial_Pearson

import lea_geo as lea
from lea_geo.drivers.effective import Distances, modified_t_test
from lea_geo.drivers.local_test import Kernels, local_coefficients
from lea_geo.spatial.graph import AreaGraph

FOLDER = Path(__file__).parent / "drivers"
NUMBERS = pd.read_csv(FOLDER / "numbers.csv").set_index(["part", "name"])["value"]
LOCAL = pd.read_csv(FOLDER / "local.csv", index_col="id")
AREAS = pd.read_csv(FOLDER / "areas.csv", index_col="id")
CRIME, DRIVERS = AREAS["CRIME"], AREAS[["INC", "HOVAL"]]
COORDS = AREAS[["X", "Y"]].rename(columns=str.lower)
MODELS = ("lag", "durbin", "error")
R_NAMES = {"constant": "(Intercept)", "lag of INC": "lag.INC", "lag of HOVAL": "lag.HOVAL"}


@pytest.fixture(scope="module")
def graph() -> AreaGraph:
    links = pd.read_csv(FOLDER / "links.csv")
    start, end = AREAS.index.get_indexer(links["from"]), AREAS.index.get_indexer(links["to"])
    order = np.lexsort((end, start))
    indptr = np.concatenate([[0], np.cumsum(np.bincount(start, minlength=len(AREAS)))])
    return AreaGraph(AREAS.index, indptr, end[order], np.ones(len(end)))


@pytest.mark.parametrize("driver", ["INC", "HOVAL"])
@pytest.mark.parametrize("own", [False, True])
def test_lees_l_and_its_mean_are_spdeps(graph, driver, own):
    part = f"lee_{'self' if own else 'plain'}_{driver}"
    ours = lea.global_lee(CRIME, AREAS[driver], graph, own=own, permutations=0)
    assert ours.statistic == pytest.approx(NUMBERS[part, "statistic"], rel=1e-10)
    assert ours.expected == pytest.approx(NUMBERS[part, "expected"], rel=1e-10)


@pytest.mark.parametrize("driver", ["INC", "HOVAL"])
@pytest.mark.parametrize("own", [False, True])
def test_local_lee_is_spdeps(graph, driver, own):
    ours = lea.local_lee(CRIME, AREAS[driver], graph, own=own, permutations=1999).table["statistic"]
    theirs = LOCAL[f"lee_{'self' if own else 'plain'}_{driver}"]
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-11)


def test_the_variance_of_lees_l_is_that_of_all_orders_where_spdeps_is_not():
    # Six squares of two rows by three columns, all 720 orders of their pairs.
    ids = list("abcdef")
    near = [[1, 3], [0, 2, 4], [1, 5], [0, 4], [1, 3, 5], [2, 4]]
    board = AreaGraph(ids, np.cumsum([0, *map(len, near)]), np.concatenate(near), np.ones(14))
    x, y = (pd.Series(part, index=ids, dtype=float) for part in ([1, 4, 2, 8, 5, 7], [2, 1, 6, 3, 9, 4]))
    ours = lea.global_lee(x, y, board, own=False, permutations=0)
    w = board.transform("row").sparse().toarray()
    zx, zy = (((part - part.mean()) / part.std(ddof=0)).to_numpy() for part in (x, y))
    orders = [(w @ zx[list(order)]) @ (w @ zy[list(order)]) / 6 for order in permutations(range(6))]
    assert ours.statistic == pytest.approx(NUMBERS["lee_board", "statistic"])
    assert ours.statistic == pytest.approx(orders[0])
    assert ours.expected == pytest.approx(np.mean(orders))
    assert ours.expected == pytest.approx(NUMBERS["lee_board", "expected"])
    assert ours.variance == pytest.approx(np.var(orders))
    assert NUMBERS["lee_board", "variance"] > 2 * np.var(orders)


def test_lees_l_is_esdas(graph):
    weights = graph.transform("row").sparse()
    values = AREAS[["CRIME", "INC"]].to_numpy()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = Spatial_Pearson(connectivity=weights, permutations=0).fit(values[:, :1], values[:, 1:])
    ours = lea.global_lee(CRIME, AREAS["INC"], graph, own=False, permutations=0)
    assert ours.statistic == pytest.approx(float(theirs.association_[0, 1]), rel=1e-10)


@pytest.mark.parametrize("driver", ["INC", "HOVAL"])
def test_the_modified_t_test_is_spatialpacks(driver):
    part = f"modified_t_{driver}"
    ours = modified_t_test(CRIME.to_numpy(), AREAS[driver].to_numpy(), Distances(COORDS.to_numpy()))
    for name, value in vars(ours).items():
        assert value == pytest.approx(NUMBERS[part, name], rel=1e-9), name
    both = lea.associations(CRIME, DRIVERS, coords=COORDS).table.loc[driver]
    assert both["effective_size"] == pytest.approx(NUMBERS[part, "effective_size"], rel=1e-9)
    assert both["p_value"] == pytest.approx(NUMBERS[part, "p_value"], rel=1e-8)


@pytest.mark.parametrize("part", ["ols", "wls"])
def test_least_squares_is_rs(graph, part):
    ours = lea.regress(CRIME, DRIVERS, graph, weights=AREAS["HOVAL"] if part == "wls" else None)
    for term, row in ours.table.iterrows():
        name = R_NAMES.get(term, term)
        assert row["estimate"] == pytest.approx(NUMBERS[f"{part}_estimate", name], rel=1e-9)
        assert row["standard_error"] == pytest.approx(NUMBERS[f"{part}_se", name], rel=1e-9)
    assert ours.r_squared == pytest.approx(NUMBERS[part, "r_squared"], rel=1e-9)
    assert ours.log_likelihood == pytest.approx(NUMBERS[part, "log_likelihood"], rel=1e-9)


def test_spatial_diagnostics_are_spdeps(graph):
    ours = lea.regress(CRIME, DRIVERS, graph).diagnostics
    names = {
        "lm_lag": "LMlag",
        "lm_error": "LMerr",
        "robust_lm_lag": "RLMlag",
        "robust_lm_error": "RLMerr",
        "lm_sarma": "SARMA",
    }
    for name, theirs in names.items():
        assert ours.loc[name, "statistic"] == pytest.approx(NUMBERS["lm", theirs], rel=1e-8)
        assert ours.loc[name, "p_value"] == pytest.approx(NUMBERS["lm_p", theirs], rel=1e-8)
    assert ours.loc["moran_residuals", "statistic"] == pytest.approx(NUMBERS["moran", "statistic"], rel=1e-9)
    assert ours.loc["moran_residuals_z", "statistic"] == pytest.approx(NUMBERS["moran", "z"], rel=1e-8)
    assert ours.loc["moran_residuals", "p_value"] == pytest.approx(NUMBERS["moran", "p_value"], rel=1e-8)


def test_lagrange_multiplier_tests_are_those_that_spreg_prints_of_columbus():
    # spreg 1.9, the example of LMtests: house value by income and crime, PySAL's columbus.gal.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        file = libpysal.io.open(libpysal.examples.get_path("columbus.gal"), "r")
        near = file.read().neighbors
        file.close()
    order = sorted(near, key=int)
    place = {name: i for i, name in enumerate(order)}
    indptr = np.cumsum([0, *(len(near[name]) for name in order)])
    indices = np.concatenate([sorted(place[other] for other in near[name]) for name in order])
    links = AreaGraph(AREAS.index, indptr, indices, np.ones(len(indices)))
    tests = lea.regress(AREAS["HOVAL"], AREAS[["INC", "CRIME"]], links).diagnostics
    assert tests.loc["lm_error"].round(4).tolist() == [3.0971, 1.0, 0.0784]
    assert tests.loc["lm_lag"].round(4).tolist() == [0.9816, 1.0, 0.3218]
    assert tests.loc["robust_lm_error"].round(4).tolist() == [3.2092, 1.0, 0.0732]
    assert tests.loc["robust_lm_lag"].round(4).tolist() == [1.0936, 1.0, 0.2957]
    assert tests.loc["lm_sarma"].round(4).tolist() == [4.1907, 2.0, 0.123]


@pytest.mark.parametrize("model", MODELS)
def test_spatial_models_are_spatialregs(graph, model):
    ours = lea.regress(CRIME, DRIVERS, graph, model=model)
    *terms, spatial = ours.table.index
    for term in terms:
        name = R_NAMES.get(term, term)
        assert ours.table.loc[term, "estimate"] == pytest.approx(NUMBERS[f"{model}_estimate", name], rel=1e-6)
        assert ours.table.loc[term, "standard_error"] == pytest.approx(NUMBERS[f"{model}_se", name], rel=1e-6)
    coefficient = "lambda" if model == "error" else "rho"
    assert ours.table.loc[spatial, "estimate"] == pytest.approx(NUMBERS[model, coefficient], rel=1e-6)
    assert ours.log_likelihood == pytest.approx(NUMBERS[model, "log_likelihood"], rel=1e-9)
    # The file has spatialreg's AIC less 2, for it counts the variance of the errors as well.
    assert ours.aic == pytest.approx(NUMBERS[model, "aic"], rel=1e-9)


def test_the_standard_error_of_rho_is_spatialregs_where_spregs_is_not(graph):
    ours = lea.regress(CRIME, DRIVERS, graph, model="lag").table.loc["spatial lag", "standard_error"]
    assert ours == pytest.approx(NUMBERS["lag", "rho_se"], rel=1e-6)


@pytest.mark.parametrize("model", ["lag", "durbin"])
@pytest.mark.parametrize("kind", ["direct", "indirect", "total"])
def test_impacts_are_spatialregs_and_their_intervals_nearly(graph, model, kind):
    ours = lea.regress(CRIME, DRIVERS, graph, model=model).impacts
    for driver in DRIVERS:
        theirs = NUMBERS[f"{model}_{kind}", driver]
        assert ours.loc[driver, kind] == pytest.approx(theirs, rel=1e-6)
    width = NUMBERS[f"{model}_{kind}_upper", "INC"] - NUMBERS[f"{model}_{kind}_lower", "INC"]
    for end in ("lower", "upper"):
        # Both are quantiles of 2 000 random draws; spatialreg's of coefficients and variance together.
        theirs = NUMBERS[f"{model}_{kind}_{end}", "INC"]
        assert abs(ours.loc["INC", f"{kind}_{end}"] - theirs) < 0.08 * width


def test_impacts_of_lagged_drivers_are_spatialregs(graph):
    ours = lea.regress(CRIME, DRIVERS, graph, model="slx").impacts
    for kind in ("direct", "indirect", "total"):
        for driver in DRIVERS:
            row = ours.loc[driver]
            assert row[kind] == pytest.approx(NUMBERS[f"slx_{kind}", driver], rel=1e-9)
            # 2.0154 is Student's 97.5 % quantile with 49 - 5 degrees of freedom.
            wide = (row[f"{kind}_upper"] - row[f"{kind}_lower"]) / 2 / 2.015368
            assert wide == pytest.approx(NUMBERS[f"slx_{kind}_se", driver], rel=1e-6)


@pytest.mark.parametrize("bandwidth", [25, 40])
def test_local_coefficients_are_gwmodels(bandwidth):
    kernels = Kernels(COORDS.to_numpy(), (bandwidth,))
    design = np.column_stack([np.ones(len(AREAS)), DRIVERS])
    coefficients, aicc = local_coefficients(kernels.of(bandwidth), CRIME.to_numpy(), design)
    names = [f"gwr_{bandwidth}_{term}" for term in ("Intercept", "INC", "HOVAL")]
    np.testing.assert_allclose(coefficients, LOCAL[names], rtol=1e-4, atol=1e-5)
    assert aicc == pytest.approx(NUMBERS[f"gwr_{bandwidth}", "aicc"], rel=1e-6)
