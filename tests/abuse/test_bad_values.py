"""Values that today's libraries turn into false findings: refused, or undefined with a reason."""

import numpy as np
import pandas as pd
import pytest

import lea_geo as lea
from lea_geo.errors import GraphError, UsageError, ValuesError
from lea_geo.schema import Label
from lea_geo.spatial.graph import AreaGraph


def ring(n: int) -> AreaGraph:
    ids = pd.Index([f"{i:05d}" for i in range(n)])
    indices = np.sort((np.arange(n)[:, None] + [-1, 1]) % n, axis=1)
    return AreaGraph(ids, np.arange(n + 1) * 2, indices.ravel(), np.ones(2 * n))


EVERY = [
    lea.local_moran,
    lea.local_g,
    lea.local_geary,
    lea.global_moran,
    lea.global_geary,
    lea.global_g,
]
LOCAL = EVERY[:3]


@pytest.fixture
def values() -> pd.Series:
    return pd.Series(np.arange(12.0) ** 2, ring(12).ids)


@pytest.mark.parametrize("function", EVERY)
@pytest.mark.parametrize("wrong", [[1.0] * 12, np.arange(12.0), pd.DataFrame({"x": range(12)})])
def test_values_without_ids_are_refused(function, wrong):
    with pytest.raises(
        UsageError, match="must be a pandas Series indexed by area_id, because values are matched"
    ):
        function(wrong, ring(12))


@pytest.mark.parametrize("function", EVERY)
def test_missing_foreign_and_repeated_ids_are_named_at_once(function, values):
    wrong = pd.concat([values.iloc[2:], pd.Series([1.0, 2.0], ["00100", "00005"])])
    with pytest.raises(ValuesError) as caught:
        function(wrong, ring(12))
    text = str(caught.value)
    assert "duplicate area ids in values: 1 of 12 (00005)" in text
    assert "areas of values that the graph does not have: 1 of 12 (00100)" in text
    assert "areas of the graph that values does not have: 2 of 12 (00000, 00001)" in text


@pytest.mark.parametrize("function", EVERY)
def test_numbers_as_ids_do_not_match_strings(function, values):
    with pytest.raises(ValuesError, match="that the graph does not have: 12 of 12"):
        function(values.set_axis(range(12)), ring(12))


@pytest.mark.parametrize("function", EVERY)
@pytest.mark.parametrize("endless", [np.inf, -np.inf])
def test_infinite_values_are_an_error(function, values, endless):
    values.iloc[[3, 7]] = endless
    with pytest.raises(ValuesError, match=r"infinite values: 2 of 12 \(00003, 00007\)"):
        function(values, ring(12))


@pytest.mark.parametrize("function", EVERY)
@pytest.mark.parametrize("n", [1, 2, 3])
def test_fewer_than_four_areas_are_an_error(function, n):
    ids = pd.Index([f"{i}" for i in range(n)])
    graph = AreaGraph(ids, np.zeros(n + 1, int), [], [])
    with pytest.raises(ValuesError, match=f"areas with a value in values: {n} of {n}.*at least 4"):
        function(pd.Series(np.arange(n), ids), graph)


@pytest.mark.parametrize("function", EVERY)
def test_fewer_than_four_values_are_an_error(function, values):
    values.iloc[3:] = np.nan
    with pytest.raises(ValuesError, match="areas with a value in values: 3 of 12"):
        function(values, ring(12))


@pytest.mark.parametrize("function", EVERY)
def test_text_is_an_error(function, values):
    with pytest.raises(ValuesError, match="values holds str, not numbers"):
        function(values.astype(str), ring(12))


@pytest.mark.parametrize("function", LOCAL)
@pytest.mark.parametrize(
    ("number", "reason"), [(7.0, "same value"), (np.nan, "No area has a value"), (1e300, "cannot be squared")]
)
def test_what_has_no_statistic_is_undefined_with_a_reason_and_no_p_value(function, number, reason):
    result = function(pd.Series(number, ring(12).ids), ring(12))
    assert reason in result.reason
    assert result.method == "none"
    assert result.n_tested == 0
    assert (result.table["label"] == Label.UNDEFINED).all()
    assert (
        result.table[["statistic", "z_score", "p_lower", "p_upper", "p_value", "q_value"]]
        .isna()
        .all(axis=None)
    )


@pytest.mark.parametrize("function", LOCAL)
def test_differences_that_are_only_rounding_are_none(function):
    values = pd.Series(np.resize([0.3, 0.1 + 0.2], 12), ring(12).ids)
    assert "same value" in function(values, ring(12)).reason


@pytest.mark.parametrize("function", LOCAL)
def test_one_enormous_value_is_undefined_and_not_a_finding(function, values):
    values.iloc[2] = 1e300
    assert "1e+300 cannot be squared" in function(values, ring(12)).reason


@pytest.mark.parametrize("function", LOCAL)
def test_tiny_values_are_computed_or_undefined(function, values):
    assert function(values * 1e-100, ring(12)).reason == ""
    assert "cannot be squared" in function(values * 1e-200, ring(12)).reason


@pytest.mark.parametrize("function", LOCAL)
def test_nullable_and_boolean_numbers_are_numbers(function, values):
    nullable = values.astype("Int64")
    nullable.iloc[0] = pd.NA
    table = function(nullable, ring(12)).table
    assert table["label"].iloc[0] == Label.UNDEFINED
    assert table["p_value"].iloc[1:].notna().all()


def test_status_must_be_known_and_must_not_contradict_the_values(values):
    values.iloc[1] = np.nan
    status = pd.Series("observed", values.index)
    status.iloc[4] = "hidden"
    with pytest.raises(ValuesError) as caught:
        lea.local_moran(values, ring(12), status=status)
    assert "unknown status: 1 of 12 (00004)" in str(caught.value)
    assert "no value though the status says that there is one: 1 of 12 (00001)" in str(caught.value)


def test_status_of_other_areas_is_refused(values):
    with pytest.raises(ValuesError, match="areas of values that status does not have: 1 of 12"):
        lea.local_moran(values, ring(12), status=pd.Series("observed", values.index[1:]))


@pytest.mark.parametrize("function", [lea.local_join_count, lea.global_join_count])
def test_join_counts_take_nothing_but_zero_and_one(function, values):
    with pytest.raises(ValuesError, match="values that are neither 0 nor 1: 10 of 12"):
        function(values, ring(12))


def test_areas_that_are_their_own_neighbours_are_refused(values):
    graph = AreaGraph(values.index, np.arange(13), np.arange(12), np.ones(12))
    with pytest.raises(GraphError, match="areas that are their own neighbours: 12 of 12"):
        lea.local_moran(values, graph)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "exakt"}, "method is 'exakt'.*Did you mean 'exact'"),
        ({"alternative": "two.sided"}, "Did you mean 'two-sided'"),
        ({"transform": "rows"}, "Did you mean 'row'"),
        ({"divisor": "n-2"}, "divisor is 'n-2'"),
        ({"moments": "all"}, "moments is 'all'"),
        ({"fdr": 0}, "fdr is 0; it must lie strictly between 0 and 1"),
        ({"fdr": 5}, "fdr is 5"),
        ({"seed": -1}, "seed is -1"),
        ({"permutations": 0}, "permutations is 0; it must be a whole number of at least 1"),
        ({"permutations": 99.5}, "permutations is 99.5"),
    ],
)
def test_wrong_options_are_named(values, options, message):
    with pytest.raises(UsageError, match=message):
        lea.local_moran(values, ring(12), **options)
