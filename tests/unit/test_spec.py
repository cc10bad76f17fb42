"""A study file is read as a person means it, or refused with everything that is wrong with it."""

import subprocess
import sys
from dataclasses import FrozenInstanceError, replace
from pathlib import Path

import pytest

import lea_geo as lea
from lea_geo.errors import SpecError, UsageError
from lea_geo.schema import Text
from lea_geo.spec import load_spec, spec_from_dict

GOOD = """
[study]
name = { fi = "Koe", sv = "Prov", en = "Trial" }
region = "vantaa"

[areas]
path = "areas.gpkg"
area_id = "postinumeroalue"

[[tables]]
path = "table.csv"
area_id = "postinumero"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "areas.gpkg").touch()
    (tmp_path / "table.csv").touch()
    (tmp_path / "more.csv").touch()
    return tmp_path


def write(folder: Path, text: str) -> Path:
    path = folder / "study.toml"
    path.write_text(text, encoding="utf-8")
    return path


def refused(folder: Path, text: str) -> str:
    with pytest.raises(SpecError) as caught:
        load_spec(write(folder, text))
    return str(caught.value)


def test_the_example_of_the_design_is_read_with_its_defaults(folder: Path):
    spec = load_spec(write(folder, GOOD))
    assert spec.name == Text("Koe", "Prov", "Trial")
    assert (spec.region, spec.catalogue, spec.areas.area_id) == ("vantaa", "paavo", "postinumeroalue")
    assert (spec.spatial.graph, spec.spatial.fdr, spec.spatial.seed) == ("queen", 0.05, 2009)
    assert [table.path for table in spec.tables] == ["table.csv"]
    assert spec.data == folder


def test_a_spec_cannot_be_changed_but_replaced(folder: Path):
    spec = load_spec(write(folder, GOOD))
    with pytest.raises(FrozenInstanceError):
        spec.region = "pori"
    other = replace(spec, spatial=replace(spec.spatial, graph="knn", k=6))
    assert (other.spatial.k, spec.spatial.k) == (6, None)
    assert other != spec


def test_a_spec_survives_its_dictionary(folder: Path):
    text = GOOD.replace('region = "vantaa"', 'municipalities = ["092", "837"]\nsynthetic = true')
    text += '\n[[tables]]\npath = "more.csv"\narea_id = "a"\nyear = 2018\n[spatial]\ngraph = "knn"\nk = 5\n'
    spec = load_spec(write(folder, text))
    assert spec_from_dict(spec.as_dict(), folder=folder) == spec


def test_the_correction_for_many_tests_is_benjamini_and_hochbergs_unless_the_file_says_otherwise(
    folder: Path,
):
    assert load_spec(write(folder, GOOD)).spatial.correction == "bh"
    spec = load_spec(write(folder, f'{GOOD}\n[spatial]\ncorrection = "by"\n'))
    assert spec.as_dict()["spatial"]["correction"] == "by"


def test_the_dictionary_of_a_spec_names_no_folder(folder: Path):
    assert str(folder) not in str(load_spec(write(folder, GOOD)).as_dict())


def test_the_data_may_lie_elsewhere_by_the_file_or_by_the_caller(folder: Path, tmp_path_factory):
    study = tmp_path_factory.mktemp("studies")
    (study / "data").symlink_to(folder)
    by_file = load_spec(write(study, GOOD.replace("[study]", '[study]\ndata = "data"')))
    by_caller = load_spec(write(study, GOOD), data=folder)
    assert by_file.data == study / "data"
    assert by_caller.data == folder
    assert by_file == by_caller


def test_a_missing_study_file_is_wrong_usage_and_names_its_neighbours(folder: Path):
    write(folder, GOOD)
    with pytest.raises(UsageError, match=r"There is no study file .*studdy\.toml\..*there: study\.toml\."):
        load_spec(folder / "studdy.toml")
    with pytest.raises(UsageError, match="is no file"):
        load_spec(folder)


def test_every_fault_comes_in_one_message(folder: Path):
    text = """
    nmae = 1
    [study]
    name = { fi = "Koe", sv = "Prov" }
    region = "vanta"
    municipalities = ["92"]
    catalogue = "pavo"
    [areas]
    path = "areas.shp"
    area_idd = "x"
    within = "areas.gpkg"
    [[tables]]
    path = "table.csv"
    area_id = 3
    [spatial]
    graph = "knn"
    fdr = 1.5
    seed = -1
    tolerance = 1
    [map]
    language = "de"
    """
    message = refused(folder, text)
    assert message.startswith("The study file study.toml cannot be used:\n  - ")
    for part in (
        "the file has an unknown key 'nmae'",
        "[study] name lacks 'en'",
        "region is 'vanta'; it must be one of finland, pori, tampere-ylojarvi, vaasa-laihia, vantaa",
        'Did you mean "vantaa"?',
        "[study] has both region and municipalities",
        'no municipality code: 1 (92). A municipality code is three digits in quotes: "092".',
        "catalogue is 'pavo', and there is no such catalogue. Write 'paavo' or 'population_grid' or",
        "[areas] path is 'areas.shp', and there is no such file",
        "[areas] lacks 'area_id'. It must be there.",
        "[areas] has an unknown key 'area_idd'. Did you mean 'area_id'?",
        "[areas] has 'within' and lacks 'within_id'",
        "[[tables]] area_id is 3; it must be a text in quotes",
        '[spatial] graph = "knn" needs k. Say it once.',
        "[spatial] fdr is 1.5; it must be a number above 0 and below 1",
        "[spatial] seed is -1; it must be a whole number from 0 to",
        '[spatial] tolerance means nothing to graph = "knn". It belongs to queen and rook',
        "[map] language is 'de'; it must be one of en, fi, sv",
    ):
        assert part in message
    assert message.count("\n  - ") == 16


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("fdr = true", "fdr is true; it must be a number"),
        ("fdr = nan", "fdr is nan; it must be a number"),
        ("fdr = 0", "fdr is 0; it must be a number above 0"),
        ('seed = "x"', "seed is 'x'; it must be a whole number"),
        ("seed = 1.0", "seed is 1.0; it must be a whole number"),
        ("permutations = 10", "permutations is 10; it must be a whole number from 99"),
        ("graph = [1]", "graph is [1]; it must be one of"),
        (
            'correction = "fdr"',
            "correction is 'fdr'; it must be one of bh, bonferroni, by, holm, none, storey",
        ),
        ('correction = "holms"', 'Did you mean "holm"?'),
        ("correction = false", "correction is false; it must be one of"),
        ('graph = "kernel"\nk = 3\nbandwidth = 900', 'graph = "kernel" needs bandwidth or k. Say it once.'),
        ("water_distance = 900", 'islands = "components" and water_distance, in metres, belong together'),
        ("islands = { a = 1 }", "islands is a table; it must be one of"),
    ],
)
def test_a_value_of_the_wrong_kind_or_size_is_named(folder: Path, line: str, said: str):
    assert said in refused(folder, f"{GOOD}\n[spatial]\n{line}\n")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("[[tables]]", "[tables]"), "[[tables]]"),
        (('path = "table.csv"', 'path = "/etc/passwd"'), "which only this machine understands"),
        (('path = "table.csv"', "path = 'C:\\data\\x.csv'"), "which only this machine understands"),
        (('path = "table.csv"', 'path = "a\\u0000b"'), "it must be a text in quotes"),
        (('path = "table.csv"', 'path = ""'), "it must be a text in quotes"),
        (("[study]", "[study]\ndata = 'nowhere'"), "nowhere does not exist"),
        (("[study]", "[study]\nindicators = []"), "it must be a list of texts"),
        (("[study]", "[study]\nindicators = ['a', 'a']"), "names something twice: 1 (a)"),
        (("[areas]", "[areas"), "not valid TOML"),
    ],
)
def test_a_slip_in_a_study_file_is_explained(folder: Path, change: tuple[str, str], said: str):
    assert said in refused(folder, GOOD.replace(*change))


def test_a_file_that_is_not_utf8_is_refused(folder: Path):
    path = folder / "study.toml"
    path.write_bytes(GOOD.replace("Koe", "Älä").encode("latin-1"))
    with pytest.raises(SpecError, match="not UTF-8"):
        load_spec(path)


def test_a_byte_order_mark_does_no_harm(folder: Path):
    path = folder / "study.toml"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    assert load_spec(path).region == "vantaa"


def test_a_file_too_large_or_nested_too_deeply_is_refused(folder: Path):
    assert "larger than 1 MB" in refused(folder, "#" * 1_000_001)
    assert "not valid TOML" in refused(folder, f"a = {'[' * 5000}{']' * 5000}")


def test_reading_a_study_imports_no_heavy_library():
    code = (
        "import sys, lea_geo.spec; print([m for m in ('pandas', 'numpy', 'geopandas') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_of_a_table_that_is_not_there_it_is_said_once(folder: Path):
    message = refused(folder, "")
    assert message.count("\n  - ") == 3
    assert all(
        f"the file lacks '{table}'. It must be there." in message for table in ("study", "areas", "tables")
    )


@pytest.mark.parametrize("path", [None, 7, b"a.toml", "", "a\0.toml"])
def test_what_can_name_no_study_file_is_wrong_usage(path):
    for call in (lea.load_spec, lea.run):
        with pytest.raises(UsageError, match=r"is no study: give the path of a study file"):
            call(path)


ALSO = """
[spatial]
graph = "queen"
tolerance = 2.0
islands = "components"
water_distance = 900
seed = 5

