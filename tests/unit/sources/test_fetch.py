"""From a region and a year to one folder: what is in it, what it says, and that it needs no network."""

import json
import re
import shutil
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from live_layers import DEMO, registry_text
from odd_server import OddServer, good, silent, status
from pxweb_server import PxWebServer, Table
from sotkanet_server import SotkanetServer

import lea_geo as lea
from lea_geo import cli, study
from lea_geo._pack_sources import FETCH
from lea_geo.errors import OutputError, SourceError, UsageError
from lea_geo.pack import Pack
from lea_geo.sources.cache import Cache
from lea_geo.sources.registry import load_registry

TOWN = "998"
"""The made-up region's larger municipality; the other is 999."""
EVERYTHING = ("postal_areas", "municipalities", "population_grid", "schools")


@pytest.fixture(scope="module")
def registry(demo, tmp_path_factory) -> Path:
    """A registry of one's own, whose map services are those of the made-up region."""
    path = tmp_path_factory.mktemp("registry") / "own.toml"
    path.write_text(registry_text(demo), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def fetched(registry, tmp_path_factory) -> Pack:
    """A pack of the larger municipality; no test changes it."""
    out = tmp_path_factory.mktemp("packs") / "pack"
    return lea.fetch([TOWN], year=2025, out=out, sources=EVERYTHING, registry=registry)


@pytest.fixture
def pack(fetched, tmp_path) -> Path:
    """A copy of the pack, somewhere else: it can be moved."""
    return Path(shutil.copytree(fetched.folder, tmp_path / "moved" / "pack"))


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def said(folder: Path) -> dict:
    return json.loads((folder / "sources.json").read_text("utf-8"))


def test_a_pack_holds_the_region_s_areas_figures_borders_and_cells_with_keys_as_text(fetched):
    areas = gpd.read_file(fetched.folder / "postal_areas.gpkg")
    demo = gpd.read_file(DEMO / "areas.gpkg").set_index("postinumeroalue")
    own = demo[demo["kunta"] == TOWN]
    assert areas["postinumeroalue"].tolist() == sorted(own.index)
    assert areas.set_index("postinumeroalue")["nimi"].to_dict() == own["nimi"].to_dict()
    # What MapServer writes is rounded to millimetres.
    placed = areas.set_index("postinumeroalue").geometry.loc[own.index]
    assert placed.geom_equals_exact(own.geometry, tolerance=0.002).all()

    table = pd.read_csv(fetched.folder / "paavo.csv", dtype=str, keep_default_na=False)
    published = pd.read_csv(DEMO / "paavo.csv", dtype=str, keep_default_na=False).set_index("postinumeroalue")
    published = published.loc[sorted(own.index)]
    shared = [name for name in published if name in table]
    assert len(shared) > 40
    for name in shared:
        ours, theirs = (pd.to_numeric(one[name], errors="coerce") for one in (table, published))
        assert ours.equals(theirs.reset_index(drop=True).astype(ours.dtype)), name
    assert not any("." in cell for cell in table["he_vakiy"]), "people are counted in whole numbers"

    towns = gpd.read_file(fetched.folder / "municipalities.gpkg")
    assert set(towns["kunta"]) == {TOWN, "999"}
    cells = gpd.read_file(fetched.folder / "population_grid.gpkg")
    grid = pd.read_csv(DEMO / "grid.csv", dtype={"kunta": str})
    assert set(cells["grd_id"]) == set(grid.loc[grid["kunta"] == TOWN, "grd_id"])
    hidden = cells["vaesto"] < 10
    assert (cells.loc[hidden, "miehet"] == -1).all(), "what is withheld stays as it was written"


def test_what_does_not_know_its_municipality_is_cut_by_where_it_lies(registry, tmp_path):
    sources = [*EVERYTHING, "hsy_population_grid=2015"]
    fetched = lea.fetch([TOWN], year=2025, out=tmp_path / "pack", sources=sources, registry=registry)
    assert said(fetched.folder)["years"]["hsy_population_grid"] == 2015
    towns = gpd.read_file(fetched.folder / "municipalities.gpkg").set_index("kunta")
    for file, crs in (("schools.gpkg", 3067), ("hsy_population_grid.gpkg", 3879)):
        found = gpd.read_file(fetched.folder / file)
        assert found.crs.to_epsg() == crs
        inside = found.representative_point().to_crs(3067).within(towns.geometry[TOWN])
        assert len(found)
        assert inside.all()
    cells = gpd.read_file(fetched.folder / "hsy_population_grid.gpkg")
    assert cells["INDEX"].map(type).eq(str).all()


def test_gdal_s_validator_finds_nothing_wrong_with_the_layers_of_a_pack(fetched, qgis_python):
    """Debian's GDAL, which QGIS brings, is older than that of the wheels."""
    for path in fetched.folder.glob("*.gpkg"):
        command = [qgis_python, "-m", "osgeo_utils.samples.validate_gpkg", str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def test_a_pack_says_of_each_file_who_was_asked_when_and_under_whose_licence(fetched):
    told = said(fetched.folder)
    assert told["municipalities"] == [TOWN]
    assert told["years"]["population_grid"] == 2025
    objects = {path.name for path in (fetched.folder / "cache" / "objects").rglob("*") if path.is_file()}
    for name, about in told["files"].items():
        assert (fetched.folder / name).stat().st_size == about["bytes"]
        assert about["licence"] == "CC BY 4.0"
        assert about["owner"]
        assert set(about["answers"]) <= objects
        assert about == {**about, **fetched.files[name]}
    assert told["files"]["paavo.csv"]["layer"] == "postialue:pno_tilasto_2025"
    assert told["files"]["postal_areas.gpkg"]["rows"] == 45
    assert str(fetched.folder.parent) not in (fetched.folder / "sources.json").read_text("utf-8")


def test_the_study_of_a_pack_is_in_order_and_names_its_places(pack):
    written = tomllib.loads((pack / "study.toml").read_text("utf-8"))
    assert written["study"]["name"] == {
        "fi": "Utulahti: lapset ja perheet 2025",
        "sv": "Disviken: barn och familjer 2025",
        "en": "Utulahti: children and families 2025",
    }
    report = study.check(lea.load_spec(pack / "study.toml"))
    assert (report.areas, report.level) == (45, "postal")
    (grid,) = report.others
    assert (grid.areas, grid.level) == (180, "grid")
    assert "low_income_households" in report.indicators
    assert (
        "paavo.csv was fetched from statistics_finland_postal_areas (postialue:pno_tilasto_2025) on "
        f"{said(pack)['files']['paavo.csv']['time'][:10]}: Tilastokeskus / Statistikcentralen / "
        "Statistics Finland, CC BY 4.0."
    ) in report.notes


def test_offline_the_same_answers_give_the_same_files_byte_for_byte(pack, tmp_path, monkeypatch):
    monkeypatch.setattr("socket.socket.connect", lambda *_: pytest.fail("a connection was opened"))
    again = lea.fetch([TOWN], year=2025, out=tmp_path / "again", sources=EVERYTHING, offline=pack)
    assert contents(again.folder) == contents(pack)


def test_offline_all_that_is_missing_is_named_at_once(pack, tmp_path):
    with pytest.raises(SourceError) as caught:
        lea.fetch(["999"], year=2025, out=tmp_path / "other", offline=pack)
    told = str(caught.value)
    assert told.startswith("999 was not fetched; nothing was written:")
    assert told.count(f"is not in {pack / 'cache'}. Fetch it where there is a network.") == 2
    assert "statistics_finland_postal_areas" in told
    assert "statistics_finland_population_grid" in told
    assert not (tmp_path / "other").exists()


def test_a_year_that_there_is_not_is_told_with_those_that_there_are(registry, tmp_path):
    with pytest.raises(SourceError) as caught:
        lea.fetch([TOWN], year=2024, out=tmp_path / "pack", registry=registry)
    towns, areas, cells = map(str, caught.value.faults)
    assert "kunta1000k_2024" in towns
    assert "It advertises the same of 2021, 2023, 2025." in areas
    assert 'Ask for another year with "postal_areas=YEAR".' in areas
    assert 'Ask for another year with "population_grid=YEAR", or leave population_grid out.' in cells
    assert not (tmp_path / "pack").exists()


def test_a_source_of_another_year_is_taken_where_that_is_said(registry, tmp_path):
    mixed = ("postal_areas=2021", "municipalities=2025")
    pack = lea.fetch([TOWN], year=2024, out=tmp_path / "pack", sources=mixed, registry=registry)
    assert said(pack.folder)["years"] == {"postal_areas": 2021, "municipalities": 2025}
    # In 2021 the column of area ids had its older name.
    written = tomllib.loads(pack.study.read_text("utf-8"))
    assert written["areas"]["area_id"] == written["tables"][0]["area_id"] == "posti_alue"
    assert "also" not in written
    assert study.check(lea.load_spec(pack.study)).areas == 45


def test_a_layer_that_is_advertised_and_not_yet_there_is_told_so(demo, registry, tmp_path):
    def spoil(asked, answer):
        refused = "2025" in asked.get("typenames", asked.get("typename", "")) and "pno_tilasto" in str(asked)
        said = b"<ExceptionText>not yet</ExceptionText>"
        page = b"<ExceptionReport><Exception>" + said + b"</Exception></ExceptionReport>"
        return answer.with_body(page) if refused else None

    with demo.spoilt(spoil), pytest.raises(SourceError) as caught:
        lea.fetch([TOWN], year=2025, out=tmp_path / "pack", sources=["postal_areas"], registry=registry)
    (fault,) = caught.value.faults
    assert "the service advertises it and does not answer it" in str(fault)
    assert "2021, 2023" in str(fault)


def test_municipalities_that_do_not_exist_are_named(registry, tmp_path):
    with pytest.raises(SourceError, match=r"municipalities of which there is nothing: 1 of 2 \(123\)"):
        lea.fetch([TOWN, "123"], year=2025, out=tmp_path / "pack", registry=registry)


def test_statistics_without_a_map_come_into_the_pack_as_tables(registry, tmp_path):
    ids = gpd.read_file(DEMO / "areas.gpkg").set_index("kunta").loc[TOWN, "postinumeroalue"].tolist()
    tables = {"paavo_pxt_12f7.px": Table([(one, f"Alue {one} (Utulahti)") for one in (*ids[1:], "99999")])}
    with PxWebServer(tables) as pxweb, SotkanetServer() as sotkanet:
        own = tmp_path / "own.toml"
        text = registry.read_text("utf-8")
        for name, address in (("statistics_finland_paavo", pxweb.template), ("thl_sotkanet", sotkanet.base)):
            text = text.replace(load_registry()[name].address, address)
        own.write_text(text, encoding="utf-8")
        sources = ["postal_areas", "municipalities", "sotkanet=2023", "paavo_tables=2022"]
        asked = {"year": 2025, "sources": sources, "indicators": [127]}
        pack = lea.fetch([TOWN], out=tmp_path / "pack", registry=own, **asked)
    table = pd.read_csv(pack.folder / "paavo_tables.csv", dtype=str, keep_default_na=False)
    assert set(table["area"]) == set(ids[1:])
    assert set(table["year"]) == {"2022"}
    assert any(ids[0] in note for note in pack.notes), "the area that the table does not have is told"
    values = pd.read_csv(pack.folder / "sotkanet.csv", dtype=str).set_index("municipality")["value"]
    assert values["092"] == "3006", "as test_sotkanet.py works it out"
    assert "sotkanet.csv, paavo_tables.csv" in pack.study.read_text("utf-8")
    again = lea.fetch([TOWN], out=tmp_path / "again", offline=pack.folder, **asked)
    assert contents(again.folder) == contents(pack.folder)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"region": "vanta"}, "Did you mean 'vantaa'"),
        ({"region": ["92"]}, "a code is text of three digits"),
        ({"sources": ["postal_area"]}, "Did you mean 'postal_areas'"),
        ({"sources": ["postal_areas=24"]}, "write postal_areas=2024"),
        ({"sources": ["municipalities"]}, "postal_areas is not among the sources"),
        ({"sources": ["postal_areas", "schools"]}, "schools is cut to the region by municipalities"),
        ({"sources": ["postal_areas", "sotkanet"]}, "sotkanet and indicators belong together"),
        ({"indicators": [127]}, "sotkanet and indicators belong together"),
        (
            {"indicators": ["population"], "sources": ["postal_areas", "sotkanet"]},
            "no number of an indicator",
        ),
        ({"year": "2024"}, "it must be a year"),
        ({"year": 24}, "it must be a year"),
        ({"offline": "nowhere"}, "There is no pack nowhere"),
        ({"offline": DEMO}, "is no pack: it has no readable sources.json"),
        ({"registry": "none.toml"}, "There is no registry of sources none.toml"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_wrong_call_is_answered_before_anything_is_asked(tmp_path, asked, told):
    call = {"region": "vantaa", "year": 2024, "out": tmp_path / "pack", **asked}
    with pytest.raises(UsageError, match=told):
        lea.fetch(call.pop("region"), **call)
    assert not list(tmp_path.iterdir())


def test_an_earlier_pack_is_replaced_but_not_one_in_which_somebody_has_worked(registry, pack):
    asked = {"year": 2025, "registry": registry, "sources": ["postal_areas"]}
    lea.fetch([TOWN], out=pack, **asked)
    assert set(said(pack)["files"]) == {"postal_areas.gpkg", "paavo.csv"}
    (pack / "mine.txt").write_text("notes")
    with pytest.raises(OutputError, match=r"files that lea_geo did not write: 1 \(mine.txt\)"):
        lea.fetch([TOWN], out=pack, **asked)
    (pack / "mine.txt").unlink()
    with (pack / "study.toml").open("a") as file:
        file.write("# my own\n")
    with pytest.raises(OutputError, match=r"changed since they were fetched: 1 of 4 \(study.toml\)"):
        lea.fetch([TOWN], out=pack, **asked)


def test_a_pack_and_the_output_of_a_run_do_not_replace_each_other(registry, pack, mini_study, tmp_path):
    before = contents(pack)
    with pytest.raises(OutputError, match="holds something that lea_geo did not write"):
        lea.run(mini_study(tmp_path / "mini"), out=pack)
    assert contents(pack) == before
    out = tmp_path / "out"
    out.mkdir()
    manifest = {"lea_geo": "0", "study": {}, "versions": {}, "inputs": [], "outputs": {}}
    (out / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(OutputError, match="holds something that lea_geo did not write"):
        lea.fetch([TOWN], year=2025, out=out, registry=registry)
    assert [path.name for path in out.iterdir()] == ["manifest.json"]


def test_a_pack_that_was_changed_on_the_way_is_refused_with_every_file(pack, tmp_path, capsys):
    (pack / "paavo.csv").write_bytes((pack / "paavo.csv").read_bytes().replace(b",1", b",2", 1))
    (pack / "municipalities.gpkg").unlink()
    for words in (
        ["run", pack / "study.toml", "--offline", pack, "--out", tmp_path / "out"],
        ["check", pack / "study.toml", "--offline", pack],
        ["fetch", TOWN, "--year", "2025", "--offline", pack, "--out", tmp_path / "other"],
    ):
        assert cli.main([str(word) for word in words]) == cli.NO
        told = capsys.readouterr().err
        assert "files that are gone: 1 of 5 (municipalities.gpkg)" in told
        assert "files that have been changed since they were fetched: 1 of 5 (paavo.csv)" in told
    assert not (tmp_path / "out").exists()


def test_a_pack_is_not_written_over_itself(pack):
    before = contents(pack)
    with pytest.raises(UsageError, match="the pack that everything is taken from"):
        lea.fetch([TOWN], year=2025, out=pack, sources=["postal_areas"], offline=pack)
    assert contents(pack) == before


def test_answers_that_were_changed_in_the_cache_are_refused_offline(pack, tmp_path):
    (one, *_) = (path for path in (pack / "cache" / "objects").rglob("*") if path.is_file())
    one.write_bytes(b"changed")
    with pytest.raises(SourceError, match="gone, or are not what was fetched: 1 of"):
        lea.fetch([TOWN], year=2025, out=tmp_path / "other", offline=pack)


@pytest.mark.parametrize("name", ["../outside.csv", "/etc/passwd", "cache/x", ""])
def test_a_pack_that_names_files_outside_itself_is_none(pack, name):
    told = said(pack)
    told["files"][name] = told["files"]["paavo.csv"]
    (pack / "sources.json").write_text(json.dumps(told), encoding="utf-8")
    assert cli.main(["check", str(pack / "study.toml"), "--offline", str(pack)]) == cli.WRONG_USAGE


def test_a_study_of_one_s_own_runs_on_a_pack_and_its_manifest_says_whose_the_data_are(pack, tmp_path, capsys):
    own = tmp_path / "own.toml"
    kept = (pack / "study.toml").read_text("utf-8").partition("[[also]]")[0]
    own.write_text(kept.replace("[study]", "[study]\nindicators = ['children_under_18']"), encoding="utf-8")
    words = ["run", own, "--offline", pack, "--out", tmp_path / "out", "--json"]
    assert cli.main([str(word) for word in words]) == cli.DONE
    capsys.readouterr()
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))
    told = said(pack)["files"]
    assert {one["path"] for one in manifest["fetched"]} == {
        "postal_areas.gpkg",
        "paavo.csv",
        "municipalities.gpkg",
    }
    for one in manifest["fetched"]:
        about = told[one["path"]]
        assert one == {"path": one["path"], **{key: about[key] for key in one if key != "path"}}
        assert one["licence"] == "CC BY 4.0"
    assert sum("was fetched from" in note for note in manifest["notes"]) == 3
    assert cli.main(["run", str(own), "--offline", str(pack), "--data", str(pack)]) == cli.WRONG_USAGE


