"""Screening, by hand on four areas and four indicators."""

import numpy as np
import pandas as pd
import pytest

from lea_geo.composite.screen import AREA_COLUMNS, INDICATOR_COLUMNS, screen
from lea_geo.composite_spec import Screen
from lea_geo.errors import UsageError

NAN = np.nan
CODES = ("full", "gaps", "zeros", "ties")
IDS = pd.Index(["a", "b", "c", "d"], name="area_id")
X = np.array([[1, NAN, 0, 7], [2, NAN, 0, 7], [3, 5, 0, 7], [4, 6, 9, NAN]], dtype=float)


def test_the_shares_are_those_counted_by_hand():
    found = screen(X, Screen(), codes=CODES, ids=IDS)
    assert list(found.indicators.columns) == list(INDICATOR_COLUMNS)
    assert found.indicators["values"].tolist() == [4, 2, 4, 3]
    assert found.indicators["available"].tolist() == [1, 0.5, 1, 0.75]
    assert found.indicators["zeros"].tolist() == [0, 0, 0.75, 0]
    assert found.indicators["ties"].tolist() == [0.25, 0.5, 0.75, 1]
    assert list(found.areas.columns) == list(AREA_COLUMNS)
    assert found.areas["available"].tolist() == [0.75, 0.75, 1, 0.75]
    np.testing.assert_allclose(found.areas["zeros"], [1 / 3, 1 / 3, 1 / 4, 0])


def test_by_default_nothing_fails_and_nothing_is_said():
    found = screen(X, Screen(), codes=CODES, ids=IDS)
    assert (found.indicators["fails"] == "").all()
    assert (found.areas["fails"] == "").all()
    assert found.notes == ()
    assert found.excluded == ()


def test_what_fails_is_told_with_its_share_and_its_limit_and_is_kept():
    found = screen(X, Screen(available=0.7, zeros=0.6, ties=0.9), codes=CODES, ids=IDS)
    assert found.indicators["fails"].tolist() == [
        "",
        "50.0 % of areas have a value, fewer than 70 %",
        "75.0 % of values are 0, more than 60 %",
        "100.0 % of values are one and the same, more than 90 %",
    ]
    assert found.excluded == ()
    assert found.notes[0] == "gaps: 50.0 % of areas have a value, fewer than 70 %. It is kept."


def test_only_on_request_is_anything_left_out_and_then_areas_are_counted_over_the_rest():
    found = screen(X, Screen(available=0.7, area_available=0.9, exclude=True), codes=CODES, ids=IDS)
    assert found.excluded == ("gaps",)
    assert found.areas["available"].tolist() == [1, 1, 1, 2 / 3]
    assert found.areas["excluded"].tolist() == [False, False, False, True]
    assert "gaps: 50.0 % of areas have a value, fewer than 70 %. It is left out." in found.notes
    assert "Areas with too few values or too many zeros, which get no score: 1 (d)." in found.notes


def test_two_reasons_are_both_told():
    found = screen(X, Screen(zeros=0.5, ties=0.5), codes=CODES, ids=IDS)
    assert found.indicators["fails"]["zeros"] == (
        "75.0 % of values are 0, more than 50 %; 75.0 % of values are one and the same, more than 50 %"
    )


def test_what_does_not_apply_is_counted_apart():
    status = np.full(X.shape, "observed", dtype=object)
    status[0, 1] = "not_applicable"
    found = screen(X, Screen(), codes=CODES, ids=IDS, status=status)
    assert found.indicators["not_applicable"].tolist() == [0, 1, 0, 0]


def test_an_indicator_without_a_value_has_no_share_of_zeros():
    found = screen(np.full((4, 1), NAN), Screen(available=0.1, zeros=0.5), codes=["none"], ids=IDS)
    assert np.isnan(found.indicators["zeros"]["none"])
    assert found.indicators["fails"]["none"] == "0.0 % of areas have a value, fewer than 10 %"


def test_a_limit_that_is_no_share_is_refused():
    with pytest.raises(UsageError, match=r"screen\.zeros is 40; it must be a share from 0 to 1\."):
        screen(X, Screen(zeros=40), codes=CODES, ids=IDS)
