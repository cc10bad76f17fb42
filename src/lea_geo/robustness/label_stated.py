"""The labels as stated: what every run is held against."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo._checks.values import as_texts
from lea_geo.robustness.label_runs import Fixed, Labeller
from lea_geo.schema import Status
from lea_geo.spatial.hotspots import STATISTICS
from lea_geo.spatial.local_result import LABELS, undefined
from lea_geo.spatial.neighbour_sum import Inference, sum_test
from lea_geo.spatial.sample import build_sample

if TYPE_CHECKING:
    from lea_geo.robustness.label_choices import Rates, Region

_STATUSES = [str(status) for status in Status]


@dataclass(frozen=True)
class How:
    """The options."""

    statistics: tuple[str, ...]
    inference: Inference
    transform: str
    law: str
    hidden: str
    rates: Rates
    varied: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Stated:
    """The labels as stated, in the order of the graph."""

    region: Region
    labeller: Labeller
    codes: np.ndarray
    """Places in ``schema.Label``, shape (statistics, n)."""
    p_value: np.ndarray
    """Two-sided, shape (n,); the same for all statistics of one test."""
    method: str
    notes: tuple[str, ...]

    def agreement(self, *, fast: bool) -> dict[str, float]:
        """Return the share of areas with a value that the runs' law labels as the stated one does."""
        known = self.region.known
        again = replace(self.labeller, fast=fast).codes(self.region.x[known]) == self.codes[:, known]
        shares = again.mean(axis=1) if known.any() else np.ones(len(again))
        return dict(zip(self.labeller.statistics, shares.tolist(), strict=True))


def stated_labels(region: Region, how: How) -> Stated:
    """Test the values as they are."""
    status = pd.Series(as_texts(region.state.astype(np.int8), _STATUSES), region.graph.ids)
    values = pd.Series(region.x, region.graph.ids)
    sample = build_sample(values, region.graph, transform=how.transform, status=status)
    if sample.reason:
        found = [undefined(name, sample, how.inference) for name in how.statistics]
    else:
        test = sum_test(sample, how.inference)
        found = [STATISTICS[name](sample, how.inference, test) for name in how.statistics]
    codes = [pd.Index(LABELS).get_indexer(pd.Index(one.table["label"])) for one in found]
    # What is labelled once costs little by the law of the labels stated.
    fast = how.law == "fast" and not isinstance(region.source, Fixed)
    graph = region.graph.take(np.flatnonzero(region.known))
    labeller = Labeller(graph, how.transform, how.inference, how.statistics, fast)
    notes = tuple(dict.fromkeys(note for one in found for note in one.notes))
    p_value = found[0].table["p_value"].to_numpy()
    return Stated(region, labeller, np.array(codes), p_value, found[0].method, notes)
