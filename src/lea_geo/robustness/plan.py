"""What can differ between runs, and what a single run does: from a setting to the scores of all areas."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from lea_geo.composite.impute import filled
from lea_geo.robustness.streams import Key, stream
from lea_geo.robustness_spec import FACTORS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lea_geo.composite.engine import Engine
    from lea_geo.composite.impute import Known
    from lea_geo.composite_spec import Aggregate, Impute, Normalise, Weighting
    from lea_geo.robustness.hidden import HiddenValues
    from lea_geo.robustness.noise import Noise
    from lea_geo.robustness.observed import Observed

Keys = tuple[Key | None, ...]
"""One for each of ``FACTORS``: which random numbers decide it; None leaves it as it is stated."""
STATED: Keys = (None,) * len(FACTORS)


@dataclass(frozen=True)
class Alternatives:
    """The methods that runs choose among; the stated one is the first of each."""

    normalise: tuple[Normalise, ...]
    weighting: tuple[Weighting, ...]
    aggregate: tuple[Aggregate, ...]
    impute: tuple[Impute, ...]
    left_out: tuple[int, ...]
    """Columns of indicators; -1, the first, for none."""

    def count(self, factor: str) -> int:
        """Return among how many a factor chooses; 1 where it has no choice."""
        name = {"weights": "weighting", "indicators": "left_out"}.get(factor, factor)
        return len(getattr(self, name, (None,)))


@dataclass(frozen=True)
class Setting:
    """All that one run does not share with others: places among the alternatives, and random numbers."""

    normalise: int = 0
    weighting: int = 0
    aggregate: int = 0
    impute: int = 0
    left_out: int = 0
    weights: Key | None = None
    noise: Key | None = None
    hidden: Key | None = None

    @property
    def method(self) -> tuple[int, int, int]:
        """Which engine it takes."""
        return self.normalise, self.weighting, self.aggregate


@dataclass(frozen=True)
class Plan:
    """All that runs have in common; nothing in it changes, so that any number of threads can use it."""

    seed: int
    observed: Observed
    known: Known
    noise: Noise | None
    hidden: HiddenValues | None
    alternatives: Alternatives
    engines: Mapping[tuple[int, int, int], Engine]
    """By places among the alternatives of normalise, weighting and aggregate."""
    weights_within: float
    nodes: tuple[int, ...]
    """Whose scores are wanted."""
    onto: Mapping[tuple[int, int, int, int], np.ndarray]
    """By method and imputation: slope and term, shape (2, nodes), that bring scores onto the stated scale."""

    @cached_property
    def moving(self) -> tuple[str, ...]:
        """The factors that can make any difference here."""
        able = {
            "weights": self.weights_within > 0,
            "noise": self.noise is not None,
            "hidden": self.hidden is not None,
        }
        return tuple(one for one in FACTORS if able.get(one, False) or self.alternatives.count(one) > 1)

    def setting(self, keys: Sequence[Key | None]) -> Setting:
        """Return what random numbers decide."""
        given = {
            factor: key if factor in self.moving else None for factor, key in zip(FACTORS, keys, strict=True)
        }
        places = {factor: self._place(factor, key) for factor, key in given.items()}
        return Setting(
            normalise=places["normalise"],
            weighting=places["weights"],
            aggregate=places["aggregate"],
            impute=places["impute"],
            left_out=places["indicators"],
            weights=given["weights"],
            noise=given["noise"],
            hidden=given["hidden"],
        )

    def chosen(self, factor: str, place: int) -> Setting:
        """Return the setting in which one factor takes a choice of its list and all else is as stated."""
        name = "left_out" if factor == "indicators" else factor
        return Setting(**{name: place})  # type: ignore[arg-type] # only factors with a list are asked for

    def _place(self, factor: str, key: Key | None) -> int:
        count = self.alternatives.count(factor)
        return 0 if key is None or count == 1 else int(stream(self.seed, key, factor).integers(count))

    def values(self, setting: Setting) -> np.ndarray:
        """Return the values (n, k) of a run, with gaps filled as the setting says."""
        x = self.observed.value.copy()
        if setting.noise is not None and self.noise is not None:
            self.noise.draw(stream(self.seed, setting.noise, "noise"), x)
        if setting.hidden is not None and self.hidden is not None:
            self.hidden.draw(stream(self.seed, setting.hidden, "hidden"), x)
        return filled(x, self.alternatives.impute[setting.impute], self.known)

    def factors(self, setting: Setting) -> np.ndarray | None:
        """Return what the weights of nodes are multiplied by; None for nothing."""
        column = self.alternatives.left_out[setting.left_out]
        if setting.weights is None and column < 0:
            return None
        factors = np.ones(len(self.engines[setting.method].tree.nodes))
        if setting.weights is not None:
            rng = stream(self.seed, setting.weights, "weights")
            rng.integers(1 << 32)  # what chose the weighting
            factors += self.weights_within * rng.uniform(-1, 1, len(factors))
        if column >= 0:
            factors[column] = 0.0
        return factors

    def scores(self, setting: Setting) -> np.ndarray:
        """Return the scores of the wanted nodes, on the stated scale; shape (nodes, n), NaN for none."""
        slope, term = self.onto[(*setting.method, setting.impute)]
        return np.asarray(slope[:, None] * self.own_scores(setting) + term[:, None])

    def own_scores(self, setting: Setting) -> np.ndarray:
        """Return the scores of the wanted nodes as the method gives them, shape (nodes, n)."""
        engine = self.engines[setting.method]
        found = engine.scores(self.values(setting), factors=self.factors(setting))
        return np.asarray(engine.results(found)[0][:, list(self.nodes)].T)

    def on_stated_scale(self) -> Plan:
        """Return the plan with ``onto``: mean and deviation of what was observed agree between methods.

        A mean of z-scores is not on the scale of a mean of percentages: to be set side by side, each method's
        scores are stretched so that on the whole it scores the observed values like the stated method. Ranks
        are not touched by it, and neither are the stated method's scores.
        """
        stated = self.own_scores(Setting())
        onto = {}
        for method, engine in self.engines.items():
            engine.learn(self.values(Setting(*method)))  # refuses weights that runs would let pass
            for at in range(len(self.alternatives.impute)):
                own = self.own_scores(Setting(*method, impute=at))
                onto[(*method, at)] = np.array([_onto(*pair) for pair in zip(own, stated, strict=True)]).T
        return replace(self, onto=onto)


def _onto(own: np.ndarray, stated: np.ndarray) -> tuple[float, float]:
    both = ~np.isnan(own) & ~np.isnan(stated)
    if not both.any() or np.array_equal(own[both], stated[both]):
        return 1.0, 0.0
    spread = float(own[both].std())
    slope = float(stated[both].std()) / spread if spread > 0 else 1.0
    return slope, float(stated[both].mean()) - slope * float(own[both].mean())
