"""An index about to be run in many ways: its plan, and what it is about."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from lea_geo._checks.composite_data import check_scales
from lea_geo._checks.composite_steps import check_imputation
from lea_geo._checks.robustness_runs import (
    by_column,
    check_ends,
    check_frames,
    check_how,
    check_node,
    check_rates,
)
from lea_geo.composite.engine import Engine
from lea_geo.composite.impute import filled
from lea_geo.composite.prepare import prepare
from lea_geo.composite.tree import build_tree
from lea_geo.intake.join import JoinedIndicators
from lea_geo.intake.tables import IndicatorTable
from lea_geo.robustness.alternatives import Builder, choose, words
from lea_geo.robustness.hidden import HiddenValues
from lea_geo.robustness.joint import Posterior
from lea_geo.robustness.noise import JointNoise, noise_model
from lea_geo.robustness.observed import Beside, observe
from lea_geo.robustness.plan import Plan, Setting
from lea_geo.robustness.runs import ranks
from lea_geo.robustness_spec import HIDDEN, NOISES, RobustnessSpec
from lea_geo.spec import StudySpec

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pandas as pd

    from lea_geo.composite.prepare import Prepared
    from lea_geo.composite_spec import CompositeSpec
    from lea_geo.robustness.noise import Noise
    from lea_geo.robustness.observed import Observed

    Frames = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Trial:
    """A plan with the names of what is in it."""

    plan: Plan
    spec: CompositeSpec
    how: RobustnessSpec
    index: pd.Index[str]
    """The areas."""
    choices: Mapping[str, tuple[str, ...]]
    """Each factor's choices in words."""
    notes: tuple[str, ...]

    @property
    def engine(self) -> Engine:
        """The index as it is stated."""
        return self.plan.engines[0, 0, 0]

    @property
    def nodes(self) -> tuple[str, ...]:
        """The codes of the nodes that are asked for."""
        return tuple(self.engine.tree.codes[node] for node in self.plan.nodes)

    @property
    def signs(self) -> tuple[float, ...]:
        """For each of them 1 where the highest scores are the worst, -1 where the lowest are."""
        return tuple(
            1.0 if self.engine.tree.nodes[node].high == "weakens" else -1.0 for node in self.plan.nodes
        )

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the indicators."""
        return self.engine.tree.codes[: self.engine.tree.n_indicators]

    def stated(self) -> tuple[np.ndarray, np.ndarray]:
        """Return scores and ranks as stated, each of shape (nodes, n)."""
        scores = self.plan.scores(Setting())
        return scores, np.array([ranks(one) for one in scores])


def build_trial(
    table: Any,  # noqa: ANN401 - what composite_index takes
    spec: Any,  # noqa: ANN401 - the same
    how: RobustnessSpec | None,
    *,
    beside: tuple[Frames | None, Frames | None, pd.DataFrame | None],
    nodes: Sequence[str],
    **options: Any,  # noqa: ANN401 - the same
) -> Trial:
    """Return an index ready to be run; parameters are those of :func:`lea_geo.composite_robustness`."""
    if how is None:
        how = (spec.robustness if isinstance(spec, StudySpec) else None) or RobustnessSpec()
    how = check_how(how, NOISES, HIDDEN)
    made = prepare(table, spec, **options)
    known = made.given.known
    check_scales(made.engine.learnt(filled(made.given.values, made.spec.impute, known)).undefined)
    observed, notes = observe(made.given.values, _beside(table, made, *beside), made.given.codes)
    check_rates(observed, made.given.ids, made.given.codes)
    if how.hidden == "none":
        observed = replace(observed, lower=np.full_like(observed.lower, np.nan))
    alternatives, engines = choose(
        Builder(made.spec, _rebuild(made)), how, gaps=bool(known.gaps(made.given.values).any())
    )
    for one in alternatives.impute:
        check_imputation(one.method, has_links=known.links is not None, has_group=known.group is not None)
    noise = noise_model(observed, how.noise)
    plan = Plan(
        seed=how.seed,
        observed=observed,
        known=known,
        noise=noise,
        hidden=_hidden(observed, how, noise),
        alternatives=alternatives,
        engines=engines,
        weights_within=how.weights_within,
        nodes=_nodes(made, nodes),
        onto={},
    ).on_stated_scale()
    told = (*made.notes, *notes, *_told(observed, made, noise))
    choices = words(alternatives, made.given.codes)
    return Trial(plan, made.spec, how, made.given.ids, choices, told)


def _hidden(observed: Observed, how: RobustnessSpec, noise: Noise | None) -> HiddenValues | None:
    """Return how suppressed values are drawn; the joint model is estimated where noise has not needed it."""
    if how.hidden != "joint" or not observed.hidden.any():
        return HiddenValues.of(observed, None)
    model = noise if isinstance(noise, JointNoise) else noise_model(observed, "joint")
    return HiddenValues.of(observed, model if isinstance(model, JointNoise) else None)


def _rebuild(made: Prepared) -> Callable[[CompositeSpec], Engine]:
    """Return what builds the engine of the same index with other methods."""

    def build(spec: CompositeSpec) -> Engine:
        if spec == made.spec:
            return made.engine
        tree = build_tree(spec, made.indicators, without=made.screened.excluded)
        return Engine.of(spec, tree, population=made.engine.population, tables=made.engine.tables)

    return build


def _beside(
    table: Any,  # noqa: ANN401 - what composite_index takes
    made: Prepared,
    counts: Frames | None,
    bounds: Frames | None,
    errors: pd.DataFrame | None,
) -> Beside:
    """Return counts, bounds and standard errors in the order of the index: as given, or the table's own."""
    held = table.table if isinstance(table, JoinedIndicators) else table
    ids, known = made.given.ids, made.given.known
    columns = [node.column for node in made.tree.indicators]
    nothing = np.full(made.given.values.shape, np.nan)
    if counts is None and isinstance(held, IndicatorTable):
        own = {name: getattr(held, name)[columns].to_numpy(dtype=float) for name in _COUNTS}
    else:
        own = check_frames("counts", counts, _COUNTS, ids, columns)
    ends = check_frames("bounds", bounds, _ENDS, ids, columns)
    if bounds is None:
        ends = {
            "lower": nothing if known.lower is None else known.lower,
            "upper": nothing if known.upper is None else known.upper,
        }
    check_ends(ends["lower"], ends["upper"], ids, columns)
    found = check_frames("standard_errors", by_column(errors), ("error",), ids, columns)["error"]
    return Beside(own["numerator"], own["denominator"], ends["lower"], ends["upper"], found)


_COUNTS, _ENDS = ("numerator", "denominator"), ("lower", "upper")


def _nodes(made: Prepared, wanted: Sequence[str]) -> tuple[int, ...]:
    codes = made.tree.codes
    groups = [codes[at] for at in made.tree.groups]
    chosen = [codes.index(check_node(code, groups)) for code in wanted]
    return tuple(chosen) or made.tree.roots


def _told(observed: Observed, made: Prepared, noise: Noise | None) -> list[str]:
    """Return in sentences which gaps no run fills, and whether the model of noise came to rest."""
    notes = []
    suppressed = np.isnan(observed.value) & (made.given.known.status == "suppressed")
    bare = int((suppressed & ~observed.hidden).sum())
    if bare:
        notes.append(f"{bare} suppressed values have no bounds, or are not to be drawn: they stay gaps.")
    law = noise.law if isinstance(noise, JointNoise) else None
    if isinstance(law, Posterior) and not law.settled:
        notes.append(f"The model of noise had not come to rest after {law.rounds} rounds.")
    return notes
