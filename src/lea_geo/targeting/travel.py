"""What it costs to get from where people live to where services are, in metres or minutes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lea_geo._checks import travel as check
from lea_geo._checks.access import check_known, check_positive
from lea_geo._checks.options import check_choice
from lea_geo.targeting.travel_network import Network, network_costs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

UNITS = ("metres", "minutes")
KINDS = ("straight", "network")
ORIGIN, DESTINATION = "origin", "destination"


@dataclass(frozen=True, eq=False, kw_only=True)
class TravelCosts:
    """The cost of every journey from an origin to a destination; a journey that cannot be made has none."""

    table: pd.DataFrame
    """Origins (index) by destinations (columns), both text ids and sorted; metres or minutes, 0 or more, NaN
    where there is no route."""
    unit: str
    """``metres`` or ``minutes``."""
    kind: str
    """``straight``, ``network`` or ``matrix``."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """How the costs came about."""
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        size = f"{len(self.origins)} origins x {len(self.destinations)} destinations"
        return f"<TravelCosts {size}, {self.unit}, {self.kind}, {self.routes:.1%} with a route>"

    @property
    def origins(self) -> pd.Index[str]:
        """Ids of where people set out from, sorted."""
        return self.table.index

    @property
    def destinations(self) -> pd.Index[str]:
        """Ids of where people go to, sorted."""
        return self.table.columns

    @property
    def routes(self) -> float:
        """The share of journeys that can be made, 0 to 1."""
        return float(self.table.notna().to_numpy().mean()) if self.table.size else float("nan")

    def among(
        self, *, origins: Iterable[str] | None = None, destinations: Iterable[str] | None = None
    ) -> TravelCosts:
        """Return the costs of some origins or destinations only.

        Parameters
        ----------
        origins, destinations
            Ids; left out, all.

        Raises
        ------
        JoinError
            If an id is not there.
        """
        rows = check_known("origins", self.origins if origins is None else origins, self.origins)
        columns = check_known(
            "destinations", self.destinations if destinations is None else destinations, self.destinations
        )
        return TravelCosts(
            table=self.table.loc[rows, columns],
            unit=self.unit,
            kind=self.kind,
            settings=self.settings,
            notes=self.notes,
        )

    def nearest(self, destinations: Iterable[str] | None = None) -> pd.DataFrame:
        """Return the cheapest journey of every origin.

        Parameters
        ----------
        destinations
            Among which; left out, all.

        Returns
        -------
        DataFrame
            Indexed by origin: ``cost`` (NaN where no destination can be reached) and ``destination`` (blank
            there; the first id among equals).
        """
        table = self.among(destinations=destinations).table
        costs = table.to_numpy()
        cost, place = cheapest(costs)
        names = np.append(table.columns.to_numpy(dtype=object), "")
        return pd.DataFrame({"cost": cost, "destination": names[place]}, index=table.index)


def cheapest(costs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the least cost in each row of (n, m), NaN for no route, and its column, or -1."""
    filled = np.where(np.isnan(costs), np.inf, costs)
    if filled.shape[1] == 0:
        return np.full(len(filled), np.nan), np.full(len(filled), -1)
    place = filled.argmin(axis=1)
    least = filled[np.arange(len(filled)), place]
    none = np.isinf(least)
    return np.where(none, np.nan, least), np.where(none, -1, place)


def costs_of(
    table: pd.DataFrame, *, unit: str, kind: str = "matrix", notes: Iterable[str] = (), **settings: object
) -> TravelCosts:
    """Return a matrix of costs, NaN for no route, as ``TravelCosts``; refuse what cannot be one.

    Parameters
    ----------
    table
        Origins (index) by destinations (columns); ids are turned into text and sorted.
    unit
        ``metres`` or ``minutes``.
    kind, notes, settings
        What is said of it.

    Raises
    ------
    UsageError, ValuesError
        If the unit is unknown, ids are repeated, or costs are negative or infinite.
    """
    check_choice("unit", unit, UNITS)
    named = table.set_axis(table.index.astype(str), axis=0).set_axis(table.columns.astype(str), axis=1)
    named = check.check_costs(named.rename_axis(index=ORIGIN, columns=DESTINATION))
    ordered = named.sort_index(axis=0).sort_index(axis=1)
    return TravelCosts(table=ordered, unit=unit, kind=kind, settings=dict(settings), notes=tuple(notes))


