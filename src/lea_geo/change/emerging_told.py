"""The p-values that classes are made of, judged at any level, and what moving a threshold does."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo.change.emerging_classes import ARCGIS_CLASSES, CLASSES, arcgis_classes, told_classes
from lea_geo.change.emerging_space_time import family_q
from lea_geo.spatial.inference import adjusted
from lea_geo.spatial.local_result import ROUNDING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from lea_geo.change.emerging_periods import Periods
    from lea_geo.change.emerging_space_time import SpaceTimeResult
    from lea_geo.change.trend import TrendResult

RULES = ("tested", "arcgis")
_MOVED: dict[str, tuple[float | str, ...]] = {
    "fdr": (0.01, 0.05, 0.10, 0.20),
    "trend_fdr": (0.01, 0.05, 0.10, 0.20),
    "family": ("all", "year"),
    "trend_correction": ("bh", "none"),
}
"""What else a threshold could be."""
_SHARES = (0.7, 0.8, 0.9, 1.0)


@dataclass(frozen=True, eq=False)
class Told:
    """The p-values that classes are made of, ready to be judged at any level."""

    index: pd.Index
    years: np.ndarray
    p: np.ndarray
    """Of the year's statistic, two-sided; shape (n areas, n years)."""
    high: np.ndarray
    """Whether the upper tail is the smaller one, same shape."""
    trend_p: np.ndarray
    rising: np.ndarray
    periods: Periods | None = None
    """Of the first, the middle and the last years together; None for ArcGIS's rule."""

    @classmethod
    def of(cls, by_year: SpaceTimeResult, trends: TrendResult, periods: Periods | None) -> Told:
        wide = {
            name: by_year.wide(name).loc[trends.table.index] for name in ("p_value", "p_upper", "p_lower")
        }
        return cls(
            trends.table.index,
            np.array(by_year.years),
            wide["p_value"].to_numpy(float),
            (wide["p_upper"] <= wide["p_lower"]).to_numpy(),
            trends.table["p_value"].to_numpy(float),
            trends.table["s"].to_numpy() > 0,
            periods,
        )

    @property
    def tested(self) -> np.ndarray:
        """Which areas have a test at the start and now."""
        valued = ~np.isnan(self.p[:, [0, -1]])
        if self.periods is not None:
            valued |= ~np.isnan(self.periods.p[:, [0, 2]])
        return np.asarray(valued.all(axis=1))

    def q(self, chosen: Mapping[str, object]) -> tuple[np.ndarray, np.ndarray]:
        """Return the q-values of the years and of the periods, which are one family where years are."""
        periods = self.periods.p if self.periods is not None else np.full((len(self.p), 3), np.nan)
        p = np.column_stack([self.p, periods])
        column = np.repeat(np.arange(p.shape[1]), len(p))
        q = family_q(p.T.ravel(), column, str(chosen["family"]), str(chosen["correction"]))
        q = q.reshape(p.shape[1], -1).T
        return q[:, :-3], q[:, -3:]

    def sides(self, chosen: Mapping[str, object]) -> tuple[np.ndarray, np.ndarray]:
        """Return 1 where an area is told to be hot, -1 cold, 0 neither, in each year and in each period."""
        level = float(str(chosen["fdr"])) * (1 + ROUNDING)
        years, periods = self.q(chosen)
        high = self.periods.high if self.periods is not None else np.zeros(periods.shape, dtype=bool)
        told = [
            np.where(q <= level, np.where(up, 1, -1), 0) for q, up in ((years, self.high), (periods, high))
        ]
        return told[0], told[1]

    def trend(self, chosen: Mapping[str, object]) -> np.ndarray:
        """Return 1 where the statistic is told to rise, -1 to fall, 0 neither."""
        q = adjusted(self.trend_p, str(chosen["trend_correction"]))
        told = q <= float(str(chosen["trend_fdr"])) * (1 + ROUNDING)
        return np.where(told, np.where(self.rising, 1, -1), 0)

    def classes(self, chosen: Mapping[str, object]) -> tuple[np.ndarray, np.ndarray]:
        """Return the class and the certainty of each area."""
        (sides, periods), trend = self.sides(chosen), self.trend(chosen)
        if chosen["rule"] == "tested":
            together = self.periods is not None and self.periods.ends > 1
            return told_classes(sides, periods, trend, self.tested, together=together)
        words = arcgis_classes(sides, trend, share=float(str(chosen["share"])))
        words[np.isnan(self.p[:, -1])] = ""
        return words, np.full(len(words), "", dtype=object)


def sensitivity(told: Told, chosen: Mapping[str, object], at: Callable[[int], Periods]) -> pd.DataFrame:
    """Count the classes when one threshold is moved and the others stay.

    Parameters
    ----------
    told, chosen
        What was tested, and the settings.
    at
        The tests of periods with another number of years at either end.
    """
    base, _ = told.classes(chosen)
    names = [word for word in (CLASSES if chosen["rule"] == "tested" else ARCGIS_CLASSES) if word]
    rows = []
    for setting, value in _moves(told, chosen):
        other = told
        if setting == "ends" and value != chosen["ends"]:
            other = replace(told, periods=at(int(value)))
        words, _ = other.classes({**chosen, setting: value})
        counts = pd.Series(words).value_counts()
        row = {"setting": setting, "value": str(value), "used": value == chosen[setting]}
        row["moved"] = int((words != base).sum())
        rows.append(row | {name: int(counts.get(name, 0)) for name in names})
    return pd.DataFrame(rows)


def _moves(told: Told, chosen: Mapping[str, object]) -> list[tuple[str, float | str]]:
    own: dict[str, tuple[float | str, ...]] = {"share": _SHARES}
    if chosen["rule"] == "tested":
        years = len(told.years)
        own = {"ends": tuple(sorted({1, max(1, years // 3), max(1, (years - 1) // 2)}))}
    moves = []
    for setting, values in {**_MOVED, **own}.items():
        used: float | str = chosen[setting]  # type: ignore[assignment] # a number or a word
        moves += [(setting, value) for value in dict.fromkeys((*values, used))]
    return moves
