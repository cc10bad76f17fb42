"""What things are called: columns, labels, cell status, units, and the objects that rooms hand on.

Every name that crosses from one room to another is here, so that the map can be redrawn from a GeoPackage
alone and an analyst can look a column up in one place.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from lea_geo._text import LANGUAGES, Text
from lea_geo.chapter import UNITS  # noqa: F401 - a name that rooms share is found here

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    import pandas as pd

    from lea_geo.chapter import Chapter

AREA_ID = "area_id"
DEFAULT_CRS = "EPSG:3067"
NAME_COLUMNS = tuple(f"name_{language}" for language in LANGUAGES)
MUNICIPALITY = "municipality"
MUNICIPALITY_NAMES = "municipality_names"
"""The key of ``Findings.settings`` that holds the names by code of municipalities that only a file knows."""


class Status(StrEnum):
    """What a cell of an indicator table holds."""

    OBSERVED = "observed"
    MISSING = "missing"
    SUPPRESSED = "suppressed"
    """Known to its owner and withheld; ``lower`` and ``upper`` hold what is known of it."""
    STRUCTURAL_ZERO = "structural_zero"
    """Zero because there is nobody to count; the value is 0."""
    NOT_APPLICABLE = "not_applicable"
    """The question has no answer here: a rate over nobody."""


WITH_VALUE = (Status.OBSERVED, Status.STRUCTURAL_ZERO)


class Label(StrEnum):
    """GeoDa's cluster labels."""

    HIGH_HIGH = "High-High"
    LOW_LOW = "Low-Low"
    LOW_HIGH = "Low-High"
    HIGH_LOW = "High-Low"
    OTHER_POSITIVE = "Other positive"
    NEGATIVE = "Negative"
    NOT_SIGNIFICANT = "Not significant"
    ISOLATE = "Isolate"
    UNDEFINED = "Undefined"


LOCAL_COLUMNS = (
    "statistic",
    "lag",
    "expected",
    "variance",
    "z_score",
    "p_lower",
    "p_upper",
    "p_value",
    "p_mid",
    "q_value",
    "neighbors",
    "hidden",
    "label",
    "status",
)
"""The columns of every local statistic's ``.table``, in this order.

``neighbors`` counts an area's neighbours that have a value and ``hidden`` those that have none; the area
itself need not have one. Both are whole numbers.
"""

LOCAL_COUNTS = ("neighbors", "hidden")
"""Those of ``LOCAL_COLUMNS`` that count; NaN only where a statistic has not been computed at all."""

LOCAL_METHODS = ("local_moran", "local_g_star")
"""The local statistics that a study computes for each indicator."""

CONTROLLED = {
    "bh": "share",
    "by": "share",
    "holm": "any",
    "bonferroni": "any",
    "storey": "share",
    "none": "each",
}
"""Corrections for many tests, and what each keeps below the stated level: the expected ``share`` of false
alarms among the labelled areas, the probability of ``any``, or only that of ``each`` area by itself."""

CELL_COLUMNS = ("value", "status", "lower", "upper", "numerator", "denominator")
"""What is known of one indicator in one area."""


ESTIMATE_COLUMNS = ("interval_lower", "interval_upper", "rank", "rank_lower", "rank_upper")
"""How sure a value is, and its place among the values: the interval that small numbers leave around a rate;
the rank, 1 for the highest value, equal values sharing the best one; and the ranks that it could have, for
all areas jointly. NaN where there is no value, and intervals and possible ranks where there are no counts."""

GRADES = ("", "reliable", "caution", "unreliable")
"""How far a rate can be relied on by the rules that a study states: as many people and as little noise as
they ask for, more noise than that, or too few people. Blank: no rate, or no rule."""

DOUBTS = ("", "hidden", "noise", "hidden noise")
"""Why a cluster label could be another: neighbours' values are ``hidden``, or the ``noise`` of small numbers
could carry the area or its neighbours to the other side of the mean. Blank: neither."""

