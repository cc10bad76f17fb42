"""The files beside a raster that let it open styled and explained.

``<name>.tif.aux.xml`` is GDAL's: names of classes, a table of their words and colours, statistics.
``<name>.qml`` and ``<name>.qmd`` are QGIS's: style and metadata, both read when the raster is opened.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import numpy as np

from lea_geo.schema import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from numpy.typing import NDArray

    from lea_geo.export.raster_legend import Legend, Sign

_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_DOCTYPE = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
_QGIS = "3.22"
"""The oldest version that these files were opened with; later ones read them too."""
_LANGUAGE_CODES = {"fi": "FIN", "sv": "SWE", "en": "ENG"}
_INTEGER, _TEXT = "0", "2"
_GENERIC, _NAME, _CODE = "0", "2", "5"
_CHANNELS = {"Red": "6", "Green": "7", "Blue": "8", "Alpha": "9"}
"""GDAL's numbers for the types and the uses of a table's columns."""


def clean(text: str) -> str:
    """Return a text without the characters that no XML and no tag of a TIFF can hold."""
    return _NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", text)


def rgba(sign: Sign) -> tuple[int, int, int, int]:
    """Return a sign's colour as four bytes."""
    red, green, blue = bytes.fromhex(sign.colour[1:])
    return red, green, blue, 255 if sign.opaque else 0


def gdal_sidecar(legend: Legend, values: NDArray[Any]) -> bytes:
    """Return what GDAL keeps beside a raster: classes where pixels are codes, otherwise statistics."""
    root = ET.Element("PAMDataset")
    band = ET.SubElement(root, "PAMRasterBand", band="1")
    if legend.coded:
        _add_categories(band, legend)
        _add_table(band, legend)
    else:
        _add_statistics(band, values)
    return _written(root)


def qgis_style(legend: Legend) -> bytes:
    """Return a QGIS style: a colour for each class, or for each range of values."""
    root = ET.Element(
        "qgis", version=_QGIS, styleCategories="AllStyleCategories", hasScaleBasedVisibilityFlag="0"
    )
    pipe = ET.SubElement(root, "pipe")
    kind = "paletted" if legend.coded else "singlebandpseudocolor"
    plain = {"type": kind, "band": "1", "opacity": "1", "alphaBand": "-1", "nodataColor": ""}
    renderer = ET.SubElement(pipe, "rasterrenderer", plain)
    ET.SubElement(renderer, "rasterTransparency")
    origin = ET.SubElement(renderer, "minMaxOrigin")
    ET.SubElement(origin, "limits").text = "None"
    if legend.coded:
        palette = ET.SubElement(renderer, "colorPalette")
        for sign in legend.signs:
            ET.SubElement(palette, "paletteEntry", {"value": f"{sign.value:.0f}", **_drawn(legend, sign)})
    else:
        _add_ramp(renderer, legend)
    ET.SubElement(root, "blendMode").text = "0"
    return _written(root, _DOCTYPE)


def qgis_metadata(legend: Legend, crs: str) -> bytes:
    """Return QGIS's metadata of a layer: what it is, of whom, and what may be done with it."""
    root = ET.Element("qgis", version=_QGIS)
    told = {
        "identifier": "",
        "parentidentifier": "",
        "language": _LANGUAGE_CODES[legend.language],
        "type": "dataset",
        "title": legend.title.in_language(legend.language),
        "abstract": "\n\n".join(
            f"{legend.title.in_language(language)}\n{legend.about.in_language(language)}"
            for language in sorted(LANGUAGES, key=lambda language: language != legend.language)
        ),
        "rights": legend.source,
        "license": legend.licence,
        "encoding": "UTF-8",
    }
    for name, text in told.items():
        ET.SubElement(root, name).text = clean(text)
    where = ET.SubElement(ET.SubElement(root, "crs"), "spatialrefsys")
    ET.SubElement(where, "authid").text = clean(crs)
    return _written(root, _DOCTYPE)


def _add_categories(band: ET.Element, legend: Legend) -> None:
    """Add the names of codes from 0 on: GDAL counts places."""
    names = ET.SubElement(band, "CategoryNames")
    known = {int(sign.value): legend.line(sign) for sign in legend.signs}
    for code in range(max(known) + 1):
        ET.SubElement(names, "Category").text = clean(known.get(code, ""))


def _add_table(band: ET.Element, legend: Legend) -> None:
    columns = [("Value", _INTEGER, _CODE), ("Class", _TEXT, _NAME)]
    columns += [(language, _TEXT, _GENERIC) for language in LANGUAGES]
    columns += [(name, _INTEGER, use) for name, use in _CHANNELS.items()]
    table = ET.SubElement(band, "GDALRasterAttributeTable", tableType="thematic")
    for index, (name, kind, use) in enumerate(columns):
        field = ET.SubElement(table, "FieldDefn", index=str(index))
        for tag, text in (("Name", name), ("Type", kind), ("Usage", use)):
            ET.SubElement(field, tag).text = text
    for index, sign in enumerate(legend.signs):
        row = ET.SubElement(table, "Row", index=str(index))
        words = (sign.text.in_language(language) for language in LANGUAGES)
        for cell in (f"{sign.value:.0f}", sign.word, *words, *map(str, rgba(sign))):
            ET.SubElement(row, "F").text = clean(cell)


def _add_statistics(band: ET.Element, values: NDArray[Any]) -> None:
    """Add what a program would else compute, and write beside the file, when it opens it."""
    known = values[np.isfinite(values)]
    if not known.size:
        return
    found: Mapping[str, float] = {
        "MAXIMUM": known.max(),
        "MEAN": known.mean(),
        "MINIMUM": known.min(),
        "STDDEV": known.std(),
    }
    told = ET.SubElement(band, "Metadata")
    for name, number in found.items():
        ET.SubElement(told, "MDI", key=f"STATISTICS_{name}").text = repr(float(number))


def _add_ramp(renderer: ET.Element, legend: Legend) -> None:
    shader = ET.SubElement(
        ET.SubElement(renderer, "rastershader"),
        "colorrampshader",
        {"colorRampType": "DISCRETE", "classificationMode": "1", "clip": "0"},
    )
    for sign in legend.signs:
        ET.SubElement(shader, "item", {"value": repr(sign.value), **_drawn(legend, sign)})


def _drawn(legend: Legend, sign: Sign) -> dict[str, str]:
    *_, alpha = rgba(sign)
    return {"color": sign.colour, "alpha": str(alpha), "label": clean(legend.line(sign))}


def _written(root: ET.Element, doctype: str = "") -> bytes:
    ET.indent(root, " ")
    return f"{doctype}{ET.tostring(root, encoding='unicode')}\n".encode()
