"""What the chapter on kinds of areas needs of a study's numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lea_geo._checks.faults import Faults
from lea_geo.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

_HEADING = "The study's chapters cannot be written:"


def check_denominators(whole: Mapping[str, pd.Series], near: float) -> pd.Series:
    """Return the denominator that all parts share; refuse parts of different wholes."""
    faults = Faults()
    first, *others = whole
    for code in others:
        both = whole[first].notna() & whole[code].notna()
        differs = both & ((whole[first] - whole[code]).abs() > near)
        if differs.any():
            what = f"[types] parts: {code} and {first} are not parts of the same count"
            cure = "Parts need one denominator, since they are shares of one whole."
            faults.add(what, ids=differs.index[differs], of=len(differs), cure=cure)
    faults.raise_if_any(SpecError, _HEADING)
    found = whole[first]
    for code in others:
        found = found.fillna(whole[code])
    return found


def check_ledger_sides(sides: Mapping[str, tuple[str, ...]]) -> None:
    """Refuse ledgers of which one side is empty."""
    faults = Faults()
    empty = [direction for direction, codes in sides.items() if not codes]
    if empty:
        cure = "Name indicators of both directions under [types] indicators, or leave ledgers out."
        faults.add("[types] ledgers: no indicator of the study", ids=empty, cure=cure)
    faults.raise_if_any(SpecError, _HEADING)
