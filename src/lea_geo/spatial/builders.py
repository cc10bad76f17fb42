"""Which builder makes which kind of graph, and what it does about islands."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from lea_geo._checks.graph import CONTIGUITIES, POINT_KINDS, GraphRequest
from lea_geo.spatial.contiguity import contiguity_links
from lea_geo.spatial.islands import link_components, link_isolates
from lea_geo.spatial.lattice import cell_rows, cell_squares, grid_rows
from lea_geo.spatial.links import Links
from lea_geo.spatial.nearness import band_links, distance_weights, kernel_links, knn_links, place_points

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from lea_geo.spatial.links import FloatArray, Geometries, IntArray, LongArray


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
    if request.cells is None:
        return grid_rows(request.ids, request.geometry, **request.options)
    return cell_rows(request.ids, *request.cells, **request.options)


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
