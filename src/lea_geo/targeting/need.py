"""Families in need by area, aligned by id, with bounds where their number is hidden."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lea_geo._checks import check_choice
from lea_geo._checks.targeting import check_need
from lea_geo.rates.counts import RATE_KINDS
from lea_geo.schema import AREA_ID
from lea_geo.targeting.law import Laws, Within, likely_laws, log_chance

if TYPE_CHECKING:
    import pandas as pd

HIDDEN_RULES = ("expected", "midpoint")
"""What stands for a hidden count: what the law of all areas' rates expects between its bounds, or the middle
of them."""


@dataclass(frozen=True)
class Need:
    """Families in need, in the order of the area ids, so that no result depends on the order given."""

    index: pd.Index
    counts: np.ndarray
    """NaN where hidden, shape (n,)."""
    families: np.ndarray | None
    lower: np.ndarray
    upper: np.ndarray
    """What bounds the counts; the counts themselves where they are known."""
    kind: str

    @classmethod
    def of(
        cls,
        need: pd.Series,
        families: pd.Series | None = None,
        *,
        kind: str = "proportion",
        lower: pd.Series | None = None,
        upper: pd.Series | None = None,
    ) -> Need:
        """Align and check."""
        check_choice("kind", kind, RATE_KINDS)
        found = check_need(need, families, lower, upper, proportion=kind == "proportion")
        return cls(found[0].rename(AREA_ID), *found[1:], kind)

    @property
    def hidden(self) -> np.ndarray:
        """Areas whose count is not known, shape (n,)."""
        return np.asarray(np.isnan(self.counts))

    @property
    def lived(self) -> np.ndarray:
        """All families; for those who have made sure that they are given."""
        assert self.families is not None  # noqa: S101 - refused at the edge
        return self.families

    @property
    def inhabited(self) -> np.ndarray:
        """Areas with families, shape (n,); all where families are not given."""
        return np.ones(len(self.index), bool) if self.families is None else self.families > 0

    def laws(self) -> Laws | None:
        """Return the laws of rates that known counts allow; None without families or known counts."""
        if self.families is None:
            return None
        known = ~self.hidden & self.inhabited
        if not known.any():
            return None
        hidden = Within(*(one[self.hidden] for one in (self.lower, self.upper, self.families)))
        return likely_laws(self.counts[known], self.families[known], self.kind, hidden)

    def filled(self, rule: str, laws: Laws | None) -> np.ndarray:
        """Return the counts, a hidden one replaced as the rule says: within its bounds, and never just 0."""
        check_choice("hidden", rule, HIDDEN_RULES)
        counts = np.where(self.hidden, (self.lower + self.upper) / 2, self.counts)
        if rule == "expected" and laws is not None and self.families is not None:
            for i in np.flatnonzero(self.hidden).tolist():
                values, chance = self.possible(i, laws)
                counts[i] = values @ chance
        return counts

    def possible(self, i: int, laws: Laws) -> tuple[np.ndarray, np.ndarray]:
        """Return the counts that area i can hide, and the chance of each by the likeliest law."""
        values = np.arange(np.ceil(self.lower[i]), np.floor(self.upper[i]) + 1)
        if not len(values):  # bounds with no whole number between them
            values = np.array([(self.lower[i] + self.upper[i]) / 2])
        at, people = int(np.argmax(laws.weight)), self.lived[i]
        mean, strength = laws.mean[at], laws.strength[at]
        law = (
            (mean * strength, (1 - mean) * strength)
            if self.kind == "proportion"
            else (strength, strength / mean)
        )
        height = log_chance(values, people, law, self.kind)
        chance = np.exp(height - height.max())
        return values, chance / chance.sum()

    def notes(self, rule: str) -> tuple[str, ...]:
        """Return what must be said of hidden counts and of areas without families."""
        said, n = [], len(self.index)
        if self.hidden.any():
            stood = (
                "what the rates of the other areas let expect between its bounds"
                if rule == "expected" and self.families is not None
                else "the middle of its bounds"
            )
            said.append(
                f"The need of {self.hidden.sum()} of {n} areas is hidden: {stood} stands for it, never 0, "
                "and intervals allow for all that it may be."
            )
        if not self.inhabited.all():
            said.append(f"{(~self.inhabited).sum()} of {n} areas have no families and so no need.")
        return tuple(said)
