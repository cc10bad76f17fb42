"""What bounds and certificates can be computed of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lea_geo.errors import UsageError, ValuesError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NETWORK_FAMILIES = 2
"""How many families are a network."""


def check_families(families: int) -> None:
    """Refuse more families than a network holds."""
    if families > NETWORK_FAMILIES:
        raise ValuesError(
            f"These bounds are exact for one family of areas or two, and there are {families}. Use "
            f"lea_geo.disclosure.prove.many.unsafe_groups for more."
        )


def check_counts(counts: NDArray[np.int64] | None, *, agrees: bool) -> NDArray[np.int64]:
    """Return a table that agrees with what is published; refuse any other, and none."""
    if counts is None:
        raise ValuesError(
            "The published numbers contradict each other: no counts can be behind all of them. "
            "lea_geo.disclosure.prove.bounds.contradiction says which of them do."
        )
    if not agrees:
        raise ValuesError(
            "The counts are none that could be behind what is published: an atom or an area lies outside of "
            "what is known of it. Give a table that agrees, or leave counts out."
        )
    return counts


def check_minimum(k: int) -> None:
    """Refuse a minimum count under which no group could be too small."""
    if k < 2:
        raise UsageError(
            f"The minimum count is {k}; it must be 2 or more: groups of 1 to k - 1 are too small."
        )
