"""The account of a carry: where each total went."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lea_geo.schema import WITH_VALUE, Status

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from lea_geo.intake.support.bounds import Column
    from lea_geo.intake.support.crosswalk import Crosswalk

    Floats = NDArray[np.float64]

COLUMNS = (
    "kind",
    "total_before",
    "moved",
    "lost_outside",
    "assumed",
    "hidden",
    "total_after",
    "unexplained",
    "suppressed",
    "suppressed_lower",
    "suppressed_upper",
    "missing",
    "not_applicable",
    "suppressed_after",
    "missing_after",
)
"""The columns of ``Interpolated.account``, one row for each column of values.

``total_before`` is the sum of the known values (of a mean: each times what it counts); ``moved`` of it
reached a target and ``lost_outside`` did not; of what was moved, ``assumed`` rests on an even spread and
``hidden`` lies in targets whose value is not known because another part of it is hidden. ``unexplained`` is
``total_before - total_after - hidden - lost_outside``, which is rounding. ``suppressed missing
not_applicable`` count source areas, ``suppressed_lower suppressed_upper`` add up their bounds (NaN where one
has none), ``suppressed_after missing_after`` count target areas.
"""


def account_row(
    column: Column, crosswalk: Crosswalk, table: pd.DataFrame, *, kind: str, counts: Floats, counted: Floats
) -> dict[str, object]:
    """Return one row of the account.

    Parameters
    ----------
    column
        The values on the source areas.
    crosswalk
        How they were divided.
    table
        What was carried: ``value status known``.
    kind
        ``extensive`` or ``intensive``.
    counts
        Shape (n_source,): what each value counts; 1 where values add up.
    counted
        Shape (n_target,): what each target's mean counts; 1 where values add up.
    """
    mass = column.known * counts
    valued = table["status"].isin([str(status) for status in WITH_VALUE]).to_numpy()
    after = float((table["value"].to_numpy() * counted)[valued].sum())
    hidden = float(table["known"].to_numpy()[~valued].sum())
    before, lost = float(mass.sum()), float(mass @ crosswalk.lost)
    suppressed = column.where(Status.SUPPRESSED)
    reached = 1 - crosswalk.lost
    return {
        "kind": kind,
        "total_before": before,
        "moved": float(mass @ reached),
        "lost_outside": lost,
        "assumed": float(mass @ np.minimum(crosswalk.assumed, reached)),
        "hidden": hidden,
        "total_after": after,
        "unexplained": before - after - hidden - lost,
        "suppressed": int(suppressed.sum()),
        "suppressed_lower": float((column.lower * counts)[suppressed].sum()),
        "suppressed_upper": float((column.upper * counts)[suppressed].sum()),
        "missing": int(column.where(Status.MISSING).sum()),
        "not_applicable": int(column.where(Status.NOT_APPLICABLE).sum()),
        "suppressed_after": int((table["status"] == str(Status.SUPPRESSED)).sum()),
        "missing_after": int((table["status"] == str(Status.MISSING)).sum()),
    }
