"""Whether findings can be written, and whether a file holds findings."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from pandas.api.types import is_complex_dtype, is_numeric_dtype

from lea_geo._checks.chapters import chapter_faults
from lea_geo._checks.faults import Faults
from lea_geo._checks.stability import check_hierarchy, check_stability, known_words
from lea_geo._sheets import sheets_of
from lea_geo.errors import OutputError, UsageError
from lea_geo.schema import (
    COMPARISON_COLUMNS,
    CONTEXT_KINDS,
    GRADES,
    LEVELS,
    LOCAL_COUNTS,
    LOCAL_METHODS,
    MUNICIPALITY,
    NAME_COLUMNS,
    RESULT_COLUMNS,
    RESULT_WORDS,
    SUMMARY_COLUMNS,
    Text,
    result_column,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import geopandas as gpd
    import pandas as pd

    from lea_geo.schema import Findings

_YEAR = re.compile(r"([0-9]{4})?")
_CODE = re.compile(r"[a-z][a-z0-9_]{0,62}")
_TAKEN = re.compile(
    r"areas|context|lea_.*|gpkg_.*|rtree_.*|sqlite_.*|layer_styles|summary|data_dictionary"
    r"|con|prn|aux|nul|com\d|lpt\d"
)
"""Names of our own layers and files, of GeoPackage's and SQLite's tables, and of Windows's devices."""

MOST_NEIGHBOURS = 2**31 - 1
"""What a GeoPackage's and an ESRI program's whole numbers hold."""


def is_layer_name(name: str) -> bool:
    """Whether an indicator code may name a layer and a file."""
    return bool(_CODE.fullmatch(name)) and not _TAKEN.fullmatch(name)


def check_findings(findings: Findings, heading: str) -> None:
    """Refuse findings that no file can hold whole: every fault is named."""
    faults = Faults()
    _check_sheet(findings, faults)
    for number, other in enumerate(findings.others, start=1):
        own = Faults()
        _check_sheet(other, own)
        if other.others or other.chapters or other.context is not None:
            own.add("others, chapters and context belong to the study itself")
        which = " ".join(filter(None, (other.level, other.year))) or f"part {number}"
        faults.found += [replace(fault, what=f"{which}: {fault.what}") for fault in own.found]
    if findings.context is not None:
        _check_context(findings.context, findings.areas, faults)
    _check_chapters(findings, faults)
    faults.raise_if_any(OutputError, heading)


def _check_chapters(findings: Findings, faults: Faults) -> None:
    faults.found += chapter_faults(findings.chapters, findings.areas.index)
    layers = {
        sheet.layer(code) for sheet in sheets_of(findings) for code in ("areas", *sheet.findings.results)
    }
    tables = {table.name for chapter in findings.chapters for table in chapter.tables}
    if layers & tables:
        faults.add("tables of chapters called as layers of indicators", ids=sorted(layers & tables))


def _check_sheet(findings: Findings, faults: Faults) -> None:
    codes = [indicator.code for indicator in findings.indicators]
    _check_codes(codes, faults)
    check_hierarchy(findings.indicators, faults)
    _check_areas(findings, faults)
    for code in dict.fromkeys(codes):
        _check_result(code, findings, faults)
    for code in sorted(set(findings.results) - set(codes)):
        faults.add(f"results of {code!r}, which is no indicator of these findings")
    if not findings.summary.index.equals(_as_index(codes, findings.summary)):
        faults.add("the summary does not list the indicators, in their order")
    missing = [name for name in SUMMARY_COLUMNS if name not in findings.summary]
    if missing:
        faults.add("columns missing from the summary", ids=missing)
    if findings.comparisons is not None:
        _check_comparisons(findings.comparisons, codes, faults)
    check_level_and_year(findings, faults)


def check_level_and_year(findings: Findings, faults: Faults) -> None:
    """Note a kind of areas that nobody knows, and a year that is none."""
    if findings.level not in ("", *LEVELS):
        faults.add(f"unknown level {findings.level!a}", cure=f"Known are {', '.join(LEVELS)}.")
    if not isinstance(findings.year, str) or not _YEAR.fullmatch(findings.year):
        faults.add(f"the year is {findings.year!a}", cure="A year is four digits, or empty.")


def columns_without_numbers(frame: pd.DataFrame) -> list[str]:
    """Return which of the columns that hold numbers hold something else."""
    numbers = (name for name in RESULT_COLUMNS if not name.endswith(RESULT_WORDS))
    named = {name: frame[name] for name in numbers if name in frame}
    return [
        name
        for name, column in named.items()
        if is_complex_dtype(column) or not (is_numeric_dtype(column) or column.isna().all())
    ]


