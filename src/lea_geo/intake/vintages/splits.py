"""What an even spread within split areas could get wrong: bounds that hold however their people lie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo.intake.support.meeting import added
from lea_geo.schema import Status

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lea_geo.intake.support.crosswalk import Crosswalk
    from lea_geo.intake.vintages.measures import Measure, Measures

    Floats = NDArray[np.float64]
    Places = NDArray[np.intp]

_WHOLE = 1e-9


@dataclass(frozen=True)
class Pieces:
    """Every source with every target that it gives something to; all in the same order."""

    source: Places
    target: Places
    share: Floats
    """Of the source's mass, 0 to 1."""
    n_target: int
    people: Floats | None = None
    """How many people the weights count in the piece; None where nobody counted."""
    rest: Floats | None = None
    """How many they count in the rest of its source."""

    @property
    def split(self) -> NDArray[np.bool_]:
        """Which are only a part of their source."""
        return np.asarray(self.share < 1 - _WHOLE)

    def add(self, amounts: Floats) -> Floats:
        """Return the sum of the pieces of each target, NaN where one of them is."""
        return added(self.target, amounts, self.n_target)

    @classmethod
    def of(cls, walk: Crosswalk, *, counted: bool) -> Pieces:
        """Return the pieces of a crosswalk; ``counted`` says whether its mass is people."""
        found = walk.shares.tocoo()
        source, target = found.coords
        people = rest = None
        if counted:
            people = found.data * walk.source_mass[source]
            rest = np.maximum(walk.source_mass[source] - people, 0.0)
        return cls(
            source.astype(np.intp), target.astype(np.intp), found.data, walk.shares.shape[1], people, rest
        )


def part_bounds(low: Floats, high: Floats, pieces: Pieces, *, counted: bool) -> tuple[Floats, Floats]:
    """Return the least and the most of a count that can lie in each piece.

    A piece that is all of its source has all of the count. Any other has between nothing and all of it
    and, where the weights count people and the count is of people, no more than live there and no less than
    the count minus those who live in the rest of the source.

    Parameters
    ----------
    low, high
        What the count of each piece's source is at least and at most; the same number where it is known.
    pieces
        Sources and targets.
    counted
        Whether this count is of people whom ``pieces`` count.
    """
    least, most = np.zeros_like(low), high.copy()
    if counted and pieces.people is not None and pieces.rest is not None:
        least, most = np.maximum(low - pieces.rest, 0.0), np.minimum(high, pieces.people)
        # The weights count fewer people than the table does: they bound nothing.
        odd = (least > most) | (high > pieces.people + pieces.rest)
        least, most = np.where(odd, 0.0, least), np.where(odd, high, most)
    split = pieces.split
    return np.where(split, least, low), np.where(split, most, high)


def split_bounds(code: str, given: Measures, pieces: Pieces, *, counted: bool) -> tuple[Floats, Floats]:
    """Return the least and the largest value that each target can have, however split areas divide.

    NaN where nothing bounds it: a mean or a median of a part of an area can be anything.
    """
    measure = given.what[code]
    if measure.kind == "rate":
        return _rate(code, given, pieces, measure, counted=counted)
    low, high = _known(given, code, pieces)
    if measure.kind == "mean":
        return _mean(low, high, pieces)
    if np.nanmin(low, initial=0.0) < 0:
        # A part of a balance can exceed the whole on either side.
        low, high = (np.where(pieces.split, np.nan, side) for side in (low, high))
        return pieces.add(low), pieces.add(high)
    least, most = part_bounds(low, high, pieces, counted=counted)
    return pieces.add(least), pieces.add(most)


def _known(given: Measures, code: str, pieces: Pieces) -> tuple[Floats, Floats]:
    """Return the bounds of each piece's source: its value where it has one; NaN where nothing is known."""
    value, nobody = given["value"][code], given["status"][code] == str(Status.NOT_APPLICABLE)
    if given.what[code].kind == "count":
        value = value.mask(nobody & value.isna(), 0.0)
    return tuple(  # type: ignore[return-value]
        value.fillna(given[side][code]).to_numpy(dtype=float)[pieces.source] for side in ("lower", "upper")
    )


