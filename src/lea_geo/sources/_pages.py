"""One answer with features in it, as it was written: GeoJSON or GML."""

from __future__ import annotations

import json
import re
import tempfile
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urljoin

import pyogrio
import shapely
from defusedxml.ElementTree import fromstring
from shapely.geometry import shape

from lea_geo._checks.features import words_of
from lea_geo.sources._places import crs_code
from lea_geo.sources.answers import BadAnswer

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from xml.etree.ElementTree import Element

_KINDS = frozenset(
    ("Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon", "GeometryCollection")
)
_UNREADABLE = (ValueError, TypeError, LookupError, RecursionError, shapely.errors.ShapelyError)
_VIRTUAL = b"<OGR"
"""How GDAL's virtual layers begin, which are recognised by their text and not by their place."""
_RANDOM = re.compile(r"(?:^|\.)fid-")
"""How GeoServer names features without a key: they are called otherwise at every call."""
_GML_OPTIONS = {
    "GML_FIELDTYPES": "ALWAYS_STRING",  # 00100 would become 100
    "GML_DOWNLOAD_SCHEMA": "NO",  # nobody but the client opens an address
    "GML_SKIP_RESOLVE_ELEMS": "ALL",
    "GML_SKIP_CORRUPTED_FEATURES": "NO",
}


@dataclass(frozen=True)
class Page:
    """The features of one answer."""

    ids: Sequence[str]
    """What the server calls each; empty where it gives no name that lasts."""
    rows: Sequence[Mapping[str, Any]]
    """The properties of each."""
    geometry: Sequence[Any]
    """A shapely geometry or None each."""
    crs: str = ""
    """The CRS that the answer says it is in; empty where it says none."""
    matched: int | None = None
    """How many features there are in all, where the answer says so."""
    more: str = ""
    """The address of the next page."""

    def __len__(self) -> int:
        return len(self.rows)

    def keys(self) -> list[object]:
        """Return what tells features apart: their ids, or all that they hold."""
        return [
            one or hash((b"" if geometry is None else geometry.wkb, repr(row)))
            for one, row, geometry in zip(self.ids, self.rows, self.geometry, strict=True)
        ]


def read_geojson(content: bytes, url: str = "") -> Page:
    """Read a FeatureCollection; ``url`` is what its links are relative to.

    Geometries are built while the text is read, so that there are never all coordinates as Python numbers.

    Raises
    ------
    BadAnswer
        It is no FeatureCollection, or a geometry is none; what a server says instead is repeated.
    """
    try:
        held = json.loads(content, object_hook=_built, parse_constant=_no_number)
    except _UNREADABLE as error:
        raise BadAnswer(f"it is no GeoJSON that can be read: {words_of(str(error))}") from None
    if not isinstance(held, dict) or held.get("type") != "FeatureCollection":
        raise BadAnswer(_said_instead(held))
    features = held.get("features")
    if not isinstance(features, list) or not all(map(_is_feature, features)):
        raise BadAnswer("it is a FeatureCollection whose features are none")
    _check_returned(held.get("numberReturned"), len(features))
    return Page(
        ids=[_lasting(feature.get("id")) for feature in features],
        rows=[_plain(feature["properties"]) for feature in features],
        geometry=[feature["geometry"] for feature in features],
        crs=_named_crs(held.get("crs")),
        matched=_whole(held.get("numberMatched", held.get("totalFeatures"))),
        more=_next(held.get("links"), url),
    )


def read_gml(content: bytes, columns: Collection[str]) -> Page:
    """Read a GML document of any version; every property is a text.

    Parameters
    ----------
    content
        The document, without a DTD.
    columns
        Those of the layer: the reader takes other elements of GML for columns as well.

    Raises
    ------
    BadAnswer
        It holds features that the reader does not find, or it cannot be read.
    """
    root = fromstring(content)
    if local_name(root) != "FeatureCollection":
        raise BadAnswer(f"it is XML and no FeatureCollection but {local_name(root)[:100]}")
    if _VIRTUAL in content:
        raise BadAnswer("it is GML that holds a virtual layer, which leads to other files")
    told = count_gml_members(root)
    _check_returned(root.get("numberReturned"), told)
    if not told:
        return Page([], [], [], matched=matched_of(root))
    with tempfile.TemporaryDirectory(prefix="lea_geo_") as folder:
        file = Path(folder) / "answer.gml"
        file.write_bytes(content)
        frame = _read_gml_file(file)
    if len(frame) != told:
        raise BadAnswer(f"it is GML of {told} features, of which {len(frame)} can be read")
    name = next((column for column in ("gml_id", "fid") if column in frame.columns), None)
    ids = [_lasting(one) for one in frame[name]] if name else [""] * len(frame)
    table = frame[[column for column in columns if column in frame]].astype(object)
    rows = table.where(table.notna(), None).to_dict("records")
    declared = next((e.get("srsName", "") for e in root.iter() if e.get("srsName")), "")
    crs = crs_code(declared) if declared else ""
    return Page(ids, rows, list(frame.geometry), crs, matched_of(root))


