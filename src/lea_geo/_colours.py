"""Colours and patterns: a pure function from what an area is to how it looks.

Values take ColorBrewer's YlGnBu, which keeps its order under every colour-vision deficiency. Cluster labels
have fixed colours: a class that is absent never shifts another's. Labels that can stand in one legend differ
by at least 19 in CAM02-UCS for every eye, classes of values by at least 12: a test measures it.
What is no value is a pattern, never a colour of the scale.
"""

from __future__ import annotations

from dataclasses import dataclass

from lea_geo.schema import Label, Status

SEQUENTIAL = ("#ffffcc", "#a1dab4", "#41b6c4", "#2c7fb8", "#253494")
"""ColorBrewer YlGnBu, five classes, from low to high."""

DIVERGING = ("#5e3c99", "#b2abd2", "#f7f7f7", "#fdb863", "#e66101")
"""ColorBrewer PuOr, five classes: far below the middle, below it, at it, above it, far above it."""

N_CLASSES = len(SEQUENTIAL)

_PAPER = "#ffffff"
_INK = "#6b7480"


@dataclass(frozen=True)
class Style:
    """How a class of areas is drawn."""

    fill: str
    """Colour as ``#rrggbb``."""
    pattern: str = ""
    """Empty, or one that ``patterns.js`` knows: ``hatch dots grid lines crosses``."""
    ink: str = _INK
    """Colour of the pattern."""

    def as_dict(self) -> dict[str, str]:
        """Return the style as plain JSON."""
        return {"fill": self.fill, "pattern": self.pattern, "ink": self.ink}


STYLES: dict[str, Style] = {
    Label.HIGH_HIGH: Style("#b2182b"),
    Label.LOW_LOW: Style("#2166ac"),
    Label.LOW_HIGH: Style("#80cdff"),
    Label.HIGH_LOW: Style("#fdae61"),
    Label.OTHER_POSITIVE: Style("#be9bc8"),
    Label.NEGATIVE: Style("#be7d19"),
    Label.NOT_SIGNIFICANT: Style("#d9d9d9"),
    Label.ISOLATE: Style(_PAPER, "lines"),
    Label.UNDEFINED: Style(_PAPER, "crosses"),
    Status.MISSING: Style(_PAPER, "hatch"),
    Status.SUPPRESSED: Style(_PAPER, "dots", "#3f4750"),
    Status.NOT_APPLICABLE: Style(_PAPER, "grid", "#8796a5"),
}
"""Every class that is not a class of values."""


_ALONE: dict[str, str] = {
    Label.UNDEFINED: "#928874",
    Status.SUPPRESSED: "#928874",
    Status.NOT_APPLICABLE: "#b0a79c",
}
"""A full pixel of the ink of small dots or crosses would shout, and other patterns share an ink."""


def solid(key: str) -> str:
    """Return the one colour of a class where no pattern can be drawn, as in a raster.

    Parameters
    ----------
    key
        One of ``STYLES``.
    """
    style = STYLES[key]
    return _ALONE.get(key, style.ink if style.pattern else style.fill)


def sequential(n: int) -> tuple[str, ...]:
    """Return ``n`` colours from low to high, as far apart as the scale allows.

    Parameters
    ----------
    n
        0 to 5 classes. One class takes the middle colour.
    """
    if n == 1:
        return (SEQUENTIAL[N_CLASSES // 2],)
    return tuple(SEQUENTIAL[round(i * (N_CLASSES - 1) / (n - 1))] for i in range(n))
