"""Whenever a run dies, its output directory holds the old result or the new one, whole."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lea_geo import _output
from lea_geo._output import recover, replacing
from lea_geo.errors import OutputError

WRITE_SLOWLY = """
import hashlib, json, sys, time
from pathlib import Path
from lea_geo import _output

out, content, seconds = Path(sys.argv[1]), sys.argv[2], float(sys.argv[3])
if "two-renames" in sys.argv:
    _output._exchange = lambda one, other: False
if "die-between" in sys.argv:
    import os, pathlib
    plain, done = pathlib.Path.rename, []
    def rename(self, target):
        if done:
            os.kill(os.getpid(), 9)
        done.append(target)
        return plain(self, target)
    pathlib.Path.rename = rename
print("ready", flush=True)
with _output.replacing(out) as folder:
    outputs = {}
    (folder / "tables").mkdir()
    for number in range(20):
        name = f"tables/{number}.csv"
        (folder / name).write_text(content * 100)
        outputs[name] = {"sha256": hashlib.sha256((content * 100).encode()).hexdigest()}
        time.sleep(seconds / 20)
    manifest = {"lea_geo": "0", "versions": {}, "inputs": [], "outputs": outputs}
    manifest["study"] = {"content": content}
    (folder / "manifest.json").write_text(json.dumps(manifest))
"""


def write(out: Path, content: str, *how: str, seconds: float = 0.0) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITE_SLOWLY, str(out), content, str(seconds), *how]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    return process


def whole(out: Path) -> str:
    """Return whose output it is, after checking every file against the manifest."""
    manifest = json.loads((out / "manifest.json").read_text())
    found = {p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file()} - {"manifest.json"}
    assert found == set(manifest["outputs"])
    for name, known in manifest["outputs"].items():
        assert hashlib.sha256((out / name).read_bytes()).hexdigest() == known["sha256"], name
    return str(manifest["study"].get("content", ""))


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "results" / "vantaa"
    assert write(folder, "old").wait() == 0
    assert whole(folder) == "old"
    return folder


def test_a_run_that_ends_replaces_the_old_output_and_leaves_nothing_beside_it(out: Path):
    assert write(out, "new").wait() == 0
    assert whole(out) == "new"
    assert [p.name for p in out.parent.iterdir()] == [out.name]


@pytest.mark.parametrize("moment", [0.0, 0.02, 0.1, 0.19, 0.2, 0.205, 0.21, 0.22, 0.25])
def test_kill_9_at_any_moment_leaves_the_old_or_the_new_output_whole(out: Path, moment: float):
    process = write(out, "new", seconds=0.2)
    time.sleep(moment)
    process.kill()
    process.wait()
    assert whole(out) in {"old", "new"}
    assert write(out, "third").wait() == 0
    assert whole(out) == "third"
    assert [p.name for p in out.parent.iterdir()] == [out.name], "what the dead run left is gone"


def test_where_directories_cannot_be_exchanged_two_renames_do(out: Path):
    assert write(out, "new", "two-renames").wait() == 0
    assert whole(out) == "new"
    assert [p.name for p in out.parent.iterdir()] == [out.name]


def test_a_death_between_two_renames_is_mended_by_the_next_run(out: Path):
    assert write(out, "new", "two-renames", "die-between").wait() == -signal.SIGKILL
    assert not out.exists()
    recover(out)
    assert whole(out) == "old"
    assert [p.name for p in out.parent.iterdir()] == [out.name]


def break_off(out: Path, error: Exception) -> None:
    with replacing(out) as folder:
        (folder / "half.csv").write_text("half")
        raise error


def test_an_error_while_writing_leaves_the_old_output_and_nothing_beside_it(out: Path):
    with pytest.raises(ZeroDivisionError):
        break_off(out, ZeroDivisionError())
    assert whole(out) == "old"
    assert [p.name for p in out.parent.iterdir()] == [out.name]


def test_a_full_disk_is_said_and_leaves_the_old_output(out: Path):
    with pytest.raises(OutputError, match=r"could not be written:\n.*No space left on device"):
        break_off(out, OSError(28, os.strerror(28)))
    assert whole(out) == "old"


def test_the_directory_of_a_living_run_is_left_alone(out: Path):
    process = write(out, "slow", seconds=5)
    try:
        beside = out.with_name(f".{out.name}.{process.pid}.tmp")
        deadline = time.monotonic() + 5
        while not beside.exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        recover(out)
        assert beside.exists()
    finally:
        process.kill()
        process.wait()


def test_a_link_to_the_output_stays_a_link(out: Path):
    link = out.with_name("latest")
    link.symlink_to(out.name)
    assert write(link, "new").wait() == 0
    assert link.is_symlink()
    assert whole(out) == "new"


@pytest.mark.parametrize(
    "how", ["foreign folder", "file", "note beside the output", "link beside the output"]
)
def test_what_lea_geo_did_not_write_is_never_replaced(out: Path, how: str):
    target = out
    if how == "foreign folder":
        target = out.parent
    elif how == "file":
        target = out / "manifest.json"
    elif how == "note beside the output":
        (out / "my notes.txt").write_text("precious")
    else:
        (out / "link").symlink_to("/etc")
    before = sorted(out.rglob("*"))
    with (
        pytest.raises(OutputError, match=r"Nothing was written:(\n.*)+Choose another --out"),
        replacing(target),
    ):
        pytest.fail("the refusal comes first")
    assert sorted(out.rglob("*")) == before


def test_what_a_gis_program_leaves_beside_a_geopackage_is_no_obstacle(out: Path):
    (out / "study.gpkg-wal").touch()
    (out / "study.gpkg-shm").touch()
    assert write(out, "new").wait() == 0
    assert whole(out) == "new"


def test_an_empty_folder_may_be_filled(tmp_path: Path):
    (tmp_path / "empty").mkdir()
    assert write(tmp_path / "empty", "new").wait() == 0
    assert whole(tmp_path / "empty") == "new"


def test_everything_is_forced_to_the_disk_before_it_takes_its_place(out: Path, monkeypatch):
    steps: list[str] = []
    sync, place = _output._sync, _output._put_in_place
    monkeypatch.setattr(_output, "_sync", lambda path: (steps.append(path.name), sync(path)))
    monkeypatch.setattr(_output, "_put_in_place", lambda *paths: (steps.append("placed"), place(*paths)))
    with replacing(out) as folder:
        (folder / "map.html").write_text("new")
    assert steps == ["map.html", f".{out.name}.{os.getpid()}.tmp", "placed", out.parent.name]
