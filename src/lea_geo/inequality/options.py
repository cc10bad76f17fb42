"""What every measure of inequality can be told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

from lea_geo._checks.options import check_choice, check_count, check_fraction, check_seed
from lea_geo.rates.counts import RATE_KINDS

if TYPE_CHECKING:
    import pandas as pd

RUNS = 999
"""How many draws an interval is made of."""


class Options(TypedDict, total=False):
    """What every measure of inequality can be told, all by name.

    numerator, denominator
        The counts that the values are made of, indexed by ``area_id``: value = scale * numerator /
        denominator, with one scale for all areas. With them the interval holds the noise of small numbers.
    kind
        ``"proportion"`` (default) where the numerator is part of the denominator, ``"rate"`` otherwise.
    standard_error
        Of the values, indexed by ``area_id``, where there are no counts.
    status
        One of ``schema.Status`` an area; left out, NaN is missing and everything else observed.
    level
        Coverage of the intervals, between 0 and 1; 0.95.
    resample
        Whether the interval is about areas of which these are a sample: then areas are drawn again, too.
        Left out, only where nothing is known of the noise in the values.
    runs
        Draws that an interval is made of; 999.
    seed
        Of the draws; the same seed gives the same numbers whatever the order of the areas.
    """

    numerator: pd.Series | None
    denominator: pd.Series | None
    kind: str
    standard_error: pd.Series | None
    status: pd.Series | None
    level: float
    resample: bool | None
    runs: int
    seed: int


@dataclass(frozen=True)
class Settings:
    """How intervals are made."""

    level: float = 0.95
    resample: bool | None = None
    runs: int = RUNS
    seed: int = 0

    @classmethod
    def of(cls, options: Options) -> Settings:
        """Return those of ``options``, checked."""
        return cls(
            check_fraction("level", options.get("level", 0.95)),
            options.get("resample"),
            check_count("runs", options.get("runs", RUNS), least=99),
            check_seed(options.get("seed", 0)),
        )


def kind_of(options: Options) -> str:
    """Return what chance makes of the counts."""
    return check_choice("kind", options.get("kind", "proportion"), RATE_KINDS)
