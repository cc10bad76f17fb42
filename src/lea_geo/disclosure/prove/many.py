"""Which groups of people three or more overlapping kinds of areas disclose together.

Two families of areas are a network, three are not: how many an atom can hold is an integer program over a
country. So the question is asked from both sides. A *relaxation* leaves conditions out: what is impossible in
it is impossible. A *restriction* keeps something as it is in one table: what it reaches can be reached. With
all families but one frozen where they cross, the restriction is a network again, and flows answer it for
nearly every atom (``many_freeze``). For the few that are left, integer programs look at larger and larger
blocks around them, once with everything outside held still and once with everything outside free
(``many_system``). What neither decides is open, and counts as unsafe.
"""

from __future__ import annotations

from dataclasses import replace
from time import monotonic
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from lea_geo._checks.disclosure_bounds import check_counts
from lea_geo.disclosure.prove.flow import feasible_counts
from lea_geo.disclosure.prove.linear import bounds
from lea_geo.disclosure.prove.many_empty import emptied
from lea_geo.disclosure.prove.many_freeze import lifted
from lea_geo.disclosure.prove.many_groups import Cluster
from lea_geo.disclosure.prove.many_recipe import find_recipe
from lea_geo.disclosure.prove.many_search import SIZES, Search, raised
from lea_geo.disclosure.prove.unsafe import Unsafe, UnsafeGroup
from lea_geo.disclosure.published import NO_LIMIT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lea_geo.disclosure.prove.many_system import Block
    from lea_geo.disclosure.prove.recipe import Recipe
    from lea_geo.disclosure.published import Published

SECONDS = 240.0
"""How long integer programs may take in all, unless told otherwise."""
RECIPES_SECONDS = 60.0
"""How long recipes of groups are looked for after that."""
PLACES = 500
"""Around how many atoms it is asked which empty ones can be raised; others are taken not to be."""


def unsafe_groups(
    published: Published,
    k: int,
    counts: NDArray[np.int64] | None = None,
    *,
    zero: str = "safe",
    seconds: float | None = None,
) -> Unsafe:
    """Return groups of atoms that are proved to hold 1 to k - 1 people, for any number of families.

    A group is unsafe where every table that agrees leaves it between 1 and k - 1. An atom that some table
    gives k or more is in none. If one table leaves nobody in all other atoms, no group is unsafe. Where it
    cannot be emptied, unsafe groups are looked for among these atoms (``many_groups``), the smallest first.

    Parameters
    ----------
    k
        The minimum count, 2 or more.
    counts
        Any table that agrees with what is published; computed where left out.
    zero
        ``"safe"``: a group that is provably empty discloses nobody. ``"hidden"``: a group is unsafe if it can
        be proved to hold fewer than k, unless its known population is 0.
    seconds
        How long integer programs may take in all. Only how much is left open can depend on it; programs are
        limited by branches too, which depend on no machine.

    Returns
    -------
    Unsafe
        Groups from which no atom can be left out, and open atoms with ``proved`` False. Empty only where
        nothing is unsafe. Where a block holds all that is tied to an atom (always, up to some thousand
        atoms), every atom of a smallest unsafe group is in a group that is returned, and bounds are exact.
        Elsewhere at least one group is returned wherever there is one, and bounds may be too wide.

    Raises
    ------
    ValuesError
        The published numbers contradict each other, or ``counts`` does not agree with them.
    """
    found = feasible_counts(published) if counts is None else np.asarray(counts, dtype=np.int64)
    counts = check_counts(found, agrees=counts is None or (found is not None and published.agrees(found)))
    search = Search(published, counts, SECONDS if seconds is None else seconds)
    stuck, proved = _stuck(search, k, zero)
    if zero == "hidden":
        groups = [
            _alone(search, atom, k, proved=sure)
            for atom, sure in zip(stuck.tolist(), proved.tolist(), strict=True)
        ]
    else:
        groups = _Groups(search, stuck, k).all()
    groups.sort(key=lambda group: (group.upper, len(group.atoms), group.atoms))
    search.until = monotonic() + RECIPES_SECONDS
    return Unsafe(tuple(_with_recipes(search, group) for group in groups), k, zero)


