"""What a release shows is counted as it leaves."""

from dataclasses import replace

from small_findings import whole_findings

from lea_geo.disclosure.egress.facts import smallest, what_is_shown


def shown_of(findings, code, sheet=""):
    return next(one for one in what_is_shown(findings) if (one.indicator.code, one.sheet) == (code, sheet))


def test_areas_with_a_value_hidden_ones_and_others_are_counted():
    """Of twelve areas one is suppressed, one missing, one not applicable, and one a structural zero."""
    one = shown_of(whole_findings(), "low_income")
    assert (one.areas, one.shown, one.hidden, one.other) == (12, 9, 1, 2)


def test_the_smallest_count_is_above_zero_and_the_smallest_denominator_is_of_a_shown_rate():
    """The smallest rate above zero is 1.1 %, its numerator round(7 x 1.1) = 8; denominators are 700."""
    one = shown_of(whole_findings(), "low_income")
    assert (one.smallest_count, one.smallest_denominator) == (8, 700)


def test_a_value_that_is_itself_a_count_is_one():
    """The smallest of the values above zero is the first, 21 000."""
    findings = whole_findings()
    indicators = tuple(
        replace(one, unit="persons", numerator=(), denominator=(), field="people")
        for one in findings.indicators
        if one.code == "income"
    )
    results = {"income": findings.results["income"].assign(numerator=float("nan"))}
    summary = findings.summary.loc[["income"]]
    counted = replace(findings, indicators=indicators, results=results, summary=summary)
    assert shown_of(counted, "income").smallest_count == 21_000


def test_a_denominator_is_a_count_too_and_counts_as_one_only_where_a_value_is_shown_of_it():
    """Of the suppressed area somebody is told that 5 people live there, and no rate."""
    findings = whole_findings()
    frame = findings.results["low_income"].copy()
    frame.loc[frame["status"] == "suppressed", "denominator"] = 5.0
    one = shown_of(replace(findings, results={**findings.results, "low_income": frame}), "low_income")
    assert (one.smallest_count, one.smallest_denominator) == (5, 700)


def test_an_amount_of_money_is_no_count_of_people():
    findings = whole_findings()
    bare = findings.results["income"].assign(numerator=float("nan"), denominator=float("nan"))
    changed = replace(findings, results={**findings.results, "income": bare})
    one = shown_of(changed, "income")
    assert (one.smallest_count, one.smallest_denominator) == (None, None)


def test_other_years_are_told_under_their_own_names():
    first = whole_findings(level="postal", year="2020")
    both = replace(first, others=(whole_findings(level="postal", year="2016"),))
    one = shown_of(both, "low_income", "postal_2016")
    assert (one.level, one.year) == ("postal", "2016")


def test_the_smallest_of_all_is_the_smallest_of_each_and_nothing_of_nothing():
    held = what_is_shown(whole_findings())
    assert smallest(held) == (8, 700)
    assert smallest(()) == (None, None)
