"""What a composite index is made of: its hierarchy and the method of every step, in frozen dataclasses.

A study file says it under ``[composite]``; docs/composite.md lists every key. What is left out of a node is
as its level says, and what is left out there is as the index says.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lea_geo.schema import Text

IMPUTATIONS = ("none", "mean", "median", "neighbours", "group", "parent")
TREATMENTS = ("none", "winsorise", "log", "box_cox", "auto")
TRANSFORMS = ("", "log", "log1p", "sqrt", "logit")
NORMALISATIONS = (
    "none",
    "min_max",
    "goalposts",
    "z",
    "robust_z",
    "rank",
    "borda",
    "percentile_rank",
    "exponential_rank",
    "normal_score",
    "distance_to_target",
    "distance_to_reference",
    "fraction_of_max",
    "categories",
    "ampi",
)
WEIGHTINGS = ("equal", "stated", "consultation", "pca", "factor", "optimised")
AGGREGATIONS = (
    "arithmetic",
    "sum",
    "geometric",
    "harmonic",
    "power",
    "median",
    "minimum",
    "maximum",
    "ampi",
    "copeland",
    "benefit_of_the_doubt",
)


@dataclass(frozen=True)
class Screen:
    """When an indicator or an area says too little to be part of an index."""

    available: float = 0.0
    """The least share of areas with a value."""
    zeros: float = 1.0
    """The largest share of zeros among the values."""
    ties: float = 1.0
    """The largest share of values that are one and the same."""
    area_available: float = 0.0
    """The least share of indicators that an area must have a value for."""
    area_zeros: float = 1.0
    """The largest share of zeros among an area's values."""
    exclude: bool = False
    """Leave out what fails; otherwise it is only noted."""


@dataclass(frozen=True)
class Impute:
    """What stands in for a value that is not known; every cell is logged."""

    method: str = "none"
    by: str = ""
    """For ``group`` and ``parent``: the attribute that says what an area belongs to, such as
    ``municipality``."""


@dataclass(frozen=True)
class Treat:
    """What becomes of outliers; every cell is logged.

    An indicator is treated where its skewness is beyond ``skewness`` and its excess kurtosis above
    ``kurtosis``.
    """

    method: str = "none"
    """``auto`` winsorises, and takes logarithms where winsorising is not enough."""
    skewness: float = 2.0
    kurtosis: float = 3.5
    most: int = 5
    """How many values may be winsorised."""


@dataclass(frozen=True)
class Normalise:
    """How values are put on a common scale; which options a method takes is in ``composite.normalise``."""

    method: str = "min_max"
    low: float | None = None
    """The least score, for ``min_max`` and ``goalposts``; left out, 0."""
    high: float | None = None
    """The greatest score; left out, 100."""
    minimum: float | None = None
    """For ``goalposts``: the value that scores ``low``; for an indicator that counts the other way,
    ``high``. For ``ampi``: the least value of all years, left out that of the areas. In the indicator's own
    unit, before its ``transform``; so are ``maximum``, ``target``, ``reference`` and ``breaks``."""
    maximum: float | None = None
    """The other goalpost; above ``minimum`` whichever way the indicator counts."""
    cap: bool = True
    """For ``goalposts`` and ``distance_to_target``: no score passes the ends."""
    target: float | None = None
    reference: float | None = None
    """For ``ampi`` and ``distance_to_reference``: the value to compare with; left out, the mean of the
    areas."""
    mean: float | None = None
    """For ``z`` and ``robust_z``: what the mean (the median) becomes; left out, 0."""
    deviation: float | None = None
    """What a standard deviation becomes; left out, 1."""
    sample: bool = True
    """For ``z``: divide by n - 1."""
    weighted: bool = False
    """Count people, by the index's ``population``, in place of areas: in the mean and deviation of ``z``; in
    ``percentile_rank`` and ``exponential_rank``; in categories of equal size (``quantiles``)."""
    ties: str = ""
    """For ranks: ``min``, ``max`` or ``average``; left out, as the method's source does it."""
    share: str = ""
    """For ``percentile_rank``, ``exponential_rank`` and ``normal_score``: the share of n areas that rank r
    stands for: ``r/n``, ``(r-1)/n``, ``(r-0.5)/n``, ``(r-1)/(n-1)`` or ``r/(n+1)``; left out, as the method's
    source does it."""
    constant: float | None = None
    """For ``exponential_rank``; left out, 23."""
    breaks: tuple[float, ...] = ()
    """For ``categories``: where one category ends and the next begins, rising."""
    scores: tuple[float, ...] = ()
    """For ``categories``: a score for each, rising from the worst; one more than ``breaks``. Where the
    indicator counts the other way, they are dealt out from the highest category. Left out, 1, 2, 3, ..."""
    quantiles: int | None = None
    """For ``categories``: that many categories of equal size in place of ``breaks``."""
    decimals: int | None = None
    """Round the scores."""
    truncate: bool = False
    """Cut them off there instead, as Excel's PERCENTRANK.INC does."""


