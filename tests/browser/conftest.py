"""One Chromium for all tests of the page, and the map of the small world."""

import pytest
from chrome import browser
from index_findings import index_findings
from small_findings import small_findings

from lea_geo.maps.page import planner_map


@pytest.fixture(scope="session")
def running(chromium):
    with browser(chromium) as started:
        yield started


@pytest.fixture(scope="session")
def small_map(tmp_path_factory):
    """The file of a map of ``small_findings()``."""
    path = tmp_path_factory.mktemp("small") / "map.html"
    planner_map(small_findings()).save(path)
    return path


@pytest.fixture(scope="session")
def index_map(tmp_path_factory):
    """The file of a map of ``index_findings()``, in English."""
    path = tmp_path_factory.mktemp("index") / "map.html"
    planner_map(index_findings(), language="en").save(path)
    return path


@pytest.fixture(scope="session")
def ledger_map(tmp_path_factory):
    """The file of a map with two ledgers, in English."""
    path = tmp_path_factory.mktemp("ledgers") / "map.html"
    planner_map(index_findings(ledgers=True), language="en").save(path)
    return path
