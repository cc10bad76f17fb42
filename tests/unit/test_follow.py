"""An audit of a release with chapters: they are computed again, and what follows from nothing is found.

The small city's 65107 has 3 people of low income, which is hidden: that is the number that is planted.
"""

import base64
import json
import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from small_city import FEW, write_small_city
from small_findings import whole_findings

from lea_geo import _follow, audit_release
from lea_geo._differing import differing_cell
from lea_geo._follow import _followed
from lea_geo._written import as_stored, write_files
from lea_geo.chapters import build_chapters
from lea_geo.disclosure.attack.tried import DIFFERS, FOLLOWS, MADE_AFTER, READ_ALIKE
from lea_geo.disclosure.egress.pack import hash_of
from lea_geo.export.geopackage import read_geopackage, write_geopackage
from lea_geo.export.table import write_tables
from lea_geo.export.workbook import write_workbook
from lea_geo.schema import LANGUAGES
from lea_geo.spec import load_spec
from lea_geo.study import Study, redraw, run

CHAPTERS = ("change", "targeting")
INDICATORS = ("low_income_residents", "basic_education_only")
YEARS = (2021, 2025)
HIDDEN = 3
TABLE = "change_low_income_residents"


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
    return copied(folder, tmp_path)


def copied(folder, to):
    shutil.copytree(folder / "out", to / "out")
    (to / "data").symlink_to(folder / "data")
    return to / "out"


def of_chapters(audit):
    """Return what the audit says of chapters."""
    return next(one for one in audit.tried if one.attack == "chapters")


def followed(output, data=None):
    """Return what becomes of a folder before it is attacked."""
    with _followed(output, data) as found:
        return found


def contents(folder):
    return {one.relative_to(folder): hash_of(one) for one in folder.rglob("*") if one.is_file()}


def test_a_release_with_chapters_passes_the_gate_and_says_when_they_were_made(released: Study, folder: Path):
    told = released.provenance["disclosure"]["audit"]
    assert told["safe"]
    assert "chapters" in told["tried"]
    assert released.findings.results[INDICATORS[0]].loc[FEW, "status"] == "suppressed"
    audit = json.loads((folder / "out/egress/audit.json").read_text(encoding="utf-8"))
    assert audit["notes"][-1] == "files that chapters have read, which no audit has seen: before.csv"
    for language in LANGUAGES:
        page = (folder / f"out/egress/risk_assessment_{language}.html").read_text(encoding="utf-8")
        assert "before.csv" in page
    assert [one["why"] for one in audit["tried"] if one["attack"] == "chapters"] == [MADE_AFTER]


@pytest.mark.usefixtures("released")
def test_what_follows_from_the_rest_is_not_in_what_is_attacked(folder: Path):
    with _followed(folder / "out", None) as found:
        assert (found.why, found.differs) == (FOLLOWS, ())
        assert found.notes == ("files that chapters have read, which no audit has seen: before.csv",)
        for name in ("study.gpkg", "egress/03_areas_and_results.gpkg"):
            assert read_geopackage(folder / "out" / name).chapters
            assert read_geopackage(found.folder / name).chapters == ()
        assert not list(found.folder.rglob("change_*"))
        for page in ("map.html", "report.html", "egress/01_map.html", "egress/02_report.html"):
            assert hash_of(folder / "out" / page) != hash_of(found.folder / page)


@pytest.mark.usefixtures("released")
def test_a_pack_by_itself_is_followed_where_the_data_are_given(folder: Path, tmp_path: Path):
    pack = shutil.copytree(folder / "out" / "egress", tmp_path / "pack")
    assert followed(pack, folder / "data").why == FOLLOWS
    assert followed(pack).why == READ_ALIKE


def test_what_is_read_back_gives_the_same_chapters_to_the_last_bit(released: Study, folder: Path):
    read = read_geopackage(folder / "out" / "study.gpkg")
    again = build_chapters(replace(read, chapters=()), released.spec)
    assert len(again) == len(released.findings.chapters) == len(CHAPTERS)
    for made, then in zip(again, released.findings.chapters, strict=True):
        for table, known in zip(made.tables, then.tables, strict=True):
            pd.testing.assert_frame_equal(table.frame, known.frame, check_exact=True)
        bare, known = (replace(one, tables=()) for one in (made, then))
        assert bare == known


def test_chapters_that_joined_the_rest_make_what_is_written_with_them_at_once(
    released: Study, folder: Path, tmp_path: Path
):
    write_files(released.findings, tmp_path, language="fi")
    joined = contents(folder / "out")
    assert {name: joined[name] for name in joined if name.parts[0] != "egress"} == contents(tmp_path) | {
        Path("manifest.json"): joined[Path("manifest.json")]
    }


