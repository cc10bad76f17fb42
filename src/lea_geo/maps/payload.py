"""The data of the page, as JSON that no parser can mistake for anything else.

Texts and legends are plain JSON. Long columns and shapes are JSON too, gzipped and base64-coded, and unpacked
by the page when they are first needed. Nothing here ever passes through a template.
"""

from __future__ import annotations

import base64
import gzip
import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from lea_geo.maps.classify import LegendEntry, View, view_labels, view_values
from lea_geo.maps.geometry import Shapes, build_shapes
from lea_geo.schema import (
    CELL_COLUMNS,
    CONTROLLED,
    LANGUAGES,
    LOCAL_METHODS,
    MUNICIPALITY,
    SUMMARY_COLUMNS,
    WITH_VALUE,
    Findings,
    Indicator,
    result_column,
)
from lea_geo.texts import read_texts, shared_texts

SHOWN_COLUMNS = {
    "local_moran": ("statistic", "lag", "p_value", "q_value", "neighbors", "hidden", "label"),
    "local_g_star": ("statistic", "p_value", "q_value", "neighbors", "hidden", "label"),
}
"""What the panel shows of each local statistic."""

_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"}


def to_script_json(data: object) -> str:
    r"""Return JSON that is safe inside a ``script`` element: pure ASCII, no angle bracket, no ampersand.

    Numbers that JSON does not know (NaN, infinities) become ``null``.

    Examples
    --------
    >>> to_script_json({"name": "</script>&\u2028"})
    '{"name":"\\u003c/script\\u003e\\u0026\\u2028"}'
    """
    text = json.dumps(_plain(data), ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    for character, escape in _ESCAPES.items():
        text = text.replace(character, escape)
    return text


def pack(data: object) -> str:
    """Return plain JSON data, gzipped and base64-coded; the same data give the same text."""
    text = json.dumps(data, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return base64.b64encode(gzip.compress(text.encode("ascii"), compresslevel=6, mtime=0)).decode("ascii")


def build_payload(findings: Findings, *, language: str, version: str) -> dict[str, Any]:
    """Return everything that the page shows.

    Parameters
    ----------
    findings
        Checked findings.
    language
        The language in which the page opens.
    version
        Of lea_geo.
    """
    shapes = build_shapes(findings.areas)
    return {
        "language": language,
        "languages": LANGUAGES,
        "version": version,
        "synthetic": findings.synthetic,
        "title": findings.title.as_dict(),
        "texts": {key: text.as_dict() for key, text in _all_texts().items()},
        "areas": _areas(findings),
        "frame": {"origin": shapes.origin, "quantum": shapes.quantum, "size": shapes.size},
        "shapes": _packed_shapes(shapes),
        "indicators": [_indicator(findings, indicator) for indicator in findings.indicators],
        "settings": dict(findings.settings),
        "controlled": CONTROLLED.get(str(findings.settings.get("correction", "bh"))),
        "notes": findings.notes,
    }


def _all_texts() -> dict[str, Any]:
    return {**shared_texts(), **read_texts("lea_geo.maps")}


def _areas(findings: Findings) -> dict[str, Any]:
    areas = findings.areas
    names = {
        language: areas[f"name_{language}"].fillna("").astype(str).tolist()
        if f"name_{language}" in areas
        else [""] * len(areas)
        for language in LANGUAGES
    }
    municipality = areas[MUNICIPALITY].fillna("").astype(str).tolist() if MUNICIPALITY in areas else []
    return {"id": [str(i) for i in areas.index], "name": names, "municipality": municipality}


def _packed_shapes(shapes: Shapes) -> str:
    return pack({"areas": shapes.areas, "points": shapes.points, "borders": shapes.borders})


def _indicator(findings: Findings, indicator: Indicator) -> dict[str, Any]:
    frame = findings.results[indicator.code]
    views = _views(frame, indicator)
    columns = {name: _column(frame[name]) for name in CELL_COLUMNS if name in frame}
    for method in LOCAL_METHODS:
        for name in SHOWN_COLUMNS[method]:
            column = result_column(method, name)
            if column in frame:
                columns[column] = _column(frame[column])
    described = asdict(indicator)
    shown = ("code", "unit", "direction", "domain", "perspective", "phenomenon", "decimals")
    return {
        **{name: described[name] for name in (*shown, "source", "reference_year", "licence")},
        "name": indicator.name.as_dict(),
        "explanation": indicator.explanation.as_dict(),
        "need": indicator.ethics.need.as_dict(),
        "harm": indicator.ethics.harm.as_dict(),
        "reviewed_by": indicator.ethics.reviewed_by,
        "reviewed_on": indicator.ethics.reviewed_on,
        "legends": {name: [_entry(entry) for entry in view.entries] for name, view in views.items()},
        "summary": _summary(findings, indicator.code),
        "columns": pack({**columns, **{f"view_{name}": view.codes.tolist() for name, view in views.items()}}),
    }


def _views(frame: pd.DataFrame, indicator: Indicator) -> dict[str, View]:
    views = {"value": view_values(frame["value"], frame["status"], decimals=indicator.decimals)}
    for method in LOCAL_METHODS:
        column = result_column(method, "label")
        if column in frame and frame[column].notna().any():
            views[method] = view_labels(frame[column], frame["status"], method=method)
    return views


def _entry(entry: LegendEntry) -> dict[str, Any]:
    return {
        "key": entry.key,
        "style": entry.style.as_dict(),
        "count": entry.count,
        "lower": entry.lower,
        "upper": entry.upper,
    }


def _summary(findings: Findings, code: str) -> dict[str, Any]:
    if code in findings.summary.index:
        row = findings.summary.loc[code]
        return {name: row[name] for name in SUMMARY_COLUMNS if name in row.index}
    frame = findings.results[code]
    observed = frame["status"].isin([str(s) for s in WITH_VALUE])
    return {"n_areas": len(frame), "n_observed": int(observed.sum())}


def _column(column: pd.Series) -> list[Any]:
    if pd.api.types.is_numeric_dtype(column.dtype):
        numbers = column.to_numpy(dtype=np.float64, na_value=np.nan)
        return [number if math.isfinite(number) else None for number in numbers.tolist()]
    return [None if pd.isna(value) else str(value) for value in column.astype(object)]


def _plain(data: object) -> object:
    """Turn numpy, pandas and tuples into what json writes, and what is not finite into None."""
    if isinstance(data, np.ndarray | np.generic):
        data = data.tolist()
    if isinstance(data, Mapping):
        return {str(key): _plain(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_plain(value) for value in data]
    if isinstance(data, float):
        return data if math.isfinite(data) else None
    if data is None or data is pd.NA:
        return None
    return data if isinstance(data, bool | int) else str(data)
