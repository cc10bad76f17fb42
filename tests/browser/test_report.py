"""The report as a council meets it: on a desk, on a phone, on paper; and its every number is in the files."""

import re
from dataclasses import replace

import numpy as np
import pypdfium2
import pytest
from axe import violations
from chrome import DESKTOP, PHONE, Log
from report_numbers import Blocks, missing, of_csv, of_geopackage, of_settings, of_texts, printed

import lea_geo as lea
from lea_geo import synthetic
from lea_geo.chapter import CHAPTERS
from lea_geo.export.geopackage import write_geopackage
from lea_geo.export.table import write_tables
from lea_geo.report import write_report
from lea_geo.schema import LANGUAGES

STUDY = """
[inequality]
indicators = ["low_income_households", "unemployment", "median_income_households"]
rank_by = "median_income_households"
runs = 99

[segregation]
indicators = ["low_income_households", "unemployment"]
scales = [2000, 8000]
runs = 99

[change]
indicators = ["low_income_households", "unemployment", "median_income_households"]
runs = 99

[trends]
indicators = ["low_income_households", "unemployment"]
permutations = 19

[types]
parts = ["households_under_school_age", "households_school_age", "households_teenagers"]
k_most = 4
runs = 10
worlds = 19

[types.regions]
k = 5

[drivers]
outcome = "low_income_households"
indicators = ["basic_education_only", "unemployment", "rental_housing"]
folds = 4
repeats = 1
runs = 20

[targeting]
need = "low_income_households"
choose = 8
alternatives = ["unemployment"]
budget = 300000
unit = 100
draws = 100

[access]
need = "low_income_households"
choose = 2
radius = 3000
draws = 100

[access.services]
path = "services.csv"
id = "service_id"
capacity = "capacity"
name = { fi = "name_fi", sv = "name_sv", en = "name_en" }
only = { kind = ["family_centre"] }
"""
INDICATORS = (
    "low_income_households", "median_income_households", "unemployment", "basic_education_only",
    "rental_housing", "households_under_school_age", "households_school_age", "households_teenagers",
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A study of the made-up region with every chapter: its report, tables and GeoPackage."""
    home = tmp_path_factory.mktemp("report")
    file = synthetic.write_world(home / "world")
    said = file.read_text("utf-8")
    # What lies on postal areas, three years of it; no index, no other areas, and nothing drawn again.
    own = said[: said.index("# One number of")].replace(
        "synthetic = true", f"synthetic = true\nindicators = {list(INDICATORS)}".replace("'", '"')
    )
    file.write_text(own + STUDY, encoding="utf-8")
    findings = lea.run(file).findings
    write_tables(findings, home / "tables")
    write_geopackage(findings, home / "study.gpkg")
    write_report(findings, home / "report.html")
    return home, findings


@pytest.fixture(scope="module")
def pages(folder):
    return folder[0] / "report.html"


@pytest.fixture
def opened_report(running, pages):
    """Open the report in a language and yield the page."""
    shown = []

    def show(language, viewport):
        page = running.new_page(viewport=viewport)
        log = Log()
        log.listen(page)
        page.goto(pages.as_uri())
        page.click(f"label[for=in-{language}]")
        shown.append((page, log))
        return page

    yield show
    for page, log in shown:
        assert log.errors == []
        assert log.requests == [pages.as_uri()]
        page.close()


@pytest.mark.browser
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing_in_a_report_with_every_chapter_and_all_of_it_open(
    opened_report, axe, language, viewport
):
    page = opened_report(language, viewport)
    assert page.locator(f".in-{language} section svg").count() >= len(CHAPTERS)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    assert violations(page, axe) == []


@pytest.mark.browser
@pytest.mark.parametrize("language", LANGUAGES)
def test_on_paper_no_chart_is_cut_in_two_and_no_page_is_blank(opened_report, language):
    page = opened_report(language, DESKTOP)
    charts = page.locator(f".in-{language} figure").count()
    # Lines above and below every chart, in colours that nothing else has, tell on which page either end is.
    page.add_style_tag(
        content="figure { border: solid; border-width: 3px 0; border-color: #ff00fe transparent #00fe01; }"
    )
    content = page.pdf(prefer_css_page_size=True)
    with pypdfium2.PdfDocument(content) as document:
        texts = [one.get_textpage().get_text_bounded().strip() for one in document]
        pictures = [np.asarray(one.render(scale=1).to_pil().convert("RGB")).astype(int) for one in document]
    assert all(texts)
    tops, bottoms = (
        [_bands(picture, colour) for picture in pictures] for colour in ((255, 0, 254), (0, 254, 1))
    )
    assert tops == bottoms
    assert sum(tops) == charts > 0


def _bands(picture, colour):
    """Return how many bands of a colour lie below one another."""
    rows = (np.abs(picture - np.array(colour)).sum(axis=2) < 90).sum(axis=1) > 100
    return int((rows[1:] & ~rows[:-1]).sum() + rows[0])


@pytest.mark.browser
def test_what_is_folded_up_opens_by_the_keyboard(opened_report):
    page = opened_report("en", DESKTOP)
    folded = page.locator(".in-en section details").first
    folded.locator("summary").focus()
    page.keyboard.press("Enter")
    assert folded.evaluate("one => one.open")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_number_of_a_finding_stands_in_its_own_table(folder, language):
    home, findings = folder
    lost = []
    for chapter in findings.chapters:
        stated = of_settings(chapter.settings) | of_texts(
            "lea_geo.chapters", f"{chapter.code}.toml", language
        )
        for said in chapter.statements:
            both = f"{said.text.in_language(language)} {said.because.in_language(language)}"
            named = [one.code for one in findings.indicators if one.name.in_language(language) in both]
            own = of_csv(home / "tables" / f"{said.table}.csv", named)
            stored = of_geopackage(home / "study.gpkg", said.table, named)
            lost += [(said.table, both, number) for number in missing(both, language, own | stated)]
            lost += [(said.table, both, number) for number in missing(both, language, stored | stated)]
    assert not lost


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_number_of_a_chapter_as_printed_stands_in_the_tables(folder, pages, language):
    home, findings = folder
    said = Blocks(pages.read_text("utf-8"), language).said
    assert list(said) == [one.code for one in findings.chapters] == list(CHAPTERS)
    lost = []
    for chapter in findings.chapters:
        held = of_settings(chapter.settings) | of_texts("lea_geo.chapters", f"{chapter.code}.toml", language)
        held = held | of_settings([len(chapter.tables), len(chapter.statements) - 8, len(chapter.notes)])
        for one in chapter.tables:
            held = held | of_csv(home / "tables" / f"{one.name}.csv")
        lost += [
            (chapter.code, text, n) for text in said[chapter.code] for n in missing(text, language, held)
        ]
    assert not lost


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_findings_count_labels_as_the_tables_have_them(folder, language):
    home, findings = folder
    write_report(replace(findings, chapters=()), home / "places.html")  # or chapters would crowd them out
    page = (home / "places.html").read_text("utf-8")
    own = page[page.index(f'<div class="spoken in-{language}"') :]
    first = own[own.index('<ol class="findings">') : own.index("</ol>")]
    places = re.findall(rf'<li>(.*?)<a href="#{language}-((?!chapter)\w+)"', first)
    assert places
    for text, code in places:
        held = of_csv(home / "tables" / f"{code}.csv") | of_texts("lea_geo", "report.toml", language)
        plain = re.sub("<[^>]+>", " ", text)
        assert missing(plain, language, held) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_number_that_is_nowhere_is_found_out(folder, language):
    """The search has teeth: a number that is changed in its second digit is missed in most sentences."""
    home, findings = folder
    tried = found = 0
    for chapter in findings.chapters:
        stated = of_settings(chapter.settings) | of_texts(
            "lea_geo.chapters", f"{chapter.code}.toml", language
        )
        for said in chapter.statements:
            text = said.text.in_language(language)
            named = [one.code for one in findings.indicators if one.name.in_language(language) in text]
            held = of_csv(home / "tables" / f"{said.table}.csv", named) | stated
            for number, _ in printed(text, language):
                if len(re.sub(r"\D", "", number)) >= 3:
                    wrong = (
                        number[0] + str((int(number[1]) + 5) % 10) + number[2:] if number[1].isdigit() else ""
                    )
                    tried += bool(wrong)
                    found += bool(wrong) and bool(missing(wrong, language, held))
    assert tried > 20
    assert found > 0.5 * tried


def test_a_chapter_says_its_most_weighty_findings_first_and_keeps_the_rest_at_hand(folder, tmp_path):
    _, findings = folder
    chapter = max(findings.chapters, key=lambda one: len(one.statements))
    assert len(chapter.statements) > 8
    write_report(replace(findings, chapters=(chapter,)), tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text("utf-8")
    section = page[page.index(f'<section id="en-chapter-{chapter.code}"') :]
    open_, folded = section[: section.index("<details>")], section[section.index("<details>") :]
    assert open_.count("<li>") == 8
    rest = folded[: folded.index("</details>")]
    assert rest.count("<li>") == len(chapter.statements) - 8
    assert f"Other findings: {len(chapter.statements) - 8}" in rest
