"""``[composite]`` of a study file: read into a ``CompositeSpec``, and written back as the file says it."""

from __future__ import annotations

import math
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, TypeVar

from lea_geo._checks.composite import note_composite
from lea_geo.composite_spec import (
    AGGREGATIONS,
    IMPUTATIONS,
    NORMALISATIONS,
    TRANSFORMS,
    TREATMENTS,
    WEIGHTINGS,
    Aggregate,
    AtLevel,
    CompositeSpec,
    Impute,
    Node,
    Normalise,
    Screen,
    Treat,
    Weighting,
)
from lea_geo.schema import COMPOSITE_LEVELS, DIRECTIONS

if TYPE_CHECKING:
    from collections.abc import Callable

    from lea_geo._checks.spec import Keys

T = TypeVar("T")

METHODS = {
    Normalise: NORMALISATIONS,
    Weighting: WEIGHTINGS,
    Aggregate: AGGREGATIONS,
    Impute: IMPUTATIONS,
    Treat: TREATMENTS,
}

BY_STEP = {
    "normalise": NORMALISATIONS,
    "result": NORMALISATIONS,
    "weighting": WEIGHTINGS,
    "aggregate": AGGREGATIONS,
    "impute": IMPUTATIONS,
    "treat": TREATMENTS,
}
"""The methods of each step, under its name in ``[composite]``."""

FILES = ("table",)
"""Fields that name a file, which must be there."""

_BY_TYPE: dict[str, Callable[[Keys, str, Any], Any]] = {
    "str": lambda keys, name, left_out: keys.text(name, left_out),
    "file": lambda keys, name, _: keys.file(name),
    "bool": lambda keys, name, left_out: keys.flag(name, default=left_out),
    "float": lambda keys, name, left_out: keys.number(name, left_out, above=-math.inf),
    "float | None": lambda keys, name, left_out: keys.number(name, left_out, above=-math.inf),
    "int": lambda keys, name, left_out: keys.count(name, left_out, least=0),
    "int | None": lambda keys, name, left_out: keys.count(name, left_out, least=0),
    "tuple[float, ...]": lambda keys, name, _: keys.numbers(name),
}
"""How a field of a step is read, by its type; each is given what holds where the field is left out."""


def read_composite(keys: Keys) -> CompositeSpec:
    """Return the index that ``[composite]`` describes; what is wrong with it goes to ``keys.faults``."""
    plain = CompositeSpec()
    spec = CompositeSpec(
        name=keys.languages("name"),
        indicators=tuple(_indicator(one) for one in keys.each("indicators", required=False)),
        groups=tuple(_group(one) for one in keys.each("groups", required=False)),
        levels=keys.texts("levels"),
        high=keys.choice("high", plain.high, DIRECTIONS),
        ledgers=keys.flag("ledgers"),
        available=keys.number("available", plain.available, least=True) or 0.0,
        population=keys.text("population"),
        screen=_fields(keys.within("screen"), plain.screen, Screen),
        impute=_step(keys, "impute", Impute) or plain.impute,
        treat=_step(keys, "treat", Treat) or plain.treat,
        normalise=_step(keys, "normalise", Normalise) or plain.normalise,
        weighting=_step(keys, "weighting", Weighting) or plain.weighting,
        aggregate=_step(keys, "aggregate", Aggregate) or plain.aggregate,
        at=_at(keys.within("at")),
    )
    note_composite(keys.faults, spec, keys.where)
    keys.done()
    return spec


def composite_as_dict(spec: CompositeSpec) -> dict[str, Any]:
    """Return an index as ``[composite]`` would say it, without what a file may leave out."""
    said = _changed(spec, CompositeSpec())
    for name in ("indicators", "groups"):
        if name in said:
            said[name] = [_node(node) for node in getattr(spec, name)]
    if spec.at:
        said["at"] = {at.level: _changed(at, AtLevel(at.level)) for at in spec.at}
    return said


def _step(keys: Keys, key: str, kind: type[T]) -> T | None:
    """Return the method of one step: by its name alone, or as a table with its options."""
    said = keys.method(key)
    return None if said is None else read_step(said, kind)


def read_step(said: Keys, kind: type[T]) -> T:
    """Return the method that a table describes."""
    plain: Any = kind()
    method = said.choice("method", plain.method, METHODS[kind])
    return _fields(said, replace(plain, method=method), kind)


def _fields(keys: Keys, plain: object, kind: type[T]) -> T:
    """Return a dataclass of which every field but ``method`` is read under its own name."""
    found = {one.name: getattr(plain, one.name) for one in fields(plain)}  # type: ignore[arg-type] # a dataclass
    for one in fields(plain):  # type: ignore[arg-type] # as above
        if one.name != "method":
            read = _BY_TYPE["file" if one.name in FILES else str(one.type)]
            found[one.name] = read(keys, one.name, found[one.name])
    keys.done()
    return kind(**found)


def _indicator(keys: Keys) -> Node:
    node = Node(
        code=keys.text("code", required=True),
        parent=keys.text("group"),
        name=keys.languages("name"),
        weight=_weight(keys),
        column=keys.text("column"),
        direction=keys.choice("direction", "", DIRECTIONS),
        transform=keys.choice("transform", "", TRANSFORMS),
        normalise=_step(keys, "normalise", Normalise),
    )
    keys.done()
    return node


def _group(keys: Keys) -> Node:
    node = Node(
        code=keys.text("code", required=True),
        parent=keys.text("group"),
        name=keys.languages("name"),
        weight=_weight(keys),
        normalise=_step(keys, "normalise", Normalise),
        weighting=_step(keys, "weighting", Weighting),
        aggregate=_step(keys, "aggregate", Aggregate),
        result=_step(keys, "result", Normalise),
    )
    keys.done()
    return node


def _weight(keys: Keys) -> float | None:
    return keys.number("weight", None, least=True)


def _at(keys: Keys) -> tuple[AtLevel, ...]:
    said = tuple(_level(keys.within(level), level) for level in ("indicator", *COMPOSITE_LEVELS))
    keys.done()
    return tuple(at for at in said if at.level in keys.table)


def _level(keys: Keys, level: str) -> AtLevel:
    at = AtLevel(
        level,
        normalise=_step(keys, "normalise", Normalise),
        weighting=_step(keys, "weighting", Weighting),
        aggregate=_step(keys, "aggregate", Aggregate),
        result=_step(keys, "result", Normalise),
    )
    keys.done()
    return at


def _node(node: Node) -> dict[str, Any]:
    said = _changed(node, Node(""))
    return {"group" if key == "parent" else key: value for key, value in said.items()}


def _changed(value: object, plain: object) -> dict[str, Any]:
    """Return the fields of a dataclass that are not as ``plain`` has them, as JSON values."""
    found = {}
    for one in fields(value):  # type: ignore[arg-type] # a dataclass
        own = getattr(value, one.name)
        if own != getattr(plain, one.name):
            found[one.name] = _plain(own)
    return found


def _plain(value: object) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if type(value) in METHODS:
        changed = _changed(value, type(value)())
        method = str(getattr(value, "method"))  # noqa: B009 - each of METHODS has one
        return {"method": method, **changed} if set(changed) - {"method"} else method
    if isinstance(value, Screen):
        return _changed(value, Screen())
    return _text(value)


def _text(value: Any) -> Any:  # noqa: ANN401 - JSON
    return value.as_dict() if hasattr(value, "as_dict") else value
