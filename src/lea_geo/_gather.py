"""From a study's files to its areas and what is known of each: the order of intake.

Every step that can be tried is tried, so that one message names all that is wrong.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import geopandas as gpd
import pandas as pd

from lea_geo._carry import carried_table
from lea_geo._checks.study import (
    as_spec_error,
    check_columns,
    check_indicator_codes,
    check_municipality_known,
    check_no_missing,
    check_some_indicator,
    raise_together,
    refuse_code_twice,
)
from lea_geo._rasters import read_raster
from lea_geo.errors import DataError, UsageError
from lea_geo.inputs_spec import RasterSpec, TableSpec
from lea_geo.intake.areas import read_areas
from lea_geo.intake.catalogue import read_catalogue
from lea_geo.intake.context import clip_context, read_context
from lea_geo.intake.join import join_indicators
from lea_geo.intake.municipal_names import read_municipal_names
from lea_geo.intake.regions import MUNICIPALITIES, select_region
from lea_geo.intake.tables import read_indicators
from lea_geo.intake.topology import check_topology
from lea_geo.schema import MUNICIPALITY, NAME_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from lea_geo._carry import CarriedTable
    from lea_geo._rasters import RasterTable
    from lea_geo.intake.catalogue import Catalogue
    from lea_geo.intake.join import JoinedIndicators
    from lea_geo.intake.tables import IndicatorTable
    from lea_geo.intake.topology import TopologyReport
    from lea_geo.schema import Indicator, Text
    from lea_geo.spec import StudySpec

T = TypeVar("T")


@dataclass(frozen=True)
class Material:
    """What is tested together: one kind of areas in one year, read, joined and cut to the region."""

    spec: StudySpec
    """The study as it is for these areas and this year: without others, and with the year's tables."""
    areas: gpd.GeoDataFrame
    """The region's areas, with ``name_fi name_sv name_en municipality`` and ``geometry``; the same object in
    every year."""
    indicators: tuple[Indicator, ...]
    cells: Mapping[str, pd.DataFrame]
    """Indicator code to a frame indexed exactly as ``areas``, with ``CELL_COLUMNS``."""
    topology: TopologyReport
    notes: tuple[str, ...]
    year: str = ""
    """Where the tables give several years, the one that the cells are of."""
    context: gpd.GeoDataFrame | None = None
    """What the map draws around the areas."""
    intervals: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    """Of indicators whose values the study draws together: ``interval_lower interval_upper``."""
    grades: Mapping[str, pd.Series] = field(default_factory=dict)
    """Of indicators that the study grades: how far each area's counts can be relied on."""
    municipality_names: Mapping[str, Text] = field(default_factory=dict)
    """Of the areas' municipalities, those whose names the package does not know and a file of theirs does."""


@dataclass(frozen=True)
class _Given:
    """A table as the study names it, and as it was read."""

    said: TableSpec | RasterSpec
    joined: JoinedIndicators
    carried: CarriedTable | RasterTable | None = None
    """Where the table lies on areas of its own, or comes of a raster."""

    @property
    def indicators(self) -> tuple[Indicator, ...]:
        return self.joined.table.indicators


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


def gather(spec: StudySpec) -> tuple[Material, ...]:
    """Read, join and cut to the region.

    Parameters
    ----------
    spec
        The study.

    Returns
    -------
    tuple of Material
        The study itself first, then its earlier years, the latest of them first; then each other kind of
        areas in the same way.

    Raises
    ------
    DataError
        Everything that any of the files says no to; the class of the step's own error where only one did.
    """
    attempts = _Attempts()
    read = [(part, *_read(part, attempts)) for part in spec.parts]
    drawn = _read_context(spec, attempts)
    raise_together(attempts.errors)
    cut = [attempts.do(partial(_cut, part, areas, given)) for part, areas, given in read]
    raise_together(attempts.errors)
    first, *others = _named(spec, _dated([material for some in cut for material in some or ()]))
    first = _around(first, drawn, attempts)
    raise_together(attempts.errors)
    return (first, *others)


def gather_areas(spec: StudySpec) -> gpd.GeoDataFrame:
    """Return the areas alone, named and cut to the region.

    Raises
    ------
    AreasError, SpecError
        What reading and cutting them refuses.
    """
    return _region(spec, _labelled(spec, _read_areas(spec), []))


