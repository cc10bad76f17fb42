"""What the page is given: every number as it is shown, nothing that could be markup."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from packed import column, unpacked
from small_findings import IDS, SUPPRESSED, small_findings

from lea_geo.maps.payload import SHOWN_COLUMNS, build_payload, to_script_json
from lea_geo.schema import CELL_COLUMNS, LOCAL_METHODS, result_column


def _payload(findings=None, language="fi"):
    return build_payload(findings or small_findings(), language=language, version="0")


@given(st.recursive(st.text(), lambda inner: st.dictionaries(st.text(), inner, max_size=3), max_leaves=5))
def test_no_text_can_leave_its_script_element(data):
    text = to_script_json(data)
    assert text.isascii()
    assert not set(text) & set("<>&")
    assert json.loads(text) == data


@given(st.floats())
def test_numbers_survive_whole_and_what_json_does_not_know_is_null(value):
    (read,) = json.loads(to_script_json([value]))
    assert read == value if np.isfinite(value) else read is None


def test_columns_hold_what_the_findings_hold_as_it_is_shown():
    findings = small_findings()
    decimals = {"numerator": 2, "denominator": 2, "statistic": 3, "p_value": 3, "q_value": 3}
    fields = {name: name for name in CELL_COLUMNS}
    fields |= {result_column(method, name): name for method in LOCAL_METHODS for name in SHOWN_COLUMNS}
    for described in _payload(findings)["sheets"][0]["indicators"]:
        frame = findings.results[described["code"]]
        for field, name in fields.items():
            held = field in described["columns"]
            assert held or field not in frame or frame[field].isin(["", np.nan]).all()
            for shown, value in zip(
                column(described["columns"][field]) if held else [],
                frame[field] if held else [],
                strict=True,
            ):
                if isinstance(value, str):
                    assert (shown or "") == value
                elif np.isnan(value):
                    assert shown is None
                else:
                    below = name.endswith("_value") and value < 0.001
                    step = 10.0 ** -decimals.get(name, described["decimals"])
                    assert shown == 0 if below else abs(shown - value) <= step / 2 * (1 + 1e-9)


def test_a_method_that_was_not_run_is_not_offered():
    methods = {one["code"]: one["methods"] for one in _payload()["sheets"][0]["indicators"]}
    assert methods["plain"] == []
    assert methods["income"] == ["local_moran", "local_g_star"]


def test_settings_of_any_shape_become_plain_json():
    findings = small_findings(
        settings={"years": (1, 2), "limit": float("inf"), "n": np.int64(3), "none": pd.NA}
    )
    payload = json.loads(to_script_json(_payload(findings)))
    assert payload["sheets"][0]["settings"] == {"years": [1, 2], "limit": None, "n": 3, "none": None}


@pytest.mark.parametrize("absent", ["name_sv", "municipality"])
def test_areas_may_lack_a_column_of_names(absent):
    findings = small_findings()
    bare = replace(findings, areas=findings.areas.drop(columns=absent))
    assert json.loads(unpacked(_payload(bare)["places"][0]["ids"]["list"])) == IDS


def test_a_suppressed_value_reaches_the_page_as_bounds_only():
    columns = _payload()["sheets"][0]["indicators"][0]["columns"]
    at = IDS.index(SUPPRESSED)
    assert column(columns["value"])[at] is None
    assert (column(columns["lower"])[at], column(columns["upper"])[at]) == (0.0, 9.7)


def test_years_of_the_same_areas_share_one_place():
    early = small_findings(year="2018", level="postal")
    payload = _payload(replace(small_findings(year="2020", level="postal"), others=(early,)))
    assert len(payload["places"]) == 1
    assert [(one["place"], one["year"]) for one in payload["sheets"]] == [(0, "2020"), (0, "2018")]


def test_other_areas_are_another_place():
    small = small_findings(level="postal")
    fewer = small.areas.iloc[:6]
    other = replace(
        small,
        areas=fewer,
        level="municipality",
        results={code: frame.loc[fewer.index] for code, frame in small.results.items()},
    )
    payload = _payload(replace(small, others=(other,)))
    assert [(one["level"], one["n"]) for one in payload["places"]] == [("postal", 12), ("municipality", 6)]
    assert [one["place"] for one in payload["sheets"]] == [0, 1]


def test_municipalities_that_are_areas_lend_their_names_to_sheets_that_know_only_codes():
    small = small_findings(level="postal")
    towns = (
        small.areas.iloc[:2]
        .set_axis(["998", "092"])
        .assign(name_fi=["Utulahti", "Muu"], name_sv=["Disviken", ""], name_en=["", ""])
    )
    other = replace(
        small,
        areas=towns,
        level="municipality",
        results={code: frame.iloc[:2].set_axis(towns.index) for code, frame in small.results.items()},
    )
    texts = _payload(replace(small, others=(other,)))["texts"]
    assert texts["municipality.998"] == {"fi": "Utulahti", "sv": "Disviken", "en": "Utulahti"}
    assert texts["municipality.092"]["fi"] == "Vantaa"  # what lea_geo knows itself stays
    assert "municipality.998" not in _payload(small)["texts"]
