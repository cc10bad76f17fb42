"""An audit of a release with chapters: they are computed again, and what does not follow from the rest is found.

The small city's 65107 has 3 people of low income, which is hidden: that is the number that is planted.
"""

import base64
import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from small_city import FEW, write_small_city

from lea_geo import audit_release
from lea_geo._differing import differing_cell
from lea_geo.chapters import build_chapters
from lea_geo.disclosure.attack.tried import DIFFERS, FOLLOWS, MADE_AFTER, READ_ALIKE
from lea_geo.export.geopackage import read_geopackage
from lea_geo.spec import load_spec
from lea_geo.study import Study, redraw, run

CHAPTERS = ("change", "targeting")
INDICATORS = ("low_income_residents", "basic_education_only")
YEARS = (2021, 2025)
HIDDEN = 3


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("city")


@pytest.fixture(scope="module")
def released(folder: Path) -> Study:
    study = write_small_city(folder / "data", chapters=CHAPTERS, indicators=INDICATORS, years=YEARS)
    return run(load_spec(study), out=folder / "out")


@pytest.fixture
def output(released: Study, folder: Path, tmp_path: Path) -> Path:
    """A copy of the output, for a test to change; the inputs lie where the manifest says."""
    assert released.findings.chapters
    shutil.copytree(folder / "out", tmp_path / "out")
    (tmp_path / "data").symlink_to(folder / "data")
    return tmp_path / "out"


def of_chapters(audit):
    """Return what the audit says of chapters."""
    return next(one for one in audit.tried if one.attack == "chapters")


def unread(audit):
    return dict(audit.unread)


def test_a_release_with_chapters_passes_the_gate_and_says_when_they_were_made(released: Study):
    told = released.provenance["disclosure"]["audit"]
    assert told["safe"]
    assert "chapters" in told["tried"]
    assert released.findings.results[INDICATORS[0]].loc[FEW, "status"] == "suppressed"


def test_the_pack_says_that_chapters_were_made_after_the_attack(released: Study, folder: Path):
    audit = json.loads((folder / "out/egress/audit.json").read_text(encoding="utf-8"))
    assert [one["why"] for one in audit["tried"] if one["attack"] == "chapters"] == [MADE_AFTER]


@pytest.mark.usefixtures("released")
def test_chapters_that_follow_from_the_rest_are_found_to(folder: Path):
    audit = audit_release(folder / "out")
    assert audit.safe
    assert (of_chapters(audit).tried, of_chapters(audit).why) == (True, FOLLOWS)
    assert audit.notes[-1].endswith("which no audit has seen: before.csv")


@pytest.mark.usefixtures("released")
def test_a_pack_by_itself_is_followed_where_the_data_are_given(folder: Path, tmp_path: Path):
    pack = shutil.copytree(folder / "out" / "egress", tmp_path / "pack")
    audit = audit_release(pack, "findata", minimum_count=5, data=folder / "data")
    assert of_chapters(audit).why == FOLLOWS
    assert audit.safe


@pytest.mark.usefixtures("released")
def test_chapters_that_read_no_files_need_no_data(tmp_path: Path):
    study = write_small_city(tmp_path / "data", chapters=("change",), indicators=INDICATORS[:1], years=YEARS)
    run(load_spec(study), out=tmp_path / "out")
    shutil.rmtree(tmp_path / "data")
    audit = audit_release(tmp_path / "out")
    assert (audit.safe, of_chapters(audit).why) == (True, FOLLOWS)


def test_what_the_audit_reads_back_gives_the_same_chapters_to_the_last_bit(released: Study, folder: Path):
    read = read_geopackage(folder / "out" / "study.gpkg")
    again = build_chapters(replace(read, chapters=()), released.spec)
    assert len(again) == len(released.findings.chapters) == len(CHAPTERS)
    for made, then in zip(again, released.findings.chapters, strict=True):
        for table, known in zip(made.tables, then.tables, strict=True):
            pd.testing.assert_frame_equal(table.frame, known.frame, check_exact=True)
        bare, known = (replace(one, tables=()) for one in (made, then))
        assert bare == known


def test_without_its_own_file_a_chapter_is_read_as_it_is_and_that_is_said(output: Path):
    (output.parent / "data").unlink()
    audit = audit_release(output)
    assert (of_chapters(audit).tried, of_chapters(audit).why) == (False, READ_ALIKE)
    assert any("chapters were not computed again" in note and "before.csv" in note for note in audit.notes)


