"""``[drivers]`` of a study file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lea_geo._checks.spec import Keys

MODELS = ("auto", "ols", "slx", "lag", "error", "durbin")
HELD_OUT = ("places", "municipalities", "none")


@dataclass(frozen=True)
class DriversSpec:
    """What the chapter of drivers is made of."""

    outcome: str = ""
    """Code of what is to go with the others; blank: the study's index where it has one that is not made of
    all the others, otherwise the first indicator."""
    indicators: tuple[str, ...] = ()
    """Codes of the drivers; empty: the first six indicators that are neither the outcome nor a part of it."""
    model: str = "auto"
    """Of the regression, one of ``MODELS``; ``auto``: the one that the diagnostics of least squares point
    to."""
    weighted: bool = False
    """Whether least squares counts areas by the outcome's population; spatial models never do."""
    local: bool = True
    """Whether to ask if associations differ from place to place."""
    multiscale: bool = False
    """Whether every driver may then work at a scale of its own."""
    held_out: str = "places"
    """What the boosted model is tested on: compact blocks, whole municipalities, or nothing at all."""
    folds: int = 8
    repeats: int = 3
    buffer: int = 0
    """Steps of neighbours around held-out areas that are not learnt from either."""
    scales: bool = True
    """Whether to look again on larger areas, random borders and other kinds of areas."""
    runs: int = 200
    """Random divisions for each size, and shuffles of the local test (one fewer)."""
    level: float = 0.95
    fdr: float = 0.05


def read_drivers(keys: Keys) -> DriversSpec:
    """Return what the table says; what is wrong with it goes to the faults of ``keys``."""
    spec = DriversSpec(
        outcome=keys.text("outcome"),
        indicators=keys.texts("indicators"),
        model=keys.choice("model", "auto", MODELS),
        weighted=keys.flag("weighted"),
        local=keys.flag("local", default=True),
        multiscale=keys.flag("multiscale"),
        held_out=keys.choice("held_out", "places", HELD_OUT),
        folds=keys.count("folds", 8, least=2),
        repeats=keys.count("repeats", 3),
        buffer=keys.count("buffer", 0, least=0),
        scales=keys.flag("scales", default=True),
        runs=keys.count("runs", 200, least=20),
        level=keys.number("level", 0.95, below=1),
        fdr=keys.number("fdr", 0.05, below=1),
    )
    if spec.outcome and spec.outcome in spec.indicators:
        keys.faults.add(f"{keys.where} names {spec.outcome} as the outcome and among the indicators")
    keys.done()
    return spec
