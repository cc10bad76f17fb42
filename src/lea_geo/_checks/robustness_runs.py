"""What the runs of a test of robustness can be made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lea_geo._checks.faults import Faults
from lea_geo._checks.options import check_choice, check_count, check_fraction, check_seed
from lea_geo._checks.values import note_ids
from lea_geo.errors import SpecError, UsageError, ValuesError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

_NEAR = 0.01
"""Values and rates that differ by less than this share of the largest are rounded differently."""


def refuse_methods(refused: Mapping[tuple[str, str], SpecError]) -> None:
    """Refuse scales that some of the ways of aggregation cannot take, all pairs at once."""
    faults = Faults()
    for (normalise, aggregate), error in refused.items():
        why = "; ".join(dict.fromkeys(str(fault).split(": ", 1)[-1] for fault in error.faults))
        faults.add(
            f"normalise {normalise} with aggregate {aggregate}: {why.rstrip('.')}",
            cure="Every scale meets every way of aggregation: leave one of the two out of [robustness].",
        )
    faults.raise_if_any(SpecError, "The index cannot be run in all the ways that are asked for.")


def check_how(how: Any, noises: Collection[str], hidden: Collection[str]) -> Any:  # noqa: ANN401
    """Return what is to be varied, if all of it can be."""
    if type(how).__name__ != "RobustnessSpec":
        raise UsageError(f"how is a {type(how).__name__}; it must be a RobustnessSpec.")
    check_count("runs", how.runs)
    check_seed(how.seed)
    check_fraction("holds", how.holds)
    check_choice("noise", how.noise, noises)
    check_choice("hidden", how.hidden, hidden)
    if how.worst is not None:
        check_count("worst", how.worst)
    if not 0 <= how.weights_within < 1:
        raise UsageError(f"weights_within is {how.weights_within!r}; it must be 0 or more, and less than 1.")
    return how


def check_workers(workers: int | None) -> int | None:
    """Return a number of threads, or None for one a core."""
    return None if workers is None else check_count("workers", workers)


def check_node(name: str, nodes: Collection[str]) -> str:
    """Return the code of a node of the index."""
    return check_choice("a name in nodes", name, nodes)


def check_frames(
    name: str,
    frames: object,
    columns: Sequence[str],
    ids: pd.Index[str],
    codes: Sequence[str],
) -> dict[str, np.ndarray]:
    """Return columns of the frames of some indicators as arrays (n, k); NaN where nothing is given.

    Parameters
    ----------
    name
        What the argument is called.
    frames
        A frame for each of some indicators, indexed by ``area_id``; None for none.
    columns
        What each frame must hold.
    ids, codes
        The areas and the indicators.
    """
    found = {column: np.full((len(ids), len(codes)), np.nan) for column in columns}
    if frames is None:
        return found
    if not isinstance(frames, Mapping):
        raise UsageError(f"{name} must be a mapping from indicators' codes to DataFrames.")
    faults = Faults()
    for code in [code for code in codes if code in frames]:
        frame = frames[code]
        if not isinstance(frame, pd.DataFrame) or not set(columns) <= set(frame.columns):
            faults.add(f"{name}[{code!r}] is no DataFrame with columns {' and '.join(columns)}")
            continue
        note_ids(faults, f"{name}[{code!r}]", frame.index, ids, "the table")
    faults.raise_if_any(ValuesError, f"The {name} cannot be used.")
    for j, code in enumerate(codes):
        if code in frames:
            held = frames[code].reindex(ids)
            for column in columns:
                found[column][:, j] = held[column].to_numpy(dtype=float, na_value=np.nan)
    return found


def by_column(errors: object) -> dict[str, pd.DataFrame] | None:
    """Return the columns of standard errors as frames of their own; None for none."""
    if errors is None:
        return None
    if not isinstance(errors, pd.DataFrame):
        raise UsageError("standard_errors must be a DataFrame with a column for each of some indicators.")
    return {str(column): errors[[column]].set_axis(["error"], axis=1) for column in errors.columns}


def check_rates(observed: Any, ids: pd.Index[str], codes: Sequence[str]) -> None:  # noqa: ANN401 - Observed
    """Refuse counts that do not give the values beside them."""
    faults = Faults()
    for j, code in enumerate(codes):
        if observed.kinds[j] not in {"proportion", "rate"}:
            continue
        x = observed.value[:, j]
        away = np.abs(x - observed.scale[j] * observed.events[:, j] / observed.people[:, j])
        wrong = away > _NEAR * np.nanmax(np.abs(x))
        if wrong.any():
            cure = "Give the counts that the values were made of; a value is scale * numerator / denominator."
            what = f"values of {code} that its counts do not give"
            faults.add(what, ids=ids[wrong], of=int((~np.isnan(x)).sum()), cure=cure)
    faults.raise_if_any(ValuesError, "The noise of these values cannot be told.")


def check_ends(lower: np.ndarray, upper: np.ndarray, ids: pd.Index[str], codes: Sequence[str]) -> None:
    """Refuse bounds that contradict themselves."""
    faults = Faults()
    for j, code in enumerate(codes):
        wrong = lower[:, j] > upper[:, j]
        if wrong.any():
            faults.add(f"bounds of {code} whose lower end is above the upper", ids=ids[wrong], of=len(ids))
    faults.raise_if_any(ValuesError, "The bounds contradict themselves.")
