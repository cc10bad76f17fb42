"""Tables meet areas, by id and by nothing else."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from lea_geo._checks import join as check
from lea_geo.intake.tables import IndicatorTable
from lea_geo.schema import AREA_ID, MUNICIPALITY, NAME_COLUMNS


@dataclass(frozen=True)
class JoinReport:
    """What met and what did not."""

    matched: tuple[str, ...]
    """Ids on both sides."""
    unmatched_areas: tuple[str, ...]
    """Areas without a row: their indicators are missing."""
    unmatched_rows: tuple[str, ...]
    """Rows without an area: they are not in the result."""
    duplicates: tuple[str, ...] = ()
    """Always empty: an id that occurs twice is an error."""
    totals: tuple[str, ...] = ()
    """Rows of the table that were totals and no areas."""
    repaired: tuple[str, ...] = ()
    """Codes of the table that were restored, as ``"100 -> 00100"``."""
    notes: tuple[str, ...] = ()
    """All of it in sentences, after the notes of the areas and of the table."""

    def __repr__(self) -> str:
        return (
            f"<JoinReport: {len(self.matched)} matched, {len(self.unmatched_areas)} areas without a row, "
            f"{len(self.unmatched_rows)} rows without an area, {len(self.totals)} totals, "
            f"{len(self.repaired)} repaired>"
        )


@dataclass(frozen=True)
class JoinedIndicators:
    """Areas with their indicators."""

    areas: gpd.GeoDataFrame
    """The areas, all of them and in their order, with ``name_fi name_sv name_en municipality`` and, for each
    indicator, ``<code> <code>_status <code>_lower <code>_upper``."""
    table: IndicatorTable
    """The table, with exactly the areas as its index."""
    report: JoinReport

    def __repr__(self) -> str:
        return f"<JoinedIndicators: {len(self.areas)} areas, {len(self.table.indicators)} indicators>"


def join_indicators(
    areas: gpd.GeoDataFrame, table: IndicatorTable, *, strict: bool = False
) -> JoinedIndicators:
    """Join a table of indicators to areas.

    Parameters
    ----------
    areas
        Indexed by area id (text, unique).
    table
        As ``read_indicators`` returns it.
    strict
        Refuse areas without a row and rows without an area, instead of reporting them.

    Returns
    -------
    JoinedIndicators
        No area is dropped: one without a row has the status ``missing`` everywhere.

    Raises
    ------
    UsageError
        The areas are no GeoDataFrame, or the table is no ``IndicatorTable``.
    JoinError
        Nothing matches, an id occurs twice, a column would be overwritten, or, if ``strict``, something is on
        one side only.
    """
    check.check_sides(areas, table, IndicatorTable)
    ids, rows = areas.index.astype(str), table.values.index
    check.check_unique(ids, rows)
    matched = tuple(ids[ids.isin(rows)])
    check.check_some_match(matched, ids, rows)
    lonely, foreign = tuple(ids[~ids.isin(rows)]), tuple(rows[~rows.isin(ids)])
    if strict:
        check.check_strict(lonely, foreign, len(ids), len(rows))
    fitted = table.reindex(ids)
    notes = _notes(len(matched), lonely, foreign)
    joined = _columns(areas, fitted)
    joined.attrs = {**areas.attrs, "notes": [*areas.attrs.get("notes", []), *notes]}
    report = JoinReport(
        matched=matched,
        unmatched_areas=lonely,
        unmatched_rows=foreign,
        totals=table.report.totals,
        repaired=table.report.repaired,
        notes=(*areas.attrs.get("notes", []), *table.report.notes, *notes),
    )
    return JoinedIndicators(joined, fitted, report)


def _columns(areas: gpd.GeoDataFrame, table: IndicatorTable) -> gpd.GeoDataFrame:
    """Return the areas with a column for each part of each indicator, and the names that they lack."""
    parts = {"": table.values, "_status": table.status, "_lower": table.lower, "_upper": table.upper}
    added = {f"{code}{suffix}": frame[code] for code in table.codes for suffix, frame in parts.items()}
    check.check_columns([name for name in added if name in areas.columns])
    index = pd.Index(areas.index.astype(str), name=AREA_ID)
    texts = {name: _fill(areas, table.attributes[name], name) for name in (*NAME_COLUMNS, MUNICIPALITY)}
    kept = areas.drop(columns=[name for name in texts if name in areas.columns]).set_axis(index)
    frame = pd.concat([pd.DataFrame({**texts, **added}, index=index), kept], axis=1)
    return gpd.GeoDataFrame(frame, geometry=areas.geometry.name, crs=areas.crs)


def _fill(areas: gpd.GeoDataFrame, given: pd.Series[str], name: str) -> pd.Series[str]:
    """Take a text from the areas where they have it, else from the table."""
    if name not in areas.columns:
        return given
    own: pd.Series[str] = areas[name].set_axis(given.index).fillna("").astype(str)
    return own.where(own != "", given)


def _notes(matched: int, lonely: tuple[str, ...], foreign: tuple[str, ...]) -> list[str]:
    notes = [f"{matched} areas were joined to rows of the table by id."]
    if lonely:
        notes.append(f"{len(lonely)} areas have no row in the table and are missing: {_shown(lonely)}.")
    if foreign:
        notes.append(f"{len(foreign)} rows of the table have no area and were left out: {_shown(foreign)}.")
    return notes


def _shown(ids: tuple[str, ...]) -> str:
    return ", ".join(ids[:5]) + (", …" if len(ids) > 5 else "")
