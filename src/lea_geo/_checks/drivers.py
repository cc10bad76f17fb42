"""Outcome, drivers, places and counts: what an association can be measured on."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import numpy as np
import pandas as pd

from lea_geo._checks.faults import Faults
from lea_geo._checks.values import as_floats, check_series, note_ids
from lea_geo.errors import Fault, SpecError, UsageError, ValuesError

if TYPE_CHECKING:
    from collections.abc import Mapping

FLAT = 1e-12
"""A spread below this share of the largest value is rounding, not variation."""


def check_frame(name: str, table: object) -> pd.DataFrame:
    """Return ``table`` if it is a DataFrame with different column names and at least one column."""
    if not isinstance(table, pd.DataFrame):
        raise UsageError(
            f"{name} is a {type(table).__name__}; it must be a pandas DataFrame indexed by area_id."
        )
    if table.shape[1] == 0 or not table.columns.is_unique:
        raise UsageError(f"{name} must have columns, and no two of one name.")
    return table


def check_columns(
    columns: Mapping[str, object], *, least: int, vary: bool = True
) -> tuple[pd.Index, dict[str, np.ndarray], np.ndarray]:
    """Return the ids in rising order, every column in it, and where all of them have a value.

    Parameters
    ----------
    columns
        Series with the same ids in any order, NaN for no value.
    least
        How many areas must have a value in all of them.
    vary
        Whether every column must have more than one value among those areas.

    Raises
    ------
    UsageError, ValuesError
        As they say.
    """
    named = {name: check_series(name, column) for name, column in columns.items()}
    faults = Faults()
    index = next(iter(named.values())).index
    first = next(iter(named))
    for name, series in named.items():
        note_ids(faults, name, series.index, index, first)
    faults.raise_if_any(ValuesError, "The columns do not hold the same areas.")
    order = index[np.argsort(np.asarray(index.astype(str)), kind="stable")]
    numbers = {name: as_floats(faults, name, series.reindex(order)) for name, series in named.items()}
    faults.raise_if_any(ValuesError, "No association can be measured on these values.")
    whole = ~np.isnan(np.array(list(numbers.values()))).any(axis=0)
    if int(whole.sum()) < least:
        faults.add(
            f"areas with a value in {', '.join(named)}: {int(whole.sum())} of {len(order)}",
            cure=f"At least {least} are needed.",
        )
    elif vary:
        for name, column in numbers.items():
            if _flat(column[whole]):
                faults.add(
                    f"{name} has the same value in all areas", cure="Leave it out: nothing goes with it."
                )
    faults.raise_if_any(ValuesError, "No association can be measured on these values.")
    return order, numbers, whole


def _flat(x: np.ndarray) -> bool:
    return bool(np.ptp(x) <= FLAT * np.abs(x).max(initial=0.0))


def check_places(coords: object, ids: pd.Index) -> np.ndarray:
    """Return the columns ``x`` and ``y`` of some areas, shape (n, 2); every area must have a place."""
    table = check_frame("coords", coords)
    if list(table.columns[:2]) != ["x", "y"]:
        raise UsageError("coords must have the columns x and y, in metres.")
    faults = Faults()
    missing = ids[~ids.isin(table.index)]
    if len(missing):
        faults.add("areas without coordinates", ids=missing, of=len(ids))
    if not table.index.is_unique:
        faults.add("duplicate area ids in coords", ids=table.index[table.index.duplicated()].unique())
    faults.raise_if_any(ValuesError, "The coordinates do not fit the areas.")
    fitted = table.reindex(ids)
    columns = [as_floats(faults, f"coords[{name!r}]", fitted[name]) for name in ("x", "y")]
    places = np.column_stack(columns)
    if np.isnan(places).any():
        faults.add("areas without coordinates", ids=ids[np.isnan(places).any(axis=1)], of=len(ids))
    faults.raise_if_any(ValuesError, "The coordinates do not fit the areas.")
    return places


def check_sizes(name: str, sizes: object, ids: pd.Index) -> np.ndarray:
    """Return what areas weigh, above 0 for every one of ``ids``."""
    given = check_series(name, sizes)
    faults = Faults()
    missing = ids[~ids.isin(given.index)]
    if len(missing):
        faults.add(f"areas that {name} does not have", ids=missing, of=len(ids))
    faults.raise_if_any(ValuesError, f"{name} does not fit the areas.")
    numbers = as_floats(faults, name, given.reindex(ids))
    odd = ~(numbers > 0)
    if odd.any():
        faults.add(f"{name} that are missing or not above 0", ids=ids[odd], of=len(ids))
    faults.raise_if_any(ValuesError, f"{name} cannot weigh the areas.")
    return numbers


def check_fewer_drivers(n: int, k: int) -> None:
    """Refuse more coefficients than the areas can bear."""
    if n < k + 5:
        raise UsageError(
            f"{k} drivers and {n} areas with a value: that takes at least {k + 5}. Give fewer drivers."
        )


def check_different(name: str, drivers: pd.DataFrame) -> None:
    """Refuse a driver that has the name of the outcome."""
    if name in drivers.columns:
        raise UsageError(f"{name!r} is the outcome and a driver; nothing explains itself.")


def check_groups(groups: object, ids: pd.Index) -> np.ndarray:
    """Return the group of every area as text; at least two of them, and none blank."""
    given = check_series("groups", groups)
    faults = Faults()
    missing = ids[~ids.isin(given.index)]
    if len(missing):
        faults.add("areas that groups does not have", ids=missing, of=len(ids))
    faults.raise_if_any(ValuesError, "groups does not fit the areas.")
    words = given.reindex(ids)
    blank = words.isna().to_numpy() | (words.astype(str) == "").to_numpy()
    if blank.any():
        faults.add("areas without a group", ids=ids[blank], of=len(ids))
    found = words.astype(str).to_numpy()
    if len(np.unique(found)) < 2:
        faults.add("all areas are in one group", cure="Leave groups out; blocks are then made of places.")
    faults.raise_if_any(ValuesError, "No places can be held out by these groups.")
    return np.asarray(found)


def check_margins(events: np.ndarray, people: np.ndarray, ids: pd.Index, name: str) -> None:
    """Refuse counts that no table of persons can have."""
    faults = Faults()
    with np.errstate(invalid="ignore"):
        above = events > people
        below = (events < 0) | (people < 0)
    if above.any():
        faults.add(f"{name} counts more than there are people", ids=ids[above], of=len(ids))
    if below.any():
        faults.add(f"negative counts in {name}", ids=ids[below], of=len(ids))
    faults.raise_if_any(ValuesError, "These counts are no parts of one population.")


def check_not_collinear(x: np.ndarray, names: tuple[str, ...]) -> None:
    """Refuse drivers that are sums of multiples of each other."""
    scaled = (x - x.mean(axis=0)) / x.std(axis=0)
    if np.linalg.matrix_rank(scaled, tol=1e-8 * np.sqrt(scaled.size)) < x.shape[1]:
        faults = Faults()
        faults.add(
            f"drivers that follow exactly from each other, among {', '.join(names)}",
            cure="Leave one out; nobody could tell them apart.",
        )
        faults.raise_if_any(ValuesError, "No coefficient of such drivers is defined.")


def check_not_exact(y: np.ndarray, x: np.ndarray, names: tuple[str, ...]) -> None:
    """Refuse an outcome that drivers give without anything left over."""
    design = np.column_stack([np.ones(len(y)), (x - x.mean(axis=0)) / x.std(axis=0)])
    left = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
    if float(np.std(left)) <= 1e-9 * float(np.std(y)):
        faults = Faults()
        faults.add(
            f"an outcome that follows exactly from {', '.join(names)}",
            cure="Leave out what it is made of; a model of it says nothing.",
        )
        faults.raise_if_any(ValuesError, "There is nothing left to model.")


def check_graph_for(model: str) -> None:
    """Refuse a spatial model without neighbours."""
    if model != "ols":
        raise UsageError(f"model={model!r} needs to know who is whose neighbour: give graph=.")


def check_weighted_model(model: str, weights: object) -> None:
    """Refuse weights for models that take none."""
    if weights is not None and model not in {"ols", "slx"}:
        raise UsageError(f"model={model!r} takes no weights; use model='ols' or 'slx', or leave weights out.")


def check_zones(zones: object, n: int) -> tuple[int, ...]:
    """Return numbers of zones, each a whole number of at least 3 and fewer than there are areas."""
    if isinstance(zones, str) or not hasattr(zones, "__iter__"):
        raise UsageError("zones must be a sequence of whole numbers.")
    found = tuple(zones)
    for number in found:
        if isinstance(number, bool) or int(number) != number or not 3 <= number < n:
            raise UsageError(f"zones holds {number!r}; each must be a whole number from 3 to {n - 1}.")
    return tuple(int(number) for number in found)


def check_buffer(buffer: int, graph: object) -> None:
    """Refuse a buffer of neighbours where nobody knows who they are."""
    if isinstance(buffer, bool) or not isinstance(buffer, int) or buffer < 0:
        raise UsageError(f"buffer is {buffer!r}; it must be a whole number of at least 0.")
    if buffer and graph is None:
        raise UsageError("buffer counts steps of neighbours: give graph=.")


def check_folds(folds: int, n: int) -> int:
    """Refuse more folds than half the areas."""
    if folds > n // 2:
        raise UsageError(f"folds is {folds} with {n} areas; it must be at most {n // 2}.")
    return folds


def check_left_to_learn(fewest: int, k: int) -> None:
    """Refuse folds that leave too little to learn from."""
    if fewest < max(10, k + 5):
        raise UsageError(
            f"Some fold leaves {fewest} areas to learn from, fewer than {max(10, k + 5)}. "
            "Use more folds, a smaller buffer, or fewer drivers."
        )


def check_local_size(n: int, most: int, *, multiscale: bool) -> None:
    """Refuse local regressions that would take too long."""
    if n > most:
        way = "multiscale=False, or fewer" if multiscale else "larger"
        raise UsageError(f"{n} areas; a local regression of this kind takes at most {most}. Use {way} areas.")


def refuse_no_outcome() -> NoReturn:
    """Refuse a study that names every indicator as a driver and none as the outcome."""
    fault = Fault(
        "[drivers] names every indicator as a driver", cure='Say what they go with: outcome = "...".'
    )
    raise SpecError("The chapter on drivers cannot be written.", [fault])
