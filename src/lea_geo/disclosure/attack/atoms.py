"""The pieces into which all published kinds of areas cut the region together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lea_geo._checks.disclosure_audit import check_areas_by_geography
from lea_geo.disclosure.attack.crossing import cross
from lea_geo.disclosure.attack.nesting import Chain, chains
from lea_geo.disclosure.published import NO_LIMIT, ROOT, Family

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    from numpy.typing import NDArray

OUTSIDE = -1
"""The area of a piece that lies in no area of a kind."""

LEAST_SURFACE = 100.0
"""m2, the ground of a small house: everybody knows that nobody lives in less."""


@dataclass(frozen=True)
class Atoms:
    """Pieces of ground that no border crosses."""

    ids: tuple[str, ...]
    """What each is called: the areas that it lies in, finest kinds only, ``postal 00100 & grid 1kmN...``."""
    member: Mapping[str, NDArray[np.int64]]
    """Kind of areas to the position of the area that each atom lies in; ``OUTSIDE`` for none."""
    area_ids: Mapping[str, tuple[str, ...]]
    """Kind of areas to the ids of its areas, in the order of the positions."""
    chains: tuple[Chain, ...]
    """Which kinds are nested in which."""
    least_surface: float
    """Pieces smaller than this were taken to be empty, m2."""

    @property
    def n(self) -> int:
        """The number of atoms."""
        return len(self.ids)

    def families(
        self, lower: Mapping[str, NDArray[np.int64]], upper: Mapping[str, NDArray[np.int64]]
    ) -> tuple[Family, ...]:
        """Return one family a chain, with what is known of each area.

        Parameters
        ----------
        lower, upper
            Kind of areas to what each of its areas holds at least and at most, in the order of ``area_ids``.
            Of a kind that is left out nothing is known. Nor is anything known of what lies outside a kind.
        """
        return tuple(self._family(chain, lower, upper) for chain in self.chains)

    def _family(
        self,
        chain: Chain,
        lower: Mapping[str, NDArray[np.int64]],
        upper: Mapping[str, NDArray[np.int64]],
    ) -> Family:
        starts = np.cumsum([0, *(len(self.area_ids[name]) for name in chain.names)])
        parent = np.full(starts[-1], ROOT, dtype=np.int64)
        for above, start, then in zip(chain.above, starts, starts[1:], strict=False):
            parent[start : start + len(above)] = np.where(above == ROOT, ROOT, above + then)
        ids = [f"{name} {area}" for name in chain.names for area in self.area_ids[name]]
        least = [lower.get(name, np.zeros(len(self.area_ids[name]))) for name in chain.names]
        most = [upper.get(name, np.full(len(self.area_ids[name]), NO_LIMIT)) for name in chain.names]
        leaf = self.member[chain.names[0]]
        known = [np.concatenate(bounds).astype(np.int64) for bounds in (least, most)]
        if np.any(leaf == OUTSIDE):
            # One more area, before the others as a parent comes after its children, would move all positions;
            # it has no parent, so it may come last.
            leaf = np.where(leaf == OUTSIDE, len(parent), leaf)
            parent = np.append(parent, ROOT)
            known = [np.append(known[0], 0), np.append(known[1], NO_LIMIT)]
            ids.append(f"outside {chain.names[0]}")
        return Family(" in ".join(chain.names), leaf.astype(np.int64), parent, known[0], known[1], tuple(ids))


def intersect(
    areas_by_geography: Mapping[str, gpd.GeoDataFrame], *, least_surface: float = LEAST_SURFACE
) -> Atoms:
    """Return the pieces that all kinds of areas cut the region into.

    Parameters
    ----------
    areas_by_geography
        What each kind is called (``postal``, ``grid``), to its areas, indexed by ``area_id``. All in one
        projected CRS in metres; areas of one kind do not overlap.
    least_surface
        Pieces smaller than this hold nobody and are left out, m2. Slivers between borders that were drawn
        twice would otherwise hide what an attacker sees. Every area keeps its largest piece.

    Returns
    -------
    Atoms
        Sorted by the positions of the areas that they lie in. Where a kind is nested in another (cells in
        larger cells by their ids; areas in municipalities by their column ``municipality``, which is believed
        before borders; others by surface), the larger cut nothing of their own.

    Raises
    ------
    UsageError
        If there is no kind of areas, or ``least_surface`` is no number of at least 0.
    AreasError
        If areas cannot be laid over each other (see ``intake.support.overlap``).

    Notes
    -----
    What lies outside a kind of areas is a piece too; of what it holds nothing is known. Two chains of nested
    kinds need surfaces alone. More need the pieces' geometry, where borders cross.
    """
    check_areas_by_geography(areas_by_geography, least_surface)
    found = chains(areas_by_geography, least_surface)
    finest = [areas_by_geography[chain.names[0]] for chain in found]
    member: dict[str, NDArray[np.int64]] = {}
    for chain, at in zip(found, cross(finest, least_surface), strict=True):
        member[chain.names[0]] = at
        for name, above in zip(chain.names[1:], chain.above, strict=True):
            at = np.where(at == OUTSIDE, OUTSIDE, above[at])  # noqa: PLW2901 - one step up the chain
            member[name] = at
    area_ids = {
        name: tuple(areas.index.to_numpy(dtype=object).tolist()) for name, areas in areas_by_geography.items()
    }
    ids = _ids([chain.names[0] for chain in found], member, area_ids)
    return Atoms(ids, member, area_ids, found, least_surface)


def _ids(
    names: list[str], member: Mapping[str, NDArray[np.int64]], area_ids: Mapping[str, tuple[str, ...]]
) -> tuple[str, ...]:
    parts = []
    for name in names:
        called = np.array([*(f"{name} {area}" for area in area_ids[name]), f"outside {name}"], dtype=object)
        parts.append(called[member[name]])
    return tuple(" & ".join(pieces) for pieces in zip(*parts, strict=True))
