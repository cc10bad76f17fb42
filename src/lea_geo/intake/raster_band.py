"""One band of a raster file, read in pieces as exactextract asks for them."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import rasterio
from exactextract.raster import RasterSource
from numpy.typing import NDArray
from rasterio.enums import MaskFlags
from rasterio.errors import NotGeoreferencedWarning, RasterioError, RasterioIOError
from rasterio.windows import Window

from lea_geo._checks import zonal as check

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import ExitStack

    from rasterio.io import DatasetReader

    from lea_geo._checks.faults import Faults

Floats = NDArray[np.float64]


class RasterBand(RasterSource):  # type: ignore[misc]  # exactextract ships no types
    """A band as 64-bit numbers, north up, scaled, NaN where there is no data.

    Parameters
    ----------
    dataset
        An open raster that is not rotated.
    band
        Which band, from 1.
    nodata
        What stands for no data beside what the file itself says, as the file stores it.
    """

    def __init__(self, dataset: DatasetReader, band: int, nodata: Sequence[float] = ()) -> None:
        super().__init__()
        self.dataset, self.band = dataset, band
        kind = np.dtype(dataset.dtypes[band - 1])  # 0.1 is another number in 32 bits
        self.nodata = tuple(np.asarray(nodata).astype(kind if kind.kind == "f" else float).tolist())
        self.masked = MaskFlags.all_valid not in dataset.mask_flag_enums[band - 1]
        self.scale, self.offset = dataset.scales[band - 1], dataset.offsets[band - 1]
        self.south_up = dataset.transform.e > 0

    @property
    def name(self) -> str:
        """The file's name, without its folder."""
        return Path(self.dataset.name).name

    @property
    def pixel(self) -> float:
        """The surface of a pixel in units of the raster's CRS."""
        width, height = self.res()
        return float(width * height)

    def res(self) -> tuple[float, float]:
        """Return a pixel's width and height."""
        return self.dataset.transform.a, abs(self.dataset.transform.e)

    def extent(self) -> tuple[float, float, float, float]:
        """Return west, south, east and north."""
        west, first = self.dataset.transform.c, self.dataset.transform.f
        last = first + self.dataset.transform.e * self.dataset.height
        east = west + self.dataset.transform.a * self.dataset.width
        return west, min(first, last), east, max(first, last)

    def nodata_value(self) -> None:
        """Return nothing: what is no data is NaN."""

    def srs_wkt(self) -> None:
        """Return nothing: the areas have been brought to the raster's CRS."""

    def read_window(self, column: int, row: int, columns: int, rows: int) -> Floats:
        """Return some rows and columns, counted from the north-west."""
        if not columns or not rows:
            return np.empty((rows, columns))
        first = self.dataset.height - row - rows if self.south_up else row
        window = Window(column, first, columns, rows)
        stored = self.dataset.read(self.band, window=window, masked=self.masked)
        known: Floats = np.ma.filled(stored.astype(np.float64), np.nan)
        if self.nodata:
            known[np.isin(known, self.nodata)] = np.nan
        scaled = known if (self.scale, self.offset) == (1, 0) else known * self.scale + self.offset
        return scaled[::-1] if self.south_up else scaled


class WeightBand(RasterBand):
    """A band of people or anything else that is counted by pixel.

    Parameters
    ----------
    dataset, band, nodata
        As of a :class:`RasterBand`.
    share
        Which part of a pixel's weight each part of it has where the raster's pixels are smaller.
    """

    def __init__(
        self, dataset: DatasetReader, band: int, nodata: Sequence[float] = (), *, share: float = 1.0
    ) -> None:
        super().__init__(dataset, band, nodata)
        self.share = share

    def read_window(self, column: int, row: int, columns: int, rows: int) -> Floats:
        """Return some rows and columns, counted from the north-west."""
        return super().read_window(column, row, columns, rows) * self.share


class PixelSurface(RasterSource):  # type: ignore[misc]  # exactextract ships no types
    """How large the pixels of a raster in degrees are, relative to one at the equator."""

    def __init__(self, of: RasterBand) -> None:
        super().__init__()
        self.of = of

    def res(self) -> tuple[float, float]:
        """Return a pixel's width and height."""
        return self.of.res()

    def extent(self) -> tuple[float, float, float, float]:
        """Return west, south, east and north."""
        return self.of.extent()

    def nodata_value(self) -> None:
        """Return nothing: every pixel has a surface."""

    def srs_wkt(self) -> None:
        """Return nothing, as the raster itself does."""

    def read_window(self, column: int, row: int, columns: int, rows: int) -> Floats:
        """Return the surface of some rows and columns: on a sphere it goes with the cosine of latitude."""
        del column
        north, height = self.extent()[3], self.res()[1]
        middles = np.radians(north - height * (np.arange(row, row + rows) + 0.5))
        return np.repeat(np.cos(middles)[:, np.newaxis], columns, axis=1)


def open_band(stack: ExitStack, faults: Faults, path: Path, band: int) -> DatasetReader | None:
    """Return an open raster with such a band, or None after noting what is wrong with it."""
    found = len(faults.found)
    try:
        dataset = stack.enter_context(_opened(path))
    except (RasterioError, OSError) as error:
        check.refuse_unreadable(faults, path, str(error).strip().rstrip("."))
        return None
    check.check_dataset(faults, dataset, path, band)
    return dataset if len(faults.found) == found else None


def raster_files(path: Path) -> list[Path]:
    """Return the files that a raster consists of: itself, and any beside it that say where it lies.

    Raises
    ------
    RasterioError
        It is no raster that can be read.
    """
    with _opened(path) as dataset:
        return sorted({path, *(path.parent / Path(name).name for name in dataset.files)})


def _opened(path: Path) -> DatasetReader:
    if not path.is_file():  # a name such as /vsicurl/… is an address, and no file
        raise FileNotFoundError(path)
    refused: list[Exception] = []
    for driver in check.DRIVERS:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", NotGeoreferencedWarning)
                return rasterio.open(path, driver=driver)
        except RasterioIOError as error:
            refused.append(error)
    raise refused[0]
