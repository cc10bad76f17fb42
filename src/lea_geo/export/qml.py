"""How a layer looks and what its columns are called, in QGIS's own words (QML).

Every property is written twice: as ``<Option>``, which QGIS reads since 3.18, and as ``<prop k v>``, which
older ones know; what is left out has QGIS's own value, and sizes are in millimetres. What comes from data
reaches an expression as a quoted literal and a page as escaped text: no name can become an expression or a
tag.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, tostring

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from lea_geo._colours import Style

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_DOCTYPE = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
_VERSION = "3.22.0"
OUTLINE = "#6e7781"
_EDGE = "#20262c"
"""Of points."""
OUTLINE_WIDTH = 0.15
"""Of borders between areas, in millimetres on paper."""
_LOOK = "Symbology"
_ALL = "LayerConfiguration|Symbology|Fields|Forms|MapTips"


@dataclass(frozen=True)
class Drawn:
    """One entry of a legend: which areas it is about, what it says and how they look."""

    key: str
    """For categories the value of the expression; for rules the condition; empty: all that is left."""
    label: str
    style: Style
    hatched: bool = False
    """Whether white lines over the colour say that it is not sure."""
    outline: str = OUTLINE
    width: float = OUTLINE_WIDTH
    filled: bool = True


@dataclass(frozen=True)
class Look:
    """One way to draw a layer."""

    name: str
    description: str
    entries: tuple[Drawn, ...]
    by: str = ""
    """The expression whose value decides; empty where each entry brings a condition of its own."""
    points: bool = False
    """Whether points are drawn, not areas."""


@dataclass(frozen=True)
class Field:
    """What a form and a table call a column and the values in it."""

    name: str
    alias: str
    words: Mapping[str, str]
    """What coded values mean; empty where values speak for themselves."""


def as_xml_text(text: str) -> str:
    """Return a text that XML can hold: what it cannot becomes a replacement character.

    >>> as_xml_text("a" + chr(1) + "b") == "a" + chr(0xFFFD) + "b"
    True
    """
    return _NOT_XML.sub("\ufffd", text)


def quoted(text: str) -> str:
    r"""Return a text as a literal of a QGIS expression.

    >>> print(quoted("O'Hara \\ [% 1 %]"))
    'O''Hara \\ [% 1 %]'
    """
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def column(name: str) -> str:
    """Return a column's name in a QGIS expression."""
    return '"' + name.replace('"', '""') + '"'


def style_document(look: Look, *, fields: Sequence[Field] = (), tip: str = "", shown: str = "") -> str:
    """Return the QML of a layer.

    Parameters
    ----------
    look
        How it is drawn.
    fields
        What columns are called. None of them: the style says how the layer looks and no more, so that
        whoever takes it keeps the names that the layer has.
    tip
        The page that a map tip shows.
    shown
        The expression that names an area.
    """
    root = Element("qgis", version=_VERSION, styleCategories=_ALL if fields else _LOOK)
    root.append(_renderer(look))
    if fields:
        _describe(root, fields)
        SubElement(root, "previewExpression").text = as_xml_text(shown)
        SubElement(root, "mapTip").text = as_xml_text(tip)
    SubElement(root, "layerGeometryType").text = "0" if look.points else "2"
    return _DOCTYPE + tostring(root, encoding="unicode") + "\n"


def _renderer(look: Look) -> Element:
    kind = "categorizedSymbol" if look.by else "RuleRenderer"
    renderer = Element("renderer-v2", type=kind, symbollevels="0", forceraster="0", enableorderby="0")
    if look.by:
        renderer.set("attr", look.by)
        listed = SubElement(renderer, "categories")
    else:
        listed = SubElement(renderer, "rules", key="{0}")
    for number, entry in enumerate(look.entries):
        told = {"symbol": str(number), "label": as_xml_text(entry.label)}
        if look.by:
            own = {"value": entry.key, "render": "true", "type": "string"}
            SubElement(listed, "category", told | own)
        else:
            SubElement(listed, "rule", told | {"filter": entry.key or "ELSE", "key": f"{{{number + 1}}}"})
    symbols = SubElement(renderer, "symbols")
    draw = _point if look.points else _symbol
    symbols.extend(draw(entry, str(number)) for number, entry in enumerate(look.entries))
    return renderer


