"""How small a change the people of an area are enough to find."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

if TYPE_CHECKING:
    from lea_geo.change.pairs import Pairs

_HALVINGS = 45


def smallest_detectable(
    pairs: Pairs, base: np.ndarray, *, alpha: float, power: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the smallest true rise and the smallest true fall that a two-sided test finds with ``power``.

    With earlier rate p0 and later rate p1 = p0 +- d, p the rate of both years together, and v and w the
    variances of the difference at (p, p) and at (p0, p1), d is the least with::

        d >= z(1 - alpha/2) sqrt(v) + z(power) sqrt(w)

    Parameters
    ----------
    pairs
        The people of both years; their events are not used.
    base
        The true earlier rates, shape (n,): an estimate that is above 0 even where nothing happened.

    Returns
    -------
    tuple
        Rise and fall, both positive, shape (n,); infinite where no change within the possible rates would be
        found with this power.

    References
    ----------
    Fleiss, Levin and Paik (2003), https://doi.org/10.1002/0471445428, equation 4.14
    """
    top = np.ones(len(base)) if pairs.kind == "proportion" else np.full(len(base), np.inf)
    return _least(pairs, base, 1.0, top - base, alpha, power), _least(pairs, base, -1.0, base, alpha, power)


def detectable_error(error: np.ndarray, *, alpha: float, power: float) -> np.ndarray:
    """Return the smallest change that a two-sided test finds where the difference has this standard error."""
    return np.asarray((ndtri(1 - alpha / 2) + ndtri(power)) * error)


def _least(
    pairs: Pairs, base: np.ndarray, sign: float, room: np.ndarray, alpha: float, power: float
) -> np.ndarray:
    z, y = float(ndtri(1 - alpha / 2)), float(ndtri(power))
    size = pairs.n0 + pairs.n1

    def short(d: np.ndarray) -> np.ndarray:
        """Return where a change of d is not found often enough."""
        later = base + sign * d
        together = (pairs.n0 * base + pairs.n1 * later) / size
        needed = z * _error(pairs, together, together) + y * _error(pairs, base, later)
        return np.asarray(d < needed)

    far = room.copy()
    endless = np.isinf(room)
    if endless.any():  # a Poisson rate has no top: double until it is enough
        far[endless] = ((z + y) ** 2 + np.sqrt(base * size)[endless]) / np.minimum(pairs.n0, pairs.n1)[
            endless
        ]
        while (lacking := endless & short(far)).any():
            far[lacking] *= 2
    never = short(far)
    near = np.zeros(len(base))
    for _ in range(_HALVINGS):
        middle = (near + far) / 2
        held = short(middle)
        near, far = np.where(held, middle, near), np.where(held, far, middle)
    return np.asarray(np.where(never, np.inf, far))


def _error(pairs: Pairs, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    v0, v1 = (np.maximum(v, 0.0) for v in pairs.variances(one, other))
    return np.asarray(np.sqrt(np.maximum(v0 + v1 - 2 * pairs.rho * np.sqrt(v0 * v1), 0.0)))
