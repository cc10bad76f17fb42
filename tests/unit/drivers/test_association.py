"""Correlations, effective sizes, noise, and classes of two variables."""

import numpy as np
import pandas as pd
import pytest
from colorspacious import cspace_convert
from scipy import stats

import lea_geo as lea
from lea_geo.drivers.bivariate import LEAST_DISTANCE, PALETTE, terciles
from lea_geo.drivers.effective import Distances, effective_size, fisher_interval
from lea_geo.drivers.reliable_share import reliability_of
from lea_geo.errors import UsageError, ValuesError

SIDE = 7
IDS = pd.Index([f"a{i:02d}" for i in range(SIDE**2)], name="area_id")
COORDS = pd.DataFrame(
    {"x": np.arange(SIDE**2) % SIDE, "y": np.arange(SIDE**2) // SIDE}, index=IDS, dtype=float
)


def series(values, name="y"):
    return pd.Series(np.asarray(values, dtype=float), index=IDS, name=name)


def test_without_coordinates_the_test_is_pearsons_own():
    random = np.random.default_rng(0)
    x = random.normal(size=49)
    y = 0.3 * x + random.normal(size=49)
    row = lea.associations(series(y), pd.DataFrame({"x": series(x)})).table.loc["x"]
    theirs = stats.pearsonr(x, y)
    assert row["pearson"] == pytest.approx(theirs.statistic)
    assert row["p_value"] == pytest.approx(theirs.pvalue)
    interval = theirs.confidence_interval(0.95)
    assert (row["lower"], row["upper"]) == pytest.approx((interval.low, interval.high))
    assert row["spearman"] == pytest.approx(stats.spearmanr(x, y).statistic)


def test_the_effective_size_is_that_of_the_whole_matrices():
    # 1 + tr(B Rx) tr(B Ry) / tr(B Rx B Ry), written out with (n, n) matrices.
    random = np.random.default_rng(1)
    smooth = COORDS["x"].to_numpy() + random.normal(size=49)
    other = COORDS["x"].to_numpy() - COORDS["y"].to_numpy() + random.normal(size=49)
    distances = Distances(COORDS.to_numpy())
    apart = np.hypot(*(COORDS.to_numpy()[:, None] - COORDS.to_numpy()[None]).transpose(2, 0, 1))
    place = np.clip(np.ceil(apart / distances.width - 1e-9).astype(int) - 1, 0, 12)
    matrices = []
    for part in (smooth, other):
        r = distances.correlations(part)[place]
        np.fill_diagonal(r, 1.0)
        matrices.append((np.eye(49) - 1 / 49) @ r)
    one, two = matrices
    expected = 1 + np.trace(one) * np.trace(two) / np.trace(one @ two)
    assert effective_size(smooth, other, distances) == pytest.approx(expected, rel=1e-9)
    assert expected < 30  # both are smooth, so that 49 areas are worth far fewer


def test_smooth_but_unrelated_variables_are_found_related_at_most_at_the_stated_rate():
    # Planted: two independent fields, each the mean over neighbours twice. Plain Pearson errs far too often.
    random, plain, honest = np.random.default_rng(2), 0, 0
    near = (np.abs(COORDS.to_numpy()[:, None] - COORDS.to_numpy()[None]).sum(axis=2) <= 1).astype(float)
    near /= near.sum(axis=1, keepdims=True)
    for _ in range(120):
        x, y = (near @ near @ random.normal(size=49) for _ in range(2))
        row = lea.associations(series(y), pd.DataFrame({"x": series(x)}), coords=COORDS).table.loc["x"]
        honest += row["p_value"] <= 0.05
        plain += stats.pearsonr(x, y).pvalue <= 0.05
    assert plain > 18
    assert honest <= 14  # 5 % of 120 is 6; chance alone exceeds 14 once in a thousand times


def test_partial_correlation_is_that_of_the_inverse_correlation_matrix():
    random = np.random.default_rng(3)
    x = random.normal(size=(49, 3)) @ random.normal(size=(3, 3))
    y = x @ [1.0, -0.5, 0.2] + random.normal(size=49)
    drivers = pd.DataFrame(x, index=IDS, columns=["a", "b", "c"])
    table = lea.associations(series(y), drivers).table
    inverse = np.linalg.inv(np.corrcoef(np.column_stack([y, x]), rowvar=False))
    expected = -inverse[0, 1:] / np.sqrt(inverse[0, 0] * np.diag(inverse)[1:])
    np.testing.assert_allclose(table["partial"], expected, rtol=1e-9)
    ppcor = 2 * stats.t.sf(abs(expected[0]) * np.sqrt(45 / (1 - expected[0] ** 2)), 45)  # n - 2 - 2
    assert table["partial_p_value"].iloc[0] == pytest.approx(ppcor)


def test_fishers_interval_is_the_textbooks():
    # Zar (2010): r = 0.870 of 12 has the 95 % interval 0.592 to 0.963.
    assert fisher_interval(0.870, 12, 0.95) == pytest.approx((0.592, 0.963), abs=1e-3)
    assert fisher_interval(0.5, 3, 0.95) == (-1.0, 1.0)


def test_correlation_without_noise_recovers_the_true_one():
    random = np.random.default_rng(4)
    n = 2000
    ids = [f"a{i}" for i in range(n)]
    true = 0.2 + 0.03 * random.normal(size=n)
    people = np.full(n, 100.0)
    events = random.binomial(100, np.clip(true, 0, 1)).astype(float)
    outcome = pd.Series(true + 0.03 * random.normal(size=n), index=ids, name="out")
    counts = pd.DataFrame({"numerator": events, "denominator": people}, index=ids)
    rate = pd.DataFrame({"rate": counts["numerator"] / counts["denominator"]})
    row = lea.associations(outcome, rate, counts={"rate": counts}).table.loc["rate"]
    # Truth: 0.0009 of variance is real, 0.2 * 0.8 / 100 = 0.0016 is noise; r with the outcome is sqrt(1/2).
    assert row["reliability"] == pytest.approx(0.0009 / 0.0025, abs=0.05)
    assert row["pearson"] < 0.5
    assert row["without_noise"] == pytest.approx(np.sqrt(0.5), abs=0.06)


def test_reliability_is_zero_where_noise_explains_everything_and_unknown_without_counts():
    counts = pd.DataFrame({"numerator": [5.0, 5, 5, 5, 6], "denominator": 20.0}, index=list("abcde"))
    assert reliability_of(counts, counts.index) == 0.0
    assert np.isnan(reliability_of(None, counts.index))


def test_areas_that_lack_a_value_are_left_out_and_named():
    y, x = series(np.arange(49.0)), series(np.arange(49.0) ** 2)
    x["a03"] = np.nan
    found = lea.associations(y, pd.DataFrame({"x": x}))
    assert found.table["n"].tolist() == [48.0]
    assert any("a03" in note for note in found.notes)
    assert any("Robinson 1950" in note for note in found.notes)


@pytest.mark.parametrize(
    ("drivers", "message"),
    [
        (pd.DataFrame({"y": np.arange(49.0)}, index=IDS), "nothing explains itself"),
        (pd.DataFrame({"x": np.ones(49)}, index=IDS), "same value in all areas"),
        (pd.DataFrame({"x": np.arange(49.0)}, index=[*IDS[:-1], "foreign"]), "foreign"),
        (pd.DataFrame({"x": ["text"] * 49}, index=IDS), "not numbers"),
        (pd.DataFrame({"x": np.inf}, index=IDS), "infinite"),
    ],
)
def test_what_cannot_be_correlated_is_refused_by_name(drivers, message):
    with pytest.raises((UsageError, ValuesError), match=message):
        lea.associations(series(np.arange(49.0) % 5), drivers)


def test_terciles_never_split_equal_values():
    assert terciles(np.arange(1.0, 10)) == (3.0, 6.0)
    assert terciles(np.array([1.0, 1, 1, 1, 2, 3])) == (1.0, 2.0)
    x = pd.Series([0.0] * 20 + [1.0, 2, 3, 4], index=[f"a{i}" for i in range(24)])
    found = lea.bivariate_classes(x, pd.Series(np.arange(24.0), index=x.index))
    assert len(set(found.table["x_class"].iloc[:20])) == 1
    assert any("share a value" in note for note in found.notes)


def test_classes_hold_a_third_each_and_nothing_where_a_value_is_missing():
    x = series(np.random.default_rng(6).permutation(49), "x")
    y = series(np.arange(49.0))
    y["a00"] = np.nan
    found = lea.bivariate_classes(x, y)
    assert found.table.loc["a00", "label"] == ""
    assert found.table["y_class"].value_counts()[["low", "middle", "high"]].tolist() == [16, 16, 16]
    assert set(found.table["label"]) - {""} <= set(PALETTE)
    assert found.y_cuts == (16.0, 32.0)


@pytest.mark.parametrize("sight", ["full", "deuteranomaly", "protanomaly", "tritanomaly"])
def test_nine_colours_stay_apart_for_every_eye(sight):
    rgb = np.array([[int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)] for colour in PALETTE.values()])
    if sight != "full":
        space = {"name": "sRGB1+CVD", "cvd_type": sight, "severity": 100}
        rgb = np.clip(cspace_convert(rgb, space, "sRGB1"), 0, 1)
    seen = cspace_convert(rgb, "sRGB1", "CAM02-UCS")
    apart = np.sqrt(np.square(seen[:, None] - seen[None]).sum(axis=2))[np.triu_indices(9, 1)]
    assert apart.min() >= LEAST_DISTANCE
