"""Agreement with R (psych, prcomp, factanal, e1071, MASS) on made-up scores; by psychometrics.R."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lea_geo.composite import treat
from lea_geo.composite.coherence import alpha, components
from lea_geo.composite.factor import correlation_matrix, first_component, one_factor
from lea_geo.composite.weighting import weights
from lea_geo.composite_spec import Treat, Weighting

FOLDER = Path(__file__).parent / "psychometrics"
SCORES = pd.read_csv(FOLDER / "scores.csv").set_index("area_id")
X, CODES = SCORES.to_numpy(), list(SCORES.columns)


def stored(file: str) -> pd.DataFrame:
    return pd.read_csv(FOLDER / f"{file}.csv")


def test_alpha_is_that_of_psych():
    theirs, ours = stored("alpha").iloc[0], alpha(X)
    np.testing.assert_allclose(ours.raw, theirs["raw"], rtol=1e-12)
    np.testing.assert_allclose(ours.standardised, theirs["standardised"], rtol=1e-12)
    np.testing.assert_allclose(ours.mean_correlation, theirs["mean_correlation"], rtol=1e-12)
    np.testing.assert_allclose(ours.without, stored("alpha_without")["raw"], rtol=1e-12)


def test_components_are_those_of_prcomp():
    theirs, ours = stored("components"), components(X, seed=1)
    rotation = theirs.filter(like="PC").to_numpy()
    np.testing.assert_allclose(ours.eigenvalues, theirs["eigenvalue"], rtol=1e-10)
    np.testing.assert_allclose(ours.loadings, rotation * np.sqrt(theirs["eigenvalue"].to_numpy()), atol=1e-10)
    first = first_component(correlation_matrix(X, "pearson", CODES))
    np.testing.assert_allclose(first.scoring, rotation[:, 0], atol=1e-10)
    stated = weights(X, Weighting("pca"), stated=np.ones(6), codes=CODES)
    np.testing.assert_allclose(stated, rotation[:, 0] / rotation[:, 0].sum(), atol=1e-10)


@pytest.mark.parametrize("kind", ["pearson", "spearman"])
def test_the_factor_and_its_regression_weights_are_those_of_factanal(kind):
    theirs, ours = stored(f"factor_{kind}"), one_factor(correlation_matrix(X, kind, CODES), CODES)
    np.testing.assert_allclose(ours.loadings, theirs["loading"], atol=1e-6)
    np.testing.assert_allclose(ours.uniqueness, theirs["uniqueness"], atol=1e-6)
    np.testing.assert_allclose(ours.scoring, theirs["scoring"], atol=1e-6)
    used = weights(X, Weighting("factor", correlation=kind), stated=np.ones(6), codes=CODES)
    np.testing.assert_allclose(used, theirs["scoring"] / theirs["scoring"].sum(), atol=1e-6)


def test_skewness_and_kurtosis_are_those_of_e1071():
    theirs = stored("moments").set_index("code")
    for code in CODES:
        np.testing.assert_allclose(
            treat.skewness(SCORES[code].to_numpy()), theirs["skewness"][code], rtol=1e-10
        )
        np.testing.assert_allclose(
            treat.kurtosis(SCORES[code].to_numpy()), theirs["kurtosis"][code], rtol=1e-10
        )


def test_the_power_of_box_and_cox_is_that_of_mass():
    treatment = treat.learn(SCORES[["e"]].to_numpy(), Treat("box_cox", skewness=0, kurtosis=0))
    assert treatment.kind.tolist() == ["box_cox"]
    assert treatment.shift.tolist() == [0]
    np.testing.assert_allclose(treatment.power, stored("box_cox")["power"], atol=0.001)
