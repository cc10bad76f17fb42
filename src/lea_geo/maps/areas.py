"""Areas with results, as an analyst has them, turned into findings at the edge."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from lea_geo.schema import (
    MUNICIPALITY,
    NAME_COLUMNS,
    RESULT_COLUMNS,
    EthicalNote,
    Findings,
    Indicator,
    Status,
    Text,
)

_NO_TEXT = Text("", "", "")


def findings_from_areas(
    areas: gpd.GeoDataFrame,
    *,
    title: Text | str | None = None,
    unit: str = "index",
    decimals: int = 2,
    notes: tuple[str, ...] = (),
) -> Findings:
    """Return findings with one indicator.

    Parameters
    ----------
    areas
        With ``value`` and any of ``schema.RESULT_COLUMNS``. Without ``status`` a number counts as observed
        and a blank as missing.
    title
        What the values are.
    unit
        One of ``schema.UNITS``.
    decimals
        Decimals shown.
    notes
        What should be said about the values, beside what the areas' own notes say.
    """
    name = title if isinstance(title, Text) else Text(*[title or "value"] * 3)
    index = areas.index.astype(str)
    table = pd.DataFrame(areas.reindex(columns=list(RESULT_COLUMNS))).set_axis(index)
    for column in RESULT_COLUMNS:
        if column not in areas.columns and not column.endswith(("label", "status")):
            table[column] = np.nan
    if "status" not in areas.columns:
        held = table["value"].notna()
        table["status"] = np.where(held, str(Status.OBSERVED), str(Status.MISSING))
    indicator = Indicator(
        code="value",
        name=name,
        explanation=_NO_TEXT,
        unit=unit,
        kind="intensive",
        direction="",
        domain="",
        perspective="",
        phenomenon="",
        ethics=EthicalNote(_NO_TEXT, _NO_TEXT),
        decimals=decimals,
    )
    described = gpd.GeoDataFrame(
        {
            column: areas[column].to_numpy() if column in areas.columns else ""
            for column in (*NAME_COLUMNS, MUNICIPALITY)
        },
        geometry=areas.geometry.to_numpy(),
        crs=areas.crs,
        index=index,
    )
    return Findings(
        title=name,
        areas=described,
        indicators=(indicator,),
        results={"value": table},
        summary=pd.DataFrame(index=pd.Index([], dtype=str)),
        notes=(*areas.attrs.get("notes", ()), *notes),
    )
