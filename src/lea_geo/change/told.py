"""What a comparison of two years says of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo.errors import SHOWN_IDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lea_geo.change.pairs import Compared, Given

_MEANS = ["difference", "regression", "shrunk"]
EXTREME = 10
"""One in so many areas is called extreme."""


def change_notes(table: pd.DataFrame, found: Compared, given: Given) -> tuple[str, ...]:
    """Return what was left out, what was taken for granted, and what extreme areas do by themselves."""
    notes = list(found.said)
    for reason, words in (
        ("no value", "have no value in one of the years and are not compared"),
        ("redrawn", "have other borders or definitions than before and are not tested"),
        ("no noise known", "have values whose noise is not known and are not tested"),
    ):
        ids = table.index[table["reason"] == reason]
        if len(ids):
            notes.append(f"{len(ids)} of {len(table)} areas {words}: {shown(ids)}.")
    if not np.any(given.rho) and table["p_value"].notna().any():
        notes.append(
            "The chance in the two years is taken to be independent. Where the same people are counted in "
            "both and stay as they were, that is on the safe side: less is found than could be."
        )
    return (*notes, *_regression(table))


def shown(ids: Sequence[str] | pd.Index) -> str:
    """Return the first ids."""
    return ", ".join(map(str, ids[:SHOWN_IDS])) + (", …" if len(ids) > SHOWN_IDS else "")


def _regression(table: pd.DataFrame) -> tuple[str, ...]:
    """Say what becomes of the areas that were extreme in the earlier year, whatever happens in them."""
    means = extremes(table)
    told = [
        f"the {int(row['areas'])} areas with the {end} values then changed by {row['difference']:.3g} on "
        f"average, of which {row['regression']:.3g} is what regression to the mean makes, and "
        f"{row['shrunk']:.3g} is what is likely to be real"
        for end, row in means.iterrows()
    ]
    return (f"{told[0][0].upper()}{'; '.join(told)[1:]}.",) if told else ()


def extremes(table: pd.DataFrame) -> pd.DataFrame:
    """Return what became of the tenth of areas with the highest and with the lowest values then.

    Rows ``highest lowest``; ``areas`` and the means of ``difference regression shrunk``; empty for fewer than
    ten areas.
    """
    known = table[table["regression"].notna()]
    n = len(known) // EXTREME
    if not n:
        return pd.DataFrame(columns=["areas", *_MEANS])
    # Equal values are taken in the order of their ids, whatever order they come in.
    ranked = known.sort_index().sort_values("then", kind="stable")
    ends = {"highest": ranked.tail(n), "lowest": ranked.head(n)}
    rows = {end: {"areas": float(n), **rows[_MEANS].mean()} for end, rows in ends.items()}
    return pd.DataFrame.from_dict(rows, orient="index")
