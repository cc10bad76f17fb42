"""A chapter made by hand for the small findings: every kind of column, place, chart and certainty."""

from dataclasses import replace

import numpy as np
import pandas as pd
from small_findings import IDS, SUPPRESSED, whole_findings

from lea_geo.chapter import YES, Chapter, ChapterTable, Chart, Column, Statement
from lea_geo.schema import Text


def text(name):
    """Return a text that says its language."""
    return Text(f"{name} (fi)", f"{name} (sv)", f"{name} (en)")


WORDS = {"risen": text("risen"), "fallen": text("fallen")}
COLOURS = {"risen": "#e66101", "fallen": "#5e3c99"}


def _by_area():
    difference = pd.Series(np.linspace(-0.03, 0.025, 12), index=pd.Index(IDS, name="area_id", dtype="str"))
    difference[SUPPRESSED] = np.nan
    word = difference.map(lambda one: "risen" if one > 0.012 else "fallen" if one < -0.012 else "")
    columns = (
        Column("difference", text("Difference"), unit="share", decimals=1, scale="diverging"),
        Column("word", text("In a word"), kind="word", words=WORDS, colours=COLOURS),
        Column("surely", text("Surely"), kind="flag"),
    )
    frame = pd.DataFrame({"difference": difference, "word": word.astype("str")})
    frame["surely"] = np.where(frame["word"] != "", YES, "")
    frame["surely"] = frame["surely"].astype("str")
    return ChapterTable(
        name="change_income",
        title=text("Change by area"),
        explanation=text("What has changed in each area"),
        columns=columns,
        frame=frame,
        place="areas",
        shows=("word", "difference"),
    )


def _plain():
    columns = (
        Column("code", text("Indicator"), kind="indicator"),
        Column("place", text("Where"), kind="municipality"),
        Column("said", text("Said"), kind="text"),
        Column("year", text("Year"), decimals=0),
        Column(
            "gap", text("Gap"), unit="percentage_points", decimals=1, explanation=text("Between the ends")
        ),
        Column("lower", text("Lower end"), unit="percentage_points", decimals=1),
        Column("upper", text("Upper end"), unit="percentage_points", decimals=1),
        Column("p_value", text("p"), unit="probability", decimals=3),
    )
    frame = pd.DataFrame(
        {
            "code": ["low_income", "low_income", "low_income"],
            "place": ["", "Rantala", "Salmela"],
            "said": ["=1+1", "<b>bold</b>", ""],
            "year": [2018.0, 2020.0, 2022.0],
            "gap": [4.25, 5.5, np.nan],
            "lower": [3.0, 4.5, np.nan],
            "upper": [5.5, 6.5, np.nan],
            "p_value": [0.0004, 0.5, np.nan],
        }
    ).astype(dict.fromkeys(("code", "place", "said"), "str"))
    return ChapterTable("change_gaps", text("Gaps"), text("How the gap has moved"), columns, frame)


def _points():
    columns = (
        Column("site", text("Site"), kind="text"),
        Column("x", text("East"), unit="metres", decimals=0),
        Column("y", text("North"), unit="metres", decimals=0),
        Column("reached", text("Reached"), unit="count", decimals=0, scale="sequential"),
    )
    frame = pd.DataFrame(
        {
            "site": ["Satama", "O'Hara [% 1 %]"],
            "x": [221_000.0, 225_000.0],
            "y": [7_000_700.0, 7_002_000.0],
            "reached": [120.0, 80.0],
        }
    ).astype({"site": "str"})
    return ChapterTable(
        "change_sites", text("Sites"), text("Where"), columns, frame, place="points", shows=("reached",)
    )


def chapter(**changes):
    """Return the chapter."""
    plain = Chapter(
        code="change",
        title=text("Change"),
        question=text("What has changed?"),
        method=text("Each area with itself."),
        tables=(_by_area(), _plain(), _points()),
        charts=(
            Chart(
                "lines", "change_gaps", text("The gap by year"), "year", "gap", "lower", "upper", by="code"
            ),
            Chart("intervals", "change_gaps", text("The gap, once more"), "gap", "place", "lower", "upper"),
            Chart("bars", "change_sites", text("Reached"), "site", "reached"),
            Chart("curve", "change_gaps", text("As a curve"), "year", "gap"),
            Chart("matrix", "change_gaps", text("As a matrix"), "code", "place", by="gap"),
        ),
        statements=(
            Statement(text("The gap is 5.5"), "firm", text("Interval 4.5 to 6.5"), "change_gaps", 0.9),
            Statement(text("Perhaps 80 are reached"), "likely", text("One model"), "change_sites", 0.6),
            Statement(text("Nothing can be told"), "unsure", text("Too few"), "change_income", 0.1),
        ),
        limits=(text("This says nothing of families."),),
        settings={"from": "2018", "level": 0.95, "codes": ["income"]},
        notes=("One area was left out.",),
    )
    return replace(plain, **changes)


def findings_with_chapter(**changes):
    """Return the small findings with the chapter."""
    return replace(whole_findings(), chapters=(chapter(**changes),))
