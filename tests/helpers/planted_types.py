"""Areas of planted types: compositions whose true kinds are known, seen through counts of stated sizes."""

import numpy as np
import pandas as pd

from lea_geo.typology.log_ratio import ilr, ilr_inverse, pivot_basis

BASE = np.array([0.35, 0.25, 0.2, 0.15, 0.05])
NAMES = list("abcde")


def planted(
    seed: int,
    k: int,
    *,
    n: int = 48,
    apart: float = 1.2,
    within: float = 0.15,
    sizes: tuple[int, int] = (200, 3000),
) -> tuple[pd.DataFrame, np.ndarray]:
    """Return counts of five parts, and each area's type.

    Any two types lie ``apart`` in Aitchison's distance; areas of one differ by ``within`` in each direction.
    """
    rng = np.random.default_rng(seed)
    basis = pivot_basis(5)
    centres = ilr(BASE, basis) + apart / np.sqrt(2) * np.eye(4)[:k] * (k > 1)
    labels = np.arange(n) % k
    true = centres[labels] + rng.normal(scale=within, size=(n, 4))
    people = np.exp(rng.uniform(*np.log(sizes), size=n)).astype(int)
    counts = rng.multinomial(people, ilr_inverse(true, basis))
    ids = pd.Index([f"{i:03d}" for i in range(n)], name="area_id")
    return pd.DataFrame(counts, index=ids, columns=NAMES), labels
