"""Numbers and words in few bytes: what the page reads is what was rounded, to the last bit."""

import math
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from page_decoder import PageDecoder

from lea_geo._classes import whole_numbers
from lea_geo.maps.encode import encode_numbers, encode_words, pack_bytes, varints


@pytest.fixture(scope="module")
def page(node):
    with PageDecoder(node) as decoder:
        yield decoder


def _rounded(value, decimals):
    """The decimal number nearest to a binary one, halves away from zero, by exact arithmetic."""
    return Decimal(value).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


@st.composite
def shown_numbers(draw):
    """Numbers, many of them halves of the last decimal or next to one, and how many decimals are shown."""
    decimals = draw(st.integers(0, 12))
    half = st.integers(-(10**12), 10**12).map(lambda whole: (whole + 0.5) / 10**decimals)
    beside = st.tuples(half, st.sampled_from([-math.inf, math.inf])).map(lambda pair: math.nextafter(*pair))
    any_number = st.floats(-(10.0 ** (15 - decimals)), 10.0 ** (15 - decimals))
    return draw(st.lists(st.one_of(half, beside, any_number, st.just(math.nan)), max_size=40)), decimals


@given(shown_numbers())
@example(([1.005, 2.675, 0.285, -0.5, 0.49999999999999994], 2))
@example(([0.49999999999999994, 4503599627370495.5], 0))
def test_rounding_is_that_of_exact_arithmetic(numbers):
    values, decimals = numbers
    expected = [_rounded(v, decimals).scaleb(decimals) if math.isfinite(v) else None for v in values]
    whole = whole_numbers(values, decimals).tolist()
    assert [None if math.isnan(v) else Decimal(v) for v in whole] == expected


def test_nothing_is_rounded_to_minus_zero():
    assert [str(v) for v in whole_numbers([-0.2, -0.0, 0.2], 0)] == ["0.0"] * 3


@given(numbers=shown_numbers())
@example(numbers=([math.inf, -math.inf, math.nan], 1))
@example(numbers=([0.0, 4e14], 1))
def test_the_page_reads_numbers_as_they_are_shown(page, numbers):
    values, decimals = numbers
    shown = [float(_rounded(v, decimals)) if math.isfinite(v) else None for v in values]
    assert page.column(encode_numbers(values, decimals)) == shown


@pytest.mark.parametrize(
    ("values", "width"), [([1.0, 255.0], 1), ([1.0, 256.0], 2), ([0.0, 65535.0], 3), ([-1e6, 1e6, None], 3)]
)
def test_a_column_takes_the_fewest_bytes(values, width):
    # Codes run from 1 to the range plus 1: a byte holds 255 of them, two hold 65535.
    assert encode_numbers(np.array(values, dtype=float), 0)["width"] == width


def test_numbers_too_large_to_count_lose_decimals_rather_than_digits(page):
    column = encode_numbers([1e300, 2.5], 2)
    assert column["decimals"] < -280
    assert page.column(column)[0] == pytest.approx(1e300, rel=1e-15)


words = st.one_of(st.none(), st.just(""), st.just(math.nan), st.text(max_size=4))


@given(values=st.lists(words, max_size=30))
def test_the_page_reads_the_same_words(page, values):
    expected = [value if isinstance(value, str) and value else None for value in values]
    assert page.column(encode_words(pd.Series(values, dtype=object))) == expected


def test_words_of_a_categorical_and_of_a_string_column_are_the_same():
    plain = pd.Series(["High-High", None, "Isolate"])
    assert (
        encode_words(plain.astype("category")) == encode_words(plain.astype("string")) == encode_words(plain)
    )


def test_words_are_listed_in_their_order_whoever_comes_first():
    assert encode_words(["b", None, "a", "b"])["words"] == ["a", "b"]


def test_more_than_255_words_take_two_bytes(page):
    values = [f"word {i}" for i in range(300)]
    column = encode_words(values)
    assert column["width"] == 2
    assert page.column(column) == values


@given(values=st.lists(st.one_of(st.integers(0, 300), st.integers(0, 2**53)), max_size=50))
def test_the_page_reads_the_same_varints(page, values):
    assert page.varints(pack_bytes(varints(values).tobytes())) == values


def test_the_same_numbers_give_the_same_text():
    assert encode_numbers([1.5, 2.5], 1) == encode_numbers([1.5, 2.5], 1)
