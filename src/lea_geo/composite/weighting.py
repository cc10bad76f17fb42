"""How much each member of a group counts, and how much it counts in effect."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lea_geo._checks import check_choice
from lea_geo._checks.composite_steps import check_stated
from lea_geo.composite_spec import WEIGHTINGS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from lea_geo.composite_spec import Weighting


def weights(
    x: np.ndarray,
    how: Weighting,
    *,
    stated: np.ndarray,
    codes: Sequence[str],
    table: pd.DataFrame | None = None,
) -> np.ndarray:
    """Return how much each of k members counts.

    Parameters
    ----------
    x
        Members (n, k) as they enter the group's score: normalised and turned so that high means the same in
        all; NaN where an area has none.
    how
        The method.
    stated
        (k,) weights that somebody stated, in any unit, for ``stated`` and ``optimised``.
    codes
        The members' codes, for messages and for the columns of ``table``.
    table
        For ``consultation``.

    Returns
    -------
    numpy.ndarray
        (k,) weights of at least 0 that add up to 1.
    """
    check_choice("weighting.method", how.method, WEIGHTINGS)
    if how.method == "stated":
        check_stated(stated, codes)
        return np.asarray(stated / stated.sum())
    k = x.shape[1]
    return np.full(k, 1 / k)
