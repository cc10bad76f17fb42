"""Screening, imputing, treating and weighting: what these steps of a composite index can take."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lea_geo._checks.faults import Faults
from lea_geo._checks.options import check_count
from lea_geo.errors import UsageError, ValuesError

if TYPE_CHECKING:
    from collections.abc import Sequence


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
