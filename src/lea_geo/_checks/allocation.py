"""Budgets and their terms: which amounts make sense, and which terms cannot all be kept."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from numbers import Real
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pandas as pd

from lea_geo._checks.faults import Faults
from lea_geo._checks.options import check_choice, check_count
from lea_geo._checks.values import as_floats, note_ids
from lea_geo.errors import UsageError, ValuesError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

_UNSHARED = "The budget cannot be shared on these terms."


class AreaLimits(Protocol):
    """What each area gets before need is asked, at least and at most, in units."""

    @property
    def base(self) -> tuple[Fraction, ...]:
        """Before need."""

    @property
    def floor(self) -> tuple[int, ...]:
        """At least."""

    @property
    def cap(self) -> tuple[int, ...]:
        """At most."""

    def held(self, amounts: Sequence[Fraction]) -> list[Fraction]:
        """Return amounts within their floors and caps."""


def check_units(budget: Fraction, unit: Fraction) -> int:
    """Return the budget in units; it must be above 0 and a whole number of them."""
    if unit <= 0:
        raise UsageError(f"unit is {float(unit):g}; it must be above 0: 1 for whole euros, 0.01 for cents.")
    if budget <= 0 or budget % unit:
        raise UsageError(
            f"budget is {float(budget):.12g}; it must be above 0 and a whole number of units of "
            f"{float(unit):g}."
        )
    return int(budget / unit)


def check_amounts(name: str, given: object, ids: pd.Index) -> np.ndarray:
    """Return an amount of 0 or more for each area, from one for all or a Series; NaN where there is none."""
    if given is None:
        return np.full(len(ids), np.nan)
    if isinstance(given, Real) and not isinstance(given, bool) and 0 <= float(given) < np.inf:
        return np.full(len(ids), float(given))
    if not isinstance(given, pd.Series):
        raise UsageError(
            f"{name} is {given!r}; it must be 0 or more: one for all areas, or a Series by area."
        )
    faults = Faults()
    note_ids(faults, name, given.index, ids, "need")
    faults.raise_if_any(ValuesError, f"{name} and the need do not hold the same areas.")
    amounts = as_floats(faults, name, given.reindex(ids))
    if (amounts < 0).any():
        faults.add(f"negative {name}", ids=ids[amounts < 0], of=len(ids))
    faults.raise_if_any(ValuesError, f"{name} cannot be kept.")
    return amounts


def check_multiplier(multiplier: object, ids: pd.Index) -> np.ndarray:
    """Return by how much each area's need is multiplied: above 0, 1 for all where nothing is given."""
    if multiplier is None:
        return np.ones(len(ids))
    if not isinstance(multiplier, pd.Series):
        raise UsageError("multiplier must be a Series by area_id.")
    factors = check_amounts("multiplier", multiplier, ids)
    faults = Faults()
    odd = ~(factors > 0)
    if odd.any():
        faults.add("areas whose multiplier is not above 0", ids=ids[odd], of=len(ids))
    faults.raise_if_any(ValuesError, "The need cannot be multiplied.")
    return factors


def check_previous(
    previous: object, ids: pd.Index, *, hold_harmless: float, phase_in: int
) -> np.ndarray | None:
    """Return what each area had before; refuse terms that need it and do not have it."""
    check_count("phase_in", phase_in)
    if isinstance(hold_harmless, bool) or not isinstance(hold_harmless, Real) or not 0 <= hold_harmless <= 1:
        raise UsageError(f"hold_harmless is {hold_harmless!r}; it must be a share of what was had, 0 to 1.")
    if previous is None:
        if hold_harmless or phase_in > 1:
            raise UsageError("hold_harmless and phase_in need to know what each area had: give previous=.")
        return None
    had = check_amounts("previous", previous, ids)
    faults = Faults()
    if np.isnan(had).any():
        cure = "Give 0 where there was nothing."
        faults.add("areas without an amount in previous", ids=ids[np.isnan(had)], of=len(ids), cure=cure)
    elif not had.sum() > 0 and phase_in > 1:
        faults.add("previous is 0 everywhere", cure="There is nothing to phase in from: phase_in=1.")
    faults.raise_if_any(ValuesError, "What areas had before cannot be kept or left step by step.")
    return had


