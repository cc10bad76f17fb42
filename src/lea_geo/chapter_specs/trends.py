"""``[trends]`` of a study file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lea_geo.schema import CONTROLLED

if TYPE_CHECKING:
    from lea_geo._checks.spec import Keys

RULES = ("tested", "arcgis")
AGAINST = ("year", "window", "cube")
FAMILIES = ("all", "year")
AUTOCORRELATION = ("none", "hamed_rao", "trend_free", "pooled")
CUTS = ("pooled", "year")
_ALWAYS = {"always": True}
"""Of what is meant otherwise where a study asks for another rule: it is always written back."""


@dataclass(frozen=True)
class TrendsSpec:
    """What the chapter of trends is made of."""

    indicators: tuple[str, ...] = ()
    """Codes; empty: all that are no composite."""
    rule: str = "tested"
    """How areas are classed: by what is ``tested``, or by ``arcgis``'s definitions and defaults."""
    window: int = field(default=0, metadata=_ALWAYS)
    """How many earlier years count as neighbours."""
    against: str = field(default="year", metadata=_ALWAYS)
    """What a neighbourhood is compared with: its ``year``, the ``window`` it reaches over, or the whole
    ``cube`` of areas and years."""
    fdr: float = field(default=0.05, metadata=_ALWAYS)
    """Level at which an area is told to be hot or cold."""
    trend_fdr: float = field(default=0.05, metadata=_ALWAYS)
    """Level at which a trend is told."""
    correction: str = "bh"
    """For many areas and years."""
    trend_correction: str = field(default="bh", metadata=_ALWAYS)
    """For many areas' trends."""
    family: str = "all"
    """Whether one correction covers ``all`` areas and years, or each ``year`` has its own."""
    autocorrelation: str = field(default="pooled", metadata=_ALWAYS)
    """What is done about values that resemble those of the year before."""
    ends: int = 0
    """How many years at either end are also taken together; 0: a third of them."""
    share: float = 0.9
    """ArcGIS's share of years."""
    classes: int = 5
    """How many classes areas move between."""
    cuts: str = "pooled"
    """Classes by quantiles of all years, ``pooled``, or of each ``year``."""
    level: float = 0.95
    """Of intervals."""
    permutations: int = 199
    """Of the test of whether neighbours matter to moves between classes; 0: none."""


ARCGIS = TrendsSpec(
    rule="arcgis",
    window=1,
    against="cube",
    fdr=0.10,
    trend_fdr=0.10,
    trend_correction="none",
    autocorrelation="none",
)
"""What is meant where a study asks for ArcGIS's rule and says no more."""


def read_trends(keys: Keys) -> TrendsSpec:
    """Return what the table says; what is wrong with it goes to the faults of ``keys``."""
    rule = keys.choice("rule", "tested", RULES)
    plain = ARCGIS if rule == "arcgis" else TrendsSpec()
    fdr = keys.number("fdr", plain.fdr, below=1)
    spec = TrendsSpec(
        indicators=keys.texts("indicators"),
        rule=rule,
        window=keys.count("window", plain.window, least=0),
        against=keys.choice("against", plain.against, AGAINST),
        fdr=fdr,
        trend_fdr=keys.number("trend_fdr", fdr, below=1),
        correction=keys.choice("correction", plain.correction, tuple(CONTROLLED)),
        trend_correction=keys.choice("trend_correction", plain.trend_correction, tuple(CONTROLLED)),
        family=keys.choice("family", plain.family, FAMILIES),
        autocorrelation=keys.choice("autocorrelation", plain.autocorrelation, AUTOCORRELATION),
        ends=keys.count("ends", plain.ends, least=0),
        share=keys.number("share", plain.share, below=1.0000001),
        classes=keys.count("classes", plain.classes, least=2, most=10),
        cuts=keys.choice("cuts", plain.cuts, CUTS),
        level=keys.number("level", plain.level, below=1),
        permutations=keys.count("permutations", plain.permutations, least=0),
    )
    if spec.window and spec.against == "year":
        cure = 'Write against = "window" or "cube".'
        keys.faults.add(f"{keys.where} compares several years with one: window is {spec.window}", cure=cure)
    keys.done()
    return spec
