"""Which numbers a finished output directory publishes: an attack begins with the files and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lea_geo.disclosure.attack.reading.directory import read_directory
from lea_geo.disclosure.attack.reading.merging import loose_frame, merge

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import geopandas as gpd
    import pandas as pd

    from lea_geo.schema import Indicator


@dataclass(frozen=True)
class Claims:
    """Every number that a release publishes, and where it stands."""

    table: pd.DataFrame
    """One row a number that is tied to an area: ``geography year area_id variable part status`` (categories),
    ``lower upper`` (the interval that the printed number stands for; equal where it is printed in full),
    ``place`` (a position in ``places``) and ``n_places`` (how many say so).

    ``variable`` is the code of an indicator, or a column's name where it is none; ``part`` is one of
    ``schema.RESULT_COLUMNS`` or ``unknown``. A cell that is said to be withheld, missing or not applicable
    has a row of the part ``value`` with what is stated of it, -inf and inf where nothing is. Numbers that
    agree are one row, with all that they say together; its place is the first of those that say most."""
    contradictions: pd.DataFrame
    """Numbers that cannot be true together with the row of the same cell and part in ``table``; the same
    columns. Somebody who reads the files sees them all the same."""
    loose: pd.DataFrame
    """Numbers that are tied to no area: ``kind`` (``class_bound histogram_bar legend_minimum legend_maximum
    total summary sentence setting``), ``variable part geography year area_id lower upper count place
    n_places said``. A sentence has the area that it names; a total has the municipality, blank for the whole
    region, and the number of areas with a value as its count."""
    places: tuple[str, ...]
    """Where a number stands: ``study.gpkg: layer unemployment, column value``."""
    areas: Mapping[tuple[str, str], gpd.GeoDataFrame]
    """Kind of areas and year to their shapes, indexed by ``area_id``, with ``municipality`` where known."""
    unread: tuple[tuple[str, str], ...]
    """Files, or parts of them, that were not read, each with the reason."""
    manifest: dict[str, Any]
    """The release's ``manifest.json``; empty where there is none."""
    indicators: tuple[Indicator, ...]
    """The indicators that the release describes."""

    def __repr__(self) -> str:
        return (
            f"<Claims: {len(self.table)} numbers of areas, {len(self.loose)} others, "
            f"in {len(self.places)} places; {len(self.unread)} not read>"
        )


def read_release(directory: str | Path, *, accept: Sequence[str] = ()) -> Claims:
    """Read every file of an output directory and say which numbers it publishes.

    Parameters
    ----------
    directory
        An output directory. Nothing in it is run or changed, and no link out of it is followed.
    accept
        Files, as paths within the directory or patterns (``*.pdf``), that may stay unread.

    Returns
    -------
        The numbers, the same whatever the order in which the files lie on the disk.

    Raises
    ------
    OutputError
        There is no such directory, or it holds no file.
    """
    gathered, known = read_directory(directory, accept=accept)
    table, contradictions = merge(gathered)
    return Claims(
        table=table,
        contradictions=contradictions,
        loose=loose_frame(gathered),
        places=tuple(gathered.places.listed()),
        areas=dict(sorted(gathered.shapes.items())),
        unread=tuple(gathered.unread),
        manifest=known.manifest,
        indicators=tuple(known.indicators.values()),
    )
