"""The spatial scan statistic as a whole: its law, its edges, and what it refuses."""

from collections import Counter
from dataclasses import fields
from itertools import product
from math import comb, factorial, log, prod

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

import lea_geo as lea
from lea_geo.errors import AreasError, ResolutionError, UsageError, ValuesError
from lea_geo.spatial.scan.draws import draw_null, exceedances_needed
from lea_geo.spatial.scan.levels import build_levels
from lea_geo.spatial.scan.result import CLUSTER_COLUMNS, ScanResult, ScanSettings
from lea_geo.spatial.scan.sample import build_scan_sample
from lea_geo.spatial.scan.windows import build_circles

SIDE = 8
CELLS = pd.Index(
    [f"1kmN{6675 + row}E0{380 + column}" for row in range(SIDE) for column in range(SIDE)], name="area_id"
)
PEOPLE = pd.Series(100, index=CELLS)
GRAPH = lea.build_graph(CELLS, "lattice")

BOTH_WINDOWS = pytest.mark.parametrize(
    "where", [{"areas": CELLS}, {"graph": GRAPH, "window": "irregular"}], ids=["circular", "irregular"]
)


def counted(seed: int = 1, rate: float = 0.05) -> pd.Series:
    return pd.Series(np.random.default_rng(seed).binomial(100, rate, len(CELLS)), index=CELLS)


def planted() -> pd.Series:
    """Return about five cases a cell, and four times as many in a cross of five cells."""
    cases = counted()
    cases[cross()] = 20
    return cases


def cross() -> list[str]:
    """Return a cell and the four beside it: the circle of 1000 metres around it."""
    return ["1kmN6678E0383", "1kmN6677E0383", "1kmN6679E0383", "1kmN6678E0382", "1kmN6678E0384"]


def squares(ids: pd.Index = CELLS) -> gpd.GeoDataFrame:
    corners = lea.parse_grid_ids(ids.tolist())
    boxes = shapely.box(corners.easting, corners.northing, corners.easting + 1000, corners.northing + 1000)
    return gpd.GeoDataFrame(geometry=boxes, index=ids, crs="EPSG:3067")


def same(one: ScanResult, other: ScanResult) -> None:
    """Assert that two results are equal to the last bit, whatever the order of the areas."""
    pd.testing.assert_frame_equal(one.clusters, other.clusters, check_exact=True)
    pd.testing.assert_frame_equal(one.table.loc[CELLS], other.table.loc[CELLS], check_exact=True)
    assert one.maxima.tolist() == other.maxima.tolist()


@pytest.mark.parametrize("model", ["poisson", "bernoulli"])
@BOTH_WINDOWS
def test_a_planted_cluster_is_found_whole_and_alone_significant(model, where):
    found = lea.scan_statistic(planted(), PEOPLE, model=model, **where)
    first = found.clusters.loc[1]
    assert set(first["areas"]) == set(cross())
    assert (first["cases"], first["population"], first["n_areas"]) == (100.0, 500.0, 5)
    assert first["expected"] == pytest.approx(planted().sum() * 5 / 64)
    assert first["p_value"] == 0.001
    assert (found.clusters["p_value"].iloc[1:] > 0.05).all()
    assert set(found.table.index[found.table["label"] == "High-High"]) == set(cross())
    assert (found.table.loc[cross(), "cluster"] == 1).all()


def test_a_planted_hole_is_low_low_and_only_for_who_asks():
    cases = counted(rate=0.2)
    cases[cross()] = 0
    low = lea.scan_statistic(cases, PEOPLE, CELLS, alternative="less")
    both = lea.scan_statistic(cases, PEOPLE, CELLS, alternative="two-sided")
    for found in (low, both):
        assert found.clusters.loc[1, "label"] == "Low-Low"
        assert set(found.clusters.loc[1, "areas"]) == set(cross())
        assert found.clusters.loc[1, "relative_risk"] == 0.0
    assert (lea.scan_statistic(cases, PEOPLE, CELLS).clusters["label"] == "High-High").all()


# --- the law ----------------------------------------------------------------------------------


