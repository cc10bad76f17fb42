"""What carrying values to other areas must keep, whatever the areas and the values."""

from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

import lea_geo as lea

SIDE = 120.0
cuts = st.lists(st.integers(1, 119), max_size=5, unique=True)
counts = st.integers(0, 1000).map(float)


@st.composite
def partitions(draw) -> gpd.GeoDataFrame:
    """The same square, cut into rectangles."""
    x, y = ([0.0, *map(float, sorted(draw(cuts))), SIDE] for _ in range(2))
    shapes = [box(west, south, east, north) for west, east in pairwise(x) for south, north in pairwise(y)]
    return gpd.GeoDataFrame(geometry=shapes, index=[f"{i}" for i in range(len(shapes))], crs=3067)


@st.composite
def cases(draw):
    source, target = draw(partitions()), draw(partitions())
    values = draw(st.lists(counts, min_size=len(source), max_size=len(source)))
    return pd.Series(values, index=source.index), source, target


@st.composite
def hidden_cases(draw):
    """Return values of which some are hidden, their statuses and bounds, and what they are."""
    truth, source, target = draw(cases())
    words = ("observed", "observed", "suppressed", "missing", "structural_zero")
    status = pd.Series(draw(st.lists(st.sampled_from(words), min_size=len(truth), max_size=len(truth))))
    status.index = truth.index
    truth = truth.where(status != "structural_zero", 0.0)
    hidden = status.isin(["suppressed", "missing"])
    room = pd.Series(draw(st.lists(counts, min_size=len(truth), max_size=len(truth))), index=truth.index)
    lower, upper = (truth - room).clip(lower=0).where(hidden), (truth + room).where(hidden)
    return truth, truth.mask(hidden), status, lower, upper, source, target


