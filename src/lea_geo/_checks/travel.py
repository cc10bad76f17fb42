"""Travel costs: what they can be made of."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from lea_geo._checks.faults import Faults
from lea_geo.errors import AreasError, TableError, UsageError, ValuesError

if TYPE_CHECKING:
    from collections.abc import Mapping

T = TypeVar("T")

CORNERS = ("from_x", "from_y", "to_x", "to_y")


def check_costs(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table of costs as floats; refuse repeated ids and costs below 0 or without end."""
    faults = Faults()
    for name, index in (("origins", table.index), ("destinations", table.columns)):
        if not index.is_unique:
            faults.add(f"repeated {name}", ids=index[index.duplicated()].unique(), of=len(index))
        if not len(index):
            faults.add(f"there are no {name}")
    numbers = table.to_numpy(dtype=float, na_value=np.nan)
    with np.errstate(invalid="ignore"):
        wrong = (numbers < 0) | np.isinf(numbers)
    if wrong.any():
        cure = "A journey that cannot be made is NaN; declare what stands for it with no_route=."
        faults.add(
            "origins with costs below 0 or without end",
            ids=table.index[wrong.any(axis=1)],
            of=len(table),
            cure=cure,
        )
    faults.raise_if_any(ValuesError, "These are no travel costs.")
    return pd.DataFrame(numbers, index=table.index, columns=table.columns)


def check_places(origins: object, destinations: object, people: object) -> None:
    """Refuse frames that are not points or polygons with unique ids in one CRS in metres."""
    given = {"origins": origins, "destinations": destinations} | (
        {} if people is None else {"people": people}
    )
    for name, frame in given.items():
        if not isinstance(frame, gpd.GeoDataFrame):
            raise UsageError(f"{name} is a {type(frame).__name__}; it must be a GeoDataFrame indexed by ids.")
    faults = Faults()
    for name, frame in given.items():
        _note_places(faults, name, frame)
    systems = {n: f.crs for n, f in given.items() if isinstance(f, gpd.GeoDataFrame) and f.crs is not None}
    if len(set(systems.values())) > 1:
        told = ", ".join(f"{name} in {crs.name}" for name, crs in systems.items())
        faults.add(
            f"different coordinate reference systems: {told}", cure="Bring them into one with to_crs()."
        )
    faults.raise_if_any(AreasError, "No distances can be taken between these places.")


def _note_places(faults: Faults, name: str, frame: gpd.GeoDataFrame) -> None:
    if frame.crs is None or not frame.crs.is_projected:
        faults.add(f"{name} have no projected CRS in metres", cure="Distances in degrees mean nothing.")
    if not frame.index.is_unique:
        faults.add(
            f"repeated ids of {name}", ids=frame.index[frame.index.duplicated()].unique(), of=len(frame)
        )
    shapes = frame.geometry.to_numpy()
    bad = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    if bad.any():
        faults.add(f"{name} without a place", ids=frame.index[bad], of=len(frame))


def check_weight(people: gpd.GeoDataFrame, weight: str) -> np.ndarray:
    """Return the persons of each cell, 0 where they are unknown."""
    if weight not in people.columns or not pd.api.types.is_numeric_dtype(people[weight]):
        raise UsageError(
            f"weight is {weight!r}; it must be a column of numbers of people: {list(people.columns)}."
        )
    count = people[weight].to_numpy(dtype=float, na_value=np.nan)
    return np.asarray(np.where(np.isfinite(count) & (count > 0), count, 0.0))


def check_network(network: object, cost: str, crs: object) -> gpd.GeoDataFrame:
    """Return links as lines in ``crs`` with a column ``cost``."""
    links = _read_links(network) if isinstance(network, str | PathLike) else network
    if not isinstance(links, pd.DataFrame):
        raise UsageError("network must be a GeoDataFrame of lines, or the path of a file of links.")
    if not isinstance(links, gpd.GeoDataFrame):
        links = _straight_links(links, crs)
    faults = Faults()
    shapes = links.geometry.to_numpy()
    other = shapely.get_type_id(shapes) != 1
    if other.any():
        cure = "Split multi-part lines with explode()."
        faults.add("links that are no single lines", ids=links.index[other], of=len(links), cure=cure)
    if links.crs != crs:
        faults.add("the links are in another CRS than the places", cure="Bring them into one with to_crs().")
    if not len(links):
        faults.add("there are no links")
    numbers = _link_costs(faults, links, cost)
    faults.raise_if_any(TableError, "The network cannot be used.")
    return gpd.GeoDataFrame({"cost": numbers}, geometry=shapes, crs=crs)


