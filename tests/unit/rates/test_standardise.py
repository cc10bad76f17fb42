"""Standardised rates, direct and indirect: by hand, and what is refused."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2

import lea_geo as lea
from lea_geo.errors import UsageError, ValuesError
from lea_geo.rates.standard_populations import EUROPEAN_2013, standard_of

AGES = ["0-14", "15-64", "65+"]
IDS = pd.Index(["a", "b"], name="area_id")
EVENTS = pd.DataFrame([[2, 10, 8], [0, 4, 30]], IDS, AGES, dtype=float)
PEOPLE = pd.DataFrame([[100, 400, 100], [50, 200, 250]], IDS, AGES, dtype=float)
STANDARD = pd.Series([20.0, 60, 20], AGES)


def as_long(table: pd.DataFrame) -> pd.Series:
    both = pd.MultiIndex.from_product([table.index, table.columns], names=["area_id", "age"])
    return pd.Series(table.to_numpy().ravel(), both)


def test_a_direct_rate_and_dobsons_interval_by_hand():
    # a: .2 * 2/100 + .6 * 10/400 + .2 * 8/100 = .004 + .015 + .016 = .035. w = .002, .0015, .002;
    # variance 4e-6 * 2 + 2.25e-6 * 10 + 4e-6 * 8 = 62.5e-6, and sqrt(62.5e-6 / 20) = .001767767.
    # Byar's bounds of 20 events: 20 (1 - 1/180 - 1.959964 / (3 sqrt 20))^3 = 12.21143 and
    # 21 (1 - 1/189 + 1.959964 / (3 sqrt 21))^3 = 30.88988.
    # .035 + .001767767 * (12.21143 - 20) = .0212317, .035 + .001767767 * (30.88988 - 20) = .0542508.
    result = lea.direct_rates(EVENTS, PEOPLE, standard=STANDARD)
    row = result.table.loc["a"]
    assert row[["events", "people", "crude"]].tolist() == pytest.approx([20, 600, 20 / 600])
    assert row["rate"] == pytest.approx(0.035)
    assert row["lower"] == pytest.approx(0.0212317, rel=1e-5)
    assert row["upper"] == pytest.approx(0.0542508, rel=1e-5)
    assert (result.interval, result.standard_name) == ("dobson_byar", "given")
    assert result.standard.tolist() == pytest.approx([0.2, 0.6, 0.2])


def test_exact_bounds_of_the_events_carry_over():
    row = lea.direct_rates(EVENTS, PEOPLE, standard=STANDARD, bounds="exact").table.loc["a"]
    stretch = np.sqrt(62.5e-6 / 20)
    assert row["lower"] == pytest.approx(0.035 + stretch * (chi2.ppf(0.025, 40) / 2 - 20))
    assert row["upper"] == pytest.approx(0.035 + stretch * (chi2.ppf(0.975, 42) / 2 - 20))


def test_left_out_the_standard_is_all_areas_together():
    result = lea.direct_rates(EVENTS, PEOPLE)
    assert result.standard_name == "own"
    assert result.standard.tolist() == pytest.approx([150 / 1100, 600 / 1100, 350 / 1100])


def test_the_rate_of_an_area_with_the_standards_ages_is_its_crude_rate():
    table = lea.direct_rates(EVENTS, PEOPLE, standard=PEOPLE.loc["b"]).table
    assert table.loc["b", "rate"] == pytest.approx(34 / 500)
    exact = lea.exact_interval(pd.Series([34.0], ["b"]), pd.Series([500.0], ["b"]), kind="rate")
    bounds = lea.direct_rates(EVENTS, PEOPLE, standard=PEOPLE.loc["b"], bounds="exact").table
    assert bounds.loc["b", ["lower", "upper"]].tolist() == pytest.approx(exact.loc["b", ["lower", "upper"]])


def test_long_tables_of_several_strata_are_the_wide_ones():
    events, people = as_long(EVENTS), as_long(PEOPLE)
    wide = lea.direct_rates(EVENTS, PEOPLE).table
    shuffled = lea.direct_rates(events.sample(frac=1, random_state=3), people).table
    pd.testing.assert_frame_equal(shuffled.loc[IDS], wide)


def test_strata_may_have_several_levels():
    both = pd.MultiIndex.from_product([IDS, AGES, ["f", "m"]], names=["area_id", "age", "sex"])
    people = pd.Series(np.repeat(PEOPLE.to_numpy().ravel() / 2, 2), both)
    events = pd.Series(np.repeat(EVENTS.to_numpy().ravel() / 2, 2), both)
    halves = lea.direct_rates(events, people, interval="gamma").table
    assert halves["rate"].tolist() == pytest.approx(lea.direct_rates(EVENTS, PEOPLE).table["rate"].tolist())


def test_an_area_without_events_has_a_rate_of_nothing_and_an_upper_bound():
    events = EVENTS * 0
    for how in ({"interval": "gamma"}, {"interval": "dobson"}, {"bounds": "exact"}):
        table = lea.direct_rates(events, PEOPLE, standard=PEOPLE.loc["a"], **how).table
        assert (table["rate"] == 0).all()
        assert (table["lower"] == 0).all()
        assert table.loc["a", "upper"] > 3 / 600  # the rule of three


def test_the_european_standard_population_of_2013_has_a_hundred_thousand_people():
    # Eurostat (2013), table of the revised population: 5 000 under five, 19 500 of 65 and over.
    assert sum(EUROPEAN_2013.values()) == 100_000
    assert sum(n for (first, _), n in EUROPEAN_2013.items() if first < 5) == 5_000
    assert sum(n for (first, _), n in EUROPEAN_2013.items() if first >= 65) == 19_500


def test_age_bands_add_up_the_bands_of_the_standard():
    # 1 000 + 4 000 + 5 500 + 5 500; 65 500 + 10 bands of working age; 19 500 from 65 on.
    assert standard_of("european_2013", pd.Index(AGES)).tolist() == [16_000, 64_500, 19_500]
    bands = pd.MultiIndex.from_product([["f", "m"], ["0-4", "5–9", "85 +"]], names=["sex", "age"])
    assert standard_of("european_2013", bands).tolist() == [5_000, 5_500, 2_500] * 2
    assert lea.direct_rates(EVENTS, PEOPLE, standard="european_2013").standard.tolist() == pytest.approx(
        [0.16, 0.645, 0.195]
    )


@pytest.mark.parametrize(
    ("strata", "said"),
    [
        (["0-17", "18+"], r"age bands that divide a band of the standard: 2 of 2 \(0-17, 18\+\)"),
        (["0-14", "10+"], "age bands that overlap"),
        (["young", "15+"], r"strata that are no age bands: 1 of 2 \(young\). Write age bands as '0-4'"),
        (["14-0", "15+"], "strata that are no age bands"),
    ],
)
def test_strata_that_the_standard_cannot_be_added_up_to_are_an_error(strata, said):
    with pytest.raises(ValuesError, match=said):
        standard_of("european_2013", pd.Index(strata))


def test_where_nobody_lives_in_a_stratum_the_area_has_no_direct_rate_and_a_note():
    events, people = EVENTS.copy(), PEOPLE.copy()
    events.loc["a", "65+"] = people.loc["a", "65+"] = 0
    result = lea.direct_rates(events, people, standard=STANDARD)
    assert result.table["rate"].isna().tolist() == [True, False]
    assert result.notes[0].startswith(
        "In 1 of 2 areas (a) nobody lives in a stratum that the standard (given)"
    )
    assert lea.indirect_rates(events, people).table["ratio"].notna().all()


def test_an_unknown_count_leaves_the_area_without_a_rate_and_the_standard_without_the_area():
    events = EVENTS.copy()
    events.loc["a", "0-14"] = np.nan
    result = lea.direct_rates(events, PEOPLE)
    assert result.table["rate"].isna().tolist() == [True, False]
    assert lea.indirect_rates(events, PEOPLE).table["ratio"]["b"] == pytest.approx(1)


def test_few_events_are_told():
    result = lea.direct_rates(EVENTS.clip(upper=1), PEOPLE)
    assert result.notes == (
        "2 of 2 areas have fewer than 10 events: their directly standardised rates are unstable.",
    )


def test_a_standardised_ratio_and_byars_interval_by_hand():
    # Standard rates .01, .02, .1 on a's 100, 400 and 100 people: 1 + 8 + 10 = 19 expected; 20 observed.
    # Byar's bounds of 20 events are 12.21143 and 30.88988 (above).
    rates = pd.Series([0.01, 0.02, 0.1], AGES)
    row = lea.indirect_rates(EVENTS, PEOPLE, standard_rates=rates).table.loc["a"]
    assert row[["events", "expected", "ratio"]].tolist() == pytest.approx([20, 19, 20 / 19])
    assert row[["lower", "upper"]].tolist() == pytest.approx([12.21143 / 19, 30.88988 / 19], rel=1e-6)
    # Among all 1 100 people the standard foretells 19 + .5 + 4 + 25 = 48.5 events.
    assert row["rate"] == pytest.approx(20 / 19 * 48.5 / 1100)


def test_events_in_all_are_enough_for_ratios_to_given_rates():
    rates = pd.Series([0.01, 0.02, 0.1], AGES)
    whole = lea.indirect_rates(EVENTS, PEOPLE, standard_rates=rates, bounds="exact").table
    total = lea.indirect_rates(EVENTS.sum(axis=1), PEOPLE, standard_rates=rates, bounds="exact").table
    pd.testing.assert_frame_equal(whole, total)
    assert whole["lower"]["b"] == pytest.approx(chi2.ppf(0.025, 68) / 2 / 29.5)


def test_by_their_own_rates_all_areas_together_have_a_ratio_of_one():
    table = lea.indirect_rates(EVENTS, PEOPLE).table
    assert table["events"].sum() == pytest.approx(table["expected"].sum())


def test_where_nothing_is_to_be_expected_there_is_no_ratio():
    rates = pd.Series([0.01, 0.0, 0.0], AGES)
    people = PEOPLE.copy()
    people.loc["a", "0-14"] = 0
    result = lea.indirect_rates(pd.Series([0.0, 3], IDS), people, standard_rates=rates)
    assert result.table["ratio"].isna().tolist() == [True, False]
    assert result.notes == ("In 1 of 2 areas no event was to be expected; they have no ratio.",)


def test_strata_that_differ_are_named():
    with pytest.raises(ValuesError) as caught:
        lea.direct_rates(EVENTS, PEOPLE.rename(columns={"65+": "65-"}))
    assert "strata of events that people does not have: 1 of 4 (65+)" in str(caught.value)
    assert "strata of people that events does not have: 1 of 4 (65-)" in str(caught.value)
    with pytest.raises(
        ValuesError, match=r"strata of the counts that standard does not have: 1 of 3 \(65\+\)"
    ):
        lea.direct_rates(EVENTS, PEOPLE, standard=STANDARD.drop("65+"))
    with pytest.raises(ValuesError, match="strata that events has twice"):
        lea.direct_rates(EVENTS[["0-14", "0-14"]], PEOPLE)


def test_every_fault_of_counts_by_stratum_is_named_at_once():
    events, people = EVENTS.copy(), PEOPLE.copy()
    events.loc["a", "0-14"], people.loc["b", "0-14"] = -1, 0
    events.loc["b", "0-14"] = 3
    with pytest.raises(ValuesError) as caught:
        lea.direct_rates(events, people)
    assert "negative events: 1 of 2 (a)" in str(caught.value)
    assert "events in a stratum where nobody lives: 1 of 2 (b)" in str(caught.value)


def test_a_row_that_a_long_table_lacks_is_not_a_zero():
    events = as_long(EVENTS).drop(("b", "0-14"))
    with pytest.raises(
        ValuesError, match=r"areas that lack strata in events: 1 of 2 \(b\). Give every stratum"
    ):
        lea.direct_rates(events, PEOPLE)
    with pytest.raises(ValuesError, match=r"areas with a stratum twice in people: 1 \(a\)"):
        lea.direct_rates(EVENTS, pd.concat([as_long(PEOPLE), as_long(PEOPLE).iloc[:1]]))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"standard": "european_1976"}, "standard is 'european_1976'; it must be one of european_2013"),
        ({"interval": "normal"}, "interval is 'normal'; it must be one of dobson, gamma"),
        ({"bounds": "wilson"}, "bounds is 'wilson'; it must be one of byar, exact"),
        ({"level": 95}, "level is 95"),
    ],
)
def test_unknown_options_of_standardisation_are_refused(change, said):
    with pytest.raises(UsageError, match=said):
        lea.direct_rates(EVENTS, PEOPLE, **change)


def test_counts_without_strata_are_refused():
    with pytest.raises(UsageError, match="events is a Series; it must be a DataFrame indexed by area_id"):
        lea.direct_rates(EVENTS["65+"], PEOPLE)
    with pytest.raises(ValuesError, match="standard holds nobody"):
        lea.direct_rates(EVENTS, PEOPLE, standard=STANDARD * 0)
    with pytest.raises(ValuesError, match=r"strata without a usable number in standard: 1 \(0-14\)"):
        lea.direct_rates(EVENTS, PEOPLE, standard=STANDARD.replace(20, np.nan).fillna({"65+": 1}))