def _check_context(context: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, faults: Faults) -> None:
    missing = [name for name in ("kind", "name") if name not in context]
    if missing:
        faults.add("columns missing from the context", ids=missing)
        return
    if context.crs != areas.crs:
        faults.add("the context is in another CRS than the areas", cure="Use context.to_crs(areas.crs).")
    foreign = sorted({ascii(kind) for kind in context["kind"]} - {ascii(kind) for kind in CONTEXT_KINDS})
    if foreign:
        faults.add("unknown kinds of context", ids=foreign, cure=f"Known are {', '.join(CONTEXT_KINDS)}.")
    odd = context.index[
        ~context.geometry.geom_type.isin(["Polygon", "MultiPolygon"]) | context.geometry.is_empty
    ]
    if len(odd):
        faults.add("context without a polygon", ids=odd, of=len(context))
    bad = context.index[[not _is_writable(name) for name in context["name"]]]
    if len(bad):
        faults.add("context whose name holds a NUL or half a character", ids=bad, of=len(context))


def _check_comparisons(comparisons: pd.DataFrame, codes: list[str], faults: Faults) -> None:
    missing = [name for name in COMPARISON_COLUMNS if name not in comparisons]
    if missing:
        faults.add("columns missing from the comparisons", ids=missing)
        return
    foreign = sorted(set(comparisons["code"]) - set(codes))
    if foreign:
        faults.add("comparisons by indicators that these findings do not have", ids=foreign)
    double = comparisons[comparisons.duplicated(["code", "place"])]
    if len(double):
        twice = [f"{row.code}, {row.place!a}" for row in double.itertuples()]
        faults.add("comparisons given twice", ids=twice)
    bad = comparisons.index[[not _is_writable(place) for place in comparisons["place"]]]
    if len(bad):
        faults.add("comparisons whose place holds a NUL or half a character", ids=bad, of=len(comparisons))


def _as_index(codes: list[str], summary: pd.DataFrame) -> pd.Index[str]:
    return type(summary.index)(codes, dtype=summary.index.dtype)


def _check_codes(codes: list[str], faults: Faults) -> None:
    bad = [code for code in codes if not is_layer_name(code)]
    if bad:
        cure = "A code is a lower-case letter, then up to 62 lower-case letters, digits and underscores."
        faults.add(
            "indicator codes that cannot name a layer", ids=[ascii(code)[:80] for code in bad], cure=cure
        )
    twice = sorted({code for code in codes if codes.count(code) > 1})
    if twice:
        faults.add("indicator codes given twice", ids=twice)


def _check_areas(findings: Findings, faults: Faults) -> None:
    areas = findings.areas
    if areas.crs is None:
        faults.add("the areas have no CRS")
    if not areas.index.is_unique or not all(isinstance(i, str) for i in areas.index):
        faults.add("area ids must be strings, each used once")
    missing = [name for name in (*NAME_COLUMNS, MUNICIPALITY) if name not in areas]
    if missing:
        faults.add("columns missing from the areas", ids=missing)
    texts = [
        areas.index.to_series(),
        *(areas[name] for name in (*NAME_COLUMNS, MUNICIPALITY) if name in areas),
    ]
    bad = sorted({ascii(i) for column in texts for i, text in column.items() if not _is_writable(text)})
    if bad:
        faults.add("areas whose id or name holds a NUL or half a character", ids=bad, cure="Correct them.")
    no_shape = areas.index[areas.geometry.isna() | areas.geometry.is_empty]
    other = areas.index[~areas.geometry.geom_type.isin(["Polygon", "MultiPolygon"])]
    odd = no_shape.union(other)
    if len(odd):
        faults.add("areas without a polygon", ids=odd, of=len(areas))


def _is_writable(text: object) -> bool:
    if not isinstance(text, str):
        return text is None or text != text  # noqa: PLR0124 - NaN is what pandas has for no text
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def _check_result(code: str, findings: Findings, faults: Faults) -> None:
    if code not in findings.results:
        faults.add(f"no results of {code!r}")
        return
    result = findings.results[code]
    if list(result.index) != list(findings.areas.index):
        faults.add(f"the results of {code!r} are not indexed as the areas")
    missing = [name for name in RESULT_COLUMNS if name not in result]
    if missing:
        faults.add(f"columns missing from the results of {code!r}", ids=missing)
    counts = [result_column(method, name) for method in LOCAL_METHODS for name in LOCAL_COUNTS]
    broken = [name for name in counts if name in result and not _counts_only(result[name])]
    if broken:
        faults.add(f"no whole numbers of neighbours in the results of {code!r}", ids=broken)
    if "grade" in result:
        odd = result.index[~result["grade"].isin(GRADES) & result["grade"].notna()]
        if len(odd):
            cure = f"Known are {', '.join(GRADES[1:])}."
            faults.add(f"unknown grades in the results of {code!r}", ids=odd, of=len(result), cure=cure)
    check_stability(result, faults, f" in the results of {code!r}")


