"""What types are like: shares and values of each, against elsewhere, and how sure these are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo.typology.fits import NONE, letters
from lea_geo.typology.stability import runs_of

if TYPE_CHECKING:
    from lea_geo.typology.choice import Choice
    from lea_geo.typology.features import Features
    from lea_geo.typology.stability import How

PROFILE_COLUMNS = ("type", "name", "kind", "value", "lower", "upper", "elsewhere", "everywhere", "telling")


def profiles(
    seen: Features, how: How, choice: Choice, people: np.ndarray | None, *, level: float
) -> pd.DataFrame:
    """Return one row a type and a part or indicator, with ``PROFILE_COLUMNS``.

    Intervals are quantiles over the runs: each has other noise and other members of the types.
    """
    counted = _counted(seen, people)
    here = _means(_observed(seen), choice.fit.labels, choice.fit.k, counted)
    drawn = _drawn(seen, how, choice, counted)
    lower, upper = (_quantile(drawn[0], q) for q in ((1 - level) / 2, (1 + level) / 2))
    apart = _spread(drawn[0] - drawn[1])
    names = (*seen.scale.parts, *seen.scale.indicators)
    rows = []
    names_of_types = letters(choice.fit.k)
    everywhere = np.average(_observed(seen), axis=0, weights=counted)
    for one in range(choice.fit.k):
        for j, name in enumerate(names):
            inside, outside = here[0][one, j], here[1][one, j]
            telling = (inside - outside) / apart[one, j] if apart[one, j] > 0 else np.nan
            rows.append(
                (
                    names_of_types[one],
                    name,
                    "part" if j < len(seen.scale.parts) else "indicator",
                    inside,
                    # Quantiles of resampled members may miss the stated ones by a hair.
                    min(lower[one, j], inside),
                    max(upper[one, j], inside),
                    outside,
                    everywhere[j],
                    telling,
                )
            )
    return pd.DataFrame(rows, columns=list(PROFILE_COLUMNS))


def _quantile(drawn: np.ndarray, q: float) -> np.ndarray:
    """Return quantiles over the runs that have the type, NaN where none has; shape (k, columns)."""
    some = ~np.isnan(drawn).all(axis=0)
    found = np.nanquantile(np.where(some, drawn, 0.0), q, axis=0)
    return np.where(some, found, np.nan)


def _spread(drawn: np.ndarray) -> np.ndarray:
    """Return standard deviations over the runs that have both, NaN where none has; shape (k, columns)."""
    some = ~np.isnan(drawn).all(axis=0)
    return np.where(some, np.nanstd(np.where(some, drawn, 0.0), axis=0), np.nan)


def _counted(seen: Features, people: np.ndarray | None) -> np.ndarray:
    """Return what the values of areas are weighted by: whom the parts count, the people, or 1."""
    if seen.composition is not None and seen.composition.counts is not None:
        return seen.composition.counts.sum(axis=1).to_numpy()
    return np.ones(len(seen.ids)) if people is None or not people.sum() else people


def _observed(seen: Features) -> np.ndarray:
    """Return shares as they are, zeros included, and indicators; shape (n, parts + indicators)."""
    shares = seen.shares if seen.composition is None else seen.composition.observed.to_numpy()
    return np.hstack([shares, seen.values])


def _means(
    values: np.ndarray, labels: np.ndarray, k: int, counted: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return weighted means inside and outside of each type, both (k, columns); NaN where nobody is."""
    inside, outside = (np.full((k, values.shape[1]), np.nan) for _ in range(2))
    for one in range(k):
        for target, chosen in ((inside, labels == one), (outside, labels != one)):
            if counted[chosen].sum() > 0:
                target[one] = np.average(values[chosen], axis=0, weights=counted[chosen])
    return inside, outside


def _drawn(seen: Features, how: How, choice: Choice, counted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return means inside and outside of the types in each run; both (runs, k, columns)."""
    inside, outside = [], []
    for run in runs_of(seen, how, choice.setting, choice.fit):
        shares = seen.scale.shares_at(run.x) if seen.scale.parts else seen.shares
        values = np.hstack([shares, seen.scale.values_at(run.x)])
        labels = np.where(run.labels == NONE, NONE, run.labels)
        one, other = _means(values, labels, choice.fit.k, counted)
        inside.append(one)
        outside.append(other)
    return np.array(inside), np.array(outside)
