"""Lists by an index, or by anything else that has been made again and again."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lea_geo._checks import check_choice, check_fraction
from lea_geo._checks.targeting import check_choose, check_runs
from lea_geo.ranking import ROUNDING, rank
from lea_geo.schema import AREA_ID
from lea_geo.targeting.priority import PriorityList, among_highest, standing, tie_notes
from lea_geo.targeting.redraws import ends

WORST = ("high", "low")


def priority_list_of_runs(
    values: pd.Series, runs: pd.DataFrame, *, choose: float, worst: str = "high", level: float = 0.95
) -> PriorityList:
    """Choose the areas with the worst values, and say how likely each belongs on the list, given runs.

    For a composite index, whose doubt is not in counts: runs are the index made again in other defensible
    ways, with redrawn data, or both (:func:`~lea_geo.robustness.composite.composite_robustness`).
    ``p_belongs`` is the share of runs that have the area among the ``choose`` worst; equal values at the cut
    share the places that are left.

    ``rank_lower`` and ``rank_upper`` hold jointly: the smallest spans, cutting as many runs off at either end
    of every area's ranks, such that a share ``level`` of the runs lies within all of them.

    Parameters
    ----------
    values
        Indexed by ``area_id``; NaN: not ranked.
    runs
        A row for each run, a column for each area.
    choose
        How many areas, or what share of those with a value, between 0 and 1. Equal values at the cut: the
        smaller id comes first.
    worst
        Whether ``"high"`` or ``"low"`` values are the worst.
    level
        Of intervals and of possible ranks, between 0 and 1.

    Returns
    -------
    PriorityList
        ``.table`` with the columns of :func:`~lea_geo.targeting.priority.priority_list`; rank 1 is the worst,
        ``lower`` and ``upper`` are quantiles and ``estimate`` is the mean of the runs, and ``optimal`` are
        those most likely to belong.

    Raises
    ------
    UsageError, ValuesError
        If values and runs do not fit together, or an option is out of range.

    References
    ----------
    Besag, Green, Higdon and Mengersen (1995), section 6.3, https://doi.org/10.1214/ss/1177010123
    """
    sign = 1.0 if check_choice("worst", worst, WORST) == "high" else -1.0
    check_fraction("level", level)
    ids, given, table = check_runs(values, runs)
    valued = ~np.isnan(given)
    found = sign * given[valued]
    size = check_choose(choose, len(found))
    order = np.argsort(-found, kind="stable")
    on = np.isin(np.arange(len(found)), order[:size])
    same = np.abs(found - found[order[size - 1]]) <= ROUNDING * np.abs(found).max()
    tied = tuple(str(one) for one in ids[valued][same]) if (same & ~on).any() else ()
    belongs = among_highest(sign * table[:, valued], size)
    chance = belongs.mean(axis=0)
    columns = _columns(given[valued], table[:, valued], sign, level)
    columns |= {"chosen": on, "p_belongs": chance, "standing": standing(chance, level, same & bool(tied))}
    columns |= {"optimal": np.isin(np.arange(len(found)), np.argsort(-chance, kind="stable")[:size])}
    wrong = (1 - belongs[:, on]).sum(axis=1)
    low, high = ends(wrong, level)
    return PriorityList(
        table=_all_areas(columns, ids[valued], values.index),
        by="index",
        choose=size,
        threshold=None,
        expected_wrong=float(wrong.mean()),
        expected_left_out=float(belongs[:, ~on].sum(axis=1).mean()),
        wrong_interval=(float(low), float(high)),
        tied_at_cut=tied,
        level=level,
        settings={"worst": worst, "runs": len(table)},
        notes=tie_notes(tied),
    )


def _columns(values: np.ndarray, runs: np.ndarray, sign: float, level: float) -> dict[str, np.ndarray]:
    lower, upper = ends(runs, level)
    best, worst = simultaneous(pd.DataFrame(-sign * runs).rank(axis=1, method="min").to_numpy(), level)
    return {
        "rank": rank(pd.Series(sign * values)).to_numpy(),
        "rank_lower": best,
        "rank_upper": worst,
        "value": values,
        "lower": lower,
        "upper": upper,
        "estimate": runs.mean(axis=0),
    }


def simultaneous(runs: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Return bounds (n,) each such that a share ``level`` of the runs (runs, n) lies within all of them."""
    frame, last = pd.DataFrame(runs), len(runs) - 1
    above = frame.rank(method="max").to_numpy() - 1
    below = last - (frame.rank(method="min").to_numpy() - 1)
    # A run lies within all bounds that cut off no more runs, at either end, than its own least.
    least = np.sort(np.minimum(above, below).min(axis=1))[::-1]
    cut = int(least[max(0, int(np.ceil(level * len(runs))) - 1)])
    by = np.sort(runs, axis=0)
    return by[cut], by[last - cut]


def _all_areas(columns: dict[str, np.ndarray], ids: pd.Index, wanted: pd.Index) -> pd.DataFrame:
    """Return the table of all areas; one without a value is not chosen and has no standing."""
    table = pd.DataFrame(columns, index=ids).reindex(wanted.rename(AREA_ID))
    absent = {"chosen": False, "optimal": False, "p_belongs": 0.0, "standing": ""}
    for name, nothing in absent.items():
        table[name] = table[name].where(table["rank"].notna(), nothing)
    return table.astype({"chosen": bool, "optimal": bool})
