"""Draws of different ranks: uniform, and each decided by its number alone."""

import numpy as np
import pytest

from lea_geo.spatial.laws.random_draws import below, draw_key, draw_ranks, mixed


def drawn(n: int, places: int, draws: int, *, seed: int = 0, first: int = 0) -> np.ndarray:
    ranks = np.empty((places, draws), dtype=np.int32)
    draw_ranks(ranks, first, draw_key(seed), np.arange(n, dtype=np.int32))
    return ranks


def test_the_hash_is_splitmix64():
    # First outputs of the reference implementation (Vigna 2015, prng.di.unimi.it/splitmix64.c) for seed
    # 1234567: each hashes the state after a step of 0x9E3779B97F4A7C15.
    step, word = np.uint64(0x9E3779B97F4A7C15), np.uint64(1234567)
    with np.errstate(over="ignore"):
        found = [int(mixed(word + step * np.uint64(i))) for i in (1, 2, 3)]
    assert found == [6457827717110365317, 3203168211198807973, 9817491932198370423]


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 1000, 2**31 + 1, 2**32 - 1])
def test_bounded_numbers_stay_below_their_limit_whatever_the_word(limit):
    words = np.random.default_rng(1).integers(0, 2**64, 2000, dtype=np.uint64)
    words[:3] = 0, 2**64 - 1, 2**32 - 1
    found = np.array([below(np.uint64(limit), word) for word in words])
    assert found.max() < limit


def test_bounded_numbers_refuse_what_would_come_up_once_too_often():
    # 2**32 = 2 * limit + 2, so two upper halves are refused: those that scale to a low half of 0 or 1.
    limit = 2**31 - 1
    # Zero is refused; splitmix64 of seed 0 starts with 0xE220A8397B1DCDAF, whose upper half is scaled next.
    assert int(below(np.uint64(limit), np.uint64(0))) == (0xE220A839 * limit) >> 32
    # 3 * limit = 1 * 2**32 + (2**31 - 3) is taken.
    assert int(below(np.uint64(limit), np.uint64(3 << 32))) == 1


@pytest.mark.parametrize(("n", "places"), [(1, 1), (5, 5), (40, 39), (300, 20), (100_000, 9)])
def test_ranks_differ_within_a_draw(n, places):
    ranks = np.sort(drawn(n, places, 500), axis=0)
    assert ranks.min() >= 0
    assert ranks.max() < n
    assert (np.diff(ranks, axis=0) > 0).all()


def test_every_order_of_four_is_as_likely():
    # 24 orders, 24 000 draws: chi-square with 23 degrees of freedom stays below 49.7 (p = 0.001).
    _, counts = np.unique(drawn(4, 4, 24_000), axis=1, return_counts=True)
    assert len(counts) == 24
    assert np.sum((counts - 1000) ** 2) / 1000 < 49.7


def test_every_rank_is_as_likely_at_every_place():
    # 50 ranks at 8 places, 100 000 draws: each place has 49 degrees of freedom, below 99 at p = 3e-5.
    ranks = drawn(50, 8, 100_000, seed=3)
    for row in ranks:
        counts = np.bincount(row, minlength=50)
        assert np.sum((counts - 2000) ** 2) / 2000 < 99


def test_every_pair_of_consecutive_draws_is_as_likely():
    # First ranks of neighbouring draws, 20 x 20 pairs: 399 degrees of freedom, below 493 at p = 0.001.
    first = drawn(20, 3, 200_001, seed=5)[0].astype(np.int64)
    counts = np.bincount(first[:-1] * 20 + first[1:], minlength=400)
    assert np.sum((counts - 500) ** 2) / 500 < 493


def test_a_draw_is_the_same_alone_or_among_others_and_with_more_places():
    whole = drawn(1000, 10, 100, seed=7)
    assert (drawn(1000, 10, 40, seed=7, first=60) == whole[:, 60:]).all()
    assert (drawn(1000, 4, 100, seed=7) == whole[:4]).all()


def test_the_deck_is_put_back():
    deck = np.arange(30, dtype=np.int32)
    draw_ranks(np.empty((30, 7), dtype=np.int32), 0, draw_key(0), deck)
    assert (deck == np.arange(30)).all()


@pytest.mark.parametrize("seeds", [(0, 1), (1, 2), (0, 2**63 - 1)])
def test_seeds_that_differ_draw_differently(seeds):
    one, two = (drawn(1000, 5, 1000, seed=seed) for seed in seeds)
    # By chance 5 000 places agree in 5.
    assert np.count_nonzero(one == two) < 25
