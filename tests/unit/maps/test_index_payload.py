"""What the page is given of an index: its hierarchy, what runs say, verdicts, and places on two ledgers."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from index_findings import EDUCATION, INDEX, MATERIAL, MOVED_BY, VERDICT, index_findings
from packed import column
from small_findings import IDS, small_findings

from lea_geo.errors import OutputError
from lea_geo.maps.page import planner_map
from lea_geo.maps.payload import build_payload, to_script_json
from lea_geo.schema import LOCAL_METHODS, STABILITY_COLUMNS, result_column

WORDS_OF_RUNS = [
    result_column(method, word) for method in LOCAL_METHODS for word in ("verdict", "depends_on")
]


def _sheet(findings):
    payload = json.loads(to_script_json(build_payload(findings, language="fi", version="0")))
    return payload["sheets"][0]


def _columns(findings, code):
    return next(one["columns"] for one in _sheet(findings)["indicators"] if one["code"] == code)


def test_every_indicator_says_what_it_is_made_of():
    told = {one["code"]: one for one in _sheet(index_findings())["indicators"]}
    assert (told[INDEX]["level"], told[INDEX]["members"], told[INDEX]["weights"]) == (
        "index",
        [MATERIAL, EDUCATION],
        [0.75, 0.25],
    )
    assert (told["income"]["level"], told["income"]["members"], told["income"]["weights"]) == (
        "indicator",
        [],
        [],
    )


def test_what_runs_say_of_every_area_is_there():
    found = _columns(index_findings(), INDEX)
    assert set(STABILITY_COLUMNS) | set(WORDS_OF_RUNS) <= set(found)
    assert [one or "" for one in column(found["moved_by"])] == MOVED_BY
    assert [one or "" for one in column(found["local_g_star_verdict"])] == VERDICT
    assert column(found["tier_lower"])[:4] == [1, 1, 2, 1]


def test_a_study_without_runs_carries_none_of_their_columns():
    for code in ("low_income", "income", "plain"):
        found = _columns(small_findings(), code)
        assert not {*STABILITY_COLUMNS, *WORDS_OF_RUNS, "local_moran_share"} & set(found)
    assert _sheet(small_findings())["ledgers"] is None


def test_shares_of_runs_are_whole_per_cents_that_are_never_quite_0_or_100():
    found = column(_columns(index_findings(), INDEX)["p_worst"])
    assert found[:5] == [0.98, 0.95, 0.12, 0.61, 0.0]  # of 0.98, 0.9512, 0.12, 0.61, 0.0
    assert found[6] is None


@given(st.lists(st.floats(0, 1), min_size=12, max_size=12))
@settings(max_examples=20, deadline=None)
def test_a_share_is_rounded_to_whole_per_cents_and_only_the_ends_stand_for_more(shares):
    findings = index_findings()
    frame = findings.results[INDEX].assign(p_worst=shares)
    found = _columns(replace(findings, results={**findings.results, INDEX: frame}), INDEX)["p_worst"]
    for told, share in zip(column(found), shares, strict=True):
        if 0.01 <= share <= 0.99:
            assert abs(told - share) <= 0.005 + 1e-12
        else:
            assert told == (0 if share < 0.01 else 1)


def test_places_on_two_ledgers_are_words_in_the_order_of_the_areas():
    findings = index_findings(ledgers=True)
    found = dict(zip(IDS, column(_sheet(findings)["ledgers"]), strict=True))
    assert found[IDS[0]] == "high_load_low_resource"
    assert found[IDS[3]] == "high_load_high_resource"
    assert found[IDS[6]] is None


def test_a_map_is_not_drawn_of_composites_that_are_part_of_themselves():
    findings = index_findings()
    index, material, *others = findings.indicators
    round_about = replace(material, members=(INDEX,), weights=())
    with pytest.raises(OutputError, match=r"composites that are part of themselves: 2 \(index, mat"):
        planner_map(replace(findings, indicators=(index, round_about, *others)))
