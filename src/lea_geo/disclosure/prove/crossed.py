"""Counts by sex, age group and the like over areas, several years, and means with their counts.

What is *exact* and what is *bounded*:

* Tables whose levels refine each other in two chains at most (counts by age group for postal areas and for
  municipalities, beside the totals of both; or two trees of areas without attributes) are two families over
  the atoms "area x category": a network, exact by flows (`lea_geo.disclosure.prove.bounds`, `unsafe`).
* More chains (two attributes beside each other, or an attribute over two kinds of areas): `cross_bounds` and
  `many.unsafe_groups`, exact where the integer programs finish, and said to be open where not.
* Sums of money and the like (a mean times its count) are real numbers: the interval that linear programming
  gives is what the printed digits allow, no more and no less. What is known of single people is one interval
  for all (`least`, `most`).
* A median says how many of a group lie below it; of the rest of a group it bounds a number of people, not
  their values.
* Years are tied by how many people can have moved or died at most, as stated; nothing is assumed of who.
"""

from __future__ import annotations

from itertools import pairwise, permutations
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import maximum_bipartite_matching

from lea_geo._checks.disclosure_linear import (
    check_dimensions,
    check_levels,
    check_means,
    check_numbers,
    check_years,
)
from lea_geo.disclosure.prove.bounds import atom_bounds
from lea_geo.disclosure.prove.linear import SECONDS, LinearSystem, SumBounds, bounds
from lea_geo.disclosure.prove.many_system import build_system
from lea_geo.disclosure.prove.network import MOST_FAMILIES
from lea_geo.disclosure.published import NO_LIMIT, ROOT, Family, Published

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    Levels = Mapping[str, Sequence[str]]
    Interval = tuple[ArrayLike, ArrayLike]


def cross(dimensions: Mapping[str, Levels], tables: Mapping[tuple[str, ...], Interval]) -> Published:
    """Return tables over areas and attributes as what is published of their crossings.

    Parameters
    ----------
    dimensions
        What the tables are broken down by, each with its levels, the finest first, and at each level the
        label of every finest item: ``{"area": {"postal": ["00100", "00200"], "town": ["091", "091"]}, "sex":
        {"sex": ["f", "m"]}}``. A level's name stands for it in all dimensions.
    tables
        The levels that a table is broken down by, to the least and the most of each of its numbers: arrays
        with one axis a level, in the sorted order of its labels. A dimension that is left out is summed
        over; ``()`` is the grand total. Where nothing is known: 0 and ``NO_LIMIT``.

    Returns
    -------
    Published
        Atoms are the crossings of the finest items, the last dimension running fastest. Families are chains
        of tables that refine each other, as few as can be (Dilworth's theorem, by a matching).

    Raises
    ------
    lea_geo.errors.UsageError
        A level that no dimension has, two of one dimension, or arrays of another shape.

    Examples
    --------
    >>> published = cross(
    ...     {"area": {"postal": ["a", "b"]}, "sex": {"sex": ["f", "m"]}},
    ...     {("postal",): ([5, 7], [5, 7]), ("sex",): ([6, 6], [6, 6]),
    ...      ("postal", "sex"): ([[0, 0], [0, 4]], [[NO_LIMIT, NO_LIMIT], [NO_LIMIT, 4]])})
    >>> lower, upper, exact = cross_bounds(published)
    >>> lower.tolist(), upper.tolist()
    ([3.0, 2.0, 3.0, 4.0], [3.0, 2.0, 3.0, 4.0])
    """
    grid = _Grid(dimensions)
    least, most = np.zeros(grid.n_atoms, dtype=np.int64), np.full(grid.n_atoms, NO_LIMIT)
    known: dict[tuple[str, ...], tuple[NDArray[np.int64], NDArray[np.int64]]] = {}
    for levels, (lower, upper) in tables.items():
        check_levels(levels, grid.dimension_of)
        low, high = np.asarray(lower, dtype=np.int64), np.asarray(upper, dtype=np.int64)
        check_numbers(levels, grid.shape(levels), low, high)
        if grid.is_finest(levels):
            code = grid.codes(levels)
            least, most = np.maximum(least, low.ravel()[code]), np.minimum(most, high.ravel()[code])
        else:
            known[levels] = low.ravel(), high.ravel()
    families = tuple(_family(grid, chain, known) for chain in _chains(grid, list(known)))
    return Published(families, least, most, grid.atom_names())


