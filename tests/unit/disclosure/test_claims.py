"""Which numbers a finished release publishes: all those of its findings, and no others."""

import shutil

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from small_findings import IDS, NAMES
from small_release import CELLS, HIDDEN, numbers_of

from lea_geo._classes import as_shown
from lea_geo.disclosure.attack.claims import read_release
from lea_geo.errors import OutputError
from lea_geo.schema import RESULT_COLUMNS

KEYS = ["geography", "year", "area_id", "variable", "part"]
SHOWN_ON_THE_MAP = {
    *("value", "lower", "upper", "numerator", "denominator", "interval_lower", "interval_upper"),
    *("rank", "rank_lower", "rank_upper"),
    *(f"{method}_{name}" for method in ("local_moran", "local_g_star")
      for name in ("statistic", "lag", "p_value", "q_value", "neighbors", "hidden")),
}  # fmt: skip
IN_THE_WORKBOOK = {"value", "interval_lower", "interval_upper", "rank", "rank_lower", "rank_upper"}


def by_key(claims):
    """Return the printed numbers by area, indicator and part; what is hidden without bounds is no number."""
    table = claims.table[np.isfinite(claims.table["lower"]) & np.isfinite(claims.table["upper"])]
    return table.astype(dict.fromkeys(KEYS, str)).set_index(KEYS)


def without_bounds_of_hidden(found):
    """Leave out the rows that say of a hidden value what its lower and upper ends say already."""
    hidden = found["status"].isin(["suppressed"]) & (found.index.get_level_values("part") == "value")
    return found[~hidden]


def truth_of(findings, *, sheets=None, parts=None):
    truth = numbers_of(findings)
    truth.index.names = KEYS
    levels = truth.index
    kept = np.ones(len(truth), dtype=bool)
    if sheets is not None:
        kept &= [key[:2] in sheets for key in levels]
    if parts is not None:
        kept &= levels.get_level_values("part").isin(parts)
    return truth[kept]


def assert_claims(found, truth):
    """Assert that there is a claim for every number and none else, and that each holds its number."""
    assert set(found.index) == set(truth.index)
    assert not found.index.has_duplicates
    number = truth.reindex(found.index)
    slack = 1e-9 * np.maximum(1.0, number.abs())
    assert (found["lower"] <= number + slack).all()
    assert (found["upper"] >= number - slack).all()


@pytest.fixture(scope="module")
def claims(finished_release):
    return read_release(finished_release[0])


def read_alone(folder, tmp_path, *names):
    """Return the claims of some of a release's files or folders, and of nothing else."""
    for name in names:
        source, target = folder / name, tmp_path / "alone" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if source.is_dir() else shutil.copy)(source, target)
    return read_release(tmp_path / "alone")


def test_all_files_together_claim_each_number_of_the_findings_once_and_no_other(claims, finished_release):
    assert_claims(without_bounds_of_hidden(by_key(claims)), truth_of(finished_release[1]))
    assert claims.contradictions.empty
    assert claims.unread == ()


def test_numbers_printed_in_full_are_claimed_in_full(claims, finished_release):
    truth = truth_of(finished_release[1], parts=["value"])
    low_income = truth[truth.index.get_level_values("variable") == "low_income"]
    found = by_key(claims).loc[low_income.index]
    assert (found["lower"] == low_income).all()
    assert (found["upper"] == low_income).all()


def test_a_hidden_cell_is_claimed_with_what_is_stated_of_it_and_one_without_bounds_with_nothing(claims):
    table = claims.table.astype(dict.fromkeys(KEYS, str)).set_index(KEYS)
    hidden = table.loc["postal", "2020", HIDDEN, "low_income", "value"]
    assert (hidden["lower"], hidden["upper"], hidden["status"]) == (0.0, 29 / 3, "suppressed")
    missing = table.loc["postal", "2020", IDS[6], "low_income", "value"]
    assert (missing["lower"], missing["upper"], missing["n_places"]) == (-np.inf, np.inf, 0)
    assert missing["status"] == "missing"