def _mean(low: Floats, high: Floats, pieces: Pieces) -> tuple[Floats, Floats]:
    """Return the least and the largest of whole sources; a part of a source bounds nothing."""
    held = pd.DataFrame({"target": pieces.target, "low": low, "high": high})
    held = held.mask(pd.Series(pieces.split), np.nan).assign(target=pieces.target)
    by = held.groupby("target")
    whole = by["low"].count() == by["low"].size()
    least = by["low"].min().where(whole).reindex(range(pieces.n_target))
    most = by["high"].max().where(by["high"].count() == by["high"].size()).reindex(range(pieces.n_target))
    return least.to_numpy(), most.to_numpy()


def _rate(
    code: str, given: Measures, pieces: Pieces, measure: Measure, *, counted: bool
) -> tuple[Floats, Floats]:
    """Return the extremes of the sum of numerators over the sum of denominators.

    Where the numerator is a part of the denominator, one more of it in a piece is one more of both, which
    raises a rate that is below 1: the rate is highest where each piece has as much of the numerator as it
    can and no more of the rest than it must, and lowest the other way round.
    """
    nobody = (given["status"][code] == str(Status.NOT_APPLICABLE)).to_numpy()[pieces.source]
    whole = np.where(nobody, 0.0, given["denominator"][code].to_numpy(dtype=float)[pieces.source])
    low, high = (np.where(nobody, 0.0, side) for side in _parts(code, given, pieces, measure, whole))
    least, most = part_bounds(low, high, pieces, counted=counted)
    fewest, largest = part_bounds(whole, whole, pieces, counted=counted)
    if measure.part:
        fewest = np.maximum(fewest, most)
        largest = np.minimum(largest, whole - low + least)
    with np.errstate(invalid="ignore", divide="ignore"):
        bottom = measure.scale * pieces.add(least) / pieces.add(largest)
        top = measure.scale * pieces.add(most) / pieces.add(fewest)
    if measure.part:
        top = np.where(np.isnan(top), measure.scale, top)
        return np.nan_to_num(bottom, nan=0.0), np.minimum(top, measure.scale)
    return np.nan_to_num(bottom, nan=0.0), np.where(np.isfinite(top), top, np.nan)


def _parts(
    code: str, given: Measures, pieces: Pieces, measure: Measure, whole: Floats
) -> tuple[Floats, Floats]:
    """Return the bounds of each source's numerator: those of its rate times its denominator, where hidden."""
    part = given["numerator"][code].to_numpy(dtype=float)[pieces.source]
    ends = (np.zeros_like(whole), whole if measure.part else np.full_like(whole, np.nan))
    found = []
    for side, end in zip(("lower", "upper"), ends, strict=True):
        rate = given[side][code].to_numpy(dtype=float)[pieces.source]
        told = np.where(np.isnan(rate), end, rate / measure.scale * whole)
        found.append(np.where(np.isnan(part), told, part))
    return found[0], found[1]


def resting(code: str, given: Measures, pieces: Pieces, mass: Floats) -> Floats:
    """Return the share of each target's people (or count) whose place rests on how a split area divides.

    Of a piece that is a share s of its source it is ``min(s, 1 - s)`` of the source: what would lie elsewhere
    if nobody lived in the smaller part. 0 where every source is whole.

    Parameters
    ----------
    code, given
        The column. People are the denominators of rates, the counts themselves, and ``mass`` otherwise.
    pieces
        Sources and targets.
    mass
        Shape (n_source,): what to go by where the column has no counts.
    """
    column = {"rate": "denominator", "count": "value"}.get(given.what[code].kind)
    counts = mass if column is None else np.abs(given[column][code].to_numpy(dtype=float))
    counts = np.nan_to_num(np.where(np.isnan(counts).all(), mass, counts), nan=0.0)
    amount = counts[pieces.source]
    rests = pieces.add(np.where(pieces.split, np.minimum(pieces.share, 1 - pieces.share), 0.0) * amount)
    total = pieces.add(pieces.share * amount)
    return np.divide(rests, total, out=np.zeros(pieces.n_target), where=total > 0)
