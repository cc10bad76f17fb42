"""What a graph can be built from, and what counts as a graph."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from numbers import Integral
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lea_geo._checks.faults import Faults
from lea_geo._checks.graph_options import (
    DEFAULTS,
    POINT_KINDS,
    is_positive,
    island_faults,
    option_faults,
)
from lea_geo._checks.options import check_choice
from lea_geo.errors import GraphError, UsageError
from lea_geo.schema import AREA_ID

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyproj import CRS

TRANSFORMATIONS = ("original", "binary", "row")

LEAST_AREAS = 2
MOST_STEPS = 10**9
"""Of rows and columns: the keys of cells stay within 64 bits."""
LATTICE_SLACK = 0.01
"""How far a cell may be from its place, as a share of its side; published grids are some mm off."""
POLYGONS = (3, 6)
"""shapely's type ids of polygon and multipolygon."""


@dataclass(frozen=True)
class GraphRequest:
    """A checked call of ``build_graph``."""

    kind: str
    ids: pd.Index[str]
    geometry: NDArray[Any] | None
    """The shapes of the areas, or None where only grid ids or cells were given."""
    cells: tuple[NDArray[np.int64], NDArray[np.int64]] | None
    """Row and column of each cell, where they were given instead of ids or shapes."""
    options: Mapping[str, Any]
    """Every option of the kind."""
    islands: str
    water_distance: float | None
    metric: bool
    """Whether the coordinates are metres of a projected CRS."""


def check_request(
    areas: object,
    kind: str,
    *,
    islands: str,
    water_distance: float | None,
    options: Mapping[str, Any],
    name_cells: Callable[[NDArray[np.int64], NDArray[np.int64]], pd.Index[str]],
) -> GraphRequest:
    """Return a call of ``build_graph`` with every option filled in, or name everything wrong with it.

    ``name_cells`` makes ids of rows and columns that have none.
    """
    check_choice("kind", kind, tuple(DEFAULTS))
    wrong = [*option_faults(kind, options), *island_faults(kind, islands, water_distance)]
    chosen = {**DEFAULTS[kind], **options}
    cells = as_cells(areas) if kind == "lattice" else None
    if cells is not None and islands != "isolate":
        wrong.append(
            f"islands={islands!r} needs metres; rows and columns have none: give grid ids or shapes."
        )
    ids, geometry, crs = (
        _take_apart(areas, kind) if cells is None else (_ids_of_cells(areas, cells, name_cells), None, None)
    )
    ids = as_ids(ids)
    faults = Faults()
    _note_id_faults(
        faults,
        ids,
        sound=cells is not None and _are_numbered(areas),
        unique=kind == "lattice" and geometry is None and cells is None,
    )
    if geometry is not None:
        _note_geometry_faults(faults, ids, geometry, polygonal=kind not in POINT_KINDS)
    measured = kind in POINT_KINDS or islands != "isolate" or is_positive(chosen.get("tolerance"))
    metric = _is_metric(crs)
    if geometry is not None and measured and not metric:
        _note_crs_fault(faults, crs)
    if "k" in DEFAULTS[kind]:
        _note_k_fault(faults, chosen["k"], len(ids))
    heading = f"The areas cannot make a {kind} graph:"
    if faults.found:
        for text in wrong:
            faults.add(text.rstrip("."))
        faults.raise_if_any(GraphError, heading)
    if wrong:
        raise UsageError(" ".join(wrong))
    return GraphRequest(kind, ids, geometry, cells, chosen, islands, water_distance, metric)


