"""What a study makes of rates over few people, and when it calls one unreliable.

A study file says it under ``[rates]``; docs/small-numbers.md says what each method does. Left out, every rate
stays as it was counted: shrinking is a choice that a study states, never one made for it.
"""

from __future__ import annotations

from dataclasses import dataclass

RATE_METHODS = ("raw", "empirical_bayes", "local", "beta_binomial", "poisson_gamma", "parent", "bym2")


@dataclass(frozen=True)
class RatesSpec:
    """How the rates of a study are steadied, and which of them are marked."""

    method: str = "raw"
    """``raw`` leaves them as counted. ``empirical_bayes`` and ``local`` are Marshall's, towards all areas and
    towards neighbours; ``beta_binomial`` and ``poisson_gamma`` are fitted by maximum likelihood; ``parent``
    is the English indices' way, towards an area of a higher level; ``bym2`` is the spatial model."""
    parent: str = ""
    """For ``parent``: the attribute that says what each area belongs to; left out, ``municipality``."""
    minimum_denominator: float = 0.0
    """A rate over fewer people is unreliable."""
    minimum_numerator: float = 0.0
    """A rate of fewer events is unreliable."""
    cautious_cv: float | None = None
    """A rate with a larger coefficient of variation is to be used with caution."""
    largest_cv: float | None = None
    """A rate with a larger coefficient of variation is unreliable."""
    years: int = 1
    """How many years' counts may be added up, the latest first, until a rate is reliable; 1: its own only."""
    merge: bool = False
    """Merge neighbouring areas until all are reliable, and study the merged areas in place of the areas."""

    @property
    def flags(self) -> bool:
        """Whether any rule can mark a rate."""
        return bool(self.minimum_denominator or self.minimum_numerator or self.cautious_cv or self.largest_cv)
