"""The notebooks run from top to bottom, and what is committed was made from their source."""

import re
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


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_the_ten_steps_run_on_made_up_data_where_the_finnish_ones_are_absent(tmp_path, monkeypatch):
    monkeypatch.setenv("LEA_GEO_TEST_DATA", str(tmp_path / "nothing"))
    notebook = jupytext.read(FOLDER / "03_the_ten_steps.py")
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    said = printed(notebook)
    assert "The Finnish data were not found" in said
    assert "Made-up data: no real place, no real people" in said
    assert "Vantaa." not in said
    assert "Statistics Finland" not in said


def test_the_ten_steps_are_kept_as_they_are_in_vantaa_with_their_source():
    said = printed(jupytext.read(FOLDER / "03_the_ten_steps.ipynb"))
    assert "postal areas of Vantaa. Source: Statistics Finland, Paavo 2018 (CC BY 4.0)" in said
    assert "Made-up" not in said


def test_the_prose_of_the_ten_steps_names_no_number_that_could_go_stale():
    """But for years of publications and the numbers of the steps themselves."""
    notebook = jupytext.read(FOLDER / "03_the_ten_steps.py")
    prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    assert [f"## Step {number}." in prose for number in range(1, 11)] == [True] * 10
    prose = re.sub(r"https?://\S+|[Ss]teps? \d+(?: (?:and|to) \d+)?|\b(?:2008|2009)\b", "", prose)
    assert not re.findall(r".*\d.*", prose)


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_what_a_notebook_prints_names_no_folder_of_a_machine(source):
    said = printed(jupytext.read(source.with_suffix(".ipynb")))
    assert said
    assert not re.findall(r"(?<![\w.:/])/(?:tmp|home|root|work|Users|var|private)/\S*", said)


def printed(notebook):
    """Return all that a notebook shows in words."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return "\n".join(
        text
        for output in outputs
        for text in (output.get("text", ""), output.get("data", {}).get("text/plain", ""))
    )


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_the_committed_notebook_was_made_from_its_source(source):
    built = jupytext.read(source.with_suffix(".ipynb"))
    wanted = jupytext.read(source)
    assert [cell.source for cell in built.cells] == [cell.source for cell in wanted.cells]
    assert all(cell.execution_count for cell in built.cells if cell.cell_type == "code")
