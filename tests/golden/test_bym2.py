"""Agreement with Stan on infant deaths in North Carolina; bym2/numbers_of_stan.py makes the numbers."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyogrio
import pytest
from libpysal import examples

import lea_geo as lea
from lea_geo.rates.bym2 import Bym2Result
from lea_geo.spatial.graph import AreaGraph

FOLDER = Path(__file__).parent / "bym2"


def neighbours() -> AreaGraph:
    """Read the neighbours that libpysal ships: a county and their number, then themselves, line by line."""
    words = Path(examples.get_path("sids2.gal")).read_text("utf-8").split("\n")[1:]
    pairs = zip(words[::2], words[1::2], strict=False)
    near = {head.split()[0]: tail.split() for head, tail in pairs}
    ids = pd.Index(list(near))
    rows = [sorted(ids.get_indexer(pd.Index(row))) for row in near.values()]
    indptr, indices = np.cumsum([0, *map(len, rows)]), np.concatenate(rows)
    return AreaGraph(ids, indptr, indices, np.ones(len(indices)))


def counties() -> pd.DataFrame:
    table = pyogrio.read_dataframe(examples.get_path("sids2.dbf"))
    return table.set_index(table["FIPSNO"].astype(int).astype(str).rename("id"))


@pytest.fixture(scope="module", params=["poisson", "binomial"])
def both(request) -> tuple[Bym2Result, pd.DataFrame, pd.DataFrame]:
    """Return our posterior, Stan's of the areas and Stan's of the hyperparameters."""
    data, options = counties(), {"family": request.param, "level": 0.9}
    if request.param == "poisson":
        events, births = data["SID74"], data["BIR74"]
        ours = lea.bym2(events, births * events.sum() / births.sum(), neighbours(), exceed=1.0, **options)
    else:
        share = (data["NWBIR79"] / data["BIR79"]).to_frame("nonwhite")
        options |= {"covariates": share, "exceed": 0.002}
        ours = lea.bym2(data["SID79"], data["BIR79"], neighbours(), **options)
    areas = pd.read_csv(FOLDER / f"{request.param}_areas.csv", dtype={"id": str})
    hyper = pd.read_csv(FOLDER / f"{request.param}_hyper.csv", index_col="quantity")
    return ours, areas.set_index(["quantity", "id"]), hyper


def worst(ours: pd.Series, theirs: pd.DataFrame) -> float:
    """Return the largest distance of means, in posterior standard deviations."""
    return float(((ours - theirs["mean"]).abs() / theirs["sd"]).max())


def test_stan_ran_long_enough_to_tell(both):
    _, areas, _ = both
    effective = (areas["sd"] / areas["mcse"]) ** 2
    assert effective.loc[["natural", "eta"]].min() > 20_000


@pytest.mark.parametrize(
    ("column", "quantity"),
    [
        ("mean", "natural"),
        ("linear_mean", "eta"),
        ("structured", "structured"),
        ("unstructured", "unstructured"),
    ],
)
def test_posterior_means_are_stans_within_2_percent_of_their_deviation_in_every_area(both, column, quantity):
    ours, areas, _ = both
    assert worst(ours.table[column], areas.loc[quantity]) < 0.02


def test_deviations_intervals_and_exceedance_are_stans(both):
    ours, areas, _ = both
    theirs = areas.loc["natural"]
    np.testing.assert_allclose(ours.table["sd"], theirs["sd"], rtol=0.02)
    for column, quantile in (("lower", "q5"), ("upper", "q95")):
        assert ((ours.table[column] - theirs[quantile]).abs() / theirs["sd"]).max() < 0.05
    np.testing.assert_allclose(ours.table["exceedance"], theirs["exceedance"], atol=0.01)


def test_hyperparameters_are_stans(both):
    ours, _, theirs = both
    for name, quantity in (("sd", "sigma"), ("log_precision", "log_precision"), ("mixing", "phi")):
        row, stan = ours.hyperparameters.loc[name], theirs.loc[quantity]
        assert abs(row["mean"] - stan["mean"]) < 4 * stan["mcse"] + 0.005 * stan["sd"]
        assert row["sd"] == pytest.approx(stan["sd"], rel=0.02)
        for column, quantile in (("lower", "q5"), ("median", "q50"), ("upper", "q95")):
            assert row[column] == pytest.approx(stan[quantile], abs=0.05 * stan["sd"])
    assert ours.hyperparameters.loc["precision", "median"] == pytest.approx(
        theirs.loc["precision", "q50"], rel=0.02
    )


def test_the_coefficient_of_a_covariate_is_stans(both):
    ours, _, theirs = both
    if ours.family == "poisson":
        row, stan = ours.hyperparameters.loc["intercept"], theirs.loc["mu"]
    else:
        row, stan = ours.hyperparameters.loc["nonwhite"], theirs.loc["beta"]
    assert abs(row["mean"] - stan["mean"]) < 0.02 * stan["sd"]
    assert row["sd"] == pytest.approx(stan["sd"], rel=0.02)
