"""What becomes of values, and of what is hidden, when they are carried by shares or averaged by weights."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import sparse

from lea_geo.schema import Status

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Column:
    """One column of values on the source areas."""

    value: Floats
    """NaN where there is none."""
    status: NDArray[np.object_]
    lower: Floats
    """Of hidden values; NaN where not known, and beside values that are."""
    upper: Floats

    @cached_property
    def _statuses(self) -> dict[Status, Flags]:
        return {status: np.asarray(self.status == str(status)) for status in Status}

    def where(self, status: Status) -> Flags:
        """Return which areas have a status."""
        return self._statuses[status]

    @cached_property
    def known(self) -> Floats:
        """The values, 0 where there is none."""
        return np.nan_to_num(self.value, nan=0.0)

    @cached_property
    def hidden(self) -> Flags:
        """Which areas have a value that is not known: suppressed or missing."""
        return self.where(Status.SUPPRESSED) | self.where(Status.MISSING)


@dataclass(frozen=True)
class Pieces:
    """What each source gives each target."""

    weights: sparse.csr_array
    """Shape (n_source, n_target): shares of the source's mass, or what its value counts in the target."""
    met: sparse.csr_array
    """Shape (n_source, n_target): where the two have ground in common."""
    slight: sparse.csr_array
    """Shape (n_source, n_target): where a piece is too small to spoil a target."""


def carried_sums(column: Column, pieces: Pieces, *, unreached: Status, nonnegative: bool) -> pd.DataFrame:
    """Return the sums of what reaches each target.

    Parameters
    ----------
    column
        Values on the source areas.
    pieces
        With shares as weights.
    unreached
        The status of targets that meet no source: missing or structural zero.
    nonnegative
        Whether no value can be below 0, so that the known parts bound a sum from below.

    Returns
    -------
    DataFrame
        Columns ``value status lower upper``, and ``known``: the sum of the known parts alone.
    """
    felt = _felt(pieces, column.hidden)
    status = _status(column, felt, pieces.met, unreached)
    low = np.where(np.isnan(column.lower) & nonnegative, 0.0, column.lower)
    known = pieces.weights.T @ column.known
    lower = known + _bound(column, felt, low, column.hidden & np.isnan(low))
    upper = known + _bound(column, felt, column.upper, column.hidden & np.isnan(column.upper))
    alone = _alone(pieces.met)
    return _table(known, status, np.where(alone, np.nan, lower), np.where(alone, np.nan, upper))


def carried_means(column: Column, pieces: Pieces, *, unreached: Status) -> pd.DataFrame:
    """Return the means of what reaches each target, by the weights of ``pieces``.

    The columns are those of :func:`carried_sums`; ``known`` is the weighted sum of the known parts. A target
    whose sources all weigh nothing is not applicable: there is nobody whose mean it could be.
    """
    applies = ~column.where(Status.NOT_APPLICABLE)
    hidden = column.hidden
    felt = _felt(pieces, hidden)
    given = pieces.weights.T @ (applies & ~hidden).astype(float)
    total = given + felt.T @ hidden.astype(float)
    known = pieces.weights.T @ column.known
    lower = known + _bound(column, felt, column.lower, hidden & np.isnan(column.lower))
    upper = known + _bound(column, felt, column.upper, hidden & np.isnan(column.upper))
    status = _status(column, felt, pieces.met, unreached)
    nobody = (total == 0) & np.isin(status, [str(Status.OBSERVED), str(Status.STRUCTURAL_ZERO)])
    status[nobody] = str(Status.NOT_APPLICABLE)
    some = np.where(total > 0, total, np.nan)
    table = _table(known / some, status, lower / some, upper / some)
    return table.assign(known=known)


def _felt(pieces: Pieces, hidden: Flags) -> sparse.csr_array:
    """Return the weights of hidden sources, without what is too slight to matter."""
    if not hidden.any():
        return sparse.csr_array(pieces.weights.shape)
    rows = sparse.diags_array(hidden.astype(float)).tocsr() @ pieces.weights
    felt = sparse.csr_array(rows - rows.multiply(pieces.slight))
    felt.eliminate_zeros()
    return felt


def _bound(column: Column, felt: sparse.csr_array, bound: Floats, open_ended: Flags) -> Floats:
    """Return the sum of one side's bounds, NaN where a part of it is not known."""
    told = np.where(column.hidden, np.nan_to_num(bound, nan=0.0), 0.0)
    open_targets = entries(felt).T @ open_ended.astype(float) > 0
    total: Floats = np.where(open_targets, np.nan, felt.T @ told)
    return total


def _status(
    column: Column, felt: sparse.csr_array, met: sparse.csr_array, unreached: Status
) -> NDArray[np.object_]:
    """Return the worst that reaches each target; a zero by structure only where nothing else does."""
    spoilt, touched = entries(felt).T, entries(met).T
    missing, suppressed = (
        spoilt @ column.where(status).astype(float) > 0 for status in (Status.MISSING, Status.SUPPRESSED)
    )
    observed, zero, nobody = (
        touched @ column.where(status).astype(float) > 0
        for status in (Status.OBSERVED, Status.STRUCTURAL_ZERO, Status.NOT_APPLICABLE)
    )
    return np.select(
        [missing, suppressed, observed, zero, nobody, _alone(met)],
        [
            str(Status.MISSING),
            str(Status.SUPPRESSED),
            str(Status.OBSERVED),
            str(Status.STRUCTURAL_ZERO),
            str(Status.NOT_APPLICABLE),
            str(unreached),
        ],
        str(Status.MISSING),
    ).astype(object)


def _alone(met: sparse.csr_array) -> Flags:
    """Return which targets meet no source."""
    alone: Flags = np.bincount(met.indices, minlength=met.shape[1]) == 0
    return alone


def entries(matrix: sparse.csr_array) -> sparse.csr_array:
    """Return 1 wherever the matrix has a number that is not 0."""
    ones = sparse.csr_array((np.ones(matrix.nnz), matrix.indices, matrix.indptr), shape=matrix.shape)
    return ones if matrix.data.all() else ones.multiply(matrix.astype(bool)).tocsr()


def _table(value: Floats, status: NDArray[np.object_], lower: Floats, upper: Floats) -> pd.DataFrame:
    """Return values where there are any, and bounds where a value is hidden."""
    valued = np.isin(status, [str(Status.OBSERVED), str(Status.STRUCTURAL_ZERO)])
    hidden = np.isin(status, [str(Status.SUPPRESSED), str(Status.MISSING)])
    return pd.DataFrame(
        {
            "value": np.where(status == str(Status.STRUCTURAL_ZERO), 0.0, np.where(valued, value, np.nan)),
            "status": pd.array(status, dtype="str"),
            "lower": np.where(hidden, lower, np.nan),
            "upper": np.where(hidden, upper, np.nan),
            "known": value,
        }
    )
