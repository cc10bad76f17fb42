"""The families in need that a chapter counts: those whom money, lists and sites are for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lea_geo._checks.chapters import refuse_no_need
from lea_geo._estimates import counted_kind

if TYPE_CHECKING:
    import pandas as pd

    from lea_geo.chapters.ground import Ground


@dataclass(frozen=True)
class Counted:
    """The need that is counted, of the areas where it can be."""

    code: str
    kind: str
    need: pd.Series[float]
    families: pd.Series[float]
    lower: pd.Series[float]
    upper: pd.Series[float]

    @property
    def ends(self) -> dict[str, Any]:
        """What every call takes beside need and families."""
        return {"kind": self.kind, "lower": self.lower, "upper": self.upper}


def counted_need(ground: Ground, code: str, *, key: str) -> Counted:
    """Return the counts of an indicator where the number of all is known; hidden ones with their bounds.

    Parameters
    ----------
    ground
        What leaves the study.
    code
        Of the indicator; blank: the first that weakens and counts people.
    key
        Where the study file names it, for the message.

    Raises
    ------
    SpecError
        Nobody is counted by it.
    """
    code = code or _first(ground, key)
    indicator, cells = ground.indicator(code), ground.cells(code)
    kind = counted_kind(indicator, cells)
    if not kind:
        raise refuse_no_need(key, code)
    cells = cells[cells["denominator"].notna()]
    families = cells["denominator"].astype(float)
    valued = cells["status"].isin(["observed", "structural_zero"]) | (families == 0)
    need = cells["numerator"].astype(float).where(families > 0, 0.0).where(valued)
    rates = cells[["lower", "upper"]].astype(float) / indicator.scale
    lower = (rates["lower"].fillna(0.0) * families).where(~valued)
    upper = (rates["upper"] * families).where(~valued)
    if kind == "proportion":
        upper = upper.fillna(families).where(~valued)
    usable = valued | upper.notna()
    return Counted(code, kind, need[usable], families[usable], lower[usable], upper[usable])


def _first(ground: Ground, key: str) -> str:
    for one in ground.findings.indicators:
        if one.direction == "weakens" and one.is_rate and counted_kind(one, ground.cells(one.code)):
            return one.code
    raise refuse_no_need(key)
