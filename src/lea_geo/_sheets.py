"""What the years and kinds of areas of a study, and its municipalities, are called in its outputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from lea_geo.schema import LANGUAGES, MUNICIPALITY_NAMES, NAME_COLUMNS, Text

if TYPE_CHECKING:
    import geopandas as gpd

    from lea_geo.schema import Findings


@dataclass(frozen=True)
class Sheet:
    """One kind of areas in one year, and what its layers are called."""

    findings: Findings
    name: str
    """Empty for the study itself."""
    areas: str
    """The layer that holds its areas, which may be another year's."""

    @property
    def own_areas(self) -> bool:
        """Whether no sheet before it has the same areas."""
        return self.areas == self.layer("areas")

    def layer(self, code: str) -> str:
        """Return the layer of an indicator."""
        return layer_name(self.name, code)


def layer_name(sheet: str, code: str) -> str:
    """Return what a sheet calls a layer.

    >>> layer_name("postal_2016", "low_income"), layer_name("", "areas")
    ('postal_2016_low_income', 'areas')
    """
    return f"{sheet}_{code}" if sheet else code


def sheets_of(findings: Findings) -> tuple[Sheet, ...]:
    """Return the study itself and then each of its others, with the names of their layers."""
    found: list[Sheet] = []
    pairs = zip(("", *sheet_names(findings)), (findings, *findings.others), strict=True)
    for name, one in pairs:
        same = (sheet.areas for sheet in found if same_areas(sheet.findings.areas, one.areas))
        found.append(Sheet(one, name, next(same, layer_name(name, "areas"))))
    return tuple(found)


def same_areas(one: gpd.GeoDataFrame, other: gpd.GeoDataFrame) -> bool:
    """Return whether two sheets are about the same areas."""
    return one is other or (one.crs == other.crs and one.equals(other))


def sheet_names(findings: Findings) -> tuple[str, ...]:
    """Return what the layers and folders of each of ``findings.others`` are called by: ``postal_2016``.

    Where a layer would have the name of another, a number follows.
    """
    taken = {"areas", "context", *(indicator.code for indicator in findings.indicators)}
    names: list[str] = []
    for other in findings.others:
        plain = "_".join(filter(None, (other.level or "other", other.year)))
        codes = ("areas", *(indicator.code for indicator in other.indicators))
        candidates = (plain if n == 1 else f"{plain}_{n}" for n in count(1))
        name = next(
            name
            for name in candidates
            if name not in names and taken.isdisjoint(layer_name(name, code) for code in codes)
        )
        taken.update(layer_name(name, code) for code in codes)
        names.append(name)
    return tuple(names)


def municipal_names(findings: Findings) -> dict[str, Text]:
    """Return what files of municipalities call them, and sheets of which they are the areas.

    The keys are those of the shared texts: ``municipality.092``. All else knows them by their code.
    """
    told = [one.settings.get(MUNICIPALITY_NAMES) for one in (findings, *findings.others)]
    named = {
        f"municipality.{code}": Text(*(str(name[language]) for language in LANGUAGES))
        for names in told
        if isinstance(names, Mapping)
        for code, name in names.items()
        if isinstance(name, Mapping) and set(LANGUAGES) <= set(name)
    }
    for areas in (one.areas for one in (findings, *findings.others) if one.level == "municipality"):
        columns = [
            areas[name].fillna("").astype(str) if name in areas else [""] * len(areas)
            for name in NAME_COLUMNS
        ]
        for code, *own in zip(areas.index, *columns, strict=True):
            known = next(filter(None, own), "")
            if known:
                named[f"municipality.{code}"] = Text(*(name or known for name in own))
    return named
