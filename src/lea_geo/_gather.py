"""From a study's files to its areas and what is known of each: the order of intake.

Every step that can be tried is tried, so that one message names all that is wrong.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import geopandas as gpd
import pandas as pd

from lea_geo._checks.study import (
    as_spec_error,
    check_columns,
    check_indicator_codes,
    check_municipality_known,
    check_some_indicator,
    raise_together,
    refuse_code_twice,
)
from lea_geo.errors import DataError, UsageError
from lea_geo.intake.areas import read_areas
from lea_geo.intake.catalogue import read_catalogue
from lea_geo.intake.join import join_indicators
from lea_geo.intake.regions import select_region
from lea_geo.intake.tables import read_indicators
from lea_geo.intake.topology import check_topology
from lea_geo.schema import MUNICIPALITY, NAME_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from lea_geo.intake.catalogue import Catalogue
    from lea_geo.intake.join import JoinedIndicators
    from lea_geo.intake.tables import IndicatorTable
    from lea_geo.intake.topology import TopologyReport
    from lea_geo.schema import Indicator
    from lea_geo.spec import StudySpec, TableSpec

T = TypeVar("T")


@dataclass(frozen=True)
class Material:
    """What a study works on, once everything is read, joined and cut to the region."""

    areas: gpd.GeoDataFrame
    """The region's areas, with ``name_fi name_sv name_en municipality`` and ``geometry``."""
    indicators: tuple[Indicator, ...]
    cells: Mapping[str, pd.DataFrame]
    """Indicator code to a frame indexed exactly as ``areas``, with ``CELL_COLUMNS``."""
    topology: TopologyReport
    notes: tuple[str, ...]


@dataclass
class _Attempts:
    """Steps that were tried, and what they refused."""

    errors: list[DataError] = field(default_factory=list)

    def do(self, step: Callable[[], T]) -> T | None:
        try:
            return step()
        except DataError as error:
            self.errors.append(error)
        except UsageError as error:
            self.errors.append(as_spec_error(error))
        return None


def gather(spec: StudySpec) -> Material:
    """Read, join and cut to the region.

    Parameters
    ----------
    spec
        The study.

    Raises
    ------
    DataError
        Everything that any of the files says no to; the class of the step's own error where only one did.
    """
    attempts = _Attempts()
    areas = attempts.do(lambda: _read_areas(spec))
    catalogue = attempts.do(lambda: read_catalogue(spec.catalogue_path or spec.catalogue))
    tables: list[IndicatorTable | None] = []
    if catalogue is not None:
        attempts.do(lambda: check_indicator_codes(spec.indicators, catalogue.codes))
        tables = [attempts.do(partial(_read_table, spec, table, catalogue)) for table in spec.tables]
    joined: list[JoinedIndicators | None] = []
    if areas is not None:
        joined = [attempts.do(partial(join_indicators, areas, table)) for table in tables if table]
    raise_together(attempts.errors)
    return _cut(spec, areas, [one for one in joined if one is not None])


def _read_areas(spec: StudySpec) -> gpd.GeoDataFrame:
    said = spec.areas
    areas = read_areas(
        spec.data / said.path,
        area_id=said.area_id,
        layer=said.layer or None,
        crs=said.crs or None,
        id_scheme=said.id_scheme or None,
    )
    named = [*(said.name.as_dict().values() if said.name else ()), *filter(None, [said.municipality])]
    check_columns(areas, named, said.path)
    return areas


def _read_table(spec: StudySpec, said: TableSpec, catalogue: Catalogue) -> IndicatorTable:
    return read_indicators(
        spec.data / said.path,
        catalogue,
        area_id=said.area_id,
        source=said.source or None,
        layer=said.layer or None,
        sheet=said.sheet or None,
        year=said.year,
    )


def _cut(spec: StudySpec, areas: gpd.GeoDataFrame, joined: list[JoinedIndicators]) -> Material:
    indicators, cells = _merge(spec, joined)
    labelled = _labelled(spec, areas, joined)
    chosen = _region(spec, labelled)
    topology = check_topology(chosen)
    told = [*(_table_notes(spec, one) for one in joined), chosen.attrs.get("notes", ()), topology.notes]
    if len(chosen) < len(labelled):
        told.append(["Areas outside the region are nobody's neighbours here."])
    chosen.attrs = {}
    return Material(
        areas=chosen,
        indicators=indicators,
        cells={code: frame.loc[chosen.index] for code, frame in cells.items()},
        topology=topology,
        notes=tuple(dict.fromkeys(note for some in told for note in some)),
    )


def _merge(
    spec: StudySpec, joined: list[JoinedIndicators]
) -> tuple[tuple[Indicator, ...], dict[str, pd.DataFrame]]:
    """Return the indicators that the study wants, and their cells on all areas."""
    found: dict[str, tuple[Indicator, pd.DataFrame]] = {}
    twice: list[str] = []
    for one in joined:
        for indicator in one.table.indicators:
            twice += [indicator.code] if indicator.code in found else []
            found[indicator.code] = (indicator, one.table.cells(indicator.code))
    if twice:
        raise refuse_code_twice(twice)
    check_some_indicator(found, spec.indicators)
    kept = [pair for code, pair in found.items() if not spec.indicators or code in spec.indicators]
    return tuple(i for i, _ in kept), {indicator.code: frame for indicator, frame in kept}


def _labelled(spec: StudySpec, areas: gpd.GeoDataFrame, joined: list[JoinedIndicators]) -> gpd.GeoDataFrame:
    """Return the areas with names and municipality: their own file's where it has them, else the tables'."""
    said = spec.areas
    own = (
        {f"name_{language}": column for language, column in said.name.as_dict().items()} if said.name else {}
    )
    own |= {MUNICIPALITY: said.municipality} if said.municipality else {}
    columns = {name: _text(areas[column]) for name, column in own.items()}
    for name in (*NAME_COLUMNS, MUNICIPALITY):
        columns.setdefault(name, _attribute(name, areas.index, joined))
    in_order = {name: columns[name] for name in (*NAME_COLUMNS, MUNICIPALITY)}
    return gpd.GeoDataFrame(in_order, geometry=areas.geometry.array, index=areas.index, crs=areas.crs)


def _text(column: pd.Series[Any]) -> pd.Series[str]:
    return column.astype("str").fillna("").str.strip()


def _attribute(name: str, index: pd.Index[str], joined: list[JoinedIndicators]) -> pd.Series[str]:
    """Return what the first table that knows says."""
    found = pd.Series("", index=index, dtype="str")
    for one in joined:
        found = found.where(found != "", _text(one.table.attributes[name].reindex(index)))
    return found


def _region(spec: StudySpec, labelled: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    said, region = spec.areas, spec.municipalities or spec.region or "finland"
    within = None
    if said.within:
        path = spec.data / said.within
        within = read_areas(path, area_id=said.within_id, id_scheme="municipality")
    elif region != "finland":
        check_municipality_known(labelled[MUNICIPALITY])
    return select_region(labelled, region, within=within)


def _table_notes(spec: StudySpec, one: JoinedIndicators) -> list[str]:
    """Return what a table's report says, but for indicators that the study does not ask for."""
    absent = [
        code for code in one.table.report.unavailable if spec.indicators and code not in spec.indicators
    ]
    return [note for note in one.report.notes if not note.startswith(tuple(f"{code} is " for code in absent))]
