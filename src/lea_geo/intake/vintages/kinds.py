"""What a link between an area of one year and an area of another means for both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

KINDS = ("unchanged", "renamed", "merged", "split", "redrawn", "appeared", "disappeared")
"""What can become of an area. ``unchanged``: the same code for the same area. ``renamed``: the same area
under another code. ``merged``: it is now, whole, a part of an area that also holds others whole. ``split``: a
whole area of now was a part of it, and so were others. ``redrawn``: some of it went to an area, otherwise
than that. ``appeared``: what lay in no area before; ``disappeared``: what lies in none any more."""

REVERSED = {"merged": "split", "split": "merged", "appeared": "disappeared", "disappeared": "appeared"}
"""What a change is called when time runs backwards; all others keep their names."""


@dataclass(frozen=True)
class Shares:
    """Of each link, how much of the area before and after it is; in the order of the links."""

    of_before: Floats
    of_after: Floats


def material(shares: Shares, share: float) -> NDArray[np.bool_]:
    """Return the links that count for anything to either of their areas."""
    found: NDArray[np.bool_] = np.maximum(shares.of_before, shares.of_after) >= share
    return found


def kinds_of(links: pd.DataFrame, shares: Shares, share: float) -> NDArray[np.object_]:
    """Return what each link is, one of ``KINDS``.

    Parameters
    ----------
    links
        Columns ``before after`` (positions) and ``same`` (whether the code is).
    shares
        What each link is of its areas, nothing being lost: they add up to 1 over the links of an area, but
        for what lies in no area of the other year.
    share
        What is less than this of both areas is no link; an area is whole within another that holds all but
        this of it.

    Notes
    -----
    Where time runs backwards every link has the name that ``REVERSED`` gives it.
    """
    counts = material(shares, share)
    within = counts & (shares.of_before >= 1 - share)
    around = counts & (shares.of_after >= 1 - share)
    before, after = links["before"].to_numpy(), links["after"].to_numpy()
    merged = within & (_number(after, within) >= 2)
    split = around & (_number(before, around) >= 2)
    whole = within & around & ~merged & ~split
    conditions = [merged & ~split, split & ~merged, whole & links["same"].to_numpy(), whole]
    names = ["merged", "split", "unchanged", "renamed"]
    return np.select(conditions, names, "redrawn").astype(object)


def _number(position: NDArray[np.int64], holds: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return of how many links of the same area this holds."""
    return np.bincount(position[holds], minlength=int(position.max(initial=-1)) + 1)[position]
