"""``[change]`` of a study file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lea_geo.schema import CONTROLLED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lea_geo._checks.spec import Keys


@dataclass(frozen=True)
class ChangeSpec:
    """What the chapter of change is made of."""

    indicators: tuple[str, ...] = ()
    """Codes; empty: all indicators, and the index where there is one."""
    since: str = ""
    """The year to compare with; blank: the first. The other is the latest."""
    level: float = 0.95
    """Coverage of intervals; the smallest detectable change is that of a test at 1 less this."""
    power: float = 0.8
    """With which the smallest detectable change is found."""
    fdr: float = 0.05
    correction: str = "bh"
    """How q-values are made, one of ``schema.CONTROLLED``, and the level that they are held to."""
    relevant: Mapping[str, float] = field(default_factory=dict)
    """Code to the smallest change that matters, in the indicator's unit."""
    correlation: float = 0.0
    """Of the chance in both years: the share of people counted in both times how much they stay as they
    were."""
    goalposts: str = ""
    """The year whose least and largest values score 0 and 100; blank: the earlier of the two compared."""
    order: str = ""
    """Code of an indicator that areas are ordered by, for the slopes of gaps; blank: none."""
    boundaries: str = ""
    """A file with the areas of the earlier year: areas whose borders have changed are not tested."""
    boundaries_id: str = ""
    """The column of ``boundaries`` that holds the areas' ids."""
    redrawn: tuple[str, ...] = ()
    """Ids of areas that are known not to be the same place."""
    jump: float = 0.25
    """More than this, beyond what is usual, must the number of people have changed to be a break."""
    runs: int = 299
    """Draws that the intervals of gaps and slopes are made of."""

    @property
    def files(self) -> tuple[tuple[str, str], ...]:
        """Files that the chapter reads, with their roles."""
        return (("change boundaries", self.boundaries),) if self.boundaries else ()


def read_change(keys: Keys) -> ChangeSpec:
    """Return what the table says; what is wrong with it goes to the faults of ``keys``."""
    plain = ChangeSpec()
    spec = ChangeSpec(
        indicators=keys.texts("indicators"),
        since=keys.text("since"),
        level=keys.number("level", plain.level, below=1),
        power=keys.number("power", plain.power, below=1),
        fdr=keys.number("fdr", plain.fdr, below=1),
        correction=keys.choice("correction", plain.correction, tuple(CONTROLLED)),
        relevant=_relevant(keys.within("relevant")),
        correlation=keys.number("correlation", plain.correlation, above=-1, below=1),
        goalposts=keys.text("goalposts"),
        order=keys.text("order"),
        boundaries=keys.file("boundaries"),
        boundaries_id=keys.text("boundaries_id"),
        redrawn=keys.texts("redrawn"),
        jump=keys.number("jump", plain.jump),
        runs=keys.count("runs", plain.runs, least=99),
    )
    if bool(spec.boundaries) != bool(spec.boundaries_id):
        cure = "boundaries_id is the column of the file that holds the areas' ids."
        keys.faults.add(f"{keys.where} boundaries and boundaries_id belong together", cure=cure)
    keys.done()
    return spec


def _relevant(keys: Keys) -> dict[str, float]:
    """Return the smallest change that matters of each indicator."""
    stated = {str(code): keys.number(str(code), 0.0) for code in keys.table}
    return {code: value for code, value in stated.items() if value > 0}
