"""A gradient-boosted model and a linear one, trained on some places and tested on others."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from lea_geo.drivers.folds import one_core, splits
from lea_geo.drivers.spreg_fits import quiet

if TYPE_CHECKING:
    from lea_geo.spatial.graph import AreaGraph

ITERATIONS = 120
RATE = 0.06
DEPTH = 3
GRID = 12
"""Values of a driver at which partial dependence is taken: quantiles between these shares."""
GRID_ENDS = (0.05, 0.95)


@dataclass(eq=False)
class Tested:
    """Sums over the areas of each fold, by repeat: all lists have an entry for each fold that was tested."""

    repeat: list[int] = field(default_factory=list)
    error: list[float] = field(default_factory=list)
    """Squared errors of the model."""
    baseline: list[float] = field(default_factory=list)
    """Squared differences from the mean of all areas: the same yardstick for every model and kind of
    folds."""
    more: list[np.ndarray] = field(default_factory=list)
    """How much larger the error is with each group of drivers shuffled, shape (groups,)."""
    curves: list[np.ndarray] = field(default_factory=list)
    """Predictions added up over areas with a driver set to each value of its grid, shape (drivers, grid)."""
    size: list[int] = field(default_factory=list)


class Linear:
    """Least squares with the constant, singular or not."""

    def fit(self, x: np.ndarray, y: np.ndarray) -> Linear:
        """Learn."""
        self.mean, self.spread = x.mean(axis=0), np.where(x.std(axis=0) > 0, x.std(axis=0), 1.0)
        self.level = float(y.mean())
        self.slopes = np.linalg.lstsq((x - self.mean) / self.spread, y - self.level, rcond=None)[0]
        return self

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Foretell."""
        return np.asarray(self.level + ((x - self.mean) / self.spread) @ self.slopes)


def boosted(n: int, seed: int) -> Any:  # noqa: ANN401 - scikit-learn ships no types
    """Return an untrained gradient-boosted model for some number of areas."""
    from sklearn.ensemble import HistGradientBoostingRegressor  # noqa: PLC0415 - takes seconds

    return HistGradientBoostingRegressor(
        max_iter=ITERATIONS,
        learning_rate=RATE,
        max_depth=DEPTH,
        min_samples_leaf=int(np.clip(n // 20, 3, 20)),
        l2_regularization=1.0,
        early_stopping=False,
        random_state=seed % 2**32,
    )


def try_linear(
    x: np.ndarray, y: np.ndarray, folds: np.ndarray, links: AreaGraph | None, buffer: int
) -> Tested:
    """Train and test the linear model on every fold of every repeat."""
    found = Tested()
    for repeat, fold in enumerate(folds):
        for learnt, tested in splits(fold, links, buffer):
            _add(found, repeat, Linear().fit(x[learnt], y[learnt]).predict(x[tested]), y, tested)
    return found


def try_boosted(
    x: np.ndarray,
    y: np.ndarray,
    folds: np.ndarray,
    links: AreaGraph | None,
    buffer: int,
    seed: int,
    *,
    groups: tuple[tuple[int, ...], ...] = (),
    shuffles: int = 0,
) -> Tested:
    """Train and test the boosted model; with ``groups`` also shuffle each and vary each driver."""
    found, grids = Tested(), grid_of(x)
    with one_core(), quiet():
        for repeat, fold in enumerate(folds):
            random = np.random.Generator(
                np.random.Philox(key=np.array([seed, repeat + 2**33], dtype=np.uint64))
            )
            orders = np.array([random.permutation(len(y)) for _ in range(shuffles)])
            for learnt, tested in splits(fold, links, buffer):
                model = boosted(int(learnt.sum()), seed).fit(x[learnt], y[learnt])
                error = _add(found, repeat, model.predict(x[tested]), y, tested)
                if groups:
                    found.more.append(_shuffled(model, x, y, tested, orders, groups) - error)
                    found.curves.append(_varied(model, x[tested], grids))
    return found


def grid_of(x: np.ndarray) -> np.ndarray:
    """Return the values at which each driver is set, shape (drivers, grid)."""
    return np.asarray(np.quantile(x, np.linspace(*GRID_ENDS, GRID), axis=0).T)


def _add(found: Tested, repeat: int, predicted: np.ndarray, y: np.ndarray, tested: np.ndarray) -> float:
    error = float(np.sum((y[tested] - predicted) ** 2))
    found.repeat.append(repeat)
    found.error.append(error)
    found.baseline.append(float(np.sum((y[tested] - y.mean()) ** 2)))
    found.size.append(int(tested.sum()))
    return error


def _shuffled(
    model: Any,  # noqa: ANN401 - scikit-learn ships no types
    x: np.ndarray,
    y: np.ndarray,
    tested: np.ndarray,
    orders: np.ndarray,
    groups: tuple[tuple[int, ...], ...],
) -> np.ndarray:
    """Return squared errors with each group's drivers taken from other areas, all of a group together."""
    found = np.empty(len(groups))
    own = np.tile(x[tested], (len(orders), 1))
    truth = np.tile(y[tested], len(orders))
    for number, group in enumerate(groups):
        moved = own.copy()
        columns = list(group)
        moved[:, columns] = x[orders[:, tested].ravel()][:, columns]
        found[number] = float(np.sum((truth - model.predict(moved)) ** 2)) / len(orders)
    return found


def _varied(model: Any, x: np.ndarray, grids: np.ndarray) -> np.ndarray:  # noqa: ANN401 - scikit-learn ships no types
    """Return predictions added up over areas with each driver set to each value of its grid."""
    found = np.empty(grids.shape)
    for k, grid in enumerate(grids):
        moved = np.tile(x, (len(grid), 1))
        moved[:, k] = np.repeat(grid, len(x))
        found[k] = model.predict(moved).reshape(len(grid), len(x)).sum(axis=1)
    return found
