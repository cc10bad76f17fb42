"""Prints what was measured as the tables of BENCHMARKS.md."""

import pytest
from stopwatch import Board

BOARD = pytest.StashKey[Board]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[BOARD] = Board()


@pytest.fixture(scope="session")
def board(request: pytest.FixtureRequest) -> Board:
    """The tables; what was measured is printed at the end, also where a promise was broken."""
    return request.config.stash[BOARD]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    terminalreporter.write_line("")
    terminalreporter.write_line(str(config.stash[BOARD]))
