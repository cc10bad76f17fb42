"""An index is what its published method says, by hand; and nothing is filled, dropped or compared unasked."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import lea_geo as lea
from lea_geo.composite.engine import Engine
from lea_geo.composite_spec import Aggregate, AtLevel, CompositeSpec, Node, Normalise, Weighting
from lea_geo.errors import SpecError, UsageError, ValuesError
from lea_geo.schema import PLACES, Status


def table(**columns: list[float]) -> pd.DataFrame:
    rows = len(next(iter(columns.values())))
    ids = pd.Index([f"{100 + row:05d}" for row in range(rows)], name="area_id")
    return pd.DataFrame(columns, index=ids)


def weakens(*codes: str, **more: object) -> list[dict[str, object]]:
    return [{"code": code, "direction": "weakens", **more} for code in codes]


def refused(given: object, said: object, kind: type[Exception] = SpecError, **more: object) -> str:
    with pytest.raises(kind) as caught:
        lea.composite_index(given, said, **more)
    return str(caught.value)


# --- published methods, by a study's settings alone -------------------------------------------------------


def test_ranks_of_domains_exponentially_transformed_are_weighted_as_the_english_indices_do():
    """IMD 2019, technical report, appendix E: X = -23 ln(1 - R (1 - exp(-100 / 23))), R = rank / n."""
    data = table(income=[0.1, 0.3, 0.2, 0.4], crime=[9.0, 2.0, 5.0, 7.0])
    said = {
        "normalise": "exponential_rank",
        "weighting": "stated",
        "indicators": [
            {"code": "income", "direction": "weakens", "weight": 22.5},
            {"code": "crime", "direction": "weakens", "weight": 9.3},
        ],
    }
    x = [-23 * math.log(1 - r / 4 * (1 - math.exp(-100 / 23))) for r in range(1, 5)]
    expected = [(22.5 * x[i] + 9.3 * x[c]) / 31.8 for i, c in [(0, 3), (2, 0), (1, 1), (3, 2)]]
    made = lea.composite_index(data, said)
    assert made.table["score"].tolist() == pytest.approx(expected, rel=1e-12)
    assert made.table["rank"].tolist() == [2, 3, 4, 1]


def test_themes_have_a_sum_of_percentile_ranks_and_a_percentile_rank_as_the_cdcs_index_does():
    """Flanagan et al. (2011): sums of percentile ranks by theme, ranked; and the sum of the sums, ranked."""
    data = table(poor=[10.0, 20, 20, 40], jobless=[1.0, 2, 3, 4], old=[9.0, 5, 7, 5])
    said = {
        "normalise": "percentile_rank",
        "aggregate": "sum",
        "groups": [{"code": "means"}, {"code": "people"}],
        "indicators": [*weakens("poor", "jobless", group="means"), *weakens("old", group="people")],
        "at": {"group": {"result": "percentile_rank"}, "index": {"normalise": "percentile_rank"}},
    }
    made = lea.composite_index(data, said)
    means = made.node("means")
    # poor 0 1/3 1/3 1, jobless 0 1/3 2/3 1; old 1 0 2/3 0
    assert means["score"].tolist() == pytest.approx([0, 2 / 3, 1, 2])
    assert means["enters"].tolist() == pytest.approx([0, 2 / 3, 1, 2]), "the sum goes up, not its rank"
    assert made.table["means"].tolist() == pytest.approx([0, 1 / 3, 2 / 3, 1])
    assert made.node("index")["score"].tolist() == pytest.approx([1, 2 / 3, 5 / 3, 2])
    assert made.table["score"].tolist() == pytest.approx([1 / 3, 0, 2 / 3, 1])


HDI = {
    "high": "protects",
    "normalise": "min_max",
    "aggregate": "geometric",
    "groups": [
        {"code": "health"},
        {"code": "education", "aggregate": "arithmetic"},
        {"code": "standard"},
    ],
    "indicators": [
        {
            "code": code,
            "direction": "protects",
            "group": group,
            "transform": transform,
            "normalise": {"method": "goalposts", "minimum": low, "maximum": high, "low": 0, "high": 1},
        }
        for code, group, low, high, transform in [
            ("life", "health", 20, 85, ""),
            ("expected", "education", 0, 18, ""),
            ("mean", "education", 0, 15, ""),
            ("income", "standard", 100, 75000, "log"),
        ]
    ],
}


def test_the_human_development_index_is_made_of_its_four_indicators():
    """Human Development Report 2021/22, table 1: values published to one decimal, the index to three."""
    data = table(
        life=[84.0, 83.2, 82.7],
        expected=[16.5, 18.2, 19.2],
        mean=[13.9, 13.0, 13.8],
        income=[66933, 64660, 55782],
    )
    made = lea.composite_index(data, HDI).table
    assert made["score"].tolist() == pytest.approx([0.962, 0.961, 0.959], abs=0.0011)
    income = math.log(66933 / 100) / math.log(75000 / 100)
    by_hand = ((84.0 - 20) / 65 * (16.5 / 18 + 13.9 / 15) / 2 * income) ** (1 / 3)
    assert made["score"].iloc[0] == pytest.approx(by_hand, rel=1e-12)
    assert made["standard"].iloc[0] == pytest.approx(income, rel=1e-12)


def test_z_scores_weighted_by_population_add_up_as_carstairs_do():
    data = table(overcrowded=[1.0, 3.0, 5.0], jobless=[2.0, 2.0, 8.0], people=[100.0, 200.0, 100.0])
    said = {
        "population": "people",
        "normalise": {"method": "z", "weighted": True},
        "aggregate": "sum",
        "indicators": weakens("overcrowded", "jobless"),
    }
    # Weighted means 3 and 3.5; variances (4 + 4) 100 / 400 = 2 and (2.25 * 300 + 20.25 * 100) / 400 = 6.75
    expected = [
        -2 / math.sqrt(2) - 1.5 / math.sqrt(6.75),
        -1.5 / math.sqrt(6.75),
        2 / math.sqrt(2) + 4.5 / math.sqrt(6.75),
    ]
    assert lea.composite_index(data, said).table["score"].tolist() == pytest.approx(expected, rel=1e-12)


def test_a_transformed_indicator_is_scaled_after_its_transformation_as_townsends_are():
    data = table(jobless=[0.0, 5.0, 20.0, 40.0], renting=[10.0, 30.0, 50.0, 20.0])
    said = {
        "normalise": "z",
        "aggregate": "sum",
        "indicators": [
            {"code": "jobless", "direction": "weakens", "transform": "log1p"},
            {"code": "renting", "direction": "weakens"},
        ],
    }
    z = [(v - v.mean()) / v.std(ddof=1) for v in (np.log1p(data["jobless"]), data["renting"])]
    assert lea.composite_index(data, said).table["score"].tolist() == pytest.approx((z[0] + z[1]).tolist())


def test_a_first_component_is_published_with_mean_1000_and_deviation_100():
    rng = np.random.default_rng(4)
    common = rng.normal(size=60)
    data = table(**{code: (common + rng.normal(size=60)).tolist() for code in "abc"})
    said = CompositeSpec(
        indicators=tuple(Node(code, direction="weakens") for code in "abc"),
        normalise=Normalise("z"),
        weighting=Weighting("pca"),
        at=(AtLevel("index", normalise=Normalise("z", mean=1000, deviation=100)),),
    )
    score = lea.composite_index(data, said).table["score"]
    z = (data - data.mean()) / data.std()
    vector = np.abs(np.linalg.eigh(z.corr())[1][:, -1])
    by_hand = z.to_numpy() @ vector
    assert (score.mean(), score.std()) == (pytest.approx(1000), pytest.approx(100))
    assert np.corrcoef(score, by_hand)[0, 1] == pytest.approx(1, abs=1e-12)


def test_unbalanced_areas_pay_as_in_italys_bes():
    """Mazziotta and Pareto (2016): 100 + 60 (x - ref) / (max - min), mean less variance over mean."""
    data = table(a=[1.0, 2.0, 3.0], b=[30.0, 20.0, 10.0])
    said = {
        "high": "protects",
        "normalise": "ampi",
        "aggregate": "ampi",
        "indicators": [{"code": code, "direction": "protects"} for code in "ab"],
    }
    # a: 70 100 130, b: 130 100 70; means 100; variances 900, 0, 900
    assert lea.composite_index(data, said).table["score"].tolist() == pytest.approx([91.0, 100.0, 91.0])


# --- values that are not there ----------------------------------------------------------------------------


def test_a_suppressed_value_is_never_zero_and_a_structural_zero_is():
    data = table(poor=[10.0, 0.0, 0.0, 30.0], jobless=[1.0, 2.0, 3.0, 5.0])
    data["poor_status"] = [Status.OBSERVED, Status.SUPPRESSED, Status.STRUCTURAL_ZERO, Status.OBSERVED]
    made = lea.composite_index(data, {"indicators": weakens("poor", "jobless")})
    assert made.normalised["poor"].tolist() == pytest.approx([100 / 3, math.nan, 0, 100], nan_ok=True)
    assert made.table["score"].iloc[1] == pytest.approx(25.0), "of jobless alone"
    assert made.table["available"].tolist() == [1, 0.5, 1, 1]
    cell = made.log.iloc[0]
    assert (cell["area_id"], cell["code"], cell["status"]) == ("00101", "poor", "suppressed")
    assert any("poor has numbers whose status says that they are none" in note for note in made.notes)


def test_an_area_with_too_little_has_no_score_and_no_rank_and_is_named():
    data = table(a=[1.0, 2.0, math.nan], b=[1.0, 3.0, math.nan], c=[1.0, 2.0, 3.0])
    made = lea.composite_index(data, {"indicators": weakens(*"abc")})
    assert math.isnan(made.table["score"].iloc[2])
    assert math.isnan(made.table["rank"].iloc[2])
    assert "1 area has no score: 00102." in made.notes
    looser = lea.composite_index(data, {"available": 0.3, "indicators": weakens(*"abc")})
    assert looser.table["score"].iloc[2] == 100


def test_what_is_filled_is_logged_and_does_not_count_as_available():
    data = table(a=[1.0, 2.0, 9.0, math.nan], b=[1.0, 2.0, 3.0, 4.0])
    made = lea.composite_index(data, {"impute": "median", "indicators": weakens("a", "b")})
    row = made.log.iloc[0]
    assert (row["step"], row["area_id"], row["code"], row["after"]) == ("impute", "00103", "a", 2.0)
    assert made.table["available"].iloc[3] == 0.5
    assert "a: 1 of 4 areas have no value; 1 were filled (median)." in made.notes


def test_an_area_that_is_screened_out_is_not_filled_and_gets_no_score():
    data = table(a=[1.0, 2.0, 3.0, 4.0], b=[1.0, 2.0, 3.0, math.nan], c=[1.0, 2.0, 3.0, math.nan])
    said = {
        "impute": "mean",
        "screen": {"area_available": 0.5, "exclude": True},
        "indicators": weakens(*"abc"),
    }
    made = lea.composite_index(data, said)
    assert math.isnan(made.table["score"].iloc[3])
    assert made.table["score"].iloc[2] == pytest.approx(100), "its 4 is not the maximum of a either"
    assert made.log["step"].tolist() == ["screen", "leave", "leave"]


def test_an_indicator_that_is_screened_out_leaves_its_group_too():
    data = table(a=[1.0, 2.0, 3.0, 4.0], tied=[0.0, 0.0, 0.0, 1.0])
    said = {
        "screen": {"ties": 0.7, "exclude": True},
        "groups": [{"code": "one"}, {"code": "other"}],
        "indicators": [*weakens("a", group="one"), *weakens("tied", group="other")],
    }
    made = lea.composite_index(data, said)
    assert list(made.table) == ["score", "rank", "one", "available"]
    assert any(note.startswith("tied: ") for note in made.notes)


# --- hierarchies ------------------------------------------------------------------------------------------


def test_a_group_that_spans_several_is_divided_and_named_after_those():
    catalogue = lea.read_catalogue("paavo")
    data = pd.DataFrame(
        np.random.default_rng(0).random((5, 22)), index=list("abcde"), columns=list(catalogue.codes)
    )
    made = lea.composite_index(data, {"levels": ["phenomenon", "domain"]})
    assert {"insecurity.housing", "environment.housing", "material_living_standards.housing"} <= set(
        made.tree.codes
    )
    assert "livelihood" in made.tree.codes, "which lies in one domain"
    parents = made.weights["parent"]
    assert parents["insecurity.housing"] == "insecurity"
    assert parents["rental_housing"] == "insecurity.housing"
    for _, level in made.weights.groupby("level"):
        assert level["stated"].sum() == pytest.approx(1)
        assert level["effective"].sum() == pytest.approx(1)


def test_groups_of_groups_can_be_made_by_hand_to_any_depth():
    data = table(a=[0.0, 1.0], b=[0.0, 1.0], c=[1.0, 0.0])
    said = {
        "normalise": {"method": "min_max", "high": 1},
        "groups": [
            {"code": "low", "group": "middle"},
            {"code": "middle", "group": "top"},
            {"code": "top"},
        ],
        "indicators": [*weakens("a", group="low"), *weakens("b", group="middle"), *weakens("c")],
    }
    made = lea.composite_index(data, said)
    assert made.weights.loc[["a", "b", "c"], "stated"].tolist() == [0.25, 0.25, 0.5]
    assert made.table["score"].tolist() == [0.5, 0.5]
    assert list(made.table) == ["score", "rank", "top", "available"]


def test_a_score_of_a_group_is_scaled_anew_before_it_goes_up_where_its_level_says_so():
    data = table(a=[0.0, 1.0, 2.0], b=[0.0, 0.0, 1.0])
    said = {
        "normalise": "z",
        "groups": [{"code": "g"}],
        "indicators": [*weakens("a", group="g"), *weakens("b")],
        "at": {"group": {"normalise": "rank"}},
    }
    made = lea.composite_index(data, said)
    assert made.node("g")["enters"].tolist() == [1, 2, 3]
    assert made.table["g"].tolist() == pytest.approx([-1, 0, 1]), "its own score stays z"


def test_ledgers_keep_load_and_resource_apart_and_say_where_an_area_stands_on_both():
    data = table(
        poor=[0.0, 10, 20, 30],
        jobless=[0.0, 1, 2, 3],
        trust=[5.0, 1, 9, 3],
    )
    said = {
        "ledgers": True,
        "groups": [{"code": "means"}],
        "indicators": [
            *weakens("poor", "jobless", group="means"),
            {"code": "trust", "direction": "protects", "group": "means"},
        ],
    }
    made = lea.composite_index(data, said).table
    assert list(made) == [
        *("load", "load_rank", "resource", "resource_rank", "place"),
        *("load.means", "resource.means", "available"),
    ]
    assert made["load"].tolist() == pytest.approx([0, 100 / 3, 200 / 3, 100])
    assert made["resource"].tolist() == [50, 0, 100, 25], "much trust is much of it, whatever `high` says"
    # Medians 50 and 37.5.
    assert made["place"].tolist() == [
        "low_load_high_resource",
        "low_load_low_resource",
        "high_load_high_resource",
        "high_load_low_resource",
    ]
    assert set(made["place"]) <= set(PLACES)


# --- weights ----------------------------------------------------------------------------------------------


def test_effective_weights_are_shares_of_the_indexs_variance():
    # A full factorial: a and b do not correlate, and a has four times the variance of b.
    data = table(a=[-2.0, -2, 2, 2], b=[-1.0, 1, -1, 1])
    made = lea.composite_index(data, {"normalise": "none", "indicators": weakens("a", "b")})
    assert made.weights.loc[["a", "b"], "stated"].tolist() == [0.5, 0.5]
    assert made.weights.loc[["a", "b"], "effective"].tolist() == pytest.approx([0.8, 0.2])
    assert made.weights.loc["a", "correlation"] == pytest.approx(math.sqrt(0.8))


def test_an_indicator_that_runs_against_the_index_is_named():
    data = table(a=[1.0, 2, 3, 4], b=[1.0, 2, 3, 4], c=[4.0, 3, 2, 1])
    made = lea.composite_index(data, {"indicators": weakens(*"abc")})
    assert "c runs against the whole that it counts in: r = -1.00." in made.notes


def test_weights_that_nothing_would_use_are_refused():
    message = refused(table(a=[1.0, 2], b=[2.0, 1]), {"indicators": weakens("a", "b", weight=2)})
    assert 'weights that are stated and not used: 2 (a, b). Write weighting = "stated"' in message


# --- another year, and parts left out ---------------------------------------------------------------------


def test_the_scales_of_one_year_make_another_comparable():
    said = {"normalise": "min_max", "indicators": weakens("a", "b")}
    first = lea.composite_index(table(a=[0.0, 10], b=[0.0, 1]), said)
    later = table(a=[5.0, 20], b=[0.5, 2])
    assert lea.composite_index(later, said, scales=first.scales).table["score"].tolist() == [50, 200]
    assert lea.composite_index(later, said).table["score"].tolist() == [0, 100]


def test_scales_of_another_index_are_refused():
    first = lea.composite_index(table(a=[0.0, 10], b=[0.0, 1]), {"indicators": weakens("a", "b")})
    said = {"indicators": weakens("a", "c")}
    message = refused(table(a=[0.0, 10], c=[0.0, 1]), said, scales=first.scales)
    assert "scales belong to another index: 2 (b, c)" in message


def test_a_factor_of_zero_leaves_a_node_out_and_a_group_with_it():
    data = table(a=[1.0, 5, 2], b=[3.0, 1, 2], c=[1.0, 2, 9])
    groups = {"groups": [{"code": "g"}]}
    whole = lea.composite_index(
        data, {**groups, "indicators": [*weakens("a", "b"), *weakens("c", group="g")]}
    )
    engine = Engine.of(whole.spec, whole.tree)
    factors = np.ones(len(whole.tree.nodes))
    factors[whole.tree.codes.index("c")] = 0
    scores = engine.scores(data.to_numpy(), factors=factors)
    alone = lea.composite_index(data[["a", "b"]], {"indicators": weakens("a", "b")})
    assert scores.put[:, -1].tolist() == pytest.approx(alone.table["score"].tolist())
    assert scores.weights[whole.tree.codes.index("g")] == 0


@pytest.mark.parametrize("method", ["pca", "factor", "optimised"])
def test_weights_are_learnt_from_the_groups_that_are_there_where_one_is_left_out(method):
    rng = np.random.default_rng(4)
    level = rng.normal(size=40)
    data = table(**{code: level + rng.normal(size=40) for code in "abcd"})
    said = {"normalise": "z", "at": {"index": {"weighting": method}}}

    def over(codes):
        groups = [{"code": code.upper()} for code in codes]
        indicators = [row for code in codes for row in weakens(code, group=code.upper())]
        return lea.composite_index(data, {**said, "groups": groups, "indicators": indicators})

    whole, three = over("abcd"), over("abc")
    factors = np.ones(len(whole.tree.nodes))
    factors[whole.tree.codes.index("d")] = 0
    without = Engine.of(whole.spec, whole.tree).scores(data.to_numpy(), factors=factors)
    assert without.put[:, -1] == pytest.approx(three.table["score"].to_numpy(), abs=1e-9)


# --- what cannot be done ----------------------------------------------------------------------------------


def test_meaningless_pairs_are_refused_at_once_by_the_groups_that_have_them():
    said = CompositeSpec(
        groups=(Node("one"), Node("two", aggregate=Aggregate("harmonic"))),
        indicators=(
            Node("a", direction="weakens", parent="one"),
            Node("b", direction="weakens", parent="two"),
        ),
        normalise=Normalise("z"),
        aggregate=Aggregate("geometric"),
    )
    message = refused(table(a=[1.0, 2], b=[1.0, 2]), said)
    assert "aggregate 'geometric' of" in message
    assert "aggregate 'harmonic' of" in message
    assert "(one" in message
    assert "(two" in message
    assert "Use min_max with low = 1" in message


def test_everything_that_is_wrong_with_a_hierarchy_is_said_at_once():
    said = CompositeSpec(
        groups=(Node("round", parent="about"), Node("about", parent="round"), Node("empty")),
        indicators=(
            Node("a", parent="healt", direction="weakens"),
            Node("b"),
            Node("score", direction="weakens"),
        ),
    )
    message = refused(table(a=[1.0]), said)
    for part in (
        "the group 'round' is in itself, by way of",
        "groups that no indicator is in: 3 (round, about, empty)",
        "the indicator 'a' is in an unknown group 'healt'",
        "indicators of which nobody says what a high value means: 1 (b)",
        "codes that are taken by the index itself: 1 (score)",
    ):
        assert part in message


def test_columns_and_cells_that_cannot_be_used_are_named():
    data = table(poor=[1.0, 2.0]).assign(jobless=["1", "x"], endless=[1.0, math.inf])
    assert (
        "columns that the index needs and the table lacks: 1 (por). It has poor, jobless, endless. "
        in refused(data, {"indicators": weakens("por")}, ValuesError)
    )
    message = refused(data, {"indicators": weakens("poor", "jobless", "endless")}, ValuesError)
    assert "jobless holds" in message
    assert "infinite endless: 1 of 2 (00101)" in message


def test_an_indicator_without_any_spread_is_refused_and_named():
    message = refused(table(a=[1.0, 2], b=[3.0, 3]), {"indicators": weakens("a", "b")}, ValuesError)
    assert "all values equal, or too few of them, so that no scale can be made: 1 (b)" in message


def test_doubled_ids_are_refused():
    data = table(a=[1.0, 2]).set_axis(["00100", "00100"])
    assert "duplicate area ids: 1 of 2 (00100)" in refused(data, {"indicators": weakens("a")}, ValuesError)


def test_a_population_that_is_asked_for_has_to_be_there_and_to_be_of_these_areas():
    data = table(a=[1.0, 2])
    said = {"normalise": {"method": "z", "weighted": True}, "indicators": weakens("a")}
    assert "nothing says which column it is" in refused(data, said, UsageError)
    other = pd.Series([1.0, 2.0], index=["00100", "x"])
    assert "areas of population that the table does not have" in refused(
        data, said, ValuesError, population=other
    )


def test_population_is_matched_by_id_and_not_by_position():
    data = table(a=[1.0, 2, 4])
    said = {"normalise": {"method": "z", "weighted": True}, "indicators": weakens("a")}
    people = pd.Series([1.0, 2.0, 3.0], index=data.index)
    same = lea.composite_index(data, said, population=people).table["score"]
    turned = lea.composite_index(data, said, population=people[::-1]).table["score"]
    assert same.tolist() == turned.tolist()


def test_neighbours_are_matched_by_id_and_a_graph_without_some_area_is_refused():
    said = {"impute": "neighbours", "indicators": weakens("a")}
    cells = lea.build_grid((300_000, 6_800_000, 300_750, 6_800_750), cell_size=250)
    data = pd.DataFrame({"a": [math.nan, *range(1, 9)]}, index=cells.index)
    graph = lea.build_graph(cells, "rook")
    expected = data["a"][graph.neighbors(cells.index[0]).index].mean()
    made = lea.composite_index(data[::-1], said, graph=graph)
    assert made.log.iloc[0]["after"] == expected
    foreign = data.set_axis(["x", *data.index[1:]])
    message = refused(foreign, said, ValuesError, graph=graph)
    assert "areas of the table that the graph does not have: 1 of 9 (x)" in message


def test_what_is_no_table_or_no_index_is_refused():
    assert "table is a list; it must be a DataFrame" in refused([1], {"indicators": weakens("a")}, UsageError)
    assert "spec is a int; it must be a CompositeSpec" in refused(table(a=[1.0]), 3, UsageError)


def test_an_index_that_names_unknown_methods_is_refused_however_it_was_built():
    said = CompositeSpec(
        indicators=(Node("a", direction="weakens"),),
        normalise=Normalise("minmax"),
        aggregate=Aggregate("arithmetric"),
    )
    message = refused(table(a=[1.0, 2]), said)
    assert "normalise has an unknown method 'minmax'. Did you mean 'min_max'?" in message
    assert "aggregate has an unknown method 'arithmetric'. Did you mean 'arithmetic'?" in message


def test_goalposts_are_stated_in_the_indicators_own_unit():
    said = {"indicators": [{"code": "a", "direction": "weakens", "transform": "log"}]}
    said["indicators"][0]["normalise"] = {"method": "goalposts", "minimum": 0, "maximum": 10}
    assert "transform = 'log' cannot be taken of what 'a' states: 0, 10" in refused(table(a=[1.0, 2]), said)


def test_a_result_joins_areas_by_id_and_says_in_one_line_what_it_is():
    cells = lea.build_grid((300_000, 6_800_000, 300_500, 6_800_500), cell_size=250)
    data = pd.DataFrame({"a": [1.0, 2, 3, 4]}, index=cells.index[::-1])
    made = lea.composite_index(data, {"indicators": weakens("a")})
    joined = made.join_to(cells)
    assert joined["score"].tolist() == pytest.approx([100, 200 / 3, 100 / 3, 0])
    assert repr(made) == "<CompositeResult: index of 1 indicators in 0 groups, 4 of 4 areas scored>"


def test_an_index_of_a_catalogues_table_takes_its_status_and_its_municipalities(tmp_path):
    file = tmp_path / "paavo.csv"
    file.write_text(
        "postinumero,nimi,hr_tuy,hr_pi_tul,pt_vakiy,pt_tyott\n"
        '00100,"A (Helsinki)",200,30,500,20\n00120,"B (Helsinki)",300,,400,40\n'
        '00130,"C (Espoo)",100,40,300,60\n'
        '02100,"D (Espoo)",100,20,300,30\n',
        encoding="utf-8",
    )
    data = lea.read_indicators(file, area_id="postinumero")
    codes = ["low_income_residents", "unemployment"]
    said = {"indicators": [{"code": code} for code in codes if code in data.codes]}
    made = lea.composite_index(data, said)
    assert made.log.iloc[0]["status"] == "suppressed"
    assert made.table["available"].tolist() == [1, 1 - 1 / len(said["indicators"]), 1, 1]


def test_a_spec_can_be_changed_and_run_again():
    data = table(a=[1.0, 2, 3], b=[3.0, 9, 1])
    spec = CompositeSpec(indicators=tuple(Node(code, direction="weakens") for code in "ab"))
    first = lea.composite_index(data, spec)
    again = lea.composite_index(data, replace(first.spec, high="protects"))
    assert again.table["score"].tolist() == pytest.approx((100 - first.table["score"]).tolist())


def test_areas_with_their_indicators_joined_are_as_good_as_the_table(tmp_path):
    cells = lea.build_grid((300_000, 6_800_000, 300_500, 6_800_500), cell_size=250)
    file = tmp_path / "paavo.csv"
    rows = zip(cells.index, (30, "", 40, 0), strict=True)
    file.write_text("pno,hr_tuy,hr_pi_tul\n" + "".join(f"{i},200,{poor}\n" for i, poor in rows), "utf-8")
    catalogue = replace(lea.read_catalogue("paavo"), id_scheme="grid")
    joined = lea.join_indicators(cells, lea.read_indicators(file, catalogue, area_id="pno"))
    said = {"indicators": [{"code": "low_income_residents"}], "levels": ["domain"], "impute": "mean"}
    of_table, of_both, of_areas = (
        lea.composite_index(one, said) for one in (joined.table, joined, joined.areas)
    )
    assert of_table.table["score"].tolist() == pytest.approx([75, 175 / 3, 100, 0])
    pd.testing.assert_frame_equal(of_table.table, of_both.table)
    pd.testing.assert_frame_equal(of_table.table, of_areas.table)
    assert of_table.log.iloc[0]["status"] == of_areas.log.iloc[0]["status"] == "suppressed"


def test_what_a_component_accounts_for_is_told():
    data = table(a=[1.0, 2, 3, 5], b=[1.0, 3, 2, 6])
    made = lea.composite_index(data, {"normalise": "z", "weighting": "pca", "indicators": weakens("a", "b")})
    share = 50 * (1 + data.corr().iloc[0, 1])
    assert f"The weights in index: the component accounts for {share:.0f} % of the variance." in made.notes


def test_a_published_score_is_rounded_where_the_index_says_so():
    data = table(a=[1.0, 2, 4])
    said = {"indicators": weakens("a"), "at": {"index": {"normalise": {"method": "none", "decimals": 1}}}}
    assert lea.composite_index(data, said).table["score"].tolist() == [0, 33.3, 100]
