"""Local Geary of one variable and of several: by hand, by enumeration, and beside other programs."""

from itertools import combinations

import esda
import geopandas as gpd
import numpy as np
import pandas as pd
import pygeoda
import pytest
from shapely.geometry import box

import lea_geo as lea
from lea_geo.errors import UsageError, ValuesError
from lea_geo.schema import LOCAL_COLUMNS, Label, Status
from lea_geo.spatial.compiled import THREADS
from lea_geo.spatial.graph import AreaGraph

SIDE = 9
N = SIDE * SIDE


@pytest.fixture
def graph() -> AreaGraph:
    """Return queen contiguity on a square of 9 by 9."""
    row, column = np.divmod(np.arange(N), SIDE)
    near = np.maximum(abs(row[:, None] - row), abs(column[:, None] - column)) == 1
    indptr = np.concatenate([[0], np.cumsum(near.sum(axis=1))])
    ids = pd.Index([f"{i:05d}" for i in range(N)])
    return AreaGraph(ids, indptr, np.nonzero(near)[1], np.ones(near.sum()))


@pytest.fixture
def table(graph) -> pd.DataFrame:
    """Return three variables of noise: skewed, normal, and counts with many ties."""
    rng = np.random.default_rng(4)
    columns = {"a": rng.gamma(0.7, size=N), "b": rng.normal(size=N), "c": rng.poisson(1.0, N)}
    return pd.DataFrame(columns, graph.ids, dtype=float)


def five() -> AreaGraph:
    """Return five areas in a line."""
    ids = pd.Index(list("abcde"))
    return AreaGraph(ids, [0, 1, 3, 5, 7, 8], [1, 0, 2, 1, 3, 2, 4, 3], np.ones(8))


def test_two_variables_of_five_areas_in_a_line_by_hand():
    # x = 1 2 3 4 10, s2 = 50/4; y = 0 0 4 4 2, mean 2, s2 = 16/4. Area b: x differs by 1 and 1, y by 0 and 4.
    table = pd.DataFrame({"x": [1.0, 2, 3, 4, 10], "y": [0.0, 0, 4, 4, 2]}, index=list("abcde"))
    row = lea.local_geary_multivariate(table, five(), permutations=9999).table.loc["b"]
    assert row["statistic"] == pytest.approx(((1 + 1) / 2 / 12.5 + (0 + 16) / 2 / 4) / 2)
    # From b to a, c, d, e: 1/12.5 + 0, 1/12.5 + 16/4, 4/12.5 + 16/4, 64/12.5 + 4/4. Of the six pairs it could
    # have, a c has the smallest sum: 4.16; a d 4.4, a e 6.2, c d 8.4, c e 10.2, d e 10.44.
    assert row["p_lower"] == pytest.approx(1 / 6, abs=0.02)
    assert row["p_upper"] == 1.0


def test_several_variables_are_the_mean_of_each_one(graph, table):
    together = lea.local_geary_multivariate(table, graph, method="analytic").table
    alone = [lea.local_geary(table[name], graph, method="analytic").table for name in table]
    for column in ("statistic", "expected"):
        mean = np.mean([each[column] for each in alone], axis=0)
        np.testing.assert_allclose(together[column], mean, rtol=1e-12)


def test_one_variable_twice_has_the_p_values_of_one(graph, table):
    one = lea.local_geary(table["c"], graph)
    two = lea.local_geary_multivariate(table[["c"]].assign(again=table["c"]), graph)
    assert two.permutations == one.permutations
    for column in ("statistic", "variance", "p_lower", "p_upper", "q_value"):
        np.testing.assert_allclose(two.table[column], one.table[column], rtol=1e-12)


@pytest.mark.parametrize("names", [["a"], ["a", "b", "c"]])
def test_moments_are_those_of_all_draws(names):
    rng = np.random.default_rng(2)
    table = pd.DataFrame(rng.normal(size=(5, 3)) ** 3, index=list("abcde"), columns=list("abc"))[names]
    found = lea.local_geary_multivariate(table, five(), method="analytic").table
    z = ((table - table.mean()) / table.std(ddof=1)).to_numpy()
    for i, k in enumerate([1, 2, 2, 2, 1]):
        gaps = np.delete(np.square(z - z[i]).mean(axis=1), i)
        drawn = [gaps[list(way)].mean() for way in combinations(range(4), k)]
        assert found["expected"].iloc[i] == pytest.approx(np.mean(drawn), rel=1e-12)
        assert found["variance"].iloc[i] == pytest.approx(np.var(drawn), rel=1e-10)


