"""Findings from what an analyst has: a study, hot spots, or areas with values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd

from lea_geo._checks.findings import check_title, check_valued, refuse_no_findings
from lea_geo.schema import (
    LOCAL_METHODS,
    MUNICIPALITY,
    NAME_COLUMNS,
    RESULT_COLUMNS,
    RESULT_WORDS,
    SUMMARY_COLUMNS,
    WITH_VALUE,
    EthicalNote,
    Findings,
    Indicator,
    Label,
    Status,
    Text,
    result_column,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

_NO_TEXT = Text("", "", "")
_SETTINGS = ("method", "permutations", "seed", "fdr", "correction", "alternative", "transform")


class WithFindings(Protocol):
    """What ``lea_geo.run`` returns, as far as outputs are concerned."""

    @property
    def findings(self) -> Findings: ...


class WithTable(Protocol):
    """What ``lea_geo.hotspots`` returns, as far as outputs are concerned."""

    @property
    def table(self) -> gpd.GeoDataFrame: ...


Given: TypeAlias = "Findings | WithFindings | gpd.GeoDataFrame | WithTable"


def as_findings(given: Given, *, verb: str, title: Text | str | None = None) -> Findings:
    """Return findings as they are, and make them of areas with values.

    Parameters
    ----------
    given
        Findings; what ``lea_geo.run`` or ``lea_geo.hotspots`` returns; or areas with ``value`` and any of
        ``schema.RESULT_COLUMNS``. Without ``status`` a number counts as observed and a blank as missing.
    verb
        The function that was called, for the message.
    title
        For areas: what the values are. Findings bring their own.

    Raises
    ------
    UsageError
        It is none of these, or the title is no text.
    OutputError
        Areas occur twice, values are no numbers, or a status or label is unknown.
    """
    held = getattr(given, "findings", given)
    if isinstance(held, Findings):
        return held
    areas = given if isinstance(given, gpd.GeoDataFrame) else getattr(given, "table", None)
    if not isinstance(areas, gpd.GeoDataFrame) or "value" not in areas.columns:
        raise refuse_no_findings(verb, given)
    check_title(title)
    check_valued(areas, verb)
    return _of_areas(
        areas,
        name=title if isinstance(title, Text) else Text(*[title or "value"] * 3),
        settings=_settings({} if given is areas else getattr(given, "results", {})),
        notes=(*areas.attrs.get("notes", ()), *(() if given is areas else getattr(given, "notes", ()))),
    )


def _of_areas(
    areas: gpd.GeoDataFrame, *, name: Text, settings: Mapping[str, Any], notes: tuple[str, ...]
) -> Findings:
    """Return findings with one indicator."""
    indicator = Indicator(
        code="value",
        name=name,
        explanation=_NO_TEXT,
        unit="index",
        kind="intensive",
        direction="",
        domain="",
        perspective="",
        phenomenon="",
        ethics=EthicalNote(_NO_TEXT, _NO_TEXT),
        decimals=2,
    )
    index = areas.index.astype(str)
    words = (*NAME_COLUMNS, MUNICIPALITY)
    described = gpd.GeoDataFrame(
        {column: areas[column].to_numpy() if column in areas.columns else "" for column in words},
        geometry=areas.geometry.to_numpy(),
        crs=areas.crs,
        index=index,
    )
    table = _result(areas).set_axis(index)
    return Findings(
        title=name,
        areas=described,
        indicators=(indicator,),
        results={indicator.code: table},
        summary=pd.DataFrame([_summary(table)], index=pd.Index([indicator.code], dtype="str", name="code")),
        settings=settings,
        notes=notes,
    )


def _result(areas: gpd.GeoDataFrame) -> pd.DataFrame:
    table = pd.DataFrame(areas.reindex(columns=list(RESULT_COLUMNS)))
    for column in RESULT_COLUMNS:
        if column.endswith(RESULT_WORDS):
            if not column.endswith(("label", "status")):
                table[column] = table[column].fillna("").astype("str") if column in areas.columns else ""
        else:
            table[column] = table[column].astype("float64") if column in areas.columns else np.nan
    if "status" not in areas.columns:
        held = table["value"].notna()
        table["status"] = np.where(held, str(Status.OBSERVED), str(Status.MISSING))
    return table


def _summary(table: pd.DataFrame) -> dict[str, Any]:
    """Return what ``schema.SUMMARY_COLUMNS`` names; nobody has tested the whole region."""
    status = table["status"].astype("str")
    values = table["value"][status.isin([str(one) for one in WITH_VALUE])]
    labels = table[[result_column(method, "label") for method in LOCAL_METHODS]]
    known = {
        "n_areas": len(table),
        "n_observed": len(values),
        **{f"n_{one}": int((status == one).sum()) for one in ("missing", "suppressed", "not_applicable")},
        "n_isolates": int((labels == str(Label.ISOLATE)).any(axis=1).sum()),
        "median": values.median(),
        "minimum": values.min(),
        "maximum": values.max(),
        "reason": "",
    }
    return {name: known.get(name, np.nan) for name in SUMMARY_COLUMNS}


def _settings(results: Mapping[str, object]) -> dict[str, Any]:
    """Return how the statistics of hot spots were tested: all of them by one test."""
    first = next(iter(results.values()), None)
    return {name: getattr(first, name) for name in _SETTINGS if hasattr(first, name)}
