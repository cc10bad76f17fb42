"""How much of the need is covered, area by area: the curve of a policy that starts where need is greatest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo.targeting.redraws import ends

if TYPE_CHECKING:
    from lea_geo.targeting.need import Need

ORDERS = ("rate", "count")
"""Areas by the share of their families that is in need, or by how many these are; the highest first."""


def ordered(counted: Need, known: np.ndarray, order: str) -> np.ndarray:
    """Return the places of areas with families, the highest first; equals by the other order, then by id."""
    rate = np.divide(known, counted.lived, out=np.zeros(len(known)), where=counted.inhabited)
    first, second = (rate, known) if order == "rate" else (known, rate)
    by = np.lexsort((np.arange(len(known)), -second, -first))
    return np.asarray(by[counted.inhabited[by]])


def coverage_curve(counted: Need, known: np.ndarray, drawn: np.ndarray, level: float) -> pd.DataFrame:
    """Return the shares of areas, families and need that the first k areas hold, k from 0, in either order.

    By rate, and over the share of families, this is the concentration (Lorenz) curve of need over areas.
    """
    return pd.concat([_curve(counted, known, drawn, level, order) for order in ORDERS], ignore_index=True)


def _curve(counted: Need, known: np.ndarray, drawn: np.ndarray, level: float, order: str) -> pd.DataFrame:
    by = ordered(counted, known, order)
    low, high = ends(_running(drawn[:, by]), level)
    need = _running(known[by])
    columns = {
        "order": order,
        "areas": np.arange(len(by) + 1, dtype=float),
        "area_id": ["", *counted.index[by]],
        "share_of_areas": np.arange(len(by) + 1) / max(1, len(by)),
        "share_of_families": _running(counted.lived[by]),
        "share_of_need": need,
        "lower": np.fmin(low, need),
        "upper": np.fmax(high, need),
    }
    return pd.DataFrame(columns)


def _running(numbers: np.ndarray) -> np.ndarray:
    """Return running sums from 0 as shares of the whole, along the last axis."""
    sums = np.cumsum(numbers, axis=-1)
    whole = sums[..., -1:]
    shares = np.divide(sums, whole, out=np.full(sums.shape, np.nan), where=whole > 0)
    return np.concatenate([np.zeros((*numbers.shape[:-1], 1)), shares], axis=-1)


def needed_areas(
    counted: Need, known: np.ndarray, drawn: np.ndarray, shares: tuple[float, ...], level: float
) -> pd.DataFrame:
    """Return how many areas, and what share of families, hold each share of the need."""
    rows = []
    for order in ORDERS:
        by = ordered(counted, known, order)
        need, true = _running(known[by]), _running(drawn[:, by])
        families = _running(counted.lived[by])
        for share in shares:
            # Rounding must not ask for one area more than a sum that is the share exactly.
            areas = int(np.argmax(need >= share - 1e-12)) if known.sum() > 0 else 0
            low, high = ends((true < share).sum(axis=1), level)
            rows.append(
                {
                    "order": order,
                    "share": share,
                    "areas": float(areas) if areas else np.nan,
                    "areas_lower": float(min(np.floor(low), areas or np.inf)),
                    "areas_upper": float(max(np.ceil(high), areas)),
                    "share_of_areas": areas / len(by) if areas else np.nan,
                    "share_of_families": float(families[areas]) if areas else np.nan,
                }
            )
    return pd.DataFrame(rows)