def test_without_its_own_file_a_chapter_is_read_as_it_is_and_that_is_said(output: Path):
    (output.parent / "data").unlink()
    found = followed(output)
    assert (found.folder, found.why) == (output, READ_ALIKE)
    assert "before.csv" in found.notes[0]
    assert "areas.geojson" not in found.notes[0]


def test_a_folder_of_another_version_is_attacked_as_it_is(output: Path):
    with closing(sqlite3.connect(output / "study.gpkg")) as database, database:
        database.execute("UPDATE lea_study SET value = '0' WHERE key = 'version'")
    found = followed(output)
    assert (found.folder, found.why) == (output, READ_ALIKE)
    assert "it was written by another version (format 0)" in found.notes[0]


def test_a_folder_without_a_manifest_is_attacked_as_it_is(output: Path):
    (output / "manifest.json").unlink()
    found = followed(output)
    assert (found.folder, found.why) == (output, READ_ALIKE)


def plant_csv(output):
    path = output / "tables" / f"{TABLE}.csv"
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    table.loc[table["area_id"] == FEW, "difference"] = str(HIDDEN)
    table.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n")


def plant_layer(output):
    with closing(sqlite3.connect(output / "study.gpkg")) as database, database:
        for name in ("ST_IsEmpty", "ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"):  # of the boxes of shapes
            database.create_function(name, 1, lambda _: 1)
        database.execute(
            "UPDATE change_low_income_residents SET difference = ? WHERE area_id = ?", (HIDDEN, FEW)
        )


def plant_statement(output):
    with closing(sqlite3.connect(output / "egress" / "03_areas_and_results.gpkg")) as database, database:
        ((entry,),) = database.execute("SELECT entry FROM lea_chapters WHERE code = 'change'")
        told = json.loads(entry)
        told["statements"][0]["text"]["en"] += f" In {FEW} there are {HIDDEN}."
        told = json.dumps(told, ensure_ascii=False)
        database.execute("UPDATE lea_chapters SET entry = ? WHERE code = 'change'", (told,))


def plant_report(output):
    for path in (output / "report.html", output / "egress" / "02_report.html"):
        text = path.read_text(encoding="utf-8")
        assert "</main>" in text
        told = text.replace("</main>", f"<p>{FEW}: {HIDDEN}</p></main>")
        path.write_text(told, encoding="utf-8", newline="\n")


def plant_sheet(output):
    book = openpyxl.load_workbook(output / "tables" / "study.xlsx")
    sheet = next(one for one in reversed(book.worksheets) if any(cell.value == FEW for cell in one["A"]))
    row = next(cell.row for cell in sheet["A"] if cell.value == FEW)
    assert sheet.cell(row=row, column=sheet.max_column).value != HIDDEN
    sheet.cell(row=row, column=sheet.max_column, value=HIDDEN)
    book.save(output / "tables" / "study.xlsx")


def plant_parquet(output):
    path = output / "parquet" / f"{TABLE}.parquet"
    table = pq.read_table(path)
    at = table.column_names.index("difference")
    values = table.column(at).to_pylist()
    values[table.column("area_id").to_pylist().index(FEW)] = float(HIDDEN)
    pq.write_table(table.set_column(at, table.schema.field(at), pa.array(values, pa.float64())), path)


def plant_map(output):
    path = output / "map.html"
    text = path.read_text(encoding="utf-8")
    hidden = base64.b64encode(f"{FEW} {HIDDEN}".encode()).decode()
    assert "</body>" in text
    path.write_text(text.replace("</body>", f"<!-- {hidden} --></body>"), encoding="utf-8", newline="\n")


PLANTED = {
    f"tables/{TABLE}.csv": (plant_csv, f"({FEW}), column difference is 3, not"),
    "study.gpkg": (plant_layer, f"{TABLE} row 8 (8), column difference is 3, not"),
    "egress/03_areas_and_results.gpkg": (plant_statement, "lea_chapters row 1 (1), column entry"),
    "egress/02_report.html": (plant_report, ""),
    "tables/study.xlsx": (plant_sheet, " is 3, not"),
    f"parquet/{TABLE}.parquet": (plant_parquet, "column difference is 3, not"),
    "map.html": (plant_map, ""),
}
"""A hidden number in one file each, and what of the place is told where a table tells it."""


@pytest.fixture(scope="module")
def planted(released: Study, folder: Path, tmp_path_factory):
    """The audit of an output with a hidden number in the chapters of each file; the report is accepted."""
    assert released
    output = copied(folder, tmp_path_factory.mktemp("planted"))
    for plant, _ in PLANTED.values():
        plant(output)
    return audit_release(output, accept=["report.html"])


@pytest.mark.parametrize("name", PLANTED)
def test_a_number_planted_into_the_chapters_of_a_file_is_found(planted, name):
    assert not planted.safe
    assert (of_chapters(planted).tried, of_chapters(planted).why) == (False, DIFFERS)
    assert PLANTED[name][1] in dict(planted.unread)[name]


