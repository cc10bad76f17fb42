"""A finished directory is attacked: planted leaks are found by name, and a release without any passes."""

import contextlib
import csv
import json
import shutil
import sqlite3

import openpyxl
import pytest
from planted_release import CHILDREN, CODE, HIDDEN, IDS, POOR, K, cells, shown_to_all, write_release

from lea_geo.disclosure.attack.audit import audit_release
from lea_geo.errors import OutputError, UsageError
from lea_geo.export.table import write_tables

AT = IDS.index(HIDDEN)
RATE = 100 * POOR[AT] / CHILDREN[AT]
COUNT = ("poor 2020", "postal", HIDDEN)


def audit(folder, **options):
    return audit_release(folder, "findata", minimum_count=K, **options)


def leak(found, *, value=3.0):
    """The one finding about the count of the hidden area, which must be its true number."""
    rows = found.findings.loc[[COUNT]]
    assert len(rows) == 1
    row = rows.iloc[0]
    assert (row["lower"], row["upper"]) == (value, value)
    assert not found.safe
    return row


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    return write_release(tmp_path_factory.mktemp("release"))


@pytest.fixture
def copy(release, tmp_path):
    """The release in a folder of its own, to be spoilt."""
    return shutil.copytree(release, tmp_path / "release")


def test_a_release_that_gives_nothing_away_passes_with_a_proof(release):
    found = audit(release)
    assert found.safe, found.findings
    assert not found.unread
    # 79 children live there, so 0 to 79 of them may be poor: nothing else is known.
    row = found.table.loc[COUNT]
    assert (row["lower"], row["upper"]) == (0, 79)
    assert found.certificate["poor 2020"].proved
    assert found.as_dict()["findings"] == []


def test_the_smallest_value_of_a_legend_names_the_only_hidden_area(copy):
    # The style was made before the value was hidden: its first class begins at the hidden area's share.
    with contextlib.closing(sqlite3.connect(copy / "study.gpkg")) as database, database:
        ((style,),) = database.execute("SELECT styleQML FROM layer_styles WHERE f_table_name = ?", (CODE,))
        least = min(100 * poor / born for poor, born in zip(POOR, CHILDREN, strict=True) if poor != POOR[AT])
        assert str(least) in style
        database.execute(
            "UPDATE layer_styles SET styleQML = replace(styleQML, ?, ?)", (str(least), str(RATE))
        )
    row = leak(audit(copy))
    assert "the legend shows 3.79747, which is no published area's value" in row["recipe"]
    assert row["place"].startswith("study.gpkg")


def test_a_bar_of_one_in_a_histogram_names_the_only_hidden_area(copy):
    shares = [100 * poor / children for poor, children in zip(POOR, CHILDREN, strict=True)]
    edges = [(3.5, 4.0), (4.0, 20.0), (20.0, 40.0)]
    with (copy / "tables" / "histogram.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["code", "lower", "upper", "count"])
        for low, high in edges:
            writer.writerow([CODE, low, high, sum(low <= share < high for share in shares)])
    # 79 children: between 3.5 % and 4.0 % of them are 2.8 to 3.2, which is 3.
    row = leak(audit(copy))
    assert "histogram" in row["recipe"]
    assert row["place"].startswith("tables/histogram.csv")


def test_a_spatial_lag_that_counts_one_hidden_neighbour_in_gives_its_value_away(tmp_path):
    row = leak(audit(write_release(tmp_path, lags_of=cells(hidden=False))))
    assert "the spatial lag of postal" in row["recipe"]
    assert "local_moran_lag" in row["place"]


def test_what_last_years_files_printed_is_known(release, tmp_path):
    before = tmp_path / "before"
    write_release(before)
    write_tables(shown_to_all(cells(hidden=False)), before / "tables")
    assert audit(release).safe
    found = audit(release, earlier=[before])
    row = leak(found)
    assert row["place"].startswith("earlier release")
    assert {one.attack: one.found for one in found.tried}["earlier"] >= 1


def test_a_file_of_an_earlier_run_that_was_left_in_the_folder_is_read(copy):
    write_tables(shown_to_all(cells(hidden=False)), copy / "old" / "tables")
    row = leak(audit(copy))
    assert row["place"].startswith("old/tables")


def test_a_hidden_sheet_of_a_workbook_is_read(copy):
    path = copy / "tables" / "study.xlsx"
    book = openpyxl.load_workbook(path)
    sheet = book.create_sheet("working")
    sheet.sheet_state = "hidden"
    for row in [("area_id", "poor"), *zip(IDS, POOR, strict=True)]:
        sheet.append(row)
    book.save(path)
    found = audit(copy)
    assert "hidden sheet 'working'" in leak(found)["place"]
    assert {one.attack: one.found for one in found.tried}["hidden_files"] >= 1


def test_a_value_in_the_pages_data_that_the_page_does_not_show_is_read(copy):
    page = (copy / "map.html").read_text("utf-8")
    data = json.dumps([{"area_id": area, "poor": poor} for area, poor in zip(IDS, POOR, strict=True)])
    planted = f'<script type="application/json" id="spare">{data}</script></body>'
    assert page.count("</body>") == 1
    (copy / "map.html").write_text(page.replace("</body>", planted), encoding="utf-8")
    assert leak(audit(copy))["place"].startswith("map.html")


def test_a_file_that_cannot_be_read_makes_a_release_unsafe_until_it_is_accepted(copy):
    (copy / "notes.docx").write_bytes(b"PK\x03\x04 something")
    found = audit(copy)
    assert not found.safe
    assert [file for file, _ in found.unread] == ["notes.docx"]
    assert audit(copy, accept=["notes.docx"]).safe


def test_every_attack_is_said_to_have_been_tried_or_why_not(release):
    told = {one.attack: one for one in audit(release).tried}
    asked = [
        "differencing",
        "three_geographies",
        "denominators",
        "attributes",
        "means_medians",
        "years",
        "rule",
    ]
    asked += [
        "rule",
        "legends",
        "histograms",
        "lags",
        "smoothed",
        "hidden_files",
        "global_statistics",
        "earlier",
    ]
    for attack in asked:
        assert told[attack].why, attack
    assert not told["three_geographies"].tried
    assert told["lags"].tried


def test_the_same_files_give_the_same_audit(release):
    assert audit(release).as_dict() == audit(release).as_dict()


def test_without_rules_nothing_can_be_called_small(release):
    with pytest.raises(UsageError, match="No rules of release are known"):
        audit_release(release)
    with pytest.raises(OutputError):
        audit(release / "nowhere")
    with pytest.raises(UsageError, match="directory is a list"):
        audit([release])
