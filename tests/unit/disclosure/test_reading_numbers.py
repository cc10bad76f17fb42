"""The interval that a printed number stands for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lea_geo._classes import whole_numbers
from lea_geo.disclosure.attack.reading.numbers import printed_interval, printed_numbers, stands_for
from lea_geo.disclosure.attack.reading.packed import unfold, unpack_numbers, unpack_varints, unpack_words
from lea_geo.maps.encode import encode_numbers, encode_words, pack_bytes, varints, zigzag


@pytest.mark.parametrize(
    ("text", "language", "intervals"),
    [
        ("9,6 %", "fi", [(9.55, 9.65)]),
        ("1 234,5", "fi", [(1234.45, 1234.55)]),
        ("18\N{NO-BREAK SPACE}084 €", "sv", [(18084, 18084)]),
        ("€18,084.50", "en", [(18084.495, 18084.505)]),
        ("7.5–12.25%", "en", [(7.45, 7.55), (12.245, 12.255)]),
        ("\N{MINUS SIGN}3", "fi", [(-3, -3)]),
        ("kartta2025, 00100x, v1", "fi", []),
        ("12 of 60 areas.", "en", [(12, 12), (60, 60)]),
    ],
)
def test_printed_numbers_stand_for_half_a_unit_of_their_last_decimal_around_them(text, language, intervals):
    found = printed_numbers(text, language)
    assert len(found) == len(intervals)
    assert np.ravel(found) == pytest.approx(np.ravel(intervals))


def test_a_range_stands_for_all_that_is_in_it():
    assert printed_interval("Salattu tietosuojasyistä (0–9,7)") == pytest.approx((0.0, 9.75))
    assert printed_interval("12 of 60") is None


@given(value=st.floats(-1e6, 1e6), decimals=st.integers(0, 4), language=st.sampled_from(["fi", "en"]))
def test_a_number_is_in_the_interval_that_its_print_stands_for(value, decimals, language):
    text = f"{value:,.{decimals}f}"
    if language == "fi":
        text = text.translate({ord(","): "\N{NO-BREAK SPACE}", ord("."): ","})
    ((lower, upper),) = printed_numbers(text, language)
    half = 0.5 * 10.0**-decimals
    assert lower - 1e-9 <= value <= upper + 1e-9 or decimals == 0
    assert abs((lower + upper) / 2 - value) <= half + 1e-9


@given(
    values=st.lists(st.floats(-1e4, 1e4), min_size=3, max_size=30),
    decimals=st.integers(1, 4),
)
def test_a_column_of_rounded_numbers_stands_for_what_was_rounded(values, decimals):
    rounded = np.round(values, decimals)[:, None]
    lower, upper = stands_for(rounded, measured=np.array([False]))
    if (rounded != np.rint(rounded)).any():  # Whole numbers look like counts.
        assert (lower[:, 0] - 1e-9 <= values).all()
        assert (upper[:, 0] + 1e-9 >= values).all()


def test_one_number_in_full_shows_that_a_column_was_not_rounded():
    lower, upper = stands_for(np.array([[0.5], [1 / 3], [2.0]]), measured=np.array([True]))
    assert (lower == upper).all()


def test_whole_numbers_are_counts_unless_many_are_measurements():
    numbers = np.arange(12.0)[:, None] @ np.ones((1, 2))
    lower, upper = stands_for(numbers, measured=np.array([True, False]))
    assert (upper - lower)[0].tolist() == [1.0, 0.0]
    few_lower, few_upper = stands_for(numbers[:9], measured=np.array([True, False]))
    assert (few_lower == few_upper).all()


@given(st.lists(st.one_of(st.none(), st.floats(-1e9, 1e9)), min_size=1, max_size=40), st.integers(0, 3))
def test_a_packed_column_of_the_map_is_read_as_it_was_written(values, decimals):
    numbers = np.array([np.nan if one is None else one for one in values])
    found = unpack_numbers(encode_numbers(numbers, decimals), len(numbers))
    np.testing.assert_array_equal(found, whole_numbers(numbers, decimals))


@given(st.lists(st.sampled_from(["", "observed", "suppressed", "ä"]), min_size=1, max_size=40))
def test_packed_words_of_the_map_are_read_as_they_were_written(words):
    assert unpack_words(encode_words(np.array(words, dtype=object)), len(words)).tolist() == words


@given(st.lists(st.integers(-(2**50), 2**50), max_size=60))
def test_packed_rows_of_the_map_are_read_as_they_were_written(numbers):
    text = pack_bytes(varints(zigzag(numbers)).tobytes())
    assert unfold(unpack_varints(text)).tolist() == numbers
