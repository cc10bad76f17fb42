"""GeoParquet by the rules of version 1.1, the same each time, with nothing lost."""

import json
from dataclasses import replace

import geopandas as gpd
import pandas as pd
import pyarrow.parquet as pq
import pytest
import shapely
from geoparquet_rules import broken_rules
from index_findings import whole_index_findings
from small_findings import SUPPRESSED

import lea_geo as lea
from lea_geo import schema
from lea_geo.errors import OutputError, UsageError
from lea_geo.export import parquet


def test_every_file_keeps_the_rules_of_geoparquet(wide, tmp_path):
    files = lea.write_parquet(wide, tmp_path)
    assert {file.relative_to(tmp_path).as_posix() for file in files} == {
        "areas.parquet",
        *(f"{code}.parquet" for code in wide.results),
        *(f"postal_2016/{code}.parquet" for code in wide.results),
        "grid/areas.parquet",
        "grid/low_income.parquet",
        "context.parquet",
    }
    assert {file.name: broken_rules(file) for file in files} == {file.name: [] for file in files}


def test_the_rules_find_what_is_broken(findings, tmp_path):
    path = lea.write_parquet(findings, tmp_path)[1]
    table = pq.read_table(path)
    geo = json.loads(table.schema.metadata[b"geo"])
    geo["columns"]["geometry"]["bbox"][0] -= 1
    geo["columns"]["geometry"]["orientation"] = "counterclockwise"
    pq.write_table(table.replace_schema_metadata({b"geo": json.dumps(geo)}), path)
    assert broken_rules(path)[0] == "the box of the file is not that of its shapes"
    del geo["columns"]["geometry"]["encoding"]
    pq.write_table(table.replace_schema_metadata({b"geo": json.dumps(geo)}), path)
    assert broken_rules(path) == ["'encoding' is a required property"]


def test_a_file_holds_what_the_findings_hold(findings, tmp_path):
    lea.write_parquet(findings, tmp_path)
    frame = gpd.read_parquet(tmp_path / "low_income.parquet").set_index("area_id")
    assert frame.crs == "EPSG:3067"
    assert list(frame.columns)[:-1] == [*schema.NAME_COLUMNS, "municipality", *schema.RESULT_COLUMNS]
    held = findings.results["low_income"]
    assert list(frame.index) == list(held.index)
    for name in schema.RESULT_COLUMNS:
        given, found = held[name], frame[name]
        assert (found.isna() | (found == given)).all()
        assert found.isna().equals(given.isna())
    assert pd.isna(frame.loc[SUPPRESSED, "value"])
    assert frame.loc[SUPPRESSED, "status"] == "suppressed"
    assert frame["local_moran_neighbors"].dtype == "Int32"
    assert shapely.equals_exact(frame.geometry, findings.areas.geometry, tolerance=0).all()


def test_the_box_of_each_row_leaves_out_what_is_elsewhere(findings, tmp_path):
    lea.write_parquet(findings, tmp_path)
    first = findings.areas.geometry.iloc[0].bounds
    near = gpd.read_parquet(tmp_path / "areas.parquet", bbox=first)
    assert findings.areas.index[0] in set(near["area_id"])
    assert len(near) < len(findings.areas)


def test_the_same_findings_give_the_same_bytes(findings, tmp_path):
    one, other = (lea.write_parquet(findings, tmp_path / name) for name in ("one", "other"))
    assert [file.read_bytes() for file in one] == [file.read_bytes() for file in other]


def test_both_ledgers_say_where_an_area_lies_on_them(tmp_path):
    lea.write_parquet(whole_index_findings(ledgers=True), tmp_path)
    places = gpd.read_parquet(tmp_path / "load.parquet")["ledger_place"]
    # Loads have the median 39.25 and resources 63.6: 81.5 and 38.9 are high and low, 77.25 and 42.1 too.
    assert list(places[:2]) == ["high_load_low_resource"] * 2
    assert set(places) <= set(schema.PLACES)


def test_areas_with_values_of_ones_own_are_written_too(findings, tmp_path):
    areas = findings.areas.assign(value=1.5)
    (_, file) = lea.write_parquet(areas, tmp_path, title="Omat")
    assert set(gpd.read_parquet(file)["value"]) == {1.5}
    with pytest.raises(UsageError, match="write_parquet takes Findings"):
        lea.write_parquet(areas.drop(columns="value"), tmp_path)


def test_broken_findings_and_bad_places_are_refused(findings, tmp_path):
    with pytest.raises(OutputError, match="No Parquet file was written"):
        lea.write_parquet(replace(findings, year="../x"), tmp_path / "out")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(OutputError, match="could not be written"):
        lea.write_parquet(findings, tmp_path / "file")


def test_each_row_group_says_where_its_rows_are(findings, tmp_path, monkeypatch):
    monkeypatch.setattr(parquet, "_ROWS", 4)
    path = lea.write_parquet(findings, tmp_path)[0]
    assert pq.ParquetFile(path).metadata.num_row_groups == 3
    assert broken_rules(path) == []
