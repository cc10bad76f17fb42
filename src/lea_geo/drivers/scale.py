"""How much an association changes when areas are made larger or their borders are drawn otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from lea_geo._checks import check_count, check_seed
from lea_geo._checks.drivers import check_columns, check_sizes, check_zones
from lea_geo.drivers.aligned import left_out
from lea_geo.drivers.association import ECOLOGICAL
from lea_geo.drivers.zones import random_zones
from lea_geo.spatial.graph import as_graph

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from libpysal.graph import Graph

    from lea_geo.spatial.graph import AreaGraph

AS_GIVEN = "as given"
LEAST_ZONES = 8
"""A correlation of fewer zones is hardly one."""
QUANTILES = {"lower": 0.05, "median": 0.5, "upper": 0.95}


@dataclass(frozen=True)
class ScaleRange:
    """The same correlation on other divisions of the region."""

    table: pd.DataFrame
    """A row for a division: ``division`` (``as given``, the name of another kind of areas, or ``random``),
    ``zones``, ``runs``, and ``lower median upper`` of Pearson's correlation: its 5 %, 50 % and 95 % quantiles
    over the random divisions, one and the same number where there is one; ``spearman_lower spearman_median
    spearman_upper`` and ``same_sign``, the share of runs with the sign of the areas as given."""
    lowest: float
    """The smallest of all ``lower``."""
    highest: float
    """The largest of all ``upper``."""
    seed: int
    runs: int
    notes: tuple[str, ...] = ()

    @property
    def sign_holds(self) -> bool:
        """Whether the association has one direction wherever it was looked at."""
        return bool(self.lowest > 0 or self.highest < 0)


def scale_range(
    x: pd.Series,
    y: pd.Series,
    graph: AreaGraph | Graph,
    *,
    zones: Sequence[int] = (),
    runs: int = 200,
    seed: int = 0,
    x_counts: pd.DataFrame | None = None,
    y_counts: pd.DataFrame | None = None,
    sizes: pd.Series | None = None,
    levels: Mapping[str, pd.DataFrame] | None = None,
) -> ScaleRange:
    """Correlate two variables again on larger areas, on random borders, and on other kinds of areas.

    The modifiable areal unit problem: the correlation of areas depends on their size and on where their
    borders run. Here neighbouring areas are put together at random, again and again, into as many zones as
    asked for.

    Parameters
    ----------
    x, y
        One number an area each, indexed by ``area_id``; NaN for none. Areas that lack either are left out.
    graph
        Zones are made of areas that it links; parts that are not linked stay apart.
    zones
        How many zones to make. Left out: half and a quarter of the areas, where that leaves eight.
    runs
        Random divisions for each.
    seed
        Of the divisions; the same seed gives the same for any order of the areas.
    x_counts, y_counts
        ``numerator denominator``: a zone's value is then the sum of the one over that of the other. Without
        them it is the mean of its areas' values, weighted by ``sizes``.
    sizes
        What areas weigh, as their population; left out, all the same.
    levels
        Other kinds of areas by name: columns ``x y``.

    Raises
    ------
    UsageError, ValuesError
        If ids do not match, values do not vary, or fewer than five areas have both.

    References
    ----------
    Openshaw and Taylor (1979), A million or so correlation coefficients, in Statistical Applications in the
    Spatial Sciences, edited by Wrigley
    Fotheringham and Wong (1991), https://doi.org/10.1068/a231025
    """
    check_seed(seed)
    check_count("runs", runs)
    ids, numbers, whole = check_columns({"x": x, "y": y}, least=5)
    kept = ids[whole]
    links = as_graph(graph).subset(kept)
    parts = [
        _parts(numbers[name][whole], counts, sizes, kept)
        for name, counts in (("x", x_counts), ("y", y_counts))
    ]
    wanted = check_zones(zones, len(kept)) or _usual(len(kept))
    rows = [_row(AS_GIVEN, len(kept), _both(numbers["x"][whole], numbers["y"][whole])[None, :])]
    for name, table in (levels or {}).items():
        whole_rows = table[["x", "y"]].dropna().sort_index()
        if len(whole_rows) >= 5:
            found = _both(whole_rows["x"].to_numpy(float), whole_rows["y"].to_numpy(float))
            rows.append(_row(name, len(whole_rows), found[None, :]))
    for number in wanted:
        drawn = random_zones(links, number, runs=runs, seed=seed)
        made = int(drawn[0].max()) + 1
        rows.append(_row("random", made, np.array([_again(zone, parts) for zone in drawn])))
    table = pd.DataFrame(rows)
    own = np.sign(table["median"].iloc[0])
    table["same_sign"] = [float(np.mean(np.sign(found) == own)) for found in table.pop("found")]
    lowest, highest = float(table["lower"].min()), float(table["upper"].max())
    return ScaleRange(table, lowest, highest, seed, runs, (*left_out(ids, whole), ECOLOGICAL))


def _usual(n: int) -> tuple[int, ...]:
    return tuple(number for number in (n // 2, n // 4) if number >= LEAST_ZONES)


def _parts(
    values: np.ndarray, counts: pd.DataFrame | None, sizes: pd.Series | None, ids: pd.Index
) -> tuple[np.ndarray, np.ndarray]:
    """Return what is added up over areas, and over what: a zone's value is the one sum by the other."""
    if counts is not None:
        found = counts.reindex(ids)
        events, people = (found[name].to_numpy(float) for name in ("numerator", "denominator"))
        if not np.isnan(events + people).any():
            # The unit of the values, percent perhaps, is what their counts lack; it changes no correlation.
            return events, people
    weigh = np.ones(len(ids)) if sizes is None else check_sizes("sizes", sizes, ids)
    return values * weigh, weigh


def _again(zone: np.ndarray, parts: list[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    found = []
    for above, below in parts:
        whole = np.bincount(zone, weights=below)
        found.append(np.bincount(zone, weights=above) / np.where(whole > 0, whole, np.nan))
    known = ~np.isnan(found[0] + found[1])
    return _both(found[0][known], found[1][known])


def _both(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return Pearson's and Spearman's correlation; NaN where a side does not vary."""
    if len(x) < 3 or np.ptp(x) <= 0 or np.ptp(y) <= 0:
        return np.full(2, np.nan)
    return np.array([np.corrcoef(x, y)[0, 1], np.corrcoef(rankdata(x), rankdata(y))[0, 1]])


def _row(division: str, zones: int, found: np.ndarray) -> dict[str, object]:
    row: dict[str, object] = {"division": division, "zones": zones, "runs": len(found)}
    for prefix, column in (("", found[:, 0]), ("spearman_", found[:, 1])):
        known = column[~np.isnan(column)]
        for name, share in QUANTILES.items():
            row[prefix + name] = float(np.quantile(known, share)) if len(known) else np.nan
    return {**row, "found": found[:, 0]}
