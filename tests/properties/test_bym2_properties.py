"""What must hold of the spatial model for any map: coverage on maps made by it, and what cannot matter."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

import lea_geo as lea
from lea_geo.rates.bym2_field import Structure
from lea_geo.spatial.graph import AreaGraph

MAPS = 12
"""Few, for the tests' sake; docs/small-numbers.md tells the coverage over 400."""


def lattice(rows: int, columns: int) -> AreaGraph:
    cells = np.array(list(product(range(rows), range(columns))))
    near = np.abs(cells[:, None] - cells).sum(2) == 1
    links = sparse.csr_array(near.astype(float))
    ids = pd.Index([f"{k:03d}" for k in range(len(cells))], name="area_id")
    return AreaGraph(ids, links.indptr, links.indices, links.data)


def drawn(graph: AreaGraph, rng: np.random.Generator) -> tuple[np.ndarray, pd.Series, pd.Series]:
    """Return relative risks drawn from the model and its default priors, counts, and what was expected."""
    near = graph.sparse().toarray()
    inverse = np.linalg.pinv(np.diag(near.sum(1)) - near)
    inverse /= np.exp(np.mean(np.log(np.diag(inverse))))
    values, vectors = np.linalg.eigh(inverse)
    structured = vectors @ (np.sqrt(np.maximum(values, 0)) * rng.normal(size=graph.n))
    mixing = Structure.of(sparse.csr_array(near)).mixing
    sigma = rng.exponential(-1 / np.log(0.01))
    phi, rest = mixing.shares(rng.exponential(mixing.distance(0.5) / np.log(3)))
    effect = sigma * (np.sqrt(rest) * rng.normal(size=graph.n) + np.sqrt(phi) * structured)
    risk = np.exp(rng.normal() + effect)
    expected = rng.lognormal(1.0, 1.0, size=graph.n)
    return risk, pd.Series(rng.poisson(expected * risk), graph.ids), pd.Series(expected, graph.ids)


def test_intervals_of_90_percent_hold_90_percent_of_true_risks():
    graph, inside = lattice(6, 6), []
    for k in range(MAPS):
        risk, events, expected = drawn(graph, np.random.default_rng([2009, k]))
        table = lea.bym2(events, expected, graph, level=0.9).table
        inside.append(np.mean((table["lower"] < risk) & (risk < table["upper"])))
    # The areas of a map are wrong together: from map to map the share has a standard deviation of 0.12.
    assert np.mean(inside) == pytest.approx(0.9, abs=2 * 0.12 / np.sqrt(MAPS))


counts = st.lists(st.integers(0, 30), min_size=9, max_size=9).filter(lambda y: sum(y) > 0)


@given(counts, st.floats(0.01, 100))
@settings(max_examples=8, deadline=None)
def test_expecting_more_everywhere_scales_rates_and_changes_nothing_else(events, factor):
    graph = lattice(3, 3)
    numerator, size = pd.Series(events, graph.ids), pd.Series(np.linspace(1, 4, 9), graph.ids)
    one, other = lea.bym2(numerator, size, graph).table, lea.bym2(numerator, factor * size, graph).table
    for column in ("mean", "lower", "upper"):
        np.testing.assert_allclose(other[column] * factor, one[column], rtol=0.01)
    np.testing.assert_allclose(other["exceedance"], one["exceedance"], atol=0.005)


@given(counts, st.integers(0, 8), st.integers(1, 20))
@settings(max_examples=8, deadline=None)
def test_more_events_in_an_area_raise_its_own_rate(events, area, more):
    graph = lattice(3, 3)
    size, before = pd.Series(np.full(9, 10.0), graph.ids), pd.Series(events, graph.ids)
    after = before.copy()
    after.iloc[area] += more
    one, other = lea.bym2(before, size, graph).table, lea.bym2(after, size, graph).table
    assert other["linear_mean"].iloc[area] > one["linear_mean"].iloc[area]
    assert ((one["lower"] < one["mean"]) & (one["mean"] < one["upper"])).all()


@given(st.permutations(range(9)))
@settings(max_examples=5, deadline=None)
def test_the_order_of_areas_does_not_matter(order):
    graph = lattice(3, 3)
    events = pd.Series([3, 0, 5, 1, 9, 2, 0, 4, 7], graph.ids)
    size = pd.Series(np.linspace(1, 4, 9), graph.ids)
    turned = graph.subset(graph.ids[list(order)])
    found = lea.bym2(events.loc[turned.ids], size, turned).table.loc[graph.ids]
    expected = lea.bym2(events, size, graph).table
    for column in ("mean", "sd", "lower", "upper", "exceedance"):
        np.testing.assert_allclose(found[column], expected[column], rtol=2e-3, atol=2e-3)


def test_the_answer_is_the_same_for_any_number_of_threads(monkeypatch):
    graph = lattice(5, 5)
    _, events, expected = drawn(graph, np.random.default_rng(3))
    tables = []
    for threads in ("1", "4"):
        monkeypatch.setenv("LEA_GEO_THREADS", threads)
        tables.append(lea.bym2(events, expected, graph).table)
    pd.testing.assert_frame_equal(*tables, check_exact=True)
