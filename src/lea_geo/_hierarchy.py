"""How the composites of findings lie above each other, and where areas lie on two ledgers."""

from __future__ import annotations

from typing import TYPE_CHECKING

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


def places(load: pd.Series, resource: pd.Series) -> pd.Series[str]:
    """Return where each area stands on both ledgers, one of ``schema.PLACES``; high is above the median."""
    high = [(load > load.median()).to_numpy(), (resource > resource.median()).to_numpy()]
    words = {(True, False): 1, (True, True): 2, (False, False): 3, (False, True): 4}
    known = (load.notna() & resource.notna()).to_numpy()
    found = [PLACES[words[a, b] if there else 0] for a, b, there in zip(*map(list, high), known, strict=True)]
    return pd.Series(found, index=load.index, dtype=str)


def ledger_places(findings: Findings) -> pd.Series | None:
    """Return where each area lies on the two ledgers; None where the study does not keep them apart."""
    codes = ledger_codes(findings)
    return None if codes is None else places(*(findings.results[code]["value"] for code in codes))
