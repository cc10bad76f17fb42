"""The places of the chapter of access: services, candidates, and what it costs to get there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio

from lea_geo._checks import access_chapter as check
from lea_geo.schema import LANGUAGES, Text
from lea_geo.targeting.travel import TravelCosts, points_of, travel_costs
from lea_geo.targeting.travel_files import read_travel_times

if TYPE_CHECKING:
    from lea_geo.chapter_specs.access import AccessSpec, PlacesSpec, TravelSpec
    from lea_geo.chapters.ground import Ground

MOST_CANDIDATES, OF_MANY, MANY_AREAS = 400, 100, 1000
"""Areas that a site can be put in, fewer where there are many areas; of more, those with most need are
taken."""
RADII = {"metres": 3000.0, "minutes": 30.0}


@dataclass(frozen=True, eq=False)
class Places:
    """Where services are and could be."""

    frame: gpd.GeoDataFrame
    """Indexed by id: ``fi sv en`` (names), ``capacity`` (NaN: not known), ``service`` (whether it is there),
    and points in the areas' CRS."""
    costs: TravelCosts
    """From the areas with known need to all places."""
    origins: gpd.GeoSeries
    """Where the areas stand."""
    notes: tuple[str, ...]

    def name(self, place: str) -> Text:
        """Return what a place is called."""
        return Text(*(str(self.frame.loc[place, language]) for language in LANGUAGES))

    @property
    def services(self) -> list[str]:
        """Ids of the services that there are."""
        return [str(one) for one in self.frame.index[self.frame["service"]]]

    @property
    def candidates(self) -> list[str]:
        """Ids of where sites can be put."""
        return [str(one) for one in self.frame.index[~self.frame["service"]]]


def places_of(ground: Ground, spec: AccessSpec, need: pd.Series[float], code: str) -> Places:
    """Read the places, and take or read the costs of getting there.

    Raises
    ------
    TableError, SpecError
        If a file cannot be used, ids are used twice, or journeys are missing.
    """
    areas = ground.findings.areas.loc[need.index]
    origins, notes = _origins(ground, spec.travel, areas, code)
    parts = []
    if spec.services is not None:
        parts.append(read_places(ground, spec.services, service=True))
    if spec.choose or spec.scenarios:
        parts.append(_candidates(ground, spec, need, origins, notes))
    frame = gpd.GeoDataFrame(pd.concat(parts), crs=areas.crs)
    check.check_place_ids(frame.index)
    costs = _costs(ground, spec.travel, gpd.GeoDataFrame(geometry=origins), frame)
    return Places(frame.loc[costs.destinations], costs, origins, tuple(notes))


def read_places(ground: Ground, spec: PlacesSpec, *, service: bool) -> gpd.GeoDataFrame:
    """Return the rows of a file of places that are meant."""
    path, crs = ground.data / spec.path, ground.findings.areas.crs
    csv = path.suffix.lower() == ".csv"
    raw = pd.read_csv(path, dtype={spec.id: str}) if csv else pyogrio.read_dataframe(path)
    asked = [spec.id, *([spec.capacity] if spec.capacity else []), *spec.name.values(), *spec.only]
    spot = (spec.x, spec.y) if csv else ()
    rows = check.check_place_file(raw, path.name, asked=asked, ids=spec.id, spot=spot, capacity=spec.capacity)
    for column, values in spec.only.items():
        rows = rows[rows[column].astype(str).isin(values)]
    check.check_some_rows(rows, path.name)
    ids = rows[spec.id].astype(str)
    if csv:
        points = gpd.points_from_xy(rows[spec.x], rows[spec.y], crs=crs)
    else:
        points = gpd.GeoSeries(rows.geometry, crs=raw.crs).to_crs(crs).representative_point().to_numpy()
    names = {one: rows[spec.name[one]].astype(str) if spec.name else ids for one in LANGUAGES}
    capacity = rows[spec.capacity].astype(float) if spec.capacity else np.nan
    frame = gpd.GeoDataFrame({**names, "capacity": capacity, "service": service}, geometry=points, crs=crs)
    return frame.set_axis(pd.Index(ids, name="place"))