def test_the_file_of_another_city_gives_other_chapters(output: Path, folder: Path, tmp_path: Path):
    other = shutil.copytree(folder / "data", tmp_path / "other")
    text = (other / "before.csv").read_text(encoding="utf-8")
    (other / "before.csv").write_text(text.replace(f"{FEW},20", f"{FEW},30"), encoding="utf-8")
    audit = audit_release(output, data=other)
    assert of_chapters(audit).why == DIFFERS
    assert "targeting_allocation" in unread(audit)["study.gpkg"]
    assert not audit.safe


def test_a_folder_of_another_version_is_read_as_it_is(output: Path):
    with closing(sqlite3.connect(output / "study.gpkg")) as database, database:
        database.execute("UPDATE lea_study SET value = '0' WHERE key = 'version'")
    audit = audit_release(output)
    assert not of_chapters(audit).tried
    assert of_chapters(audit).why != FOLLOWS


def test_a_folder_without_a_manifest_is_read_as_it_is(output: Path):
    (output / "manifest.json").unlink()
    audit = audit_release(output, "findata", minimum_count=5)
    assert of_chapters(audit).why == READ_ALIKE


def planted_csv(output):
    """Write the number into a column of a chapter's table."""
    path = output / "tables" / "change_low_income_residents.csv"
    table = pd.read_csv(path, dtype=str, keep_default_na=False, sep=None, engine="python")
    table.loc[table["area_id"] == FEW, "difference"] = str(HIDDEN)
    table.to_csv(path, index=False)


def planted_layer(output):
    with closing(sqlite3.connect(output / "study.gpkg")) as database, database:
        database.execute(
            "UPDATE change_low_income_residents SET difference = ? WHERE area_id = ?", (HIDDEN, FEW)
        )


def planted_statement(output):
    with closing(sqlite3.connect(output / "study.gpkg")) as database, database:
        ((entry,),) = database.execute("SELECT entry FROM lea_chapters WHERE code = 'change'")
        told = json.loads(entry)
        told["statements"][0]["text"]["en"] += f" In {FEW} there are {HIDDEN}."
        database.execute(
            "UPDATE lea_chapters SET entry = ? WHERE code = 'change'", (json.dumps(told, ensure_ascii=False),)
        )


def planted_report(output):
    path = output / "report.html"
    text = path.read_text(encoding="utf-8")
    assert "</main>" in text
    path.write_text(text.replace("</main>", f"<p>{FEW}: {HIDDEN}</p></main>"), encoding="utf-8")


def planted_sheet(output):
    book = openpyxl.load_workbook(output / "tables" / "study.xlsx")
    sheet = next(one for one in book.worksheets if any(FEW in str(cell.value) for cell in one["A"]))
    row = next(cell.row for cell in sheet["A"] if FEW in str(cell.value))
    sheet.cell(row=row, column=sheet.max_column, value=HIDDEN)
    book.save(output / "tables" / "study.xlsx")


def planted_parquet(output):
    path = output / "parquet" / "change_low_income_residents.parquet"
    table = pq.read_table(path)
    at = table.column_names.index("difference")
    values = table.column(at).to_pylist()
    values[table.column("area_id").to_pylist().index(FEW)] = float(HIDDEN)
    pq.write_table(table.set_column(at, table.schema.field(at), pa.array(values, pa.float64())), path)


def planted_map(output):
    """Add to the page's data what no page of ours has."""
    path = output / "map.html"
    text = path.read_text(encoding="utf-8")
    hidden = base64.b64encode(str(HIDDEN).encode()).decode()
    path.write_text(text.replace("</body>", f"<!-- {FEW} {hidden} --></body>"), encoding="utf-8")


PLANTED = {
    planted_csv: ("tables/change_low_income_residents.csv", f"({FEW}), column difference is 3, not"),
    planted_layer: ("study.gpkg", "change_low_income_residents row 8 (8), column difference is 3, not"),
    planted_statement: ("study.gpkg", "lea_chapters row 1 (1), column entry"),
    planted_report: ("report.html", ""),
    planted_sheet: ("tables/study.xlsx", "is 3, not"),
    planted_parquet: ("parquet/change_low_income_residents.parquet", "column difference is 3, not"),
    planted_map: ("map.html", ""),
}


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
def test_a_number_planted_into_a_chapter_is_found_in_whichever_file(plant, output: Path):
    plant(output)
    audit = audit_release(output)
    name, where = PLANTED[plant]
    assert not audit.safe
    assert of_chapters(audit).why == DIFFERS
    assert list(unread(audit)) == [name]
    assert where in unread(audit)[name]