def tiny_ratio(
    cases: tuple[int, ...], people: tuple[int, ...], windows: list[list[int]], *, bernoulli: bool
) -> float:
    """Return the largest log ratio over windows of many cases, with plain logarithms."""
    total, everybody = sum(cases), sum(people)
    best = 0.0
    for window in windows:
        c, n = sum(cases[i] for i in window), sum(people[i] for i in window)
        mu = total * n / everybody
        if c <= mu:
            continue
        pairs = [(c, mu), (total - c, total - mu)]
        if bernoulli:
            pairs += [(n - c, n - mu), (everybody - n - total + c, everybody - n - total + mu)]
        best = max(best, sum(a * log(a / b) for a, b in pairs if a > 0))
    return best


@pytest.mark.parametrize("model", ["poisson", "bernoulli"])
def test_the_p_value_is_that_of_all_outcomes_written_out(model):
    # Four cells in a row. Around an inner cell both neighbours enter together, and three cells have more than
    # half of the people; so have 0 and 1, but not 3 and 2. All outcomes of 5 cases are written out.
    ids = CELLS[:4]
    people, observed = (10, 12, 8, 10), (4, 0, 1, 0)
    windows = [[0], [1], [2], [3], [3, 2]]
    bernoulli = model == "bernoulli"
    seen = tiny_ratio(observed, people, windows, bernoulli=bernoulli)
    exact = 0.0
    for outcome in product(range(6), repeat=4):
        if sum(outcome) != 5 or tiny_ratio(outcome, people, windows, bernoulli=bernoulli) < seen - 1e-9:
            continue
        if bernoulli:
            exact += prod(comb(n, c) for n, c in zip(people, outcome, strict=True)) / comb(40, 5)
        else:
            ways = factorial(5) / prod(factorial(c) for c in outcome)
            exact += ways * prod((n / 40) ** c for n, c in zip(people, outcome, strict=True))
    found = lea.scan_statistic(
        pd.Series(observed, ids), pd.Series(people, ids), ids, model=model, permutations=9999, level=0.5
    )
    assert found.clusters.loc[1, "log_likelihood_ratio"] == pytest.approx(seen, rel=1e-12)
    assert found.replicates == 9999
    assert found.clusters.loc[1, "p_value"] == pytest.approx(
        exact, abs=4 * np.sqrt(exact * (1 - exact) / 9999)
    )


