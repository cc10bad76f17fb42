"""The scripts and styles that the page carries, and the policy that allows them and nothing else."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from lea_geo.maps.modules import joined_modules

if TYPE_CHECKING:
    from collections.abc import Iterable

SCRIPTS = ("leaflet.js", "page.js")
"""In the order in which the page needs them: Leaflet from its wheel, and the page's own modules as one."""

_STYLES = (
    "page.css",
    "panels.css",
    "picker.css",
    "legend.css",
    "tabs.css",
    "profile.css",
    "compare.css",
    "scatter.css",
    "composite.css",
    "below.css",
    "ranking.css",
    "tools.css",
    "media.css",
    "print.css",
)

_LEAFLET = resources.files("js_lib_leaflet") / "static" / "js_lib_leaflet"
_ASSETS = resources.files("lea_geo.maps") / "assets"
_URL = re.compile(r"url\((images/[\w.-]+)\)")


@cache
def script(name: str) -> str:
    """Return the text of a known script, as it stands in the page."""
    if name == "leaflet.js":
        # The link to a source map would be the page's only address.
        return leaflet_file(name).decode("utf-8").partition("//# sourceMappingURL")[0]
    if name == "page.js":
        return joined_modules()
    return _ASSETS.joinpath(name).read_text(encoding="utf-8")


@cache
def style_sheet() -> str:
    """Return Leaflet's styles, its images turned into data, and then the page's own."""
    leaflet = leaflet_file("leaflet.css").decode("utf-8").replace("behavior: url(#default#VML);", "")
    own = (_ASSETS.joinpath(name).read_text(encoding="utf-8") for name in _STYLES)
    return "\n".join([_URL.sub(_as_data, leaflet), *own])


@cache
def page_template() -> str:
    """Return the page with its slots."""
    return _ASSETS.joinpath("page.html").read_text(encoding="utf-8")


def leaflet_file(name: str) -> bytes:
    """Return a file of Leaflet as its wheel ships it."""
    return _LEAFLET.joinpath(name).read_bytes()


def leaflet_licence() -> str:
    """Return the licence under which Leaflet may be passed on."""
    return _ASSETS.joinpath("leaflet_licence.txt").read_text(encoding="utf-8")


def policy(scripts: Iterable[str], styles: Iterable[str], *, image_hosts: Iterable[str] = ()) -> str:
    """Return a Content-Security-Policy element: only these texts run, only these hosts give images."""
    rules = (
        "default-src 'none'; "
        f"script-src {' '.join(_digest(text) for text in scripts)}; "
        f"style-src {' '.join(_digest(text) for text in styles)}; "
        f"img-src {' '.join(['data: blob:', *image_hosts])}; base-uri 'none'; form-action 'none'"
    )
    return f'<meta http-equiv="Content-Security-Policy" content="{rules}">'


def _digest(text: str) -> str:
    as_parsed = text.replace("\r\n", "\n").replace("\r", "\n")  # browsers read every line end so
    return f"'sha256-{base64.b64encode(hashlib.sha256(as_parsed.encode('utf-8')).digest()).decode('ascii')}'"


def _as_data(match: re.Match[str]) -> str:
    image = base64.b64encode(leaflet_file(match[1])).decode("ascii")
    return f"url(data:image/png;base64,{image})"