def _origins(
    ground: Ground, travel: TravelSpec, areas: gpd.GeoDataFrame, code: str
) -> tuple[gpd.GeoSeries, list[str]]:
    """Return where each area stands: where its people do, as far as a grid counts them."""
    grid = ground.levels.get("grid")
    people = None
    if travel.stands == "people" and grid is not None and code in grid.results:
        counted = grid.results[code]["denominator"].reindex(grid.areas.index)
        people = grid.areas[["geometry"]].assign(people=counted.astype(float))
    points, notes = points_of(areas, people, "people" if people is not None else "")
    return gpd.GeoSeries(points, index=areas.index, crs=areas.crs), notes


def _candidates(
    ground: Ground, spec: AccessSpec, need: pd.Series[float], origins: gpd.GeoSeries, notes: list[str]
) -> gpd.GeoDataFrame:
    if spec.candidates is not None:
        return read_places(ground, spec.candidates, service=False)
    asked = {one for scenario in spec.scenarios for one in scenario.sites}
    most = need.fillna(0.0).sort_index().sort_values(ascending=False, kind="stable")
    limit = OF_MANY if len(need) > MANY_AREAS else MOST_CANDIDATES
    limit = limit if spec.choose else 0  # what a scenario names, and no more
    kept = sorted({*most.index[:limit], *(asked & set(need.index))})
    if spec.choose and len(kept) < len(need):
        notes.append(f"Of {len(need)} areas the {len(kept)} with most need are candidates for sites.")
    names = {one: [ground.names[area].in_language(one) for area in kept] for one in LANGUAGES}
    columns = {**names, "capacity": spec.capacity or np.nan, "service": False}
    frame = gpd.GeoDataFrame(columns, geometry=origins.loc[kept].to_numpy(), crs=origins.crs)
    return frame.set_axis(pd.Index(kept, name="place"))


def _costs(
    ground: Ground, travel: TravelSpec, origins: gpd.GeoDataFrame, places: gpd.GeoDataFrame
) -> TravelCosts:
    targets = places[["geometry"]]
    if travel.kind == "straight":
        return travel_costs(origins, targets)
    path = ground.data / travel.path
    if travel.kind == "network":
        return travel_costs(
            origins, targets, kind="network", network=path, cost=travel.cost, tolerance=travel.tolerance
        )
    given = read_travel_times(
        path,
        cost=travel.cost or "minutes",
        from_id=travel.from_id,
        to_id=travel.to_id,
        unit=travel.unit,
        no_route=travel.no_route,
    )
    check.check_matrix(given.origins, origins.index, given.destinations, places.index, path.name)
    return given.among(origins=origins.index, destinations=places.index)


def border_costs(ground: Ground, places: Places, radius: float) -> pd.Series[float]:
    """Return what it costs to get from each area to where the data end, on land, in the unit of the costs.

    Where costs are minutes, a minute is taken to be as many metres as the fastest journey within the radius
    makes.
    """
    land = ground.findings.areas.geometry.union_all()
    outline = land.boundary
    context = ground.findings.context
    if context is not None:
        water = context.geometry[context["kind"] == "water"]
        outline = outline.difference(water.union_all().buffer(SHORE)) if len(water) else outline
    away: pd.Series[float] = places.origins.distance(outline)
    if outline.is_empty:  # an island: nothing lies beyond
        away = away * np.nan
    if places.costs.unit == "metres":
        return away
    straight = travel_costs(gpd.GeoDataFrame(geometry=places.origins), places.frame[["geometry"]]).table
    near = places.costs.table <= radius
    metres = float(straight.to_numpy()[near.to_numpy()].max(initial=0.0))
    away *= radius / metres if metres > 0 else np.inf
    return away


SHORE = 100.0
"""Metres from water within which a border of the areas is a shore, beyond which nobody lives."""
