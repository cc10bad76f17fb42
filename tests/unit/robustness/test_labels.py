"""Verdicts on labels: what turns them, what does not, and what is refused."""

import numpy as np
import pandas as pd
import pytest

import lea_geo as lea
from lea_geo.errors import UsageError, ValuesError

SIDE = 8
ROW, COLUMN = np.divmod(np.arange(SIDE * SIDE), SIDE)
GRAPH = lea.build_graph((26_700 + ROW, 1200 + COLUMN), "lattice")
IDS = GRAPH.ids
CORNER = (ROW < 3) & (COLUMN < 3)
MIDDLE = IDS[(ROW == 1) & (COLUMN == 1)][0]
FAR = IDS[(ROW == 6) & (COLUMN == 6)][0]
SHARES = [
    "share_high_high",
    "share_low_low",
    "share_high_low",
    "share_low_high",
    "share_not_significant",
]


def counted(people: int) -> pd.DataFrame:
    """Return 40 % in a corner of nine cells and about 10 % elsewhere, among so many people in each cell."""
    share = np.where(CORNER, 0.4, 0.1 + 0.02 * ((5 * ROW + 3 * COLUMN) % 3 - 1))
    return pd.DataFrame({"numerator": np.round(share * people), "denominator": float(people)}, IDS)


def values_of(counts: pd.DataFrame) -> pd.Series:
    return 100 * counts["numerator"] / counts["denominator"]


VALUES = values_of(counted(1000))


def strangers() -> lea.AreaGraph:
    """Return a graph in which every cell's neighbours are the cells four rows further, on a ring."""
    links = (np.arange(SIDE * SIDE)[:, np.newaxis] + np.array([3, 4, 5]) * SIDE + 4) % (SIDE * SIDE)
    return lea.AreaGraph(
        IDS, np.arange(0, 3 * SIDE * SIDE + 1, 3), np.sort(links, axis=1).ravel(), np.ones(links.size)
    )


def test_a_clear_cluster_with_many_people_is_firm_and_with_few_it_cannot_be_said():
    many, few = counted(1000), counted(10)
    firm = lea.label_robustness(VALUES, GRAPH, counts=many, scale=100, runs=50)
    assert firm.table.loc[MIDDLE, ["label", "verdict", "depends_on"]].tolist() == ["High-High", "firm", ""]
    assert firm.table.loc[MIDDLE, "p_hot"] == firm.table.loc[MIDDLE, "share"] == 1.0
    assert firm.judged == ("noise",)
    unsure = lea.label_robustness(values_of(few), GRAPH, counts=few, scale=100, runs=50, noise="sampling")
    edge = unsure.table.loc[unsure.table["label"] == "High-High"].sort_values("share").iloc[0]
    assert (edge["verdict"], edge["depends_on"]) == ("unsure", "noise")


def test_a_label_that_another_graph_does_not_give_depends_on_the_graph():
    found = lea.label_robustness(
        VALUES,
        GRAPH,
        graphs={"same": GRAPH, "strangers": strangers()},
        counts=counted(1000),
        scale=100,
        runs=20,
    )
    assert found.table.loc[MIDDLE, ["verdict", "depends_on"]].tolist() == ["depends", "graph"]
    within = found.within["local_moran"].loc[MIDDLE]
    assert within["as stated"] == within["graph: same"] == 1.0
    assert within["graph: strangers"] < 0.9
    assert found.table.loc[MIDDLE, "share"] == pytest.approx(within.mean())


def test_a_graph_in_another_order_of_ids_is_aligned():
    turned = GRAPH.subset(IDS[::-1])
    found = lea.label_robustness(VALUES, GRAPH, graphs={"turned": turned})
    assert (found.within["local_moran"]["graph: turned"] == 1.0).all()


