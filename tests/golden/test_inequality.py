"""Measures of inequality against healthequal, ineq, dineq, IC2 and rineq (R), and PySAL's inequality."""

import json
from pathlib import Path

import libpysal
import numpy as np
import pandas as pd
import pytest
from inequality.atkinson import Atkinson
from inequality.gini import Gini, Gini_Spatial
from inequality.theil import Theil, TheilD
from libpysal.graph import Graph

import lea_geo as lea

R = json.loads((Path(__file__).parent / "inequality" / "r.json").read_text("utf-8"))
IDS = [f"area {i}" for i in range(8)]
X, PEOPLE, TOWN, RANK = (pd.Series(R["data"][key], IDS) for key in ("x", "pop", "town", "rank"))
FAST = {"runs": 99}


def test_one_area_counts_once_as_in_ineq() -> None:
    theirs = R["ineq"]
    assert lea.gini(X, None, **FAST).value == pytest.approx(theirs["gini"], rel=1e-12)
    assert lea.gini(X, PEOPLE, **FAST).unweighted == pytest.approx(theirs["gini"], rel=1e-12)
    assert lea.theil(X, PEOPLE, **FAST).unweighted == pytest.approx(theirs["theil"], rel=1e-12)
    assert lea.mean_log_deviation(X, PEOPLE, **FAST).unweighted == pytest.approx(theirs["mld"], rel=1e-12)
    for epsilon, key in ((0.5, "atkinson_05"), (1.0, "atkinson_1"), (2.0, "atkinson_2")):
        ours = lea.atkinson(X, PEOPLE, epsilon=epsilon, **FAST).unweighted
        assert ours == pytest.approx(theirs[key], rel=1e-12)
    ours = lea.coefficient_of_variation(X, PEOPLE, **FAST).unweighted
    assert ours == pytest.approx(theirs["cov"], rel=1e-12)


def test_one_person_counts_once_as_in_dineq_and_ic2() -> None:
    assert lea.gini(X, PEOPLE, **FAST).value == pytest.approx(R["dineq"]["gini"], rel=1e-12)
    assert lea.theil(X, PEOPLE, **FAST).value == pytest.approx(R["dineq"]["theil"], rel=1e-12)
    assert lea.mean_log_deviation(X, PEOPLE, **FAST).value == pytest.approx(R["dineq"]["mld"], rel=1e-12)
    for epsilon, key in ((0.5, "atkinson_05"), (2.0, "atkinson_2")):
        ours = lea.atkinson(X, PEOPLE, epsilon=epsilon, **FAST).value
        assert ours == pytest.approx(R["IC2"][key], rel=1e-12)
    # The variance over the squared mean is twice the generalised entropy of order 2.
    ours = lea.between_group_variance(X, PEOPLE, **FAST).relative.value
    assert ours == pytest.approx(2 * R["IC2"]["gei_2"], rel=1e-12)


@pytest.mark.parametrize(("measure", "key"), [(lea.theil, "theil"), (lea.mean_log_deviation, "mld")])
def test_parts_between_and_within_are_those_of_ic2(measure, key: str) -> None:
    parts = measure(X, PEOPLE, nesting=TOWN.rename("town"), **FAST).decomposition
    assert parts.between == pytest.approx(R["IC2"][f"{key}_between"], rel=1e-10)
    assert parts.within == pytest.approx(R["IC2"][f"{key}_within"], rel=1e-10)


def test_measures_of_spread_are_those_of_who() -> None:
    theirs = R["healthequal"]
    variance = lea.between_group_variance(X, PEOPLE, **FAST)
    assert variance.value == pytest.approx(theirs["bgv"], rel=1e-12)
    variation = lea.coefficient_of_variation(X, PEOPLE, **FAST)
    assert variation.absolute.value == pytest.approx(theirs["bgsd"], rel=1e-12)
    # WHO's relative measures are per cent, its entropies per thousand.
    assert 100 * variation.value == pytest.approx(theirs["cov"], rel=1e-12)
    disparity = lea.index_of_disparity(X, PEOPLE, **FAST)
    assert 100 * disparity.value == pytest.approx(theirs["idisw"], rel=1e-12)
    assert 100 * disparity.unweighted == pytest.approx(theirs["idisu"], rel=1e-12)
    distance = lea.mean_difference_from_mean(X, PEOPLE, **FAST)
    assert (distance.value, distance.unweighted) == pytest.approx((theirs["mdmw"], theirs["mdmu"]), rel=1e-12)
    best = lea.mean_difference_from_best(X, PEOPLE, favourable=False, **FAST)
    assert (best.value, best.unweighted) == pytest.approx((theirs["mdbw"], theirs["mdbu"]), rel=1e-12)
    reference = lea.mean_difference_from_reference(X, PEOPLE, reference="area 3", **FAST)
    assert (reference.value, reference.unweighted) == pytest.approx(
        (theirs["mdrw"], theirs["mdru"]), rel=1e-12
    )
    assert 1000 * lea.theil(X, PEOPLE, **FAST).value == pytest.approx(theirs["ti"], rel=1e-12)
    assert 1000 * lea.mean_log_deviation(X, PEOPLE, **FAST).value == pytest.approx(theirs["mld"], rel=1e-12)
    fraction = lea.attributable_fraction(X, PEOPLE, favourable=False, **FAST)
    assert 100 * fraction.value == pytest.approx(theirs["paf"], rel=1e-12)
    risk = lea.attributable_risk(X, PEOPLE, favourable=False, **FAST)
    assert risk.value == pytest.approx(theirs["par"], rel=1e-12)


