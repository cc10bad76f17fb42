"""Regions: neighbouring areas that are alike, each with enough people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from lea_geo._by_area import ByArea
from lea_geo._checks import check_choice, check_count, check_seed
from lea_geo._checks.typology import (
    check_aligned,
    check_regions,
    check_whole,
    refuse_division,
    refuse_unreachable,
)
from lea_geo.spatial.graph import as_graph
from lea_geo.typology.agreement import adjusted_rand, matched
from lea_geo.typology.divide import REGION_METHODS, Ground, divide
from lea_geo.typology.features import features
from lea_geo.typology.fits import quiet
from lea_geo.typology.streams import stream, whole_seed
from lea_geo.typology.trees import squares

if TYPE_CHECKING:
    from libpysal.graph import Graph

    from lea_geo.spatial.graph import AreaGraph
    from lea_geo.typology.composition import Composition
    from lea_geo.typology.features import Features

UNREACHABLE = ("refuse", "keep")
__all__ = ["REGION_METHODS", "Regions", "regions"]


@dataclass(frozen=True, kw_only=True)
class Regions(ByArea):
    """Regions of neighbouring areas."""

    table: pd.DataFrame
    """Indexed by ``area_id``: ``region``, a number as text, ``1`` the one with most people (blank for areas
    without values), and ``probability``, the share of runs with other noise in which the area is in it; NaN
    without runs."""
    regions: pd.DataFrame
    """Indexed by region: ``areas``, ``people``, ``enough`` (whether it has the floor) and ``spread`` (mean
    squared distance of its areas from their mean)."""
    starts: pd.DataFrame
    """One row a start: ``regions``, ``explained`` (share of the spread between regions), ``rand`` (adjusted
    Rand index with the one that is kept) and ``kept``."""
    explained: float
    """The share of the areas' spread that lies between regions."""
    k: int
    method: str
    floor: float
    runs: int
    seed: int
    notes: tuple[str, ...]

    def __repr__(self) -> str:
        return (
            f"<Regions: {len(self.table)} areas, {self.k} regions ({self.method}), floor {self.floor:,.0f}>"
        )


def regions(
    data: Composition | None,
    graph: AreaGraph | Graph,
    *,
    indicators: pd.DataFrame | None = None,
    errors: pd.DataFrame | None = None,
    method: str = "skater",
    k: int | None = None,
    floor: float = 0.0,
    population: pd.Series | None = None,
    unreachable: str = "refuse",
    starts: int = 10,
    runs: int = 50,
    seed: int = 2009,
) -> Regions:
    """Join neighbouring areas that are alike into regions that each have a floor of people.

    Parameters
    ----------
    data, indicators, errors
        What areas are compared by, as :func:`lea_geo.types` takes it.
    graph
        Who is whose neighbour. A link in either direction counts.
    method
        ``"skater"``: the tree of likest neighbours, cut where that gains most; ``"ward"``: spatially
        constrained Ward clustering, undone from the last merger; ``"azp"``: from both and from starts at
        random, areas change region while that makes regions more alike; ``"max_p"``: as many regions as the
        floor lets.
    k
        How many regions, those of islands counted; not of ``"max_p"``.
    floor
        The people that each region must have; ``"max_p"`` needs one.
    population
        People of each area; left out, those that the parts count.
    unreachable
        Areas that cannot reach the floor with all that they are linked to: ``"refuse"``, or ``"keep"`` them
        as regions below it, which ``enough`` and a note say.
    starts
        From how many starts AZP and max-p are tried; the best is kept, and ``starts`` tells how the others
        differ. SKATER and Ward have one.
    runs
        How many times regions are made again with other noise; 0 for none.
    seed
        The same seed gives the same regions, in whatever order the areas are.

    Raises
    ------
    UsageError, ValuesError, GraphError
        If k or the floor is missing, the floor cannot be reached, or the areas cannot be cut into so many
        regions.

    References
    ----------
    Assunção et al. (2006), https://doi.org/10.1080/13658810600665111
    Openshaw and Rao (1995), https://doi.org/10.1068/a270425
    Duque, Anselin and Rey (2012), https://doi.org/10.1111/j.1467-9787.2011.00743.x
    Guo (2008), https://doi.org/10.1080/13658810701674970
    """
    check_choice("method", method, REGION_METHODS)
    check_choice("unreachable", unreachable, UNREACHABLE)
    check_regions(method, k, floor)
    check_count("starts", starts)
    check_count("runs", runs, least=0)
    check_seed(seed)
    seen = features(data, indicators, errors)
    ground, kept = _ground(seen, graph, population, floor, unreachable)
    wanted = 0 if k is None else k
    if k is not None and k < len(ground.pieces):
        refuse_division(k, len(ground.pieces), "pieces of the map that no link joins")
    tried = starts if method in {"azp", "max_p"} else 1
    with quiet():
        made = [divide(method, ground, wanted, start=i, seed=seed) for i in range(tried)]
        best = min(range(tried), key=lambda i: (-made[i].max(), _within(seen.x, made[i]), i))
        labels = _by_size(made[best], ground.people)
        if labels.max() + 1 < wanted:
            refuse_division(wanted, int(labels.max()) + 1, "as many as the floor and the links let be made")
        probability = _again(seen, ground, labels, method, wanted, runs, (seed, best))
    check_whole(labels, ground.links, ground.people, floor, kept)
    return _told(
        seen,
        ground,
        labels,
        made,
        best,
        probability,
        method=method,
        floor=floor,
        runs=runs,
        seed=seed,
        kept=kept,
    )