def blocks(size: int) -> lea.Division:
    """Return larger cells of so many by so many, and who lies in which."""
    row, column = ROW // size, COLUMN // size
    zone = pd.Series([f"z{r}{c}" for r, c in zip(row, column, strict=True)])
    zones = pd.Index(sorted(set(zone)), dtype="str")
    at = np.array([[int(z[1]), int(z[2])] for z in zones])
    near = np.abs(at[:, np.newaxis] - at).max(axis=2) == 1
    indptr = np.concatenate([[0], np.cumsum(near.sum(axis=1))])
    graph = lea.AreaGraph(zones, indptr, np.nonzero(near)[1], np.ones(int(near.sum())))
    return lea.Division(graph, pd.DataFrame({"area_id": IDS, "zone": zone}))


def test_a_cluster_that_larger_areas_swallow_depends_on_the_scale():
    found = lea.label_robustness(VALUES, GRAPH, scales={"500 m": blocks(2), "1 km": blocks(4)})
    within = found.within["local_moran"].loc[MIDDLE]
    # Sixteen blocks of four: nothing of so few survives the correction; four of sixteen cells even less.
    assert within["scale: 1 km"] == 0.0
    assert found.table.loc[MIDDLE, ["verdict", "depends_on"]].tolist() == ["depends", "scale"]
    assert found.table.loc[FAR, ["verdict", "depends_on"]].tolist() == ["firm", ""]
    assert found.judged == ("scale",)


def test_larger_areas_have_the_mean_of_their_people_and_not_of_their_areas():
    counts = counted(1000)
    counts.loc[IDS[0]] = [90_000.0, 100_000.0]  # 90 % of a hundred times as many
    values = values_of(counts)
    division = blocks(2)
    weighed = lea.label_robustness(
        values, GRAPH, scales={"500 m": division}, counts=counts, scale=100, noise="none"
    )
    zones = division.membership.set_index("area_id")["zone"]
    sums = counts.groupby(zones.reindex(IDS)).sum()
    own = lea.Division(division.graph, division.membership, values=values_of(sums).rename_axis(None))
    given = lea.label_robustness(values, GRAPH, zonings={"500 m": own})
    pd.testing.assert_series_equal(
        weighed.within["local_moran"]["scale: 500 m"],
        given.within["local_moran"]["zoning: 500 m"],
        check_names=False,
    )


def test_an_area_takes_the_labels_of_zones_by_its_shares_in_them():
    plain = blocks(1)
    zone = plain.membership["zone"]
    table = plain.membership.assign(share=0.75)
    # A quarter of the middle of the cluster lies in the far cell's zone, where nothing is significant.
    far = zone[IDS == FAR].iloc[0]
    more = pd.DataFrame({"area_id": [MIDDLE], "zone": [far], "share": [0.25]})
    division = lea.Division(
        plain.graph,
        pd.concat([table, more], ignore_index=True),
        values=pd.Series(VALUES.to_numpy(), zone.to_numpy()),
    )
    found = lea.label_robustness(VALUES, GRAPH, zonings={"shifted": division})
    within = found.within["local_moran"]["zoning: shifted"]
    assert within[MIDDLE] == 0.75
    assert (within.drop(MIDDLE) == 1.0).all()
    assert found.table.loc[MIDDLE, "depends_on"] == "zoning"


def test_too_few_zones_say_nothing_and_are_named():
    found = lea.label_robustness(VALUES, GRAPH, scales={"whole": blocks(8)})
    assert found.judged == ()
    assert any("scale whole: fewer than four zones" in note for note in found.notes)


def hiding(*places: str) -> dict:
    values = VALUES.copy()
    values[list(places)] = np.nan
    status = pd.Series("observed", IDS)
    status[list(places)] = "suppressed"
    bounds = pd.DataFrame(np.nan, IDS, ["lower", "upper"])
    return {"values": values, "graph": GRAPH, "status": status, "bounds": bounds, "fdr": 0.1}


def test_a_hidden_value_that_no_admissible_value_of_which_matters_leaves_a_label_firm():
    world = hiding(FAR)
    world["bounds"].loc[FAR] = 8.0, 12.0
    found = lea.label_robustness(**world, runs=20)
    row = found.table.loc[MIDDLE]
    assert (row["verdict"], row["holds_everywhere"], row["hidden_changes"]) == ("firm", True, False)
    assert found.judged == ("hidden",)