def zones(source: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return weights that fit no border: bands across the square, some without people."""
    bands = [box(0, low, SIDE, low + 17) for low in range(0, 120, 17)]
    return gpd.GeoDataFrame({"people": [3, 0, 5, 1, 0, 2, 7, 1]}, geometry=bands, crs=source.crs)


def options(method: str, source: gpd.GeoDataFrame) -> dict[str, object]:
    if method == "dasymetric":
        return {"method": method, "weights": zones(source), "weights_column": "people"}
    return {"method": method, **({"cell_size": 10.0, "iterations": 20} if method == "pycnophylactic" else {})}


few = settings(max_examples=20)  # each example lays several sets of areas over each other
METHODS = ("areal", "dasymetric", "pycnophylactic")


@pytest.mark.parametrize("method", METHODS)
@few
@given(case=cases())
def test_mass_is_kept(method, case):
    values, source, _ = case
    result = lea.interpolate(*case, kind="extensive", **options(method, source))
    assert result.table["value"].sum() == pytest.approx(values.sum(), rel=1e-9, abs=1e-9)
    assert (result.table["value"] >= 0).all()
    assert (result.crosswalk.assumed >= 0).all()
    assert (result.crosswalk.assumed <= 1 + 1e-9).all()


@pytest.mark.parametrize("method", METHODS)
@few
@given(case=cases())
def test_carried_to_the_same_areas_values_stay_what_they_are(method, case):
    values, source, _ = case
    result = lea.interpolate(values, source, source, kind="extensive", **options(method, source))
    assert result.table["value"].to_numpy() == pytest.approx(values.to_numpy(), rel=1e-9, abs=1e-9)
    assert (result.crosswalk.assumed == 0).all()


@few
@given(case=cases())
def test_a_mean_lies_among_its_parts(case):
    values = case[0]
    table = lea.interpolate(*case, kind="intensive").table
    assert table["value"].between(values.min() - 1e-9, values.max() + 1e-9).all()


@few
@given(case=cases(), shuffle=st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(case, shuffle):
    values, source, target = case
    rows, columns, places = (shuffle.sample(range(len(x)), len(x)) for x in (source, target, values))
    plain = lea.interpolate(*case, kind="extensive").table
    turned = lea.interpolate(values.iloc[places], source.iloc[rows], target.iloc[columns], kind="extensive")
    pd.testing.assert_frame_equal(turned.table.loc[plain.index], plain, rtol=1e-12)


@few
@given(case=hidden_cases())
def test_bounds_hold_whatever_the_hidden_values_are(case):
    truth, values, status, lower, upper, source, target = case
    for kind in ("extensive", "intensive"):
        exact = lea.interpolate(truth, source, target, kind=kind).table["value"]
        table = lea.interpolate(
            values, source, target, kind=kind, status=status, lower=lower, upper=upper
        ).table
        hidden = table["status"].isin(["suppressed", "missing"])
        assert (table["lower"][hidden] <= exact[hidden] + 1e-9).all()
        assert (table["upper"][hidden] >= exact[hidden] - 1e-9).all()
        assert table["value"][~hidden].to_numpy() == pytest.approx(exact[~hidden].to_numpy(), abs=1e-9)


@few
@given(case=hidden_cases())
def test_the_account_balances_however_much_is_hidden_or_lost(case):
    _, values, status, lower, upper, source, target = case
    half = target.iloc[: max(1, len(target) // 2)]
    for kind in ("extensive", "intensive"):
        result = lea.interpolate(
            values, source, half, kind=kind, status=status, lower=lower, upper=upper, outside="drop"
        )
        account = result.account.loc["value"]
        left = account["total_after"] + account["hidden"] + account["lost_outside"]
        assert left == pytest.approx(account["total_before"], rel=1e-9, abs=1e-6)
        assert account["moved"] + account["lost_outside"] == pytest.approx(account["total_before"], abs=1e-6)


@few
@given(case=cases(), group=st.lists(st.integers(0, 2), min_size=36, max_size=36))
def test_targets_that_are_put_together_hold_what_their_parts_held(case, group):
    values, source, target = case
    parts = lea.interpolate(*case, kind="extensive").table["value"]
    of = pd.Series([f"g{g}" for g in group[: len(target)]], index=target.index)
    whole = target.assign(of=of).dissolve("of")
    together = lea.interpolate(values, source, whole, kind="extensive").table["value"]
    assert together.to_numpy() == pytest.approx(parts.groupby(of).sum().to_numpy(), rel=1e-9, abs=1e-9)


@few
@given(case=cases())
def test_a_rate_is_its_carried_numerator_over_its_carried_denominator(case):
    people, source, target = case
    rates = pd.Series(np.linspace(0, 1, len(people)), index=people.index)
    parts = lea.interpolate(
        pd.DataFrame({"n": rates * people, "d": people}), source, target, kind="extensive"
    ).table
    table = lea.interpolate(rates, source, target, kind="intensive", denominators=people).table
    some = parts["d"] > 0
    expected = (parts["n"] / parts["d"])[some].to_numpy()
    assert table["value"][some].to_numpy() == pytest.approx(expected, rel=1e-9, abs=1e-9)
    assert (table["status"][~some] == "not_applicable").all()


def test_bounds_by_weights_hold_for_the_extremes():
    """Hold the dasymetric bounds against the two completions in which they are reached."""
    source = gpd.GeoDataFrame(geometry=[box(0, 0, 60, 120), box(60, 0, 120, 120)], index=["a", "b"], crs=3067)
    target = gpd.GeoDataFrame(geometry=[box(0, 0, 120, 50), box(0, 50, 120, 120)], index=["s", "n"], crs=3067)
    by = options("dasymetric", source) | {"kind": "extensive"}
    bounds = lea.interpolate(
        pd.Series({"a": 100.0, "b": np.nan}),
        source,
        target,
        status=pd.Series({"a": "observed", "b": "suppressed"}),
        lower=pd.Series({"a": np.nan, "b": 3.0}),
        upper=pd.Series({"a": np.nan, "b": 30.0}),
        **by,
    ).table
    for side, value in (("lower", 3.0), ("upper", 30.0)):
        full = lea.interpolate(pd.Series({"a": 100.0, "b": value}), source, target, **by).table
        assert bounds[side].to_numpy() == pytest.approx(full["value"].to_numpy(), rel=1e-12)
