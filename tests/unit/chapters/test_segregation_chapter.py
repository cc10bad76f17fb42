"""The chapter of segregation: what it says, how sure it is, and what it does without."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from small_findings import IDS, indicator, small_findings

from lea_geo._checks import Faults
from lea_geo._checks.chapters import chapter_faults
from lea_geo._checks.spec import Keys
from lea_geo.chapter_specs.segregation import SCALES, SegregationSpec, read_segregation
from lea_geo.chapters.ground import Ground
from lea_geo.chapters.segregation import build
from lea_geo.chapters.segregation_measured import group_counts
from lea_geo.inputs_spec import AreasSpec, TableSpec
from lea_geo.schema import LANGUAGES, RESULT_COLUMNS, Text
from lea_geo.spec import StudySpec

PEOPLE = np.array([400, 380, 420, 300, 500, 410, 390, 450, 350, 320, 0, 60], dtype=float)
EVEN, APART = np.full(12, 0.2), np.array([0.5, 0.5, 0.5, 0.4, 0.1, 0.1, 0.1, 0.1, 0.05, 0.05, 0.1, 0.3])


def cells(shares, hidden=(), people=PEOPLE):
    """Return results of an indicator whose numerators are the shares of the people; some are hidden."""
    frame = pd.DataFrame(np.nan, index=pd.Index(IDS, name="area_id"), columns=list(RESULT_COLUMNS))
    words = [name for name in RESULT_COLUMNS if name.endswith(("status", "label", "doubt", "grade"))]
    frame[words] = frame[words].astype(object)
    frame["numerator"] = np.round(shares * people)
    frame["denominator"] = people
    frame["value"] = 100 * frame["numerator"] / frame["denominator"].where(frame["denominator"] > 0)
    frame["status"] = "observed"
    for area in hidden:
        frame.loc[area, ["value", "numerator"]] = np.nan
        frame.loc[area, ["lower", "upper", "status"]] = [0.0, 5.0, "suppressed"]
    return frame


def ground(years, indicators):
    """Return the small world with these results by year."""
    base = replace(small_findings(), indicators=tuple(indicators), others=(), level="postal")
    made = [replace(base, results=results, year=year) for year, results in years.items()]
    no = Text("-", "-", "-")
    spec = StudySpec(name=no, areas=AreasSpec("areas.gpkg", "id"), tables=(TableSpec("t.csv", "id"),))
    return Ground.of(replace(made[-1], others=tuple(made[:-1])), spec)


CODES = [indicator("apart", "Apart"), indicator("even", "Even")]
"""The group of the first grows apart between the years, that of the second lives evenly."""


@pytest.fixture(scope="module")
def chapter():
    grown = {
        "2020": {"apart": cells(EVEN), "even": cells(EVEN)},
        "2024": {"apart": cells(APART, hidden=[IDS[8]]), "even": cells(EVEN)},
    }
    here = ground(grown, CODES)
    return here, build(here, SegregationSpec(scales=(2500.0, 6000.0), runs=99))


def test_the_chapter_is_one_that_files_can_hold(chapter):
    here, told = chapter
    assert chapter_faults([told], here.areas) == []
    assert [table.name for table in told.tables] == [
        "segregation_summary",
        "segregation_indices",
        "segregation_profile",
        "segregation_change",
        "segregation_areas",
    ]
    assert told.settings["seed"] == here.seed
    assert "Apart" in " ".join(said.text.en for said in told.statements)


def test_unevenness_is_that_of_the_published_counts(chapter):
    _, told = chapter
    rows = told.table("segregation_summary").frame.set_index(["indicator", "year"])
    kept = PEOPLE > 0
    kept[8] = False
    group, rest = np.round(APART * PEOPLE)[kept], (PEOPLE - np.round(APART * PEOPLE))[kept]
    by_hand = np.abs(group / group.sum() - rest / rest.sum()).sum() / 2
    assert rows["value"]["apart", 2024] == pytest.approx(by_hand)
    assert rows["left_out"]["apart", 2024] == 1
    assert rows["areas"]["apart", 2024] == 10
    # the hidden share is 0 to 5 per cent of 350: at most 17 people, in one of the areas with the fewest
    assert rows["hidden_lower"]["apart", 2024] < rows["hidden_upper"]["apart", 2024]
    assert rows["p_value"]["apart", 2024] == pytest.approx(0.01)
    assert rows["p_value"]["even", 2024] > 0.5


def test_what_is_noise_is_said_to_be_noise(chapter):
    _, told = chapter
    said = {statement.text.en: statement for statement in told.statements}
    chance = next(text for text in said if "cannot be told from chance" in text and "since" not in text)
    assert chance.startswith("Even (en): ")
    assert said[chance].certainty == "unsure"
    apart = next(text for text in said if "less evenly" in text)
    assert apart.startswith("Apart (en): the group lives less evenly than in 2020. ")
    assert said[apart].certainty == "firm"


def test_the_change_is_made_of_its_parts(chapter):
    _, told = chapter
    rows = told.table("segregation_change").frame.set_index("indicator")
    assert (rows["composition"] + rows["rate"]).tolist() == pytest.approx(rows["change"].tolist())
    assert (rows["after"] - rows["before"]).tolist() == pytest.approx(rows["change"].tolist())
    areas = told.table("segregation_areas").frame
    both = areas[["apart_composition", "apart_rate"]].sum(axis=1).sum()
    assert both == pytest.approx(rows["change"]["apart"])
    assert areas["apart_excess"].sum() == pytest.approx(0, abs=1e-6)
    assert np.isnan(areas["apart_excess"][IDS[8]])


def test_every_number_of_a_sentence_stands_in_its_table(chapter):
    _, told = chapter
    for said in told.statements:
        frame = told.table(said.table).frame
        numbers = frame.select_dtypes("number").to_numpy().ravel()
        known = np.concatenate([numbers, 100 * numbers])
        known = known[np.isfinite(known)]
        found = re.findall(r"\d[\d,]*(?:\.\d+)?", said.text.en)
        assert found or said.certainty == "unsure"
        for written in found:
            number, decimals = float(written.replace(",", "")), len(written.partition(".")[2])
            assert (np.abs(np.abs(known) - number) <= 0.51 * 10.0**-decimals).any(), (written, said.text.en)


def test_one_year_has_no_change():
    here = ground({"2024": {"apart": cells(APART)}}, CODES[:1])
    told = build(here, SegregationSpec(scales=(4000.0,), runs=99))
    assert "segregation_change" not in {table.name for table in told.tables}
    assert chapter_faults([told], here.areas) == []
    assert not any("since" in said.text.en for said in told.statements)


def test_what_counts_no_part_of_a_whole_is_left_out_and_said_so():
    here = ground({"2024": {"apart": cells(np.full(12, 1.5))}}, CODES[:1])
    told = build(here, SegregationSpec(runs=99))
    assert told.notes == ("apart is left out: what it counts is no part of what it is divided by.",)
    assert told.statements == ()
    assert chapter_faults([told], here.areas) == []


def test_a_group_that_is_known_nowhere_is_left_out_and_said_so():
    here = ground({"2024": {"apart": cells(APART, hidden=IDS)}}, CODES[:1])
    told = build(here, SegregationSpec(runs=99))
    assert told.notes[0].startswith("apart is left out: Segregation cannot be measured")


def test_hidden_counts_lie_between_what_their_shares_allow():
    found = group_counts(cells(APART, hidden=[IDS[0], IDS[1]]), 100.0)
    assert found.loc[IDS[0], ["lower", "upper"]].tolist() == [0, 20]  # 5 % of 400
    assert found.loc[IDS[1], ["lower", "upper"]].tolist() == [0, 19]  # 5 % of 380
    assert found.loc[IDS[2], ["lower", "upper"]].tolist() == [210, 210]


def test_the_same_findings_give_the_same_chapter():
    here = ground({"2024": {"apart": cells(APART)}}, CODES[:1])
    one, other = (build(here, SegregationSpec(scales=(4000.0,), runs=99)) for _ in range(2))
    for table in one.tables:
        pd.testing.assert_frame_equal(table.frame, other.table(table.name).frame, check_exact=True)
    assert one.statements == other.statements


def test_no_text_has_a_placeholder_left(chapter):
    _, told = chapter
    texts = [one for said in told.statements for one in (said.text, said.because)]
    texts += [column.title for table in told.tables for column in table.columns]
    assert not [one for one in texts if any("{" in one.in_language(name) for name in LANGUAGES)]


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("scales = [0, 2000]", "scales has a number that is not above 0"),
        ("runs = 5", "runs"),
        ("radius = 5", "radius"),
    ],
)
def test_what_a_study_file_says_wrongly_is_refused_in_words(file, said):
    faults = Faults()
    read_segregation(Keys(tomllib.loads(file), "[segregation]", faults, Path()))
    assert said in str(faults.found[0])


def test_a_study_file_is_read():
    faults = Faults()
    file = 'indicators = ["apart"]\nscales = [4000, 500]\nruns = 199'
    assert read_segregation(Keys(tomllib.loads(file), "[segregation]", faults, Path())) == SegregationSpec(
        ("apart",), (500.0, 4000.0), 199
    )
    assert read_segregation(Keys({}, "[segregation]", faults, Path())) == SegregationSpec(scales=SCALES)
    assert not faults.found
