"""Whether what findings say of composites, and of how sure labels are, can be true."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pandas.api.types import is_numeric_dtype

from lea_geo.schema import (
    COMPOSITE_LEVELS,
    DEPENDS,
    DOUBTS,
    GRADES,
    LOCAL_METHODS,
    MOVERS,
    VERDICTS,
    Label,
    Status,
    result_column,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from lea_geo._checks.faults import Faults
    from lea_geo.schema import Indicator

N_TIERS = 5
_SHARES = ("p_worst", "p_worst_decile", *(result_column(method, "share") for method in LOCAL_METHODS))
_ROUNDING = 1e-6
"""By how much shares that add up to 1 may miss it."""


def known_words() -> dict[str, list[str]]:
    """Return what each column can hold that holds one of several words."""
    local = {"label": [*map(str, Label)], "doubt": list(DOUBTS), "verdict": list(VERDICTS)}
    return {
        "status": [*map(str, Status)],
        "grade": list(GRADES),
        "moved_by": list(MOVERS),
        **{result_column(method, word): local[word] for method in LOCAL_METHODS for word in local},
    }


def check_hierarchy(indicators: Iterable[Indicator], faults: Faults) -> None:
    """Note composites of a kind that nobody knows, and members that cannot be theirs."""
    held = {one.code: one for one in indicators}
    odd = [one.code for one in held.values() if one.level not in ("indicator", *COMPOSITE_LEVELS)]
    if odd:
        faults.add("unknown levels", ids=odd, cure=f"Known are indicator, {', '.join(COMPOSITE_LEVELS)}.")
    plain = [one.code for one in held.values() if not one.is_composite and (one.members or one.weights)]
    if plain:
        faults.add("indicators with members", ids=plain, cure="Only a composite has members and weights.")
    members = [member for one in held.values() for member in one.members]
    foreign = sorted(set(members) - set(held))
    if foreign:
        faults.add("members that are no indicators of these findings", ids=foreign)
    twice = sorted({member for member in members if members.count(member) > 1})
    if twice:
        faults.add("members of more than one composite", ids=twice)
    round_about = [code for code in held if _is_above_itself(code, held)]
    if round_about:
        faults.add("composites that are part of themselves", ids=round_about)
    wrong = [one.code for one in held.values() if one.weights and not _are_shares(one)]
    if wrong:
        faults.add("weights that are no shares of the members", ids=wrong, cure="One each, adding up to 1.")


def _is_above_itself(code: str, held: dict[str, Indicator]) -> bool:
    seen: set[str] = set()
    below = list(held[code].members)
    while below:
        member = below.pop()
        if member == code:
            return True
        if member in held and member not in seen:
            seen.add(member)
            below += held[member].members
    return False


def _are_shares(composite: Indicator) -> bool:
    weights = composite.weights
    return len(weights) == len(composite.members) and math.isclose(sum(weights), 1.0, abs_tol=_ROUNDING)


def check_stability(frame: pd.DataFrame, faults: Faults, where: str = "") -> None:
    """Note shares, tiers and verdicts that cannot be, in whichever of their columns there are."""
    for name in _SHARES:
        if name in frame and is_numeric_dtype(frame[name]):
            odd = frame.index[frame[name].notna() & ~frame[name].between(0, 1)]
            if len(odd):
                faults.add(f"{name} is no share of runs{where}", ids=odd, of=len(frame))
    _check_tiers(frame, faults, where)
    for name in (result_column(method, "verdict") for method in LOCAL_METHODS):
        _check_verdicts(frame, name, faults, where)


def _check_tiers(frame: pd.DataFrame, faults: Faults, where: str) -> None:
    if not {"tier_lower", "tier_upper"} <= set(frame.columns):
        return
    first, last = (
        frame[name].to_numpy(dtype=float, na_value=math.nan) for name in ("tier_lower", "tier_upper")
    )
    given = (first == first) | (last == last)  # noqa: PLR0124 - NaN is no tier
    whole = (first == first.round()) & (last == last.round())
    odd = frame.index[given & ~(whole & (first >= 1) & (first <= last) & (last <= N_TIERS))]
    if len(odd):
        cure = f"They are whole numbers from 1 to {N_TIERS}, the lower one first."
        faults.add(f"tiers that cannot be{where}", ids=odd, of=len(frame), cure=cure)


def _check_verdicts(frame: pd.DataFrame, name: str, faults: Faults, where: str) -> None:
    """Note what depends on nothing, and what does not depend but names something."""
    named = name.replace("verdict", "depends_on")
    if named not in frame:
        return
    words = [str(text).split() if isinstance(text, str) else [] for text in frame[named]]
    foreign = frame.index[[not set(held) <= set(DEPENDS) for held in words]]
    if len(foreign):
        cure = f"Known are {', '.join(DEPENDS)}, a space between them."
        faults.add(f"unknown {named}{where}", ids=foreign, of=len(frame), cure=cure)
    if name in frame:
        odd = [(verdict == "depends") and not held for verdict, held in zip(frame[name], words, strict=True)]
        if any(odd):
            faults.add(f"{name} depends on nothing{where}", ids=frame.index[odd], of=len(frame))