def _symbol(entry: Drawn, name: str) -> Element:
    symbol = _blank_symbol("fill", name)
    symbol.append(_fill(entry))
    if entry.hatched:
        symbol.append(_lines("45", 1.6, "#ffffff", 0.7, f"@{name}@1"))
    elif entry.style.pattern:
        for place, (shape, size) in enumerate(_PATTERNS[entry.style.pattern], start=1):
            draw = _marks if shape in _MARKS else _lines
            symbol.append(draw(shape, size, entry.style.ink, 0.25, f"@{name}@{place}"))
    return symbol


def _point(entry: Drawn, name: str) -> Element:
    symbol = _blank_symbol("marker", name)
    look = {"name": "circle", "size": "3.4", "color": _rgba(entry.style.fill), "outline_color": _rgba(_EDGE)}
    symbol.append(_layer("SimpleMarker", look))
    return symbol


def _blank_symbol(kind: str, name: str) -> Element:
    return Element("symbol", type=kind, name=name, alpha="1")


def _fill(entry: Drawn) -> Element:
    return _layer(
        "SimpleFill",
        {
            "color": _rgba(entry.style.fill),
            "style": "solid" if entry.filled else "no",
            "outline_color": _rgba(entry.outline),
            "outline_width": str(entry.width),
        },
    )


def _lines(angle: str, distance: float, ink: str, width: float, name: str) -> Element:
    lines = _layer(
        "LinePatternFill",
        {"angle": angle, "distance": str(distance)},
    )
    inner = _blank_symbol("line", name)
    inner.append(_layer("SimpleLine", {"line_color": _rgba(ink), "line_width": str(width)}))
    lines.append(inner)
    return lines


def _marks(shape: str, distance: float, ink: str, width: float, name: str) -> Element:
    marks = _layer(
        "PointPatternFill",
        {
            "distance_x": str(distance),
            "distance_y": str(distance),
            "displacement_x": str(distance / 2),
        },
    )
    inner = _blank_symbol("marker", name)
    size = {"name": shape, "size": "1.4" if shape == "cross2" else "0.7"}
    line = {"outline_color": _rgba(ink), "outline_width": str(width)}
    inner.append(_layer("SimpleMarker", {**size, "color": _rgba(ink), **line}))
    marks.append(inner)
    return marks


_MARKS = ("circle", "cross2")
_PATTERNS = {
    "hatch": (("45", 1.8),),
    "lines": (("0", 1.6),),
    "grid": (("0", 1.8), ("90", 1.8)),
    "dots": (("circle", 2.0),),
    "crosses": (("cross2", 2.8),),
}
"""What each pattern of the map is made of: lines at an angle or marks of a shape, and how far apart."""


def _layer(kind: str, properties: Mapping[str, str]) -> Element:
    """Return a symbol layer whose properties old and new QGIS find."""
    layer = Element("layer", {"class": kind, "enabled": "1", "locked": "0", "pass": "0"})
    options = SubElement(layer, "Option", type="Map")
    for name, value in properties.items():
        SubElement(options, "Option", name=name, value=value, type="QString")
    for name, value in properties.items():
        SubElement(layer, "prop", k=name, v=value)
    return layer


def _rgba(colour: str) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"{red},{green},{blue},255"


def _describe(root: Element, fields: Sequence[Field]) -> None:
    configured = SubElement(root, "fieldConfiguration")
    for field in fields:
        if field.words:
            named = SubElement(configured, "field", name=field.name, configurationFlags="None")
            named.append(_value_map(field.words.items()))
    aliases = SubElement(root, "aliases")
    for number, field in enumerate(fields, start=1):  # The column fid is the first.
        SubElement(aliases, "alias", field=field.name, index=str(number), name=as_xml_text(field.alias))


def _value_map(words: Iterable[tuple[str, str]]) -> Element:
    widget = Element("editWidget", type="ValueMap")
    config = SubElement(SubElement(widget, "config"), "Option", type="Map")
    listed = SubElement(config, "Option", type="List", name="map")
    for value, meaning in words:
        one = SubElement(listed, "Option", type="Map")
        SubElement(one, "Option", name=as_xml_text(meaning), value=value, type="QString")
    return widget
