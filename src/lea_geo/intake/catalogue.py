"""Catalogues of indicators: what fields are called, what sentinels mean, what is built of them.

A catalogue is one TOML file. Everything that differs between sources and years is there: no code knows that
Paavo writes -1 for a withheld value or that a field was renamed in 2024.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lea_geo._checks.catalogue import check_catalogue, check_toml
from lea_geo.schema import EthicalNote, Indicator, Status, Text

if TYPE_CHECKING:
    from collections.abc import Mapping

BUILT_IN = ("hsy_grid", "paavo", "population_grid", "sotkanet")


@dataclass(frozen=True)
class Field:
    """One field of a source table."""

    code: str
    aliases: tuple[str, ...] = ()
    """Other names of the field: in other years, in other languages of the same service."""
    signed: bool = False
    """Whether a negative number is a value (net migration) and not a fault."""
    plausible: tuple[float, float] | None = None
    """What the field can be; a table most of whose values lie outside has lost its decimal separator."""


@dataclass(frozen=True)
class Mask:
    """A number that stands for something else, in some fields and perhaps under a condition."""

    fields: tuple[str, ...]
    equals: float
    status: Status
    when: str = ""
    """The field that decides; empty means always."""
    below: float = 0.0
    """The mask holds where the field ``when`` is below this."""


@dataclass(frozen=True)
class Source:
    """How one source writes what is no number."""

    name: str
    sentinels: Mapping[str, Status]
    """Text or number as it stands in a cell, to what it means; an empty cell is ``""``."""
    masks: tuple[Mask, ...] = ()


@dataclass(frozen=True)
class Group:
    """Details that are published only where the group has enough members.

    A withheld detail lies between 0 and the group's total, which stays visible; where the total itself is
    withheld, it is below ``minimum``.
    """

    name: str
    total: str
    minimum: int
    fields: tuple[str, ...] = ()
    """The details; empty means every field whose code starts with the name and an underscore."""
    measures: tuple[str, ...] = ()
    """Details that are averages, medians or sums of money: they have no bounds from the total, and they
    cannot be 0 where the group has members."""

    def holds(self, field: str) -> bool:
        """Whether ``field`` is a detail of the group."""
        if field == self.total:
            return False
        return field in self.fields if self.fields else field.startswith(f"{self.name}_")


@dataclass(frozen=True)
class Catalogue:
    """All that is known of a family of tables."""

    name: Text
    source: str
    licence: str
    indicators: tuple[Indicator, ...]
    fields: Mapping[str, Field]
    sources: Mapping[str, Source]
    default_source: str
    groups: tuple[Group, ...] = ()
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Column names of ``area_id name_fi name_sv name_en municipality year variable value``."""
    id_scheme: str = ""
    """``postal`` (5 digits), ``municipality`` (3 digits), ``grid`` or nothing."""
    year_note: str = ""
    """What the year of a table stands for, as a sentence."""

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the indicators, in the order of the file."""
        return tuple(indicator.code for indicator in self.indicators)

    def groups_of(self, field: str) -> tuple[Group, ...]:
        """Return the groups whose totals bound ``field``."""
        return tuple(group for group in self.groups if group.holds(field))


def read_catalogue(path: str | Path = "paavo") -> Catalogue:
    """Read a catalogue of indicators.

    Parameters
    ----------
    path
        A TOML file, or the name of a built-in catalogue: ``paavo`` (postal areas), ``population_grid``
        (Statistics Finland's 1 km and 5 km cells), ``hsy_grid`` (the 250 m population grid of the Helsinki
        region) or ``sotkanet`` (THL's indicators by municipality).

    Returns
    -------
    Catalogue
        Frozen; indicators in the order of the file.

    Raises
    ------
    CatalogueError
        The file is absent, is no TOML, or says something that a catalogue cannot: every fault is named.

    Examples
    --------
    >>> read_catalogue("paavo").indicators[0].code
    'low_income_residents'
    """
    if str(path) in BUILT_IN:
        return _built_in(str(path))
    text = check_toml(Path(path), BUILT_IN)
    return _parse(text, f"The catalogue {Path(path).name} cannot be used:")


@cache
def _built_in(name: str) -> Catalogue:
    text = files("lea_geo.intake").joinpath("catalogues", f"{name}.toml").read_text(encoding="utf-8")
    return _parse(tomllib.loads(text), f"The built-in catalogue {name} cannot be used:")


def _parse(raw: dict[str, Any], heading: str) -> Catalogue:
    check_catalogue(raw, heading)
    head = raw["catalogue"]
    return Catalogue(
        name=Text(**head["name"]),
        source=head["source"],
        licence=head["licence"],
        indicators=tuple(_indicator(entry, head) for entry in raw["indicators"]),
        fields={code: _field(code, entry) for code, entry in raw["fields"].items()},
        sources={name: _source(name, entry) for name, entry in raw["sources"].items()},
        default_source=head["default_source"],
        groups=tuple(_group(name, entry) for name, entry in raw.get("groups", {}).items()),
        attributes={k: tuple(v) for k, v in raw.get("attributes", {}).items()},
        id_scheme=head.get("id_scheme", ""),
        year_note=head.get("year_note", ""),
    )


def _field(code: str, entry: dict[str, Any]) -> Field:
    plausible = entry.get("plausible")
    return Field(
        code=code,
        aliases=tuple(entry.get("aliases", ())),
        signed=entry.get("signed", False),
        plausible=(float(plausible[0]), float(plausible[1])) if plausible else None,
    )


def _source(name: str, entry: dict[str, Any]) -> Source:
    sentinels = {text: Status(status) for text, status in entry["sentinels"].items()}
    masks = tuple(
        Mask(
            fields=tuple(mask["fields"]),
            equals=float(mask["equals"]),
            status=Status(mask["status"]),
            when=mask.get("when", ""),
            below=float(mask.get("below", 0.0)),
        )
        for mask in entry.get("masks", ())
    )
    return Source(name, sentinels, masks)


def _group(name: str, entry: dict[str, Any]) -> Group:
    return Group(
        name=name,
        total=entry["total"],
        minimum=entry["minimum"],
        fields=tuple(entry.get("fields", ())),
        measures=tuple(entry.get("measures", ())),
    )


def _indicator(entry: dict[str, Any], head: dict[str, Any]) -> Indicator:
    ethics = entry["ethics"]
    given = {key: entry[key] for key in _PLAIN_KEYS if key in entry}
    given.setdefault("source", head["source"])
    given.setdefault("licence", head["licence"])
    return Indicator(
        **given,
        name=Text(**entry["name"]),
        explanation=Text(**entry["explanation"]),
        ethics=EthicalNote(
            need=Text(**ethics["need"]),
            harm=Text(**ethics["harm"]),
            reviewed_by=ethics.get("reviewed_by", ""),
            reviewed_on=ethics.get("reviewed_on", ""),
        ),
        numerator=tuple(entry.get("numerator", ())),
        denominator=tuple(entry.get("denominator", ())),
    )


_PLAIN_KEYS = (
    "code",
    "unit",
    "kind",
    "direction",
    "domain",
    "perspective",
    "phenomenon",
    "field",
    "scale",
    "decimals",
    "source",
    "reference_year",
    "licence",
)
