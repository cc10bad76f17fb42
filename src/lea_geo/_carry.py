"""Tables whose numbers lie on other areas than the study's, of another year or a grid, carried to its own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lea_geo._checks.carry import (
    RASTERS,
    about,
    check_carry_said,
    check_counted,
    check_rows_meet,
    check_weights_file,
)
from lea_geo.errors import DataError, UsageError
from lea_geo.inputs_spec import CarrySpec
from lea_geo.intake._boundary_file import read_boundary_file
from lea_geo.intake.areas import read_areas
from lea_geo.intake.cells import counts
from lea_geo.intake.support.crosswalk import build_crosswalk, scaled_rows
from lea_geo.intake.support.interpolate import interpolate
from lea_geo.intake.tables import cell_frames
from lea_geo.intake.vintages.carry import carry
from lea_geo.intake.vintages.change import SHARE, SLIVER
from lea_geo.intake.vintages.measures import largest_count, measures_of
from lea_geo.intake.vintages.told import carry_notes, resting_notes, shown
from lea_geo.intake.vintages.walk import Redrawn, without_slivers
from lea_geo.schema import AREA_ID, MUNICIPALITY

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import geopandas as gpd
    from numpy.typing import NDArray
    from scipy import sparse

    from lea_geo.inputs_spec import TableSpec
    from lea_geo.intake.support.crosswalk import Crosswalk
    from lea_geo.intake.tables import IndicatorTable
    from lea_geo.intake.vintages.carry import Carried
    from lea_geo.spec import StudySpec

SO = "too much to compare them with figures that were counted there"
_HALF = 0.5


@dataclass(frozen=True)
class Grounds:
    """What a table lies on, and where people live there."""

    areas: gpd.GeoDataFrame
    weights: gpd.GeoDataFrame | Path | None


@dataclass(frozen=True)
class CarriedTable:
    """A table on the study's areas, and what that rests on."""

    table: IndicatorTable
    rests: pd.Series[float]
    """By area, the share of its people whose place rests on how a split area divides."""

    def notes(self, ids: pd.Index[str]) -> list[str]:
        """Return which of these areas' figures rest on a split."""
        told = resting_notes(self.rests.loc[ids], SHARE, so=SO)
        return [f"{self.table.report.path}: {note}" for note in told]


def carried_table(
    part: StudySpec,
    said: TableSpec,
    table: IndicatorTable | None,
    areas: gpd.GeoDataFrame | None,
    attempt: Callable[[Callable[[], Any]], Any],
) -> CarriedTable | None:
    """Return a table that lies on areas of its own on the study's.

    Parameters
    ----------
    part
        The study, or another kind of areas of it.
    said
        A table that has areas of its own.
    table, areas
        The numbers and the study's areas, None where they were refused.
    attempt
        Calls a step and keeps what it refuses.
    """
    grounds = read_grounds(part, said, attempt)
    if table is None or areas is None or grounds is None:
        return None
    done: CarriedTable | None = attempt(partial(carry_table, part, said, table, grounds, areas))
    return done


def read_grounds(
    part: StudySpec, said: TableSpec, attempt: Callable[[Callable[[], Any]], Any]
) -> Grounds | None:
    """Read the areas that a table lies on, and its weights.

    Parameters
    ----------
    part
        The study, or another kind of areas of it.
    said
        A table that has areas of its own.
    attempt
        Calls a step and keeps what it refuses.

    Returns
    -------
    Grounds or None
        None where something was refused.
    """
    how = said.carry or CarrySpec()
    agreed = attempt(partial(_check_said, said, how))
    areas = attempt(partial(_own_areas, part, said))
    weights = attempt(partial(_weights, part, how, said.path)) if how.weights else None
    if agreed is None or areas is None or (how.weights and weights is None):
        return None
    return Grounds(areas, weights)


def _check_said(said: TableSpec, how: CarrySpec) -> bool:
    check_carry_said(said.path, how.method, how.weights, how.weights_column, how.layer)
    return True


