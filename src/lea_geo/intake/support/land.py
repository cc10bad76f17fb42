"""Where mass lies within an area, by a raster: density, or classes of land and how dense each is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
from exactextract import exact_extract
from exactextract.raster import RasterioRasterSource
from pyproj import CRS
from scipy import sparse

from lea_geo._checks import weights as check
from lea_geo.intake.support.dasymetric import Weighed
from lea_geo.intake.support.meeting import added

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from lea_geo.intake.support.meeting import Meeting

    Floats = NDArray[np.float64]

MOST_PIXELS = 4_000_000
"""How many pixels are in memory at a time, however large the raster: 32 MB of them."""
_CACHE = 64 << 20
"""Bytes of blocks that GDAL keeps; left to itself it keeps a twentieth of the machine's memory."""
_WHOLE = 0.9999
"""A pixel that a polygon covers to this share is not cut; coverage is in single precision."""
_SINGLE = 1e-6
"""How far sums of single-precision coverage may be apart."""


def weighed_by_raster(
    met: Meeting, path: str | Path, densities: Mapping[int, float] | None, band: int
) -> Weighed:
    """Weigh the ground by a raster, a piece of ground at a time.

    Parameters
    ----------
    met
        Sources and targets, in the CRS of the raster.
    path
        Any raster that rasterio reads. A pixel that a border cuts gives each side its share of the surface.
    densities
        Class of the raster to how dense it is, at least 0; None where the raster holds densities itself.
    band
        Counted from 1.
    """
    pieces = met.pieces()
    row, column = pieces["row"].to_numpy(), pieces["column"].to_numpy()
    reaching_out = met.overlap.sum(axis=1) < met.source_area * (1 - _SINGLE)
    with rasterio.Env(GDAL_CACHEMAX=_CACHE), check.opened(path) as raster:
        check.check_raster(raster, met.source.crs, band)
        sums = _sums(raster, pieces.geometry, densities, band)
        whole = _sums(raster, met.source.geometry[reaching_out], densities, band)
        pixel = abs(raster.transform.a * raster.transform.e)
    inside = sums.groupby(row).sum().reindex(range(len(met.source)), fill_value=0.0)
    total = inside.copy()
    total.loc[reaching_out] = np.maximum(whole.to_numpy(), inside[reaching_out].to_numpy())
    shape = (len(met.source), len(met.target))
    bare = 1 - (total["pixels"] * pixel).sum() / met.source_area.sum()
    told = f"{bare:.2%} of the source areas' surface has no value in the raster and weighs nothing."
    return Weighed(
        mass=sparse.coo_array((sums["weight"].to_numpy(), (row, column)), shape=shape).tocsr(),
        source_mass=total["weight"].to_numpy(),
        cut=(inside["weight"] - inside["whole"]).clip(0).to_numpy(),
        notes=(told,) if bare > _SINGLE else (),
    )


def _sums(
    raster: rasterio.DatasetReader, ground: gpd.GeoSeries, densities: Mapping[int, float] | None, band: int
) -> pd.DataFrame:
    """Return the ``weight`` of each polygon, that of uncut pixels alone (``whole``), and its ``pixels``."""
    shapes = gpd.GeoDataFrame(geometry=ground.to_numpy(), crs=CRS.from_wkt(raster.crs.to_wkt()))
    kinds = ("sum",) if densities is None else ("unique", "frac")
    uncut = f"min_coverage_frac={_WHOLE}"
    ops = ["pixels=count", "whole_pixels=count({uncut})", "least=min"]
    for kind in kinds:
        ops += [f"all_{kind}={kind}", f"whole_{kind}={kind}({uncut})"]
    found = exact_extract(
        RasterioRasterSource(raster, band_idx=band),
        shapes,
        [op.format(uncut=uncut) for op in ops],
        output="pandas",
        max_cells_in_memory=MOST_PIXELS,
    )
    if densities is None:
        check.check_least(found["least"].to_numpy())
        weight, whole = found["all_sum"], found["whole_sum"]
    else:
        weight = found["pixels"] * _mean_density(found, "all", densities)
        whole = found["whole_pixels"] * _mean_density(found, "whole", densities)
    return pd.DataFrame({"weight": weight, "whole": whole, "pixels": found["pixels"]})


def _mean_density(found: pd.DataFrame, which: str, densities: Mapping[int, float]) -> Floats:
    """Return the mean density of the pixels of each polygon, by the share of each class."""
    lengths = [len(classes) for classes in found[f"{which}_unique"]]
    classes = np.concatenate([np.empty(0), *found[f"{which}_unique"]])
    shares = np.concatenate([np.empty(0), *found[f"{which}_frac"]])
    check.check_classes(classes, densities)
    known, place = np.unique(classes, return_inverse=True)
    density = np.array([float(densities[int(one)]) for one in known])[place]
    return added(np.repeat(np.arange(len(found)), lengths), density * shares, len(found))
