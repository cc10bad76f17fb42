"""The page's ES modules as one script, which a policy of hashes can name and a file without a server can run.

A browser loads no module from beside an HTML file, so the modules are put after one another, each after
those that it imports, without the words ``import`` and ``export``. They share one scope: names on their top
level are unique, which a test keeps true.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

ENTRY = "main"
_IMPORT = re.compile(r'^import \{[^}]*\} from "\./(\w+)\.js";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=async function |function |class |const )", re.MULTILINE)


def modules() -> Traversable:
    """Return the folder of the modules."""
    return resources.files("lea_geo.maps") / "assets" / "js"


@cache
def joined_modules() -> str:
    """Return every module that the page needs, in one function of its own."""
    parts = [_EXPORT.sub("", _IMPORT.sub("", _text(name))) for name in in_order()]
    return "\n".join(['(function () {\n"use strict";', *parts, "})();\n"])


def in_order(entry: str = ENTRY) -> tuple[str, ...]:
    """Return the names of the modules, each after those that it imports.

    Modules that import each other in a circle come in the order in which they are first met: what they
    take from each other must then be needed only once all of them have run.
    """
    order: dict[str, None] = {}
    met: set[str] = set()

    def visit(name: str) -> None:
        if name in met:
            return
        met.add(name)
        for needed in _IMPORT.findall(_text(name)):
            visit(needed)
        order[name] = None

    visit(entry)
    return tuple(order)


@cache
def _text(name: str) -> str:
    return modules().joinpath(f"{name}.js").read_text(encoding="utf-8")
