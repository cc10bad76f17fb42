"""A study whose tables lie on areas of another year, or on a grid: carried, said, hashed, the same again."""

import csv
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lea_geo._gather import gather
from lea_geo.cli import main
from lea_geo.errors import DataError, OutputError, SpecError
from lea_geo.spec import load_spec
from lea_geo.study import Study, check, run, verify

KM = 1000
WEST, SOUTH = 230_000, 7_000_000

OLD = """areas = { path = "old.geojson", area_id = "postinumeroalue", id_scheme = "postal" }"""
GRID = """areas = { path = "grid.geojson", area_id = "grd_id", id_scheme = "grid" }"""


def write_boxes(path: Path, key: str, boxes: dict[str, tuple[float, float, float, float]]) -> None:
    """Boxes in kilometres from the south-western corner: left, bottom, right, top."""
    features = []
    for name, (left, bottom, right, top) in boxes.items():
        corners = [(left, bottom), (right, bottom), (right, top), (left, top), (left, bottom)]
        ring = [[WEST + KM * x, SOUTH + KM * y] for x, y in corners]
        shape = {"type": "Polygon", "coordinates": [ring]}
        features.append({"type": "Feature", "properties": {key: name}, "geometry": shape})
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3067"}}
    collection = {"type": "FeatureCollection", "crs": crs, "features": features}
    path.write_text(json.dumps(collection), encoding="utf-8")


def square(number: int) -> tuple[int, int, int, int]:
    """The area 65100 + number of the mini study: six by six squares of 1 km."""
    row, column = divmod(number, 6)
    return column, row, column + 1, row + 1


