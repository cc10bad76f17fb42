"""One layer of a boundary file, as it is in the file."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import shapely

from lea_geo._checks.area_files import (
    Piece,
    check_driver,
    check_layer,
    check_layer_name,
    check_path,
    check_shapefile,
    check_zip,
    refuse_file,
)
from lea_geo.errors import AreasError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from os import PathLike
    from pathlib import Path

_UNREADABLE = (RuntimeError, ValueError, OSError, TypeError, pa.ArrowException, shapely.errors.ShapelyError)


@dataclass(frozen=True)
class BoundaryFile:
    """A layer and what was noticed while reading it."""

    path: Path
    frame: gpd.GeoDataFrame
    """All columns of the layer, in its order; the geometry is called ``geometry``."""
    kinds: Mapping[str, str]
    """The kind of each column in the file: ``integer``, ``float`` or ``other``."""
    notes: list[str]


def read_boundary_file(path: str | PathLike[str], layer: str | None) -> BoundaryFile:
    """Read one layer of a GeoPackage, GeoJSON, Shapefile (also zipped) or Parquet file."""
    check_layer_name(layer)
    file = check_path(path)
    suffix = file.suffix.lower()
    if suffix in {".parquet", ".geoparquet"}:
        if layer is not None:
            refuse_file(file, "a Parquet file has no layers", "Leave layer out.")
        return _read_parquet(file)
    if suffix == ".zip":
        member = check_zip(file, layer)
        return _read_layer(file, f"/vsizip/{{{file.resolve()}}}/{member}", None)
    if suffix == ".shp":
        check_shapefile(file, _pieces(file))
    return _read_layer(file, str(file.resolve()), layer)


def _read_layer(file: Path, source: str, layer: str | None) -> BoundaryFile:
    with _reading(file, "it is damaged or holds no areas") as caught:
        layers = {str(name): kind is not None for name, kind in pyogrio.list_layers(source)}
        chosen = check_layer(file, layers, layer)
        info = pyogrio.read_info(source, layer=chosen)
        check_driver(file, info["driver"])
        # A geometry that cannot be read becomes None, which is refused by name later on.
        frame = pyogrio.read_dataframe(source, layer=chosen, on_invalid="ignore")
    if not isinstance(frame, gpd.GeoDataFrame):
        refuse_file(file, f"layer {chosen!r} has no geometry")
    if info["features"] >= 0 and info["features"] != len(frame):
        refuse_file(
            file, f"it says {info['features']} rows and gives {len(frame)}", "Copy or download it again."
        )
    kinds = {name: _kind(dtype) for name, dtype in zip(info["fields"], info["dtypes"], strict=True)}
    notes = _said(caught)
    skipped = [name for name, drawn in layers.items() if name != chosen and drawn]
    if skipped:
        notes.append(f"Only layer {chosen!r} was read, not {', '.join(skipped)}.")
    return BoundaryFile(file, frame, kinds, notes)


def _read_parquet(file: Path) -> BoundaryFile:
    with _reading(file, "it is damaged or holds no geometry") as caught:
        schema = pq.read_schema(file)
        frame = gpd.read_parquet(file)
        if frame.index.names != [None] or not isinstance(frame.index, pd.RangeIndex):
            frame = frame.reset_index()
    if frame.geometry.name != "geometry":
        frame = frame.rename_geometry("geometry")
    kinds = {str(name): _kind(dtype) for name, dtype in frame.dtypes.items()}
    # The file knows whole numbers with a null among them from floating-point numbers; pandas does not.
    kinds |= {f.name: "float" if pa.types.is_floating(f.type) else _kind(f.type) for f in schema}
    return BoundaryFile(file, frame, kinds, _said(caught))


@contextmanager
def _reading(file: Path, what: str) -> Iterator[list[warnings.WarningMessage]]:
    """Tell what the readers raise in our words, and collect what they warn of.

    Coordinates that are no numbers are refused by name later on.
    """
    with warnings.catch_warnings(record=True) as caught, np.errstate(invalid="ignore"):
        warnings.simplefilter("always")
        try:
            yield caught
        except AreasError:
            raise
        except _UNREADABLE as error:
            refuse_file(file, f"{what} ({error})", "Copy, download or write it again.")


def _said(caught: Sequence[warnings.WarningMessage]) -> list[str]:
    return [f"While reading: {text}." for text in dict.fromkeys(str(w.message).rstrip(".") for w in caught)]


def _kind(dtype: object) -> str:
    name = str(dtype)
    return "integer" if name.startswith(("int", "uint")) else "float" if name.startswith("float") else "other"


def _pieces(file: Path) -> list[Piece]:
    pieces = []
    for sibling in sorted(file.parent.iterdir()):
        suffix = sibling.suffix.lower()
        if sibling.stem == file.stem and suffix in {".shp", ".shx", ".dbf"} and sibling.is_file():
            with sibling.open("rb") as stream:
                pieces.append(Piece(suffix, sibling.stat().st_size, stream.read(100)))
    return pieces
