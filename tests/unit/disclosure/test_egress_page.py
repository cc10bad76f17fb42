"""The risk assessment holds what an official asks for, and nothing that runs."""

from dataclasses import replace

import pytest
from report_page import ALLOWED, HOSTILE, Page
from small_chapters import findings_with_chapter
from small_egress import STATED_BY, small_release
from small_findings import whole_findings

from lea_geo.disclosure.egress.page import risk_assessment
from lea_geo.disclosure.rules import load_profile
from lea_geo.schema import LANGUAGES, EthicalNote, Text


@pytest.fixture(scope="module", params=LANGUAGES)
def page(request) -> Page:
    return Page(risk_assessment(small_release(), request.param))


def english(release) -> str:
    return Page(risk_assessment(release, "en")).text


def test_a_page_is_whole_and_has_nothing_that_runs_or_loads(page):
    assert page.tags <= ALLOWED | {"pre"}
    assert page.links == []
    assert not {name for name in page.attributes if name.startswith("on")}


def test_a_page_says_who_stated_the_limit_and_how_sure_the_source_is():
    said = english(small_release())
    assert f"Who stated the limit {STATED_BY}" in said
    assert "Smallest count that is published 10" in said
    assert "The limit was stated by whoever made the study. Public instructions give no number." in said
    assert "it has 1–9 people or households (the limit is 10)" in said


def test_rules_that_look_at_details_alone_claim_nothing_about_counts():
    said = english(small_release(profile=load_profile("paavo")))
    assert "no detail can be inferred of any group whose details are hidden by the rules" in said
    assert "1–0" not in said
    assert "Smallest count that is published no limit" in said


def test_attacks_that_were_not_tried_stand_last_with_their_reason():
    said = english(small_release())
    untried = "An attacker who knows the suppression rule No It depends on what is known."
    assert untried in said
    assert said.index("Numbers in sentences Yes Nothing was found.") < said.index(untried)
    assert "Attacks tried 20 Attacks not tried 1" in said


def test_what_is_shown_is_told_with_the_smallest_count_and_denominator():
    """As in the facts: 12 areas, 9 with a value, 1 hidden, 2 without for another reason, 8 of 700."""
    assert "Pienituloiset (en) Other areas 2020: 12 9 1 2 8 700" in english(small_release())


def test_why_something_is_hidden_is_told_and_what_is_small_is_not():
    said = english(small_release())
    assert "Of 36 values, 3 are hidden." in said
    assert "It is deliberately not said which values are hidden for which reason" in said


def test_nothing_hidden_is_said_as_such():
    findings = whole_findings()
    results = {
        code: frame.assign(status=frame["status"].replace("suppressed", "missing"))
        for code, frame in findings.results.items()
    }
    said = english(small_release(replace(findings, results=results)))
    assert "No value was hidden: by the rules, all values can be published." in said


def test_reviewers_of_ethical_notes_are_named():
    findings = whole_findings()
    need, harm = (Text("-", "-", said) for said in ("It is needed.", "It may harm."))
    note = EthicalNote(need, harm, "A. Virtanen", "2026-01-31")
    indicators = tuple(replace(one, ethics=note) for one in findings.indicators)
    said = english(small_release(replace(findings, indicators=indicators)))
    assert "It is needed. It may harm. A. Virtanen, 2026-01-31" in said


def test_how_to_check_the_proof_and_the_files_is_told(page):
    assert "python verify_certificate.py proof_001.json.gz" in page.text
    assert "sha256sum -c SHA256SUMS" in page.text
    assert "0123456789abcdef" * 4 in page.text


def test_without_counts_there_is_no_proof_to_check():
    assert "No proof was needed" in english(small_release(proofs={}, commands=()))


def test_made_up_data_are_told_first(page):
    first = [text for text in page.texts if text.strip()][2]
    assert first in {
        "Aineisto on keksitty. Mikään luku ei kuvaa todellista paikkaa tai ihmisiä.",
        "Materialet är påhittat. Inga siffror beskriver en verklig plats eller verkliga människor.",
        "The data are made up. No number describes a real place or real people.",
    }


@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_came_from_data_is_text(hostile):
    findings = whole_findings(title=Text(*[hostile] * 3))
    indicators = tuple(replace(one, name=Text(*[hostile] * 3)) for one in findings.indicators)
    profile = load_profile("findata", minimum_count=10, stated_by=hostile)
    release = small_release(replace(findings, indicators=indicators), profile=profile)
    page = Page(risk_assessment(release, "en"))
    assert page.tags <= ALLOWED | {"pre"}
    assert not {name for name in page.attributes if name.startswith("on")}
    assert hostile.strip() in "".join(page.texts)


def test_chapters_are_said_to_follow_from_the_rest_and_their_own_files_not_to_be_audited():
    said = english(small_release(findings_with_chapter(), unaudited=("services.csv", "before.csv")))
    assert "they tell nothing that could not be computed from the rest of what is published" in said
    assert "these files, which were not audited: services.csv, before.csv" in said
    assert "as the file that was audited" not in said
    assert "the same, byte for byte, as the file in the study's output folder" in said


def test_nothing_is_said_of_chapters_where_there_are_none():
    said = english(small_release())
    assert "which were not audited" not in said
    assert "The report's chapters, with their tables" not in said