def write_rows(path: Path, rows: list[dict]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def read_rows(path: Path) -> list[dict]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def aged(study: Path) -> Path:
    """Make the mini study's table one of an older year, in which every two squares of a row were one area.

    65100 was 65100 and 65101 and has the counts of both; the details of 65118 (and 65119) are withheld.
    """
    folder = study.parent
    rows, boxes, old = read_rows(folder / "table.csv"), {}, []
    for number in range(0, 36, 2):
        left, bottom, _, top = square(number)
        boxes[f"{65100 + number}"] = (left, bottom, left + 2, top)
        pair = rows[number : number + 2]
        counts = {name: sum(int(row[name]) for row in pair) for name in list(pair[0])[4:]}
        old.append({**pair[0], **counts})
    old[9] |= {"hr_pi_tul": "", "hr_tuy": 25}
    write_boxes(folder / "old.geojson", "postinumeroalue", boxes)
    write_rows(folder / "table.csv", old)
    return said(study, OLD)


def gridded(study: Path) -> Path:
    """Make the mini study's areas six strips of six squares, and its table one of grid cells of 1 km.

    The cell of 65107 (strip 65101, the second from the south) withholds its details.
    """
    folder = study.parent
    rows, cells, boxes = read_rows(folder / "table.csv")[:36], [], {}
    for number, row in enumerate(rows):
        left, bottom, right, top = square(number)
        cell = f"1kmN{SOUTH // KM + bottom}E{WEST // KM + left:04d}"
        boxes[cell] = (left, bottom, right, top)
        cells.append({"grd_id": cell, **{key: row[key] for key in list(row)[2:]}})
    cells[7] |= {"hr_pi_tul": "", "hr_tuy": 25}
    write_boxes(folder / "grid.geojson", "grd_id", boxes)
    write_rows(folder / "table.csv", cells)
    strips = {f"{65100 + row}": (0, row, 6, row + 1) for row in range(6)}
    write_boxes(folder / "areas.geojson", "postinumeroalue", strips)
    text = study.read_text().replace('area_id = "postinumero"\n', 'area_id = "grd_id"\n')
    study.write_text(text)
    return said(study, GRID)


def said(study: Path, *lines: str) -> Path:
    text = study.read_text()
    where = text.index("\n[spatial]")
    study.write_text(text[:where] + "\n".join(lines) + "\n" + text[where:])
    return study


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("carry")


@pytest.fixture(scope="module")
def study(folder: Path, mini_study) -> Study:
    return run(load_spec(aged(mini_study(folder / "data"))), out=folder / "out")


@pytest.fixture
def fresh(tmp_path: Path, mini_study) -> Path:
    return mini_study(tmp_path / "data")


def test_a_split_area_gives_both_halves_its_rate_and_half_of_its_counts(study: Study):
    table = study.findings.results["low_income_residents"]
    assert sorted(table.index) == [str(number) for number in range(65100, 65136)]
    # 65100 and 65101 had 38 and 39 of 100 residents with low income, then one area with 77 of 200.
    for half in ("65100", "65101"):
        assert table.loc[half, ["value", "numerator", "denominator"]].tolist() == [38.5, 38.5, 100]


def test_what_was_withheld_is_withheld_on_both_halves_with_its_bounds(study: Study):
    table = study.findings.results["low_income_residents"]
    for half in ("65118", "65119"):
        assert table.loc[half, "status"] == "suppressed"
        assert table.loc[half, ["lower", "upper"]].tolist() == [0, 100]
        assert np.isnan(table.loc[half, "value"])
    assert table["status"].value_counts().to_dict() == {"observed": 34, "suppressed": 2}


def test_withheld_values_that_were_carried_put_their_neighbours_labels_in_doubt(study: Study):
    table = study.findings.results["low_income_residents"]
    # 65118 and 65119 are the western end of the fourth row.
    beside = {"65112": 2, "65113": 2, "65114": 1, "65120": 1, "65124": 2, "65125": 2, "65126": 1}
    assert table.loc[list(beside), "local_moran_hidden"].to_dict() == beside
    # All around 65125 is low as far as is known; with 100 % in two of its eight neighbours it would not be:
    # (6 * 12 + 200) / 8 = 34, far above the mean.
    assert table.loc["65125", ["local_moran_label", "local_moran_doubt"]].tolist() == ["Low-Low", "hidden"]


def test_a_code_that_the_table_does_not_know_is_put_where_most_of_it_came_from(study: Study):
    assert set(study.areas["municipality"]) == {"905"}
    told = "table.csv: 18 areas have no row of their own; they were put in the municipality of the area that "
    assert any(note.startswith(told) for note in study.findings.notes)


def test_the_notes_say_what_was_carried_and_what_rests_on_a_split(study: Study):
    notes = study.findings.notes
    assert (
        "table.csv lies on the areas of old.geojson and was carried to the study's areas as if everybody "
        "lived evenly over each area: counts by shares, rates as numerator and denominator."
    ) in notes
    assert any(
        note.startswith("table.csv: The figures of 36 of 36 areas rest on how the people of a split area lie")
        for note in notes
    )
    assert any("too much to compare them with figures that were counted there" in note for note in notes)


@pytest.mark.usefixtures("study")
def test_the_map_and_the_report_tell_what_was_carried(folder: Path):
    for page in ("map.html", "report.html"):
        text = (folder / "out" / page).read_text(encoding="utf-8")
        assert "was carried to the study" in text, page


def test_the_areas_of_a_table_are_hashed_and_a_change_of_them_is_found(folder: Path, study: Study):
    inputs = {one["path"]: one["role"] for one in study.provenance["inputs"]}
    assert inputs["old.geojson"] == "areas"
    assert "old.geojson" in verify(folder / "out")
    file = folder / "data" / "old.geojson"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("7000000", "7000010"), encoding="utf-8")
    with pytest.raises(OutputError, match=r"input old\.geojson has changed"):
        verify(folder / "out")
    file.write_text(text, encoding="utf-8")


def test_check_reports_what_is_carried(fresh: Path, capsys):
    assert main(["check", str(aged(fresh))]) == 0
    shown = capsys.readouterr()
    assert "was carried to the study's areas" in shown.out + shown.err


