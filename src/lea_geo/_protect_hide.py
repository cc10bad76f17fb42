"""Findings without what is hidden, and without what it could be worked out from."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from lea_geo._estimates import estimates
from lea_geo._protect_counts import is_count
from lea_geo.disclosure.rules import detail_fields
from lea_geo.schema import (
    ESTIMATE_COLUMNS,
    LOCAL_METHODS,
    MUNICIPALITY,
    STABILITY_COLUMNS,
    WITH_VALUE,
    Status,
    result_column,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from numpy.typing import NDArray

    from lea_geo._protect_counts import Fields
    from lea_geo.schema import Findings, Indicator

TELLING = (
    *("statistic", "lag", "expected", "variance", "z_score"),
    *("p_lower", "p_upper", "p_value", "p_mid", "q_value"),
)
"""What of a local statistic is made of the values of other areas, or of the mean and the variance of all: two
areas whose numbers are known give away the mean, and with it what the hidden values add up to."""

STATISTIC_DECIMALS, SCORE_DECIMALS, P_DECIMALS = 2, 1, 3
"""To how many decimals what is said of the whole map is rounded where something is hidden: in full it would
fit one table of hidden counts and no other."""

_ENDS = ("interval_lower", "interval_upper")
_POSSIBLE = ("rank_lower", "rank_upper")


class Hidden:
    """What is hidden of one sheet.

    Parameters
    ----------
    areas
        Fields of a count, or the field of a mean, to which areas have it hidden.
    totals
        Fields of a count to the municipalities whose totals are hidden, blank for the region's.
    """

    def __init__(
        self, areas: Mapping[Fields, NDArray[np.bool_]], totals: Mapping[Fields, frozenset[str]]
    ) -> None:
        self.areas, self.totals = areas, totals

    def __bool__(self) -> bool:
        return any(one.any() for one in self.areas.values()) or any(self.totals.values())

    def of(self, names: Fields, n: int) -> NDArray[np.bool_]:
        """Return the areas that have a count hidden."""
        return self.areas.get(names, np.zeros(n, dtype=bool))

    def total(self, names: Fields) -> frozenset[str]:
        """Return the places that have a total hidden."""
        return self.totals.get(names, frozenset())

    def cells(self, indicator: Indicator, n: int) -> NDArray[np.bool_]:
        """Return the areas in which a plain indicator has something hidden."""
        return self.of(detail_fields(indicator), n) | self.of(indicator.denominator, n)


def concealed(findings: Findings, hidden: Hidden) -> Findings:
    """Return one sheet's findings without what is hidden.

    Statistics are those of the true values: labels, and what they could turn on, stay. Numbers that another
    area's hidden value could be worked out from go, and what is said of the whole map is rounded.
    """
    cells = cells_of(findings, hidden)
    touched = {code for code, mask in cells.items() if mask.any()}
    touched |= {one.code for one in findings.indicators if any(hidden.total(part) for part in _parts(one))}
    if not touched:
        return findings
    results = {
        one.code: _frame(findings, one, cells[one.code], hidden)
        if one.code in touched
        else findings.results[one.code]
        for one in findings.indicators
    }
    return replace(
        findings,
        results=results,
        summary=_summary(findings, results, touched),
        comparisons=_comparisons(findings, results, touched, hidden),
    )


def cells_of(findings: Findings, hidden: Hidden) -> dict[str, NDArray[np.bool_]]:
    """Return the areas in which each indicator has something hidden: an index wherever a part of it has.

    Who knows how an index is made and all its parts but one, knows that one.
    """
    n = len(findings.areas)
    found = {one.code: hidden.cells(one, n) for one in findings.indicators if not one.is_composite}
    made = {one.code: one.members for one in findings.indicators if one.is_composite}

    def mask(code: str) -> NDArray[np.bool_]:
        if code not in found:
            parts = [mask(member) for member in made.get(code, ())]
            found[code] = np.any(parts, axis=0) if parts else np.zeros(n, dtype=bool)
        return found[code]

    return {one.code: mask(one.code) for one in findings.indicators}


def says_something(frame: pd.DataFrame) -> NDArray[np.bool_]:
    """Return the areas of which a table says something; that nobody is there to count is something too."""
    told = frame["status"].isin([str(one) for one in (*WITH_VALUE, Status.NOT_APPLICABLE)])
    return told.to_numpy()


def _parts(indicator: Indicator) -> tuple[Fields, ...]:
    return tuple(filter(None, (detail_fields(indicator), indicator.denominator)))


def _frame(
    findings: Findings, indicator: Indicator, cells: NDArray[np.bool_], hidden: Hidden
) -> pd.DataFrame:
    """Return an indicator's results without what is hidden."""
    made = findings.results[indicator.code].copy()
    lost = cells & says_something(made)
    columns: dict[str, Any] = dict.fromkeys(("value", "numerator", *ESTIMATE_COLUMNS), np.nan)
    columns |= dict.fromkeys(STABILITY_COLUMNS, np.nan) | {"moved_by": "", "grade": ""}
    for name, blank in columns.items():
        if name in made and made[name].notna().any():
            made.loc[cells, name] = blank
    if not indicator.is_composite and indicator.denominator:
        made.loc[hidden.of(indicator.denominator, len(made)), "denominator"] = np.nan
    made.loc[lost, "status"] = str(Status.SUPPRESSED)
    lower, upper = _bounds(indicator)
    made.loc[lost, "lower"], made.loc[lost, "upper"] = lower, upper
    if cells.any():
        made = _ranked(made, indicator)
        told = [result_column(method, name) for method in LOCAL_METHODS for name in TELLING]
        made[[name for name in told if name in made]] = np.nan
    if indicator.is_composite or _drawn_together(findings):
        rounded = ["value", *_ENDS]
        made[rounded] = made[rounded].round(indicator.decimals)
    return made


