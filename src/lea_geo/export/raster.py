"""Rasters of findings on grid cells, for whoever works with pixels."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import rasterio
import shapely

from lea_geo._checks.findings import check_findings, refuse_failure
from lea_geo._classes import value_classes
from lea_geo._files import whole_file, write_whole
from lea_geo._sheets import sheets_of
from lea_geo.export.raster_legend import (
    LABEL_CODES,
    STATUS_CODES,
    label_legend,
    status_legend,
    value_legend,
)
from lea_geo.export.raster_sidecar import clean, gdal_sidecar, qgis_metadata, qgis_style, rgba
from lea_geo.schema import LOCAL_METHODS, result_column

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import geopandas as gpd
    import pandas as pd

    from lea_geo._sheets import Sheet
    from lea_geo.export.raster_legend import Legend
    from lea_geo.schema import Findings, Indicator

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
    """Write Cloud-Optimised GeoTIFFs of findings whose areas are the cells of a grid.

    Parameters
    ----------
    findings
        What a study found.
    folder
        Where to write; made if it is not there. Files of the same names are replaced, each at once.

    Returns
    -------
        Every file that was written. For each indicator ``<code>_value.tif`` (64-bit numbers in the
        indicator's unit; NaN is no value), ``<code>_status.tif`` (bytes: why there is a value or none; 0 is
        no cell) and, for each local statistic, ``<code>_<method>_label.tif`` (bytes; 0 is no cell). The tag
        ``classes`` says what bytes mean. Beside each, a ``.tif.aux.xml`` with the names of the classes or the
        statistics of the values, and a ``.qml`` and a ``.qmd`` that QGIS opens it with, styled and described
        in the study's language.
        Nothing where the areas are no squares of one size on one grid: nothing is resampled. Other years
        and kinds of areas have folders of their own: ``grid_2016/<code>_value.tif``.

    Raises
    ------
    OutputError
        The findings are not consistent, or a file cannot be written.

    Notes
    -----
    The same findings give the same bytes. Overviews are made where a side is longer than a tile of 512
    pixels: the mean of values, the most frequent class.
    """
    folder = Path(folder)
    check_findings(findings, "No raster was written:")
    sheets = sheets_of(findings)
    return tuple(file for sheet in sheets for file in _write_sheet(sheet, sheets, folder / sheet.name))


def _write_sheet(sheet: Sheet, sheets: tuple[Sheet, ...], folder: Path) -> Iterator[Path]:
    findings = sheet.findings
    lattice = _lattice(findings.areas)
    if lattice is None:
        return
    alike = [one.findings.results for one in sheets if one.areas == sheet.areas]
    for indicator in findings.indicators:
        for name, values, legend in _layers(findings, indicator, alike):
            path = folder / f"{indicator.code}_{name}.tif"
            _write(path, lattice, values, legend, findings.areas.crs)
            yield path
            for beside, content in _sidecars(path, legend, values, findings.areas.crs).items():
                write_whole(beside, content)
                yield beside


def _layers(
    findings: Findings, indicator: Indicator, alike: list[Mapping[str, pd.DataFrame]]
) -> Iterator[tuple[str, _Pixels, Legend]]:
    """Give each layer's name, the value of each area and what the values mean."""
    result, code = findings.results[indicator.code], indicator.code
    years = [results[code] for results in alike if code in results]
    classes = value_classes(years, decimals=indicator.decimals)
    yield "value", result["value"].to_numpy(np.float64), value_legend(findings, indicator, classes)
    yield "status", _coded(result["status"], STATUS_CODES), status_legend(findings, indicator)
    for method in LOCAL_METHODS:
        name = result_column(method, "label")
        yield name, _coded(result[name], LABEL_CODES), label_legend(findings, indicator, method)


def _coded(words: pd.Series[Any], codes: Mapping[Any, int]) -> _Pixels:
    by_word = {str(word): code for word, code in codes.items()}
    return words.map(by_word).fillna(0).to_numpy(np.uint8)


def _sidecars(path: Path, legend: Legend, values: _Pixels, crs: Any) -> dict[Path, bytes]:  # noqa: ANN401 - pyproj's
    return {
        path.with_name(f"{path.name}.aux.xml"): gdal_sidecar(legend, values),
        path.with_suffix(".qml"): qgis_style(legend),
        path.with_suffix(".qmd"): qgis_metadata(legend, crs.to_string()),
    }


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


def _write(path: Path, lattice: _Lattice, values: _Pixels, legend: Legend, crs: Any) -> None:  # noqa: ANN401 - pyproj's
    nodata = 0 if legend.coded else np.nan
    profile = {
        "driver": "COG",
        "height": lattice.shape[0],
        "width": lattice.shape[1],
        "count": 1,
        "dtype": values.dtype,
        "crs": crs.to_wkt(),
        "transform": rasterio.Affine(lattice.side, 0.0, lattice.west, 0.0, -lattice.side, lattice.north),
        "nodata": nodata,
        "compress": "deflate",
        "overview_resampling": "mode" if legend.coded else "average",
    }
    with whole_file(path) as building:
        try:
            with rasterio.open(building, "w", **profile) as raster:
                raster.write(lattice.burn(values, nodata), 1)
                raster.update_tags(**_tags(legend))
                raster.set_band_description(1, clean(legend.title.in_language(legend.language)))
                if legend.coded:
                    colours = {int(sign.value): rgba(sign) for sign in legend.signs}
                    raster.write_colormap(1, {0: (0, 0, 0, 0), **colours})
        except rasterio.errors.RasterioError as error:
            raise refuse_failure(path, error) from error


def _tags(legend: Legend) -> dict[str, str]:
    """Return what the file itself says of what it holds."""
    told = {
        "TIFFTAG_IMAGEDESCRIPTION": legend.title.en,
        "TIFFTAG_COPYRIGHT": ", ".join(filter(None, (legend.source, legend.licence))),
        "source": legend.source,
        "licence": legend.licence,
        "year": legend.year,
        "SYNTHETIC": "nothing here is real" if legend.synthetic else "",
        "classes": "; ".join(f"{sign.value:.0f} = {sign.word}" for sign in legend.signs if sign.word),
        **{f"title_{language}": text for language, text in legend.title.as_dict().items()},
    }
    return {name: clean(text) for name, text in told.items() if text}