def _link_costs(faults: Faults, links: gpd.GeoDataFrame, cost: str) -> np.ndarray:
    if not cost:
        return np.asarray(shapely.length(links.geometry.to_numpy()))
    if cost not in links.columns:
        faults.add(
            f"the links have no column {cost!r}", cure=f"They have {', '.join(map(str, links.columns))}."
        )
        return np.zeros(len(links))
    numbers = pd.to_numeric(links[cost], errors="coerce").to_numpy(dtype=float)
    wrong = ~(np.isfinite(numbers) & (numbers >= 0))
    if wrong.any():
        faults.add(f"links whose {cost} is no number of at least 0", ids=links.index[wrong], of=len(links))
    return np.asarray(numbers)


def _read_links(path: str | PathLike[str]) -> pd.DataFrame:
    file = Path(path)
    if not file.is_file():
        raise UsageError(f"There is no network file {file.name}.")
    return pd.read_csv(file) if file.suffix.lower() == ".csv" else pyogrio.read_dataframe(file)


def _straight_links(links: pd.DataFrame, crs: object) -> gpd.GeoDataFrame:
    absent = [column for column in CORNERS if column not in links.columns]
    if absent:
        raise UsageError(f"The links lack {', '.join(absent)}; a table of links has {', '.join(CORNERS)}.")
    corners = links[list(CORNERS)].to_numpy(dtype=float).reshape(-1, 2, 2)
    return gpd.GeoDataFrame(links, geometry=shapely.linestrings(corners), crs=crs)


def notes_on_far(far: tuple[pd.Index, pd.Index], tolerance: float) -> list[str]:
    """Return what is to be said of points that are too far from every link."""
    return [
        f"{len(ids)} {name} lie more than {tolerance:g} m from every link and have no route: "
        f"{', '.join(map(str, ids[:5]))}{', …' if len(ids) > 5 else ''}."
        for name, ids in zip(("origins", "destinations"), far, strict=True)
        if len(ids)
    ]


def check_travel_path(path: object) -> Path:
    """Return the path of a file or folder of journeys."""
    if not isinstance(path, str | PathLike) or "\0" in str(path):
        raise UsageError(f"{path!r} is no path of a file of journeys.")
    file = Path(path)
    if not file.exists():
        raise UsageError(f"There is no file of journeys {file.name}.")
    return file


def check_some(name: str, members: list[T]) -> list[T]:
    """Return what was found in an archive or folder; refuse nothing."""
    if not members:
        raise UsageError(f"{name} holds no .csv, .txt or .tsv file.")
    return members


def check_member_sizes(name: str, sizes: Mapping[str, int], largest: int) -> None:
    """Refuse an archive that unpacks to more than anybody's travel times."""
    faults = Faults()
    big = [member for member, size in sizes.items() if size > largest]
    if big:
        faults.add(f"files that unpack to more than {largest} bytes", ids=big, of=len(sizes))
    faults.raise_if_any(TableError, f"{name} cannot be read.")


def as_costs(values: pd.Series, name: str, column: str) -> pd.Series:
    """Return costs as floats, blank as NaN; refuse text."""
    numbers = pd.to_numeric(values, errors="coerce")
    text = numbers.isna() & values.notna()
    faults = Faults()
    if text.any():
        lines = [f"line {row + 2}" for row in np.flatnonzero(text)]
        faults.add(f"{column} that is no number", ids=lines, of=len(values))
    faults.raise_if_any(TableError, f"{name} holds no journeys that can be read.")
    return numbers.astype(float)


def check_journeys(rows: pd.DataFrame, from_id: str, to_id: str, name: str) -> None:
    """Refuse blank ids and journeys that are listed twice."""
    faults = Faults()
    blank = (rows[from_id].str.strip() == "") | (rows[to_id].str.strip() == "")
    if blank.any():
        faults.add("journeys without an origin or a destination", count=int(blank.sum()), of=len(rows))
    twice = rows.duplicated([from_id, to_id])
    if twice.any():
        pairs = rows.loc[twice, from_id] + " to " + rows.loc[twice, to_id]
        faults.add("journeys listed twice", ids=pairs.unique(), of=len(rows), cure="Keep one of them.")
    if not len(rows):
        faults.add("not a single journey")
    faults.raise_if_any(TableError, f"{name} holds no travel times that can be used.")
