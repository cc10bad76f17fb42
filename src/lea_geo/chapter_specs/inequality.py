"""``[inequality]`` of a study file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lea_geo._checks.spec import Keys

BY_MUNICIPALITY = "municipality"


@dataclass(frozen=True)
class InequalitySpec:
    """What the chapter of inequality is made of."""

    indicators: tuple[str, ...] = ()
    """Codes; empty: all shares, rates and means of the study, and no composite."""
    by: str = BY_MUNICIPALITY
    """What inequality is split by: ``municipality``, where there are several, or nothing."""
    rank_by: str = ""
    """The indicator that orders the areas from disadvantaged to advantaged; blank: the index, where there is
    one."""
    population: str = ""
    """The indicator that counts the people behind values without counts; blank: every area counts once."""
    epsilon: tuple[float, ...] = (0.5, 1.0, 2.0)
    """Of Atkinson's indices."""
    share: float = 0.1
    """Of the people at either end of a gap."""
    runs: int = 0
    """Draws of an interval; 0: 999, and 199 for more than 500 areas."""
    seed: int | None = None
    """Of the draws; left out, that of ``[spatial]``."""


def read_inequality(keys: Keys) -> InequalitySpec:
    """Return what the table says; what is wrong with it goes to the faults of ``keys``."""
    default = InequalitySpec()
    spec = InequalitySpec(
        indicators=keys.texts("indicators"),
        by=keys.choice("by", default.by, (BY_MUNICIPALITY, "")),
        rank_by=keys.text("rank_by"),
        population=keys.text("population"),
        epsilon=keys.numbers("epsilon") or default.epsilon,
        share=keys.number("share", default.share, below=0.5),
        runs=keys.count("runs", default.runs, least=0, most=100_000),
        seed=keys.count("seed", default.seed, least=0, most=2**63 - 1),
    )
    _check(keys, spec)
    keys.done()
    return spec


def _check(keys: Keys, spec: InequalitySpec) -> None:
    """Note what single keys cannot tell."""
    if 0 < spec.runs < LEAST_RUNS:
        keys.faults.add(
            f"{keys.where} runs is {spec.runs}",
            cure=f"Write at least {LEAST_RUNS}, or 0 to let the chapter choose.",
        )
    if min(spec.epsilon) <= 0 or len(set(spec.epsilon)) < len(spec.epsilon):
        keys.faults.add(
            f"{keys.where} epsilon is {list(spec.epsilon)}",
            cure="Write different numbers above 0: [0.5, 1, 2].",
        )


LEAST_RUNS = 99
"""With fewer draws an interval of 95 % has no ends."""