@BOTH_WINDOWS
def test_pure_chance_is_significant_no_more_often_than_the_level_says(where):
    # 300 maps of chance at level 0.1: 30 on average, outside 14 to 48 with probability 1e-3 (binomial).
    shares = np.random.default_rng(7).dirichlet(np.full(len(CELLS), 3.0))
    people = pd.Series(np.ceil(10_000 * shares), CELLS)
    draws = np.random.default_rng(8).multinomial(200, people / people.sum(), 300)
    sample = build_scan_sample(pd.Series(draws[0], CELLS), people, model="poisson", sign=1)
    found = lea.scan_statistic(pd.Series(draws[0], CELLS), people, permutations=99, level=0.1, **where)
    if "graph" in where:
        windows = build_levels(sample, GRAPH, max_population=0.5)
    else:
        places = np.column_stack([np.arange(len(CELLS)) // SIDE, np.arange(len(CELLS)) % SIDE]) * 1000.0
        windows = build_circles(sample, places, max_population=0.5, max_radius=None)
    settings = {field.name: getattr(found, field.name) for field in fields(ScanSettings)}
    p = []
    for seed, observed in enumerate(windows.maxima(draws.T.astype(float))):
        null = draw_null(sample, windows, observed, ScanSettings(**settings | {"seed": seed}))
        p.append(null.p_value(observed))
    assert p[0] == found.clusters.loc[1, "p_value"]
    assert 14 <= np.sum(np.array(p) <= 0.1) <= 48


def test_no_p_value_is_below_what_the_replicates_can_show():
    cases = counted()
    cases.iloc[0] = 100
    assert lea.scan_statistic(cases, PEOPLE, CELLS, permutations=19).clusters.loc[1, "p_value"] == 1 / 20


def test_drawing_stops_when_the_cluster_cannot_be_significant_any_more():
    # Besag and Clifford (1991): p = h / l when the h-th replicate as large is the l-th drawn.
    cases = counted(seed=3)
    found = lea.scan_statistic(cases, PEOPLE, CELLS, permutations=999)
    assert found.exceedances == 50
    assert found.replicates < 999
    observed = found.clusters.loc[1, "log_likelihood_ratio"]
    assert np.sum(found.maxima >= observed - 1e-9) == 50
    assert found.maxima[-1] >= observed - 1e-9
    assert found.clusters.loc[1, "p_value"] == 50 / found.replicates
    stopped = (
        f"Drawing stopped after {found.replicates} of 999 replicates: 50 of them were at least as large as"
    )
    assert found.notes == (f"{stopped} the most likely cluster.",)
    longer = lea.scan_statistic(cases, PEOPLE, CELLS, permutations=1999)
    assert longer.maxima[: found.replicates].tolist() == found.maxima.tolist()


@given(st.integers(1, 100_000), st.floats(0.0001, 0.5))
def test_stopping_never_takes_what_could_have_been_significant(permutations, level):
    enough = exceedances_needed(permutations, level)
    assert enough >= 20
    # The smallest p-value of a drawing that stopped is at its very last replicate.
    assert enough / permutations > level * (1 - 1e-9)


def test_secondary_clusters_share_no_area_and_come_in_order():
    found = lea.scan_statistic(counted(), PEOPLE, CELLS, alternative="two-sided", level=0.9)
    listed = [area for areas in found.clusters["areas"] for area in areas]
    assert len(listed) == len(set(listed))
    assert found.clusters["log_likelihood_ratio"].is_monotonic_decreasing
    assert found.clusters["p_value"].is_monotonic_increasing
    assert found.clusters["p_value"].iloc[-1] < 1
    assert Counter(found.table["cluster"])[0] == len(CELLS) - len(listed)
    alone = lea.scan_statistic(counted(), PEOPLE, CELLS, alternative="two-sided", level=0.9, secondary=False)
    pd.testing.assert_frame_equal(alone.clusters, found.clusters.head(1))


# --- the same answer, however it is asked for -------------------------------------------------


@settings(max_examples=8)
@given(st.randoms(use_true_random=False), st.sampled_from(["poisson", "bernoulli"]), st.booleans())
def test_the_order_of_the_areas_changes_nothing(random, model, circular):
    order = list(CELLS)
    random.shuffle(order)
    options = {"model": model, "permutations": 49, "level": 0.5, "alternative": "two-sided"}
    people = pd.Series(np.arange(100, 164) / (1 if model == "bernoulli" else 7), CELLS)
    if circular:
        one = lea.scan_statistic(counted(), people, squares(), **options)
        other = lea.scan_statistic(counted()[order], people, squares().loc[order], **options)
    else:
        options["window"] = "irregular"
        one = lea.scan_statistic(counted(), people, graph=GRAPH, **options)
        other = lea.scan_statistic(counted(), people[order], graph=GRAPH.subset(order), **options)
    same(one, other)


@BOTH_WINDOWS
@pytest.mark.parametrize("model", ["poisson", "bernoulli"])
def test_the_number_of_threads_changes_nothing(monkeypatch, model, where):
    results = []
    for threads in ("1", "2", "4"):
        monkeypatch.setenv("LEA_GEO_THREADS", threads)
        results.append(lea.scan_statistic(counted(seed=5), PEOPLE, model=model, permutations=199, **where))
    same(results[0], results[1])
    same(results[0], results[2])


def test_grid_ids_and_their_squares_give_the_same_circles():
    same(lea.scan_statistic(planted(), PEOPLE, CELLS), lea.scan_statistic(planted(), PEOPLE, squares()))


def test_another_seed_draws_other_replicates():
    one, other = (lea.scan_statistic(planted(), PEOPLE, CELLS, seed=seed) for seed in (0, 1))
    assert one.maxima.tolist() != other.maxima.tolist()


def test_expected_numbers_serve_as_population_and_only_their_proportions_count():
    one = lea.scan_statistic(planted(), PEOPLE, CELLS)
    other = lea.scan_statistic(planted(), PEOPLE / 64, CELLS)
    assert other.clusters.loc[1, "areas"] == one.clusters.loc[1, "areas"]
    assert other.clusters.loc[1, "expected"] == pytest.approx(one.clusters.loc[1, "expected"])
    np.testing.assert_allclose(other.maxima, one.maxima, rtol=1e-9)


def test_progress_is_told_up_to_the_last_replicate():
    told: list[tuple[int, int]] = []
    lea.scan_statistic(planted(), PEOPLE, CELLS, progress=lambda done, of: told.append((done, of)))
    assert told[-1] == (999, 999)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


# --- edges ------------------------------------------------------------------------------------


def test_no_case_at_all_is_told_and_tests_nothing():
    found = lea.scan_statistic(pd.Series(0, CELLS), PEOPLE, CELLS)
    assert found.reason == "No area has a case, so there is nothing to find."
    assert list(found.clusters.columns) == list(CLUSTER_COLUMNS)
    assert len(found.clusters) == found.replicates == 0
    assert (found.table["label"] == "Undefined").all()
    assert found.table["p_value"].isna().all()


def test_everybody_a_case_is_told_and_tests_nothing():
    found = lea.scan_statistic(PEOPLE, PEOPLE, graph=GRAPH, model="bernoulli", window="irregular")
    assert found.reason == "Everybody is a case, so there is nothing to compare."


@pytest.mark.parametrize("model", ["poisson", "bernoulli"])
def test_all_cases_in_one_area_have_an_infinite_relative_risk(model):
    cases = pd.Series(0, CELLS)
    cases.iloc[9] = 6
    first = lea.scan_statistic(cases, PEOPLE, CELLS, model=model).clusters.loc[1]
    assert first["areas"] == (CELLS[9],)
    assert first["relative_risk"] == np.inf
    assert first["radius_m"] == 0.0
    assert first["log_likelihood_ratio"] > 0
    assert first["p_value"] == 0.001


def test_one_case_alone_is_never_significant_where_everybody_is_alike():
    # Wherever the case falls, its cell has the same ratio: every replicate ties with what was observed.
    cases = pd.Series(0, CELLS)
    cases.iloc[9] = 1
    found = lea.scan_statistic(cases, PEOPLE, CELLS)
    assert found.clusters.loc[1, "p_value"] == 1.0
    assert len(found.clusters) == 1


def test_equal_rates_everywhere_leave_no_window():
    found = lea.scan_statistic(pd.Series(5, CELLS), PEOPLE, graph=GRAPH, window="irregular")
    assert found.reason.startswith("No window has other than the expected number of cases")
    assert found.clusters.empty
    assert found.replicates == 0


def test_equal_rates_leave_no_window_either_where_the_expected_number_is_rounded():
    assert 49 * (3 / 147) < 1
    ids = CELLS[:49]
    found = lea.scan_statistic(pd.Series(1, ids), pd.Series(3, ids), ids, alternative="two-sided")
    assert found.clusters.empty


def test_areas_where_nobody_lives_are_in_no_window_and_do_no_harm():
    cases, people = planted(), PEOPLE.copy()
    cases.iloc[:3], people.iloc[:3] = 0, 0
    for where in ({"areas": CELLS}, {"graph": GRAPH, "window": "irregular"}):
        found = lea.scan_statistic(cases, people, **where)
        assert set(found.clusters.loc[1, "areas"]) == set(cross())
        assert "3 of 64 areas are in no window: nobody lives there." in found.notes
        assert (found.table["label"].iloc[:3] == "Undefined").all()
        assert (found.table["status"].iloc[:3] == "observed").all()


def test_missing_and_suppressed_areas_are_left_out_with_their_status():
    cases = planted().astype(float)
    cases.iloc[0] = np.nan
    status = pd.Series("observed", CELLS)
    status.iloc[[0, 1]] = ["missing", "suppressed"]
    found = lea.scan_statistic(cases, PEOPLE, CELLS, status=status)
    assert found.notes[:2] == (
        "1 of 64 areas are in no window: missing.",
        "1 of 64 areas are in no window: suppressed.",
    )
    assert found.table["label"].iloc[:2].tolist() == ["Undefined", "Undefined"]
    assert found.table["status"].iloc[:2].tolist() == ["missing", "suppressed"]
    left = lea.scan_statistic(cases.iloc[2:], PEOPLE.iloc[2:], CELLS[2:])
    pd.testing.assert_frame_equal(found.clusters, left.clusters)


def test_an_area_with_more_than_the_largest_share_is_in_no_window():
    people = PEOPLE.copy()
    people.iloc[0] = 100_000
    found = lea.scan_statistic(planted(), people, CELLS)
    assert "1 of 64 areas are in no window: each has more than 0.5 of all people." in found.notes
    assert all(CELLS[0] not in areas for areas in found.clusters["areas"])


def test_a_share_that_no_area_keeps_within_leaves_no_window():
    found = lea.scan_statistic(planted(), PEOPLE, CELLS, max_population=0.01)
    assert found.reason == "Every area has more than 0.01 of all people, so there is no window."


@pytest.mark.parametrize(("radius", "most"), [(500.0, 1), (1000.0, 5), (1500.0, 9)])
def test_no_circle_is_wider_than_the_largest_radius(radius, most):
    found = lea.scan_statistic(counted(), PEOPLE, CELLS, max_radius=radius, level=0.9)
    assert found.clusters["radius_m"].max() <= radius
    assert found.clusters["n_areas"].max() <= most


def test_the_table_joins_the_areas_in_any_order():
    found = lea.scan_statistic(planted(), PEOPLE, CELLS)
    joined = found.join_to(squares(CELLS[::-1]), prefix="scan_")
    assert set(joined.index[joined["scan_label"] == "High-High"]) == set(cross())
    assert joined.index.equals(CELLS[::-1])


def test_the_repr_says_what_was_found():
    found = lea.scan_statistic(planted(), PEOPLE, CELLS)
    assert repr(found).startswith("<ScanResult poisson, circular: 64 areas, ")
    assert ", 1 significant at 0.05 (999 replicates)>" in repr(found)


# --- what it refuses --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"model": "gamma"}, "model is 'gamma'; it must be one of bernoulli, poisson."),
        (
            {"window": "circle"},
            "window is 'circle'; it must be one of circular, irregular. Did you mean 'circular'?",
        ),
        ({"alternative": "more"}, "alternative is 'more'; it must be one of greater, less, two-sided."),
        ({"max_population": 1.0}, "max_population is 1.0; it must lie strictly between 0 and 1."),
        ({"max_radius": 0}, "max_radius is 0; it must be a distance in metres above 0."),
        ({"permutations": 0}, "permutations is 0; it must be a whole number of at least 1."),
        ({"seed": -1}, "seed is -1; it must be a whole number from 0 to 2**63 - 1."),
        ({"level": 1}, "level is 1; it must lie strictly between 0 and 1."),
        ({"areas": None}, "window='circular' needs to know where the areas are: give areas=."),
        ({"graph": GRAPH}, "window='circular' takes no graph; its windows are circles around the areas."),
        ({"window": "irregular"}, "window='irregular' needs the neighbours: give graph=."),
        (
            {"window": "irregular", "graph": GRAPH},
            "window='irregular' takes no areas; its windows follow the links of graph=.",
        ),
        (
            {"window": "irregular", "areas": None, "graph": GRAPH, "max_radius": 10.0},
            "max_radius belongs to window='circular'; irregular windows have no radius.",
        ),
        (
            {"areas": "Vantaa"},
            "areas is a str; circular windows need a GeoDataFrame indexed by",
        ),
        ({"cases": [1, 2, 3]}, "cases is a list; it must be a pandas Series indexed by area_id"),
    ],
)
def test_a_wrong_call_is_told_what_is_wrong(options, message):
    call = {"cases": planted(), "population": PEOPLE, "areas": CELLS} | options
    with pytest.raises(UsageError) as caught:
        lea.scan_statistic(**call)
    assert str(caught.value).startswith(message)


