"""Zonal statistics: what the pixels of a raster say of each area."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from exactextract import exact_extract
from pyproj import CRS
from pyproj.exceptions import ProjError
from rasterio.errors import RasterioError

from lea_geo._checks import zonal as check
from lea_geo._checks.areas import check_areas
from lea_geo._checks.faults import Faults
from lea_geo.errors import RasterError
from lea_geo.intake.pixel_statistics import STATISTICS
from lea_geo.intake.raster_band import PixelSurface, RasterBand, WeightBand, open_band
from lea_geo.schema import AREA_ID, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from exactextract.raster import RasterSource
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_PRECISION = 6
"""Decimals of a share that single precision carries."""
_STEP = 1000.0
"""Metres: on the way to another CRS, longer edges get corners, so that they bend with it."""
_TALLIES = ("pixels", "without_weight", "weight", "weight_with_data", "infinite", "negative", "least")
"""What is counted of each area beside the statistics: pixels with data and those of them without a number
for their weight; the weights of all pixels and of those with data; whether any number is infinite or any
weight negative; the smallest number."""


@dataclass(frozen=True)
class Zonal:
    """Statistics of a raster by area."""

    table: pd.DataFrame
    """Indexed by ``area_id``: a column a statistic, NaN unless ``status`` is ``observed``; ``coverage``, the
    share of the area, or with weights of the weights in it, that has data; ``status``: ``missing`` where
    that is too little, ``not_applicable`` where all weights are 0."""
    account: pd.DataFrame
    """Indexed by ``area_id``: ``surface`` of the area in square metres and how much of it is ``outside`` the
    raster and ``without_data``; ``pixels`` with data, parts added up, and the ``least`` number in any;
    with weights how much of what has data is ``without_weight``, the ``weight`` and the
    ``weight_without_data``."""
    raster: str
    statistics: tuple[str, ...]
    band: int
    nodata: tuple[float, ...]
    least_coverage: float
    weights: str = ""
    crs: str = ""
    """The CRS that the areas were brought to; empty where they were in the raster's."""

    def __repr__(self) -> str:
        known = int((self.table["status"] == Status.OBSERVED).sum())
        named = ", ".join(self.statistics)
        return f"<Zonal: {named} of {self.raster} for {known} of {len(self.table)} areas>"

    @property
    def notes(self) -> tuple[str, ...]:
        """What is not as one would expect, in sentences."""
        return self.notes_of(self.table.index)

    def notes_of(self, ids: Iterable[str]) -> tuple[str, ...]:
        """Return what is not as one would expect of some areas.

        Parameters
        ----------
        ids
            Their ids.
        """
        some = pd.Index(ids)
        table, account = self.table.loc[some], self.account.loc[some]
        outside = account["outside"] >= account["surface"] * (1 - 10.0**-_PRECISION)
        little = (table["status"] == Status.MISSING) & ~outside
        part = (table["status"] == Status.OBSERVED) & (table["coverage"] < 1)
        unweighted = account["without_weight"] > 0 if self.weights else outside & ~outside
        of = "of the weights in them" if self.weights else "of their surface"
        sentences = (
            (outside, f"lie outside {self.raster} and are missing"),
            (little, f"have data on less than {self.least_coverage:.0%} {of} and are missing"),
            (part, f"have data on a part {of} only, and their values are of that part"),
            (table["status"] == Status.NOT_APPLICABLE, f"have no weight in {self.weights}"),
            (unweighted, f"have pixels without a number in {self.weights}, which count as nobody"),
        )
        told = [
            f"{n} of {len(some)} areas {what}: {_shown(some[hit])}."
            for hit, what in sentences
            if (n := int(hit.sum()))
        ]
        if self.crs:
            told.append(
                f"The areas were brought to {self.crs}, in which {self.raster} is; it is not resampled."
            )
        return tuple(told)

    def join_to(self, areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Return the areas with the columns of ``table``, aligned by area id.

        Parameters
        ----------
        areas
            Indexed by area id.
        """
        return areas.join(self.table)


def zonal_statistics(
    raster: str | Path,
    areas: gpd.GeoDataFrame,
    *,
    statistics: str | Sequence[str] = ("mean",),
    band: int = 1,
    weights: str | Path | None = None,
    weights_band: int = 1,
    nodata: float | Sequence[float] = (),
    least_coverage: float = 0.5,
) -> Zonal:
    """Summarise the pixels of a raster in each area, each pixel by how much of it the area covers.

    Parameters
    ----------
    raster
        A file: GeoTIFF, ASCII grid, Erdas Imagine, JPEG 2000 or GeoPackage. It is read in pieces, and its
        scale and offset are applied. South-up rasters are read as they are, rotated ones refused.
    areas
        Indexed by area id. Where their CRS is not the raster's they are brought to it, and a note says so;
        the raster is never resampled.
    statistics
        ``mean``, ``sum``, ``min``, ``max``, ``median``, ``stdev`` (of the population), ``majority`` (of
        equals the largest) or ``variety`` (how many different values), or several.
    band
        Which band of the raster, from 1.
    weights
        A raster that says how many people (or anything else that is counted) each pixel holds. The statistic
        is then over them and not over square metres: the mean greenness where people live. Its pixels are
        those of the raster, or whole parts or multiples of them; where the raster's are smaller, each gets
        an equal part of the people. A pixel without a number holds nobody.
    weights_band
        Which band of the weights, from 1.
    nodata
        Numbers that stand for no data beside what the file itself says, as the file stores them: -1 where
        a travel time has no route.
    least_coverage
        The share of an area, or of the weights in it, that must have data; below it the area is missing.

    Returns
    -------
    Zonal
        ``.table`` and ``.account`` in the order of ``areas``. An area outside the raster is missing, never 0.
        Where an area has data in part, ``sum`` is of that part.

    Raises
    ------
    UsageError
        An unknown statistic, or a share that is none.
    AreasError
        The areas are not as :func:`lea_geo.read_areas` gives them.
    RasterError
        The raster or the weights cannot be used: everything that is wrong is named.

    Notes
    -----
    How much of a pixel lies in an area is computed by exactextract
    (https://isciences.github.io/exactextract/) from the shapes themselves and not by points, but in single
    precision: shares hold to about 1e-6. Sums over pixels are in double precision. In a raster in degrees,
    square metres follow the cosine of latitude. All pixels of one area are in memory at once.
    """
    asked = check.check_statistics(statistics, STATISTICS)
    least = check.check_share("least_coverage", least_coverage)
    none = check.check_nodata(nodata)
    check_areas(areas)
    path = Path(raster)
    with ExitStack() as stack:
        values, people = _open(
            stack, path, band, none, None if weights is None else Path(weights), weights_band
        )
        placed, crs = _placed(areas, values)
        try:
            found = _measure(values, people, placed, asked)
        except (RasterioError, OSError) as error:
            raise check.refuse_reading(path, error) from error
        measured = pd.DataFrame(found, index=_index(areas), columns=[*asked, *_TALLIES])
        account = _account(areas, placed, measured, values, people)
    check.check_pixels(path, measured["infinite"], measured["negative"])
    return Zonal(
        table=_table(measured[list(asked)], account, least, counted=people is not None),
        account=account,
        raster=path.name,
        statistics=asked,
        band=band,
        nodata=none,
        least_coverage=least,
        weights="" if weights is None else Path(weights).name,
        crs=crs,
    )


def _open(
    stack: ExitStack, path: Path, band: int, nodata: Sequence[float], weights: Path | None, weights_band: int
) -> tuple[RasterBand, WeightBand | None]:
    faults = Faults()
    dataset = open_band(stack, faults, path, band)
    counted = None if weights is None else open_band(stack, faults, weights, weights_band)
    faults.raise_if_any(RasterError, check.heading(path))
    values = RasterBand(dataset, band, nodata)
    if counted is None:
        return values, None
    people = WeightBand(counted, weights_band)
    check.check_same_grid(faults, values, people)
    faults.raise_if_any(RasterError, check.heading(path))
    common = np.prod(np.minimum(values.res(), people.res()))
    return values, WeightBand(counted, weights_band, share=float(common / people.pixel))


def _placed(areas: gpd.GeoDataFrame, values: RasterBand) -> tuple[NDArray[np.object_], str]:
    """Return the areas' shapes in the raster's CRS, and its name where it is another than theirs."""
    theirs = values.dataset.crs
    code = theirs.to_epsg()
    shapes = areas.geometry.to_numpy()
    crs = CRS.from_epsg(code) if code else CRS.from_user_input(theirs.to_wkt())
    if areas.crs.equals(crs, ignore_axis_order=True):
        return shapes, ""
    longer = gpd.GeoSeries(shapely.segmentize(shapes, _STEP), crs=areas.crs)
    try:
        return longer.to_crs(crs).to_numpy(), f"EPSG:{code}" if code else crs.name
    except ProjError as error:  # one that lies nowhere on Earth
        raise check.refuse_crs(Path(values.name), crs.name) from error


def _measure(
    values: RasterBand, people: WeightBand | None, shapes: NDArray[np.object_], asked: tuple[str, ...]
) -> Floats:
    """Return a row an area: the statistics, then ``_TALLIES``; 0 where no pixel is touched."""
    found = np.zeros((len(shapes), len(asked) + len(_TALLIES)))
    found[:, : len(asked)] = np.nan
    reached = np.flatnonzero(_bounds_meet(shapes, values.extent()))
    if not reached.size:
        return found
    beside: RasterSource | None = people
    if people is None and values.dataset.crs.is_geographic:
        beside = PixelSurface(values)
    crs = values.dataset.crs.to_wkt()
    features = gpd.GeoDataFrame({"row": reached}, geometry=shapes[reached], crs=crs)
    summary = _summary(asked, counted=people is not None)
    # Which function exactextract calls with weights is decided by how many arguments it takes.
    operation = summary if beside is not None else _without_weights(summary)
    done = exact_extract(values, features, [operation], weights=beside, include_cols=["row"], output="pandas")
    for row, answer in zip(done["row"], done.iloc[:, -1], strict=True):
        if answer is not None:
            found[row] = answer
    return found


def _without_weights(summary: Callable[..., Floats]) -> Callable[[Any, Floats], Floats]:
    def summarise(values: Any, coverage: Floats) -> Floats:  # noqa: ANN401 - a masked array
        return summary(values, coverage, np.ones(len(coverage)))

    return summarise


def _summary(asked: tuple[str, ...], *, counted: bool) -> Callable[[Any, Floats, Any], Floats]:
    """Return what makes a row of ``_measure`` of an area's pixels.

    ``counted`` says that the weights count something, and not only how large a pixel is: then a sum is of
    values times weights too.
    """

    def summarise(values: Any, coverage: Floats, weights: Any) -> Floats:  # noqa: ANN401 - masked arrays
        values, weights = (np.ma.filled(one, np.nan) for one in (values, weights))
        known, nameless = ~np.isnan(values), np.isnan(weights)
        weights = np.where(nameless, 0.0, weights) * coverage
        use = known & (weights > 0)
        held = values[use]
        amounts = {"sum": weights[use] if counted else coverage[use]}
        with np.errstate(invalid="ignore", over="ignore"):  # infinite numbers are refused with their areas
            row = [
                STATISTICS[name](held, amounts.get(name, weights[use])) if use.any() else np.nan
                for name in asked
            ]
        tallies = (
            coverage[known].sum(),
            coverage[known & nameless].sum(),
            weights.sum(),
            weights[known].sum(),
            np.isinf(values).any() or np.isinf(weights).any(),
            (weights < 0).any(),
            values[known].min(initial=np.inf),
        )
        return np.array([*row, *tallies], dtype=np.float64)

    return summarise


def _bounds_meet(shapes: NDArray[np.object_], extent: tuple[float, ...]) -> NDArray[np.bool_]:
    """Return which shapes can touch the raster; one that its CRS cannot place has no numbers as bounds."""
    west, south, east, north = shapely.bounds(shapes).T
    met: NDArray[np.bool_] = (
        (west < extent[2]) & (east > extent[0]) & (south < extent[3]) & (north > extent[1])
    )
    return met & np.isfinite([west, south, east, north]).all(axis=0)


def _index(areas: gpd.GeoDataFrame) -> pd.Index[str]:
    index: pd.Index[str] = pd.Index(areas.index.astype(str), name=AREA_ID, dtype=str)
    return index


def _account(
    areas: gpd.GeoDataFrame,
    shapes: NDArray[np.object_],
    measured: pd.DataFrame,
    values: RasterBand,
    people: WeightBand | None,
) -> pd.DataFrame:
    """Return how much of each area has data, in square metres, and what weights it holds."""
    inside, covered = np.zeros(len(shapes)), np.zeros(len(shapes))
    reached = _bounds_meet(shapes, values.extent())
    whole = shapely.area(shapes[reached])
    part = float(np.prod(np.minimum(values.res(), people.res()))) if people else values.pixel
    inside[reached] = (
        shapely.area(shapely.intersection(shapes[reached], shapely.box(*values.extent()))) / whole
    )
    covered[reached] = measured["pixels"][reached] * part / whole
    inside, covered = (np.clip(np.round(share, _PRECISION), 0, 1) for share in (inside, covered))
    surface = shapely.area(areas.geometry.to_numpy())
    account = pd.DataFrame(
        {
            "surface": surface,
            "outside": surface * (1 - inside),
            "without_data": surface * np.maximum(inside - covered, 0),
            "pixels": measured["pixels"] * (part / values.pixel),
            "least": measured["least"].where(measured["pixels"] > 0),
        },
        index=measured.index,
    )
    if people is not None:
        bare = measured["without_weight"] / measured["pixels"].where(measured["pixels"] > 0)
        account["without_weight"] = surface * covered * bare.fillna(0.0)
        account["weight"] = measured["weight"]
        account["weight_without_data"] = measured["weight"] - measured["weight_with_data"]
    return account


def _table(found: pd.DataFrame, account: pd.DataFrame, least: float, *, counted: bool) -> pd.DataFrame:
    """Return the statistics with what they rest on, and none where that is too little."""
    if counted:
        coverage = 1 - account["weight_without_data"] / account["weight"].where(account["weight"] > 0)
    else:
        coverage = 1 - (account["outside"] + account["without_data"]) / account["surface"]
    coverage = coverage.round(_PRECISION).clip(0, 1)
    reached = account["outside"] < account["surface"] * (1 - 10.0**-_PRECISION)
    nobody = reached & (account["weight"] == 0) if counted else ~reached & reached
    enough = reached & (coverage > 0) & (coverage >= round(least, _PRECISION))
    status = pd.Series(str(Status.MISSING), index=found.index, dtype=str)
    status = status.mask(nobody, str(Status.NOT_APPLICABLE)).mask(enough, str(Status.OBSERVED))
    return found.where(enough).assign(coverage=coverage, status=status)


def _shown(ids: pd.Index[str]) -> str:
    return ", ".join(ids[:5]) + (", …" if len(ids) > 5 else "")
