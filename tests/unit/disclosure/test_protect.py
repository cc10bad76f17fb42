"""What is hidden of a study before anything is written, and what is not given away by the rest."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog
from small_findings import indicator, whole_findings
from small_protected import POOR, findings_of, frame_of, squares

from lea_geo import schema
from lea_geo._protect import protect
from lea_geo.disclosure.rules import load_profile
from lea_geo.disclosure_spec import DisclosureSpec
from lea_geo.report import write_report
from lea_geo.spatial.builders import build_graph

FIVE = load_profile("sotkanet")
SUPPRESS = DisclosureSpec("sotkanet")
LOCAL = ("statistic", "lag", "expected", "variance", "z_score", "p_value", "q_value")


def study(counts, people=None, towns=None, **changes):
    """Return findings of one rate on squares in a row."""
    areas = squares(len(counts), towns=towns)
    people = people or [100] * len(counts)
    return findings_of(areas, {"poor": frame_of(POOR, areas, counts, people)}, [POOR], **changes)


def hidden(findings, code="poor"):
    frame = findings.results[code]
    return [i for i, status in enumerate(frame["status"]) if status == "suppressed"]


def table_of(sheets, member):
    """Return all that is published of the pieces, as sums that an attacker can write down."""
    rows, sums = [], []
    for findings, at in zip(sheets, member, strict=True):
        for i, count in enumerate(findings.results["poor"]["numerator"]):
            if np.isfinite(count):
                rows.append(at == i)
                sums.append(count)
        towns = np.append(findings.areas["municipality"].to_numpy(), "")
        for place, total in findings.comparisons[["place", "numerator"]].itertuples(index=False):
            if np.isfinite(total):
                rows.append((at >= 0) & ((place == "") | (towns[at] == place)))
                sums.append(total)
    return np.array(rows, dtype=float), np.array(sums)


def pieces_bounds(sheets, member, pieces):
    """Return what some pieces can hold together by all that is published, by linear programming."""
    table, sums = table_of(sheets, member)
    goal = np.zeros(len(member[0]))
    goal[pieces] = 1.0
    published = {"A_eq": table, "b_eq": sums} if len(sums) else {}
    least, most = linprog(goal, **published), linprog(-goal, **published)
    return round(least.fun, 6), np.inf if most.status == 3 else round(-most.fun, 6)


def bounds(findings):
    """Return what each area can hold by all that is published."""
    every = np.arange(len(findings.areas))
    return [pieces_bounds([findings], [every], [i]) for i in every]


def test_where_nothing_is_small_the_findings_are_the_same_object():
    findings = study([10, 20, 0, 40])
    made, account = protect(findings, SUPPRESS, FIVE)
    assert made is findings
    assert not account
    assert account.table.empty


def test_a_small_count_is_hidden_and_no_area_is_left_to_be_worked_out_from_the_total():
    findings = study([3, 20, 30, 40, 0, 50])
    made, account = protect(findings, SUPPRESS, FIVE)
    frame = made.results["poor"]
    lost = hidden(made)
    assert 0 in lost
    assert len(lost) > 1
    assert (
        frame.iloc[lost][["value", "numerator", "interval_lower", "interval_upper", "rank"]]
        .isna()
        .all(axis=None)
    )
    assert (frame.iloc[lost]["denominator"] == 100).all()
    assert (frame.iloc[lost][["lower", "upper"]] == [0.0, 100.0]).all(axis=None)
    for least, most in bounds(made):
        assert most >= 5 or least == 0 == most or least < 1
    row = account.table.iloc[0]
    assert (row["primary"], row["hidden"]) == (1, len(lost))
    assert row["people"] == findings.results["poor"]["numerator"].iloc[lost].sum()


def test_findings_that_are_given_are_not_changed():
    findings = study([3, 20, 30, 40])
    before = findings.results["poor"].copy()
    protect(findings, SUPPRESS, FIVE)
    pd.testing.assert_frame_equal(findings.results["poor"], before)
    assert "disclosure" not in findings.settings


def test_the_order_of_areas_does_not_matter():
    counts, towns = [3, 20, 30, 7, 9, 4], ["t", "u", "t", "u", "t", "u"]
    findings = study(counts, towns=towns)
    order = [4, 2, 0, 5, 1, 3]
    areas = findings.areas.iloc[order]
    turned = findings_of(areas, {"poor": findings.results["poor"].iloc[order]}, [POOR])
    made, again = (protect(one, SUPPRESS, FIVE)[0] for one in (findings, turned))
    pd.testing.assert_series_equal(
        made.results["poor"]["numerator"], again.results["poor"]["numerator"].sort_index(), check_names=False
    )


def test_every_town_s_total_is_published_and_none_gives_a_small_count_away():
    findings = study([3, 20, 30, 40, 2, 25, 60, 70], towns=["t"] * 4 + ["u"] * 4)
    made, _ = protect(findings, SUPPRESS, FIVE)
    for at, (least, most) in enumerate(bounds(made)):
        assert most >= 5 or least < 1, at


def test_a_rate_of_too_few_people_is_hidden_however_many_of_them_it_counts():
    profile = load_profile("paavo")
    poor = replace(POOR, numerator=("hr_pi_tul",), denominator=("hr_tuy",))
    areas = squares(5)
    frame = frame_of(poor, areas, [12, 20, 40, 50, 60], [20, 100, 100, 100, 100])
    made, _ = protect(findings_of(areas, {"poor": frame}, [poor]), DisclosureSpec("paavo"), profile)
    lost = hidden(made)
    assert 0 in lost
    assert len(lost) > 1  # or the total would give it back
    assert made.results["poor"]["denominator"].tolist() == [20, 100, 100, 100, 100]


def test_a_denominator_that_is_small_itself_is_hidden_where_it_may_not_be_seen():
    findings = study([1, 20, 40, 50, 60], [3, 100, 100, 100, 100])
    made, _ = protect(findings, SUPPRESS, FIVE)
    denominator = made.results["poor"]["denominator"]
    assert np.isnan(denominator.iloc[0])
    assert denominator.isna().sum() > 1
    assert made.results["poor"]["value"].isna()[denominator.isna()].all()


def test_a_median_is_hidden_where_its_group_is_known_to_be_small():
    profile = load_profile("paavo")
    income = indicator(
        "income", "Income", unit="euro", numerator=(), denominator=(), field="hr_mtu", decimals=0
    )
    poor = replace(POOR, numerator=("hr_pi_tul",), denominator=("hr_tuy",))
    areas = squares(5)
    counted = frame_of(poor, areas, [12, 20, 40, 50, 60], [20, 100, 100, 100, 100])
    money = counted.assign(
        value=[9000.0, 20_000, 21_000, 30_000, 23_000], numerator=np.nan, denominator=np.nan
    )
    findings = findings_of(areas, {"poor": counted, "income": money}, [poor, income])
    made, account = protect(findings, DisclosureSpec("paavo"), profile)
    assert hidden(made, "income") == [0]
    assert account.unseen == ()
    assert made.results["income"][["lower", "upper"]].isna().all(axis=None)
    # The least, the greatest and the middle one of those that are shown: 20, 21, 23 and 30 thousand.
    assert made.summary.loc["income", ["minimum", "median", "maximum"]].tolist() == [20_000, 22_000, 30_000]
    region = made.comparisons.query("code == 'income' and place == ''").iloc[0]
    assert (region["value"], region["n_valued"]) == (22_000, 4)
    # Alone, nothing says how many people are behind the median.
    alone = findings_of(areas, {"income": money}, [income])
    _, account = protect(alone, DisclosureSpec("paavo"), profile)
    assert account.unseen == ("hr_tuy under 30",)


def test_that_a_share_does_not_apply_is_hidden_where_too_few_stand_behind_its_denominator():
    # One-parent families among families, of all households: not one of 12 households is a family.
    profile = load_profile("paavo")
    alone = replace(POOR, code="alone", numerator=("te_yhlap",), denominator=("te_laps",))
    homes = indicator(
        "homes",
        "Homes",
        numerator=(),
        denominator=(),
        field="te_taly",
        unit="households",
        kind="extensive",
        scale=1.0,
    )
    areas = squares(4)
    counted = frame_of(POOR, areas, [12, 50, 60, 70], [100] * 4)
    households = counted.assign(value=counted["numerator"], numerator=np.nan, denominator=np.nan)
    families = frame_of(alone, areas, [1, 5, 6, 7], [10, 20, 30, 40])
    none = {"value": np.nan, "status": "not_applicable", "numerator": 0.0, "denominator": 0.0}
    families.loc["a00", list(none)] = list(none.values())
    findings = findings_of(areas, {"alone": families, "homes": households}, [alone, homes])
    made, account = protect(findings, DisclosureSpec("paavo"), profile)
    row = made.results["alone"].loc["a00"]
    assert row["status"] == "suppressed"
    assert row[["value", "numerator", "denominator"]].isna().all()
    assert made.results["homes"]["value"].tolist() == [12, 50, 60, 70]  # totals stay visible
    assert account.unseen == ()


def test_numbers_of_tests_go_and_their_labels_stay():
    made, _ = protect(study([3, 20, 30, 40]), SUPPRESS, FIVE)
    frame = made.results["poor"]
    for method in schema.LOCAL_METHODS:
        assert frame[[schema.result_column(method, name) for name in LOCAL]].isna().all(axis=None)
        assert (frame[schema.result_column(method, "label")] == "High-High").all()
    row = made.summary.loc["poor"]
    assert (row["moran_statistic"], row["moran_z_score"], row["moran_p_value"]) == (0.12, 3.5, 0.001)


def test_ranks_are_among_what_is_shown_so_that_no_gap_says_where_a_hidden_value_lies():
    made, _ = protect(study([3, 20, 30, 40, 50, 60]), SUPPRESS, FIVE)
    ranks = made.results["poor"]["rank"].dropna().sort_values().tolist()
    assert ranks == list(range(1, len(ranks) + 1))
    assert made.results["poor"]["rank_upper"].max() <= len(ranks)
    shown = made.results["poor"]["value"].dropna()
    row = made.summary.loc["poor"]
    assert (row["minimum"], row["maximum"]) == (shown.min(), shown.max())
    assert (row["n_observed"], row["n_suppressed"]) == (len(shown), 6 - len(shown))


def test_an_index_is_hidden_wherever_a_part_of_it_is():
    group = indicator("group", "Group", level="group", members=("poor",), numerator=(), denominator=())
    index = replace(group, code="index", level="index", members=("group",), decimals=1)
    findings = study([3, 20, 30, 40])
    areas = findings.areas
    score = findings.results["poor"].assign(
        value=[10.1234, 20.1234, 30.1234, 40.1234], numerator=np.nan, denominator=np.nan
    )
    frames = {"poor": findings.results["poor"], "group": score, "index": score}
    made, _ = protect(findings_of(areas, frames, [POOR, group, index]), SUPPRESS, FIVE)
    for code in ("group", "index"):
        assert hidden(made, code) == hidden(made)
        shown = made.results[code]["value"].dropna()
        assert (shown == shown.round(1)).all()


def test_the_same_count_in_two_indicators_is_hidden_in_both():
    other = replace(POOR, code="other", denominator=("homes",))
    areas = squares(4)
    frames = {
        "poor": frame_of(POOR, areas, [3, 20, 30, 40], [100] * 4),
        "other": frame_of(other, areas, [3, 20, 30, 40], [60] * 4),
    }
    made, _ = protect(findings_of(areas, frames, [POOR, other]), SUPPRESS, FIVE)
    assert hidden(made) == hidden(made, "other") != []


def test_what_the_employed_and_the_labour_force_give_away_of_the_unemployed_is_hidden_with_them():
    force = ("work", "none")
    out = replace(POOR, code="out", numerator=("none",), denominator=force)
    at_work = replace(POOR, code="work", numerator=("work",), denominator=force)
    areas, none = squares(6), np.array([3, 20, 30, 25, 40, 22])
    frames = {
        "out": frame_of(out, areas, none, [100] * 6),
        "work": frame_of(at_work, areas, 100 - none, [100] * 6),
    }
    made, account = protect(findings_of(areas, frames, [out, at_work]), SUPPRESS, FIVE)
    employed, whole = (made.results["work"][name] for name in ("numerator", "denominator"))
    lost = made.results["out"]["numerator"].isna()
    assert lost.iloc[0]
    assert (employed.isna() | whole.isna())[lost].all()
    # Nor do the totals give back whom subtraction would lead to.
    assert employed.isna().sum() > 1
    assert account.table.set_index("code")["primary"].to_dict() == {"out": 1, "work": 0}


def test_a_number_of_people_is_protected_as_the_counts_of_rates_are():
    people = indicator(
        "children",
        "Children",
        numerator=(),
        denominator=(),
        field="children",
        unit="persons",
        kind="extensive",
        scale=1.0,
    )
    areas = squares(5)
    plain = frame_of(POOR, areas, [1] * 5, [100] * 5)
    frame = plain.assign(value=[4.0, 20, 0, 30, 40], numerator=np.nan, denominator=np.nan)
    made, _ = protect(findings_of(areas, {"children": frame}, [people]), SUPPRESS, FIVE)
    assert 0 in hidden(made, "children")
    assert 2 not in hidden(made, "children")
    assert made.results["children"]["lower"].iloc[0] == 0


def crossing(counts, *, shift=500):
    """Return squares of 1 km and squares half a step off, with the true pieces between them."""
    # Pieces of 500 m from west to east: two make a square of either kind; the second covers neither end.
    towns = np.add.reduceat(counts, np.arange(0, len(counts), 2))
    inner = np.add.reduceat(counts[1:-1], np.arange(0, len(counts) - 2, 2))
    first = study(towns.tolist(), year="2020")
    areas = squares(len(inner), east=shift)
    second = findings_of(
        areas, {"poor": frame_of(POOR, areas, inner, [100] * len(inner))}, [POOR], level="grid", year="2020"
    )
    pieces = np.arange(len(counts))
    inside = (pieces > 0) & (pieces < len(counts) - 1)
    return replace(first, others=(second,)), pieces // 2, np.where(inside, (pieces - 1) // 2, -1)


def test_two_kinds_of_areas_that_are_safe_alone_are_hidden_where_they_give_a_piece_away_together():
    # Squares of 6, 14 and 15, and half a step off of 7 and 24: nobody is alone in any. But 35 in all less 31
    # are the four people at the two ends, which the second kind does not cover.
    counts = np.array([3, 3, 4, 10, 14, 1])
    findings, *member = crossing(counts)
    made, account = protect(findings, SUPPRESS, FIVE)
    assert account
    ends = pieces_bounds([made, made.others[0]], member, [0, 5])
    assert not (ends[0] >= 1 and ends[1] < 5)
    # As they were, anybody could tell.
    assert pieces_bounds([findings, findings.others[0]], member, [0, 5]) == (4, 4)


def test_kinds_of_areas_that_contradict_each_other_are_protected_each_by_itself():
    counts = np.array([3, 1, 4, 10, 14, 6])
    findings, *_ = crossing(counts)
    other = findings.others[0]
    wrong = frame_of(POOR, other.areas, [90, 3], [100, 100])
    findings = replace(
        findings, others=(findings_of(other.areas, {"poor": wrong}, [POOR], level="grid", year="2020"),)
    )
    made, account = protect(findings, SUPPRESS, FIVE)
    assert account.contradicting == ("poor",)
    assert hidden(made)
    assert 1 in hidden(made.others[0])
    assert any("contradict each other" in note for note in made.notes)


def test_years_are_protected_each_by_itself():
    first = study([30, 20, 30, 40], year="2021")
    second = study([3, 20, 30, 40], year="2020")
    made, account = protect(replace(first, others=(second,)), SUPPRESS, FIVE)
    assert not hidden(made)
    assert 0 in hidden(made.others[0])
    assert account.table["year"].tolist() == ["2020"]
    assert made.results["poor"] is first.results["poor"]


def test_what_must_stay_visible_stays():
    findings = study([3, 20, 30, 40, 2, 25], towns=["t"] * 4 + ["u"] * 2)
    made, _ = protect(findings, DisclosureSpec("sotkanet", never=("municipality", "region")), FIVE)
    assert made.comparisons["numerator"].notna().all()
    made, account = protect(findings, DisclosureSpec("sotkanet", never=("poor",)), FIVE)
    assert made is findings
    assert not account


def test_audit_only_hides_nothing():
    findings = study([3, 20, 30, 40])
    made, account = protect(findings, DisclosureSpec("sotkanet", method="audit_only"), FIVE)
    assert made is findings
    assert account.method == "audit_only"


def test_the_account_that_leaves_does_not_say_which_of_the_hidden_are_small():
    made, account = protect(study([3, 20, 30, 40]), SUPPRESS, FIVE)
    said = json.loads(json.dumps(account.as_dict()))
    assert said == made.settings["disclosure"]
    assert set(said["hidden"][0]) == {"code", "hidden"}
    assert "people" not in json.dumps(said["hidden"])


def test_what_somebody_would_find_who_computed_again_is_measured_and_told(tmp_path):
    counts = [3, 20, 30, 40, 50, 45, 9, 8, 30, 12]
    findings = study(counts)
    graph = build_graph(findings.areas, "rook")
    made, account = protect(findings, SUPPRESS, FIVE, graphs=[graph])
    row, shown = account.table.iloc[0], made.results["poor"]["value"]
    # Moran's I by its definition, of the areas that have a value and their links in a row.
    for name, values in (("moran_before", findings.results["poor"]["value"]), ("moran_after", shown)):
        deviation = (values - values.mean()).to_numpy()
        known = np.isfinite(deviation)
        lags = []
        for i in np.flatnonzero(known):
            near = [j for j in (i - 1, i + 1) if 0 <= j < len(values) and known[j]]
            lags.append(deviation[i] * np.mean(deviation[near]) if near else np.nan)
        linked = np.isfinite(lags)
        if linked.all():
            assert row[name] == pytest.approx(np.sum(lags) / np.sum(deviation[known] ** 2))
    assert row["moran_before"] != row["moran_after"]
    said = made.settings["disclosure"]["hidden"][0]
    assert said["moran_after"] == round(row["moran_after"], 2)
    write_report(made, tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text("utf-8")
    assert "Computed from what is shown" in page
    assert f"{said['moran_after']:.2f}".replace("-", "\N{MINUS SIGN}") in page


@pytest.mark.parametrize("k", [3, 5, 10])
def test_no_small_count_of_a_town_can_be_worked_out_whatever_the_counts(k):
    random = np.random.default_rng(k)
    profile = load_profile("sotkanet", minimum_count=k)
    for _ in range(4):
        counts = random.poisson(8, 9).tolist()
        made, _ = protect(study(counts, towns=["t"] * 4 + ["u"] * 5), SUPPRESS, profile)
        for least, most in bounds(made):
            assert not (least >= 1 and most < k), counts


def test_the_report_says_in_three_languages_what_was_withheld_and_warns_of_computing_again(tmp_path):
    small = whole_findings()
    made, account = protect(
        small, SUPPRESS, load_profile("sotkanet", minimum_count=10, stated_by="the board")
    )
    assert account
    write_report(made, tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text("utf-8")
    for said in (
        "Mitä on salattu ja miksi",
        "Vad som har dolts och varför",
        "What was withheld, and why",
        "Lukumääriä 1–9 ei näytetä.",
        "The least count that is shown was decided by: the board.",
        "0,01",
        "0.48",
        "Do not compute statistical tests again",
    ):
        assert said in page
    assert "not_known" not in page  # the settings do not print the rules again
    write_report(small, tmp_path / "plain.html")
    assert "What was withheld" not in (tmp_path / "plain.html").read_text("utf-8")
