"""Neighbouring areas merged until all have enough people or events: max-p regions."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import pdist, squareform

from lea_geo._checks import check_count, check_seed
from lea_geo._checks.rates import (
    check_attributes,
    check_minimum,
    check_within,
    refuse_many_areas,
    refuse_no_rule,
)
from lea_geo.errors import SHOWN_IDS
from lea_geo.rates.counts import Counts, RateResult
from lea_geo.rates.empirical_bayes import empirical_bayes, links_among

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd
    from libpysal.graph import Graph
    from scipy import sparse

    from lea_geo.rates.empirical_bayes import Links

MOST_LINKED = 5000
"""spopt holds the distances between all pairs of linked areas: 200 MB for these."""
ROUNDS = 99
"""How many times regions are grown from another order of the areas; the one with most regions is kept."""
CHOICES = 2
"""Among how many of the regions that it is most like an area that is left over is given to one."""


@dataclass(frozen=True, kw_only=True)
class MergedAreas(RateResult):
    """Which areas belong together, and the rates of the regions that they make."""

    regions: pd.DataFrame
    """Indexed by ``region``: ``numerator denominator rate areas enough``."""
    minimum_denominator: float
    minimum_numerator: float
    seed: int
    rounds: int

    def dissolve(self, areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Return the regions' polygons and counts, indexed by ``area_id``, here the region's.

        Raises
        ------
        JoinError
            If ``areas`` does not hold the same ids.
        """
        merged = self.join_to(areas[["geometry"]])[["region", "geometry"]].dissolve("region")
        kept = self.regions[["numerator", "denominator"]]
        return merged.join(kept).rename_axis("area_id")


def merge_areas(
    numerator: pd.Series,
    denominator: pd.Series,
    graph: Links | Graph,
    *,
    kind: str = "proportion",
    minimum_denominator: float = 0,
    minimum_numerator: float = 0,
    attributes: pd.DataFrame | None = None,
    within: pd.Series | None = None,
    seed: int = 2009,
    rounds: int = ROUNDS,
) -> MergedAreas:
    """Merge neighbouring areas into as many regions as can be, each with enough people and events.

    The max-p heuristic (Wei, Rey and Knaap 2020) grows regions with spopt from many orders of the areas and
    keeps the partition with most regions that each reach the minimum, the most alike within of those; areas
    then change to regions that they are more alike, while any can be spared. With two minima an area counts
    by the one that it is further from, so that every region reaches both.

    Parameters
    ----------
    numerator, denominator, kind
        As in :func:`~lea_geo.rates.empirical_bayes.empirical_bayes`.
    graph
        Who is whose neighbour: an ``AreaGraph`` or ``libpysal.graph.Graph`` of the same areas.
    minimum_denominator, minimum_numerator
        How many people and events each region must have; at least one must be above 0.
    attributes
        What the areas of a region should have in common, indexed by ``area_id``; left out, their rates,
        steadied by global empirical Bayes so that noise decides less.
    within
        What no region may reach beyond, such as the municipality, indexed by ``area_id``.
    seed
        The same seed gives the same regions, in whatever order the areas are.
    rounds
        How many partitions are tried.

    Returns
    -------
    MergedAreas
        Columns ``region`` (the first of its areas' ids and how many more: ``"00100+2"``), ``areas`` (how many
        it has) and ``enough``. Areas with unknown counts stay alone; so do those that cannot reach the
        minimum with all that they are linked to. Notes name them. The regions' totals are the areas'.

    Raises
    ------
    UsageError, ValuesError
        As :func:`~lea_geo.rates.empirical_bayes.empirical_bayes`, if there is no minimum, or if more than
        ``MOST_LINKED`` areas that lack people are linked to each other.

    References
    ----------
    Duque, Anselin and Rey (2012), https://doi.org/10.1111/j.1467-9787.2011.00743.x
    Wei, Rey and Knaap (2020), https://doi.org/10.1080/13658816.2020.1759806
    """
    least = check_minimum("minimum_denominator", minimum_denominator)
    fewest = check_minimum("minimum_numerator", minimum_numerator)
    if not least and not fewest:
        refuse_no_rule("merge_areas")
    check_seed(seed)
    check_count("rounds", rounds)
    counts = Counts.of(numerator, denominator, kind)
    alike = _attributes(attributes, numerator, denominator, kind, counts.index)
    borders = None if within is None else pd.factorize(check_within(within, counts.index))[0]
    reached, enough = _reached(counts, least, fewest)
    region = _regions(counts, graph, alike, borders, (reached, enough), seed=seed, rounds=rounds)
    table, regions = _tables(counts, region, least, fewest)
    return MergedAreas(
        table=table,
        method="max_p",
        kind=kind,
        n_without_population=counts.empty,
        notes=_notes(table, regions, counts),
        regions=regions,
        minimum_denominator=least,
        minimum_numerator=fewest,
        seed=seed,
        rounds=rounds,
    )


