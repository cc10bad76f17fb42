"""On which side of an edge a point lies, without ever being wrong.

A determinant in floating point is trusted where it exceeds a bound on its error, and computed exactly where
not (Shewchuk 1997, doi:10.1007/PL00009321): sums and products of doubles are exact as sums of doubles.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lea_geo._compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

_UNIT = 2.0**-53
_BOUND = (3.0 + 16.0 * _UNIT) * _UNIT
_SPLITTER = 2.0**27 + 1.0


@compiled
def is_east_of(x: float, y: float, x1: float, y1: float, x2: float, y2: float) -> bool:
    """Say whether a point lies on an edge or east of it, where ``y1 <= y < y2``."""
    if x >= max(x1, x2):
        return True
    if x < min(x1, x2):
        return False
    return turn(x1, y1, x2, y2, x, y) <= 0


@compiled
def turn(ax: float, ay: float, bx: float, by: float, cx: float, cy: float) -> float:
    """Return a number with the sign of the turn from ``ab`` to ``c``: positive to the left, 0 straight on."""
    left, right = (ax - cx) * (by - cy), (ay - cy) * (bx - cx)
    found = left - right
    if abs(found) > _BOUND * (abs(left) + abs(right)):
        return found
    return _exact_turn(ax, ay, bx, by, cx, cy)


@compiled
def _exact_turn(ax: float, ay: float, bx: float, by: float, cx: float, cy: float) -> float:
    """Return the largest part of the exact determinant: ab - ac - cb, each a cross product of two places."""
    parts = np.zeros(12)
    n = _add_product(parts, 0, ax, by)
    n = _add_product(parts, n, -ay, bx)
    n = _add_product(parts, n, -ax, cy)
    n = _add_product(parts, n, ay, cx)
    n = _add_product(parts, n, -cx, by)
    n = _add_product(parts, n, cy, bx)
    for i in range(n - 1, -1, -1):
        if parts[i] != 0:
            return float(parts[i])
    return 0.0


@compiled
def _add_product(parts: NDArray[np.float64], n: int, a: float, b: float) -> int:
    """Add ``a * b`` to an exact sum of ``n`` doubles, and return of how many it is one then."""
    high = a * b
    coarse_a, coarse_b = _coarse(a), _coarse(b)
    fine_a, fine_b = a - coarse_a, b - coarse_b
    low = fine_a * fine_b - (((high - coarse_a * coarse_b) - fine_a * coarse_b) - coarse_a * fine_b)
    _add(parts, n, low)
    _add(parts, n + 1, high)
    return n + 2


@compiled
def _coarse(a: float) -> float:
    """Return the upper half of a double's digits."""
    large = _SPLITTER * a
    return large - (large - a)


@compiled
def _add(parts: NDArray[np.float64], n: int, added: float) -> None:
    """Add a double to an exact sum of ``n`` doubles, which makes it one of ``n + 1``."""
    for i in range(n):
        total = added + parts[i]
        of_part = total - added
        parts[i] = (added - (total - of_part)) + (parts[i] - of_part)
        added = total
    parts[n] = added
