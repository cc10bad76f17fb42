"""What the map refuses: findings that do not fit together, and layers that an offline page cannot carry."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from lea_geo._checks.faults import Faults
from lea_geo.errors import OutputError, UsageError
from lea_geo.schema import CELL_COLUMNS, Findings

if TYPE_CHECKING:
    import geopandas as gpd

_NEEDED = CELL_COLUMNS[:2]


def check_findings(findings: Findings) -> None:
    """Raise ``OutputError`` unless areas, indicators and results belong together."""
    faults = Faults()
    areas = findings.areas
    _check_areas(areas, faults)
    if not findings.indicators:
        faults.add("the findings hold no indicators", cure="A map needs at least one.")
    codes = [indicator.code for indicator in findings.indicators]
    absent = [code for code in codes if code not in findings.results]
    if absent:
        faults.add("indicators without results", ids=absent, of=len(codes))
    for code in codes:
        frame = findings.results.get(code)
        if frame is None:
            continue
        lacking = [column for column in _NEEDED if column not in frame.columns]
        if lacking:
            faults.add(f"the results of {code} lack columns", ids=lacking, of=len(_NEEDED))
        if not frame.index.equals(areas.index):
            faults.add(
                f"the results of {code} are not indexed as the areas are", cure="Use .reindex(areas.index)."
            )
    faults.raise_if_any(OutputError, "The map cannot be drawn from these findings:")


def _check_areas(areas: gpd.GeoDataFrame, faults: Faults) -> None:
    if len(areas) == 0:
        faults.add("the findings hold no areas", cure="A map needs at least one.")
    if areas.crs is None:
        faults.add("the areas state no CRS", cure="Set it with areas.set_crs(...).")
    empty = areas.index[(areas.geometry.isna() | areas.geometry.is_empty).to_numpy()]
    if len(empty):
        faults.add(
            "areas without geometry", ids=empty, of=len(areas), cure="Leave them out or give them one."
        )
    odd = areas.index[~areas.geometry.geom_type.isin([None, "Polygon", "MultiPolygon"]).to_numpy()]
    if len(odd):
        faults.add("areas that are no polygons", ids=odd, of=len(areas), cure="A map needs their boundaries.")


def refuse_link(url: str) -> NoReturn:
    """Refuse a script or style sheet that the page does not carry."""
    raise UsageError(
        f"the map works offline and does not carry {url!r}: leave out the folium layer that needs it."
    )


def refuse_markup(name: str, marker: str) -> NoReturn:
    """Refuse a folium layer whose text could run as a script or a template."""
    raise UsageError(
        f"the folium layer {name!r} holds {marker!r}, which could run as code in the page: "
        "take it out of the layer's texts."
    )
