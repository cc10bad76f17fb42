"""The tables of docs/support.md, computed again from the real data."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from support_vantaa import read, tables

import lea_geo as lea

pytestmark = pytest.mark.real
DOCS = (Path(__file__).parents[2] / "docs" / "support.md").read_text("utf-8")


def told(table: pd.DataFrame, after: str) -> np.ndarray:
    """Return the numbers that the page has for a table: the rows of its names after a place in the text."""
    _, found, rest = DOCS.partition(after)
    assert found, after
    rows = {line.split(" | ")[0].strip("| "): line for line in reversed(rest.splitlines()) if "|" in line}
    cells = [rows[str(name)].strip("|").split("|")[1:] for name in table.index]
    return np.array([[float(cell) if cell.strip() else np.nan for cell in row] for row in cells])


def test_every_number_of_the_page_is_what_the_data_give(finland):
    for title, table in tables(finland).items():
        after = "| area_id |" if title == "Error by area" else f"**{title}**"
        # The page has one decimal, and 0.05 either way is rounding.
        assert told(table, after) == pytest.approx(table.to_numpy(), abs=0.12, nan_ok=True), title


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
