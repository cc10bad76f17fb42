"""Least squares and its diagnostics by spreg, on numbers in good order: aligned, complete, of one scale.

spreg inverts X'X as it is; euros beside shares would cost it half of its digits, so columns are scaled before
and coefficients after. Its deprecation warnings and prints concern nobody here.
"""

from __future__ import annotations

import warnings
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from io import StringIO
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lea_geo.spatial.graph import AreaGraph


@contextmanager
def quiet() -> Iterator[None]:
    """Keep a library's warnings and prints to itself."""
    with warnings.catch_warnings(), redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        warnings.simplefilter("ignore")
        yield


def ols(y: np.ndarray, x: np.ndarray, graph: AreaGraph | None) -> tuple[Any, np.ndarray]:
    """Return spreg's ordinary least squares with its diagnostics, and what each column was divided by."""
    from spreg import OLS  # noqa: PLC0415 - it takes seconds to import

    scale = np.sqrt(np.mean(x**2, axis=0))
    with quiet():
        w = None if graph is None else graph.transform("row").to_libpysal().to_W()
        return OLS(y[:, None], x / scale, w=w, spat_diag=w is not None, moran=w is not None), scale
