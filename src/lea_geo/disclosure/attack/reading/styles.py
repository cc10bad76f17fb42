"""Class bounds in the files that say how a layer is drawn: QML, SLD, and GDAL's sidecars."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from lea_geo.disclosure.attack.reading.gathered import About
from lea_geo.disclosure.attack.reading.numbers import printed_numbers
from lea_geo.disclosure.attack.reading.sentences import read_sentences

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

    from lea_geo.disclosure.attack.reading.gathered import Gathered, Sheet
    from lea_geo.disclosure.attack.reading.known import Known

_DOCTYPE = re.compile(r"<!DOCTYPE[^>\[]*>")
"""QGIS's own, which names a file that nobody fetches."""
_COMPARED = re.compile(r'"?(\w+)"?\s*(?:>=|<=|<|>|=)\s*(-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)(?![\w\'])')
_BOUNDS = ("Literal", "PropertyIsLessThan", "PropertyIsLessThanOrEqualTo", "PropertyIsGreaterThan")
_ENTRIES = ("rule", "item", "range", "category", "paletteEntry")
_EXTREMES = dict.fromkeys(("minValue", "Minimum"), "legend_minimum")
_EXTREMES |= dict.fromkeys(("maxValue", "Maximum"), "legend_maximum")
_WORDED = {
    *("title", "abstract", "Title", "Abstract", "rights", "Description", "Category", "mapTip", "license"),
    *("keyword", "history", "notes", "identifier", "layername", "constraints"),
}
_OF_CLASSES = ("Value", "Class", "fi", "sv", "en", "Red", "Green", "Blue", "Alpha")
_COMMENT = re.compile(r"<!--(.*?)-->", re.DOTALL)
_NO_COUNT = float("nan")
Bound = tuple[str, str, tuple[float, float], float]
_STATISTICS = {
    "STATISTICS_MINIMUM": ("legend_minimum", "minimum"),
    "STATISTICS_MAXIMUM": ("legend_maximum", "maximum"),
    "STATISTICS_MEAN": ("summary", "mean"),
    "STATISTICS_STDDEV": ("summary", "stddev"),
}


def parse_xml(text: str) -> Element:
    """Return the root of an XML text.

    Raises
    ------
    ValueError
        It is no XML, or holds entities.
    """
    try:
        root: Element = fromstring(_DOCTYPE.sub("", text, count=1))
    except (ParseError, DefusedXmlException) as error:
        raise ValueError(f"it is no XML that can be read ({error})") from error
    return root


def xml_texts(text: str) -> list[str]:
    """Return the texts and comments of an XML document; of what is none, the text itself."""
    try:
        found = [one.strip() for one in parse_xml(text).itertext() if one.strip()]
        return found + _COMMENT.findall(text)
    except ValueError:
        return [text]


def read_style(
    text: str, place: str, gathered: Gathered, known: Known, *, sheet: Sheet, variable: str
) -> None:
    """Note the class bounds of a style; what is no XML is left with the reason.

    Parameters
    ----------
    text
        QML, SLD or GDAL's XML.
    place
        Where it stands.
    gathered
        Takes the numbers.
    known
        What areas and indicators are called.
    sheet, variable
        What the style draws.
    """
    try:
        root = parse_xml(text)
    except ValueError as error:
        gathered.leave(place.split(": ", 1)[0], f"{place}: {error}")
        return
    about = About(sheet, variable)
    for one in root.iter():
        for kind, part, bounds, count in _bounds_of(one):
            gathered.add_loose(kind, bounds, place, replace(about, part=part), count=count)
    for sentence in (*_sentences(root), *_COMMENT.findall(text)):
        read_sentences(sentence, place, known, gathered, about)
    for part, number in _table_of_classes(root):
        gathered.add_loose("summary", (number, number), place, replace(about, part=part))


def _bounds_of(one: Element) -> Iterator[Bound]:
    """Yield each bound that an element states: its kind, what it bounds, its interval, and a count."""
    tag = _tag(one)
    if tag == "HistItem":
        yield from _histogram(one)
    elif tag == "MDI":
        kind, part = _STATISTICS.get(one.get("key", "").upper(), ("", ""))
        yield from ((kind, part, bounds, _NO_COUNT) for bounds in _plain_number(one.text or "") if kind)
    elif tag in _EXTREMES:
        kind = _EXTREMES[tag]
        yield from ((kind, tag, bounds, _NO_COUNT) for bounds in _plain_number(one.text or ""))
    elif tag in _BOUNDS:
        yield from (("class_bound", "value", bounds, _NO_COUNT) for bounds in _plain_number(one.text or ""))
    elif tag in _ENTRIES:
        yield from ((kind, part, bounds, _NO_COUNT) for kind, part, bounds in _entry(one))


def _entry(one: Element) -> Iterator[tuple[str, str, tuple[float, float]]]:
    """Yield the bounds of one line of a legend, as it is drawn and as it is called."""
    compared = _COMPARED.findall(one.get("filter", ""))
    for part, value in compared:
        yield "class_bound", part, (float(value), float(value))
    ramp = _tag(one) in ("item", "range")
    for name in ("value", "lower", "upper") if ramp else ():
        yield from (("class_bound", "value", bounds) for bounds in _plain_number(one.get(name, "")))
    kind = "class_bound" if ramp or "value" in (part for part, _ in compared) else "sentence"
    yield from ((kind, "label", bounds) for bounds in printed_numbers(one.get("label", "")))


def _tag(one: Element) -> str:
    return str(one.tag).rsplit("}", 1)[-1]


def _plain_number(text: str) -> list[tuple[float, float]]:
    try:
        value = float(text)
    except ValueError:
        return []
    return [(value, value)] if abs(value) < float("inf") else []


def _histogram(item: Element) -> Iterator[Bound]:
    """Yield the bars of a histogram that GDAL has kept."""
    told = {str(one.tag): one.text or "" for one in item}
    counts = [float(one) for one in told.get("HistCounts", "").split("|") if one.strip()]
    first, last = (float(told.get(name, "nan")) for name in ("HistMin", "HistMax"))
    side = (last - first) / max(1, len(counts))
    for place, count in enumerate(counts):
        yield "histogram_bar", "value", (first + place * side, first + (place + 1) * side), count


def _table_of_classes(root: Element) -> Iterator[tuple[str, float]]:
    """Yield the numbers that GDAL's table of classes holds beside codes, words and colours."""
    for table in root.iter("GDALRasterAttributeTable"):
        names = [one.findtext("Name", "") for one in table.iter("FieldDefn")]
        for row in table.iter("Row"):
            for name, cell in zip(names, row.iter("F"), strict=False):
                if name not in _OF_CLASSES:
                    yield from ((name, lower) for lower, _ in _plain_number(cell.text or ""))


def _sentences(root: Element) -> Iterator[str]:
    """Yield what a document says in words, and what it keeps under names that nobody knows."""
    for one in root.iter():
        tag = _tag(one)
        if tag == "MDI" and one.get("key", "").upper() not in _STATISTICS:
            yield f"{one.get('key')} {one.text or ''}"
        elif tag in _WORDED:
            yield one.text or ""
        elif tag == "customproperties":
            yield from (" ".join(option.attrib.values()) for option in one.iter() if option is not one)
