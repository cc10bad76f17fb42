"""An index run again and again: what is drawn, what is counted, and that nobody's threads change it."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point

import lea_geo as lea
from lea_geo.composite_spec import Aggregate, CompositeSpec, Impute, Node, Normalise, Weighting
from lea_geo.errors import SpecError, UsageError, ValuesError
from lea_geo.robustness import runs as running
from lea_geo.robustness.plan import Setting
from lea_geo.robustness.runs import Tally, ranks
from lea_geo.robustness.streams import Key
from lea_geo.robustness.summary import tier_spans
from lea_geo.robustness_spec import RobustnessSpec
from lea_geo.spec import spec_from_dict

CODES = ("poor", "alone", "trust")
DIRECTIONS = ("weakens", "weakens", "protects")
FIXED = RobustnessSpec(
    runs=40,
    normalise=(),
    aggregate=(),
    weighting=(),
    impute=(),
    weights_within=0.0,
    leave_out=False,
    noise="none",
    hidden="none",
)
"""Nothing differs between runs."""


@pytest.fixture(scope="module")
def made():
    """60 areas, three rates with their counts; trust of five areas suppressed, alone of three missing."""
    rng = np.random.default_rng(11)
    ids = pd.Index([f"{i:05d}" for i in range(60)], name="area_id")
    level = rng.normal(0, 0.5, 60)
    table, counts, bounds = pd.DataFrame(index=ids), {}, {}
    for code, sign in zip(CODES, (1, 1, -1), strict=True):
        people = rng.integers(30, 400, 60).astype(float)
        rate = 1 / (1 + np.exp(1 - sign * level - rng.normal(0, 0.3, 60)))
        events = rng.binomial(people.astype(int), rate).astype(float)
        table[code] = 100 * events / people
        counts[code] = pd.DataFrame({"numerator": events, "denominator": people}, index=ids)
    table["trust_status"], table["alone_status"] = "observed", "observed"
    table.loc[ids[:5], ["trust", "trust_status"]] = [np.nan, "suppressed"]
    table.loc[ids[7:10], ["alone", "alone_status"]] = [np.nan, "missing"]
    bounds["trust"] = pd.DataFrame({"lower": np.nan, "upper": np.nan}, index=ids)
    bounds["trust"].loc[ids[:5]] = [10.0, 60.0]
    return table, counts, bounds


SPEC = CompositeSpec(
    indicators=tuple(Node(code, direction=way) for code, way in zip(CODES, DIRECTIONS, strict=True)),
    normalise=Normalise("min_max", low=1.0, high=100.0),
)


def run(made, how, spec=SPEC, **options):
    table, counts, bounds = made
    return lea.composite_robustness(table, spec, how, counts=counts, bounds=bounds, **options)


@pytest.fixture(scope="module")
def found(made):
    return run(made, RobustnessSpec(runs=150))


def test_ranks_begin_at_the_highest_share_the_best_place_and_are_0_without_a_score():
    assert ranks(np.array([2.0, 5.0, np.nan, 5.0, 1.0])).tolist() == [3, 1, 0, 1, 4]
    assert ranks(np.array([np.nan, np.nan])).tolist() == [0, 0]


def test_stated_weights_can_be_varied_too(made):
    """Equal weights are among those drawn; nothing uses the stated ones then."""
    nodes = tuple(
        replace(node, weight=weight) for node, weight in zip(SPEC.indicators, (3, 2, 1), strict=True)
    )
    spec = replace(SPEC, indicators=nodes, weighting=Weighting("stated"))
    found = run(made, RobustnessSpec(runs=20), spec)
    stated = lea.composite_index(made[0], spec).table["score"]
    assert found.table["score"].to_numpy() == pytest.approx(stated.to_numpy(), nan_ok=True)
    assert "weights" in found.sensitivity.index


def test_the_stated_index_is_that_of_composite_index(made, found):
    stated = lea.composite_index(made[0], SPEC).table
    assert found.table["score"].to_numpy() == pytest.approx(stated["score"].to_numpy(), nan_ok=True)
    assert found.table["rank"].to_numpy() == pytest.approx(stated["rank"].to_numpy(), nan_ok=True)


def test_any_number_of_workers_gives_the_same_bits(made, found):
    for workers in (1, 3):
        other = run(made, RobustnessSpec(runs=150), workers=workers)
        pd.testing.assert_frame_equal(other.table, found.table, check_exact=True)
        pd.testing.assert_frame_equal(other.shifts, found.shifts, check_exact=True)


def test_the_first_runs_of_many_are_the_runs_of_few(made, found):
    few = run(made, RobustnessSpec(runs=30))
    pd.testing.assert_frame_equal(few.runs.astype(str), found.runs.head(30).astype(str))


def test_another_seed_gives_other_runs(made, found):
    other = run(made, RobustnessSpec(runs=150, seed=1))
    assert (other.table["p_worst_decile"] != found.table["p_worst_decile"]).any()


def test_where_nothing_differs_every_run_is_the_stated_index(made):
    same = run(made, FIXED).table
    for column in ("score_lower", "score_median", "score_upper", "score_mean"):
        assert same[column].to_numpy() == pytest.approx(same["score"].to_numpy(), rel=1e-6, nan_ok=True)
    for column in ("rank_lower", "rank_median", "rank_upper", "rank_mean"):
        assert same[column].to_numpy() == pytest.approx(same["rank"].to_numpy(), nan_ok=True)
    # 60 areas: the worst tenth are six; fifths have twelve areas each
    assert (same["p_worst_decile"] == (same["rank"] <= 6)).all()
    assert (same["tier_lower"] == np.ceil(same["rank"] / 12)).all()
    assert (same["tier_upper"] == same["tier_lower"]).all()
    assert (same["moved_by"] == "").all()
    assert (same["ranked"] == 1).all()


def test_the_worst_are_the_lowest_where_a_high_score_protects(made):
    protects = run(made, replace(FIXED, worst=4), replace(SPEC, high="protects")).table
    weakens = run(made, replace(FIXED, worst=4)).table
    assert (protects["rank"] >= 57)[protects["p_worst"] == 1].all()
    assert weakens["p_worst"].sum() == protects["p_worst"].sum() == 4
    assert (protects["p_worst_decile"] == (protects["rank"] > 54)).all()


def test_areas_that_tie_for_the_last_place_are_all_among_the_worst():
    tally = Tally.empty(1, 5)
    scores = np.array([3.0, 2.0, 1.0, 1.0, 1.0])
    tally.count(0, scores, ranks(scores), 1, -1.0)
    assert tally.worst[0].tolist() == [0, 0, 1, 1, 1]
    # ranks 1, 2, 3, 3, 3 of 5: fifths 1, 2, 3, 3, 3
    assert tally.tiers[0].argmax(axis=1).tolist() == [0, 1, 2, 2, 2]


def test_the_smallest_span_that_holds_is_found_and_the_likelier_of_two():
    counts = np.array([[95, 5, 0, 0, 0], [60, 32, 8, 0, 0], [5, 45, 46, 4, 0], [25, 25, 20, 20, 10], [0] * 5])
    lower, upper = tier_spans(counts, 0.9)
    # 95; 60 + 32 = 92; 45 + 46 = 91; 25 + 25 + 20 + 20 = 90; no run
    assert lower[:4].tolist() == [1, 1, 2, 1]
    assert upper[:4].tolist() == [1, 2, 3, 4]
    assert np.isnan(lower[4])
    assert np.isnan(upper[4])


def test_what_is_said_of_an_area_counts_its_runs(made):
    """Every number of the table from the scores of every run, by numpy's own quantiles."""
    found = run(made, RobustnessSpec(runs=41, worst=9))
    plan = found.trial.plan
    keys = [plan.setting([Key(i)] * 7) for i in range(41)]
    scores = np.array([plan.scores(one)[0] for one in keys])
    rank = np.array([pd.Series(one).rank(ascending=False, method="min") for one in scores])
    table = found.table
    for name, cells in (("score", scores), ("rank", rank)):
        for which, share in (("lower", 0.05), ("median", 0.5), ("upper", 0.95)):
            # numpy's "inverted_cdf" is the value at place ceil(share m)
            wanted = np.nanquantile(cells, share, axis=0, method="inverted_cdf")
            assert table[f"{name}_{which}"].to_numpy() == pytest.approx(wanted, rel=1e-6)
        assert table[f"{name}_mean"].to_numpy() == pytest.approx(np.nanmean(cells, axis=0), rel=1e-6)
    # of the runs that give the area a score
    among = np.where(np.isnan(rank), np.nan, rank <= 9)
    assert table["p_worst"].to_numpy() == pytest.approx(np.nanmean(among, axis=0))
    assert table["ranked"].to_numpy() == pytest.approx((~np.isnan(rank)).mean(axis=0))


