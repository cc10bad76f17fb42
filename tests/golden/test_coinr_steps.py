"""Agreement with COINr 1.1.14 on imputing and treating made-up values; coinr_steps.R makes the numbers."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lea_geo.composite import treat
from lea_geo.composite.impute import Known, impute
from lea_geo.composite_spec import Impute, Treat

FOLDER = Path(__file__).parent / "psychometrics"
VALUES = pd.read_csv(FOLDER / "outliers.csv").set_index("area_id")
X = VALUES.drop(columns="group").to_numpy(float)


def test_what_is_winsorised_and_what_is_logged_is_as_in_coinr():
    treatment = treat.learn(X, Treat("auto"))
    theirs = pd.read_csv(FOLDER / "treated.csv").to_numpy(float)
    assert treatment.kind.tolist() == ["", "winsorised", "winsorised", "log", "log"]
    np.testing.assert_allclose(treatment.apply(X), theirs, rtol=1e-12)


@pytest.mark.parametrize("method", ["mean", "median", "group"])
def test_what_is_imputed_is_as_in_coinr(method):
    groups = pd.factorize(VALUES["group"])[0]
    ours = impute(X, Impute(method, by="group"), Known(group=groups)).values
    theirs = pd.read_csv(FOLDER / f"imputed_{method}.csv").to_numpy(float)
    np.testing.assert_allclose(ours, theirs, rtol=1e-12)