def test_a_hidden_neighbour_makes_a_label_unsure_where_it_can_turn_it_and_not_where_it_cannot():
    near = IDS[(ROW == 1) & (COLUMN == 2)][0]
    world = hiding(near)
    world["bounds"].loc[near] = 0.0, 100.0  # (7 * 40 + 0) / 8 = 35 is far above the mean of about 14
    found = lea.label_robustness(**world, runs=20)
    assert found.table.loc[MIDDLE, "verdict"] == "firm"
    world["bounds"].loc[near] = -500.0, 100.0  # (7 * 40 - 500) / 8 is below it
    found = lea.label_robustness(**world, runs=20)
    assert found.table.loc[MIDDLE, ["verdict", "depends_on"]].tolist() == ["unsure", "hidden"]
    assert found.table.loc[near, ["label", "verdict"]].tolist() == ["Undefined", ""]


def test_far_values_without_narrow_bounds_spoil_everything_everywhere_and_nothing_nearby():
    world = hiding(FAR)
    world["bounds"].loc[FAR] = 0.0, 3000.0
    everywhere = lea.label_robustness(**world, runs=20).table.loc[MIDDLE]
    nearby = lea.label_robustness(**world, hidden="nearby", runs=20).table.loc[MIDDLE]
    assert (everywhere["verdict"], everywhere["depends_on"]) == ("unsure", "hidden")
    assert everywhere["hidden_changes"]
    assert nearby["verdict"] == "firm"


def test_beside_a_value_of_which_nothing_is_known_no_label_is_firm():
    near = IDS[(ROW == 1) & (COLUMN == 2)][0]
    found = lea.label_robustness(**hiding(near), hidden="nearby", runs=20)
    assert found.table.loc[MIDDLE, "depends_on"] == "hidden"
    assert found.table.loc[FAR, "verdict"] == "firm"
    assert any("Nothing is known of an end of 1 hidden value" in note for note in found.notes)


def drawn(rows: int, cluster: float) -> np.ndarray:
    """Return draws around the values, with so much in the corner."""
    random = np.random.default_rng(3)
    base = np.where(CORNER, cluster, VALUES.to_numpy())
    return base + random.normal(scale=0.1, size=(rows, SIDE * SIDE))


def test_a_composite_whose_method_makes_its_cluster_depends_on_the_method():
    draws = pd.DataFrame(np.concatenate([drawn(25, 40.0), drawn(25, 10.0)]), columns=IDS)
    choices = pd.DataFrame({"normalise": [""] * 25 + ["rank"] * 25, "weights": ""})
    found = lea.label_robustness(VALUES, GRAPH, draws=draws, choices=choices)
    assert found.table.loc[MIDDLE, ["verdict", "depends_on"]].tolist() == ["depends", "method"]
    assert found.within["local_moran"].loc[MIDDLE, "method: normalise rank"] == 0.0
    assert found.judged == ("noise", "method")
    rare = choices.assign(normalise=[""] * 45 + ["rank"] * 5)
    few = lea.label_robustness(VALUES, GRAPH, draws=draws, choices=rare)
    assert any("normalise rank: only 5 runs" in note for note in few.notes)


def test_an_area_without_a_score_in_a_run_is_left_out_of_that_run_only():
    draws = pd.DataFrame(drawn(40, 40.0), columns=IDS)
    draws.loc[:19, FAR] = np.nan
    found = lea.label_robustness(VALUES, GRAPH, draws=draws)
    assert found.table.loc[[MIDDLE, FAR], "share"].tolist() == [1.0, 1.0]


