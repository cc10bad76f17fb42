"""What the page is given: every number whole, nothing that could be markup."""

import base64
import gzip
import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_findings import IDS, SUPPRESSED, small_findings

from lea_geo.maps.payload import SHOWN_COLUMNS, build_payload, pack, to_script_json
from lea_geo.schema import result_column


def _unpack(text):
    return json.loads(gzip.decompress(base64.b64decode(text)))


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


def test_columns_hold_exactly_what_the_findings_hold():
    findings = small_findings()
    payload = build_payload(findings, language="fi", version="0")
    for described in payload["indicators"]:
        frame = findings.results[described["code"]]
        columns = _unpack(described["columns"])
        names = [result_column(method, name) for method, shown in SHOWN_COLUMNS.items() for name in shown]
        for name in ["value", "status", "lower", "upper", "numerator", *names]:
            assert (name in columns) == (name in frame)
            if name in frame:
                expected = [None if pd.isna(value) else value for value in frame[name].tolist()]
                assert columns[name] == expected


def test_a_method_that_was_not_run_has_no_view():
    payload = build_payload(small_findings(), language="fi", version="0")
    views = {described["code"]: set(described["legends"]) for described in payload["indicators"]}
    assert views["plain"] == {"value"}
    assert views["income"] == {"value", "local_moran", "local_g_star"}


def test_legend_counts_add_up_to_the_areas():
    payload = build_payload(small_findings(), language="fi", version="0")
    for described in payload["indicators"]:
        for legend in described["legends"].values():
            assert sum(entry["count"] for entry in legend) == len(IDS)


def test_the_same_data_pack_to_the_same_text():
    data = {"a": [0.1, None, "x"], "b": [0, 1, 2]}
    assert pack(data) == pack(data)
    assert _unpack(pack(data)) == data


def test_settings_of_any_shape_become_plain_json():
    findings = small_findings(
        settings={"years": (1, 2), "limit": float("inf"), "n": np.int64(3), "none": pd.NA}
    )
    payload = json.loads(to_script_json(build_payload(findings, language="fi", version="0")))
    assert payload["settings"] == {"years": [1, 2], "limit": None, "n": 3, "none": None}


@pytest.mark.parametrize("column", ["name_sv", "municipality"])
def test_areas_may_lack_a_column_of_names(column):
    findings = small_findings()
    bare = replace(findings, areas=findings.areas.drop(columns=column))
    payload = build_payload(bare, language="sv", version="0")
    assert payload["areas"]["id"] == IDS


def test_a_suppressed_value_reaches_the_page_as_bounds_only():
    findings = small_findings()
    payload = build_payload(findings, language="fi", version="0")
    columns = _unpack(payload["indicators"][0]["columns"])
    at = IDS.index(SUPPRESSED)
    assert columns["value"][at] is None
    assert (columns["lower"][at], columns["upper"][at]) == (0.0, 29 / 3)