def test_a_file_of_a_pack_that_was_changed_is_told_where_nobody_checks_it(pack):
    path = pack / "paavo.csv"
    path.write_bytes(path.read_bytes() + b"\n")
    notes = study.check(lea.load_spec(pack / "study.toml")).notes
    assert "paavo.csv has been changed since it was fetched." in notes
    assert not any(note.startswith("paavo.csv was fetched") for note in notes)


def test_the_command_names_the_files_and_the_next_command(registry, tmp_path, capsys):
    out = tmp_path / "pack"
    words = ["fetch", TOWN, "--year", "2025", "--out", out, "--registry", registry]
    words += ["--with", "schools", "--without", "population_grid"]
    assert cli.main([str(word) for word in words]) == cli.DONE
    told = capsys.readouterr().out
    assert "postal_areas.gpkg" in told
    assert "45 rows of postialue:pno_tilasto_2025" in told
    assert f"lea-geo run {out / 'study.toml'}" in told
    assert not (out / "population_grid.gpkg").exists()
    words = ["fetch", TOWN, "--year", "2025", "--out", tmp_path / "again", "--offline", out, "--json"]
    words += ["--without", "population_grid"]
    assert cli.main([str(word) for word in words]) == cli.DONE
    answer = json.loads(capsys.readouterr().out)
    assert answer["files"] == ["municipalities.gpkg", "postal_areas.gpkg", "paavo.csv"]


