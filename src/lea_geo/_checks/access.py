"""Travel costs, access to services and the choice of sites: what they can be made of."""

from __future__ import annotations

from collections.abc import Mapping as MappingABC
from math import isfinite
from numbers import Real
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from lea_geo._checks.faults import Faults
from lea_geo._checks.options import check_count
from lea_geo._checks.values import as_floats, check_series, note_ids
from lea_geo.errors import AreasError, JoinError, TableError, UsageError, ValuesError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

T = TypeVar("T")

CORNERS = ("from_x", "from_y", "to_x", "to_y")


def check_positive(name: str, value: float) -> float:
    """Return ``value`` as a finite float above 0."""
    if isinstance(value, bool) or not isinstance(value, Real) or not isfinite(value) or not value > 0:
        raise UsageError(f"{name} is {value!r}; it must be a number above 0.")
    return float(value)


def check_not_below(name: str, value: float, least: float = 0.0) -> float:
    """Return ``value`` as a finite float of at least ``least``."""
    if isinstance(value, bool) or not isinstance(value, Real) or not isfinite(value) or value < least:
        raise UsageError(f"{name} is {value!r}; it must be a number of at least {least:g}.")
    return float(value)


def check_known(name: str, ids: Iterable[str], known: pd.Index) -> list[str]:
    """Return ids, in the order of ``known``; refuse those that are not there or stand twice."""
    if isinstance(ids, str):
        raise UsageError(f"{name} is one text, {ids!r}; give a list of ids.")
    asked = pd.Index(list(ids), dtype=object)
    faults = Faults()
    foreign = asked[~asked.isin(known)]
    if len(foreign):
        faults.add(f"{name} that the travel costs do not have", ids=foreign, of=len(asked))
    if not asked.is_unique:
        faults.add(f"{name} named twice", ids=asked[asked.duplicated()].unique(), of=len(asked))
    faults.raise_if_any(JoinError, f"The {name} and the travel costs do not fit together.")
    return [one for one in known if one in set(asked)] if len(asked) < len(known) else list(known)


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


def check_apart(candidates: Iterable[str], existing: Iterable[str]) -> None:
    """Refuse places that have a site and are to get one."""
    both = sorted(set(candidates) & set(existing))
    faults = Faults()
    if both:
        faults.add("places that are candidates and exist already", ids=both, cure="Name each once.")
    faults.raise_if_any(ValuesError, "These sites cannot be chosen among.")


def check_origins(index: pd.Index, origins: pd.Index) -> None:
    """Refuse areas that the travel costs know nothing of."""
    faults = Faults()
    unknown = index[~index.isin(origins)]
    if len(unknown):
        cure = "Compute travel costs for all areas that have need."
        faults.add("areas with need that the travel costs do not have", ids=unknown, of=len(index), cure=cure)
    faults.raise_if_any(JoinError, "The need and the travel costs do not fit together.")


def check_radius(radius: float | None, objective: str) -> float:
    """Return the radius, NaN where none is needed; refuse its absence where it decides."""
    if radius is None:
        if objective in {"coverage", "coverage_all"}:
            raise UsageError(f"objective={objective!r} needs radius=, in the unit of the travel costs.")
        return float("nan")
    return check_positive("radius", radius)


def check_number(p: int | None, objective: str, candidates: int) -> int:
    """Return how many sites to add; 0 where the objective finds that out."""
    if objective == "coverage_all":
        if p is not None:
            raise UsageError("objective='coverage_all' finds out how many sites are needed; leave p out.")
        return 0
    if p is None:
        raise UsageError(f"objective={objective!r} needs p=, the number of sites to add.")
    number = check_count("p", p)
    if number > candidates:
        raise UsageError(f"p is {number}, and there are {candidates} candidates.")
    return number


def check_no_route(value: float, longest: float) -> None:
    """Refuse that a journey which cannot be made counts less than one that can."""
    if value < longest:
        raise UsageError(f"no_route is {value:g}, less than the longest journey, {longest:g}.")


def check_some_need(total: float) -> None:
    """Refuse to choose sites for nobody."""
    faults = Faults()
    if not total > 0:
        faults.add("nobody is in need where a place can be reached")
    faults.raise_if_any(ValuesError, "No sites can be chosen for this need.")


def notes_on_lost(ids: pd.Index, lost: np.ndarray, objective: str) -> tuple[str, ...]:
    """Return what is to be said of areas with need that no place can serve."""
    if not lost.any():
        return ()
    named = ", ".join(map(str, ids[lost][:5])) + (", …" if lost.sum() > 5 else "")
    why = (
        "lie beyond the radius of every place"
        if objective == "coverage_all"
        else "have no route to any place"
    )
    then = "count as not reached" if objective == "coverage" else "have no say in the choice"
    return (f"{lost.sum()} areas with need {why} and {then}: {named}.",)


