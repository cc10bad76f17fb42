"""Which services there are, whose they are, and what they ask of those who call."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from lea_geo._checks import sources as check

if TYPE_CHECKING:
    from collections.abc import Mapping

SERVICES = ("wfs", "ogc_api", "pxweb", "sotkanet")
BUILT_IN = Path(__file__).with_name("registry.toml")
DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Limits:
    """What a service asks of those who call; None where it asks nothing."""

    calls: int | None = None
    """At most so many calls in ``seconds``."""
    seconds: float | None = None
    cells: int | None = None
    """The most cells in one answer."""
    page: int | None = None
    """How many rows are asked for at a time."""


@dataclass(frozen=True)
class Source:
    """One service of the registry."""

    name: str
    what: str
    service: str
    """One of ``SERVICES``."""
    address: str
    """Where it is; ``{language}`` stands for fi, sv or en."""
    owner: str
    licence: str
    versions: tuple[str, ...] = ()
    """Versions of the service's protocol, the best first; empty means the newest that is known."""
    layers: Mapping[str, str] = field(default_factory=dict)
    """Layers or tables by what they hold: templates with ``{year}`` and ``{cell}``."""
    years: tuple[int, int] | None = None
    """The first and the last year that are known of; the service itself says which there are."""
    area_id: tuple[str, ...] = ()
    """What the column of area ids is called, in one year or another."""
    crs: str = ""
    limits: Limits = field(default_factory=Limits)

    def layer(self, what: str, **parts: object) -> str:
        """Return the name of a layer: ``source.layer("figures", year=2024)``."""
        return check.known_layer(self.name, what, self.layers).format_map(parts)


@dataclass(frozen=True)
class Registry:
    """The sources that may be fetched from."""

    sources: Mapping[str, Source]
    """Name to source."""
    text: str = ""
    """The file as it was read, so that it can be kept with what was fetched."""

    @cached_property
    def hosts(self) -> frozenset[str]:
        """The hosts of all addresses, in small letters, with the port where it is not the scheme's own."""
        return frozenset(host_of(one.address) for one in self.sources.values())

    @cached_property
    def plain_hosts(self) -> frozenset[str]:
        """Those that an address reaches without encryption."""
        addresses = (one.address for one in self.sources.values())
        return frozenset(host_of(one) for one in addresses if urlsplit(one).scheme == "http")

    def __getitem__(self, name: str) -> Source:
        """Return a source by name, or name the nearest."""
        return self.sources[check.known_source(name, self.sources)]


def load_registry(path: str | Path | None = None) -> Registry:
    """Read a registry of sources.

    Parameters
    ----------
    path
        A TOML file as ``boundaries/registry.toml``; None takes that one, which comes with the package.

    Raises
    ------
    UsageError
        There is no such file.
    SourceError
        Everything that is wrong with it, at once.
    """
    path = Path(path) if path is not None else BUILT_IN
    text = check.read_registry_text(path)
    try:
        entries = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise check.refuse_registry_syntax(path, error) from None
    check.check_entries(path, entries, SERVICES)
    live = {name: entry for name, entry in entries.items() if "service" in entry}
    return Registry({name: _source(name, entry) for name, entry in live.items()}, text)


def _source(name: str, entry: Mapping[str, Any]) -> Source:
    lists = {key: tuple(entry[key]) for key in ("versions", "years", "area_id") if key in entry}
    limits = Limits(**entry.get("limits", {}))
    return Source(name=name, **{**entry, **lists, "limits": limits})


def host_of(address: str) -> str:
    """Return the host of an address in small letters, with the port where it is not the scheme's own.

    Examples
    --------
    >>> host_of("https://geo.stat.fi:443/geoserver")
    'geo.stat.fi'
    >>> host_of("http://127.0.0.1:8080/")
    '127.0.0.1:8080'
    """
    parts = urlsplit(address)
    host = (parts.hostname or "").lower()
    port = parts.port or DEFAULT_PORTS.get(parts.scheme)
    return host if port == DEFAULT_PORTS.get(parts.scheme) else f"{host}:{port}"
