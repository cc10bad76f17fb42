"""Today's sites beside proposed ones: who has it nearer, who farther, and how unequal that is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo._checks import access as check
from lea_geo._checks import check_fraction
from lea_geo.schema import AREA_ID
from lea_geo.targeting.redraws import ends
from lea_geo.targeting.sites_effects import Ways, as_frame, effects, mean_of, ways
from lea_geo.targeting.sites_need import Drawn
from lea_geo.targeting.sites_result import SiteScenarios

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lea_geo.targeting.travel import TravelCosts

OUTCOMES = ("gains", "loses", "same")


def compare_sites(
    demand: pd.Series,
    costs: TravelCosts,
    scenarios: Mapping[str, Iterable[str]],
    *,
    radius: float | None = None,
    families: pd.Series | None = None,
    kind: str = "proportion",
    lower: pd.Series | None = None,
    upper: pd.Series | None = None,
    noise: str = "joint",
    draws: int = 500,
    level: float = 0.95,
    seed: int = 2009,
) -> SiteScenarios:
    """Compare sets of sites: what each means for families in need and for all, and who gains and loses.

    Parameters
    ----------
    demand, costs, families, kind, lower, upper, noise, draws, level, seed
        As in :func:`choose_sites`.
    scenarios
        Lists of destinations by name, the one that others are compared with first:
        ``{"today": ["S1"], "proposed": ["S1", "S4"]}``.
    radius
        In the unit of ``costs``: how far is near enough.

    Returns
    -------
    SiteScenarios
        An area whose nearest site cannot be reached in one of two scenarios gains or loses a route.

    Raises
    ------
    UsageError, JoinError, ValuesError
        As :func:`choose_sites`, or if a scenario has no sites.
    """
    given = check.check_scenarios(scenarios)
    check_fraction("level", level)
    reach = check.check_radius(radius, "p_median")
    drawn = Drawn.of(
        demand, families, kind=kind, lower=lower, upper=upper, noise=noise, draws=draws, seed=seed
    )
    check.check_origins(drawn.index, costs.origins)
    table = costs.table.loc[drawn.index]
    found = {
        str(name): ways(
            table.to_numpy(),
            np.flatnonzero(table.columns.isin(check.check_known(f"sites of {name}", sites, table.columns))),
        )
        for name, sites in given.items()
    }
    first = next(iter(found.values()))
    told = as_frame({name: effects(way, drawn, radius=reach, level=level) for name, way in found.items()})
    changes = [_change(first, way, drawn, level) for way in found.values()]
    areas = [_areas(name, first, way, drawn, table.columns) for name, way in found.items()]
    areas[0]["outcome"] = ""
    return SiteScenarios(
        table=told.join(pd.DataFrame(changes, index=told.index)),
        areas=pd.concat(areas, ignore_index=True),
        radius=radius,
        unit=costs.unit,
        level=level,
        settings={"noise": noise, "draws": draws, "seed": seed, "kind": kind},
        notes=(*costs.notes, *drawn.notes),
    )


def outcomes(before: Ways, after: Ways) -> np.ndarray:
    """Return one of ``OUTCOMES`` for each area, shape (n,)."""
    was, is_ = (np.where(np.isnan(one.cost), np.inf, one.cost) for one in (before, after))
    return np.select([is_ < was, is_ > was], ["gains", "loses"], "same")


def _change(first: Ways, way: Ways, drawn: Drawn, level: float) -> dict[str, float]:
    """Return how much shorter the mean way is than in the first scenario, where both have one."""
    shorter = mean_of(first.cost - way.cost, drawn.rows)
    low, high = ends(shorter[1:], level) if len(shorter) > 1 else (np.nan, np.nan)
    said = outcomes(first, way)
    gains, loses = (
        float(mean_of((said == word).astype(float), drawn.need[None])[0]) for word in OUTCOMES[:2]
    )
    told = [float(shorter[0]), float(low), float(high), gains, loses]
    return dict(zip(("shorter", "shorter_lower", "shorter_upper", "gains", "loses"), told, strict=True))


def _areas(name: str, first: Ways, way: Ways, drawn: Drawn, places: pd.Index) -> pd.DataFrame:
    names = np.append(places.to_numpy(dtype=object), "")
    return pd.DataFrame(
        {
            AREA_ID: drawn.index,
            "scenario": name,
            "site": names[way.place],
            "cost": way.cost,
            "change": way.cost - first.cost,
            "outcome": outcomes(first, way),
            "need": drawn.need,
        }
    )
