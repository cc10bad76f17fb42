"""Values carried to other areas: squares computed by hand, hidden values, and the account."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point, box

import lea_geo as lea
from lea_geo.errors import AreasError, JoinError, UsageError, ValuesError

NAN = float("nan")


def areas(**boxes) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=[box(*b) for b in boxes.values()], index=list(boxes), crs=3067)


# Three sources of 100 m2 side by side; targets a (all of s1 and half of s2) and b (the rest).
SOURCES = areas(s1=(0, 0, 10, 10), s2=(10, 0, 20, 10), s3=(20, 0, 30, 10))
TARGETS = areas(a=(0, 0, 15, 10), b=(15, 0, 30, 10))
PEOPLE = pd.Series({"s1": 10.0, "s2": 20.0, "s3": 40.0})


def carried(values=PEOPLE, source=SOURCES, target=TARGETS, kind="extensive", **options):
    return lea.interpolate(values, source, target, kind=kind, **options)


def hidden(word="suppressed", value=NAN, lower=NAN, upper=NAN):
    """Make s2 something else than observed."""
    return {
        "values": PEOPLE.where(PEOPLE.index != "s2", value),
        "status": pd.Series({"s1": "observed", "s2": word, "s3": "observed"}),
        "lower": pd.Series({"s1": NAN, "s2": lower, "s3": NAN}),
        "upper": pd.Series({"s1": NAN, "s2": upper, "s3": NAN}),
    }


class TestWhatAddsUp:
    def test_is_divided_by_surface(self):
        table = carried().table
        assert table["value"].to_dict() == {"a": 20, "b": 50}
        assert table["status"].tolist() == ["observed", "observed"]
        assert table[["lower", "upper"]].isna().all(axis=None)
        assert table.index.name == "area_id"

    def test_the_account_balances(self):
        account = carried().account.loc["value"]
        assert account[["total_before", "moved", "total_after"]].tolist() == [70, 70, 70]
        assert account[["lost_outside", "hidden", "unexplained"]].tolist() == [0, 0, 0]
        assert account["assumed"] == 20  # only s2 was cut

    def test_goes_where_the_weights_lie(self):
        houses = gpd.GeoDataFrame(geometry=[Point(1, 1), Point(11, 1), Point(12, 1), Point(19, 1)], crs=3067)
        result = carried(method="dasymetric", weights=houses)
        assert result.table["value"].to_numpy() == pytest.approx([10 + 20 * 2 / 3, 20 / 3 + 40])
        assert "value: 40 of 70 lie where no weights are, and were spread by surface." in result.notes

    def test_mass_without_weights_can_be_refused(self):
        houses = gpd.GeoDataFrame(geometry=[Point(1, 1), Point(11, 1)], crs=3067)
        with pytest.raises(ValuesError, match=r"value in which all weights are 0: 1 of 3 \(s3\)"):
            carried(method="dasymetric", weights=houses, unweighted="refuse")
        nobody = PEOPLE.where(PEOPLE.index != "s3", 0.0)
        result = carried(nobody, method="dasymetric", weights=houses, unweighted="refuse")
        assert result.table["value"].sum() == 30

    def test_values_find_their_areas_by_id_in_any_order(self):
        result = carried(PEOPLE.iloc[[2, 0, 1]], SOURCES.iloc[[1, 2, 0]], TARGETS.iloc[[1, 0]])
        assert result.table["value"].to_dict() == {"b": 50, "a": 20}
        assert list(result.table.index) == ["b", "a"]

    def test_one_crosswalk_carries_many_tables(self):
        walk = lea.build_crosswalk(SOURCES, TARGETS)
        result = lea.interpolate(PEOPLE, None, None, kind="extensive", crosswalk=walk)
        assert result.table["value"].to_dict() == {"a": 20, "b": 50}
        with pytest.raises(AreasError, match="target_areas does not hold the areas of the crosswalk"):
            carried(target=SOURCES, crosswalk=walk)
        with pytest.raises(UsageError, match="leave out method and weights"):
            carried(crosswalk=walk, weights=SOURCES)

    def test_the_result_joins_to_its_areas_and_to_no_others(self):
        joined = carried().join_to(TARGETS, prefix="people_")
        assert joined["people_value"].to_dict() == {"a": 20, "b": 50}
        with pytest.raises(JoinError):
            carried().join_to(SOURCES)

    def test_the_repr_says_what_became_of_the_total(self):
        shown = repr(carried())
        assert shown == (
            "<Interpolated areal, 3 areas to 2; value: 70 before, 70 after, 0 hidden, 0 lost outside>"
        )


class TestWhatDoesNotAddUp:
    def test_is_averaged_by_surface(self):
        table = carried(pd.Series({"s1": 1.0, "s2": 4.0, "s3": 7.0}), kind="intensive").table
        assert table["value"].to_numpy() == pytest.approx(
            [(100 * 1 + 50 * 4) / 150, (50 * 4 + 100 * 7) / 150]
        )

    def test_or_by_what_lives_there(self):
        weights = areas(w1=(0, 0, 10, 10), w2=(10, 0, 15, 10), w3=(15, 0, 30, 10)).assign(people=[6, 3, 30])
        rates = pd.Series({"s1": 1.0, "s2": 4.0, "s3": 7.0})
        options = {
            "kind": "intensive",
            "method": "dasymetric",
            "weights": weights,
            "weights_column": "people",
        }
        result = carried(rates, **options)
        # w3 spreads 10 of its 30 people over s2's half of b, 20 over s3.
        assert result.table["value"].to_numpy() == pytest.approx([(6 + 12) / 9, (10 * 4 + 20 * 7) / 30])
        assert result.account.loc["value", "unexplained"] == pytest.approx(0, abs=1e-12)

    def test_or_by_denominators_which_are_carried_too(self):
        rates = pd.Series({"s1": 0.5, "s2": 0.1, "s3": 0.2})
        result = carried(rates, kind="intensive", denominators=PEOPLE)
        # Numerators 5, 2 and 8; half of s2 goes either way.
        assert result.table["value"].to_numpy() == pytest.approx([(5 + 1) / (10 + 10), (1 + 8) / (10 + 40)])
        account = result.account.loc["value"]
        assert account[["total_before", "total_after"]].tolist() == pytest.approx([15, 15])

    def test_a_rate_over_nobody_weighs_nothing(self):
        rates = pd.Series({"s1": NAN, "s2": 0.1, "s3": 0.2})
        status = pd.Series({"s1": "not_applicable", "s2": "observed", "s3": "observed"})
        result = carried(rates, kind="intensive", status=status)
        assert result.table["value"].to_numpy() == pytest.approx([0.1, (0.1 * 50 + 0.2 * 100) / 150])
        assert result.account.loc["value", "not_applicable"] == 1

    def test_where_all_weigh_nothing_there_is_nobody_to_average(self):
        people = pd.Series({"s1": 0.0, "s2": 0.0, "s3": 5.0})
        result = carried(pd.Series(0.5, index=PEOPLE.index), kind="intensive", denominators=people)
        assert result.table.loc["a", "status"] == "not_applicable"
        assert np.isnan(result.table.loc["a", "value"])
        assert result.table.loc["b", "value"] == 0.5

    def test_a_rate_of_an_unknown_number_of_people_is_missing(self):
        people = PEOPLE.where(PEOPLE.index != "s1", NAN)
        result = carried(pd.Series(0.5, index=PEOPLE.index), kind="intensive", denominators=people)
        assert result.table["status"].tolist() == ["missing", "observed"]
        assert result.account.loc["value", "missing"] == 1

    def test_the_bounds_of_a_hidden_rate_are_averaged(self):
        given = hidden(lower=3.0, upper=9.0)
        table = carried(kind="intensive", **given).table
        assert table["status"].tolist() == ["suppressed"] * 2
        assert table.loc["a", ["lower", "upper"]].tolist() == pytest.approx(
            [(1000 + 150) / 150, (1000 + 450) / 150]
        )

    def test_mass_outside_does_not_trouble_a_mean(self):
        result = carried(PEOPLE, kind="intensive", target=areas(a=(0, 0, 15, 10)))
        assert result.table["value"].to_numpy() == pytest.approx([(10 * 100 + 20 * 50) / 150])

    def test_denominators_of_what_adds_up_are_refused(self):
        with pytest.raises(UsageError, match=r"value adds up \(extensive\)"):
            carried(denominators=PEOPLE)

    def test_negative_denominators_are_refused(self):
        with pytest.raises(ValuesError, match=r"negative denominators of value: 1 of 3 \(s1\)"):
            carried(kind="intensive", denominators=PEOPLE - 15)


class TestWhatIsHidden:
    def test_hides_what_it_reaches_and_bounds_it(self):
        result = carried(**hidden(lower=2.0, upper=8.0))
        assert result.table["status"].tolist() == ["suppressed", "suppressed"]
        assert result.table["value"].isna().all()
        assert result.table.loc["a", ["lower", "upper"]].tolist() == [11, 14]
        assert result.table.loc["b", ["lower", "upper"]].tolist() == [41, 44]

    def test_is_counted_and_so_is_what_it_hides(self):
        account = carried(**hidden(lower=2.0, upper=8.0)).account.loc["value"]
        assert account[["total_before", "total_after", "hidden"]].tolist() == [50, 0, 50]
        assert account[["suppressed", "suppressed_lower", "suppressed_upper"]].tolist() == [1, 2, 8]
        assert account[["suppressed_after", "missing_after", "missing"]].tolist() == [2, 0, 0]

    def test_an_unknown_bound_stays_unknown(self):
        table = carried(**hidden(upper=8.0)).table
        assert np.isnan(table["lower"]).all()
        assert table["upper"].tolist() == [14, 44]

    def test_unless_nothing_can_be_below_zero(self):
        table = carried(**hidden(upper=8.0), nonnegative=True).table
        assert table["lower"].tolist() == [10, 40]

    def test_a_missing_value_makes_missing_ones(self):
        values = PEOPLE.where(PEOPLE.index != "s2", NAN)
        table = carried(values).table
        assert table["status"].tolist() == ["missing", "missing"]
        assert table[["value", "lower", "upper"]].isna().all(axis=None)
        floor = carried(values, nonnegative=True).table
        assert floor["lower"].tolist() == [10, 40]
        assert floor["upper"].isna().all()

    def test_missing_outweighs_suppressed(self):
        given = hidden(lower=2.0, upper=8.0)
        given["status"] = given["status"].where(PEOPLE.index != "s1", "missing")
        given["values"] = given["values"].where(PEOPLE.index != "s1", NAN)
        assert carried(**given).table["status"].tolist() == ["missing", "suppressed"]

    def test_a_structural_zero_stays_one_only_where_nothing_else_is(self):
        given = hidden("structural_zero", value=0.0)
        table = carried(target=areas(in2=(12, 0, 18, 10), rest=(0, 0, 12, 10), east=(18, 0, 30, 10)), **given)
        assert table.table["status"].to_dict() == {
            "in2": "structural_zero",
            "rest": "observed",
            "east": "observed",
        }
        assert table.table["value"].to_dict() == pytest.approx({"in2": 0, "rest": 10, "east": 40})

    def test_a_sliver_of_a_hidden_source_hides_nothing(self):
        hair = areas(a=(0, 0, 10 + 1e-9, 10), b=(10 + 1e-9, 0, 30, 10))
        given = hidden(lower=2.0, upper=8.0)
        assert carried(target=hair, **given).table.loc["a", "status"] == "observed"
        wide = areas(a=(0, 0, 10.01, 10), b=(10.01, 0, 30, 10))
        assert carried(target=wide, **given).table.loc["a", "status"] == "suppressed"
        assert carried(target=wide, sliver=0.01, **given).table.loc["a", "status"] == "observed"

    def test_a_small_target_within_a_hidden_source_is_no_sliver(self):
        target = areas(tiny=(12, 2, 12.5, 2.5))
        table = carried(target=target, outside="drop", sliver=0.01, **hidden(lower=2.0, upper=8.0)).table
        assert table.loc["tiny", "status"] == "suppressed"
        assert table.loc["tiny", "upper"] == pytest.approx(8 * 0.25 / 100)

    def test_what_contradicts_itself_is_refused(self):
        with pytest.raises(ValuesError, match=r"a lower bound of value above the upper one: 1 of 3 \(s2\)"):
            carried(**hidden(lower=9.0, upper=2.0))
        with pytest.raises(ValuesError, match=r"structural zeros of value that are not 0: 1 of 3 \(s2\)"):
            carried(**hidden("structural_zero", value=3.0))
        with pytest.raises(ValuesError, match=r"unknown status: 1 of 3 \(s2\)"):
            carried(**hidden("secret"))

    def test_minus_one_is_no_number_of_people(self):
        with pytest.raises(
            ValuesError, match=r"negative value: 1 of 3 \(s1\). A code such as -1 is no value"
        ):
            carried(PEOPLE.where(PEOPLE.index != "s1", -1.0), nonnegative=True)


class TestWhatLiesOutside:
    SMALL = areas(a=(0, 0, 15, 10))

    def test_is_refused_with_the_worst_areas(self):
        with pytest.raises(ValuesError, match=r"50 of 70 value would be lost .* \(s3: 40, s2: 10\)"):
            carried(target=self.SMALL)

    def test_is_dropped_where_that_is_asked_for_and_accounted(self):
        result = carried(target=self.SMALL, outside="drop")
        account = result.account.loc["value"]
        assert result.table["value"].tolist() == [20]
        assert account[["total_before", "moved", "lost_outside", "total_after"]].tolist() == [70, 20, 50, 20]
        assert result.notes == ("value: 50 of 70 lay outside the targets and were left out.",)

    def test_is_spread_over_what_its_source_reaches_where_that_is_asked_for(self):
        target = areas(a=(0, 0, 15, 10), b=(25, 0, 30, 10))
        result = carried(target=target, outside="spread")
        assert result.table["value"].to_dict() == {"a": 30, "b": 40}
        assert result.account.loc["value", ["moved", "assumed"]].tolist() == [70, 60]
        assert result.notes == ("value: 30 of 70 lay outside the targets and were spread.",)

    def test_cannot_be_spread_by_a_source_that_reaches_nothing(self):
        with pytest.raises(ValuesError, match=r"40 of 70 value would be lost .* \(s3: 40\)"):
            carried(target=self.SMALL, outside="spread")

    def test_is_refused_where_it_is_hidden_too(self):
        with pytest.raises(ValuesError, match=r"whose hidden value lie outside the targets: 1 of 3 \(s2\)"):
            carried(target=areas(a=(0, 0, 15, 10), b=(20, 0, 30, 10)), **hidden(upper=8.0))

    def test_up_to_a_tolerance_is_accounted_and_no_error(self):
        target = areas(a=(0, 0, 15, 10), b=(15, 0, 29.9, 10))
        result = carried(target=target, tolerance=0.01)
        assert result.account.loc["value", "lost_outside"] == pytest.approx(0.4)
        with pytest.raises(ValuesError, match=r"0\.4 of 70"):
            carried(target=target)

    def test_a_target_that_nothing_reaches_is_missing_unless_said(self):
        target = areas(a=(0, 0, 15, 10), b=(15, 0, 30, 10), far=(90, 0, 99, 10))
        table = carried(target=target).table
        assert table.loc["far"].isna().tolist() == [True, False, True, True]
        assert table.loc["far", "status"] == "missing"
        empty = carried(target=target, unreached="structural_zero").table.loc["far"]
        assert (empty["value"], empty["status"]) == (0, "structural_zero")


class TestSeveralColumns:
    TABLE = pd.DataFrame({"people": PEOPLE, "rate": [1.0, 4.0, 7.0]})

    def test_each_has_its_kind(self):
        result = carried(self.TABLE, kind={"people": "extensive", "rate": "intensive"})
        assert list(result.table.columns) == [
            *("people", "people_status", "people_lower", "people_upper"),
            *("rate", "rate_status", "rate_lower", "rate_upper"),
        ]
        assert result.table["people"].tolist() == [20, 50]
        assert result.table["rate"].tolist() == pytest.approx([2, 6])
        assert result.account["kind"].to_dict() == {"people": "extensive", "rate": "intensive"}

    def test_status_and_bounds_stand_beside_the_columns_that_have_them(self):
        given = hidden(lower=2.0, upper=8.0)
        table = self.TABLE.assign(people=given["values"])
        beside = {name: given[name].to_frame("people") for name in ("status", "lower", "upper")}
        result = carried(table, kind={"people": "extensive", "rate": "intensive"}, **beside)
        assert result.table["people_status"].tolist() == ["suppressed"] * 2
        assert result.table["rate_status"].tolist() == ["observed"] * 2

    def test_every_fault_is_told_at_once(self):
        broken = pd.DataFrame({"a": [1, 2, np.inf], "b": ["x", "y", "z"]}, index=PEOPLE.index)
        with pytest.raises(ValuesError, match=r"infinite a: 1 of 3 \(s3\)") as caught:
            carried(broken)
        assert len(caught.value.faults) == 2

    def test_a_kind_for_every_column_and_no_other(self):
        with pytest.raises(UsageError, match="missing: rate; not among the columns: rat"):
            carried(self.TABLE, kind={"people": "extensive", "rat": "intensive"})

    def test_what_is_said_beside_a_column_that_is_not_there_is_refused(self):
        with pytest.raises(UsageError, match="status has columns that values does not have: dogs"):
            carried(self.TABLE, status={"dogs": PEOPLE})


class TestRefusals:
    def test_values_without_ids(self):
        with pytest.raises(UsageError, match="matched to areas by id and never by position"):
            carried([10, 20, 40])

    def test_foreign_and_missing_ids(self):
        with pytest.raises(
            ValuesError, match=r"areas of value that source_areas does not have: 1 of 3 \(x\)"
        ):
            carried(PEOPLE.rename({"s1": "x"}))

    def test_another_crs(self):
        with pytest.raises(AreasError, match="GK25FIN"):
            carried(target=TARGETS.set_crs(3879, allow_override=True))

    def test_degrees(self):
        with pytest.raises(AreasError, match="not projected"):
            carried(SOURCES.index.to_series().map(PEOPLE), SOURCES.to_crs(4326), TARGETS.to_crs(4326))

    def test_targets_that_lie_over_each_other(self):
        with pytest.raises(AreasError, match="pairs of target areas that lie over each other: 1"):
            carried(target=areas(a=(0, 0, 18, 10), b=(15, 0, 30, 10)))

    def test_words_that_are_not_among_the_choices(self):
        with pytest.raises(UsageError, match=r"kind is 'extensiv'.*Did you mean 'extensive'"):
            carried(kind="extensiv")
        with pytest.raises(UsageError, match=r"method is 'dasimetric'.*areal, dasymetric, pycnophylactic"):
            carried(method="dasimetric")
        with pytest.raises(UsageError, match="outside is 'lose'"):
            carried(outside="lose")
        with pytest.raises(UsageError, match="tolerance is 2"):
            carried(tolerance=2)
