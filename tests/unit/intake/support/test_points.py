"""Registers of points, counted by areas and cells."""

import doctest
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
import shapely

import lea_geo as lea
from lea_geo.errors import AreasError, TableError, UsageError

WEST, SOUTH = 385_000.0, 6_675_000.0


def areas_of(*shapes, crs="EPSG:3067"):
    ids = pd.Index([f"a{i}" for i in range(len(shapes))], dtype="str", name="area_id")
    return gpd.GeoDataFrame(geometry=list(shapes), index=ids, crs=crs)


HALVES = areas_of(
    shapely.Polygon([(WEST, SOUTH), (WEST + 1000, SOUTH), (WEST + 1000, SOUTH + 1000)]),
    shapely.Polygon([(WEST, SOUTH), (WEST + 1000, SOUTH + 1000), (WEST, SOUTH + 1000)]),
)


@pytest.fixture
def people():
    """Six rows: two in the first half, two in the second (one of them twice), one outside, one nowhere."""
    return pd.DataFrame(
        {
            "e": [WEST + 500, WEST + 900, WEST + 100, WEST + 100, WEST + 5000, None],
            "n": [SOUTH + 100, SOUTH + 100, SOUTH + 900, SOUTH + 900, SOUTH, SOUTH],
            "age": ["0-6", "7-15", "0-6", "0-6", None, "7-15"],
            "income": [10.0, None, 1.5, 1.5, 100.0, 1000.0],
        }
    )


def counted(source, areas=HALVES, **options):
    return lea.aggregate_points(source, areas, **{"x": "e", "y": "n", **options})


def test_rows_categories_and_sums_are_counted_by_area(people):
    found = counted(people, by="age", sums=["income"])
    assert found.table.index.tolist() == ["a0", "a1"]
    assert found.table.to_dict("list") == {
        "count": [2, 2],
        "age_0-6": [1, 2],
        "age_7-15": [1, 0],
        "age_missing": [0, 0],
        "income_sum": [10.0, 3.0],
        "income_missing": [1, 0],
    }
    assert found.cells is None


def test_the_account_says_where_every_row_and_every_euro_went(people):
    account = counted(people, by="age", sums=["income"], cell_size=1000).account
    assert account["level"].tolist() == ["areas"] * 6 + ["cells"] * 6
    by_area = account[account["level"] == "areas"].set_index("column").drop(columns="level")
    assert by_area.columns.tolist() == ["total", "located", "outside", "without_coordinates"]
    assert by_area.loc["count"].tolist() == [6, 4, 1, 1]
    assert by_area.loc["age_7-15"].tolist() == [2, 1, 0, 1]
    assert by_area.loc["age_missing"].tolist() == [1, 0, 1, 0]
    assert by_area.loc["income_sum"].tolist() == [1113.0, 13.0, 100.0, 1000.0]
    assert by_area.loc["income_missing"].tolist() == [1, 1, 0, 0]
    by_cell = account[account["level"] == "cells"].set_index("column")
    assert by_cell.loc["count", ["located", "outside", "without_coordinates"]].tolist() == [5, 0, 1]


def test_cells_are_those_of_statistics_finland_and_only_where_somebody_is(people):
    found = counted(people, areas=None, cell_size=1000)
    assert found.table is found.cells
    assert found.cells["count"].to_dict() == {"1kmN6675E0385": 4, "1kmN6675E0390": 1}
    small = counted(people, cell_size=250, sums=["income"]).cells
    assert small["income_sum"].to_dict() == {
        "250mN667500E38550": 10.0,
        "250mN667500E39000": 100.0,
        "250mN667575E38500": 3.0,
    } | {"250mN667500E38575": pytest.approx(np.nan, nan_ok=True)}
    assert small.index.tolist() == sorted(small.index)


def test_ten_persons_on_a_corner_stay_ten():
    corner = pd.DataFrame({"e": [WEST + 250] * 10, "n": [SOUTH + 250] * 10})
    cells = lea.build_grid((WEST, SOUTH, WEST + 500, SOUTH + 500), cell_size=250)
    found = counted(corner, areas=cells, cell_size=250)
    assert found.table["count"].tolist() == [0, 0, 0, 10]
    assert found.cells["count"].to_dict() == {cells.index[3]: 10}


