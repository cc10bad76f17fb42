"""A made-up city as the files of a study under rules of release: 36 squares, four years, every chapter."""

import csv
import json
from pathlib import Path

import numpy as np

YEARS = (2019, 2021, 2023, 2025)
SIDE = 6
FEW = "65107"
"""The area in which 3 of its people have a low income, and 2 are without work, every year."""
UNCOUNTED, EMPTY = "65120", "65130"
"""The source withholds all counts of the one and says that the other has nobody to count."""
FIELDS = (
    "hr_tuy",
    "hr_pi_tul",
    "ko_ika18y",
    "ko_perus",
    "pt_tyoll",
    "pt_tyott",
    "te_taly",
    "te_aklap",
    "te_klap",
    "te_teini",
    "te_vuok_as",
)
INDICATORS = (
    "low_income_residents",
    "basic_education_only",
    "unemployment",
    "households_under_school_age",
    "households_school_age",
    "households_teenagers",
    "rental_housing",
)
HIDDEN_EVERYWHERE = "rental_housing"
STUDY = """
[study]
name = {{ fi = "Pikkukaupunki", sv = "Den lilla staden", en = "The small city" }}
indicators = {indicators}
synthetic = true

[areas]
path = "areas.geojson"
area_id = "postinumeroalue"
id_scheme = "postal"
municipality = "kunta"

{tables}
[spatial]
graph = "queen"
seed = 7

[robustness]
labels = 0
"""
RULES = """
[disclosure]
profile = "findata"
minimum_count = 5
stated_by = "the test"

[[disclosure.reviewed]]
indicators = ["*"]
by = "the test"
on = 2026-01-31
"""
FAST = {
    "inequality": "runs = 99",
    "segregation": 'indicators = ["low_income_residents"]\nscales = [1500]\nruns = 99',
    "change": "runs = 99",
    "trends": "permutations = 99",
    "types": "k_most = 3\nruns = 10\nworlds = 19",
    "drivers": "runs = 20\nfolds = 2\nrepeats = 1",
    "targeting": (
        "choose = 4\nbudget = 1000\ndraws = 100\n"
        '[targeting.previous]\npath = "before.csv"\narea_id = "id"\ncolumn = "euros"'
    ),
    "access": 'draws = 100\nalternatives = 2\n[access.services]\npath = "services.csv"',
}
"""The tables of all chapters, with as few draws as each takes."""


def write_small_city(
    folder: Path, *, chapters=("inequality", "targeting"), rules=RULES, indicators=INDICATORS, years=YEARS
) -> Path:
    """Write the city's files and its study into a folder, and return the path of the study."""
    folder.mkdir(parents=True, exist_ok=True)
    _write_areas(folder / "areas.geojson")
    for year in years:
        _write_csv(folder / f"table_{year}.csv", ["postinumero", *FIELDS], _rows(year))
    _write_csv(
        folder / "services.csv", ["id", "x", "y"], [["S1", 231_500, 7_001_500], ["S2", 234_500, 7_004_500]]
    )
    _write_csv(folder / "before.csv", ["id", "euros"], [[one, 20] for one in _ids()])
    tables = "\n".join(
        f'[[tables]]\npath = "table_{year}.csv"\narea_id = "postinumero"\nyear = {year}\n'
        for year in reversed(years)
    )
    said = STUDY.format(indicators=json.dumps(list(indicators)), tables=tables)
    asked = "\n".join(f"[{code}]\n{FAST[code]}\n" for code in chapters)
    study = folder / "city.toml"
    study.write_text(f"{said}\n{rules}\n{asked}", encoding="utf-8")
    return study


def _ids():
    return [f"{65100 + at}" for at in range(SIDE * SIDE)]


def _rows(year):
    """Yield the counts of each area: more need in the south-west, a little less every year."""
    random = np.random.default_rng(year)
    for at, area in enumerate(_ids()):
        row, column = divmod(at, SIDE)
        poor = (0.35 if row < 3 and column < 3 else 0.12) - 0.01 * YEARS.index(year)
        people, homes = 200 + 10 * (at % 7), 120 + 5 * (at % 5)
        part = {share: int(random.binomial(people, share)) for share in (poor, poor + 0.05, poor / 2)}
        low, basic, jobless = part.values()
        if area == FEW:
            low, jobless = 3, 2
        kinds = random.multinomial(homes, [0.1 + poor / 3, 0.12, 0.1, 0.68 - poor / 3])[:3]
        counts = [people, low, people, basic, people - jobless, jobless, homes, *kinds.tolist(), 2]
        if area in (UNCOUNTED, EMPTY):
            counts = ["-1" if area == UNCOUNTED else "."] * len(counts)
        yield [area, *counts]


def _write_areas(path):
    features = []
    for at, area in enumerate(_ids()):
        row, column = divmod(at, SIDE)
        x, y = 230_000 + 1000 * column, 7_000_000 + 1000 * row
        ring = [[x, y], [x + 1000, y], [x + 1000, y + 1000], [x, y + 1000], [x, y]]
        told = {"postinumeroalue": area, "kunta": "905" if column < 4 else "399"}
        features.append(
            {"type": "Feature", "properties": told, "geometry": {"type": "Polygon", "coordinates": [ring]}}
        )
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3067"}}
    collection = {"type": "FeatureCollection", "crs": crs, "features": features}
    path.write_text(json.dumps(collection), encoding="utf-8")


def _write_csv(path, heads, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([heads, *rows])