def check_capacity(capacity: object, used: pd.Index, sites: pd.Index, objective: str) -> np.ndarray | None:
    """Return what each place can serve, in the order of ``sites``; those that are not used serve nobody."""
    if capacity is None:
        return None
    if objective not in {"p_median", "coverage"}:
        raise UsageError(f"objective={objective!r} takes no capacity; p_median and coverage do.")
    series = check_series("capacity", capacity)
    faults = Faults()
    note_ids(faults, "capacity", series.index, used, "the choice")
    faults.raise_if_any(JoinError, "The capacities and the sites do not fit together.")
    numbers = as_floats(faults, "capacity", series.reindex(used))
    wrong = ~(numbers >= 0)
    if wrong.any():
        faults.add("capacities that are no numbers of at least 0", ids=used[wrong], of=len(used))
    faults.raise_if_any(ValuesError, "These are no capacities.")
    return pd.Series(numbers, index=used).reindex(sites, fill_value=0.0).to_numpy()


def refuse_capacity(need: float, capacity: float) -> NoReturn:
    """Refuse a problem that no set of sites can solve."""
    faults = Faults()
    cure = "Add sites, raise their capacity, or use objective='coverage', which leaves over who is too many."
    what = f"{need:g} in need, and no set of sites can serve them (all places together: {capacity:g})"
    faults.add(what, cure=cure)
    raise ValuesError("The sites cannot serve everybody.", faults.found)


def check_scenarios(scenarios: object) -> Mapping[str, Iterable[str]]:
    """Return lists of sites by the name of their scenario."""
    if not isinstance(scenarios, MappingABC) or not scenarios:
        raise UsageError(
            "scenarios must hold lists of sites by name: {'today': ['S1'], 'proposed': ['S1', 'S2']}."
        )
    for name, sites in scenarios.items():
        if isinstance(sites, str) or not list(sites):
            raise UsageError(f"The scenario {name!r} holds no list of sites.")
    return scenarios


def check_supply(supply: object, destinations: pd.Index, name: str = "supply") -> np.ndarray:
    """Return what each service offers, in the order of the destinations."""
    series = check_series(name, supply)
    faults = Faults()
    note_ids(faults, name, series.index, destinations, "the travel costs")
    faults.raise_if_any(JoinError, f"The {name} and the travel costs do not fit together.")
    numbers = as_floats(faults, name, series.reindex(destinations))
    wrong = ~(numbers >= 0)
    if wrong.any():
        cure = "A service whose offer is unknown is left out of both, or given bounds."
        faults.add(
            f"{name} that is no number of at least 0",
            ids=destinations[wrong],
            of=len(destinations),
            cure=cure,
        )
    faults.raise_if_any(ValuesError, f"This {name} cannot be shared out.")
    return numbers


def check_supply_ends(low: np.ndarray, supply: np.ndarray, high: np.ndarray, ids: pd.Index) -> None:
    """Refuse bounds that do not hold the supply."""
    faults = Faults()
    wrong = (low > supply) | (supply > high)
    if wrong.any():
        faults.add("supply outside its bounds", ids=ids[wrong], of=len(ids))
    faults.raise_if_any(ValuesError, "The bounds of the supply do not fit it.")


def check_steps(steps: object) -> dict[float, float]:
    """Return weights by the largest cost that has them, rising in cost."""
    if not isinstance(steps, MappingABC) or not steps:
        raise UsageError("steps must hold weights by cost: {10: 1, 20: 0.68, 30: 0.22}.")
    named = {
        check_positive("a cost of steps", cost): check_not_below("a weight", w) for cost, w in steps.items()
    }
    return dict(sorted(named.items()))


def check_given(name: str, value: float | None, decay: str) -> float:
    """Return a value that a decay cannot do without."""
    if value is None:
        raise UsageError(f"decay={decay!r} needs {name}=, in the unit of the travel costs.")
    return value


def check_border(border: object, index: pd.Index) -> np.ndarray:
    """Return how far each area is from the border of the data; NaN is far."""
    series = check_series("border", border)
    faults = Faults()
    note_ids(faults, "border", series.index, index, "the demand")
    faults.raise_if_any(JoinError, "The distances to the border and the demand do not fit together.")
    return as_floats(faults, "border", series.reindex(index))


def notes_on_unasked(ids: pd.Index) -> tuple[str, ...]:
    """Return what is to be said of services that nobody reaches."""
    if not len(ids):
        return ()
    return (f"{len(ids)} services have nobody within their catchment: {', '.join(map(str, ids[:5]))}.",)