def test_a_sum_of_which_every_number_is_missing_is_missing_and_not_zero(people):
    rows = people.iloc[[1, 2]]
    assert counted(rows, sums=["income"]).table["income_sum"].tolist()[1] == 1.5
    assert np.isnan(counted(rows, sums=["income"]).table["income_sum"].iloc[0])
    assert counted(people.iloc[:1], sums=["income"]).table["income_sum"].tolist() == [10.0, 0.0]


def every_kind(people, folder):
    table = pa.Table.from_pandas(people, preserve_index=False)
    pq.write_table(table, folder / "one.parquet")
    (folder / "parts").mkdir()
    for part in range(3):
        pq.write_table(table.slice(2 * part, 2), folder / "parts" / f"{part}.parquet")
    people.to_csv(folder / "plain.csv", index=False)
    people.to_csv(folder / "finnish.csv", index=False, sep=";", decimal=",", encoding="utf-8-sig")
    yield from (people, table, table.to_batches()[0], ds.dataset(table), table.to_reader())
    yield pa.RecordBatchReader.from_batches(table.schema, iter(table.to_batches(max_chunksize=1)))
    yield from (folder / "one.parquet", str(folder / "one.parquet"), folder / "parts")
    yield from (folder / "plain.csv", folder / "finnish.csv")


def test_every_kind_of_source_gives_the_same(people, tmp_path):
    first = counted(people, by="age", sums=["income"], cell_size=250)
    for source in every_kind(people, tmp_path):
        found = counted(source, by="age", sums=["income"], cell_size=250)
        pd.testing.assert_frame_equal(found.table, first.table)
        pd.testing.assert_frame_equal(found.cells, first.cells)
        pd.testing.assert_frame_equal(found.account, first.account)


def test_a_csv_file_in_latin_letters_says_how_it_was_read(tmp_path):
    file = tmp_path / "väestö.csv"
    rows = f"itä;pohjoinen;ryhmä\n{WEST + 500};{SOUTH + 1};Äiti\n{WEST + 600},5;{SOUTH + 1};Isä\n"
    file.write_bytes(rows.replace(".0", "").encode("cp1252"))
    found = lea.aggregate_points(file, HALVES, x="itä", y="pohjoinen", by="ryhmä")
    assert found.table.loc["a0"].to_dict() == {"count": 2, "ryhmä_Isä": 1, "ryhmä_Äiti": 1}
    assert any("cp1252" in note for note in found.notes)
    assert any("decimal commas" in note for note in found.notes)


def test_many_batches_add_up_whatever_the_number_of_threads(monkeypatch):
    rng = np.random.default_rng(5)
    n = 300_000
    x, y = WEST + rng.uniform(-50, 1050, n), SOUTH + rng.uniform(-50, 1050, n)
    table = pa.table({"e": x, "n": y, "pay": rng.lognormal(9, 1, n), "sex": rng.choice(["f", "m"], n)})
    found = []
    for threads in ("1", "3"):
        monkeypatch.setenv("LEA_GEO_THREADS", threads)
        found.append(counted(table, by="sex", sums=["pay"], cell_size=250))
    pd.testing.assert_frame_equal(found[0].table, found[1].table, check_exact=True)
    pd.testing.assert_frame_equal(found[0].cells, found[1].cells, check_exact=True)
    below = (y - SOUTH <= x - WEST) & (x < WEST + 1000) & (y >= SOUTH)
    assert found[0].table.loc["a0", "count"] == below.sum()
    assert found[0].table.loc["a0", "sex_f"] == (below & (table["sex"].to_numpy() == "f")).sum()
    assert found[0].table.loc["a0", "pay_sum"] == pytest.approx(
        table["pay"].to_numpy()[below].sum(), rel=1e-12
    )
    account = found[0].account
    parts = account[["located", "outside", "without_coordinates"]].sum(axis=1)
    np.testing.assert_allclose(parts, account["total"], rtol=1e-9)


