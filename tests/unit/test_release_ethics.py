"""An indicator whose ethical note nobody has reviewed does not leave."""

import pytest
from small_findings import indicator, whole_findings

from lea_geo._release_ethics import check_ethics, with_reviews
from lea_geo.disclosure_spec import DisclosureSpec, Reviewed
from lea_geo.errors import SpecError
from lea_geo.schema import EthicalNote, Text
from lea_geo.spec import load_spec
from lea_geo.study import check, run

NOTE = EthicalNote(Text("t", "b", "n"), Text("h", "s", "h"), "A. Virtanen", "2026-01-31")
RULES = '\n[disclosure]\nprofile = "findata"\nminimum_count = 5\nstated_by = "the test"\n'


def reviewed(*names):
    return DisclosureSpec("sotkanet", reviewed=(Reviewed(names, "Ethics board", "2026-01-31"),))


def test_all_indicators_without_a_review_are_named_at_once_with_what_to_do():
    codes = [f"code_{n}" for n in range(7)]
    indicators = [*(indicator(code, code) for code in codes), indicator("known", "known", ethics=NOTE)]
    with pytest.raises(SpecError) as refused:
        check_ethics(indicators, DisclosureSpec("sotkanet"))
    said = str(refused.value)
    assert (
        "indicators without a reviewed ethical note: 7 of 8 (code_0, code_1, code_2, code_3, code_4, …)"
        in said
    )
    assert 'indicators = ["code_0", "code_1", "code_2", "code_3", "code_4", "code_5", "code_6"]' in said
    assert "reviewed_by and reviewed_on" in said


def test_a_review_may_stand_in_the_catalogue_or_in_the_study_by_name_or_pattern():
    check_ethics([indicator("known", "known", ethics=NOTE)], DisclosureSpec("sotkanet"))
    check_ethics([indicator("code_1", "a"), indicator("code_2", "b")], reviewed("code_*"))
    with pytest.raises(SpecError, match="1 of 2 \\(code_2\\)"):
        check_ethics([indicator("code_1", "a"), indicator("code_2", "b")], reviewed("code_1"))


def test_a_review_of_no_indicator_is_a_fault():
    with pytest.raises(SpecError, match=r"no indicator of this study: 1 \(cod_1\)\. Was another"):
        check_ethics([indicator("code_1", "a")], reviewed("code_1", "cod_1"))


def test_an_index_is_as_reviewed_as_what_it_is_made_of():
    index = indicator("index", "index", level="index", members=("code_1",))
    check_ethics([index, indicator("code_1", "a", ethics=NOTE)], DisclosureSpec("sotkanet"))


def test_without_rules_of_release_nobody_is_asked():
    check_ethics([indicator("code_1", "a")], None)


def test_findings_say_who_reviewed_and_leave_what_the_catalogue_says():
    first, *_ = whole_findings().indicators
    other = whole_findings(year="2016")
    findings = whole_findings(others=(other,))
    told = with_reviews(findings, reviewed("low_income"))
    for one in (told, told.others[0]):
        notes = {each.code: each.ethics for each in one.indicators}
        assert (notes["low_income"].reviewed_by, notes["low_income"].reviewed_on) == (
            "Ethics board",
            "2026-01-31",
        )
        assert notes["income"].reviewed_by == ""
    assert first.ethics.reviewed_by == ""
    assert with_reviews(findings, None) is findings


@pytest.mark.parametrize("does", [check, run])
def test_a_study_is_refused_before_anything_is_computed(does, tmp_path, mini_study):
    study = mini_study(tmp_path)
    study.write_text(study.read_text(encoding="utf-8") + RULES, encoding="utf-8")
    with pytest.raises(SpecError, match="Nothing may leave yet:"):
        does(load_spec(study))
