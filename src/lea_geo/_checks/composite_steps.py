"""Screening, imputing, treating and weighting: what these steps of a composite index can take."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo._checks.faults import Faults
from lea_geo._checks.options import check_count
from lea_geo.errors import UsageError, ValuesError

if TYPE_CHECKING:
    from collections.abc import Sequence

LEAST_COMPLETE = 3
"""With two areas every correlation is 1 or -1."""
SINGULAR = 1e-10
"""Below this an eigenvalue of a correlation matrix is rounding."""


def check_screening(**limits: float) -> None:
    """Refuse limits that are no shares."""
    for name, value in limits.items():
        if not 0 <= value <= 1:
            raise UsageError(f"screen.{name} is {value!r}; it must be a share from 0 to 1.")


def check_imputation(method: str, *, has_links: bool, has_group: bool) -> None:
    """Refuse a method that lacks what it takes its values from."""
    if method == "neighbours" and not has_links:
        raise UsageError("impute.method='neighbours' needs to know who is whose neighbour: give graph=.")
    if method in {"group", "parent"} and not has_group:
        raise UsageError(
            f"impute.method={method!r} needs to know what each area belongs to: name the attribute in "
            "impute.by, such as 'municipality', and give attributes that have it."
        )


def check_treatment(*, skewness: float, kurtosis: float, most: int) -> None:
    """Refuse limits of skewness and kurtosis that no distribution, or every one, is beyond."""
    for name, value in (("skewness", skewness), ("kurtosis", kurtosis)):
        if not 0 <= value < np.inf:
            raise UsageError(f"treat.{name} is {value!r}; it must be a number of at least 0.")
    check_count("treat.most", most, least=0)


def check_domain(x: np.ndarray, how: str, *, inside: np.ndarray, domain: str, cure: str) -> None:
    """Refuse values that a transformation is not defined for; ``x`` is one indicator's."""
    outside = ~inside & ~np.isnan(x)
    if outside.any():
        faults = Faults()
        shown = [f"{value:g}" for value in x[outside]]
        faults.add(f"values that are not {domain}", ids=shown, of=int((~np.isnan(x)).sum()), cure=cure)
        faults.raise_if_any(ValuesError, f"transform={how!r} cannot be taken of these values.")


def check_stated(stated: np.ndarray, codes: Sequence[str]) -> None:
    """Refuse weights that are no share of anything."""
    wrong = ~(np.isfinite(stated) & (stated >= 0))
    faults = Faults()
    if wrong.any():
        names = [code for code, bad in zip(codes, wrong, strict=True) if bad]
        faults.add("weights that are negative or no number", ids=names, of=len(codes))
    elif len(stated) and stated.sum() <= 0:
        faults.add("all weights are 0", ids=codes, cure="Give at least one member a weight above 0.")
    faults.raise_if_any(ValuesError, "These weights cannot be used.")


def check_correlated(held: np.ndarray, *, n_areas: int, codes: Sequence[str]) -> None:
    """Refuse members that correlations cannot be taken of; ``held`` are the areas that have all of them."""
    faults = Faults()
    if len(held) < LEAST_COMPLETE:
        cure = f"Correlations need at least {LEAST_COMPLETE}; impute, or weight by another method."
        faults.add("areas that have every member", count=len(held), of=n_areas, cure=cure)
    elif (constant := np.ptp(held, axis=0) == 0).any():
        names = [code for code, same in zip(codes, constant, strict=True) if same]
        faults.add("members that are the same in every area that has all", ids=names, of=len(codes))
    faults.raise_if_any(ValuesError, "Weights cannot be worked out from these members' correlations.")


def check_factored(correlations: np.ndarray, codes: Sequence[str]) -> None:
    """Refuse correlations that have no one-factor solution."""
    faults = Faults()
    if np.linalg.eigvalsh(correlations)[0] < SINGULAR:
        cure = "Leave one of them out: diagnose_composite names those that say the same."
        faults.add("members of which one is made of the others", ids=codes, cure=cure)
    faults.raise_if_any(ValuesError, "Factor analysis cannot weight these members.")


def check_one_direction(loadings: np.ndarray, *, what: str, codes: Sequence[str]) -> None:
    """Refuse a component or factor that some members run against."""
    against = loadings <= 0
    if against.any():
        faults = Faults()
        names = [f"{c} ({v:.2f})" for c, v, bad in zip(codes, loadings, against, strict=True) if bad]
        cure = "Check their direction, put them in another group, or state their weights."
        faults.add(f"members that run against the {what}", ids=names, of=len(codes), cure=cure)
        faults.raise_if_any(ValuesError, f"The first {what} would weight members negatively.")


def check_answers(table: object, codes: Sequence[str]) -> np.ndarray:
    """Return the points (answers, k) of a consultation; refuse answers that leave a share open."""
    if not isinstance(table, pd.DataFrame):
        raise UsageError(
            "weighting.method='consultation' needs weighting.table: a row for each answer and a column of "
            "points for each member."
        )
    faults, heading = Faults(), "The weights of the consultation cannot be worked out."
    absent = [code for code in codes if code not in table.columns]
    if absent:
        faults.add("members without a column", ids=absent, of=len(codes), cure="Name columns by code.")
    if table.empty:
        faults.add("no answers")
    faults.raise_if_any(ValuesError, heading)
    numbers = table[list(codes)].apply(pd.to_numeric, errors="coerce")
    points = np.asarray(numbers.to_numpy(float, na_value=np.nan))
    rows = [f"row {label}" for label in table.index]

    def note(what: str, wrong: np.ndarray, cure: str) -> None:
        if wrong.any():
            faults.add(what, ids=[r for r, w in zip(rows, wrong, strict=True) if w], of=len(rows), cure=cure)

    blank = np.asarray(~np.isfinite(points).all(axis=1))
    negative = np.asarray((points < 0).any(axis=1))
    note("answers with a cell that is blank or no number", blank, "Write 0 for no points, or drop the row.")
    note("answers with negative points", negative, "Points are at least 0.")
    nothing = np.asarray(~blank & ~negative & (points.sum(axis=1) == 0))
    note("answers without a single point", nothing, "Drop the row.")
    faults.raise_if_any(ValuesError, heading)
    return points