def test_only_files_that_hold_other_chapters_are_told_and_none_that_somebody_has_accepted(planted):
    assert set(dict(planted.unread)) == set(PLANTED)


@pytest.fixture(scope="module")
def disturbed(released: Study, folder: Path, tmp_path_factory):
    """The audit of an output with a hidden count outside chapters, a map drawn again, and odd files."""
    assert released
    output = copied(folder, tmp_path_factory.mktemp("disturbed"))
    redraw(output / "study.gpkg", language="sv")
    (output / "elsewhere.csv").symlink_to(output.parent / "nothing.csv")
    os.mkfifo(output / "pipe")
    path = output / "tables" / f"{INDICATORS[0]}.csv"
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    table.loc[table["area_id"] == FEW, "numerator"] = str(HIDDEN)
    table.to_csv(path, index=False)
    return audit_release(output)


def test_what_is_wrong_outside_chapters_is_found_as_without_them(disturbed):
    found = disturbed.findings.reset_index()
    assert (FEW, HIDDEN, HIDDEN) in set(zip(found["area_id"], found["lower"], found["upper"], strict=True))


def test_links_and_pipes_are_neither_followed_nor_lost(disturbed):
    assert set(dict(disturbed.unread)) == {"elsewhere.csv", "pipe"}


def test_a_map_drawn_again_in_another_language_tells_nothing_more(disturbed):
    assert of_chapters(disturbed).why == FOLLOWS


def test_other_releases_are_followed_as_well(disturbed, tmp_path: Path, monkeypatch):
    def follow(folder, data, temporary):
        assert (data, temporary.is_dir()) == (None, True)
        return _follow._Followed(folder / "attacked", FOLLOWS, notes=(folder.name,))

    def attack(folder, profile, **options):
        assert (folder, profile) == (tmp_path / "own" / "attacked", None)
        assert options["earlier"] == [tmp_path / "before" / "attacked"]
        assert options["together"] == [tmp_path / "along" / "attacked"]
        return replace(disturbed, notes=())

    monkeypatch.setattr(_follow, "_follow", follow)
    monkeypatch.setattr(_follow.attack, "audit_release", attack)
    audit = audit_release(tmp_path / "own", earlier=[tmp_path / "before"], together=[tmp_path / "along"])
    assert audit.notes == ("own", "before", "along")


def test_findings_leave_as_their_geopackage_gives_them_back_zeros_without_a_sign(tmp_path: Path):
    """SQLite stores -0.0 as 0: https://www.sqlite.org/datatype3.html, and other files would say -0."""
    findings = whole_findings()
    frame = findings.results["low_income"]
    frame.loc[frame.index[9], "interval_lower"] = -0.0
    findings.summary.loc["low_income", "moran_statistic"] = -0.0
    leaving = as_stored(replace(findings, others=(findings,)))
    for one in (leaving, *leaving.others):
        numbers = one.results["low_income"].select_dtypes("float64")
        assert not np.signbit(numbers.to_numpy()[numbers.to_numpy() == 0]).any()
        assert not np.signbit(one.summary.loc["low_income", "moran_statistic"])
    write_geopackage(leaving, tmp_path / "study.gpkg")
    read = read_geopackage(tmp_path / "study.gpkg")
    for name, held in (("one", leaving), ("two", read)):
        write_tables(held, tmp_path / name)
        write_workbook(held, tmp_path / name / "study.xlsx")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_a_file_that_cannot_be_compared_has_no_cell_to_tell(tmp_path: Path):
    (tmp_path / "a.gpkg").write_bytes(b"no database")
    (tmp_path / "b.gpkg").write_bytes(b"no database either")
    assert differing_cell(tmp_path / "a.gpkg", tmp_path / "b.gpkg") == ""


def test_hidden_counts_do_not_reach_chapters(released: Study, tmp_path: Path):
    """The source tells of 3 people in one study and of 4 in the other: hidden, both make the same."""
    study = write_small_city(tmp_path / "data", chapters=CHAPTERS, indicators=INDICATORS, years=YEARS)
    for year in YEARS:
        path = tmp_path / "data" / f"table_{year}.csv"
        table = pd.read_csv(path, dtype=str)
        at = table["postinumero"] == FEW
        assert table.loc[at, "hr_pi_tul"].tolist() == [str(HIDDEN)]
        table.loc[at, "hr_pi_tul"] = str(HIDDEN + 1)
        table.to_csv(path, index=False)
    other = run(load_spec(study))
    inside = [one.results[INDICATORS[0]].cells.loc[FEW, "value"] for one in (released, other)]
    assert inside == [100 * HIDDEN / 200, 100 * (HIDDEN + 1) / 200]
    for made, then in zip(other.findings.chapters, released.findings.chapters, strict=True):
        for table, known in zip(made.tables, then.tables, strict=True):
            pd.testing.assert_frame_equal(table.frame, known.frame, check_exact=True)
        assert made.statements == then.statements
