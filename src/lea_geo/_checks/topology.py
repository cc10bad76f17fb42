"""Options of the topology check."""

from __future__ import annotations

import math
from numbers import Real

from lea_geo.errors import UsageError


def check_tolerance(tolerance: float) -> float:
    """Return ``tolerance`` as a float of at least 0, in metres."""
    number = isinstance(tolerance, Real) and not isinstance(tolerance, bool)
    if not number or not math.isfinite(tolerance) or tolerance < 0:
        raise UsageError(f"tolerance is {tolerance!r}; it must be a number of metres, at least 0.")
    return float(tolerance)