def as_cells(areas: object) -> tuple[NDArray[np.int64], NDArray[np.int64]] | None:
    """Return rows and columns if ``areas`` holds whole numbers of that kind, otherwise None."""
    if isinstance(areas, pd.DataFrame) and {"row", "column"} <= set(areas.columns):
        pair: tuple[Any, ...] = (areas["row"].to_numpy(), areas["column"].to_numpy())
    elif isinstance(areas, np.ndarray) and areas.ndim == 2 and areas.shape[1] == 2:
        pair = (areas[:, 0], areas[:, 1])
    elif isinstance(areas, tuple) and len(areas) == 2:
        pair = tuple(np.asarray(part) for part in areas)
    else:
        return None
    row, column = pair
    if not all(part.ndim == 1 and np.issubdtype(part.dtype, np.number) for part in pair):
        return None
    if not all(np.issubdtype(part.dtype, np.integer) for part in pair):
        raise UsageError("Rows and columns are not whole numbers; count them in cells.")
    if len(row) != len(column):
        raise UsageError(f"There are {len(row)} rows and {len(column)} columns; each cell has one of both.")
    for part in pair:
        if len(part) and (part.min() < -MOST_STEPS or part.max() > MOST_STEPS):
            raise UsageError(f"Rows and columns are counted in cells, from {-MOST_STEPS} to {MOST_STEPS}.")
    return row.astype(np.int64), column.astype(np.int64)


def _take_apart(areas: object, kind: str) -> tuple[pd.Index[Any], NDArray[Any] | None, CRS | None]:
    """Return ids, geometry and CRS of areas, or the ids alone of grid cells."""
    bare = isinstance(areas, gpd.GeoDataFrame) and areas.active_geometry_name is None
    if isinstance(areas, gpd.GeoDataFrame | gpd.GeoSeries) and not bare:
        return areas.index, np.asarray(areas.geometry.array), areas.crs
    if (
        kind == "lattice"
        and not isinstance(areas, str | Mapping | pd.DataFrame)
        and isinstance(areas, Collection)
    ):
        return pd.Index(areas), None, None
    wanted = "a GeoDataFrame with geometry, indexed by area_id"
    if kind == "lattice":
        wanted += ", or an index or list of grid ids, or (rows, columns) as whole numbers"
    raise UsageError(f"areas is a {type(areas).__name__}; a {kind} graph is built from {wanted}.")


def _ids_of_cells(
    areas: object,
    cells: tuple[NDArray[np.int64], NDArray[np.int64]],
    name_cells: Callable[[NDArray[np.int64], NDArray[np.int64]], pd.Index[str]],
) -> pd.Index[Any]:
    return name_cells(*cells) if _are_numbered(areas) else areas.index  # type: ignore[attr-defined]


def _are_numbered(areas: object) -> bool:
    """Say whether cells come without ids of their own."""
    return not isinstance(areas, pd.DataFrame) or isinstance(areas.index, pd.RangeIndex)


def as_ids(ids: pd.Index[Any]) -> pd.Index[str]:
    """Return the index named ``area_id``: itself if it is named so, which remembers that it is unique."""
    if ids.nlevels > 1 or ids.name == AREA_ID:
        return ids
    named: pd.Index[str] = ids.rename(AREA_ID)
    return named


def are_texts(ids: pd.Index[Any]) -> NDArray[np.bool_]:
    """Return which ids are strings that hold something else than blanks."""
    if isinstance(ids.dtype, pd.StringDtype):
        return np.asarray((ids.str.strip() != "") & ids.notna(), dtype=bool)
    if pd.api.types.infer_dtype(ids, skipna=False) == "string":
        return np.asarray(ids.str.strip() != "", dtype=bool)
    return np.array([isinstance(i, str) and i.strip() != "" for i in ids], dtype=bool)


def _note_id_faults(faults: Faults, ids: pd.Index[Any], *, sound: bool, unique: bool) -> None:
    """Note what is wrong with ids.

    ``sound`` says that this package made them, ``unique`` that repeated ones will be found by their places.
    """
    if len(ids) < LEAST_AREAS:
        faults.add(f"{len(ids)} areas given, and links need at least {LEAST_AREAS}")
    if sound:
        return
    if ids.nlevels > 1:
        faults.add(f"the index has {ids.nlevels} levels", cure="Index the areas by area_id alone.")
        return
    texts = are_texts(ids)
    if not texts.all():
        cure = "Index the areas by area_id; ids are strings, such as '00100'."
        faults.add("area ids that are blank or no strings", ids=ids[~texts], of=len(ids), cure=cure)
    repeated = ids[:0] if unique else ids[ids.duplicated()].unique()
    if len(repeated):
        faults.add(
            "duplicate area ids", ids=repeated, of=len(ids), cure="Dissolve or drop the repeated areas."
        )


