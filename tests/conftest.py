"""What every test may ask for: the real data, and the programs that CI installs."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).parents[1]


def absent(reason: str) -> None:
    """Skip, saying why; in CI, where everything is installed, fail instead."""
    if os.environ.get("LEA_GEO_NO_SKIP"):
        pytest.fail(f"CI must run this test: {reason}", pytrace=False)
    pytest.skip(reason)


# Deadlines measure the machine, not the code.
settings.register_profile("lea", deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=60)
settings.load_profile("lea")


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
def rscript() -> str:
    """The path of an Rscript that has spdep."""
    path = shutil.which("Rscript")
    if path is None or subprocess.run([path, "-e", "library(spdep)"], capture_output=True, check=False).returncode:
        absent("no R with spdep: .ci/run installs it (apt-get install r-cran-spdep)")
    return path


@pytest.fixture(scope="session")
def qgis_python() -> str:
    """The Python that can import qgis.core: Debian's, not the project's."""
    path = "/usr/bin/python3"
    probe = [path, "-c", "import qgis.core"]
    if not Path(path).exists() or subprocess.run(probe, capture_output=True, check=False).returncode:
        absent("no QGIS: .ci/run installs it (apt-get install python3-qgis)")
    return path
