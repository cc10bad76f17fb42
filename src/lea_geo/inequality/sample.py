"""Values and people of areas, aligned by id, with what is known of the noise in the values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo._checks.inequality import (
    check_enough,
    check_errors,
    check_known,
    check_sample,
    check_scaled,
    check_sources,
)
from lea_geo.inequality.noise import CountNoise, ErrorNoise
from lea_geo.inequality.options import Options, kind_of

if TYPE_CHECKING:
    from lea_geo.inequality.noise import Noise

UNWEIGHTED_ONLY = (
    "No population was given: every area counts once, and the weighted numbers are the unweighted ones."
)


@dataclass(frozen=True)
class Sample:
    """The areas that have a value, in the order of their ids: the order they came in changes nothing."""

    ids: pd.Index
    x: np.ndarray
    """Values, shape (n,)."""
    people: np.ndarray
    """Shares of the population, shape (n,); they add up to 1."""
    noise: Noise | None = None
    notes: tuple[str, ...] = field(default=())

    @classmethod
    def of(cls, values: pd.Series, population: pd.Series | None, options: Options) -> Sample:
        """Return the areas that have a value and whose population is known."""
        check_known(options, Options.__annotations__)
        index, x, people, valid = check_sample(values, population, options.get("status"))
        kept = valid & ~np.isnan(people)
        order = np.flatnonzero(kept)[np.argsort(index[kept].astype(str).to_numpy(), kind="stable")]
        check_enough(x[order], people[order])
        ids = index[order]
        noise = _noise(pd.Series(x[order], ids), options)
        notes = _notes(index, people, valid, given=population is not None)
        return cls(ids, x[order], people[order] / people[order].sum(), noise, notes)

    @property
    def n(self) -> int:
        """Number of areas."""
        return len(self.x)

    @property
    def alike(self) -> np.ndarray:
        """Every area's share where each counts once, shape (n,)."""
        return np.full(self.n, 1 / self.n)

    @property
    def mean(self) -> float:
        """The mean of the people."""
        return float((self.people * self.x).sum())


def _noise(x: pd.Series, options: Options) -> Noise | None:
    numerator, denominator = options.get("numerator"), options.get("denominator")
    error = options.get("standard_error")
    check_sources(numerator, denominator, error)
    if numerator is not None:
        kind = kind_of(options)
        events, people, scale = check_scaled(x, numerator, denominator, proportion=kind == "proportion")
        return CountNoise(kind, events, people, scale)
    if error is not None:
        return ErrorNoise(x.to_numpy(dtype=float), check_errors(x, error))
    return None


def _notes(index: pd.Index, people: np.ndarray, valid: np.ndarray, *, given: bool) -> tuple[str, ...]:
    notes = [] if given else [UNWEIGHTED_ONLY]
    unknown = np.isnan(people)
    left = ~valid
    if left.any():
        share = people[left].sum() / max(float(np.nansum(people)), 1e-300)
        who = f", where {share:.1%} of the population live" if given and np.isfinite(share) else ""
        notes.append(f"{int(left.sum())} of {len(index)} areas have no value and are left out{who}.")
    unknown &= valid
    if unknown.any():
        notes.append(
            f"{int(unknown.sum())} of {len(index)} areas have a value and no known population: left out."
        )
    empty = valid & (people == 0)
    if empty.any():
        notes.append(
            f"{int(empty.sum())} of {len(index)} areas have a value and nobody lives there: they count only "
            "where every area counts once."
        )
    return tuple(notes)
