"""Emerging hot spots: ArcGIS's patterns by their definitions, tested classes, planted spots, noise."""

import numpy as np
import pandas as pd
import pytest

import lea_geo as lea
from lea_geo.change.emerging_classes import ARCGIS_CLASSES, CLASSES, arcgis_classes, told_classes
from lea_geo.change.emerging_space_time import space_time_graph
from lea_geo.errors import UsageError, ValuesError
from lea_geo.spatial.graph import AreaGraph

YEARS = 12


@pytest.fixture(scope="module")
def lattice():
    """Twenty by twenty squares of 1 km and their graph; rows and columns of each."""
    areas = lea.build_grid((300_000, 7_100_000, 320_000, 7_120_000), cell_size=1000)
    graph = lea.build_graph(areas, "queen")
    centres = areas.loc[graph.ids].geometry.centroid
    row, column = ((centres.y - 7_100_000) // 1000).astype(int), ((centres.x - 300_000) // 1000).astype(int)
    return graph, row.to_numpy(), column.to_numpy()


@pytest.fixture(scope="module")
def small():
    areas = lea.build_grid((300_000, 7_100_000, 306_000, 7_106_000), cell_size=1000)
    return lea.build_graph(areas, "queen")


# Esri's definitions, one series a pattern: h a significant hot spot, c a cold one, . neither, in ten steps;
# the sign is that of a significant trend of the statistic.
SERIES = {
    "new hot spot": (".........h", 0),
    "consecutive hot spot": (".......hhh", 1),
    "intensifying hot spot": ("h.hhhhhhhh", 1),
    "persistent hot spot": ("hh.hhhhhhh", 0),
    "diminishing hot spot": ("hhhhhhhhhh", -1),
    "sporadic hot spot": ("h..h.hh..h", 0),
    "oscillating hot spot": ("h.c...h..h", 0),
    "historical hot spot": ("hhhhhhhhh.", -1),
}
TURNED = str.maketrans("hc", "ch")


@pytest.mark.parametrize("name", SERIES)
@pytest.mark.parametrize("side", ["hot", "cold"])
def test_each_of_esris_patterns_is_told_from_its_definition(name, side):
    steps, trend = SERIES[name]
    if side == "cold":
        steps, trend = steps.translate(TURNED), -trend
    sides = np.array([[{"h": 1, "c": -1, ".": 0}[step] for step in steps]])
    assert arcgis_classes(sides, np.array([trend])).tolist() == [name.replace("hot", side)]


@pytest.mark.parametrize("steps", ["..........", "h.........", ".hhh.hhh..", "c.c.c.....", "hhhhhhh..."])
def test_what_fits_no_definition_has_no_pattern(steps):
    sides = np.array([[{"h": 1, "c": -1, ".": 0}[step] for step in steps]])
    assert arcgis_classes(sides, np.array([0])).tolist() == ["no pattern"]


def test_every_series_has_exactly_one_of_seventeen_patterns():
    rng = np.random.default_rng(0)
    found = arcgis_classes(rng.integers(-1, 2, size=(5000, 6)), rng.integers(-1, 2, size=5000))
    assert set(found) <= set(ARCGIS_CLASSES)
    assert len([word for word in ARCGIS_CLASSES if word]) == 17


@pytest.mark.parametrize(
    ("years", "periods", "trend", "expected"),
    [
        ("hhhh", "hhh", 0, ("lasting hot", "firm")),
        ("h..h", "h.h", 0, ("lasting hot", "likely")),
        ("hhhh", "hhh", 1, ("strengthening hot", "firm")),
        ("hhhh", "hhh", -1, ("weakening hot", "firm")),
        ("...h", "...", 0, ("new hot", "unsure")),
        ("..hh", "..h", 0, ("new hot", "likely")),
        ("..hh", "..h", 1, ("new hot", "firm")),
        ("c..h", "...", 0, ("new hot", "firm")),
        ("hh..", "h..", -1, ("former hot", "firm")),
        ("h...", "...", 0, ("former hot", "unsure")),
        (".h..", "...", 0, ("fluctuating hot", "unsure")),
        (".hh.", ".h.", 0, ("fluctuating hot", "likely")),
        ("....", "...", 1, ("none", "")),
        ("....", "..h", 0, ("new hot", "likely")),
        ("cccc", "ccc", -1, ("strengthening cold", "firm")),
        ("h..c", "...", 0, ("new cold", "firm")),
    ],
)
def test_a_class_says_what_was_told_and_how_sure_it_is(years, periods, trend, expected):
    sides, parts = (np.array([[{"h": 1, "c": -1, ".": 0}[s] for s in text]]) for text in (years, periods))
    word, sure = told_classes(sides, parts, np.array([trend]), np.array([True]), together=True)
    assert (word[0], sure[0]) == expected
    turned, as_sure = told_classes(-sides, -parts, np.array([-trend]), np.array([True]), together=True)
    swapped = {"hot": "cold", "cold": "hot"}
    assert turned[0] == " ".join(swapped.get(part, part) for part in expected[0].split())
    assert as_sure[0] == expected[1]


def planted(lattice, path, seed):
    graph, row, column = lattice
    x = np.random.default_rng(seed).normal(size=(graph.n, YEARS))
    inside = (row >= 8) & (row < 13) & (column >= 8) & (column < 13)
    core = (row >= 9) & (row < 12) & (column >= 9) & (column < 12)
    x[inside] += path
    return pd.DataFrame(x, index=graph.ids, columns=range(2000, 2000 + YEARS)), core, ~inside


TIME = np.arange(YEARS) / (YEARS - 1)
RAMP = np.clip((np.arange(YEARS) - 3) / 5, 0, 1)  # nothing in the first third, all of it in the last
PLANTED = {
    "emerging": (3 * RAMP, {"new hot"}),
    "vanishing": (3 * RAMP[::-1], {"former hot"}),
    "constant": (2.5 * np.ones(YEARS), {"lasting hot"}),
    "stronger": (1.5 + 4 * TIME, {"strengthening hot"}),
    # A falling statistic is told for three in four of these; the others are lasting, which they are as well.
    "weaker": (1.5 + 4 * TIME[::-1], {"weakening hot", "lasting hot"}),
}


@pytest.mark.parametrize("kind", PLANTED)
def test_planted_spots_are_recovered(lattice, kind):
    path, words = PLANTED[kind]
    right, wrong = [], []
    for seed in range(3):
        values, core, outside = planted(lattice, path, seed)
        found = lea.emerging_hotspots(values, lattice[0], method="analytic").table
        right.append(found.loc[core, "class"].isin(words).mean())
        wrong.append((found.loc[outside, "class"] != "none").mean())
    assert np.mean(right) >= 0.9
    # Those beside the spot share in it: 24 of 375.
    assert np.mean(wrong) <= 0.1


def test_planted_spots_are_recovered_by_the_exact_law_too(lattice):
    values, core, _ = planted(lattice, PLANTED["emerging"][0], 1)
    found = lea.emerging_hotspots(values, lattice[0]).table
    assert (found.loc[core, "class"] == "new hot").mean() >= 0.9
    assert (found.loc[core, "certainty"] == "firm").mean() >= 0.5


def test_noise_has_hot_spots_in_few_maps_though_there_are_twelve_years(small):
    maps = 30
    alarms = 0
    for seed in range(maps):
        x = np.random.default_rng(seed).normal(size=(small.n, YEARS))
        values = pd.DataFrame(x, index=small.ids, columns=range(YEARS))
        found = lea.emerging_hotspots(values, small, method="analytic")
        alarms += bool((found.table["class"] != "none").any() or (found.table["trend"] != "not told").any())
    # One family of years and one of trends, each at 0.05: at most 0.1 of all maps.
    assert alarms / maps <= 0.1 + 3 * np.sqrt(0.1 * 0.9 / maps)


def test_noise_whose_shocks_last_has_trends_in_few_maps_unless_that_is_ignored(small):
    told = {"pooled": 0, "none": 0}
    for seed in range(8):
        x = np.random.default_rng(seed).normal(size=(small.n, YEARS + 40))
        for t in range(1, x.shape[1]):
            x[:, t] += 0.7 * x[:, t - 1]
        values = pd.DataFrame(x[:, 40:], index=small.ids, columns=range(YEARS))
        for how in told:
            found = lea.emerging_hotspots(values, small, autocorrelation=how, method="analytic")
            told[how] += int((found.trends.table["p_value"] <= 0.05).sum())
    tests = 8 * small.n
    assert told["pooled"] / tests <= 0.05
    assert told["none"] / tests > 0.15


def test_neighbours_in_time_make_trends_out_of_noise_in_arcgis_defaults(small):
    false = {0: 0, 3: 0}
    for seed in range(12):
        x = np.random.default_rng(seed).normal(size=(small.n, YEARS))
        values = pd.DataFrame(x, index=small.ids, columns=range(YEARS))
        for window in false:
            found = lea.emerging_hotspots(values, small, rule="arcgis", window=window)
            false[window] += int((found.trends.table["p_value"] <= 0.05).sum())
    assert false[0] / (12 * small.n) < 0.07
    assert false[3] / (12 * small.n) > 0.14


def test_every_threshold_is_stated_and_moved(small):
    x = np.random.default_rng(2).normal(size=(small.n, 6))
    found = lea.emerging_hotspots(pd.DataFrame(x, index=small.ids, columns=range(6)), small)
    assert {
        "fdr",
        "trend_fdr",
        "correction",
        "trend_correction",
        "family",
        "ends",
        "window",
        "against",
    } <= set(found.settings)
    moved = found.sensitivity
    assert set(moved["setting"]) == {"fdr", "trend_fdr", "family", "trend_correction", "ends"}
    words = [word for word in CLASSES if word]
    assert (moved[words].sum(axis=1) == small.n).all()
    assert (moved.loc[moved["used"], "moved"] == 0).all()
    used = moved[moved["used"]].iloc[0][words]
    counts = found.table["class"].value_counts().reindex(words, fill_value=0)
    assert used.astype(int).tolist() == counts.tolist()


def test_gi_star_of_a_year_is_local_g_of_that_year(small):
    x = pd.DataFrame(
        np.random.default_rng(3).normal(size=(small.n, 3)), index=small.ids, columns=[2001, 2003, 2005]
    )
    found = lea.space_time_g(x, small)
    alone = lea.local_g(x[2003], small, star=True, correction="none").table
    year = found.table[found.table["year"] == 2003]
    for name in ("statistic", "p_value", "z_score"):
        np.testing.assert_allclose(year[name], alone[name], rtol=1e-12)


def test_gi_star_against_the_cube_is_its_formula_written_out(small):
    x = pd.DataFrame(np.random.default_rng(4).normal(size=(small.n, 4)), index=small.ids, columns=range(4))
    found = lea.space_time_g(x, small, window=1, against="cube", transform="binary", moments="total")
    place = 14
    near = [place, *small.indices[small.indptr[place] : small.indptr[place + 1]]]
    cube, year = x.to_numpy(), 2
    own = cube[near][:, [year - 1, year]].ravel()
    n, k = cube.size, len(own)
    expected = (own.sum() - k * cube.mean()) / (cube.std() * np.sqrt((n * k - k**2) / (n - 1)))
    row = found.table[found.table["year"] == year].iloc[place]
    assert row["statistic"] == pytest.approx(expected)
    assert row["neighbors"] == k - 1


def test_a_graph_of_years_links_an_area_with_its_past_and_not_its_future(small):
    cube = space_time_graph(small, 3, 1)
    n = small.n
    assert cube.n == 3 * n
    assert cube.n_links == 3 * small.n_links + 2 * (small.n_links + n)
    last = cube.indices[cube.indptr[3 * n - 1] : cube.indptr[3 * n]]
    assert last.min() >= n
    first = cube.indices[cube.indptr[0] : cube.indptr[1]]
    assert first.max() < n


def test_space_time_moran_is_the_bivariate_statistic_of_now_and_before(small):
    x = pd.DataFrame(np.random.default_rng(5).normal(size=(small.n, 4)), index=small.ids, columns=range(4))
    found = lea.space_time_moran(x, small, lag=2)
    alone = lea.local_moran_bivariate(x[3], x[1], small, correction="none").table
    last = found.table[found.table["year"] == 3]
    np.testing.assert_allclose(last["statistic"], alone["statistic"])
    assert found.years == (2.0, 3.0)


def test_differential_moran_does_not_see_what_stays(small):
    rng = np.random.default_rng(6)
    level = 100 * rng.normal(size=small.n)
    change = rng.normal(size=small.n)
    x = pd.DataFrame({2000: level, 2005: level + change}, index=small.ids)
    alone = lea.local_moran(pd.Series(change, small.ids), small).table
    np.testing.assert_allclose(
        lea.differential_moran(x, small).table["statistic"], alone["statistic"], rtol=1e-8
    )


def test_missing_years_are_said_and_left_out(small):
    x = pd.DataFrame(np.random.default_rng(7).normal(size=(small.n, 5)), index=small.ids, columns=range(5))
    x.iloc[0, 1] = np.nan
    x.iloc[1, :] = np.nan
    found = lea.emerging_hotspots(x, small)
    assert found.table["class"].iloc[1] == ""
    assert found.table["years"].tolist()[:3] == [4, 0, 5]
    assert any("6 of 180 values of areas in years are missing" in note for note in found.notes)
    assert any("1 of 36 areas have no test" in note for note in found.notes)


def test_three_years_say_that_they_are_too_few(small):
    x = pd.DataFrame(np.random.default_rng(8).normal(size=(small.n, 3)), index=small.ids, columns=range(3))
    found = lea.emerging_hotspots(x, small)
    assert any("too short a series" in note for note in found.notes)
    assert (found.table["trend"] == "not told").all()


def test_the_order_of_areas_and_years_changes_nothing(small):
    x = pd.DataFrame(np.random.default_rng(9).normal(size=(small.n, 5)), index=small.ids, columns=range(5))
    one = lea.emerging_hotspots(x, small).table
    other = lea.emerging_hotspots(x.iloc[::-1, ::-1], small).table
    pd.testing.assert_frame_equal(one, other.loc[one.index])


def test_options_that_do_not_fit_are_refused(small):
    x = pd.DataFrame(np.zeros((small.n, 5)), index=small.ids, columns=range(5))
    with pytest.raises(UsageError, match="against='year' with window=1"):
        lea.emerging_hotspots(x, small, window=1)
    with pytest.raises(UsageError, match="ends is 3; with 5 years it can be at most 2"):
        lea.emerging_hotspots(x, small, ends=3)
    with pytest.raises(UsageError, match="rule is 'esri'"):
        lea.emerging_hotspots(x, small, rule="esri")
    with pytest.raises(UsageError, match=r"share is 1\.5"):
        lea.emerging_hotspots(x, small, rule="arcgis", share=1.5)
    with pytest.raises(ValuesError, match="values that the graph does not have"):
        lea.space_time_g(x.set_axis([f"x{i}" for i in range(small.n)]), small)


def test_a_year_that_is_all_alike_or_empty_has_no_hot_spots_and_the_others_do(small):
    x = pd.DataFrame(np.random.default_rng(16).normal(size=(small.n, 5)), index=small.ids, columns=range(5))
    flat, empty = x.copy(), x.copy()
    flat[2], empty[2] = 1.0, np.nan
    for values in (flat, empty):
        found = lea.emerging_hotspots(values, small)
        assert found.by_year.wide("statistic")[2].isna().all()
        assert (found.table["years"] == 4).all()
        assert (found.table["class"] != "").all()


def test_areas_without_neighbours_are_not_tested(small):
    x = pd.DataFrame(np.random.default_rng(17).normal(size=(small.n, 4)), index=small.ids, columns=range(4))
    alone = AreaGraph(small.ids, np.zeros(small.n + 1, dtype=int), np.empty(0, dtype=int), np.empty(0))
    found = lea.emerging_hotspots(x, alone)
    assert set(found.table["class"]) == {""}
    assert any(f"{small.n} of {small.n} areas have no test" in note for note in found.notes)
