"""Neighbouring areas merged until each region may be published, and what that costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo._by_area import ByArea
from lea_geo._checks.disclosure_protect import check_aligned
from lea_geo.disclosure.protect.utility import UtilityLost, utility_lost
from lea_geo.rates.merge_areas import ROUNDS, MergedAreas, merge_areas

if TYPE_CHECKING:
    import geopandas as gpd
    from libpysal.graph import Graph

    from lea_geo.spatial.graph import AreaGraph


@dataclass(frozen=True, kw_only=True)
class MergedRelease(ByArea):
    """Rates of regions that are large enough, and what they cost."""

    table: pd.DataFrame
    """Indexed by ``area_id``: ``rate`` (true; not for the release), ``region`` (blank where it has too few)
    and ``published``, the region's rate; NaN where that is hidden."""
    merged: MergedAreas
    """The regions and their counts; those that are not ``enough`` must stay inside."""
    account: UtilityLost
    """What is lost: of the true rates against those of the regions, each area with its region's."""


def merge_for_release(
    numerator: pd.Series,
    denominator: pd.Series,
    areas: gpd.GeoDataFrame,
    graph: AreaGraph | Graph,
    *,
    minimum_numerator: float = 0,
    minimum_denominator: float = 0,
    within: pd.Series | None = None,
    seed: int = 2009,
    rounds: int = ROUNDS,
    fdr: float = 0.05,
) -> MergedRelease:
    """Merge neighbours until each region reaches the minimum, and account for it.

    :func:`~lea_geo.rates.merge_areas.merge_areas` does the merging. Regions do not overlap, so there is
    nothing to subtract among them. Beside counts of other areas there is: audit them together.

    Parameters
    ----------
    numerator, denominator, graph, minimum_numerator, minimum_denominator, within, seed, rounds
        As in :func:`~lea_geo.rates.merge_areas.merge_areas`.
    areas
        The areas' polygons, for the size of the regions.
    fdr
        Of the account's hot spots.

    Raises
    ------
    UsageError, ValuesError
        As :func:`~lea_geo.rates.merge_areas.merge_areas`, or if ``areas`` are not those of the counts.
    """
    check_aligned(numerator, {"areas": areas.geometry.area})
    merged = merge_areas(
        numerator,
        denominator,
        graph,
        minimum_numerator=minimum_numerator,
        minimum_denominator=minimum_denominator,
        within=within,
        seed=seed,
        rounds=rounds,
    )
    region, enough = merged.table["region"], merged.table["enough"]
    rate = (numerator / denominator.where(denominator > 0)).reindex(region.index)
    published = merged.regions["rate"].reindex(region).set_axis(region.index).where(enough)
    surface = areas.geometry.area.reindex(region.index)
    account = utility_lost(
        rate,
        published,
        graph,
        people=denominator.reindex(region.index),
        side=np.sqrt(surface),
        side_after=np.sqrt(surface.groupby(region).transform("sum")),
        fdr=fdr,
    )
    table = pd.DataFrame({"rate": rate, "region": region.where(enough, ""), "published": published})
    return MergedRelease(table=table, merged=merged, account=account)
