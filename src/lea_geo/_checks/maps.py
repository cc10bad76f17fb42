"""What the map refuses: findings that do not fit together, and layers that an offline page cannot carry."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn

import numpy as np
import pyproj

from lea_geo._checks.faults import Faults
from lea_geo._checks.findings import check_level_and_year, columns_without_numbers, note_infinite
from lea_geo._checks.stability import check_hierarchy
from lea_geo.errors import OutputError, UsageError
from lea_geo.schema import CELL_COLUMNS, COMPARISON_COLUMNS, CONTEXT_KINDS, DEFAULT_CRS, Findings, Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import geopandas as gpd
    import pandas as pd

MOST_DECIMALS = 20
"""What every browser can write."""

_NEEDED = CELL_COLUMNS[:2]
_TILE_ADDRESS = re.compile(
    r"(https://[a-z0-9.-]+(:\d+)?|http://(localhost|127\.0\.0\.1)(:\d+)?)/[^\s\"'<>;,]*"
)
_PLACEHOLDER = re.compile(r"\{[^}]*\}?")


def check_findings(findings: Findings) -> None:
    """Raise ``OutputError`` unless areas, indicators and results belong together, in every sheet."""
    faults = Faults()
    _check_sheet(findings, faults)
    for number, other in enumerate(findings.others, start=1):
        own = Faults()
        _check_sheet(other, own)
        which = " ".join(filter(None, (str(other.level), str(other.year)))) or f"part {number}"
        faults.found += [replace(fault, what=f"{which}: {fault.what}") for fault in own.found]
    if findings.context is not None:
        _check_context(findings.context, faults)
    faults.raise_if_any(OutputError, "The map cannot be drawn from these findings:")


def _check_sheet(findings: Findings, faults: Faults) -> None:
    if not isinstance(findings.title, Text):
        faults.add("the title is no Text", cure="Give it in three languages: Text(fi, sv, en).")
    check_level_and_year(findings, faults)
    _check_areas(findings.areas, faults)
    _check_indicators(findings, faults)
    for code in dict.fromkeys(indicator.code for indicator in findings.indicators):
        if code in findings.results:
            _check_results(code, findings.results[code], findings.areas, faults)
    comparisons = findings.comparisons
    lacking = [] if comparisons is None else [name for name in COMPARISON_COLUMNS if name not in comparisons]
    if lacking:
        faults.add("columns missing from the comparisons", ids=lacking)


def _check_indicators(findings: Findings, faults: Faults) -> None:
    codes = [indicator.code for indicator in findings.indicators]
    if not codes:
        faults.add("the findings hold no indicators", cure="A map needs at least one.")
    absent = [code for code in codes if code not in findings.results]
    if absent:
        faults.add("indicators without results", ids=absent, of=len(codes))
    twice = sorted({code for code in codes if codes.count(code) > 1})
    if twice:
        faults.add("indicator codes given twice", ids=twice)
    check_hierarchy(findings.indicators, faults)
    odd = [one.code for one in findings.indicators if one.decimals not in range(MOST_DECIMALS + 1)]
    if odd:
        cure = f"It is a whole number from 0 to {MOST_DECIMALS}."
        faults.add("a number of decimals that nobody can show", ids=odd, cure=cure)


def _check_results(code: str, frame: pd.DataFrame, areas: gpd.GeoDataFrame, faults: Faults) -> None:
    lacking = [column for column in _NEEDED if column not in frame.columns]
    if lacking:
        faults.add(f"the results of {code} lack columns", ids=lacking, of=len(_NEEDED))
    odd = columns_without_numbers(frame)
    if odd:
        faults.add(f"no numbers in the results of {code}", ids=odd)
    note_infinite(frame, faults, f"infinite values in the results of {code}")
    if not frame.index.equals(areas.index):
        faults.add(
            f"the results of {code} are not indexed as the areas are", cure="Use .reindex(areas.index)."
        )


def _check_areas(areas: gpd.GeoDataFrame, faults: Faults) -> None:
    if len(areas) == 0:
        faults.add("the findings hold no areas", cure="A map needs at least one.")
    double = areas.index[areas.index.duplicated()].unique()
    if len(double):
        faults.add("duplicate area ids", ids=double, of=len(areas))
    empty = areas.index[(areas.geometry.isna() | areas.geometry.is_empty).to_numpy()]
    if len(empty):
        faults.add(
            "areas without geometry", ids=empty, of=len(areas), cure="Leave them out or give them one."
        )
    odd = areas.index[~areas.geometry.geom_type.isin([None, "Polygon", "MultiPolygon"]).to_numpy()]
    if len(odd):
        faults.add("areas that are no polygons", ids=odd, of=len(areas), cure="A map needs their boundaries.")
    if areas.crs is None:
        faults.add("the areas state no CRS", cure="Set it with areas.set_crs(...).")
    elif len(areas) > len(empty) and not _lie_on_earth(areas):
        cure = "Are metres stated as degrees? Set the CRS with set_crs(..., allow_override=True)."
        faults.add("the areas lie nowhere on earth in the CRS that they state", cure=cure)


def _lie_on_earth(areas: gpd.GeoDataFrame) -> bool:
    """Whether the corners of the areas' box have a place where the page draws."""
    xmin, ymin, xmax, ymax = areas.total_bounds
    try:
        to_page = pyproj.Transformer.from_crs(areas.crs, DEFAULT_CRS, always_xy=True)
    except pyproj.exceptions.ProjError:  # the plan of a building site
        return False
    return bool(np.isfinite(to_page.transform([xmin, xmax], [ymin, ymax])).all())