def test_the_multivariate_statistic_is_that_of_esda(graph, table):
    # esda 2.8 divides by n in the variance of each variable.
    theirs = esda.Geary_Local_MV(graph.to_libpysal(), permutations=0).fit(table.T.to_numpy()).localG
    ours = lea.local_geary_multivariate(table, graph, method="analytic", divisor="n").table["statistic"]
    np.testing.assert_allclose(ours, theirs, rtol=1e-12)


@pytest.mark.parametrize("names", [["a"], ["a", "b", "c"]])
def test_permutations_agree_with_those_of_esda(graph, table, names):
    # esda gives the smaller tail of 9 999 draws; two such counts differ by a variance of 2 p (1 - p) / R.
    many = 9999
    np.random.seed(1)  # noqa: NPY002 - esda draws from it
    theirs = esda.Geary_Local_MV(graph.to_libpysal(), permutations=many).fit(table[names].T.to_numpy()).p_sim
    ours = lea.local_geary_multivariate(table[names], graph, permutations=many).table
    smaller = np.minimum(ours["p_lower"], ours["p_upper"]).to_numpy()
    spread = np.sqrt(2 * smaller * (1 - smaller) / many)
    assert (np.abs(smaller - theirs) < 4.5 * spread + 1.5 / many).all()


@pytest.mark.parametrize("names", [["a"], ["a", "b", "c"]])
def test_pygeoda_has_the_same_statistic_and_nearly_the_same_p_values(graph, table, names):
    # pygeoda 0.1.3 divides by n - 1, and gives the tail on whose side of the draws' mean the statistic lies;
    # its p-values are wrong by up to 0.02 however many draws there are.
    row, column = np.divmod(np.arange(N), SIDE)
    squares = gpd.GeoDataFrame(geometry=[box(c, r, c + 1, r + 1) for r, c in zip(row, column, strict=True)])
    links = pygeoda.queen_weights(pygeoda.open(squares))
    if len(names) == 1:
        theirs = pygeoda.local_geary(links, table["a"], permutations=9999, seed=1)
    else:
        theirs = pygeoda.local_multigeary(links, table, permutations=9999, seed=1)
    ours = lea.local_geary_multivariate(table[names], graph, permutations=9999).table
    np.testing.assert_allclose(ours["statistic"], theirs.lisa_values(), rtol=1e-12)
    tail = np.where(ours["statistic"] < ours["expected"], ours["p_lower"], ours["p_upper"])
    assert np.abs(tail - theirs.lisa_pvalues()).max() < 0.04


def test_units_and_origins_of_the_variables_change_nothing(graph, table):
    before = lea.local_geary_multivariate(table, graph).table
    after = lea.local_geary_multivariate(table * [1000.0, -0.01, 2.0] + [5.0, 1.0, -3.0], graph).table
    np.testing.assert_allclose(after["statistic"], before["statistic"], rtol=1e-9)


def test_an_area_that_lacks_one_variable_takes_no_part(graph, table):
    table.loc["00040", "b"] = np.nan
    table.loc["00007", "c"] = np.nan
    status = pd.Series("observed", graph.ids)
    status[["00040", "00007"]] = [Status.SUPPRESSED, Status.MISSING]
    found = lea.local_geary_multivariate(table, graph, status=status)
    gone = found.table.loc[["00007", "00040"]]
    assert gone["status"].tolist() == ["missing", "suppressed"]
    assert (gone["label"] == Label.UNDEFINED).all()
    assert gone[["statistic", "p_value"]].isna().all(axis=None)
    rest = table.drop(index=gone.index)
    alone = lea.local_geary_multivariate(rest, graph.subset(rest.index)).table
    columns = ["statistic", "p_lower", "p_upper", "q_value"]
    pd.testing.assert_frame_equal(found.table.loc[rest.index, columns], alone[columns], check_exact=True)
    assert found.n_tested == N - 2


