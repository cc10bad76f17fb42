"""Where a layer comes from and who may use it, as ISO 19139 describes it.

ISO's XML and no JSON of our own: GeoPackage names it as its first example, and catalogues of geographic data
read it. Dates that are not known are given as unknown; no clock is read.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, indent, register_namespace, tostring

from lea_geo.export.qml import as_xml_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lea_geo.schema import Findings, Indicator

STANDARD = "http://www.isotc211.org/2005/gmd"
_GCO = "http://www.isotc211.org/2005/gco"
_CODES = "http://www.isotc211.org/2005/resources/Codelist/gmxCodelists.xml"
_THREE_LETTERS = {"fi": "fin", "sv": "swe", "en": "eng"}
register_namespace("gmd", STANDARD)
register_namespace("gco", _GCO)


def study_metadata(
    findings: Findings, language: str, abstract: str, inputs: Sequence[Mapping[str, object]]
) -> str:
    """Return what is known of the whole file: what it was computed from, how, and what was noted."""
    hashed = [f"{one.get('role')}: {one.get('path')}, sha256 {one.get('sha256')}" for one in inputs]
    settings = json.dumps(dict(findings.settings), ensure_ascii=False, allow_nan=False, sort_keys=True)
    statement = "\n".join([*hashed, f"settings: {settings}", *findings.notes])
    sources = sorted({one.source for one in findings.indicators if one.source})
    licences = sorted({one.licence for one in findings.indicators if one.licence})
    return _document(
        findings.title.in_language(language),
        abstract,
        language,
        licence="; ".join(licences),
        lineage="\n".join([*sources, statement]),
    )


def layer_metadata(indicator: Indicator, language: str, abstract: str) -> str:
    """Return what is known of an indicator's layer: what it shows, its source and its licence."""
    parts = (indicator.source, indicator.reference_year, ", ".join(indicator.members))
    return _document(
        indicator.name.in_language(language),
        "\n".join(filter(None, (abstract, indicator.explanation.in_language(language)))),
        language,
        licence=indicator.licence,
        lineage=". ".join(part for part in parts if part),
    )


def _document(title: str, abstract: str, language: str, *, licence: str, lineage: str) -> str:
    root = Element(f"{{{STANDARD}}}MD_Metadata")
    _text(root, "language", _THREE_LETTERS[language])
    _code(root, "characterSet", "MD_CharacterSetCode", "utf8")
    _code(root, "hierarchyLevel", "MD_ScopeCode", "dataset")
    contact = _inside(root, "contact", "CI_ResponsibleParty")
    _text(contact, "organisationName", "lea_geo")
    _code(contact, "role", "CI_RoleCode", "processor")
    _unknown(root, "dateStamp")
    _text(root, "metadataStandardName", "ISO 19115:2003/19139")
    told = _inside(root, "identificationInfo", "MD_DataIdentification")
    citation = _inside(told, "citation", "CI_Citation")
    _text(citation, "title", title)
    _unknown(citation, "date")
    _text(told, "abstract", abstract)
    if licence:
        limits = _inside(told, "resourceConstraints", "MD_LegalConstraints")
        _code(limits, "useConstraints", "MD_RestrictionCode", "otherRestrictions")
        _text(limits, "otherConstraints", licence)
    _text(told, "language", _THREE_LETTERS[language])
    _plain(SubElement(told, _gmd("topicCategory")), "MD_TopicCategoryCode", "society")
    if lineage:
        quality = _inside(root, "dataQualityInfo", "DQ_DataQuality")
        scope = _inside(quality, "scope", "DQ_Scope")
        _code(scope, "level", "MD_ScopeCode", "dataset")
        _text(_inside(quality, "lineage", "LI_Lineage"), "statement", lineage)
    indent(root, " ")
    return tostring(root, encoding="unicode") + "\n"


def _gmd(name: str) -> str:
    return f"{{{STANDARD}}}{name}"


def _inside(parent: Element, name: str, kind: str) -> Element:
    return SubElement(SubElement(parent, _gmd(name)), _gmd(kind))


def _text(parent: Element, name: str, text: str) -> None:
    SubElement(SubElement(parent, _gmd(name)), f"{{{_GCO}}}CharacterString").text = as_xml_text(text)


def _plain(parent: Element, kind: str, text: str) -> None:
    SubElement(parent, _gmd(kind)).text = text


def _code(parent: Element, name: str, kind: str, value: str) -> None:
    holder = SubElement(parent, _gmd(name))
    SubElement(holder, _gmd(kind), codeList=f"{_CODES}#{kind}", codeListValue=value).text = value


def _unknown(parent: Element, name: str) -> None:
    SubElement(parent, _gmd(name), {f"{{{_GCO}}}nilReason": "unknown"})