def _note_geometry_faults(
    faults: Faults, ids: pd.Index[Any], geometry: NDArray[Any], *, polygonal: bool
) -> None:
    missing = shapely.is_missing(geometry)
    empty = shapely.is_empty(geometry)
    kinds = shapely.get_type_id(geometry)
    tests = {"areas without geometry": (missing, "Drop them or give them a shape.")}
    tests["areas with empty geometry"] = (empty, "Drop them or give them a shape.")
    if polygonal:
        shapeless = ~missing & ~empty & ~np.isin(kinds, POLYGONS)
        tests["areas that are no polygons"] = (shapeless, "Borders need polygons; knn takes points.")
        invalid = ~missing & ~shapely.is_valid(geometry)
        tests["areas with invalid polygons"] = (invalid, "read_areas repairs them and says what it did.")
    for what, (affected, cure) in tests.items():
        if affected.any():
            faults.add(what, ids=ids[affected], of=len(ids), cure=cure)


def _is_metric(crs: CRS | None) -> bool:
    return (
        crs is not None and crs.is_projected and all(axis.unit_name == "metre" for axis in crs.axis_info[:2])
    )


def _note_crs_fault(faults: Faults, crs: CRS | None) -> None:
    if crs is None:
        faults.add("the areas state no CRS, so distances have no unit", cure="Set it with areas.set_crs().")
    elif crs.is_geographic:
        name = crs.to_string()
        cure = "Reproject with areas.to_crs('EPSG:3067')."
        faults.add(f"the CRS is {name}, in degrees, where distances mean nothing", cure=cure)
    else:
        faults.add(
            f"the CRS {crs.to_string()} is not in metres", cure="Reproject to a projected CRS in metres."
        )


def _note_k_fault(faults: Faults, k: object, n: int) -> None:
    if isinstance(k, Integral) and n >= LEAST_AREAS and int(k) > n - 1:
        faults.add(f"k is {k}, but each of {n} areas has only {n - 1} others", cure="Ask for fewer.")


def check_rows(
    ids: pd.Index[Any],
    indptr: NDArray[np.int64],
    indices: NDArray[np.integer[Any]],
    weights: NDArray[np.float64],
) -> None:
    """Refuse compressed rows that are no graph of these ids."""
    faults = Faults()
    texts = are_texts(ids) if ids.nlevels == 1 else np.zeros(len(ids), dtype=bool)
    if not texts.all():
        cure = "Area ids are strings, such as '00100'."
        faults.add("ids that are blank or no strings", ids=ids[~texts], of=len(ids), cure=cure)
    if ids.has_duplicates:
        faults.add("duplicate ids", ids=ids[ids.duplicated()].unique(), of=len(ids))
    if not len(ids):
        faults.add("no areas")
    shaped = indptr.shape == (len(ids) + 1,) and indptr[0] == 0 and indptr[-1] == indices.size
    if not shaped or bool((np.diff(indptr) < 0).any()):
        faults.add(f"indptr does not divide {indices.size} links among {len(ids)} areas")
    if indices.size and (indices.min() < 0 or indices.max() >= len(ids)):
        faults.add("links to positions that no area has")
    elif shaped and not _in_order(indptr, indices):
        faults.add("neighbours that are out of order or repeated")
    if weights.shape != indices.shape:
        faults.add(f"{weights.size} weights for {indices.size} links")
    _note_weight_faults(faults, weights)
    faults.raise_if_any(GraphError, "These rows are no graph:")


def _in_order(indptr: NDArray[np.int64], indices: NDArray[np.integer[Any]]) -> bool:
    rises = np.diff(indices) > 0
    starts = indptr[(indptr > 0) & (indptr < indices.size)]
    rises[starts - 1] = True
    return bool(rises.all())


def _note_weight_faults(faults: Faults, weights: NDArray[np.float64]) -> None:
    bad = ~np.isfinite(weights) | (weights <= 0)
    if bad.any():
        cure = "A link weighs more than 0; leave links of weight 0 out."
        faults.add(
            "weights that are not finite numbers above 0", count=int(bad.sum()), of=weights.size, cure=cure
        )


