"""Which methods runs choose among: the stated ones, and what a study names or what fits by itself."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from itertools import product
from typing import TYPE_CHECKING, Any

from lea_geo._checks.robustness_runs import refuse_methods
from lea_geo.composite_spec import Aggregate, Impute, Normalise, Weighting
from lea_geo.errors import SpecError
from lea_geo.robustness.plan import Alternatives

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from lea_geo.composite.engine import Engine
    from lea_geo.composite_spec import CompositeSpec
    from lea_geo.robustness_spec import RobustnessSpec

USUAL_NORMALISE = (Normalise("min_max", low=1.0, high=100.0), Normalise("z"), Normalise("rank"))
USUAL_AGGREGATE = (Aggregate("arithmetic"), Aggregate("geometric"))
USUAL_WEIGHTING = (Weighting("equal"),)
USUAL_IMPUTE = (Impute("none"), Impute("mean"))
"""What the index's own methods are held against where the study names nothing."""

Method = tuple[int, int, int]


@dataclass(frozen=True)
class Builder:
    """Builds the engine of an index with other methods in place of its own."""

    spec: CompositeSpec
    build: Callable[[CompositeSpec], Engine]

    def engine(self, normalise: Normalise, weighting: Weighting, aggregate: Aggregate) -> Engine:
        """Return the index with these methods wherever a node or level does not name its own."""
        return self.build(replace(self.spec, normalise=normalise, weighting=weighting, aggregate=aggregate))

    def bears(self, normalise: Normalise, aggregate: Aggregate) -> bool:
        """Whether scores of this scale can be combined in this way."""
        try:
            self.engine(normalise, self.spec.weighting, aggregate)
        except SpecError:
            return False
        return True


def choose(builder: Builder, how: RobustnessSpec, *, gaps: bool) -> tuple[Alternatives, dict[Method, Engine]]:
    """Return the alternatives, and the engine of every combination of scale, weights and aggregation.

    Parameters
    ----------
    builder, how
        The index, and what the study names.
    gaps
        Whether any value is missing; otherwise imputation is no choice.

    Raises
    ------
    SpecError
        Scores of some named scale cannot be combined in some named way: all such pairs.
    """
    spec = builder.spec
    aggregate = how.aggregate
    if aggregate is None:
        aggregate = tuple(
            one for one in _others(spec.aggregate, USUAL_AGGREGATE) if builder.bears(spec.normalise, one)
        )
    aggregate = _with(spec.aggregate, aggregate)
    normalise = how.normalise
    if normalise is None:
        usual = _others(spec.normalise, USUAL_NORMALISE)
        normalise = tuple(one for one in usual if all(builder.bears(one, way) for way in aggregate))
    normalise = _with(spec.normalise, normalise)
    weighting = _with(spec.weighting, _named(how.weighting, _others(spec.weighting, USUAL_WEIGHTING)))
    impute = _with(spec.impute, _named(how.impute, _others(spec.impute, USUAL_IMPUTE)) if gaps else ())
    engines = _engines(builder, normalise, weighting, aggregate)
    columns = range(next(iter(engines.values())).tree.n_indicators)
    left_out = (-1, *columns) if how.leave_out and len(columns) > 1 else (-1,)
    return Alternatives(normalise, weighting, aggregate, impute, left_out), engines


def _named(named: tuple[Any, ...] | None, usual: tuple[Any, ...]) -> tuple[Any, ...]:
    return usual if named is None else named


def _others(stated: Any, usual: Iterable[Any]) -> tuple[Any, ...]:  # noqa: ANN401 - a step of any kind
    """Return the usual methods but the stated one, whatever its options."""
    return tuple(one for one in usual if one.method != stated.method)


def _with(stated: Any, others: Iterable[Any]) -> tuple[Any, ...]:  # noqa: ANN401 - a step of any kind
    return tuple(dict.fromkeys((stated, *others)))


def _engines(
    builder: Builder,
    normalise: Sequence[Normalise],
    weighting: Sequence[Weighting],
    aggregate: Sequence[Aggregate],
) -> dict[Method, Engine]:
    engines: dict[Method, Engine] = {}
    refused: dict[tuple[str, str], SpecError] = {}
    places = product(range(len(normalise)), range(len(weighting)), range(len(aggregate)))
    for n, w, a in places:
        try:
            engines[n, w, a] = builder.engine(normalise[n], weighting[w], aggregate[a])
        except SpecError as error:
            if (n, a) == (0, 0):
                raise
            refused[described(normalise[n]), described(aggregate[a])] = error
    refuse_methods(refused)
    return engines


def described(step: Any) -> str:  # noqa: ANN401 - a step of any kind
    """Return a method's name with the options that are not left out.

    >>> described(Normalise("min_max", low=1.0, high=100.0))
    'min_max (low 1, high 100)'
    """
    plain = type(step)()
    said = [(one.name, getattr(step, one.name)) for one in fields(step) if one.name != "method"]
    options = [f"{name} {_short(value)}" for name, value in said if value != getattr(plain, name)]
    return f"{step.method} ({', '.join(options)})" if options else str(step.method)


def _short(value: object) -> str:
    return f"{value:g}" if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def words(alternatives: Alternatives, codes: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    """Return each factor's choices in words, the stated one first; for indicators, which is left out."""
    named = {name: getattr(alternatives, name) for name in ("normalise", "weighting", "aggregate", "impute")}
    said = {name: tuple(described(one) for one in some) for name, some in named.items()}
    said["weights"] = said.pop("weighting")
    said["indicators"] = tuple("" if column < 0 else codes[column] for column in alternatives.left_out)
    return said
