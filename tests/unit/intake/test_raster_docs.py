"""What docs/rasters.md shows runs as it stands, and the study file that it shows is one."""

import re
import tomllib
from pathlib import Path

from lea_geo._checks.faults import Faults
from lea_geo._checks.spec import Keys
from lea_geo._inputs_keys import read_rasters
from lea_geo.export.raster_legend import LABEL_CODES, STATUS_CODES

TEXT = (Path(__file__).parents[3] / "docs" / "rasters.md").read_text("utf-8")


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)```", TEXT, re.MULTILINE | re.DOTALL)


def test_the_example_runs_and_says_what_it_should(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (example,) = blocks("python")
    found: dict = {}
    exec(compile(example, "docs/rasters.md", "exec"), found)  # noqa: S102 - our own documentation
    told = capsys.readouterr().out
    assert found["green"].table["status"].eq("observed").any()
    assert found["green"].table["mean"].between(10, 90).sum() > 10
    assert "have data on" in told


def test_the_keys_that_it_shows_are_those_of_a_study(tmp_path):
    (example,) = blocks("toml")
    said = tomllib.loads(example)
    for one in said["rasters"]:
        for name in (one["path"], one.get("weights", one["path"])):
            (tmp_path / name).touch()
    faults = Faults()
    green, minutes = read_rasters(Keys(said, "the file", faults, tmp_path))
    assert not faults.found
    assert (green.statistic, green.coverage) == ("mean", 0.5)
    assert (minutes.nodata, minutes.weights, minutes.year) == ((-1.0,), "people.tif", 2024)


def test_the_codes_that_it_shows_are_those_of_the_files():
    shown = re.search(r"`<code>_status.tif` \| (.*?);", TEXT)[1]
    assert shown == ", ".join(f"{code} {status.replace('_', ' ')}" for status, code in STATUS_CODES.items())
    assert f"1 to {max(LABEL_CODES.values())} as the tag" in TEXT
