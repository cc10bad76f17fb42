"""Field names that drift between years and services: one catalogue reads all of them the same."""

import csv
import io
import zipfile
from pathlib import Path

import pandas as pd
import pytest

import lea_geo as lea

# What Statistics Finland's map service is known to have had: the key, and what only some editions hold.
ALWAYS = {
    "he_vakiy": 100,
    "he_0_2": 6,
    "hr_tuy": 80,
    "hr_pi_tul": 16,
    "te_laps": 20,
    "te_taly": 50,
    "pt_vakiy": 100,
    "pt_tyoll": 45,
    "pt_tyott": 5,
    "pt_0_14": 17,
    "pt_opisk": 8,
    "pt_elakel": 20,
    "pt_muut": 5,
}
LABOUR_FORCE = {"pt_tyovy": 50, "pt_tyovu": 50}
FAMILY_FORMS = {"te_yks": 20, "te_yhlap": 4}
EDITIONS = {
    2015: ("posti_alue", LABOUR_FORCE),
    2018: ("posti_alue", LABOUR_FORCE),
    2024: ("postinumeroalue", FAMILY_FORMS),
    2026: ("postinumeroalue", FAMILY_FORMS),
}


def write(path: Path, rows: list[dict[str, object]]) -> Path:
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


@pytest.mark.parametrize("year", sorted(EDITIONS))
def test_every_edition_of_paavo_gives_the_same_indicators(tmp_path: Path, year: int):
    key, own = EDITIONS[year]
    place = {key: "00100", "nimi": "Keskusta", "namn": "Centrum", "kunta": "091", "vuosi": year}
    path = write(tmp_path / "pno_tilasto.csv", [place | ALWAYS | own])
    table = lea.read_indicators(path, area_id="postinumeroalue")
    values = table.values.loc["00100"]
    assert values["low_income_residents"] == 20  # 16 of 80
    assert values["unemployment"] == 10  # 5 of 45 + 5
    assert values["students"] == 8
    assert table.attributes.loc["00100"].tolist() == ["Keskusta", "Centrum", "", "091"]
    assert table.report.year == str(year)
    if own is FAMILY_FORMS:
        assert values["single_parent_households"] == 20  # 4 of 20
    else:
        assert table.report.unavailable["single_parent_households"] == "the table has no te_yhlap"


def test_an_edition_hides_the_parts_of_the_labour_force_by_the_total_that_it_has(tmp_path: Path):
    hidden = ALWAYS | {"pt_vakiy": 40, "pt_tyoll": -1, "pt_tyott": -1}
    old = write(tmp_path / "old.csv", [{"posti_alue": "00100", **hidden, "pt_tyovy": 20, "pt_tyovu": 20}])
    new = write(tmp_path / "new.csv", [{"postinumeroalue": "00100", **hidden}])
    bound = {
        name: lea.read_indicators(path, area_id="postinumeroalue").cells("unemployment").loc["00100"]
        for name, path in (("old", old), ("new", new))
    }
    assert {cell["status"] for cell in bound.values()} == {"suppressed"}
    assert [cell["lower"] for cell in bound.values()] == [0, 0]
    assert [cell["upper"] for cell in bound.values()] == [100, 100]


@pytest.mark.parametrize(
    ("area", "what", "when", "label"),
    [
        ("Postinumeroalue", "Tiedot", "Vuosi", "Alimpaan tuloluokkaan kuuluvat asukkaat (HR)"),
        (
            "Postal code area",
            "Information",
            "Year",
            "Inhabitants belonging to the lowest income category (HR)",
        ),
        ("Postnummerområde", "Uppgifter", "År", "hr_pi_tul"),
    ],
)
def test_pxweb_is_read_in_three_languages(tmp_path: Path, area: str, what: str, when: str, label: str):
    total = {"Tiedot": "18 vuotta täyttäneet yhteensä (HR)", "Information": "Aged 18 or over, total (HR)"}
    rows = [
        {area: "00100  Keskusta (Helsinki)", what: name, when: 2023, "Arvo": value}
        for name, value in ((label, 16), (total.get(what, "hr_tuy"), 80))
    ]
    table = lea.read_indicators(write(tmp_path / "px.csv", rows), area_id="Postinumeroalue", year=2023)
    assert table.values.loc["00100", "low_income_residents"] == 20


