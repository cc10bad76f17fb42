"""``lea-geo index``: from a study file to an index and the tables that hold it.

A file without areas will do: an index needs values by id, and boundaries only where neighbours count.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from lea_geo._analyse import graph_of
from lea_geo._checks.composite import note_no_neighbours
from lea_geo._checks.composite_data import check_columns_found
from lea_geo._checks.faults import Faults
from lea_geo._checks.spec import (
    Keys,
    check_catalogue,
    check_folder,
    check_study_path,
    read_study_text,
    refuse_syntax,
)
from lea_geo._checks.study import check_no_missing
from lea_geo._composite_keys import read_composite
from lea_geo._estimates import counts_and_bounds
from lea_geo._gather import gather, gather_areas
from lea_geo._inputs_keys import read_tables
from lea_geo._robustness_keys import read_robustness
from lea_geo.composite.index import composite_index
from lea_geo.errors import SpecError
from lea_geo.inputs_spec import AreasSpec
from lea_geo.intake.catalogue import read_catalogue
from lea_geo.intake.plain import columns_of, read_plain
from lea_geo.intake.tables import read_indicators
from lea_geo.robustness.composite import composite_robustness
from lea_geo.schema import CELL_COLUMNS, MUNICIPALITY, Text
from lea_geo.spec import CATALOGUE_NAMES, StudySpec, spec_from_dict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd

    from lea_geo.composite.result import CompositeResult
    from lea_geo.inputs_spec import TableSpec
    from lea_geo.intake.tables import IndicatorTable
    from lea_geo.robustness.result import CompositeRobustness

NOBODY = AreasSpec("", "")
"""The areas of a study file that names none."""


def load_index(path: str | Path, *, data: str | Path | None = None) -> StudySpec:
    """Read a study file that makes an index; it may be without areas.

    Parameters
    ----------
    path
        A TOML file with ``[composite]`` and ``[[tables]]``, and ``[areas]`` where there are some.
    data
        The folder that data files are relative to, in place of the file's own.

    Raises
    ------
    UsageError, SpecError
        As ``lea_geo.load_spec``; and where there is no ``[composite]``.
    """
    path = check_study_path(path)
    try:
        raw = tomllib.loads(read_study_text(path))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise refuse_syntax(path, error) from None
    heading = f"The study file {path.name} cannot be used:"
    if "areas" not in raw:
        return _without_areas(raw, path.parent, data, heading)
    spec = spec_from_dict(raw, folder=path.parent, data=data, heading=heading)
    if spec.composite is None:
        faults = Faults()
        faults.add("the file lacks [composite]", cure="It says what the index is made of: docs/composite.md.")
        raise SpecError(heading, faults.found)
    return spec


def _without_areas(
    raw: Mapping[str, object], folder: Path, data: str | Path | None, heading: str
) -> StudySpec:
    faults = Faults()
    top = Keys(raw, "the file", faults, folder)
    study = top.within("study")
    base = check_folder(Path(data) if data is not None else folder / study.text("data"), faults)
    top.base = base
    again = top.within("robustness")
    spec = StudySpec(
        name=study.languages("name") or Text("", "", ""),
        areas=NOBODY,
        tables=read_tables(top),
        catalogue=check_catalogue(study, study.text("catalogue", "paavo"), CATALOGUE_NAMES, folder),
        composite=read_composite(top.within("composite", required=True)),
        robustness=read_robustness(again) if again.table else None,
        folder=folder,
        data=base,
    )
    study.done()
    top.done()
    note_no_neighbours(faults, spec.composite)
    faults.raise_if_any(SpecError, heading)
    return spec


@dataclass(frozen=True)
class MadeIndex:
    """An index, and what was said while its tables were read."""

    spec: StudySpec
    result: CompositeResult
    robustness: CompositeRobustness | None
    """What stands when it is made again in other ways; None where the file has no ``[robustness]``."""
    notes: tuple[str, ...]
    """Of the tables first, then of the index, then of what was made again."""


def make_index(spec: StudySpec, *, progress: bool = False) -> MadeIndex:
    """Read the tables of a study, join them by id, and make the index; again and again where it asks for it.

    Parameters
    ----------
    spec
        As ``load_index`` gives it.
    progress
        Whether to draw a bar on stderr while the index is made again.

    Raises
    ------
    DataError, UsageError
        What reading, joining and ``lea_geo.composite_index`` refuse.
    """
    split = _split(spec)
    areas, frames, notes = _catalogue_frames(spec, split)
    for said, columns, texts in split.plain:
        frame, told = _read_plain(spec, said, columns, texts)
        frames.append(frame)
        notes += told
    table, joining = _joined(frames, areas)
    neighbours = spec.composite is not None and spec.composite.impute.method == "neighbours"
    graph = graph_of(areas, spec.spatial) if neighbours and areas is not None else None
    result = composite_index(table, spec, graph=graph)
    notes += [*joining, *result.notes]
    again = None
    if spec.robustness is not None and spec.robustness.runs:
        known = _counts_and_bounds(spec, table)
        again = composite_robustness(
            table, spec, counts=known["counts"], bounds=known["bounds"], graph=graph, progress=progress
        )
        notes += again.notes
    return MadeIndex(spec, result, again, tuple(dict.fromkeys(notes)))


def _counts_and_bounds(spec: StudySpec, table: pd.DataFrame) -> dict[str, dict[str, pd.DataFrame]]:
    """Return the counts that rates are made of, and the bounds of suppressed values, by indicator."""
    known = read_catalogue(spec.catalogue_path or spec.catalogue).indicators
    there = [one for one in known if f"{one.code}_denominator" in table]
    cells = {
        one.code: pd.DataFrame({part: table[_column(one.code, part)] for part in CELL_COLUMNS})
        for one in there
    }
    return counts_and_bounds(there, cells)


@dataclass(frozen=True)
class _Split:
    """Which tables are read by the catalogue, and which columns of which tables as they are."""

    described: tuple[TableSpec, ...]
    plain: tuple[tuple[TableSpec, list[str], list[str]], ...]


def _split(spec: StudySpec) -> _Split:
    said = spec.composite
    if said is None:
        return _Split(spec.tables, ())
    known = read_catalogue(spec.catalogue_path or spec.catalogue).codes
    own = [node.column or node.code for node in said.indicators if node.column or node.code not in known]
    there = {
        _name(table): columns_of(spec.data / table.path, layer=table.layer or None, sheet=table.sheet or None)
        for table in spec.tables
    }
    beside = [said.population] if said.population else []
    words = [said.impute.by] if said.impute.by else []
    check_columns_found([*own, *beside], there)
    held = [(table, set(there[_name(table)])) for table in spec.tables]
    plain = [
        (table, [c for c in [*own, *beside] if c in columns], [c for c in words if c in columns])
        for table, columns in held
    ]
    all_own = bool(said.indicators) and len(own) == len(said.indicators)
    described = () if all_own else tuple(table for table, columns in held if not columns.intersection(own))
    return _Split(described, tuple(one for one in plain if one[1] or one[2]))


def _name(table: TableSpec) -> str:
    return " ".join(filter(None, (table.path, table.layer, table.sheet)))


def _catalogue_frames(
    spec: StudySpec, split: _Split
) -> tuple[gpd.GeoDataFrame | None, list[pd.DataFrame], list[str]]:
    """Return the areas, if there are any, and the catalogue's indicators of the tables that it describes."""
    described = replace(spec, tables=split.described, also=())
    if not spec.areas.path:
        tables = [_read_described(described, said) for said in split.described]
        frames = [_frame({code: table.cells(code) for code in table.codes}) for table in tables]
        frames += [table.attributes[[MUNICIPALITY]] for table in tables[:1]]
        return None, frames, [note for table in tables for note in table.report.notes]
    if not split.described:
        areas = gather_areas(spec)
        return areas, [], list(areas.attrs.get("notes", ()))
    first, *others = gather(described)
    notes = [*first.notes]
    notes += [f"The index is of {first.year}; of other years none was made."] if others else []
    return first.areas, [_frame(first.cells)], notes