def test_a_service_that_is_down_is_told_with_what_else_failed_and_nothing_is_written(registry, tmp_path):
    with OddServer() as odd:
        page = b"<html><body>Huoltokatko</body></html>"
        text = registry.read_text("utf-8")
        known = load_registry(registry)
        areas, cells = (
            known[f"statistics_finland_{name}"].address for name in ("postal_areas", "population_grid")
        )
        text = text.replace(areas, odd.on("/areas", good(page, "text/html")))
        text = text.replace(cells, odd.on("/cells", status(404)))
        (tmp_path / "own.toml").write_text(text, encoding="utf-8")
        with pytest.raises(SourceError) as caught:
            lea.fetch([TOWN], year=2025, out=tmp_path / "pack", registry=tmp_path / "own.toml")
    told = [str(fault) for fault in caught.value.faults]
    assert len(told) == 2
    assert "an HTML page and no data" in told[0]
    assert "status 404 Not Found" in told[1]
    assert [path.name for path in tmp_path.iterdir()] == ["own.toml"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_a_full_disk_leaves_the_earlier_pack_whole(registry, pack, monkeypatch):
    before = contents(pack)
    monkeypatch.setattr(Cache, "incoming", lambda _: Path("/dev/full").open("w+b", buffering=0))  # noqa: SIM115
    with pytest.raises(OutputError, match=r"No space left on device\. What was there before is as it was"):
        lea.fetch([TOWN], year=2025, out=pack, registry=registry)
    assert contents(pack) == before


def test_a_fetch_that_is_killed_leaves_the_earlier_pack_whole(registry, pack, tmp_path):
    before = contents(pack)
    with OddServer() as odd:
        cells = load_registry(registry)["statistics_finland_population_grid"].address
        (tmp_path / "own.toml").write_text(
            registry.read_text("utf-8").replace(cells, odd.on("/cells", silent))
        )
        words = ["fetch", TOWN, "--year", "2025", "--out", pack, "--registry", tmp_path / "own.toml"]
        process = subprocess.Popen([sys.executable, "-m", "lea_geo", *map(str, words)])
        while not odd.asked and process.poll() is None:
            time.sleep(0.02)
        assert list(pack.parent.glob(".pack.*/postal_areas.gpkg")), "it was killed in the middle"
        process.kill()
        process.wait()
    assert contents(pack) == before
    lea.fetch([TOWN], year=2025, out=pack, sources=["postal_areas"], registry=registry)
    assert [path.name for path in pack.parent.iterdir()] == ["pack"]


def test_every_command_of_the_documentation_is_one():
    text = (Path(__file__).parents[3] / "docs" / "sources.md").read_text("utf-8")
    commands = re.findall(r"^\$ lea-geo (.+)$", text, re.MULTILINE)
    assert len(commands) > 8
    for words in commands:
        assert cli._parser().parse_args(words.split()).command
    named = set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE))
    assert named == set(FETCH)


