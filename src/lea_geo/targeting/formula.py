"""The formula that money follows: kinds of need added up, and what stands for each of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo._checks import check_choice
from lea_geo._checks.allocation import (
    check_kinds_of_need,
    check_multiplier,
    check_per_family,
    check_power,
)
from lea_geo.targeting.need import Need
from lea_geo.targeting.redraws import expected, redraws
from lea_geo.targeting.terms import COMBINES, ESTIMATES

if TYPE_CHECKING:
    from lea_geo.targeting.problem import Given
    from lea_geo.targeting.terms import Terms


@dataclass(frozen=True)
class Kind:
    """One kind of need: its counts, what stands for them, and how much it counts."""

    name: str
    need: Need
    known: np.ndarray
    """Counts, hidden ones as the rule says, shape (n,)."""
    used: np.ndarray
    """What money follows: the counts, or the need expected behind them."""
    weight: float


@dataclass(frozen=True)
class Formula:
    """How need becomes a weight: ``m_i n_i (z_i / n_i)^power``, z the weighted sum of the kinds of need."""

    kinds: tuple[Kind, ...]
    combine: str
    power: float
    multiplier: np.ndarray

    @classmethod
    def of(cls, given: Given, terms: Terms) -> Formula:
        """Align and check."""
        check_choice("estimate", terms.estimate, ESTIMATES)
        per = ("fixed_per_family", "floor_per_family", "cap_per_family", "least_families")
        check_per_family({name: getattr(terms, name) for name in per}, given.families)
        weights = check_kinds_of_need(given.need, terms.weights, terms.combine, COMBINES)
        kinds = []
        for name, weight in weights.items():
            need = given.need[name] if isinstance(given.need, pd.DataFrame) else given.need
            lower, upper = (_column(one, name) for one in (given.lower, given.upper))
            counted = Need.of(need, given.families, kind=given.kind, lower=lower, upper=upper)
            laws = counted.laws() if counted.hidden.any() or terms.estimate == "expected" else None
            known = counted.filled(given.hidden, laws)
            used = expected(counted, laws, known) if terms.estimate == "expected" else known
            kinds.append(Kind(name, counted, known, used, weight))
        power = check_power(terms.power, given.families)
        return cls(
            tuple(kinds), terms.combine, power, check_multiplier(terms.multiplier, kinds[0].need.index)
        )

    @property
    def index(self) -> pd.Index:
        """Area ids, in their own order."""
        return self.kinds[0].need.index

    @property
    def families(self) -> np.ndarray | None:
        """All families, shape (n,), where they are given."""
        return self.kinds[0].need.families

    @property
    def need(self) -> np.ndarray:
        """All need that money follows, as counts, shape (n,)."""
        return np.asarray(sum(kind.used for kind in self.kinds))

    def weights(self, counts: list[np.ndarray]) -> np.ndarray:
        """Return the weights that counts of each kind (..., n) make."""
        total = np.zeros(counts[0].shape)
        for kind, count in zip(self.kinds, counts, strict=True):
            if self.combine == "shares":
                whole = count.sum(axis=-1, keepdims=True)
                count = np.divide(count, whole, out=np.zeros_like(count), where=whole > 0)  # noqa: PLW2901
            total = total + kind.weight * count
        if self.power != 1.0:
            families = np.maximum(self.kinds[0].need.lived, 1e-300)
            total = families * (total / families) ** self.power
        return np.asarray(total * self.multiplier)

    def drawn(self, *, noise: str, draws: int, seed: int) -> np.ndarray:
        """Return weights of draws of the true need, shape (draws, n); kinds of need are drawn apart."""
        counts = []
        for place, kind in enumerate(self.kinds):
            laws = kind.need.laws() if noise == "joint" or kind.need.hidden.any() else None
            counts.append(redraws(kind.need, laws, noise=noise, draws=draws, seed=seed + place))
        return self.weights(counts)

    def at_bounds(self, i: int, *, least: bool) -> np.ndarray:
        """Return the weights (n,) at which area i gets least or most of what hidden counts allow."""
        counts = []
        for kind in self.kinds:
            low, high = (kind.need.lower, kind.need.upper) if least else (kind.need.upper, kind.need.lower)
            hidden = np.where(np.arange(len(low)) == i, low, high)
            counts.append(np.where(kind.need.hidden, hidden, kind.used))
        return self.weights(counts)


def _column(given: pd.Series | pd.DataFrame | None, name: str) -> pd.Series | None:
    return given.get(name) if isinstance(given, pd.DataFrame) else given