def _own_areas(part: StudySpec, said: TableSpec) -> gpd.GeoDataFrame:
    """Return the areas that the table lies on, in the study's CRS unless they say another."""
    own = said.areas
    if own is None:
        raise ValueError(f"{said.path} has no areas of its own")
    return read_areas(
        part.data / own.path,
        area_id=own.area_id,
        layer=own.layer or None,
        crs=own.crs or part.areas.crs or None,
        id_scheme=own.id_scheme or None,
    )


def _weights(part: StudySpec, how: CarrySpec, file: str) -> gpd.GeoDataFrame | Path:
    path = part.data / how.weights
    if path.suffix.lower() in RASTERS:
        return path
    frame = read_boundary_file(path, how.layer or None).frame
    check_weights_file(file, frame)
    return frame


def carry_table(
    part: StudySpec, said: TableSpec, table: IndicatorTable, grounds: Grounds, areas: gpd.GeoDataFrame
) -> CarriedTable:
    """Return a table on the study's areas instead of its own.

    Parameters
    ----------
    part
        The study, or another kind of areas of it.
    said
        What the study says of the table.
    table
        The numbers as they were read.
    grounds
        What they lie on.
    areas
        The study's areas.

    Raises
    ------
    DataError
        What carrying it refuses, with the table's name.
    """
    how = said.carry or CarrySpec()
    try:
        own = grounds.areas.to_crs(areas.crs)
        check_rows_meet(said.path, said.areas.path if said.areas else "", own.index, table.values.index)
        walk = _walk(said, how, table, own, grounds, areas)
        walk, dropped = _settled(walk, own, areas, part, said)
        walk, told = _inside(walk, table)
        done = carry(measures_of(table), walk, outside="drop")
    except (DataError, UsageError) as error:
        raise about(said.path, error) from error
    notes = [*_told(said, how, table, walk), *told, *carry_notes(done, dropped)]
    return CarriedTable(_on_areas(table, done, walk, notes), done.resting)


def _walk(
    said: TableSpec,
    how: CarrySpec,
    table: IndicatorTable,
    own: gpd.GeoDataFrame,
    grounds: Grounds,
    areas: gpd.GeoDataFrame,
) -> Crosswalk:
    if how.method == "pycnophylactic":
        _, count = largest_count(table)
        smoothed = check_counted(said.path, count).reindex(own.index).fillna(0.0)
        return interpolate(
            smoothed, own, areas, kind="extensive", method="pycnophylactic", outside="drop"
        ).crosswalk
    weights = grounds.weights
    if weights is not None and hasattr(weights, "to_crs"):
        weights = weights.to_crs(areas.crs)
    column = how.weights_column or None
    return build_crosswalk(own, areas, method=how.method, weights=weights, weights_column=column)


def _settled(
    walk: Crosswalk, own: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, part: StudySpec, said: TableSpec
) -> tuple[Crosswalk, Redrawn]:
    """Leave out slivers between areas of one kind: cells of a grid are where they are."""
    schemes = {part.areas.id_scheme, said.areas.id_scheme if said.areas else ""}
    if len(schemes) > 1 or "grid" in schemes:
        return walk, Redrawn(0, np.zeros(len(own)))
    return without_slivers(walk, own, areas, tolerance=SLIVER)


