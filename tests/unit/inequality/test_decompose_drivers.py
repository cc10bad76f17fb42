"""Gaps, concentration and variance taken apart by drivers."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pandas as pd
import pytest

import lea_geo as lea


def world(seed=3, n=60):
    random = np.random.default_rng(seed)
    ids = [f"{at:03d}" for at in range(n)]
    x = random.normal(0, 1, (n, 3))
    x[:, 1] += 0.8 * x[:, 0]
    drivers = pd.DataFrame(x, index=ids, columns=["one", "two", "three"])
    values = pd.Series(20 + 2 * x[:, 0] - x[:, 1] + random.normal(0, 1, n), index=ids)
    first = pd.Series(np.arange(n) < n // 3, index=ids)
    return values, drivers, first, pd.Series(random.uniform(10, 100, n), index=ids)


def test_a_gap_that_drivers_make_is_explained_and_the_rest_is_not():
    """Values are 3 times the driver, and 2 more in the first group, without any noise."""
    ids = list("abcdefgh")
    driver = pd.Series([1.0, 2, 3, 5, 1, 1, 2, 4], index=ids)
    first = pd.Series([True] * 4 + [False] * 4, index=ids)
    found = lea.decompose_gap(3 * driver + 2 * first, driver.to_frame("driver"), first, runs=19)
    assert found.parts["value"].to_dict() == pytest.approx(
        {"explained": 3 * (11 / 4 - 8 / 4), "unexplained": 2, "total": 4.25}
    )
    assert found.table["coefficient"]["driver"] == pytest.approx(3)
    assert found.table["unexplained"]["constant"] == pytest.approx(2)


@pytest.mark.parametrize("reference", ["pooled", "without_group", "first", "second", "average"])
def test_the_parts_of_a_gap_add_up_to_it(reference):
    values, drivers, first, people = world()
    found = lea.decompose_gap(values, drivers, first, population=people, reference=reference, runs=19)
    gap = np.average(values[first], weights=people[first]) - np.average(
        values[~first], weights=people[~first]
    )
    assert found.value == pytest.approx(gap)
    assert found.table["explained"].sum() == pytest.approx(found.parts["value"]["explained"])
    assert found.table["unexplained"].sum() == pytest.approx(found.parts["value"]["unexplained"])
    assert found.parts["value"][["explained", "unexplained"]].sum() == pytest.approx(gap)


def test_an_area_that_lacks_something_is_left_out_and_said_so():
    values, drivers, first, _ = world()
    drivers.loc["005", "two"] = np.nan
    found = lea.decompose_gap(values, drivers, first, runs=19)
    whole = lea.decompose_gap(values.drop("005"), drivers.drop("005"), first.drop("005"), runs=19)
    assert found.left_out == ("005",)
    assert "Areas left out because something is not known: 1 of 60." in found.notes
    pd.testing.assert_frame_equal(found.table, whole.table)


def test_a_group_with_too_few_areas_has_sums_only():
    values, drivers, _, _ = world()
    first = pd.Series(np.arange(60) < 3, index=values.index)
    found = lea.decompose_gap(values, drivers, first, runs=19)
    assert found.table["unexplained"].isna().all()
    assert np.isfinite(found.parts["value"]).all()
    assert any("too few areas for a regression of its own" in note for note in found.notes)


def test_the_interval_of_a_gap_is_that_of_two_means():
    """Percentile bootstrap beside 1.96 standard errors of a difference of two means."""
    values, drivers, first, _ = world(n=200)
    found = lea.decompose_gap(values, drivers, first, runs=499)
    error = np.sqrt(values[first].var() / first.sum() + values[~first].var() / (~first).sum())
    assert found.interval[1] - found.interval[0] == pytest.approx(2 * 1.96 * error, rel=0.15)


def test_a_concentration_index_is_what_its_drivers_and_the_residual_add():
    values, drivers, _, people = world()
    for form in ("none", "erreygers", "wagstaff"):
        found = lea.decompose_concentration(
            values, drivers["one"], drivers, population=people, correction=form, bounds=(0, 40), runs=19
        )
        bounds = {} if form == "none" else {"correction": form, "bounds": (0, 40)}
        told = lea.concentration_index(values, people, drivers["one"], **bounds)
        assert found.value == pytest.approx(told.value), form
        assert found.table["contribution"].sum() == pytest.approx(found.value), form
        assert found.table["share"].sum() == pytest.approx(1), form
        assert found.interval[0] <= found.value <= found.interval[1], form


def test_the_concentration_index_of_six_areas_is_that_of_a_hand_calculation():
    """Ranks 1/12 to 11/12 and values 6 to 1: C = 2 cov(h, R) / mean h."""
    ids = list("abcdef")
    values = pd.Series([6.0, 5, 4, 3, 2, 1], index=ids)
    rank = pd.Series([1.0, 2, 3, 4, 5, 6], index=ids)
    driver = pd.DataFrame({"driver": [1.0, 4, 2, 3, 2, 2]}, index=ids)
    found = lea.decompose_concentration(values, rank, driver, runs=19)
    ranks = (np.arange(6) + 0.5) / 6
    covariance = np.mean((values.to_numpy() - 3.5) * (ranks - 0.5))
    assert found.value == pytest.approx(2 * covariance / 3.5)
    assert found.table["elasticity"]["driver"] == pytest.approx(
        found.table["coefficient"]["driver"] * (14 / 6) / 3.5
    )


def test_equal_ranks_are_shared():
    values, drivers, _, people = world()
    flat = pd.Series(1.0, index=values.index)
    found = lea.decompose_concentration(values, flat, drivers, population=people, runs=19)
    assert found.value == pytest.approx(0, abs=1e-12)


def test_shares_of_r_squared_are_means_over_all_orders_of_drivers():
    """All six orders of three drivers, each R squared by least squares."""
    values, drivers, _, _ = world()
    y = values.to_numpy() - values.mean()

    def explained(chosen):
        if not chosen:
            return 0.0
        x = drivers[list(chosen)].to_numpy()
        x = x - x.mean(axis=0)
        rest = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
        return 1 - (rest @ rest) / (y @ y)

    shares = dict.fromkeys(drivers, 0.0)
    for order in permutations(drivers):
        for at, driver in enumerate(order):
            shares[driver] += (explained(order[: at + 1]) - explained(order[:at])) / 6
    found = lea.decompose_variance(values, drivers, runs=19)
    assert found.table["share"].to_dict() == pytest.approx(shares)
    assert found.table["alone"]["one"] == pytest.approx(explained(("one",)))
    assert found.table["last"]["one"] == pytest.approx(
        explained(("one", "two", "three")) - explained(("two", "three"))
    )
    assert found.table["share"].sum() == pytest.approx(found.value)


def test_the_order_of_drivers_and_areas_changes_no_share():
    values, drivers, _, people = world()
    one = lea.decompose_variance(values, drivers, population=people, runs=19)
    other = lea.decompose_variance(
        values.iloc[::-1], drivers[["three", "two", "one"]], population=people, runs=19
    )
    assert other.table["share"].to_dict() == pytest.approx(one.table["share"].to_dict())


def test_every_result_says_that_it_shows_no_cause():
    values, drivers, first, _ = world()
    results = (
        lea.decompose_gap(values, drivers, first, runs=19),
        lea.decompose_concentration(values, drivers["one"], drivers, runs=19),
        lea.decompose_variance(values, drivers, runs=19),
    )
    assert all("no cause" in result.notes[0] for result in results)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"three": 1.0}, "drivers that are the same everywhere: 1 of 3 (three)"),
        ({"three": lambda table: table["one"] + table["two"]}, "drivers that are sums of others"),
    ],
)
def test_drivers_that_cannot_be_told_apart_are_refused(changes, said):
    values, drivers, first, _ = world()
    with pytest.raises(lea.LeaGeoError) as refusal:
        lea.decompose_gap(values, drivers.assign(**changes), first)
    assert said in str(refusal.value)


def test_the_first_group_is_told_by_true_and_false():
    values, drivers, first, _ = world()
    words = pd.Series(np.where(first, "east", "west"), index=first.index)
    with pytest.raises(lea.LeaGeoError, match="first holds 'east'"):
        lea.decompose_gap(values, drivers, words)
    numbers = lea.decompose_gap(values, drivers, first.astype(int), runs=19)
    pd.testing.assert_frame_equal(numbers.table, lea.decompose_gap(values, drivers, first, runs=19).table)
    unknown = lea.decompose_gap(values, drivers, first.astype("object").where(first.index != "005"), runs=19)
    assert unknown.left_out == ("005",)


def test_too_few_areas_or_too_many_drivers_are_refused():
    values, drivers, first, people = world(n=5)
    with pytest.raises(lea.LeaGeoError, match="with 3 drivers at least 6"):
        lea.decompose_variance(values, drivers)
    values, drivers, first, people = world()
    many = pd.DataFrame(np.random.default_rng(1).normal(size=(60, 11)), index=values.index)
    with pytest.raises(lea.LeaGeoError, match="at most 10 can be taken in all orders"):
        lea.decompose_variance(values, many)
    with pytest.raises(lea.LeaGeoError, match="inside and outside the group: 60 and 0"):
        lea.decompose_gap(values, drivers, first | True)
    with pytest.raises(lea.LeaGeoError, match="negative population"):
        lea.decompose_gap(values, drivers, first, population=-people)
    with pytest.raises(lea.LeaGeoError, match="needs a mean above 0"):
        lea.decompose_concentration(values - 100, drivers["one"], drivers)
    with pytest.raises(lea.LeaGeoError, match="bounds is"):
        lea.decompose_concentration(values, drivers["one"], drivers, correction="erreygers", bounds=(0, 1))
