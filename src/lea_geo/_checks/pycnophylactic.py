"""Mass that is smoothed over borders: what it must be, and how far the smoothing may go."""

from __future__ import annotations

from numbers import Real
from typing import TYPE_CHECKING

import numpy as np

from lea_geo._checks.options import check_count
from lea_geo.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from numpy.typing import NDArray

    from lea_geo._checks.faults import Faults


def check_smoothing(cell_size: object, iterations: int, convergence: object) -> None:
    """Refuse sizes and bounds that are no numbers above 0."""
    check_count("iterations", iterations)
    for name, value in (("cell_size", cell_size), ("convergence", convergence)):
        if value is None and name == "cell_size":
            continue
        if isinstance(value, bool) or not isinstance(value, Real) or not 0 < float(value) < np.inf:
            raise UsageError(f"{name} is {value!r}; it must be a number above 0.")


def check_extensive(kinds: Mapping[str, str]) -> None:
    """Refuse to smooth what does not add up."""
    means = [name for name, kind in kinds.items() if kind != "extensive"]
    if means:
        raise UsageError(
            f"method='pycnophylactic' smooths what adds up, but {', '.join(means)} does not (intensive); "
            "carry its numerator and its denominator, and divide."
        )


def check_cells(count: int, side: float, most: int) -> None:
    """Refuse more cells than can be smoothed in reasonable time."""
    if count > most:
        raise UsageError(
            f"cell_size is {side:g}, which makes {count} cells, more than {most}; use a larger one."
        )


def note_below_zero(faults: Faults, name: str, numbers: NDArray[np.float64], ids: pd.Index) -> None:
    """Note values below zero: there is no density of them."""
    below = numbers < 0
    if below.any():
        faults.add(
            f"negative {name}, which method='pycnophylactic' cannot smooth", ids=ids[below], of=len(ids)
        )
