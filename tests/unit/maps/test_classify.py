"""Classes of values, their limits, and what is no class of values."""

import mapclassify
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lea_geo._classes import as_shown, class_breaks, value_classes
from lea_geo._colours import SEQUENTIAL, STYLES, sequential
from lea_geo.schema import Label, Status


def _frame(values, status=None):
    return pd.DataFrame(
        {"value": pd.Series(values, dtype=float), "status": status or ["observed"] * len(values)}
    )


def _ranges(*frames, decimals=1):
    return [(one.lower, one.upper) for one in value_classes(frames, decimals=decimals)]


def test_twenty_equal_steps_give_five_classes_of_four():
    expected = [(1, 4), (5, 8), (9, 12), (13, 16), (17, 20)]
    assert _ranges(_frame(range(1, 21)), decimals=0) == expected


def test_halves_round_away_from_zero_as_browsers_do():
    # ECMA-402 NumberFormat's "halfExpand"; 0.15 is just below a half in binary, 0.25 is exactly one.
    assert as_shown([0.25, -0.25, 0.15, 2.5e-9], 1).tolist() == [0.3, -0.3, 0.1, 0.0]


def test_equal_values_never_part():
    assert _ranges(_frame([0.0] * 15 + [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]))[0] == (0, 0)


def test_three_different_values_are_three_classes():
    assert _ranges(_frame([1, 1, 2, 2, 3])) == [(1, 1), (2, 2), (3, 3)]


def test_one_value_takes_the_middle_colour():
    (one,) = value_classes([_frame([7, 7, 7])], decimals=1)
    assert (one.lower, one.upper, one.fill) == (7, 7, SEQUENTIAL[2])


def test_no_value_at_all_has_no_classes():
    assert _ranges(_frame([np.nan] * 3, ["missing", "suppressed", "suppressed"])) == []
    assert _ranges() == []


@pytest.mark.parametrize("status", ["missing", "suppressed", "not_applicable"])
def test_a_number_beside_a_status_without_value_is_in_no_class(status):
    assert _ranges(_frame([1, 2, 3, 4], ["observed", "observed", "observed", status]))[-1] == (3, 3)


def test_infinity_stretches_no_class():
    assert _ranges(_frame([1, 2, np.inf])) == [(1, 1), (2, 2)]


def test_years_share_their_classes():
    early, late = _frame([1, 2, 3]), _frame([4, 5, np.nan], ["observed", "observed", "missing"])
    assert _ranges(early, late) == [(k, k) for k in range(1, 6)]


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60), st.integers(0, 3))
def test_every_shown_value_lies_in_exactly_one_class(values, decimals):
    ranges = _ranges(_frame(values), decimals=decimals)
    for value in as_shown(values, decimals):
        assert sum(lower <= value <= upper for lower, upper in ranges) == 1
    shown = set(as_shown(values, decimals).tolist())
    assert all({lower, upper} <= shown for lower, upper in ranges)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60))
def test_breaks_ascend_and_end_at_the_largest_value(values):
    breaks = class_breaks(np.asarray(values))
    assert (np.diff(breaks) > 0).all()
    assert breaks[-1] == max(values)
    assert len(breaks) <= 5


def test_lisa_colours_are_those_that_were_measured():
    # The five colours of METHODS section 5, smallest CAM02-UCS difference 19.1 under any deficiency.
    expected = {
        Label.HIGH_HIGH: "#b2182b",
        Label.LOW_LOW: "#2166ac",
        Label.LOW_HIGH: "#80cdff",
        Label.HIGH_LOW: "#fdae61",
        Label.NOT_SIGNIFICANT: "#d9d9d9",
    }
    assert {label: STYLES[label].fill for label in expected} == expected


def test_what_is_no_value_is_a_pattern_and_never_a_colour_of_a_scale():
    colours = {*SEQUENTIAL, *(style.fill for style in STYLES.values() if not style.pattern)}
    no_value = [Status.MISSING, Status.SUPPRESSED, Status.NOT_APPLICABLE, Label.ISOLATE, Label.UNDEFINED]
    assert all(STYLES[key].pattern and STYLES[key].fill not in colours for key in no_value)
    assert len({STYLES[key].pattern for key in no_value}) == len(no_value)


@pytest.mark.parametrize("n", range(6))
def test_fewer_classes_still_reach_both_ends_of_the_scale(n):
    colours = sequential(n)
    assert len(set(colours)) == n
    if n > 1:
        assert (colours[0], colours[-1]) == (SEQUENTIAL[0], SEQUENTIAL[-1])


def test_the_classes_are_mapclassify_s_quantiles():
    # mapclassify 2.10, which pysal brings: a second opinion on values without ties.
    values = np.random.default_rng(5).permutation(np.arange(137) ** 1.5)
    theirs = mapclassify.Quantiles(values, k=5)
    assert np.array_equal(np.searchsorted(class_breaks(values), values), theirs.yb)