def test_cells_add_up_to_the_areas_that_hold_them(fresh: Path):
    found = run(load_spec(gridded(fresh))).findings
    table = found.results["low_income_residents"]
    # Strip 65100 holds squares 0 to 5: 38, 39, 40 (of the corner), 11, 12, 8 of 100 each.
    assert table.loc["65100", ["numerator", "denominator"]].tolist() == [148, 600]
    assert table.loc["65100", "value"] == pytest.approx(148 / 6)
    # Strip 65101: 25 people of the cell 65107 are of unknown income; the other five have 109 of 500.
    row = table.loc["65101"]
    assert row["status"] == "suppressed"
    assert row[["lower", "upper"]].tolist() == pytest.approx([100 * 109 / 525, 100 * 134 / 525], rel=1e-12)
    education = found.results["basic_education_only"]
    assert education.loc["65101", ["value", "numerator", "denominator"]].tolist() == [20, 120, 600]


def test_people_known_by_points_decide_how_a_split_area_is_divided(fresh: Path):
    study = aged(fresh)
    points = {
        f"{number}-{copy}": square(number) for number in range(36) for copy in range(1 if number % 2 else 3)
    }
    features = [
        {
            "type": "Feature",
            "properties": {"id": name},
            "geometry": {
                "type": "Point",
                "coordinates": [WEST + KM * (left + 0.5), SOUTH + KM * (bottom + 0.25 + 0.01 * place)],
            },
        }
        for place, (name, (left, bottom, _, _)) in enumerate(points.items())
        for place in [place % 50]
    ]
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3067"}}
    text = json.dumps({"type": "FeatureCollection", "crs": crs, "features": features})
    (study.parent / "homes.geojson").write_text(text, encoding="utf-8")
    said(study, 'carry = { method = "dasymetric", weights = "homes.geojson" }')
    found = run(load_spec(study))
    table = found.findings.results["low_income_residents"]
    # Three of four homes of 65100 and 65101 are in the western square: 150 of 200 residents.
    assert table.loc[["65100", "65101"], "denominator"].tolist() == [150, 50]
    assert any("by where homes.geojson says that people live" in note for note in found.findings.notes)
    assert {"weights": "homes.geojson"}.items() <= {
        one["role"]: one["path"] for one in found.provenance["inputs"]
    }.items()


def test_a_smooth_surface_keeps_every_total(fresh: Path):
    study = said(aged(fresh), 'carry = { method = "pycnophylactic" }')
    table = run(load_spec(study)).findings.results["basic_education_only"]
    assert table["denominator"].sum() == pytest.approx(3600)
    assert table["numerator"].sum() == pytest.approx(720)


def test_a_smooth_surface_of_nobody_is_refused(fresh: Path):
    study = said(aged(fresh), 'carry = { method = "pycnophylactic" }')
    rows = read_rows(study.parent / "table.csv")
    kept = [{key: row[key] for key in ("postinumero", "kunta")} | {"hr_mtu": 20_000} for row in rows]
    write_rows(study.parent / "table.csv", kept)
    study.write_text(
        study.read_text().replace('"low_income_residents", "basic_', '"median_income_residents"#')
    )
    text = study.read_text().replace(
        '"median_income_residents"#education_only"]', '"median_income_residents"]'
    )
    study.write_text(text)
    with pytest.raises(
        SpecError, match=r"table\.csv has no count of people, and a smooth surface is made of"
    ):
        check(load_spec(study))


def test_everything_wrong_with_a_carried_table_is_named_with_all_else(fresh: Path):
    study = aged(fresh)
    text = study.read_text().replace('area_id = "postinumeroalue", id', 'area_id = "koodi", id')
    study.write_text(
        text.replace(
            'path = "areas.geojson"\narea_id = "postinumeroalue"', 'path = "areas.geojson"\narea_id = "alue"'
        )
    )
    said(study, 'carry = { method = "dasymetric" }')
    with pytest.raises(DataError) as caught:
        check(load_spec(study))
    told = str(caught.value)
    assert "column 'alue'" in told
    assert "column 'koodi'" in told
    assert "table.csv is to be carried by where people live, and nothing says where" in told


