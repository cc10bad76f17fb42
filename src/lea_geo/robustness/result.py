"""What a test of robustness gives back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lea_geo._by_area import ByArea
from lea_geo.robustness.sensitivity import sensitivity_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from lea_geo.composite_spec import CompositeSpec
    from lea_geo.robustness.sensitivity import CompositeSensitivity
    from lea_geo.robustness.trial import Trial
    from lea_geo.robustness_spec import RobustnessSpec

TABLE_COLUMNS = (
    "score",
    "score_mean",
    "score_lower",
    "score_median",
    "score_upper",
    "rank",
    "rank_mean",
    "rank_lower",
    "rank_median",
    "rank_upper",
    "p_worst",
    "p_worst_decile",
    "tier_lower",
    "tier_upper",
    "moved_by",
    "moved_by_code",
    "ranked",
)
"""The columns of ``CompositeRobustness.table``, in this order."""


@dataclass(frozen=True, kw_only=True)
class CompositeRobustness(ByArea):
    """What becomes of an index when its methods and its values could have been others."""

    table: pd.DataFrame
    """Indexed by ``area_id``, with ``TABLE_COLUMNS``: ``score`` and ``rank`` (1 for the highest score) of the
    index as it is stated; their mean, median and 5 % and 95 % quantiles over the runs, the scores of other
    methods stretched onto the stated scale; ``p_worst`` and ``p_worst_decile``, the shares of runs that have
    the area among the worst; ``tier_lower`` and ``tier_upper``, the smallest span of fifths, 1 the one with
    the highest scores, that holds in ``holds`` of the runs; ``moved_by``, the choice that alone moves its
    rank most, and where that is the indicators, ``moved_by_code``, the one without which it moves most;
    ``ranked``, the share of runs that give it a score."""
    tables: Mapping[str, pd.DataFrame]
    """The same for every node that was asked for, by its code; ``table`` is the first."""
    sensitivity: pd.DataFrame
    """Of the first node, indexed by factor: ``choices`` (NaN for numbers drawn), ``rank_shift`` (by how many
    ranks areas move on average when only this differs) and ``moves_most`` (the share of areas that nothing
    else moves as far)."""
    shifts: pd.DataFrame
    """By how many ranks each area moves on average when only one factor differs; of the first node, areas by
    factors."""
    runs: pd.DataFrame
    """What each run chose: ``normalise weights aggregate impute`` in words, and ``left_out``, a code."""
    choices: Mapping[str, tuple[str, ...]]
    """What there was to choose from, the stated choice first."""
    spec: CompositeSpec
    how: RobustnessSpec
    """Every setting, the seed too."""
    notes: tuple[str, ...] = ()
    trial: Trial = field(repr=False, compare=False)
    """What is needed to run the index again."""

    def __repr__(self) -> str:
        sure = int((self.table["p_worst_decile"] >= self.how.holds).sum())
        return (
            f"<CompositeRobustness: {len(self.table)} areas, {self.how.runs} runs, {sure} areas among the "
            f"worst tenth in {self.how.holds:.0%} of them>"
        )

    def sobol(
        self, *, rows: int = 256, workers: int | None = None, progress: bool = False
    ) -> CompositeSensitivity:
        """Return Sobol indices of the same index: :func:`lea_geo.composite_sensitivity`.

        Parameters
        ----------
        rows, workers, progress
            As there.
        """
        return sensitivity_of(self.trial, rows=rows, workers=workers, progress=progress)
