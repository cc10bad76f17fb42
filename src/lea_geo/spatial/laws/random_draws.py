"""Random draws of different ranks, each of which its number alone decides.

A draw is made from the seed, its own number and the places within it, by hashing; no state is handed from
one draw to the next. So any draw can be made by any thread, alone or among others, and is always the same.
"""

from __future__ import annotations

import numpy as np

from lea_geo.spatial.compiled import compiled

# The constants of splitmix64 (Steele, Lea and Flood 2014, https://doi.org/10.1145/2660193.2660195).
_STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_27, _30, _31, _32 = (np.uint64(bits) for bits in (27, 30, 31, 32))
_LOW = np.uint64(0xFFFFFFFF)


def draw_key(seed: int) -> np.uint64:
    """Return what a seed puts into every hash; seeds that differ a little give keys that differ much."""
    return np.uint64(np.random.SeedSequence(seed).generate_state(1, np.uint64)[0])


@compiled
def mixed(word: np.uint64) -> np.uint64:
    """Return splitmix64's hash of 64 bits: one to one, and every bit depends on every other."""
    word = (word ^ (word >> _30)) * _FIRST
    word = (word ^ (word >> _27)) * _SECOND
    return word ^ (word >> _31)


@compiled
def below(limit: np.uint64, word: np.uint64) -> np.uint64:
    """Return a number below ``limit``, each of them as likely, from a random word.

    The upper half of the word is scaled; the few results that would come up once too often are refused and
    the word hashed again (Lemire 2019, https://doi.org/10.1145/3230636). ``limit`` is less than 2**32.
    """
    scaled = (word >> _32) * limit
    if scaled & _LOW < limit:
        least = (_LOW + np.uint64(1) - limit) % limit
        while scaled & _LOW < least:
            word = mixed(word + _STEP)
            scaled = (word >> _32) * limit
    return scaled >> _32


@compiled
def draw_ranks(ranks: np.ndarray, first: int, key: np.uint64, deck: np.ndarray) -> None:
    """Fill each column of ``ranks`` with different numbers below ``len(deck)``, all orders as likely.

    Parameters
    ----------
    ranks
        Filled here; shape (places, draws), with no more places than there are ranks.
    first
        The number of the draw in the first column.
    deck
        The numbers from 0, which a draw shuffles as far as it needs and then puts back; shape (n,).
    """
    places, draws = ranks.shape
    picks = np.empty(places, np.int64)
    for draw in range(draws):
        stream = mixed(key + np.uint64(first + draw) * _STEP)
        for place in range(places):
            stream += _STEP
            pick = place + np.int64(below(np.uint64(len(deck) - place), mixed(stream)))
            ranks[place, draw] = deck[pick]
            deck[pick] = deck[place]
            picks[place] = pick
        for place in range(places):
            deck[picks[place]] = picks[place]
