"""What an aggregation can be made of: options, weights, and scores that bear it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn, cast

import numpy as np

from lea_geo._checks.faults import Faults
from lea_geo._checks.normalise import is_given
from lea_geo.errors import UsageError, ValuesError

if TYPE_CHECKING:
    from collections.abc import Mapping

_CURES = {
    "ampi": "Use normalise.method = 'ampi', or 'z' with mean = 100 and deviation = 10.",
    "benefit_of_the_doubt": "Use min_max, goalposts or ranks.",
}
_CURE = "Use min_max with low = 1, goalposts from 0 with cap, or exponential_rank; or an arithmetic mean."
_TAKES = {
    "power": ("power",),
    "penalty": ("ampi",),
    "least": ("benefit_of_the_doubt",),
    "most": ("benefit_of_the_doubt",),
}


def check_aggregate(options: Mapping[str, object], weights: np.ndarray, k: int) -> np.ndarray:
    """Return weights that are fit to be used; refuse others, and options that the method cannot have."""
    found = aggregate_faults(options, k)
    if weights.shape != (k,):
        found.append(f"there are {weights.size} weights for {k} members.")
    elif not (np.isfinite(weights) & (weights >= 0)).all() or not weights.any():
        found.append("weights must be 0 or more, and at least one above 0.")
    if found:
        raise UsageError("\n".join(f"aggregate: {fault}" for fault in found))
    return weights


def aggregate_faults(options: Mapping[str, object], k: int | None = None) -> list[str]:
    """Return a sentence for everything that is wrong with the options of one aggregation of k members."""
    method = str(options["method"])
    found = [
        f"{name} means nothing to {method!r}; it belongs to {' and '.join(methods)}."
        for name, methods in _TAKES.items()
        if is_given(options[name]) and method not in methods
    ]
    if method == "power" and options["power"] is None:
        found.append("'power' needs power: 1 is the arithmetic mean, 0 the geometric, -1 the harmonic.")
    if options["penalty"] not in {"", "-", "+"}:
        found.append(f"penalty is {options['penalty']!r}; it must be '-' or '+'.")
    least, most = (cast("float | None", options[name]) for name in ("least", "most"))
    low, high = 0.0 if least is None else least, 1.0 if most is None else most
    if not 0 <= low <= high <= 1:
        found.append(f"least is {low:g} and most is {high:g}; they must be shares, and least not above most.")
    elif k is not None and not low * k <= 1 + 1e-9 <= high * k + 2e-9:
        found.append(f"shares from {low:g} to {high:g} of {k} members cannot add up to 1.")
    return found


def check_at_least(scores: np.ndarray, least: float, method: str) -> None:
    """Refuse scores below what a method can take."""
    below = scores < least
    if below.any():
        faults = Faults()
        cure = _CURES.get(method, _CURE)
        faults.add(f"scores below {least:g}", count=int(below.sum()), of=below.size, cure=cure)
        faults.raise_if_any(ValuesError, f"These scores cannot be aggregated by {method!r}.")


def refuse_pair(method: str, scores: str, where: str) -> NoReturn:
    """Refuse an aggregation that says nothing about scores of such a type."""
    place = f" ({where})" if where else ""
    if method == "ampi":
        why = "its penalty needs scores around one reference well above 0"
    elif method == "benefit_of_the_doubt":
        why = "it needs scores of 0 or more"
    else:
        why = (
            "it multiplies or divides scores, so that their 0 must mean none, and no area may have it only "
            "for being the last"
        )
    raise UsageError(f"aggregate {method!r} of {scores}{place}: {why}. {_CURES.get(method, _CURE)}")
