"""A study's areas merged until every rate is of enough people, and its cells added up accordingly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from lea_geo.rates.merge_areas import MergedAreas, merge_areas
from lea_geo.schema import AREA_ID, CELL_COLUMNS, MUNICIPALITY, NAME_COLUMNS, WITH_VALUE, Status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from libpysal.graph import Graph

    from lea_geo.rates.empirical_bayes import Links
    from lea_geo.rates_spec import RatesSpec
    from lea_geo.schema import Indicator

_VALUED = [str(status) for status in WITH_VALUE]
_WORST = (Status.SUPPRESSED, Status.MISSING, Status.NOT_APPLICABLE, Status.STRUCTURAL_ZERO, Status.OBSERVED)
"""What a sum is as soon as one of its parts is it."""


@dataclass(frozen=True)
class MergedStudy:
    """A study on merged areas."""

    areas: gpd.GeoDataFrame
    """As the study's, indexed by the regions; a region is named by its first area and how many more."""
    cells: Mapping[str, pd.DataFrame]
    """Indicator code to a frame indexed as ``areas``, with ``schema.CELL_COLUMNS``."""
    merged: MergedAreas
    notes: tuple[str, ...]


def merged_study(
    areas: gpd.GeoDataFrame,
    indicators: tuple[Indicator, ...],
    cells: Mapping[str, pd.DataFrame],
    kinds: Mapping[str, str],
    how: RatesSpec,
    graph: Links | Graph,
    *,
    seed: int = 2009,
) -> MergedStudy:
    """Merge a study's areas so that every rate is of enough people and events, and add its cells up.

    An area counts by the smallest of its rates' counts, so that each rate of each region reaches the minima.
    Regions are kept compact (areas are compared by where they lie) and within municipalities where these are
    known. Numerators and denominators add up; so do values of indicators that count something. Means and
    medians without counts cannot be merged: a region of several areas has none, and a note says so.

    Parameters
    ----------
    areas
        With ``name_fi name_sv name_en municipality`` and ``geometry``, indexed by ``area_id``.
    indicators, cells
        The indicators, and a frame of ``schema.CELL_COLUMNS`` for the code of each, indexed as ``areas``.
    kinds
        What chance makes of each indicator's counts: ``"proportion"``, ``"rate"`` or empty.
    how
        With ``minimum_denominator`` or ``minimum_numerator``.
    graph
        Who is whose neighbour; the same areas.
    seed
        As in :func:`~lea_geo.rates.merge_areas.merge_areas`.
    """
    counted = [cells[code] for code, kind in kinds.items() if kind]
    least = {part: _least(counted, part, areas.index) for part in ("numerator", "denominator")}
    points = areas.geometry.representative_point()
    where = pd.DataFrame({"x": points.x, "y": points.y}, index=areas.index)
    known = areas[MUNICIPALITY].fillna("").astype(str)
    merged = merge_areas(
        least["numerator"],
        least["denominator"],
        graph,
        kind="rate",
        minimum_denominator=how.minimum_denominator,
        minimum_numerator=how.minimum_numerator,
        attributes=where,
        within=known if known.any() else None,
        seed=seed,
    )
    region = merged.table["region"]
    names = [one.name.en for one in indicators if not (one.is_rate or one.kind == "extensive")]
    lost = ", ".join(names)
    told = (f"Areas that were merged have no value of {lost}: a mean or a median cannot be added up.",)
    several = bool((merged.regions["areas"] > 1).any())
    return MergedStudy(
        areas=_areas(areas, region),
        cells={one.code: _cells(one, cells[one.code], region) for one in indicators},
        merged=merged,
        notes=(*merged.notes, *(told if names and several else ())),
    )


def _least(counted: list[pd.DataFrame], part: str, ids: pd.Index) -> pd.Series:
    """Return the smallest count of each area, NaN where no rate is known."""
    known = [one[part].where(one["status"].isin(_VALUED)).reindex(ids).to_numpy(float) for one in counted]
    return pd.Series(np.fmin.reduce(known) if known else np.full(len(ids), np.nan), index=ids)


def _areas(areas: gpd.GeoDataFrame, region: pd.Series) -> gpd.GeoDataFrame:
    """Return the regions with the names of their first areas, and the municipality that they lie in."""
    first = areas.groupby(region.reindex(areas.index).to_numpy(), sort=True)
    size = first.size()
    table = first[[*NAME_COLUMNS, MUNICIPALITY]].first()
    more = np.where(size > 1, " +" + (size - 1).astype(str), "")
    for name in NAME_COLUMNS:
        table[name] = np.where(table[name] == "", "", table[name].astype(str) + more)
    shapes = areas[["geometry"]].dissolve(region.reindex(areas.index).to_numpy())["geometry"]
    table.index = pd.Index(table.index, name=AREA_ID, dtype="str")
    return gpd.GeoDataFrame(
        table.astype("str"), geometry=shapes.reindex(table.index).to_numpy(), crs=areas.crs
    )


def _cells(indicator: Indicator, cells: pd.DataFrame, region: pd.Series) -> pd.DataFrame:
    """Return what is known of an indicator in each region; a sum with an unknown part is unknown."""
    groups = region.reindex(cells.index).to_numpy()
    single = pd.Series(groups).groupby(groups).size() == 1
    rank = {str(status): place for place, status in enumerate(_WORST)}
    worst = cells["status"].map(rank).groupby(groups).min()
    summed = cells[["value", "numerator", "denominator"]].groupby(groups).sum(min_count=1)
    plain = cells[list(CELL_COLUMNS)].groupby(groups).first()
    status = worst.map(dict(enumerate(map(str, _WORST))))
    whole = status.isin(_VALUED)
    if indicator.is_rate:
        empty = summed["denominator"] == 0
        summed["value"] = indicator.scale * summed["numerator"] / summed["denominator"].where(~empty)
    elif indicator.kind != "extensive":
        status, whole = status.where(~whole, str(Status.MISSING)), whole & False
    columns = {str(name): summed[name].where(whole) for name in summed}
    found = pd.DataFrame(columns).assign(status=status, lower=np.nan, upper=np.nan)
    for name in CELL_COLUMNS:
        found[name] = plain[name].where(single, found[name])
    found = found[list(CELL_COLUMNS)]
    found.index = pd.Index(found.index, name=AREA_ID, dtype="str")
    return found
