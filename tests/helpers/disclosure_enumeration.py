"""Every table that could be behind what is published of a few atoms, and small random releases.

Nothing here knows of networks or programs: a table is tried atom by atom and kept where all areas agree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numba
import numpy as np

from lea_geo.disclosure.published import NO_LIMIT, ROOT, Family, Published

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_TABLES = 20_000


def membership(published: Published) -> NDArray[np.int64]:
    """Return 1 where an area (row, family by family) holds an atom (column)."""
    rows = []
    for family in published.families:
        for area in range(len(family.parent)):
            inside = []
            for leaf in family.leaf:
                at = leaf
                while at not in (area, ROOT):
                    at = family.parent[at]
                inside.append(int(at == area))
            rows.append(inside)
    return np.array(rows, dtype=np.int64).reshape(-1, published.n_atoms)


def known(published: Published) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the least and the most of each row of :func:`membership`."""
    lower, upper = (
        np.concatenate([np.zeros(0, dtype=np.int64), *(getattr(one, side) for one in published.families)])
        for side in ("lower", "upper")
    )
    return lower, upper


def all_tables(published: Published, most: int = MOST_TABLES) -> NDArray[np.int64] | None:
    """Return all tables, one a row; None where there are more than ``most``."""
    lower, upper = known(published)
    found = np.empty((most, published.n_atoms), dtype=np.int64)
    count = _enumerate(membership(published), lower, upper, published.lower, published.upper, found)
    return found[:count] if count <= most else None


@numba.njit(cache=True)
def _enumerate(inside, lower, upper, least, most, found):  # noqa: C901, PLR0912 - one loop, as an odometer is
    """Go through the tables like an odometer; turn back where an area holds too much or can get no more."""
    n_rows, n = inside.shape
    last = np.full(n_rows, -1)
    for r in range(n_rows):
        for a in range(n):
            if inside[r, a]:
                last[r] = a
        if last[r] < 0 and (lower[r] > 0 or upper[r] < 0):
            return 0
    counts, sums, count, a = least - 1, np.zeros(n_rows, np.int64), 0, 0
    fresh = np.ones(n, np.bool_)
    while a >= 0:
        step = least[a] if fresh[a] else 1
        counts[a] = least[a] if fresh[a] else counts[a] + 1
        fresh[a] = False
        too_much, too_little = counts[a] > most[a], False
        for r in range(n_rows):
            if inside[r, a]:
                sums[r] += step
                too_much |= sums[r] > upper[r]
                too_little |= last[r] == a and sums[r] < lower[r]
        if too_much:
            for r in range(n_rows):
                if inside[r, a]:
                    sums[r] -= counts[a]
            fresh[a] = True
            a -= 1
        elif too_little:
            continue
        elif a == n - 1:
            if count == len(found):
                return count + 1
            found[count] = counts
            count += 1
        else:
            a += 1
    return count


def unions(n: int) -> NDArray[np.int64]:
    """Return every union of n atoms but the empty one, one a row."""
    return (np.arange(1, 2**n)[:, None] >> np.arange(n)) & 1


def union_bounds(tables: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the least and the most of every union of atoms over all tables."""
    return _union_bounds(np.ascontiguousarray(tables))


@numba.njit(cache=True)
def _union_bounds(tables):
    """Add up each union as the same without its highest atom, plus that one."""
    n = tables.shape[1]
    sums = np.zeros(2**n, np.int64)
    least, most = np.full(2**n, np.iinfo(np.int64).max), np.full(2**n, -1)
    for row in range(len(tables)):
        for atom in range(n):
            first = 1 << atom
            for rest in range(first):
                held = sums[rest] + tables[row, atom]
                sums[first + rest] = held
                least[first + rest] = min(least[first + rest], held)
                most[first + rest] = max(most[first + rest], held)
    return least[1:], most[1:]


def random_family(
    rng: np.random.Generator, name: str, counts: NDArray[np.int64], *, intervals: bool
) -> Family:
    """Return a family of one level or two, of which some areas are published and others hidden or vague."""
    n = len(counts)
    leaves, tops = int(rng.integers(1, min(n, 5) + 1)), int(rng.integers(0, 3))
    parent = np.full(leaves + tops, ROOT, dtype=np.int64)
    if tops:
        parent[:leaves] = np.where(rng.random(leaves) < 0.9, leaves + rng.integers(tops, size=leaves), ROOT)
    ids = tuple(f"{name} {area}" for area in range(leaves + tops))
    nothing = np.zeros(leaves + tops, dtype=np.int64)
    family = Family(name, rng.integers(leaves, size=n), parent, nothing, nothing, ids)
    totals = family.totals(counts)
    lower, upper = totals.copy(), totals.copy()
    hidden = rng.random(len(totals)) < rng.choice([0.0, 0.3, 0.6])
    lower[hidden], upper[hidden] = 0, NO_LIMIT
    if intervals:
        vague = rng.random(len(totals)) < 0.3
        lower[vague] = np.maximum(0, totals - rng.integers(3, size=len(totals)))[vague]
        upper[vague] = (totals + rng.integers(3, size=len(totals)))[vague]
    return Family(name, family.leaf, parent, lower, upper, ids)


def random_release(
    rng: np.random.Generator, *, families: int = 2, caps: bool = False, intervals: bool = False, most: int = 8
) -> tuple[Published, NDArray[np.int64]]:
    """Return what is published of a few atoms, and the true counts; every atom is bounded somehow."""
    n = int(rng.integers(2, most + 1))
    counts = rng.choice([0, 0, 0, 1, 1, 2, 3, 5], size=n).astype(np.int64)
    parts = tuple(random_family(rng, f"f{number}", counts, intervals=intervals) for number in range(families))
    upper = np.full(n, NO_LIMIT, dtype=np.int64)
    if caps:
        capped = rng.random(n) < 0.6
        upper[capped] = (counts + rng.integers(4, size=n))[capped]
    found = Published(parts, np.zeros(n, dtype=np.int64), upper)
    bounded = (membership(found) * (known(found)[1] < NO_LIMIT)[:, None]).any(axis=0)
    upper[~bounded] = np.minimum(upper, counts + rng.integers(4, size=n))[~bounded]
    return Published(parts, found.lower, upper), counts