STABILITY_COLUMNS = ("p_worst", "p_worst_decile", "tier_lower", "tier_upper", "moved_by")
"""What becomes of an area when a composite index is made again in other defensible ways and from other
possible data: the share of runs that have it among the worst (as many as the study says) and among the worst
tenth; the fifths of the ranking, 1 for that of the highest values, that it could be in, the smallest span
that holds in 90 % of the runs; and the choice that moves its place most. Of a composite, ``rank_lower
rank_upper interval_lower interval_upper`` are what holds in 90 % of the same runs. NaN and blank where
nothing was run again."""

MOVERS = ("", "normalise", "weights", "aggregate", "impute", "indicators", "noise", "hidden")
"""What can move an area's place in an index: a step of the method, an ``indicators`` left out, the chance in
small numbers, or values that are not published. Blank: nothing does, or nobody has asked."""

VERDICTS = ("", "firm", "depends", "unsure")
"""How far a label can be trusted: it holds whatever one chooses and whatever the data hide; it ``depends`` on
something that is named; or it cannot be said. Blank: nothing is claimed, or nobody has asked."""

DEPENDS = ("graph", "scale", "zoning", "noise", "hidden", "method")
"""What a label can depend on: who is whose neighbour, the size of areas, their borders, the chance in small
numbers, unpublished values, and how an index is made."""

COMPARISON_COLUMNS = (
    "code",
    "place",
    "value",
    "interval_lower",
    "interval_upper",
    "numerator",
    "denominator",
    "n_areas",
    "n_valued",
    "basis",
)
"""What an area is compared with, one row for an indicator and a place. ``place`` is a municipality, blank for
the whole region; ``basis`` says how its value comes from its areas: ``sum`` (numerators over denominators)
or ``median`` (of the areas' values)."""

LEVELS = ("postal", "grid", "municipality")
"""Kinds of areas."""

GRAPH_KINDS = ("queen", "rook", "knn", "distance_band", "kernel", "lattice")
"""Ways to say who is whose neighbour."""

CONTEXT_KINDS = ("water", "border")
"""What a map may draw under and over the areas."""


def result_column(method: str, column: str) -> str:
    """Return the name that a local statistic's column has in a result layer.

    >>> result_column("local_moran", "label")
    'local_moran_label'
    """
    return f"{method}_{column}"


LOCAL_RESULTS = (*LOCAL_COLUMNS[:-1], "doubt", "share", "verdict", "depends_on")
"""What findings hold of every local statistic: its columns without ``status``, which is the value's own; what
its label could turn on (one of ``DOUBTS``); the share of runs that give the same label; and the verdict on
it, one of ``VERDICTS``, with those of ``DEPENDS`` that it names, a space between them."""

RESULT_COLUMNS = (
    CELL_COLUMNS
    + ESTIMATE_COLUMNS
    + ("grade",)
    + STABILITY_COLUMNS
    + tuple(result_column(method, column) for method in LOCAL_METHODS for column in LOCAL_RESULTS)
)
"""The columns of ``Findings.results[code]`` and of the GeoPackage layer of the same name."""

RESULT_WORDS = ("status", "grade", "moved_by", "label", "doubt", "verdict", "depends_on")
"""How the names of those end that hold words; all others hold numbers."""

DOMAINS = (
    "material_living_standards",
    "health",
    "education",
    "personal_activities",
    "political_voice",
    "social_connections",
    "environment",
    "insecurity",
)
"""The eight domains of Stiglitz, Sen and Fitoussi (2009), in their order."""

PERSPECTIVES = ("individual", "social", "operating_environment")

PHENOMENA = (
    "livelihood",
    "work",
    "housing",
    "family_structure",
    "early_childhood",
    "learning",
    "physical_health",
    "mental_wellbeing",
    "relationships",
    "safety",
    "services",
)
"""Eleven phenomena of family wellbeing, after LEA's division into eleven."""

COMPOSITE_LEVELS = ("phenomenon", "domain", "perspective", "group", "load", "resource", "index")
"""What a composite can be: a group of the catalogue or one made by hand; what weakens and what protects,
kept apart; and all of it together."""

INDEX = "index"
"""The code of a composite index among its groups."""

LEDGERS = ("load", "resource")
"""What weakens wellbeing and what protects it, where an index keeps them apart."""

PLACES = (
    "",
    "high_load_low_resource",
    "high_load_high_resource",
    "low_load_low_resource",
    "low_load_high_resource",
)
"""Where an area stands on both ledgers: high is above the median of the areas. Blank: not on both."""

