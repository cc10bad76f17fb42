"""What several tests of disclosure begin with."""

import shutil

import pytest
from small_release import write_small_release


@pytest.fixture(scope="session")
def finished_release(tmp_path_factory):
    """Give a small finished output directory, which nobody may change, and the findings behind it."""
    folder = tmp_path_factory.mktemp("release")
    return folder, write_small_release(folder)


@pytest.fixture
def own_release(finished_release, tmp_path):
    """Give a copy of the small release, for a test to plant something in."""
    folder = tmp_path / "release"
    shutil.copytree(finished_release[0], folder)
    return folder
