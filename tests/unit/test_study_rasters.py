"""A study whose indicators come of rasters: named by the catalogue, hashed, and said what they rest on."""

import json
from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.transform import Affine

from lea_geo._gather import gather
from lea_geo.errors import DataError, OutputError, RasterError, SpecError
from lea_geo.schema import Status
from lea_geo.spec import StudySpec, load_spec
from lea_geo.study import Study, check, run, verify

CATALOGUE = """
[catalogue]
name = { fi = "Koe", sv = "Prov", en = "Trial" }
source = "Nobody"
licence = "CC BY 4.0"
default_source = "here"

[sources.here]
sentinels = {}

[attributes]
area_id = ["postinumero"]
name_fi = ["nimi"]
municipality = ["kunta"]

[fields]
hr_tuy = {}
hr_pi_tul = {}
green = { plausible = [0, 100] }
minutes = {}
"""
INDICATOR = """
[[indicators]]
code = "CODE"
name = { fi = "NAME fi", sv = "NAME sv", en = "NAME" }
explanation = { fi = "Selitys.", sv = "Förklaring.", en = "Explanation." }
KIND
direction = "DIRECTION"
domain = "environment"
perspective = "operating_environment"
phenomenon = "services"
ethics.need = { fi = "Tarve.", sv = "Behov.", en = "Need." }
ethics.harm = { fi = "Haitta.", sv = "Skada.", en = "Harm of NAME." }
"""
LOW = 'numerator = ["hr_pi_tul"]\ndenominator = ["hr_tuy"]\nscale = 100\nunit = "percent"\nkind = "intensive"'
ONE = 'field = "FIELD"\nunit = "index"\nkind = "intensive"'
MADE = (
    ("low_income", "Low income", LOW, "weakens"),
    ("greenness", "Greenness", ONE.replace("FIELD", "green"), "protects"),
    ("way_to_a_mall", "Way to a mall", ONE.replace("FIELD", "minutes"), "weakens"),
)
RASTERS = """
[[rasters]]
path = "green.tif"
field = "green"

[[rasters]]
path = "minutes.tif"
field = "minutes"
statistic = "median"
weights = "people.tif"
nodata = [-1]
coverage = 0.8
year = 2018
"""


def write(path, pixels, **changes):
    profile = {"driver": "GTiff", "count": 1, "crs": "EPSG:3067", "dtype": pixels.dtype}
    shape = {"height": pixels.shape[0], "width": pixels.shape[1]}
    lies = {"transform": Affine(100, 0, 230_000, 0, -100, 7_006_000)}
    with rasterio.open(path, "w", **profile | shape | lies | changes) as raster:
        raster.write(pixels, 1)


def in_squares(numbers):
    """Return ten by ten pixels for each of six by six numbers, whose first row is the southernmost."""
    return np.kron(np.asarray(numbers, dtype=np.float64)[::-1], np.ones((10, 10)))


def with_rasters(study: Path, rasters: str = RASTERS) -> Path:
    """Give the mini study a catalogue of its own, and rasters over the six by six squares of Vaasa."""
    folder = study.parent
    made = [
        INDICATOR.replace("CODE", code).replace("NAME", name).replace("KIND", kind).replace("DIRECTION", way)
        for code, name, kind, way in MADE
    ]
    (folder / "own.toml").write_text(CATALOGUE + "".join(made), encoding="utf-8")
    green = in_squares(np.arange(36).reshape(6, 6))
    green[:10, 50:60] = -9  # the whole of 65135, in the north-east,
    green[:7, 40:50] = -9  # seven tenths of 65134
    green[:3, 30:40] = -9  # and three tenths of 65133
    write(folder / "green.tif", green, nodata=-9)
    minutes, people = in_squares(np.full((6, 6), 20)), in_squares(np.full((6, 6), 0.5))
    minutes[50:60, :2] = 60  # a fifth of 65100, where nobody lives;
    people[50:60, :2] = 0
    minutes[50:60, 10:11] = -1  # no route from a tenth of 65101,
    minutes[50:60, 20:25] = -1  # nor from half of 65102
    people[50:60, 30:40] = 0  # and 65103 is empty
    write(folder / "minutes.tif", minutes)
    write(folder / "people.tif", people)
    text = study.read_text("utf-8")
    text = text.replace(
        'indicators = ["low_income_residents", "basic_education_only"]', 'catalogue = "own.toml"'
    )
    study.write_text(text + rasters, encoding="utf-8")
    return study


