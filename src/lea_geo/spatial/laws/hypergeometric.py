"""The hypergeometric law: how many of some draws without replacement have an attribute."""

from __future__ import annotations

import numpy as np


def hypergeometric_tails(others: int, marked: int, drawn: int) -> tuple[np.ndarray, np.ndarray]:
    """Return P(C <= c) and P(C >= c) for c = 0 to ``drawn``, each of shape (drawn + 1,).

    ``drawn`` of ``others`` areas are drawn, of which ``marked`` have the attribute. The probabilities are
    built outwards from the most likely count by the ratio of neighbouring ones::

        P(c + 1) / P(c) = (marked - c) (drawn - c) / ((c + 1) (others - marked - drawn + c + 1))

    and each tail is added up from its far end, so that small ones keep their digits.
    """
    count = np.arange(drawn + 1)
    first, last = max(0, drawn - (others - marked)), min(drawn, marked)
    c = count[first:last]
    ratio = (marked - c) * (drawn - c) / ((c + 1.0) * (others - marked - drawn + c + 1.0))
    mode = int(np.searchsorted(-ratio, -1.0))  # ratios fall
    weight = np.zeros(drawn + 1)
    weight[first + mode] = 1.0
    weight[first + mode + 1 : last + 1] = np.cumprod(ratio[mode:])
    weight[first : first + mode] = np.cumprod(1.0 / ratio[:mode][::-1])[::-1]
    mass = weight / weight.sum()
    return np.minimum(1.0, np.cumsum(mass)), np.minimum(1.0, np.cumsum(mass[::-1])[::-1])