def test_all_that_is_wrong_with_the_counts_is_named_at_once():
    cases, people = planted().astype(float), PEOPLE.astype(float)
    cases.iloc[0], cases.iloc[1], people.iloc[2], people.iloc[3] = -1, 2.5, -5, 0
    with pytest.raises(ValuesError) as caught:
        lea.scan_statistic(cases, people, CELLS)
    told = str(caught.value)
    for fault in (
        f"negative cases: 1 of 64 ({CELLS[0]})",
        f"cases that are no whole numbers: 1 of 64 ({CELLS[1]})",
        f"negative population: 1 of 64 ({CELLS[2]})",
        f"cases where nobody lives: 1 of 64 ({CELLS[3]})",
    ):
        assert fault in told


def test_more_cases_than_people_and_parts_of_people_are_no_bernoulli_counts():
    people = PEOPLE.astype(float)
    people.iloc[0], people.iloc[1] = 1, 99.5
    with pytest.raises(ValuesError) as caught:
        lea.scan_statistic(planted(), people, CELLS, model="bernoulli")
    assert f"cases outnumber the population: 1 of 64 ({CELLS[0]})" in str(caught.value)
    assert f"populations that are no whole numbers: 1 of 64 ({CELLS[1]})" in str(caught.value)
    lea.scan_statistic(planted(), people, CELLS)  # as expected numbers they are