def _inside(walk: Crosswalk, table: IndicatorTable) -> tuple[Crosswalk, list[str]]:
    """Decide what is beyond the study's areas, and what only lies off a shore that is drawn otherwise.

    Where every area of the table reaches the study's, the study is as large as the table, and what lies
    outside is sea. Where some do not, the study is a part, and an area that is half or more outside belongs
    to others.
    """
    rows = walk.source_ids.isin(table.values.index)
    beyond = rows & (walk.lost >= 1)
    partly = rows & (walk.lost > 0) & ~beyond
    away = partly & (walk.lost > _HALF) if beyond.any() else np.zeros(len(rows), dtype=bool)
    spread = walk.spread()
    shares, mass, overlap = (
        _without(matrix, away) for matrix in (spread.shares, spread.mass, spread.overlap)
    )
    notes = []
    if beyond.any() or away.any():
        notes.append(
            f"{(beyond | away).sum()} of {rows.sum()} areas with numbers lie beyond the study's areas, "
            "wholly or for the most part, and were left out."
        )
    if (partly & ~away).any():
        notes.append(
            f"{(partly & ~away).sum()} of {rows.sum()} areas with numbers lie partly in none of the study's "
            "areas; what lies there was counted where the rest of the area is."
        )
    lost = np.where(away, 1.0, spread.lost)
    return replace(spread, shares=shares, mass=mass, overlap=overlap, lost=lost), notes


def _without(matrix: sparse.csr_array, rows: NDArray[np.bool_]) -> sparse.csr_array:
    """Return a copy in which some rows hold nothing."""
    kept = scaled_rows(matrix, np.where(rows, 0.0, 1.0)).copy()
    kept.eliminate_zeros()
    return kept


def _told(said: TableSpec, how: CarrySpec, table: IndicatorTable, walk: Crosswalk) -> list[str]:
    """Return what was carried from where, in plain words."""
    file = said.areas.path if said.areas else ""
    count, _ = largest_count(table)
    spread = {
        "areal": "as if everybody lived evenly over each area",
        "dasymetric": f"by where {how.weights} says that people live",
        "pycnophylactic": f"as if the people of {count} thinned out smoothly, none where they are not known",
    }[how.method]
    moved = (
        f"{said.path} lies on the areas of {file} and was carried to the study's areas {spread}: "
        "counts by shares, rates as numerator and denominator."
    )
    notes = [moved]
    absent = walk.source_ids[~walk.source_ids.isin(table.values.index)]
    if len(absent):
        notes.append(f"{len(absent)} areas of {file} have no row in {said.path} and are missing.")
    foreign = table.values.index[~table.values.index.isin(walk.source_ids)]
    if len(foreign):
        notes.append(f"{len(foreign)} rows of {said.path} have no area in {file} and were left out.")
    return notes + [f"{said.path}: {note}" for note in walk.notes]


def _on_areas(table: IndicatorTable, done: Carried, walk: Crosswalk, notes: list[str]) -> IndicatorTable:
    """Return the indicator table of what was carried."""
    cells = done.measures.cells
    attributes, told = _attributes(table, walk)
    file = table.report.path
    notes = [note if note.startswith(file) else f"{file}: {note}" for note in [*notes, *told]]
    report = replace(table.report, counts=counts(cells["status"]), notes=(*table.report.notes, *notes))
    return replace(table, **cell_frames(cells), attributes=attributes, report=report)


def _attributes(table: IndicatorTable, walk: Crosswalk) -> tuple[pd.DataFrame, list[str]]:
    """Return names and municipalities: a code that the table knows keeps its own.

    Any other lies in the municipality of the area that most of it came from, or a new code would be cut out
    of its region.
    """
    known = table.attributes
    index = pd.Index(walk.target_ids, name=AREA_ID, dtype="str")
    attributes = known.reindex(index).fillna("").astype("str")
    pieces = walk.mass.tocoo()
    links = pd.DataFrame({"source": pieces.coords[0], "target": pieces.coords[1], "mass": pieces.data})
    most = links.sort_values("mass", kind="stable").drop_duplicates("target", keep="last")
    most = most[~index[most["target"]].isin(known.index)]
    places = known[MUNICIPALITY].reindex(walk.source_ids[most["source"]]).fillna("").to_numpy()
    new = index[most["target"]]
    attributes.loc[new, MUNICIPALITY] = places
    given = sorted(new[places != ""])
    told = (
        f"{len(given)} areas have no row of their own; they were put in the municipality of the area that "
        f"most of each came from: {shown(given)}."
    )
    return attributes, [told] if given else []