def test_the_stated_method_is_always_among_those_drawn(made):
    how = RobustnessSpec(
        runs=200,
        normalise=(Normalise("rank"),),
        aggregate=(Aggregate("geometric"),),
        impute=(Impute("mean"),),
    )
    chosen = run(made, how)
    assert chosen.choices["normalise"] == ("min_max (low 1, high 100)", "rank")
    assert chosen.choices["aggregate"] == ("arithmetic", "geometric")
    assert chosen.choices["impute"] == ("none", "mean")
    assert chosen.choices["indicators"] == ("", *CODES)
    shares = chosen.runs["normalise"].value_counts(normalize=True)
    assert shares.to_numpy() == pytest.approx([0.5, 0.5], abs=0.11)  # 3 standard errors of 200 draws
    assert set(chosen.runs["left_out"]) == {"", *CODES}


def test_what_fits_the_index_is_chosen_where_nothing_is_named(made):
    positive = run(made, RobustnessSpec(runs=1)).choices
    assert positive["aggregate"] == ("arithmetic", "geometric")
    assert positive["normalise"] == ("min_max (low 1, high 100)", "rank")  # z-scores have no geometric mean
    free = run(made, RobustnessSpec(runs=1), replace(SPEC, normalise=Normalise("z"))).choices
    assert free["aggregate"] == ("arithmetic",)
    assert free["normalise"] == ("z", "min_max (low 1, high 100)", "rank")