def test_more_people_than_can_be_drawn_from_are_refused():
    for model, people in (("bernoulli", 10**8), ("poisson", 1e307)):
        with pytest.raises(ValuesError, match=r"a population of .* in all\. It must be smaller"):
            lea.scan_statistic(planted(), pd.Series(people, CELLS), CELLS, model=model)


def test_ids_that_do_not_fit_are_named():
    with pytest.raises(
        ValuesError, match=f"areas of cases that population does not have: 1 of 64 .{CELLS[0]}"
    ):
        lea.scan_statistic(planted(), PEOPLE.iloc[1:], CELLS)
    with pytest.raises(AreasError, match=f"areas of cases that areas does not have: 1 of 64 .{CELLS[0]}"):
        lea.scan_statistic(planted(), PEOPLE, squares(CELLS[1:]))
    with pytest.raises(ValuesError, match=f"that the graph does not have: 1 of 64 .{CELLS[0]}"):
        lea.scan_statistic(planted(), PEOPLE, graph=GRAPH.subset(CELLS[1:]), window="irregular")
    twice = pd.concat([planted(), planted().iloc[:1]])
    with pytest.raises(ValuesError, match=f"duplicate area ids in cases: 1 .{CELLS[0]}"):
        lea.scan_statistic(twice, PEOPLE, CELLS)


