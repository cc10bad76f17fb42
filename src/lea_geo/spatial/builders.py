"""Graphs from areas: which builder makes which kind, and what it does about islands."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from lea_geo._checks.graph import GraphRequest, check_request
from lea_geo._checks.graph_options import CONTIGUITIES, POINT_KINDS
from lea_geo.spatial.cell_ids import cell_ids
from lea_geo.spatial.contiguity import contiguity_links
from lea_geo.spatial.graph import AreaGraph, counted
from lea_geo.spatial.islands import link_components, link_isolates
from lea_geo.spatial.lattice import cell_rows, cell_squares, grid_rows, reaches
from lea_geo.spatial.links import Links
from lea_geo.spatial.nearness import band_links, distance_weights, kernel_links, knn_links, place_points

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from typing import Any

    import geopandas as gpd

    from lea_geo.spatial.links import FloatArray, Geometries, IntArray, LongArray


def build_graph(
    areas: gpd.GeoDataFrame | Collection[str],
    kind: str,
    *,
    islands: str = "isolate",
    water_distance: float | None = None,
    **options: object,
) -> AreaGraph:
    """Link each area to its neighbours.

    The links depend on the ids and shapes of the areas, never on their order.

    Parameters
    ----------
    areas
        Polygons indexed by ``area_id``, in a projected CRS in metres where distances matter. For ``lattice``
        also an index or list of Statistics Finland's grid ids, or whole numbers: ``(rows, columns)``, an
        array of shape (n, 2), or a DataFrame with columns ``row`` and ``column``. Cells without ids of their
        own are named ``r12c-3``.
    kind
        ``"queen"``: areas that share at least a point. Overlapping areas are neighbours too, with a note.
        Option ``tolerance``: the widest gap to bridge, in metres (0).

        ``"rook"``: areas that share a line. Option ``tolerance``, as above.

        ``"knn"``: the ``k`` nearest others, weight 1, not always mutual. Equal distances are told apart by
        area id.

        ``"distance_band"``: all others at most ``threshold`` metres away; ``weights="binary"`` (1) or
        ``"inverse_distance"`` (d ** -alpha, with d in metres and ``alpha`` 1 unless given).

        ``"kernel"``: all others within a bandwidth, weighed by ``function`` of distance / bandwidth:
        ``triangular``, ``parabolic``, ``gaussian`` (cut off at the bandwidth), ``bisquare``, ``cosine``,
        ``exponential`` or ``boxcar``. Either ``bandwidth`` in metres for all, or ``k``: for each area the
        distance to its ``k``-th nearest other (which has no weight itself where the function ends at 0).

        ``"lattice"``: cells that touch, by integer arithmetic on their grid ids, on their squares where the
        ids name no place, or on ``(rows, columns)``. Options ``contiguity`` (``"queen"`` or ``"rook"``) and
        ``rings``, how many steps away a neighbour may be (1); or ``radius``, how many cell sides its centre
        may be away, instead. The cells between need not exist.

        The kinds knn, distance_band and kernel measure between ``points``: ``"representative"``, surely
        inside each area, or ``"centroid"``.
    islands
        What becomes of areas without neighbours. ``"isolate"``: they stay alone. ``"nearest"``: each is
        linked to its nearest area. ``"components"``: components at most ``water_distance`` apart are joined
        by as few and as short links as can be. Distances are from shape to shape, or between points for the
        kinds that measure between points; each link goes both ways, weighs as others of its length do, and
        has a note.
    water_distance
        The widest water to cross with ``islands="components"``, in metres.
    **options
        The options of the kind, as listed above.

    Raises
    ------
    UsageError
        If the kind or an option is unknown, missing or out of range.
    GraphError
        If the areas cannot make such a graph: fewer than 2, duplicate ids, no geometry, degrees where
        distances matter, ``k`` beyond the number of others. All that is wrong is named at once.

    Examples
    --------
    >>> graph = build_graph(["1kmN6675E0385", "1kmN6675E0386", "1kmN6679E0390"], "lattice")
    >>> graph
    <AreaGraph lattice: 3 areas, 2 links, 2 components, 1 isolate; original weights>
    >>> graph.isolates.tolist()
    ['1kmN6679E0390']
    """
    request = check_request(
        areas, kind, islands=islands, water_distance=water_distance, options=options, name_cells=cell_ids
    )
    indptr, indices, weights, notes = rows_for(request)
    alone = int(np.count_nonzero(np.diff(indptr) == 0))
    if alone:
        notes = (*notes, f"{alone} of {counted(len(request.ids), 'area')} have no neighbours.")
    return AreaGraph.made(
        ids=request.ids, indptr=indptr, indices=indices, weights=weights, kind=kind, notes=notes
    )


def rows_for(request: GraphRequest) -> tuple[LongArray, IntArray, FloatArray, tuple[str, ...]]:
    """Return ``indptr``, ``indices``, ``weights`` and notes of the graph that a checked call asks for."""
    if request.kind == "lattice" and request.islands == "isolate":
        indptr, indices = _lattice_rows(request)
        return indptr, indices, np.broadcast_to(1.0, indices.shape), ()
    links = _links_with_islands(request)
    return *links.rows(len(request.ids)), links.notes


def _links_with_islands(request: GraphRequest) -> Links:
    links = _links(request)
    if request.islands == "isolate":
        return links
    shapes, weigh = _shapes(request), partial(distance_weights, alpha=_power(request.options))
    if request.water_distance is None:
        return link_isolates(links, request.ids, shapes, weigh)
    return link_components(links, request.ids, shapes, weigh, request.water_distance)


def _links(request: GraphRequest) -> Links:
    ids, kind, options = request.ids, request.kind, dict(request.options)
    if kind == "lattice":
        return Links.of_rows(*_lattice_rows(request))
    shapes = _shapes(request)
    if kind in CONTIGUITIES:
        return contiguity_links(shapes, rook=kind == "rook", metric=request.metric, **options)
    del options["points"]
    if kind == "knn":
        return knn_links(shapes, ids, **options)
    if kind == "kernel":
        return kernel_links(shapes, ids, **options)
    return band_links(shapes, ids, threshold=options["threshold"], alpha=_power(options))


def _lattice_rows(request: GraphRequest) -> tuple[LongArray, IntArray]:
    reach = reaches(**request.options)
    if request.cells is None:
        return grid_rows(request.ids, request.geometry, reach)
    return cell_rows(request.ids, *request.cells, reach)


def _shapes(request: GraphRequest) -> Geometries:
    """Return the shapes between which this kind of graph measures distances: the areas or a point in each."""
    if request.geometry is None:
        return cell_squares(request.ids)
    if request.kind in POINT_KINDS:
        return place_points(request.geometry, request.options["points"])
    return request.geometry


def _power(options: Mapping[str, Any]) -> float | None:
    """Return the power of inverse-distance weights, or None where links weigh 1."""
    if options.get("weights") != "inverse_distance":
        return None
    return 1.0 if options["alpha"] is None else float(options["alpha"])