def _attributes(
    given: pd.DataFrame | None, numerator: pd.Series, denominator: pd.Series, kind: str, ids: pd.Index
) -> np.ndarray:
    """Return what areas are compared by, shape (n, k)."""
    if given is not None:
        return check_attributes(given, ids).to_numpy()
    estimate = empirical_bayes(numerator, denominator, kind=kind).table["estimate"]
    # Nobody's rate is like no other's; the mean keeps such areas from being drawn anywhere.
    return estimate.fillna(estimate.mean()).fillna(0.0).to_numpy()[:, None]


def _reached(counts: Counts, least: float, fewest: float) -> tuple[np.ndarray, float]:
    """Return how far each area is towards the minimum, 0 where counts are unknown, and the minimum."""
    known = ~np.isnan(counts.events + counts.people)
    if not (least and fewest):
        return np.where(known, counts.people if least else counts.events, 0.0), least or fewest
    both = np.minimum(counts.people / least, counts.events / fewest)
    return np.where(known, both, 0.0), 1 - 1e-12


def _regions(
    counts: Counts,
    graph: Links | Graph,
    alike: np.ndarray,
    borders: np.ndarray | None,
    minimum: tuple[np.ndarray, float],
    *,
    seed: int,
    rounds: int,
) -> np.ndarray:
    """Return the position of the area, first by id, that stands for each area's region; shape (n,)."""
    reached, enough = minimum
    known = ~np.isnan(counts.events + counts.people)
    ends = _neighbours(graph, counts.index, known, borders)
    order = np.argsort(np.asarray(counts.index.astype(str)), kind="stable")
    region = np.arange(len(order))
    for members in _linked(ends, order):
        if reached[members].sum() < enough or (reached[members] >= enough).all():
            continue
        if len(members) > MOST_LINKED:
            refuse_many_areas(len(members), MOST_LINKED)
        labels = _max_p(members, ends, reached[members], alike[members], enough, seed=seed, rounds=rounds)
        _, first, place = np.unique(labels, return_index=True, return_inverse=True)
        region[members] = members[first[place]]
    return region


def _neighbours(
    graph: Links | Graph, ids: pd.Index, known: np.ndarray, borders: np.ndarray | None
) -> sparse.coo_array[Any, Any]:
    """Return the links, both ways, that a region may run along."""
    links = links_among(graph, ids, np.ones(len(ids), dtype=bool)).tocoo()
    start, end = links.coords
    kept = known[start] & known[end]
    if borders is not None:
        kept &= borders[start] == borders[end]
    start, end = np.concatenate([start[kept], end[kept]]), np.concatenate([end[kept], start[kept]])
    return coo_array((np.ones(len(start)), (start, end)), shape=(len(ids), len(ids)))


def _linked(ends: sparse.coo_array[Any, Any], order: np.ndarray) -> Iterator[np.ndarray]:
    """Give the areas of each component with several, in the order of their ids."""
    component = connected_components(ends, directed=False)[1][order]
    by_component = order[np.argsort(component, kind="stable")]
    breaks = np.flatnonzero(np.diff(np.sort(component))) + 1
    for members in np.split(by_component, breaks):
        if len(members) > 1:
            yield members


def _max_p(
    members: np.ndarray,
    ends: sparse.coo_array[Any, Any],
    reached: np.ndarray,
    alike: np.ndarray,
    enough: float,
    *,
    seed: int,
    rounds: int,
) -> np.ndarray:
    """Return a region number for each of some connected areas."""
    part = ends.tocsr()[members][:, members]
    part.sort_indices()
    apart = squareform(pdist(alike, metric="cityblock"))
    return grown_regions(part, alike, reached, apart, enough, seed=seed, rounds=rounds)


def grown_regions(
    links: sparse.csr_array[Any, Any],
    alike: np.ndarray,
    reached: np.ndarray,
    apart: np.ndarray,
    enough: float,
    *,
    seed: int,
    rounds: int,
) -> np.ndarray:
    """Return a region number for each of some connected areas: as many regions as have enough.

    Parameters
    ----------
    links
        Symmetric, its indices sorted, shape (n, n).
    alike, apart
        What areas are compared by (n, k), and how unlike they are (n, n).
    reached, enough
        How far each area is towards the minimum, and the minimum.
    """
    from libpysal.weights import W  # noqa: PLC0415 - these two take seconds to import
    from spopt.region.maxp import _construction_phase  # noqa: PLC0415

    rows = {i: links.indices[links.indptr[i] : links.indptr[i + 1]].tolist() for i in range(len(reached))}
    # Not the whole of MaxPHeuristic: its annealing waits for ever for an area to move where those that could
    # be spared have no other region beside them (spopt 0.7.0).
    with _drawn_from(seed):
        _, found = _construction_phase(
            np.arange(len(reached)),
            alike,
            reached,
            apart,
            W(rows, silence_warnings=True),
            enough,
            CHOICES,
            rounds,
        )
    best = min((np.array(one[0]) for one in found), key=lambda labels: _unlike(labels, apart))
    return polished(best, links, reached, apart, enough)