def test_gaps_are_those_of_who_the_best_less_the_worst() -> None:
    best, worst = X.idxmin(), X.idxmax()
    gap = lea.difference(X, PEOPLE, between=(best, worst), **FAST)
    assert gap.value == pytest.approx(R["healthequal"]["d"], rel=1e-12)
    assert gap.relative.value == pytest.approx(R["healthequal"]["r"], rel=1e-12)


def test_concentration_is_that_of_who_and_rineq() -> None:
    theirs, other = R["healthequal"], R["rineq"]
    ours = lea.concentration_index(X, PEOPLE, RANK, bounds=(0, 100), **FAST)
    assert ours.value == pytest.approx(theirs["rci"], rel=1e-12)
    assert ours.value == pytest.approx(other["ci"], rel=1e-12)
    assert ours.unweighted == pytest.approx(other["unweighted"], rel=1e-12)
    found = {one.measure: one.value for one in ours.estimates if one.weighting == "weighted"}
    assert found["generalised_concentration_index"] == pytest.approx(theirs["aci"], rel=1e-12)
    assert found["generalised_concentration_index"] == pytest.approx(other["generalised"], rel=1e-12)
    assert found["wagstaff_index"] == pytest.approx(theirs["rci_wagstaff"], rel=1e-12)
    assert found["wagstaff_index"] == pytest.approx(other["wagstaff"], rel=1e-12)
    assert found["erreygers_index"] == pytest.approx(theirs["rci_erreygers"], rel=1e-12)


def test_the_slope_index_counts_people_once_where_who_counts_them_twice() -> None:
    theirs = R["slope"]
    people = pd.Series(theirs["people"], list("abcde"))
    values = pd.Series([20.0, 30, 40, 50, 60], people.index)
    rank = pd.Series(range(5), people.index)
    ours = lea.slope_index(values, people, rank, model="logistic", scale=100, **FAST)
    # The proof: the same curve through one row for each person, of whom none can be counted twice.
    assert ours.value == pytest.approx(theirs["persons"], abs=1e-8)
    assert ours.value == pytest.approx(44.905, abs=5e-4)
    assert ours.relative.value == pytest.approx(theirs["ratio_once"], rel=1e-9)
    # healthequal 1.0.0, tests/testthat/test-sii.R: 44.44502.
    assert theirs["twice"] == pytest.approx(44.44502, abs=5e-6)
    counts = (values * people / 100).round()
    counted = lea.slope_index(100 * counts / people, people, rank, numerator=counts, denominator=people)
    assert counted.value == pytest.approx(theirs["persons"], abs=1e-8)
    assert lea.slope_index(values, people, rank, **FAST).value == pytest.approx(theirs["line"], rel=1e-12)


def _mexico() -> tuple[pd.Series, pd.Series]:
    table = libpysal.io.open(libpysal.examples.get_path("mexico.csv"))
    values = np.array(table.by_col("pcgdp1940"), dtype=float)
    ids = [f"state {i:02d}" for i in range(len(values))]
    return pd.Series(values, ids), pd.Series(table.by_col("hanson98"), ids, name="region")


def test_mexican_states_in_1940_are_as_unequal_as_rey_and_smith_found_them() -> None:
    values, region = _mexico()
    # PySAL inequality 1.1.2, doctests of Theil, TheilD and Gini_Spatial.
    theil = lea.theil(values, None, nesting=region, **FAST)
    assert theil.value == pytest.approx(0.20894344, abs=5e-9)
    assert theil.decomposition.between == pytest.approx(0.0345889, abs=5e-8)
    assert theil.decomposition.within == pytest.approx(0.17435454, abs=5e-9)
    near = lea.spatial_gini(values, None, Graph.build_block_contiguity(region), permutations=99)
    whole = 2 * len(values) ** 2 * values.mean()
    assert near.table.loc["unweighted", "far"] * whole == pytest.approx(4353856.0, rel=1e-12)


def test_pysal_gives_the_same_where_it_measures_the_same() -> None:
    values, region = _mexico()
    assert lea.gini(values, None, **FAST).value == pytest.approx(Gini(values.to_numpy()).g, rel=1e-12)
    assert lea.theil(values, None, **FAST).value == pytest.approx(
        float(Theil(values.to_numpy()).T), rel=1e-12
    )
    parts = TheilD(values.to_numpy(), region.to_numpy())
    ours = lea.theil(values, None, nesting=region, **FAST).decomposition
    assert ours.between == pytest.approx(float(np.ravel(parts.bg)[0]), rel=1e-10)
    assert lea.atkinson(values, None, epsilon=0.5, **FAST).value == pytest.approx(
        Atkinson(values.to_numpy(), 0.5).A, rel=1e-10
    )


def test_pysal_s_share_of_far_pairs_is_no_share() -> None:
    values, region = _mexico()
    weights = libpysal.weights.block_weights(region.to_numpy(), silence_warnings=True)
    theirs = Gini_Spatial(values.to_numpy(), weights, permutations=0)
    ours = lea.spatial_gini(values, None, Graph.build_block_contiguity(region), permutations=19)
    # It is the part of the Gini, 0.29 of 0.35, and not 83 % of it.
    assert theirs.wcg_share == pytest.approx(ours.table.loc["unweighted", "far"], rel=1e-12)
    assert 1 - ours.value == pytest.approx(theirs.wcg / (theirs.wg + theirs.wcg), rel=1e-12)
