"""A study file says what an index is, alone: read as a person means it, or refused with all its faults."""

import csv
import io
import json
from pathlib import Path

import pytest

import lea_geo as lea
from lea_geo._index import load_index, make_index
from lea_geo.cli import main
from lea_geo.composite_spec import Aggregate, Impute, Normalise, Weighting
from lea_geo.errors import SpecError, TableError
from lea_geo.spec import load_spec, spec_from_dict

AREAS = """
[study]
name = { fi = "K", sv = "P", en = "T" }

[areas]
path = "areas.gpkg"
area_id = "area_id"
"""
TABLES = '[[tables]]\npath = "table.csv"\narea_id = "id"\n'
SAID = """
[composite]
normalise = "z"
aggregate = "arithmetic"
available = 0.8
impute = { method = "group", by = "town" }
treat = { method = "winsorise", most = 3 }
screen = { ties = 0.9, exclude = true }

[composite.at.index]
normalise = { method = "z", mean = 1000, deviation = 100 }
weighting = "stated"

[composite.at.group]
aggregate = { method = "power", power = 2.5 }
normalise = { method = "min_max", low = 1 }
result = { method = "categories", quantiles = 2 }

[[composite.groups]]
code = "means"
weight = 22.5
name = { fi = "Toimeentulo", sv = "Utkomst", en = "Means" }

[[composite.indicators]]
code = "poor"
column = "share of poor"
direction = "weakens"
group = "means"
normalise = { method = "goalposts", minimum = -20, maximum = 85.5, cap = false }

[[composite.indicators]]
code = "trust"
direction = "protects"
weight = 1
transform = "sqrt"
"""

RUNS = SAID.replace(", cap = false", "")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "table.csv").write_text(
        "id;share of poor;trust;town\n00100;10,5;4;A\n00120;20;9;A\n00130;;1;A\n00140;30;16;B\n", "utf-8"
    )
    return tmp_path


def write(folder: Path, text: str) -> Path:
    path = folder / "index.toml"
    path.write_text(text, encoding="utf-8")
    return path


def refused(folder: Path, text: str, kind: type[Exception] = SpecError) -> str:
    with pytest.raises(kind) as caught:
        make_index(load_index(write(folder, text)))
    return str(caught.value)


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"))))


def test_methods_are_read_by_their_name_or_with_their_options(folder: Path):
    said = load_index(write(folder, TABLES + SAID)).composite
    assert said is not None
    assert said.normalise == Normalise("z")
    assert said.impute == Impute("group", by="town")
    assert said.indicators[0].normalise == Normalise("goalposts", minimum=-20, maximum=85.5, cap=False)
    assert {at.level: at.aggregate for at in said.at} == {
        "group": Aggregate("power", power=2.5),
        "index": None,
    }
    assert said.at[1].weighting == Weighting("stated")
    assert said.indicators[0].parent == "means"


def test_a_study_with_an_index_is_written_back_as_it_was_read(folder: Path):
    (folder / "areas.gpkg").touch()
    spec = load_spec(write(folder, AREAS + TABLES + SAID))
    told = spec.as_dict()
    assert told["composite"]["indicators"][0]["group"] == "means"
    assert json.loads(json.dumps(told)) == told
    assert spec_from_dict(told, folder=folder) == spec


def test_a_study_without_an_index_says_nothing_of_one(folder: Path):
    (folder / "areas.gpkg").touch()
    spec = load_spec(write(folder, AREAS + TABLES))
    assert spec.composite is None
    assert "composite" not in spec.as_dict()


