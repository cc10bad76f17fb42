"""Chains of classes against giddy 2.3.8's published examples: income per head of 48 US states, 1929 to 2009.

The numbers are those printed in giddy's documentation; the data are libpysal's examples ``usjoin``,
``states48`` and ``mexico``.
"""

import libpysal
import numpy as np
import pandas as pd
import pytest
from giddy.markov import FullRank_Markov, GeoRank_Markov, LISA_Markov
from giddy.markov import Markov as GiddyMarkov

import lea_geo as lea
from lea_geo.change.markov_chain import first_passage, mobility, sojourn, steady_state
from lea_geo.spatial.graph import AreaGraph


def read(name):
    return pd.read_csv(libpysal.examples.get_path(name))


@pytest.fixture(scope="module")
def income():
    table = read("usjoin.csv")
    table.index = [f"{i:02d}" for i in range(len(table))]
    return table[[str(year) for year in range(1929, 2010)]].astype(float)


@pytest.fixture(scope="module")
def relative(income):
    return income / income.mean(axis=0)


def neighbours():
    file = libpysal.io.open(libpysal.examples.get_path("states48.gal"))
    try:
        return file.read()
    finally:
        file.close()


@pytest.fixture(scope="module")
def states():
    w = neighbours()
    rows = [sorted(w.id2i[j] for j in w.neighbors[i]) for i in w.id_order]
    indptr = np.cumsum([0, *map(len, rows)])
    indices = np.concatenate([np.array(row) for row in rows])
    return AreaGraph(pd.Index([f"{i:02d}" for i in range(48)]), indptr, indices, np.ones(len(indices)))


def matrix(result, column="moves"):
    k = int(np.sqrt(len(result.table)))
    return result.table[column].to_numpy().reshape(k, k)


def test_quintiles_of_each_year_move_as_giddy_says(income):
    found = lea.markov(income, cuts="year", draws=19)
    assert matrix(found).tolist() == [
        [729, 71, 1, 0, 0],
        [72, 567, 80, 3, 0],
        [0, 81, 631, 86, 2],
        [0, 3, 86, 573, 56],
        [0, 0, 1, 57, 741],
    ]
    steady = [0.20774716, 0.18725774, 0.20740537, 0.18821787, 0.20937187]
    np.testing.assert_allclose(found.classes["steady_state"], steady, atol=1e-8)
    # giddy.mobility: 0.19759, 0.60685 and 0.03978.
    assert found.mobility.loc["shorrocks", "value"] == pytest.approx(0.19759, abs=1e-5)
    assert found.mobility.loc["determinant", "value"] == pytest.approx(0.60685, abs=1e-5)
    assert found.mobility.loc["second_eigenvalue", "value"] == pytest.approx(0.03978, abs=1e-5)


def test_bartholomews_indices_are_giddys(income):
    p = lea.markov(income, cuts="year", draws=1).probabilities.to_numpy()
    found = mobility(p, np.array([0.1, 0.2, 0.2, 0.4, 0.1]))
    assert found["bartholomew"] == pytest.approx(0.22777, abs=1e-5)
    assert found["bartholomew_steps"] == pytest.approx(0.04637, abs=1e-5)


def test_quintiles_of_all_years_of_relative_income_move_as_giddy_says(relative):
    found = lea.markov(relative, draws=1)
    assert matrix(found).tolist() == [
        [707, 58, 7, 1, 0],
        [50, 629, 80, 1, 1],
        [4, 79, 610, 73, 2],
        [0, 7, 72, 650, 37],
        [0, 0, 0, 48, 724],
    ]
    np.testing.assert_allclose(
        found.borders.iloc[0], [0.83999133, 0.94707545, 1.03242697, 1.14911154], atol=1e-8
    )
    assert found.classes.loc["1", "steady_state"] == pytest.approx(0.17957376, abs=1e-8)


def test_the_spatial_chain_is_giddys(relative, states):
    found = lea.spatial_markov(relative, states, permutations=19)
    np.testing.assert_allclose(
        found.lag_borders.iloc[0], [0.88973386, 0.95891917, 1.01469758, 1.1183566], atol=1e-8
    )
    poor = found.table[found.table["neighbors"] == "1"]["probability"].to_numpy().reshape(5, 5)
    np.testing.assert_allclose(poor[0], [0.96341463, 0.0304878, 0.00609756, 0, 0], atol=1e-8)
    np.testing.assert_allclose(poor[3], [0, 0.03571429, 0.32142857, 0.57142857, 0.07142857], atol=1e-8)
    rich = found.table[found.table["neighbors"] == "5"]["probability"].to_numpy().reshape(5, 5)
    np.testing.assert_allclose(rich[4], [0, 0, 0, 0.02352941, 0.97647059], atol=1e-8)
    assert found.test.likelihood_ratio == pytest.approx(170.659, abs=5e-4)
    assert found.test.chi2 == pytest.approx(200.624, abs=5e-4)
    assert found.test.degrees == 60
    assert found.test.p_permutation == pytest.approx(1 / 20)
    steady = [0.43509425, 0.2635327, 0.20363044, 0.06841983, 0.02932278]
    np.testing.assert_allclose(found.steady_state.loc["1"], steady, atol=1e-8)


