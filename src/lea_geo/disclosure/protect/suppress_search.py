"""The search for the cheapest areas to hide: recipes are met, all of them are hit at once, and again.

Hiding areas protects everybody exactly when every recipe (see `suppress_cuts`) holds a hidden area. So the
cheapest choice is a minimum hitting set, of which only the recipes that matter are ever written down
(Moreno-Centeno and Karp 2013, https://doi.org/10.1287/opre.1120.1139): the cheapest hitting set of those that
are known is a bound on any choice; where it leaves somebody unprotected, shortest paths complete it to a
choice that protects all and give the recipes that were missing. The search ends where both cost the same, or
nearly.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lea_geo.disclosure.protect.suppress_cuts import Network, Search, failing, new_search, witness
from lea_geo.disclosure.protect.suppress_ways import recipes_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from lea_geo.disclosure.protect.suppress_cover import Cover

ROUNDS = 40
"""How often recipes are looked for before the best choice so far is taken."""
NEARLY = 0.002
"""A choice is good enough where it costs at most so much more than the bound, as a share of the bound."""


@dataclass(frozen=True)
class Overlay:
    """Two families laid over each other, and the pairs that are unprotected from the start."""

    network: Network
    search: Search
    areas: NDArray[np.int64]
    """The number of each of its areas among those of all families."""
    pairs: NDArray[np.int64]
    enough: NDArray[np.int64]
    """How high each pair must be raised."""
    open: NDArray[np.bool_]
    """Which of its areas are hidden in any case and not contracted: something is known of them."""
    together: bool
    """Whether all pairs must be raised at once, in one table; otherwise each in a table of its own."""

    @classmethod
    def of(
        cls,
        network: Network,
        areas: NDArray[np.int64],
        wanting: tuple[NDArray[np.int64], NDArray[np.int64]],
        is_open: NDArray[np.bool_],
        *,
        together: bool = False,
    ) -> Overlay:
        """Return the overlay of a network of which some pairs must reach some height."""
        search = new_search(network)
        pairs, enough = wanting
        if not together:
            low = network.held[pairs] < enough
            pairs, enough = pairs[low], enough[low]
            fails = failing(network, search, is_open, pairs, enough)
            pairs, enough = pairs[fails], enough[fails]
        return cls(network, search, areas, pairs, enough, is_open, together)

    def recipes(
        self, hidden: NDArray[np.bool_], costs: NDArray[np.float64], *, small: bool
    ) -> list[NDArray[np.int64]]:
        """Hide in ``hidden`` what protects every pair. Return the recipes that are in the way."""
        here = self.marks(hidden)
        price = costs[self.areas]
        areas, sizes = recipes_of(
            self.network, self.search, here, self.pairs, self.enough, price, small, self.together
        )
        hidden[self.areas[here & ~self.open]] = True
        return np.split(self.areas[areas], np.cumsum(sizes)[:-1]) if len(sizes) else []

    def groups(self) -> list[NDArray[np.int64]]:
        """Return the pairs that must be raised at once, as positions in ``pairs``."""
        every = np.arange(len(self.pairs))
        return [every] if self.together else list(every[:, None])

    def marks(self, hidden: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return whether each of its areas is hidden."""
        return hidden[self.areas] | self.open

    def witness(self, marks: NDArray[np.bool_], group: NDArray[np.int64]) -> tuple[bool, NDArray[np.int64]]:
        """Return whether a group is protected, and the chosen areas that it takes."""
        safe, passed = witness(self.network, self.search, marks, self.pairs[group], self.enough[group])
        return safe, self.areas[passed[~self.open[passed]]]


@dataclass(frozen=True)
class Choice:
    """Areas to hide, and what no choice can cost less than."""

    hidden: NDArray[np.bool_]
    bound: float


class Unprotected(Exception):  # noqa: N818 - not a fault of a caller: `suppress` turns it into one
    """Somebody stays unprotected whatever may be hidden."""

    def __init__(self, recipes: Sequence[NDArray[np.int64]]) -> None:
        self.recipes = tuple(recipes)
        super().__init__(f"{len(self.recipes)} recipes")


def choose(overlays: Sequence[Overlay], cover: Cover) -> Choice:
    """Return the cheapest areas whose hiding protects every pair of every overlay, or nearly the cheapest.

    Recipes that ``cover`` knows already are hit too; those that are met are added to it.

    Raises
    ------
    Unprotected
        Some pairs cannot be protected; the recipes hold no area that may be hidden.
    """
    costs = cover.costs
    hidden, bound = _cheapest(cover)
    best, least = hidden, np.inf
    for at in range(ROUNDS):
        full = hidden.copy()
        if not _extend(cover, overlays, full, small=at > 0):
            best = full
            break
        cost = float(costs[full].sum())
        if cost < least:
            best, least = full, cost
        if least <= bound * (1 + NEARLY):
            break
        hidden, bound = _cheapest(cover)
    pruned = _pruned(overlays, best, cover)
    return Choice(pruned, min(bound, float(costs[pruned].sum())))


def _cheapest(cover: Cover) -> tuple[NDArray[np.bool_], float]:
    chosen, bound = cover.cheapest()
    hidden = np.zeros(len(cover.costs), dtype=bool)
    hidden[chosen] = True
    return hidden, bound


def _extend(cover: Cover, overlays: Sequence[Overlay], hidden: NDArray[np.bool_], *, small: bool) -> int:
    """Hide what protects everybody, and take in the recipes in the way. Return how many were new."""
    new, hopeless = 0, []
    for overlay in overlays:
        recipes = overlay.recipes(hidden, cover.costs, small=small)
        hopeless += [recipe for recipe in recipes if not np.isfinite(cover.costs[recipe]).any()]
        new += cover.add(recipes)
    if hopeless:
        raise Unprotected(hopeless)
    return new


def _pruned(overlays: Sequence[Overlay], hidden: NDArray[np.bool_], cover: Cover) -> NDArray[np.bool_]:
    """Publish again, the dearest first, every area without which all stay protected."""
    hidden = hidden.copy()
    needed = cover.needed(hidden)
    marks = [overlay.marks(hidden) for overlay in overlays]
    groups = [(at, group) for at, overlay in enumerate(overlays) for group in overlay.groups()]
    needing: defaultdict[int, set[int]] = defaultdict(set)
    for number, (at, group) in enumerate(groups):
        for area in overlays[at].witness(marks[at], group)[1].tolist():
            needing[area].add(number)
    chosen = np.flatnonzero(hidden & ~needed)
    for area in chosen[np.lexsort((chosen, -cover.costs[chosen]))].tolist():
        _mark(overlays, marks, hidden, area, gone=False)
        for number in sorted(needing[area]):
            at, group = groups[number]
            safe, passed = overlays[at].witness(marks[at], group)
            if not safe:
                _mark(overlays, marks, hidden, area, gone=True)
                break
            for other in passed.tolist():
                needing[other].add(number)
    return hidden


def _mark(
    overlays: Sequence[Overlay],
    marks: Sequence[NDArray[np.bool_]],
    hidden: NDArray[np.bool_],
    area: int,
    *,
    gone: bool,
) -> None:
    """Hide an area, or publish it again, wherever it is marked."""
    hidden[area] = gone
    for overlay, some in zip(overlays, marks, strict=True):
        some[overlay.areas == area] = gone
