"""What a study says of its chapters can be written back, so that a manifest makes the same chapters again."""

import json
from dataclasses import fields
from pathlib import Path

import pytest

from lea_geo.chapter import CHAPTERS
from lea_geo.spec import spec_from_dict

NAME = {"fi": "Nimi", "sv": "Namn", "en": "Name"}
FULL = {
    "inequality": {
        "indicators": ["a"],
        "by": "",
        "rank_by": "b",
        "population": "c",
        "epsilon": [0.25, 3],
        "share": 0.2,
        "runs": 99,
        "seed": 0,
    },
    "segregation": {"indicators": ["a"], "scales": [500, 1500], "runs": 99},
    "change": {
        "indicators": ["a"],
        "since": "2018",
        "level": 0.9,
        "power": 0.7,
        "fdr": 0.1,
        "correction": "holm",
        "relevant": {"a": 0.5},
        "correlation": -0.25,
        "goalposts": "2019",
        "order": "b",
        "boundaries": "old.gpkg",
        "boundaries_id": "id",
        "redrawn": ["65100"],
        "jump": 0.5,
        "runs": 99,
    },
    "trends": {
        "indicators": ["a"],
        "rule": "arcgis",
        "window": 2,
        "against": "window",
        "fdr": 0.2,
        "trend_fdr": 0.15,
        "correction": "holm",
        "trend_correction": "holm",
        "family": "year",
        "autocorrelation": "hamed_rao",
        "ends": 2,
        "share": 0.8,
        "classes": 4,
        "cuts": "year",
        "level": 0.9,
        "permutations": 0,
    },
    "types": {
        "parts": ["a", {"counts": "b - c", "name": NAME}],
        "rest": NAME,
        "indicators": ["d"],
        "method": "ward",
        "k": 3,
        "k_most": 5,
        "weighted": False,
        "fewest": 0.0,
        "zeros": "sq",
        "runs": 10,
        "worlds": 19,
        "sure": 0.7,
        "fdr": 0.1,
        "ledgers": True,
        "names": [{"type": "A", "name": NAME}],
        "regions": {"method": "azp", "k": 4, "floor": 50.0},
    },
    "drivers": {
        "outcome": "a",
        "indicators": ["b"],
        "model": "slx",
        "weighted": True,
        "local": False,
        "multiscale": True,
        "held_out": "none",
        "folds": 2,
        "repeats": 1,
        "buffer": 1,
        "scales": False,
        "runs": 20,
        "level": 0.9,
        "fdr": 0.1,
    },
    "targeting": {
        "need": "a",
        "choose": 0.25,
        "by": "count",
        "alternatives": ["b"],
        "shares": [0.6],
        "catchment": {"path": "places.csv", "x": "e", "y": "n", "distance": 500.0},
        "budget": 1000.0,
        "unit": 10.0,
        "power": 0.0,
        "fixed": 1.0,
        "fixed_per_family": 2.0,
        "floor": 0.0,
        "floor_per_family": 3.0,
        "cap": 100.0,
        "cap_per_family": 4.0,
        "least_families": 5.0,
        "estimate": "expected",
        "previous": {"path": "before.csv", "area_id": "id", "column": "euros"},
        "hold_harmless": 0.5,
        "phase_in": 3,
        "scenarios": [
            {"name": NAME, "areas": "chosen", "floor": 0.0, "budget": 500.0, "estimate": "observed"}
        ],
        "level": 0.9,
        "draws": 100,
    },
    "access": {
        "need": "a",
        "services": {
            "path": "places.csv",
            "id": "n",
            "x": "e",
            "y": "n",
            "capacity": "c",
            "name": NAME,
            "only": {"kind": ["clinic"]},
        },
        "keep": False,
        "travel": {
            "kind": "matrix",
            "path": "times.csv",
            "cost": "c",
            "from_id": "f",
            "to_id": "t",
            "unit": "metres",
            "no_route": [-9.0],
            "tolerance": 100.0,
            "stands": "inside",
        },
        "radius": 1000.0,
        "catchments": [500.0],
        "score": "opportunities",
        "choose": 0,
        "objective": "coverage",
        "candidates": {"path": "places.csv"},
        "capacity": 40.0,
        "tie": 0.0,
        "alternatives": 0,
        "travel_noise": 0.1,
        "scenarios": [{"name": NAME, "sites": ["S1"]}],
        "level": 0.9,
        "draws": 100,
    },
}
"""Of every chapter a table with every key, none as it is where it is left out."""
FILES = ("areas.gpkg", "table.csv", "old.gpkg", "places.csv", "before.csv", "times.csv")
STUDY = {
    "study": {"name": NAME},
    "areas": {"path": "areas.gpkg", "area_id": "id"},
    "tables": [{"path": "table.csv", "area_id": "id"}],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in FILES:
        (tmp_path / name).touch()
    return tmp_path


def written_back(spec, folder):
    """Return the study that a manifest makes of what it holds: JSON, and nothing but JSON."""
    return spec_from_dict(json.loads(json.dumps(spec.as_dict())), folder=folder)


@pytest.mark.parametrize("code", CHAPTERS)
def test_a_chapter_of_which_nothing_is_said_is_the_same_when_it_is_read_back(code, folder):
    spec = spec_from_dict({**STUDY, code: {}}, folder=folder)
    assert spec.chapters.keys() == {code}
    assert written_back(spec, folder) == spec


@pytest.mark.parametrize("code", CHAPTERS)
def test_a_chapter_of_which_all_is_said_is_the_same_when_it_is_read_back(code, folder):
    spec = spec_from_dict({**STUDY, code: FULL[code]}, folder=folder)
    assert written_back(spec, folder) == spec


@pytest.mark.parametrize("code", CHAPTERS)
def test_the_tables_above_leave_out_no_key_and_say_of_none_what_is_meant_without_it(code, folder):
    plain, full = (
        getattr(spec_from_dict({**STUDY, code: said}, folder=folder), code) for said in ({}, FULL[code])
    )
    assert [one.name for one in fields(full) if getattr(full, one.name) == getattr(plain, one.name)] == []
    assert {one.name for one in fields(full)} == set(FULL[code])


def test_what_is_read_back_needs_no_file_where_nobody_asks_for_it(tmp_path):
    raw = {**STUDY, **{code: FULL[code] for code in CHAPTERS}}
    spec = spec_from_dict(raw, folder=tmp_path, files=False)
    assert spec.chapter_files == ("old.gpkg", "before.csv", "places.csv", "times.csv")


def test_what_is_meant_otherwise_by_another_rule_is_said_even_where_it_is_the_default(folder):
    """ArcGIS's rule takes trends as they are, and 0.1 for both levels; its window is one year."""
    said = {
        "rule": "arcgis",
        "window": 0,
        "against": "year",
        "fdr": 0.1,
        "trend_fdr": 0.05,
        "trend_correction": "bh",
        "autocorrelation": "pooled",
    }
    spec = spec_from_dict({**STUDY, "trends": said}, folder=folder)
    assert written_back(spec, folder) == spec
