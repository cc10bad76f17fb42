"""Rates and means of few people: printed, and found by adding and subtracting."""

from dataclasses import replace

import pytest
from hand_claims import claims, strips
from small_findings import indicator

from lea_geo.disclosure.attack.audit import narrow
from lea_geo.disclosure.attack.counted import counts_of
from lea_geo.disclosure.attack.details import detail_rows
from lea_geo.disclosure.attack.evidence import gather
from lea_geo.disclosure.attack.group_details import group_rows
from lea_geo.disclosure.attack.reconstruct import Grounds, counts
from lea_geo.disclosure.rules import Threshold, load_profile

RULES = replace(load_profile("findata", minimum_count=5), minimum_denominator=30)
TWO = {"postal": strips("ab"), "other": strips("pqr")}
"""Two halves and three thirds, from west to east: a is p and a part of q."""


def found(given, rules=RULES):
    evidence = gather(given)
    narrow(evidence)
    held = counts_of(evidence)
    every = list(counts(evidence, held))
    return [*detail_rows(evidence, held, rules), *group_rows(every, evidence, Grounds(), rules)]


def test_a_rate_of_too_few_people_is_unsafe_even_where_it_is_zero():
    told = {("poor", "value"): [0.0, 10.0, 20.0], ("poor", "numerator"): [0, 10, 20]}
    told |= {("poor", "denominator"): [29, 100, 100]}
    rows = found(claims({"postal": strips("abc")}, {"postal": told}))
    assert [(row.area_id, row.rule, row.lower, row.upper) for row in rows] == [("a", "denominator", 0, 0)]
    assert "born is known to be 29, fewer than 30" in rows[0].recipe


def test_nobody_is_not_too_few():
    told = {("poor", "denominator"): [0, 100], ("poor", "numerator"): [0, 10]}
    assert found(claims({"postal": strips("ab")}, {"postal": told})) == []


def test_a_median_of_a_group_below_its_threshold_is_unsafe():
    income = indicator(
        "income", "Income", numerator=(), denominator=(), field="hr_mtu", unit="euro", scale=1.0
    )
    people = indicator(
        "people", "People", numerator=(), denominator=(), field="hr_tuy", unit="persons", scale=1.0
    )
    rules = replace(RULES, thresholds=(Threshold("hr_tuy", 30, ("hr_*",), keeps=("hr_tuy",)),))
    told = {("income", "value"): [21_000, 23_000], ("people", "value"): [12, 300]}
    rows = found(claims({"postal": strips("ab")}, {"postal": told}, indicators=(income, people)), rules)
    assert [(row.area_id, row.rule, row.lower) for row in rows] == [("a", "threshold", 21_000)]


def test_a_rate_of_the_few_in_whom_two_kinds_of_areas_differ_is_found():
    # a less p: 60 - 40 = 20 children, of whom 12 - 5 = 7 are poor. 7 is no small count, but 20 are too few.
    numbers = {
        "postal": {("poor", "denominator"): [60, 80], ("poor", "numerator"): [12, 30]},
        "other": {("poor", "denominator"): [40, 50, 50], ("poor", "numerator"): [5, 17, 20]},
    }
    rows = found(claims(TWO, numbers))
    told = {(row.geography, row.area_id): (row.lower, row.upper, row.rule) for row in rows}
    assert told["groups", "other q & postal a"] == (7, 7, "denominator")
    assert all("subtract" in row.recipe for row in rows)


def test_a_mean_of_the_few_in_whom_two_kinds_of_areas_differ_is_found():
    # a: 42 people with 10 each; p: 40 with 9.5. The two in between have 420 - 380 = 40, so 20 each.
    mean = indicator("mean", "Mean", numerator=("sum",), denominator=("born",), unit="euro", scale=1.0)
    numbers = {
        "postal": {("mean", "denominator"): [42, 80], ("mean", "value"): [10.0, 12.0]},
        "other": {("mean", "denominator"): [40, 32, 50], ("mean", "value"): [9.5, (1, 90), (1, 90)]},
    }
    rows = found(claims(TWO, numbers, indicators=(mean,)))
    told = {(row.geography, row.area_id): row for row in rows}
    row = told["groups", "other q & postal a"]
    assert row.lower == pytest.approx(20, rel=1e-6)
    assert row.upper == pytest.approx(20, rel=1e-6)
    assert "means_medians" in row.attacks


def test_means_that_are_rounded_too_far_tell_nothing_of_few():
    mean = indicator("mean", "Mean", numerator=("sum",), denominator=("born",), unit="euro", scale=1.0)
    numbers = {
        "postal": {("mean", "denominator"): [42, 80], ("mean", "value"): [(9.5, 10.5), (11.5, 12.5)]},
        "other": {("mean", "denominator"): [40, 32, 50], ("mean", "value"): [(9, 10), (1, 90), (1, 90)]},
    }
    assert found(claims(TWO, numbers, indicators=(mean,))) == []


def test_what_is_always_visible_is_no_detail():
    told = {("poor", "denominator"): [12, 100], ("poor", "numerator"): [6, 10]}
    rules = replace(RULES, always_visible=("poor",))
    given = claims({"postal": strips("ab")}, {"postal": told})
    assert found(given, rules) == []
    assert [row.rule for row in found(given)] == ["denominator"]
