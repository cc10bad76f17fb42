"""What was observed of every indicator in every area: what noise and hidden values are drawn from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

PROPORTION, RATE, ERROR, EXACT = "proportion", "rate", "error", "exact"


@dataclass(frozen=True)
class Observed:
    """Areas by indicators; NaN where something is not known."""

    value: np.ndarray
    """In the indicators' own units, shape (n, k)."""
    events: np.ndarray
    """Numerators, shape (n, k)."""
    people: np.ndarray
    """Denominators, above 0, shape (n, k)."""
    error: np.ndarray
    """Standard errors, above 0, of values without counts; shape (n, k)."""
    lower: np.ndarray
    """What a suppressed value is at least, shape (n, k); NaN elsewhere, and where nothing is known."""
    upper: np.ndarray
    """What it is at most."""
    kinds: tuple[str, ...]
    """For each indicator ``proportion`` (binomial), ``rate`` (Poisson), ``error`` or ``exact``; (k,)."""
    scale: np.ndarray
    """A value is scale * events / people; shape (k,)."""

    @property
    def noisy(self) -> np.ndarray:
        """The indicators whose noise is known, shape (columns,)."""
        return np.array([j for j, kind in enumerate(self.kinds) if kind != EXACT], dtype=np.int64)

    @property
    def hidden(self) -> np.ndarray:
        """Which cells are suppressed between two known bounds, shape (n, k)."""
        return np.asarray(np.isnan(self.value) & np.isfinite(self.lower) & np.isfinite(self.upper))


@dataclass(frozen=True)
class Beside:
    """What is given beside the values, each of shape (n, k), in the order of the index's indicators."""

    numerator: np.ndarray
    denominator: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    error: np.ndarray


def observe(value: np.ndarray, beside: Beside, codes: tuple[str, ...]) -> tuple[Observed, tuple[str, ...]]:
    """Return observations with their kinds, and in sentences what has no noise or no bounds.

    An indicator is a proportion where no numerator is larger than its denominator and values are shares or
    percentages of it, another rate where it has counts of another kind.
    """
    events = np.where(np.isnan(value), np.nan, beside.numerator)
    people = np.where(beside.denominator > 0, beside.denominator, np.nan)
    k = value.shape[1]
    scale = np.array([_scale(value[:, j], events[:, j], people[:, j]) for j in range(k)])
    error = np.where(beside.error > 0, beside.error, np.nan)
    kinds = tuple(
        _kind(value[:, j], events[:, j], people[:, j], error[:, j], float(scale[j])) for j in range(k)
    )
    observed = Observed(value, events, people, error, beside.lower, beside.upper, kinds, scale)
    return observed, _notes(observed, codes)


def _scale(value: np.ndarray, events: np.ndarray, people: np.ndarray) -> float:
    """Return what rates are multiplied by to give the values; a power of ten where it is nearly one."""
    some = (events > 0) & (people > 0) & ~np.isnan(value)
    if not some.any():
        return 1.0
    found = float(np.median(value[some] * people[some] / events[some]))
    ten = float(10.0 ** np.round(np.log10(found))) if found > 0 else found
    return ten if abs(found - ten) <= 0.01 * abs(ten) else found


def _kind(value: np.ndarray, events: np.ndarray, people: np.ndarray, error: np.ndarray, scale: float) -> str:
    held = ~np.isnan(value)
    if held.any() and ((events >= 0) & (people > 0))[held].all():
        within = bool((events <= people)[held].all()) and scale in {1.0, 100.0}
        return PROPORTION if within else RATE
    return ERROR if held.any() and (error > 0)[held].all() else EXACT


def _notes(observed: Observed, codes: tuple[str, ...]) -> tuple[str, ...]:
    exact = [code for code, kind in zip(codes, observed.kinds, strict=True) if kind == EXACT]
    notes = []
    if exact:
        notes.append(
            "Taken as known, for want of counts or standard errors of all their values: "
            + ", ".join(exact)
            + "."
        )
    return tuple(notes)
