"""A made-up country of Finland's size: who lives in which piece of which cell and postal area.

Households lie around towns (Zipf's sizes) and hamlets; postal areas are what lies nearest to their post
office, municipalities the postal areas nearest to a town. A cell on a border of postal areas is two atoms or
more, as in the real country.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree

from lea_geo.disclosure.published import Family, build_family

if TYPE_CHECKING:
    from numpy.typing import NDArray

WIDTH, HEIGHT = 560_000.0, 1_060_000.0
"""Metres, a little less than the country's box."""
HOUSEHOLDS, POSTAL, TOWNS, HAMLETS = 2_600_000, 3_000, 300, 18_000


@dataclass(frozen=True)
class World:
    """One row an atom."""

    x: NDArray[np.int64]
    """The lower-left corner of its 250 m cell, in metres."""
    y: NDArray[np.int64]
    cell: NDArray[np.int64]
    """Its cell, numbered from 0."""
    postal: NDArray[np.int64]
    municipality: NDArray[np.int64]
    people: NDArray[np.int64]
    children_poor: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.x)

    def square(self, side: int) -> NDArray[np.int64]:
        """Return the square of ``side`` metres that each atom lies in, as one number."""
        return (self.y // side) * 10_000_000 + self.x // side

    def part(self, rows: NDArray[np.bool_]) -> World:
        """Return some of the atoms."""
        return replace(self, **{one.name: getattr(self, one.name)[rows] for one in fields(self)})

    def grid(self, *sides: int) -> Family:
        """Return the cells, nested in squares of larger sides."""
        levels = {"cell": self.cell, **{f"square_{side}": self.square(side) for side in sides}}
        return build_family("grid", {name: _padded(ids) for name, ids in levels.items()})

    def post(self) -> Family:
        """Return the postal areas, nested in municipalities."""
        return build_family(
            "post", {"postal": _padded(self.postal), "municipality": _padded(self.municipality)}
        )


def _padded(ids: NDArray[np.int64]) -> list[str]:
    return np.char.zfill(ids.astype(str), 6).tolist()


@cache
def finland(seed: int = 2009, *, cells: int = 363_000) -> World:
    """Return the country with so many inhabited cells; fewer cells are a southern part of it."""
    rng = np.random.default_rng(seed)
    towns = _places(rng, TOWNS)
    weights = 1.0 / np.arange(1, TOWNS + 1) ** 0.9
    home = _homes(rng, towns, weights / weights.sum())
    offices = home[rng.choice(len(home), POSTAL, replace=False)] + rng.normal(0, 2_000, (POSTAL, 2))
    x, y = (np.floor(home / 250).astype(np.int64) * 250).T
    number = y // 250 * 10_000 + x // 250
    kept = _first(number, cells)
    home, x, y, number = home[kept], x[kept], y[kept], number[kept]
    postal = cKDTree(offices).query(home)[1]
    municipality = cKDTree(towns).query(offices)[1][postal]
    size = rng.choice(np.arange(1, 7), len(home), p=[0.45, 0.32, 0.1, 0.08, 0.035, 0.015])
    poor = rng.random(len(home)) < (0.04 + 0.12 * rng.random(POSTAL))[postal]
    children = np.where((size > 2) & poor, size - 1 - (rng.random(len(home)) < 0.7), 0)
    _, first, atom = np.unique(number * POSTAL + postal, return_index=True, return_inverse=True)
    people, children_poor = (np.bincount(atom, some).astype(np.int64) for some in (size, children))
    _, cell = np.unique(number[first], return_inverse=True)
    return World(
        x[first], y[first], cell.astype(np.int64), postal[first], municipality[first], people, children_poor
    )


def _places(rng: np.random.Generator, count: int) -> NDArray[np.float64]:
    """Return places, more of them in the south."""
    return np.column_stack([rng.random(count) * WIDTH, rng.beta(1.0, 2.2, count) * HEIGHT])


def _homes(
    rng: np.random.Generator, towns: NDArray[np.float64], shares: NDArray[np.float64]
) -> NDArray[np.float64]:
    in_town = int(HOUSEHOLDS * 0.88)
    town = rng.choice(len(towns), in_town, p=shares)
    distance = (600 + 16_000 * np.sqrt(shares))[town] * rng.gamma(4, 0.25, in_town)
    angle = rng.random(in_town) * 2 * np.pi
    urban = towns[town] + np.column_stack([np.cos(angle), np.sin(angle)]) * distance[:, None]
    hamlets = _places(rng, HAMLETS)
    at = rng.integers(HAMLETS, size=HOUSEHOLDS - in_town)
    rural = hamlets[at] + rng.normal(0, 250, (len(at), 2))
    return np.clip(np.concatenate([urban, rural]), 0, [WIDTH - 1, HEIGHT - 1])


def _first(number: NDArray[np.int64], cells: int) -> NDArray[np.bool_]:
    """Return the households of the first cells, counted from the south."""
    found, which = np.unique(number, return_inverse=True)
    if cells > len(found):
        raise ValueError(f"There are {len(found)} inhabited cells, fewer than {cells}.")
    return which < cells
