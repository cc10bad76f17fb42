"""``[robustness]`` of a study file: read into a ``RobustnessSpec``, and written back."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeVar

from lea_geo._checks.spec import check_graph_options
from lea_geo._composite_keys import read_step
from lea_geo.composite_spec import Aggregate, Impute, Normalise, Weighting
from lea_geo.robustness_spec import HIDDEN, NOISES, GraphChoice, RobustnessSpec
from lea_geo.schema import GRAPH_KINDS

if TYPE_CHECKING:
    from lea_geo._checks.spec import Keys

T = TypeVar("T")


def read_robustness(keys: Keys) -> RobustnessSpec:
    """Return what ``[robustness]`` describes; what is wrong with it goes to the faults of ``keys``."""
    plain = RobustnessSpec()
    spec = RobustnessSpec(
        runs=keys.count("runs", plain.runs, least=0),
        seed=keys.count("seed", plain.seed, least=0, most=2**63 - 1),
        worst=keys.count("worst", plain.worst),
        holds=keys.number("holds", plain.holds, below=1),
        noise=keys.choice("noise", plain.noise, NOISES),
        hidden=keys.choice("hidden", plain.hidden, HIDDEN),
        normalise=_steps(keys, "normalise", Normalise),
        aggregate=_steps(keys, "aggregate", Aggregate),
        weighting=_steps(keys, "weighting", Weighting),
        impute=_steps(keys, "impute", Impute),
        weights_within=keys.number("weights_within", plain.weights_within, below=1, least=True),
        leave_out=keys.flag("leave_out", default=plain.leave_out),
        labels=keys.count("labels", plain.labels, least=0),
        graphs=_graphs(keys),
    )
    keys.done()
    return spec


def _graphs(keys: Keys) -> tuple[GraphChoice, ...] | None:
    if "graphs" not in keys.table:
        return None
    return tuple(_graph(one) for one in keys.each("graphs", required=False))


def _graph(keys: Keys) -> GraphChoice:
    choice = GraphChoice(
        graph=keys.choice("graph", "queen", GRAPH_KINDS),
        k=keys.count("k", None),
        threshold=keys.number("threshold", None),
        bandwidth=keys.number("bandwidth", None),
        tolerance=keys.number("tolerance", None, least=True),
    )
    check_graph_options(keys, choice.graph, "isolate", choice.options)
    keys.done()
    return choice


def _steps(keys: Keys, key: str, kind: type[T]) -> tuple[T, ...] | None:
    said = keys.methods(key)
    return None if said is None else tuple(read_step(one, kind) for one in said)


def robustness_as_dict(spec: RobustnessSpec) -> dict[str, Any]:
    """Return a test of robustness as ``[robustness]`` would say it, without what a file may leave out."""
    plain = RobustnessSpec()
    held = {one.name: getattr(spec, one.name) for one in fields(spec)}
    return {
        name: [_said(one) for one in value] if isinstance(value, tuple) else value
        for name, value in held.items()
        if value != getattr(plain, name)
    }


def _said(one: Any) -> Any:  # noqa: ANN401 - a graph or a step, as JSON
    return {"graph": one.graph, **one.options} if isinstance(one, GraphChoice) else _step(one)


def _step(step: Any) -> Any:  # noqa: ANN401 - a step of any kind, as JSON
    """Return a method as a file says it: by its name alone where that is all."""
    plain = type(step)(step.method)
    changed = {
        one.name: list(value) if isinstance(value, tuple) else value
        for one in fields(step)
        if (value := getattr(step, one.name)) != getattr(plain, one.name)
    }
    return {"method": step.method, **changed} if changed else step.method
