"""Expected value and variance of every local statistic are those of going through every permutation."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from small_maps import graph_from, names

import lea_geo as lea
from lea_geo.spatial.graph import AreaGraph

N = 6
ORDERS = np.array(list(permutations(range(N - 1))))
"""All 120 ways to hand the values of the other five areas around."""


@st.composite
def maps(draw: st.DrawFn) -> tuple[np.ndarray, AreaGraph]:
    """Draw values with ties and a graph whose weights differ within a row."""
    x = np.array(draw(st.lists(st.integers(-4, 4), min_size=N, max_size=N)), dtype=float)
    assume(np.ptp(x) > 0)
    links = np.array(draw(st.lists(st.booleans(), min_size=N * N, max_size=N * N))).reshape(N, N)
    weights = np.array(draw(st.lists(st.integers(1, 4), min_size=N * N, max_size=N * N))).reshape(N, N)
    return x, graph_from(links, weights)


def handed_around(x: np.ndarray, area: int) -> np.ndarray:
    """Return every field in which one area keeps its value, shape (120, N)."""
    fields = np.empty((len(ORDERS), N))
    others = [other for other in range(N) if other != area]
    fields[:, others] = x[others][ORDERS]
    fields[:, area] = x[area]
    return fields


def moran(fields: np.ndarray, weights: np.ndarray, area: int) -> np.ndarray:
    z = fields - fields.mean(axis=1, keepdims=True)
    return z[:, area] * (z @ weights[area]) / z.var(axis=1)


def geary(fields: np.ndarray, weights: np.ndarray, area: int) -> np.ndarray:
    return np.square(fields - fields[:, [area]]) @ weights[area] / fields.var(axis=1, ddof=1)


def join_count(fields: np.ndarray, weights: np.ndarray, area: int) -> np.ndarray:
    return fields[:, area] * (fields @ weights[area])


CASES = {"local_moran": moran, "local_geary": geary, "local_join_count": join_count}


@pytest.mark.parametrize("name", CASES)
@given(maps())
@settings(max_examples=25)
def test_the_moments_are_those_of_every_permutation(name, case):
    x, graph = case
    if name == "local_join_count":
        x = (x > x.mean()).astype(float)
    options = {"method": "analytic", "transform": "original"}
    table = getattr(lea, name)(pd.Series(x, names(N)), graph, **options).table
    weights = graph.sparse().toarray()
    for area in np.flatnonzero(weights.sum(axis=1)):
        law = CASES[name](handed_around(x, area), weights, area)
        assert table["statistic"].iloc[area] == pytest.approx(CASES[name](x[None], weights, area)[0])
        assert table["expected"].iloc[area] == pytest.approx(law.mean(), abs=1e-12)
        assert table["variance"].iloc[area] == pytest.approx(law.var(), abs=1e-10)


@pytest.mark.parametrize("star", [False, True])
@given(maps())
@settings(max_examples=25)
def test_the_moments_of_g_are_those_of_every_permutation(star, case):
    # The constants of the standardised G (Ord and Getis 1995) stay the same; only the neighbours' sum varies.
    x, graph = case
    table = lea.local_g(
        pd.Series(x, names(N)), graph, star=star, method="analytic", transform="original"
    ).table
    weights = graph.sparse().toarray()
    weights += np.diag(weights.max(axis=1)) if star else 0
    for area in np.flatnonzero(table["statistic"].notna()):
        row = weights[area]
        pool = x if star else np.delete(x, area)
        m = len(pool)
        spread = pool.std() * np.sqrt((m * np.square(row).sum() - row.sum() ** 2) / (m - 1))
        law = (handed_around(x, area) @ row - row.sum() * pool.mean()) / spread
        assert table["statistic"].iloc[area] == pytest.approx(
            (x @ row - row.sum() * pool.mean()) / spread, abs=1e-9
        )
        assert table["expected"].iloc[area] == pytest.approx(law.mean(), abs=1e-9)
        assert table["variance"].iloc[area] == pytest.approx(law.var(), abs=1e-9)


@given(maps(), st.permutations(range(N)))
@settings(max_examples=25)
def test_the_moments_of_the_bivariate_moran_are_those_of_every_permutation(case, order):
    x, graph = case
    y = x[list(order)] + np.arange(N)
    assume(np.ptp(y) > 0)
    table = lea.local_moran_bivariate(
        pd.Series(x, names(N)), pd.Series(y, names(N)), graph, method="analytic", transform="original"
    ).table
    weights = graph.sparse().toarray()
    own = (x - x.mean()) / x.std()
    for area in np.flatnonzero(weights.sum(axis=1)):
        law = own[area] * ((handed_around(y, area) - y.mean()) / y.std()) @ weights[area]
        assert table["expected"].iloc[area] == pytest.approx(law.mean(), abs=1e-12)
        assert table["variance"].iloc[area] == pytest.approx(law.var(), abs=1e-10)
