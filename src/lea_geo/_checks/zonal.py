"""What a raster must be for its pixels to be summed up by area, and what a user is told otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from lea_geo._checks.faults import Faults
from lea_geo._checks.options import check_choice
from lea_geo.errors import RasterError, UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    import pandas as pd
    from rasterio.io import DatasetReader

DRIVERS = ("GTiff", "AAIGrid", "HFA", "JP2OpenJPEG", "GPKG")
"""What is read: formats whose files hold their pixels. A VRT can name any other file or address."""
READABLE = "GeoTIFF, ASCII grid, Erdas Imagine, JPEG 2000, GeoPackage"
_ALIGNED = 1e-3
"""Of a pixel's side: how far two grids may be apart and count as one."""


class Lattice(Protocol):
    """What has pixels: ``lea_geo.intake.raster_band.RasterBand``."""

    dataset: DatasetReader

    @property
    def name(self) -> str: ...
    def res(self) -> tuple[float, float]: ...
    def extent(self) -> tuple[float, float, float, float]: ...


def heading(path: Path) -> str:
    """Return the first line of every message about a raster."""
    return f"The raster {path.name} cannot be used:"


def check_statistics(statistics: str | Sequence[str], known: Collection[str]) -> tuple[str, ...]:
    """Return the statistics, each of which is known and named once."""
    named = (statistics,) if isinstance(statistics, str) else tuple(statistics)
    if not named:
        raise UsageError(f"statistics is empty; name some of {', '.join(known)}.")
    if len(set(named)) < len(named):
        raise UsageError(f"statistics names something twice: {', '.join(map(str, named))}.")
    return tuple(check_choice("statistics", name, tuple(known)) for name in named)


def check_share(name: str, value: float) -> float:
    """Return a share from 0 to 1."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise UsageError(f"{name} is {value!r}; it must be a share from 0 to 1.")
    return float(value)


def check_nodata(nodata: float | Sequence[float]) -> tuple[float, ...]:
    """Return the numbers that stand for no data."""
    given = (nodata,) if isinstance(nodata, int | float) else tuple(nodata)
    if any(isinstance(one, bool) or not isinstance(one, int | float) for one in given):
        raise UsageError(f"nodata is {nodata!r}; it must be a number or several.")
    return tuple(float(one) for one in given)


def refuse_unreadable(faults: Faults, path: Path, why: str) -> None:
    """Note a file that is none, or no raster of a kind that is read."""
    if not path.is_file():
        faults.add(f"there is no file {path}")
    else:
        cure = f"Readable are {READABLE}; gdal_translate makes a GeoTIFF of anything else."
        faults.add(f"{path.name} is damaged or of a kind that is not read ({why})", cure=cure)


def check_dataset(faults: Faults, dataset: DatasetReader, path: Path, band: int) -> None:
    """Note what keeps a raster's pixels from lying on a map."""
    if isinstance(band, bool) or not isinstance(band, int) or not 1 <= band <= dataset.count:
        faults.add(f"{path.name} has no band {band!r}", cure=f"It has {dataset.count}, counted from 1.")
    elif dataset.dtypes[band - 1].startswith("complex"):
        faults.add(f"band {band} of {path.name} holds complex numbers")
    if dataset.crs is None:
        faults.add(
            f"{path.name} states no coordinate reference system",
            cure="Write the right one into it: gdal_edit.py -a_srs EPSG:3067.",
        )
    if dataset.transform.is_identity:
        faults.add(f"{path.name} does not say where it lies", cure="Is a file missing that lay beside it?")
        return
    turned = dataset.transform.b or dataset.transform.d or dataset.transform.a <= 0
    if turned or not dataset.transform.e:
        faults.add(f"{path.name} is rotated or mirrored", cure="gdalwarp turns it north up.")


def refuse_crs(path: Path, name: str) -> RasterError:
    """Return the error for a CRS that no area can be brought to."""
    faults = Faults()
    what = f"its coordinate reference system, {name}, is none that areas can be brought to"
    faults.add(what, cure="Write the right one into it: gdal_edit.py -a_srs EPSG:3067.")
    return RasterError(heading(path), faults.found)


def check_same_grid(faults: Faults, one: Lattice, other: Lattice) -> None:
    """Note weights whose pixels are not those of the raster, nor whole parts or multiples of them."""
    small = np.minimum(one.res(), other.res())
    times = np.maximum(one.res(), other.res()) / small
    apart = (np.asarray(one.extent()) - other.extent()) / np.tile(small, 2)
    steps = np.concatenate([times, apart])
    if one.dataset.crs != other.dataset.crs or (np.abs(steps - np.rint(steps)) > _ALIGNED).any():
        what = f"the pixels of {other.name} are not those of {one.name}, nor parts or multiples of them"
        cure = "Bring the weights to the raster's grid first, in a way that keeps their sum."
        faults.add(what, cure=cure)


def check_pixels(path: Path, infinite: pd.Series[float], negative: pd.Series[float]) -> None:
    """Refuse pixels that are infinite, and weights below 0."""
    faults = Faults()
    cure = "Name the number that stands for no data, or mend the raster."
    for what, hit in (("areas with infinite pixels", infinite), ("areas with negative weights", negative)):
        if hit.any():
            faults.add(what, ids=hit.index[hit > 0], of=len(hit), cure=cure)
    faults.raise_if_any(RasterError, heading(path))


def refuse_reading(path: Path, error: Exception) -> RasterError:
    """Return the error for pixels that cannot be read."""
    faults = Faults()
    first = (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
    faults.add(f"its pixels cannot be read ({first})", cure="Fetch or export the file again.")
    return RasterError(heading(path), faults.found)