def test_pairs_that_mean_nothing_are_refused_before_any_run_with_the_cure(made):
    how = RobustnessSpec(normalise=(Normalise("z"),), aggregate=(Aggregate("geometric"),))
    with pytest.raises(SpecError) as refused:
        run(made, how)
    text = str(refused.value)
    assert "The index cannot be run in all the ways that are asked for." in text
    assert "normalise z with aggregate geometric" in text
    assert "leave one of the two out of [robustness]" in text
    assert "normalise min_max" not in text


def test_scores_of_other_methods_are_put_on_the_stated_scale(made):
    found = run(made, replace(FIXED, runs=30, normalise=(Normalise("z"),)))
    plan = found.trial.plan
    stated, other = (plan.scores(Setting(normalise=at))[0] for at in (0, 1))
    assert np.nanmean(other) == pytest.approx(np.nanmean(stated))
    assert np.nanstd(other) == pytest.approx(np.nanstd(stated))
    assert not np.allclose(other, stated, equal_nan=True)


def test_a_run_without_an_indicator_is_the_index_without_it(made):
    plan = run(made, replace(FIXED, runs=1, leave_out=True)).trial.plan
    without = replace(SPEC, indicators=SPEC.indicators[1:])
    wanted = lea.composite_index(made[0], without).table["score"].to_numpy()
    found = plan.own_scores(Setting(left_out=1))[0]
    both = ~np.isnan(wanted) & ~np.isnan(found)
    assert both.sum() > 50
    assert found[both] == pytest.approx(wanted[both])


def test_weights_stay_within_their_share(made):
    plan = run(made, replace(FIXED, runs=1, weights_within=0.3)).trial.plan
    factors = np.array([plan.factors(plan.setting([Key(i)] * 7)) for i in range(200)])
    assert factors.min() >= 0.7
    assert factors.max() <= 1.3
    assert factors.std() == pytest.approx(0.6 / np.sqrt(12), rel=0.05)  # uniform on (0.7, 1.3)


def test_what_alone_moves_an_area_is_named(made):
    noise = run(made, replace(FIXED, noise="joint")).table
    assert set(noise["moved_by"]) <= {"noise", ""}
    hidden = run(made, replace(FIXED, hidden="uniform")).table
    assert (hidden["moved_by"].iloc[:5] == "hidden").all()
    left = run(made, replace(FIXED, leave_out=True)).table
    assert set(left["moved_by"]) == {"indicators"}
    assert set(left["moved_by_code"]) <= set(CODES)