@pytest.mark.real
def test_vantaa_of_2026_comes_whole_from_a_map_server_with_the_real_data(real, finland, tmp_path):
    own = tmp_path / "own.toml"
    own.write_text(registry_text(real), encoding="utf-8")
    sources = ["postal_areas", "municipalities=2019", "hsy_population_grid=2015"]
    pack = lea.fetch("vantaa", year=2026, out=tmp_path / "pack", sources=sources, registry=own)
    # MANIFEST.md: Vantaa 37 areas; 1539 cells in Vantaa.
    assert said(pack.folder)["files"]["postal_areas.gpkg"]["rows"] == 37
    assert said(pack.folder)["files"]["hsy_population_grid.gpkg"]["rows"] == 1539
    table = pd.read_csv(pack.folder / "paavo.csv", dtype=str, keep_default_na=False)
    source = gpd.read_file(finland / "paavo_wfs_2026_helsinki_tampere_turku.gpkg")
    source = source[source["kunta"] == "092"].sort_values("postinumeroalue")
    assert table["postinumeroalue"].tolist() == source["postinumeroalue"].tolist()
    assert pd.to_numeric(table["he_vakiy"]).tolist() == source["he_vakiy"].tolist()
    report = study.check(lea.load_spec(pack.study))
    assert report.areas == 37
    assert "low_income_households" in report.indicators
    (cells,) = report.others
    assert cells.areas == 1539
    assert "floor_area_per_resident" in cells.indicators
