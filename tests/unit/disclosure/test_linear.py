"""Bounds under linear conditions: worked by hand, by full enumeration, and where they contradict."""

from itertools import product

import numpy as np
import pytest
from scipy import sparse

from lea_geo.disclosure.prove.linear import LinearSystem, bounds, contradictions
from lea_geo.disclosure.published import NO_LIMIT
from lea_geo.errors import ContradictionError, UsageError


def system(rows, lower, upper, *, least=0, most=np.inf, integer=True, **ids):
    matrix = sparse.csr_array(np.array(rows, dtype=float))
    n = matrix.shape[1]
    return LinearSystem(
        matrix,
        np.array(lower, dtype=float),
        np.array(upper, dtype=float),
        np.broadcast_to(np.array(least, dtype=float), n),
        np.broadcast_to(np.array(most, dtype=float), n),
        np.broadcast_to(np.array(integer, dtype=bool), n),
        **ids,
    )


def each(of):
    return sparse.csr_array(np.eye(of.matrix.shape[1]))


def proved(of, targets=None, **options):
    lower, upper, exact = bounds(of, each(of) if targets is None else sparse.csr_array(targets), **options)
    return list(zip(lower.tolist(), upper.tolist(), exact.tolist(), strict=True))


def enumerated(of, targets):
    tables = np.array(
        list(product(*(np.arange(lo, hi + 1) for lo, hi in zip(of.least, of.most, strict=True))))
    )
    sums = tables @ of.matrix.toarray().T
    agree = np.all((sums >= of.lower - 1e-9) & (sums <= of.upper + 1e-9), axis=1)
    values = tables[agree] @ np.asarray(targets).T
    return (values.min(axis=0), values.max(axis=0)) if agree.any() else None


def test_four_hidden_cells_of_a_two_way_table_lie_between_what_its_margins_leave():
    # Rows 20 and 30, of which 12 and 14 are published; columns 10 and 14 of what is hidden: a + b = 8,
    # c + d = 16, a + c = 10, b + d = 14. So b = 8 - a, c = 10 - a, d = 6 + a, all >= 0: a is 0..8.
    two_way = system(
        [[1, 1, 0, 0], [0, 0, 1, 1], [1, 0, 1, 0], [0, 1, 0, 1]], [8, 16, 10, 14], [8, 16, 10, 14]
    )
    assert proved(two_way) == [(0, 8, True), (0, 8, True), (2, 10, True), (6, 14, True)]


def test_one_hidden_neighbour_follows_from_a_printed_spatial_lag():
    # Mean of four neighbours 3.25, two decimals: their sum is 12.98..13.02, so 13; three are known: 4, 2, 5.
    lag = system([[0.25] * 4], [3.245], [3.255], least=[4, 2, 5, 0], most=[4, 2, 5, np.inf])
    assert proved(lag)[3] == (2, 2, True)


def test_a_lag_printed_with_no_decimals_leaves_an_interval():
    # Mean printed as 3: sum 10..14 (2.5..3.5 times 4); known 11, so the fourth is 0..3.
    lag = system([[0.25] * 4], [2.5], [3.5], least=[4, 2, 5, 0], most=[4, 2, 5, np.inf])
    assert proved(lag)[3] == (0, 3, True)


def test_thirds_add_up_to_a_whole_in_spite_of_rounding():
    third = system([[1 / 3] * 3], [1.0], [1.0], most=3)
    assert proved(third, [[1, 1, 1], [1, 0, 0]]) == [(3, 3, True), (0, 3, True)]


def test_whole_numbers_say_more_than_halves_would():
    # 2x + 2y = 4 and x + 2z = 3: x is 1 (odd, at most 2), though 3 - 2z lets real numbers range over 0..2.
    odd = [[2, 2, 0], [1, 0, 2]]
    assert proved(system(odd, [4, 3], [4, 3]))[0] == (1, 1, True)
    assert proved(system(odd, [4, 3], [4, 3], integer=False))[0] == pytest.approx((0, 2, True), abs=1e-6)


def test_counts_of_millions_are_exact_to_one_person():
    # x + y = 5 000 001, x - y between -1 and 1: 2 500 000 or 2 500 001.
    large = system([[1, 1], [1, -1]], [5_000_001, -1], [5_000_001, 1])
    assert proved(large) == [(2_500_000, 2_500_001, True)] * 2


def test_what_no_row_holds_has_no_limit():
    free = system([[1, 1, 0], [1, -1, 0]], [2, -np.inf], [np.inf, np.inf])
    assert proved(free) == [(0, np.inf, True)] * 3


def test_the_mark_of_an_unknown_limit_is_no_number():
    rows = [[1, 1, 0], [1, -1, 0]]
    marked = system(rows, [2, -np.inf], [NO_LIMIT, NO_LIMIT], most=NO_LIMIT)
    assert proved(marked) == [(0, np.inf, True)] * 3


def test_a_sum_over_parts_that_share_no_row_adds_their_bounds():
    # x + y = 3 and, apart, u + v = 4 with u >= 1: x + u is 0 + 1 .. 3 + 4.
    apart = system([[1, 1, 0, 0], [0, 0, 1, 1]], [3, 4], [3, 4], least=[0, 0, 1, 0])
    assert proved(apart, [[1, 0, 1, 0], [1, 1, 1, 1], [0, 0, 0, 0]]) == [
        (1, 7, True),
        (7, 7, True),
        (0, 0, True),
    ]


