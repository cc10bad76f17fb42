"""Web Feature Service: whole layers, or those features of one that are asked for, and none but all of them.

WFS 2.0.0 (OGC 09-025r2) is read in pages; 1.1.0 (OGC 04-094) and 1.0.0 (OGC 02-058) in one answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from defusedxml.ElementTree import fromstring

from lea_geo._checks import features as check
from lea_geo.errors import SourceError
from lea_geo.sources._pages import Page, matched_of, read_geojson, read_gml, refuse_exception
from lea_geo.sources._places import check_crs
from lea_geo.sources.features import MOST_FEATURES, Features, Gathering
from lea_geo.sources.wfs_capabilities import Capabilities, Layer, Schema, read_capabilities, read_schema
from lea_geo.sources.wfs_filter import filters

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from lea_geo.sources.cache import Fetched
    from lea_geo.sources.client import Client
    from lea_geo.sources.registry import Source

__all__ = ["Capabilities", "Layer", "download_features", "list_layers"]

PAGE = 1000
"""Features in a page, where the registry does not say."""
MOST_PROBES = 3
"""Layers of other years that are tried when one is not answered."""


def list_layers(client: Client, source: Source) -> Capabilities:
    """Return the layers that a WFS advertises, and the versions that it speaks.

    Parameters
    ----------
    client
        Asks and keeps the answer.
    source
        A WFS of the registry.

    Returns
    -------
    Capabilities
        ``.layers`` by name, ``.version`` and ``.versions``.

    Raises
    ------
    SourceError
        The service cannot be asked, or its answer is none.
    """
    return read_capabilities(client, source)


def download_features(
    client: Client,
    source: Source,
    layer: str,
    *,
    where: Mapping[str, str | Sequence[str]] | None = None,
    crs: str | None = None,
    fields: Sequence[str] | None = None,
) -> Features:
    """Download a layer of a WFS, or the features of it that are chosen by their attributes.

    Parameters
    ----------
    client
        Asks and keeps the answers.
    source
        A WFS of the registry.
    layer
        Its name, as ``postialue:pno_tilasto_2024``.
    where
        Columns and the values that they may have: ``{"kunta": ["092", "837"]}``. Values are compared as text.
    crs
        The CRS to ask for; None asks for the source's own. A service that answers in another is noted, and
        nothing is brought over.
    fields
        The columns to keep; None keeps all.

    Returns
    -------
    Features
        As many as the service says that there are, each once, in Finland.

    Raises
    ------
    UsageError
        ``where`` or ``crs`` is none.
    SourceError
        The layer is not advertised, or is and cannot be queried; there are no such features, or not all of
        them come; they are not those that were asked for, or do not lie in Finland.
    """
    chosen = check.check_where(where or {})
    check_crs(crs)
    service = read_capabilities(client, source)
    name = check.known_layer(source.name, layer, service.layers)
    asked = crs or source.crs or next(iter(service.layers[name].crs), "")
    query = _Query(client, source, service, name, asked)
    schema = query.schema()
    check.check_columns(
        source.name, name, columns=list(schema.kinds), fields=list(fields or ()), where=list(chosen)
    )
    gathering = Gathering(source, name, asked, schema.kinds)
    for text in filters(chosen, service.version):
        query.read(gathering, schema, text)
    check.check_some(source.name, name, got=len(gathering), where=chosen)
    return gathering.features(
        where=chosen, fields=fields, others=(service.fetched, schema.fetched, *query.counted)
    )


@dataclass
class _Query:
    """One layer of a service that is asked for in its own version of WFS."""

    client: Client
    source: Source
    service: Capabilities
    layer: str
    crs: str

    def __post_init__(self) -> None:
        self.counted: list[Fetched] = []

    def schema(self) -> Schema:
        """Return the layer's columns; a layer that is advertised may not be there yet."""
        try:
            return read_schema(self.client, self.source, self.layer, self.service.version)
        except SourceError as error:
            raise self._unanswered(error) from None

    def read(self, gathering: Gathering, schema: Schema, chosen: str) -> None:
        """Add the features that a filter chooses, and hold their number against what the service says."""
        base = [*self._base(self.layer), *([("filter", chosen)] if chosen else [])]
        matched = self._count(base)
        if matched is None:
            gathering.note_uncounted()
        before = len(gathering)
        if matched != 0:
            asked = [*base, *self._form()]
            if self.service.pages:
                self._read_pages(gathering, [*asked, *self._order(schema)], matched)
            else:
                limit = "count" if self.service.version == "2.0.0" else "maxFeatures"
                self._read_page(gathering, [*asked, (limit, MOST_FEATURES if matched is None else matched)])
        got = len(gathering) - before
        check.check_full(self.source.name, self.layer, got=got, of=matched)

    def _read_pages(
        self, gathering: Gathering, asked: Sequence[tuple[str, object]], matched: int | None
    ) -> None:
        """Add pages until there are as many features as there should be, or until one is empty."""
        size, start, got = self.source.limits.page or PAGE, 0, -1
        while got and (matched is None or start < matched):
            page = [("count", size), *([("startIndex", start)] if start else [])]
            got = self._read_page(gathering, [*asked, *page], matched=matched)
            start += got

    def _read_page(
        self, gathering: Gathering, params: Sequence[tuple[str, object]], *, matched: int | None = None
    ) -> int:
        read = _Read(gathering.kinds)
        fetched = self.client.get(self.source, self.source.address, params=params, check=read.check)
        page = read.page or read_page(fetched.content, gathering.kinds)
        if matched is not None and page.matched not in {None, matched}:
            raise check.changed_meanwhile(self.source.name, self.layer, matched, page.matched)
        gathering.add(page, fetched)
        return len(page)

    def _count(self, base: Sequence[tuple[str, object]]) -> int | None:
        """Return how many features there are; None where the service does not tell."""
        if self.service.version == "1.0.0":
            return None
        params = [*base, ("resultType", "hits")]
        try:
            fetched = self.client.get(self.source, self.source.address, params=params, check=refuse_exception)
        except SourceError as error:
            raise self._unanswered(error) from None
        self.counted.append(fetched)
        return matched_of(fromstring(fetched.content))

    def _base(self, layer: str) -> list[tuple[str, object]]:
        version = self.service.version
        names = "typeNames" if version == "2.0.0" else "typeName"
        return [("service", "WFS"), ("version", version), ("request", "GetFeature"), (names, layer)]

    def _form(self) -> list[tuple[str, object]]:
        json = self.service.json
        return [
            *([("srsName", self.crs)] if self.crs else []),
            *([("outputFormat", json)] if json else []),
        ]

    def _order(self, schema: Schema) -> list[tuple[str, object]]:
        """Ask for an order, without which pages may overlap: that of the area ids."""
        by = [name for name in self.source.area_id if name in schema.kinds]
        return [("sortBy", by[0])] if by and self.service.sorts else []

    def _unanswered(self, error: SourceError) -> SourceError:
        """Return the error for a layer that is advertised and not answered, with the years that are."""
        if not check.is_refusal(error):
            return error
        years = check.of_other_years(self.layer, self.service.layers)
        answered: list[str] = []
        tried = list(years)[:MOST_PROBES]
        for year in tried:
            params = [*self._base(years[year]), ("count", 1), ("maxFeatures", 1)]
            try:
                self.client.get(self.source, self.source.address, params=params, check=refuse_exception)
            except SourceError:
                continue
            answered.append(year)
        return check.unanswered_layer(
            self.source.name,
            self.layer,
            error.faults[0].what,
            answered,
            [year for year in years if year not in tried],
        )


class _Read:
    """Reads an answer while the client decides whether to keep it, so that it is not read twice."""

    def __init__(self, columns: Collection[str]) -> None:
        self.columns = columns
        self.page: Page | None = None

    def check(self, content: bytes, content_type: str) -> None:
        """Refuse what holds no features."""
        refuse_exception(content, content_type)
        self.page = read_page(content, self.columns)


def read_page(content: bytes, columns: Collection[str]) -> Page:
    """Read an answer in the form that it is in, whatever was asked for."""
    is_xml = content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
    return read_gml(content, columns) if is_xml else read_geojson(content)
