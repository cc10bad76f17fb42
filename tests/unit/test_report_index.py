"""The report on an index: what it is made of, who is surely where, which labels hold, and no league table."""

from dataclasses import replace

import pytest
from index_findings import INDEX, P_WORST_DECILE, whole_index_findings
from report_page import ALLOWED, HOSTILE, Page
from small_findings import IDS, NAMES

from lea_geo.report import write_report
from lea_geo.schema import Text


@pytest.fixture
def report(tmp_path):
    def written(findings):
        write_report(findings, tmp_path / "report.html")
        return Page((tmp_path / "report.html").read_text(encoding="utf-8"))

    return written


def _section(text, start, end):
    return text[text.index(start) : text.index(end, text.index(start))]


def test_the_parts_of_an_index_stand_below_what_they_are_part_of_with_their_weights(report):
    text = report(whole_index_findings()).text.replace("\xa0", " ")
    made = _section(text, "Part Part of Weight", "Outliers:")
    assert "Aineellinen (en) Hyvinvoinnin vaje (en) 75%" in made
    assert "Tulot (en) Aineellinen (en) 50%" in made
    assert (
        made.index("Aineellinen (en) H") < made.index("Pienituloiset (en) A") < made.index("Koulutus (en) H")
    )
    assert "Ilman tilastoja (fi) Koulutus (fi) 100 %" in text


def test_a_study_without_an_index_says_nothing_of_one(report):
    text = report(replace(whole_index_findings(), **_without_index())).text
    for said in ("The index", "Load and resources", "in the runs", "Fifths, ranks"):
        assert said not in text


def _without_index():
    findings = whole_index_findings()
    plain = [one for one in findings.indicators if not one.is_composite]
    codes = [one.code for one in plain]
    return {
        "indicators": tuple(plain),
        "results": {code: findings.results[code] for code in codes},
        "summary": findings.summary.loc[codes],
        "settings": {"fdr": 0.05},
    }


def test_the_steps_and_the_runs_are_told_as_the_settings_have_them(report):
    text = report(whole_index_findings()).text.replace("\xa0", " ")
    for said in (
        "Outliers: extreme values are brought to the level of the nearest others.",
        "Scale: from the smallest value to the largest.",
        "Weights: stated by the study.",
        "Adding up: weighted mean.",
        "An area has a score where at least 50% of the weights are known.",
        "The index was made again 1,000 times.",
        "those that hold in 90% of the runs",
        "Indeksi on laskettu uudelleen 1 000 kertaa.",
        "Indexet har beräknats på nytt 1 000 gånger.",
    ):
        assert said in text
    assert "Missing values:" not in text  # none were filled


def test_areas_are_counted_by_the_fifth_that_they_surely_are_in(report):
    text = report(whole_index_findings()).text
    # Ten areas have runs. By hand from the tiers of the helper: one is surely in the first fifth (65000),
    # one in the last (65090), eight could be in several.
    assert "middle second lowest lowest fifth Could be in several Areas 1 0 0 0 1 8" in text


def test_the_worst_off_are_named_with_how_sure_that_is_and_what_moves_them(report):
    text = report(whole_index_findings()).text.replace("\xa0", " ")
    # Only 65000 is surely in the worst fifth; nobody else is in the worst tenth in half of the runs.
    worst = _section(text, "Areas that are surely in the worst-off fifth", "Whether labels hold")
    assert f"{NAMES[0]} ( {IDS[0]} ) highest fifth 94% the weights of the parts" in worst
    assert f"( {IDS[1]} )" not in worst
    assert P_WORST_DECILE[1] < 0.5


def test_where_a_low_score_is_the_worst_the_lowest_fifth_is_named(report):
    findings = whole_index_findings()
    index, *others = findings.indicators
    turned = replace(findings, indicators=(replace(index, direction="protects"), *others))
    frame = findings.results[INDEX].assign(p_worst_decile=0.0)
    text = report(replace(turned, results={**findings.results, INDEX: frame})).text.replace("\xa0", " ")
    worst = _section(text, "Areas that are surely in the worst-off fifth", "Whether labels hold")
    assert f"( {IDS[9]} ) lowest fifth < 1% –" in worst
    assert f"( {IDS[0]} )" not in worst


