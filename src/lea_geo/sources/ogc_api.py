"""OGC API - Features: the same questions as of a WFS, asked over links in JSON (OGC 17-069r4, 18-058r1)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urljoin, urlsplit, urlunsplit

from lea_geo._checks import features as check
from lea_geo.sources._pages import Page, read_geojson
from lea_geo.sources._places import LONGITUDE_FIRST, check_crs, crs_code
from lea_geo.sources.answers import BadAnswer, complete_json
from lea_geo.sources.features import Features, Gathering

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from lea_geo.sources.cache import Fetched
    from lea_geo.sources.client import Client
    from lea_geo.sources.registry import Source

PAGE = 1000
"""Features in a page, where the registry does not say."""
MOST_PAGES = 10_000
MOST_QUESTIONS = 500
"""Combinations of values to choose by; each is a question of its own."""
_DATA = ("data", "http://www.opengis.net/def/rel/ogc/1.0/data")
_QUERYABLES = ("queryables", "http://www.opengis.net/def/rel/ogc/1.0/queryables")
_BEST = ("application/geo+json", "application/json")


@dataclass(frozen=True)
class Collection:
    """A collection of features that a service lists."""

    name: str
    title: str
    crs: tuple[str, ...]
    """Those that it is offered in, its own first, as the service writes them."""
    items: str
    """The address of its features."""
    queryables: str
    """The address of what it can be chosen by; empty where it does not say."""


@dataclass(frozen=True)
class Collections:
    """What a service lists."""

    layers: Mapping[str, Collection]
    """By name."""
    fetched: tuple[Fetched, ...]


def list_layers(client: Client, source: Source) -> Collections:
    """Return the collections that a service lists.

    Parameters
    ----------
    client
        Asks and keeps the answers.
    source
        An OGC API of the registry.

    Returns
    -------
    Collections
        ``.layers`` by name.

    Raises
    ------
    SourceError
        The service cannot be asked, or its answer is none.
    """
    landing = _get(client, source, source.address, [("f", "json")], _landing)
    address = _link(_landing(landing.content, landing.record.url), _DATA, landing.record.url)
    listed = _get(client, source, address, [], _collections)
    return Collections(_collections(listed.content, listed.record.url), (landing, listed))


def download_features(
    client: Client,
    source: Source,
    layer: str,
    *,
    where: Mapping[str, str | Sequence[str]] | None = None,
    crs: str | None = None,
    fields: Sequence[str] | None = None,
) -> Features:
    """Download a collection, or the features of it that are chosen by their attributes.

    Parameters
    ----------
    client
        Asks and keeps the answers; it follows no link to a host that the registry does not name.
    source
        An OGC API of the registry.
    layer
        The name of the collection.
    where
        Columns and the values that they may have: ``{"kunta": ["092", "837"]}``. Values are compared as text.
    crs
        The CRS to ask for; None asks for the source's own. One that the collection is not offered in is not
        asked for, and noted: longitude and latitude then come.
    fields
        The columns to keep; None keeps all.

    Returns
    -------
    Features
        As many as the service says that there are, each once, in Finland.

    Raises
    ------
    UsageError
        ``where`` or ``crs`` is none, or has too many combinations of values for a service that is asked for
        one at a time.
    SourceError
        There is no such collection; there are no such features, or not all of them come; they are not those
        that were asked for, or do not lie in Finland.
    """
    chosen = check.check_where(where or {})
    check_crs(crs)
    listed = list_layers(client, source)
    collection = listed.layers[check.known_layer(source.name, layer, listed.layers)]
    gathering = Gathering(source, collection.name)
    others = [*listed.fetched, *_check_queryables(client, source, collection, list(chosen))]
    asked = _asked_crs(gathering, collection, crs or source.crs)
    for choice in _choices(chosen):
        _read_pages(client, gathering, collection.items, [*choice, *asked])
    check.check_some(source.name, collection.name, got=len(gathering), where=chosen)
    return gathering.features(where=chosen, fields=fields, others=others)


def _asked_crs(gathering: Gathering, collection: Collection, wanted: str) -> list[tuple[str, object]]:
    """Return the parameter that asks for a CRS, in the words in which the collection offers it."""
    code = _code(wanted) if wanted else LONGITUDE_FIRST
    offered = next((one for one in collection.crs if _code(one) == code), "")
    if offered:
        gathering.asked_crs = code
        return [("crs", offered)]
    gathering.asked_crs = LONGITUDE_FIRST
    if code != LONGITUDE_FIRST:
        gathering.notes.append(
            f"{collection.name}: {code} is not offered; longitude and latitude were taken."
        )
    return []


def _code(text: str) -> str:
    try:
        return crs_code(text)
    except BadAnswer:
        return text


def _choices(chosen: Mapping[str, Sequence[str]]) -> Iterator[list[tuple[str, object]]]:
    """Return one question for each combination of values: a query of this API compares with one of each."""
    check.check_questions(chosen, most=MOST_QUESTIONS)
    for values in product(*chosen.values()):
        yield list(zip(chosen, values, strict=True))


def _read_pages(
    client: Client, gathering: Gathering, address: str, params: Sequence[tuple[str, object]]
) -> None:
    """Follow the links from page to page, and hold the number of features against what the service says."""
    source, before, matched = gathering.source, len(gathering), None
    asked: list[tuple[str, object]] = [*params, ("limit", source.limits.page or PAGE)]
    for _ in range(MOST_PAGES):
        page, fetched = _page(client, source, address, asked)
        if matched is not None and page.matched not in {None, matched}:
            raise check.changed_meanwhile(source.name, gathering.layer, matched, page.matched)
        matched = page.matched if page.matched is not None else matched
        gathering.add(page, fetched)  # which refuses pages that lead in a circle
        address, asked = page.more, []
        # A page without features is the last one, whatever it says: some services always have a next.
        if not address or not len(page):
            break
    else:
        raise check.failed_layer(source.name, gathering.layer, f"it has more than {MOST_PAGES} pages")
    if matched is None:
        gathering.note_uncounted()
    check.check_full(source.name, gathering.layer, got=len(gathering) - before, of=matched)


def _page(
    client: Client, source: Source, address: str, asked: Sequence[tuple[str, object]]
) -> tuple[Page, Fetched]:
    """Return one page; it is read while the client decides whether to keep it, and not again."""
    held: list[Page] = []
    fetched = _get(
        client, source, address, asked, lambda content, url: held.append(read_geojson(content, url))
    )
    return (held[-1] if held else read_geojson(fetched.content, address)), fetched


def _check_queryables(
    client: Client, source: Source, collection: Collection, names: Sequence[str]
) -> list[Fetched]:
    """Refuse to choose by what a collection cannot be chosen by; a service ignores what it does not know."""
    if not names or not collection.queryables:
        return []
    fetched = _get(client, source, collection.queryables, [], _queryables)
    known = _queryables(fetched.content, fetched.record.url)
    check.check_columns(source.name, collection.name, columns=known, fields=[], where=names)
    return [fetched]


def _get(
    client: Client,
    source: Source,
    address: str,
    params: Sequence[tuple[str, object]],
    read: Callable[[bytes, str], object],
) -> Fetched:
    """Ask at an address that may hold a question itself, as links do."""
    parts = urlsplit(address)
    own = parse_qsl(parts.query, keep_blank_values=True)
    bare = urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))
    return client.get(
        source,
        bare,
        params=[*own, *(pair for pair in params if pair[0] not in dict(own))],
        check=lambda content, _: _discard(read(content, address)),
    )


def _discard(_: object) -> None:
    """Let a reader serve as a check."""


def _landing(content: bytes, url: str) -> list[Any]:
    held = complete_json(content)
    links = held.get("links") if isinstance(held, dict) else None
    if not isinstance(links, list) or not _link(links, _DATA, url):
        raise BadAnswer("it is no landing page of an OGC API: no link leads to its collections")
    return links


def _collections(content: bytes, url: str) -> dict[str, Collection]:
    held = complete_json(content)
    listed = held.get("collections") if isinstance(held, dict) else None
    if not isinstance(listed, list):
        raise BadAnswer("it lists no collections")
    made = [
        _collection(one, url) for one in listed if isinstance(one, dict) and isinstance(one.get("id"), str)
    ]
    return {one.name: one for one in made if one.items}


def _collection(held: Mapping[str, Any], url: str) -> Collection:
    links, offered = ([] if not isinstance(held.get(key), list) else held[key] for key in ("links", "crs"))
    known = [one for one in (held.get("storageCrs"), *offered) if isinstance(one, str)]
    return Collection(
        name=held["id"],
        title=check.words_of(str(held.get("title", ""))),
        crs=tuple(dict.fromkeys(known)),
        items=_link(links, ("items",), url),
        queryables=_link(links, _QUERYABLES, url),
    )


def _queryables(content: bytes, url: str) -> list[str]:  # noqa: ARG001 - a reader's form
    held = complete_json(content)
    if not isinstance(held, dict) or not isinstance(held.get("properties"), dict):
        raise BadAnswer("it does not say what can be chosen by")
    return list(held["properties"])


def _link(links: Sequence[Any], relations: Sequence[str], url: str) -> str:
    """Return where a link leads, in JSON if there is a choice; empty where there is none."""
    known = {
        str(link.get("type", "")).partition(";")[0]: urljoin(url, link["href"])
        for link in reversed(links)
        if isinstance(link, dict) and link.get("rel") in relations and isinstance(link.get("href"), str)
    }
    return next((known[kind] for kind in (*_BEST, *reversed(known)) if kind in known), "")
