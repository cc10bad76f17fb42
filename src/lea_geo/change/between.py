"""Change between two years, area by area: what is real, what is too small to tell, and what is the same."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pandas as pd

from lea_geo._by_area import ByArea
from lea_geo._checks import check_choice, check_fraction
from lea_geo._checks.change import (
    check_change_years,
    check_positive,
    check_relevant,
)
from lea_geo.change.classes import CLASSES, classified
from lea_geo.change.known import two_years
from lea_geo.change.pairs import Asked
from lea_geo.change.told import change_notes, extremes
from lea_geo.change.two_counts import compared_counts
from lea_geo.change.two_values import compared_values
from lea_geo.spatial.inference import CORRECTIONS, adjusted

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from lea_geo.change.pairs import Compared, Given

METHODS = ("mid-p", "exact", "score")
"""How two counts are tested: given their sum, with the observed count counted in by half or in whole, or by
the score statistic."""

CHANGE_COLUMNS = (
    "then",
    "now",
    "difference",
    "lower",
    "upper",
    "ratio",
    "p_lower",
    "p_upper",
    "p_value",
    "q_value",
    "p_more",
    "q_more",
    "p_same",
    "q_same",
    "detectable_rise",
    "detectable_fall",
    "detectable_listed",
    "shrunk",
    "shrunk_lower",
    "shrunk_upper",
    "regression",
    "class",
    "size",
    "reason",
)


@dataclass(frozen=True, kw_only=True)
class AreaChanges(ByArea):
    """What changed in each area between two years."""

    table: pd.DataFrame
    """Indexed by ``area_id`` in the order of the earlier year, with ``CHANGE_COLUMNS``.

    ``then now difference`` and its interval ``lower upper``; ``ratio`` (now / then); both tails and the
    two-sided p-value of no change, and its ``q_value``; ``p_more q_more`` of a change of no more than
    ``relevant`` and ``p_same q_same`` of one of at least that, NaN where it is not stated; the smallest true
    ``detectable_rise`` and ``detectable_fall`` that a test of this area alone finds with the stated power
    (infinite: none would be), and ``detectable_listed``, the smallest rise that would be found where no other
    of the areas tested has changed; ``shrunk``, the change that is likely, with its interval; ``regression``,
    the part of the change that the noise of the earlier value lets expect; ``class`` (one of ``CLASSES``,
    blank where nothing was tested), ``size`` (``more`` or ``no_more`` than relevant, surely; else blank) and
    ``reason``, why an area was not tested (``no value``, ``redrawn``, ``no noise known``)."""
    since: int
    until: int
    kind: str
    scale: float
    level: float
    power: float
    fdr: float
    correction: str
    method: str
    relevant: float | None
    enough: float
    """An area whose smallest detectable rise is larger has too few people to tell; in the unit of values.
    Infinite for values without counts."""
    n_tested: int
    notes: tuple[str, ...]

    def __repr__(self) -> str:
        counts = self.summary
        told = ", ".join(f"{counts[one]} {one}" for one in CLASSES if counts[one])
        return f"<AreaChanges {self.since} to {self.until}: {told}>"

    @property
    def summary(self) -> pd.Series[int]:
        """How many areas have each class."""
        counts = self.table["class"].value_counts().reindex(CLASSES, fill_value=0)
        return counts.rename("areas").rename_axis("class").astype("int64")

    @property
    def extremes(self) -> pd.DataFrame:
        """What became of the tenth of areas with the highest and with the lowest values then.

        Rows ``highest lowest``; ``areas``, and means of ``difference``, of its part that is ``regression`` to
        the mean, and of what is likely to be real (``shrunk``). Empty below ten areas.
        """
        return extremes(self.table)


def area_changes(
    years: Mapping[int, pd.DataFrame],
    *,
    kind: str = "proportion",
    since: int | None = None,
    until: int | None = None,
    scale: float = 1.0,
    level: float = 0.95,
    power: float = 0.8,
    fdr: float = 0.05,
    correction: str = "bh",
    method: str = "mid-p",
    relevant: float | None = None,
    correlation: float | pd.Series = 0.0,
    redrawn: Collection[str] | pd.DataFrame = (),
) -> AreaChanges:
    """Say for each area whether it changed between two years, by how much, and what could have been found.

    Two counts are tested given their sum: the later one is then binomial (``kind="rate"``) or hypergeometric
    (``"proportion"``) whatever the rate is. Their difference has Miettinen and Nurminen's score interval.
    q-values are taken over all areas that are tested.

    Parameters
    ----------
    years
        Year to a table indexed by ``area_id``, the same areas in each: columns ``numerator denominator``, or
        for ``kind="value"`` ``value`` and, where known, ``error`` (its standard error). NaN where unknown.
    kind
        ``"proportion"``: the numerator is part of the denominator; ``"rate"``: events that may recur;
        ``"value"``: anything else.
    since, until
        The two years; left out, the first and the last.
    scale
        Values are ``scale * numerator / denominator``; everything in the table is in their unit.
    level
        Coverage of the intervals, and 1 less than it the level of the test that ``detectable_rise`` is about.
    power
        With which the smallest detectable change is found.
    fdr, correction
        Level of the q-values and how they are made: one of ``schema.CONTROLLED``.
    method
        One of ``METHODS``; values with errors are tested by the normal law.
    relevant
        The smallest change that matters, in the unit of the values. Then each area is also tested for a
        change of surely more than that, and for one of surely less (two one-sided tests).
    correlation
        Of the chance errors of both years, for all areas or by ``area_id``. With a share ``s`` of people who
        are counted in both years, and a correlation ``phi`` between what is true of one of them in one year
        and in the other, it is ``s * phi``. 0 is on the safe side where being counted in one year makes it
        likelier to be counted in the other, and finds less than could be found.
    redrawn
        Ids of areas whose borders or definitions changed, or what :func:`redrawn_areas` returns: named,
        and left out of every test.

    Returns
    -------
    AreaChanges

    Raises
    ------
    UsageError
        If an option is wrong or there are fewer than two years.
    ValuesError
        If areas differ between years, or counts contradict each other.

    References
    ----------
    Miettinen and Nurminen (1985), https://doi.org/10.1002/sim.4780040211
    Benjamini and Hochberg (1995), https://doi.org/10.1111/j.2517-6161.1995.tb02031.x
    Schuirmann (1987), https://doi.org/10.1007/BF01068419

    Examples
    --------
    >>> ids = pd.Index(["00100", "00200", "00300"], name="area_id")
    >>> then = pd.DataFrame({"numerator": [50, 50, 3], "denominator": [1000, 1000, 20]}, index=ids)
    >>> now = pd.DataFrame({"numerator": [52, 120, 5], "denominator": [1000, 1000, 20]}, index=ids)
    >>> area_changes({2021: then, 2025: now}).table["class"].tolist()
    ['cannot_tell', 'risen', 'too_few']
    """
    tables = check_change_years(years, kind)
    asked = Asked(
        kind=kind,
        method=check_choice("method", method, METHODS),
        scale=check_positive("scale", scale),
        level=check_fraction("level", level),
        power=check_fraction("power", power),
        fdr=check_fraction("fdr", fdr),
        correction=check_choice("correction", correction, CORRECTIONS),
        relevant=check_relevant(relevant),
    )
    given = two_years(tables, since, until, correlation=correlation, redrawn=redrawn)
    found = compared_values(given, asked) if kind == "value" else compared_counts(given, asked)
    return _result(found, given, asked)


def changes_by_step(years: Mapping[int, pd.DataFrame], **options: Any) -> dict[int, AreaChanges]:  # noqa: ANN401 - those of area_changes
    """Return the change of each year from the year before it, q-values being taken over all steps together.

    Parameters
    ----------
    years, options
        As in :func:`area_changes`, without ``since`` and ``until``.

    Returns
    -------
    dict
        The later year of each step to its :class:`AreaChanges`.

    Raises
    ------
    UsageError, ValuesError
        As :func:`area_changes`.
    """
    tables = check_change_years(years, str(options.get("kind", "proportion")))
    steps = [
        area_changes({one: tables[one], other: tables[other]}, **options) for one, other in pairwise(tables)
    ]
    first = steps[0]
    every = _corrected(pd.concat([step.table for step in steps]), first.correction)
    n = len(first.table)
    found = {}
    for place, step in enumerate(steps):
        table = every.iloc[place * n : (place + 1) * n].copy()
        table["class"], table["size"] = classified(table, fdr=step.fdr, enough=step.enough)
        found[step.until] = replace(step, table=table)
    return found


def _result(found: Compared, given: Given, asked: Asked) -> AreaChanges:
    table = _corrected(found.table, asked.correction)
    table["class"], table["size"] = classified(table, fdr=asked.fdr, enough=found.enough)
    return AreaChanges(
        table=table[list(CHANGE_COLUMNS)],
        since=given.years[0],
        until=given.years[1],
        **vars(asked),
        enough=found.enough,
        n_tested=int(table["p_value"].notna().sum()),
        notes=change_notes(table, found, given),
    )


def _corrected(table: pd.DataFrame, correction: str) -> pd.DataFrame:
    """Return the table with q-values for its p-values."""
    q = {
        f"q_{what}": adjusted(table[f"p_{what}"].to_numpy(), correction) for what in ("value", "more", "same")
    }
    return table.assign(**q)
