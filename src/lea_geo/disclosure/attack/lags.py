"""Hidden values in what is told of their neighbours: spatial lags, means, and local statistics.

A lag is a weighted mean of the neighbours' values. Where it counts a hidden neighbour in, taking the
published ones away leaves it. The graph is no secret: the manifest says how it was built, and the published
numbers of neighbours show whether it was built right.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from lea_geo.disclosure.prove.linear import LinearSystem, bounds
from lea_geo.errors import LeaGeoError
from lea_geo.intake.grid import is_grid_ids
from lea_geo.schema import LOCAL_METHODS, result_column
from lea_geo.spatial.builders import build_graph

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from lea_geo.disclosure.attack.evidence import Evidence, Sheet
    from lea_geo.spatial.graph import AreaGraph

    Floats = NDArray[np.float64]

_MORAN, _STAR = LOCAL_METHODS
_OPTIONS = ("k", "threshold", "bandwidth", "tolerance")
_FALLBACKS: tuple[Mapping[str, Any], ...] = ({"graph": "queen"}, {"graph": "rook"})
_LATTICES: tuple[Mapping[str, Any], ...] = ({"graph": "lattice"},)
_FEW = 400
"""Rows that one system may have: an attacker starts with those next to a hidden area."""
_NEAR = 1e-6
"""Of a mean: how well published numbers must agree on it to be believed."""


@dataclass(frozen=True)
class Row:
    """One equation in the values of hidden areas."""

    weights: dict[int, float]
    """Position of the area to its coefficient."""
    lower: float
    upper: float
    name: str
    place: int


def lags(evidence: Evidence) -> int:
    """Attack spatial lags, the mean that local statistics give away, and a hidden area's own statistics."""
    found = 0
    for sheet in evidence.sheets.values():
        variables = [name for name in _with_lags(sheet) if sheet.withheld(name).any()]
        graph = _graph(evidence, sheet, variables) if variables else None
        if graph is None:
            continue
        for name in variables:
            found += _solve(evidence, sheet, name, [*_rows(sheet, graph, name), *_mean_rows(sheet, name)])
    return found


def _with_lags(sheet: Sheet) -> list[str]:
    parts = {result_column(method, "lag") for method in LOCAL_METHODS}
    return sorted(
        {variable for variable, part in sheet.known if part in parts and sheet.has(variable, "value")}
    )


def _graph(evidence: Evidence, sheet: Sheet, variables: list[str]) -> AreaGraph | None:
    """Return the graph whose numbers of neighbours are the published ones, or None."""
    for settings in _settings(evidence, sheet):
        options = {name: settings[name] for name in _OPTIONS if settings.get(name) is not None}
        water = settings.get("water_distance")
        try:
            graph = build_graph(
                sheet.areas,
                settings.get("graph", "queen"),
                islands=settings.get("islands", "isolate"),
                water_distance=water,
                **options,
            )
        except LeaGeoError:
            continue
        if _fits(graph, sheet, variables):
            return graph.transform(settings.get("transform", "row"))
    return None


def _settings(evidence: Evidence, sheet: Sheet) -> Iterator[Mapping[str, Any]]:
    """Yield how the graph may have been built: as the manifest says, or as is usual."""
    study = evidence.claims.manifest.get("study", {})
    told = [study, *study.get("also", ())] if isinstance(study, dict) else []
    yield from (one["spatial"] for one in told if isinstance(one, dict) and one.get("spatial"))
    yield from _LATTICES if is_grid_ids(sheet.areas.index) else ()
    yield from _FALLBACKS


def _fits(graph: AreaGraph, sheet: Sheet, variables: list[str]) -> bool:
    """Whether every published number of neighbours is that of the graph."""
    degrees = graph.cardinalities.reindex(sheet.areas.index).to_numpy(dtype=float)
    for name in variables:
        counted = sheet.get(name, result_column(_MORAN, "neighbors")).middle
        hidden = sheet.get(name, result_column(_MORAN, "hidden")).middle
        told = np.isfinite(counted) & np.isfinite(hidden)
        if np.any(np.abs(counted + hidden - degrees)[told] > 0.5):
            return False
    return True


def _rows(sheet: Sheet, graph: AreaGraph, variable: str) -> Iterator[Row]:
    """Yield the lags that count hidden neighbours in."""
    order = graph.ids.get_indexer(sheet.areas.index)
    matrix = sparse.csr_array(graph.sparse()[order][:, order])
    counted = sheet.get(variable, result_column(_MORAN, "neighbors")).middle
    degrees = np.diff(matrix.indptr)
    # Without a count of neighbours it is the lag itself that shows whom it counts: see _consistent.
    whole = np.where(np.isfinite(counted), counted == degrees, True)
    for method in LOCAL_METHODS:
        lag = sheet.get(variable, result_column(method, "lag"))
        for at in np.flatnonzero(lag.printed & whole & (degrees > 0)).tolist():
            own = slice(matrix.indptr[at], matrix.indptr[at + 1])
            weights = dict(zip(matrix.indices[own].tolist(), matrix.data[own].tolist(), strict=True))
            if method == _STAR:
                weights = _with_itself(weights, at, row=graph.transformation == "row")
            name = f"the spatial lag of {sheet.geography} {sheet.areas.index[at]}"
            yield Row(weights, float(lag.lower[at]), float(lag.upper[at]), name, int(lag.place[at]))


def _with_itself(weights: dict[int, float], at: int, *, row: bool) -> dict[int, float]:
    """Return the weights of a lag that counts the area itself in, as Gi* does."""
    own = max(weights.values())
    shrink = 1 / (1 + own) if row else 1.0
    return {place: shrink * weight for place, weight in (weights | {at: own}).items()}


