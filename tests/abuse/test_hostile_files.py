"""Files that were made to harm: they are refused, or read as what they hold, and lead nowhere else."""

import sqlite3
import subprocess
import sys
import textwrap
import zipfile
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import openpyxl
import pytest
from shapely.geometry import box

import lea_geo as lea
from lea_geo.errors import AreasError, CatalogueError, LeaGeoError, OutputError, SpecError, TableError


def workbook(folder: Path, prolog: bytes, cell: bytes) -> Path:
    """Write a workbook whose sheet begins with ``prolog`` and holds ``cell`` where 100 stood."""
    book = openpyxl.Workbook()
    for row in (["postinumero", "he_vakiy", "he_0_2"], ["00100", 100, 5]):
        book.active.append(row)
    book.save(folder / "plain.xlsx")
    with (
        zipfile.ZipFile(folder / "plain.xlsx") as plain,
        zipfile.ZipFile(folder / "t.xlsx", "w") as hostile,
    ):
        for name in plain.namelist():
            content = plain.read(name)
            if name == "xl/worksheets/sheet1.xml":
                assert b"<v>100</v>" in content
                content = prolog + content.replace(b"<v>100</v>", b"<v>" + cell + b"</v>")
            hostile.writestr(name, content)
    return folder / "t.xlsx"


def test_an_entity_bomb_in_a_workbook_is_refused(tmp_path):
    # Ten to the ninth letters, if anybody unfolded them.
    steps = [f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' for i in range(1, 10)]
    prolog = f'<!DOCTYPE x [<!ENTITY e0 "a">{"".join(steps)}]>'.encode()
    with pytest.raises(TableError, match=r"damaged or is not what its name says"):
        lea.read_indicators(workbook(tmp_path, prolog, b"&e9;"), area_id="postinumero")


def test_a_workbook_does_not_read_other_files(tmp_path):
    (tmp_path / "secret.txt").write_text("1234")
    prolog = f'<!DOCTYPE x [<!ENTITY e SYSTEM "{(tmp_path / "secret.txt").as_uri()}">]>'.encode()
    with pytest.raises(TableError, match=r"damaged or is not what its name says") as caught:
        lea.read_indicators(workbook(tmp_path, prolog, b"&e;"), area_id="postinumero")
    assert "1234" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "told"), [("a = " + "[" * 50_000, "nested too deeply"), ("#" * 10_000_001, "larger than")]
)
def test_a_catalogue_too_deep_or_too_large_is_refused(tmp_path, content, told):
    path = tmp_path / "own.toml"
    path.write_text(content)
    with pytest.raises(CatalogueError, match=told):
        lea.read_catalogue(path)


@pytest.mark.parametrize(
    "path",
    ["/etc/passwd", "C:/x.gpkg", "/vsicurl/http://localhost/x.gpkg", "http://localhost/x.gpkg", "~/x.gpkg"],
)
def test_a_study_opens_only_files_beside_its_data(tmp_path, mini_study, path):
    study = mini_study(tmp_path)
    study.write_text(study.read_text(encoding="utf-8").replace("areas.geojson", path), encoding="utf-8")
    with pytest.raises(SpecError, match=r"which only this machine understands|there is no such file"):
        lea.run(study)


def test_a_path_out_of_the_data_folder_reaches_no_file_that_is_none_of_areas(tmp_path, mini_study):
    study = mini_study(tmp_path / "inside")
    (tmp_path / "passwords.txt").write_text("root")
    text = study.read_text(encoding="utf-8").replace("areas.geojson", "../passwords.txt")
    study.write_text(text, encoding="utf-8")
    with pytest.raises(AreasError, match=r"\.txt is no format of areas") as caught:
        lea.run(study)
    assert "root" not in str(caught.value)


@pytest.mark.parametrize(
    "ending", [".pkl", ".pickle", ".gml", ".xml", ".yaml", ".json5", ".vrt", ".sqlite", ".xls"]
)
@pytest.mark.parametrize("read", [lea.read_indicators, lea.read_areas], ids=lambda read: read.__name__)
def test_kinds_of_files_that_can_run_or_lead_elsewhere_are_read_by_nobody(tmp_path, read, ending):
    path = tmp_path / f"a{ending}"
    path.write_bytes(b"c__builtin__\nprint\n(S'run'\ntR.")
    with pytest.raises(LeaGeoError, match=r"are not read|is no format of areas|a pickle can run any program"):
        read(path, area_id="a")


HOLD_OPEN = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1])
database.execute("PRAGMA journal_mode = wal")
database.execute("PRAGMA wal_autocheckpoint = 0")
database.execute("UPDATE lea_study SET value = '[\\"edited elsewhere\\"]' WHERE key = 'notes'")
database.commit()
print("ready", flush=True)
sys.stdin.readline()
"""


def test_what_another_program_has_committed_to_a_geopackage_is_read_and_never_lost(tmp_path):
    """A GeoPackage in WAL mode keeps its latest commits in a file beside it."""
    corners = [(385_000 + 1000 * i, 6_675_000) for i in range(4)]
    shapes = [box(x, y, x + 1000, y + 1000) for x, y in corners]
    areas = gpd.GeoDataFrame({"value": [1.0, 2, 3, 4]}, geometry=shapes, crs=3067, index=list("abcd"))
    path = tmp_path / "study.gpkg"
    lea.write_geopackage(areas, path)
    other = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(HOLD_OPEN), str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert other.stdout.readline() == "ready\n"
        assert (tmp_path / "study.gpkg-wal").stat().st_size > 0
        assert lea.read_geopackage(path).notes == ("edited elsewhere",)
        with pytest.raises(OutputError, match="it has been opened by another program"):
            lea.write_geopackage(areas, path)
    finally:
        other.communicate("\n", timeout=30)
    with closing(sqlite3.connect(path)) as database:
        held = database.execute("SELECT value FROM lea_study WHERE key = 'notes'").fetchone()
    assert held == ('["edited elsewhere"]',)
