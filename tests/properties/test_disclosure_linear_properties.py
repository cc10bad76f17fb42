"""Bounds under linear conditions: what must hold whatever the conditions are."""

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import sparse

from lea_geo.disclosure.prove.linear import LinearSystem, bounds, contradictions

few = settings(max_examples=20, deadline=None)
weights = arrays.arrays(
    np.float64, (3, 4), elements=st.sampled_from([0.0, 0.0, 1.0, 1.0, 2.0, -1.0, 0.25, 0.1])
)
tables = arrays.arrays(np.int64, 4, elements=st.integers(0, 9))
widths = arrays.arrays(np.float64, 3, elements=st.sampled_from([0.0, 0.05, 0.5, 3.0, np.inf]))


def around(matrix, table, width, *, most=20.0, integer=True):
    """Return conditions that a table fulfils."""
    sums = matrix @ table
    return LinearSystem(
        sparse.csr_array(matrix),
        sums - width,
        sums + width,
        np.zeros(4),
        np.full(4, most),
        np.full(4, integer),
    )


@few
@given(weights, tables, widths, st.booleans(), st.sampled_from([20.0, np.inf]))
def test_bounds_hold_the_table_that_the_conditions_were_made_of(matrix, table, width, integer, most):
    system = around(matrix, table, width, integer=integer, most=most)
    assert contradictions(system) == ()
    lower, upper, exact = bounds(system, sparse.csr_array(np.eye(4)))
    assert exact.all()
    assert np.all(lower <= table + 1e-5)
    assert np.all(table <= upper + 1e-5)


@few
@given(weights, tables, widths)
def test_whole_numbers_never_range_wider_than_real_ones(matrix, table, width):
    every = sparse.csr_array(np.eye(4))
    whole = bounds(around(matrix, table, width), every)
    real = bounds(around(matrix, table, width, integer=False), every)
    assert np.all(whole.lower >= real.lower - 1e-5)
    assert np.all(whole.upper <= real.upper + 1e-5)


@few
@given(weights, tables, widths, st.sampled_from([0.001, 3.0, 1e6]))
def test_the_unit_of_a_condition_does_not_matter(matrix, table, width, unit):
    every = sparse.csr_array(np.eye(4))
    system = around(matrix, table, width)
    other = replace(system, matrix=system.matrix * unit, lower=system.lower * unit, upper=system.upper * unit)
    for one, two in zip(bounds(system, every), bounds(other, every), strict=True):
        assert np.array_equal(one, two)


@few
@given(weights, tables, widths, st.integers(0, 2))
def test_who_knows_a_number_better_proves_no_less(matrix, table, width, row):
    every = sparse.csr_array(np.eye(4))
    better = width.copy()
    better[row] = 0.0
    wide, narrow = bounds(around(matrix, table, width), every), bounds(around(matrix, table, better), every)
    assert np.all(narrow.lower >= wide.lower)
    assert np.all(narrow.upper <= wide.upper)


@few
@given(weights, tables, widths, st.tuples(st.integers(0, 9), st.integers(10, 25)))
def test_what_is_enough_cuts_bounds_and_changes_none_below(matrix, table, width, enough):
    every = sparse.csr_array(np.eye(4))
    system = around(matrix, table, width)
    lower, upper, _ = bounds(system, every)
    cut = bounds(system, every, enough=enough)
    assert cut.exact.all()
    assert np.array_equal(cut.lower, np.maximum(lower, enough[0]))
    assert np.array_equal(cut.upper, np.minimum(upper, enough[1]))
