"""``[types]`` of a study file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lea_geo._checks.typology_spec import check_names, check_parts_keys, check_sum, refuse_part

if TYPE_CHECKING:
    from lea_geo._checks.spec import Keys
    from lea_geo._text import Text

METHODS = ("kmeans", "mixture", "ward", "hdbscan")
REGION_METHODS = ("skater", "ward", "azp", "max_p")
ZEROS = ("gbm", "sq", "bl")


@dataclass(frozen=True)
class PartSpec:
    """One part of the composition."""

    counts: str
    """Codes whose numerators are added and taken away: ``"children_under_7 - children_under_3"``."""
    name: Text | None = None
    """What readers see; left out, made of the indicators' names."""

    @property
    def terms(self) -> tuple[tuple[int, str], ...]:
        """Sign and code of each indicator, as they stand."""
        words = self.counts.replace("-", " - ").replace("+", " + ").split()
        signs, found = {"-": -1, "+": 1}, []
        sign = 1
        for word in words:
            if word in signs:
                sign = signs[word]
            else:
                found.append((sign, word))
        return tuple(found)


@dataclass(frozen=True)
class NameSpec:
    """What a study calls a type."""

    type: str
    """Its letter."""
    name: Text


@dataclass(frozen=True)
class RegionsSpec:
    """How neighbours are joined."""

    method: str = "skater"
    k: int | None = None
    """How many regions; left out, a sixth of the areas; ``max_p`` finds it from the floor."""
    floor: float = 0.0
    """People whom the parts count, in each region at least."""


@dataclass(frozen=True)
class TypesSpec:
    """What the chapter of types is made of."""

    parts: tuple[PartSpec, ...] = ()
    """Counts that share a denominator; what they leave of it is a part too."""
    rest: Text | None = None
    """The name of what is left; left out, "the others"."""
    indicators: tuple[str, ...] = ()
    """Codes of indicators beside the parts, or instead of them; without both, all that are no composite."""
    method: str = "kmeans"
    k: int | None = None
    """The number of types, where somebody knows it; left out, as many as last."""
    k_most: int = 7
    weighted: bool = True
    """Whether k-means counts areas by their people; other methods cannot."""
    fewest: float = 100.0
    """Areas with fewer people have no say in what types there are, and get the likest."""
    zeros: str = "gbm"
    runs: int = 50
    worlds: int = 59
    sure: float = 0.8
    """The probability from which an area is surely of its type."""
    fdr: float = 0.05
    ledgers: bool = False
    """Whether what protects and what weakens have kinds of their own, side by side."""
    names: tuple[NameSpec, ...] = ()
    """Names that a study gives to types."""
    regions: RegionsSpec | None = None


def read_types(keys: Keys) -> TypesSpec:
    """Return what the table says; what is wrong with it goes to the faults of ``keys``."""
    plain = TypesSpec()
    method = keys.choice("method", plain.method, METHODS)
    spec = TypesSpec(
        parts=_parts(keys),
        rest=keys.languages("rest"),
        indicators=keys.texts("indicators"),
        method=method,
        k=keys.count("k", plain.k, most=9),
        k_most=keys.count("k_most", plain.k_most, least=2, most=9),
        weighted=keys.flag("weighted", default=method == "kmeans"),
        fewest=keys.number("fewest", plain.fewest, least=True),
        zeros=keys.choice("zeros", plain.zeros, ZEROS),
        runs=keys.count("runs", plain.runs, least=10),
        worlds=keys.count("worlds", plain.worlds, least=19),
        sure=keys.number("sure", plain.sure, below=1),
        fdr=keys.number("fdr", plain.fdr, below=1),
        ledgers=keys.flag("ledgers"),
        names=_names(keys),
        regions=_regions(keys),
    )
    if spec.weighted and spec.method != "kmeans":
        keys.faults.add(f"{keys.where} weighted is for method kmeans only", cure="Leave one of them out.")
    keys.done()
    return spec


def _parts(keys: Keys) -> tuple[PartSpec, ...]:
    found = []
    for at, given in enumerate(check_parts_keys(keys), start=1):
        if isinstance(given, str):
            part = PartSpec(given)
        else:
            one = refuse_part(keys, given, at)
            part = PartSpec(one.text("counts", required=True), one.languages("name"))
            one.done()
        check_sum(part.counts, part.terms, f"{keys.where} parts {at}", keys.faults)
        found.append(part)
    return tuple(found)


def _names(keys: Keys) -> tuple[NameSpec, ...]:
    """Return the names of types; those that label people are refused."""
    found = []
    for one in keys.each("names", required=False):
        letter, name = one.text("type", required=True), one.languages("name", required=True)
        one.done()
        if name is not None:
            found.append(NameSpec(letter, name))
    check_names([(one.type, one.name) for one in found], keys.where, keys.faults)
    return tuple(found)


def _regions(keys: Keys) -> RegionsSpec | None:
    if "regions" not in keys.table:
        keys.known.append("regions")
        return None
    own = keys.within("regions")
    spec = RegionsSpec(
        method=own.choice("method", RegionsSpec.method, REGION_METHODS),
        k=own.count("k", None),
        floor=own.number("floor", 0.0, least=True),
    )
    if spec.method == "max_p" and (spec.k is not None or not spec.floor):
        own.faults.add(
            f"{own.where}: max_p takes a floor and no k", cure="It makes as many as the floor lets."
        )
    own.done()
    return spec
