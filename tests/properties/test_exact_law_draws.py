"""The exact law against ten million direct draws for each of 288 areas: the differences are pure chance.

``tests/golden/numbers_of_draws.py`` drew them once and counted; the draws of one area know nothing of those
of another, so the standardised differences are independent.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from drawn_fields import KINDS, SIZES, drawn_field
from scipy import stats

import lea_geo as lea
from lea_geo.spatial.laws.exact_law import ExactTest, exact_test
from lea_geo.spatial.sample import build_sample

COUNTS = Path(__file__).parents[1] / "golden" / "draws" / "counts.csv"
RARE = 50
"""Where fewer draws are expected on either side, their number is not yet normal."""


@pytest.fixture(scope="module")
def drawn() -> pd.DataFrame:
    return pd.read_csv(COUNTS)


@pytest.fixture(scope="module")
def laws() -> dict[tuple[str, int], ExactTest]:
    fields = {(kind, n): drawn_field(kind, n) for kind in KINDS for n in SIZES}
    return {
        key: exact_test(build_sample(field.values, field.graph, transform="row"))
        for key, field in fields.items()
    }


def z_scores(drawn: pd.DataFrame, laws: dict, tail: str, count: str) -> np.ndarray:
    """Return (draws counted - draws expected) / sd of every area whose number is normal by then."""
    scores = []
    for key, rows in drawn.groupby(["kind", "n"]):
        p = getattr(laws[key].tails, tail)[rows["area"]]
        spread = np.sqrt(rows["draws"] * p * (1 - p))
        normal = spread**2 >= RARE
        scores.append(((rows[count] - rows["draws"] * p) / spread)[normal])
    return np.concatenate(scores)


@pytest.mark.parametrize(("tail", "count"), [("lower", "at_most"), ("upper", "at_least")])
def test_the_differences_from_ten_million_draws_are_standard_normal(drawn, laws, tail, count):
    z = z_scores(drawn, laws, tail, count)
    assert len(z) > 220
    # The largest of so many independent ones: exceeded once in a thousand if the law is right.
    assert np.abs(z).max() < stats.norm.isf(0.001 / 2 / len(z))
    assert 0.001 < stats.chi2.cdf(np.square(z).sum(), len(z)) < 0.999
    assert stats.kstest(z, "norm").pvalue > 0.001


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n", SIZES)
def test_each_size_and_kind_of_field_stands_the_test_by_itself(drawn, laws, kind, n):
    rows = drawn[(drawn["kind"] == kind) & (drawn["n"] == n)]
    z = z_scores(rows, laws, "upper", "at_least")
    assert len(z) > 30
    assert 0.001 < stats.chi2.cdf(np.square(z).sum(), len(z)) < 0.999


def test_events_too_rare_for_ten_million_draws_are_given_small_probabilities(drawn, laws):
    # Poisson numbers of draws: for each, the chance of so many or more, and of so few or fewer.
    for key, rows in drawn.groupby(["kind", "n"]):
        for tail, count in (("lower", "at_most"), ("upper", "at_least")):
            expected = rows["draws"] * getattr(laws[key].tails, tail)[rows["area"]]
            rare = expected < RARE
            assert (stats.poisson.sf(rows[count][rare] - 1, expected[rare]) > 1e-6).all()
            assert (stats.poisson.cdf(rows[count][rare], expected[rare]) > 1e-6).all()


def test_the_draws_reach_from_the_middle_to_the_far_tails(drawn):
    # A law that is right in the middle only would pass on sums from the middle only.
    share = drawn[["at_most", "at_least"]].min(axis=1) / drawn["draws"]
    assert (share < 1e-5).sum() >= 5
    assert share.between(1e-5, 1e-3).sum() >= 10
    assert (share > 0.1).sum() >= 60


@pytest.mark.parametrize("kind", KINDS)
def test_the_public_call_gives_the_p_values_that_were_held_against_draws(laws, kind):
    field = drawn_field(kind, 3_000)
    table = lea.local_g(field.values, field.graph, method="exact").table.iloc[:48]
    assert (table["p_lower"] == laws[kind, 3_000].tails.lower[:48]).all()
    assert (table["p_upper"] == laws[kind, 3_000].tails.upper[:48]).all()
