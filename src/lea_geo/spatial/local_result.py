"""What a local statistic gives back, and how its numbers become labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo._by_area import ByArea
from lea_geo._checks.values import as_texts
from lea_geo.schema import AREA_ID, LOCAL_COLUMNS, Label
from lea_geo.spatial.inference import Tails, adjusted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lea_geo.spatial.neighbour_sum import Inference, Moments, SumTest
    from lea_geo.spatial.sample import Sample

LABELS = tuple(str(label) for label in Label)
"""Every label; a code is a place among them."""
_NUMBERS = tuple(name for name in LOCAL_COLUMNS if name not in {"neighbors", "hidden", "label", "status"})
ROUNDING = 1e-12
"""A q-value that exceeds the false discovery rate by this share equals it."""


def code_of(label: Label) -> int:
    """Return the code of a label."""
    return LABELS.index(str(label))


_QUADRANTS = np.array(
    [
        [code_of(Label.LOW_LOW), code_of(Label.LOW_HIGH)],
        [code_of(Label.HIGH_LOW), code_of(Label.HIGH_HIGH)],
    ],
    dtype=np.int8,
)


@dataclass(frozen=True)
class LocalResult(ByArea):
    """A local statistic of every area, and every setting that decided it."""

    table: pd.DataFrame
    """Indexed by ``area_id`` in the order of the values, with ``schema.LOCAL_COLUMNS``. ``lag`` is the
    weighted sum of the neighbours' values: for row-standardised weights their mean, in the unit of the
    values. ``p_mid`` counts the observed value in by half; ``neighbors`` and ``hidden`` are the numbers of
    neighbours with and without a value."""
    statistic: str
    """Which statistic, for example ``local_moran``."""
    method: str
    """What ran: ``exact``, ``characteristic``, ``permutation`` or ``analytic``; ``none`` where nothing could
    be tested."""
    transform: str
    """Weights: ``row``, ``binary`` or ``original``."""
    permutations: int | None
    """How many permutations ran, None where none did."""
    seed: int
    fdr: float
    """Level of the labels: the false discovery rate, or what else the correction controls."""
    correction: str
    """For many tests, one of ``inference.CORRECTIONS``."""
    alternative: str
    moments: str
    """Of ``expected``, ``variance`` and ``z_score``: ``conditional`` on the area's own value, or
    ``total``."""
    n_tested: int
    """How many areas have a p-value; the correction for many tests counts these."""
    error: float = 0.0
    """No p-value is further than this from the truth, for the rounding of continuous values (a proven bound,
    ``method="exact"``) or for what a series leaves out (an estimate, ``"characteristic"``). A two-sided
    p-value has twice the error of its tails."""
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


@dataclass(frozen=True)
class LocalNumbers:
    """What a statistic has computed for the areas of its sample, each of shape (n,)."""

    statistic: np.ndarray
    lag: np.ndarray
    moments: Moments
    tails: Tails
    labels: np.ndarray
    """The label of each area if it should be significant, as its place in ``LABELS``."""
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

    def tested_tails(self) -> Tails:
        """Return the tails, NaN where nothing is tested and 1 where the statistic cannot vary."""
        # What cannot vary is neither small nor large: the one value it can have is the observed one.
        return self.tails.certain_where(self.moments.variance <= 0).only(self.tested)


def quadrants(focal: np.ndarray, lag: np.ndarray) -> np.ndarray:
    """Return the code of GeoDa's label for each sign of the focal and lagged deviation; zero is low."""
    return _QUADRANTS[(focal > 0).view(np.int8), (lag > 0).view(np.int8)]


def assemble(name: str, sample: Sample, inference: Inference, numbers: LocalNumbers) -> LocalResult:
    """Put the numbers of one statistic into its table, correct for many tests and label."""
    columns = tested_columns(inference, numbers)
    columns["q_value"] = adjusted(columns["p_value"], inference.correction)
    table = labelled_table(sample, inference, columns, numbers.labels)
    return _result(name, sample, inference, table, numbers=numbers, n_tested=int(numbers.tested.sum()))


