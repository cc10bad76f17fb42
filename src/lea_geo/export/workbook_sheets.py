"""What stands in the sheets of the workbook for planners."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from lea_geo.export.dictionary import alias, meaning
from lea_geo.export.domains import label_words, words_of
from lea_geo.export.planned import Number, PlannedSheet
from lea_geo.export.stored import as_words
from lea_geo.export.workbook_chapters import area_cells, chapter_sheets
from lea_geo.schema import AREA_ID, LANGUAGES, MUNICIPALITY, WITH_VALUE, Label, Status, result_column
from lea_geo.texts import read_texts, shared_texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pandas as pd

    from lea_geo._report_words import Words
    from lea_geo.schema import Findings, Indicator, Text

MOST_CHARACTERS = 32_767
"""Of a cell."""
_METHOD = "local_moran"
_CLAIMS = (*map(str, Label),)[:6]
_SURE = ("value", "interval_lower", "interval_upper", "rank", "rank_lower", "rank_upper", "grade")
_NARROW, _NAME, _WIDE, _TEXT = 12, 26, 40, 90


def planned_sheets(findings: Findings, words: Words) -> Iterator[PlannedSheet]:
    """Yield the sheets in their order."""
    yield _read_me(findings, words)
    yield _by_area("values", findings, words, _values)
    yield _certainty(findings, words)
    yield _by_area("clusters", findings, words, _labels)
    if findings.comparisons is not None:
        yield _places(findings, findings.comparisons, words)
    yield from chapter_sheets(findings, words)
    yield _dictionary(findings, words)


def _said(key: str, words: Words, **filled: object) -> str:
    text = read_texts("lea_geo.export")[key].in_language(words.language)
    for name, value in filled.items():
        text = text.replace(f"{{{name}}}", str(value))
    return text


def _read_me(findings: Findings, words: Words) -> PlannedSheet:
    rows: list[tuple[object, ...]] = [(words.of(findings.title),)]
    if findings.year:
        rows.append((_said("workbook.year", words, year=findings.year),))
    if findings.synthetic:
        rows.append((words.shared("common.synthetic"),))
    rows += [(), (_said("workbook.sheets", words),)]
    names = [
        key.removeprefix("sheet_is.") for key in read_texts("lea_geo.export") if key.startswith("sheet_is.")
    ]
    rows += [(_said(f"sheet.{name}", words), _said(f"sheet_is.{name}", words)) for name in names]
    if findings.chapters:
        rows += [(), (_said("workbook.chapters", words),)]
        rows += [(words.of(one.title), words.of(one.question)) for one in findings.chapters]
    rows += [(), (_said("workbook.indicators", words),)]
    heads = ("indicator", "unit", "source", "reference_year", "licence")
    rows.append(tuple(_said(f"workbook.{name}", words) for name in heads))
    rows += [
        (
            words.of(one.name),
            words.shared(f"unit_name.{one.unit}"),
            one.source,
            one.reference_year,
            one.licence,
        )
        for one in findings.indicators
    ]
    if findings.notes:
        rows += [(), (_said("workbook.notes", words),), *((note,) for note in findings.notes)]
    return PlannedSheet(
        _said("sheet.read_me", words), (), rows, (_WIDE, _TEXT, _WIDE, _NARROW, _NAME), wrapped=True
    )


def _by_area(
    kind: str,
    findings: Findings,
    words: Words,
    told: Callable[[pd.DataFrame, Indicator, Words], list[object]],
) -> PlannedSheet:
    """Return a sheet with a row an area and a column an indicator."""
    named = _with_unit if kind == "values" else _named
    header = (*_area_header(words), *(named(one, words) for one in findings.indicators))
    columns = [told(findings.results[one.code], one, words) for one in findings.indicators]
    rows = [(*area, *cells) for area, *cells in zip(area_cells(findings, words), *columns, strict=True)]
    widths = (_NARROW, _NAME, _NAME, *(26 if kind == "values" else 48 for _ in findings.indicators))
    return PlannedSheet(_said(f"sheet.{kind}", words), header, rows, widths, frozen=2)


def _area_header(words: Words) -> tuple[str, ...]:
    named = (alias(AREA_ID), read_texts("lea_geo.export")["workbook.area"], alias(MUNICIPALITY))
    return tuple(words.of(one) for one in named)


def _named(indicator: Indicator, words: Words) -> str:
    return words.of(indicator.name)


def _with_unit(indicator: Indicator, words: Words) -> str:
    return f"{words.of(indicator.name)} ({words.shared(f'unit_name.{indicator.unit}')})"


def _values(frame: pd.DataFrame, indicator: Indicator, words: Words) -> list[object]:
    """Return the values, and in words why there is none."""
    said = words_of("status", words.language)
    columns = (frame[name].tolist() for name in ("value", "status", "lower", "upper"))
    return [
        Number(value, indicator.decimals)
        if status in WITH_VALUE
        else _gap(said.get(status, str(status)), low, high, indicator, words)
        for value, status, low, high in zip(*columns, strict=True)
    ]


def _gap(said: str, low: float, high: float, indicator: Indicator, words: Words) -> str:
    """Return why there is no value, with what is known of it."""
    ends = [words.number(end, indicator.decimals) for end in (low, high)]
    return (
        said
        if ends == ["–", "–"]
        else _said("workbook.bounded", words, status=said, lower=ends[0], upper=ends[1])
    )


def _labels(frame: pd.DataFrame, indicator: Indicator, words: Words) -> list[object]:  # noqa: ARG001 - as _values
    """Return the clusters in words; one that is uncertain says so."""
    said, unsure = label_words(_METHOD, words.language), read_texts("lea_geo.export")["workbook.unsure"]
    gaps = words_of("status", words.language)
    names = ("status", *(result_column(_METHOD, name) for name in ("label", "doubt", "verdict")))
    found: list[object] = []
    for status, label, doubt, verdict in zip(*(as_words(frame[name]) for name in names), strict=True):
        shown = said.get(label, _said("workbook.not_tested", words))
        if status not in WITH_VALUE:
            shown = gaps.get(status, str(status))
        elif label in _CLAIMS and (doubt or verdict in ("depends", "unsure")):
            shown = words.of(unsure).replace("{label}", shown)
        found.append(shown)
    return found


def _certainty(findings: Findings, words: Words) -> PlannedSheet:
    indicator = _said("workbook.indicator", words)
    header = (*_area_header(words), indicator, *(words.of(alias(name)) for name in _SURE))
    areas = area_cells(findings, words)
    rows = [
        (*area, words.of(one.name), *cells)
        for one in findings.indicators
        for area, cells in zip(areas, _sure(findings.results[one.code], one, words), strict=True)
    ]
    widths = (_NARROW, _NAME, _NAME, _WIDE, *(18 for _ in _SURE))
    return PlannedSheet(_said("sheet.certainty", words), header, rows, widths, frozen=2)


def _sure(frame: pd.DataFrame, indicator: Indicator, words: Words) -> Iterator[tuple[object, ...]]:
    grades, blank = words_of("grade", words.language), _said("workbook.no_interval", words)
    values = _values(frame, indicator, words)
    numbers = frame[list(_SURE[1:-1])].to_numpy(float)
    for value, row, grade in zip(values, numbers, as_words(frame["grade"]), strict=True):
        decimals = (indicator.decimals, indicator.decimals, 0, 0, 0)
        cells = (
            blank if math.isnan(cell) else Number(cell, n) for cell, n in zip(row, decimals, strict=True)
        )
        yield (value, *cells, grades.get(grade, grade))


def _places(findings: Findings, comparisons: pd.DataFrame, words: Words) -> PlannedSheet:
    heads = ("indicator", "place")
    counts = ("n_areas", "n_valued", "basis")
    shown = ("value", "interval_lower", "interval_upper")
    header = (
        *(_said(f"workbook.{name}", words) for name in heads),
        *(words.of(alias(name)) for name in shown),
        *(_said(f"workbook.{name}", words) for name in counts),
    )
    known = {one.code: one for one in findings.indicators}
    blank = _said("workbook.no_interval", words)
    rows = []
    for row in comparisons.to_dict("records"):
        one = known[row["code"]]
        place = words.place(row["place"]) if row["place"] else _said("workbook.region", words)
        numbers = (blank if math.isnan(row[name]) else Number(row[name], one.decimals) for name in shown)
        basis = f"workbook.basis_{row['basis']}"
        told = _said(basis, words) if basis in read_texts("lea_geo.export") else str(row["basis"])
        sizes = (Number(row["n_areas"]), Number(row["n_valued"]))
        rows.append((words.of(one.name), place, *numbers, *sizes, told))
    return PlannedSheet(
        _said("sheet.places", words), header, rows, (_WIDE, _NAME, 14, 14, 14, _NARROW, _NARROW, _WIDE), 2
    )


def _dictionary(findings: Findings, words: Words) -> PlannedSheet:
    header = tuple(_said(f"workbook.{name}", words) for name in ("about", "term", "in_fi", "in_sv", "in_en"))
    column, indicator = _said("workbook.term", words), _said("workbook.indicator", words)
    rows: list[tuple[object, ...]] = []
    for one in findings.indicators:
        rows.append((indicator, words.of(one.name), *_in_each(one.name)))
        if any(_in_each(one.explanation)):
            rows.append((indicator, words.of(one.name), *_in_each(one.explanation)))
    rows += [
        (column, words.of(alias(name)), *_in_each(meaning(name))) for name in (AREA_ID, MUNICIPALITY, *_SURE)
    ]
    texts = shared_texts()
    rows += [(column, words.of(texts[f"status.{one}"]), *_in_each(texts[f"status.{one}"])) for one in Status]
    rows += [(column, words.of(texts[f"label.{one}"]), *_in_each(texts[f"label.{one}"])) for one in Label]
    return PlannedSheet(
        _said("sheet.dictionary", words), header, rows, (_NAME, _WIDE, 60, 60, 60), 2, wrapped=True
    )


def _in_each(text: Text) -> tuple[str, ...]:
    return tuple(text.in_language(one) for one in LANGUAGES)