def _counts_only(values: pd.Series) -> bool:
    known = values.dropna()
    return bool(known.between(0, MOST_NEIGHBOURS).all() and (known == known.round()).all())


def refuse_no_findings(verb: str, given: object) -> UsageError:
    """Return the error for what is neither findings nor areas with values."""
    return UsageError(
        f"{verb} takes Findings, or areas with a column 'value'; it was given {type(given).__name__}. "
        "lea_geo.hotspots(areas, values, graph) and lea_geo.run(study) return what it takes."
    )


def note_infinite(frame: pd.DataFrame, faults: Faults, what: str = "infinite values") -> None:
    """Note areas whose value is infinite, where values are numbers at all."""
    if "value" in frame and "value" not in columns_without_numbers(frame):
        values = frame["value"].to_numpy(dtype=float, na_value=float("nan"))
        endless = frame.index[abs(values) == float("inf")]
        if len(endless):
            cure = "A value that is not known is blank."
            faults.add(what, ids=endless, of=len(frame), cure=cure)


def check_valued(areas: gpd.GeoDataFrame, verb: str) -> None:
    """Refuse areas with values that no output can show: every fault is named."""
    faults, heading = Faults(), f"{verb} cannot show these areas:"
    twice = areas.columns[areas.columns.duplicated()].unique()
    if len(twice):
        faults.add("columns given twice", ids=twice)
    if getattr(areas, "geometry", None) is None:
        faults.add("the areas have no geometry", cure="Name its column with areas.set_geometry(...).")
    if areas.index.nlevels > 1:
        faults.add("area ids of several parts", cure="Give every area one id with areas.set_axis(...).")
    faults.raise_if_any(OutputError, heading)
    double = areas.index[areas.index.astype(str).duplicated()].unique()
    if len(double):
        faults.add("duplicate area ids", ids=double, of=len(areas))
    for name in columns_without_numbers(areas):
        faults.add(f"{name} holds {areas[name].dtype}, not numbers", cure="Turn it into numbers first.")
    note_infinite(areas, faults)
    _check_words(areas, faults)
    faults.raise_if_any(OutputError, heading)


def _check_words(areas: gpd.GeoDataFrame, faults: Faults) -> None:
    for column, allowed in known_words().items():
        if column in areas:
            odd = areas.index[~areas[column].isin(allowed) & areas[column].notna()]
            if len(odd):
                cure = f"Known are {', '.join(word for word in allowed if word)}."
                faults.add(f"unknown {column}", ids=odd, of=len(areas), cure=cure)
    check_stability(areas, faults)


def check_title(title: object) -> None:
    """Refuse a title that is no text."""
    if title is not None and not isinstance(title, str | Text):
        raise UsageError(f"title is {title!r}: it must be a text, or a Text in three languages.")


def check_target(path: Path) -> None:
    """Refuse a place that no file can be written to."""
    faults = Faults()
    if "\0" in str(path):
        faults.add("its name holds a NUL")
    elif path.is_dir():
        faults.add("it is a folder", cure="Name a file in it.")
    faults.raise_if_any(OutputError, f"{str(path)!a} cannot be written:")


def refuse_in_use(path: Path, why: str) -> OutputError:
    """Return the error for a GeoPackage that somebody else has open."""
    faults = Faults()
    faults.add(why, cure="Close it there (QGIS: remove its layers from the project) and try again.")
    return OutputError(f"{path} is in use and was left as it is:", faults.found)


def refuse_foreign(path: Path) -> OutputError:
    """Return the error for a file that is no GeoPackage and would be lost."""
    faults = Faults()
    faults.add("it is no GeoPackage", cure="Name another file, or remove this one first.")
    return OutputError(f"{path} was left as it is:", faults.found)


def refuse_failure(path: Path, error: Exception) -> OutputError:
    """Return the error for a disk that is full, closed to us, or otherwise unwilling."""
    faults = Faults()
    faults.add(
        getattr(error, "strerror", None) or str(error) or type(error).__name__,
        cure="What was there before is as it was.",
    )
    return OutputError(f"{str(path)!a} could not be written:", faults.found)


def refuse_reading(path: Path, what: str, *, ids: Iterable[str] = ()) -> OutputError:
    """Return the error for a file that does not hold findings."""
    faults = Faults()
    faults.add(what, ids=ids, cure="Give the study.gpkg that lea-geo run has written.")
    return OutputError(f"{path} holds no findings of lea_geo:", faults.found)
