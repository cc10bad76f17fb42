"""Need as sites are chosen for it: as it stands, and as it may be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lea_geo._checks import check_choice, check_count, check_seed
from lea_geo.targeting.need import Need
from lea_geo.targeting.redraws import LEAST_DRAWS, NOISES, redraws

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Drawn:
    """Need in the order of the area ids."""

    index: pd.Index
    rows: np.ndarray
    """As it stands and, below it, as it is drawn, shape (1 + draws, n)."""
    families: np.ndarray | None
    notes: tuple[str, ...]

    @property
    def need(self) -> np.ndarray:
        """As it stands, shape (n,)."""
        return np.asarray(self.rows[0])

    @classmethod
    def of(
        cls,
        need: pd.Series,
        families: pd.Series | None,
        *,
        kind: str,
        lower: pd.Series | None,
        upper: pd.Series | None,
        noise: str,
        draws: int,
        seed: int,
    ) -> Drawn:
        """Align, check and draw.

        Where all that is known is a count, it is drawn as Gamma with that count as mean and variance: draws
        of areas then add up as those of their sum would, however finely the region is divided, and nobody
        stays nobody.
        """
        known = Need.of(need, families, kind=kind, lower=lower, upper=upper)
        laws = known.laws()
        stands = known.filled("expected", laws)
        check_choice("noise", noise, NOISES)
        if noise == "none" and not known.hidden.any():
            drawn = np.zeros((0, len(stands)))
        elif families is None and noise != "none":
            random = np.random.default_rng(check_seed(seed))
            low, high = known.lower, known.upper
            counts = random.uniform(low, high, (check_count("draws", draws, least=LEAST_DRAWS), len(low)))
            drawn = random.standard_gamma(counts)
        else:
            drawn = redraws(known, laws, noise=noise, draws=draws, seed=seed)
        return cls(known.index, np.vstack([stands[None], drawn]), known.families, known.notes("expected"))

    def shares(self, counted: np.ndarray) -> np.ndarray:
        """Return rows of need that add up to 1 each, where ``counted`` is their part that decides."""
        total = counted.sum(axis=1, keepdims=True)
        return np.asarray(counted / np.where(total > 0, total, 1.0))