def check_feasible(
    limits: AreaLimits, ids: pd.Index, *, budget: int, grows: np.ndarray, unit: Fraction
) -> None:
    """Refuse floors, caps and fixed parts that no sharing of the budget can keep; every reason is named."""
    faults = Faults()
    crossed = [low > high for low, high in zip(limits.floor, limits.cap, strict=True)]
    if any(crossed):
        cure = "A floor, or the share of the previous amount that is kept, must not exceed the cap."
        faults.add("areas whose floor is above their cap", ids=ids[crossed], of=len(ids), cure=cure)
    if sum(limits.floor) > budget:
        cure = "Lower the floors or the share that is kept, or raise the budget."
        told = f"floors add up to {_euros(sum(limits.floor), unit)}, and the budget is {_euros(budget, unit)}"
        faults.add(told, cure=cure)
    else:
        _note_parts(faults, limits, ids, budget=budget, grows=grows, unit=unit)
    faults.raise_if_any(ValuesError, _UNSHARED)


def _note_parts(
    faults: Faults, limits: AreaLimits, ids: pd.Index, *, budget: int, grows: np.ndarray, unit: Fraction
) -> None:
    alone = limits.held(limits.base)
    if sum(alone) > budget:
        told = f"fixed parts and floors add up to {_euros(sum(alone), unit)}"
        faults.add(f"{told}, and the budget is {_euros(budget, unit)}", cure="Lower the fixed part.")
    most: Fraction | int = sum(
        Fraction(high) if more else own for high, own, more in zip(limits.cap, alone, grows, strict=True)
    )
    if most < budget:
        told = f"at most {_euros(most, unit)} can be given, and the budget is {_euros(budget, unit)}"
        cure = "Raise the caps or lower the budget; an area without need gets its floor and no more."
        faults.add(told, cure=cure)
        if not grows.all():
            faults.add("areas whose share cannot grow with the budget", ids=ids[~grows], of=len(ids))


def _euros(units: Fraction | int, unit: Fraction) -> str:
    return f"{float(units * unit):.12g}"


def check_kinds_of_need(
    need: object, weights: object, combine: str, combines: Collection[str]
) -> dict[str, float]:
    """Return the weight of each kind of need, by name; one Series is one kind."""
    check_choice("combine", combine, combines)
    if not isinstance(need, pd.DataFrame):
        if weights is not None:
            raise UsageError(
                "weights are for several kinds of need: give need as a DataFrame, a column each."
            )
        return {"need": 1.0}
    names = list(need.columns)
    if not names or len(set(names)) < len(names) or not all(isinstance(name, str) for name in names):
        raise UsageError("need must have a column for each kind of need, each with a name of its own.")
    if weights is None:
        return dict.fromkeys(names, 1.0)
    if not isinstance(weights, Mapping) or {*weights} != {*names}:
        raise UsageError(f"weights must hold a number for each of {', '.join(names)}, and for nothing else.")
    found = {name: check_weight(name, weights[name]) for name in names}
    if not sum(found.values()) > 0:
        raise UsageError("weights are all 0; some kind of need must count.")
    return found


def check_weight(name: str, weight: object) -> float:
    """Return a weight of 0 or more."""
    if isinstance(weight, bool) or not isinstance(weight, Real) or not 0 <= float(weight) < np.inf:
        raise UsageError(f"the weight of {name} is {weight!r}; it must be 0 or more.")
    return float(weight)


def check_power(power: float, families: object) -> float:
    """Return the power of the rate by which families count; other than 1 it needs families."""
    if isinstance(power, bool) or not isinstance(power, Real) or not 0 <= float(power) <= 10:
        raise UsageError(f"power is {power!r}; it must lie between 0 and 10.")
    if float(power) != 1 and families is None:
        raise UsageError("power other than 1 is a power of the share in need: give families=.")
    return float(power)


def check_per_family(given: Mapping[str, object], families: object) -> None:
    """Refuse terms by family where the families are not given."""
    asked = [name for name, value in given.items() if value]
    if asked and families is None:
        raise UsageError(f"{', '.join(asked)} needs the number of families of each area: give families=.")


def check_overrides(name: str, overrides: object, known: Collection[str]) -> dict[str, object]:
    """Return the terms that an alternative changes; refuse what is no term."""
    if not isinstance(overrides, Mapping):
        raise UsageError(f"the alternative {name!r} must hold terms by name, such as {{'power': 2.0}}.")
    for key in overrides:
        check_choice(f"a term of the alternative {name!r}", key, known)
    return dict(overrides)
