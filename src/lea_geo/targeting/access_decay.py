"""How much a service counts for people who live some way off."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lea_geo._checks import access as check
from lea_geo._checks.options import check_choice

if TYPE_CHECKING:
    from collections.abc import Mapping

DECAYS = ("none", "gaussian", "steps", "power", "exponential")
"""Weights of a cost c within the threshold t: 1; exp(-c^2 / 2 b^2); by steps; (max(c, b) / b)^-power; exp(-c
/ b), with b the bandwidth."""


def weights_of(
    costs: np.ndarray,
    threshold: float,
    *,
    decay: str = "none",
    bandwidth: float | None = None,
    steps: Mapping[float, float] | None = None,
    power: float = 2.0,
    scale: float = 1.0,
) -> np.ndarray:
    """Return the weight of each journey, 0 beyond the threshold and where there is no route.

    Parameters
    ----------
    costs
        NaN for no route.
    threshold
        The catchment.
    decay, bandwidth, steps, power
        As in :func:`access_scores`.
    scale
        By what bandwidth and steps are multiplied: a wider catchment is wider in all its parts.
    """
    check_choice("decay", decay, DECAYS)
    near = costs <= threshold  # NaN is not
    reach = np.where(near, costs, 0.0)
    if decay == "none":
        weight = np.ones(costs.shape)
    elif decay == "steps":
        limits = check.check_steps(steps)
        edges, values = np.array(list(limits)) * scale, np.array([*limits.values(), 0.0])
        weight = values[np.searchsorted(edges, reach, side="left")]
    else:
        width = scale * check.check_positive("bandwidth", check.check_given("bandwidth", bandwidth, decay))
        if decay == "gaussian":
            weight = np.exp(-(reach**2) / (2 * width**2))
        elif decay == "exponential":
            weight = np.exp(-reach / width)
        else:
            weight = (np.maximum(reach, width) / width) ** -check.check_positive("power", power)
    return np.where(near, weight, 0.0)
