"""A branca figure whose page is one file: no link, no second rendering, no script but the known ones.

branca keeps what its elements have rendered as new templates and renders them again, so that text which
came from data runs as code. Here what was rendered once is kept as it is. A link to a file that the page
carries is dropped, any other link is an error. The Content-Security-Policy lists the hash of every script and
style sheet, taken before data is put in; data goes into an element that nothing executes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from branca.element import Element, Figure, Link
from jinja2 import Template, TemplateSyntaxError

from lea_geo._checks.maps import refuse_link, refuse_markup
from lea_geo.maps.known_files import SCRIPTS, page_template, policy, script, style_sheet

if TYPE_CHECKING:
    from collections.abc import Mapping

_CARRIED = ("leaflet.js", "leaflet.css")
_RANDOM_ID = re.compile(r"(?<=_)[0-9a-f]{32}(?![0-9a-f])")
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)
_SLOT = re.compile(r"<!--lea:([a-z]+)-->")
_NEEDS_FILES = {
    "L.AwesomeMarkers": "Leaflet.awesome-markers",
    "L.tileLayer(": "map tiles",
    "L.tileLayer.": "map tiles",
}


class _Verbatim(Element):  # type: ignore[misc]  # branca ships no types
    """Text that has been rendered already."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def render(self, **kwargs: object) -> str:  # noqa: ARG002 - branca's signature
        return self.text


class _Shelf(Element):  # type: ignore[misc]  # branca ships no types
    """One part of the figure: keeps what was rendered, refuses links to what the page does not carry."""

    def add_child(self, child: Element, name: str | None = None, index: int | None = None) -> Element:
        if isinstance(child, Link):
            if not child.url.endswith(_CARRIED):
                refuse_link(child.url)
            return self
        if type(child) is Element and child._template_str is not None:  # noqa: SLF001 - branca has no getter
            child, name = _Verbatim(child._template_str), name or child.get_name()  # noqa: SLF001
        super().add_child(child, name=name, index=index)
        return self

    def texts(self) -> dict[str, str]:
        """Return the text of each child by its name."""
        return {name: str(child.render()) for name, child in self._children.items()}


class OfflineFigure(Figure):  # type: ignore[misc]  # branca ships no types
    """The figure under a planner's map.

    Parameters
    ----------
    slots
        Texts that take the places ``<!--lea:name-->`` of the page, safe where they stand. They are put in
        last and never looked at again.
    image_hosts
        Servers of background tiles, which the page may ask for images.
    """

    _template = Template("")

    def __init__(self, slots: Mapping[str, str], *, image_hosts: tuple[str, ...] = ()) -> None:
        super().__init__()
        self.slots = dict(slots)
        self.image_hosts = image_hosts
        for part in ("header", "html", "script"):
            shelf = _Shelf()
            shelf._parent = self  # noqa: SLF001 - as branca's own figure does
            setattr(self, part, shelf)

    def render(self, **kwargs: object) -> str:
        """Return the whole page.

        Raises
        ------
        UsageError
            When a folium layer needs a file that the page does not carry, or holds text that could run
            as code.
        """
        kept = {part: dict(part._children) for part in (self.header, self.html, self.script)}  # noqa: SLF001
        try:
            for name, child in self._children.items():
                self._render_child(name, child, kwargs)
            return self._page()
        finally:
            for part, children in kept.items():  # saved twice, a map must not hold its layers twice
                part._children.clear()  # noqa: SLF001
                part._children.update(children)  # noqa: SLF001

    @staticmethod
    def _render_child(name: str, child: Element, kwargs: Mapping[str, object]) -> None:
        try:
            child.render(**kwargs)
        except TemplateSyntaxError:
            refuse_markup(name, "{%")

    def _page(self) -> str:
        header, html, code = (part.texts() for part in (self.header, self.html, self.script))
        _check_markup({**header, **html}, code)
        own, *layers = _with_stable_ids(list(code.values()))
        styles = [*_STYLE.findall("\n".join(header.values()))]
        scripts = [script(name) for name in SCRIPTS]
        scripts += [own, *([script("folium_bridge.js"), "\n".join(layers)] if layers else [])]
        parts = {
            "policy": policy(scripts, [style_sheet(), *styles], image_hosts=self.image_hosts),
            "style": "\n".join(f"<style>{style}</style>" for style in (style_sheet(), *styles)),
            "layers": "\n".join(html.values()),
            "scripts": "\n".join(f"<script>{text}</script>" for text in scripts),
        }
        return _fill(page_template(), {**parts, **self.slots})


def _check_markup(markup: Mapping[str, str], code: Mapping[str, str]) -> None:
    """Refuse what would leave its script element, bring one along, or run inside a JavaScript template."""
    for name, text in markup.items():
        if "<script" in text.lower():
            refuse_markup(name, "<script")
    for name, text in code.items():
        for marker in ("</script", "<script", "<!--"):
            if marker in text.lower():
                refuse_markup(name, marker)
        if name.startswith(("popup_", "tooltip_")) and "${" in text:
            refuse_markup(name, "${")
        for call, needed in _NEEDS_FILES.items():
            if call in text:
                refuse_link(needed)


def _with_stable_ids(texts: list[str]) -> list[str]:
    """Number folium's random ids in the order in which they occur: the same map is the same file."""
    seen: dict[str, str] = {}

    def number(match: re.Match[str]) -> str:
        return seen.setdefault(match[0], str(len(seen) + 1))

    return [_RANDOM_ID.sub(number, text) for text in texts]


def _fill(page: str, slots: Mapping[str, str]) -> str:
    """Fill every slot in one pass, so that what is put in is never searched for slots."""
    return _SLOT.sub(lambda match: slots.get(match[1], ""), page)
