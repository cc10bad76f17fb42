"""An engine is compiled once and run by many: nothing that a run does reaches another."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import lea_geo as lea
from lea_geo.composite.engine import Engine
from lea_geo.composite.tree import build_tree
from lea_geo.composite_spec import Aggregate, AtLevel, CompositeSpec, Node, Normalise, Weighting


def paavo(**said: object) -> tuple[Engine, np.ndarray]:
    spec = CompositeSpec(levels=("phenomenon", "domain"), **said)
    tree = build_tree(spec, lea.read_catalogue("paavo").indicators)
    x = np.random.default_rng(2).normal(10, 1, size=(40, tree.n_indicators))
    x[::7, ::3] = np.nan
    return Engine.of(spec, tree), x


def test_members_come_before_their_groups_and_the_index_last():
    tree = paavo()[0].tree
    assert all(parent > node for node, parent in enumerate(tree.parents[:-1]))
    assert tree.codes[-1] == "index"
    assert tree.parents[-1] == -1
    assert set(tree.below(tree.codes.index("index"))) == set(range(tree.n_indicators))
    below = [tree.codes[i] for i in tree.below(tree.codes.index("insecurity"))]
    assert below == ["unemployment", "rental_housing"]


@pytest.mark.parametrize("how", [Normalise("z"), Normalise("percentile_rank")])
def test_threads_that_share_an_engine_get_what_one_gets(how: Normalise):
    engine, x = paavo(normalise=how)
    factors = np.random.default_rng(3).random((30, len(engine.tree.nodes)))
    alone = [engine.scores(x, factors=one).put for one in factors]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda one: engine.scores(x, factors=one).put, factors))
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_run_leaves_its_values_as_they_were():
    engine, x = paavo(normalise=Normalise("min_max"))
    before = x.copy()
    engine.learnt(x).scores(x)
    np.testing.assert_array_equal(x, before)


def test_factors_change_weights_among_members_and_not_what_they_add_up_to():
    engine, x = paavo()
    factors = np.random.default_rng(3).random(len(engine.tree.nodes))
    weights = engine.scores(x, factors=factors).weights
    for group in engine.tree.groups:
        members = engine.tree.members(group)
        assert weights[members].sum() == pytest.approx(1)
        assert weights[members] == pytest.approx(factors[members] / factors[members].sum())


def test_a_sum_counts_each_member_once_or_as_stated():
    nodes = tuple(Node(code, direction="weakens", weight=w) for code, w in (("a", 2.0), ("b", 3.0)))
    x = np.array([[1.0, 10.0], [2.0, 20.0]])
    said = CompositeSpec(
        indicators=nodes,
        normalise=Normalise("none"),
        aggregate=Aggregate("sum"),
        weighting=Weighting("stated"),
    )
    assert Engine.of(said, build_tree(said)).scores(x).raw[:, -1].tolist() == [32, 64]
    plain = CompositeSpec(
        indicators=tuple(Node(node.code, direction="weakens") for node in nodes),
        normalise=Normalise("none"),
        aggregate=Aggregate("sum"),
    )
    assert Engine.of(plain, build_tree(plain)).scores(x).raw[:, -1].tolist() == [11, 22]


def test_what_is_learnt_once_holds_weights_and_scales_for_other_values():
    engine, x = paavo(
        normalise=Normalise("z"),
        at=(
            AtLevel("phenomenon", normalise=Normalise("rank")),
            AtLevel("index", weighting=Weighting("equal")),
        ),
    )
    taught = engine.learnt(x)
    whole, part = taught.scores(x), taught.scores(x[:5])
    np.testing.assert_allclose(part.put, whole.put[:5])
    assert not np.allclose(engine.scores(x[:5]).put, whole.put[:5], equal_nan=True)
