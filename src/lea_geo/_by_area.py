"""What all results have in common whose table has a row for each area."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lea_geo._checks.values import joined

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd


class ByArea:
    """A result with a ``table`` that is indexed by ``area_id``."""

    table: pd.DataFrame

    def join_to(self, areas: gpd.GeoDataFrame, *, prefix: str = "") -> gpd.GeoDataFrame:
        """Return the areas with the columns of the table, each name led by ``prefix``.

        Raises
        ------
        JoinError
            If areas and table do not hold the same ids.
        UsageError
            If a column is there already, or ``areas`` is no GeoDataFrame.
        """
        return joined(areas, self.table.add_prefix(prefix), cure="give a prefix")