def check_cells(ids: pd.Index[str], order: NDArray[np.integer[Any]], ordered: NDArray[np.int64]) -> None:
    """Refuse cells in the same place, given their order and their keys in that order."""
    same = np.flatnonzero(ordered[1:] == ordered[:-1])
    faults = Faults()
    twice = ids[np.union1d(order[same], order[same + 1])]
    if twice.has_duplicates:
        cure = "Dissolve or drop the repeated areas."
        faults.add("duplicate area ids", ids=twice[twice.duplicated()].unique(), of=len(ids), cure=cure)
    elif same.size:
        faults.add("cells in the same place", ids=twice, of=len(ids))
    faults.raise_if_any(GraphError, "The cells are no lattice:")


def check_squares(ids: pd.Index[str], slack: NDArray[np.float64], size: float) -> None:
    """Refuse shapes that are more than a hundredth of a cell away from a common lattice."""
    off = ~(slack <= LATTICE_SLACK * size)
    faults = Faults()
    if off.any():
        what = f"areas that are no {size:g} m squares on a common lattice"
        cure = "Use kind='queen', or give Statistics Finland's grid ids."
        faults.add(what, ids=ids[off], of=len(ids), cure=cure)
    faults.raise_if_any(GraphError, "The areas are no lattice:")


def check_apart(
    ids: pd.Index[str], first: NDArray[np.intp], second: NDArray[np.intp], distance: NDArray[np.float64]
) -> None:
    """Refuse areas in the same place where a weight is a power of the distance."""
    same = distance == 0
    faults = Faults()
    if same.any():
        pairs = [f"{ids[one]} and {ids[two]}" for one, two in zip(first[same], second[same], strict=True)]
        cure = "Give each its own point, or use weights='binary'."
        faults.add(
            "pairs of areas in the same place, whose inverse distance is infinite", ids=pairs, cure=cure
        )
    faults.raise_if_any(GraphError, "The areas cannot make a distance_band graph:")


def check_bandwidths(ids: pd.Index[str], reach: NDArray[np.float64]) -> None:
    """Refuse an adaptive bandwidth of 0."""
    faults = Faults()
    if (reach == 0).any():
        cure = "Ask for a larger k, or give a bandwidth in metres."
        what = "areas whose k nearest others lie in the same place, which leaves no bandwidth"
        faults.add(what, ids=ids[reach == 0], of=len(ids), cure=cure)
    faults.raise_if_any(GraphError, "The areas cannot make a kernel graph:")


def check_members(given: pd.Index[Any], known: pd.Index[str], *, whole: bool) -> NDArray[np.intp]:
    """Return where the ``given`` ids stand among the ``known``, or name those that do not fit."""
    positions = np.asarray(known.get_indexer(given), dtype=np.intp)
    faults = Faults()
    if len(given) == 0:
        faults.add("no areas were given")
    if (positions < 0).any():
        faults.add("ids that the graph does not have", ids=given[positions < 0], of=len(given))
    if given.has_duplicates:
        faults.add("ids given more than once", ids=given[given.duplicated()].unique(), of=len(given))
    left = known.difference(given) if whole else known[:0]
    if len(left):
        faults.add(
            "areas of the graph that were not given", ids=left, of=len(known), cure="Use graph.subset(ids)."
        )
    faults.raise_if_any(GraphError, "The ids do not fit the graph:")
    return positions


def refuse_graph(graph: object) -> UsageError:
    """Return the error for something that is no graph, with the way to convert it where there is one."""
    module = type(graph).__module__
    if module.startswith("libpysal.weights"):
        return UsageError(
            "graph is a libpysal.weights.W, which is older than libpysal.graph.Graph. "
            "Convert it with libpysal.graph.Graph.from_W(w)."
        )
    return UsageError(
        f"graph is a {module}.{type(graph).__qualname__}; it must be an AreaGraph or a libpysal.graph.Graph. "
        "Build one with lea_geo.build_graph(areas, 'queen')."
    )


def unknown_area(area_id: object, ids: pd.Index[str]) -> UsageError:
    """Return the error for an area that the graph does not have."""
    near = get_close_matches(str(area_id), ids.tolist(), n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return UsageError(f"The graph has no area {area_id!r}.{hint}")
