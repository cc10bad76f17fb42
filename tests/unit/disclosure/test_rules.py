"""Rule profiles: what each says and where from, and how one's own is read."""

import tomllib
from importlib.resources import files

import geopandas as gpd
import pandas as pd
import pytest
from small_findings import indicator

from lea_geo.disclosure.rules import CONFIDENCES, PROFILES, Threshold, load_profile
from lea_geo.errors import SpecError, UsageError

STATED = {"findata": {"minimum_count": 10, "stated_by": "permit THL/1"}}
SMALL = {
    "name": "town",
    "version": "1",
    "title": {"fi": "Kaupunki", "sv": "Staden", "en": "The town"},
    "source": "Council, § 12",
    "source_date": "2026-01-31",
    "confidence": "stated",
}


def test_every_profile_of_the_package_has_a_name_and_every_file_a_profile():
    held = {path.name for path in files("lea_geo.disclosure").joinpath("profiles").iterdir()}
    assert held == {f"{name}.toml" for name in PROFILES}


@pytest.mark.parametrize("name", PROFILES)
def test_a_profile_says_who_says_so_when_that_was_read_and_what_is_not_known(name):
    profile = load_profile(name, **STATED.get(name, {}))
    assert profile.name == name
    assert "http" in profile.source or "OJ L" in profile.source
    assert profile.source_date.startswith("20")
    assert profile.confidence in CONFIDENCES
    assert profile.not_known


@pytest.mark.parametrize("name", PROFILES)
def test_a_profile_written_down_and_read_again_is_the_same(name):
    profile = load_profile(name, **STATED.get(name, {}))
    assert load_profile(profile.as_dict()) == profile


# MANIFEST.md of the real data, "Seen thresholds"; and the description of the grid database.
@pytest.mark.parametrize(
    ("name", "field", "base", "minimum"),
    [
        ("paavo", "he_0_2", "he_vakiy", 30),
        ("paavo", "ko_perus", "ko_ika18y", 30),
        ("paavo", "hr_mtu", "hr_tuy", 30),
        ("paavo", "te_laps", "te_taly", 30),
        ("paavo", "tr_pi_tul", "tr_kuty", 30),
        ("paavo", "tp_q_terv", "tp_tyopy", 10),
        ("paavo", "pt_tyott", "pt_vakiy", 30),
        ("statistics_finland_grid", "ika_0_14", "vaesto", 10),
        ("statistics_finland_grid", "ko_ika18y", "he_vakiy", 3),
        ("insee_filosofi", "men_pauv", "men", 11),
    ],
)
def test_a_detail_needs_as_many_members_as_its_publisher_asks_for(name, field, base, minimum):
    found = load_profile(name).thresholds_of([field])
    assert [(one.base, one.minimum) for one in found] == [(base, minimum)]


@pytest.mark.parametrize(
    ("name", "total"), [("paavo", "he_vakiy"), ("paavo", "tp_tyopy"), ("statistics_finland_grid", "vaesto")]
)
def test_totals_stay_visible_however_few_they_count(name, total):
    profile = load_profile(name)
    assert profile.is_visible([total])
    assert not profile.thresholds_of([total])
    assert profile.count_minimum([total]) == 1


def test_hsy_gives_no_cell_of_four_and_ages_only_from_a_hundred():
    profile = load_profile("hsy_grid")
    assert profile.count_minimum(["ASUKKAITA"]) == 5
    assert profile.count_minimum(["IKA0_9"]) == 1
    assert sorted(one.minimum for one in profile.thresholds_of(["IKA0_9"])) == [5, 100]


def test_a_rate_needs_the_members_that_its_denominator_counts():
    paavo = load_profile("paavo")
    poor = indicator("poor", "Poor", numerator=("hr_pi_tul",), denominator=("hr_tuy",))
    alone = indicator("alone", "Alone", numerator=("te_yhlap",), denominator=("te_laps",))
    assert paavo.denominator_minimum(poor) == 30
    # Paavo looks at all households, which families with children say nothing of.
    assert paavo.denominator_minimum(alone) == 1
    assert load_profile("sotkanet").denominator_minimum(alone) == 5


def test_findata_leaves_the_number_to_whoever_answers_for_it():
    with pytest.raises(UsageError, match="no public instruction gives one"):
        load_profile("findata")
    profile = load_profile("findata", minimum_count=10, stated_by="permit THL/1")
    assert (profile.minimum_count, profile.minimum_denominator) == (10, 10)
    assert (profile.confidence, profile.stated_by) == ("stated", "permit THL/1")


def test_a_stated_count_takes_the_place_of_the_profile_s_and_a_larger_denominator_stays():
    assert load_profile("sotkanet", minimum_count=3).minimum_count == 3
    assert load_profile("sotkanet", minimum_count=3).minimum_denominator == 5
    assert load_profile("paavo", minimum_count=5, zero="hidden").zero == "hidden"


