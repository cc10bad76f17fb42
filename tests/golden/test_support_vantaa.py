"""The tables of docs/support.md, computed again from the real data."""

from pathlib import Path

import pytest
from support_vantaa import lines, read, tables

import lea_geo as lea

pytestmark = pytest.mark.real
DOCS = (Path(__file__).parents[2] / "docs" / "support.md").read_text("utf-8")


def test_every_number_of_the_page_is_what_the_data_give(finland):
    for title, table in tables(finland).items():
        for line in lines(table):
            assert line in DOCS, f"{title}: {line}"


def test_hsy_s_people_arrive_or_are_accounted_for(finland):
    data = read(finland)
    result = lea.interpolate(data.cells["people"], data.cells, data.new, kind="extensive", outside="drop")
    account = result.account.loc["value"]
    assert account["total_before"] == data.cells["people"].sum()
    assert account["total_after"] + account["lost_outside"] == pytest.approx(
        account["total_before"], rel=1e-12
    )
    # Cells of the neighbouring municipalities, and the parts of cells that lie in water beyond the areas.
    assert 0.005 < account["lost_outside"] / account["total_before"] < 0.015
