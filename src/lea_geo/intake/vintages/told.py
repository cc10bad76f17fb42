"""What changed between two years, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lea_geo.errors import SHOWN_IDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd

    from lea_geo.intake.support.crosswalk import Crosswalk
    from lea_geo.intake.vintages.carry import Carried
    from lea_geo.intake.vintages.walk import Redrawn

_KM2 = 1e6


def notes_of(
    table: pd.DataFrame,
    links: pd.DataFrame,
    gone: Sequence[str],
    new: Sequence[str],
    *,
    tolerance: float,
    share: float,
) -> tuple[str, ...]:
    """Return what a change table leaves out, and what became of the codes that only one year has."""
    notes = []
    if len(gone):
        notes.append(f"{len(gone)} codes are gone: {shown(_where(table, gone, 'before', 'after', 'to'))}.")
    if len(new):
        notes.append(f"{len(new)} codes are new: {shown(_where(table, new, 'after', 'before', 'from'))}.")
    notes += _about_codes(table)
    drawn = links["area"] - links["ground"]
    if drawn.sum() >= 1:
        notes.append(
            f"{(drawn > 0).sum()} links hold {drawn.sum() / _KM2:.2f} km2 of ground that is only drawn "
            f"otherwise: no circle of {tolerance:g} m fits into a piece of it. It counts as no change."
        )
    listed = table[(table["before"] != "") & (table["after"] != "")]
    slight = links[links["ground"] > 0]
    left = len(slight) - len(listed)
    if left > 0:
        surface = slight["area"].sum() - listed["area"].sum()
        notes.append(
            f"{left} links that are less than {share:.0%} of both their areas are not listed; they hold "
            f"{max(surface, 0.0) / _KM2:.2f} km2."
        )
    return tuple(notes)


def _where(table: pd.DataFrame, codes: Iterable[str], side: str, other: str, word: str) -> list[str]:
    """Return each code with where the most of it went, or came from."""
    linked = table[table[other] != ""].sort_values("area", ascending=False, kind="stable")
    most = linked.drop_duplicates(side).set_index(side)[other]
    return [
        f"{code} ({word} {most[code]})" if code in most.index else f"{code} ({word} nowhere)"
        for code in codes
    ]


def _about_codes(table: pd.DataFrame) -> list[str]:
    """Return the codes that both years have and that stand for other ground, and what is nowhere."""
    both = set(table["before"]) & set(table["after"]) - {""}
    itself = set(table.loc[table["before"] == table["after"], "before"])
    notes = []
    if moved := sorted(both - itself):
        notes.append(
            f"{len(moved)} codes stand for other ground than before and must not be compared: {shown(moved)}."
        )
    for kind, side, where in (("appeared", "after", "earlier"), ("disappeared", "before", "later")):
        rows = table[table["kind"] == kind]
        if len(rows):
            notes.append(
                f"{len(rows)} areas lie partly or wholly in no {where} area "
                f"({rows['area'].sum() / _KM2:.1f} km2): {shown(rows[side])}. "
                "Sea that one year includes and the other does not looks like this."
            )
    return notes


def name_notes(table: pd.DataFrame) -> list[str]:
    """Return the codes whose ground kept its code and got another name."""
    kept = table[(table["kind"] == "unchanged") & (table["name_before"] != table["name_after"])]
    if not len(kept):
        return []
    named = [f"{row.before} ({row.name_before}, now {row.name_after})" for row in kept.itertuples()]
    return [f"{len(kept)} codes kept their ground and have another name: {shown(named)}."]


def shown(ids: Iterable[object]) -> str:
    """Return the first ids, as many as a message shows."""
    names = [str(one) for one in ids]
    return ", ".join(names[:SHOWN_IDS]) + (", …" if len(names) > SHOWN_IDS else "")


def spread_notes(walk: Crosswalk) -> list[str]:
    """Return how much of which areas lies in no target and is counted where the rest of the area is."""
    partly = (walk.lost > 0) & (walk.lost < 1)
    if not partly.any():
        return []
    worst = walk.lost[partly].max()
    told = (
        f"{partly.sum()} of {len(partly)} areas lie partly in none of the others; what lies there was "
        f"counted where the rest of the area is, at most {worst:.1%} of one."
    )
    return [told]


def carry_notes(done: Carried, dropped: Redrawn) -> list[str]:
    """Return what carrying the numbers of one year did, lost and assumed."""
    notes = list(done.notes)
    if dropped.n:
        notes.append(
            f"{dropped.n} pieces between areas are too narrow or too slight to move anybody; what lies there "
            f"stays with the rest of its area, at most {dropped.share.max():.1%} of one."
        )
    lost = done.account["lost_outside"]
    if (lost.abs() > 0).any():
        most = done.account.loc[[lost.abs().idxmax()]]
        gone, total = float(most["lost_outside"].iloc[0]), float(most["total_before"].iloc[0])
        notes.append(f"What lay in no area was left out, most of {most.index[0]}: {gone:g} of {total:g}.")
    if means := done.measures.of_kind("mean"):
        notes.append(
            f"{shown(means)}: averaged by {done.weighed_by} where an area is made of several; an average of "
            "medians is no median of all their people."
        )
    return notes


def resting_notes(rests: pd.Series[float], threshold: float, *, so: str) -> list[str]:
    """Return which areas' figures rest on how a split area divides, and where that is too much to compare.

    Parameters
    ----------
    rests
        By area, the share of its people that does: of several columns the median.
    threshold
        What is too much.
    so
        What follows where it is.
    """
    notes = []
    if (rests > 0).any():
        notes.append(
            f"The figures of {(rests > 0).sum()} of {len(rests)} areas rest on how the people of a split "
            f"area lie within it: {shown(_worst(rests))}."
        )
    if (rests > threshold).any():
        far = rests[rests > threshold]
        notes.append(
            f"In {len(far)} of {len(rests)} areas more than {threshold:.0%} of the people do, {so}: "
            f"{shown(_worst(far))}."
        )
    return notes


def _worst(rests: pd.Series[float]) -> list[str]:
    found = rests[rests > 0].sort_values(ascending=False, kind="stable")
    return [f"{area_id} ({share:.0%})" for area_id, share in found.items()]
