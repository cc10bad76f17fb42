"""The house itself: public names, lazy imports, pins, and what may not stand in any file."""

import inspect
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import lea_geo as lea

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def tracked_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout: nothing says which files belong to the project")
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


def test_public_names_are_sorted_and_each_can_be_had():
    names = lea.__all__[1:]
    assert names == sorted(names)
    for name in names:
        assert getattr(lea, name) is not None


@pytest.mark.parametrize("name", [name for name in lea.__all__ if not name.startswith("__")])
def test_a_public_name_says_what_it_is(name):
    thing = getattr(lea, name)
    assert inspect.getdoc(thing), f"{name} has no docstring"


@pytest.mark.parametrize(
    "name", [name for name in lea.__all__ if inspect.isfunction(getattr(lea, name, None))]
)
def test_a_public_function_documents_what_it_takes_and_gives(name):
    function = getattr(lea, name)
    text = inspect.getdoc(function) or ""
    parameters = [p for p in inspect.signature(function).parameters if p != "self"]
    if parameters:
        assert "Parameters\n" in text, f"{name} documents no parameters"
        missing = [
            p for p in parameters if not re.search(rf"^{p}\b|^[\w, *]*\b{p}\b[\w, ]*$", text, re.MULTILINE)
        ]
        assert not missing, f"{name} does not document {missing}"


def test_importing_the_package_loads_no_heavy_library():
    heavy = ("numpy", "pandas", "geopandas", "folium")
    code = f"import sys, lea_geo; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_esda_is_a_second_opinion_and_never_what_the_package_runs_on():
    for path in (ROOT / "src").rglob("*.py"):
        assert not re.search(r"^\s*(import|from) esda", path.read_text("utf-8"), re.MULTILINE), path


def test_every_dependency_is_pinned_as_it_was_tested():
    pinned = {
        re.split(r"==", line)[0].lower().replace("_", "-")
        for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    }
    groups = PROJECT["dependency-groups"].values()
    asked = [
        *PROJECT["project"]["dependencies"],
        *(item for group in groups for item in group if isinstance(item, str)),
    ]
    names = {re.split(r"[<>=!~ \[;]", item)[0].lower().replace("_", "-") for item in asked}
    assert names <= pinned, f"not in constraints.txt: {sorted(names - pinned)}"


def test_the_source_distribution_leaves_out_folders_of_the_root_and_not_rooms_of_the_same_name():
    left_out = PROJECT["tool"]["hatch"]["build"]["targets"]["sdist"]["exclude"]
    assert all(path.startswith("/") for path in left_out), "`maps` would leave out src/lea_geo/maps as well"


def test_no_file_names_a_registry_or_a_machine_s_paths():
    forbidden = re.compile(
        "|".join(
            [
                "python" + "hosted",
                "registry" + r"\.npm",
                "deb" + r"\.debian",
                r"/(?:home|Users)/\w+/",
                "/root" + "/",
            ]
        )
    )
    text_files = [
        p for p in tracked_files() if p.suffix not in {".gpkg", ".png", ".parquet", ".tif", ".svg", ".ico"}
    ]
    found = [
        str(p.relative_to(ROOT))
        for p in text_files
        if forbidden.search(p.read_text("utf-8", errors="replace"))
    ]
    assert not found


def test_the_repository_holds_no_large_file():
    large = [str(p.relative_to(ROOT)) for p in tracked_files() if p.stat().st_size > 3_000_000]
    assert not large


def test_every_test_that_the_table_of_bad_input_names_exists():
    named = re.findall(
        r"`([\w/]+\.py)::(test_\w+)`", (ROOT / "tests/abuse/README.md").read_text(encoding="utf-8")
    )
    assert len(named) > 80
    files = list((ROOT / "tests").rglob("test_*.py"))
    for file, test in named:
        found = [path for path in files if path.as_posix().endswith(f"/{file}")]
        assert any(f"def {test}(" in path.read_text(encoding="utf-8") for path in found), f"{file}::{test}"
