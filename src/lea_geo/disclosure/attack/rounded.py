"""What a rounded count stands for: an interval, if everything that is printed of it is rounded."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from lea_geo.disclosure.attack.evidence import Known
    from lea_geo.disclosure.attack.reconstruct import Count, Total


def as_rounded(count: Count, base: int | None) -> Count:
    """Return a count whose printed numbers stand for the intervals that were rounded to them.

    To the nearest multiple: what an attacker hopes for. Controlled rounding leaves twice as much open, so
    that what is safe here is safe there. One number that is no multiple shows that nothing was rounded.

    Parameters
    ----------
    count
        As it is printed.
    base
        What the rules round to; None: nothing was rounded.
    """
    if base is None or not _all_multiples(count, base):
        return count
    known = {name: _widened(one, base) for name, one in count.known.items()}
    totals = {name: tuple(_total(one, base) for one in some) for name, some in count.totals.items()}
    return replace(count, known=known, totals=totals)


def _all_multiples(count: Count, base: int) -> bool:
    printed = [one.lower[one.printed & one.exact] for one in count.known.values()]
    totals = [one.lower for some in count.totals.values() for one in some if one.lower == one.upper]
    numbers = np.concatenate([*printed, np.array(totals, dtype=float)])
    # A few small numbers may be multiples by chance; only a whole table is taken for rounded.
    return bool(np.count_nonzero(numbers) >= base and np.all(numbers % base == 0))


def _widened(known: Known, base: int) -> Known:
    told = known.printed & known.exact
    lower = np.where(told, np.maximum(known.lower - base // 2, 0), known.lower)
    return replace(known, lower=lower, upper=np.where(told, known.upper + base // 2, known.upper))


def _total(total: Total, base: int) -> Total:
    return replace(total, lower=max(total.lower - base // 2, 0), upper=total.upper + base // 2)