def test_every_fault_is_named_at_once_with_what_was_probably_meant(folder: Path):
    text = TABLES + SAID.replace('normalise = "z"', 'normalize = "z"')
    text = text.replace('direction = "protects"', 'direction = "protect"')
    text = text.replace('aggregate = "arithmetic"', 'aggregate = "arithmetric"').replace(
        "available = 0.8", "available = 8"
    )
    text = text.replace("[composite.at.group]", "[composite.at.groups]").replace(
        "minimum = -20", 'minimum = "x"'
    )
    message = refused(folder, text)
    for part in (
        "[composite] has an unknown key 'normalize'. Did you mean 'normalise'?",
        "[[composite.indicators]] 2 direction is 'protect'; it must be one of protects, weakens.",
        "[composite] aggregate method is 'arithmetric'; it must be one of",
        'Did you mean "arithmetic"?',
        "[composite.at] has an unknown key 'groups'. Did you mean 'group'?",
        "[[composite.indicators]] 1 normalise minimum is 'x'; it must be a number.",
        "[composite] available is 8. It is a share, from 0 to 1.",
    ):
        assert part in message, part


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ('normalise = { method = "z", minimum = 3 }', "minimum means nothing to 'z'"),
        ('normalise = "goalposts"', "'goalposts' needs minimum and maximum"),
        ('aggregate = { method = "power" }', "'power' needs power"),
        ('weighting = { method = "equal", correlation = "spearman" }', "correlation means nothing to method"),
        ('weighting = "consultation"', "lacks table"),
        ('impute = "group"', 'impute = "group" lacks by'),
        ('impute = { method = "mean", by = "town" }', "by means nothing to method"),
        ("treat = { most = 3 }", 'most means nothing to method = "none"'),
        ('levels = ["domain", "domian"]', "unknown level 'domian'. Did you mean 'domain'?"),
        ('levels = ["domain", "domain"]', "levels names a level twice"),
        ('at.domain = { aggregate = "sum" }', "has a level that this index does not have, 'domain'"),
        ('at.index = { result = "rank" }', "at.index has a result"),
        ('at.indicator = { aggregate = "sum" }', "at.indicator states more than normalise"),
        ("normalise = 3", "normalise is 3; it must be a method like"),
        ('normalise = { method = "categories", breaks = ["a"] }', "it must be a list of numbers"),
        ('weighting = { method = "consultation", table = "no.csv" }', "there is no such file"),
    ],
)
def test_what_would_change_nothing_or_is_lacking_is_refused(folder: Path, said: str, expected: str):
    indicator = '[[composite.indicators]]\ncode = "trust"\ndirection = "protects"\n'
    assert expected in refused(folder, f"{TABLES}[composite]\n{said}\n{indicator}")


def test_a_file_without_an_index_is_refused(folder: Path):
    assert "the file lacks 'composite'" in refused(folder, TABLES)


def test_columns_that_no_table_has_are_refused_with_the_nearest(folder: Path):
    text = TABLES + SAID.replace("share of poor", "share of por")
    assert "no table has a column 'share of por'. Did you mean 'share of poor'?" in refused(
        folder, text, TableError
    )


def test_a_column_of_two_tables_is_refused(folder: Path):
    (folder / "more.csv").write_text("id,trust,x\n00100,1,2\n", "utf-8")
    text = TABLES + TABLES.replace("table.csv", "more.csv") + SAID
    assert "the column 'trust' is in several tables: 2 (table.csv, more.csv)" in refused(
        folder, text, TableError
    )


def test_cells_that_are_no_numbers_are_named_until_the_file_says_what_they_are(folder: Path):
    (folder / "table.csv").write_text(
        "id,trust,x\n00100,-999,1\n00120,n.d.,1\n00130,3,1\n00140,4,2\n", "utf-8"
    )
    indicator = '[composite]\n[[composite.indicators]]\ncode = "trust"\ndirection = "protects"\n'
    message = refused(folder, TABLES + indicator, TableError)
    assert (
        "trust holds 'n.d.', which is no number: 1 (00120). Leave cells without a value empty, or" in message
    )
    made = make_index(load_index(write(folder, f'{TABLES}missing = ["-999", "n.d."]\n{indicator}')))
    assert made.result.table["score"].isna().tolist() == [True, True, False, False]