def test_weights_that_no_method_looks_at_are_refused(fresh: Path):
    study = said(aged(fresh), 'carry = { weights = "old.geojson" }')
    with pytest.raises(
        SpecError, match=r"carried by method 'areal', which looks at no weights: 1 \(weights\)"
    ):
        check(load_spec(study))


def test_a_table_that_lies_on_other_areas_than_it_says_is_refused(fresh: Path):
    study = aged(fresh)
    rows = read_rows(study.parent / "table.csv")
    write_rows(
        study.parent / "table.csv",
        [{**row, "postinumero": f"{int(row['postinumero']) + 9000}"} for row in rows],
    )
    with pytest.raises(
        DataError, match=r"no row of table\.csv is an area of old\.geojson: ids such as '74100'"
    ):
        check(load_spec(study))


def test_a_table_larger_than_the_study_loses_what_is_beyond_and_says_so(fresh: Path):
    study = aged(fresh)
    folder = study.parent
    rows = read_rows(folder / "table.csv")
    away = {"65130": (-4, 5, 1, 6), "99990": (100, 0, 102, 1)}
    write_rows(folder / "table.csv", [*rows, {**rows[0], "postinumero": "99990", "kunta": "049"}])
    boxes = {row["postinumero"]: square(int(row["postinumero"]) - 65100) for row in rows}
    boxes = {code: (left, low, left + 2, top) for code, (left, low, _, top) in boxes.items()}
    write_boxes(folder / "old.geojson", "postinumeroalue", boxes | away)
    material, *_ = gather(load_spec(study))
    told = "table.csv: 2 of 19 areas with numbers lie beyond the study's areas, wholly or for the most"
    assert any(note.startswith(told) for note in material.notes)
    # A fifth of the old 65130 lay in the square 65130 and nothing in 65131: nobody is made up for either.
    table = material.cells["low_income_residents"]
    assert table.loc["65130", "status"] == "missing"
    assert "65131" not in table.index or table.loc["65131", "status"] == "missing"


@pytest.mark.real
def test_paavo_of_2018_on_the_areas_of_2019(finland: Path, tmp_path: Path):
    text = """
[study]
name = { fi = "Hämeenlinna", sv = "Tavastehus", en = "Hämeenlinna" }
municipalities = ["109"]
indicators = ["low_income_residents", "children_under_18"]

[areas]
path = "postal_areas_2019.gpkg"
area_id = "postinumeroalue"
id_scheme = "postal"

[[tables]]
path = "paavo_2018_whole_country.csv"
area_id = "postinumero"
areas = { path = "postal_areas_2018.gpkg", area_id = "postinumeroalue", id_scheme = "postal" }

[spatial]
graph = "knn"
k = 4
seed = 7
"""
    (tmp_path / "study.toml").write_text(text, encoding="utf-8")
    found, *_ = gather(load_spec(tmp_path / "study.toml", data=finland))
    paavo = pd.read_csv(finland / "paavo_2018_whole_country.csv", dtype={"postinumero": str})
    paavo = paavo.set_index("postinumero")
    # Renko took two villages in: all three are whole parts of it.
    renko = ["14300", "14330", "14370"]
    row = found.cells["children_under_18"].loc["14300"]
    ages = ["he_0_2", "he_3_6", "he_7_12", "he_13_15", "he_16_17"]
    assert row["status"] == "suppressed", "the ages of 14330 are withheld"
    people = paavo.loc[renko, "he_vakiy"]
    known = paavo.loc[["14300", "14370"], ages].sum().sum()
    assert row[["lower", "upper"]].tolist() == pytest.approx(
        [100 * known / people.sum(), 100 * (known + people["14330"]) / people.sum()]
    )
    # A town whose areas did not change has its own numbers.
    own = found.cells["children_under_18"].loc["13600"]
    assert own["numerator"] == paavo.loc["13600", ages].sum()
