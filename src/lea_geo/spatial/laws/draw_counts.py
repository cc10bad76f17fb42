"""Counts how many draws lie below and above what each area has: the loops of conditional permutation.

A draw is k + 1 different ranks in random order, k being the most neighbours that any area has. An area with
k_i of them uses the first k_i; where its own rank is among these, the next rank takes its place. Draws are
made in tiles that stay near the processor; every tile is scanned for all areas and then forgotten. Few draws
hold a given area, so each is first compared as if none did, and then its own draws, which a list leads to,
are compared again.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lea_geo.spatial.compiled import compiled, in_chunks
from lea_geo.spatial.laws.random_draws import draw_ranks

TILE_CELLS = 2**17
"""How many sums a thread holds at once, in tiles of neither fewer nor more draws than these."""
TILE_DRAWS = (64, 2048)


class Areas(NamedTuple):
    """Where each area's sum_j w_ij (base_j + sum_v slope_iv column_vj) is to be compared with its draws."""

    sizes: np.ndarray
    """Number of neighbours, at least 1; shape (m,)."""
    own: np.ndarray
    """The rank that is left out of the area's draws, shape (m,)."""
    slopes: np.ndarray
    """Shape (m, columns)."""
    low: np.ndarray
    """Smaller sums are below the observed one, shape (m,)."""
    high: np.ndarray
    """Larger sums are above it, shape (m,)."""
    starts: np.ndarray
    """Where the area's weights start in ``weights``, shape (m,)."""
    weights: np.ndarray
    """The areas' weights one after another; empty where all of them are 1."""

    def take(self, rows: np.ndarray) -> Areas:
        """Return some of the areas."""
        sizes, own, slopes, low, high, starts = (column[rows] for column in self[:-1])
        return Areas(sizes, own, slopes, low, high, starts, self.weights)


class _Tile(NamedTuple):
    """Some consecutive draws."""

    table: np.ndarray
    """The base and the columns in the order of the ranks, shape (1 + columns, n)."""
    ranks: np.ndarray
    """What is drawn, shape (places, draws)."""
    sums: np.ndarray
    """The table at the ranks, for equal weights cumulated over the places; (1 + columns, places, draws)."""
    heads: np.ndarray
    """For each rank one of the places that hold it, ``place * draws + draw``, or -1; shape (n,)."""
    following: np.ndarray
    """For each such place another one with the same rank, or -1; shape (places * draws,)."""


def count_draws(areas: Areas, table: np.ndarray, first: int, last: int, key: np.uint64) -> np.ndarray:
    """Return how many of the draws from ``first`` to before ``last`` are below and above what each area has.

    Parameters
    ----------
    table
        The base and the columns in the order of the ranks, shape (1 + columns, n).
    key
        Of the seed, as :func:`draw_key` gives it.

    Returns
    -------
    numpy.ndarray
        Shape (2, m); the same for any number of threads.
    """
    # Areas of one size use the same sums, which one after another find near the processor.
    order = np.argsort(areas.sizes, kind="stable")
    alike = areas.take(order)
    found: list[np.ndarray] = []
    in_chunks(
        lambda start, stop: found.append(_scan(alike, table, first + start, first + stop, key)),
        last - first,
        least=TILE_DRAWS[0],
    )
    counts = np.empty_like(found[0])
    counts[:, order] = np.sum(found, axis=0)
    return counts