@pytest.mark.parametrize("file", ["study.gpkg", "parquet"])
def test_the_geopackage_and_the_parquet_files_each_claim_every_number(finished_release, tmp_path, file):
    folder, findings = finished_release
    alone = read_alone(folder, tmp_path, file, "manifest.json")
    found = without_bounds_of_hidden(by_key(alone))
    truth = truth_of(findings)
    if file == "parquet":  # Only a folder's name says which year it is of.
        truth.index = pd.MultiIndex.from_tuples(
            [("postal", "" if key[:2] == ("postal", "2020") else key[1], *key[2:])
             if key[0] == "postal" else key for key in truth.index], names=KEYS
        )  # fmt: skip
    assert_claims(found, truth)


def test_the_csv_files_alone_claim_every_number(finished_release, tmp_path):
    folder, findings = finished_release
    files = [file.relative_to(folder).as_posix() for file in (folder / "tables").rglob("*.csv")]
    found = without_bounds_of_hidden(by_key(read_alone(folder, tmp_path, *files)))
    here = [("", *key[1:]) if key[:2] == ("postal", "") else key for key in found.index]
    truth = truth_of(findings)
    told = [("postal", "", *key[2:]) if key[:2] == ("postal", "2020") else key for key in truth.index]
    found.index = pd.MultiIndex.from_tuples(
        [("postal", *key[1:]) if key[0] == "" else key for key in here], names=KEYS
    )
    truth.index = pd.MultiIndex.from_tuples(told, names=KEYS)
    assert_claims(found, truth)


def test_the_map_alone_claims_each_number_that_it_shows_to_its_last_decimal(finished_release, tmp_path):
    folder, findings = finished_release
    found = without_bounds_of_hidden(by_key(read_alone(folder, tmp_path, "map.html")))
    assert_claims(found, truth_of(findings, parts=SHOWN_ON_THE_MAP))
    value = found.xs("low_income", level="variable").xs("value", level="part")
    width = value["upper"] - value["lower"]
    assert width.to_numpy() == pytest.approx(0.1)  # One decimal.
    shown = as_shown(truth_of(findings, parts=["value"]).xs("low_income", level="variable"), 1)
    assert ((value["lower"] + value["upper"]) / 2).sort_values().to_numpy() == pytest.approx(np.sort(shown))


def test_the_workbook_claims_the_values_of_the_study_s_own_year_with_how_sure_they_are(
    finished_release, tmp_path
):
    folder, findings = finished_release
    found = by_key(read_alone(folder, tmp_path, "tables/study.xlsx", "study.gpkg"))
    alone = read_release(tmp_path / "alone")
    of_book = [k for k, place in enumerate(alone.places) if place.startswith("tables/study.xlsx")]
    truth = truth_of(findings, sheets=[("postal", "2020")], parts=IN_THE_WORKBOOK)
    assert (found.loc[truth.index, "n_places"] >= 2).all()
    assert of_book


def test_a_raster_claims_the_value_of_each_cell(finished_release, tmp_path):
    folder, findings = finished_release
    alone = read_alone(folder, tmp_path, "grids", "parquet/grid_2020/areas.parquet")
    truth = truth_of(findings, sheets=[("grid", "2020")], parts=["value"])
    assert_claims(by_key(alone), truth)


def test_a_flat_folder_whose_names_say_what_folders_said_claims_the_same(finished_release, tmp_path, claims):
    folder, _ = finished_release
    for file in (one for one in folder.rglob("*") if one.is_file() and "parquet" not in one.parts):
        kind = {".csv": "table", ".tif": "raster", ".qml": "raster", ".xml": "raster"}.get(file.suffix, "")
        kept = file.relative_to(folder).parts[1:] if kind else (file.name,)
        shutil.copy(file, tmp_path / "_".join([kind, *kept] if kind else kept))
    flat = read_release(tmp_path)
    assert flat.contradictions.empty
    assert_claims(by_key(flat), by_key(claims)["lower"])


