"""What a comparison of two years says of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lea_geo.errors import SHOWN_IDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from lea_geo.change.pairs import Asked, Compared, Given

EXTREME = 10
"""One in so many areas is called extreme."""


def change_notes(table: pd.DataFrame, found: Compared, given: Given, asked: Asked) -> tuple[str, ...]:
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
    return (*notes, *_regression(table, asked))


def shown(ids: Sequence[str] | pd.Index) -> str:
    """Return the first ids."""
    return ", ".join(map(str, ids[:SHOWN_IDS])) + (", …" if len(ids) > SHOWN_IDS else "")


def _regression(table: pd.DataFrame, asked: Asked) -> tuple[str, ...]:
    """Say what becomes of the areas that were extreme in the earlier year, whatever happens in them."""
    known = table[table["regression"].notna()]
    n = len(known) // EXTREME
    if not n:
        return ()
    told = []
    for end, rows in (("highest", known.nlargest(n, "then")), ("lowest", known.nsmallest(n, "then"))):
        mean = rows[["difference", "regression", "shrunk"]].mean() / asked.scale
        told.append(
            f"the {n} areas with the {end} values then changed by {asked.scale * mean['difference']:.3g} on "
            f"average, of which {asked.scale * mean['regression']:.3g} is what regression to the mean makes "
            f"and {asked.scale * mean['shrunk']:.3g} is what is likely to be real"
        )
    return (f"{told[0][0].upper()}{'; '.join(told)[1:]}.",)