@pytest.fixture
def given(tmp_path: Path, mini_study) -> Path:
    return with_rasters(mini_study(tmp_path / "data"))


@pytest.fixture(scope="module")
def made(tmp_path_factory, mini_study) -> tuple[Study, Path]:
    folder = tmp_path_factory.mktemp("rasters")
    study = with_rasters(mini_study(folder / "data"))
    return run(load_spec(study), out=folder / "out"), folder


def test_a_raster_is_an_indicator_that_the_catalogue_names(made):
    findings = made[0].findings
    assert [indicator.code for indicator in findings.indicators] == [
        "low_income",
        "greenness",
        "way_to_a_mall",
    ]
    greenness, way = findings.indicators[1:]
    assert (greenness.name.fi, greenness.direction, way.direction) == ("Greenness fi", "protects", "weakens")
    assert greenness.ethics.harm.en == "Harm of Greenness."
    assert (greenness.reference_year, way.reference_year) == ("", "2018")


def test_each_area_has_the_pixels_that_lie_in_it(made):
    frame = made[0].findings.results["greenness"]
    known = [f"{65100 + i}" for i in range(34)]
    np.testing.assert_allclose(frame.loc[known, "value"], np.arange(34), atol=1e-6)
    assert list(frame["status"].loc[["65133", "65134", "65135"]]) == [
        Status.OBSERVED,
        Status.MISSING,
        Status.MISSING,
    ]
    assert frame.loc[["65134", "65135"], "value"].isna().all()
    assert frame.loc["65107", "rank"] == 27  # the values are 0 to 33
    assert frame[["numerator", "denominator"]].isna().all(axis=None)


def test_over_people_a_statistic_passes_by_where_nobody_lives(made):
    frame = made[0].findings.results["way_to_a_mall"]
    assert frame.loc["65100", "value"] == 20
    assert frame.loc["65101", ["value", "status"]].to_list() == [20, Status.OBSERVED]
    assert frame.loc["65102", "status"] == Status.MISSING  # half of its people have no route
    assert frame.loc["65103", "status"] == Status.NOT_APPLICABLE


def test_the_notes_say_what_the_numbers_rest_on_and_only_of_the_region(made):
    notes = made[0].findings.notes
    assert (
        "greenness is the mean of green.tif in each area, over its surface. "
        "An area is missing where less than 50% of that has data."
    ) in notes
    assert "2 of 36 areas have data on less than 50% of their surface and are missing: 65134, 65135." in notes
    partly = (
        "1 of 36 areas have data on a part of their surface only, and their values are of that part: 65133."
    )
    assert partly in notes
    assert "1 of 36 areas have no weight in people.tif: 65103." in notes
    # Laihia lies outside every raster, and outside the study.
    assert not any("664" in note for note in notes if ".tif" in note)
    assert not any(note.startswith("greenness is not available") for note in notes)


def test_rasters_are_hashed_and_verified(made, tmp_path, mini_study):
    _, folder = made
    manifest = json.loads((folder / "out" / "manifest.json").read_text("utf-8"))
    inputs = {one["path"]: one["role"] for one in manifest["inputs"]}
    assert [name for name, role in inputs.items() if role == "raster"] == [
        "green.tif",
        "minutes.tif",
        "people.tif",
    ]
    assert manifest["study"]["rasters"][1]["nodata"] == [-1.0]
    assert "exactextract" in manifest["versions"]
    assert "green.tif" in verify(folder / "out")
    study = with_rasters(mini_study(tmp_path / "data"))
    with rasterio.open(study.parent / "green.tif", "r+") as raster:
        raster.write(raster.read(1) + 1, 1)
    with pytest.raises(OutputError, match=r"input green.tif has changed"):
        verify(folder / "out", data=study.parent)


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_a_file_beside_a_raster_that_says_where_it_lies_is_hashed_too(given):
    folder = given.parent
    with rasterio.open(folder / "green.tif") as raster:
        pixels = raster.read(1)
    write(folder / "green.tif", pixels, nodata=-9, transform=None)
    (folder / "green.tfw").write_text("100\n0\n0\n-100\n230050\n7005950\n", encoding="ascii")
    spec = load_spec(given)
    assert gather(spec)[0].cells["greenness"].loc["65107", "value"] == pytest.approx(7)
    inputs = {one["path"] for one in run(spec).provenance["inputs"]}
    assert {"green.tif", "green.tfw"} <= inputs


