"""The report says in three languages what was found and how sure it is, and runs nothing."""

from dataclasses import replace

import numpy as np
import pytest
from report_page import ALLOWED, HOSTILE, Page
from small_findings import small_findings

from lea_geo import schema
from lea_geo.errors import OutputError
from lea_geo.report import MOST_AREAS, write_report
from lea_geo.schema import EthicalNote, Text
from lea_geo.texts import read_texts


@pytest.fixture
def findings():
    small = small_findings()
    columns = list(schema.RESULT_COLUMNS)
    return replace(
        small, results={code: frame.reindex(columns=columns) for code, frame in small.results.items()}
    )


@pytest.fixture
def report(tmp_path):
    def written(findings):
        write_report(findings, tmp_path / "report.html")
        return Page((tmp_path / "report.html").read_text("utf-8"))

    return written


def test_the_page_has_three_languages_and_no_address_but_its_own(findings, report):
    page = report(findings)
    assert page.tags <= ALLOWED
    assert len(page.ids) == len(set(page.ids))
    assert page.links
    assert all(link.startswith("#") and link[1:] in page.ids for link in page.links)
    for title in findings.title.as_dict().values():
        assert title in page.text


def test_made_up_data_are_called_so_in_every_language_and_real_data_are_not(findings, report):
    words = ("Keksittyä aineistoa.", "Påhittade uppgifter.", "Made-up data.")
    assert all(word in report(findings).text for word in words)
    assert not any(word in report(replace(findings, synthetic=False)).text for word in words)


def test_the_numbers_are_those_of_the_summary_in_each_languages_spelling(findings, report):
    summary = findings.summary.copy()
    known = {
        "n_areas": 12,
        "n_observed": 9,
        "n_missing": 1,
        "n_suppressed": 1,
        "n_not_applicable": 1,
        "n_isolates": 1,
    }
    numbers = {
        "median": 12.04,
        "minimum": -0.04,
        "maximum": 31.25,
        "moran_expected": -0.1,
        "moran_p_value": 0.00001,
    }
    for name, value in (known | numbers).items():
        summary.loc["low_income", name] = value
    summary.loc["income", "median"] = 27_789.5
    text = report(replace(findings, summary=summary)).text
    assert "The value is known for 9 areas of 12. Missing: 1. Withheld: 1." in text
    assert "The median of the areas is 12.0%, the smallest value 0.0% and the largest 31.2%." in text
    assert "Områdenas median är 12,0 %, det minsta värdet 0,0 % och det största 31,2 %." in text.replace(
        "\xa0", " "
    )
    assert "Areas close together are more alike than by chance (Moran's I 0.432, p < 0.001)." in text
    assert "27 790 €" in text.replace("\xa0", " ")
    assert "€27,790" in text


@pytest.mark.parametrize(
    ("moran", "p", "sentence"),
    [
        (
            0.4,
            0.2,
            "an effect of place cannot be told apart from chance (Moran's I 0.400, p 0.200); that does not",
        ),
        (-0.4, 0.01, "less alike than by chance (Moran's I \N{MINUS SIGN}0.400, p 0.010)"),
        (np.nan, np.nan, "There is no statistical test. Every value is the same."),
    ],
)
def test_a_sentence_says_what_morans_i_of_the_region_means(findings, report, moran, p, sentence):
    summary = findings.summary.copy()
    summary.loc["low_income", ["moran_statistic", "moran_expected", "moran_p_value"]] = [moran, -0.1, p]
    summary.loc["low_income", "reason"] = "Every value is the same."
    assert sentence in report(replace(findings, summary=summary)).text


def test_areas_told_apart_from_chance_are_named_with_both_q_values_the_surest_first(findings, report):
    frame = findings.results["low_income"].copy()
    labels = ["local_moran_label", "local_g_star_label"]
    q_values = ["local_moran_q_value", "local_g_star_q_value"]
    frame[labels] = "Not significant"
    frame.loc["65000", [*labels, *q_values]] = ["High-High", "High-High", 0.02, 0.03]
    frame.loc["65040", [*labels, *q_values]] = ["Low-Low", "Low-Low", 0.011, 0.012]
    text = report(replace(findings, results={**findings.results, "low_income": frame})).text
    english = text[text.index("2 areas can be told apart from chance") :]
    assert english.index("65040, Rantala") < english.index("65000, Rantala")
    assert "High, surrounded by high q 0.020 Hot spot: high values gather q 0.030" in english.replace(
        "\xa0", " "
    )
    assert "on average at most 5% are false alarms." in english
    assert "No area can be told apart from chance. That does not prove" in english


