"""Whether two outputs of a study say the same.

Text, tables and the map are compared byte by byte; a GeoPackage and a raster by what is read back from them,
because their containers hold page orders and times of writing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyogrio
import rasterio

from lea_geo._checks.output import MANIFEST

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import geopandas as gpd
    import pandas as pd


def differing_files(one: Path, other: Path) -> list[str]:
    """Return a sentence for each file that is in one folder only, or differs.

    Parameters
    ----------
    one
        The output as it was.
    other
        The output as it is now.
    """
    names = _files(one), _files(other)
    found = [f"{name} is not written any more" for name in sorted(names[0] - names[1])]
    found += [f"{name} is new" for name in sorted(names[1] - names[0])]
    for name in sorted(names[0] & names[1]):
        found += [f"{name}: {what}" for what in _differences(one / name, other / name)]
    return found


def differing_hashes(then: Mapping[str, Any], now: Mapping[str, Any], whose: str) -> list[str]:
    """Return a sentence for each file whose hash is not what it was."""
    found = [f"{whose} {name} is missing" for name in sorted(then.keys() - now.keys())]
    found += [f"{whose} {name} is new" for name in sorted(now.keys() - then.keys())]
    for name in sorted(then.keys() & now.keys()):
        if then[name]["sha256"] != now[name]["sha256"]:
            found.append(f"{whose} {name} was changed after the run")
    return found


def _files(folder: Path) -> set[str]:
    names = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return {name for name in names if name != MANIFEST}


def _differences(one: Path, other: Path) -> Iterator[str]:
    if one.read_bytes() == other.read_bytes():
        return
    if one.suffix == ".gpkg":
        yield from _differing_layers(one, other)
    elif one.suffix == ".tif":
        yield from _differing_bands(one, other)
    else:
        yield "differs"


def _differing_layers(one: Path, other: Path) -> Iterator[str]:
    layers = [{str(name) for name, _ in pyogrio.list_layers(path)} for path in (one, other)]
    for name in sorted(layers[0] ^ layers[1]):
        yield f"layer {name} is in one of them only"
    for name in sorted(layers[0] & layers[1]):
        was, now = (pyogrio.read_dataframe(path, layer=name) for path in (one, other))
        columns = _differing_columns(was, now)
        if columns:
            yield f"layer {name} differs in {', '.join(columns)}"


def _differing_columns(
    was: pd.DataFrame | gpd.GeoDataFrame, now: pd.DataFrame | gpd.GeoDataFrame
) -> list[str]:
    if len(was) != len(now):
        return [f"its number of rows: {len(was)}, now {len(now)}"]
    names = sorted(set(was.columns) ^ set(now.columns))
    both = [name for name in was.columns if name in now.columns]
    return names + [name for name in both if not _equal(was[name], now[name])]


def _equal(was: pd.Series[Any], now: pd.Series[Any]) -> bool:
    if was.dtype == "geometry":
        return bool((was.to_wkb() == now.to_wkb()).all()) and was.crs == now.crs
    return was.equals(now)


def _differing_bands(one: Path, other: Path) -> Iterator[str]:
    with rasterio.open(one) as was, rasterio.open(other) as now:
        if (was.transform, was.crs, was.shape, was.count) != (now.transform, now.crs, now.shape, now.count):
            yield "its grid differs"
        elif not np.array_equal(was.read(), now.read(), equal_nan=True):
            yield "its cells differ"
