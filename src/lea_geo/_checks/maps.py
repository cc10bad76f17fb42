"""What the map refuses: findings that do not fit together, and layers that an offline page cannot carry."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NoReturn

from lea_geo._checks.faults import Faults
from lea_geo.errors import OutputError, UsageError
from lea_geo.schema import CELL_COLUMNS, Findings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import geopandas as gpd

_NEEDED = CELL_COLUMNS[:2]
_TILE_ADDRESS = re.compile(
    r"(https://[a-z0-9.-]+(:\d+)?|http://(localhost|127\.0\.0\.1)(:\d+)?)/[^\s\"'<>;,]*"
)


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


def check_context(around: Mapping[str, gpd.GeoDataFrame]) -> None:
    """Raise ``UsageError`` unless water and borders are polygons with a CRS."""
    faults = Faults()
    for kind, given in around.items():
        if getattr(given, "crs", None) is None:
            faults.add(f"{kind} states no CRS", cure="Give a GeoDataFrame, its CRS set with set_crs(...).")
            continue
        odd = given.index[~given.geometry.geom_type.isin(["Polygon", "MultiPolygon"]).to_numpy()]
        if len(odd):
            faults.add(f"shapes of {kind} that are no polygons", ids=odd.astype(str), of=len(given))
    faults.raise_if_any(UsageError, "The map cannot draw what is around the areas:")


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


def check_tile_address(url: str) -> None:
    """Refuse an address that is none, or that a Content-Security-Policy could not hold."""
    lacking = [part for part in ("{z}", "{x}", "{y}") if part not in url]
    if lacking or not _TILE_ADDRESS.fullmatch(url):
        raise UsageError(
            f"the address of the tiles is {url!r}: it must be https://host/... with {{z}}, {{x}} and {{y}}."
        )


def refuse_tiles(tiles: object, known: Iterable[str], *, projected: bool) -> UsageError:
    """Return the error for tiles that are not known, or that do not fit the page."""
    if not projected:
        return UsageError(
            "background tiles come in ETRS-TM35FIN, but this map is drawn in the CRS of its grid: "
            "leave tiles out."
        )
    return UsageError(f"tiles is {tiles!r}: it must be one of {', '.join(sorted(known))}, or a Tiles.")


def refuse_tile_key(tiles: object) -> UsageError:
    """Return the error for a server that wants a key."""
    return UsageError(f"the tiles of {tiles!r} need a key: give it as tiles_key=.")
