"""Held-out places: skill where there is some, none where there is none, and optimism shown."""

import numpy as np
import pandas as pd
import pytest

import lea_geo as lea
from lea_geo.drivers.folds import group_folds, place_folds, splits
from lea_geo.drivers.held_out import HeldOut, alike_groups
from lea_geo.errors import UsageError
from lea_geo.spatial.graph import AreaGraph

SIDE = 10
IDS = pd.Index([f"a{i:03d}" for i in range(SIDE**2)], name="area_id")
COORDS = pd.DataFrame({"x": np.arange(100) % SIDE, "y": np.arange(100) // SIDE}, index=IDS, dtype=float)
FEW = {"folds": 5, "repeats": 1, "shuffles": 5, "seed": 1}


def links() -> AreaGraph:
    near = (np.abs(COORDS.to_numpy()[:, None] - COORDS.to_numpy()[None]).sum(axis=2) == 1).astype(int)
    indptr = np.cumsum([0, *near.sum(axis=1)])
    return AreaGraph(IDS, indptr, np.nonzero(near)[1], np.ones(indptr[-1]))


@pytest.fixture(scope="module")
def planted() -> HeldOut:
    """A threshold of one driver makes the outcome; a copy of it and pure noise stand beside it."""
    random = np.random.default_rng(0)
    x = random.uniform(size=(100, 2))
    drivers = pd.DataFrame(x, index=IDS, columns=["real", "noise"])
    drivers["copy"] = drivers["real"] + 0.02 * random.normal(size=100)
    outcome = pd.Series(np.where(x[:, 0] > 0.5, 3.0, 0.0) + 0.3 * random.normal(size=100), index=IDS)
    return lea.held_out_model(outcome, drivers, COORDS, **FEW)


def test_a_planted_threshold_is_foretold_better_than_straight_lines_do(planted):
    skill = planted.skill.set_index(["model", "held_out"])["r_squared"]
    assert planted.has_skill
    assert skill["boosted", "places"] > 0.9
    # A straight line through a step explains three quarters of it: corr(x, x > 1/2)^2 of a uniform x.
    assert skill["linear", "places"] == pytest.approx(0.75, abs=0.1)


def test_drivers_that_go_together_share_their_importance_and_noise_has_none(planted):
    assert planted.groups == (("real", "copy"), ("noise",))
    assert planted.importance.index.tolist() == ["real + copy", "noise"]
    assert planted.importance["lower"].iloc[0] > 1
    assert abs(planted.importance["importance"].iloc[1]) < 0.05
    assert any("real, copy go together" in note for note in planted.notes)


def test_partial_dependence_shows_the_step(planted):
    curve = planted.partial[planted.partial["driver"] == "real"].set_index("value")["effect"]
    assert curve[curve.index < 0.4].max() < curve[curve.index > 0.6].min()
    noise = planted.partial[planted.partial["driver"] == "noise"]["effect"]
    assert noise.abs().max() < 0.3


def test_pure_noise_has_no_skill_and_shows_no_importances():
    random = np.random.default_rng(3)
    drivers = pd.DataFrame(random.normal(size=(100, 2)), index=IDS, columns=["a", "b"])
    found = lea.held_out_model(pd.Series(random.normal(size=100), index=IDS), drivers, COORDS, **FEW)
    assert not found.has_skill
    assert found.importance.empty
    assert found.partial.empty
    assert any("no importances" in note for note in found.notes)


def test_random_folds_flatter_a_model_that_only_learns_where_areas_are():
    # Outcome and drivers are smooth fields that have nothing to do with each other.
    spread = np.linalg.inv(np.eye(100) - 0.95 * links().transform("row").sparse().toarray())
    gaps = []
    for seed in range(3):
        fields = spread @ np.random.default_rng(seed).normal(size=(100, 4))
        drivers = pd.DataFrame(fields[:, 1:], index=IDS, columns=list("abc"))
        found = lea.held_out_model(pd.Series(fields[:, 0], index=IDS), drivers, COORDS, **FEW)
        skill = found.skill.set_index(["model", "held_out"])["r_squared"]
        gaps.append(skill["boosted", "random"] - skill["boosted", "places"])
    assert np.mean(gaps) > 0.2


def test_the_order_of_areas_changes_nothing(planted):
    random = np.random.default_rng(5)
    drivers = pd.DataFrame(random.normal(size=(100, 2)), index=IDS, columns=["a", "b"])
    outcome = (drivers["a"] + 0.1 * random.normal(size=100)).rename("out")
    order = random.permutation(100)
    options = {"folds": 4, "repeats": 1, "shuffles": 2, "buffer": 1, "graph": links()}
    one = lea.held_out_model(outcome, drivers, COORDS, **options)
    two = lea.held_out_model(outcome.iloc[order], drivers.iloc[order], COORDS.iloc[order[::-1]], **options)
    pd.testing.assert_frame_equal(one.skill, two.skill, check_exact=True)
    pd.testing.assert_frame_equal(one.importance, two.importance, check_exact=True)
    assert planted.seed == 1


def test_blocks_are_compact_and_a_buffer_is_learnt_from_by_nobody():
    fold = place_folds(COORDS.to_numpy(), 4, repeats=1, seed=0)[0]
    spread = COORDS.groupby(fold).std().to_numpy()
    assert (spread < COORDS.std().to_numpy()).all()
    near = links().sparse()
    for learnt, tested in splits(fold, links(), 1):
        assert not (learnt & tested).any()
        assert (near[np.flatnonzero(tested)][:, np.flatnonzero(learnt)]).nnz == 0


def test_municipalities_are_held_out_whole():
    towns = np.array([f"m{i % 7}" for i in range(100)])
    for fold in group_folds(towns, 3, repeats=2, seed=0):
        assert pd.Series(fold).groupby(towns).nunique().eq(1).all()
        assert set(fold) == {0, 1, 2}


def test_drivers_are_grouped_by_every_pair_of_them():
    random = np.random.default_rng(6)
    base = random.normal(size=300)
    x = np.column_stack([base, random.normal(size=300), base + 0.1 * random.normal(size=300), -base])
    assert alike_groups(x, 0.7) == ((0, 2, 3), (1,))
    assert alike_groups(x[:, :1], 0.7) == ((0,),)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"folds": 1}, "at least 2"),
        ({"folds": 80}, "at most 50"),
        ({"buffer": 2}, "give graph="),
        ({"buffer": 6, "graph": links()}, "areas to learn from"),
        ({"alike": 1.5}, "strictly between"),
    ],
)
def test_options_that_do_not_fit_are_refused(options, message):
    y = pd.Series(np.arange(100.0), index=IDS)
    with pytest.raises(UsageError, match=message):
        lea.held_out_model(y, pd.DataFrame({"x": y % 7}), COORDS, **options)
