"""Regressions: the decision in words, weights, units, and what is refused."""

import numpy as np
import pandas as pd
import pytest

import lea_geo as lea
from lea_geo.drivers.diagnose import MULTIPLIERS, decide
from lea_geo.errors import UsageError, ValuesError
from lea_geo.spatial.graph import AreaGraph

SIDE = 8
IDS = pd.Index([f"a{i:03d}" for i in range(SIDE**2)], name="area_id")


def board() -> AreaGraph:
    rows = [
        [
            (r + dr) * SIDE + c + dc
            for dr, dc in ((-1, 0), (0, -1), (0, 1), (1, 0))
            if 0 <= r + dr < SIDE and 0 <= c + dc < SIDE
        ]
        for r in range(SIDE)
        for c in range(SIDE)
    ]
    indptr = np.cumsum([0, *map(len, rows)])
    return AreaGraph(IDS, indptr, np.concatenate(rows), np.ones(indptr[-1]))


def world(kind: str, seed: int = 0, strength: float = 0.6) -> tuple[pd.Series, pd.DataFrame]:
    """Return an outcome made with known coefficients: 2 of income in thousands, -1 of the share."""
    random = np.random.default_rng(seed)
    w = board().transform("row").sparse().toarray()
    drivers = pd.DataFrame(random.normal(size=(SIDE**2, 2)), index=IDS, columns=["income", "share"])
    noise = random.normal(size=SIDE**2)
    mean = 10 + drivers.to_numpy() @ [2.0, -1.0]
    spread = np.linalg.inv(np.eye(SIDE**2) - strength * w)
    y = {"none": mean + noise, "lag": spread @ (mean + noise), "error": mean + spread @ noise}[kind]
    return pd.Series(y, index=IDS, name="out"), drivers


@pytest.mark.parametrize(("kind", "decision"), [("none", "ols"), ("lag", "lag"), ("error", "error")])
def test_the_diagnostics_mostly_point_to_the_model_that_made_the_data(kind, decision):
    decided = [lea.regress(*world(kind, seed, 0.8), board()).decision for seed in range(10)]
    assert decided.count(decision) == max(map(decided.count, set(decided)))


@pytest.mark.parametrize(
    ("p_values", "decision"),
    [
        ((0.2, 0.3, 0.9, 0.9), "ols"),
        ((0.01, 0.3, 0.9, 0.9), "lag"),
        ((0.2, 0.01, 0.9, 0.9), "error"),
        ((0.01, 0.01, 0.04, 0.9), "lag"),
        ((0.01, 0.01, 0.9, 0.04), "error"),
        ((0.01, 0.01, 0.04, 0.04), "durbin"),
        ((0.01, 0.01, 0.9, 0.9), "durbin"),
    ],
)
def test_the_decision_follows_anselin_and_rey(p_values, decision):
    found, reason = decide(pd.Series(p_values, index=list(MULTIPLIERS)), 0.05)
    assert found == decision
    assert reason.endswith(".")
    assert (decision in reason) == (decision in {"lag", "error"})


def test_intervals_of_a_lag_model_hold_the_truth():
    held = np.zeros(4)
    for seed in range(12):
        found = lea.regress(*world("lag", seed=seed), board(), model="lag")
        rows = found.table.loc[["income", "share", "spatial lag"]]
        truth = np.array([2.0, -1.0, 0.6])
        held[:3] += (rows["lower"] <= truth) & (truth <= rows["upper"])
        # One unit of income in all areas: 2 / (1 - 0.6).
        held[3] += (
            found.impacts.loc["income", "total_lower"] <= 5 <= found.impacts.loc["income", "total_upper"]
        )
    assert (held >= 9).all()  # 95 % of 12 is 11.4; chance falls below 9 in two of a thousand times


def test_units_cost_no_digits_and_change_coefficients_only_by_themselves():
    y, drivers = world("lag", seed=3)
    euros = drivers.assign(income=drivers["income"] * 1e6 + 3e7)
    for model in ("ols", "slx", "lag", "error", "durbin"):
        plain, scaled = (lea.regress(y, part, board(), model=model) for part in (drivers, euros))
        ratio = plain.table["estimate"]["income"] / scaled.table["estimate"]["income"]
        assert ratio == pytest.approx(1e6, rel=1e-6)
        assert plain.log_likelihood == pytest.approx(scaled.log_likelihood, rel=1e-9)
        tests = ["lm_lag", "lm_error", "moran_residuals", "koenker_bassett"][:3]
        pd.testing.assert_frame_equal(plain.diagnostics.loc[tests], scaled.diagnostics.loc[tests], rtol=1e-6)


def test_areas_without_neighbours_are_left_out_and_named():
    y, drivers = world("none")
    links = board()
    lonely = AreaGraph([*IDS, "island"], [*links.indptr, links.indptr[-1]], links.indices, links.weights)
    y.loc["island"], drivers.loc["island"] = 1e6, [50.0, 50.0]
    found = lea.regress(y, drivers, lonely)
    assert found.n == SIDE**2
    assert np.isnan(found.residuals["island"])
    assert any("island" in note for note in found.notes)


def test_a_weight_counts_an_area_as_often_as_it_says():
    y, drivers = world("none", seed=5)
    size = pd.Series(np.where(np.arange(SIDE**2) < 50, 2.0, 1.0), index=IDS)
    weighted = lea.regress(y, drivers, weights=size).table["estimate"]
    twice = [*IDS, *(f"again {one}" for one in IDS[:50])]
    repeated = lea.regress(
        pd.Series([*y, *y.iloc[:50]], index=twice),
        pd.DataFrame(np.vstack([drivers, drivers.iloc[:50]]), index=twice, columns=drivers.columns),
    ).table["estimate"]
    pd.testing.assert_series_equal(weighted, repeated)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"model": "lagg"}, "Did you mean 'lag'"),
        ({"model": "lag", "graph": None}, "give graph="),
        ({"model": "lag", "weights": pd.Series(1.0, index=IDS)}, "takes no weights"),
        ({"weights": pd.Series(0.0, index=IDS)}, "not above 0"),
        ({"level": 1.0}, "strictly between"),
    ],
)
def test_options_that_do_not_fit_are_refused(options, message):
    y, drivers = world("none")
    with pytest.raises((UsageError, ValuesError), match=message):
        lea.regress(y, drivers, **({"graph": board()} | options))


def test_drivers_that_follow_from_each_other_are_refused():
    y, drivers = world("none")
    with pytest.raises(ValuesError, match="follow exactly from each other"):
        lea.regress(y, drivers.assign(rest=100 - drivers.sum(axis=1)), board())


def test_an_outcome_that_follows_from_its_drivers_is_refused():
    _, drivers = world("none")
    with pytest.raises(ValuesError, match="follows exactly from income, share"):
        lea.regress((drivers["income"] - 2 * drivers["share"]).rename("sum"), drivers, board())


def test_more_drivers_than_areas_bear_are_refused():
    y, drivers = world("none")
    with pytest.raises(UsageError, match="Give fewer drivers"):
        lea.regress(y[:6], drivers.iloc[:6])