def _stuck(search: Search, k: int, zero: str) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the atoms that no table was found to raise to k, and whether none can."""
    published, counts = search.published, search.counts
    atoms = np.flatnonzero((counts < k) & ((counts > 0) if zero == "safe" else (published.upper > 0)))
    free = np.flatnonzero(search.known[1][atoms] >= k)
    free = free[~lifted(published, counts, atoms[free], k)]
    found, never = raised(search, atoms[free], k)
    stuck, proved = search.known[1][atoms] < k, np.ones(len(atoms), dtype=bool)
    stuck[free], proved[free] = ~found, never
    return atoms[stuck], proved[stuck]


def _alone(search: Search, atom: int, k: int, *, proved: bool) -> UnsafeGroup:
    """Return an atom as a group of its own; proved: that it cannot hold k."""
    least, most = search.known[0][atom], min(search.known[1][atom], k - 1 if proved else np.inf)
    if least == most or not proved or search.late():
        upper = NO_LIMIT if np.isinf(most) else int(most)
        return UnsafeGroup((atom,), int(least), upper, None, proved=proved)
    block = search.near.block(search.near.around(np.array([atom]), SIZES[0]), search.counts)
    found = _group(block, np.array([atom]))
    return replace(found, upper=min(found.upper, k - 1))


def _group(block: Block, atoms: NDArray[np.int64]) -> UnsafeGroup:
    """Return an unsafe group with what can be proved of it."""
    target = sparse.csr_array(np.isin(block.atoms, atoms).astype(float)[None, :])
    low, high, _ = bounds(block.loose, target)
    least, most = int(low[0]), NO_LIMIT if np.isinf(high[0]) else int(high[0])
    return UnsafeGroup(tuple(atoms.tolist()), least, most, None)


def _with_recipes(search: Search, group: UnsafeGroup) -> UnsafeGroup:
    """Return a group with the numbers that prove what it holds at most, and at least where these do not."""
    atoms = np.array(group.atoms)
    found: dict[int, Recipe | None] = {1: None, -1: None}
    for size in SIZES if group.proved else ():
        if search.late():
            break
        block = search.said.block(search.said.around(atoms, size), search.counts)
        for sign in [sign for sign, recipe in found.items() if recipe is None]:
            recipe = find_recipe(search, block, atoms, sign)
            if recipe is not None and (recipe.upper <= group.upper, recipe.lower >= group.lower)[sign < 0]:
                found[sign] = recipe
        if all(found.values()) or len(block.atoms) < size:
            break
    above, below = found[1], found[-1]
    said = group.lower == 0 or (above is not None and above.lower >= group.lower)
    return replace(group, recipe=above, floor=None if said else below)


class _Groups:
    """Unsafe groups among atoms that cannot be raised, as they are found."""

    def __init__(self, search: Search, stuck: NDArray[np.int64], k: int) -> None:
        self.search, self.stuck, self.k = search, stuck, k
        self.low = search.counts == 0
        self.low[stuck] = True
        """Atoms that an unsafe group may hold: all but those that some table is known to raise."""
        self.done = np.zeros(len(self.low), dtype=bool)
        self.groups: list[UnsafeGroup] = []

    def all(self) -> list[UnsafeGroup]:
        """Return groups that cover all that is unsafe or open."""
        least, most = (side[self.stuck] for side in self.search.known)
        for atom in self.stuck[(least >= 1) & (most < self.k)].tolist():
            self._add(_alone(self.search, atom, self.k, proved=True))
        if len(self.stuck) == self.done.sum():
            return self.groups
        base = self.search.counts
        self.search.counts = emptied(self.search, self.low)
        left = self.stuck[(self.search.counts[self.stuck] > 0) & ~self.done[self.stuck]]
        self._raise_empty(left, base)
        for atom in left.tolist():
            if self.search.counts[atom] and not self.done[atom]:
                self._resolve(atom)
        return self.groups

    def _add(self, group: UnsafeGroup) -> None:
        self.groups.append(group)
        self.done[list(group.atoms)] = True

    def _raise_empty(self, left: NDArray[np.int64], base: NDArray[np.int64]) -> None:
        """Find which empty atoms around those left can be raised: these are in no unsafe group."""
        near = [self.search.near.around(left[[at]], SIZES[1]) for at in range(min(len(left), PLACES))]
        atoms = np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *near]))
        empty = atoms[base[atoms] == 0]
        self.low[empty[lifted(self.search.published, base, empty, self.k)]] = False

    def _resolve(self, atom: int) -> None:
        """Empty an atom, find an unsafe group that holds it, show that there is none, or leave it open."""
        for block, whole in self.search.blocks(np.array([atom])):
            low = block.atoms[self.low[block.atoms]]
            empty = self.search.ask(block, low, -np.inf, 0).table
            if empty is not None:
                self.search.counts[block.atoms] = empty
                return
            decided = self._covered(block, low, ~self.done[low] if whole else low == atom)
            if decided and (whole or self.done[atom]):
                self.done[low] |= whole
                return
        self._add(_alone(self.search, atom, self.k, proved=False))

    def _covered(self, block: Block, low: NDArray[np.int64], wanted: NDArray[np.bool_]) -> bool:
        """Add unsafe groups that hold the wanted atoms; return whether it was decided which do."""
        inside = set(low.tolist())
        known = [group.atoms for group in self.groups if group.proved and inside.issuperset(group.atoms)]
        found = [np.searchsorted(low, group) for group in known]
        cluster = Cluster(self.search, block, low, self.k, [self.search.counts[low]], found)
        decided = cluster.covering(wanted)
        for group in cluster.found[len(known) :]:
            self._add(_group(block, low[group]))
        return decided