class _Grid:
    """The crossings of all dimensions' items."""

    def __init__(self, dimensions: Mapping[str, Levels]) -> None:
        check_dimensions(dimensions)
        self.dimension_of = {level: at for at, levels in enumerate(dimensions.values()) for level in levels}
        self._labels: dict[str, NDArray[np.str_]] = {}
        self._code: dict[str, NDArray[np.int64]] = {}
        for levels in dimensions.values():
            for level, labels in levels.items():
                self._labels[level], code = np.unique(np.asarray(labels, dtype=str), return_inverse=True)
                self._code[level] = code.astype(np.int64)
        self._first = [next(iter(levels)) for levels in dimensions.values()]
        self._sizes = tuple(len(self._code[level]) for level in self._first)
        self.n_atoms = int(np.prod(self._sizes))

    def shape(self, levels: tuple[str, ...]) -> tuple[int, ...]:
        return tuple(len(self._labels[level]) for level in levels)

    def codes(self, levels: tuple[str, ...]) -> NDArray[np.int64]:
        """Return the number of a table that each atom is counted in."""
        code = np.zeros(self._sizes, dtype=np.int64)
        for level in levels:
            along = [1] * len(self._sizes)
            along[self.dimension_of[level]] = -1
            code = code * len(self._labels[level]) + self._code[level].reshape(along)
        return code.ravel()

    def is_finest(self, levels: tuple[str, ...]) -> bool:
        """Return whether each number of a table is that of one atom."""
        return len(np.unique(self.codes(levels))) == self.n_atoms

    def names(self, levels: tuple[str, ...]) -> list[str]:
        """Return what each number of a table is called."""
        named = [""]
        for level in levels:
            named = [f"{before}, {level} {label}" for before in named for label in self._labels[level]]
        return [name.removeprefix(", ") or "all" for name in named]

    def atom_names(self) -> tuple[str, ...]:
        levels = tuple(self._first)
        named = self.names(levels)
        return tuple(named[code] for code in self.codes(levels))


def _chains(grid: _Grid, tables: list[tuple[str, ...]]) -> list[list[tuple[str, ...]]]:
    """Return as few chains of tables as can be, each table refining the next of its chain."""
    codes = [grid.codes(levels) for levels in tables]
    finer = np.zeros((len(tables), len(tables)), dtype=bool)
    for one, two in permutations(range(len(tables)), 2):
        both = np.unique(np.stack([codes[one], codes[two]]), axis=1)
        same = len(np.unique(codes[one])) == len(np.unique(codes[two]))
        finer[one, two] = both.shape[1] == len(np.unique(codes[one])) and (not same or one < two)
    if not tables:
        return []
    after = maximum_bipartite_matching(sparse.csr_array(finer), perm_type="column")
    chains = []
    for start in np.setdiff1d(np.arange(len(tables)), after).tolist():
        chain, at = [], start
        while at != -1:
            chain.append(tables[at])
            at = int(after[at])
        chains.append(chain)
    return chains


def _family(
    grid: _Grid,
    chain: list[tuple[str, ...]],
    known: Mapping[tuple[str, ...], tuple[NDArray[np.int64], NDArray[np.int64]]],
) -> Family:
    """Return the numbers of a chain of tables as areas that lie in each other."""
    sizes = [len(known[levels][0]) for levels in chain]
    first = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    place = [grid.codes(levels) + start for levels, start in zip(chain, first[:-1], strict=True)]
    parent = np.full(first[-1], ROOT, dtype=np.int64)
    for inner, outer in pairwise(place):
        parent[inner] = outer
    low, high = (np.concatenate([known[levels][side] for levels in chain]) for side in (0, 1))
    ids = tuple(name for levels in chain for name in grid.names(levels))
    return Family(
        " < ".join(" x ".join(levels) or "all" for levels in chain), place[0], parent, low, high, ids
    )


