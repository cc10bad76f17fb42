"""Cases and people, brought together by id: what the scan statistic computes on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lea_geo._checks.scan import check_scan_counts
from lea_geo.schema import Status

if TYPE_CHECKING:
    import pandas as pd

    from lea_geo.spatial.scan.likelihood import Law


@dataclass(frozen=True)
class ScanSample:
    """The areas that have people and a count of cases, in the order of their ids.

    The order of the ids, not of the rows, decides every sum and every draw; so the same areas give the same
    numbers in whatever order they come.
    """

    index: pd.Index
    """Every area, in the order of ``cases`` as given."""
    status: pd.api.extensions.ExtensionArray
    """The status of every area, in that order."""
    positions: np.ndarray
    """Where each area of the sample is in ``index``; shape (n,)."""
    cases: np.ndarray
    """Whole numbers as floats, shape (n,)."""
    people: np.ndarray
    """All above 0, shape (n,)."""
    bernoulli: bool
    sign: int
    """1 for clusters of many cases, -1 of few, 0 of both."""
    reason: str = ""
    """Why nothing can be tested; empty when something can."""
    notes: tuple[str, ...] = ()

    @property
    def n(self) -> int:
        """Number of areas."""
        return len(self.cases)

    @property
    def ids(self) -> pd.Index:
        """Ids of the areas, ascending."""
        return self.index[self.positions]

    @property
    def law(self) -> Law:
        """What every likelihood ratio needs."""
        return float(self.cases.sum()), float(self.people.sum()), self.bernoulli, self.sign


def build_scan_sample(
    cases: object, population: object, *, model: str, sign: int, status: object = None
) -> ScanSample:
    """Align cases, population and status by id, and leave out areas without a count or without people.

    Raises
    ------
    UsageError
        If cases or population carry no ids.
    ValuesError
        If the counts cannot be counts, or there are cases where nobody lives.
    """
    bernoulli = model == "bernoulli"
    index, numbers, people, words, counted = check_scan_counts(cases, population, status, bernoulli=bernoulli)
    empty = counted & (people == 0)
    kept = counted & (people > 0)
    positions = np.flatnonzero(kept)[np.argsort(index[kept].to_numpy(dtype=object), kind="stable")]
    held = (numbers[positions], people[positions])
    notes = _left_out(np.asarray(words, dtype=object), empty)
    reason = _undefined_reason(*held, bernoulli=bernoulli)
    return ScanSample(index, words, positions, *held, bernoulli, sign, reason, notes)


def _left_out(words: np.ndarray, empty: np.ndarray) -> tuple[str, ...]:
    notes = [
        f"{np.count_nonzero(words == status.value)} of {len(words)} areas are in no window: "
        f"{status.value.replace('_', ' ')}."
        for status in (Status.MISSING, Status.SUPPRESSED, Status.NOT_APPLICABLE)
        if (words == status.value).any()
    ]
    if empty.any():
        notes.append(f"{np.count_nonzero(empty)} of {len(words)} areas are in no window: nobody lives there.")
    return tuple(notes)


def _undefined_reason(cases: np.ndarray, people: np.ndarray, *, bernoulli: bool) -> str:
    """Return why nothing can be tested, or nothing when something can."""
    if len(cases) == 0:
        return "No area has a value."
    if cases.sum() == 0:
        return "No area has a case, so there is nothing to find."
    if bernoulli and cases.sum() == people.sum():
        return "Everybody is a case, so there is nothing to compare."
    return ""