def test_the_named_areas_stand_in_the_order_of_the_data_and_are_not_numbered(report):
    findings = whole_index_findings()
    frame = findings.results[INDEX].assign(tier_lower=1.0, tier_upper=1.0)
    frame["p_worst_decile"] = [0.5 + k / 100 for k in range(12)]  # the later, the likelier
    text = report(replace(findings, results={**findings.results, INDEX: frame})).text
    worst = _section(text, "Areas that are surely in the worst-off fifth", "Whether labels hold")
    places = [worst.index(area) for area in IDS]
    assert places == sorted(places)


def test_of_too_many_the_likeliest_are_named_and_the_rest_are_in_the_table(report):
    findings = whole_index_findings()
    many, ids = 25, [f"a{k:02d}" for k in range(25)]
    areas = findings.areas.iloc[[0] * many].set_axis(ids)
    rows = {code: frame.iloc[[0] * many].set_axis(ids) for code, frame in findings.results.items()}
    rows[INDEX] = rows[INDEX].assign(p_worst_decile=[0.5 + k / 100 for k in range(many)])
    text = report(replace(findings, areas=areas, results=rows)).text
    worst = _section(text, "surely in the worst-off fifth, or", "Whether labels hold")
    assert "And 5 more: all are in tables/index.csv." in worst
    assert "( a04 )" not in worst
    assert "( a05 )" in worst


def test_labels_that_point_at_an_area_are_counted_by_verdict(report):
    text = report(whole_index_findings()).text
    # Eight of the helper's labels point at an area: two firm, four that depend, two that cannot be said.
    counted = "Hyvinvoinnin vaje (en) Clusters (local Moran's I) 2 4 2"
    assert counted in text
    assert "Aineellinen (en) Clusters" not in text  # nobody has asked


@pytest.mark.parametrize(
    "said",
    [
        "Firm (98%)",
        "Depends on choices (81%) depends on how neighbours are defined",
        "Cannot be said (34%) depends on the chance variation of small numbers and unpublished values",
        "Depends on choices (71%) depends on the size of the areas and where the borders run",
        "Riippuu valinnoista (81 %) riippuu naapurien määrittelystä",
        "Beror på val (81 %) beror på hur grannar definieras",
    ],
)
def test_a_verdict_stands_below_the_label_with_what_it_names(report, said):
    assert said in report(whole_index_findings()).text.replace("\xa0", " ")


def test_ledgers_are_told_apart_and_areas_counted_on_both(report):
    text = report(whole_index_findings(ledgers=True)).text
    # By hand from the helper's scores: medians 39.25 and 73.1875.
    assert "More load, fewer resources 4 More load, more resources 1 Less load, fewer resources 1" in text
    assert "Less load, more resources 4" in text
    assert "one does not cancel the other" in text
    assert "Places of the areas: Kuormitus (en)" in text
    assert "Places of the areas: Voimavarat (en)" in text


def test_an_index_that_was_not_made_again_says_that_nothing_is_known_of_how_sure_it_is(report):
    findings = whole_index_findings()
    frame = findings.results[INDEX].assign(tier_lower=float("nan"), tier_upper=float("nan"))
    text = report(replace(findings, results={**findings.results, INDEX: frame})).text
    assert "The index was not made again with other choices" in text
    assert "made again 1,000 times" not in text


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_names_settings_and_words_of_an_index_are_text(report, hostile):
    findings = whole_index_findings(ledgers=True)
    indicators = [replace(one, name=Text(hostile, hostile, hostile)) for one in findings.indicators]
    settings = {"composite": {"normalise": {"method": hostile}, "available": 0.5}, "robustness": {"runs": 2}}
    page = report(replace(findings, indicators=tuple(indicators), settings=settings))
    assert page.tags <= ALLOWED
    assert hostile.split()[0] in page.text
