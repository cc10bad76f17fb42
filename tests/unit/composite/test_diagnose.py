"""The diagnosis of an index, against calculations by hand on small tables."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point

import lea_geo as lea
from lea_geo.composite.coherence import alpha, components, correlation_pairs
from lea_geo.composite.compensability import marginal_effects
from lea_geo.composite_spec import Aggregate
from lea_geo.errors import UsageError, ValuesError

NAN = np.nan
X = np.array([[1.0, 4.0], [2.0, 8.0], [9.0, 9.0], [5.0, NAN]])
W = np.array([0.75, 0.25])


def effects(method: str, x: np.ndarray = X, **options) -> np.ndarray:
    return marginal_effects(x, W, Aggregate(method, **options), available=0.5, high="weakens")


def areas(n: int) -> pd.Index:
    return pd.Index([f"{i:05d}" for i in range(n)], name="area_id")


def index_of(table: pd.DataFrame, groups: dict[str, str] | None = None, **more) -> object:
    directions = more.pop("directions", {})
    placed = groups or {}
    said = [
        {"code": code, "direction": directions.get(code, "weakens")}
        | ({"group": placed[code]} if code in placed else {})
        for code in table.columns
        if not groups or code in groups
    ]
    listed = [{"code": code} for code in dict.fromkeys(placed.values())]
    if listed:
        more["groups"] = listed
    return lea.composite_index(table, {"indicators": said, **more})


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    draws = np.random.default_rng(11)
    one, two = draws.normal(size=(2, 200))
    noise = draws.normal(size=(200, 6))
    return pd.DataFrame(
        {
            "poor": one + 0.4 * noise[:, 0],
            "poor_too": one + 0.4 * noise[:, 0] + 0.15 * noise[:, 1],
            "sick": one + 0.8 * noise[:, 2],
            "lonely": two + 0.4 * noise[:, 3],
            "alone": two + 0.4 * noise[:, 5],
            "astray": one + 0.4 * noise[:, 4],
        },
        index=areas(200),
    )


GROUPS = {
    "poor": "means",
    "poor_too": "means",
    "sick": "means",
    "lonely": "ties",
    "alone": "ties",
    "astray": "ties",
}


@pytest.fixture(scope="module")
def found(table):
    return lea.diagnose_composite(index_of(table, GROUPS), outside=table.assign(other=-table["sick"]))


def test_a_unit_of_an_arithmetic_mean_is_worth_its_weight_everywhere():
    np.testing.assert_allclose(effects("arithmetic"), [W, W, W, [1, NAN]], rtol=1e-9)


def test_a_unit_of_a_geometric_mean_is_worth_most_where_there_is_least():
    y = np.exp((W * np.log(X[:3])).sum(axis=1))
    np.testing.assert_allclose(effects("geometric")[:3], W * y[:, None] / X[:3], rtol=1e-6)  # dy/dx = w y / x


@pytest.mark.parametrize("power", [-1.0, 0.5, 2.0])
def test_a_unit_of_a_power_mean_is_worth_what_its_derivative_says(power):
    y = (W * X[:3] ** power).sum(axis=1) ** (1 / power)
    expected = W * X[:3] ** (power - 1) * y[:, None] ** (1 - power)
    np.testing.assert_allclose(effects("power", power=power)[:3], expected, rtol=1e-6)


def test_of_a_minimum_only_the_least_member_is_worth_anything():
    np.testing.assert_allclose(effects("minimum")[:2], [[1, 0], [1, 0]], atol=1e-9)


@pytest.mark.parametrize("method", ["copeland", "benefit_of_the_doubt"])
def test_where_areas_are_compared_no_unit_has_a_price(method):
    assert np.isnan(effects(method)).all()


def test_a_member_without_weight_is_worth_nothing():
    found = marginal_effects(X, np.array([1.0, 0.0]), Aggregate(), available=0.5, high="weakens")
    np.testing.assert_allclose(found, [[1, 0], [1, 0], [1, 0], [1, NAN]], atol=1e-9)


def test_a_score_at_zero_is_valued_from_above():
    x = np.array([[0.0, 4.0], [1.0, 4.0]])
    assert np.isfinite(effects("geometric", x)).all()


def test_what_buys_what_is_the_ratio_of_effects_within_and_across_groups(table):
    spec = {"weighting": "stated", "groups": [{"code": "a", "weight": 3}, {"code": "b", "weight": 1}]}
    spec["indicators"] = [
        {"code": code, "direction": "weakens", "group": group}
        for code, group in {"poor": "a", "sick": "a", "lonely": "b"}.items()
    ]
    found = lea.diagnose_composite(lea.composite_index(table, spec))
    # Of the index, poor is 3/4 * 1/2 and lonely 1/4.
    np.testing.assert_allclose(found.effects[["poor", "lonely"]], np.tile([0.375, 0.25], (200, 1)), rtol=1e-6)
    np.testing.assert_allclose(found.rate_of_substitution("poor", "lonely"), 1.5, rtol=1e-6)
    rows = found.substitution.set_index(["first", "second"])
    np.testing.assert_allclose(rows.loc[("a", "b"), ["low", "median", "high"]].astype(float), 3, rtol=1e-6)
    np.testing.assert_allclose(rows.loc[("poor", "sick"), "median"], 1, rtol=1e-6)


def test_own_units_are_those_of_the_table_and_turn_with_the_direction(table):
    result = index_of(table[["poor", "lonely"]], directions={"lonely": "protects"})
    found = lea.diagnose_composite(result)
    span = np.ptp(table[["poor", "lonely"]].to_numpy(), axis=0)
    np.testing.assert_allclose(found.per_unit, np.tile([100, -100] / span, (200, 1)), rtol=1e-6)
    rate = found.rate_of_substitution("poor", "lonely", own_units=True)
    np.testing.assert_allclose(rate, -span[1] / span[0], rtol=1e-6)


@pytest.mark.parametrize(
    ("transform", "slope"),
    [
        ("log", lambda x: 1 / x),
        ("log1p", lambda x: 1 / (1 + x)),
        ("sqrt", lambda x: 0.5 / np.sqrt(x)),
        ("logit", lambda x: 1 / (x * (1 - x))),
    ],
)
def test_a_transformed_indicator_s_unit_is_worth_what_the_transformation_makes_of_it(transform, slope):
    x = np.array([1e-7, 0.2, 0.4, 0.9])
    table = pd.DataFrame({"share": x, "other": [1.0, 3.0, 2.0, 4.0]}, index=areas(4))
    said = [{"code": "share", "direction": "weakens", "transform": transform, "normalise": "z"}]
    said += [{"code": "other", "direction": "weakens", "normalise": "z"}]
    found = lea.diagnose_composite(lea.composite_index(table, {"indicators": said}))
    taken = {"log": np.log, "log1p": np.log1p, "sqrt": np.sqrt, "logit": lambda v: np.log(v / (1 - v))}[
        transform
    ]
    expected = slope(x) / taken(x).std(ddof=1)
    np.testing.assert_allclose(found.per_unit["share"].iloc[1:], expected[1:], rtol=1e-5)
    assert np.isfinite(found.per_unit["share"].iloc[0])  # a step below would have no logarithm


def test_ranks_have_no_price_in_own_units_and_groups_on_ranks_none_at_all(table):
    ranked = lea.diagnose_composite(index_of(table[["poor", "lonely"]], normalise="percentile_rank"))
    assert ranked.per_unit.isna().all(axis=None)
    np.testing.assert_allclose(ranked.rate_of_substitution("poor", "lonely"), 1, rtol=1e-6)
    at = {"group": {"normalise": "exponential_rank"}}
    above = lea.diagnose_composite(index_of(table, GROUPS, at=at))
    assert above.effects["poor"].isna().all()
    np.testing.assert_allclose(above.effects["means"], 0.5, rtol=1e-6)


def test_a_group_s_own_scale_is_part_of_what_a_unit_is_worth(table):
    result = index_of(table, GROUPS, at={"group": {"normalise": "z"}})
    spread = result.node("means")["score"].std(ddof=1)
    found = lea.diagnose_composite(result)
    np.testing.assert_allclose(found.effects["poor"], 0.5 / spread / 3, rtol=1e-6)


def test_removal_ranks_again_without_each_part():
    table = pd.DataFrame({"a": [4.0, 3, 2, 0], "b": [0.0, 1, 3, 4]}, index=areas(4))
    found = lea.diagnose_composite(index_of(table))
    # Scores of a: 100 75 50 0, of b: 0 25 75 100; the means are 50 50 62.5 50, their ranks 2 2 1 2.
    assert found.shifts["a"].tolist() == [2, 1, 1, -1]  # by b alone: 4 3 2 1
    assert found.shifts["b"].tolist() == [-1, 0, 2, 2]  # by a alone: 1 2 3 4
    assert found.removal.loc["a", ["mean_shift", "largest_shift", "most_moved"]].tolist() == [
        1.25,
        2,
        "00000",
    ]
    assert found.removal.loc["b", "share_moved"] == 1.25 / 4
    assert found.table["shifted_by"].tolist() == ["a", "a", "b", "b"]
    assert found.table["largest_shift"].tolist() == [2, 1, 2, 2]
    assert "Without a areas move by 1 places on average, 00000 by 2." in found.flags


def test_a_group_is_left_out_with_all_that_it_has_and_the_whole_index_never(table, found):
    assert set(found.removal.index) == {*GROUPS, "means", "ties"}
    alone = index_of(table[["lonely", "alone", "astray"]])
    expected = alone.table["rank"] - index_of(table, GROUPS).table["rank"]
    np.testing.assert_array_equal(found.shifts["means"], expected)


def test_areas_that_lose_their_score_are_counted():
    table = pd.DataFrame({"a": [1.0, 2, 3, 4], "b": [4.0, 2, NAN, 1]}, index=areas(4))
    found = lea.diagnose_composite(index_of(table))
    assert found.removal.loc["a", "lost"] == 1
    assert np.isnan(found.shifts.loc["00002", "a"])


def test_correlations_are_flagged_where_they_are_negative_within_or_say_the_same(table, found):
    rows = found.correlations.set_index(["first", "second"])
    pearson = np.corrcoef(table["poor"], table["sick"])[0, 1]
    assert rows.loc[("poor", "sick"), "pearson"] == pytest.approx(pearson)
    assert rows.loc[("poor", "sick"), "spearman"] == pytest.approx(
        np.corrcoef(table["poor"].rank(), table["sick"].rank())[0, 1]
    )
    assert rows.loc[("poor", "poor_too"), "flag"] == "redundant"
    assert rows["within"].sum() == 3 + 3 + 1  # of means, of ties, and the two groups in the index
    assert "poor and poor_too say the same: above 0.92 (r = 0.99)." in found.flags


def test_two_members_that_cancel_each_other_out_are_told():
    rising = np.arange(10.0)
    table = pd.DataFrame({"up": rising, "down": -rising + np.eye(10)[3]}, index=areas(10))
    found = lea.diagnose_composite(index_of(table))
    assert found.correlations["flag"].tolist() == ["against"]
    assert any(flag.startswith("up and down run against each other in one group") for flag in found.flags)


def test_a_member_that_goes_with_another_group_is_told(found):
    assert found.members.loc["astray", "closest"] == "means"
    assert "astray goes more with means than with its own group ties." in found.flags


def test_a_member_that_counts_far_from_what_was_stated_is_told():
    x = np.random.default_rng(5).normal(size=(200, 2))
    table = pd.DataFrame(x, columns=["loud", "quiet"], index=areas(200))
    said = [
        {"code": code, "direction": "weakens", "weight": weight}
        for code, weight in {"loud": 4, "quiet": 1}.items()
    ]
    result = lea.composite_index(table, {"indicators": said, "weighting": "stated", "normalise": "z"})
    # Of uncorrelated members effects go by squared weights: 16 to 1, and so near 6 % in place of 20 %.
    share = result.weights.loc["quiet", "effective_in_group"]
    assert share < 0.1
    told = f"quiet counts in index by {100 * share:.0f} % in effect, stated 20 %."
    assert told in lea.diagnose_composite(result).flags


def test_groups_have_alpha_and_dimensions_and_so_have_all_indicators(found):
    assert list(found.groups.index) == [
        ("index", "members"),
        ("index", "indicators"),
        *[(code, "members") for code in found.groups.index.get_level_values("code")[2:]],
    ]
    assert found.groups.loc[("index", "indicators"), "k"] == 6
    assert found.groups.loc[("means", "members"), "parallel"] == 1
    assert found.groups.loc[("index", "indicators"), "kaiser"] == 2
    assert found.components.groupby(["code", "of"])["share"].sum().to_numpy() == pytest.approx(1)
    assert "The indicators of index have 2 dimensions (parallel analysis)." in found.flags


def test_what_is_outside_is_matched_by_id_and_what_is_inside_is_passed_over(table, found):
    assert found.outside["indicator"].unique().tolist() == ["other"]
    assert found.outside["node"].tolist()[0] == "index"
    mixed = pd.DataFrame({"other": -table["sick"]}).sample(frac=1, random_state=1)
    again = lea.diagnose_composite(index_of(table, GROUPS), outside=mixed)
    pd.testing.assert_frame_equal(again.outside, found.outside)
    score = index_of(table, GROUPS).table["score"]
    assert found.outside["pearson"][0] == pytest.approx(np.corrcoef(score, -table["sick"])[0, 1])


def test_two_ledgers_are_ranked_each_by_itself(table):
    result = index_of(
        table[["poor", "sick", "lonely", "astray"]],
        ledgers=True,
        directions={
            "lonely": "protects",
            "astray": "protects",
        },
    )
    found = lea.diagnose_composite(result)
    assert set(found.removal["ranking"]) == {"load", "resource"}
    assert found.effects["load"].eq(1).all()
    np.testing.assert_allclose(found.effects[["poor", "astray"]], 0.5, rtol=1e-6)


def test_a_diagnosis_says_its_main_flags(found, table):
    assert repr(found).startswith(
        "<Diagnosis of 8 nodes: poor and poor_too say the same: above 0.92 (r = 0.99); "
    )
    assert repr(found).endswith(" more>")
    alike = table[["poor"]].assign(again=table["poor"] + 0.5 * table["lonely"])
    calm = lea.diagnose_composite(index_of(alike), redundant=1.0)
    assert calm.flags == ()
    assert repr(calm) == "<Diagnosis of 2 nodes: nothing to flag>"


def test_the_table_joins_areas(found, table):
    places = gpd.GeoDataFrame(geometry=[Point(i, 0) for i in range(200)], index=table.index, crs="EPSG:3067")
    assert found.join_to(places)["shifted_by"].tolist() == found.table["shifted_by"].tolist()


def test_what_cannot_be_diagnosed_is_refused(table):
    result = index_of(table, GROUPS)
    with pytest.raises(UsageError, match=r"result is a DataFrame; it must be what lea_geo\.composite_index"):
        lea.diagnose_composite(table)
    with pytest.raises(UsageError, match=r"redundant is 2; it must be a correlation above 0, up to 1\."):
        lea.diagnose_composite(result, redundant=2)
    with pytest.raises(UsageError, match="outside is a list; it must be a DataFrame"):
        lea.diagnose_composite(result, outside=[1])
    with pytest.raises(
        ValuesError, match=r"areas of the index that outside does not have: 1 of 200 \(00000\)"
    ):
        lea.diagnose_composite(result, outside=table.iloc[1:])
    with pytest.raises(ValuesError, match=r"column words holds .*, not numbers"):
        lea.diagnose_composite(result, outside=table.assign(words="many"))
    with pytest.raises(UsageError, match="The index has no rich; it has poor, poor_too"):
        lea.diagnose_composite(result).rate_of_substitution("rich", "poor")


def test_independent_members_have_no_dimension_and_one_cause_has_one():
    draws = np.random.default_rng(1)
    noise, cause = draws.normal(size=(300, 6)), draws.normal(size=(300, 1))
    assert components(noise, seed=1).parallel == 0
    assert components(cause + noise, seed=1).parallel == 1


def test_chance_depends_on_the_seed_alone():
    x = np.random.default_rng(1).normal(size=(50, 4))
    np.testing.assert_array_equal(components(x, seed=1).by_chance, components(x[::-1] * 3, seed=1).by_chance)
    assert not np.array_equal(components(x, seed=1).by_chance, components(x, seed=2).by_chance)


def test_chance_s_short_way_is_that_of_drawing_areas():
    # Eigenvalues of drawn normal areas, which Bartlett's decomposition stands for.
    draws = np.random.default_rng(0)
    n, k = 60, 5
    drawn = [
        np.linalg.eigvalsh(np.corrcoef(draws.normal(size=(n, k)), rowvar=False))[::-1] for _ in range(2000)
    ]
    expected = np.quantile(drawn, 0.95, axis=0)
    np.testing.assert_allclose(components(draws.normal(size=(n, k)), seed=4).by_chance, expected, rtol=0.04)


def test_too_few_areas_or_members_have_no_alpha_and_no_components():
    assert np.isnan(alpha(np.ones((10, 1))).raw)
    assert np.isnan(alpha(np.ones((2, 3))).raw)
    assert np.isnan(alpha(np.ones((10, 3))).raw)
    assert components(np.ones((10, 3)), seed=1) is None
    wide = np.random.default_rng(1).normal(size=(4, 6))  # fewer areas than members
    assert components(wide, seed=1).eigenvalues.sum() == pytest.approx(6)


def test_a_pair_is_correlated_over_the_areas_that_have_both():
    x = np.array([[1, 1, NAN], [2, 2, 5], [3, 4, 5], [NAN, 9, 5]], dtype=float)
    pairs = correlation_pairs(x)
    assert pairs["n"].tolist() == [3, 2, 3]
    assert pairs["pearson"][0] == pytest.approx(np.corrcoef([1, 2, 3], [1, 2, 4])[0, 1])
    assert pairs["spearman"][0] == pytest.approx(1)
    assert pairs[["pearson", "spearman"]].iloc[1:].isna().all(axis=None)  # two areas; a constant


def test_a_correlation_that_is_negative_by_chance_alone_is_not_flagged(table):
    pair = table[["lonely", "alone"]].assign(alone=lambda t: -t["lonely"] * 0.1 + np.resize([1, -1], 200))
    found = lea.diagnose_composite(index_of(pair)).correlations.iloc[0]
    assert -1.96 / np.sqrt(200) < found["pearson"] < 0
    assert found["flag"] == ""


def test_what_a_method_has_to_say_of_its_weights_is_kept(table, tmp_path, monkeypatch):
    members = table[["poor", "sick", "astray"]]
    found = lea.diagnose_composite(index_of(members, weighting="factor")).weighting
    correlations = np.corrcoef(members.to_numpy(), rowvar=False)
    # Of three members, each squared loading is a product of two correlations over the third.
    expected = np.sqrt(correlations[0, 1] * correlations[0, 2] / correlations[1, 2])
    assert found.loc["poor", "loading"] == pytest.approx(expected, abs=1e-5)
    assert found["note"].str.fullmatch(r"the factor accounts for \d\d % of the variance").all()
    monkeypatch.chdir(tmp_path)
    (tmp_path / "answers.csv").write_text("poor,sick,astray\n5,3,2\n60,20,20\n", encoding="utf-8")
    how = {"method": "consultation", "table": "answers.csv"}
    asked = lea.diagnose_composite(index_of(members, weighting=how)).weighting
    np.testing.assert_allclose(asked["weight"], [0.55, 0.25, 0.2])
    np.testing.assert_allclose(asked["error"], [0.05, 0.05, 0], atol=1e-12)


def test_weights_of_another_year_are_told_as_such(table):
    members = table[["poor", "sick", "astray"]]
    before = index_of(members.iloc[:100], weighting="pca")
    said = [{"code": code, "direction": "weakens"} for code in members]
    after = lea.composite_index(members, {"indicators": said, "weighting": "pca"}, scales=before.scales)
    found = lea.diagnose_composite(after).weighting
    assert set(found["note"]) == {"the weights are those of another year"}
    np.testing.assert_allclose(found["weight"], before.weights.loc[list(members), "stated_in_group"])