def test_areas_in_degrees_or_without_a_shape_have_no_distances():
    with pytest.raises(AreasError, match="is not projected"):
        lea.scan_statistic(planted(), PEOPLE, squares().to_crs("EPSG:4326"))
    bare = squares()
    bare.loc[CELLS[0], "geometry"] = None
    with pytest.raises(AreasError, match=f"areas without a shape: 1 of 64 .{CELLS[0]}"):
        lea.scan_statistic(planted(), PEOPLE, bare)


def test_replicates_too_few_for_the_level_are_refused_with_the_number_needed():
    with pytest.raises(ResolutionError, match="Use at least 19 permutations"):
        lea.scan_statistic(planted(), PEOPLE, CELLS, permutations=18)
    lea.scan_statistic(planted(), PEOPLE, CELLS, permutations=19)


def test_circles_that_would_not_fit_into_memory_are_refused_with_what_they_need():
    ids = pd.Index([f"a{i:05d}" for i in range(17_000)], name="area_id")
    points = gpd.points_from_xy(np.arange(17_000.0), np.zeros(17_000))
    areas = gpd.GeoDataFrame(geometry=points, index=ids, crs="EPSG:3067")
    ones = pd.Series(1, ids)
    with pytest.raises(
        UsageError, match=r"need up to 1\.1 GB for neighbours; the limit is 1 GB\. Give max_radius"
    ):
        lea.scan_statistic(ones, ones * 9, areas)
    with pytest.raises(
        UsageError, match=r"with max_radius=10000 metres need up to 0\.9 GB|need up to 1\.\d GB"
    ):
        lea.scan_statistic(ones, ones * 9, areas, max_radius=16_000.0)