def test_checking_a_study_tells_of_its_rasters(given):
    told = check(load_spec(given))
    assert told.indicators == ("low_income", "greenness", "way_to_a_mall")
    assert any("way_to_a_mall is the median of minutes.tif" in note for note in told.notes)


def test_rasters_of_two_years_are_two_years_of_the_study(given):
    folder = given.parent
    with rasterio.open(folder / "green.tif") as raster:
        write(folder / "green_2012.tif", np.where(raster.read(1) < 0, -9, 1.0), nodata=-9)
    again = '\n[[rasters]]\npath = "green_2012.tif"\nfield = "green"\nyear = 2012\n'
    text = given.read_text("utf-8").replace('field = "green"', 'field = "green"\nyear = 2018') + again
    given.write_text(text, encoding="utf-8")
    now, then = gather(load_spec(given))
    assert (now.year, then.year) == ("2018", "2012")
    assert now.cells["greenness"].loc["65107", "value"] == pytest.approx(7)
    assert then.cells["greenness"].loc["65107", "value"] == pytest.approx(1)
    assert [one.path for one in then.spec.rasters] == ["green_2012.tif"]


def complaint(spec: StudySpec) -> str:
    with pytest.raises(DataError) as caught:
        gather(spec)
    return str(caught.value)


def test_what_is_wrong_with_rasters_is_said_with_all_the_rest(given):
    text = given.read_text("utf-8")
    text = text.replace('field = "green"', 'field = "greenery"').replace("nodata = [-1]\n", "")
    text = text.replace('weights = "people.tif"\n', "").replace(
        'area_id = "postinumero"', 'area_id = "postnro"'
    )
    given.write_text(text, encoding="utf-8")
    told = complaint(load_spec(given))
    assert "the catalogue has no field 'greenery', which green.tif is to be" in told
    assert "Indicators of one field are made of green, minutes." in told
    assert "minutes has pixels below 0, -1 at least: 2 of 40 (65101, 65102)" in told
    assert "Declare what stands for no data: nodata = [-1]" in told
    assert "the table has no column 'postnro'" in told


def test_a_field_of_a_rate_is_no_indicator_by_itself(given):
    given.write_text(
        given.read_text("utf-8").replace('field = "green"', 'field = "hr_tuy"'), encoding="utf-8"
    )
    with pytest.raises(
        SpecError, match=r"no indicator of the catalogue has 'hr_tuy', of green.tif, as its field"
    ):
        gather(load_spec(given))


def test_a_damaged_raster_is_refused_by_its_name(given):
    (given.parent / "green.tif").write_bytes(b"II*\0" + b"no more of it" * 9)
    with pytest.raises(RasterError, match=r"green.tif is damaged or of a kind that is not read"):
        gather(load_spec(given))


def test_numbers_that_are_not_plausible_are_refused(given):
    with rasterio.open(given.parent / "green.tif", "r+") as raster:
        raster.write(np.where(raster.read(1) < 0, -9, raster.read(1) * 100), 1)
    assert "of green are outside 0 to 100" in complaint(load_spec(given))


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('statistic = "average"', "statistic is 'average'; it must be one of majority, max, mean"),
        ("coverage = 1.5", "coverage is 1.5; it must be a number of at least 0 and below 1"),
        ("band = 0", "band is 0; it must be a whole number at least 1"),
        ('colour = "green"', "has an unknown key 'colour'"),
        ('weights = "none.tif"', "weights is 'none.tif', and there is no such file"),
    ],
)
def test_what_a_study_says_wrongly_of_a_raster_is_named(given, line, told):
    text = given.read_text("utf-8").replace('field = "green"', f'field = "green"\n{line}')
    given.write_text(text, encoding="utf-8")
    with pytest.raises(SpecError) as caught:
        load_spec(given)
    assert told in str(caught.value)
