"""Standard populations that rates are weighted to, so that areas of different ages can be compared."""

from __future__ import annotations

import re

import pandas as pd

from lea_geo._checks.rates import check_bands

OLDEST = 120
"""The last year of an open age band."""

EUROPEAN_2013 = {
    (0, 0): 1000,
    (1, 4): 4000,
    (5, 9): 5500,
    (10, 14): 5500,
    (15, 19): 5500,
    (20, 24): 6000,
    (25, 29): 6000,
    (30, 34): 6500,
    (35, 39): 7000,
    (40, 44): 7000,
    (45, 49): 7000,
    (50, 54): 7000,
    (55, 59): 6500,
    (60, 64): 6000,
    (65, 69): 5500,
    (70, 74): 5000,
    (75, 79): 4000,
    (80, 84): 2500,
    (85, 89): 1500,
    (90, 94): 800,
    (95, OLDEST): 200,
}
"""People of each age in the European Standard Population 2013, 100 000 together, the same for both sexes.

Eurostat (2013), Revision of the European Standard Population: Report of Eurostat's task force, Methodologies
and working papers, https://doi.org/10.2785/11470
"""

STANDARDS = {"european_2013": EUROPEAN_2013}
_BAND = re.compile(r"\s*(\d{1,3})\s*(?:(?:-|–)\s*(\d{1,3})|(\+|-|–))?\s*")


def standard_of(name: str, strata: pd.Index) -> pd.Series[float]:
    """Return the people of a built-in standard in each stratum.

    Parameters
    ----------
    name
        A key of ``STANDARDS``.
    strata
        Age bands such as ``"0-4"`` and ``"85+"``, each made of whole bands of the standard; of several
        levels, the one named ``age`` holds them, and the others divide no weight: each sex gets the same.

    Raises
    ------
    ValuesError
        If a stratum is no age band, cuts a band of the standard, or overlaps another.
    """
    labels = strata.get_level_values("age") if "age" in strata.names else strata
    ages = {label: _ages(label) for label in labels.unique()}
    bands = STANDARDS[name]
    check_bands(ages, bands, name)
    people = {
        label: float(sum(n for (low, high), n in bands.items() if band[0] <= low and high <= band[1]))
        for label, band in ages.items()
        if band is not None
    }
    return pd.Series([people[label] for label in labels], index=strata, dtype=float)


def _ages(label: object) -> tuple[int, int] | None:
    """Return the first and the last year of an age band, or None for another text."""
    found = _BAND.fullmatch(str(label))
    if not found:
        return None
    first, last, is_open = found.groups()
    end = OLDEST if is_open else int(last or first)
    return (int(first), end) if int(first) <= end else None
