"""Whether two outputs of a study say the same.

Text, tables and the map are compared byte by byte; a GeoPackage and a raster by what is read back from them,
because their containers hold page orders and times of writing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pyogrio
import rasterio

from lea_geo._checks.output import MANIFEST
from lea_geo._manifest import hash_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import geopandas as gpd
    import pandas as pd

CHECKSUMS = "SHA256SUMS"
"""What lies beside files that hold hashes of other files: a pack that leaves."""
_HASH = re.compile(rb"\b[0-9a-f]{64}\b")


def differing_outputs(then: Path, now: Path, outputs: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each output that is gone, new, or different.

    Parameters
    ----------
    then
        The output directory as it was written, and perhaps changed since.
    now
        The same study, run again.
    outputs
        What the manifest of ``then`` says that it wrote: name to hash.
    """
    names = {path.relative_to(now).as_posix() for path in now.rglob("*") if path.is_file()} - {MANIFEST}
    found = [f"{name} is not written any more" for name in sorted(outputs.keys() - names)]
    found += [f"{name} was not written then" for name in sorted(names - outputs.keys())]
    for name in sorted(names & outputs.keys()):
        if not (then / name).is_file():
            found.append(f"{name} is gone")
            continue
        touched = hash_file(then / name)["sha256"] != outputs[name]["sha256"]
        after = "; the file was changed after the run" if touched else ""
        found += [f"{name}: {what}{after}" for what in _differences(then / name, now / name)]
    return found


def differing_hashes(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Return the names of the files whose hash is not what it was."""
    return [name for name in then if name not in now or then[name]["sha256"] != now[name]["sha256"]]


def differing_versions(then: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Return a sentence for each library that is not what it was."""
    names = sorted(then.keys() | now.keys())
    return [
        f"{name} was {then.get(name, 'absent')} and is {now.get(name, 'absent')}, which may be why"
        for name in names
        if then.get(name) != now.get(name)
    ]


def _differences(one: Path, other: Path) -> Iterator[str]:
    if _content(one) == _content(other):
        return
    if one.suffix == ".gpkg":
        yield from _differing_layers(one, other)
    elif one.suffix == ".tif":
        yield from _differing_bands(one, other)
    else:
        yield "differs"


def _content(path: Path) -> bytes:
    """Return what a file says; in a pack without the hashes of other files, which are compared themselves."""
    content = path.read_bytes()
    return _HASH.sub(b"", content) if (path.parent / CHECKSUMS).is_file() else content


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