@dataclass(frozen=True)
class Weighting:
    """How much each member of a group counts."""

    method: str = "equal"
    """``stated`` takes the nodes' own ``weight``."""
    table: str = ""
    """For ``consultation``: a file with a row for each answer and a column of points for each node."""
    correlation: str = "pearson"
    """For ``pca``, ``factor`` and ``optimised``: ``pearson`` or ``spearman``."""


@dataclass(frozen=True)
class Aggregate:
    """How a group's score comes of its members'."""

    method: str = "arithmetic"
    power: float | None = None
    """For ``power``: 1 is the arithmetic mean, 0 the geometric, -1 the harmonic."""
    penalty: str = ""
    """For ``ampi``: ``-`` where a high score is good, ``+`` where it is bad; left out, as ``high``
    of the index says."""
    least: float | None = None
    """For ``benefit_of_the_doubt``: the smallest share that a member may have in the score."""
    most: float | None = None
    """The largest."""


@dataclass(frozen=True)
class Node:
    """An indicator or a group of the hierarchy. What is None is as the node's level says."""

    code: str
    parent: str = ""
    """The group that it counts in; empty: the index."""
    name: Text | None = None
    weight: float | None = None
    """How much it counts among its parent's members, in any unit; left out, 1."""
    column: str = ""
    """For an indicator of a plain table: its column; left out, its code."""
    direction: str = ""
    """For an indicator: ``protects`` or ``weakens``; left out, as the catalogue says."""
    transform: str = ""
    """For an indicator: what is taken of its values first, whatever their distribution."""
    normalise: Normalise | None = None
    """How its own values, or its score, are put on a scale before they count in the parent."""
    weighting: Weighting | None = None
    """For a group: how much its members count."""
    aggregate: Aggregate | None = None
    """For a group: how its score comes of its members'."""
    result: Normalise | None = None
    """For a group: the scale that its score is published on; it goes up as ``normalise`` says all the
    same."""


@dataclass(frozen=True)
class AtLevel:
    """What holds for all nodes of one level that do not say otherwise."""

    level: str
    """``indicator``, ``index``, or one of ``CompositeSpec.levels``; groups listed by hand are ``group``, and
    the two ledgers ``load`` and ``resource`` where they differ."""
    normalise: Normalise | None = None
    """Of the index: the scale that its score is published on."""
    weighting: Weighting | None = None
    aggregate: Aggregate | None = None
    result: Normalise | None = None
    """The scale that groups' scores are published on; they go up as ``normalise`` says all the same."""


@dataclass(frozen=True)
class CompositeSpec:
    """A composite index."""

    name: Text | None = None
    indicators: tuple[Node, ...] = ()
    """Empty: every indicator that the study or the table has and whose direction is known."""
    groups: tuple[Node, ...] = ()
    """The hierarchy by hand; with ``levels``, what is particular to single groups of the catalogue."""
    levels: tuple[str, ...] = ()
    """The hierarchy by the catalogue, from below: any of ``phenomenon domain perspective``. The index is
    above them, and a group of a lower level is divided where those above it divide it."""
    high: str = "weakens"
    """What a high score means: that much ``weakens`` wellbeing, or that much ``protects`` it."""
    ledgers: bool = False
    """Keep what weakens and what protects apart: a ``load`` and a ``resource``, each its own hierarchy."""
    available: float = 0.5
    """The least share of a group's weights that an area must have a value for; below it, it has no score."""
    population: str = ""
    """The column of the table that holds the areas' population, where a method asks for it."""
    screen: Screen = field(default_factory=Screen)
    impute: Impute = field(default_factory=Impute)
    treat: Treat = field(default_factory=Treat)
    normalise: Normalise = field(default_factory=Normalise)
    """Of indicators; a group's score goes up as it is unless its level says otherwise."""
    weighting: Weighting = field(default_factory=Weighting)
    aggregate: Aggregate = field(default_factory=Aggregate)
    at: tuple[AtLevel, ...] = ()

    @property
    def consultations(self) -> tuple[str, ...]:
        """The files of answers that weights come of, each once."""
        said: tuple[CompositeSpec | AtLevel | Node, ...] = (self, *self.at, *self.groups)
        named = (one.weighting.table for one in said if one.weighting is not None)
        return tuple(dict.fromkeys(filter(None, named)))