@pytest.mark.parametrize("minimum", [0, -5, 2.5, True, "5"])
def test_a_least_count_is_a_whole_number(minimum):
    with pytest.raises(UsageError, match="whole number of at least 1"):
        load_profile("paavo", minimum_count=minimum)


def test_a_city_s_own_rules_are_a_file(tmp_path):
    path = tmp_path / "town.toml"
    text = 'name = "town"\nversion = "1"\ntitle = { fi = "K", sv = "S", en = "T" }\nsource = "§ 12"\n'
    text += 'source_date = 2026-01-31\nconfidence = "stated"\nminimum_count = 20\n'
    path.write_text(
        text + '[dominance]\nn = 1\nshare = 0.85\n[[thresholds]]\nbase = "a"\nminimum = 9\nfields = ["b_*"]\n'
    )
    profile = load_profile(path)
    assert profile.minimum_count == 20
    assert profile.dominance == (1, 0.85)
    assert profile.thresholds == (Threshold("a", 9, ("b_*",)),)
    assert profile.source_date == "2026-01-31"
    assert tomllib.loads(path.read_text())["name"] == profile.as_dict()["name"]


def test_everything_that_is_wrong_with_a_profile_is_said_at_once():
    limit = {"base": "a", "minimum": 5, "fields": ["b"]}
    wrong = {
        **SMALL,
        "source_date": "31.1.2026",
        "zero": "saef",
        "minimum_count": 0,
        "dominance": {"n": 1},
        "thresholds": [limit, limit, {"base": "c"}],
        "minimum_cuont": 5,
    }
    with pytest.raises(SpecError) as caught:
        load_profile(wrong)
    said = str(caught.value)
    assert said.startswith("The rule profile town cannot be used:")
    for fault in (
        "it must be a date like 2026-01-31",
        'Did you mean "safe"?',
        "minimum_count is 0; it must be a whole number",
        "[dominance] needs both n and share",
        "states a threshold twice: 1 (a)",
        "[[thresholds]] 3 lacks 'minimum'",
        "unknown key 'minimum_cuont'. Did you mean 'minimum_count'?",
    ):
        assert fault in said
    assert len(caught.value.faults) == 8


@pytest.mark.parametrize("given", ["pavo", "/no/such.toml", "", 5, None])
def test_a_profile_that_is_not_there_is_answered_with_those_that_are(given):
    with pytest.raises(UsageError, match="paavo"):
        load_profile(given)


def test_a_profile_that_is_no_toml_is_named(tmp_path):
    path = tmp_path / "odd.toml"
    path.write_bytes(b"name = \xff")
    with pytest.raises(SpecError, match=r"odd\.toml cannot be used"):
        load_profile(path)


def counted(table):
    """Return a table of the real data with numbers as they are, and NaN for what is withheld."""
    numbers = table.rename(columns=str.lower).apply(pd.to_numeric, errors="coerce")
    return numbers.mask(numbers == -1)


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "observed"),
    [
        (
            "paavo_2018_whole_country.csv",
            ["he_vakiy", "ko_ika18y", "hr_tuy", "te_taly", "tr_kuty", "tp_tyopy"],
        ),
        ("paavo_wfs_2026_helsinki_tampere_turku.gpkg", ["he_vakiy", "ko_ika18y", "hr_tuy", "pt_vakiy"]),
    ],
)
def test_paavo_shows_no_detail_under_a_limit_and_every_one_from_it_on(finland, name, observed):
    path = finland / name
    table = counted(pd.read_csv(path) if path.suffix == ".csv" else gpd.read_file(path, ignore_geometry=True))
    limits = {one.base: one for one in load_profile("paavo").thresholds}
    for base in observed:
        limit = limits[base]
        details = table[[field for field in table if limit.holds(field)]]
        few = table[base].between(1, limit.minimum - 1)
        assert few.any()
        assert details[few].isna().all(axis=None)
        assert details[table[base] >= limit.minimum].notna().all(axis=None)


@pytest.mark.real
def test_hsy_shows_no_cell_of_four_and_one_age_for_all_under_a_hundred(finland):
    path = finland / "hsy_population_grid_250m_2015.gpkg"
    table = gpd.read_file(path, ignore_geometry=True)
    profile = load_profile("hsy_grid")
    assert table["ASUKKAITA"].min() == profile.minimum_count
    ages = [field for field in table if len(profile.thresholds_of([field])) == 2 and field != "ASUKKAITA"]
    assert len(ages) == 9
    limit = max(one.minimum for one in profile.thresholds_of(ages))
    assert (table.loc[table["ASUKKAITA"] < limit, ages] == 99).all(axis=None)
    assert (table.loc[table["ASUKKAITA"] >= limit, ages] != 99).any(axis=None)
