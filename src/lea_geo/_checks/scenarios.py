"""Scenarios that are compared: what each pays, and whether they speak of the same areas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from lea_geo._checks.faults import Faults
from lea_geo._checks.options import check_choice
from lea_geo._checks.values import as_floats, check_series, note_ids
from lea_geo.errors import UsageError, ValuesError

if TYPE_CHECKING:
    from collections.abc import Collection

    import numpy as np
    import pandas as pd


def check_scenarios(scenarios: object, ids: pd.Index) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Return the euros of each scenario (n,) and its draws (draws, n), in the order of ``ids``."""
    if not isinstance(scenarios, Mapping) or len(scenarios) < 2:
        raise UsageError("scenarios must hold at least two ways of sharing, by name: {name: allocation}.")
    faults, paid, drawn = Faults(), {}, {}
    for name, one in scenarios.items():
        table = getattr(one, "table", None)
        euros = check_series(str(name), one if table is None else table["euros"])
        before = len(faults.found)
        note_ids(faults, str(name), euros.index, ids, "need")
        if len(faults.found) > before:
            continue
        amounts = as_floats(faults, str(name), euros.reindex(ids))
        if not (amounts >= 0).all():
            cure = "Give 0 where an area gets nothing."
            faults.add(f"areas without an amount of 0 or more in {name}", ids=ids[~(amounts >= 0)], cure=cure)
        paid[str(name)] = amounts
        draws = None if table is None else one.drawn[:, euros.index.get_indexer(ids)]
        drawn[str(name)] = amounts[None, :] if draws is None else draws
    faults.raise_if_any(ValuesError, "The scenarios and the need do not fit together.")
    return paid, drawn


def check_base(base: str, names: Collection[str]) -> str:
    """Return the scenario that others are compared with; blank for the first."""
    return check_choice("base", base, names) if base else next(iter(names))