def test_alike_rows_are_other_positive_and_a_stranger_is_negative(graph, table):
    row, column = np.divmod(np.arange(N), SIDE)
    table[(row < 4) & (column < 4)] = [0.5, -1.0, 2.0]
    around = graph.neighbors("00060").index
    table.loc[around] = [0.1, -2.5, 0.0]
    table.loc["00060"] = [6.0, 3.0, 7.0]
    result = lea.local_geary_multivariate(table, graph)
    assert tuple(result.table.columns) == LOCAL_COLUMNS
    assert result.table.loc["00010", "label"] == Label.OTHER_POSITIVE
    assert result.table.loc["00060", "label"] == Label.NEGATIVE
    assert set(result.table["label"]) <= {Label.OTHER_POSITIVE, Label.NEGATIVE, Label.NOT_SIGNIFICANT}
    assert result.table["lag"].isna().all()
    assert result.statistic == "local_geary_multivariate"


@pytest.mark.parametrize("unequal", [False, True])
def test_order_and_threads_change_nothing(monkeypatch, graph, table, unequal):
    options = {"fdr": 0.005}  # 2 * 80 / 0.005 draws: two stages
    if unequal:
        weights = np.resize([1.0, 2.0, 5.0, 0.3], graph.n_links)
        graph = AreaGraph(graph.ids, graph.indptr, graph.indices, weights)
    table.iloc[5, 0] = np.nan
    monkeypatch.setenv(THREADS, "1")
    before = lea.local_geary_multivariate(table, graph, **options).table
    one = lea.local_geary(table["a"], graph, **options).table
    for threads, seed in (("2", 1), ("4", 2)):
        monkeypatch.setenv(THREADS, threads)
        rows = table.sample(frac=1, random_state=seed)
        links = graph.subset(table.sample(frac=1, random_state=seed + 10).index)
        after = lea.local_geary_multivariate(rows, links, **options).table
        pd.testing.assert_frame_equal(after.loc[before.index], before, check_exact=True)
        after = lea.local_geary(rows["a"], links, **options).table
        pd.testing.assert_frame_equal(after.loc[one.index], one, check_exact=True)


def test_without_a_number_of_permutations_only_thin_tails_get_more(graph, table):
    row, column = np.divmod(np.arange(N), SIDE)
    table.loc[(row < 4) & (column < 4), "b"] = 0.01
    staged = lea.local_geary(table["b"], graph, fdr=0.001)
    # 81 areas at 0.001: 2 * 81 / 0.001 - 1.
    assert staged.permutations == 161_999
    assert staged.table["p_lower"].min() < 1 / 9999
    full = lea.local_geary(table["b"], graph, fdr=0.001, permutations=161_999)
    assert full.table["label"].equals(staged.table["label"])
    thin = full.table["p_value"] < 0.001
    assert thin.any()
    assert staged.table.loc[thin, "p_value"].equals(full.table.loc[thin, "p_value"])


def test_a_variable_without_variation_is_named(graph, table):
    result = lea.local_geary_multivariate(table.assign(flat=3.0), graph)
    assert result.reason == "flat: All areas have the same value, so there is nothing to compare."
    assert (result.table["label"] == Label.UNDEFINED).all()
    assert result.method == "none"


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        (pd.Series([1.0]), UsageError, "table is a Series; it must be a pandas DataFrame"),
        (pd.DataFrame(index=["a"]), UsageError, "table is without columns"),
        (pd.DataFrame([[1, 2]], columns=["x", "x"]), ValuesError, "variables that the table holds twice: 1"),
        (pd.DataFrame({"x": [1.0]}, index=["nowhere"]), ValuesError, "areas of x that the graph does not"),
    ],
)
def test_what_is_no_table_of_variables_is_refused(graph, given, error, message):
    with pytest.raises(error, match=message):
        lea.local_geary_multivariate(given, graph)


def test_several_variables_have_no_exact_law(graph, table):
    with pytest.raises(UsageError, match="local_geary, whose law takes two sums"):
        lea.local_geary_multivariate(table, graph, method="exact")
