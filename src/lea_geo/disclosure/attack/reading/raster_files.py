"""Rasters: pixels as the values of cells, and what the file says beside them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import numpy as np
import rasterio

from lea_geo.disclosure.attack.reading.csv_files import where_of
from lea_geo.disclosure.attack.reading.gathered import UNKNOWN, About
from lea_geo.disclosure.attack.reading.numbers import stands_for
from lea_geo.disclosure.attack.reading.sentences import read_sentences
from lea_geo.disclosure.attack.reading.styles import read_style
from lea_geo.disclosure.attack.reading.tables import is_count
from lea_geo.schema import RESULT_COLUMNS

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray
    from rasterio import DatasetReader

    from lea_geo.disclosure.attack.reading.gathered import Gathered, Sheet
    from lea_geo.disclosure.attack.reading.known import Known

MOST_PIXELS = 200_000_000
_SIDECARS = (".tif.aux.xml", ".aux.xml", ".qml", ".qmd", ".tif", ".tiff", ".sld")
_STATISTICS = ("STATISTICS_MINIMUM", "STATISTICS_MAXIMUM", "STATISTICS_MEAN", "STATISTICS_STDDEV")
_TECHNICAL = ("COMPRESS", "INTERLEAVE", "LAYOUT", "AREA_OR_POINT", "classes", "OVERVIEW_RESAMPLING", "year")
_MOST_CLASSES = 9
_STRUCTURE = ("IMAGE_STRUCTURE", "DERIVED_SUBDATASETS", "TIFF")
_CLASSES = ("label", "status")
"""How the names of rasters end whose pixels are codes of classes."""


def named_by(file: str, known: Known) -> tuple[Sheet, str, str]:
    """Return what a raster or a file beside it is of: year and areas, indicator and part.

    The indicator and the part are empty where the name says nothing of them.
    """
    name = PurePosixPath(file).name
    stem = next((name[: -len(end)] for end in _SIDECARS if name.endswith(end)), name)
    sheet = where_of(file, {}, known).sheet or ("", "")
    for part in sorted(RESULT_COLUMNS, key=len, reverse=True):
        if stem.endswith(f"_{part}"):
            named, code = known.split_stem(stem[: -len(part) - 1])
            return named or sheet, code or stem[: -len(part) - 1], part
    return sheet, "", ""


def read_raster(path: Path, file: str, known: Known, gathered: Gathered) -> None:
    """Note every pixel of a raster as the value of the cell that it covers.

    Raises
    ------
    ValueError, rasterio.errors.RasterioError
        It is none, or too large.
    """
    sheet, variable, part = named_by(file, known)
    # Without its driver's helpers: what lies beside is read as a file of its own.
    with (
        rasterio.Env(GDAL_PAM_ENABLED="NO", GDAL_DISABLE_READDIR_ON_OPEN="EMPTY_DIR"),
        rasterio.open(path) as raster,
    ):
        if raster.driver not in ("GTiff", "COG"):
            raise ValueError(f"it is a {raster.driver}, not the TIFF that its name says")
        if raster.width * raster.height * raster.count > MOST_PIXELS:
            raise ValueError(f"it has more than {MOST_PIXELS:,} pixels")
        _read_tags(raster, file, known, gathered, About(sheet, variable, part))
        for band in raster.indexes:
            whose = (variable, part) if part else (PurePosixPath(file).stem, UNKNOWN)
            if not part.endswith(_CLASSES) or not _is_coded(raster.read(band)):
                _read_band(raster, band, file, sheet, whose, known, gathered)


def _read_tags(raster: DatasetReader, file: str, known: Known, gathered: Gathered, about: About) -> None:
    """Note the numbers in what the file says of itself and of its bands."""
    for text in (*raster.descriptions, *raster.units):
        read_sentences(text or "", f"{file}: description", known, gathered, about)
    for band in (0, *raster.indexes):
        spaces = [space for space in raster.tag_namespaces(band) if space not in _STRUCTURE]
        for name, text in [one for space in (None, *spaces) for one in raster.tags(band, ns=space).items()]:
            place = f"{file}: tag {name}"
            if name in _STATISTICS:
                kind = name.removeprefix("STATISTICS_").lower()
                loose = f"legend_{kind}" if kind in ("minimum", "maximum") else "summary"
                gathered.add_loose(loose, (float(text), float(text)), place, about)
            elif text.lstrip().startswith("<"):
                read_style(text, place, gathered, known, sheet=about.sheet, variable=about.variable)
            elif name not in _TECHNICAL:
                read_sentences(text, place, known, gathered, about)


def _read_band(
    raster: DatasetReader,
    band: int,
    file: str,
    sheet: Sheet,
    whose: tuple[str, str],
    known: Known,
    gathered: Gathered,
) -> None:
    """Note the pixels of a band, those of cells that are known by their ids and others by column and row."""
    pixels = raster.read(band).astype(np.float64)
    nothing = raster.nodatavals[band - 1]
    held = np.isfinite(pixels) if nothing is None else np.isfinite(pixels) & (pixels != nothing)
    row, column = np.nonzero(held)
    if not row.size:
        return
    ids = _cell_ids(raster, row, column, sheet, gathered)
    values = (pixels[row, column] * raster.scales[band - 1] + raster.offsets[band - 1])[:, None]
    measured = np.array([not is_count(known, *whose)])
    lower, upper = stands_for(values, measured=measured)
    gathered.add(
        gathered.sheets.code(sheet),
        gathered.column(*whose),
        gathered.areas.codes(ids),
        lower[:, 0],
        upper[:, 0],
        gathered.places.code(f"{file}: band {band}"),
    )
    for number, level in enumerate(raster.overviews(band)):
        _read_overview(raster, band, (number, level), held, file, About(sheet, *whose), gathered)


def _is_coded(pixels: NDArray[Any]) -> bool:
    """Whether pixels are codes of classes and nothing else."""
    return pixels.dtype == np.uint8 and int(pixels.max(initial=0)) <= _MOST_CLASSES


def _cell_ids(
    raster: DatasetReader, row: NDArray[np.int64], column: NDArray[np.int64], sheet: Sheet, gathered: Gathered
) -> list[str]:
    """Return the areas that pixels cover: those whose middle is a pixel's, or the pixel's place."""
    plain = [f"row {y} column {x}" for y, x in zip(row.tolist(), column.tolist(), strict=True)]
    if sheet not in gathered.shapes:
        return plain
    areas = gathered.shapes[sheet]
    west, south, east, north = areas.geometry.bounds.to_numpy().T
    back, (middle_x, middle_y) = ~raster.transform, ((west + east) / 2, (south + north) / 2)
    x = back.a * middle_x + back.b * middle_y + back.c
    y = back.d * middle_x + back.e * middle_y + back.f
    at = {(int(b), int(a)): area for a, b, area in zip(np.floor(x), np.floor(y), areas.index, strict=True)}
    pairs = zip(row.tolist(), column.tolist(), strict=True)
    return [at.get(pair, name) for pair, name in zip(pairs, plain, strict=True)]


def _read_overview(
    raster: DatasetReader,
    band: int,
    which: tuple[int, int],
    held: NDArray[np.bool_],
    file: str,
    about: About,
    gathered: Gathered,
) -> None:
    """Note the pixels of an overview, each the mean of as many pixels with a value as it counts."""
    number, level = which
    with rasterio.open(raster.name, OVERVIEW_LEVEL=number) as overview:
        pixels = overview.read(band).astype(np.float64)
    row, column = np.nonzero(held)
    below = np.zeros(pixels.shape)
    inside = (row // level < pixels.shape[0]) & (column // level < pixels.shape[1])
    np.add.at(below, (row[inside] // level, column[inside] // level), 1)
    for y, x in np.argwhere(np.isfinite(pixels)).tolist():
        place = f"{file}: overview {level} of band {band}"
        value, told = float(pixels[y, x]), replace(about, area=f"row {y} column {x}")
        gathered.add_loose("summary", (value, value), place, told, count=float(below[y, x]))


def read_sidecar(path: Path, file: str, known: Known, gathered: Gathered) -> None:
    """Note the bounds of classes, the statistics and the histograms in a file beside a raster."""
    sheet, variable, _ = named_by(file, known)
    place = f"{file}: style"
    read_style(
        path.read_text("utf-8", errors="replace"), place, gathered, known, sheet=sheet, variable=variable
    )
