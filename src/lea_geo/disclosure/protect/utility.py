"""What a protection costs: people and areas hidden, coarser squares, and a pattern that is not there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lea_geo._checks import check_choice
from lea_geo._checks.disclosure_protect import check_aligned
from lea_geo.schema import AREA_ID, Label
from lea_geo.spatial.global_statistics import global_moran
from lea_geo.spatial.local_moran import local_moran

if TYPE_CHECKING:
    from libpysal.graph import Graph

    from lea_geo.spatial.graph import AreaGraph


@dataclass(frozen=True, kw_only=True)
class UtilityLost:
    """What a protection costs, measured by who holds the true values; not for the release."""

    table: pd.DataFrame
    """Indexed by ``area_id``: ``before after`` (values), ``label_before label_after`` (of local Moran)."""
    people: float
    """How many people there are in all areas."""
    people_hidden: float
    """How many of them live where nothing is published."""
    areas: int
    """How many areas had a value."""
    areas_hidden: int
    """How many of them have none any more."""
    side_before: float
    """The side of the square that a person's area would make, on average over the people; metres, NaN where
    no sides were given."""
    side_after: float
    """The same of what is published, over those who are not hidden."""
    moran_before: float
    """Global Moran's I of the true values."""
    moran_after: float
    """The same of the published ones: what somebody finds who computes it again from the release."""
    hot_before: int
    """How many areas of the true values are labelled High-High."""
    hot_after: int
    """How many areas of the published values are."""
    hot_overlap: float
    """Areas in both of those sets, as a share of those in either (Jaccard), 0 to 1; NaN where none are."""
    fdr: float
    correction: str
    transform: str

    @property
    def moran_change(self) -> float:
        """How far Moran's I is carried."""
        return self.moran_after - self.moran_before


def utility_lost(
    before: pd.Series,
    after: pd.Series,
    graph: AreaGraph | Graph,
    *,
    people: pd.Series,
    side: pd.Series | None = None,
    side_after: pd.Series | None = None,
    fdr: float = 0.05,
    correction: str = "bh",
    transform: str = "row",
) -> UtilityLost:
    """Hold what is published against what is true: how much is gone, and what it would mislead to.

    Parameters
    ----------
    before
        The true values by ``area_id``; NaN where there are none.
    after
        What is published of the same areas; NaN where it is hidden. Where areas are merged, each has the
        value of the region or square that it lies in.
    graph
        Who is whose neighbour, of the same areas.
    people
        How many live in each area.
    side
        The side of each area, in metres; of any shape, the square root of its surface.
    side_after
        The side of what is published in its place; left out, ``side``.
    fdr, correction
        Of the labels of local Moran; see :func:`~lea_geo.spatial.local_moran.local_moran`.
    transform
        Weights: ``"row"``, ``"binary"`` or ``"original"``.

    Returns
    -------
    UtilityLost
        Statistics *recomputed* from ``after``. Where they differ from those of ``before``, that is what a
        reader of the release would get wrong: compute statistics inside, before protection, and publish
        their labels.

    Raises
    ------
    UsageError, ValuesError
        If ids differ, or values are such that no statistic can take them.
    """
    check_aligned(before, {"after": after, "people": people, "side": side, "side_after": side_after})
    ids = before.index
    after, people = after.reindex(ids), people.reindex(ids)
    options: dict[str, Any] = {"fdr": fdr, "correction": correction, "transform": transform}
    labels = [local_moran(values, graph, **options).table["label"].reindex(ids) for values in (before, after)]
    hot = [label == Label.HIGH_HIGH for label in labels]
    either = int((hot[0] | hot[1]).sum())
    known, shown = before.notna(), after.notna()
    own = side if side is None else side.reindex(ids)
    other = own if side_after is None else side_after.reindex(ids)
    columns = {"before": before, "after": after, "label_before": labels[0], "label_after": labels[1]}
    return UtilityLost(
        table=pd.DataFrame(columns, index=ids.rename(AREA_ID)),
        people=float(people.sum()),
        people_hidden=float(people[known & ~shown].sum()),
        areas=int(known.sum()),
        areas_hidden=int((known & ~shown).sum()),
        side_before=_mean_side(own, people, known),
        side_after=_mean_side(other, people, known & shown),
        moran_before=_moran(before, graph, transform),
        moran_after=_moran(after, graph, transform),
        hot_before=int(hot[0].sum()),
        hot_after=int(hot[1].sum()),
        hot_overlap=int((hot[0] & hot[1]).sum()) / either if either else np.nan,
        fdr=fdr,
        correction=correction,
        transform=transform,
    )


def account_of(
    table: pd.DataFrame, kind: str, shown: str, graph: AreaGraph | Graph, *, fdr: float, correction: str
) -> UtilityLost:
    """Return the account of one kind of areas in a table by kind and id: its counts against a column."""
    kinds = table.index.str.split(" ", n=1).str[0]
    check_choice("kind", kind, sorted(set(kinds)))
    rows = table[kinds == kind]
    rows = rows.set_axis(rows.index.str.removeprefix(f"{kind} ")).astype({"count": float, shown: float})
    people = rows["count"]
    return utility_lost(people, rows[shown], graph, people=people, fdr=fdr, correction=correction)


def _moran(values: pd.Series, graph: AreaGraph | Graph, transform: str) -> float:
    return float(global_moran(values, graph, permutations=0, transform=transform).statistic)


def _mean_side(side: pd.Series | None, people: pd.Series, among: pd.Series) -> float:
    if side is None or not people[among].sum():
        return float("nan")
    return float((side[among] * people[among]).sum() / people[among].sum())
