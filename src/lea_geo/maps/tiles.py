"""Background tiles, for whoever asks for them by name: all that a map would use the network for."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from urllib.parse import quote, urlsplit

from lea_geo._checks.maps import check_tiles, refuse_tile_key, refuse_tiles


@dataclass(frozen=True)
class Tiles:
    """A server of tiles in the tile scheme of ETRS-TM35FIN (JHS 180): 8 192 m a pixel at level 0."""

    url: str
    """Address of a tile, with ``{z} {x} {y}``; ``{key}`` where the server wants one."""
    attribution: str
    """Whose map it is, as the licence asks."""
    deepest: int = 15
    """The finest level that the server has."""

    @property
    def host(self) -> str:
        """The server as a Content-Security-Policy names it."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"


PROVIDERS = {
    "maanmittauslaitos": Tiles(
        "https://avoin-karttakuva.maanmittauslaitos.fi/avoin/wmts/1.0.0/taustakartta/default/ETRS-TM35FIN"
        "/{z}/{y}/{x}.png?api-key={key}",
        "© Maanmittauslaitos",
    ),
}
"""Servers known by name. Maanmittauslaitos gives the key that its open map needs free of charge."""


def find_tiles(tiles: Tiles | str, *, key: str, projected: bool) -> Tiles:
    """Return the server of tiles, its key filled in.

    Parameters
    ----------
    tiles
        One of ``PROVIDERS``, or a server of one's own.
    key
        The key that the server wants; empty for none.
    projected
        Whether the page draws in ETRS-TM35FIN.

    Raises
    ------
    UsageError
        There is no such server, its address is none, its key is missing, or the page draws in another
        projection.
    """
    found = PROVIDERS.get(tiles) if isinstance(tiles, str) else tiles
    if not isinstance(found, Tiles) or not projected:
        raise refuse_tiles(tiles, PROVIDERS, projected=projected)
    check_tiles(**asdict(found))
    if "{key}" in found.url and not (key and isinstance(key, str)):
        raise refuse_tile_key(tiles)
    return replace(found, url=found.url.replace("{key}", quote(key, safe="")))
