"""What every measure of inequality gives back."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMS = ("absolute", "relative")
"""In the unit of the values, or without a unit."""
WEIGHTINGS = ("weighted", "unweighted")
"""Every person counts once, or every area."""


@dataclass(frozen=True)
class Estimate:
    """One number: a measure in one form and by one weighting."""

    measure: str
    form: str
    """One of ``FORMS``."""
    weighting: str
    """One of ``WEIGHTINGS``."""
    value: float
    """The measure of the values as they are; NaN where it has no meaning, which a note says."""
    lower: float = float("nan")
    upper: float = float("nan")
    corrected: float = float("nan")
    """The median of what the true measure may be, given the noise; below ``value`` where noise spreads areas
    apart. NaN where nothing is known of the noise."""
    noise: float = float("nan")
    """What the measure would be on average if all areas were equal and only chance set them apart."""
    p_value: float = float("nan")
    """How likely equal areas would show as much or more; of measures with a sign, two-sided."""
    equal: float = 0.0
    """What the measure is where there is no inequality."""

    @property
    def interval(self) -> tuple[float, float]:
        """``lower`` and ``upper``."""
        return self.lower, self.upper


@dataclass(frozen=True)
class Part:
    """One part of an inequality that adds up of parts."""

    name: str
    """``"between municipality"``, ``"within municipality"``."""
    weighting: str
    value: float
    share: float
    """Of the whole; NaN where there is no inequality."""
    lower: float = float("nan")
    upper: float = float("nan")
    noise: float = float("nan")
    """What the part would be on average if all areas were equal."""

    @property
    def interval(self) -> tuple[float, float]:
        """``lower`` and ``upper``."""
        return self.lower, self.upper


@dataclass(frozen=True)
class Decomposition:
    """An inequality as the sum of what lies between groups, level by level, and within the last."""

    measure: str
    levels: tuple[str, ...]
    """The nesting, the widest groups first."""
    parts: tuple[Part, ...]
    """Between the groups of every level inside those of the one before, then within the last; twice: weighted
    and unweighted. The values of one weighting add up to the measure."""
    groups: pd.DataFrame
    """Of the first level, indexed by group: ``population_share``, ``mean``, ``within`` (the measure inside
    the group) and ``contribution`` (what the group's inside adds to the whole), of people."""

    def part(self, name: str, weighting: str = "weighted") -> Part:
        """Return one part by its name: ``"within"`` is the last.

        Raises
        ------
        KeyError
            If there is no such part.
        """
        for one in self.parts:
            if one.weighting == weighting and (one.name == name or one.name.startswith(f"{name} ")):
                return one
        raise KeyError(name)

    @property
    def between(self) -> float:
        """What lies between groups of all levels, of people."""
        return sum(one.value for one in self.parts if one.weighting == "weighted" and one.name[0] == "b")

    @property
    def within(self) -> float:
        """What lies within the groups of the last level, of people."""
        return self.part("within").value

    @property
    def total(self) -> float:
        """The sum of the parts, of people."""
        return self.between + self.within

    @property
    def table(self) -> pd.DataFrame:
        """One row a part: ``name weighting value share lower upper noise``."""
        return pd.DataFrame([asdict(one) for one in self.parts])


@dataclass(frozen=True)
class Inequality:
    """A measure of inequality: absolute and relative, of people and of areas, each with its interval."""

    measure: str
    form: str
    """Of ``value``: one of ``FORMS``."""
    estimates: tuple[Estimate, ...]
    n_areas: int
    includes: str
    """What the intervals hold, as part of a sentence."""
    level: float
    runs: int
    seed: int
    settings: Mapping[str, Any] = field(default_factory=dict)
    """What else was asked for: epsilon, who is compared, the model."""
    notes: tuple[str, ...] = ()
    decomposition: Decomposition | None = None

    def estimate(self, form: str = "", weighting: str = "weighted") -> Estimate:
        """Return one of ``estimates``; ``form`` left out is that of ``value``.

        Raises
        ------
        KeyError
            If the measure has no such form.
        """
        for one in self.estimates:
            if one.form == (form or self.form) and one.weighting == weighting:
                return one
        raise KeyError(f"{self.measure} has no {form} form")

    @property
    def value(self) -> float:
        """The measure where every person counts once."""
        return self.estimate().value

    @property
    def interval(self) -> tuple[float, float]:
        """The interval of ``value``."""
        return self.estimate().interval

    @property
    def unweighted(self) -> float:
        """The measure where every area counts once."""
        return self.estimate(weighting="unweighted").value

    @property
    def unweighted_interval(self) -> tuple[float, float]:
        """The interval of ``unweighted``."""
        return self.estimate(weighting="unweighted").interval

    @property
    def corrected(self) -> float:
        """``value`` corrected for noise: :attr:`Estimate.corrected`."""
        return self.estimate().corrected

    @property
    def noise(self) -> float:
        """What chance alone would give: :attr:`Estimate.noise`."""
        return self.estimate().noise

    @property
    def p_value(self) -> float:
        """How likely equal areas would show as much: :attr:`Estimate.p_value`."""
        return self.estimate().p_value

    @property
    def absolute(self) -> Estimate:
        """The measure in the unit of the values, of people."""
        return self.estimate("absolute")

    @property
    def relative(self) -> Estimate:
        """The measure without a unit, of people."""
        return self.estimate("relative")

    @property
    def table(self) -> pd.DataFrame:
        """One row an estimate: ``measure form weighting value lower upper corrected noise p_value equal``."""
        return pd.DataFrame([asdict(one) for one in self.estimates])

    def __repr__(self) -> str:
        lower, upper = self.interval
        held = "no interval" if np.isnan(lower) else f"{lower:.4g} to {upper:.4g}"
        return f"<Inequality {self.measure} {self.value:.4g} ({held}), {self.n_areas} areas>"
