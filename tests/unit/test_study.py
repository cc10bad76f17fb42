"""A study runs from its file to its outputs, says where they come from, and comes out the same again."""

import json
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest

import lea_geo as lea
from lea_geo._checks.study import raise_together
from lea_geo.errors import AreasError, DataError, Fault, OutputError, SpecError, TableError, UsageError
from lea_geo.schema import LOCAL_METHODS, RESULT_COLUMNS, SUMMARY_COLUMNS, Label
from lea_geo.spec import load_spec
from lea_geo.study import Study, check, redraw, run, verify

PLANTED = {f"{65100 + 6 * row + column}" for row in range(3) for column in range(3)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("study")


@pytest.fixture(scope="module")
def study(folder: Path, mini_study) -> Study:
    return run(load_spec(mini_study(folder / "data")), out=folder / "out")


@pytest.fixture
def fresh(tmp_path: Path, mini_study) -> Path:
    return mini_study(tmp_path / "data")


def files(out: Path) -> set[str]:
    return {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}


def test_the_planted_corner_is_found_and_nothing_high_elsewhere(study: Study):
    table = study.findings.results["low_income_residents"]
    high = set(table.index[table["local_moran_label"] == Label.HIGH_HIGH])
    assert high
    assert high <= PLANTED
    assert "65107" in high, "the middle of the corner"


def test_findings_hold_every_area_of_the_region_and_no_other(study: Study):
    expected = [str(number) for number in range(65100, 65136)]
    assert sorted(study.findings.areas.index) == expected
    for frame in study.findings.results.values():
        assert frame.index.equals(study.findings.areas.index)
        assert tuple(frame.columns) == RESULT_COLUMNS


def test_names_and_municipality_come_from_the_table(study: Study):
    assert study.areas.loc["65100", "name_fi"] == "Alue 65100"
    assert set(study.areas["municipality"]) == {"905"}


def test_results_are_those_of_the_rooms(study: Study):
    result = study.results["low_income_residents"]
    graph = lea.build_graph(study.areas, "queen")
    local = lea.local_moran(result.cells["value"], graph, seed=7, status=result.cells["status"])
    frame = study.findings.results["low_income_residents"]
    np.testing.assert_array_equal(local.table["q_value"], frame["local_moran_q_value"])
    assert set(result.local) == set(LOCAL_METHODS)


def test_a_constant_indicator_keeps_its_values_and_a_reason(study: Study):
    row = study.findings.summary.loc["basic_education_only"]
    assert tuple(study.findings.summary.columns) == SUMMARY_COLUMNS
    assert (row["n_observed"], row["median"]) == (36, 20.0)
    assert "same value" in row["reason"]
    assert np.isnan(row["moran_p_value"])
    frame = study.findings.results["basic_education_only"]
    assert (frame["value"] == 20).all()
    assert set(frame["local_moran_label"]) == {Label.UNDEFINED}
    assert any("not tested" in note for note in study.findings.notes)


def test_an_indicator_with_three_values_keeps_them_and_a_reason(fresh: Path):
    rows = (fresh.parent / "table.csv").read_text().splitlines()
    hidden = [row if n < 4 else row[: row.rindex(",100,")] + ",100," for n, row in enumerate(rows)]
    (fresh.parent / "table.csv").write_text("\n".join(hidden))
    found = run(load_spec(fresh)).findings
    assert "Only 3 areas have a value" in found.summary.loc["basic_education_only", "reason"]
    frame = found.results["basic_education_only"]
    assert frame["value"].notna().sum() == 3
    assert (frame["status"] == "suppressed").sum() == 33


def test_the_output_directory_holds_what_the_design_says(study: Study, folder: Path):
    found = files(folder / "out")
    assert {"map.html", "study.gpkg", "report.html", "manifest.json"} <= found
    assert any(name.startswith("tables/") for name in found)
    assert len(gpd.read_file(folder / "out" / "study.gpkg", layer="low_income_residents")) == 36
    assert study.findings.synthetic


def test_the_manifest_says_where_every_number_came_from(study: Study, folder: Path):
    text = (folder / "out" / "manifest.json").read_text(encoding="utf-8")
    manifest = json.loads(text)
    assert manifest == study.provenance
    assert manifest["seed"] == 7
    assert manifest["study"]["areas"]["path"] == "areas.geojson"
    assert [one["path"] for one in manifest["inputs"]] == ["areas.geojson", "table.csv"]
    assert all(len(one["sha256"]) == 64 for one in manifest["inputs"])
    assert set(manifest["outputs"]) == files(folder / "out") - {"manifest.json"}
    assert manifest["notes"] == list(study.findings.notes)
    assert manifest["inputs_at"] == {"study": "../data", "data": "../data"}
    assert str(folder) not in text


def test_every_file_of_a_shapefile_is_an_input(fresh: Path):
    areas = gpd.read_file(fresh.parent / "areas.geojson").rename(columns={"postinumeroalue": "pno"})
    areas.to_file(fresh.parent / "areas.shp")
    study = fresh.read_text().replace("areas.geojson", "areas.shp").replace("postinumeroalue", "pno")
    fresh.write_text(study)
    inputs = run(load_spec(fresh)).provenance["inputs"]
    assert {"areas.shp", "areas.shx", "areas.dbf", "areas.prj"} <= {one["path"] for one in inputs}


def test_no_output_names_a_folder_of_the_machine(study: Study, folder: Path):
    for name in study.provenance["outputs"]:
        assert str(folder).encode() not in (folder / "out" / name).read_bytes(), name


def test_the_same_study_twice_gives_the_same_bytes(study: Study, folder: Path):
    again = run(study.spec, out=folder / "again")
    then, now = study.provenance["outputs"], again.provenance["outputs"]
    assert set(then) == set(now)
    assert [name for name in then if then[name] != now[name] and not name.endswith(".gpkg")] == []
    layers = [name for name, _ in pyogrio.list_layers(folder / "out" / "study.gpkg")]
    assert layers == [name for name, _ in pyogrio.list_layers(folder / "again" / "study.gpkg")]
    for layer in layers:
        one, other = (
            pyogrio.read_dataframe(folder / out / "study.gpkg", layer=layer) for out in ("out", "again")
        )
        assert one.equals(other)


@pytest.mark.usefixtures("study")
def test_a_study_is_verified_from_its_manifest_alone(folder: Path):
    compared = verify(folder / "out")
    assert {"areas.geojson", "table.csv", "map.html", "study.gpkg"} <= set(compared)


def test_verify_names_every_input_that_changed(fresh: Path):
    run(load_spec(fresh), out=fresh.parent / "out")
    for name in ("areas.geojson", "table.csv"):
        with (fresh.parent / name).open("a") as file:
            file.write("\n")
    with pytest.raises(
        OutputError, match=r"not reproduced:\n.*areas\.geojson has changed.*\n.*table\.csv has changed"
    ):
        verify(fresh.parent / "out")


def test_verify_names_every_output_that_differs(fresh: Path):
    out = fresh.parent / "out"
    run(load_spec(fresh), out=out)
    with (out / "map.html").open("a") as file:
        file.write("<!-- better -->")
    (out / "report.html").unlink()
    frame = pyogrio.read_dataframe(out / "study.gpkg", layer="low_income_residents")
    frame["value"] += 1
    pyogrio.write_dataframe(frame, out / "study.gpkg", layer="low_income_residents")
    with pytest.raises(OutputError) as caught:
        verify(out)
    message = str(caught.value)
    assert "map.html: differs; the file was changed after the run" in message
    assert "report.html is gone" in message
    assert "layer low_income_residents differs in value" in message


def test_verify_asks_for_the_data_where_the_manifest_cannot_know(fresh: Path, tmp_path: Path):
    out = tmp_path / "out"
    run(load_spec(fresh), out=out)
    manifest = json.loads((out / "manifest.json").read_text())
    manifest["inputs_at"] = {}
    (out / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(UsageError, match="give the folder with --data"):
        verify(out)
    assert verify(out, data=fresh.parent)


def test_verify_refuses_what_is_no_output(tmp_path: Path):
    with pytest.raises(UsageError, match="There is no output directory"):
        verify(tmp_path / "nowhere")
    (tmp_path / "manifest.json").write_text('{"lea_geo": "0"}')
    with pytest.raises(OutputError, match=r"is no output of lea_geo:\n.*no readable manifest\.json"):
        verify(tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        {"inputs_at": {"data": 3}},
        {"inputs_at": []},
        {"inputs": [{"path": "areas.geojson"}]},
        {"inputs": ["areas.geojson"]},
        {"outputs": {"map.html": "x"}},
        {"versions": None},
        {"study": []},
    ],
)
def test_a_manifest_that_somebody_has_broken_is_no_output(fresh: Path, change: dict[str, object]):
    manifest = {"lea_geo": "0", "versions": {}, "study": {}, "inputs": [], "outputs": {}, "inputs_at": {}}
    (fresh.parent / "manifest.json").write_text(json.dumps(manifest | change))
    with pytest.raises(OutputError, match="is no output of lea_geo"):
        verify(fresh.parent)


def test_a_manifest_whose_study_makes_no_sense_is_refused_with_every_fault(fresh: Path):
    study = {"study": {"name": "Koe"}, "areas": {"path": "nowhere.gpkg"}, "tables": []}
    manifest = {"lea_geo": "0", "versions": {}, "study": study, "inputs": [], "outputs": {}}
    (fresh.parent / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(SpecError, match=r"The inputs of .* cannot be used:(\n  - .*){4}"):
        verify(fresh.parent, data=fresh.parent)


def test_a_rerun_with_one_change_is_a_sensitivity_analysis(study: Study):
    other = run(replace(study.spec, spatial=replace(study.spec.spatial, graph="knn", k=4)))
    assert other.findings.settings["graph"] == "knn"
    assert other.findings.results["low_income_residents"]["value"].equals(
        study.findings.results["low_income_residents"]["value"]
    )


def test_a_study_may_allow_for_the_number_of_areas_in_another_way(study: Study):
    assert (study.findings.settings["correction"], study.provenance["study"]["spatial"]["correction"]) == (
        "bh",
    ) * 2
    other = run(replace(study.spec, spatial=replace(study.spec.spatial, correction="bonferroni")))
    assert other.findings.settings["correction"] == "bonferroni"
    table = other.findings.results["low_income_residents"]
    p = table["local_moran_p_value"]
    np.testing.assert_allclose(table["local_moran_q_value"], np.minimum(1, p * p.notna().sum()), rtol=1e-14)


def test_every_area_counts_its_neighbours_with_and_without_a_value(study: Study):
    # A lattice of six by six: a withheld value is hidden from each of its up to eight neighbours.
    table = study.findings.results["low_income_residents"]
    row, column = np.divmod(table.index.astype(int).to_numpy() - 65100, 6)
    near = np.maximum(abs(np.subtract.outer(row, row)), abs(np.subtract.outer(column, column))) == 1
    for method in LOCAL_METHODS:
        for name, among in (("neighbors", table["value"].notna()), ("hidden", table["value"].isna())):
            np.testing.assert_array_equal(table[f"{method}_{name}"], near @ among.to_numpy(float))
        assert (table[f"{method}_p_mid"] <= table[f"{method}_p_value"]).sum() == table[
            f"{method}_p_value"
        ].count()


@pytest.mark.usefixtures("study")
def test_the_map_is_redrawn_from_the_geopackage_alone(folder: Path, tmp_path: Path):
    again = redraw(folder / "out" / "study.gpkg", out=tmp_path / "map.html")
    assert again.read_bytes() == (folder / "out" / "map.html").read_bytes()
    swedish = redraw(folder / "out" / "study.gpkg", out=tmp_path / "karta.html", language="sv")
    assert 'lang="sv"' in swedish.read_text(encoding="utf-8")


def test_check_reads_and_writes_nothing(fresh: Path):
    before = files(fresh.parent)
    report = check(load_spec(fresh))
    assert report.areas == 36
    assert report.indicators == ("low_income_residents", "basic_education_only")
    assert str(report).startswith("36 areas, 2 indicators")
    assert files(fresh.parent) == before


def test_a_lone_refusal_is_raised_as_it_is_and_several_as_one():
    areas = AreasError("The areas of a.gpkg cannot be used:", [Fault("no CRS")])
    table = TableError("The table t.csv cannot be used:", [Fault("blank ids", 2), Fault("no header")])
    with pytest.raises(AreasError):
        raise_together([areas])
    with pytest.raises(DataError) as caught:
        raise_together([areas, table])
    assert str(caught.value).splitlines() == [
        "The data of the study cannot be used:",
        "  - The areas of a.gpkg cannot be used: no CRS.",
        "  - The table t.csv cannot be used: blank ids: 2.",
        "  - The table t.csv cannot be used: no header.",
    ]
    raise_together([])


def test_a_study_is_run_by_its_path_as_by_its_spec(mini_study, tmp_path):
    path = mini_study(tmp_path)
    by_path, by_text, by_spec = (lea.run(given) for given in (path, str(path), lea.load_spec(path)))
    assert by_path.spec == by_text.spec == by_spec.spec
    for code, frame in by_spec.findings.results.items():
        pd.testing.assert_frame_equal(by_path.findings.results[code], frame)
