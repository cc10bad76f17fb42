"""The options of each kind of graph: their defaults, and what is wrong with those that were given."""

from __future__ import annotations

from difflib import get_close_matches
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ISLANDS = ("isolate", "nearest", "components")
POINTS = ("representative", "centroid")
LINK_WEIGHTS = ("binary", "inverse_distance")
CONTIGUITIES = ("queen", "rook")
KERNELS = ("triangular", "parabolic", "gaussian", "bisquare", "cosine", "exponential", "boxcar")

_POINT_OPTIONS = {"points": "representative"}
DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "queen": {"tolerance": 0.0},
    "rook": {"tolerance": 0.0},
    "knn": {"k": None} | _POINT_OPTIONS,
    "distance_band": {"threshold": None, "weights": "binary", "alpha": None} | _POINT_OPTIONS,
    "kernel": {"bandwidth": None, "k": None, "function": "gaussian"} | _POINT_OPTIONS,
    "lattice": {"contiguity": "queen", "rings": 1, "radius": None},
}
"""The options of each kind of graph; those that are None have no default."""

POINT_KINDS = ("knn", "distance_band", "kernel")


def _is_whole(value: object) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)


def is_positive(value: object) -> bool:
    """Say whether a value is a finite number above 0."""
    return isinstance(value, Real) and not isinstance(value, bool) and 0 < float(value) < np.inf


def _is_not_negative(value: object) -> bool:
    return is_positive(value) or (isinstance(value, Real) and not isinstance(value, bool) and value == 0)


_RULES: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "tolerance": (_is_not_negative, "must be a distance in metres, 0 or more"),
    "k": (lambda value: _is_whole(value) and value >= 1, "must be a whole number of at least 1"),
    "rings": (lambda value: _is_whole(value) and value >= 1, "must be a whole number of at least 1"),
    "threshold": (is_positive, "must be a distance in metres above 0"),
    "radius": (lambda value: is_positive(value) and value >= 1, "must be a number of cell sides from 1 on"),
    "bandwidth": (is_positive, "must be a distance in metres above 0"),
    "alpha": (is_positive, "must be a number above 0"),
    "weights": (LINK_WEIGHTS.__contains__, f"must be one of {', '.join(LINK_WEIGHTS)}"),
    "points": (POINTS.__contains__, f"must be one of {', '.join(POINTS)}"),
    "function": (KERNELS.__contains__, f"must be one of {', '.join(KERNELS)}"),
    "contiguity": (CONTIGUITIES.__contains__, f"must be one of {', '.join(CONTIGUITIES)}"),
}


def option_faults(kind: str, options: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with the options of one kind of graph, a sentence each."""
    known = DEFAULTS[kind]
    wrong = []
    for name, value in options.items():
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            wrong.append(f"{name!r} is no option of a {kind} graph, which takes {', '.join(known)}.{hint}")
            continue
        holds, rule = _RULES[name]
        if not (value is None and known[name] is None) and not holds(value):
            wrong.append(f"{name} is {value!r}; it {rule}.")
    return wrong + _missing_options(kind, options)


def _missing_options(kind: str, options: Mapping[str, Any]) -> list[str]:
    given = {name for name, value in options.items() if value is not None}
    if kind == "knn" and "k" not in given:
        return ["A knn graph needs k, the number of neighbours."]
    if kind == "distance_band" and "threshold" not in given:
        return ["A distance_band graph needs threshold, in metres."]
    if kind == "distance_band" and "alpha" in given and options.get("weights") != "inverse_distance":
        return ["alpha is the power of weights='inverse_distance'; binary links have none."]
    if kind == "lattice" and "radius" in given and given & {"contiguity", "rings"}:
        return ["radius says who is a neighbour; leave contiguity and rings out."]
    if kind == "kernel" and len(given & {"bandwidth", "k"}) != 1:
        return ["A kernel graph needs either bandwidth, in metres, or k, the neighbour that sets it."]
    return []


def island_faults(kind: str, islands: str, water_distance: float | None) -> list[str]:
    if islands not in ISLANDS:
        near = get_close_matches(str(islands), ISLANDS, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        return [f"islands is {islands!r}; it must be one of {', '.join(ISLANDS)}.{hint}"]
    wrong = []
    if kind == "kernel" and islands != "isolate":
        wrong.append(
            f"islands={islands!r} has no weight to give in a kernel graph; use k, which reaches everybody."
        )
    if islands == "components" and not is_positive(water_distance):
        wrong.append(
            f"water_distance is {water_distance!r}; islands='components' needs a distance in metres above 0."
        )
    if islands != "components" and water_distance is not None:
        wrong.append(f"water_distance belongs to islands='components', not to islands={islands!r}.")
    return wrong
