"""What the scan statistic gives back: clusters, and what each area belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo._by_area import ByArea
from lea_geo.schema import AREA_ID, Label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lea_geo.spatial.scan.sample import ScanSample
    from lea_geo.spatial.scan.windows import Window

CLUSTER_COLUMNS = (
    "label",
    "centre",
    "radius_m",
    "n_areas",
    "cases",
    "population",
    "expected",
    "observed_expected",
    "relative_risk",
    "log_likelihood_ratio",
    "p_value",
    "areas",
)
"""The columns of ``ScanResult.clusters``, in this order."""


@dataclass(frozen=True, kw_only=True)
class ScanSettings:
    """Every setting that decides a scan."""

    model: str
    window: str
    alternative: str
    max_population: float
    max_radius: float | None
    permutations: int
    """How many replicates are drawn at most."""
    seed: int
    level: float
    """Largest p-value of a label."""


@dataclass(frozen=True, kw_only=True)
class ScanResult(ScanSettings, ByArea):
    """The clusters of a spatial scan statistic, and every setting that decided them."""

    clusters: pd.DataFrame
    """Indexed by ``cluster`` from 1, the most likely one, with ``CLUSTER_COLUMNS``. ``centre`` is the id of
    the area in the middle of a circle, or of the most extreme rate in an irregular window; ``radius_m`` the
    distance from it to the farthest area in metres, NaN for irregular windows; ``expected`` the number of
    cases if the risk were the same everywhere; ``relative_risk`` compares the risk inside with that outside,
    infinite if all cases are inside; ``areas`` is a tuple of ids in the order in which they entered."""
    table: pd.DataFrame
    """Indexed by ``area_id`` in the order of the cases. ``cluster`` is the number of the area's cluster, 0
    for none; ``label`` High-High for significantly many cases, Low-Low for few, Not significant, or Undefined
    for an area that was left out; ``relative_risk`` and ``p_value`` are those of the cluster; ``status``."""
    replicates: int
    """How many replicates ran: fewer than ``permutations`` where the drawing stopped."""
    exceedances: int
    """After how many replicates at least as large as the most likely cluster the drawing stops."""
    maxima: np.ndarray
    """The largest log likelihood ratio of each replicate that ran, in the order of the draws."""
    reason: str = ""
    """Why nothing could be tested; empty where something was."""
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        listed = len(self.clusters)
        significant = int((self.clusters["p_value"] <= self.level).sum())
        return (
            f"<ScanResult {self.model}, {self.window}: {len(self.table)} areas, {listed} clusters listed, "
            f"{significant} significant at {self.level:g} ({self.replicates} replicates)>"
        )


def clusters_frame(sample: ScanSample, found: Sequence[tuple[Window, float]]) -> pd.DataFrame:
    """Return ``ScanResult.clusters`` for windows and their p-values."""
    rows = [_describe(sample, window, p_value) for window, p_value in found]
    frame = pd.DataFrame(rows, columns=list(CLUSTER_COLUMNS))
    frame.index = pd.RangeIndex(1, len(frame) + 1, name="cluster")
    texts = {"label": "str", "centre": "str", "n_areas": "int64", "areas": "object"}
    return frame.astype({column: texts.get(column, "float64") for column in CLUSTER_COLUMNS})


def _describe(sample: ScanSample, window: Window, p_value: float) -> dict[str, object]:
    all_cases, all_people = float(sample.cases.sum()), float(sample.people.sum())
    cases = float(sample.cases[window.members].sum())
    people = float(sample.people[window.members].sum())
    expected = all_cases * (people / all_people)
    outside = (all_cases - cases) / (all_cases - expected)
    ids = sample.ids
    return {
        "label": str(Label.HIGH_HIGH if cases > expected else Label.LOW_LOW),
        "centre": ids[window.centre],
        "radius_m": window.radius,
        "n_areas": len(window.members),
        "cases": cases,
        "population": people,
        "expected": expected,
        "observed_expected": cases / expected,
        "relative_risk": np.inf if outside == 0 else cases / expected / outside,
        "log_likelihood_ratio": window.log_ratio,
        "p_value": p_value,
        "areas": tuple(ids[window.members]),
    }


def areas_frame(
    sample: ScanSample, found: Sequence[tuple[Window, float]], clusters: pd.DataFrame, level: float
) -> pd.DataFrame:
    """Return ``ScanResult.table`` for windows that share no area."""
    index = sample.index.rename(AREA_ID)
    cluster = np.zeros(len(index), dtype=np.int64)
    label = np.full(len(index), Label.UNDEFINED.value, dtype=object)
    label[sample.positions] = Label.NOT_SIGNIFICANT.value if not sample.reason else Label.UNDEFINED.value
    relative_risk, p_value = np.full(len(index), np.nan), np.full(len(index), np.nan)
    for number, (window, found_p) in enumerate(found, start=1):
        members = sample.positions[window.members]
        cluster[members] = number
        relative_risk[members] = clusters["relative_risk"][number]
        p_value[members] = found_p
        if found_p <= level:
            label[members] = clusters["label"][number]
    return pd.DataFrame(
        {
            "cluster": cluster,
            "label": pd.Series(label, index=index, dtype="str"),
            "relative_risk": relative_risk,
            "p_value": p_value,
            "status": pd.Series(sample.status, index=index, dtype="str"),
        },
        index=index,
    )
