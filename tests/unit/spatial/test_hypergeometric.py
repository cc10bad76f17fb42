"""The hypergeometric law of local join counts."""

from fractions import Fraction
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import hypergeom

from lea_geo.spatial.laws.hypergeometric import hypergeometric_tails


@given(st.integers(1, 60), st.data())
def test_both_tails_are_those_of_binomial_coefficients(others, data):
    marked, drawn = data.draw(st.integers(0, others)), data.draw(st.integers(0, others))
    ways = [comb(marked, c) * comb(others - marked, drawn - c) for c in range(drawn + 1)]
    lower, upper = hypergeometric_tails(others, marked, drawn)
    for c in range(drawn + 1):
        assert lower[c] == pytest.approx(float(Fraction(sum(ways[: c + 1]), sum(ways))), rel=1e-12)
        assert upper[c] == pytest.approx(float(Fraction(sum(ways[c:]), sum(ways))), rel=1e-12)


def test_small_tails_among_four_million_keep_their_digits():
    # scipy 1.17.1; its tails lose digits with the size of the population, those of 3 000 do not.
    lower, upper = hypergeometric_tails(3_000, 40, 8)
    law = hypergeom(3_000, 40, 8)
    assert upper == pytest.approx(law.sf(np.arange(9) - 1), rel=1e-9)
    assert lower == pytest.approx(law.cdf(np.arange(9)), rel=1e-9)
    _, upper = hypergeometric_tails(4_000_000, 50_000, 8)
    # All eight marked: 50000 49999 ... 49993 over 4000000 ... 3999993.
    all_marked = float(np.prod([Fraction(50_000 - c, 4_000_000 - c) for c in range(8)]))
    assert upper[8] == pytest.approx(all_marked, rel=1e-12)