def test_bounds_beyond_what_is_enough_are_cut_there():
    apart = system([[1, 1, 0, 0], [0, 0, 1, 1]], [30, 4], [30, 4])
    assert proved(apart, enough=(1, 10)) == [(1, 10, True)] * 2 + [(1, 4, True)] * 2


def test_an_incomplete_search_gives_wider_bounds_and_says_so():
    # 14x + 9y + 6z + 11w = 29 has three solutions: 14 + 9 + 6, 9 + 9 + 11 and 6 + 6 + 6 + 11.
    knapsack = system([[14, 9, 6, 11]], [29], [29], most=3)
    exact = proved(knapsack)
    held = proved(knapsack, seconds=1e-9)
    assert exact == [(0, 1, True), (0, 2, True), (0, 3, True), (0, 1, True)]
    assert not all(reached for *_, reached in held)
    for (low, high, _), (held_low, held_high, _) in zip(exact, held, strict=True):
        assert held_low <= low <= high <= held_high


def test_numbers_that_no_table_can_be_behind_are_named_and_not_bounded():
    # The two columns add up to 9, the two rows to 8: one of four has to give way.
    clash = system(
        [[1, 1, 0, 0], [0, 0, 1, 1], [1, 0, 1, 0], [0, 1, 0, 1], [0, 0, 0, 1]],
        [4, 4, 5, 4, 1],
        [4, 4, 5, 4, 3],
        row_ids=("row 1", "row 2", "column 1", "column 2", "corner"),
    )
    with pytest.raises(ContradictionError, match="conditions that cannot hold together: 1 of 5"):
        bounds(clash, each(clash))
    (named,) = contradictions(clash)
    assert named in {"row 1", "row 2", "column 1", "column 2"}


def test_a_contradiction_of_whole_numbers_alone_is_found():
    even = system([[2, 2], [1, -1]], [6, 0], [6, 0], row_ids=("sum", "difference"))  # x = y = 1.5
    assert set(contradictions(even)) <= {"sum", "difference"}
    assert contradictions(even)


def test_a_contradiction_elsewhere_does_not_touch_the_bounds_of_another_part():
    apart = system(
        [[1, 1, 0, 0, 0], [0, 0, 1, 1, 0], [0, 0, 1, 0, 1], [0, 0, 0, 1, 1]],
        [3, 3, 3, 3],
        [3, 3, 3, 3],
    )  # 3 + 3 + 3 = 9 is twice the sum of the last three: no whole number
    assert proved(apart, [[1, 0, 0, 0, 0]]) == [(0, 3, True)]
    with pytest.raises(ContradictionError):
        bounds(apart, each(apart))


def test_an_unknown_that_can_be_nothing_names_its_row():
    empty = system([[1, 1]], [3], [3], least=[2, 0], most=[1, 3], row_ids=("postal 00100",))
    assert contradictions(empty) == ("postal 00100",)


def test_consistent_numbers_contradict_nothing():
    assert contradictions(system([[1, 1], [1, 0]], [3, 1], [3, 2])) == ()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"lower": np.zeros(2)}, "lower has the shape"),
        ({"most": np.array([np.nan, 1.0])}, "most holds NaN"),
        ({"row_ids": ("a", "b")}, "row_ids holds 2 names; there are 1 rows"),
        ({"matrix": sparse.csr_array([[np.inf, 1.0]])}, "no number"),
    ],
)
def test_parts_that_do_not_fit_are_refused(change, says):
    fine = system([[1, 1]], [3], [3])
    with pytest.raises(UsageError, match=says):
        LinearSystem(**(vars(fine) | change))


def test_targets_and_limits_that_make_no_sense_are_refused():
    fine = system([[1, 1]], [3], [3])
    with pytest.raises(UsageError, match="3 columns; the system has 2"):
        bounds(fine, sparse.csr_array(np.eye(3)))
    with pytest.raises(UsageError, match="seconds"):
        bounds(fine, each(fine), seconds=0)


def drawn(rng):
    """Return a small system around a table, with floats now and then, and sometimes a contradiction."""
    n_rows, n = rng.integers(1, 5), rng.integers(2, 6)
    matrix = rng.integers(-1, 3, (n_rows, n)) * (rng.random((n_rows, n)) < 0.7)
    if rng.random() < 0.4:
        matrix = matrix * np.round(rng.random(matrix.shape), 2)
    most = rng.integers(0, 5, n)
    least = np.minimum(rng.integers(0, 2, n), most)
    sums = matrix @ rng.integers(least, most + 1)
    width = rng.choice([0, 0, 0.5, 1], n_rows)
    off = rng.integers(0, 2, n_rows) * (rng.random() < 0.1)
    return system(matrix, sums - width + off, sums + width + off, least=least, most=most)


def test_bounds_of_small_systems_are_those_of_all_tables():
    rng = np.random.default_rng(7)
    n_infeasible = 0
    for _ in range(250):
        small = drawn(rng)
        n = small.matrix.shape[1]
        targets = np.vstack([np.eye(n), rng.integers(0, 2, n)])
        expected = enumerated(small, targets)
        if expected is None:
            n_infeasible += 1
            assert contradictions(small)
            continue
        lower, upper, exact = bounds(small, sparse.csr_array(targets))
        assert exact.all()
        assert np.allclose(lower, expected[0])
        assert np.allclose(upper, expected[1])
    assert n_infeasible > 3