def _scan(areas: Areas, table: np.ndarray, first: int, last: int, key: np.uint64) -> np.ndarray:
    n = table.shape[1]
    places = int(areas.sizes.max()) + 1
    least, most = TILE_DRAWS
    width = min(most, max(least, TILE_CELLS // (places * len(table))))
    deck, heads = np.arange(n, dtype=np.int32), np.full(n, -1, dtype=np.int32)
    counts = np.zeros((2, len(areas.sizes)), dtype=np.int64)
    for start in range(first, last, width):
        ranks = np.empty((places, min(width, last - start)), dtype=np.int32)
        sums = np.empty((len(table), *ranks.shape))
        tile = _Tile(table, ranks, sums, heads, np.empty(ranks.size, dtype=np.int32))
        draw_ranks(ranks, start, key, deck)
        _look_up(tile, len(areas.weights) == 0)
        _link(tile)
        _compare(areas, tile, counts)
        _unlink(tile)
    return counts


@compiled
def _look_up(tile: _Tile, running: bool) -> None:
    """Fill the sums of a tile, running ones over the places or only what each place holds."""
    places, draws = tile.ranks.shape
    for row in range(len(tile.table)):
        for place in range(places):
            for draw in range(draws):
                tile.sums[row, place, draw] = tile.table[row, tile.ranks[place, draw]]
            if running and place > 0:
                for draw in range(draws):
                    tile.sums[row, place, draw] += tile.sums[row, place - 1, draw]


@compiled
def _link(tile: _Tile) -> None:
    """Make the lists of the places that hold each rank; the last place is only a substitute."""
    places, draws = tile.ranks.shape
    for place in range(places - 1):
        for draw in range(draws):
            rank, here = tile.ranks[place, draw], place * draws + draw
            tile.following[here] = tile.heads[rank]
            tile.heads[rank] = here


@compiled
def _unlink(tile: _Tile) -> None:
    """Empty the lists."""
    for place in range(len(tile.ranks) - 1):
        for draw in range(tile.ranks.shape[1]):
            tile.heads[tile.ranks[place, draw]] = -1


@compiled
def _compare(areas: Areas, tile: _Tile, counts: np.ndarray) -> None:
    """Count a tile of draws for every area."""
    sums = tile.sums
    total = np.empty(sums.shape[2])
    for area in range(len(areas.sizes)):
        size, slopes, start = areas.sizes[area], areas.slopes[area], areas.starts[area]
        base = last = total
        slope = 0.0
        if len(areas.weights) > 0:
            _add_weighted(sums, areas.weights[start : start + size], slopes, total)
        else:
            base = last = sums[0, size - 1]
            if len(slopes) > 1:
                _add_slopes(sums, size, slopes, total)
                base = total
            if len(slopes) > 0:
                slope, last = slopes[-1], sums[-1, size - 1]
        below, above = _outside(base, slope, last, areas.low[area], areas.high[area])
        counts[0, area] += below
        counts[1, area] += above
        if tile.heads[areas.own[area]] >= 0:
            fewer, more = _without_own(areas, tile, area, base, slope, last)
            counts[0, area] += fewer
            counts[1, area] += more


@compiled
def _outside(base: np.ndarray, slope: float, last: np.ndarray, low: float, high: float) -> tuple[int, int]:
    """Return how many of ``base + slope * last`` are less than ``low`` and greater than ``high``."""
    below = above = 0
    for draw in range(len(base)):
        total = base[draw] + slope * last[draw]
        below += total < low
        above += total > high
    return below, above


@compiled
def _add_slopes(sums: np.ndarray, size: int, slopes: np.ndarray, total: np.ndarray) -> None:
    """Fill ``total`` with an area's sum in every draw from running sums, all but the last column."""
    total[:] = sums[0, size - 1]
    for column in range(len(slopes) - 1):
        slope, running = slopes[column], sums[column + 1, size - 1]
        for draw in range(len(total)):
            total[draw] += slope * running[draw]


@compiled
def _add_weighted(sums: np.ndarray, weights: np.ndarray, slopes: np.ndarray, total: np.ndarray) -> None:
    """Fill ``total`` with an area's weighted sum in every draw from what each place holds."""
    total[:] = 0.0
    for place in range(len(weights)):
        for row in range(len(sums)):
            factor = weights[place] * (slopes[row - 1] if row > 0 else 1.0)
            held = sums[row, place]
            for draw in range(len(total)):
                total[draw] += factor * held[draw]


@compiled
def _term(tile: _Tile, rank: int, slopes: np.ndarray) -> float:
    """Return what one rank adds to an area's sum for a weight of 1."""
    total = tile.table[0, rank]
    for column in range(len(slopes)):
        total += slopes[column] * tile.table[column + 1, rank]
    return float(total)


@compiled
def _without_own(
    areas: Areas, tile: _Tile, area: int, base: np.ndarray, slope: float, last: np.ndarray
) -> tuple[int, int]:
    """Return how both counts change when the next rank takes the place of the area's own."""
    size, own, slopes = areas.sizes[area], areas.own[area], areas.slopes[area]
    low, high = areas.low[area], areas.high[area]
    below = above = 0
    here = tile.heads[own]
    while here >= 0:
        place, draw = here // len(base), here % len(base)
        if place < size:
            weight = areas.weights[areas.starts[area] + place] if len(areas.weights) > 0 else 1.0
            held = base[draw] + slope * last[draw]
            kept = held + weight * (_term(tile, tile.ranks[size, draw], slopes) - _term(tile, own, slopes))
            below += int(kept < low) - int(held < low)
            above += int(kept > high) - int(held > high)
        here = tile.following[here]
    return below, above
