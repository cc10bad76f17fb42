"""Grid cells: sizes, ids, corners and extents."""

from __future__ import annotations

import re
from numbers import Integral
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from lea_geo._checks.areas import FINLAND
from lea_geo._checks.faults import Faults
from lea_geo.errors import AreasError, UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

MOST_CELLS = 10_000_000
"""More than Finland's land has at 250 m; a larger extent is a mistake in its unit or its CRS."""

_UNREADABLE = "The grid ids cannot be read."
_ANY_SIZE = re.compile(r"(\d+k?m)N\d+E\d+")
_ALL_SIZES = (
    "Statistics Finland's cells are 250 m (250mN667500E38500), 1 km (1kmN6675E0385) and 5 km (5kmN1335E0077)."
)


def check_cell_size(cell_size: int | None, sizes: Collection[int]) -> int:
    """Return ``cell_size`` as an int if it is one of ``sizes``, in metres."""
    if isinstance(cell_size, bool) or not isinstance(cell_size, Integral) or int(cell_size) not in sizes:
        allowed = ", ".join(str(size) for size in sorted(sizes))
        raise UsageError(f"cell_size is {cell_size!r}; it must be one of {allowed} metres.")
    return int(cell_size)


def refuse_ids(ids: Sequence[object], patterns: Mapping[str, re.Pattern[str]]) -> NoReturn:
    """Raise with everything that is wrong with ``ids``; ``patterns`` holds what each size's ids look like."""
    faults = Faults()
    if not ids:
        faults.add("no grid ids were given")
    matches = {i: _ANY_SIZE.fullmatch(i) for i in ids if isinstance(i, str)}
    prefixes = {i: match[1] for i, match in matches.items() if match}
    bad = [
        repr(i)
        for i in ids
        if i not in prefixes or (prefixes[i] in patterns and not patterns[prefixes[i]].fullmatch(i))
    ]
    if bad:
        faults.add("malformed grid ids", ids=bad, of=len(ids), cure=_ALL_SIZES)
    sizes = sorted(set(prefixes.values()))
    unknown = [size for size in sizes if size not in patterns]
    if unknown:
        faults.add("cell sizes that Statistics Finland does not publish", ids=unknown, cure=_ALL_SIZES)
    if len(sizes) > 1:
        faults.add("cells of several sizes in one list", ids=sizes, cure="Build one grid for each size.")
    raise AreasError(_UNREADABLE, faults.found)


def check_corners(
    ids: Iterable[str],
    easting: NDArray[Any],
    northing: NDArray[Any],
    cell_size: int,
) -> None:
    """Raise unless every corner lies on the grid and in Finland."""
    off = (easting % cell_size != 0) | (northing % cell_size != 0)
    away = ~inside_finland(easting, northing)
    if not (off.any() or away.any()):
        return
    names = list(ids)
    faults = Faults()
    if off.any():
        faults.add(
            f"grid ids whose corner is no multiple of {cell_size} m",
            ids=[names[i] for i in np.flatnonzero(off).tolist()],
            of=len(names),
        )
    if away.any():
        faults.add(
            "grid ids whose corner lies outside Finland",
            ids=[names[i] for i in np.flatnonzero(away).tolist()],
            of=len(names),
            cure="An id names the northing first and the easting second, both in EPSG:3067.",
        )
    faults.raise_if_any(AreasError, _UNREADABLE)


def inside_finland(easting: NDArray[Any], northing: NDArray[Any]) -> NDArray[np.bool_]:
    """Say which points lie in Finland's envelope in EPSG:3067 (half-open)."""
    left, bottom, right, top = FINLAND
    inside: NDArray[np.bool_] = (
        (easting >= left) & (easting < right) & (northing >= bottom) & (northing < top)
    )
    return inside


def check_points(easting: NDArray[np.float64], northing: NDArray[np.float64]) -> None:
    """Raise unless every point lies in Finland."""
    faults = Faults()
    away = ~inside_finland(easting, northing)
    if away.any():
        shown = [f"{easting[i]:g} {northing[i]:g}" for i in np.flatnonzero(away)]
        faults.add(
            "points outside Finland in EPSG:3067",
            ids=shown,
            of=easting.size,
            cure="Give the easting (x) first and the northing (y) second, in metres.",
        )
    faults.raise_if_any(AreasError, "These points have no grid cell.")


def check_unique_cells(ids: Sequence[str], cells: NDArray[np.int64]) -> None:
    """Raise if a cell occurs twice, however its id is spelled."""
    _, first, counts = np.unique(cells, return_index=True, return_counts=True)
    if (counts > 1).any():
        faults = Faults()
        faults.add(
            "cells that occur more than once",
            ids=[ids[i] for i in np.sort(first[counts > 1]).tolist()],
            of=len(ids),
            cure="Give each cell once.",
        )
        faults.raise_if_any(AreasError, "The grid cannot be built.")


def check_extent(bounds: Sequence[float], cell_size: int) -> None:
    """Raise unless ``bounds`` (xmin, ymin, xmax, ymax in EPSG:3067) is a box in Finland of a sane size."""
    faults = Faults()
    left, bottom, right, top = FINLAND
    xmin, ymin, xmax, ymax = bounds
    shown = f"the extent {xmin:g}, {ymin:g}, {xmax:g}, {ymax:g}"
    if not np.isfinite(bounds).all():
        faults.add(f"{shown} has coordinates that are no numbers")
    elif not (xmin < xmax and ymin < ymax):
        faults.add(f"{shown} is empty", cure="Give xmin, ymin, xmax, ymax.")
    elif xmin < left or ymin < bottom or xmax > right or ymax > top:
        faults.add(
            f"{shown} lies outside Finland",
            cure=f"EPSG:3067 has eastings of {left} to {right} and northings of {bottom} to {top} m; "
            "for another CRS say crs=.",
        )
    elif (cells := (xmax - xmin) * (ymax - ymin) / cell_size**2) > MOST_CELLS:
        faults.add(
            f"{shown} has {cells:.0f} cells, more than {MOST_CELLS}", cure="Use larger cells or areas."
        )
    faults.raise_if_any(AreasError, "The grid cannot be built.")
