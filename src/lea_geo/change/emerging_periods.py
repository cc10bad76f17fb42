"""Hot and cold spots of the first, the middle and the last years of a series, each taken together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lea_geo.spatial.local_g import local_g

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from lea_geo.spatial.graph import AreaGraph

LEAST_VALUES = 4


@dataclass(frozen=True, eq=False)
class Periods:
    """G_i* of the means over the first, the middle and the last years; each of shape (n areas, 3)."""

    ends: int
    """How many years the first and the last period have."""
    z: np.ndarray
    p: np.ndarray
    high: np.ndarray
    """Whether the upper tail is the smaller one."""


def third(n_years: int) -> int:
    """Return a third of the years, at least one."""
    return max(1, n_years // 3)


def period_tests(values: pd.DataFrame, graph: AreaGraph, options: Mapping[str, Any], ends: int) -> Periods:
    """Test the mean of each area over the first ``ends`` years, those between, and the last ``ends``.

    A mean of several years holds less noise than one year, so that what is hot for years is told as hot where
    a single year could not tell. A year without a value is left out of its area's mean.

    Parameters
    ----------
    values
        Indexed by ``area_id``, the years in rising order.
    options
        Of :func:`lea_geo.local_g`.
    """
    years = values.shape[1]
    parts = [slice(0, ends), slice(ends, years - ends), slice(years - ends, years)]
    z, p = np.full((len(values), 3), np.nan), np.full((len(values), 3), np.nan)
    high = np.zeros((len(values), 3), dtype=bool)
    for k, part in enumerate(parts):
        mean = values.iloc[:, part].mean(axis=1)
        if mean.notna().sum() < LEAST_VALUES:
            continue
        found = local_g(mean, graph, star=True, correction="none", **options).table
        z[:, k], p[:, k] = found["statistic"], found["p_value"]
        high[:, k] = found["p_upper"] <= found["p_lower"]
    return Periods(ends, z, p, high)
