"""Agreement with R on compositions, zeros, divisions and stability; typology.R makes the numbers."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

import lea_geo as lea
from lea_geo.typology.agreement import adjusted_rand, jaccard
from lea_geo.typology.features import Features, Scale
from lea_geo.typology.fits import quiet
from lea_geo.typology.log_ratio import aitchison_distances
from lea_geo.typology.stability import How, stability

FOLDER = Path(__file__).parent / "typology"


def theirs(name: str) -> np.ndarray:
    return pd.read_csv(FOLDER / f"{name}.csv").to_numpy()


@pytest.fixture
def counts() -> pd.DataFrame:
    return pd.read_csv(FOLDER / "counts.csv", dtype={"area": str}).set_index("area").rename_axis("area_id")


@pytest.mark.parametrize("rule", ["gbm", "sq", "bl"])
def test_zeros_among_counts_are_replaced_as_by_zcompositions_cmultrepl(counts, rule):
    ours = lea.composition(counts, zeros=rule)
    assert ours.replaced.sum() > 0
    np.testing.assert_allclose(ours.table, theirs(f"cmult_{rule}"), rtol=1e-11)


def test_zeros_among_shares_are_replaced_as_by_zcompositions_multrepl(counts):
    shares = counts.div(counts.sum(axis=1), axis=0)
    ours = lea.composition(shares, kind="shares", delta=0.65 * 0.001)
    np.testing.assert_allclose(ours.table, theirs("mult"), rtol=1e-11)


def test_log_ratios_are_those_of_compositions(counts):
    ours = lea.composition(counts)
    np.testing.assert_allclose(ours.clr(), theirs("clr"), rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(ours.alr("others"), theirs("alr"), rtol=1e-10, atol=1e-12)


def test_balances_of_a_partition_are_those_of_compositions(counts):
    signs = pd.DataFrame(
        [[1, 1, 1, -1, -1], [1, -1, -1, 0, 0], [0, 1, -1, 0, 0], [0, 0, 0, 1, -1]], columns=counts.columns
    )
    np.testing.assert_allclose(lea.composition(counts).ilr(signs), theirs("ilr"), rtol=1e-10, atol=1e-12)


def test_pivot_coordinates_are_those_of_robcompositions(counts):
    np.testing.assert_allclose(lea.composition(counts).ilr(), theirs("pivot"), rtol=1e-10, atol=1e-12)


def test_aitchison_distances_are_those_of_compositions(counts):
    shares = lea.composition(counts).table.to_numpy()
    np.testing.assert_allclose(aitchison_distances(shares, shares), theirs("distances"), rtol=1e-9, atol=1e-9)


def test_agreement_of_divisions_is_that_of_mclust_fpc_and_scikit_learn():
    table = pd.read_csv(FOLDER / "agreement.csv")
    one, other = (table[name].to_numpy() - 1 for name in ("one", "other"))
    assert adjusted_rand(one, other) == pytest.approx(table["rand"][0], abs=1e-12)
    assert adjusted_rand(one, other) == pytest.approx(adjusted_rand_score(one, other), abs=1e-12)
    assert jaccard(one, 3, other)[0] == pytest.approx(table["jaccard"][0], abs=1e-12)


@pytest.fixture
def points() -> Features:
    x = theirs("points")
    ids = pd.Index([f"{i:03d}" for i in range(len(x))], name="area_id")
    plain = Scale((), ("x", "y"), 1.0, np.zeros(2), np.ones(2))
    return Features(ids, plain, x, None, x, np.zeros_like(x), ids[:0], ())


def how(points: Features, runs: int) -> How:
    n = len(points.ids)
    return How("kmeans", np.ones(n), "", 1, runs, np.ones(n, dtype=bool))


def test_bootstrap_stability_is_that_of_fpc_clusterboot(points):
    """Both draw areas with replacement 200 times; a mean of 200 similarities is known to about 0.01."""
    with quiet():
        found = stability(points, how(points, 200), 3)
    order = np.argsort(found.reference.centres[:, 0])
    table = pd.read_csv(FOLDER / "clusterboot.csv").sort_values("x")
    np.testing.assert_allclose(found.reference.centres[order, 0], table["x"], atol=0.05)
    np.testing.assert_allclose(found.jaccard[order], table["jaccard"], atol=0.03)


def test_prediction_strength_is_that_of_fpc(points):
    """Theirs is the mean of both halves over 50 splits, ours of one half over 20."""
    table = pd.read_csv(FOLDER / "strength.csv").set_index("k")["strength"]
    for k in (2, 3, 4):
        with quiet():
            found = stability(points, how(points, 2), k)
        assert found.strength == pytest.approx(table[k], abs=0.1)
