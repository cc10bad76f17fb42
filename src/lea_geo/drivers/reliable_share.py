"""Which share of the differences between areas' rates is more than the noise of small numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lea_geo.rates.counts import Counts

if TYPE_CHECKING:
    import pandas as pd


def reliability_of(counts: pd.DataFrame | None, ids: pd.Index) -> float:
    """Return the reliability of the proportions of some areas: the true share of their variance.

    With rates p_i = x_i / n_i and the noise of each, v_i = p_i (1 - p_i) / (n_i - 1) without bias::

        1 - mean(v_i) / var(p_i)

    0 where noise alone explains all differences; NaN without counts. Areas without counts are left out.
    """
    if counts is None:
        return np.nan
    part = counts.reindex(ids)
    known = Counts.of(part["numerator"], part["denominator"], "proportion")
    enough = known.valid & (known.people > 1)
    if int(enough.sum()) < 3:
        return np.nan
    people = known.people[enough]
    rate = known.events[enough] / people
    spread = float(np.var(rate, ddof=1))
    if spread <= 0:
        return np.nan
    return float(max(0.0, 1.0 - np.mean(rate * (1 - rate) / (people - 1)) / spread))
