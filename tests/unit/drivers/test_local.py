"""Local regression: what differs between places is found, and what only looks so is not."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import lea_geo as lea
from lea_geo.drivers.local import bandwidths
from lea_geo.drivers.local_test import Kernels, local_coefficients, variability_test
from lea_geo.errors import UsageError
from lea_geo.spatial.graph import AreaGraph

SIDE = 8
IDS = pd.Index([f"a{i:02d}" for i in range(SIDE**2)], name="area_id")
COORDS = pd.DataFrame({"x": np.arange(64) % SIDE, "y": np.arange(64) // SIDE}, index=IDS, dtype=float)


def board() -> AreaGraph:
    near = (np.abs(COORDS.to_numpy()[:, None] - COORDS.to_numpy()[None]).sum(axis=2) == 1).astype(int)
    indptr = np.cumsum([0, *near.sum(axis=1)])
    return AreaGraph(IDS, indptr, np.nonzero(near)[1], np.ones(indptr[-1]))


def world(seed: int) -> tuple[pd.Series, pd.DataFrame]:
    """Return an outcome where ``turns`` is worth -2 in the west, 2 in the east, and ``same`` 1 everywhere."""
    random = np.random.default_rng(seed)
    drivers = pd.DataFrame(random.normal(size=(64, 2)), index=IDS, columns=["turns", "same"])
    slope = np.where(COORDS["x"] < 4, -2.0, 2.0)
    return (slope * drivers["turns"] + drivers["same"] + 0.3 * random.normal(size=64)).rename("out"), drivers


@pytest.fixture(scope="module")
def planted():
    outcome, drivers = world(1)
    return lea.local_regression(outcome, drivers, COORDS, graph=board(), runs=99, seed=2)


def test_an_association_that_turns_between_places_is_found_and_labelled(planted):
    assert planted.varying == ("turns",)
    west, east = (planted.table["turns_label"][COORDS["x"] == x] for x in (0, 7))
    assert (west == "negative").all()
    assert (east == "positive").all()
    assert planted.aicc < planted.global_aicc


def test_what_is_not_shown_to_differ_has_no_labels(planted):
    assert (planted.table["same_label"] == "").all()


def test_the_critical_t_is_da_silva_and_fotheringhams(planted):
    # 5 % times three terms over the effective number of parameters, two-sided, 63 degrees of freedom.
    error = 0.05 * 3 / planted.terms["effective_parameters"].iloc[0]
    assert planted.terms["critical_t"].iloc[0] == pytest.approx(stats.t.ppf(1 - error / 2, 63))
    assert planted.terms["critical_t"].iloc[0] > 1.998  # what one test alone would have


def test_our_quick_coefficients_are_mgwrs(planted):
    outcome, drivers = world(1)
    y = ((outcome - outcome.mean()) / outcome.std(ddof=0)).to_numpy()
    x = ((drivers - drivers.mean()) / drivers.std(ddof=0)).to_numpy()
    bandwidth = int(planted.terms["bandwidth"].iloc[0])
    kernels = Kernels(COORDS.to_numpy(), (bandwidth,))
    found, aicc = local_coefficients(kernels.of(bandwidth), y, np.column_stack([np.ones(64), x]))
    np.testing.assert_allclose(found[:, 1:], planted.table[["turns", "same"]], rtol=1e-6, atol=1e-8)
    assert aicc == pytest.approx(planted.aicc, rel=1e-8)


def test_every_driver_finds_a_scale_of_its_own():
    shorter = 0
    for seed in (3, 4, 5):
        outcome, drivers = world(seed)
        found = lea.local_regression(outcome, drivers, COORDS, graph=board(), multiscale=True, runs=19)
        turns, same = found.terms.loc["turns"], found.terms.loc["same"]
        shorter += turns["bandwidth"] < same["bandwidth"]
        assert (turns["critical_t"] > same["critical_t"]) == (
            turns["effective_parameters"] > same["effective_parameters"]
        )
    assert shorter >= 2


def test_alike_errors_are_not_taken_for_coefficients_that_differ():
    # The same coefficients everywhere; errors and driver are smooth. Shuffling places finds a difference in
    # nearly every such world; the test that keeps errors alike hardly ever.
    w = board().transform("row").sparse().toarray()
    spread = np.linalg.inv(np.eye(64) - 0.8 * w)
    kernels, kept, shuffled = Kernels(COORDS.to_numpy(), bandwidths(64, 2)), 0, 0
    for seed in range(20):
        random = np.random.default_rng(seed)
        x, e = (spread @ random.normal(size=64) for _ in range(2))
        y, design = x + 2 * e, np.column_stack([np.ones(64), x])
        kept += variability_test(kernels, y, design, board(), runs=39, seed=seed)[1][1] <= 0.05
        shuffled += variability_test(kernels, y, design, None, runs=39, seed=seed)[1][1] <= 0.05
    assert kept <= 4  # 5 % of 20 is 1; chance alone exceeds 4 in three of a thousand times
    assert shuffled > 8


def test_the_order_of_areas_changes_nothing(planted):
    outcome, drivers = world(1)
    order = np.random.default_rng(0).permutation(64)
    again = lea.local_regression(
        outcome.iloc[order], drivers.iloc[order[::-1]], COORDS, graph=board(), runs=99, seed=2
    )
    pd.testing.assert_frame_equal(again.terms, planted.terms, check_exact=True)
    pd.testing.assert_frame_equal(again.table.loc[IDS], planted.table, check_exact=True)


def test_too_many_areas_are_refused_with_what_to_do():
    ids = [f"a{i}" for i in range(1001)]
    y = pd.Series(np.arange(1001.0) % 13, index=ids)
    coords = pd.DataFrame({"x": np.arange(1001.0), "y": 0.0}, index=ids)
    with pytest.raises(UsageError, match="takes at most 1000"):
        lea.local_regression(y, pd.DataFrame({"x": y % 5}), coords)
