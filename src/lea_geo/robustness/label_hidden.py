"""Hidden values: what they could be, whether a label holds for all of them, and draws of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from lea_geo.robustness.label_bounds import Box, Nearby, holds_everywhere, holds_nearby
from lea_geo.robustness.label_choices import generator
from lea_geo.robustness.label_runs import Labeller, Setting
from lea_geo.schema import Status
from lea_geo.spatial.compiled import one_thread
from lea_geo.spatial.sample import undefined_reason

if TYPE_CHECKING:
    from lea_geo.robustness.label_choices import Region

EVERYWHERE, HELD = "everywhere", ("everywhere", "nearby")
"""For which hidden values a label must hold."""
DRAWN = "hidden values drawn"
_STREAM = 1
_HIDDEN = [list(Status).index(status) for status in (Status.SUPPRESSED, Status.MISSING)]


@dataclass(frozen=True, eq=False)
class Filled:
    """The known values, and hidden ones anywhere within their bounds."""

    least: np.ndarray
    most: np.ndarray
    seed: int

    def draw(self, run: int) -> np.ndarray:
        """Return the values of a run, each hidden one uniform between its bounds."""
        share = generator(self.seed, _STREAM, run).random(len(self.least))
        return np.asarray(self.least + share * (self.most - self.least))


@dataclass(frozen=True, eq=False)
class Hidden:
    """Which areas hide a value, and what is known of it."""

    region: Region
    lower: np.ndarray
    """NaN where nothing is known, shape (n,)."""
    upper: np.ndarray

    @cached_property
    def present(self) -> np.ndarray:
        """Which areas have a value or hide one, shape (n,)."""
        return np.asarray(self.region.known | np.isin(self.region.state, _HIDDEN))

    @property
    def any(self) -> bool:
        """Whether anything is hidden, and there is something that it could change."""
        return bool((self.present & ~self.region.known).any() and self.region.known.any())

    @cached_property
    def box(self) -> Box:
        """What all areas with a value or a hidden one can have."""
        x = self.region.x[self.present]
        known, lower, upper = ~np.isnan(x), self.lower[self.present], self.upper[self.present]
        smallest, largest = np.nanmin(x), np.nanmax(x)
        # Nothing is known of an end: the farthest value seen stands in, on its side of the end that is known.
        least = np.where(np.isnan(lower), np.fmin(smallest, upper), lower)
        most = np.where(np.isnan(upper), np.fmax(largest, lower), upper)
        graph = self.region.graph.take(np.flatnonzero(self.present))
        unbounded = ~known & (np.isnan(lower) | np.isnan(upper))
        return Box(graph, np.where(known, x, least), np.where(known, x, most), unbounded)

    def setting(self, like: Labeller, *, runs: int, seed: int) -> Setting:
        """Return runs in which hidden values are drawn, as labels of the areas whose values are known."""
        box, carry = self.box, self.region.carry
        places = np.cumsum(self.present)[self.region.known] - 1
        wide = sparse.csr_array(
            (np.ones(len(places)), (carry.indices, places)), shape=(len(self.present), len(box.least))
        )
        values = Filled(box.least, box.most, seed)
        return Setting("hidden", DRAWN, replace(like, graph=box.graph), values, range(runs), wide)

    def holds(
        self, labeller: Labeller, codes: np.ndarray, p_value: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return which labels hold for all values of all hidden areas, and of the hidden areas around them.

        Parameters
        ----------
        labeller
            How the labels stated were tested.
        codes
            The labels stated, shape (statistics, n).
        p_value
            Their two-sided p-values, shape (n,).

        Returns
        -------
        tuple of numpy.ndarray
            Each of shape (statistics, n).
        """
        everywhere = np.ones_like(codes, dtype=bool)
        nearby = everywhere.copy()
        if not self.any or undefined_reason(np.sort(np.concatenate([self.box.least, self.box.most]))):
            return everywhere, nearby  # nothing hidden, or nothing labelled
        equal = labeller.transform == "binary" or self.box.graph.equal_weights
        known = self.region.known[self.present]
        held, told, options = codes[:, self.present], labeller.statistics, labeller.inference
        around = Nearby(self.box, known, p_value[self.present], options)
        with one_thread():  # hundreds of laws of one area each
            everywhere[:, self.present] = equal and holds_everywhere(self.box, held, told, options)
            nearby[:, self.present] = holds_nearby(around, held, told, equal=equal)
        return everywhere, nearby

    def changed(self, labeller: Labeller, codes: np.ndarray) -> np.ndarray:
        """Return which labels are others with all hidden values lowest, or all highest; (statistics, n)."""
        changed = np.zeros_like(codes, dtype=bool)
        wide = replace(labeller, graph=self.box.graph)
        for end in (self.box.least, self.box.most):
            changed[:, self.present] |= wide.codes(end) != codes[:, self.present]
        return np.asarray(changed & self.region.known)