def test_the_draws_of_an_index_hold_every_other_choice_one_at_a_time():
    random = np.random.default_rng(1)
    table = pd.DataFrame({"poor": VALUES, "alone": VALUES + random.normal(scale=2, size=len(IDS))}, IDS)
    said = {"indicators": [{"code": code, "direction": "weakens"} for code in table]}
    counts = {"poor": counted(1000).assign(numerator=VALUES * 10)}
    ran = lea.composite_robustness(table, said, lea.RobustnessSpec(runs=20), counts={"poor": counts["poor"]})
    draws = lea.index_draws(ran, runs=20)
    blank = (draws.choices == "").sum(axis=1)
    assert set(blank) == {4, 5}, "one step differs, or none"
    assert draws.varied == ("noise",)
    np.testing.assert_array_equal(draws.draw(3), draws.draw(3))
    stated = ran.table["score"]
    assert np.abs(draws.draw(0) - stated).max() < 0.2 * (stated.max() - stated.min())
    found = lea.label_robustness(draws.values, GRAPH, draws=draws)
    assert found.judged == ("noise", "method")
    assert found.table.loc[MIDDLE, "label"] == "High-High"
    with pytest.raises(UsageError, match="node is 'poorest'"):
        lea.index_draws(ran, node="poorest")


def test_nothing_looked_at_is_said_to_be_nothing():
    found = lea.label_robustness(VALUES, GRAPH)
    assert found.judged == ()
    assert (found.table["share"] == 1.0).all()


def test_two_statistics_share_a_table_and_each_has_its_own():
    found = lea.label_robustness(VALUES, GRAPH, statistic=("local_moran", "local_g_star"))
    assert {"local_moran_verdict", "local_g_star_depends_on"} <= set(found.table)
    assert list(found.of("local_g_star")) == list(lea.label_robustness(VALUES, GRAPH).table)
    assert found.of("local_g_star").loc[MIDDLE, "label"] == "High-High"
    assert "local_moran: 64 firm" in repr(found)
    assert list(found.study_columns()) == [
        f"{name}_{column}" for name in found.statistics for column in ("share", "verdict", "depends_on")
    ]


def test_stated_labels_are_those_of_the_statistics():
    found = lea.label_robustness(VALUES, GRAPH, statistic=("local_moran", "local_g_star"), fdr=0.2)
    for name, table in (
        ("local_moran", lea.local_moran(VALUES, GRAPH, fdr=0.2).table),
        ("local_g_star", lea.local_g(VALUES, GRAPH, star=True, fdr=0.2).table),
    ):
        assert (found.of(name)["label"] == table["label"]).all()


def test_isolates_and_areas_without_a_value_have_no_verdict():
    lonely = GRAPH.subset(IDS[:63])
    graph = lea.AreaGraph(IDS, np.append(lonely.indptr, lonely.indptr[-1]), lonely.indices, lonely.weights)
    found = lea.label_robustness(VALUES, graph, counts=counted(1000), scale=100, runs=20)
    last = found.table.loc[IDS[63]]
    assert (last["label"], last["verdict"], last["depends_on"]) == ("Isolate", "", "")
    assert np.isnan(last["share"])


def test_values_that_are_all_the_same_have_no_verdict():
    found = lea.label_robustness(pd.Series(1.0, IDS), GRAPH)
    assert (found.table["label"] == "Undefined").all()
    assert (found.table["verdict"] == "").all()


def test_runs_by_the_stated_law_agree_with_runs_by_the_fast_one():
    options = {"counts": counted(50), "scale": 100, "runs": 20, "noise": "sampling"}
    values = values_of(counted(50))
    fast = lea.label_robustness(values, GRAPH, **options)
    same = lea.label_robustness(values, GRAPH, law="same", **options)
    assert np.abs(fast.table[SHARES] - same.table[SHARES]).to_numpy().max() <= 0.1
    assert fast.agreement["local_moran"] == 1.0


def test_unequal_weights_are_labelled_by_the_normal_law_and_prove_nothing_beside_hidden_values():
    graph = lea.AreaGraph(IDS, GRAPH.indptr, GRAPH.indices, 1.0 + np.arange(GRAPH.n_links) % 3)
    near = IDS[(ROW == 1) & (COLUMN == 2)][0]
    world = hiding(near) | {"graph": graph, "hidden": "nearby"}
    world["bounds"].loc[near] = 39.0, 41.0
    found = lea.label_robustness(**world, runs=20)
    assert found.table.loc[MIDDLE, "depends_on"] == "hidden"
    assert found.table.loc[FAR, "verdict"] == "firm"


