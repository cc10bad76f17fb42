"""From runs to what is said of every label."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo.robustness.label_hidden import EVERYWHERE, Hidden
from lea_geo.robustness.label_result import LabelRobustness
from lea_geo.robustness.label_runs import Setting, count_all
from lea_geo.robustness.label_verdicts import HIGH, SHARES, labels_of, stated_share, verdicts, words_of
from lea_geo.schema import AREA_ID, DEPENDS, result_column

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from lea_geo.robustness.label_stated import How, Stated

LEAST_AGREEMENT = 0.98
"""Below it, a note says that the runs are tested by a law that is not that of the labels stated."""


def judged(
    told: Stated,
    settings: list[Setting],
    unknown: Hidden,
    how: How,
    notes: list[str],
    index: pd.Index,
    *,
    workers: int | None,
    progress: bool,
) -> LabelRobustness:
    """Make the runs and say what becomes of the labels."""
    fast, rates = how.law == "fast", how.rates
    if unknown.any and how.hidden == EVERYWHERE:
        wide = replace(told.labeller, fast=fast)
        settings = [*settings, unknown.setting(wide, runs=len(rates.runs), seed=rates.seed)]
    counts = count_all(settings, workers=workers, progress=progress)
    shares = np.array([setting.shares(one) for setting, one in zip(settings, counts, strict=True)])
    tables, within = _tables(told, settings, shares, unknown, how)
    agreement = told.agreement(fast=fast)
    return LabelRobustness(
        table=_joined(tables).reindex(index).rename_axis(AREA_ID),
        within=MappingProxyType({name: one.reindex(index) for name, one in within.items()}),
        statistics=how.statistics,
        judged=_looked_at(settings, unknown, how),
        runs=MappingProxyType({setting.title: len(setting.runs) for setting in settings}),
        seed=rates.seed,
        noise=rates.model,
        hidden=how.hidden,
        law=how.law,
        agreement=MappingProxyType(agreement),
        method=told.method,
        transform=how.transform,
        fdr=how.inference.fdr,
        correction=how.inference.correction,
        notes=(*told.notes, *notes, *_own_notes(unknown, agreement)),
    )


def _looked_at(settings: Sequence[Setting], unknown: Hidden, how: How) -> tuple[str, ...]:
    """Return which words a verdict can name."""
    words = {setting.word for setting in settings} | _varied(settings[0], how)
    if unknown.any:
        words.add("hidden")
    return tuple(word for word in DEPENDS if word in words)


def _varied(stated: Setting, how: How) -> set[str]:
    """Return what differs between the runs of the stated choices."""
    return set(how.varied) if len(stated.runs) > 1 else set()


def _own_notes(unknown: Hidden, agreement: Mapping[str, float]) -> Iterator[str]:
    if unknown.any and (ends := int(unknown.box.unbounded.sum())):
        yield f"Nothing is known of an end of {ends} hidden values: the farthest value seen stands in for it."
    for statistic, share in agreement.items():
        if share < LEAST_AGREEMENT:
            yield f"{statistic}: the law of the runs labels {share:.1%} of the areas as stated."


def _tables(
    told: Stated, settings: Sequence[Setting], shares: np.ndarray, unknown: Hidden, how: How
) -> tuple[dict[str, pd.DataFrame], dict[str, pd.DataFrame]]:
    """Return, for each statistic, what is said of every area, and the shares under every setting.

    ``shares`` has the shape (settings, statistics, n, labels).
    """
    ids, wide = told.region.graph.ids, replace(told.labeller, fast=how.law == "fast")
    everywhere, nearby = unknown.holds(wide, told.codes, told.p_value)
    changed = unknown.changed(wide, told.codes) if unknown.any else np.zeros_like(everywhere)
    tables, within = {}, {}
    for place, name in enumerate(how.statistics):
        codes, mine = told.codes[place], shares[:, place]
        held = np.array([stated_share(one, codes) for one in mine])
        holds = (everywhere if how.hidden == EVERYWHERE else nearby)[place]
        changes = words_of(settings, held, holds, varied=tuple(_varied(settings[0], how)))
        verdict, words = verdicts(codes, changes)
        pooled = _mean(mine)
        drawn = np.array([s.word == "hidden" for s in settings])
        columns = {
            "label": labels_of(codes),
            "share": stated_share(pooled, codes),
            **dict(zip(SHARES, pooled.T, strict=True)),
            "verdict": verdict,
            "depends_on": words,
            "p_hot": mine[0, :, HIGH],
            "holds_everywhere": everywhere[place],
            "holds_nearby": nearby[place],
            "hidden_changes": changed[place] | (held[drawn] < 1.0).any(axis=0),
        }
        tables[name] = pd.DataFrame(columns, ids).astype({"depends_on": "str"})
        within[name] = pd.DataFrame(held.T, ids, [setting.title for setting in settings])
    return tables, within


def _mean(shares: np.ndarray) -> np.ndarray:
    """Return the mean over settings of those that say something, shape (n, labels)."""
    said = ~np.isnan(shares)
    number = said.sum(axis=0)
    total = np.where(said, shares, 0.0).sum(axis=0)
    return np.asarray(np.divide(total, number, out=np.full(total.shape, np.nan), where=number > 0))


def _joined(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return one table, its columns led by the statistic's name where there are several."""
    if len(tables) == 1:
        return next(iter(tables.values()))
    led = [table.rename(columns=partial(result_column, name)) for name, table in tables.items()]
    return pd.concat(led, axis=1)