def _drawn_together(findings: Findings) -> bool:
    """Whether every rate is made of those of other areas too, so that its last digits tell of them."""
    rates = findings.settings.get("rates")
    return isinstance(rates, dict) and rates.get("method", "raw") != "raw"


def _bounds(indicator: Indicator) -> tuple[float, float]:
    """Return between what a hidden value lies for whoever knows nothing: a share is a share."""
    if indicator.is_rate and not indicator.is_composite:
        return 0.0, indicator.scale if indicator.unit == "percent" else np.nan
    return (0.0, np.nan) if is_count(indicator) else (np.nan, np.nan)


def _ranked(frame: pd.DataFrame, indicator: Indicator) -> pd.DataFrame:
    """Return ranks among the values that are shown: a gap would say between which two a hidden one is."""
    again = estimates(indicator, frame)
    if frame["rank"].notna().any():
        frame["rank"] = again["rank"]
    if not indicator.is_composite and frame["rank_lower"].notna().any():
        frame[list(_POSSIBLE)] = again[list(_POSSIBLE)]
    return frame


def _summary(findings: Findings, results: Mapping[str, pd.DataFrame], touched: set[str]) -> pd.DataFrame:
    """Return what is said of the whole map: of the values that are shown, statistics of all but rounded."""
    made = findings.summary.copy()
    for code in sorted(touched & set(made.index)):
        status = results[code]["status"]
        values = results[code]["value"][status.isin([str(one) for one in WITH_VALUE])]
        said: dict[str, float] = {
            "n_observed": len(values),
            "n_suppressed": int((status == Status.SUPPRESSED).sum()),
            "n_not_applicable": int((status == Status.NOT_APPLICABLE).sum()),
            "median": values.median(),
            "minimum": values.min(),
            "maximum": values.max(),
        }
        before = made.loc[code].to_dict()
        for name, decimals in (("moran_statistic", STATISTIC_DECIMALS), ("moran_z_score", SCORE_DECIMALS)):
            said[name] = round(before[name], decimals)
        # Never "0.000": whatever is smaller is said to be one thousandth.
        p_value = before["moran_p_value"]
        said["moran_p_value"] = (
            max(round(p_value, P_DECIMALS), 10.0**-P_DECIMALS) if p_value >= 0 else p_value
        )
        for name, value in said.items():
            made.loc[code, name] = value
    return made


def _comparisons(
    findings: Findings, results: Mapping[str, pd.DataFrame], touched: set[str], hidden: Hidden
) -> pd.DataFrame | None:
    """Return what areas are compared with: totals that are not hidden, and medians of what is shown."""
    if findings.comparisons is None:
        return None
    made = findings.comparisons.copy()
    towns = findings.areas[MUNICIPALITY].fillna("").astype(str)
    for one in findings.indicators:
        rows = made["code"] == one.code
        if one.code not in touched or not rows.any():
            continue
        summed = rows & (made["basis"] == "sum")
        lost, behind = (
            made["place"].isin(hidden.total(part)) & summed for part in (one.numerator, one.denominator)
        )
        made.loc[lost | behind, ["value", "numerator", *_ENDS]] = np.nan
        made.loc[behind, "denominator"] = np.nan
        values = results[one.code]["value"]
        for at in made.index[rows & (made["basis"] == "median")]:
            place = made.loc[at, "place"]
            some = values if place == "" else values[(towns == place).to_numpy()]
            made.loc[at, "value"] = some.median()
            made.loc[at, "n_valued"] = int(some.notna().sum())
    return made