def test_a_file_of_the_pack_that_was_changed_is_told_too(output: Path):
    with closing(sqlite3.connect(output / "egress" / "03_areas_and_results.gpkg")) as database, database:
        database.execute("UPDATE change_summary SET risen = ?", (HIDDEN,))
    assert "change_summary" in unread(audit_release(output))["egress/03_areas_and_results.gpkg"]


def test_who_has_looked_through_a_file_may_accept_it(output: Path):
    planted_report(output)
    audit = audit_release(output, accept=["report.html"])
    assert unread(audit) == {}
    assert of_chapters(audit).why == DIFFERS


def test_a_map_drawn_again_in_another_language_tells_nothing_more(output: Path):
    redraw(output / "study.gpkg", language="sv")
    audit = audit_release(output)
    assert (audit.safe, of_chapters(audit).why) == (True, FOLLOWS)


def test_a_hidden_number_outside_chapters_is_found_as_ever(output: Path):
    path = output / "tables" / "low_income_residents.csv"
    table = pd.read_csv(path, dtype=str, keep_default_na=False, sep=None, engine="python")
    table.loc[table["area_id"] == FEW, "numerator"] = str(HIDDEN)
    table.to_csv(path, index=False)
    audit = audit_release(output)
    assert of_chapters(audit).why == FOLLOWS
    found = audit.findings.reset_index()
    assert (FEW, HIDDEN, HIDDEN) in set(zip(found["area_id"], found["lower"], found["upper"], strict=True))


def test_links_and_pipes_are_left_as_what_was_not_read(output: Path, tmp_path: Path):
    import os

    (output / "elsewhere.csv").symlink_to(tmp_path / "nothing.csv")
    os.mkfifo(output / "pipe")
    audit = audit_release(output)
    assert set(unread(audit)) == {"elsewhere.csv", "pipe"}
    assert of_chapters(audit).why == FOLLOWS


def test_an_earlier_release_with_chapters_is_followed_as_well(output: Path, folder: Path):
    audit = audit_release(output, earlier=[folder / "out"])
    assert audit.safe
    assert next(one.tried for one in audit.tried if one.attack == "earlier")


def test_a_file_that_cannot_be_compared_has_no_cell_to_tell(tmp_path: Path):
    (tmp_path / "a.gpkg").write_bytes(b"no database")
    (tmp_path / "b.gpkg").write_bytes(b"no database either")
    assert differing_cell(tmp_path / "a.gpkg", tmp_path / "b.gpkg") == ""


def test_hidden_counts_do_not_reach_chapters(folder: Path, released: Study, tmp_path: Path):
    """The source tells 3 people in one study and 4 in the other: both are hidden, and all chapters the same."""
    study = write_small_city(tmp_path / "data", chapters=CHAPTERS, indicators=INDICATORS, years=YEARS)
    for year in YEARS:
        path = tmp_path / "data" / f"table_{year}.csv"
        table = pd.read_csv(path, dtype=str)
        at = table["postinumero"] == FEW
        assert table.loc[at, "hr_pi_tul"].tolist() == [str(HIDDEN)]
        table.loc[at, "hr_pi_tul"] = str(HIDDEN + 1)
        table.to_csv(path, index=False)
    other = run(load_spec(study))
    one, two = released.findings, other.findings
    assert [released.results[INDICATORS[0]].table.loc[FEW, "numerator"]] == [HIDDEN]
    assert [other.results[INDICATORS[0]].table.loc[FEW, "numerator"]] == [HIDDEN + 1]
    # What was computed inside, before anything was hidden, may differ: p-values are of all areas.
    cells = ["value", "status", "lower", "upper", "numerator", "denominator"]
    same = build_chapters(replace(one, chapters=()), released.spec)
    swapped = {code: two.results[code][cells] for code in two.results}
    assert all(swapped[code].equals(one.results[code][cells]) for code in swapped)
    for made, then in zip(two.chapters, same, strict=True):
        for table, known in zip(made.tables, then.tables, strict=True):
            pd.testing.assert_frame_equal(table.frame, known.frame, check_exact=True)
        assert made.statements == then.statements