def test_degrees_are_brought_into_the_system_of_the_areas(people):
    inner = people[["e", "n"]][:5] + 7.0  # rounding takes no point across a border
    points = gpd.GeoSeries.from_xy(inner["e"], inner["n"], crs="EPSG:3067").to_crs("EPSG:4326")
    degrees = pd.DataFrame({"lon": points.x, "lat": points.y})
    found = lea.aggregate_points(degrees, HALVES, x="lon", y="lat", crs="EPSG:4326", cell_size=1000)
    assert found.table["count"].tolist() == [2, 2]
    assert found.cells["count"].tolist() == [4, 1]
    elsewhere = HALVES.to_crs("EPSG:3879")
    found = lea.aggregate_points(degrees, elsewhere, x="lon", y="lat", crs="EPSG:4326", cell_size=1000)
    assert (found.table["count"].tolist(), found.cells["count"].tolist()) == ([2, 2], [4, 1])


@pytest.mark.parametrize("crs", ["EPSG:3067", "EPSG:4326", "EPSG:3879"])
def test_swapped_coordinates_are_an_error(people, crs):
    points = gpd.GeoSeries.from_xy(people["e"][:4], people["n"][:4], crs="EPSG:3067").to_crs(crs)
    table = pd.DataFrame({"lat": points.y, "lon": points.x})
    with pytest.raises(TableError, match=r"'lat' and 'lon' are swapped: 4 rows.*Say x='lon', y='lat'"):
        lea.aggregate_points(table, HALVES, x="lat", y="lon", crs=crs)


def test_a_single_swapped_row_is_counted_outside_and_told(people):
    mixed = pd.concat([people[["e", "n"]], pd.DataFrame({"e": [SOUTH], "n": [WEST]})])
    found = counted(mixed)
    assert found.account.set_index("column").loc["count", "outside"] == 2
    assert found.notes == ("1 of 7 rows lie elsewhere but in place with e and n swapped.",)


def test_degrees_taken_for_metres_are_an_error():
    degrees = pd.DataFrame({"e": [24.9], "n": [60.2]})
    with pytest.raises(TableError, match=r"none of 1 rows .* the first is at x 24.9, y 60.2.*State the CRS"):
        counted(degrees)


def test_rows_that_are_wanted_are_counted_and_no_others(people, tmp_path):
    assert counted(people, where={"age": "0-6"}).table["count"].tolist() == [1, 2]
    assert counted(people, where={"age": ["0-6", "7-15"], "income": 1.5}).table["count"].tolist() == [0, 2]
    people.assign(code="00100").to_csv(tmp_path / "a.csv", index=False)
    found = counted(tmp_path / "a.csv", where={"code": "00100"})
    assert found.account.loc[0, "total"] == 6
    assert found.where == {"code": "00100"}


def test_no_rows_are_no_error(people):
    found = counted(people.iloc[:0], by="age", sums=["income"], cell_size=250)
    assert found.table["count"].tolist() == [0, 0]
    assert found.cells.empty
    assert (found.account["total"] == 0).all()


def test_infinite_coordinates_are_no_coordinates_and_infinite_numbers_an_error(people):
    endless = people.assign(e=[np.inf, -np.inf, *people["e"][2:]])
    assert counted(endless).account.loc[0, "without_coordinates"] == 3
    with pytest.raises(TableError, match="infinite numbers in 'income': 1 rows"):
        counted(people.assign(income=[np.inf, *people["income"][1:]]), sums=["income"])


