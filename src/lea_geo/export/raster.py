"""Rasters of findings on grid cells, for whoever works with pixels."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import rasterio
import shapely

from lea_geo._checks.findings import check_findings, refuse_failure
from lea_geo._files import whole_file
from lea_geo._sheets import sheets_of
from lea_geo.schema import LOCAL_METHODS, Label, result_column

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from lea_geo.schema import Findings

LABEL_CODES = {label: code for code, label in enumerate(Label, start=1)}
"""What a pixel of a label raster means; 0 is no cell."""
MOST_PIXELS = 50_000_000
"""Cells scattered over more than this are no raster."""
_TOLERANCE = 0.01
"""Of a cell's side: how far a corner may lie from the lattice; published grids are some mm off."""
_ROUNDING = 1e-4
"""Of a cell's side: how far it may be from whole metres and still mean them."""

_Pixels = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class _Lattice:
    """Squares of one size on one grid, wherever that begins."""

    side: float
    west: float
    north: float
    shape: tuple[int, int]
    row: _Pixels
    column: _Pixels

    def burn(self, values: _Pixels, nodata: float) -> _Pixels:
        pixels = np.full(self.shape, nodata, dtype=values.dtype)
        pixels[self.row, self.column] = values
        return pixels


def write_rasters(findings: Findings, folder: str | Path) -> tuple[Path, ...]:
    """Write GeoTIFFs of findings whose areas are the cells of a grid.

    Parameters
    ----------
    findings
        What a study found.
    folder
        Where to write; made if it is not there. Files of the same names are replaced, each at once.

    Returns
    -------
        For each indicator ``<code>_value.tif`` (64-bit numbers; NaN is no data) and, for each local
        statistic, ``<code>_<method>_label.tif`` (bytes; 0 is no cell, the tag ``labels`` says what the
        others mean).
        Nothing where the areas are no squares of one size on one grid: nothing is resampled. Other years
        and kinds of areas have folders of their own: ``grid_2016/<code>_value.tif``.

    Raises
    ------
    OutputError
        The findings are not consistent, or a file cannot be written.
    """
    folder = Path(folder)
    check_findings(findings, "No raster was written:")
    return tuple(
        file for sheet in sheets_of(findings) for file in _write_sheet(sheet.findings, folder / sheet.name)
    )


def _write_sheet(findings: Findings, folder: Path) -> tuple[Path, ...]:
    lattice = _lattice(findings.areas)
    if lattice is None:
        return ()
    return tuple(
        _write(folder / f"{indicator.code}_{name}.tif", lattice, values, findings)
        for indicator in findings.indicators
        for name, values in _layers(findings.results[indicator.code])
    )


def _layers(result: pd.DataFrame) -> list[tuple[str, _Pixels]]:
    labels = [result_column(method, "label") for method in LOCAL_METHODS]
    codes = {str(label): code for label, code in LABEL_CODES.items()}
    coded = [(name, result[name].map(codes).fillna(0).to_numpy(np.uint8)) for name in labels]
    return [("value", result["value"].to_numpy(np.float64)), *coded]


def _lattice(areas: gpd.GeoDataFrame) -> _Lattice | None:
    """Return the grid that the areas are cells of, or None."""
    shapes = areas.geometry.to_numpy()
    west, south, east, north = shapely.bounds(shapes).T
    side = float(np.median(east - west))
    # A published cell measures whole metres; a pixel some mm short would drift away from its cell.
    side = float(round(side)) if abs(side - round(side)) <= _ROUNDING * side else side
    slack = side * _TOLERANCE
    square = np.allclose([east - west, north - south], side, rtol=0, atol=slack)
    if not square or not np.allclose(shapely.area(shapes), side**2, rtol=_TOLERANCE):
        return None
    column, row = (west - west.min()) / side, (north.max() - north) / side
    whole = [np.rint(steps).astype(np.int64) for steps in (row, column)]
    if not np.allclose([row, column], whole, rtol=0, atol=_TOLERANCE):
        return None
    shape = (int(whole[0].max()) + 1, int(whole[1].max()) + 1)
    if shape[0] * shape[1] > MOST_PIXELS or len(set(zip(*whole, strict=True))) < len(areas):
        return None
    return _Lattice(side, float(west.min()), float(north.max()), shape, *whole)


def _write(path: Path, lattice: _Lattice, values: _Pixels, findings: Findings) -> Path:
    nodata = np.nan if values.dtype == np.float64 else 0
    tags = {"SYNTHETIC": "nothing here is real"} if findings.synthetic else {}
    if values.dtype != np.float64:
        tags["labels"] = "; ".join(f"{code} = {label}" for label, code in LABEL_CODES.items())
    profile = {
        "driver": "GTiff",
        "height": lattice.shape[0],
        "width": lattice.shape[1],
        "count": 1,
        "dtype": values.dtype,
        "crs": findings.areas.crs.to_wkt(),
        "transform": rasterio.Affine(lattice.side, 0.0, lattice.west, 0.0, -lattice.side, lattice.north),
        "nodata": nodata,
        "compress": "deflate",
    }
    with whole_file(path) as building:
        try:
            with rasterio.open(building, "w", **profile) as raster:
                raster.write(lattice.burn(values, nodata), 1)
                raster.update_tags(**tags)
        except rasterio.errors.RasterioError as error:
            raise refuse_failure(path, error) from error
    return path
