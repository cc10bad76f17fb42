"""From areas and their indicators to findings: one graph, and the same tests for every indicator."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lea_geo._checks.study import untestable_reason
from lea_geo._estimates import INTERVAL_LEVEL, compared, counted_kind, estimates
from lea_geo._notes import gathered
from lea_geo.rates_spec import RatesSpec
from lea_geo.robustness.doubts import label_doubts
from lea_geo.robustness_spec import RobustnessSpec
from lea_geo.schema import (
    LOCAL_COLUMNS,
    LOCAL_METHODS,
    MUNICIPALITY_NAMES,
    RESULT_COLUMNS,
    RESULT_WORDS,
    SUMMARY_COLUMNS,
    WITH_VALUE,
    Findings,
    Label,
    Status,
    result_column,
)
from lea_geo.spatial.builders import build_graph
from lea_geo.spatial.global_result import PERMUTATIONS
from lea_geo.spatial.global_table import global_statistics
from lea_geo.spatial.hotspots import hotspots

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

    from lea_geo._gather import Material
    from lea_geo.robustness.label_result import LabelRobustness
    from lea_geo.schema import Indicator
    from lea_geo.spatial.global_result import GlobalResult
    from lea_geo.spatial.graph import AreaGraph
    from lea_geo.spatial.local_result import LocalResult
    from lea_geo.spec import SpatialSpec, StudySpec

_OF_COUNTS = ("interval_lower", "interval_upper", "rank_lower", "rank_upper")
"""Estimates that counts give, and that values drawn together have only as far as their method gives them."""


@dataclass(frozen=True)
class IndicatorResult:
    """What was computed for one indicator."""

    cells: pd.DataFrame
    """Indexed as the areas, with ``CELL_COLUMNS``, ``ESTIMATE_COLUMNS`` and ``grade``, of a composite also
    with ``STABILITY_COLUMNS``."""
    moran: GlobalResult | None
    """Global Moran; None where nothing could be tested."""
    local: Mapping[str, LocalResult]
    """A local statistic for each of ``LOCAL_METHODS``; empty where nothing could be tested."""
    doubts: Mapping[str, pd.Series[str]]
    """What could turn the labels of each; empty where nothing could be tested."""
    reason: str
    """Why nothing could be tested; empty where something was."""
    verdicts: LabelRobustness | None = None
    """How far the labels can be trusted; None where the study does not ask, or nothing could be tested."""


def graph_of(areas: gpd.GeoDataFrame, spatial: SpatialSpec) -> AreaGraph:
    """Link the areas as the study says."""
    names = ("k", "threshold", "bandwidth", "tolerance")
    options = {name: getattr(spatial, name) for name in names if getattr(spatial, name) is not None}
    return build_graph(
        areas,
        spatial.graph,
        islands=spatial.islands,
        water_distance=spatial.water_distance,
        **options,
    )


def examine_overall(material: Material, graph: AreaGraph, spatial: SpatialSpec) -> Mapping[str, GlobalResult]:
    """Test every indicator that can be tested for clustering overall, by permutations that they share."""
    cells = {code: one for code, one in material.cells.items() if not untestable_reason(one)}
    if not cells:
        return {}
    found = global_statistics(
        pd.DataFrame({code: one["value"] for code, one in cells.items()}),
        graph,
        status=pd.DataFrame({code: one["status"] for code, one in cells.items()}),
        transform=spatial.transform,
        seed=spatial.seed,
        permutations=0 if spatial.method == "analytic" else PERMUTATIONS,
    )
    return {code: found.result(code) for code in cells}


def examine(
    material: Material,
    code: str,
    graph: AreaGraph,
    spatial: SpatialSpec,
    moran: GlobalResult | None,
    *,
    stability: pd.DataFrame | None = None,
    verdicts: LabelRobustness | None = None,
) -> IndicatorResult:
    """Test one indicator for clustering around every area.

    Parameters
    ----------
    material
        The areas and what is known of them.
    code
        Which indicator.
    graph
        Who is whose neighbour; the same areas.
    spatial
        How to test.
    moran
        What :func:`examine_overall` says of it; None where nothing can be tested.
    stability
        For a composite: what other runs make of it, in the place of what chance leaves of a rate.
    verdicts
        What other runs make of its cluster labels, where the study asks.
    """
    indicator = next(one for one in material.indicators if one.code == code)
    cells = material.cells[code].join(estimates(indicator, material.cells[code]))
    if code in material.intervals:
        cells[list(_OF_COUNTS)] = material.intervals[code].reindex(columns=list(_OF_COUNTS))
    cells["grade"] = material.grades.get(code, "")
    if stability is not None:
        cells[list(stability.columns)] = stability
    reason = untestable_reason(cells)
    if reason or moran is None:
        return IndicatorResult(cells, None, {}, {}, reason)
    how: dict[str, Any] = {
        "status": cells["status"],
        "transform": spatial.transform,
        "seed": spatial.seed,
    }
    spots = hotspots(
        material.areas[["geometry"]],
        cells["value"],
        graph,
        method=spatial.method,
        permutations=spatial.permutations,
        fdr=spatial.fdr,
        correction=spatial.correction,
        **how,
    )
    kind = "" if code in material.intervals else counted_kind(indicator, cells)
    doubts = _doubts(indicator, kind, cells, graph, spatial, spots.results)
    return IndicatorResult(cells, moran, spots.results, doubts, moran.reason, verdicts)


def _doubts(
    indicator: Indicator,
    kind: str,
    cells: pd.DataFrame,
    graph: AreaGraph,
    spatial: SpatialSpec,
    local: Mapping[str, LocalResult],
) -> dict[str, pd.Series[str]]:
    """Return what could turn the labels of each local statistic; without a kind, counts say nothing."""
    return {
        method: label_doubts(
            cells["value"],
            result.table["label"],
            graph,
            statistic=method,
            transform=spatial.transform,
            status=cells["status"],
            bounds=cells[["lower", "upper"]],
            counts=cells[["numerator", "denominator"]] if kind else None,
            kind=kind or "proportion",
            scale=indicator.scale,
            level=INTERVAL_LEVEL,
        )
        for method, result in local.items()
    }


def conclude(material: Material, graph: AreaGraph, results: Mapping[str, IndicatorResult]) -> Findings:
    """Put all that leaves the study of some areas in one year into one object."""
    spec = material.spec
    summary = pd.DataFrame([_summary(result) for result in results.values()], columns=list(SUMMARY_COLUMNS))
    summary.index = pd.Index(results, name="code", dtype="str")
    return Findings(
        title=spec.name,
        areas=material.areas,
        indicators=material.indicators,
        results={code: _result_frame(result) for code, result in results.items()},
        summary=summary,
        settings=_settings(spec, graph, results) | _names(material),
        notes=(*material.notes, *graph.notes, *_result_notes(material.indicators, results)),
        synthetic=spec.synthetic,
        level=spec.areas.id_scheme,
        year=material.year,
        context=material.context,
        comparisons=compared(material.indicators, material.cells, material.areas),
    )


def _result_frame(result: IndicatorResult) -> pd.DataFrame:
    words = {column for column in RESULT_COLUMNS if column.endswith(RESULT_WORDS)}
    columns: dict[str, Any] = {**dict.fromkeys(words, ""), **result.cells}
    for method in LOCAL_METHODS:
        for column in LOCAL_COLUMNS[:-1]:
            name = result_column(method, column)
            if method in result.local:
                columns[name] = result.local[method].table[column]
            else:
                columns[name] = Label.UNDEFINED.value if column == "label" else np.nan
        columns[result_column(method, "doubt")] = result.doubts.get(method, "")
    if result.verdicts is not None:
        columns |= dict(result.verdicts.study_columns())
    frame = pd.DataFrame(columns, index=result.cells.index).reindex(columns=list(RESULT_COLUMNS))
    return frame.astype({column: "str" if column in words else "float64" for column in RESULT_COLUMNS})


def _summary(result: IndicatorResult) -> dict[str, Any]:
    status, moran = result.cells["status"], result.moran
    values = result.cells["value"][status.isin(WITH_VALUE)]
    alone = (one.table["label"] == Label.ISOLATE for one in result.local.values())
    return {
        "n_areas": len(status),
        "n_observed": len(values),
        "n_missing": int((status == Status.MISSING).sum()),
        "n_suppressed": int((status == Status.SUPPRESSED).sum()),
        "n_not_applicable": int((status == Status.NOT_APPLICABLE).sum()),
        "n_isolates": int(next(alone, pd.Series(dtype=bool)).sum()),
        "median": values.median(),
        "minimum": values.min(),
        "maximum": values.max(),
        "moran_statistic": moran.statistic if moran else np.nan,
        "moran_expected": moran.expected if moran else np.nan,
        "moran_z_score": moran.z_score if moran else np.nan,
        "moran_p_value": moran.p_value if moran else np.nan,
        "reason": result.reason,
    }


def _settings(spec: StudySpec, graph: AreaGraph, results: Mapping[str, IndicatorResult]) -> dict[str, Any]:
    ran = sorted({one.method for result in results.values() for one in result.local.values()})
    return {
        "region": spec.region,
        "municipalities": list(spec.municipalities),
        "catalogue": spec.catalogue,
        "tables": [table.path for table in spec.tables],
        "language": spec.map.language,
        **{f.name: getattr(spec.spatial, f.name) for f in fields(spec.spatial)},
        "methods_used": ran,
        "interval_level": INTERVAL_LEVEL,
        **_further(spec),
        "graph_summary": graph.describe(),
    }


def _names(material: Material) -> dict[str, Any]:
    names = {code: name.as_dict() for code, name in material.municipality_names.items()}
    return {MUNICIPALITY_NAMES: names} if names else {}


def _further(spec: StudySpec) -> dict[str, Any]:
    """Return in full what a study says of rates and of an index, what it leaves out included."""
    said: dict[str, Any] = {}
    if spec.rates != RatesSpec():
        said["rates"] = spec.rates
    if spec.composite is not None:
        said["composite"] = spec.composite
    if spec.composite is not None or spec.robustness is not None:
        said["robustness"] = spec.robustness or RobustnessSpec()
    return {key: _stated(asdict(one)) for key, one in said.items()}


def _stated(said: Any) -> Any:  # noqa: ANN401 - JSON
    """Return settings without those that are blank."""
    if isinstance(said, dict):
        return {key: _stated(one) for key, one in said.items() if one not in (None, "", ())}
    return [_stated(one) for one in said] if isinstance(said, list | tuple) else said


def _result_notes(indicators: tuple[Indicator, ...], results: Mapping[str, IndicatorResult]) -> list[str]:
    """Return what was said of single indicators, what was said of several once."""
    return gathered((one.name.en, _said_of(results[one.code])) for one in indicators)


def _said_of(result: IndicatorResult) -> list[str]:
    tests = (*result.local.values(), result.moran, result.verdicts)
    found = [note for one in tests if one for note in one.notes]
    return [f"not tested. {result.reason}", *found] if result.reason else found