def test_ids_are_no_categories():
    many = pd.DataFrame({"e": WEST + np.arange(101.0), "n": [SOUTH] * 101, "id": np.arange(101)})
    with pytest.raises(TableError, match="'id' holds more than 100 different values"):
        counted(many, by="id")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"x": "east"}, "there is no column 'east'"),
        ({"y": "nn"}, "Did you mean 'n'"),
        ({"sums": ["age"]}, "column 'age' holds no numbers"),
        ({"by": "none"}, "there is no column 'none'"),
        ({"where": {"when": 1}}, "there is no column 'when'"),
    ],
)
def test_columns_that_cannot_be_used_are_named(people, options, said):
    with pytest.raises(TableError, match=said):
        counted(people, **options)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"areas": None}, "Say areas, cell_size, or both"),
        ({"cell_size": 100}, "cell_size is 100"),
        ({"sums": "income"}, r"it must be a list of columns: \['income'\]"),
        ({"sums": ["income", "income"]}, "more than once"),
        ({"x": "n"}, "x and y are the same column"),
        ({"crs": "EPSG:1"}, "no coordinate reference system"),
        ({"where": ["age"]}, "where must say"),
    ],
)
def test_wrong_calls_say_what_to_do(people, options, said):
    with pytest.raises(UsageError, match=said):
        counted(people, **options)


def test_areas_that_cannot_be_used_are_refused(people):
    for bad, said in (
        (HALVES.to_crs("EPSG:4326"), "not projected"),
        (HALVES.iloc[:0], "not a single area"),
        (HALVES.iloc[[0, 0]], "duplicate area ids"),
        (HALVES.reset_index(drop=True), "not text"),
    ):
        with pytest.raises(AreasError, match=said):
            counted(people, areas=bad)


def test_files_that_cannot_be_read_are_refused(people, tmp_path):
    with pytest.raises(TableError, match="there is no Parquet or CSV file"):
        counted(tmp_path / "nothing.parquet")
    people.to_csv(tmp_path / "a.csv", index=False)
    pq.write_table(pa.Table.from_pandas(people), tmp_path / "b.parquet")
    with pytest.raises(TableError, match="several kinds of files"):
        counted(tmp_path)
    whole = (tmp_path / "b.parquet").read_bytes()
    (tmp_path / "cut.parquet").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(TableError, match=r"cut\.parquet.*\n.*cannot be read as points"):
        counted(tmp_path / "cut.parquet")
    (tmp_path / "words.csv").write_text("e,n\n385000,north\n")
    with pytest.raises(TableError, match=r"words\.csv.*\n.*cannot be read as points"):
        counted(tmp_path / "words.csv")
    with pytest.raises(UsageError, match="source is a int"):
        counted(1)


def test_files_of_a_folder_that_lack_a_column_are_named(people, tmp_path):
    pq.write_table(pa.Table.from_pandas(people), tmp_path / "2018.parquet")
    pq.write_table(pa.Table.from_pandas(people.rename(columns={"n": "north"})), tmp_path / "2019.parquet")
    with pytest.raises(TableError, match=r"files without column 'n': 1 of 2 \(2019.parquet\)"):
        counted(tmp_path)


def test_coordinates_in_32_bits_are_noticed(people):
    coarse = people.astype({"e": "float32", "n": "float32"})
    assert any("32 bits" in note for note in counted(coarse).notes)


def test_the_result_joins_its_areas_and_says_what_it_is(people):
    found = counted(people, sums=["income"])
    assert found.join_to(HALVES)["income_sum"].tolist() == [10.0, 3.0]
    assert repr(found) == "<PointCounts: 4 of 6 rows in 2 places>"
    assert (found.x, found.y, found.crs, found.cell_size, found.by) == ("e", "n", "EPSG:3067", None, None)


def test_two_columns_of_the_same_name_are_a_wrong_call(people):
    with pytest.raises(UsageError, match="would be called age_missing"):
        counted(people.assign(age=["missing", None, *people["age"][2:]]), by="age")


def test_the_examples_of_the_page_on_registers_give_what_it_says():
    page = Path(__file__).parents[4] / "docs" / "points.md"
    assert doctest.testfile(str(page), module_relative=False).failed == 0
    assert ">>>" in page.read_text("utf-8")


def test_a_bar_on_stderr_changes_nothing_else(people, capsys):
    pd.testing.assert_frame_equal(counted(people, progress=True).table, counted(people).table)
    assert capsys.readouterr().out == ""
