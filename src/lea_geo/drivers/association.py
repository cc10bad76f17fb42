"""How strongly an outcome and its drivers go together, pair by pair."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from lea_geo._checks import check_fraction
from lea_geo._checks.drivers import check_places
from lea_geo.drivers.aligned import aligned
from lea_geo.drivers.effective import Distances, effective_size, fisher_interval, t_p_value
from lea_geo.drivers.reliable_share import reliability_of
from lea_geo.spatial.inference import adjusted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lea_geo.drivers.aligned import Aligned

ECOLOGICAL = (
    "Association only, and of areas: among persons it may be otherwise (Robinson 1950). What goes together "
    "need not cause anything."
)
"""Among the notes of every result of this room."""


@dataclass(frozen=True)
class Associations:
    """Correlations of an outcome with each driver."""

    table: pd.DataFrame
    """Indexed by driver. ``n``; ``pearson lower upper``; ``effective_size p_value q_value`` of it; ``spearman
    spearman_lower spearman_upper``; ``partial partial_lower partial_upper partial_p_value``: with the other
    drivers held fixed, NaN where there is one driver only; ``reliability`` of the driver and
    ``outcome_reliability``, NaN without counts; ``without_noise without_noise_lower without_noise_upper``:
    what Pearson's would be without the noise of small numbers."""
    outcome: str
    level: float
    correction: str
    spatial: bool
    """Whether the sample size allows for spatial autocorrelation; it does where coordinates are given."""
    notes: tuple[str, ...] = ()


def associations(
    outcome: pd.Series,
    drivers: pd.DataFrame,
    *,
    coords: pd.DataFrame | None = None,
    counts: Mapping[str, pd.DataFrame] | None = None,
    level: float = 0.95,
    correction: str = "bh",
) -> Associations:
    """Correlate an outcome with each driver over areas, honestly about how many areas there really are.

    Neighbours are alike, so n areas are worth fewer independent ones. With coordinates, every interval and
    p-value uses the effective sample size of Clifford, Richardson and Hémon as Dutilleul has it (never more
    than n)::

        r -> tanh(atanh(r) +- z / sqrt(n_e - 3)),    t = r sqrt((n_e - 2) / (1 - r^2))

    Spearman's is Pearson's of the ranks, its interval that of Bonett and Wright. The partial correlation is
    that of the residuals of both on the other drivers. Noise of small numbers pulls correlations towards 0:
    where counts are given, ``without_noise = r / sqrt(reliability of both)`` (Spearman 1904), not beyond 1.

    Parameters
    ----------
    outcome
        One number an area, indexed by ``area_id``; NaN for none.
    drivers
        A column each, with the same ids. Areas that lack any value are left out of all pairs, so that they
        compare.
    coords
        Columns ``x y`` in metres, indexed by ``area_id``; without them areas count as independent, and a note
        says so.
    counts
        By name of the outcome or of a driver: ``numerator denominator`` of a proportion, indexed by
        ``area_id``.
    level
        Of the intervals, between 0 and 1.
    correction
        For several drivers, one of ``spatial.inference.CORRECTIONS``.

    Raises
    ------
    UsageError, ValuesError
        If ids do not match, values do not vary, or fewer than five areas have all values.

    References
    ----------
    Clifford, Richardson and Hémon (1989), https://doi.org/10.2307/2532039
    Dutilleul (1993), https://doi.org/10.2307/2532625
    Bonett and Wright (2000), https://doi.org/10.1007/BF02294183
    Spearman (1904), https://doi.org/10.2307/1412159
    Robinson (1950), https://doi.org/10.2307/2087176
    """
    check_fraction("level", level)
    found = aligned(outcome, drivers)
    distances = None if coords is None else Distances(check_places(coords, found.ids))
    table = pd.DataFrame([_pair(found, k, distances, level) for k in range(len(found.names))])
    table.index = pd.Index(found.names, name="driver", dtype="str")
    table.insert(5, "q_value", adjusted(table["p_value"].to_numpy(), correction))
    _without_noise(table, found, counts or {})
    notes = [*found.notes, ECOLOGICAL]
    if coords is None:
        notes.append(
            "Without coordinates areas count as independent; where neighbours are alike, that is too sure."
        )
    return Associations(table, found.outcome, level, correction, coords is not None, tuple(notes))


def _pair(found: Aligned, k: int, distances: Distances | None, level: float) -> dict[str, float]:
    x, y = found.x[:, k], found.y
    r, size = _correlation(x, y, distances)
    lower, upper = fisher_interval(r, size, level)
    ranks = rankdata(x), rankdata(y)
    rho, rank_size = _correlation(*ranks, distances)
    low, high = fisher_interval(rho, rank_size, level, ranks=True)
    return {
        "n": float(found.n),
        "pearson": r,
        "lower": lower,
        "upper": upper,
        "p_value": t_p_value(r, size),
        "effective_size": size,
        "spearman": rho,
        "spearman_lower": low,
        "spearman_upper": high,
        **_partial(found, k, distances, level),
    }


def _correlation(x: np.ndarray, y: np.ndarray, distances: Distances | None) -> tuple[float, float]:
    """Return Pearson's correlation and how many areas it is worth, never more than there are."""
    r = float(np.clip(np.corrcoef(x, y)[0, 1], -1.0, 1.0))
    size = float(len(x)) if distances is None else effective_size(x, y, distances)
    # An estimate of the variance that is not above 0 tells nothing; then nothing is claimed.
    return r, 0.0 if np.isnan(size) else min(size, float(len(x)))


def _partial(found: Aligned, k: int, distances: Distances | None, level: float) -> dict[str, float]:
    others = np.delete(found.x, k, axis=1)
    names = ("partial", "partial_lower", "partial_upper", "partial_p_value")
    taken = others.shape[1]
    if not taken:
        return dict.fromkeys(names, np.nan)
    rest = np.column_stack([found.x[:, k], found.y])
    scaled = (others - others.mean(axis=0)) / others.std(axis=0)
    design = np.column_stack([np.ones(found.n), scaled])
    residuals = rest - design @ np.linalg.lstsq(design, rest, rcond=None)[0]
    if (residuals.std(axis=0) <= 1e-9 * rest.std(axis=0)).any():  # the others say all of it already
        return dict.fromkeys(names, np.nan)
    r, size = _correlation(residuals[:, 0], residuals[:, 1], distances)
    interval = fisher_interval(r, size, level, taken=taken)
    return dict(zip(names, (r, *interval, t_p_value(r, size, taken)), strict=True))


def _without_noise(table: pd.DataFrame, found: Aligned, counts: Mapping[str, pd.DataFrame]) -> None:
    """Add what is known of noise to the table."""
    own = reliability_of(counts.get(found.outcome), found.ids)
    drivers = np.array([reliability_of(counts.get(name), found.ids) for name in found.names])
    table["reliability"], table["outcome_reliability"] = drivers, own
    # What is not counted is taken as it is; where neither has counts there is nothing to correct for.
    share = np.where(np.isnan(drivers), 1.0, drivers) * (1.0 if np.isnan(own) else own)
    factor = np.sqrt(np.where(share > 0, share, np.nan))
    factor = np.where(np.isnan(drivers) & np.isnan(own), np.nan, factor)
    for name, column in (("", "pearson"), ("_lower", "lower"), ("_upper", "upper")):
        table[f"without_noise{name}"] = np.clip(table[column].to_numpy() / factor, -1.0, 1.0)
