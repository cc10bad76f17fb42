"""Autocorrelation within a growing distance: its distances, its peaks, and how much it can hold."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import lea_geo as lea
from lea_geo._checks import global_statistics as checks
from lea_geo.errors import UsageError, ValuesError
from lea_geo.spatial import incremental


def cells(side: int) -> list[str]:
    return [f"1kmN{6675 + row}E{300 + column:04d}" for row in range(side) for column in range(side)]


def waves(side: int, length: float) -> pd.Series:
    """Return a wave along the rows with a little noise."""
    column = np.tile(np.arange(side), side)
    noise = np.random.default_rng(4).normal(0, 0.3, side**2)
    return pd.Series(np.sin(2 * np.pi * column / length) + noise, cells(side))


@pytest.mark.parametrize("statistic", ["moran", "geary"])
@pytest.mark.parametrize("transform", ["row", "binary"])
def test_each_distance_is_the_statistic_on_its_distance_band(statistic, transform):
    values = waves(8, 5).where(np.arange(64) % 9 > 0)
    squares = lea.build_grid(cells(8))
    found = lea.incremental_autocorrelation(
        values, squares, distances=[1000, 1500, 3000], statistic=statistic, transform=transform
    ).table
    single = {"moran": lea.global_moran, "geary": lea.global_geary}[statistic]
    for distance, row in found.iterrows():
        band = lea.build_graph(squares, "distance_band", threshold=distance)
        alone = single(values, band, transform=transform, permutations=0)
        for name in ("statistic", "expected", "variance", "z_score", "p_value", "n_isolates"):
            assert row[name] == getattr(alone, name)
        assert row["n_pairs"] == band.subset(values.dropna().index).n_links / 2


def test_grid_ids_lie_at_the_centres_of_their_cells():
    values = waves(6, 4)
    by_id = lea.incremental_autocorrelation(values, cells(6), distances=[1000, 2000]).table
    by_shape = lea.incremental_autocorrelation(values, lea.build_grid(cells(6)), distances=[1000, 2000]).table
    pd.testing.assert_frame_equal(by_id, by_shape, check_exact=True)


def test_the_first_distance_gives_everybody_a_neighbour_and_the_step_is_the_mean_to_the_nearest():
    # On a line at 0, 1, 2, 4, 100 km: nearest others 1, 1, 1, 2, 96 km; the last has no value.
    place = [0, 1000, 2000, 4000, 100_000]
    areas = gpd.GeoDataFrame(geometry=shapely.points(place, [0] * 5), index=list("abcde"), crs="EPSG:3067")
    values = pd.Series([1.0, 5, 2, 8, np.nan], list("abcde"))
    table = lea.incremental_autocorrelation(values, areas, steps=2).table
    # Half the diagonal is 2 km too, so there is no room and the step is the mean, 1.25 km.
    assert table.index.tolist() == [2000, 3250]
    assert table["n_isolates"].tolist() == [0, 0]


def test_steps_stay_within_half_the_diagonal():
    # 10 x 10 cells a kilometre apart: half the diagonal of the centres is 9 km / sqrt(2) = 6.364 km.
    table = lea.incremental_autocorrelation(waves(10, 5), cells(10), steps=10).table
    assert table.index[0] == 1000
    assert table.index[-1] == pytest.approx(9000 / np.sqrt(2))
    np.testing.assert_allclose(np.diff(table.index), (9000 / np.sqrt(2) - 1000) / 9)


@pytest.mark.parametrize(
    ("scores", "top", "first", "highest"),
    [
        ([1, 4, 3, 6, 5], [False, True, False, True, False], 2.0, 4.0),
        ([5, 4, 3, 2, 1], [False] * 5, None, None),
        ([1, 2, 3, 4, 5], [False] * 5, None, None),
        # A peak that is not significant, or below zero, is one in the table but does not count.
        ([0, 0.5, 0.1, 0, -1], [False, True, False, False, False], None, None),
        ([-9, -5, -9, np.nan, 1], [False, True, False, False, False], None, None),
    ],
)
def test_peaks_are_higher_than_both_beside_and_significant(scores, top, first, highest):
    q_value = np.where(np.abs(scores) >= 3, 0.01, 0.5)
    found = incremental.find_peaks(np.arange(1.0, 6), np.array(scores, dtype=float), q_value, 0.05)
    assert found.top.tolist() == top
    assert (found.first, found.highest) == (first, highest)


def test_gearys_peaks_are_its_lowest_z_scores():
    found = lea.incremental_autocorrelation(
        waves(16, 8), cells(16), statistic="geary", distances=[1000, 1500, 2000, 3000, 4000, 6000]
    )
    z_score = found.table["z_score"]
    assert found.peak == z_score.idxmin()
    assert found.table["peak"].sum() == 1


def test_blocks_of_four_kilometres_peak_before_their_side():
    blocks = pd.Series([(row // 4 + column // 4) % 2 for row in range(16) for column in range(16)], cells(16))
    found = lea.incremental_autocorrelation(blocks, cells(16), distances=np.arange(1, 9) * 1000.0)
    assert found.first_peak == 2000.0
    assert found.table.loc[found.peak, "z_score"] == found.table["z_score"].max()


def test_the_many_looks_are_said_plainly_and_corrected():
    found = lea.incremental_autocorrelation(waves(8, 5), cells(8), distances=[1000, 2000])
    assert "q_value is corrected for all of them" in found.notes[0]
    assert (found.table["q_value"] >= found.table["p_value"]).all()
    assert found.correction == "holm"


def test_scores_that_still_rise_at_the_end_are_told():
    halves = pd.Series([row // 8 for row in range(16) for _ in range(16)], cells(16))
    found = lea.incremental_autocorrelation(halves, cells(16), distances=[1000, 1500, 2000])
    assert found.notes[-1] == "The z-score still rises at the largest distance, so a peak may lie beyond."
    assert found.peak is None


@pytest.mark.parametrize("threads", ["1", "4"])
def test_order_and_threads_change_no_bit(threads, monkeypatch):
    rng = np.random.default_rng(6)
    place = rng.uniform(0, 50_000, (2500, 2))
    areas = gpd.GeoDataFrame(
        geometry=shapely.points(place), index=[f"p{i:04d}" for i in range(2500)], crs="EPSG:3067"
    )
    values = pd.Series(rng.gamma(1, size=2500), areas.index)
    before = lea.incremental_autocorrelation(values, areas, steps=3, permutations=19).table
    monkeypatch.setenv("LEA_GEO_THREADS", threads)
    mixed = areas.sample(frac=1, random_state=1)
    after = lea.incremental_autocorrelation(values, mixed, steps=3, permutations=19).table
    pd.testing.assert_frame_equal(after, before, check_exact=True)


def test_more_pairs_than_can_be_held_are_refused_before_they_are_made(monkeypatch):
    monkeypatch.setattr(checks, "MOST_PAIRS", 100)
    with pytest.raises(ValuesError, match=r"pairs of 64 areas within 4000 m: \d+, and 100 can be held"):
        lea.incremental_autocorrelation(waves(8, 5), cells(8), distances=[4000])


def test_a_constant_and_nobody_have_reasons():
    same = lea.incremental_autocorrelation(pd.Series(1.0, cells(3)), cells(3), distances=[1000])
    assert same.table["reason"].str.startswith("All areas have the same value").all()
    nobody = lea.incremental_autocorrelation(pd.Series(np.nan, cells(3)), cells(3), distances=[1000])
    assert nobody.table["reason"].tolist() == ["No area has a value."]
    assert nobody.peak is None
    with pytest.raises(ValuesError, match=r"no area has a value\. Give distances="):
        lea.incremental_autocorrelation(pd.Series(np.nan, cells(3)), cells(3))


def test_wrong_options_are_refused():
    with pytest.raises(UsageError, match="level is 2"):
        lea.incremental_autocorrelation(waves(4, 3), cells(4), level=2)
    with pytest.raises(UsageError, match="steps is 0"):
        lea.incremental_autocorrelation(waves(4, 3), cells(4), steps=0)
    with pytest.raises(UsageError, match="statistic is 'join_count'"):
        lea.incremental_autocorrelation(waves(4, 3), cells(4), statistic="join_count")