DIRECTIONS = ("protects", "weakens")
KINDS = ("extensive", "intensive")


@dataclass(frozen=True)
class EthicalNote:
    """Why an indicator is needed and what harm it could do."""

    need: Text
    harm: Text
    reviewed_by: str = ""
    """Who reviewed the note; empty means that nobody has."""
    reviewed_on: str = ""
    """When, as an ISO date; empty means never."""


@dataclass(frozen=True)
class Indicator:
    """One indicator of a catalogue, or a composite of several.

    A rate has ``numerator`` and ``denominator``, each a tuple of source fields that are added up, and its
    value is ``scale * numerator / denominator``. Any other indicator has one ``field``.
    """

    code: str
    name: Text
    explanation: Text
    unit: str
    kind: str
    direction: str
    domain: str
    perspective: str
    phenomenon: str
    ethics: EthicalNote
    numerator: tuple[str, ...] = ()
    denominator: tuple[str, ...] = ()
    field: str = ""
    scale: float = 1.0
    decimals: int = 1
    """How many decimals a reader should see."""
    source: str = ""
    reference_year: str = ""
    licence: str = ""
    level: str = "indicator"
    """``indicator``, or what a composite is: one of ``COMPOSITE_LEVELS``."""
    members: tuple[str, ...] = ()
    """Of a composite: the codes of the indicators and composites that it is made of."""
    weights: tuple[float, ...] = ()
    """How much each of ``members`` counts: shares that add up to 1. Empty where nobody has stated any."""

    @property
    def is_composite(self) -> bool:
        """Whether the values are scores made of other indicators."""
        return self.level != "indicator"

    @property
    def is_rate(self) -> bool:
        """Whether the indicator carries its numerator and denominator."""
        return bool(self.denominator)


@dataclass(frozen=True)
class Findings:
    """All that leaves a study: what the map draws, the GeoPackage stores and the report tells.

    Built by ``study.py``, written by ``export``, read back by ``export.read_geopackage``, drawn by ``maps``.
    """

    title: Text
    areas: gpd.GeoDataFrame
    """Indexed by ``area_id``; columns ``name_fi name_sv name_en municipality`` (strings, may be empty)
    and ``geometry``."""
    indicators: tuple[Indicator, ...]
    results: Mapping[str, pd.DataFrame]
    """Indicator code to a frame indexed exactly as ``areas``, with ``RESULT_COLUMNS``."""
    summary: pd.DataFrame
    """Indexed by indicator code, with ``SUMMARY_COLUMNS``."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """What could change a number, as plain JSON values: graph, transform, fdr, correction, seed ..."""
    notes: tuple[str, ...] = ()
    """Every repair, assumption and warning, one sentence each."""
    synthetic: bool = False
    """True when the data are made up; then everything that a person reads says so."""
    level: str = ""
    """What the areas are: one of ``LEVELS``, or empty."""
    year: str = ""
    """The year that the values are of, where the study has several."""
    comparisons: pd.DataFrame | None = None
    """The municipalities and the whole region, with ``COMPARISON_COLUMNS``."""
    context: gpd.GeoDataFrame | None = None
    """Water and borders that the map draws: ``kind`` (one of ``CONTEXT_KINDS``), ``name``, ``geometry``."""
    others: tuple[Findings, ...] = ()
    """The same study in other years or on other kinds of areas, none of them with others of its own."""
    chapters: tuple[Chapter, ...] = ()
    """What was made of all this to answer a council's questions, in the order of ``chapter.CHAPTERS``."""

    def __repr__(self) -> str:
        made_up = ", made up" if self.synthetic else ""
        held = f"{len(self.areas)} areas, {len(self.indicators)} indicators"
        return f"<Findings {self.title.en!r}: {held}{made_up}>"


SUMMARY_COLUMNS = (
    "n_areas",
    "n_observed",
    "n_missing",
    "n_suppressed",
    "n_not_applicable",
    "n_isolates",
    "median",
    "minimum",
    "maximum",
    "moran_statistic",
    "moran_expected",
    "moran_z_score",
    "moran_p_value",
    "reason",
)
"""One row an indicator; ``reason`` says why statistics are absent, and is empty where they are not."""