@pytest.mark.parametrize(
    ("correction", "named", "alarms"),
    [
        (
            "bh",
            "q-value (Benjamini and Hochberg 1995) is at most 0.05. Then, on average,",
            "on average at most 5%",
        ),
        (
            "by",
            "q-value (Benjamini and Yekutieli 2001) is at most 0.05. Then, on average,",
            "on average at most 5%",
        ),
        ("holm", "q-value (Holm 1979) is at most 0.05. Then the probability that even one", "is at most 5%."),
        ("none", "when its p-value is at most 0.05. Of the areas where there is nothing", "all the same."),
    ],
)
def test_what_the_correction_for_many_tests_controls_is_said_in_plain_words(
    findings, report, correction, named, alarms
):
    frame = findings.results["low_income"].copy()
    labels = ["local_moran_label", "local_g_star_label"]
    frame[labels] = "Not significant"
    frame.loc["65000", labels] = "High-High"
    changed = replace(
        findings,
        results={**findings.results, "low_income": frame},
        settings={**findings.settings, "correction": correction},
    )
    text = report(changed).text
    assert named in text
    assert "One area can be told apart from chance." in text
    assert alarms in text[text.index("One area can be told apart from chance.") :][:200]
    assert ("false alarms" in text) == (correction != "holm")


def test_where_nobody_says_how_areas_were_labelled_nothing_is_claimed(findings, report):
    for settings in ({}, {"fdr": 0.05, "correction": "tea leaves"}):
        text = report(replace(findings, settings=settings)).text
        assert "false alarm" not in text
        assert "An area is named when" not in text


def test_the_report_says_what_p_values_are_and_that_no_label_rests_on_the_mid_p(findings, report):
    text = report(findings).text
    assert "as large or larger, or as small or smaller, whichever is less likely" in text
    assert "mid-p (p_mid), in which an equal result counts only by half" in text


def test_an_area_with_hidden_neighbours_says_so_and_others_do_not(findings, report):
    frame = findings.results["low_income"].copy()
    labels = ["local_moran_label", "local_g_star_label"]
    frame[labels] = "Not significant"
    frame.loc[["65000", "65110"], labels] = "High-High"
    text = report(replace(findings, results={**findings.results, "low_income": frame})).text
    # 65000 is a corner of the small world with three neighbours; 65110 is its island.
    assert "65000, Rantala ) No published value for 1 of 3 neighbours." in text
    assert "1 av 3 grannar saknar publicerat värde." in text
    assert "Naapureita 3, joista ilman julkaistua arvoa 1." in text
    assert text.count("No published value for") == 1


def test_a_value_shows_its_interval_and_its_possible_ranks_where_counts_give_them(findings, report):
    text = report(findings).text.replace("\xa0", " ")
    # 219 of 700 in 65000: Wilson's interval 27.96 to 34.81; it and two more cannot be told apart at the top.
    assert "31.2% 28.0–34.8% rank 1–3 of 9" in text
    assert "31,2 % 28,0–34,8 % plats 1–3 av 9" in text
    assert "31,2 % 28,0–34,8 % sija 1–3 / 9" in text
    bare = findings.results["low_income"].assign(rank_lower=np.nan, rank_upper=np.nan)
    assert "rank 1" not in report(replace(findings, results={**findings.results, "low_income": bare})).text


def test_an_area_whose_rank_is_certain_is_given_that_rank(findings, report):
    frame = findings.results["low_income"].assign(rank_lower=2.0, rank_upper=2.0)
    assert "rank 2 of 9" in report(replace(findings, results={**findings.results, "low_income": frame})).text


@pytest.mark.parametrize(
    ("doubt", "sentence"),
    [
        ("hidden", "Uncertain: unpublished values could change this."),
        ("noise", "Uncertain: the chance variation of small numbers could change this."),
        (
            "hidden noise",
            "Uncertain: unpublished values or the chance variation of small numbers could change",
        ),
    ],
)
def test_a_doubtful_label_says_why_it_is_doubtful(findings, report, doubt, sentence):
    frame = findings.results["low_income"].assign(local_moran_doubt="", local_g_star_doubt="")
    doubtful = frame.copy()
    doubtful.loc["65000", "local_g_star_doubt"] = doubt
    for one, times in ((frame, 0), (doubtful, 1)):
        text = report(replace(findings, results={**findings.results, "low_income": one})).text
        assert text.count(sentence) == times


def test_a_long_list_ends_with_where_the_rest_is(findings, report):
    many = MOST_AREAS + 4
    ids = [f"a{i:03d}" for i in range(many)]
    rows = findings.results["low_income"].iloc[[0] * many].set_axis(ids)
    areas = findings.areas.iloc[[0] * many].set_axis(ids)
    results = dict.fromkeys(findings.results, rows)
    text = report(replace(findings, areas=areas, results=results)).text
    assert f"{many} areas can be told apart" in text
    assert "And 4 more: all are in tables/low_income.csv." in text


def test_a_unit_stands_where_each_language_puts_it(findings, report):
    first, *others = findings.indicators
    jobs = replace(first, unit="per_1000_residents")
    summary = findings.summary.copy()
    summary.loc[first.code, ["median", "minimum", "maximum"]] = [8.5, 1234.5, 26440.75]
    text = report(replace(findings, indicators=(jobs, *others), summary=summary)).text
    assert "8,5 / 1 000 asukasta (1 234,5 – 26 440,8 / 1 000 asukasta)" in text
    assert "8,5 per 1 000 invånare" in text
    assert "8.5 per 1,000 residents (1,234.5–26,440.8 per 1,000 residents)" in text