def _ground(
    seen: Features, graph: AreaGraph | Graph, population: pd.Series | None, floor: float, unreachable: str
) -> tuple[Ground, np.ndarray]:
    """Return links, people and pieces of the map, and which areas are in pieces below the floor."""
    given = as_graph(graph)
    part = as_graph(given.subset(seen.ids), ids=seen.ids)
    matrix = part.sparse()
    matrix = csr_array(matrix + matrix.T)
    matrix.setdiag(0)
    matrix.eliminate_zeros()
    matrix.sort_indices()
    counts = None if seen.composition is None else seen.composition.counts
    if population is None and counts is not None:
        population = counts.sum(axis=1)
    people = np.ones(len(seen.ids))
    if population is not None or floor:
        people = check_aligned("population", population, seen.ids)  # type: ignore[arg-type]
    piece = connected_components(matrix, directed=False)[1]
    pieces = [np.flatnonzero(piece == one) for one in range(piece.max() + 1)]
    low = np.isin(piece, [i for i, one in enumerate(pieces) if people[one].sum() < floor])
    if low.any() and unreachable == "refuse":
        refuse_unreachable(list(seen.ids[low]), floor, len(seen.ids))
    return Ground(seen.x, matrix, people, floor, pieces), low


def _within(x: np.ndarray, labels: np.ndarray) -> float:
    return sum(squares(x[labels == one]) for one in range(labels.max() + 1))


def _by_size(labels: np.ndarray, people: np.ndarray) -> np.ndarray:
    """Return the labels numbered from the region with most people; equals by their first area."""
    held = np.bincount(labels, weights=people)
    first = np.array([np.flatnonzero(labels == one)[0] for one in range(len(held))])
    order = np.lexsort((first, -held))
    return np.asarray(np.argsort(order)[labels])


def _again(
    seen: Features, ground: Ground, labels: np.ndarray, method: str, k: int, runs: int, begun: tuple[int, int]
) -> np.ndarray:
    """Return the share of runs with other noise in which each area is in its region."""
    if not runs or not seen.noisy:
        return np.full(len(labels), np.nan)
    same = np.zeros(len(labels))
    seed, start = begun
    for run in range(runs):
        drawn = ground.at(seen.drawn(stream(seed, "noise", run)))
        made = divide(method, drawn, k, start=start, seed=whole_seed(seed, "regions", run), brief=True)
        names = matched(labels, int(labels.max()) + 1, made, int(made.max()) + 1)
        same += names[made] == labels
    return same / runs


def _told(
    seen: Features,
    ground: Ground,
    labels: np.ndarray,
    made: list[np.ndarray],
    best: int,
    probability: np.ndarray,
    *,
    kept: np.ndarray,
    **settings: Any,  # noqa: ANN401 - each is what its name says
) -> Regions:
    names = np.array([str(i + 1) for i in range(labels.max() + 1)], dtype=object)
    whole = squares(seen.x)
    every = seen.ids.union(seen.left_out).sort_values()
    table = pd.DataFrame({"region": names[labels], "probability": probability}, index=seen.ids).reindex(every)
    table["region"] = table["region"].fillna("").astype("str")
    people = np.bincount(labels, weights=ground.people)
    size = np.bincount(labels)
    each = pd.DataFrame(
        {
            "areas": size,
            "people": people,
            "enough": people >= ground.floor,
            "spread": [squares(seen.x[labels == i]) / size[i] for i in range(len(size))],
        },
        index=pd.Index(names, name="region", dtype="str"),
    )
    explained = [1 - _within(seen.x, one) / whole if whole else 1.0 for one in made]
    starts = pd.DataFrame(
        {
            "regions": [int(one.max()) + 1 for one in made],
            "explained": explained,
            "rand": [adjusted_rand(made[best], one) for one in made],
            "kept": [i == best for i in range(len(made))],
        }
    )
    return Regions(
        table=table,
        regions=each,
        starts=starts,
        explained=explained[best],
        k=len(size),
        notes=(*seen.notes, *_notes(seen, ground, each, starts, kept)),
        **settings,
    )


def _notes(
    seen: Features, ground: Ground, each: pd.DataFrame, starts: pd.DataFrame, kept: np.ndarray
) -> list[str]:
    notes = []
    if len(ground.pieces) > 1:
        notes.append(f"The map is in {len(ground.pieces)} pieces that no link joins; no region spans two.")
    if kept.any():
        low = int((~each["enough"]).sum())
        notes.append(
            f"{int(kept.sum())} areas in {low} regions cannot reach the floor and are kept below it."
        )
    if len(starts) > 1:
        others = starts[~starts["kept"]]
        low, high = starts["explained"].min(), starts["explained"].max()
        few, many = starts["regions"].min(), starts["regions"].max()
        notes.append(
            f"{len(starts)} starts: {few} to {many} regions that explain {low:.1%} to {high:.1%}; adjusted "
            f"Rand index with the best {others['rand'].min():.2f} to {others['rand'].max():.2f}."
        )
    if not seen.noisy:
        notes.append("Nothing is known of the noise: no probability of belonging to a region.")
    return notes
