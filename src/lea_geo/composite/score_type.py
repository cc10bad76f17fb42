"""What scores can bear: which of them may be multiplied, divided or only added.

=====================  ========  ==============================================  =======
normalisation          kind      least score                                     bears
=====================  ========  ==============================================  =======
none                   raw       not known: values are looked at                 + * 0
min_max                interval  ``low``; the worst area always has it           + 0
min_max, low > 0       positive  ``low``                                         + * 0
goalposts, capped      positive  ``low`` of 0 or more, only at or beyond a post  + * 0
goalposts, not capped  interval  none                                            +
z, robust_z            interval  none                                            + (c)
rank                   ordinal   1                                               + * 0
borda                  ordinal   0; the worst area always has it                 + 0
percentile_rank        ordinal   0; above 0 where its ``share`` is               + (*) 0
exponential_rank       ordinal   above 0; 0 where its ``share`` is               + (*) 0
normal_score           interval  none                                            + (c)
distance_to_target     interval  0 if capped; the worst area always has it       + (0)
distance_to_reference  interval  none                                            +
fraction_of_max        raw       0; values are looked at                         + * 0
categories             ordinal   the first of ``scores``                         + (* 0)
ampi                   positive  40 among the areas learnt                       + * 0 c
=====================  ========  ==============================================  =======

``+``: arithmetic mean, sum. ``*``: geometric and harmonic mean, power mean of order 0 and below. ``0``:
benefit of the doubt and power means of other orders, which need scores of 0 or more. ``c``: the penalty of
``ampi``, which needs scores around a reference well above 0; z has them where its ``mean`` is at least 5
times its ``deviation``. In brackets: depends on the options.

``median``, ``minimum``, ``maximum`` and ``copeland`` only compare, and take any scores. Scores of kind
``interval`` have no zero of their own: their ratios, and so geometric means, change with the arbitrary zero
(Ebert and Welsch 2004, https://doi.org/10.1016/j.jeem.2003.09.001).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from lea_geo.composite.scales import share_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lea_geo.composite_spec import Aggregate, Normalise

KINDS = ("raw", "interval", "positive", "ordinal")
LOW, HIGH = 0.0, 100.0
"""The ends of ``min_max`` and ``goalposts`` where nothing else is said."""
APART = 5.0
"""A coefficient of variation says something where the mean is so many deviations above 0."""


@dataclass(frozen=True)
class ScoreType:
    """What is known of scores before any value is seen."""

    kind: str
    """One of ``KINDS``."""
    least: float = -np.inf
    """No score is below it."""
    centred: bool = False
    """Whether scores lie around one reference well above 0, so that their coefficient of variation counts."""
    made: str = field(default="raw values", compare=False)
    """What made the scores, for messages."""


RAW = ScoreType("raw")


def type_of(how: Normalise, entering: ScoreType = RAW) -> ScoreType:
    """Return the type of the scores that a normalisation gives.

    Parameters
    ----------
    how
        The normalisation.
    entering
        What it is given: raw values, or the scores of a group (:func:`type_after`).
    """
    if how.method == "none":
        return entering
    return replace(_OF[how.method] if how.method in _OF else _stated(how), made=repr(how.method))


_OF = {
    "rank": ScoreType("ordinal", 1.0),
    "borda": ScoreType("ordinal", 0.0),
    "distance_to_reference": ScoreType("interval"),
    "fraction_of_max": RAW,
    "ampi": ScoreType("positive", np.nextafter(0.0, 1.0), centred=True),
}


def _stated(how: Normalise) -> ScoreType:
    """Return the type of scores that depends on what the study states."""
    if how.method in {"z", "robust_z", "normal_score"}:
        mean, deviation = how.mean or 0.0, 1.0 if how.deviation is None else how.deviation
        return ScoreType("interval", centred=mean >= APART * deviation)
    low = LOW if how.low is None else how.low
    if how.method == "min_max":
        return ScoreType("positive" if low > 0 else "interval", low)
    if how.method == "distance_to_target":
        return ScoreType("interval", 0.0 if how.cap else -np.inf)
    if how.method == "goalposts":
        return ScoreType("positive" if low >= 0 else "interval", low) if how.cap else ScoreType("interval")
    if how.method in {"percentile_rank", "exponential_rank"}:
        return ScoreType("ordinal", 0.0 if share_of(how).startswith("(r-1)") else np.nextafter(0.0, 1.0))
    return ScoreType("ordinal", min(how.scores, default=1.0))


def type_after(how: Aggregate, members: Sequence[ScoreType]) -> ScoreType:
    """Return the type of a group's score, from those of its members.

    Means keep what all members have in common; ``copeland`` counts victories less defeats, which can be
    negative; ``benefit_of_the_doubt`` gives shares of the best, 0 to 1.
    """
    made = "scores of groups"
    if how.method == "copeland":
        return ScoreType("ordinal", made=made)
    if how.method == "benefit_of_the_doubt":
        return ScoreType("positive", 0.0, made=made)
    kinds = {member.kind for member in members}
    least = min((member.least for member in members), default=-np.inf)
    centred = bool(members) and all(member.centred for member in members) and how.method != "sum"
    if kinds <= {"positive"}:
        kind = "positive"
    else:
        kind = next(kind for kind in ("interval", "raw", "ordinal") if kind in kinds)
    return ScoreType(kind, -np.inf if how.method == "ampi" else least, centred=centred, made=made)