def tested_columns(inference: Inference, numbers: LocalNumbers) -> dict[str, np.ndarray]:
    """Return the columns of numbers of a sample's areas but the q-values, which depend on all areas.

    The columns are the caller's own, to change.
    """
    tails = numbers.tested_tails()
    p_value = tails.p_value(inference.alternative)
    return {
        "statistic": numbers.statistic,
        "lag": numbers.lag.copy(),  # the sample keeps its own for the next statistic
        "expected": numbers.moments.expected,
        "variance": numbers.moments.variance,
        "z_score": numbers.moments.z_score(numbers.statistic),
        "p_lower": tails.lower,
        "p_upper": tails.upper,
        "p_value": p_value.copy(),  # one-sided, it is one of the tails
        "p_mid": tails.mid().p_value(inference.alternative),
    }


def labelled_table(
    sample: Sample, inference: Inference, columns: Mapping[str, np.ndarray], labels: np.ndarray
) -> pd.DataFrame:
    """Return the table of a sample, its areas labelled by their q-values; ``columns`` become part of it."""
    linked = sample.counts > 0
    label = label_codes(sample, inference, columns["q_value"], columns["statistic"], labels)
    everywhere = bool(linked.all())
    for column in columns.values():
        np.add(column, 0.0, out=column)  # makes -0.0 a plain 0, which reads the same from every file
        if not everywhere:
            column[~linked] = np.nan
    return _table(sample, columns, label)


def label_codes(
    sample: Sample, inference: Inference, q_value: np.ndarray, statistic: np.ndarray, labels: np.ndarray
) -> np.ndarray:
    """Return the code of each area's label; ``labels`` are those of areas that are significant."""
    label = np.where(
        q_value <= inference.fdr * (1 + ROUNDING), labels, np.int8(code_of(Label.NOT_SIGNIFICANT))
    )
    label[np.isnan(statistic)] = code_of(Label.UNDEFINED)
    label[sample.counts == 0] = code_of(Label.ISOLATE)
    return label.astype(np.int8)


def undefined(name: str, sample: Sample, inference: Inference) -> LocalResult:
    """Return the result of values that have no statistic: everything NaN, and the reason."""
    nothing = np.full(len(sample.x), np.nan)
    label = np.full(len(sample.x), code_of(Label.UNDEFINED), dtype=np.int8)
    table = _table(sample, {column: nothing.copy() for column in _NUMBERS}, label)
    return _result(name, sample, inference, table)


def _table(sample: Sample, found: Mapping[str, np.ndarray], label: np.ndarray) -> pd.DataFrame:
    columns: dict[str, object] = {column: sample.spread(found[column]) for column in _NUMBERS}
    # Copies: a graph remembers its samples, and whoever changes a table must not change them.
    columns["neighbors"] = sample.neighbors.copy()
    columns["hidden"] = sample.hidden.copy()
    columns["label"] = as_texts(sample.spread(label, code_of(Label.UNDEFINED)), LABELS)
    columns["status"] = sample.status.copy()
    index = sample.index if sample.index.name == AREA_ID else sample.index.rename(AREA_ID)
    return pd.DataFrame({name: columns[name] for name in LOCAL_COLUMNS}, index=index, copy=False)


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
        correction=inference.correction,
        alternative=inference.alternative,
        moments=inference.moments,
        n_tested=n_tested,
        error=error_of_p(numbers.error, inference.alternative) if numbers else 0.0,
        reason=sample.reason,
        notes=numbers.notes if numbers else (),
    )


def error_of_p(error: float, alternative: str) -> float:
    """Return how far a p-value can be from the truth where its tails can be off by ``error``."""
    return 2.0 * error if alternative == "two-sided" else error