def test_a_municipality_is_named_where_its_name_is_known_and_a_code_otherwise(findings, report):
    frame = findings.results["low_income"].copy()
    frame["local_moran_label"] = "High-High"
    areas = findings.areas.assign(municipality=["905", "020"] * (len(frame) // 2))
    text = report(replace(findings, areas=areas, results={**findings.results, "low_income": frame})).text
    assert "Vaasa )" in text
    assert "Vasa )" in text
    assert "municipality 020 )" in text


def test_an_ethical_note_says_who_reviewed_it_or_that_nobody_has(findings, report):
    first, *others = findings.indicators
    note = Text("x", "x", "x")
    seen = replace(
        first, ethics=EthicalNote(note, note, reviewed_by="The ethics board", reviewed_on="2021-05-01")
    )
    text = report(replace(findings, indicators=(seen, *others))).text
    assert "Reviewed by The ethics board (2021-05-01)." in text
    assert text.count("Nobody has reviewed this note yet.") == 2


def test_notes_settings_and_sources_are_all_told(findings, report):
    text = report(findings).text
    for note in findings.notes:
        assert note in text
    assert "seed 2009" in text
    assert "Made-up data in the form of: Made up 2020 – Pienituloiset (en)" in text
    assert "CC BY" not in text
    assert "Made up 2020 CC BY 4.0" in report(replace(findings, synthetic=False)).text


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_text_anywhere_is_shown_and_never_run(findings, report, hostile):
    text = Text(hostile, hostile, hostile)
    indicators = tuple(
        replace(
            one, name=text, explanation=text, source=hostile, licence=hostile, reference_year=hostile,
            ethics=EthicalNote(text, text, hostile, hostile),
        )
        for one in findings.indicators
    )  # fmt: skip
    columns = dict.fromkeys((*schema.NAME_COLUMNS, "municipality"), hostile)
    page = report(
        replace(
            findings,
            title=text,
            indicators=indicators,
            areas=findings.areas.assign(**columns),
            settings={hostile: hostile},
            notes=(hostile,),
            summary=findings.summary.assign(reason=hostile),
        )
    )
    assert page.tags <= ALLOWED
    assert page.attributes <= {
        "lang", "charset", "http-equiv", "content", "name", "type", "id", "checked", "for", "class", "href",
        "scope", "role", "tabindex", "aria-label",
    }  # fmt: skip
    assert all(link.startswith("#") for link in page.links)
    assert " ".join(hostile.split()) in page.text


def test_other_years_and_areas_stand_in_a_table_below_the_study_itself(findings, report):
    then = replace(findings, year="2016", level="postal")
    now = replace(findings, year="2018", level="postal", others=(then, replace(then, level="", year="")))
    text = report(now).text
    for heading, kind, other in (
        ("Muut vuodet ja aluejaot", "Postinumeroalueet", "Muut alueet"),
        ("Andra år och områdesindelningar", "Postnummerområden", "Andra områden"),
        ("Other years and areas", "Postal areas", "Other areas"),
    ):
        rows = (
            f"{kind} 2018 12 3 tables",
            f"{kind} 2016 12 3 tables/postal_2016",
            f"{other} – 12 3 tables/other",
        )
        assert heading in text
        assert " ".join(rows) in text.replace("\N{SOFT HYPHEN}", "")
    assert "Other years and areas" not in report(findings).text


def test_the_same_findings_give_the_same_bytes(findings, tmp_path):
    for name in ("one.html", "other.html"):
        write_report(findings, tmp_path / name)
    assert (tmp_path / "one.html").read_bytes() == (tmp_path / "other.html").read_bytes()


def test_every_sentence_exists_in_three_languages():
    assert len(read_texts("lea_geo", "report.toml")) > 40


def test_a_folder_in_the_way_is_refused(findings, tmp_path):
    with pytest.raises(OutputError, match="it is a folder"):
        write_report(findings, tmp_path)


def test_a_municipality_has_the_name_that_the_municipality_sheet_gives_it(findings, report):
    towns = findings.areas.iloc[:2].set_axis(["901", "902"]).assign(name_fi="", name_sv="Ekby", name_en="")
    results = {code: frame.iloc[:2].set_axis(towns.index) for code, frame in findings.results.items()}
    sheet = replace(findings, areas=towns, results=results, level="municipality", comparisons=None)
    codes = findings.areas.assign(municipality=["901"] * 6 + ["902"] * 6)
    assert "kunta 901" in report(replace(findings, areas=codes, comparisons=None)).text
    named = report(replace(findings, areas=codes, comparisons=None, others=(sheet,))).text
    assert "Ekby" in named
    assert "kunta 901" not in named
