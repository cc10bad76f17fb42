"""Ways of sharing money beside one another: who gains, who loses, and how fairly it lies on need."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo._checks import check_fraction
from lea_geo._checks.scenarios import check_base, check_scenarios
from lea_geo.targeting.equity import ByNeed, gini_per_need
from lea_geo.targeting.need import Need
from lea_geo.targeting.redraws import ends, redraws

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lea_geo.targeting.allocate import Allocation

CHANGES = ("gains", "loses", "same", "unsure")
"""What becomes of an area, ``unsure`` where the true need might turn it round."""
MEASURES = ("need_reached", "concentration", "progressivity", "to_neediest", "gini_per_need")


@dataclass(frozen=True)
class Scenarios:
    """Scenarios beside one another."""

    table: pd.DataFrame
    """Indexed by ``scenario``; see :func:`compare_scenarios`."""
    areas: pd.DataFrame
    """A row for each scenario and area; see :func:`compare_scenarios`."""
    base: str
    level: float
    settings: Mapping[str, object] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def compare_scenarios(
    scenarios: Mapping[str, Allocation | pd.Series],
    *,
    need: pd.Series,
    families: pd.Series,
    base: str = "",
    same: float = 1.0,
    kind: str = "proportion",
    lower: pd.Series | None = None,
    upper: pd.Series | None = None,
    hidden: str = "expected",
    noise: str = "joint",
    level: float = 0.95,
    draws: int = 1000,
    seed: int = 0,
) -> Scenarios:
    """Compare ways of sharing money, area by area and by how fairly it lies on need.

    With y the euros per family, and families lined up from the areas of the highest share in need (r = 0) to
    those of the lowest (r = 1)::

        concentration = 2 cov(y, r) / mean(y)          below 0: more money where need is greater
        progressivity = C(need) - C(euros)             above 0: more of it than need itself (Kakwani 1977)
        gini_per_need = Gini of euros per family in need

    The money is what it is; which families are in need is drawn. A scenario's interval holds the measure of
    its money on the true need; all scenarios are held against the same draws, so that the differences between
    them are sharper than their intervals, and a difference whose interval holds 0 is a ``tie``.

    Parameters
    ----------
    scenarios
        By name: what :func:`~lea_geo.targeting.allocate.allocate` gave, or euros by area.
    need, families, kind, lower, upper, hidden, noise, draws, seed
        As in :func:`~lea_geo.targeting.missed.missed`.
    base
        The scenario that others are compared with: blank for the first.
    same
        Changes of fewer euros than this are none.
    level
        Probability that an interval holds the truth.

    Returns
    -------
    Scenarios
        ``.table``: ``euros``, ``gain``, ``lose``, ``same``, ``unsure`` (areas), ``moved`` (euros that go
        elsewhere than in the base), ``need_reached`` (share of families in need where there is any money),
        ``concentration``, ``progressivity``, ``to_neediest`` (share of the money for the fifth of families in
        the areas of highest rates) and ``gini_per_need``, each with ``_lower`` and ``_upper``;
        ``progressivity_change`` and its bounds, and ``tie``. ``.areas``: ``scenario``, ``area_id``,
        ``euros``, ``per_need``, ``change``, ``change_lower``, ``change_upper`` (if both formulas knew the
        true need) and ``verdict``: one of ``gains loses same unsure``.

    Raises
    ------
    UsageError, ValuesError
        If scenarios, need and families do not fit together, or an option is out of range.

    References
    ----------
    Kakwani (1977), https://doi.org/10.2307/2231833
    Wagstaff and van Doorslaer (2000), https://doi.org/10.1016/S1574-0064(00)80047-5
    """
    check_fraction("level", level)
    counted = Need.of(need, families, kind=kind, lower=lower, upper=upper)
    paid, drawn = check_scenarios(scenarios, counted.index)
    start = check_base(base, paid)
    laws = counted.laws()
    known = counted.filled(hidden, laws)
    truth = redraws(counted, laws, noise=noise, draws=draws, seed=seed)
    areas = _areas(counted.index, paid, drawn, known, start, same, level)
    table = _totals(counted, paid, known, truth, start, level).join(_counts(areas))
    notes = counted.notes(hidden)
    return Scenarios(
        table=table,
        areas=areas,
        base=start,
        level=level,
        settings={"kind": kind, "hidden": hidden, "noise": noise, "draws": draws, "seed": seed, "same": same},
        notes=(*notes, *_unpaired(drawn, start)),
    )


def _areas(
    ids: pd.Index,
    paid: Mapping[str, np.ndarray],
    drawn: Mapping[str, np.ndarray],
    known: np.ndarray,
    base: str,
    same: float,
    level: float,
) -> pd.DataFrame:
    """Return what every area gets by every scenario, and how that differs from the base."""
    frames = []
    for name, euros in paid.items():
        change = euros - paid[base]
        low, high = change.copy(), change.copy()
        if name != base and _paired(drawn, name, base):
            low, high = ends(drawn[name] - drawn[base], level)
            low, high = np.minimum(low, change), np.maximum(high, change)
        verdict = np.select(
            [np.abs(change) < same, (low < 0) & (high > 0), change > 0], ["same", "unsure", "gains"], "loses"
        )
        per = np.divide(euros, known, out=np.full(len(known), np.nan), where=known > 0)
        columns = {"scenario": name, "area_id": ids, "euros": euros, "per_need": per, "change": change}
        columns |= {"change_lower": low, "change_upper": high, "verdict": verdict}
        frames.append(pd.DataFrame(columns))
    return pd.concat(frames, ignore_index=True)


def _paired(drawn: Mapping[str, np.ndarray], name: str, base: str) -> bool:
    """Whether draws of both were made of the same draws of need; amounts that follow no draw go with any."""
    return drawn[name].shape == drawn[base].shape or 1 in (len(drawn[name]), len(drawn[base]))


def _unpaired(drawn: Mapping[str, np.ndarray], base: str) -> tuple[str, ...]:
    lone = [name for name in drawn if not _paired(drawn, name, base)]
    if not lone:
        return ()
    return (f"{', '.join(lone)} and {base} have other draws: their changes by area have no interval.",)


def _counts(areas: pd.DataFrame) -> pd.DataFrame:
    """Return how many areas gain, lose, stay and cannot be told, and how much money moves."""
    found = areas.groupby(["scenario", "verdict"]).size().unstack(fill_value=0)  # noqa: PD010
    found = found.reindex(columns=list(CHANGES), fill_value=0).astype(float)
    found.columns = [{"gains": "gain", "loses": "lose"}.get(name, name) for name in CHANGES]
    found["moved"] = areas["change"].clip(lower=0).groupby(areas["scenario"]).sum()
    return found


def _totals(
    counted: Need,
    paid: Mapping[str, np.ndarray],
    known: np.ndarray,
    truth: np.ndarray,
    base: str,
    level: float,
) -> pd.DataFrame:
    point, lines = ByNeed(known, counted.lived), ByNeed(truth, counted.lived)
    made = {name: _measures(point, euros, known) for name, euros in paid.items()}
    drawn = {name: _measures(lines, euros, truth) for name, euros in paid.items()}
    rows = {}
    for name, euros in paid.items():
        row = {"euros": float(euros.sum())}
        for measure in MEASURES:
            row |= _with_ends(measure, float(made[name][measure]), drawn[name][measure], level)
        change = drawn[name]["progressivity"] - drawn[base]["progressivity"]
        value = float(made[name]["progressivity"] - made[base]["progressivity"])
        row |= _with_ends("progressivity_change", value, change, level)
        row["tie"] = row["progressivity_change_lower"] <= 0 <= row["progressivity_change_upper"]
        rows[name] = row
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("scenario")
    return table.astype({"tie": bool})


def _measures(lines: ByNeed, euros: np.ndarray, need: np.ndarray) -> dict[str, np.ndarray]:
    per = lines.per_family(euros)
    money, needed = lines.concentration(per), lines.concentration(lines.rate)
    with np.errstate(invalid="ignore", divide="ignore"):
        reached = (need * (euros > 0)).sum(axis=-1) / need.sum(axis=-1)
    return {
        "need_reached": reached,
        "concentration": money,
        "progressivity": needed - money,
        "to_neediest": lines.to_neediest(per),
        "gini_per_need": gini_per_need(euros, need),
    }


def _with_ends(name: str, value: float, draws: np.ndarray, level: float) -> dict[str, float]:
    low, high = ends(draws, level)
    return {
        name: value,
        f"{name}_lower": float(np.fmin(low, value)),
        f"{name}_upper": float(np.fmax(high, value)),
    }
