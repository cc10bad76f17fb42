"""What a WFS says that it has: its version, its layers, and the columns of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from defusedxml.ElementTree import fromstring

from lea_geo._checks.features import is_refusal, words_of
from lea_geo.errors import SourceError
from lea_geo.sources._pages import local_name, refuse_exception
from lea_geo.sources.answers import BadAnswer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from xml.etree.ElementTree import Element

    from lea_geo.sources.cache import Fetched
    from lea_geo.sources.client import Client
    from lea_geo.sources.registry import Source

VERSIONS = ("2.0.0", "1.1.0", "1.0.0")
JSON_FORMATS = ("application/json", "application/geo+json", "geojson", "json")
_KINDS = {
    "text": {"string", "normalizedString", "token", "date", "dateTime", "time", "anyURI"},
    "whole": {
        "int",
        "integer",
        "long",
        "short",
        "byte",
        "nonNegativeInteger",
        "positiveInteger",
        "unsignedInt",
    },
    "number": {"double", "float", "decimal"},
}


@dataclass(frozen=True)
class Layer:
    """A layer that a service advertises; whether it can be queried is another matter."""

    name: str
    title: str
    crs: tuple[str, ...]
    """Those that it is offered in, its own first, as the service writes them."""


@dataclass(frozen=True)
class Capabilities:
    """What a WFS says of itself."""

    layers: Mapping[str, Layer]
    """By name."""
    version: str
    """The version of WFS that this was said in."""
    versions: tuple[str, ...]
    """Those that the service says it speaks, where it says so."""
    json: str
    """The name of GeoJSON among its formats; empty where it writes none."""
    pages: bool
    """Whether it gives results in pages."""
    sorts: bool
    fetched: Fetched


@dataclass(frozen=True)
class Schema:
    """The columns of a layer."""

    kinds: Mapping[str, str]
    """Column to ``text``, ``whole``, ``number`` or ``other``, without the geometry."""
    fetched: Fetched


def read_capabilities(client: Client, source: Source) -> Capabilities:
    """Return what a WFS says of itself, in the first version of the registry's that it speaks.

    A service that does not speak the version that it is asked in answers in one that it does, or refuses.

    Raises
    ------
    SourceError
        It refuses every version; what it said to the first is told.
    """
    refused: list[SourceError] = []
    for version in source.versions or VERSIONS:
        try:
            fetched = client.get(
                source,
                source.address,
                params=[("service", "WFS"), ("version", version), ("request", "GetCapabilities")],
                check=_check_capabilities,
            )
            return _capabilities(fetched)
        except SourceError as error:
            if not is_refusal(error):
                raise
            refused.append(error)
    raise refused[0]


def read_schema(client: Client, source: Source, layer: str, version: str) -> Schema:
    """Return the columns of a layer."""
    fetched = client.get(
        source,
        source.address,
        params=[
            ("service", "WFS"),
            ("version", version),
            ("request", "DescribeFeatureType"),
            ("typeName", layer),
        ],
        check=_check_schema,
    )
    return Schema(_columns(fromstring(fetched.content)), fetched)


def _check_capabilities(content: bytes, content_type: str) -> None:
    refuse_exception(content, content_type)
    _service(fromstring(content), content)


def _check_schema(content: bytes, content_type: str) -> None:
    refuse_exception(content, content_type)
    _columns(fromstring(content))


def _service(root: Element, content: bytes) -> Any:  # noqa: ANN401 - OWSLib's, by version
    """Let OWSLib read what has been fetched; it is handed bytes and never an address to open."""
    from owslib.wfs import WebFeatureService  # noqa: PLC0415 - slow to import

    said = root.get("version", "")
    version = "2.0.0" if said.startswith("2.") else said
    if not local_name(root).endswith("_Capabilities") or version not in VERSIONS:
        raise BadAnswer(f"it is no capabilities of a WFS but {local_name(root)} {words_of(said)}".rstrip())
    try:
        return WebFeatureService("http://localhost", version, xml=content, parse_remote_metadata=False)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise BadAnswer(f"its capabilities cannot be read ({words_of(str(error))})") from None


def _capabilities(fetched: Fetched) -> Capabilities:
    content = fetched.content
    root = fromstring(content)
    service = _service(root, content)
    layers = {
        name: Layer(name, words_of(one.title or ""), tuple(crs.getcode() for crs in one.crsOptions or ()))
        for name, one in service.contents.items()
    }
    modern = service.version == "2.0.0"
    return Capabilities(
        layers=layers,
        version=service.version,
        versions=_versions(service),
        json="" if service.version == "1.0.0" else _json_format(service),
        pages=modern and _implements(root, "ImplementsResultPaging", unsaid=True),
        sorts=modern and _implements(root, "ImplementsSorting", unsaid=False),
        fetched=fetched,
    )


def _versions(service: Any) -> tuple[str, ...]:  # noqa: ANN401 - OWSLib's
    offered = _offered(service, "GetCapabilities", "AcceptVersions")
    return tuple(sorted({*offered, service.version}, reverse=True))


def _implements(root: Element, constraint: str, *, unsaid: bool) -> bool:
    """Tell whether a service says that it can do something; OWSLib looks for that in another namespace."""
    for element in root.iter():
        if local_name(element) == "Constraint" and element.get("name") == constraint:
            return any("TRUE" in (inner.text or "").upper() for inner in element.iter())
    return unsaid


def _json_format(service: Any) -> str:  # noqa: ANN401 - OWSLib's
    by_name = {name.casefold(): name for name in _offered(service, "GetFeature", "outputFormat")}
    return next((by_name[name] for name in JSON_FORMATS if name in by_name), "")


def _offered(service: Any, operation: str, parameter: str) -> Sequence[str]:  # noqa: ANN401 - OWSLib's
    """Return the values that a parameter may have; WFS 1.0.0 does not say."""
    for one in service.operations:
        if one.name == operation and hasattr(one, "parameters"):
            return list(one.parameters.get(parameter, {}).get("values", ()))
    return []


def _columns(root: Element) -> dict[str, str]:
    """Return the columns of the first feature type of an XML schema, and what each holds."""
    listed = next((element for element in root.iter() if local_name(element) == "sequence"), None)
    if listed is None:
        raise BadAnswer("the service says nothing of the layer's columns")
    types = {one.get("name", ""): _type(one) for one in listed if local_name(one) == "element"}
    return {
        name: next((kind for kind, known in _KINDS.items() if said in known), "other")
        for name, said in types.items()
        if not said.startswith("gml:")
    }


def _type(element: Element) -> str:
    """Return the type of a column, ``gml:`` before it where it is a geometry's."""
    inner = (one.get("base") for one in element.iter() if local_name(one) == "restriction")
    prefix, _, name = (element.get("type") or next(inner, None) or "").rpartition(":")
    return f"gml:{name}" if prefix.startswith("gml") else name
