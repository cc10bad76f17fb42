"""What a normalisation can be made of: options that belong together, and values that a method can take."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np

from lea_geo._checks.faults import Faults
from lea_geo.errors import UsageError, ValuesError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_RANKS = ("rank", "borda", "percentile_rank", "exponential_rank", "normal_score")
SHARES = ("r/n", "(r-1)/n", "(r-0.5)/n", "(r-1)/(n-1)", "r/(n+1)")
"""What share of n areas rank r may stand for."""
_WITHIN = ("(r-0.5)/n", "r/(n+1)")
"""Those that are never 0 or 1."""
_OF_PEOPLE = ("z", "percentile_rank", "exponential_rank", "categories")
"""The methods that can count people in place of areas."""
_TAKES = {
    "low": ("min_max", "goalposts"),
    "high": ("min_max", "goalposts"),
    "minimum": ("goalposts", "ampi"),
    "maximum": ("goalposts", "ampi"),
    "target": ("distance_to_target",),
    "reference": ("distance_to_reference", "ampi"),
    "mean": ("z", "robust_z", "normal_score"),
    "deviation": ("z", "robust_z", "normal_score"),
    "ties": _RANKS,
    "share": ("percentile_rank", "exponential_rank", "normal_score"),
    "constant": ("exponential_rank",),
    "breaks": ("categories",),
    "scores": ("categories",),
    "quantiles": ("categories",),
}
"""The methods that an option says something to."""


def check_normalise(options: Mapping[str, object]) -> None:
    """Refuse options that a method lacks, cannot use, or that contradict each other; all are named."""
    if found := normalise_faults(options):
        raise UsageError("\n".join(f"normalise: {fault}" for fault in found))


def normalise_faults(options: Mapping[str, object]) -> list[str]:
    """Return a sentence for everything that is wrong with the options of one normalisation."""
    method = str(options["method"])
    found = [
        f"{name} means nothing to {method!r}; it belongs to {' and '.join(methods)}."
        for name, methods in _TAKES.items()
        if is_given(options[name]) and method not in methods
    ]
    if options["weighted"] and not (method in _OF_PEOPLE and not is_given(options["breaks"])):
        what = "stated breaks" if method in _OF_PEOPLE else repr(method)
        found.append(f"weighted means nothing to {what}; it belongs to {', '.join(_OF_PEOPLE)}.")
    if options["truncate"] and options["decimals"] is None:
        found.append("truncate needs decimals: where to cut the scores off.")
    for test in (_ends_fault, _posts_fault, _size_fault, _choice_fault, _categories_fault):
        found += [fault] if (fault := test(method, options)) else []
    return found


def is_given(value: object) -> bool:
    """Return whether an option says anything."""
    return value is not None and not (isinstance(value, (str, tuple)) and len(value) == 0)


def _ends_fault(method: str, options: Mapping[str, object]) -> str:
    low, high = _number(options, "low", 0.0), _number(options, "high", 100.0)
    if method in _TAKES["low"] and not low < high:
        return f"low is {low:g} and high is {high:g}; low must be below high."
    return ""


def _posts_fault(method: str, options: Mapping[str, object]) -> str:
    given = [options[name] for name in ("minimum", "maximum")]
    if method == "goalposts" and None in given:
        return "'goalposts' needs minimum and maximum."
    if method in _TAKES["minimum"] and None not in given:
        low, high = _number(options, "minimum", 0.0), _number(options, "maximum", 0.0)
        if not low < high:
            return (
                f"minimum is {low:g} and maximum is {high:g}; minimum must be below maximum, and an "
                "indicator's direction says which of them scores high."
            )
    if method == "distance_to_target" and options["target"] is None:
        return "'distance_to_target' needs a target."
    return ""


def _size_fault(_method: str, options: Mapping[str, object]) -> str:
    for name in ("deviation", "constant"):
        if not 0 < _number(options, name, 1.0) < np.inf:
            return f"{name} is {options[name]!r}; it must be a number above 0."
    return "reference is 0; nothing can be a share of it." if _relative_to_zero(options) else ""


def _relative_to_zero(options: Mapping[str, object]) -> bool:
    return options["method"] == "distance_to_reference" and options["reference"] == 0


def _choice_fault(method: str, options: Mapping[str, object]) -> str:
    if options["ties"] not in {"", "min", "max", "average"}:
        return f"ties is {options['ties']!r}; it must be min, max or average."
    if options["share"] not in {"", *SHARES}:
        return f"share is {options['share']!r}; it must be one of {', '.join(SHARES)}."
    if method == "normal_score" and options["share"] not in {"", *_WITHIN}:
        return f"share is {options['share']!r}, which gives an end no score; use {' or '.join(_WITHIN)}."
    return ""


def _categories_fault(method: str, options: Mapping[str, object]) -> str:
    if method != "categories":
        return ""
    breaks, scores = _numbers(options, "breaks"), _numbers(options, "scores")
    quantiles = cast("int | None", options["quantiles"])
    if (len(breaks) > 0) == (quantiles is not None):
        return "'categories' needs breaks, or quantiles, and not both."
    if quantiles is not None and quantiles < 2:
        return f"quantiles is {quantiles}; there must be at least 2 categories."
    return _steps_fault(breaks, scores, quantiles or len(breaks) + 1)


def _steps_fault(breaks: np.ndarray, scores: np.ndarray, categories: int) -> str:
    if (np.diff(breaks) <= 0).any():
        return "breaks must rise."
    if len(scores) and len(scores) != categories:
        return f"scores has {len(scores)} numbers; {categories} categories need {categories}."
    if (np.diff(scores) < 0).any():
        return (
            "scores must rise from the worst category to the best; an indicator's direction deals them out."
        )
    return ""


def _number(options: Mapping[str, object], name: str, otherwise: float) -> float:
    value = options[name]
    return otherwise if value is None else float(cast("float", value))


def _numbers(options: Mapping[str, object], name: str) -> np.ndarray:
    return np.asarray(cast("Sequence[float]", options[name]), dtype=float)


def check_population(population: np.ndarray | None, n: int) -> np.ndarray:
    """Return the people in each area, 0 where nobody knows; refuse weights that are no population."""
    if population is None:
        raise UsageError(
            "normalise: weighted needs to know how many people live in each area: give population."
        )
    people = np.asarray(population, dtype=float)
    if people.shape != (n,):
        raise UsageError(f"population has {people.size} numbers for {n} areas.")
    people = np.where(np.isnan(people), 0.0, people)
    if (people < 0).any():
        faults = Faults()
        faults.add("negative population", count=int((people < 0).sum()), of=n)
        faults.raise_if_any(ValuesError, "A mean cannot be weighted by this population.")
    return people


def check_target(way: np.ndarray, target: float, codes: Sequence[str]) -> None:
    """Refuse a target that even the worst area has reached; ``way`` leads from there to the target."""
    _refuse(
        way <= 0,
        codes,
        f"the target {target:g} is no better than the worst area's value",
        "State a target that some area has not reached, or the indicator's other direction.",
        "Distance to the target cannot be told.",
    )


def check_share_of_best(least: np.ndarray, flip: np.ndarray, codes: Sequence[str]) -> None:
    """Refuse values that have no natural zero, and a best value of 0."""
    _refuse(
        (least < 0) | (flip & (least == 0)),
        codes,
        "values below 0, or a best value of 0",
        "Use min_max or z.",
        "No share of the best value can be told.",
    )


def check_scalable(undefined: np.ndarray, codes: Sequence[str], method: str) -> None:
    """Refuse indicators that a method makes no scale of."""
    _refuse(
        undefined,
        codes,
        f"no spread that {method!r} could scale: all values are equal, or there are none",
        "Leave them out." if method != "robust_z" else "More than half the values may be equal: use z.",
        "Not every column can be normalised.",
    )


def _refuse(wrong: np.ndarray, codes: Sequence[str], what: str, cure: str, heading: str) -> None:
    if not wrong.any():
        return
    names = [codes[place] if codes else f"column {place}" for place in map(int, np.flatnonzero(wrong))]
    faults = Faults()
    faults.add(what, ids=names, of=len(wrong), cure=cure)
    faults.raise_if_any(ValuesError, heading)
