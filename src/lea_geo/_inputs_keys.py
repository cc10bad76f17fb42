"""``[areas]``, ``[[tables]]`` and ``[[rasters]]`` of a study file, read into their specs."""

from __future__ import annotations

from math import nextafter
from typing import TYPE_CHECKING

from lea_geo._checks.spec import check_needs, check_together
from lea_geo.inputs_spec import (
    CARRY_METHODS,
    ID_SCHEMES,
    ZONAL_STATISTICS,
    AreasSpec,
    CarrySpec,
    RasterSpec,
    TableSpec,
)

if TYPE_CHECKING:
    from lea_geo._checks.spec import Keys


def read_areas_keys(keys: Keys) -> AreasSpec:
    """Return what ``[areas]`` says."""
    areas = AreasSpec(
        path=keys.file("path", required=True),
        area_id=keys.text("area_id", required=True),
        layer=keys.text("layer"),
        crs=keys.text("crs"),
        id_scheme=keys.choice("id_scheme", "", ID_SCHEMES),
        name=keys.languages("name"),
        municipality=keys.text("municipality"),
        within=keys.file("within"),
        within_id=keys.text("within_id"),
    )
    check_together(keys, "within", "within_id")
    keys.done()
    return areas


def read_tables(keys: Keys) -> tuple[TableSpec, ...]:
    """Return what ``[[tables]]`` says."""
    return tuple(_table(one) for one in keys.each("tables"))


def _table(keys: Keys) -> TableSpec:
    areas, carry = keys.within("areas"), keys.within("carry")
    table = TableSpec(
        path=keys.file("path", required=True),
        area_id=keys.text("area_id", required=True),
        source=keys.text("source"),
        layer=keys.text("layer"),
        sheet=keys.text("sheet"),
        year=keys.count("year", None, least=1900, most=2100),
        missing=keys.texts("missing"),
        areas=read_areas_keys(areas) if areas.table else None,
        carry=_carry(carry) if carry.table else None,
    )
    check_needs(keys, "carry", "areas")
    keys.done()
    return table


def _carry(keys: Keys) -> CarrySpec:
    carry = CarrySpec(
        method=keys.choice("method", "areal", CARRY_METHODS),
        weights=keys.file("weights"),
        weights_column=keys.text("weights_column"),
        layer=keys.text("layer"),
    )
    keys.done()
    return carry


def read_rasters(keys: Keys) -> tuple[RasterSpec, ...]:
    """Return what ``[[rasters]]`` says."""
    return tuple(_raster(one) for one in keys.each("rasters", required=False))


def _raster(keys: Keys) -> RasterSpec:
    raster = RasterSpec(
        path=keys.file("path", required=True),
        field=keys.text("field", required=True),
        statistic=keys.choice("statistic", "mean", ZONAL_STATISTICS),
        band=keys.count("band", 1),
        weights=keys.file("weights"),
        nodata=keys.numbers("nodata"),
        coverage=keys.number("coverage", 0.5, below=nextafter(1, 2), least=True),
        year=keys.count("year", None, least=1900, most=2100),
    )
    keys.done()
    return raster
