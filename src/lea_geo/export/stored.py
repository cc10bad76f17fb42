"""How findings are written down in a GeoPackage: what its writer and its reader agree on."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from itertools import count
from typing import TYPE_CHECKING, Any

from lea_geo.schema import (
    LOCAL_COUNTS,
    LOCAL_METHODS,
    MUNICIPALITY,
    NAME_COLUMNS,
    SUMMARY_COLUMNS,
    EthicalNote,
    Indicator,
    Text,
    result_column,
)

if TYPE_CHECKING:
    import geopandas as gpd

    from lea_geo.schema import Findings

STORED_VERSION = 3
"""2: local statistics bring ``p_mid``, ``neighbors`` and ``hidden``. 3: intervals, ranks, doubts,
comparisons, context, other years and other kinds of areas."""
AREA_COLUMNS = (*NAME_COLUMNS, MUNICIPALITY)
TEXT_RESULTS = frozenset(
    {"status", *(result_column(method, word) for method in LOCAL_METHODS for word in ("label", "doubt"))}
)
COUNT_RESULTS = frozenset(result_column(method, count) for method in LOCAL_METHODS for count in LOCAL_COUNTS)
"""Whole numbers, stored as such; a blank among them reads back as NaN."""
SUMMARY_COUNTS = frozenset(name for name in SUMMARY_COLUMNS if name.startswith("n_"))
TEXT_COMPARISONS = frozenset({"code", "place", "basis"})
CONTEXT_COLUMNS = ("kind", "name")
SHEET_COLUMNS = ("sheet", "areas", "level", "year", "title", "synthetic", "settings", "notes")
"""One row for each other year and kind of areas. ``sheet`` is what its layers begin with, before an
underscore; ``areas`` is the layer that holds its areas; what follows ``year`` is JSON."""
_TEXTS = ("name", "explanation")
_LISTS = ("numerator", "denominator")


def indicator_as_json(indicator: Indicator) -> dict[str, Any]:
    """Return an indicator as plain JSON values; :func:`indicator_from_json` turns back."""
    return asdict(indicator)


def indicator_from_json(entry: dict[str, Any]) -> Indicator:
    """Return the indicator that an entry describes.

    Raises
    ------
    ValueError, TypeError, KeyError
        The entry is not what :func:`indicator_as_json` gives.
    """
    ethics = entry["ethics"]
    given = {name: entry[name] for name in (f.name for f in fields(Indicator)) if name in entry}
    if any(not isinstance(part, str) for name in _LISTS for part in given[name]):
        raise TypeError("field names must be text")
    if not all(isinstance(given[name], (int, float)) for name in ("scale", "decimals")):
        raise TypeError("scale and decimals must be numbers")
    plain = {k for k in given if k not in {*_TEXTS, *_LISTS, "ethics", "scale", "decimals"}}
    if not all(isinstance(given[name], str) for name in plain):
        raise TypeError("an entry must be text")
    return Indicator(
        **given
        | {name: text_from_json(entry[name]) for name in _TEXTS}
        | {name: tuple(entry[name]) for name in _LISTS}
        | {
            "ethics": EthicalNote(
                need=text_from_json(ethics["need"]),
                harm=text_from_json(ethics["harm"]),
                reviewed_by=str(ethics["reviewed_by"]),
                reviewed_on=str(ethics["reviewed_on"]),
            )
        }
    )


def text_from_json(entry: dict[str, Any]) -> Text:
    """Return the text in three languages that an entry holds.

    Raises
    ------
    ValueError, TypeError, KeyError
        The entry is not a text in three languages.
    """
    found = Text(**entry)
    if not all(isinstance(part, str) for part in found.as_dict().values()):
        raise TypeError("a text must be text")
    return found


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
        same = (sheet.areas for sheet in found if _same(sheet.findings.areas, one.areas))
        found.append(Sheet(one, name, next(same, layer_name(name, "areas"))))
    return tuple(found)


def _same(one: gpd.GeoDataFrame, other: gpd.GeoDataFrame) -> bool:
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
