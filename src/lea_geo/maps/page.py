"""The planner's map: one file that opens with a double click and asks the network for nothing."""

from __future__ import annotations

import io
import os
from dataclasses import asdict, replace
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj

import lea_geo
from lea_geo._checks import check_choice
from lea_geo._checks.maps import check_context, check_findings, refuse_outfile
from lea_geo._files import write_whole
from lea_geo._findings import as_findings
from lea_geo.maps.figure import OfflineFigure
from lea_geo.maps.geometry import projection_of
from lea_geo.maps.known_files import leaflet_licence
from lea_geo.maps.payload import build_payload, to_script_json
from lea_geo.maps.tiles import Tiles, find_tiles
from lea_geo.schema import DEFAULT_CRS, LANGUAGES, Findings, Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lea_geo._findings import Given


class PlannerMap(folium.Map):  # type: ignore[misc]  # folium ships no types
    """A ``folium.Map`` whose page is the planner's.

    folium layers can be added as to any folium map, in degrees as always; the page draws in EPSG:3067. What
    a layer's texts hold is its maker's to mind: they are part of the page's script. A layer that needs a file
    or a tile from the network is refused by :meth:`save`.
    """

    default_js: list[tuple[str, str]] = []  # noqa: RUF012 - folium's name and type; the page carries its own
    default_css: list[tuple[str, str]] = []  # noqa: RUF012 - the same

    _template = folium.template.Template(
        """
        {% macro script(this, kwargs) %}
var {{ this.get_name() }} = L.map("lea-map", {
  center: {{ this.location|tojson }},
  zoom: 0,
  ...leaGeo.mapOptions
});
leaGeo.start({{ this.get_name() }});
        {% endmacro %}
        """
    )

    def __init__(
        self,
        findings: Findings,
        *,
        language: str,
        tiles: Tiles | str | None = None,
        tiles_key: str = "",
    ) -> None:
        super().__init__(location=_centre(findings.areas), tiles=None)
        self._id = "lea"  # folium's are random
        self.findings = findings
        payload = build_payload(findings, language=language, version=lea_geo.__version__)
        server = None
        if tiles is not None:
            own = projection_of(DEFAULT_CRS)
            projected = own is not None and payload["projection"] == own.as_dict()
            server = find_tiles(tiles, key=tiles_key, projected=projected)
            payload["tiles"] = asdict(server)
        figure = OfflineFigure(
            {
                "lang": language,
                "title": escape(findings.title.in_language(language)),
                "data": to_script_json(payload),
                "licence": escape(leaflet_licence()),
            },
            image_hosts=(server.host,) if server else (),
        )
        figure.add_child(self)

    def save(
        self, outfile: str | os.PathLike[str] | BinaryIO, close_file: bool = True, **kwargs: object
    ) -> None:
        """Write the one file; an interrupted save leaves an earlier file whole.

        Parameters
        ----------
        outfile
            A path, or an open binary file.
        close_file
            Whether an open file is closed afterwards.
        kwargs
            Passed on to folium's layers.

        Raises
        ------
        UsageError
            When ``outfile`` is neither, or a folium layer needs a file that the page does not carry, or holds
            text that could run as code.
        OutputError
            When the file cannot be written; what was there stays as it was.
        """
        named = isinstance(outfile, str | os.PathLike)
        if not named and (isinstance(outfile, io.TextIOBase) or not hasattr(outfile, "write")):
            raise refuse_outfile(outfile)
        page = (
            self.get_root().render(**kwargs).encode("utf-8", errors="replace")
        )  # a lone surrogate has no bytes
        if isinstance(outfile, str | os.PathLike):
            write_whole(Path(os.fspath(outfile)), page)
            return
        outfile.write(page)
        if close_file:
            outfile.close()


def planner_map(
    findings: Given,
    *,
    language: str = "fi",
    title: Text | str | None = None,
    water: gpd.GeoDataFrame | None = None,
    borders: gpd.GeoDataFrame | None = None,
    tiles: Tiles | str | None = None,
    tiles_key: str = "",
) -> PlannerMap:
    """Draw findings as a map for planners.

    Parameters
    ----------
    findings
        ``schema.Findings``; what ``lea_geo.run`` or ``lea_geo.hotspots`` returns; or a GeoDataFrame of areas
        with a column ``value`` and any of the columns that ``schema.RESULT_COLUMNS`` names.
    language
        The language in which the page opens: ``fi``, ``sv`` or ``en``. The reader can switch.
    title
        For areas: what the map is called and what ``value`` is. Findings bring their own.
    water, borders
        Polygons that the map draws under and around the areas, with a CRS; beside those that findings bring.
    tiles
        Background tiles from the network, which nothing else in the file uses: a name of
        ``lea_geo.maps.tiles.PROVIDERS`` or a ``Tiles`` of one's own. Whoever opens the map then tells that
        server where they look.
    tiles_key
        The key that the server of the tiles wants. Everybody who has the file can read it.

    Returns
    -------
    PlannerMap
        A ``folium.Map``; ``.save(path)`` writes the file.

    Raises
    ------
    UsageError
        When the input is neither findings nor areas, or the language or the tiles are unknown.
    OutputError
        When areas, indicators and results do not belong together, or water or borders are no polygons with a
        CRS.
    """
    check_choice("language", language, LANGUAGES)
    findings = as_findings(findings, verb="planner_map", title=title)
    check_findings(findings)
    around = {kind: given for kind, given in (("water", water), ("border", borders)) if given is not None}
    if around:
        findings = replace(findings, context=_context(findings, around))
    return PlannerMap(findings, language=language, tiles=tiles, tiles_key=tiles_key)


def _context(findings: Findings, around: Mapping[str, gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    """Return what findings bring and what was given, in the CRS of the areas."""
    check_context(around)
    parts = [] if findings.context is None else [findings.context]
    for kind, given in around.items():
        shapes = given.geometry.to_crs(findings.areas.crs)
        parts.append(gpd.GeoDataFrame(geometry=shapes.to_numpy(), crs=shapes.crs).assign(kind=kind, name=""))
    return gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=findings.areas.crs)


def _centre(areas: gpd.GeoDataFrame) -> list[float]:
    """Return latitude and longitude of the middle of the areas."""
    xmin, ymin, xmax, ymax = areas.geometry.to_crs(DEFAULT_CRS).total_bounds
    to_degrees = pyproj.Transformer.from_crs(DEFAULT_CRS, "EPSG:4326", always_xy=True)
    longitude, latitude = to_degrees.transform((xmin + xmax) / 2, (ymin + ymax) / 2)
    return [float(np.round(latitude, 5)), float(np.round(longitude, 5))]