def _read_described(spec: StudySpec, said: TableSpec) -> IndicatorTable:
    check_no_missing(said.path, said.missing)
    read = partial(read_indicators, spec.data / said.path, spec.catalogue_path or spec.catalogue)
    return read(
        area_id=said.area_id,
        source=said.source or None,
        layer=said.layer or None,
        sheet=said.sheet or None,
        year=said.year,
    )


def _frame(cells: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the cells of several indicators side by side, as ``composite_index`` reads a plain table."""
    columns = {_column(code, part): one[part] for code, one in cells.items() for part in CELL_COLUMNS}
    return pd.DataFrame(columns)


def _column(code: str, part: str) -> str:
    return code if part == "value" else f"{code}_{part}"


def _read_plain(
    spec: StudySpec, said: TableSpec, columns: Sequence[str], texts: Sequence[str]
) -> tuple[pd.DataFrame, list[str]]:
    frame, notes = read_plain(
        spec.data / said.path,
        area_id=said.area_id,
        columns=columns,
        texts=texts,
        missing=said.missing,
        id_scheme=spec.areas.id_scheme,
        layer=said.layer or None,
        sheet=said.sheet or None,
    )
    return frame, list(notes)


def _joined(frames: Sequence[pd.DataFrame], areas: gpd.GeoDataFrame | None) -> tuple[pd.DataFrame, list[str]]:
    """Return the tables side by side, by id: for the areas, or for every id that any of them has."""
    ids = areas.index if areas is not None else _all_ids(frames)
    notes = []
    for frame in frames:
        absent, foreign = ids[~ids.isin(frame.index)], frame.index[~frame.index.isin(ids)]
        held = frame.columns[0] if len(frame.columns) else ""
        if len(absent):
            notes.append(f"{len(absent)} areas have no row in the table of {held}: {_shown(absent)}.")
        if len(foreign):
            notes.append(f"{len(foreign)} rows of the table of {held} have no area: {_shown(foreign)}.")
    wide = pd.concat([_fitted(frame, ids) for frame in frames], axis=1)
    if areas is not None:
        beside = [column for column in areas.columns if column not in wide and column != areas.geometry.name]
        wide = wide.join(areas[beside])
    return wide, notes


def _all_ids(frames: Sequence[pd.DataFrame]) -> pd.Index[str]:
    ids = frames[0].index
    for frame in frames[1:]:
        ids = ids.append(frame.index[~frame.index.isin(ids)])
    return ids


def _fitted(frame: pd.DataFrame, ids: pd.Index[str]) -> pd.DataFrame:
    """Return a table for these ids; an area without a row is missing, in columns of status too."""
    fitted = frame.reindex(ids)
    for column in [column for column in fitted if str(column).endswith("_status")]:
        fitted[column] = fitted[column].fillna("missing")
    return fitted


def _shown(ids: pd.Index[str]) -> str:
    return ", ".join(ids[:5]) + (", …" if len(ids) > 5 else "")
