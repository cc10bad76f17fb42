"""How areas fit together: overlaps, gaps, slivers, T-junctions, near misses, areas that touch nobody.

Neighbours are found by what areas share. A hair's breadth between two areas, or a corner that one of them
does not know of, loses a neighbour without a word; so boundaries are checked before a graph is built on them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from lea_geo._checks.areas import check_areas
from lea_geo._checks.topology import check_tolerance

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import geopandas as gpd
    from numpy.typing import NDArray

KINDS = ("overlap", "gap", "sliver", "t_junction", "near_miss", "isolate")
"""What a row of ``TopologyReport.table`` can be."""

_COLUMNS = ("kind", "area_ids", "area_m2", "count", "distance_m")
# Two neighbours whose common line was computed twice overlap by rounding; a square millimetre is no finding.
_ROUNDING_M2 = 1e-6


@dataclass(frozen=True)
class TopologyReport:
    """What :func:`check_topology` found."""

    table: pd.DataFrame
    """One row a finding, by kind and size: ``kind`` (one of ``KINDS``), ``area_ids`` (a tuple of str),
    ``area_m2`` (of the overlap, gap, sliver or isolated area; NaN for T-junctions and near misses), ``count``
    (how many T-junctions; 1 elsewhere) and ``distance_m`` (of a near miss; NaN elsewhere)."""
    tolerance: float
    """The tolerance, in metres."""
    n_areas: int
    """How many areas were checked."""
    notes: tuple[str, ...]
    """One sentence for each kind that was found."""

    @property
    def clean(self) -> bool:
        """Whether nothing was found."""
        return self.table.empty

    def of_kind(self, kind: str) -> pd.DataFrame:
        """Return the findings of one kind."""
        return self.table[self.table["kind"] == kind]


@dataclass(frozen=True)
class _Finding:
    kind: str
    area_ids: tuple[str, ...]
    area_m2: float = float("nan")
    count: int = 1
    distance_m: float = float("nan")


def check_topology(areas: gpd.GeoDataFrame, *, tolerance: float = 1.0) -> TopologyReport:
    """Report how areas fail to fit together.

    Parameters
    ----------
    areas
        Areas, as :func:`read_areas` returns them.
    tolerance
        Metres, at least 0. Two boundaries that are no farther apart were meant to be one.

    Returns
    -------
    TopologyReport
        ``.table`` lists, each with the ids that it concerns:

        * ``overlap``: two areas hold the same ground;
        * ``gap``: ground that areas surround and none holds. A lake that was cut out is one too;
        * ``sliver``: an overlap, a gap or a part of an area that is narrower than the tolerance (mean width
          ``2 * area / perimeter``). A sliver is listed beside the overlap or gap that it is;
        * ``t_junction``: a corner of one area lies on the edge of another, which has no corner there;
        * ``near_miss``: two areas do not touch but come within the tolerance of each other;
        * ``isolate``: an area that touches nobody.

        ``.notes`` says the same in words, but is silent on the gaps of a grid of equal squares: cells where
        nobody lives are left out on purpose.

    Raises
    ------
    UsageError
        If the tolerance is negative or no number.
    AreasError
        If the areas break their contract.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import box
    >>> two = gpd.GeoDataFrame(geometry=[box(0, 0, 10, 10), box(9, 0, 20, 10)], index=["a", "b"], crs=3067)
    >>> check_topology(two).notes[0]
    '1 overlap of two areas: 10 m2 together, the largest 10 m2 (a, b).'
    """
    width = check_tolerance(tolerance)
    polygons = np.asarray(check_areas(areas).geometry.array, dtype=object)
    ids = areas.index.to_numpy(dtype=object)
    tree = shapely.STRtree(polygons)
    first, second = _pairs(tree, polygons, "intersects")
    overlaps = _overlaps(polygons, ids, first, second)
    gaps = _gaps(polygons, ids, tree)
    findings = [
        *(finding for finding, _ in overlaps),
        *(finding for finding, _ in gaps),
        *_slivers([*overlaps, *gaps], width),
        *_thin_parts(polygons, ids, width),
        *_t_junctions(polygons, ids, width),
        *_near_misses(polygons, ids, tree, (first, second), width),
        *_isolates(polygons, ids, first, second),
    ]
    table = _table(findings)
    told = table[table["kind"] != "gap"] if _are_equal_squares(polygons) else table
    return TopologyReport(table, width, len(ids), tuple(_notes(told, width)))


def _are_equal_squares(polygons: NDArray[np.object_]) -> bool:
    """Return whether all areas are squares of one size, turned any way, to a thousandth."""
    size, side = shapely.area(polygons), shapely.length(polygons) / 4
    corners = shapely.get_num_coordinates(polygons)
    alike = np.isclose(size, side**2, rtol=1e-3) & np.isclose(size, size[0], rtol=1e-3)
    return bool(len(polygons) > 1 and (corners == 5).all() and alike.all())  # a ring of four repeats one


def _pairs(
    tree: shapely.STRtree, polygons: NDArray[np.object_], predicate: str, distance: float | None = None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    first, second = tree.query(polygons, predicate=predicate, distance=distance)
    once = first < second
    return first[once], second[once]


def _overlaps(
    polygons: NDArray[np.object_],
    ids: NDArray[np.object_],
    first: NDArray[np.int64],
    second: NDArray[np.int64],
) -> list[tuple[_Finding, shapely.Geometry]]:
    common = shapely.intersection(polygons[first], polygons[second])
    sizes = shapely.area(common)
    return [
        (_Finding("overlap", (ids[first[k]], ids[second[k]]), sizes[k]), common[k])
        for k in np.flatnonzero(sizes > _ROUNDING_M2)
    ]


def _gaps(
    polygons: NDArray[np.object_], ids: NDArray[np.object_], tree: shapely.STRtree
) -> list[tuple[_Finding, shapely.Geometry]]:
    """Return the holes of the union, without what lies in them."""
    together = shapely.union_all(polygons)
    rings, part = shapely.get_rings(shapely.get_parts(together), return_index=True)
    # The first ring of each part is its outer one.
    holes = shapely.polygons(rings[1:][part[1:] == part[:-1]])
    empty = shapely.difference(holes, together)
    return [
        (_Finding("gap", tuple(sorted(ids[tree.query(gap, predicate="intersects")])), gap.area), gap)
        for gap in empty
        if gap.area > _ROUNDING_M2
    ]


def _slivers(pieces: Iterable[tuple[_Finding, shapely.Geometry]], width: float) -> Iterator[_Finding]:
    for finding, shape in pieces:
        thin = _narrow(np.array(shapely.get_parts(shape)), width)
        for part in thin:
            yield _Finding("sliver", finding.area_ids, part.area)


def _thin_parts(polygons: NDArray[np.object_], ids: NDArray[np.object_], width: float) -> Iterator[_Finding]:
    parts, owners = shapely.get_parts(polygons, return_index=True)
    thin = _mean_width(parts) < width
    for part, owner in zip(parts[thin], owners[thin], strict=True):
        yield _Finding("sliver", (ids[owner],), part.area)


def _narrow(parts: NDArray[np.object_], width: float) -> NDArray[np.object_]:
    polygonal = parts[shapely.get_dimensions(parts) == 2]
    narrow: NDArray[np.object_] = polygonal[
        (_mean_width(polygonal) < width) & (shapely.area(polygonal) > _ROUNDING_M2)
    ]
    return narrow


def _mean_width(parts: NDArray[np.object_]) -> NDArray[np.float64]:
    width: NDArray[np.float64] = 2 * shapely.area(parts) / shapely.length(parts)
    return width


def _t_junctions(polygons: NDArray[np.object_], ids: NDArray[np.object_], width: float) -> Iterator[_Finding]:
    """Count, for each two areas, the corners of one on an edge of the other, away from its corners."""
    corners, owners = shapely.get_coordinates(polygons, return_index=True)
    places, at = np.unique(corners, axis=0, return_inverse=True)
    starts, ends, edge_owner = _edges(polygons)
    edges = shapely.STRtree(shapely.linestrings(np.stack([starts, ends], axis=1)))
    place, edge = edges.query(shapely.points(places), predicate="dwithin", distance=width)
    to_corner = np.minimum(
        np.hypot(*(places[place] - starts[edge]).T),
        np.hypot(*(places[place] - ends[edge]).T),
    )
    # An area that has a corner within the tolerance of the place knows of it.
    near = pd.DataFrame({"place": place, "host": edge_owner[edge], "to_corner": to_corner})
    nearest = near.groupby(["place", "host"], as_index=False)["to_corner"].min()
    guests = pd.DataFrame({"place": at, "guest": owners}).drop_duplicates()
    found = nearest[nearest["to_corner"] > width].merge(guests, on="place")
    pairs = np.sort(found[["guest", "host"]].to_numpy(), axis=1)
    each, counts = np.unique(pairs, axis=0, return_counts=True)
    for (one, other), count in zip(each, counts, strict=True):
        yield _Finding("t_junction", (ids[one], ids[other]), count=int(count))


def _edges(
    polygons: NDArray[np.object_],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """Return the start, the end and the owner of every edge."""
    parts, part_owner = shapely.get_parts(polygons, return_index=True)
    rings, ring_part = shapely.get_rings(parts, return_index=True)
    corners, ring = shapely.get_coordinates(rings, return_index=True)
    inside = ring[1:] == ring[:-1]
    return corners[:-1][inside], corners[1:][inside], part_owner[ring_part[ring[1:][inside]]]


def _near_misses(
    polygons: NDArray[np.object_],
    ids: NDArray[np.object_],
    tree: shapely.STRtree,
    touching: tuple[NDArray[np.int64], NDArray[np.int64]],
    width: float,
) -> Iterator[_Finding]:
    close = set(zip(*_pairs(tree, polygons, "dwithin", width), strict=True))
    for one, other in sorted(close - set(zip(*touching, strict=True))):
        distance = float(shapely.distance(polygons[one], polygons[other]))
        yield _Finding("near_miss", (ids[one], ids[other]), distance_m=distance)


def _isolates(
    polygons: NDArray[np.object_],
    ids: NDArray[np.object_],
    first: NDArray[np.int64],
    second: NDArray[np.int64],
) -> Iterator[_Finding]:
    for alone in np.setdiff1d(np.arange(len(ids)), np.concatenate([first, second])):
        yield _Finding("isolate", (ids[alone],), float(polygons[alone].area))


def _table(findings: Iterable[_Finding]) -> pd.DataFrame:
    rows = [[getattr(finding, column) for column in _COLUMNS] for finding in findings]
    table = pd.DataFrame(rows, columns=list(_COLUMNS)).astype(
        {"kind": "str", "area_m2": float, "count": "int64", "distance_m": float}
    )
    order = table["kind"].map(KINDS.index)
    size = -table["area_m2"].fillna(table["count"])
    ranks = pd.DataFrame({"kind": order, "size": size}).sort_values(["kind", "size"], kind="stable").index
    return table.loc[ranks].reset_index(drop=True)


_SENTENCES = {
    "overlap": "{n} overlap{s} of two areas",
    "gap": "{n} gap{s} that areas surround and none holds (lakes that were cut out are gaps too)",
    "sliver": "{n} sliver{s} narrower than {width:g} m",
    "t_junction": "{count} T-junction{s}, where one area has a corner on another's edge",
    "near_miss": "{n} pair{s} of areas that do not touch but come within {width:g} m of each other",
    "isolate": "{n} area{s} that touch{es} nobody",
}


def _notes(table: pd.DataFrame, width: float) -> Iterator[str]:
    for kind in KINDS:
        rows = table[table["kind"] == kind]
        if rows.empty:
            continue
        many = int(rows["count"].sum())
        sentence = _SENTENCES[kind].format(
            n=len(rows), s="" if many == 1 else "s", es="es" if many == 1 else "", count=many, width=width
        )
        worst = rows.iloc[0]
        shown = ", ".join(worst["area_ids"][:5])
        if kind in {"overlap", "gap", "sliver"}:
            total = rows["area_m2"].sum()
            sentence += f": {_m2(total)} together, the largest {_m2(worst['area_m2'])} ({shown})"
        else:
            sentence += f": {_listed(rows['area_ids'])}"
        yield f"{sentence}."


def _listed(groups: pd.Series) -> str:
    shown = ["-".join(group) for group in groups.head(5)]
    return ", ".join(shown) + (", …" if len(groups) > len(shown) else "")


def _m2(area: float) -> str:
    return f"{area:.0f} m2" if area >= 1 else f"{area:.2g} m2"
