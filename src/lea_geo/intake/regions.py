"""The regions that LEA worked in, and how areas are chosen by municipality."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from lea_geo._checks import regions as check
from lea_geo.schema import MUNICIPALITY

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

REGIONS: Mapping[str, tuple[str, ...]] = {
    "finland": (),
    "pori": ("609",),
    "tampere-ylojarvi": ("837", "980"),
    "vaasa-laihia": ("905", "399"),
    "vantaa": ("092",),
}
"""Region to municipality codes; no codes means the whole country."""

MUNICIPALITIES: Mapping[str, tuple[str, str]] = {
    "092": ("Vantaa", "Vanda"),
    "399": ("Laihia", "Laihela"),
    "609": ("Pori", "Björneborg"),
    "837": ("Tampere", "Tammerfors"),
    "905": ("Vaasa", "Vasa"),
    "980": ("Ylöjärvi", "Ylöjärvi"),
}
"""Municipality code to its names in Finnish and Swedish, for the regions above."""


def resolve_region(region: str | Iterable[str]) -> tuple[str, ...]:
    """Return the municipality codes of a region.

    Parameters
    ----------
    region
        A name of ``REGIONS``, or municipality codes of three digits (text: ``"092"``).

    Returns
    -------
    tuple of str
        The codes; empty for the whole country.

    Raises
    ------
    UsageError
        No region has this name (the nearest is suggested), or something is no municipality code.

    Examples
    --------
    >>> resolve_region("vaasa-laihia")
    ('905', '399')
    >>> resolve_region(["092"])
    ('092',)
    """
    if isinstance(region, str):
        return REGIONS[check.check_region(region, REGIONS)]
    return check.check_codes(region)


def select_region(
    areas: gpd.GeoDataFrame,
    region: str | Iterable[str],
    *,
    municipality: str = MUNICIPALITY,
    within: gpd.GeoDataFrame | None = None,
) -> gpd.GeoDataFrame:
    """Return the areas of a region.

    Parameters
    ----------
    areas
        Indexed by area id.
    region
        A name of ``REGIONS`` or municipality codes.
    municipality
        The column of ``areas`` that holds municipality codes, or municipality names.
    within
        Municipal polygons indexed by code, for areas that do not know their municipality (grid cells): an
        area belongs where its representative point lies (the centre of a square cell). They are brought to
        the CRS of ``areas``, with a note.

    Returns
    -------
    GeoDataFrame
        The chosen areas in their order, with a column ``municipality`` of codes and notes in ``attrs``. Names
        that ``MUNICIPALITIES`` knows are turned into codes.

    Raises
    ------
    AreasError
        A municipality of the region has no areas, or there is no way to tell which areas it has.
    UsageError
        As of ``resolve_region``.
    """
    codes = resolve_region(region)
    notes = list(areas.attrs.get("notes", []))
    if within is not None:
        found, more = _locate(areas, within)
        notes += more
    elif municipality in areas.columns:
        found = _codes(areas[municipality])
    elif not codes:
        return areas
    else:
        check.refuse_no_municipality(municipality, list(map(str, areas.columns)))
    chosen = areas.assign(**{MUNICIPALITY: found})
    if codes:
        check.check_found(codes, found, {code: names[0] for code, names in MUNICIPALITIES.items()})
        chosen = chosen[found.isin(codes)]
        notes.append(f"{len(chosen)} of {len(areas)} areas lie in the municipalities {', '.join(codes)}.")
    chosen.attrs = {**areas.attrs, "notes": notes}
    return chosen


def _codes(column: pd.Series[Any]) -> pd.Series[str]:
    """Return codes of three digits; names that are known become codes, others stay."""
    text = column.fillna("").astype(str).str.strip()
    by_name = {name: code for code, names in MUNICIPALITIES.items() for name in names}
    text = text.map(lambda name: by_name.get(name, name)).astype(str)
    return text.where(~text.str.fullmatch(r"\d{1,2}"), text.str.zfill(3))


def _locate(areas: gpd.GeoDataFrame, within: gpd.GeoDataFrame) -> tuple[pd.Series[str], list[str]]:
    """Return the municipality in which each area's representative point lies; empty outside all of them."""
    check.check_crs(areas.crs, within.crs)
    notes = []
    if within.crs != areas.crs:
        notes.append(f"Municipalities were brought from {within.crs.name} to {areas.crs.name}.")
        within = within.to_crs(areas.crs)
    codes = _codes(pd.Series(within.index.astype(str), index=within.index))
    points = gpd.GeoDataFrame(geometry=areas.representative_point(), crs=areas.crs)
    polygons = gpd.GeoDataFrame(
        {"code": codes.to_numpy()}, geometry=within.geometry.to_numpy(), crs=areas.crs
    )
    joined = gpd.sjoin(points, polygons, predicate="intersects", how="left")
    # A point on a border meets two municipalities and belongs to the one with the smaller code.
    first = joined.sort_values("code", kind="stable")
    first = first[~first.index.duplicated()]
    on_border = len(joined) - len(first)
    if on_border:
        notes.append(
            f"{on_border} areas have their inner point on a municipal border; the smaller code was taken."
        )
    return first["code"].fillna("").astype(str).reindex(areas.index), notes
