"""The notebooks run from top to bottom, and what is committed was made from their source."""

from pathlib import Path

import jupytext
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).parents[2] / "notebooks"
SOURCES = sorted(FOLDER.glob("*.py"))


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
# The kernel's own sockets are closed by the garbage collector, which pytest sees.
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_notebook_runs_from_top_to_bottom(source, tmp_path):
    notebook = jupytext.read(source)
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_the_committed_notebook_was_made_from_its_source(source):
    built = jupytext.read(source.with_suffix(".ipynb"))
    wanted = jupytext.read(source)
    assert [cell.source for cell in built.cells] == [cell.source for cell in wanted.cells]
    assert all(cell.execution_count for cell in built.cells if cell.cell_type == "code")
