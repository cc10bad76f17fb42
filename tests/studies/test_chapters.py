"""Chapters on real data: all are there and speak, and agree with sums made here from the files."""

import csv
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pyogrio
import pytest
from report_numbers import missing, of_csv, of_settings, of_texts

import lea_geo as lea
from lea_geo.chapter import Chapter
from lea_geo.schema import LANGUAGES
from lea_geo.spec import load_spec
from lea_geo.study import Study

HERE = Path(__file__).parent
PAAVO = "paavo_wfs_2026_helsinki_tampere_turku.gpkg"
Ran = Callable[[str], tuple[Path, Study]]
CITY = ("inequality", "segregation", "change", "types", "drivers", "targeting", "access")
STUDIES = {
    "vantaa_chapters": CITY,
    "tampere-ylojarvi_chapters": CITY,
    "vantaa_malls_chapters": ("access",),
    "finland_chapters": ("inequality", "segregation", "types", "drivers", "targeting", "access"),
}
MUNICIPALITIES = {"vantaa_chapters": {"092"}, "tampere-ylojarvi_chapters": {"837", "980"}}
CITIES = sorted(MUNICIPALITIES)

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def ran(finland: Path, tmp_path_factory) -> Ran:
    """Give the folder and the findings of a study, which is run when a test first asks for it."""
    folder = tmp_path_factory.mktemp("chapters")

    @cache
    def run(name: str) -> tuple[Path, Study]:
        spec = load_spec(HERE / f"{name}.toml", data=finland)
        return folder / name, lea.run(spec, out=folder / name)

    return run


@pytest.fixture(scope="module")
def paavo(finland: Path) -> pd.DataFrame:
    """Paavo of 2026 as its file has it, without its protected numbers."""
    frame = pyogrio.read_dataframe(finland / PAAVO, read_geometry=False).set_index("postinumeroalue")
    numbers = frame.select_dtypes("number")
    return frame.assign(**numbers.where(numbers >= 0))


def chapter(study: Study, code: str) -> Chapter:
    return next(one for one in study.findings.chapters if one.code == code)


def table(study: Study, name: str) -> pd.DataFrame:
    return next(one.frame for each in study.findings.chapters for one in each.tables if one.name == name)


