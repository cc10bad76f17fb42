"""What the chapter of access can be made of: need that is counted, places, and journeys between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lea_geo._checks.faults import Faults
from lea_geo.errors import TableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


_SPOTS = {int(shapely.GeometryType[one]) for one in ("POINT", "POLYGON", "MULTIPOLYGON")}


def check_place_ids(ids: pd.Index) -> None:
    """Refuse places that cannot be told apart: by each other, or in a list of ids with spaces between."""
    faults = Faults()
    twice = ids[ids.duplicated()].unique()
    if len(twice):
        cure = "A service and a candidate, or an area, may not share an id."
        faults.add("ids of places that stand twice", ids=twice, of=len(ids), cure=cure)
    spaced = ids[ids.str.contains(r"\s") | (ids == "")]
    if len(spaced):
        faults.add("ids of places that are blank or hold spaces", ids=spaced, of=len(ids))
    faults.raise_if_any(TableError, "The places of [access] cannot be used.")


def check_place_file(
    raw: pd.DataFrame, name: str, *, asked: Iterable[str], ids: str, spot: Sequence[str], capacity: str
) -> pd.DataFrame:
    """Return the rows of a file of places; refuse what says not where they are.

    ``asked`` are the columns that must be there, and ``spot`` those of the coordinates, where no geometry is.
    """
    faults = Faults()
    absent = [column for column in dict.fromkeys([*asked, *spot]) if column not in raw.columns]
    if absent:
        cure = f"It has {', '.join(map(str, raw))}."
        faults.add(f"columns that {name} does not have", ids=absent, cure=cure)
    elif spot:
        spots = raw[list(spot)].apply(pd.to_numeric, errors="coerce")
        lost = ~np.isfinite(spots.to_numpy(dtype=float)).all(axis=1)
        if lost.any():
            faults.add("places without coordinates", ids=raw.loc[lost, ids], of=len(raw))
    elif not isinstance(raw, gpd.GeoDataFrame) or not set(shapely.get_type_id(raw.geometry)) <= _SPOTS:
        faults.add(f"{name} holds neither points nor areas", cure="Give the point of each place.")
    if not absent and capacity:
        sizes = pd.to_numeric(raw[capacity], errors="coerce")
        if not (sizes >= 0).all():
            faults.add("capacities that are no numbers", ids=raw.loc[~(sizes >= 0), ids], of=len(raw))
    faults.raise_if_any(TableError, f"{name} holds no places that can be used.")
    return raw


def check_some_rows(rows: pd.DataFrame, name: str) -> None:
    """Refuse a file of which nothing is meant."""
    faults = Faults()
    if not len(rows):
        faults.add("no place is left", cure="Look at the values under only.")
    faults.raise_if_any(TableError, f"{name} holds no places that can be used.")


def check_matrix(
    origins: pd.Index, areas: pd.Index, destinations: pd.Index, places: pd.Index, name: str
) -> None:
    """Refuse a list of journeys that leaves out areas or places."""
    faults = Faults()
    for what, known, asked in (("areas", origins, areas), ("places", destinations, places)):
        lost = asked[~asked.isin(known)]
        if len(lost):
            faults.add(f"{what} that {name} has no journeys of", ids=lost, of=len(asked))
    faults.raise_if_any(TableError, "The travel times of [access] do not fit the study.")
