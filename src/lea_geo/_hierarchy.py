"""How the composites of findings lie above each other, and where areas lie on two ledgers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo.schema import LEDGERS, PLACES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lea_geo.schema import Findings, Indicator


def tops(indicators: Iterable[Indicator]) -> tuple[Indicator, ...]:
    """Return the composites that are part of no other."""
    held = tuple(indicators)
    inside = {member for one in held for member in one.members}
    return tuple(one for one in held if one.is_composite and one.code not in inside)


def weighed(composite: Indicator) -> Iterator[tuple[str, float | None]]:
    """Yield each member with its share of the weights, None where nobody has stated it."""
    shares: tuple[float | None, ...] = composite.weights or (None,) * len(composite.members)
    yield from zip(composite.members, shares, strict=True)


def ledger_codes(findings: Findings) -> tuple[str, str] | None:
    """Return the codes of load and resource, where the study keeps them apart."""
    found = {one.level: one.code for one in findings.indicators if one.level in LEDGERS}
    return (found[LEDGERS[0]], found[LEDGERS[1]]) if len(found) == len(LEDGERS) else None


def ledger_places(findings: Findings) -> pd.Series | None:
    """Return where each area lies on the two ledgers: one of ``PLACES``, blank where it has not both."""
    codes = ledger_codes(findings)
    if codes is None:
        return None
    scores = [findings.results[code]["value"] for code in codes]
    load, resource = (np.where(one > one.median(), "high", "low") for one in scores)
    words = [f"{first}_load_{second}_resource" for first, second in zip(load, resource, strict=True)]
    both = scores[0].notna() & scores[1].notna()
    return pd.Series(words, index=scores[0].index, dtype="str").where(both, PLACES[0])
