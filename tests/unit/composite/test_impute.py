"""Imputation, by hand on six areas in a row of which two, and a last one, belong together."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from lea_geo.composite.changes import LOG_COLUMNS, joined_log
from lea_geo.composite.impute import Known, filled, impute
from lea_geo.composite_spec import IMPUTATIONS, Impute
from lea_geo.errors import UsageError

NAN = np.nan
X = np.array([[NAN, 10], [2, 20], [4, NAN], [6, 40], [20, NAN], [NAN, 60]], dtype=float)
GROUP = np.array([0, 0, 0, 1, 1, -1])
LINKS = sparse.csr_array(np.diag(np.ones(5), 1) + np.diag(np.ones(5), -1))  # each area and the next
IDS = pd.Index(["a", "b", "c", "d", "e", "f"])
CODES = ["one", "two"]


def gaps_filled(method: str, **known: object) -> list[float]:
    values = impute(X, Impute(method, by="municipality"), Known(**known)).values
    return [values[0, 0], values[5, 0], values[2, 1], values[4, 1]]


def test_by_default_nothing_is_imputed():
    found = impute(X, Impute())
    np.testing.assert_array_equal(found.values, X)
    assert len(found.changes.row) == 0
    assert found.left.tolist() == [2, 2]


@pytest.mark.parametrize(
    ("method", "known", "expected"),
    [
        ("mean", {}, [8, 8, 32.5, 32.5]),  # (2 + 4 + 6 + 20) / 4, (10 + 20 + 40 + 60) / 4
        ("median", {}, [5, 5, 30, 30]),
        ("neighbours", {"links": LINKS}, [2, 20, 30, 50]),  # of b; of e; of b and d; of d and f
        ("group", {"group": GROUP}, [3, NAN, 15, 40]),  # f belongs to nothing
        ("parent", {"group": GROUP}, [3, NAN, 15, 40]),
    ],
)
def test_gaps_get_what_a_calculation_by_hand_gives(method, known, expected):
    np.testing.assert_allclose(gaps_filled(method, **known), expected)
    np.testing.assert_array_equal(
        filled(X, Impute(method, by="m"), Known(**known)),
        impute(X, Impute(method, by="m"), Known(**known)).values,
    )


def test_a_parent_area_weighs_its_areas_by_their_denominators_and_the_log_says_so():
    people = np.array([[5, 100], [30, 300], [10, 9], [1, 1], [1, 1], [1, 1]], dtype=float)
    found = impute(X, Impute("parent", by="m"), Known(group=GROUP, people=people))
    assert found.values[0, 0] == (30 * 2 + 10 * 4) / 40
    assert found.values[2, 1] == (100 * 10 + 300 * 20) / 400
    assert set(found.changes.how) == {"parent area, by denominators"}


def test_one_unknown_denominator_makes_the_parent_a_plain_mean_and_the_log_says_so():
    people = np.array([[5, 100], [30, NAN], [10, 9], [1, 1], [1, 1], [1, 1]], dtype=float)
    found = impute(X, Impute("parent", by="m"), Known(group=GROUP, people=people))
    assert found.values[2, 1] == (10 + 20) / 2
    how = dict(zip(zip(found.changes.row, found.changes.column, strict=True), found.changes.how, strict=True))
    assert how[2, 1] == "parent area, mean"
    assert how[0, 0] == "parent area, by denominators"


def test_an_area_without_a_neighbour_that_has_a_value_stays_empty_and_is_counted():
    lonely = sparse.csr_array((6, 6))
    found = impute(X, Impute("neighbours"), Known(links=lonely))
    np.testing.assert_array_equal(found.values, X)
    assert found.left.tolist() == [2, 2]


def test_an_area_is_not_its_own_neighbour_and_weights_of_links_are_of_no_account():
    links = sparse.csr_array(LINKS.toarray() * 0.25 + 3 * np.eye(6))
    np.testing.assert_allclose(gaps_filled("neighbours", links=links), [2, 20, 30, 50])


def test_imputed_values_stand_in_for_nobody_else():
    x = np.array([[1.0], [NAN], [NAN]])
    links = sparse.csr_array(np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]], dtype=float))
    found = impute(x, Impute("neighbours"), Known(links=links))
    np.testing.assert_array_equal(found.values[:, 0], [1, 1, NAN])
    assert found.left.tolist() == [1]


def test_what_does_not_apply_is_never_imputed_nor_counted_as_a_gap():
    status = np.full(X.shape, "observed", dtype=object)
    status[0, 0], status[5, 0] = "not_applicable", "missing"
    found = impute(X, Impute("mean"), Known(status=status))
    assert np.isnan(found.values[0, 0])
    assert found.values[5, 0] == 8
    assert impute(X, Impute("none"), Known(status=status)).left.tolist() == [1, 2]


def test_a_suppressed_value_stays_within_its_bounds_and_the_log_says_so():
    lower, upper = np.full(X.shape, NAN), np.full(X.shape, NAN)
    upper[0, 0] = 4
    lower[2, 1], upper[2, 1] = 33, 50
    lower[4, 1], upper[4, 1] = 0, 100
    found = impute(X, Impute("mean"), Known(lower=lower, upper=upper))
    assert found.values[0, 0] == 4  # the mean is 8
    assert found.values[2, 1] == 33  # and here 32.5
    assert found.values[4, 1] == 32.5
    words = found.changes.table("impute", IDS, CODES).set_index(["area_id", "code"])["how"]
    assert words["a", "one"] == "mean, held within its bounds"
    assert words["c", "two"] == "mean, held within its bounds"
    assert words["e", "two"] == "mean"


def test_bounds_alone_are_no_value():
    bounds = np.full((2, 1), 3.0)
    found = impute(np.full((2, 1), NAN), Impute("mean"), Known(lower=bounds, upper=bounds))
    assert np.isnan(found.values).all()
    assert found.left.tolist() == [2]


def test_the_log_names_every_cell_with_its_status_before_and_its_value_after():
    status = np.where(np.isnan(X), "suppressed", "observed").astype(object)
    found = impute(X, Impute("median"), Known(status=status))
    log = found.changes.table("impute", IDS, CODES, status)
    assert list(log.columns) == list(LOG_COLUMNS)
    assert log.to_numpy().tolist()[0][:4] == ["impute", "a", "one", "suppressed"]
    assert sorted(zip(log["area_id"], log["code"], log["after"], strict=True)) == [
        ("a", "one", 5.0),
        ("c", "two", 30.0),
        ("e", "two", 30.0),
        ("f", "one", 5.0),
    ]
    assert log["before"].isna().all()
    assert len(joined_log([log, log.iloc[:0], log])) == 8
    assert list(joined_log([]).columns) == list(LOG_COLUMNS)


def test_what_was_given_is_not_changed():
    before = X.copy()
    for method in IMPUTATIONS:
        impute(X, Impute(method, by="m"), Known(links=LINKS, group=GROUP))
    np.testing.assert_array_equal(X, before)


def test_an_indicator_that_nobody_has_stays_empty_by_every_method():
    x = np.full((6, 1), NAN)
    for method in IMPUTATIONS:
        found = impute(x, Impute(method, by="m"), Known(links=LINKS, group=GROUP))
        assert np.isnan(found.values).all()
        assert found.left.tolist() == [6]


def test_a_method_without_what_it_takes_values_from_is_refused():
    with pytest.raises(UsageError, match="needs to know who is whose neighbour: give graph="):
        impute(X, Impute("neighbours"))
    for method in ("group", "parent"):
        with pytest.raises(UsageError, match=r"name the attribute in impute\.by, such as 'municipality'"):
            impute(X, Impute(method))
    with pytest.raises(UsageError, match="Did you mean 'median'"):
        impute(X, Impute("medain"))
