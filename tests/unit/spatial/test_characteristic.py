"""Weighted neighbour sums: the characteristic function against enumeration, draws and the exact law."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest

from lea_geo.spatial.compiled import THREADS
from lea_geo.spatial.graph import AreaGraph
from lea_geo.spatial.laws.characteristic import characteristic_applies, characteristic_test
from lea_geo.spatial.laws.characteristic_function import tabulate
from lea_geo.spatial.laws.exact_law import exact_test
from lea_geo.spatial.sample import build_sample


def values_of(kind, n, seed=1):
    rng = np.random.default_rng(seed)
    if kind == "normal":
        return rng.standard_normal(n)
    if kind == "skewed":
        return np.exp(1.05 * rng.standard_normal(n))
    if kind == "many zeros":
        return np.where(rng.random(n) < 0.6, 0.0, np.exp(rng.standard_normal(n)))
    population = np.round(np.exp(rng.normal(4, 1, n))) + 5
    return rng.poisson(population * 0.01) / population


def neighbours(n, k, seed=2):
    """Return k neighbours for each area; those of every other area lean towards the last areas."""
    rng = np.random.default_rng(seed)
    rows = []
    for i in range(n):
        low = min(int(n * rng.random() ** 0.3), n - k - 1) if i % 2 else 0
        others = np.setdiff1d(np.arange(low, n), [i])
        rows.append(np.sort(rng.choice(others, k, replace=False)))
    return np.arange(n + 1) * k, np.concatenate(rows).astype(np.int32)


def enumerated(x, i, found, weights):
    """Return P(S <= s) and P(S >= s) over all ordered draws of the other values."""
    others = np.delete(x, i)
    draws = np.array(list(permutations(range(len(others)), len(found))))
    sums, observed = others[draws] @ weights, x[found] @ weights
    return np.mean(sums <= observed + 1e-9), np.mean(sums >= observed - 1e-9)


@pytest.mark.parametrize("kind", ["normal", "many zeros"])
def test_one_and_two_neighbours_are_counted_like_a_full_enumeration(kind):
    x = np.round(values_of(kind, 9), 1)
    for k in (1, 2):
        indptr, indices = neighbours(9, k)
        weights = np.random.default_rng(3).random(9 * k) + 0.1
        found = characteristic_test(x, indptr, indices, weights)
        for i in range(9):
            row = slice(indptr[i], indptr[i + 1])
            lower, upper = enumerated(x, i, indices[row], weights[row])
            assert found.tails.lower[i] == pytest.approx(lower, abs=1e-12)
            assert found.tails.upper[i] == pytest.approx(upper, abs=1e-12)
        assert (found.error == 0.0).all()


def test_three_neighbours_among_60_agree_with_a_full_enumeration_within_the_stated_error():
    # 59 * 58 * 57 = 195 054 ordered draws for each area. To the first order in 1/N, and with the steps of so
    # small a set smoothed, 3e-4 is reached.
    x = np.sort(values_of("skewed", 60))
    indptr, indices = neighbours(60, 3)
    weights = np.random.default_rng(3).random(180) + 0.1
    found = characteristic_test(x, indptr, indices, weights)
    for i in range(0, 60, 9):
        row = slice(indptr[i], indptr[i + 1])
        lower, upper = enumerated(x, i, indices[row], weights[row])
        assert found.tails.lower[i] == pytest.approx(lower, abs=min(found.error[i], 3e-4))
        assert found.tails.upper[i] == pytest.approx(upper, abs=min(found.error[i], 3e-4))


@pytest.mark.parametrize("kind", ["normal", "skewed", "many zeros", "rates"])
def test_unequal_weights_agree_with_a_million_draws(kind):
    # 1 - 15 / 1000 of the draws with replacement hold six different areas; the others are left out.
    n, k = 1000, 6
    x = np.sort(values_of(kind, n))
    indptr, indices = neighbours(n, k)
    weights = np.exp(-np.arange(k) / 3)
    found = characteristic_test(x, indptr, indices, np.tile(weights, n))
    picked = np.random.default_rng(5).integers(0, n - 1, (1_000_000, k))
    picked = picked[(np.diff(np.sort(picked, axis=1), axis=1) > 0).all(axis=1)]
    for i in (1, 200, 501, 700, 999):
        sums, observed = np.delete(x, i)[picked] @ weights, x[indices[indptr[i] : indptr[i + 1]]] @ weights
        for tail, p in (
            (found.tails.lower[i], np.mean(sums <= observed + 1e-9)),
            (found.tails.upper[i], np.mean(sums >= observed - 1e-9)),
        ):
            noise = np.sqrt(max(p * (1 - p), 1e-6) / len(picked))
            assert abs(tail - p) < 4.0 * noise + found.error[i]


@pytest.mark.parametrize(("kind", "k"), [("normal", 10), ("skewed", 10), ("skewed", 4)])
def test_equal_weights_agree_with_the_exact_law_down_to_the_floor(kind, k):
    n = 3000
    x = np.sort(values_of(kind, n))
    indptr, indices = neighbours(n, k)
    ids = pd.Index([f"a{i:04d}" for i in range(n)])
    sample = build_sample(
        pd.Series(x, ids), AreaGraph(ids, indptr, indices, np.ones(n * k)), transform="binary"
    )
    exact, found = exact_test(sample).tails, characteristic_test(x, indptr, indices, np.ones(n * k))
    assert (exact.upper < 1e-5).sum() > 10
    for p, truth in ((found.tails.lower, exact.lower), (found.tails.upper, exact.upper)):
        certain = truth > found.floor
        # The exact law rounds continuous values: 1e-5 in the middle, 0.3 % in the tails.
        assert (np.abs(p - truth) <= found.error + np.minimum(1e-5, 0.003 * truth))[certain].all()
        assert (p[~certain] <= 1.3 * found.floor[~certain]).all()


def test_two_neighbours_among_too_many_areas_to_count_agree_with_counting():
    # 20 001 areas are too many to count for each, so the series serves; here five of them are.
    n = 20_001
    x = np.sort(values_of("normal", n))
    indptr = np.minimum(np.arange(n + 1), 5) * 2
    indices = np.array([n - 1, n - 2, n - 1, n - 300, 9000, 12_000, 0, 1, 40, 20_000], dtype=np.int32)
    weights = np.tile([1.0, 0.4], 5)
    found = characteristic_test(x, indptr, indices, weights)
    for i in range(5):
        others = np.delete(x, i)
        observed = x[indices[2 * i : 2 * i + 2]] @ weights[:2]
        from_here = len(others) - np.searchsorted(others, (observed - others) / 0.4 - 1e-12)
        itself = 1.4 * others >= observed
        p = (from_here - itself).sum() / (20_000 * 19_999)
        assert abs(found.tails.upper[i] - p) < min(3.0 * found.error[i], 2e-6)


def test_areas_without_neighbours_have_tails_of_one():
    x = values_of("normal", 50)
    indptr, indices = np.minimum(np.arange(51), 1) * 3, np.array([3, 4, 5], dtype=np.int32)
    found = characteristic_test(x, indptr, indices, np.array([1.0, 2.0, 3.0]))
    assert (found.tails.lower[1:] == 1.0).all()
    assert (found.tails.upper[1:] == 1.0).all()
    assert found.tails.upper[0] < 1.0


@pytest.mark.parametrize("kind", ["skewed", "many zeros"])
def test_threads_and_the_order_of_areas_and_neighbours_change_no_bit(kind, monkeypatch):
    n, k = 400, 5
    x = values_of(kind, n)
    indptr, indices = neighbours(n, k)
    weights = np.random.default_rng(4).random(n * k) + 0.1
    monkeypatch.setenv(THREADS, "1")
    once = characteristic_test(x, indptr, indices, weights)
    order = np.random.default_rng(6).permutation(n)
    place = np.argsort(order).astype(np.int32)
    mixed = np.random.default_rng(7).permuted(np.tile(np.arange(k), (n, 1)), axis=1)
    take = (np.arange(n)[order, None] * k + mixed).ravel()
    for threads in ("2", "4"):
        monkeypatch.setenv(THREADS, threads)
        again = characteristic_test(x[order], indptr, place[indices[take]], weights[take])
        assert (again.tails.lower == once.tails.lower[order]).all()
        assert (again.tails.upper == once.tails.upper[order]).all()
        assert (again.error == once.error[order]).all()


def test_units_of_values_and_weights_do_not_matter_and_a_change_of_sign_swaps_the_tails():
    n, k = 400, 5
    x = values_of("skewed", n)
    indptr, indices = neighbours(n, k)
    weights = np.random.default_rng(4).random(n * k) + 0.1
    once = characteristic_test(x, indptr, indices, weights)
    scaled = characteristic_test(1000.0 * x + 5.0, indptr, indices, 1e-6 * weights)
    assert scaled.tails.upper == pytest.approx(once.tails.upper, rel=1e-6)
    mirrored = characteristic_test(-x, indptr, indices, weights)
    assert mirrored.tails.lower == pytest.approx(once.tails.upper, rel=1e-5, abs=1e-9)


def test_all_neighbours_having_the_commonest_value_is_a_step_of_known_height():
    # 600 of 1000 areas have 0, the focal area does not: 600 / 999 * 599 / 998 * ... of five neighbours.
    x = np.concatenate([np.zeros(600), np.sort(values_of("skewed", 400))])
    indptr = np.minimum(np.arange(1001), 1) * 5
    indptr = 5 - indptr[::-1]
    found = characteristic_test(x, indptr, np.arange(5, dtype=np.int32), np.arange(1.0, 6.0))
    zeros = np.prod((600 - np.arange(5)) / (999 - np.arange(5)))
    assert found.tails.lower[999] == pytest.approx(zeros, rel=1e-12)
    assert found.tails.upper[999] == pytest.approx(1.0, rel=1e-12)


def test_p_values_below_the_floor_are_reported_as_the_floor():
    n, k = 3000, 10
    x = np.sort(values_of("normal", n))
    indptr = np.minimum(np.arange(n + 1), 1) * k
    found = characteristic_test(x, indptr, np.arange(n - k, n, dtype=np.int32), np.arange(1.0, k + 1))
    # 20 C(10, 3) / 2999^3
    assert found.tails.upper[0] == pytest.approx(20 * 120 / 2999**3, rel=1e-6)
    assert found.tails.lower[0] + found.tails.upper[0] == pytest.approx(1.0, abs=1e-15)


@pytest.mark.parametrize(
    ("x", "k", "reason"),
    [
        (np.arange(100.0), 10, "10 neighbours among 100 areas are too many"),
        (np.repeat([0.0, 1.0], 500), 4, "the values are two or fewer"),
        (np.arange(3000) % 4.0, 4, "750 of 3000 areas share a value that is not the commonest"),
    ],
)
def test_what_the_series_cannot_resolve_is_refused_with_the_reason(x, k, reason):
    assert reason in characteristic_applies(x, np.arange(len(x) + 1) * k)


@pytest.mark.parametrize("k", [0, 1, 2, 6])
def test_continuous_values_and_many_zeros_are_served(k):
    for kind in ("normal", "many zeros", "rates"):
        assert characteristic_applies(values_of(kind, 1000), np.arange(1001) * k) == ""


def test_the_table_is_right_between_its_nodes():
    z = np.sort(values_of("skewed", 3000))
    z = (z - z.mean()) / z.std()
    table = tabulate(z, 40.0)
    for u in np.random.default_rng(0).uniform(0.0, 40.0, 30):
        node, f = divmod(u / table.step, 1.0)
        c = table.cubics[int(node)].view(complex)
        assert abs(c @ f ** np.arange(4) - np.exp(1j * u * z).mean()) < 2e-10
