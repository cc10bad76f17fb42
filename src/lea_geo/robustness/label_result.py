"""What is said of every label."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from lea_geo._by_area import ByArea
from lea_geo._checks import check_choice
from lea_geo.schema import result_column

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class LabelRobustness(ByArea):
    """Shares of runs, and a verdict on every label, with every setting that decided them."""

    table: pd.DataFrame
    """Indexed by ``area_id`` in the order of the values; for several statistics every column led by the
    statistic's name, as ``schema.result_column`` does. Columns:

    ``label``
        As stated: one of ``schema.Label``.
    ``share``
        Share of runs, over all that was looked at, that give this label; NaN where it says nothing.
    ``share_high_high share_low_low share_high_low share_low_high share_not_significant``
        The share of runs with each label; they add up to 1.
    ``verdict``
        One of ``schema.VERDICTS``, ``depends_on`` what it names, a space between words of
        ``schema.DEPENDS``.
    ``p_hot``
        Share of runs with High-High under the stated choices alone: the probability, in the light of noise,
        that the area is a hot spot.
    ``holds_everywhere holds_nearby``
        Whether it is proved that the label is the same for all values of all hidden areas, and of its own
        hidden neighbours with everything else held.
    ``hidden_changes``
        Whether admissible values were found that change it."""
    within: Mapping[str, pd.DataFrame]
    """For each statistic, the share of runs with the label stated under every setting: a row an area, a
    column a setting (``"as stated"``, ``"graph: knn"`` ...)."""
    statistics: tuple[str, ...]
    judged: tuple[str, ...]
    """Which of ``schema.DEPENDS`` were looked at; a verdict says nothing of the others."""
    runs: Mapping[str, int]
    """How many runs each setting had."""
    seed: int
    noise: str
    """The model of noise, where there were counts."""
    hidden: str
    """For which hidden values a firm label holds: ``everywhere`` or ``nearby``."""
    law: str
    agreement: Mapping[str, float]
    """For each statistic, the share of areas that the law of the runs labels as the stated law does."""
    method: str
    transform: str
    fdr: float
    correction: str
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        counted = [f"{name}: {self._told(name)}" for name in self.statistics]
        return f"<LabelRobustness: {len(self.table)} areas; {'; '.join(counted)}>"

    def _told(self, statistic: str) -> str:
        verdict = self.of(statistic)["verdict"].value_counts()
        return ", ".join(f"{verdict.get(word, 0)} {word}" for word in ("firm", "depends", "unsure"))

    def of(self, statistic: str) -> pd.DataFrame:
        """Return the table of one statistic, its columns without the statistic's name."""
        check_choice("statistic", statistic, self.statistics)
        if len(self.statistics) == 1:
            return self.table
        lead = result_column(statistic, "")
        mine = self.table.columns[self.table.columns.str.startswith(lead)]
        return self.table[mine].rename(columns=lambda name: str(name).removeprefix(lead))

    def study_columns(self) -> pd.DataFrame:
        """Return what findings hold of every statistic: its ``share``, ``verdict`` and ``depends_on``.

        The columns are named as ``schema.result_column`` names them.
        """
        kept = {
            result_column(name, column): self.of(name)[column]
            for name in self.statistics
            for column in ("share", "verdict", "depends_on")
        }
        return pd.DataFrame(kept)
