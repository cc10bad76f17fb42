"""What a test of robustness varies, in frozen dataclasses.

A study file says it under ``[robustness]``; docs/robustness.md lists every key.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lea_geo.composite_spec import Aggregate, Impute, Normalise, Weighting

NOISES = ("none", "sampling", "joint")
HIDDEN = ("none", "uniform", "joint")
FACTORS = ("normalise", "weights", "aggregate", "impute", "indicators", "noise", "hidden")
"""What can differ between runs, in the order in which results list it."""


@dataclass(frozen=True)
class GraphChoice:
    """Another answer to who is whose neighbour; its options are those of ``[spatial]``."""

    graph: str
    k: int | None = None
    threshold: float | None = None
    bandwidth: float | None = None
    tolerance: float | None = None

    @property
    def options(self) -> dict[str, float]:
        """The options that are given."""
        held = {one.name: getattr(self, one.name) for one in fields(self) if one.name != "graph"}
        return {name: value for name, value in held.items() if value is not None}

    @property
    def name(self) -> str:
        """What notes call it: ``knn 6``."""
        return " ".join([self.graph, *(f"{value:g}" for value in self.options.values())])


@dataclass(frozen=True)
class RobustnessSpec:
    """How a study is run again and again, with other methods and other values that could be true."""

    runs: int = 2_000
    """How often; 0 in a study: the index is not tested."""
    seed: int = 2009
    worst: int | None = None
    """Of how many areas ``p_worst`` speaks; left out, a tenth of those with a score, rounded up."""
    holds: float = 0.9
    """The share of runs in which a tier has to hold."""
    noise: str = "joint"
    """Where the true rates may lie: ``sampling`` takes each rate alone, ``joint`` all rates of an area and
    all areas together, ``none`` takes the observed ones for true."""
    hidden: str = "joint"
    """Where between its bounds a suppressed value may lie: ``joint`` anywhere, but rather where the area's
    other rates and all areas make it likely; ``uniform`` anywhere, all alike; ``none`` leaves it a gap."""
    normalise: tuple[Normalise, ...] | None = None
    """In place of the index's own; left out, a few that fit it; empty, no other."""
    aggregate: tuple[Aggregate, ...] | None = None
    weighting: tuple[Weighting, ...] | None = None
    impute: tuple[Impute, ...] | None = None
    weights_within: float = 0.25
    """By which share of itself each weight may be larger or smaller."""
    leave_out: bool = True
    """Whether a run may leave an indicator out: none of them, or any one, each as likely."""
    labels: int = 0
    """In how many runs under each choice the cluster labels of every indicator are made again, in the latest
    year; 0: they are not, and no verdict is given on them."""
    graphs: tuple[GraphChoice, ...] | None = None
    """By which other neighbours they are; left out, by one other kind of graph; empty, by none."""