def test_tables_are_joined_by_id_and_what_does_not_meet_is_noted(folder: Path):
    (folder / "more.csv").write_text("code\tcrime\n00140\t1\n00120\t5\n99999\t9\n", "utf-8")
    more = '[[tables]]\npath = "more.csv"\narea_id = "code"\n'
    said = '[composite]\navailable = 0\n[[composite.indicators]]\ncode = "trust"\ndirection = "protects"\n'
    said += '[[composite.indicators]]\ncode = "crime"\ndirection = "weakens"\n'
    made = make_index(load_index(write(folder, TABLES + more + said)))
    assert made.result.normalised.loc["00120", "crime"] == 50
    assert made.result.normalised["crime"].isna().tolist() == [True, False, True, False, False]
    assert "1 areas have no row in the table of trust: 99999." in made.notes


def test_answers_of_a_consultation_become_weights_and_an_input_with_its_hash(folder: Path):
    (folder / "answers.csv").write_text("who;poor;trust\na;3;1\nb;1;1\n", "utf-8")
    said = '[composite]\nweighting = { method = "consultation", table = "answers.csv" }\n'
    said += '[[composite.indicators]]\ncode = "poor"\ncolumn = "share of poor"\ndirection = "weakens"\n'
    said += '[[composite.indicators]]\ncode = "trust"\ndirection = "protects"\n'
    path = write(folder, TABLES + said)
    made = make_index(load_index(path))
    assert made.result.weights.loc[["poor", "trust"], "stated"].tolist() == [0.625, 0.375]
    assert main(["index", str(path), "--out", str(folder / "o"), "-q"]) == 0
    manifest = json.loads((folder / "o" / "index.json").read_text("utf-8"))
    assert ("answers", "answers.csv") in {(one["role"], one["path"]) for one in manifest["inputs"]}


def test_the_command_writes_tables_and_where_they_came_from(folder: Path, capsys):
    path, out = write(folder, TABLES + RUNS), folder / "o"
    assert main(["index", str(path), "--out", str(out)]) == 0
    told = capsys.readouterr()
    assert "CompositeResult: index of 2 indicators in 1 groups, 4 of 4 areas scored." in told.out
    assert "note: poor: 1 of 4 areas have no value; 1 were filled (group)." in told.err
    names = {one.name for one in out.iterdir()}
    assert names == {"index.csv", "nodes.csv", "indicators.csv", "weights.csv", "log.csv", "index.json"}
    index = rows_of(out / "index.csv")
    assert [row["area_id"] for row in index] == ["00100", "00120", "00130", "00140"]
    assert {row["rank"] for row in index} == {"1", "2", "3", "4"}
    # 10.5 and 20 stand in A, so that 00130 gets their median.
    assert [row for row in rows_of(out / "log.csv") if row["step"] == "impute"] == [
        {
            "step": "impute",
            "area_id": "00130",
            "code": "poor",
            "status": "missing",
            "before": "",
            "after": "15.25",
            "how": "median of the group",
        }
    ]
    manifest = json.loads((out / "index.json").read_text("utf-8"))
    assert manifest["inputs"][0]["path"] == "table.csv"
    assert manifest["outputs"].keys() == names - {"index.json"}
    assert manifest["study"]["composite"]["impute"] == {"method": "group", "by": "town"}


def test_an_earlier_index_is_replaced_and_anything_else_is_not(folder: Path, capsys):
    path, out = write(folder, TABLES + RUNS), folder / "o"
    assert main(["index", str(path), "--out", str(out), "-q"]) == 0
    first = (out / "index.csv").read_bytes()
    assert main(["index", str(path), "--out", str(out), "--json"]) == 0
    assert (out / "index.csv").read_bytes() == first
    (out / "mine.txt").touch()
    assert main(["index", str(path), "--out", str(out), "-q"]) == 1
    assert "files that lea_geo did not write: 1 (mine.txt)" in capsys.readouterr().err