[[also]]

[also.areas]
path = "cells.gpkg"
area_id = "grd_id"
id_scheme = "grid"

[[also.tables]]
path = "cells.csv"
area_id = "grd_id"
"""


@pytest.fixture
def wide(folder: Path) -> Path:
    for name in ("cells.gpkg", "cells.csv", "lakes.gpkg", "kunnat.gpkg"):
        (folder / name).touch()
    return folder


def test_another_kind_of_areas_takes_from_the_study_what_it_does_not_say(wide: Path):
    text = GOOD.replace("[study]", '[study]\nindicators = ["unemployment"]')
    (also,) = load_spec(write(wide, text + ALSO)).also
    assert also.areas.id_scheme == "grid"
    assert (also.spatial.tolerance, also.spatial.water_distance, also.spatial.seed) == (2.0, 900, 5)
    assert (also.catalogue, also.indicators) == ("paavo", ("unemployment",))


def test_another_catalogue_brings_its_own_indicators(wide: Path):
    text = GOOD.replace("[study]", '[study]\nindicators = ["unemployment"]')
    (also,) = load_spec(write(wide, text + ALSO.replace("[[also]]", '[[also]]\ncatalogue = "hsy_grid"'))).also
    assert (also.catalogue, also.indicators) == ("hsy_grid", ())


def test_another_graph_and_other_islands_take_none_of_the_options_of_the_studys(wide: Path):
    text = GOOD + ALSO + '[also.spatial]\ngraph = "lattice"\nislands = "isolate"\nfdr = 0.1\n'
    spatial = load_spec(write(wide, text)).also[0].spatial
    assert (spatial.graph, spatial.tolerance, spatial.islands, spatial.water_distance) == (
        "lattice",
        None,
        "isolate",
        None,
    )
    assert (spatial.fdr, spatial.seed) == (0.1, 5)


def test_the_parts_of_a_study_are_studies_of_their_own(wide: Path):
    spec = load_spec(write(wide, GOOD + ALSO))
    own, cells = spec.parts
    assert own == replace(spec, also=())
    assert (cells.areas.path, cells.region, cells.name, cells.also) == ("cells.gpkg", "vantaa", spec.name, ())


def test_water_borders_and_other_areas_survive_the_dictionary(wide: Path):
    text = GOOD + ALSO + '[also.spatial]\ngraph = "lattice"\nislands = "isolate"\n'
    text += '[map]\nwater = "lakes.gpkg"\nborders = "kunnat.gpkg"\n'
    spec = load_spec(write(wide, text))
    assert (spec.map.water, spec.map.borders) == ("lakes.gpkg", "kunnat.gpkg")
    assert spec_from_dict(spec.as_dict(), folder=wide) == spec


def test_every_fault_of_other_areas_comes_in_the_one_message(wide: Path):
    text = f"""{GOOD}
    [map]
    water = "lake.gpkg"
    border = "kunnat.gpkg"
    [[also]]
    catalogue = "pavo"
    [also.areas]
    path = "cell.gpkg"
    id_scheme = "grids"
    [[also.tables]]
    path = "cells.csv"
    area_id = "grd_id"
    year = "2016"
    [also.spatial]
    graph = "knn"
    k = 0
    tolerance = 3
    [[also]]
    areas = 3
    also = []
    """
    message = refused(wide, text)
    for part in (
        "[map] water is 'lake.gpkg', and there is no such file",
        "[map] has an unknown key 'border'. Did you mean 'borders'?",
        "[[also]] 1 catalogue is 'pavo', and there is no such catalogue",
        "[also.areas] of [[also]] 1 path is 'cell.gpkg', and there is no such file",
        "[also.areas] of [[also]] 1 lacks 'area_id'",
        "[also.areas] of [[also]] 1 id_scheme is 'grids'; it must be one of grid, municipality, postal",
        "[[also.tables]] of [[also]] 1 year is '2016'; it must be a whole number from 1900 to 2100",
        "[also.spatial] of [[also]] 1 k is 0; it must be a whole number",
        '[also.spatial] of [[also]] 1 tolerance means nothing to graph = "knn"',
        "[also.areas] of [[also]] 2 is 3",
        "[[also]] 2 lacks 'tables'",
        "[[also]] 2 has an unknown key 'also'",
    ):
        assert part in message


def test_a_lone_block_of_other_areas_is_named_without_a_number(wide: Path):
    message = refused(wide, GOOD + ALSO.replace('path = "cells.csv"', 'path = "cell.csv"'))
    assert "[[also.tables]] path is 'cell.csv', and there is no such file" in message
    assert "[[also]] is" not in message
    assert "it must be written as tables that each begin with [[also]]" in refused(
        wide, f"{GOOD}[also]\na = 1\n"
    )


def test_rates_stay_as_counted_unless_the_file_says_otherwise(folder: Path):
    rates = load_spec(write(folder, GOOD)).rates
    assert (rates.method, rates.years, rates.merge, rates.flags) == ("raw", 1, False, False)


def test_what_a_study_makes_of_small_numbers_is_read_and_survives_the_dictionary(folder: Path):
    text = f"""{GOOD}
    [rates]
    method = "parent"
    parent = "municipality"
    minimum_denominator = 30
    cautious_cv = 0.15
    largest_cv = 0.3
    years = 3
    merge = true
    """
    spec = load_spec(write(folder, text))
    assert (spec.rates.method, spec.rates.minimum_denominator, spec.rates.largest_cv) == ("parent", 30, 0.3)
    assert (spec.rates.years, spec.rates.merge, spec.rates.flags) == (3, True, True)
    assert spec_from_dict(spec.as_dict(), folder=folder) == spec


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (
            'method = "beta"',
            "[rates] method is 'beta'; it must be one of beta_binomial, bym2",
        ),
        ("minimum_denominator = -1", "minimum_denominator is -1; it must be a number of at least 0"),
        ("largest_cv = 0", "largest_cv is 0; it must be a number above 0"),
        ('parent = "municipality"', 'parent means nothing to method = "raw"'),
        ("cautious_cv = 0.4\nlargest_cv = 0.3", "cautious_cv is 0.4 and largest_cv is 0.3"),
        ("years = 3\nmerge = true", "does not say how many are enough for years and merge"),
        ("smoth = 1", "has an unknown key 'smoth'"),
    ],
)
def test_a_slip_in_the_rates_of_a_study_is_explained(folder: Path, lines: str, said: str):
    assert said in refused(folder, f"{GOOD}\n[rates]\n{lines}\n")
