"""The data of the page, as JSON that no parser can mistake for anything else.

A *place* is one set of areas; a *sheet* is what one year says of a place. Texts and classes are plain JSON.
Long columns and shapes are packed, and unpacked by the page when they are first needed. Numbers are rounded
to what the page shows of them. Nothing here ever passes through a template.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lea_geo._classes import value_classes
from lea_geo._colours import STYLES
from lea_geo._hierarchy import ledger_places
from lea_geo._sheets import municipal_names, same_areas
from lea_geo.maps.chapter_layers import chapter_layers, chapter_points, chapter_texts
from lea_geo.maps.encode import encode_numbers, encode_words, pack_bytes
from lea_geo.maps.geometry import Shapes, build_shapes, choose_crs, projection_of
from lea_geo.schema import (
    CELL_COLUMNS,
    COMPARISON_COLUMNS,
    CONTEXT_KINDS,
    CONTROLLED,
    ESTIMATE_COLUMNS,
    LANGUAGES,
    LOCAL_METHODS,
    MUNICIPALITY,
    RESULT_WORDS,
    STABILITY_COLUMNS,
    SUMMARY_COLUMNS,
    WITH_VALUE,
    Findings,
    Indicator,
    result_column,
)
from lea_geo.texts import read_texts, shared_texts

if TYPE_CHECKING:
    import geopandas as gpd
    import pyproj

    from lea_geo.schema import Text

SHOWN_COLUMNS = (
    *("statistic", "lag", "p_value", "q_value", "neighbors", "hidden", "label", "doubt"),
    *("share", "verdict", "depends_on"),
)
"""What the page shows of each local statistic."""
PROBABILITY_DECIMALS = 3
SHARE_DECIMALS = 2
"""Runs are thousands, not millions: their shares are told in whole per cents."""

_COUNTS = ("rank", "rank_lower", "rank_upper", "tier_lower", "tier_upper", "neighbors", "hidden")
_OFTEN_BLANK = ("grade", "moved_by", "verdict", "depends_on")
_OF_RUNS = ("p_worst", "p_worst_decile", "share")
_SHARES = ("numerator", "denominator")
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


def build_payload(findings: Findings, *, language: str, version: str) -> dict[str, Any]:
    """Return everything that the page shows.

    Parameters
    ----------
    findings
        Checked findings, with the study's other years and areas.
    language
        The language in which the page opens.
    version
        Of lea_geo.
    """
    sheets = (findings, *findings.others)
    crs = choose_crs(sheet.areas for sheet in sheets)
    drawn = _places(sheets)
    shapes = [build_shapes(areas, crs=crs) for areas in drawn]
    projection = projection_of(crs)
    return {
        "language": language,
        "languages": LANGUAGES,
        "version": version,
        "synthetic": findings.synthetic,
        "title": findings.title.as_dict(),
        "texts": {key: text.as_dict() for key, text in _all_texts(findings).items()},
        "styles": {str(key): style.as_dict() for key, style in STYLES.items()},
        "projection": projection.as_dict() if projection else {},
        "places": [
            _place(areas, shape, next(sheet.level for sheet in sheets if sheet.areas is areas))
            for areas, shape in zip(drawn, shapes, strict=True)
        ],
        "sheets": [_sheet(sheet, sheets, drawn, shapes) for sheet in sheets],
        "context": _context(findings.context, crs),
        "points": chapter_points(findings, crs),
    }


def _all_texts(findings: Findings) -> dict[str, Text]:
    return {
        **municipal_names(findings),
        **shared_texts(),
        **read_texts("lea_geo.maps"),
        **chapter_texts(findings),
    }


def _places(sheets: tuple[Findings, ...]) -> list[gpd.GeoDataFrame]:
    """Return each set of areas once."""
    places: list[gpd.GeoDataFrame] = []
    for sheet in sheets:
        if _position(sheet.areas, places) is None:
            places.append(sheet.areas)
    return places


def _position(areas: gpd.GeoDataFrame, places: list[gpd.GeoDataFrame]) -> int | None:
    return next((k for k, place in enumerate(places) if same_areas(areas, place)), None)


def _place(areas: gpd.GeoDataFrame, shapes: Shapes, level: str) -> dict[str, Any]:
    areas = areas.iloc[shapes.order]
    names = {language: _texts(areas, f"name_{language}") for language in LANGUAGES}
    towns = _texts(areas, MUNICIPALITY)
    return {
        "level": level,
        "n": len(areas),
        "kind": shapes.kind,
        "frame": shapes.frame,
        "shapes": shapes.encoded,
        "ids": {"cells": shapes.cell_ids}
        if shapes.cell_ids
        else {"list": _pack([str(i) for i in areas.index])},
        "names": {language: _pack(texts) for language, texts in names.items()}
        if any(any(texts) for texts in names.values())
        else None,
        "municipality": encode_words(np.asarray(towns, dtype=object)) if any(towns) else None,
    }


def _texts(areas: gpd.GeoDataFrame, column: str) -> list[str]:
    return areas[column].fillna("").astype(str).tolist() if column in areas else [""] * len(areas)


def _pack(data: object) -> str:
    """Return data as JSON, packed."""
    return pack_bytes(
        json.dumps(_plain(data), ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode("ascii")
    )


def _sheet(
    sheet: Findings, sheets: tuple[Findings, ...], places: list[gpd.GeoDataFrame], shapes: list[Shapes]
) -> dict[str, Any]:
    place = _position(sheet.areas, places) or 0
    order = shapes[place].order
    alike = [one for one in sheets if _position(one.areas, places) == place]
    return {
        "place": place,
        "level": sheet.level,
        "year": sheet.year,
        "indicators": [_indicator(sheet, indicator, alike, order) for indicator in sheet.indicators]
        + chapter_layers(sheet, order),
        "ledgers": _ledgers(sheet, order),
        "comparisons": _comparisons(sheet),
        "settings": dict(sheet.settings),
        "controlled": CONTROLLED.get(str(sheet.settings.get("correction", "bh"))),
        "notes": sheet.notes,
    }


def _ledgers(sheet: Findings, order: np.ndarray) -> dict[str, Any] | None:
    """Return where each area lies on the two ledgers, where the study keeps them apart."""
    places = ledger_places(sheet)
    return None if places is None else encode_words(places.iloc[order])


def _comparisons(sheet: Findings) -> str:
    """Return the municipalities and the whole region by indicator and name, the same fields of each."""
    table = sheet.comparisons
    fields = list(COMPARISON_COLUMNS[2:])
    rows: dict[str, dict[str, list[Any]]] = {indicator.code: {} for indicator in sheet.indicators}
    if table is not None:
        for code, place, *values in table[["code", "place", *fields]].itertuples(index=False):
            rows.setdefault(code, {})[place] = values
    return _pack({"fields": fields, "rows": rows})


def _indicator(
    sheet: Findings, indicator: Indicator, alike: list[Findings], order: np.ndarray
) -> dict[str, Any]:
    frame = sheet.results[indicator.code]
    described = asdict(indicator)
    shown = ("code", "unit", "direction", "domain", "perspective", "phenomenon", "decimals", "level")
    years = [one.results[indicator.code] for one in alike if indicator.code in one.results]
    return {
        **{name: described[name] for name in (*shown, "source", "reference_year", "licence")},
        "members": indicator.members,
        "weights": indicator.weights,
        "name": indicator.name.as_dict(),
        "explanation": indicator.explanation.as_dict(),
        "need": indicator.ethics.need.as_dict(),
        "harm": indicator.ethics.harm.as_dict(),
        "reviewed_by": indicator.ethics.reviewed_by,
        "reviewed_on": indicator.ethics.reviewed_on,
        "classes": [asdict(one) for one in value_classes(years, decimals=indicator.decimals)],
        "methods": _methods(frame),
        "summary": _summary(sheet, indicator.code),
        "columns": _columns(frame.iloc[order], indicator),
    }


def _methods(frame: pd.DataFrame) -> list[str]:
    """Return the local statistics that were computed."""
    labels = {method: result_column(method, "label") for method in LOCAL_METHODS}
    return [method for method, name in labels.items() if name in frame and frame[name].notna().any()]


def _columns(frame: pd.DataFrame, indicator: Indicator) -> dict[str, Any]:
    """Return every column that the page shows and that holds anything."""
    fields = {name: name for name in (*CELL_COLUMNS, *ESTIMATE_COLUMNS, "grade", *STABILITY_COLUMNS)}
    fields |= {result_column(method, name): name for method in LOCAL_METHODS for name in SHOWN_COLUMNS}
    return {
        field: _column(frame[field], name, indicator)
        for field, name in fields.items()
        if field in frame and _holds_anything(frame[field], name)
    }


def _holds_anything(column: pd.Series, name: str) -> bool:
    """Whether a column is worth its room: some words are blank wherever a study does not ask for them."""
    blank = column.isna() if name not in _OFTEN_BLANK else column.isin(["", np.nan])
    return not blank.all()


def _column(column: pd.Series, name: str, indicator: Indicator) -> dict[str, Any]:
    if name in RESULT_WORDS:
        return encode_words(column)
    numbers = column.to_numpy(dtype=np.float64, na_value=np.nan)
    if name in ("p_value", "q_value"):
        # Below a thousandth all that is said is that it is below.
        return encode_numbers(
            np.where(numbers < 10.0**-PROBABILITY_DECIMALS, 0.0, numbers), PROBABILITY_DECIMALS
        )
    if name in _OF_RUNS:
        return encode_numbers(_told_share(numbers), SHARE_DECIMALS)
    return encode_numbers(numbers, _decimals(numbers, name, indicator))


def _told_share(shares: np.ndarray) -> np.ndarray:
    """Return shares of runs as the page tells them: 0 for below a hundredth, 1 for above 99 hundredths."""
    least = 10.0**-SHARE_DECIMALS
    return np.where(shares < least, 0.0, np.where(shares > 1 - least, 1.0, shares))


def _decimals(numbers: np.ndarray, name: str, indicator: Indicator) -> int:
    if name in _COUNTS:
        return 0
    if name in _SHARES:
        return 0 if (np.mod(numbers[np.isfinite(numbers)], 1) == 0).all() else 2
    return 3 if name == "statistic" else indicator.decimals


def _summary(sheet: Findings, code: str) -> dict[str, Any]:
    if code in sheet.summary.index:
        row = sheet.summary.loc[code]
        return {name: row[name] for name in SUMMARY_COLUMNS if name in row.index}
    frame = sheet.results[code]
    observed = frame["status"].isin([str(s) for s in WITH_VALUE])
    return {"n_areas": len(frame), "n_observed": int(observed.sum())}


def _context(context: gpd.GeoDataFrame | None, crs: pyproj.CRS) -> list[dict[str, Any]]:
    """Return the shapes of water and borders, each kind by itself."""
    if context is None:
        return []
    parts = []
    for kind in CONTEXT_KINDS:
        held = context[context["kind"] == kind]
        if len(held):
            shapes = build_shapes(held[["geometry"]], crs=crs)
            parts.append(
                {
                    "of": kind,
                    "kind": shapes.kind,
                    "n": len(held),
                    "frame": shapes.frame,
                    "shapes": shapes.encoded,
                }
            )
    return parts


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
