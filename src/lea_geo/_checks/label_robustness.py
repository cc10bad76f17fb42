"""What the robustness of labels can be worked out from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lea_geo._checks.faults import Faults
from lea_geo._checks.options import check_choice
from lea_geo._checks.values import as_floats, check_series, note_ids
from lea_geo.errors import UsageError, ValuesError
from lea_geo.schema import LOCAL_METHODS, WITH_VALUE, Status

if TYPE_CHECKING:
    from collections.abc import Sequence

_STATUSES = [str(status) for status in Status]
DATA_WORDS = ("noise", "hidden")
"""What can differ between two draws that were made by the same choices."""
LEAST_DRAWS = 20
"""With fewer runs a share of nine tenths says nothing."""


def check_statistic(statistic: object) -> tuple[str, ...]:
    """Return the statistics asked for: one name, or a tuple of different ones."""
    names = (statistic,) if isinstance(statistic, str) else tuple(statistic)  # type: ignore[arg-type]
    if not names or len(set(names)) < len(names):
        raise UsageError(f"statistic is {statistic!r}; it must be one name or a tuple of different ones.")
    for name in names:
        check_choice("statistic", name, LOCAL_METHODS)
    return names


def check_valued(values: object, status: object, ids: pd.Index) -> tuple[np.ndarray, np.ndarray]:
    """Return values (NaN for none) and each status's place in ``schema.Status``, in the order of ``ids``."""
    held = check_series("values", values)
    given = held.isna().map({True: str(Status.MISSING), False: str(Status.OBSERVED)})
    given = given if status is None else check_series("status", status)
    faults = Faults()
    for name, column in (("values", held), ("status", given)):
        note_ids(faults, name, column.index, ids, "the graph")
    faults.raise_if_any(ValuesError, "The values and the graph do not hold the same areas.")
    numbers = as_floats(faults, "values", held.reindex(ids))
    state = pd.Index(_STATUSES).get_indexer(pd.Index(given.reindex(ids).astype(str)))
    if (state < 0).any():
        faults.add(
            "unknown status", ids=ids[state < 0], of=len(ids), cure=f"Known are {', '.join(_STATUSES)}."
        )
    valued = np.isin(state, [_STATUSES.index(str(one)) for one in WITH_VALUE])
    if (empty := valued & np.isnan(numbers)).any():
        faults.add("no value though the status says that there is one", ids=ids[empty], of=len(ids))
    faults.raise_if_any(ValuesError, "Nothing can be said of these labels.")
    return np.where(valued, numbers, np.nan), state


def check_named(name: str, alternatives: object) -> Mapping[str, Any]:
    """Return alternatives by their names; whatever has no name is refused."""
    if alternatives is None:
        return {}
    if not isinstance(alternatives, Mapping) or not all(isinstance(one, str) for one in alternatives):
        raise UsageError(f'{name} must name each alternative, as in {name}={{"a name": ...}}.')
    return alternatives


def check_one_noise(counts: object, draws: object, choices: object) -> None:
    """Refuse two accounts of one noise, and choices of no draws."""
    if counts is not None and draws is not None:
        raise UsageError("counts and draws both say what noise does to the values; give one of them.")
    if choices is not None and draws is None:
        raise UsageError("choices say how each of draws was made; give draws too.")


def check_draws(draws: object, ids: pd.Index, *, known: np.ndarray) -> np.ndarray:
    """Return drawn values, shape (runs, areas), for those of ``ids`` that are known.

    Parameters
    ----------
    known
        Which areas have a value, shape (n,).
    """
    if not isinstance(draws, pd.DataFrame):
        raise UsageError(
            "draws must be a pandas DataFrame, a row for each run and a column for each area_id."
        )
    faults = Faults()
    note_ids(faults, "draws", draws.columns, ids, "the graph")
    if len(draws) < LEAST_DRAWS:
        faults.add(f"draws: {len(draws)}", cure=f"Give at least {LEAST_DRAWS}.")
    faults.raise_if_any(ValuesError, "These draws cannot be used.")
    numbers = draws.reindex(columns=ids).to_numpy(dtype=float)[:, known]
    if np.isinf(numbers).any():
        faults.add("infinite draws", count=int(np.isinf(numbers).sum()), of=numbers.size)
    faults.raise_if_any(ValuesError, "These draws cannot be used.")
    return numbers


def check_scored(index: pd.Index, ids: pd.Index, *, known: np.ndarray) -> np.ndarray:
    """Return where the areas of ``ids`` that are known stand among those of an index."""
    faults = Faults()
    note_ids(faults, "draws", index, ids, "the graph")
    faults.raise_if_any(ValuesError, "The draws and the graph do not hold the same areas.")
    return np.asarray(index.get_indexer(ids[known]))


def check_choices(choices: object, n_runs: int, *, varied: Sequence[str]) -> pd.DataFrame:
    """Return what was chosen in each run, blank where it is what the index states."""
    for word in varied:
        check_choice("a word in varied", word, DATA_WORDS)
    if choices is None:
        return pd.DataFrame(index=range(n_runs))
    if not isinstance(choices, pd.DataFrame) or len(choices) != n_runs:
        raise UsageError("choices must be a pandas DataFrame with a row for each row of draws.")
    told = choices.reset_index(drop=True).astype(object).fillna("").astype(str)
    stated = int((told == "").all(axis=1).sum())
    faults = Faults()
    if stated < LEAST_DRAWS:
        faults.add(
            f"runs in which everything is as stated (all of choices blank): {stated} of {n_runs}",
            cure=f"At least {LEAST_DRAWS} are needed to tell noise from method.",
        )
    faults.raise_if_any(ValuesError, "What these draws depend on cannot be told.")
    return told


def check_membership(
    what: str, membership: object, ids: pd.Index, zones: pd.Index
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray | None]:
    """Return for each row of a membership table the places of area and zone, the share and the size.

    Areas that are not in the table belong to no zone.
    """
    if not isinstance(membership, pd.DataFrame) or not {"area_id", "zone"} <= set(membership.columns):
        raise UsageError(f"{what}: membership must be a pandas DataFrame with columns area_id and zone.")
    faults = Faults()
    area, zone = (
        ids.get_indexer(pd.Index(membership["area_id"])),
        zones.get_indexer(pd.Index(membership["zone"])),
    )
    for name, places in (("area_id", area), ("zone", zone)):
        if (foreign := places < 0).any():
            faults.add(f"unknown {name} in membership", ids=membership[name][foreign].unique(), of=len(area))
    if membership.duplicated(["area_id", "zone"]).any():
        twice = membership["area_id"][membership.duplicated(["area_id", "zone"])]
        faults.add("pairs of area and zone that occur twice in membership", ids=twice, of=len(area))
    share = _weights(faults, "share", membership)
    size = _weights(faults, "size", membership) if "size" in membership else None
    faults.raise_if_any(ValuesError, f"{what}: this membership cannot be used.")
    return area, zone, share, size


def _weights(faults: Faults, name: str, membership: pd.DataFrame) -> np.ndarray:
    if name not in membership:
        return np.ones(len(membership))
    numbers = as_floats(faults, name, membership[name])
    if (wrong := ~(numbers >= 0)).any():
        faults.add(
            f"{name} that is no number of at least 0", ids=membership["area_id"][wrong], of=len(numbers)
        )
    return numbers