def shares(paavo: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return households of low income and all households of a city's areas where both are shown."""
    there = paavo[paavo["kunta"].isin(MUNICIPALITIES[name])]
    known = there[["tr_pi_tul", "tr_kuty"]].dropna()
    return known[known["tr_kuty"] > 0]


def test_every_study_of_chapters_is_run():
    assert {path.stem for path in HERE.glob("*_chapters.toml")} == set(STUDIES)


@pytest.mark.parametrize("name", STUDIES)
def test_every_chapter_is_there_and_says_something(name: str, ran: Ran):
    folder, study = ran(name)
    assert tuple(one.code for one in study.findings.chapters) == STUDIES[name]
    for one in study.findings.chapters:
        assert one.statements, one.code
        assert all((folder / "tables" / f"{each.name}.csv").exists() for each in one.tables)
    page = (folder / "report.html").read_text("utf-8")
    assert all(f'id="{language}-chapter-{code}"' in page for code in STUDIES[name] for language in LANGUAGES)


@pytest.mark.parametrize("name", CITIES)
def test_need_is_the_sum_of_the_file_and_what_is_hidden_lies_between_its_bounds(
    name: str, ran: Ran, paavo: pd.DataFrame
):
    known = shares(paavo, name)
    there = paavo[paavo["kunta"].isin(MUNICIPALITIES[name])]
    hidden = there["te_taly"].sum() - there.loc[known.index, "te_taly"].sum()
    whole = table(ran(name)[1], "targeting_missed").set_index("strategy").loc["universal"]
    assert whole["areas"] == len(there)
    assert known["tr_pi_tul"].sum() <= whole["need"] <= known["tr_pi_tul"].sum() + hidden
    assert whole["share_reached"] == 1


@pytest.mark.parametrize("name", CITIES)
def test_the_list_is_the_eight_areas_with_the_highest_share(name: str, ran: Ran, paavo: pd.DataFrame):
    known = shares(paavo, name)
    highest = (known["tr_pi_tul"] / known["tr_kuty"]).nlargest(8).index
    study = ran(name)[1]
    listed = table(study, "targeting_list")
    assert set(listed.index[listed["listed"] == "yes"]) == set(highest)
    chosen = table(study, "targeting_missed").set_index("strategy").loc["chosen"]
    assert chosen["need"] == known.loc[highest, "tr_pi_tul"].sum()


@pytest.mark.parametrize(
    ("name", "budget"), [*((city, 300_000) for city in CITIES), ("finland_chapters", 3_000_000)]
)
def test_every_euro_is_shared_in_whole_hundreds(name: str, budget: int, ran: Ran):
    euros = table(ran(name)[1], "targeting_allocation")["euros"].dropna()
    assert euros.sum() == budget
    assert (euros % 100 == 0).all()


@pytest.mark.parametrize("name", CITIES)
def test_change_is_what_two_editions_of_paavo_say(name: str, ran: Ran, paavo: pd.DataFrame, finland: Path):
    now = shares(paavo, name)
    with (finland / "paavo_2018_whole_country.csv").open(encoding="utf-8") as file:
        rows = {row["postinumero"]: row for row in csv.DictReader(file)}
    changed = table(ran(name)[1], "change_low_income_households")["difference"].dropna()
    assert len(changed) > 30
    for area, difference in changed.items():
        then = 100 * float(rows[str(area)]["tr_pi_tul"]) / float(rows[str(area)]["tr_kuty"])
        assert difference == pytest.approx(100 * now.loc[area, "tr_pi_tul"] / now.loc[area, "tr_kuty"] - then)


@pytest.mark.parametrize("name", CITIES)
def test_dissimilarity_and_gini_are_those_of_their_definitions(name: str, ran: Ran, paavo: pd.DataFrame):
    """Duncan and Duncan (1955): half the sum of |a/A - b/B|; Gini: half the mean difference over the mean."""
    known, study = shares(paavo, name), ran(name)[1]
    group, rest = known["tr_pi_tul"], known["tr_kuty"] - known["tr_pi_tul"]
    expected = 0.5 * (group / group.sum() - rest / rest.sum()).abs().sum()
    told = table(study, "segregation_summary")
    told = told[(told["indicator"] == "low_income_households") & (told["year"] == 2026)]
    assert told["value"].item() == pytest.approx(expected)
    share, people = (
        (group / known["tr_kuty"]).to_numpy(),
        known["tr_kuty"].to_numpy() / known["tr_kuty"].sum(),
    )
    apart = np.abs(share[:, None] - share) * people[:, None] * people
    gini = table(study, "inequality_measures").query(
        "indicator == 'low_income_households' and measure == 'gini' and weighting == 'weighted'"
    )
    relative = gini[gini["form"] == "relative"] if "form" in gini else gini
    assert relative["value"].item() == pytest.approx(apart.sum() / 2 / (share @ people))


@pytest.mark.parametrize("name", CITIES)
def test_what_goes_together_has_the_correlation_of_the_file(name: str, ran: Ran, paavo: pd.DataFrame):
    there = paavo[paavo["kunta"].isin(MUNICIPALITIES[name])]
    fields = {
        "outcome": ("tr_pi_tul", "tr_kuty"), "rent": ("te_vuok_as", "te_taly"),
        "work": ("pt_tyott", "pt_tyoll"), "basic": ("ko_perus", "ko_ika18y"),
        "alone": ("te_yhlap", "te_laps"),
    }  # fmt: skip
    held = pd.DataFrame(
        {key: there[a] / (there[b] + (there[a] if key == "work" else 0)) for key, (a, b) in fields.items()}
    )
    held = held.replace([np.inf, -np.inf], np.nan).dropna()
    told = table(ran(name)[1], "drivers_association").set_index("driver")["pearson"]
    assert told["rental_housing"] == pytest.approx(np.corrcoef(held["outcome"], held["rent"])[0, 1])
    assert told["unemployment"] == pytest.approx(np.corrcoef(held["outcome"], held["work"])[0, 1])


def test_the_way_to_the_nearest_mall_is_the_shortest_of_the_matrix(ran: Ran, finland: Path):
    with zipfile.ZipFile(finland / "ykr_travel_times_vantaa_malls_2015.zip") as archive:
        rows = pd.concat(
            [pd.read_csv(archive.open(one), sep=";", dtype={"from_id": str}) for one in archive.namelist()]
        )
    least = rows[rows["pt_r_tt"] >= 0].groupby("from_id")["pt_r_tt"].min()
    told = table(ran("vantaa_malls_chapters")[1], "access_areas")["cost"].dropna()
    assert len(told) > 1500
    assert told.to_dict() == least.reindex(told.index).astype(float).to_dict()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", CITIES)
def test_every_number_of_a_finding_stands_in_its_table(name: str, language: str, ran: Ran):
    folder, study = ran(name)
    lost = []
    for one in study.findings.chapters:
        stated = of_settings(one.settings) | of_texts("lea_geo.chapters", f"{one.code}.toml", language)
        for said in one.statements:
            text = f"{said.text.in_language(language)} {said.because.in_language(language)}"
            named = [
                each.code for each in study.findings.indicators if each.name.in_language(language) in text
            ]
            held = of_csv(folder / "tables" / f"{said.table}.csv", named) | stated
            lost += [(said.table, text, number) for number in missing(text, language, held)]
    assert not lost


def test_all_finland_is_told_of_as_a_whole(ran: Ran, finland: Path):
    with (finland / "paavo_2018_whole_country.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["tr_kuty"]]
    known = sum(float(row["tr_pi_tul"]) for row in rows if row["tr_pi_tul"])
    hidden = sum(float(row["tr_kuty"]) for row in rows if not row["tr_pi_tul"])
    whole = table(ran("finland_chapters")[1], "targeting_missed").set_index("strategy").loc["universal"]
    assert whole["areas"] == len(rows)
    assert known < whole["need"] < known + hidden