def test_the_indicator_that_moves_an_area_most_is_the_one_without_which_it_moves_most(made):
    left = run(made, replace(FIXED, leave_out=True))
    stated = left.table["rank"]
    shift = pd.DataFrame(
        {
            code: (
                lea.composite_index(
                    made[0],
                    replace(SPEC, indicators=tuple(node for node in SPEC.indicators if node.code != code)),
                ).table["rank"]
                - stated
            ).abs()
            for code in CODES
        }
    )
    complete = made[0][list(CODES)].notna().all(axis=1)
    largest = shift.max(axis=1)[complete]
    named = pd.Series(
        [shift.loc[i, left.table.loc[i, "moved_by_code"]] for i in largest.index], largest.index
    )
    assert (named == largest).all()


def test_gaps_without_bounds_stay_gaps_and_are_counted(made):
    table, counts, _ = made
    found = lea.composite_robustness(table, SPEC, RobustnessSpec(runs=3), counts=counts)
    assert "hidden" not in found.sensitivity.index
    assert any("5 suppressed values have no bounds" in note for note in found.notes)


def test_indicators_without_counts_have_no_noise_and_are_named(made):
    table, counts, bounds = made
    some = {code: counts[code] for code in ("poor", "alone")}
    found = lea.composite_robustness(table, SPEC, RobustnessSpec(runs=3), counts=some, bounds=bounds)
    assert any(note.endswith("trust.") and "Taken as known" in note for note in found.notes)
    errors = pd.DataFrame({"trust": 2.0}, index=table.index)
    other = lea.composite_robustness(
        table, SPEC, RobustnessSpec(runs=3), counts=some, bounds=bounds, standard_errors=errors
    )
    assert not any("Taken as known" in note for note in other.notes)


def test_more_than_fits_in_memory_is_kept_in_a_file_and_is_the_same(made, found, monkeypatch):
    monkeypatch.setattr(running, "MOST_IN_MEMORY", 1000)
    other = run(made, RobustnessSpec(runs=150))
    pd.testing.assert_frame_equal(other.table, found.table, check_exact=True)


def test_ledgers_have_a_table_each(made):
    two = run(made, RobustnessSpec(runs=20), replace(SPEC, ledgers=True))
    assert set(two.tables) == {"load", "resource"}
    # few resources are the worst, much load is
    stated = two.tables["resource"]
    assert stated.loc[stated["rank"] == 1, "p_worst_decile"].iloc[0] < 0.5
    stated = two.tables["load"]
    assert stated.loc[stated["rank"] == 1, "p_worst_decile"].iloc[0] > 0.5


def test_groups_can_be_asked_for(made):
    spec = replace(
        SPEC,
        indicators=tuple(
            replace(node, parent="a" if node.code == "trust" else "b") for node in SPEC.indicators
        ),
        groups=(Node("a"), Node("b")),
    )
    found = run(made, RobustnessSpec(runs=20), spec, nodes=("b", "index"))
    assert list(found.tables) == ["b", "index"]
    assert found.table.equals(found.tables["b"])
    with pytest.raises(UsageError, match="a name in nodes is 'c'"):
        run(made, RobustnessSpec(runs=20), spec, nodes=("c",))


def test_sobol_indices_of_one_factor_are_all_its_own(made):
    found = run(made, replace(FIXED, noise="sampling", runs=1)).sobol(rows=40)
    assert list(found.index.index) == ["noise"]
    assert found.index.loc["noise", "first"] == pytest.approx(1)
    varied = found.table["variance"] > 0
    assert found.table.loc[varied, "noise_first"].to_numpy() == pytest.approx(1)
    assert found.evaluations == 40 * 3


