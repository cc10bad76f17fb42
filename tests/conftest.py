"""What every test may ask for: the real data, and the programs that CI installs."""

import csv
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).parents[1]
# Run by Debian's Python, which alone has QGIS; doctests would be looked for in it.
collect_ignore = ["helpers/qgis_probe.py"]


def absent(reason: str) -> None:
    """Skip, saying why; in CI, where everything is installed, fail instead."""
    if os.environ.get("LEA_GEO_NO_SKIP"):
        pytest.fail(f"CI must run this test: {reason}", pytrace=False)
    pytest.skip(reason)


# Deadlines measure the machine, not the code.
settings.register_profile("lea", deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=60)
settings.load_profile("lea")


@pytest.fixture(scope="session", autouse=True)
def _nothing_is_left_behind() -> Iterator[None]:
    """Fail the run when a test has written into the folder that it was started in, or into the repository."""
    folders = {Path.cwd(), ROOT}
    before = {path for folder in folders for path in folder.iterdir()}
    yield
    left = {path for folder in folders for path in folder.iterdir() if path.name[0] != "."} - before
    assert not left, f"tests write into tmp_path only, not {', '.join(map(str, left))}"


@pytest.fixture(scope="session")
def finland() -> Path:
    """The folder of real Finnish data."""
    folder = Path(os.environ.get("LEA_GEO_TEST_DATA", ROOT.parent / "shared" / "data" / "finland"))
    if not (folder / "MANIFEST.md").exists():
        absent("no real data: set LEA_GEO_TEST_DATA to a folder like ../shared/data/finland")
    return folder


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of Debian's chromium."""
    path = shutil.which("chromium")
    if path is None:
        absent("no chromium: .ci/run installs it (apt-get install chromium)")
    return path


@pytest.fixture(scope="session")
def node() -> str:
    """The path of node, which runs the page's JavaScript without a page."""
    path = shutil.which("node")
    if path is None:
        absent("no node: .ci/run installs it (apt-get install nodejs npm)")
    return path


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core, which holds a page against WCAG."""
    file = ROOT / "node_modules" / "axe-core" / "axe.min.js"
    if not file.exists():
        absent("no axe-core: `make check` installs it where node and npm are (apt-get install nodejs npm)")
    return file.read_text("utf-8")


@pytest.fixture(scope="session")
def rscript() -> str:
    """The path of an Rscript that has spdep."""
    path = shutil.which("Rscript")
    if (
        path is None
        or subprocess.run([path, "-e", "library(spdep)"], capture_output=True, check=False).returncode
    ):
        absent("no R with spdep: .ci/run installs it (apt-get install r-cran-spdep)")
    return path


@pytest.fixture(scope="session")
def mapserv() -> Path:
    """Debian's MapServer, a CGI program."""
    path = Path("/usr/bin/mapserv")
    if not path.exists():
        absent("no MapServer: .ci/run installs it (apt-get install cgi-mapserver)")
    return path


@pytest.fixture(scope="session")
def qgis_python() -> str:
    """The Python that can import qgis.core: Debian's, not the project's."""
    path = "/usr/bin/python3"
    probe = [path, "-c", "import qgis.core"]
    if not Path(path).exists() or subprocess.run(probe, capture_output=True, check=False).returncode:
        absent("no QGIS: .ci/run installs it (apt-get install python3-qgis)")
    return path


MINI_STUDY = """
[study]
name = { fi = "Pieni koe", sv = "Litet prov", en = "Small trial" }
municipalities = ["905"]
indicators = ["low_income_residents", "basic_education_only"]
synthetic = true

[areas]
path = "areas.geojson"
area_id = "postinumeroalue"
id_scheme = "postal"

[[tables]]
path = "table.csv"
area_id = "postinumero"

[spatial]
graph = "queen"
seed = 7
"""


@pytest.fixture(scope="session")
def mini_study() -> Callable[[Path], Path]:
    """A function that writes a made-up study into a folder: 36 squares of 1 km in Vaasa and 4 in Laihia.

    Vaasa is six by six, ids 65100, 65101 ... row by row; the nine squares of its south-western corner have 40
    of 100 residents with low income, the others 10, give or take two; education is the same everywhere.
    """

    def write(folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        places = [
            (f"{65100 + 6 * row + column}", row, column, "905") for row in range(6) for column in range(6)
        ]
        places += [(f"{66400 + column}", 8, column, "399") for column in range(4)]
        features, rows = [], []
        for number, (code, row, column, municipality) in enumerate(places):
            x, y = 230_000 + 1000 * column, 7_000_000 + 1000 * row
            ring = [[x, y], [x + 1000, y], [x + 1000, y + 1000], [x, y + 1000], [x, y]]
            square = {"type": "Polygon", "coordinates": [ring]}
            features.append({"type": "Feature", "properties": {"postinumeroalue": code}, "geometry": square})
            poor = (40 if row < 3 and column < 3 else 10) + number % 5 - 2
            rows.append([code, f"Alue {code}", municipality, 2018, 100, poor, 100, 20])
        crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3067"}}
        areas = {"type": "FeatureCollection", "crs": crs, "features": features}
        (folder / "areas.geojson").write_text(json.dumps(areas), encoding="utf-8")
        head = ["postinumero", "nimi", "kunta", "vuosi", "hr_tuy", "hr_pi_tul", "ko_ika18y", "ko_perus"]
        with (folder / "table.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([head, *rows])
        study = folder / "mini.toml"
        study.write_text(MINI_STUDY, encoding="utf-8")
        return study

    return write