def test_the_report_claims_nothing_but_what_is_in_the_findings(finished_release, tmp_path):
    folder, findings = finished_release
    tables = tmp_path / "alone" / "tables"
    tables.mkdir(parents=True)
    told = pd.DataFrame({"area_id": IDS, "name_fi": NAMES, "value": "", "status": "", "lower": ""})
    for code in ("low_income", "income"):  # What areas and indicators are called, and no number.
        told.to_csv(tables / f"{code}.csv", index=False)
    found = by_key(read_alone(folder, tmp_path, "report.html"))
    truth = truth_of(findings, sheets=[("postal", "2020")])
    truth.index = truth.index.droplevel(["geography", "year"])
    found.index = found.index.droplevel(["geography", "year"])
    assert {"value", "interval_lower", "interval_upper"} == set(found.index.get_level_values("part"))
    number = truth.loc[found.index]
    assert (found["lower"] <= number).all()
    assert (found["upper"] >= number).all()


def test_areas_come_with_their_shapes_and_municipalities(claims, finished_release):
    findings = finished_release[1]
    assert set(claims.areas) == {("postal", "2020"), ("postal", "2019"), ("grid", "2020")}
    for sheet in (findings, *findings.others):
        found = claims.areas[sheet.level, sheet.year]
        assert list(found.index) == list(sheet.areas.index)
        assert found.crs == sheet.areas.crs
        assert found.geometry.geom_equals(sheet.areas.geometry).all()
        assert list(found["municipality"]) == list(sheet.areas["municipality"])


def test_areas_of_a_map_alone_are_those_that_it_draws(finished_release, tmp_path):
    folder, findings = finished_release
    found = read_alone(folder, tmp_path, "map.html").areas
    for sheet in (findings, findings.others[1]):
        drawn = found[sheet.level, sheet.year]
        # A map draws in steps of half a metre.
        apart = drawn.geometry.symmetric_difference(gpd.GeoSeries(sheet.areas.geometry)).area
        assert apart.max() == pytest.approx(0.0, abs=1e-6)
        assert list(drawn.index) == list(sheet.areas.index)
        assert list(drawn["municipality"]) == list(sheet.areas["municipality"])


def test_indicators_come_with_their_names_and_what_they_are_made_of(claims, finished_release):
    assert claims.indicators == finished_release[1].indicators


def test_totals_of_municipalities_are_tied_to_no_area(claims, finished_release):
    told = finished_release[1].comparisons
    totals = claims.loose[(claims.loose["kind"] == "total") & (claims.loose["part"] == "numerator")]
    found = totals.set_index("area_id")["lower"]
    expected = told[told["code"] == "low_income"].set_index("place")["numerator"]
    assert found.to_dict() == expected.to_dict()


def test_the_smallest_value_of_a_legend_is_claimed_where_it_stands(claims):
    loose = claims.loose
    found = loose[(loose["kind"] == "legend_minimum") & (loose["variable"] == "low_income")]
    places = {claims.places[place].split(":")[0] for place in found["place"]}
    assert "map.html" in places
    assert (found["lower"] <= 0).all()  # The area of nobody has the value 0.
    assert (found["upper"] >= 0).all()


def test_the_same_release_gives_the_same_claims_in_the_same_order(finished_release):
    one, other = (read_release(finished_release[0]) for _ in range(2))
    pd.testing.assert_frame_equal(one.table, other.table)
    pd.testing.assert_frame_equal(one.loose, other.loose)
    assert one.places == other.places


def test_parts_are_those_of_the_schema(claims):
    assert set(claims.table["part"].astype(str)) <= {*RESULT_COLUMNS, "unknown"}
    assert set(claims.table["area_id"].astype(str)) == {*IDS, *CELLS}


def test_claims_say_how_many_they_are(claims):
    assert repr(claims).startswith(f"<Claims: {len(claims.table)} numbers of areas")


@pytest.mark.parametrize("path", ["nowhere", "no\0where", 5])
def test_what_is_no_directory_is_refused(tmp_path, path):
    with pytest.raises(OutputError, match="was not read"):
        read_release(tmp_path / path if path == "nowhere" else path)


def test_an_empty_directory_is_refused(tmp_path):
    with pytest.raises(OutputError, match="it holds no file"):
        read_release(tmp_path)