def _named(spec: StudySpec, materials: list[Material]) -> list[Material]:
    """Return all with what the files of municipalities that the study names call those of the areas."""
    files = {part.areas.within: part.areas.within_id for part in spec.parts if part.areas.within}
    files = {spec.map.borders: "", **files} if spec.map.borders else files
    read = [read_municipal_names(spec.data / path, code=code) for path, code in files.items()]
    names = {code: name for some in reversed(read) for code, name in some.items()}
    own = [set(material.areas[MUNICIPALITY]) - set(MUNICIPALITIES) for material in materials]
    return [
        replace(material, municipality_names={code: names[code] for code in sorted(some & set(names))})
        for material, some in zip(materials, own, strict=True)
    ]


def _dated(materials: list[Material]) -> list[Material]:
    """Return all with a year, where any has one: areas with tables of one year only say it too."""
    if not any(material.year for material in materials):
        return materials
    specs = [material.spec for material in materials]
    stated = [{one.year for one in spec.tables} | {one.year for one in spec.rasters} for spec in specs]
    return [
        replace(material, year=str(*years))
        if not material.year and years != {None} and len(years) == 1
        else material
        for material, years in zip(materials, stated, strict=True)
    ]


def _read(part: StudySpec, attempts: _Attempts) -> tuple[gpd.GeoDataFrame | None, list[_Given]]:
    """Return the areas and the tables of one kind of areas."""
    areas = attempts.do(lambda: _read_areas(part))
    catalogue = attempts.do(lambda: _catalogue(part))
    if catalogue is None:
        return areas, []
    attempts.do(lambda: check_indicator_codes(part.indicators, catalogue.codes))
    given = []
    for said in part.tables:
        table = attempts.do(partial(_read_table, part, said, catalogue))
        carried = None
        if said.areas is not None:
            carried = carried_table(part, said, table, areas, attempts.do)
            table = carried.table if carried is not None else None
        if areas is not None and table is not None:
            joined = attempts.do(partial(join_indicators, areas, table))
            given += [_Given(said, joined, carried)] if joined is not None else []
    for raster in part.rasters if areas is not None else ():
        made = attempts.do(partial(read_raster, part.data, raster, areas, catalogue))
        given += [_Given(raster, join_indicators(areas, made.table), made)] if made is not None else []
    return areas, given


def _catalogue(part: StudySpec) -> Catalogue:
    """Return the catalogue, for ids as these areas have them: Paavo's fields may stand beside any ids."""
    catalogue = read_catalogue(part.catalogue_path or part.catalogue)
    return replace(catalogue, id_scheme=part.areas.id_scheme or catalogue.id_scheme)


def _read_context(spec: StudySpec, attempts: _Attempts) -> list[tuple[Path, gpd.GeoDataFrame]]:
    named = [("water", spec.map.water), ("border", spec.map.borders)]
    paths = [(kind, spec.data / name) for kind, name in named if name]
    read = [(path, attempts.do(partial(read_context, path, kind=kind))) for kind, path in paths]
    return [(path, frame) for path, frame in read if frame is not None]


def _around(first: Material, drawn: list[tuple[Path, gpd.GeoDataFrame]], attempts: _Attempts) -> Material:
    """Return the study with what is drawn around its areas."""
    clipped = [attempts.do(partial(clip_context, frame, first.areas, path)) for path, frame in drawn]
    found = [frame for frame in clipped if frame is not None]
    if not found:
        return first
    notes = (note for frame in found for note in frame.attrs.pop("notes"))
    context = gpd.GeoDataFrame(pd.concat(found, ignore_index=True), crs=first.areas.crs)
    return replace(first, context=context, notes=(*first.notes, *notes))


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
    check_no_missing(said.path, said.missing)
    if said.areas is not None:
        catalogue = replace(catalogue, id_scheme=said.areas.id_scheme)
    return read_indicators(
        spec.data / said.path,
        catalogue,
        area_id=said.area_id,
        source=said.source or None,
        layer=said.layer or None,
        sheet=said.sheet or None,
        year=said.year,
    )


