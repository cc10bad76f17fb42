"""What a study reads: areas, tables and rasters, and how numbers reach areas that they do not lie on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lea_geo.schema import Text

ID_SCHEMES = ("postal", "municipality", "grid")
CARRY_METHODS = ("areal", "dasymetric", "pycnophylactic")
ZONAL_STATISTICS = ("mean", "sum", "min", "max", "median", "stdev", "majority", "variety")


@dataclass(frozen=True)
class AreasSpec:
    """Where the areas come from."""

    path: str
    """The file, relative to the data folder."""
    area_id: str
    """The column that holds the area ids."""
    layer: str = ""
    crs: str = ""
    """The CRS of the study, in metres; empty means EPSG:3067."""
    id_scheme: str = ""
    """``postal``, ``municipality`` or ``grid``: what the areas are, and how their ids are written. Leading
    zeros may then be restored; empty means no."""
    name: Text | None = None
    """The columns that hold the areas' names in the three languages."""
    municipality: str = ""
    """The column that holds the municipality code."""
    within: str = ""
    """A file of municipalities, for areas that do not know theirs: an area is where its inner point is."""
    within_id: str = ""
    """The column of ``within`` that holds the municipality code."""


@dataclass(frozen=True)
class CarrySpec:
    """How numbers are carried from the areas that they lie on to those of the study."""

    method: str = "areal"
    """One of ``CARRY_METHODS``: how the people of an area are taken to lie within it."""
    weights: str = ""
    """For ``dasymetric``: a file of finer areas, points or a raster that says where people live."""
    weights_column: str = ""
    """The column of ``weights`` that counts; empty counts each point or square metre as one."""
    layer: str = ""
    """The layer of ``weights``."""


@dataclass(frozen=True)
class TableSpec:
    """Where one table of indicators comes from."""

    path: str
    area_id: str
    source: str = ""
    """The catalogue's name of the source, which declares sentinels; empty means that it is recognised."""
    layer: str = ""
    sheet: str = ""
    year: int | None = None
    """The year to take, where the table holds several, and the year that it is of, where several tables give
    the same indicators."""
    missing: tuple[str, ...] = ()
    """What stands for no value in a table that no catalogue describes: ``-999``."""
    areas: AreasSpec | None = None
    """The areas that the numbers lie on, where they are not the study's: of another year, or a grid."""
    carry: CarrySpec | None = None
    """How they are carried to the study's areas; left out, as ``CarrySpec()`` says."""


@dataclass(frozen=True)
class RasterSpec:
    """A raster that gives every area one number: how green it is, how loud, how far away."""

    path: str
    field: str
    """The field of the catalogue that the number is."""
    statistic: str = "mean"
    """One of ``ZONAL_STATISTICS``."""
    band: int = 1
    weights: str = ""
    """A raster of people: the statistic is then over them and not over square metres."""
    nodata: tuple[float, ...] = ()
    """Numbers that stand for no data beside what the file itself says."""
    coverage: float = 0.5
    """The share of an area, or of the weights in it, that must have data."""
    year: int | None = None
