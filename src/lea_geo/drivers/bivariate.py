"""Two variables on one map: three classes of each, nine colours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo._by_area import ByArea
from lea_geo._checks.drivers import check_columns
from lea_geo.drivers.aligned import left_out
from lea_geo.schema import AREA_ID

if TYPE_CHECKING:
    from collections.abc import Mapping

CLASSES = ("low", "middle", "high")
PALETTE: Mapping[str, str] = {
    "low low": "#eeeeee",
    "low middle": "#f2c27a",
    "low high": "#e08a00",
    "middle low": "#9cc3e6",
    "middle middle": "#a79d95",
    "middle high": "#8f5a13",
    "high low": "#2f7fc4",
    "high middle": "#3f5a78",
    "high high": "#1f1a1a",
}
"""Colour of each class, the first variable's class first: blue for the first, orange for the second, dark for
both."""
LEAST_DISTANCE = 16.0
"""No two colours are nearer than this in CAM02-UCS for eyes with full colour vision, nor for deuteranopes,
protanopes or tritanopes: a test measures it."""


@dataclass(frozen=True)
class BivariateClasses(ByArea):
    """Each area's class in two variables."""

    table: pd.DataFrame
    """Indexed by ``area_id``: ``x y`` (values), ``x_class y_class`` (one of ``CLASSES``) and ``label`` (a key
    of ``PALETTE``); blank where an area lacks a value."""
    x_cuts: tuple[float, float]
    """A value up to the first is low, above the second high."""
    y_cuts: tuple[float, float]
    notes: tuple[str, ...] = ()


def bivariate_classes(x: pd.Series, y: pd.Series) -> BivariateClasses:
    """Sort areas into three classes of each of two variables, nearly as many areas in each.

    The cuts are terciles of the areas that have both values: the values at the places n/3 and 2n/3, rounded
    to the nearest whole area. Equal values are never split: all of them go to the side that keeps the classes
    most even.

    Parameters
    ----------
    x, y
        One number an area each, with the same ids; NaN for none.

    Raises
    ------
    UsageError, ValuesError
        If ids do not match, a variable has fewer than three different values, or fewer than three areas have
        both.
    """
    ids, numbers, whole = check_columns({"x": x, "y": y}, least=3)
    table = pd.DataFrame(index=x.index.rename(AREA_ID))
    cuts, notes = {}, [*left_out(ids, whole)]
    for name, values in numbers.items():
        cuts[name] = terciles(values[whole])
        words = np.full(len(ids), "", dtype=object)
        words[whole] = np.array(CLASSES, dtype=object)[
            np.searchsorted(cuts[name], values[whole], side="left")
        ]
        table[name] = pd.Series(np.where(whole, values, np.nan), index=ids)
        table[f"{name}_class"] = pd.Series(words, index=ids).astype("str")
        sizes = [int((words == one).sum()) for one in CLASSES]
        if max(sizes) - min(sizes) > max(2, whole.sum() // 6):
            notes.append(
                f"Many areas share a value of {name}: its classes hold {sizes[0]}, {sizes[1]}, {sizes[2]}."
            )
    table["label"] = (table["x_class"] + " " + table["y_class"]).str.strip()
    order = ["x", "y", "x_class", "y_class", "label"]
    return BivariateClasses(table[order], cuts["x"], cuts["y"], tuple(notes))


def terciles(values: np.ndarray) -> tuple[float, float]:
    """Return two values that cut the others into three classes as even as equal values allow.

    A class holds its upper cut. With few different values a class can be empty.
    """
    found, counts = np.unique(values, return_counts=True)
    if len(found) == 1:
        return float(found[0]), float(found[0])
    up_to = np.cumsum(counts)[:-1]
    wanted = len(values) / 3
    lower = int(np.argmin(np.abs(up_to - wanted)))
    upper = max(lower, int(np.argmin(np.abs(up_to - 2 * wanted))))
    if upper == lower and lower + 1 < len(up_to):
        upper = lower + 1
    elif upper == lower and lower > 0:
        lower -= 1
    return float(found[lower]), float(found[upper])
