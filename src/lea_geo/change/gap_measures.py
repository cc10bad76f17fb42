"""Which measures of a gap go together: an absolute and a relative one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lea_geo.inequality import formulas
from lea_geo.inequality.ends import Concentration, Line
from lea_geo.inequality.estimate import Form, Measure

if TYPE_CHECKING:
    from collections.abc import Collection

    import pandas as pd

    from lea_geo.inequality.sample import Sample

PAIRS = ("fifths", "gini", "deviation", "slope", "concentration")
FIFTH = 0.2
MEASURES = (
    "difference",
    "ratio",
    "absolute_gini",
    "gini",
    "standard_deviation",
    "coefficient_of_variation",
    "slope_index",
    "relative_index",
    "generalised_concentration_index",
    "concentration_index",
)
"""The measures of all pairs, the absolute one of each first."""


def measures_of(sample: Sample, order: pd.Series | None, chosen: Collection[str]) -> list[Measure]:
    """Return the measures of a year; those along an order only where there is one.

    Parameters
    ----------
    sample
        The areas.
    order
        What they are ordered by, or None; none of them without.
    chosen
        Which of ``PAIRS``.
    """
    found = [
        _spread("fifths", formulas.tail_difference(FIFTH, FIFTH), formulas.tail_ratio(FIFTH, FIFTH)),
        _spread("gini", formulas.half_mean_difference, formulas.gini),
        _spread("deviation", formulas.deviation, formulas.variation),
    ]
    if order is not None:
        rank = order.reindex(sample.ids).to_numpy(dtype=float)
        found += [_slope(rank), _concentration(rank)]
    return [one for one in found if one.settings["pair"] in chosen]


_NAMES = {
    "fifths": ("difference", "ratio"),
    "gini": ("absolute_gini", "gini"),
    "deviation": ("standard_deviation", "coefficient_of_variation"),
}


def _spread(pair: str, absolute: formulas.Formula, relative: formulas.Formula) -> Measure:
    names = _NAMES[pair]
    equal = 1.0 if pair == "fifths" else 0.0
    forms = (Form(names[0], "absolute", absolute), Form(names[1], "relative", relative, equal=equal))
    return Measure(forms, settings={"pair": pair})


def _difference(one: np.ndarray | complex, other: np.ndarray | complex) -> np.ndarray:
    return np.asarray(one - other)


def _ratio(one: np.ndarray | complex, other: np.ndarray | complex) -> np.ndarray:
    return np.asarray(one / other)


def _first(one: np.ndarray | complex, other: np.ndarray | complex) -> np.ndarray:  # noqa: ARG001
    return np.asarray(one)


def _slope(rank: np.ndarray) -> Measure:
    forms = (
        Form("slope_index", "absolute", combine=_difference),
        Form("relative_index", "relative", combine=_ratio, equal=1.0, logged=True),
    )
    return Measure(forms, ends=Line(rank), settings={"pair": "slope"})


def _concentration(rank: np.ndarray) -> Measure:
    forms = (
        Form("generalised_concentration_index", "absolute", combine=_first),
        Form("concentration_index", "relative", combine=_ratio),
    )
    return Measure(forms, ends=Concentration(rank), settings={"pair": "concentration"})