def _cut(part: StudySpec, areas: gpd.GeoDataFrame, given: list[_Given]) -> list[Material]:
    """Return what is tested of one kind of areas, the latest year first."""
    years = _years(part, given)
    found = {code for some in years.values() for code in _codes(part, some)}
    check_some_indicator(found, part.indicators)
    labelled = _labelled(part, areas, [one.joined for some in years.values() for one in some])
    chosen = _region(part, labelled)
    told = list(chosen.attrs.get("notes", ()))
    if len(chosen) < len(labelled):
        told.append("Areas outside the region are nobody's neighbours here.")
    if len(years) > 1:
        told.append(f"Every year ({', '.join(years)}) is drawn on the boundaries of {part.areas.path}.")
    chosen.attrs = {}
    topology = check_topology(chosen)
    return [
        _of_year(part, year, some, chosen, topology, (*told, *_told_of(part, year, some, found)))
        for year, some in years.items()
    ]


def _of_year(
    part: StudySpec,
    year: str,
    given: list[_Given],
    areas: gpd.GeoDataFrame,
    topology: TopologyReport,
    told: tuple[str, ...],
) -> Material:
    wanted = _codes(part, given)
    indicators = [(one, i) for one in given for i in one.indicators if i.code in wanted]
    made = {i.code for one in given if isinstance(one.said, RasterSpec) for i in one.indicators}
    of_tables = [note for one in given for note in _table_notes(part, one.joined, made)]
    of_tables += [note for one in given if one.carried for note in one.carried.notes(areas.index)]
    said = [one.said for one in given]
    tables = tuple(one for one in said if isinstance(one, TableSpec))
    return Material(
        spec=replace(part, tables=tables, rasters=tuple(one for one in said if isinstance(one, RasterSpec))),
        areas=areas,
        indicators=tuple(i for _, i in indicators),
        cells={i.code: one.joined.table.cells(i.code).loc[areas.index] for one, i in indicators},
        topology=topology,
        notes=tuple(dict.fromkeys((*of_tables, *told, *topology.notes))),
        year=year,
    )


def _codes(part: StudySpec, given: list[_Given]) -> list[str]:
    """Return the codes that the study wants of some tables, in the tables' order."""
    codes = (i.code for one in given for i in one.indicators)
    return [code for code in codes if not part.indicators or code in part.indicators]


def _years(part: StudySpec, given: list[_Given]) -> dict[str, list[_Given]]:
    """Return the tables of each year, the latest first; of no year where each indicator is given once.

    A table that shares no indicator with another belongs to the latest year.
    """
    givers: dict[str, list[_Given]] = {}
    for one in given:
        for code in _codes(part, [one]):
            givers.setdefault(code, []).append(one)
    rivals = {code: some for code, some in givers.items() if len(some) > 1}
    twice = [
        code
        for code, some in rivals.items()
        if len({one.said.year for one in some if one.said.year is not None}) < len(some)
    ]
    if twice:
        raise refuse_code_twice(twice)
    tied = {id(one) for some in rivals.values() for one in some}
    years = sorted({one.said.year or 0 for one in given if id(one) in tied}, reverse=True)
    if not years:
        return {"": given}
    return {
        str(year): [one for one in given if (one.said.year if id(one) in tied else years[0]) == year]
        for year in years
    }


def _told_of(part: StudySpec, year: str, given: list[_Given], found: set[str]) -> list[str]:
    """Return what is odd about one year among several."""
    absent = sorted(found.difference(_codes(part, given)))
    told = [f"Given for another year and not for {year}: {', '.join(absent)}."] if absent else []
    late = [one.said for one in given if year and one.said.year not in (None, int(year))]
    told += [
        f"{one.path} is of {one.year} and stands with {year}: no other table gives its indicators."
        for one in late
    ]
    return told


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


def _table_notes(spec: StudySpec, one: JoinedIndicators, made: set[str]) -> list[str]:
    """Return what a table's report says, but for indicators that rasters give or nobody asks for."""
    unavailable, wanted = one.table.report.unavailable, spec.indicators
    absent = [code for code in unavailable if code in made or (wanted and code not in wanted)]
    return [note for note in one.report.notes if not note.startswith(tuple(f"{code} is " for code in absent))]
