"""From the scores and ranks of all runs to what is said of each area."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lea_geo.robustness.runs import TIERS, spread

if TYPE_CHECKING:
    from lea_geo.robustness.runs import Runs, Tally

_SHARES = (0.05, 0.5, 0.95)
_AREAS = 256
"""Areas at a time: sorting them all at once would copy all runs."""


def silent() -> None:
    """Do nothing after a block."""


def distribution(runs: Runs, node: int, *, workers: int | None) -> dict[str, np.ndarray]:
    """Return mean, median and the 5 % and 95 % quantiles of every area's score and rank over its runs.

    Runs in which an area has no score are no part of it. Quantiles are values that occurred: of m runs the
    one at place ``ceil(share m)``, the median of an even number too.
    """
    n = runs.ranks.shape[2]
    names = [
        f"{what}_{which}" for what in ("score", "rank") for which in ("mean", "lower", "median", "upper")
    ]
    found = {name: np.full(n, np.nan) for name in names}

    def work(start: int, stop: int) -> None:
        for first in range(start * _AREAS, min(n, stop * _AREAS), _AREAS):
            areas = slice(first, min(n, first + _AREAS))
            for what, values in (("score", runs.scores), ("rank", runs.ranks)):
                ordered = np.sort(np.ascontiguousarray(values[node, :, areas].T), axis=1, kind="stable")
                counted = runs.tally.ranked[node, areas]
                gaps = np.zeros_like(counted) if what == "score" else ordered.shape[1] - counted
                _describe(found, what, areas, ordered, counted, gaps)

    spread(work, -(-n // _AREAS), workers=workers, tick=silent)
    return found


def _describe(
    found: dict[str, np.ndarray],
    what: str,
    areas: slice,
    ordered: np.ndarray,
    counted: np.ndarray,
    first: np.ndarray,
) -> None:
    """Put in what sorted values (areas, runs) say; ``counted`` of them from ``first`` on are values."""
    some = counted > 0
    rows = np.flatnonzero(some)
    for share, which in zip(_SHARES, ("lower", "median", "upper"), strict=True):
        place = first + np.maximum(np.ceil(share * counted - 1e-9).astype(np.int64) - 1, 0)
        found[f"{what}_{which}"][areas][rows] = ordered[rows, place[rows]]
    total = np.where(np.isnan(ordered), 0.0, ordered).sum(axis=1, dtype=float)  # rank 0 adds nothing
    found[f"{what}_mean"][areas][rows] = total[rows] / counted[rows]


def shares(tally: Tally, node: int) -> dict[str, np.ndarray]:
    """Return the shares of runs in which an area has a score, and, of those, is among the worst."""
    ranked = tally.ranked[node]
    runs = np.where(ranked > 0, ranked, np.nan)
    return {"p_worst": tally.worst[node] / runs, "p_worst_decile": tally.worst_decile[node] / runs}


def tier_spans(counts: np.ndarray, holds: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the smallest span of fifths that holds in a share of the runs; of several, the likeliest.

    Parameters
    ----------
    counts
        Runs that had each area in each fifth, shape (n, 5).
    holds
        The share.

    Returns
    -------
    tuple of numpy.ndarray
        First and last fifth of the span, 1 to 5; NaN for areas without any run. Of equally likely spans the
        first counts.
    """
    runs = counts.sum(axis=1)
    below = np.concatenate([np.zeros((len(counts), 1)), np.cumsum(counts, axis=1)], axis=1)
    lower, upper = np.full(len(counts), np.nan), np.full(len(counts), np.nan)
    for width in range(1, TIERS + 1):
        inside = below[:, width:] - below[:, :-width]
        best = inside.argmax(axis=1)
        enough = inside.max(axis=1) >= holds * runs - 1e-9
        new = enough & np.isnan(lower) & (runs > 0)
        lower[new], upper[new] = best[new] + 1, best[new] + width
    return lower, upper
