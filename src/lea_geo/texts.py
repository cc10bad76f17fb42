"""The words that a reader meets, in Finnish, Swedish and English.

``texts.toml`` beside this file holds the words that the map and the report share: domains, units, statuses,
labels. A room with texts of its own keeps them in a TOML file of the same shape and reads it with
:func:`read_texts`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

from lea_geo.schema import LANGUAGES, Text


@cache
def read_texts(package: str, name: str = "texts.toml") -> Mapping[str, Text]:
    """Return the texts of a TOML file inside a package, by dotted key.

    Parameters
    ----------
    package
        The importable package that holds the file: ``"lea_geo.maps"``.
    name
        The file: tables of any depth whose leaves are ``{ fi = ..., sv = ..., en = ... }``.

    Raises
    ------
    ValueError
        When a text lacks a language, has one too many, or is blank.

    Examples
    --------
    >>> read_texts("lea_geo")["domain.health"].sv
    'Hälsa'
    """
    tree = tomllib.loads(resources.files(package).joinpath(name).read_text(encoding="utf-8"))
    return MappingProxyType(dict(_leaves(tree, "")))


def shared_texts() -> Mapping[str, Text]:
    """Return the words that every output shares: ``domain.*``, ``unit.*``, ``status.*``, ``label.*`` ...

    Groups are ``domain``, ``perspective``, ``phenomenon``, ``direction``, ``unit`` (after a number other than
    one), ``unit_one`` (after one), ``unit_name`` (alone), ``status``, ``label``, ``hotspot`` (Gi*'s labels),
    ``language`` and ``common``.
    """
    return read_texts("lea_geo")


def _leaves(tree: Mapping[str, Any], path: str) -> Iterator[tuple[str, Text]]:
    for key, value in tree.items():
        dotted = f"{path}{key}"
        if all(isinstance(part, Mapping) for part in value.values()):
            yield from _leaves(value, f"{dotted}.")
        elif set(value) != set(LANGUAGES) or not all(str(part).strip() for part in value.values()):
            raise ValueError(f"text {dotted!r} must have exactly {', '.join(LANGUAGES)}, none of them blank")
        else:
            yield dotted, Text(**value)
