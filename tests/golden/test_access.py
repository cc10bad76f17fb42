"""Access and sites beside R's fca and accessibility, PySAL's access and spopt."""

import json
import runpy
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from access import fca, raam, weights

import lea_geo as lea
from lea_geo.targeting.travel import costs_of

HERE = Path(__file__).parent
R = json.loads((HERE / "access" / "r.json").read_text("utf-8"))
SPOPT = json.loads((HERE / "access" / "spopt.json").read_text("utf-8"))
STEPS = {"decay": "steps", "steps": {10: 1, 20: 0.68, 30: 0.22}}


def minutes() -> lea.TravelCosts:
    return costs_of(pd.DataFrame(R["minutes"], dtype=float), unit="minutes")


def scores(threshold: float, **options: object) -> pd.DataFrame:
    demand, supply = pd.Series(R["demand"], dtype=float), pd.Series(R["supply"], dtype=float)
    return lea.access_scores(demand, supply, minutes(), threshold=threshold, noise="none", **options).table


@pytest.mark.parametrize(
    ("name", "threshold", "options"),
    [
        ("fca_2sfca", 20, {}),
        ("accessibility_2sfca", 20, {}),
        ("fca_3sfca", 30, {"method": "3sfca", **STEPS}),
        ("accessibility_exponential", 1000, {"decay": "exponential", "bandwidth": 10}),
        ("accessibility_cumulative", 20, {"method": "opportunities"}),
    ],
)
def test_scores_are_those_of_r(name, threshold, options):
    expected = pd.Series(R[name])
    assert scores(threshold, **options)["score"].to_numpy() == pytest.approx(expected.to_numpy(), rel=1e-12)


def test_the_nearest_service_is_that_of_r():
    assert scores(20)["nearest_cost"].to_dict() == R["accessibility_nearest"]


@pytest.fixture(scope="module")
def long() -> dict[str, object]:
    """The same case as PySAL's access takes it."""
    frame = pd.DataFrame(R["minutes"], dtype=float).rename_axis("origin").reset_index()
    return {
        "demand_df": pd.DataFrame({"demand": R["demand"]}),
        "supply_df": pd.DataFrame({"supply": R["supply"]}),
        "cost_df": frame.melt("origin", var_name="dest", value_name="cost"),
    }


def test_floating_catchments_are_those_of_access(long):
    decay = weights.step_fn(STEPS["steps"])
    theirs = fca.two_stage_fca(**long, max_cost=30, demand_index=True, supply_index=True, weight_fn=decay)
    ours = scores(30, **STEPS)["score"]
    assert ours.to_numpy() == pytest.approx(theirs.reindex(ours.index).to_numpy(), rel=1e-12)


def test_access_leaves_out_an_area_that_reaches_nothing_and_we_say_so(long):
    theirs = fca.two_stage_fca(**long, max_cost=20, demand_index=True, supply_index=True)
    ours = scores(20)
    assert "f" not in theirs.index
    assert ours.loc["f", ["score", "reach"]].tolist() == [0, "beyond"]
    assert ours["score"].drop("f").to_numpy() == pytest.approx(theirs.sort_index().to_numpy(), rel=1e-12)


def test_rational_agents_of_access_stop_short_where_few_live_and_ours_do_not(long):
    """In an equilibrium nobody pays more than at the service that would be cheapest for them.

    access moves whole persons, at most 0.5 % of an area's at a time at the end: ten people never move.
    """
    demand, supply = pd.Series(R["demand"], dtype=float), pd.Series(R["supply"], dtype=float)
    ours = lea.access_scores(demand, supply, minutes(), threshold=30, method="raam", noise="none").table[
        "score"
    ]
    frames = {**long, "demand_df": long["demand_df"] * 100_000}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        many = raam.raam(**frames, tau=30, max_cycles=300, min_step=0.0005).sort_index()
        few = raam.raam(**long, tau=30).sort_index()
    assert ours.to_numpy() == pytest.approx(many.to_numpy(), abs=2e-3)
    assert np.abs(few - ours).max() > 5e-3


@pytest.mark.parametrize("row", SPOPT["rows"], ids=lambda row: f"{row['n']}x{row['m']}")
def test_optima_are_those_of_spopt(row):
    draw = runpy.run_path(str(HERE / "access_spopt.py"))["problem"]
    demand, costs = draw(row["seed"], row["n"], row["m"])
    need = pd.Series(demand.astype(float), index=[f"a{i:02}" for i in range(row["n"])])
    table = pd.DataFrame(costs.astype(float), index=need.index, columns=[f"s{j:02}" for j in range(row["m"])])
    travel = costs_of(table, unit="minutes")

    def value(objective: str, radius: float, p: int | None) -> float:
        found = lea.choose_sites(need, None, travel, p=p, objective=objective, radius=radius, noise="none")
        assert found.gap == pytest.approx(0, abs=1e-9)
        return found.value

    total = need.sum()
    assert value("p_median", row["radius"], row["p"]) * total == pytest.approx(row["p_median"])
    assert value("coverage", row["radius"], row["p"]) * total == pytest.approx(row["coverage"])
    assert value("p_centre", row["radius"], row["p"]) == row["p_centre"]
    assert value("coverage_all", row["reach"], None) == row["coverage_all"]