def cross_bounds(published: Published, *, seconds: float = SECONDS) -> SumBounds:
    """Return the least and the most of each atom: by flows up to two families, else by integer programs.

    Parameters
    ----------
    published
        From :func:`cross`, or any.
    seconds
        How long one part of the integer program may take.

    Raises
    ------
    lea_geo.errors.ValuesError, lea_geo.errors.ContradictionError
        The tables contradict each other.
    """
    if len(published.families) <= MOST_FAMILIES:
        lower, upper = atom_bounds(published)
        endless = np.where(upper >= NO_LIMIT, np.inf, upper.astype(float))
        return SumBounds(lower.astype(float), endless, np.ones(len(lower), dtype=bool))
    every = sparse.csr_array(sparse.eye_array(published.n_atoms))
    return bounds(build_system(published), every, seconds=seconds)


def total_bounds(
    published: Published,
    means: Mapping[str, tuple[float, float]],
    groups: Sequence[NDArray[np.int64]],
    *,
    least: float = 0.0,
    most: float = np.inf,
    seconds: float = SECONDS,
) -> SumBounds:
    """Return the interval of some groups' totals (of income, say) that means and counts tell together.

    A mean times its count is a total, and totals are added and subtracted like counts: where two groups
    differ by one person, that is his or her income. Exact in the sense of
    `lea_geo.disclosure.prove.linear.bounds`, if the number of people in each atom is known; else the limits
    on single people are loosened to what may be.

    Parameters
    ----------
    published
        The counts.
    means
        Id of an area, as its family calls it, to the interval that its printed mean stands for. Its count
        must be published.
    groups
        Positions of each group's atoms.
    least, most
        What one person's value is at least and at most, as far as an attacker knows.
    seconds
        How long one part of the program may take.

    Raises
    ------
    lea_geo.errors.ValuesError
        A mean of an area that there is not, or whose count is not published.
    lea_geo.errors.ContradictionError
        The means contradict each other.
    """
    place = {one: (family, at) for family in published.families for at, one in enumerate(family.ids)}
    known = [place[area] for area in means if area in place]
    unsure = [family.ids[at] for family, at in known if family.lower[at] != family.upper[at]]
    check_means([area for area in means if area not in place], unsure)
    people = np.array([family.lower[at] for family, at in known], dtype=float)
    low, high = np.array(list(means.values()), dtype=float).reshape(-1, 2).T
    count = cross_bounds(published, seconds=seconds)
    system = LinearSystem(
        _indicators([_inside(family, at) for family, at in known], published.n_atoms),
        people * low,
        people * high,
        np.minimum(*(_times(least, side) for side in (count.lower, count.upper))),
        np.maximum(*(_times(most, side) for side in (count.lower, count.upper))),
        np.zeros(published.n_atoms, dtype=bool),
        tuple(f"the mean of {area}" for area in means),
    )
    return bounds(system, _indicators(groups, published.n_atoms), seconds=seconds)


