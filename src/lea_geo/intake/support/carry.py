"""One column of values along one crosswalk, to the table and the account of where its total went."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from lea_geo._checks import Faults
from lea_geo._checks import interpolate as check
from lea_geo.intake.support.account import account_row
from lea_geo.intake.support.bounds import Column, Pieces, carried_means, carried_sums, entries
from lea_geo.intake.support.crosswalk import Crosswalk, scaled_rows
from lea_geo.schema import Status

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Rules:
    """What becomes of mass outside, of targets that nothing reaches, and of slivers."""

    outside: str
    unreached: str
    unweighted: str
    nonnegative: bool
    sliver: float
    tolerance: float


@dataclass(frozen=True)
class Route:
    """A crosswalk, made ready for many columns."""

    walk: Crosswalk
    outside: Floats
    """Shape (n_source,): the share of mass that lies outside all targets, also where it is spread."""
    met: sparse.csr_array
    """Where a source and a target have ground in common."""
    sliver: float

    @classmethod
    def along(cls, walk: Crosswalk, rules: Rules) -> Route:
        """Prepare a crosswalk, with what lies outside spread where the rules say so."""
        outside = walk.lost
        if rules.outside == "spread":
            walk = walk.spread()
        return cls(walk, outside, sparse.csr_array(walk.overlap + walk.shares), rules.sliver)

    @cached_property
    def slight(self) -> sparse.csr_array:
        """Where a piece is a sliver both of its source's mass and of its target's surface."""
        part = self.walk.overlap.multiply(1 / self.walk.target_area).tocsr()
        large = (self.walk.shares > self.sliver).astype(float) + (part > self.sliver).astype(float)
        some = entries(self.walk.shares)
        slight = sparse.csr_array(some - some.multiply(large > 0))
        slight.eliminate_zeros()
        return slight

    def pieces(self, weights: sparse.csr_array, column: Column) -> Pieces:
        """Return what each source gives each target of a column."""
        none = sparse.csr_array(weights.shape)
        return Pieces(weights, self.met, self.slight if column.hidden.any() else none)


def carry(
    column: Column, people: Floats | None, route: Route, *, kind: str, rules: Rules
) -> tuple[pd.DataFrame, dict[str, object]]:
    """Return a column on the targets (``value status lower upper``) and a row of the account.

    Parameters
    ----------
    column
        Values on the sources.
    people
        Of rates: what each is a rate of, NaN where that is not known; None for no denominators.
    route
        How mass is divided.
    kind
        ``extensive`` or ``intensive``.
    rules
        What the caller allows.
    """
    carried = _sums(column, route, rules) if kind == "extensive" else _means(column, people, route, rules)
    row = account_row(
        carried.column, route.walk, carried.table, kind=kind, counts=carried.counts, counted=carried.counted
    )
    return carried.table.drop(columns="known"), row


@dataclass(frozen=True)
class _Carried:
    column: Column
    table: pd.DataFrame
    counts: Floats
    """Shape (n_source,): what each value counts in the account."""
    counted: Floats
    """Shape (n_target,): the same of what was carried."""


def _sums(column: Column, route: Route, rules: Rules) -> _Carried:
    walk = route.walk
    table = carried_sums(
        column,
        route.pieces(walk.shares, column),
        unreached=Status(rules.unreached),
        nonnegative=rules.nonnegative,
    )
    return _Carried(column, table, np.ones(len(walk.source_ids)), np.ones(len(walk.target_ids)))


def _means(column: Column, people: Floats | None, route: Route, rules: Rules) -> _Carried:
    walk = route.walk
    if people is None:
        mass, counts = walk.mass, walk.source_mass
        # Where the weights say nothing of a target, its surface does.
        bare = np.bincount(mass.indices, mass.data, minlength=mass.shape[1]) <= 0
        weights = sparse.csr_array(mass + walk.overlap.multiply(bare.astype(float)).tocsr())
    else:
        column, counts = _known_of(column, people)
        mass = weights = scaled_rows(walk.shares, counts)
    table = carried_means(column, route.pieces(weights, column), unreached=Status(rules.unreached))
    valued = ~column.hidden & ~column.where(Status.NOT_APPLICABLE)
    counted = mass.T @ valued.astype(float)
    return _Carried(column, table.assign(known=mass.T @ column.known), counts, counted)


def _known_of(column: Column, people: Floats) -> tuple[Column, Floats]:
    """Return a column that is missing where nobody knows of how many it is the rate."""
    unknown = np.isnan(people) & ~column.where(Status.NOT_APPLICABLE)
    told = Column(
        np.where(unknown, np.nan, column.value),
        np.where(unknown, str(Status.MISSING), column.status),
        np.where(unknown, np.nan, column.lower),
        np.where(unknown, np.nan, column.upper),
    )
    # Any weight will do for what has no value: it spoils the targets that it reaches.
    return told, np.where(np.isnan(people), 1.0, people)


def check_mass(faults: Faults, name: str, column: Column, route: Route, rules: Rules) -> list[str]:
    """Note extensive mass that would be lost or spread unasked; return what is to be said of the rest."""
    walk = route.walk
    ids = walk.source_ids
    if rules.nonnegative:
        check.note_negative(faults, name, column.value, column.lower, ids)
    lost, total = column.known * walk.lost, float(np.abs(column.known).sum())
    hidden = column.hidden & (walk.lost > rules.tolerance)
    spread = float(column.known @ (route.outside - walk.lost))
    notes = [f"{name}: {spread:g} of {total:g} lay outside the targets and were spread."] if spread else []
    if np.abs(lost).sum() > rules.tolerance * total or hidden.any():
        if rules.outside != "drop":
            check.note_outside(faults, name, lost, total, hidden, ids)
        also = f", and a part of {hidden.sum()} hidden values" if hidden.any() else ""
        notes.append(f"{name}: {lost.sum():g} of {total:g} lay outside the targets and were left out{also}.")
    blind = walk.unweighted & ((column.known != 0) | column.hidden)
    if blind.any():
        if rules.unweighted == "refuse":
            check.note_unweighted(faults, name, ids[blind], len(ids))
        mass = float(column.known[blind].sum())
        notes.append(f"{name}: {mass:g} of {total:g} lie where no weights are, and were spread by surface.")
    return notes