CELLS = [
    ("1kmN6678E0385", 400, 200, 200, 80, 240, 80),
    ("1kmN6678E0386", 10, 4, 6, 0, 10, 0),
    ("1kmN6679E0385", 9, -1, -1, -1, -1, -1),
]
OLD = ("grd_id", "vaesto", "miehet", "naiset", "ika_0_14", "ika_15_64", "ika_65_")
NEW = ("grid_id", "he_vakiy", "he_miehet", "he_naiset", "he_0_14", "he_15_64", "he_65_")
BETWEEN = ("grid_id", "he_vakiy", *OLD[2:])


@pytest.mark.parametrize("names", [OLD, NEW, BETWEEN])
def test_the_population_grid_is_read_under_its_old_and_its_new_names(tmp_path: Path, names: tuple[str, ...]):
    rows = [dict(zip(names, cell, strict=True)) | {"kunta": "091", "vuosi": 2024} for cell in CELLS]
    table = lea.read_indicators(write(tmp_path / "grid.csv", rows), "population_grid", area_id="grd_id")
    assert table.values["residents"].tolist() == [400, 10, 9]
    assert table.values["children_under_15"].tolist()[:2] == [20, 0]  # 80 of 400, none of 10
    assert table.values["aged_65_or_over"].tolist()[:2] == [20, 0]
    assert table.attributes["municipality"].tolist() == ["091"] * 3


def test_details_of_cells_with_fewer_than_ten_people_are_withheld_and_bounded(tmp_path: Path):
    rows = [dict(zip(OLD, cell, strict=True)) for cell in CELLS]
    table = lea.read_indicators(write(tmp_path / "grid.csv", rows), "population_grid", area_id="grd_id")
    small = {code: table.cells(code).loc["1kmN6679E0385"] for code in table.codes}
    assert small["residents"]["status"] == "observed"
    for code, most in {"children_under_15": 100, "number_of_children": 9, "aged_65_or_over": 100}.items():
        assert (small[code]["status"], small[code]["lower"], small[code]["upper"]) == ("suppressed", 0, most)


def test_the_ids_of_the_population_grid_are_those_of_a_grid_that_is_built(tmp_path: Path):
    rows = [dict(zip(OLD, cell, strict=True)) for cell in CELLS]
    table = lea.read_indicators(write(tmp_path / "grid.csv", rows), "population_grid", area_id="grd_id")
    grid = lea.build_grid((385_000, 6_678_000, 387_000, 6_680_000), cell_size=1000)
    assert set(table.values.index) <= set(grid.index)


SINCE_MERGED = {
    "Hämeenkoski": "283",
    "Jalasjärvi": "164",
    "Juankoski": "174",
    "Koski": "284",  # Koski Tl
    "Köyliö": "319",
    "Lavia": "413",
    "Luvia": "442",
    "Maaninka": "476",
    "Nastola": "532",
    "Tarvasjoki": "838",
}
"""Municipalities of 2012 that the keys of 2019 do not have, with the codes that they had."""


@pytest.mark.real
def test_sotkanet_as_somebody_exported_it_is_read_by_its_titles(finland: Path):
    """Ten of its indicators are in the example; the table is keyed by the municipalities' names."""
    with zipfile.ZipFile(finland / "municipality_keys_geofi.zip") as archive:
        text = archive.read("municipality_key_2019.csv").decode("utf-8")
    keys = {row["municipality_name_fi"]: row["kunta"] for row in csv.DictReader(io.StringIO(text))}
    path = finland / "sotkanet_long_1990_2012_kunta.csv.gz"
    table = lea.read_indicators(path, "sotkanet", area_id="Alue", year=2008, keys=keys | SINCE_MERGED)
    raw = pd.read_csv(path)
    raw = raw[(raw["Alue"] == "Vantaa") & (raw["Vuosi"] == 2008)].set_index("Muuttuja")["Arvo"]
    assert len(table.codes) >= 9
    assert table.values.loc["092", "population"] == raw["[YLEISET] Väestö 31.12."]
    assert table.values.loc["092", "unemployment"] == raw["[TYÖELÄMÄ] Työttömät, % työvoimasta"]
