"""How many people live on the ground that areas of two years share."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd
import shapely

from lea_geo._checks.vintages import check_totals
from lea_geo.intake.support.crosswalk import build_crosswalk

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

Population: TypeAlias = "pd.Series[float] | gpd.GeoDataFrame | str | Path"
"""How many people each area has, or where they live: finer areas, points, or the path of a raster."""


def people_of(
    links: pd.DataFrame,
    before: gpd.GeoDataFrame,
    after: gpd.GeoDataFrame,
    population: Population,
    column: str | None,
) -> Floats:
    """Return the people of each link, in the order of the links.

    Parameters
    ----------
    links
        Columns ``before after`` (positions) and ``area`` (m2).
    before, after
        Areas of two years.
    population
        Totals by the codes of ``before``, which are divided by surface, or where people live.
    column
        The column of ``population`` that counts people.
    """
    if isinstance(population, pd.Series):
        people = check_totals(population, before.index).to_numpy()
        size = shapely.area(np.asarray(before.geometry.array, dtype=object))
        return np.asarray((people / size)[links["before"]] * links["area"], dtype=float)
    walk = build_crosswalk(before, after, method="dasymetric", weights=population, weights_column=column)
    found = walk.mass.tocsr()[links["before"].to_numpy(), links["after"].to_numpy()]
    return np.asarray(found, dtype=float).ravel()