def _mean_rows(sheet: Sheet, variable: str) -> Iterator[Row]:
    """Yield the sum of all values, where published local statistics give the mean away.

    (x_i - m)(L_i - m) = v I_i is linear in m, m^2 and v; three areas determine them.
    """
    columns = [
        sheet.get(variable, part) for part in ("value", *(f"{_MORAN}_{c}" for c in ("lag", "statistic")))
    ]
    told = np.logical_and.reduce([one.printed & (one.lower == one.upper) for one in columns])
    if told.sum() < 4:
        return
    x, lag, statistic = (one.middle[told] for one in columns)
    scale = np.abs(x).max() or 1.0
    design = np.c_[(x + lag) / scale, -np.ones(told.sum()), statistic]
    answer, _, rank, _ = np.linalg.lstsq(design, x * lag / scale**2, rcond=None)
    mean, square = answer[0], answer[1]
    if rank < 3 or abs(mean**2 - square) > _NEAR * max(1.0, abs(square)):
        return
    hidden = sheet.withheld(variable)
    value = sheet.known[variable, "value"]
    left_out = sheet.get(variable, result_column(_MORAN, "hidden")).middle
    if hidden.sum() != 1 and np.nansum(left_out) != 0:
        return  # some hidden areas are in the mean and others are not
    total = mean * scale * (value.printed.sum() + hidden.sum())
    # The published values alone have another mean, or the statistics say nothing of the hidden ones.
    if abs(np.nanmean(value.middle) - mean * scale) <= _NEAR * scale:
        return
    slack = _NEAR * scale * sheet.n
    everybody = dict.fromkeys(np.flatnonzero(value.printed | hidden).tolist(), 1.0)
    place = int(columns[2].place[told][0])
    yield Row(everybody, total - slack, total + slack, "the mean that the local statistics give away", place)


def _solve(evidence: Evidence, sheet: Sheet, variable: str, rows: list[Row]) -> int:
    """Solve the rows for the hidden values, which are whole numbers over their denominators where known."""
    hidden = np.flatnonzero(sheet.withheld(variable))
    value = sheet.known[variable, "value"]
    place = {int(area): column for column, area in enumerate(hidden)}
    rows = [row for row in rows if any(area in place for area in row.weights)]
    rows = [row for row in rows if not any(np.isnan(value.middle[a]) for a in row.weights if a not in place)]
    if not rows:
        return 0
    rows = sorted(rows, key=lambda row: sum(area in place for area in row.weights))[:_FEW]
    unit, least, most, whole = _unknowns(evidence, sheet, variable, hidden)
    matrix = sparse.lil_array((len(rows), len(hidden)))
    ends = np.zeros((2, len(rows)))
    for at, row in enumerate(rows):
        low, high = row.lower, row.upper
        for area, weight in row.weights.items():
            if area in place:
                matrix[at, place[area]] = weight * unit[place[area]]
            else:
                low, high = low - weight * value.upper[area], high - weight * value.lower[area]
        slack = 1e-9 * max(1.0, abs(row.lower))
        ends[:, at] = low - slack, high + slack
    names = tuple(row.name for row in rows)
    system = LinearSystem(sparse.csr_array(matrix), ends[0], ends[1], least, most, whole, names)
    asked = np.unique(system.matrix.indices)
    targets = sparse.csr_array(sparse.eye_array(len(hidden), format="csr")[asked])
    try:
        lower, upper, _ = bounds(system, targets, seconds=2.0)
    except LeaGeoError:
        return 0
    return _note(sheet, variable, hidden[asked], (lower * unit[asked], upper * unit[asked]), rows)


def _unknowns(
    evidence: Evidence, sheet: Sheet, variable: str, hidden: NDArray[np.int64]
) -> tuple[Floats, Floats, Floats, NDArray[np.bool_]]:
    """Return what one unknown is worth, and its bounds: a numerator over a known denominator, or a value."""
    value, indicator = sheet.known[variable, "value"], evidence.indicators.get(variable)
    unit, whole = np.ones(len(hidden)), np.zeros(len(hidden), dtype=bool)
    least, most = value.lower[hidden].copy(), value.upper[hidden].copy()
    if indicator is not None and indicator.is_rate:
        people = sheet.get(variable, "denominator")
        whole = (people.lower == people.upper)[hidden] & (people.lower[hidden] > 0)
        unit[whole] = indicator.scale / people.lower[hidden][whole]
        least[whole] = np.maximum(np.ceil(least[whole] / unit[whole] - 1e-6), 0)
        most[whole] = np.floor(most[whole] / unit[whole] + 1e-6)
        if indicator.unit == "percent":
            most[whole] = np.minimum(most[whole], people.lower[hidden][whole])
        least[~whole] = np.maximum(least[~whole], 0)
    return unit, least, most, whole


def _note(
    sheet: Sheet, variable: str, areas: NDArray[np.int64], ends: tuple[Floats, Floats], rows: list[Row]
) -> int:
    value, found = sheet.known[variable, "value"], 0
    for area, low, high in zip(areas.tolist(), *ends, strict=True):
        used = next(row for row in rows if area in row.weights)
        others = len(used.weights) - 1
        said = f"{used.name}, less the published values of the {others} others that it counts"
        slack = 1e-7 * max(1.0, abs(low) if np.isfinite(low) else 1.0)
        known = low - slack, high + slack
        found += value.narrow(area, *known, attack="lags", recipe=said, place=used.place)
    return found