def test_the_result_joins_to_areas(mini_study, tmp_path):
    folder = mini_study(tmp_path).parent
    areas = lea.read_areas(folder / "areas.geojson", area_id="postinumeroalue")
    values = pd.Series(np.arange(len(areas), dtype=float), areas.index)
    found = lea.label_robustness(values, lea.build_graph(areas, "queen"))
    assert "moran_verdict" in found.join_to(areas, prefix="moran_")


def refused(error, match, **options):
    with pytest.raises(error, match=match):
        lea.label_robustness(**({"values": VALUES, "graph": GRAPH} | options))


def test_wrong_calls_are_refused_by_name():
    refused(UsageError, "statistic is 'local_moron'", statistic="local_moron")
    refused(UsageError, "different ones", statistic=("local_moran", "local_moran"))
    refused(UsageError, "graphs must name each alternative", graphs=[GRAPH])
    refused(UsageError, "law is 'quick'", law="quick")
    refused(UsageError, "noise is 'white'", noise="white")
    refused(UsageError, "hidden is 'no'", hidden="no")
    refused(UsageError, "runs is 0", runs=0)
    refused(UsageError, "choices say how each of draws was made", choices=pd.DataFrame())
    draws = pd.DataFrame(drawn(20, 40.0), columns=IDS)
    refused(UsageError, "give one of them", counts=counted(10), draws=draws)
    refused(UsageError, "draws must be a pandas DataFrame", draws=drawn(20, 40.0))
    refused(UsageError, "a row for each row of draws", draws=draws, choices=pd.DataFrame({"a": [""]}))
    refused(UsageError, "a word in varied is 'weather'", draws=draws, varied=("weather",))


def test_data_that_do_not_fit_are_refused_with_all_their_faults():
    refused(ValuesError, "areas of the graph that values does not have", values=VALUES[:-1])
    refused(ValuesError, "draws: 5. Give at least 20", draws=pd.DataFrame(drawn(5, 40.0), columns=IDS))
    draws = pd.DataFrame(drawn(20, 40.0), columns=IDS)
    other = pd.DataFrame({"weights": ["equal"] * 10 + [""] * 10})
    refused(ValuesError, "10 of 20", draws=draws, choices=other)
    refused(
        ValuesError, "areas of draws that the graph does not have", draws=draws.rename(columns={FAR: "x"})
    )
    refused(ValuesError, "values without counts", counts=counted(10) * np.nan)
    division = blocks(2)
    foreign = division.membership.replace({"z00": "nowhere"})
    scales = {"500 m": lea.Division(division.graph, foreign)}
    refused(ValuesError, "unknown zone in membership: 1 of 64 .nowhere.", scales=scales)
    negative = {"500 m": lea.Division(division.graph, division.membership.assign(share=-1.0))}
    refused(ValuesError, "share that is no number of at least 0", scales=negative)
    refused(
        UsageError, "columns area_id and zone", scales={"a": lea.Division(division.graph, VALUES.to_frame())}
    )
    twice = pd.concat([division.membership] * 2)
    refused(ValuesError, "occur twice", scales={"a": lea.Division(division.graph, twice)})


@pytest.mark.parametrize("hidden", ["everywhere", "nearby"])
@pytest.mark.parametrize("held", [0.0, 1.0])
def test_a_flat_map_beside_hidden_values_is_judged_without_a_verdict(hidden, held):
    world = hiding(FAR)
    world["values"] = world["values"].where(world["values"].isna(), held)
    world["bounds"].loc[FAR] = held, held
    found = lea.label_robustness(**world, hidden=hidden, runs=20)
    assert (found.table["verdict"] == "").all()


@pytest.mark.parametrize("kind", ["proportion", "rate"])
@pytest.mark.parametrize("events", [0.0, 1.0, 20.0])
def test_counts_that_are_all_alike_or_all_nothing_are_judged(kind, events):
    counts = pd.DataFrame({"numerator": events, "denominator": 20.0}, IDS)
    counts.iloc[0, 0] = 10.0
    found = lea.label_robustness(counts["numerator"] / 20, GRAPH, counts=counts, kind=kind, runs=20)
    assert set(found.table["verdict"]) <= {"firm", "unsure"}
