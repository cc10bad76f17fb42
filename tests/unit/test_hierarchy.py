"""Composites among findings: who is part of whom, and where areas lie on two ledgers."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from index_findings import EDUCATION, INDEX, MATERIAL, index_findings

from lea_geo._checks.faults import Faults
from lea_geo._checks.stability import check_hierarchy, check_stability
from lea_geo._hierarchy import ledger_codes, ledger_places, tops, weighed
from lea_geo.errors import OutputError
from lea_geo.schema import PLACES

FINDINGS = index_findings()


def _told(check, *given):
    faults = Faults()
    check(*given, faults)
    with pytest.raises(OutputError) as raised:
        faults.raise_if_any(OutputError, "No:")
    return str(raised.value)


def _changed(code, **changes):
    return [replace(one, **changes) if one.code == code else one for one in FINDINGS.indicators]


def test_what_is_part_of_nothing_stands_on_top_and_members_come_with_their_weights():
    assert [one.code for one in tops(FINDINGS.indicators)] == [INDEX]
    index = FINDINGS.indicators[0]
    assert list(weighed(index)) == [(MATERIAL, 0.75), (EDUCATION, 0.25)]
    assert list(weighed(replace(index, weights=()))) == [(MATERIAL, None), (EDUCATION, None)]


def test_findings_that_hold_together_have_no_faults():
    faults = Faults()
    check_hierarchy(FINDINGS.indicators, faults)
    for frame in FINDINGS.results.values():
        check_stability(frame, faults)
    assert faults.found == []


@pytest.mark.parametrize(
    ("code", "changes", "said"),
    [
        (INDEX, {"level": "galaxy"}, "unknown levels: 1 (index)"),
        ("plain", {"members": ("income",)}, "indicators with members: 1 (plain)"),
        (INDEX, {"members": ("nobody",), "weights": ()}, "no indicators of these findings: 1 (nobody)"),
        (INDEX, {"members": (MATERIAL, "plain"), "weights": ()}, "more than one composite: 1 (plain)"),
        (MATERIAL, {"members": (INDEX,), "weights": ()}, "that are part of themselves: 2 (index, mat"),
        (INDEX, {"weights": (0.5, 0.4)}, "weights that are no shares of the members: 1 (index)"),
        (INDEX, {"weights": (1.0,)}, "weights that are no shares of the members: 1 (index)"),
        (INDEX, {"weights": (float("nan"), 1.0)}, "weights that are no shares of the members: 1 (index)"),
    ],
)  # fmt: skip
def test_a_hierarchy_that_cannot_be_is_refused(code, changes, said):
    assert said in _told(check_hierarchy, _changed(code, **changes))


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("p_worst", 1.01, "p_worst is no share of runs: 1 of 12 (65000)"),
        ("p_worst_decile", -0.1, "p_worst_decile is no share of runs: 1 of 12 (65000)"),
        ("local_g_star_share", 2.0, "local_g_star_share is no share of runs: 1 of 12 (65000)"),
        ("tier_lower", 0.0, "tiers that cannot be: 1 of 12 (65000)"),
        ("tier_upper", 1.5, "tiers that cannot be: 1 of 12 (65000)"),
        ("tier_lower", 2.0, "tiers that cannot be: 1 of 12 (65000)"),
        ("tier_upper", np.nan, "tiers that cannot be: 1 of 12 (65000)"),
        ("local_moran_verdict", "depends", "local_moran_verdict depends on nothing: 1 of 12 (65000)"),
        ("local_moran_depends_on", "graph luck", "unknown local_moran_depends_on: 1 of 12 (65000)"),
    ],
)
def test_shares_tiers_and_verdicts_that_cannot_be_are_refused(column, value, said):
    frame = FINDINGS.results[INDEX].copy()
    frame.loc["65000", column] = value  # its tiers are 1 to 1, and its labels are firm
    assert said in _told(check_stability, frame)


def test_ledgers_are_known_by_their_level_and_there_must_be_both():
    both = index_findings(ledgers=True)
    assert ledger_codes(both) == ("load", "resource")
    assert ledger_codes(FINDINGS) is None
    assert ledger_places(FINDINGS) is None
    one = replace(both, indicators=both.indicators[1:])
    assert ledger_codes(one) is None


score = st.one_of(st.just(np.nan), st.integers(0, 4).map(float))


LEDGERS = index_findings(ledgers=True)


@given(st.lists(st.tuples(score, score), min_size=12, max_size=12))
def test_an_area_lies_high_on_a_ledger_where_its_score_is_above_the_median(scores):
    load, resource = (pd.Series(column, index=LEDGERS.areas.index) for column in zip(*scores, strict=True))
    frames = {"load": pd.DataFrame({"value": load}), "resource": pd.DataFrame({"value": resource})}
    found = ledger_places(replace(LEDGERS, results=frames))
    middles = [np.median(known) if len(known := one.dropna()) else np.nan for one in (load, resource)]
    sides = [
        ["high" if one > middle else "low" for one in column]
        for column, middle in zip((load, resource), middles, strict=True)
    ]
    known = load.notna() & resource.notna()
    words = [f"{first}_load_{second}_resource" for first, second in zip(*sides, strict=True)]
    expected = [word if there else "" for word, there in zip(words, known, strict=True)]
    assert found.tolist() == expected
    assert set(found) <= set(PLACES)