def test_a_wrong_file_ends_with_its_faults_and_writes_nothing(folder: Path, capsys):
    path = write(folder, TABLES + SAID.replace("sqrt", "root"))
    assert main(["index", str(path), "--out", str(folder / "o"), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert any("transform is 'root'" in fault for fault in told["faults"])
    assert not (folder / "o").exists()


def test_a_catalogues_indicators_are_built_from_its_fields(folder: Path):
    (folder / "paavo.csv").write_text(
        "postinumero,hr_tuy,hr_pi_tul,pt_vakiy,survey\n100,200,30,500,1\n120,300,,400,2\n130,100,40,300,3\n",
        "utf-8",
    )
    text = '[[tables]]\npath = "paavo.csv"\narea_id = "postinumero"\n[composite]\nlevels = ["domain"]\n'
    made = make_index(load_index(write(folder, text)))
    assert made.result.normalised["low_income_residents"].iloc[[0, 2]].tolist() == [0, 100]
    assert made.result.table.index.tolist() == ["00100", "00120", "00130"]
    assert made.result.log["status"].tolist() == ["suppressed"]


def test_what_stands_for_no_value_is_the_catalogues_business_where_there_is_one(folder: Path):
    (folder / "paavo.csv").write_text("postinumero,hr_tuy,hr_pi_tul\n100,200,30\n120,300,-9\n", "utf-8")
    text = '[[tables]]\npath = "paavo.csv"\narea_id = "postinumero"\nmissing = ["-9"]\n[composite]\n'
    assert "paavo.csv says what stands for no value: 1 (-9). Declare it under [sources]" in refused(
        folder, text
    )


def test_an_index_is_made_again_in_other_ways_where_its_file_says_so(folder: Path):
    out = folder / "o"
    path = write(folder, TABLES + RUNS + "\n[robustness]\nruns = 40\nseed = 1\n")
    assert main(["index", str(path), "--out", str(out), "-q"]) == 0
    rows = rows_of(out / "robustness.csv")
    index = {row["area_id"]: row["rank"] for row in rows_of(out / "index.csv")}
    assert {row["area_id"]: row["rank"] for row in rows} == index
    assert all(0 <= float(row["p_worst"]) <= 1 for row in rows)
    assert json.loads((out / "index.json").read_text("utf-8"))["study"]["robustness"]["seed"] == 1


def test_neighbours_without_areas_are_refused(folder: Path):
    text = TABLES + SAID.replace('{ method = "group", by = "town" }', '"neighbours"')
    assert 'impute = "neighbours", and the file has no areas. Name the areas' in refused(folder, text)


def test_with_areas_the_index_is_of_them_and_neighbours_fill_gaps(folder: Path):
    cells = lea.build_grid((300_000, 6_800_000, 300_500, 6_800_500), cell_size=250)
    cells.reset_index().to_file(folder / "areas.gpkg", driver="GPKG")
    rows = "".join(f"{i};{value}\n" for i, value in zip(cells.index, ("", 1, 3, 9), strict=True))
    (folder / "table.csv").write_text(f"id;trust\n{rows}1kmN9E9;7\n", "utf-8")
    said = '[spatial]\ngraph = "rook"\n[composite]\nimpute = "neighbours"\n'
    said += '[[composite.indicators]]\ncode = "trust"\ndirection = "protects"\n'
    made = make_index(load_index(write(folder, AREAS + TABLES + said)))
    assert made.result.table.index.tolist() == cells.index.tolist()
    assert made.result.log.iloc[0]["after"] == 2, "of its two rook neighbours"
    assert "1 rows of the table of trust have no area: 1kmN9E9." in made.notes


@pytest.mark.real
def test_all_postal_areas_of_finland_get_two_ledgers_from_a_file_without_boundaries(
    tmp_path: Path, finland: Path
):
    text = '[[tables]]\npath = "paavo_2018_whole_country.csv"\narea_id = "postinumero"\n[composite]\n'
    text += 'levels = ["phenomenon", "domain"]\nledgers = true\nnormalise = "percentile_rank"\n'
    made = make_index(load_index(write(tmp_path, text), data=finland)).result
    assert len(made.table) == 3030
    assert made.table["load_rank"].max() <= made.table["load"].notna().sum() > 2900
    assert (made.table["place"] == "").equals(made.table[["load", "resource"]].isna().any(axis=1))
    domains = made.weights[(made.weights["level"] == "domain") & (made.weights["parent"] == "load")]
    assert domains["effective"].sum() == pytest.approx(1)