def count_gml_members(root: Element) -> int:
    """Return how many features a WFS answer holds."""
    return sum(
        len(element) if local_name(element).endswith("Members") else 1
        for element in root
        if local_name(element) in {"member", "featureMember", "featureMembers"}
    )


def matched_of(root: Element) -> int | None:
    """Return how many features there are in all, as WFS 2.0.0 or 1.1.0 say it; None where unknown."""
    return _whole(root.get("numberMatched", root.get("numberOfFeatures")))


def local_name(element: Element) -> str:
    """Return the name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def refuse_exception(content: bytes, content_type: str) -> None:  # noqa: ARG001 - the client's form
    """Refuse an answer that is an error in XML, whatever its status, with what the server says."""
    if b"Exception" not in content[:2000]:
        return
    root = fromstring(content)
    if local_name(root) in {"ExceptionReport", "ServiceExceptionReport"}:
        said = words_of(" ".join(root.itertext()))
        raise BadAnswer(f"the service says: {said or 'nothing of what is wrong'}")


def _check_returned(said: object, n: int) -> None:
    if _whole(said) not in {None, n}:
        raise BadAnswer(f"it says that it holds {said} features and holds {n}", again=True)


def _read_gml_file(file: Path) -> Any:  # noqa: ANN401 - a GeoDataFrame
    before = {name: pyogrio.get_gdal_config_option(name) for name in _GML_OPTIONS}
    pyogrio.set_gdal_config_options(_GML_OPTIONS)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what is missing is counted
            return pyogrio.read_dataframe(file, on_invalid="raise", use_arrow=False)
    except (RuntimeError, ValueError, shapely.errors.ShapelyError) as error:
        raise BadAnswer(f"it is GML that cannot be read: {words_of(str(error))}") from None
    finally:
        pyogrio.set_gdal_config_options(before)


def _built(held: dict[str, Any]) -> Any:  # noqa: ANN401 - a geometry or the same
    kind = held.get("type")
    if kind not in _KINDS or not ("coordinates" in held or "geometries" in held):
        return held
    if kind == "GeometryCollection":
        return shapely.GeometryCollection(held["geometries"])
    return shape(held)


def _is_feature(held: Any) -> bool:  # noqa: ANN401 - JSON
    if not isinstance(held, dict) or held.get("type") != "Feature":
        return False
    geometry, properties = held.setdefault("geometry", None), held.get("properties") or {}
    held["properties"] = properties
    return isinstance(properties, dict) and (geometry is None or isinstance(geometry, shapely.Geometry))


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value if _is_scalar(value) else _text(value) for name, value in row.items()}


def _is_scalar(value: object) -> bool:
    return value is None or isinstance(value, str | int | float)


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=shapely.to_geojson)


def _lasting(name: object) -> str:
    text = "" if name is None else str(name)
    return "" if _RANDOM.search(text) else text


def _whole(text: object) -> int | None:
    return int(str(text)) if str(text).isdecimal() and len(str(text)) < 16 else None


def _named_crs(held: Any) -> str:  # noqa: ANN401 - JSON
    """Return the CRS that GeoJSON names, as GeoServer and GDAL still do; empty where it names none."""
    properties = held.get("properties") if isinstance(held, dict) else None
    named = properties.get("name") if isinstance(properties, dict) else None
    return crs_code(str(named)) if named else ""


def _next(links: Any, url: str) -> str:  # noqa: ANN401 - JSON
    for link in links if isinstance(links, list) else []:
        if isinstance(link, dict) and link.get("rel") == "next" and isinstance(link.get("href"), str):
            return urljoin(url, str(link["href"]))
    return ""


def _said_instead(held: Any) -> str:  # noqa: ANN401 - JSON
    """Return what a JSON answer that is no data says: GeoServer's exceptions, or OGC API's description."""
    if not isinstance(held, dict):
        return "it is JSON and no FeatureCollection"
    told = held.get("exceptions")
    inner = [one.get("text") for one in told if isinstance(one, dict)] if isinstance(told, list) else []
    said = words_of(" ".join(str(text) for text in (*inner, held.get("description")) if text))
    return f"the service says: {said}" if said else "it is JSON and no FeatureCollection"


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")
