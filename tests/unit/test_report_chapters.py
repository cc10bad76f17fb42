"""The report's chapters: findings with how sure they are, charts, and tables of what stands in the files."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from defusedxml import ElementTree
from report_page import CHAPTERS, CHARTS, HOSTILE, Page
from small_chapters import chapter, findings_with_chapter, text

from lea_geo._report_charts import draw, nice_ticks
from lea_geo._report_words import Words
from lea_geo.chapter import Chapter, ChapterTable, Chart, Column, Statement
from lea_geo.report import write_report
from lea_geo.schema import Text


@pytest.fixture
def written(tmp_path):
    def write(findings):
        write_report(findings, tmp_path / "report.html")
        return (tmp_path / "report.html").read_text("utf-8")

    return write


def in_english(page):
    """Return the part of a page that is in English."""
    return page[page.index('<div class="spoken in-en"') :]


def test_a_chapter_asks_answers_and_says_what_it_cannot_tell_in_every_language(written):
    page = Page(written(findings_with_chapter()))
    assert page.tags <= CHAPTERS
    assert len(page.ids) == len(set(page.ids))
    assert all(link.startswith("#") and link[1:] in page.ids for link in page.links)
    for language in ("fi", "sv", "en"):
        for said in (
            "What has changed?",
            "The gap is 5.5",
            "This says nothing of families.",
            "Each area with itself.",
        ):
            assert f"{said} ({language})" in page.text


def test_findings_come_by_weight_each_with_how_sure_it_is_and_why(written):
    page = in_english(written(findings_with_chapter()))
    first = page[page.index('<ol class="findings">') : page.index("</ol>")]
    order = [
        first.index(said) for said in ("The gap is 5.5 (en)", "Perhaps 80 are reached", "Nothing can be told")
    ]
    assert order == sorted(order)
    marks = re.findall(r'class="certainty (\w+)"', first)
    assert marks[0] == "firm"
    assert marks[-1] == "unsure"
    assert "Interval 4.5 to 6.5 (en)" in first


def test_ten_findings_at_most_and_some_of_every_chapter_before_more_of_one(written):
    many = tuple(Statement(text(f"Thing {k}"), "firm", text("x"), "change_gaps", 0.99) for k in range(15))
    findings = findings_with_chapter(statements=many)
    other = Chapter(
        code="trends",
        title=text("Trends"),
        question=text("q"),
        method=text("m"),
        tables=(replace(chapter().tables[1], name="trends_gaps"),),
        statements=(Statement(text("A trend"), "likely", text("y"), "trends_gaps", 0.2),),
    )
    page = in_english(written(replace(findings, chapters=(*findings.chapters, other))))
    first = page[page.index('<ol class="findings">') : page.index("</ol>")]
    assert first.count("<li>") == 10
    assert "A trend (en)" in first


def test_a_table_by_area_is_counted_by_its_words_and_the_file_is_named(written):
    page = Page(written(findings_with_chapter()))
    assert "tables/change_income.csv" in page.text
    # Twelve values in steps of 0.5 from -3 to 2.5 per cent: three are above 1.2, and four below -1.2.
    assert "risen (en) 3 fallen (en) 4" in page.text


def test_numbers_are_written_as_each_language_writes_them(written):
    page = Page(written(findings_with_chapter()))
    assert "5,5" in page.text
    assert "< 0.001" in page.text


def test_hostile_names_in_a_chapter_are_text(written):
    for hostile in HOSTILE:
        said = Text(hostile, hostile, hostile)
        own = chapter()
        tables = tuple(replace(one, title=said, explanation=said) for one in own.tables)
        gaps = tables[1].frame.assign(said=hostile)
        tables = (tables[0], replace(tables[1], frame=gaps.astype({"said": "str"})), tables[2])
        charts = tuple(replace(one, title=said) for one in own.charts)
        statements = (Statement(said, "firm", said, "change_gaps", 1.0),)
        odd = findings_with_chapter(
            title=said,
            question=said,
            method=said,
            tables=tables,
            charts=charts,
            statements=statements,
            limits=(said,),
        )
        page = Page(written(odd))
        assert page.tags <= CHAPTERS
        assert not {name for name in page.attributes if name.startswith("on")}
        assert all(link.startswith("#") for link in page.links)


def _said(column, value):
    return column.title.en if value is None else str(value)


def _drawn(chart, columns, frame):
    table = ChapterTable("change_x", text("x"), text("x"), columns, frame)
    return draw(chart, table, _said, "en", "A chart")


def test_a_dot_and_its_interval_are_drawn_where_the_axis_has_them():
    columns = (
        Column("name", text("name"), kind="text"),
        *(Column(name, text(name), decimals=0) for name in ("value", "low", "high")),
    )
    frame = pd.DataFrame({"name": ["a"], "value": [5.0], "low": [0.0], "high": [10.0]}).astype(
        {"name": "str"}
    )
    svg = ElementTree.fromstring(
        _drawn(Chart("intervals", "change_x", text("t"), "value", "name", "low", "high"), columns, frame)
    )
    dot = svg.find("circle")
    whisker = next(line for line in svg.findall("line") if line.get("stroke-width") == "3")
    # The axis runs from 0 to 10, and 5 is halfway.
    halfway = (float(whisker.get("x1")) + float(whisker.get("x2"))) / 2
    assert float(dot.get("cx")) == pytest.approx(halfway, abs=0.1)
    labels = [one.text for one in svg.findall("text")]
    assert {"0", "10", "a"} <= set(labels)


def test_a_chart_without_numbers_is_not_drawn():
    columns = (Column("name", text("name"), kind="text"), Column("value", text("value")))
    frame = pd.DataFrame({"name": ["a"], "value": [np.nan]}).astype({"name": "str"})
    for kind, x, y in (
        ("bars", "name", "value"),
        ("intervals", "value", "name"),
        ("lines", "value", "value"),
    ):
        assert _drawn(Chart(kind, "change_x", text("t"), x, y), columns, frame) == ""


def test_lines_differ_by_their_marks_and_not_by_colour_alone():
    columns = (
        Column("who", text("who"), kind="text"),
        Column("year", text("year"), decimals=0),
        Column("value", text("value"), decimals=1),
    )
    frame = pd.DataFrame(
        {"who": ["a", "a", "b", "b"], "year": [2018.0, 2020.0] * 2, "value": [1.0, 2.0, 3.0, 4.0]}
    )
    svg = ElementTree.fromstring(
        _drawn(
            Chart("lines", "change_x", text("t"), "year", "value", by="who"),
            columns,
            frame.astype({"who": "str"}),
        )
    )
    assert {one.tag for one in svg} <= CHARTS
    assert svg.find("circle") is not None
    assert svg.find("polygon") is not None
    assert {"2018", "2020", "a", "b"} <= {one.text for one in svg.findall("text")}


@pytest.mark.parametrize(
    ("low", "high"), [(0, 1), (-3, 7), (0.001, 0.0042), (12_345, 99_999), (-1e-9, 1e-9), (5, 5), (0, 0)]
)
def test_ticks_span_the_numbers_in_even_round_steps(low, high):
    ticks = nice_ticks(low, high)
    assert ticks[0] <= low
    assert ticks[-1] >= high
    assert np.allclose(np.diff(ticks), ticks[1] - ticks[0])
    assert 2 <= len(ticks) <= 8


def test_the_ethical_ledger_names_every_indicator_and_who_reviewed_it(written):
    findings = findings_with_chapter()
    page = in_english(written(findings))
    ledger = page[page.index("Ethical ledger") :]
    words = Words("en", findings)
    for indicator in findings.indicators:
        assert words.of(indicator.name) in ledger
    assert "Nobody has reviewed this note yet." in ledger
