"""GeoParquet 1.1 for programs that read columns: one file a layer of the GeoPackage, called the same.

Every row carries the box around its shape (``bbox``), so that a reader can leave out what is elsewhere.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import shapely

from lea_geo._checks.findings import check_findings, refuse_failure
from lea_geo._files import whole_file
from lea_geo._findings import as_findings
from lea_geo._sheets import sheets_of
from lea_geo.export.layers import layers_of

if TYPE_CHECKING:
    from lea_geo._findings import Given
    from lea_geo.export.layers import Layer
    from lea_geo.schema import Text

_ROWS = 65_536
"""Of a row group, the smallest part of a file that a reader can leave out."""


def write_parquet(
    findings: Given, folder: str | Path, *, title: Text | str | None = None
) -> tuple[Path, ...]:
    """Write the findings as GeoParquet files.

    Parameters
    ----------
    findings
        What a study found; or what ``lea_geo.run`` or ``lea_geo.hotspots`` returns, or areas with a column
        ``value``, as for ``lea_geo.planner_map``.
    folder
        Where to write; made if it is not there. Files of the same names are replaced, each at once.
    title
        For areas: what the values are. Findings bring their own.

    Returns
    -------
        The files: ``areas.parquet``, ``<indicator>.parquet`` and, where there is any, ``context.parquet``.
        Other years and kinds of areas have folders of their own with the same files:
        ``postal_2016/<indicator>.parquet``. The same findings give the same bytes. A value that is not
        published is null, and its ``status`` says why.

    Raises
    ------
    UsageError
        What was given is no findings.
    OutputError
        The findings are not consistent, or a file cannot be written.

    Notes
    -----
    Metadata as GeoParquet 1.1.0 wants it (https://geoparquet.org/releases/v1.1.0/): well-known binary shapes,
    the CRS as PROJJSON, and the column ``bbox`` as their covering.
    """
    folder = Path(folder)
    findings = as_findings(findings, verb="write_parquet", title=title)
    check_findings(findings, "No Parquet file was written:")
    files = []
    for layer in layers_of(sheets_of(findings)):
        files.append(folder / layer.sheet / f"{layer.code}.parquet")
        _write(_frame(layer), files[-1])
    return tuple(files)


def _frame(layer: Layer) -> gpd.GeoDataFrame:
    """Return a layer as a frame; counts stay whole numbers where some are blank."""
    table = pa.table(layer.columns)
    plain = table.to_pandas(types_mapper={pa.int32(): pd.Int32Dtype()}.get)
    return gpd.GeoDataFrame(plain, geometry=shapely.from_wkb(layer.shapes.wkb), crs=layer.shapes.crs)


def _write(frame: gpd.GeoDataFrame, path: Path) -> None:
    with whole_file(path) as building:
        try:
            frame.to_parquet(
                building,
                index=False,
                compression="zstd",
                schema_version="1.1.0",
                write_covering_bbox=True,
                row_group_size=_ROWS,
            )
        except pa.ArrowException as error:
            raise refuse_failure(path, error) from error