def _times(value: float, people: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a value times numbers of people, where endless times nobody is nothing."""
    with np.errstate(invalid="ignore"):
        return np.where((people == 0) | (value == 0), 0.0, value * people)


def _inside(family: Family, area: int) -> NDArray[np.int64]:
    """Return the atoms that lie in an area."""
    at, inside = family.leaf, np.zeros(len(family.leaf), dtype=bool)
    while np.any(at != ROOT):
        inside |= at == area
        at = np.where(at == ROOT, ROOT, family.parent[at])
    return np.flatnonzero(inside)


def _indicators(groups: Sequence[NDArray[np.int64]], n_atoms: int) -> sparse.csr_array:
    """Return a row of ones for each group's atoms."""
    columns = np.concatenate([np.zeros(0, dtype=np.int64), *groups])
    starts = np.concatenate([[0], np.cumsum([len(group) for group in groups])]).astype(np.int64)
    return sparse.csr_array((np.ones(len(columns)), columns, starts), shape=(len(groups), n_atoms))


def rest_below(count: int, median: float, part_count: int, part_median: float) -> tuple[int, int]:
    """Return how many of a group's rest have at most the whole group's median: the least and the most.

    At least half of a group have at most its median, and at least half have at least that. So of the n people
    of a group with median M, without the n1 of a part with median m, between ::

        ceil(n / 2) - most(n1)   and   min(n - n1, n - least(n1))

    have at most M, where of the part ceil(n1 / 2) to n1 do if m <= M, and 0 to floor(n1 / 2) if not. Where
    the least is all of the rest, nobody in it has more than M: that discloses a limit on each of them,
    whatever their number. Call it with both medians negated for how many have at least M.

    Parameters
    ----------
    count, median
        Of the whole group.
    part_count, part_median
        Of a part of it.
    """
    half = -(-part_count // 2)
    least, most = (half, part_count) if part_median <= median else (0, part_count - half)
    return max(0, -(-count // 2) - most), min(count - part_count, count - least)


def over_years(years: Sequence[LinearSystem], changes: Sequence[ArrayLike]) -> LinearSystem:
    """Return several years of the same unknowns as one system, tied by how much each can have changed.

    Parameters
    ----------
    years
        The conditions of each year, over the same unknowns in the same order. A number that is published
        again for the same reference year is such a year with a change of 0.
    changes
        Between each year and the next, by how much an unknown can have grown or shrunk at most: a number, or
        one for each unknown. It is for whoever audits to state; infinite ties nothing.

    Raises
    ------
    lea_geo.errors.UsageError
        Years over different numbers of unknowns, or not one change between each two.

    Examples
    --------
    Ten people in two areas, 4 to 6 of them in the first; a year before it had 2, and at most 2 came or went.

    >>> import numpy as np
    >>> from scipy import sparse
    >>> from lea_geo.disclosure.prove.linear import LinearSystem, bounds
    >>> def one(lower, upper):
    ...     rows = sparse.csr_array([[1, 1], [1, 0]])
    ...     return LinearSystem(rows, np.array([10, lower]), np.array([10, upper]),
    ...                         np.zeros(2), np.full(2, np.inf), np.ones(2, dtype=bool))
    >>> both = over_years([one(2, 2), one(4, 6)], [2])
    >>> bounds(both, sparse.csr_array(np.eye(4))).upper.tolist()
    [2.0, 8.0, 4.0, 6.0]
    """
    sizes = [len(year.least) for year in years]
    check_years(sizes, len(changes))
    n, last = sizes[0], len(years) - 1
    step = sparse.csr_array((0, n * (last + 1)))
    if last:
        gap = np.eye(last, last + 1, k=1) - np.eye(last, last + 1)
        step = sparse.csr_array(sparse.kron(sparse.csr_array(gap), sparse.csr_array(np.eye(n))))
    most = np.concatenate([np.zeros(0), *(np.broadcast_to(change, n) for change in changes)])
    matrix = sparse.vstack([sparse.block_diag([year.matrix for year in years]), step])
    named = [
        f"{row} ({at})"
        for at, year in enumerate(years, 1)
        for row in map(year.row_name, range(len(year.lower)))
    ]
    moved = [
        f"change of {at} from year {year} to {year + 1}" for year in range(1, last + 1) for at in range(n)
    ]
    return LinearSystem(
        sparse.csr_array(matrix),
        np.concatenate([*(year.lower for year in years), -most]),
        np.concatenate([*(year.upper for year in years), most]),
        np.concatenate([year.least for year in years]),
        np.concatenate([year.most for year in years]),
        np.concatenate([year.integer for year in years]),
        (*named, *moved),
    )
