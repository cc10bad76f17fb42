"""Fields of pure noise and fields with a planted cluster, on a lattice with holes.

``RandomState`` never changes its numbers (numpy's NEP 19), so that what other programs found in these fields,
stored under ``tests/golden/power``, stays comparable.
"""

import numpy as np

SIDE, HOLES = 12, 8
"""126 cells: those of 12 x 12 but every eighth."""
LEVEL = 0.05
DESIGNS = ("gaussian 1.5", "gaussian 2.5", "counts", "heavy tailed")
FIELDS = 150
"""Of each design."""


def cells() -> tuple[np.ndarray, np.ndarray]:
    """Return row and column of the cells that ``small_maps.square(SIDE, HOLES)`` has, in its order."""
    place = np.arange(SIDE**2)
    row, column = np.divmod(place[place * 7 % HOLES != 0], SIDE)
    return row, column


def noise(kind: str, seed: int, n: int) -> np.ndarray:
    """Return one field without any pattern.

    ``gaussian`` and ``heavy tailed`` (log-normal, values up to 50 times the median) are short decimals, as
    published rates are, and their sums are hardly ever tied; of the ``counts`` more than half are 0.
    """
    random = np.random.RandomState(seed)
    if kind == "counts":
        return random.poisson(0.6, n).astype(float)
    bell = random.normal(size=n)
    return bell.round(2) if kind == "gaussian" else np.exp(1.3 * bell).round(1)


def planted(design: str, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return a field in which the cells of one corner region are raised, and which cells those are."""
    row, column = cells()
    inside = (row >= 2) & (row <= 5) & (column >= 2) & (column <= 5)
    kind, _, size = design.partition(" ")
    field = noise(design if design in ("counts", "heavy tailed") else kind, seed, len(row))
    if design == "counts":
        extra = np.random.RandomState(10_000 + seed).poisson(1.5, len(row))
        return field + np.where(inside, extra, 0), inside
    if design == "heavy tailed":
        return np.where(inside, field * 5, field).round(1), inside
    return np.where(inside, field + float(size), field).round(2), inside
