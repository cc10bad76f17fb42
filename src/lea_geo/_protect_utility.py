"""What protection costs a study: how far statistics would be carried if somebody computed them again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo._checks.study import untestable_reason
from lea_geo.disclosure.protect.utility import utility_lost

if TYPE_CHECKING:
    from lea_geo.schema import Findings, Indicator
    from lea_geo.spatial.graph import AreaGraph

MEASURES = ("moran_before", "moran_after", "hot_before", "hot_after", "hot_overlap")
"""Of ``UtilityLost``: Moran's I of the true values and of those that are shown, how many areas are High-High
by each, and the share of areas that both agree on."""
_HOW = {"fdr": 0.05, "correction": "bh", "transform": "row"}


def utility_of(
    findings: Findings, shown: Findings, indicator: Indicator, graph: AreaGraph | None
) -> tuple[float, ...]:
    """Return ``MEASURES`` of one indicator; NaN where there is no graph, or too little left to test.

    Parameters
    ----------
    findings, shown
        The same sheet before and after protection.
    indicator
        One of theirs.
    graph
        Who is whose neighbour on the sheet's areas.
    """
    before, after = (one.results[indicator.code] for one in (findings, shown))
    values = [one["value"] for one in (before, after)]
    if graph is None or any(untestable_reason(one) or one["value"].nunique() < 2 for one in (before, after)):
        return (np.nan,) * len(MEASURES)
    people = before["denominator"].fillna(0.0) if indicator.is_rate else pd.Series(1.0, before.index)
    how = {name: findings.settings.get(name, otherwise) for name, otherwise in _HOW.items()}
    found = utility_lost(values[0], values[1], graph, people=people, **how)
    return tuple(float(getattr(found, name)) for name in MEASURES)
