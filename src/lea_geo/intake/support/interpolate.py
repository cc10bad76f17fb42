"""Values from one set of areas to another, with the account of where each total went."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import sparse

from lea_geo._by_area import ByArea
from lea_geo._checks import Faults, check_choice
from lea_geo._checks import interpolate as check
from lea_geo.errors import ValuesError
from lea_geo.intake.support.account import COLUMNS, account_row
from lea_geo.intake.support.bounds import Column, Pieces, carried_means, carried_sums, entries
from lea_geo.intake.support.crosswalk import Crosswalk, build_crosswalk, scaled_rows
from lea_geo.schema import AREA_ID, Status

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

OUTSIDE = ("refuse", "drop", "spread")
UNREACHED = ("missing", "structural_zero")
_PARTS = ("value", "status", "lower", "upper")


@dataclass(frozen=True, kw_only=True)
class Interpolated(ByArea):
    """Values on the target areas, and where each total went."""

    table: pd.DataFrame
    """Indexed by ``area_id`` in the order of the target areas: ``value status lower upper`` for one column of
    values, ``<name> <name>_status <name>_lower <name>_upper`` for each of several."""
    account: pd.DataFrame
    """One row for each column of values, with ``account.COLUMNS``."""
    crosswalk: Crosswalk
    kind: Mapping[str, str]
    """Column to ``extensive`` or ``intensive``."""
    outside: str
    unreached: str
    nonnegative: bool
    sliver: float
    tolerance: float
    notes: tuple[str, ...]
    """What was assumed, lost or left out, one sentence each."""

    @property
    def method(self) -> str:
        """How mass was taken to lie within the source areas."""
        return self.crosswalk.method

    def __repr__(self) -> str:
        size = f"{len(self.crosswalk.source_ids)} areas to {len(self.table)}"
        lost = ", ".join(
            f"{name}: {row.total_before:g} before, {row.total_after:g} after, {row.hidden:g} hidden, "
            f"{row.lost_outside:g} lost outside"
            for name, row in self.account.head(3).iterrows()
        )
        return f"<Interpolated {self.method}, {size}; {lost}{', …' if len(self.account) > 3 else ''}>"


@dataclass(frozen=True)
class _Options:
    outside: str
    unreached: str
    nonnegative: bool
    sliver: float
    tolerance: float


def interpolate(
    values: pd.Series | pd.DataFrame,
    source_areas: gpd.GeoDataFrame | None,
    target_areas: gpd.GeoDataFrame | None,
    *,
    kind: str | Mapping[str, str],
    method: str = "areal",
    weights: gpd.GeoDataFrame | None = None,
    denominators: pd.Series | Mapping[str, pd.Series] | None = None,
    status: pd.Series | pd.DataFrame | None = None,
    lower: pd.Series | pd.DataFrame | None = None,
    upper: pd.Series | pd.DataFrame | None = None,
    crosswalk: Crosswalk | None = None,
    outside: str = "refuse",
    unreached: str = "missing",
    nonnegative: bool = False,
    sliver: float = 1e-9,
    tolerance: float = 1e-6,
) -> Interpolated:
    """Carry values from the areas that they lie on to other areas.

    What adds up (``extensive``: people, jobs) is divided: a target gets
    ``sum over sources of share * value``. What does not (``intensive``: rates, medians) is averaged:
    ``sum of weight * value / sum of weight``, by the surface that source and target share, by what lives
    there where the method knows, or by ``denominators``. Hidden values stay hidden: a target that gets a
    part of one has no value but bounds, which hold whatever the hidden values are.

    Parameters
    ----------
    values
        A Series indexed by ``area_id``, or a DataFrame with a column for each of several; NaN for no value.
    source_areas, target_areas
        Areas in one projected CRS in metres. Both may be None where ``crosswalk`` is given.
    kind
        ``extensive`` or ``intensive``; for a DataFrame also a mapping from column to either.
    method, weights
        As in :func:`build_crosswalk`.
    denominators
        Of intensive values: what each is a rate of (residents, households), at least 0, by ``area_id``; of
        several columns a mapping, not necessarily of all. Numerator and denominator are then carried each by
        itself, and divided.
    status
        What each value is, one of :class:`~lea_geo.schema.Status`; left out: observed, or missing where NaN.
    lower, upper
        What is known of suppressed and missing values; NaN for nothing.
    crosswalk
        One that :func:`build_crosswalk` made for these areas, to carry many tables for the price of one.
    outside
        What becomes of extensive mass that lies outside all targets: ``refuse`` if it is more than
        ``tolerance`` of the total; ``drop`` it, with a note; ``spread`` it over the targets that its source
        reaches, as assumed.
    unreached
        What a target is that meets no source: ``missing``, or ``structural_zero`` where sources that are not
        there hold nothing, such as the empty cells of a population grid.
    nonnegative
        Whether no extensive value can be below 0: the known part of a sum then bounds it from below, and
        negative values are refused.
    sliver
        A piece of a hidden source that is no more than this share of the source's mass, and of its target's
        surface, does not hide the target's value.
    tolerance
        The share of a total that may be lost outside, and the share of an area that another of the same set
        may cover, from 0 to below 1.

    Returns
    -------
    Interpolated
        ``.table`` on the target areas, ``.account`` of each total, ``.notes``.

    Raises
    ------
    AreasError
        As :func:`build_crosswalk`.
    ValuesError
        If ids do not match, statuses or bounds contradict the values, or mass would be lost outside.
    UsageError
        If an option is wrong.

    References
    ----------
    Goodchild and Lam (1980), Areal interpolation: a variant of the traditional spatial problem,
    Geo-Processing 1, 297-312.

    Examples
    --------
    >>> import geopandas as gpd
    >>> import pandas as pd
    >>> from shapely import box
    >>> old = gpd.GeoDataFrame(geometry=[box(0, 0, 40, 10)], index=["old"], crs=3067)
    >>> new = gpd.GeoDataFrame(geometry=[box(0, 0, 10, 10), box(10, 0, 40, 10)], index=["a", "b"], crs=3067)
    >>> interpolate(pd.Series({"old": 100.0}), old, new, kind="extensive").table["value"].to_dict()
    {'a': 25.0, 'b': 75.0}
    """
    options = _checked(outside, unreached, nonnegative, sliver, tolerance)
    alone = isinstance(values, pd.Series)
    frame = check.check_columns(values)
    kinds = check.check_kinds(kind, frame.columns)
    if crosswalk is None:
        walk = build_crosswalk(
            source_areas, target_areas, method=method, weights=weights, tolerance=options.tolerance
        )
    else:
        walk = crosswalk
        check.check_crosswalk_ids("source_areas", source_areas, walk.source_ids)
        check.check_crosswalk_ids("target_areas", target_areas, walk.target_ids)
    beside = {
        name: check.check_beside(name, given, frame.columns, alone=alone)
        for name, given in (("status", status), ("lower", lower), ("upper", upper))
    }
    people = check.check_denominators(denominators, kinds, walk.source_ids, alone=alone)
    columns = _columns(frame, beside, walk.source_ids)
    return _carried(columns, people, kinds, walk, options, alone=alone)


def _checked(outside: str, unreached: str, nonnegative: bool, sliver: float, tolerance: float) -> _Options:
    return _Options(
        check_choice("outside", outside, OUTSIDE),
        check_choice("unreached", unreached, UNREACHED),
        bool(nonnegative),
        check.check_tolerance("sliver", sliver),
        check.check_tolerance("tolerance", tolerance),
    )


def _columns(
    frame: pd.DataFrame, beside: Mapping[str, Mapping[str, pd.Series]], ids: pd.Index
) -> dict[str, Column]:
    faults = Faults()
    columns = {
        str(name): Column(
            *check.check_column(
                faults,
                str(name),
                frame[name],
                ids,
                {what: said.get(str(name)) for what, said in beside.items()},
            )
        )
        for name in frame.columns
    }
    faults.raise_if_any(ValuesError, check.HEADING)
    return columns


def _carried(
    columns: Mapping[str, Column],
    people: Mapping[str, Floats],
    kinds: Mapping[str, str],
    walk: Crosswalk,
    options: _Options,
    *,
    alone: bool,
) -> Interpolated:
    notes = list(walk.notes)
    if options.outside == "spread":
        walk = walk.spread()
    _check_mass(columns, kinds, walk, options, notes)
    slight = _slight(walk, options.sliver)
    tables, rows = {}, {}
    for name, column in columns.items():
        if kinds[name] == "extensive":
            table, counts, counted = _sum(column, walk, slight, options)
        else:
            table, counts, counted = _mean(column, people.get(name), walk, slight, options)
        tables[name] = table
        rows[name] = account_row(column, walk, table, kind=kinds[name], counts=counts, counted=counted)
    return Interpolated(
        table=_joined(tables, walk.target_ids, alone=alone),
        account=pd.DataFrame.from_dict(rows, orient="index", columns=list(COLUMNS)),
        crosswalk=walk,
        kind=dict(kinds),
        outside=options.outside,
        unreached=options.unreached,
        nonnegative=options.nonnegative,
        sliver=options.sliver,
        tolerance=options.tolerance,
        notes=tuple(notes),
    )


def _check_mass(
    columns: Mapping[str, Column],
    kinds: Mapping[str, str],
    walk: Crosswalk,
    options: _Options,
    notes: list[str],
) -> None:
    """Refuse to lose mass outside the targets, or note how much was lost because the caller said so."""
    faults = Faults()
    ids = walk.source_ids
    for name in (name for name, kind in kinds.items() if kind == "extensive"):
        column = columns[name]
        if options.nonnegative:
            check.note_negative(faults, name, column.value, column.lower, ids)
        lost, total = column.known * walk.lost, float(np.abs(column.known).sum())
        hidden = column.hidden & (walk.lost > options.tolerance)
        if np.abs(lost).sum() <= options.tolerance * total and not hidden.any():
            continue
        if options.outside != "drop":
            check.note_outside(faults, name, lost, total, hidden, ids)
            continue
        also = f", and a part of {hidden.sum()} hidden values" if hidden.any() else ""
        notes.append(f"{name}: {lost.sum():g} of {total:g} lay outside the targets and were left out{also}.")
    faults.raise_if_any(ValuesError, check.HEADING)


def _slight(walk: Crosswalk, sliver: float) -> sparse.csr_array:
    """Return which pieces are slivers of both their source's mass and their target's surface."""
    part = walk.overlap.multiply(1 / walk.target_area).tocsr()
    large = (walk.shares > sliver).astype(float) + (part > sliver).astype(float)
    some = entries(walk.shares)
    return sparse.csr_array(some - some.multiply(large > 0))


def _sum(
    column: Column, walk: Crosswalk, slight: sparse.csr_array, options: _Options
) -> tuple[pd.DataFrame, Floats, Floats]:
    pieces = Pieces(walk.shares, walk.overlap + walk.shares, slight)
    table = carried_sums(column, pieces, unreached=Status(options.unreached), nonnegative=options.nonnegative)
    return table, np.ones(len(walk.source_ids)), np.ones(len(walk.target_ids))


def _mean(
    column: Column, people: Floats | None, walk: Crosswalk, slight: sparse.csr_array, options: _Options
) -> tuple[pd.DataFrame, Floats, Floats]:
    if people is None:
        weights, counts = walk.mass, walk.source_mass
    else:
        column, counts = _known_of(column, people)
        weights = scaled_rows(walk.shares, counts)
    pieces = Pieces(weights, walk.overlap + walk.shares, slight)
    table = carried_means(column, pieces, unreached=Status(options.unreached))
    applies = ~column.where(Status.NOT_APPLICABLE)
    return table, counts, weights.T @ applies.astype(float)


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


def _joined(tables: Mapping[str, pd.DataFrame], ids: pd.Index, *, alone: bool) -> pd.DataFrame:
    if alone:
        joined = tables["value"][list(_PARTS)]
    else:
        parts = {
            name if part == "value" else f"{name}_{part}": table[part]
            for name, table in tables.items()
            for part in _PARTS
        }
        joined = pd.DataFrame(parts)
    return joined.set_axis(ids.rename(AREA_ID), axis=0)