def _unlike(labels: np.ndarray, apart: np.ndarray) -> float:
    """Return the sum of the differences between areas of one region."""
    return float(
        sum(apart[np.ix_(m, m)].sum() for m in map(np.flatnonzero, np.unique(labels)[:, None] == labels))
    )


def polished(
    labels: np.ndarray,
    links: sparse.csr_array[Any, Any],
    reached: np.ndarray,
    apart: np.ndarray,
    enough: float,
) -> np.ndarray:
    """Move areas to neighbouring regions that they are more alike; all stay whole and keep enough.

    Each move makes the regions more alike within, so there is a last one.
    """
    labels, least = labels.copy(), 1e-9 * max(1.0, float(apart.max()))
    moved = True
    while moved:
        moved = False
        for i in range(len(labels)):
            own = labels == labels[i]
            if reached[own].sum() - reached[i] < enough:
                continue
            beside = np.unique(labels[links.indices[links.indptr[i] : links.indptr[i + 1]]])
            costs = {int(k): float(apart[i, labels == k].sum()) for k in beside if k != labels[i]}
            if not costs:
                continue
            other = min(costs, key=lambda k: (costs[k], k))
            rest = np.flatnonzero(own & (np.arange(len(labels)) != i))
            if apart[i, own].sum() - costs[other] > least and _hangs_together(links, rest):
                labels[i], moved = other, True
    return labels


def _hangs_together(links: sparse.csr_array[Any, Any], members: np.ndarray) -> bool:
    return int(connected_components(links[members][:, members], directed=False)[0]) == 1


@contextmanager
def _drawn_from(seed: int) -> Iterator[None]:
    """Let spopt, which takes no seed, draw from numpy's global stream as this seed has it, and put it back.

    Warnings of pandas about spopt's own code concern nobody here.
    """
    before = np.random.get_state()  # noqa: NPY002
    try:
        np.random.seed(seed % 2**32)  # noqa: NPY002
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        np.random.set_state(before)  # noqa: NPY002


def _tables(
    counts: Counts, region: np.ndarray, least: float, fewest: float
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the membership of every area and the counts of every region."""
    stands, place = np.unique(region, return_inverse=True)
    size = np.bincount(place)
    names = [
        f"{area_id}+{n - 1}" if n > 1 else str(area_id)
        for area_id, n in zip(counts.index[stands], size, strict=True)
    ]
    x, n = (np.bincount(place, weights=part) for part in (counts.events, counts.people))
    enough = (n >= least) & (x >= fewest)
    columns = {"numerator": x, "denominator": n, "areas": size, "enough": enough}
    regions = pd.DataFrame(columns, index=pd.Index(names, name="region", dtype="str"))
    regions.insert(2, "rate", regions["numerator"] / regions["denominator"].where(regions["denominator"] > 0))
    membership = {"region": np.array(names, dtype=object)[place], "areas": size[place]}
    table = pd.DataFrame(membership, index=counts.index).astype({"region": "str"})
    return table.assign(enough=enough[place]), regions


def _notes(table: pd.DataFrame, regions: pd.DataFrame, counts: Counts) -> tuple[str, ...]:
    several = regions[regions["areas"] > 1]
    notes = []
    if len(several):
        notes.append(
            f"{several['areas'].sum()} of {len(table)} areas are merged into {len(several)} regions of "
            f"{several['areas'].min()} to {several['areas'].max()} (max-p); {len(regions)} areas remain."
        )
    unknown = np.isnan(counts.events + counts.people)
    alone = ~table["enough"].to_numpy() & ~unknown
    for what, odd in (
        ("have unknown counts and stay as they are", unknown),
        ("cannot reach the minimum with all that they are linked to, and stay as they are", alone),
    ):
        if odd.any():
            named = ", ".join(table.index[odd][:SHOWN_IDS]) + (", …" if odd.sum() > SHOWN_IDS else "")
            notes.append(f"{odd.sum()} of {len(table)} areas {what}: {named}.")
    return tuple(notes)
