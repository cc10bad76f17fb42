"""What a local statistic gives back, and how its numbers become labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo._checks.values import check_joinable
from lea_geo.schema import AREA_ID, LOCAL_COLUMNS, Label
from lea_geo.spatial.inference import Tails, benjamini_hochberg

if TYPE_CHECKING:
    import geopandas as gpd

    from lea_geo.spatial.neighbour_sum import Inference, Moments, SumTest
    from lea_geo.spatial.sample import Sample

ROUNDING = 1e-12
"""A q-value that exceeds the false discovery rate by this share equals it."""


@dataclass(frozen=True)
class LocalResult:
    """A local statistic of every area, and every setting that decided it."""

    table: pd.DataFrame
    """Indexed by ``area_id`` in the order of the values, with ``schema.LOCAL_COLUMNS``. ``lag`` is the
    weighted sum of the neighbours' values: for row-standardised weights their mean, in the unit of the
    values."""
    statistic: str
    """Which statistic, for example ``local_moran``."""
    method: str
    """What ran: ``exact``, ``permutation`` or ``analytic``; ``none`` where nothing could be tested."""
    transform: str
    """Weights: ``row``, ``binary`` or ``original``."""
    permutations: int | None
    """How many permutations ran, None where none did."""
    seed: int
    fdr: float
    """False discovery rate of the labels."""
    alternative: str
    moments: str
    """Of ``expected``, ``variance`` and ``z_score``: ``conditional`` on the area's own value, or
    ``total``."""
    n_tested: int
    """How many areas have a p-value; the correction for many tests counts these."""
    error: float = 0.0
    """No exact p-value is further than this from the truth, for the rounding of continuous values."""
    reason: str = ""
    """Why nothing could be tested; empty where something was."""
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        untold = (Label.NOT_SIGNIFICANT, Label.ISOLATE, Label.UNDEFINED)
        labelled = int((~self.table["label"].isin([str(label) for label in untold])).sum())
        return (
            f"<LocalResult {self.statistic}: {len(self.table)} areas, {self.n_tested} tested "
            f"({self.method}), {labelled} labelled at fdr {self.fdr}>"
        )

    def join_to(self, areas: gpd.GeoDataFrame, *, prefix: str = "") -> gpd.GeoDataFrame:
        """Return the areas with the columns of the table, each name led by ``prefix``.

        Raises
        ------
        JoinError
            If areas and table do not hold the same ids.
        UsageError
            If a column is there already, or ``areas`` is no GeoDataFrame.
        """
        columns = self.table.add_prefix(prefix)
        check_joinable(areas, columns, cure="give a prefix")
        return areas.join(columns)


@dataclass(frozen=True)
class LocalNumbers:
    """What a statistic has computed for the areas of its sample, each of shape (n,)."""

    statistic: np.ndarray
    lag: np.ndarray
    moments: Moments
    tails: Tails
    labels: np.ndarray
    """The label of each area if it should be significant."""
    tested: np.ndarray
    """Which areas can be tested."""
    method: str
    permutations: int | None = None
    error: float = 0.0
    notes: tuple[str, ...] = ()

    @classmethod
    def of_sum(
        cls,
        test: SumTest,
        *,
        statistic: np.ndarray,
        lag: np.ndarray,
        moments: Moments,
        tails: Tails,
        labels: np.ndarray,
        tested: np.ndarray,
    ) -> LocalNumbers:
        """Return the numbers of a statistic that a test of the neighbour sums decides."""
        return cls(
            statistic,
            lag,
            moments,
            tails,
            labels,
            tested,
            method=test.method,
            permutations=test.permutations,
            error=test.error,
            notes=test.notes,
        )


def quadrants(focal: np.ndarray, lag: np.ndarray) -> np.ndarray:
    """Return GeoDa's label for each sign of the focal and the lagged deviation; zero counts as low."""
    high = np.where(lag > 0, Label.HIGH_HIGH.value, Label.HIGH_LOW.value)
    low = np.where(lag > 0, Label.LOW_HIGH.value, Label.LOW_LOW.value)
    return np.where(focal > 0, high, low)


def assemble(name: str, sample: Sample, inference: Inference, numbers: LocalNumbers) -> LocalResult:
    """Put the numbers of one statistic into its table, correct for many tests and label."""
    linked = sample.counts > 0
    # What cannot vary is neither small nor large: it has one possible value, and that is the observed one.
    tails = numbers.tails.certain_where(numbers.moments.variance <= 0).only(numbers.tested)
    p_value = tails.p_value(inference.alternative)
    q_value = benjamini_hochberg(p_value)
    significant = q_value <= inference.fdr * (1 + ROUNDING)
    label = np.where(significant, numbers.labels, Label.NOT_SIGNIFICANT.value)
    label = np.where(np.isnan(numbers.statistic), Label.UNDEFINED.value, label)
    columns = {
        "statistic": numbers.statistic,
        "lag": numbers.lag,
        "expected": numbers.moments.expected,
        "variance": numbers.moments.variance,
        "z_score": numbers.moments.z_score(numbers.statistic),
        "p_lower": tails.lower,
        "p_upper": tails.upper,
        "p_value": p_value,
        "q_value": q_value,
    }
    table = _empty_table(sample)
    for column, found in columns.items():
        # Adding zero makes -0.0 a plain 0, which reads the same from every file.
        table[column] = sample.spread(np.where(linked, found, np.nan) + 0.0)
    labels = table["label"].to_numpy(dtype=object).copy()
    labels[sample.positions] = np.where(linked, label, Label.ISOLATE.value)
    table["label"] = pd.Series(labels, index=table.index, dtype="str")
    return _result(name, sample, inference, table, numbers=numbers, n_tested=int(numbers.tested.sum()))


def undefined(name: str, sample: Sample, inference: Inference) -> LocalResult:
    """Return the result of values that have no statistic: everything NaN, and the reason."""
    return _result(name, sample, inference, _empty_table(sample))


def _empty_table(sample: Sample) -> pd.DataFrame:
    index = sample.index.rename(AREA_ID)
    table = pd.DataFrame(np.nan, index=index, columns=list(LOCAL_COLUMNS[:-2]))
    table["label"] = pd.Series(Label.UNDEFINED.value, index=index, dtype="str")
    table["status"] = pd.Series(sample.status, index=index, dtype="str")
    return table


def _result(
    name: str,
    sample: Sample,
    inference: Inference,
    table: pd.DataFrame,
    *,
    numbers: LocalNumbers | None = None,
    n_tested: int = 0,
) -> LocalResult:
    return LocalResult(
        table=table,
        statistic=name,
        method=numbers.method if numbers else "none",
        transform=sample.transform,
        permutations=numbers.permutations if numbers else None,
        seed=inference.seed,
        fdr=inference.fdr,
        alternative=inference.alternative,
        moments=inference.moments,
        n_tested=n_tested,
        error=numbers.error if numbers else 0.0,
        reason=sample.reason,
        notes=numbers.notes if numbers else (),
    )
