"""Numbers of one set of areas on another: counts, rates and means, each in its own way, by one crosswalk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo.intake.support.interpolate import interpolate
from lea_geo.intake.support.meeting import added
from lea_geo.intake.vintages.splits import Pieces, resting, split_bounds
from lea_geo.intake.vintages.told import spread_notes
from lea_geo.schema import AREA_ID, CELL_COLUMNS, WITH_VALUE, Status

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from lea_geo.intake.support.crosswalk import Crosswalk
    from lea_geo.intake.support.interpolate import Interpolated
    from lea_geo.intake.vintages.measures import Measures

    Floats = NDArray[np.float64]

_ADD = {"count": "extensive", "rate": "intensive", "mean": "intensive"}


@dataclass(frozen=True, kw_only=True)
class Carried:
    """Numbers on the areas that they were carried to; every frame is areas by codes."""

    measures: Measures
    split_lower: pd.DataFrame
    """What each value could be at least, however split areas divide; NaN where nothing bounds it."""
    split_upper: pd.DataFrame
    rests: pd.DataFrame
    """The share of its people that rests on how a split area divides."""
    received: pd.DataFrame
    """How much of the count (of a rate: of its denominator) came from areas with another code; NaN for means
    and where it is not known."""
    amount: pd.DataFrame
    """The whole of that count."""
    account: pd.DataFrame
    """As ``Interpolated.account``: a row for each count and for each part of a rate."""
    weighed_by: str
    """What means and medians are weighed by, in words."""
    notes: tuple[str, ...]

    @property
    def resting(self) -> pd.Series[float]:
        """``rests`` by area, the median of the columns: one that counts hardly anybody decides nothing."""
        return self.rests.median(axis=1)


def carry(
    given: Measures,
    walk: Crosswalk,
    *,
    outside: str,
    people: pd.Series[float] | None = None,
    counted: Collection[str] = (),
) -> Carried:
    """Carry numbers by a crosswalk.

    Parameters
    ----------
    given
        Numbers on the areas that ``walk`` starts from, in any order.
    walk
        Where the mass of each of them goes.
    outside
        As in :func:`~lea_geo.intake.support.interpolate.interpolate`.
    people
        What means and medians are weighed by, on the same areas; left out, the people that ``given`` knows,
        else the mass of ``walk``.
    counted
        Codes of counts, and of rates whose denominators are, of people whom the weights of ``walk`` count,
        each at most once.
    """
    given = given.reindex(walk.source_ids)
    weighed_by = "the people given" if people is not None else _weighed_by(given, walk)
    people = given.people if people is None else people
    notes = walk.notes
    if outside == "spread":
        notes += tuple(spread_notes(walk))
        walk = walk.spread()
    done = _interpolated(given, walk, people, "refuse" if outside == "spread" else outside)
    pieces = Pieces.of(walk, counted=bool(counted))
    carried = _still_hidden(given, _measures(given, done.table), pieces)
    mass = walk.source_mass
    if people is not None:
        mass = np.asarray(people.reindex(walk.source_ids), dtype=float)
    bounds = {code: split_bounds(code, given, pieces, counted=code in counted) for code in given.codes}
    rests = {code: resting(code, given, pieces, mass) for code in given.codes}
    received, amount = _moved(given, walk)
    return Carried(
        measures=carried,
        split_lower=_bound(carried, {code: low for code, (low, _) in bounds.items()}),
        split_upper=_bound(carried, {code: high for code, (_, high) in bounds.items()}),
        rests=_frame(rests, walk.target_ids),
        received=received,
        amount=amount,
        account=done.account.drop(index=given.of_kind("rate", "mean")),
        weighed_by=weighed_by,
        notes=notes,
    )


def _weighed_by(given: Measures, walk: Crosswalk) -> str:
    if given.people_from:
        return f"the people of {given.people_from}"
    return "surface" if walk.method == "areal" else "what the method weighs"


def _interpolated(
    given: Measures, walk: Crosswalk, people: pd.Series[float] | None, outside: str
) -> Interpolated:
    frame, status, kinds = _columns(given)
    weighed = {code: given["denominator"][code] for code in given.of_kind("rate")}
    weighed |= {code: people for code in given.of_kind("mean") if people is not None}
    return interpolate(
        frame,
        None,
        None,
        kind=kinds,
        crosswalk=walk,
        status=status,
        lower=given["lower"],
        upper=given["upper"],
        denominators=weighed or None,
        outside=outside,
    )


def _columns(given: Measures) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, str]]:
    """Return all columns to carry: the values, and the parts of rates as counts beside them."""
    values, statuses = {}, {}
    kinds = {code: _ADD[measure.kind] for code, measure in given.what.items()}
    for code in given.codes:
        values[code], statuses[code] = given["value"][code], given["status"][code]
    for code in given.of_kind("rate"):
        nobody = given["status"][code] == str(Status.NOT_APPLICABLE)
        for part in ("numerator", "denominator"):
            name = part_name(code, part)
            values[name] = given[part][code].mask(nobody & given[part][code].isna(), 0.0)
            words = np.where(values[name].isna(), str(Status.MISSING), str(Status.OBSERVED))
            statuses[name] = pd.Series(words, index=values[name].index)
            kinds[name] = "extensive"
    return pd.DataFrame(values), pd.DataFrame(statuses), kinds


def part_name(code: str, part: str) -> str:
    """Return what a part of a rate is called in an account.

    >>> part_name("unemployment", "numerator")
    'unemployment (numerator)'
    """
    return f"{code} ({part})"


def _measures(given: Measures, table: pd.DataFrame) -> Measures:
    """Return what was carried; a rate without a value has no numerator that adds up to one."""
    index = pd.Index(table.index, name=AREA_ID, dtype="str")
    cells = {
        part: pd.DataFrame(
            {code: table[code if part == "value" else f"{code}_{part}"] for code in given.codes}
        ).set_axis(index)
        for part in ("value", "status", "lower", "upper")
    }
    rates = given.of_kind("rate")
    for part in ("numerator", "denominator"):
        columns = {
            code: table[part_name(code, part)] if code in rates else pd.Series(np.nan, index=table.index)
            for code in given.codes
        }
        cells[part] = pd.DataFrame(columns).set_axis(index)
    valued = cells["status"].isin([str(status) for status in WITH_VALUE])
    for code in rates:
        scaled = given.what[code].scale * cells["numerator"][code] / cells["denominator"][code]
        cells["value"][code] = scaled.where(valued[code])
    return type(given)({column: cells[column] for column in CELL_COLUMNS}, given.what)


def _still_hidden(given: Measures, carried: Measures, pieces: Pieces) -> Measures:
    """Give back its status to a rate that is hidden with its denominator, and the bounds that are left of it.

    Whoever lives where, a rate lies between the least and the largest of those that it is made of.
    """
    for code in given.of_kind("rate"):
        status = given["status"][code].to_numpy()[pieces.source]
        absent = pieces.add((status == str(Status.MISSING)).astype(float)) > 0
        hidden = pieces.add((status == str(Status.SUPPRESSED)).astype(float)) > 0
        where = hidden & ~absent & (carried["status"][code] == str(Status.MISSING)).to_numpy()
        if not where.any():
            continue
        carried["status"].loc[where, code] = str(Status.SUPPRESSED)
        ends = (0.0, given.what[code].scale if given.what[code].part else np.nan)
        for side, end, pick in zip(("lower", "upper"), ends, ("min", "max"), strict=True):
            told = given["value"][code].fillna(given[side][code]).fillna(end).to_numpy(dtype=float)
            parts = pd.Series(told[pieces.source]).where(status != str(Status.NOT_APPLICABLE))
            extreme = parts.groupby(pieces.target).agg(pick).reindex(range(pieces.n_target)).to_numpy()
            carried[side].loc[where, code] = extreme[where]
    return carried


def _bound(carried: Measures, columns: dict[str, Floats]) -> pd.DataFrame:
    """Return bounds of targets that have a value, hidden or not: of nobody there is nothing to bound."""
    found = _frame(columns, carried["value"].index)
    nothing = carried["status"].isin([str(Status.MISSING), str(Status.NOT_APPLICABLE)])
    return found.mask(nothing)


def _moved(given: Measures, walk: Crosswalk) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return how much of each count came from areas with another code, and how much there is of it in all."""
    pieces = walk.shares.tocoo()
    source, target = pieces.coords
    other = walk.source_ids.to_numpy()[source] != walk.target_ids.to_numpy()[target]
    received, amount = {}, {}
    for code, measure in given.what.items():
        column = {"rate": "denominator", "count": "value"}.get(measure.kind)
        n = np.full(len(given["value"]), np.nan)
        if column is not None:
            nobody = (given["status"][code] == str(Status.NOT_APPLICABLE)).to_numpy()
            n = given[column][code].to_numpy(dtype=float)
            n = np.where(nobody & np.isnan(n), 0.0, n)
        moved = pieces.data * n[source]
        size = len(walk.target_ids)
        received[code] = added(target[other], moved[other], size)
        amount[code] = added(target, moved, size)
    return _frame(received, walk.target_ids), _frame(amount, walk.target_ids)


def _frame(columns: dict[str, Floats], ids: pd.Index) -> pd.DataFrame:
    return pd.DataFrame(columns, index=pd.Index(ids, name=AREA_ID, dtype="str"))
