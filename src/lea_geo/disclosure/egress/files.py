"""Which files of an output leave, and what they are called for people who know nothing of the study.

The pack is flat and small, as Findata asks: at most 50 files, with names that an outsider understands. A
group of files goes in as a whole or not at all.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

MOST_FILES = 50
"""What Findata looks through in one go."""


PACKED_GEOPACKAGE = "03_areas_and_results.gpkg"
"""What the GeoPackage is called in a pack."""


@dataclass(frozen=True)
class PackedFile:
    """One file of the pack."""

    name: str
    """What it is called in the pack."""
    kind: str
    """What it is: a key of the texts under ``file``."""
    source: str = ""
    """The file of the output that it is a copy of; empty where it was made for the pack."""
    sheet: str = ""
    """Which of the study's years and kinds of areas it is about, as ``_sheets`` names them; empty: the study
    itself."""
    code: str = ""
    """Of one indicator, its code."""


_ALWAYS = (
    PackedFile("01_map.html", "map", "map.html"),
    PackedFile("02_report.html", "report", "report.html"),
    PackedFile(PACKED_GEOPACKAGE, "geopackage", "study.gpkg"),
    PackedFile("04_tables.xlsx", "workbook", "tables/study.xlsx"),
    PackedFile("05_overview.csv", "overview", "tables/summary.csv"),
    PackedFile("06_what_the_columns_mean.csv", "dictionary", "tables/data_dictionary.csv"),
    PackedFile("07_index_weights.csv", "weights", "index/weights.csv"),
    PackedFile("08_index_parts.csv", "weights", "index/nodes.csv"),
)
_BESIDES = {one.source for one in _ALWAYS}
_NO_INDICATOR = ("summary", "data_dictionary")


def choose_files(
    names: Collection[str], *, room: int, chapters: Collection[str] = ()
) -> tuple[tuple[PackedFile, ...], tuple[str, ...]]:
    """Return the files of an output that leave, and those that stay.

    The map, the report, the GeoPackage, the workbook and what explains them always leave. Where there is no
    workbook, because a study has more areas than a person reads, the tables leave as text if there is room
    for all of them; then those of chapters, and then the rasters, each if there is room for all. GeoParquet
    repeats the GeoPackage and stays, and so does the account of an index, cell by cell, which is about single
    areas.

    Parameters
    ----------
    names
        The files of the output, relative to it.
    room
        How many files there is room for.
    chapters
        What tables of chapters are called.
    """
    chosen = [one for one in _ALWAYS if one.source in names]
    tables = [] if "tables/study.xlsx" in names else list(_inside("tables", "table", names, (".csv",)))
    told = [replace(one, kind="chapter_table", code="") for one in tables if one.code in chapters]
    rasters = list(_inside("grids", "raster", names, ("",)))
    for group in ([one for one in tables if one.code not in chapters], told, rasters):
        if len(chosen) + len(group) <= room:
            chosen += group
    taken = {one.source for one in chosen}
    return tuple(chosen), tuple(sorted(set(names) - taken))


def _inside(folder: str, kind: str, names: Collection[str], endings: tuple[str, ...]) -> Iterator[PackedFile]:
    """Yield the files of a folder by names that hold the folders' own."""
    for source in sorted(names):
        *above, file = source.split("/")
        if above[:1] != [folder] or source in _BESIDES or not file.endswith(endings):
            continue
        between = above[1:]
        code = file.partition(".")[0]
        if code not in _NO_INDICATOR:
            yield PackedFile("_".join([kind, *between, file]), kind, source, "_".join(between), code)
