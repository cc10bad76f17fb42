"""At the command line everybody is told what to do next, and nobody meets a traceback."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import lea_geo.study
from lea_geo import __version__
from lea_geo._manifest import hash_file
from lea_geo._pack_sources import FETCH
from lea_geo.cli import main

COMMANDS = ("demo", "run", "check", "map", "verify", "index", "fetch", "audit")
HEAVY = ("geopandas", "pandas", "numpy", "scipy", "folium", "shapely", "rasterio", "libpysal", "rich")


@pytest.fixture(scope="module")
def done(tmp_path_factory, mini_study) -> Path:
    """A folder with the mini-study in data/ and its output in out/."""
    folder = tmp_path_factory.mktemp("cli")
    study = mini_study(folder / "data")
    assert main(["run", str(study), "--out", str(folder / "out"), "--quiet"]) == 0
    return folder


def test_help_imports_nothing_heavy():
    code = f"""
import sys
from lea_geo.cli import main
main(["--help"])
print([name for name in {HEAVY} if name in sys.modules])
"""
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert shown.strip().endswith("[]")


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_explains_itself_with_examples(command: str, capsys):
    assert main([command, "--help"]) == 0
    shown = capsys.readouterr().out
    assert f"examples:\n  lea-geo {command}" in shown
    assert "Exit code 0: done. 1: the data or the findings say no. 2: the command was wrong." in shown


def test_every_example_of_the_help_is_a_command_that_exists(capsys):
    for command in COMMANDS:
        main([command, "--help"])
        for words in re.findall(r"^  lea-geo (.+)$", capsys.readouterr().out, re.MULTILINE):
            assert main([*words.split(), "--help"]) == 0, words
            capsys.readouterr()


def test_help_lists_the_commands_that_exist_and_no_others(capsys):
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    assert all(f"    {command} " in shown for command in COMMANDS)


def test_the_version_is_told(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"lea-geo {__version__}\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "required: COMMAND"),
        (["rum"], "invalid choice: 'rum'"),
        (["run"], "required: STUDY.toml"),
        (["run", "a.toml", "--seed", "3"], "unrecognized arguments: --seed 3"),
        (["run", "nowhere.toml"], "There is no study file nowhere.toml."),
        (["check", "nowhere.toml"], "There is no study file nowhere.toml."),
        (["map", "nowhere.gpkg"], "There is no file nowhere.gpkg."),
        (["map", "a.gpkg", "--language", "de"], "invalid choice: 'de'"),
        (["verify", "nowhere"], "There is no output directory nowhere."),
    ],
)
def test_a_wrong_command_is_exit_2_with_the_reason_on_stderr(words, said: str, capsys):
    assert main(words) == 2
    told = capsys.readouterr()
    assert said in told.err
    assert told.out == ""


def test_a_run_ends_by_naming_the_files_to_open(done: Path, capsys):
    assert main(["run", str(done / "data" / "mini.toml"), "--out", str(done / "out")]) == 0
    told = capsys.readouterr()
    for name in ("map.html", "report.html", "study.gpkg"):
        assert str(done / "out" / name) in told.out
        assert (done / "out" / name).is_file()
    assert "Pieni koe: 36 areas, 2 indicators.\nThe data are made up: nothing in them is real.\n" in told.out
    assert "note: 36 of 40 areas lie in the municipalities 905." in told.err


def test_the_help_of_fetch_names_every_source_but_the_areas_that_are_always_fetched(capsys):
    assert main(["fetch", "--help"]) == 0
    told = re.split(r"\W+", capsys.readouterr().out)
    assert set(FETCH) - {"postal_areas"} <= set(told)


def test_quiet_says_no_notes(done: Path, capsys):
    assert main(["run", str(done / "data" / "mini.toml"), "--out", str(done / "out"), "--quiet"]) == 0
    assert capsys.readouterr().err == ""


def test_json_is_json_and_nothing_else(done: Path, capsys):
    study, out = str(done / "data" / "mini.toml"), str(done / "out")
    gpkg = str(done / "out" / "study.gpkg")
    for words in (["run", study, "--out", out], ["check", study], ["map", gpkg], ["verify", out]):
        assert main([*words, "--json"]) == 0
        told = capsys.readouterr()
        assert json.loads(told.out)["ok"] is True
        assert told.err == ""


def test_json_of_a_refusal_holds_every_fault(done: Path, tmp_path: Path, capsys):
    broken = tmp_path / "broken.toml"
    broken.write_text((done / "data" / "mini.toml").read_text().replace("graph", "grahp"))
    assert main(["check", str(broken), "--json"]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert answer["ok"] is False
    assert answer["heading"] == "The study file broken.toml cannot be used:"
    assert len(answer["faults"]) == 3


def test_check_says_that_a_study_is_in_order(done: Path, capsys):
    assert main(["check", str(done / "data" / "mini.toml")]) == 0
    assert capsys.readouterr().out.startswith("mini.toml is in order: 36 areas, 2 indicators")


def test_the_data_may_lie_elsewhere(done: Path, tmp_path: Path, capsys):
    moved = tmp_path / "moved.toml"
    moved.write_text((done / "data" / "mini.toml").read_text())
    assert main(["check", str(moved)]) == 1
    assert "there is no such file" in capsys.readouterr().err
    assert main(["check", str(moved), "--data", str(done / "data")]) == 0


def test_a_run_without_out_goes_to_out_and_the_name_of_the_study(
    done: Path, tmp_path: Path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    assert main(["run", str(done / "data" / "mini.toml")]) == 0
    assert str(Path("out/mini/map.html")) in capsys.readouterr().out
    assert (tmp_path / "out" / "mini" / "map.html").is_file()


def test_map_redraws_beside_the_geopackage(done: Path, capsys):
    (done / "out" / "map.html").unlink()
    assert main(["map", str(done / "out" / "study.gpkg")]) == 0
    assert capsys.readouterr().out == f"The map: {done / 'out' / 'map.html'}\n"
    assert (done / "out" / "map.html").is_file()
    assert main(["verify", str(done / "out")]) == 0


def test_map_of_a_directory_suggests_the_geopackage_in_it(done: Path, capsys):
    assert main(["map", str(done / "out")]) == 2
    assert f"Did you mean {done / 'out' / 'study.gpkg'}?" in capsys.readouterr().err


def test_map_of_another_file_is_refused(done: Path, capsys):
    assert main(["map", str(done / "data" / "table.csv")]) == 1
    told = capsys.readouterr().err
    assert "table.csv" in told
    assert "bug" not in told


def test_a_bug_is_called_one_and_its_traceback_is_shown_only_on_request(done: Path, monkeypatch, capsys):
    def broken(*_args: object, **_options: object) -> None:
        raise KeyError("surprise")

    monkeypatch.setattr(lea_geo.study, "check", broken)
    assert main(["check", str(done / "data" / "mini.toml")]) == 1
    told = capsys.readouterr().err
    assert "KeyError: 'surprise'\nThis is a bug in lea_geo" in told
    assert "Traceback" not in told
    assert main(["check", str(done / "data" / "mini.toml"), "--debug"]) == 1
    assert "Traceback" in capsys.readouterr().err


def test_an_interrupt_from_the_keyboard_is_exit_130(done: Path, monkeypatch, capsys):
    def interrupted(*_args: object, **_options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(lea_geo.study, "check", interrupted)
    assert main(["check", str(done / "data" / "mini.toml")]) == 130
    assert "Interrupted" in capsys.readouterr().err


def test_a_closed_pipe_makes_no_noise(done: Path):
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "lea_geo", "check", str(done / "data" / "mini.toml"), "--quiet"]
    ended = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writer)
    assert ended.stderr == ""


def test_an_output_that_cannot_be_written_is_no_bug(done: Path, capsys):
    blocked = done / "data" / "table.csv" / "out"
    assert main(["run", str(done / "data" / "mini.toml"), "--out", str(blocked), "--quiet"]) == 1
    told = capsys.readouterr().err
    assert "table.csv is a file, so no folder can be made in it" in told
    assert "bug" not in told


def kill_a_run(done: Path, *, seconds_into_writing: float | None) -> None:
    """Start a run and kill it, early or so many seconds after it has begun to write."""
    command = [sys.executable, "-m", "lea_geo", "run", str(done / "data" / "mini.toml"), "--quiet"]
    process = subprocess.Popen([*command, "--out", str(done / "out")])
    if seconds_into_writing is None:
        time.sleep(0.3)
    else:
        building = done / f".out.{process.pid}.tmp"
        while process.poll() is None and not building.exists():
            time.sleep(0.001)
        time.sleep(seconds_into_writing)
    process.send_signal(signal.SIGKILL)
    process.wait()


@pytest.mark.parametrize("moment", [None, 0.0, 0.1])
def test_a_run_killed_at_any_moment_leaves_the_earlier_output_whole(done: Path, moment: float | None):
    out = done / "out"
    before = json.loads((out / "manifest.json").read_text())["outputs"]
    kill_a_run(done, seconds_into_writing=moment)
    found = {path.relative_to(out).as_posix(): path for path in out.rglob("*") if path.is_file()}
    assert found.pop("manifest.json")
    assert {name: hash_file(path) for name, path in found.items()} == before


def test_the_run_after_a_killed_one_leaves_nothing_of_it(done: Path):
    kill_a_run(done, seconds_into_writing=0.0)
    assert len(list(done.iterdir())) == 3
    assert main(["run", str(done / "data" / "mini.toml"), "--out", str(done / "out"), "--quiet"]) == 0
    assert sorted(path.name for path in done.iterdir()) == ["data", "out"]


def test_the_demo_needs_nothing_and_is_reproduced_by_verify(tmp_path: Path, capsys):
    out = tmp_path / "demo"
    assert main(["demo", "--out", str(out), "--quiet"]) == 0
    told = capsys.readouterr()
    assert told.err == ""
    assert f"Open the map:       {out / 'map.html'}" in told.out
    assert sorted(path.name for path in tmp_path.iterdir()) == ["demo", "demo-inputs"]
    assert json.loads((out / "manifest.json").read_text(encoding="utf-8"))["synthetic"] is True
    assert main(["verify", str(out), "--quiet"]) == 0
