"""Which factors make the ranks differ, alone and with others: Sobol indices of an index."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo._by_area import ByArea
from lea_geo._checks import check_count
from lea_geo._checks.robustness_runs import check_workers
from lea_geo._progress import steps
from lea_geo.robustness.runs import blocks, ranks, spread
from lea_geo.robustness.sobol import jansen
from lea_geo.robustness.streams import Key
from lea_geo.robustness_spec import FACTORS
from lea_geo.schema import AREA_ID

if TYPE_CHECKING:
    from lea_geo.composite_spec import CompositeSpec
    from lea_geo.robustness.plan import Setting
    from lea_geo.robustness.trial import Trial
    from lea_geo.robustness_spec import RobustnessSpec

A, B = 0, 1
"""The two samples."""


@dataclass(frozen=True, kw_only=True)
class CompositeSensitivity(ByArea):
    """Sobol indices of an index."""

    index: pd.DataFrame
    """Indexed by factor: ``first``, ``total`` and their standard errors ``first_error``, ``total_error``, of
    the mean distance between an area's rank in a run and its stated rank."""
    table: pd.DataFrame
    """Indexed by ``area_id``: ``<factor>_first`` and ``<factor>_total`` of the area's own rank, and
    ``variance`` of that rank; NaN where it does not vary, or some run gives the area no score."""
    errors: pd.DataFrame
    """The standard errors of the same shares, in columns of the same names."""
    rows: int
    evaluations: int
    """How often the index was run."""
    spec: CompositeSpec
    how: RobustnessSpec
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        first = self.index["total"].idxmax() if len(self.index) else "nothing"
        return f"<CompositeSensitivity: {self.evaluations} runs, ranks move most by {first}>"


def sensitivity_of(trial: Trial, *, rows: int, workers: int | None, progress: bool) -> CompositeSensitivity:
    """Run the design of Saltelli on an index and estimate the indices of its first node."""
    rows, workers = check_count("rows", rows, least=2), check_workers(workers)
    plan, moving = trial.plan, trial.plan.moving
    settings = [one for row in range(rows) for one in _design(trial, row)]
    n, each = len(trial.index), 2 + len(moving)
    found = np.empty((len(settings), n), dtype=np.float32)

    def work(start: int, stop: int) -> None:
        for run in range(start, stop):
            found[run] = ranks(plan.scores(settings[run])[0])

    with steps(shown=progress) as bar:
        bar.expect(blocks(len(settings)))
        spread(work, len(settings), workers=workers, tick=lambda: bar.begin("Sobol indices"))
    found[found == 0] = np.nan
    outputs = np.moveaxis(found.reshape(rows, each, n), 1, 0)
    return _told(trial, outputs, moving)


def _design(trial: Trial, row: int) -> list[Setting]:
    """Return the settings of one row: A, B, and A with each moving factor from B."""
    plan = trial.plan
    a, b = (tuple(Key(row, sample) for _ in FACTORS) for sample in (A, B))
    mixed = [
        tuple(b[at] if factor == moved else a[at] for at, factor in enumerate(FACTORS))
        for moved in plan.moving
    ]
    return [plan.setting(keys) for keys in (a, b, *mixed)]


def _told(trial: Trial, outputs: np.ndarray, moving: tuple[str, ...]) -> CompositeSensitivity:
    """Return the estimates from ranks, shape (2 + factors, rows, n)."""
    stated = trial.stated()[1][0].astype(float)
    stated[stated == 0] = np.nan
    away = np.abs(outputs - stated)
    both = ~np.isnan(away)
    mean = np.where(both, away, 0.0).sum(axis=2, dtype=float) / np.maximum(both.sum(axis=2), 1)
    whole = jansen(mean[0], mean[1], mean[2:])
    names = ("first", "total", "first_error", "total_error")
    index = pd.DataFrame(
        {name: getattr(whole, name) for name in names}, index=pd.Index(moving, name="factor")
    )
    table, errors = _by_area(trial, outputs, moving)
    rows = outputs.shape[1]
    return CompositeSensitivity(
        index=index,
        table=table,
        errors=errors,
        rows=rows,
        evaluations=outputs.shape[0] * rows,
        spec=trial.spec,
        how=trial.how,
        notes=trial.notes,
    )


def _by_area(trial: Trial, outputs: np.ndarray, moving: tuple[str, ...]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the indices of every area's own rank, some areas at a time, and their errors."""
    own: dict[str, list[np.ndarray]] = {}
    errors: dict[str, list[np.ndarray]] = {}
    for first in range(0, outputs.shape[2], 256):
        some = outputs[:, :, first : first + 256].astype(float)
        with np.errstate(invalid="ignore"):
            found = jansen(some[0], some[1], some[2:])
        for at, factor in enumerate(moving):
            for which in ("first", "total"):
                own.setdefault(f"{factor}_{which}", []).append(getattr(found, which)[at])
                errors.setdefault(f"{factor}_{which}", []).append(getattr(found, f"{which}_error")[at])
        own.setdefault("variance", []).append(found.variance)
    index = trial.index.rename(AREA_ID)
    tables = [
        pd.DataFrame({k: np.concatenate(v) for k, v in one.items()}, index=index) for one in (own, errors)
    ]
    return tables[0], tables[1]