def test_sobol_indices_are_the_same_for_any_number_of_workers_and_for_both_calls(made):
    table, counts, bounds = made
    how = RobustnessSpec(runs=1)
    first = run(made, how).sobol(rows=16, workers=1)
    other = lea.composite_sensitivity(table, SPEC, how, rows=16, counts=counts, bounds=bounds, workers=3)
    pd.testing.assert_frame_equal(first.index, other.index, check_exact=True)
    pd.testing.assert_frame_equal(first.table, other.table, check_exact=True)
    assert (first.index["total_error"] > 0).all()
    assert len(first.join_to(_areas(table))) == 60


def _areas(table):
    return gpd.GeoDataFrame(geometry=[Point(0, i) for i in range(len(table))], index=table.index, crs=3067)


def test_results_join_to_areas(made, found):
    joined = found.join_to(_areas(made[0]), prefix="sure_")
    assert joined["sure_p_worst"].equals(found.table["p_worst"])
    assert "60 areas, 150 runs" in repr(found)


def test_a_progress_bar_is_drawn_only_where_it_is_asked_for(made, capfd):
    silent = run(made, replace(FIXED, runs=9))
    assert capfd.readouterr().err == ""
    watched = run(made, replace(FIXED, runs=9), progress=True)
    pd.testing.assert_frame_equal(silent.table, watched.table)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"runs": 0}, "runs is 0"),
        ({"noise": "join"}, "Did you mean 'joint'"),
        ({"hidden": "all"}, "hidden is 'all'"),
        ({"holds": 1.0}, "holds is 1.0"),
        ({"worst": 0}, "worst is 0"),
        ({"weights_within": 1.5}, "weights_within is 1.5"),
        ({"seed": -1}, "seed is -1"),
    ],
)
def test_settings_out_of_range_are_refused(made, change, message):
    with pytest.raises(UsageError, match=message):
        run(made, replace(FIXED, **change))


def test_what_is_no_robustness_spec_and_no_worker_is_refused(made):
    with pytest.raises(UsageError, match="how is a dict; it must be a RobustnessSpec"):
        run(made, {"runs": 3})
    with pytest.raises(UsageError, match="workers is 0"):
        run(made, FIXED, workers=0)


def test_counts_that_do_not_give_the_values_are_refused(made):
    table, counts, bounds = made
    wrong = {
        **counts,
        "poor": counts["poor"].assign(numerator=lambda t: t["numerator"].iloc[::-1].to_numpy()),
    }
    with pytest.raises(ValuesError, match="values of poor that its counts do not give"):
        lea.composite_robustness(table, SPEC, FIXED, counts=wrong, bounds=bounds)


def test_counts_of_other_areas_are_refused_and_any_order_is_aligned(made, found):
    table, counts, bounds = made
    turned = {code: frame.iloc[::-1] for code, frame in counts.items()}
    same = lea.composite_robustness(table, SPEC, RobustnessSpec(runs=150), counts=turned, bounds=bounds)
    pd.testing.assert_frame_equal(same.table, found.table)
    with pytest.raises(ValuesError, match="areas of the table that counts"):
        lea.composite_robustness(table, SPEC, FIXED, counts={"poor": counts["poor"].iloc[1:]}, bounds=bounds)
    with pytest.raises(ValuesError, match="is no DataFrame with columns numerator and denominator"):
        lea.composite_robustness(table, SPEC, FIXED, counts={"poor": bounds["trust"]})
    with pytest.raises(UsageError, match="counts must be a mapping"):
        lea.composite_robustness(table, SPEC, FIXED, counts=counts["poor"]["numerator"].to_numpy())
    with pytest.raises(UsageError, match="standard_errors must be a DataFrame"):
        lea.composite_robustness(table, SPEC, FIXED, standard_errors={"poor": 2.0})


def test_bounds_that_contradict_themselves_are_refused(made):
    table, counts, bounds = made
    wrong = {"trust": bounds["trust"].rename(columns={"lower": "upper", "upper": "lower"})}
    with pytest.raises(ValuesError, match="bounds of trust whose lower end is above the upper: 5 of 60"):
        lea.composite_robustness(table, SPEC, FIXED, counts=counts, bounds=wrong)


