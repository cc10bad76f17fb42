"""Scores of an index that may be true, made when asked for: what its labels are tested by."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo._checks import check_choice, check_count
from lea_geo._checks.label_robustness import DATA_WORDS, LEAST_DRAWS
from lea_geo.robustness.plan import Setting
from lea_geo.robustness.streams import Key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lea_geo.robustness.plan import Plan
    from lea_geo.robustness.result import CompositeRobustness

_LISTS = ("normalise", "weights", "aggregate", "impute", "indicators")
_SAMPLE = 3
"""Other random numbers than those of the runs, of Sobol indices and of choices alone."""
VARIED_WEIGHTS = "each a little different"


@dataclass(frozen=True, eq=False)
class IndexDraws:
    """Runs of an index: its stated method, and one other choice at a time, each with the same noise."""

    values: pd.Series
    """The scores as stated, indexed by ``area_id``; NaN for none."""
    choices: pd.DataFrame
    """A row for each run and a column for each step of the method, blank where it is as stated."""
    varied: tuple[str, ...]
    """What differs between runs of the same choices: ``noise``, ``hidden``, both or nothing."""
    plan: Plan
    node: int
    """Whose scores, as a place among those that the plan gives."""
    settings: tuple[Setting, ...]
    """One for each row of ``choices``, without random numbers."""
    runs: tuple[int, ...]
    """Which random numbers each row takes."""

    def __repr__(self) -> str:
        return f"<IndexDraws: {len(self.values)} areas, {len(self.settings)} runs>"

    def draw(self, run: int) -> np.ndarray:
        """Return the scores of a run, in the order of ``values``; NaN for none."""
        key = Key(self.runs[run], _SAMPLE)
        setting = self.settings[run]
        noise, hidden = (key if word in self.varied else None for word in DATA_WORDS)
        weights = key if setting.weights is not None else None
        whole = replace(setting, weights=weights, noise=noise, hidden=hidden)
        with np.errstate(all="ignore"):
            return np.asarray(self.plan.scores(whole)[self.node])


def index_draws(
    found: CompositeRobustness, *, node: str | None = None, runs: int = 200, others: int | None = None
) -> IndexDraws:
    """Return what :func:`lea_geo.label_robustness` needs to judge the labels of an index, or of a group.

    The index is run as it is stated and, one at a time, by every other choice that its robustness was tested
    with: another way of normalising, weighting, aggregating or filling gaps, each weight a little different,
    one indicator left out. Every choice meets the same draws of noise and of hidden values.

    Parameters
    ----------
    found
        What :func:`lea_geo.composite_robustness` gives.
    node
        The code of the group, among those that it was asked for; left out, the first.
    runs
        As it is stated; one alone where neither noise nor hidden values differ.
    others
        Under each other choice; left out, as many.

    Raises
    ------
    UsageError
        If it was not asked for this node, or there are too few runs.

    Examples
    --------
    ``draws = lea.index_draws(found)`` and then
    ``lea.label_robustness(draws.values, graph, draws=draws, hidden="nearby")``.
    """
    plan, codes = found.trial.plan, found.trial.nodes
    code = codes[0] if node is None else check_choice("node", node, codes)
    stated = check_count("runs", runs, least=LEAST_DRAWS)
    other = stated if others is None else check_count("others", others, least=LEAST_DRAWS)
    varied = tuple(word for word in DATA_WORDS if word in plan.moving)
    listed = list(_listed(found, code))
    rows = pd.DataFrame([{step: row.get(step, "") for step in _LISTS} for row, _ in listed])
    # What no random number differs in is the same every time, but few runs would count as too few.
    times = [stated, *[other] * (len(listed) - 1)] if varied else [LEAST_DRAWS] * len(listed)
    return IndexDraws(
        values=found.tables[code]["score"],
        choices=rows.loc[np.repeat(rows.index, times)].reset_index(drop=True),
        varied=varied,
        plan=plan,
        node=codes.index(code),
        settings=tuple(one for (_, one), n in zip(listed, times, strict=True) for _ in range(n)),
        runs=tuple(run for n in times for run in range(n)),
    )


def _listed(found: CompositeRobustness, code: str) -> Iterator[tuple[dict[str, str], Setting]]:
    """Yield every choice alone that concerns a node, in words and as a setting, the stated one first."""
    plan, tree = found.trial.plan, found.trial.engine.tree
    elsewhere = set(range(tree.n_indicators)).difference(tree.below(tree.codes.index(code)).tolist())
    yield {}, Setting()
    for factor in _LISTS:
        for place in range(1, plan.alternatives.count(factor)):
            if factor == "indicators" and plan.alternatives.left_out[place] in elsewhere:
                continue
            other = Setting(weighting=place) if factor == "weights" else plan.chosen(factor, place)
            yield {factor: found.choices[factor][place]}, other
    if plan.weights_within > 0:
        yield {"weights": VARIED_WEIGHTS}, Setting(weights=Key(0, _SAMPLE))