def _check_context(context: gpd.GeoDataFrame, faults: Faults) -> None:
    if "kind" not in context:
        faults.add("the context has no column 'kind'")
        return
    foreign = sorted({ascii(kind) for kind in context["kind"]} - {ascii(kind) for kind in CONTEXT_KINDS})
    if foreign:
        faults.add("unknown kinds of context", ids=foreign, cure=f"Known are {', '.join(CONTEXT_KINDS)}.")
    _check_around("the context", context, faults)


def check_context(around: Mapping[str, gpd.GeoDataFrame]) -> None:
    """Raise ``OutputError`` unless water and borders are polygons with a CRS."""
    faults = Faults()
    for kind, given in around.items():
        _check_around(kind, given, faults)
    faults.raise_if_any(OutputError, "The map cannot draw what is around the areas:")


def _check_around(what: str, given: gpd.GeoDataFrame, faults: Faults) -> None:
    if getattr(given, "crs", None) is None:
        faults.add(f"{what} states no CRS", cure="Give a GeoDataFrame, its CRS set with set_crs(...).")
        return
    shapes = given.geometry
    odd = given.index[~shapes.geom_type.isin(["Polygon", "MultiPolygon"]) | shapes.is_empty]
    if len(odd):
        faults.add(f"shapes of {what} that are no polygons", ids=odd, of=len(given))
    elif len(given) and not _lie_on_earth(given):
        faults.add(f"{what} lies nowhere on earth in the CRS that it states")


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


def check_tiles(url: object, attribution: object, deepest: object) -> None:
    """Refuse an address that is none, that a page could not fill in, or that its policy could not hold."""
    known = isinstance(url, str) and _TILE_ADDRESS.fullmatch(url)
    if not known or sorted(set(_PLACEHOLDER.findall(str(url))) - {"{key}"}) != ["{x}", "{y}", "{z}"]:
        raise UsageError(
            f"the address of the tiles is {url!r}: it must be https://host/... with {{z}}, {{x}} and {{y}}."
        )
    if not isinstance(attribution, str):
        raise UsageError(f"the attribution of the tiles is {attribution!r}: it must be a text.")
    if not isinstance(deepest, int):
        raise UsageError(f"the deepest level of the tiles is {deepest!r}: it must be a whole number.")


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


def refuse_outfile(outfile: object) -> UsageError:
    """Return the error for what is neither a path nor an open binary file."""
    return UsageError(
        f"save takes a path, or a file opened with 'wb'; it was given {type(outfile).__name__}."
    )