def test_quartiles_of_neighbours_and_given_borders_are_giddys(relative, states):
    four = lea.spatial_markov(relative, states, lag_classes=4, permutations=0)
    assert four.test.likelihood_ratio == pytest.approx(172.105, abs=5e-4)
    assert four.test.chi2 == pytest.approx(321.128, abs=5e-4)
    assert four.test.degrees == 45
    posts = [0.8, 0.9, 1, 1.2]
    given = lea.spatial_markov(relative, states, goalposts=posts, lag_goalposts=posts, permutations=0)
    poor = given.table[given.table["neighbors"] == "1"]["probability"].to_numpy().reshape(5, 5)
    np.testing.assert_allclose(poor[1], [0.10638298, 0.68085106, 0.21276596, 0, 0], atol=1e-8)
    assert np.isnan(poor[4]).all()  # giddy has zeros, or a state that is never left


def test_mean_first_passage_is_giddys_rain_in_oz():
    # Kemeny and Snell's Land of Oz, in giddy.ergodic's documentation.
    p = np.array([[0.5, 0.25, 0.25], [0.5, 0, 0.5], [0.25, 0.25, 0.5]])
    expected = [[2.5, 4, 10 / 3], [8 / 3, 5, 8 / 3], [10 / 3, 4, 2.5]]
    np.testing.assert_allclose(first_passage(p), expected)
    np.testing.assert_allclose(steady_state(p), [0.4, 0.2, 0.4])
    np.testing.assert_allclose(sojourn(p), [2, 1, 2])


def test_quadrants_of_local_moran_move_as_giddys_do(income, states):
    found = lea.lisa_markov(income, states, permutations=0)
    w = neighbours()
    w.transform = "r"
    theirs = LISA_Markov(income.to_numpy(), w)
    assert matrix(found).tolist() == theirs.transitions.tolist()


def test_giddys_test_of_lisa_chains_depends_on_the_order_of_areas_and_ours_does_not(income, states):
    w = neighbours()
    order = np.random.default_rng(0).permutation(48)
    turned = libpysal.weights.full2W(w.full()[0][np.ix_(order, order)])
    for one in (w, turned):
        one.transform = "r"
    theirs = (
        LISA_Markov(income.to_numpy(), w).chi_2[0],
        LISA_Markov(income.to_numpy()[order], turned).chi_2[0],
    )
    assert theirs[0] != pytest.approx(theirs[1], rel=0.02)
    ours = (lea.lisa_markov(one, states, permutations=0) for one in (income, income.iloc[order]))
    first, second = (one.chi2 for one in ours)
    assert first == pytest.approx(second)


def test_theta_and_tau_of_mexico_are_giddys():
    table = read("mexico.csv")
    table.index = [f"{i:02d}" for i in range(len(table))]
    values = table[[f"pcgdp{year}" for year in range(1940, 2010, 10)]].astype(float)
    values.columns = range(1940, 2010, 10)
    regimes = table["esquivel99"].astype(str)
    same = (regimes.to_numpy()[:, None] == regimes.to_numpy()[None, :]) & ~np.eye(len(table), dtype=bool)
    graph = AreaGraph(
        pd.Index(table.index),
        np.cumsum([0, *same.sum(axis=1)]),
        np.nonzero(same)[1],
        np.ones(int(same.sum())),
    )
    found = lea.rank_mobility(values, graph, regimes=regimes, permutations=199)
    theta = [0.41538462, 0.28070175, 0.61363636, 0.62222222, 0.33333333, 0.47222222]
    np.testing.assert_allclose(found.intervals["theta"], theta, atol=1e-8)
    np.testing.assert_allclose(
        found.intervals["tau_neighbors"], [0.397, 0.492, 0.651, 0.714, 0.683, 0.810], atol=5e-4
    )
    # giddy's one-sided 0.010 of 99 shuffles: the smallest there is.
    assert found.intervals["p_neighbors"].iloc[0] <= 0.02


def test_full_rank_chains_are_giddys(income):
    values = (
        income.iloc[:, -12:] + np.linspace(0, 1e-6, 48)[:, None]
    )  # no ties: giddy ranks those by position
    full, areas = lea.rank_markov(values), lea.rank_markov(values, kind="geographic")
    theirs = FullRank_Markov(values.to_numpy(), summary=False)
    np.testing.assert_allclose(np.nan_to_num(full.probabilities), theirs.p)
    np.testing.assert_allclose(
        np.nan_to_num(areas.probabilities), GeoRank_Markov(values.to_numpy(), summary=False).p
    )


def test_the_plain_chain_is_giddys_on_any_classes():
    rng = np.random.default_rng(2)
    states = rng.integers(1, 5, size=(30, 6))
    index = [f"{i:02d}" for i in range(30)]
    found = lea.markov(pd.DataFrame(states, index=index), goalposts=[1.5, 2.5, 3.5], draws=1)
    np.testing.assert_allclose(found.probabilities, GiddyMarkov(states, summary=False).p)
