"""Choosing features by their attributes: OGC's filter, in the form that each version of WFS understands."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

FES = "http://www.opengis.net/fes/2.0"
OGC = "http://www.opengis.net/ogc"
LONGEST = 4000
"""Characters of a filter in an address; many servers take no more than 8000 in all."""


def filters(where: Mapping[str, Sequence[str]], version: str) -> Iterator[str]:
    """Return filters that between them choose what ``where`` says, each short enough for an address.

    A column is one of its values, and every column is so (OGC 09-026r2, 7.6 to 7.10; before WFS 2.0.0 OGC
    04-095). Nothing to choose by gives one empty text.

    Examples
    --------
    >>> next(filters({"kunta": ["092"]}, "1.0.0")).count("PropertyName")
    2
    """
    text = filter_text(where, version) if where else ""
    longest = max(where, key=lambda name: len(where[name]), default="")
    if len(quote(text)) <= LONGEST or len(where[longest]) == 1:
        yield text
        return
    values = where[longest]
    middle = len(values) // 2
    for half in (values[:middle], values[middle:]):
        yield from filters({**where, longest: half}, version)


def filter_text(where: Mapping[str, Sequence[str]], version: str) -> str:
    """Return a filter as XML, in which the values are text whatever they hold."""
    modern = version.startswith("2")
    space, name = (FES, "ValueReference") if modern else (OGC, "PropertyName")
    register_namespace("fes" if modern else "ogc", space)
    root = Element(f"{{{space}}}Filter")
    parent = SubElement(root, f"{{{space}}}And") if len(where) > 1 else root
    for column, values in where.items():
        either = SubElement(parent, f"{{{space}}}Or") if len(values) > 1 else parent
        for value in values:
            equal = SubElement(either, f"{{{space}}}PropertyIsEqualTo")
            SubElement(equal, f"{{{space}}}{name}").text = column
            SubElement(equal, f"{{{space}}}Literal").text = value
    return tostring(root, encoding="unicode")