def test_a_study_file_says_what_is_varied_and_is_written_back(tmp_path):
    (tmp_path / "areas.gpkg").touch()
    (tmp_path / "table.csv").touch()
    said = {
        "study": {"name": {"fi": "a", "sv": "b", "en": "c"}},
        "areas": {"path": "areas.gpkg", "area_id": "id"},
        "tables": [{"path": "table.csv", "area_id": "id"}],
        "composite": {"levels": ["domain"]},
        "robustness": {
            "runs": 500,
            "normalise": ["z", {"method": "min_max", "low": 1.0}],
            "aggregate": [],
            "leave_out": False,
            "weights_within": 0,
        },
    }
    spec = spec_from_dict(said, folder=tmp_path)
    assert spec.robustness == RobustnessSpec(
        runs=500,
        normalise=(Normalise("z"), Normalise("min_max", low=1.0)),
        aggregate=(),
        leave_out=False,
        weights_within=0.0,
    )
    assert spec_from_dict(spec.as_dict(), folder=tmp_path) == spec
    said["robustness"] = {
        "runs": -1,
        "noise": "joined",
        "normalise": "z",
        "aggregate": [{"method": "geo"}],
        "x": 1,
    }
    with pytest.raises(SpecError) as refused:
        spec_from_dict(said, folder=tmp_path)
    for part in (
        "[robustness] runs",
        'Did you mean "joint"',
        "a list of methods",
        "aggregate 1",
        "unknown key 'x'",
    ):
        assert part in str(refused.value)


def test_weightings_can_be_alternatives(made):
    found = run(made, replace(FIXED, runs=60, weighting=(Weighting("pca"),)))
    assert found.choices["weights"] == ("equal", "pca")
    assert list(found.sensitivity.index) == ["weights"]


def test_an_indicator_that_is_the_same_everywhere_is_refused_as_in_the_index(made):
    with pytest.raises(ValuesError, match="all values equal"):
        lea.composite_robustness(made[0].assign(poor=4.0), SPEC, FIXED)


def test_few_areas_and_few_events_are_no_reason_to_fail():
    ids = pd.Index(["1", "2", "3", "4"], name="area_id")
    spec = replace(SPEC, indicators=SPEC.indicators[:2])
    for events in ([[0, 0], [0, 0], [0, 0], [1, 1]], [[9, 9], [9, 9], [9, 8], [8, 9]]):
        table = pd.DataFrame(np.array(events) / 9.0, ids, CODES[:2])
        counts = {
            code: pd.DataFrame({"numerator": np.array(events)[:, j], "denominator": 9.0}, ids)
            for j, code in enumerate(table)
        }
        found = lea.composite_robustness(table, spec, RobustnessSpec(runs=20), counts=counts).table
        assert found["rank_mean"].between(1, 4).all()


def test_a_table_of_indicators_brings_its_own_counts_and_bounds(tmp_path):
    rng = np.random.default_rng(2)
    rows = [
        f"{100 + i:05d},{rng.integers(30, 90)},{rng.integers(0, 30)},{rng.integers(5, 25)}" for i in range(12)
    ]
    rows[3] = "00103,40,,7"
    path = tmp_path / "paavo.csv"
    path.write_text("postinumero,hr_tuy,hr_pi_tul,hr_hy_tul\n" + "\n".join(rows) + "\n")
    table = lea.read_indicators(path, area_id="postinumero")
    spec = CompositeSpec(indicators=(Node("low_income_residents"),))
    found = lea.composite_robustness(table, spec, RobustnessSpec(runs=40))
    assert {"noise", "hidden"} <= set(found.sensitivity.index)
    assert found.table.loc["00103", "ranked"] == 1
    assert np.isnan(found.table.loc["00103", "rank"])
    values = found.trial.plan.values(found.trial.plan.setting([Key(0)] * 7))
    assert 0 <= values[3, 0] <= 100 * 40 / 40


def test_hidden_values_are_drawn_where_they_are_likely_also_without_noise(made):
    found = run(made, replace(FIXED, hidden="joint"))
    plan = found.trial.plan
    assert plan.noise is None
    drawn = np.array([plan.values(plan.setting([Key(i)] * 7))[:5, 2] for i in range(200)])
    assert drawn.min() >= 10
    assert drawn.max() <= 60
    # uniform on (10, 60) would have a deviation of 50 / sqrt(12) = 14.4
    assert drawn.std(axis=0).max() < 13
    assert (found.table["moved_by"].iloc[:5] == "hidden").all()
