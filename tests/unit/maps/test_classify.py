"""Classes, their limits, and what is no class of values."""

import mapclassify
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lea_geo.maps.classify import as_shown, class_breaks, view_labels, view_values
from lea_geo.maps.palette import SEQUENTIAL, STYLES, sequential
from lea_geo.schema import Label, Status


def _view(values, status=None, decimals=1):
    series = pd.Series(values, dtype=float)
    return view_values(series, pd.Series(status or ["observed"] * len(values)), decimals=decimals)


def test_twenty_equal_steps_give_five_classes_of_four():
    view = _view(range(1, 21), decimals=0)
    assert [entry.count for entry in view.entries] == [4] * 5
    assert [(entry.lower, entry.upper) for entry in view.entries] == [
        (1, 4),
        (5, 8),
        (9, 12),
        (13, 16),
        (17, 20),
    ]


def test_halves_round_away_from_zero_as_browsers_do():
    # ECMA-402 NumberFormat's "halfExpand"; 0.15 is just below a half in binary, 0.25 is exactly one.
    assert as_shown([0.25, -0.25, 0.15, 2.5e-9], 1).tolist() == [0.3, -0.3, 0.1, 0.0]


def test_equal_values_never_part():
    view = _view([0.0] * 15 + [1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    assert len(set(view.codes[:15].tolist())) == 1
    assert sum(entry.count for entry in view.entries) == 21


def test_three_different_values_are_three_classes():
    view = _view([1, 1, 2, 2, 3])
    assert [entry.count for entry in view.entries] == [2, 2, 1]


def test_one_value_takes_the_middle_colour():
    (entry,) = _view([7, 7, 7]).entries
    assert (entry.lower, entry.upper, entry.style.fill) == (7, 7, SEQUENTIAL[2])


def test_no_value_at_all_leaves_only_patterns():
    view = _view([np.nan] * 3, ["missing", "suppressed", "suppressed"])
    assert [(entry.key, entry.count) for entry in view.entries] == [("suppressed", 2), ("missing", 1)]


@pytest.mark.parametrize("status", ["missing", "suppressed", "not_applicable"])
def test_a_status_without_value_is_a_class_of_its_own_even_beside_a_number(status):
    view = _view([1, 2, 3, 4], ["observed", "observed", "observed", status])
    assert view.entries[view.codes[3]].key == status
    assert sum(entry.count for entry in view.entries if entry.key.startswith("class.")) == 3


def test_infinity_is_undefined_and_stretches_no_class():
    view = _view([1, 2, np.inf])
    assert view.entries[view.codes[2]].key == Label.UNDEFINED
    assert max(entry.upper for entry in view.entries if entry.upper is not None) == 2


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60), st.integers(0, 3))
def test_every_area_lies_inside_the_range_that_its_legend_states(values, decimals):
    view = _view(values, decimals=decimals)
    shown = as_shown(values, decimals)
    for code, value in zip(view.codes, shown, strict=True):
        entry = view.entries[code]
        assert entry.lower <= value <= entry.upper
    assert sum(entry.count for entry in view.entries) == len(values)
    assert all(entry.count > 0 for entry in view.entries)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60))
def test_breaks_ascend_and_end_at_the_largest_value(values):
    breaks = class_breaks(np.asarray(values))
    assert (np.diff(breaks) > 0).all()
    assert breaks[-1] == max(values)
    assert len(breaks) <= 5


def test_lisa_colours_are_fixed_whichever_classes_occur():
    # The five colours of METHODS section 5, smallest CAM02-UCS difference 19.1 under any deficiency.
    expected = {
        Label.HIGH_HIGH: "#b2182b",
        Label.LOW_LOW: "#2166ac",
        Label.LOW_HIGH: "#80cdff",
        Label.HIGH_LOW: "#fdae61",
        Label.NOT_SIGNIFICANT: "#d9d9d9",
    }
    for labels in (["Low-Low"], ["High-High", "Not significant"], ["Isolate", "High-Low"]):
        status = pd.Series(["observed"] * len(labels))
        view = view_labels(pd.Series(labels), status, method="local_moran")
        colours = {entry.key: entry.style.fill for entry in view.entries if not entry.style.pattern}
        assert colours == {str(key): colour for key, colour in expected.items()}


def test_a_label_of_a_suppressed_area_shows_as_suppressed():
    view = view_labels(
        pd.Series(["High-High", None]), pd.Series(["suppressed", "observed"]), method="local_moran"
    )
    assert [view.entries[code].key for code in view.codes] == ["suppressed", "Undefined"]


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