def travel_costs(
    origins: gpd.GeoDataFrame,
    destinations: gpd.GeoDataFrame | None = None,
    *,
    kind: str = "straight",
    people: gpd.GeoDataFrame | None = None,
    weight: str = "",
    network: object = None,
    cost: str = "",
    tolerance: float = 500.0,
    one_way: bool = False,
    off_network: float = 80.0,
) -> TravelCosts:
    """Return what it costs to get from each origin to each destination.

    Parameters
    ----------
    origins, destinations
        Points, or areas, each standing for itself by a point surely inside it (or by where its people live:
        see ``people``), indexed by unique ids, in the same projected CRS in metres. Left out, the
        destinations are the origins: every area could have a site.
    kind
        ``straight``: metres as the crow flies. ``network``: along links.
    people, weight
        Cells of a grid (or points) and their column of persons: an area then stands where its people are on
        average (:func:`population_points`), not in its middle.
    network
        The links: a GeoDataFrame of lines, the path of a file of such, or of a CSV with ``from_x from_y to_x
        to_y``. Links meet where their ends lie within a centimetre of each other.
    cost
        The links' column of minutes. Left out: metres, along the lines.
    tolerance
        Metres: how far a point may lie from the nearest link. One farther off has no route, and a note names
        it.
    one_way
        Whether links are open only from their start to their end.
    off_network
        Metres a minute at which one gets from a point to the nearest link, where costs are minutes: 80 is a
        walk.

    Returns
    -------
    TravelCosts
        Ids sorted; no route where the links do not lead there. An origin and a destination in the same place
        are 0 apart.

    Raises
    ------
    UsageError, AreasError, TableError
        If an option is wrong, the frames are not points or polygons in one projected CRS with unique ids, or
        the links cannot be used.

    Notes
    -----
    Straight lines do not know water, roads or buses: they say too little wherever one has to go round.
    """
    check_choice("kind", kind, KINDS)
    targets = origins if destinations is None else destinations
    check.check_places(origins, targets, people)
    here, notes = points_of(origins, people, weight)
    there = here if destinations is None else points_of(destinations, None, "")[0]
    said: dict[str, object] = {"points": f"people by {weight}" if people is not None else "inside"}
    unit = "metres"
    if kind == "straight":
        apart = shapely.get_coordinates(here)[:, None] - shapely.get_coordinates(there)[None]
        costs = np.hypot(apart[..., 0], apart[..., 1])
    else:
        unit = "minutes" if cost else "metres"
        links = check.check_network(network, cost, origins.crs)
        built = Network.of(links, one_way=one_way, off_network=off_network if cost else 1.0)
        snapped = network_costs(
            built, here, there, tolerance=check_positive("tolerance", tolerance), same=here is there
        )
        costs, far = snapped.costs, (origins.index[snapped.far_from], targets.index[snapped.far_to])
        notes += check.notes_on_far(far, tolerance)
        said |= {"cost": cost, "tolerance": tolerance, "one_way": one_way, "off_network": off_network}
    table = pd.DataFrame(costs, index=origins.index, columns=targets.index)
    return costs_of(table, unit=unit, kind=kind, notes=notes, **said)


def population_points(areas: gpd.GeoDataFrame, people: gpd.GeoDataFrame, weight: str) -> gpd.GeoSeries:
    """Return where the people of each area live on average: the mean of its cells' centres by persons.

    Parameters
    ----------
    areas
        Areas indexed by ``area_id``.
    people
        Cells of a grid, or points, in the same CRS; a cell belongs to the area that its centre lies in.
    weight
        Their column of persons; cells whose number is unknown (NaN, or below 0) do not count.

    Returns
    -------
    GeoSeries
        Points indexed as ``areas``; None where nobody is known to live. The mean may lie outside an area that
        bends around it.

    Raises
    ------
    UsageError
        If the column is not there or holds no numbers.
    """
    spots = people.geometry.centroid
    count = check.check_weight(people, weight)
    where, cell = shapely.STRtree(areas.geometry.to_numpy()).query(spots.to_numpy(), "intersects")[::-1]
    first = pd.Series(where).groupby(cell).min()  # a centre on a border counts once: the first area has it
    cells, rows = first.index.to_numpy(), first.to_numpy()
    known = count[cells] > 0
    cells, rows = cells[known], rows[known]
    total = np.bincount(rows, count[cells], minlength=len(areas))
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = [
            np.bincount(rows, count[cells] * at[cells], minlength=len(areas)) / total
            for at in (spots.x.to_numpy(), spots.y.to_numpy())
        ]
    points = np.where(total > 0, shapely.points(np.nan_to_num(mean[0]), np.nan_to_num(mean[1])), None)
    return gpd.GeoSeries(points, index=areas.index, crs=areas.crs)


def points_of(
    frame: gpd.GeoDataFrame, people: gpd.GeoDataFrame | None = None, weight: str = ""
) -> tuple[np.ndarray, list[str]]:
    """Return a point for each row, shape (n,), and what is to be said of them.

    The point itself; of an area where its people live on average, or a point inside it where they are
    unknown.
    """
    shapes = frame.geometry.to_numpy()
    inside = np.where(shapely.get_type_id(shapes) == 0, shapes, shapely.point_on_surface(shapes))
    if people is None:
        return inside, []
    lived = population_points(frame, people, weight).to_numpy()
    empty = shapely.is_missing(lived)
    named = ", ".join(map(str, frame.index[empty][:5]))
    note = f"{empty.sum()} areas in which nobody is known to live stand at a point inside them: {named}."
    return np.where(empty, inside, lived), [note] if empty.any() else []
