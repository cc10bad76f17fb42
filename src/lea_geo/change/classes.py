"""Words for a change, from its tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

CLASSES = ("risen", "fallen", "about_the_same", "cannot_tell", "too_few", "redrawn")
"""What can be said of an area: it has surely ``risen`` or ``fallen``; it is surely ``about_the_same``, having
changed by less than what matters; a change cannot be told from chance; it has too few people for any but a
very large change to be found; its borders or definitions changed."""

SIZES = ("more", "no_more")
"""Whether a change is surely more, or surely less, than what matters."""


def classified(table: pd.DataFrame, *, fdr: float, enough: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the class and the size of every area's change; blank where there is none.

    Parameters
    ----------
    table
        With ``CHANGE_COLUMNS`` of ``area_changes`` but for the two that are returned.
    fdr
        q-values up to it count.
    enough
        A smallest detectable rise above it is too large to be of use.
    """
    listed = table["q_value"].to_numpy() <= fdr
    rises = table["p_upper"].to_numpy() < table["p_lower"].to_numpy()
    same = table["q_same"].to_numpy() <= fdr
    more = (table["q_more"].to_numpy() <= fdr) & listed
    tested = table["p_value"].notna().to_numpy()
    conditions = [
        (table["reason"] == "redrawn").to_numpy(),
        ~tested,
        same,
        listed & rises,
        listed,
        table["detectable_rise"].to_numpy() > enough,
    ]
    names = ["redrawn", "", "about_the_same", "risen", "fallen", "too_few"]
    words = np.select(conditions, names, "cannot_tell").astype(object)
    sizes = np.select([~tested, more, same], ["", "more", "no_more"], "").astype(object)
    return words, sizes
