"""``[[rasters]]`` of a study: a number by area, which the catalogue makes an indicator of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo._checks.rasters import check_field, check_numbers
from lea_geo.intake.assemble import assemble
from lea_geo.intake.cells import Cells, counts
from lea_geo.intake.layouts import ATTRIBUTES
from lea_geo.intake.tables import IndicatorTable, TableReport, cell_frames
from lea_geo.intake.zonal import zonal_statistics

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import geopandas as gpd

    from lea_geo.inputs_spec import RasterSpec
    from lea_geo.intake.catalogue import Catalogue
    from lea_geo.intake.zonal import Zonal


@dataclass(frozen=True)
class RasterTable:
    """A raster as a table of areas."""

    said: RasterSpec
    table: IndicatorTable
    zonal: Zonal

    def notes(self, ids: Iterable[str]) -> tuple[str, ...]:
        """Return what was done, and what is not as one would expect of some areas.

        Parameters
        ----------
        ids
            Of the areas that the study is about.
        """
        said = self.said
        over = f"the weights of {said.weights} in it" if said.weights else "its surface"
        made = (
            f"{', '.join(self.table.codes)} is the {said.statistic} of {said.path} in each area, "
            f"over {over}. An area is missing where less than {said.coverage:.0%} of that has data."
        )
        return (made, *self.zonal.notes_of(ids))


def read_raster(folder: Path, said: RasterSpec, areas: gpd.GeoDataFrame, catalogue: Catalogue) -> RasterTable:
    """Return what a raster says of each area, as the indicators that the catalogue makes of its field.

    Parameters
    ----------
    folder
        The folder that the study's files are relative to.
    said
        What the study says of the raster.
    areas
        As ``read_areas`` returns them.
    catalogue
        The study's catalogue, which names the raster's field.

    Raises
    ------
    SpecError
        The catalogue makes nothing of such a field.
    RasterError
        The raster or its weights cannot be used, or the numbers are none that the field can hold.
    TableError
        The numbers are not plausible.
    """
    made_of = {one.field for one in catalogue.indicators if one.field}
    check_field(said.path, said.field, catalogue.fields, made_of)
    path = folder / said.path
    zonal = zonal_statistics(
        path,
        areas,
        statistics=said.statistic,
        band=said.band,
        weights=folder / said.weights if said.weights else None,
        nodata=said.nodata,
        least_coverage=said.coverage,
    )
    numbers = zonal.table[said.statistic]
    signed = catalogue.fields[said.field].signed
    check_numbers(said.path, said.field, numbers, zonal.account["least"], signed=signed)
    return RasterTable(said, _table(path, said, zonal, catalogue), zonal)


def _table(path: Path, said: RasterSpec, zonal: Zonal, catalogue: Catalogue) -> IndicatorTable:
    """Assemble the indicators of the raster's field, and no others, as from any table."""
    unknown = pd.DataFrame(np.nan, index=zonal.table.index, columns=[said.field])
    cells = Cells(
        values=zonal.table[[said.statistic]].set_axis([said.field], axis=1),
        status=zonal.table[["status"]].set_axis([said.field], axis=1),
        lower=unknown,
        upper=unknown,
        decimal=".",
        notes=(),
    )
    own = tuple(one for one in catalogue.indicators if one.field == said.field)
    built = assemble(path, cells, replace(catalogue, indicators=own, groups=()))
    year = str(said.year or "")
    return IndicatorTable(
        **cell_frames(built.frames),
        attributes=pd.DataFrame("", index=unknown.index, columns=list(ATTRIBUTES), dtype=str),
        indicators=tuple(replace(one, reference_year=one.reference_year or year) for one in built.indicators),
        report=TableReport(
            path=path.name,
            layout="raster",
            year=year,
            rows=len(unknown),
            counts=counts(built.frames["status"]),
            unavailable=built.unavailable,
            notes=built.notes,
        ),
    )
