"""Published indices come out of study files alone: tests/studies/published, and files written out here.

Figures are those of some countries and areas, as published: UNDP (2022), Human Development Report 2021/22,
time series of composite indices; Ministry of Housing, Communities and Local Government (2025), English
Indices of Deprivation 2025; Welsh Government (2019), Welsh Index of Multiple Deprivation 2019. What comes of
the whole tables is in docs/published-indices.md, by measure_published.py.
"""

import math
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lea_geo._index import load_index, make_index
from lea_geo.cli import main
from lea_geo.composite.result import CompositeResult

FACTS = Path(__file__).parent / "published"
STUDIES = Path(__file__).parents[1] / "studies" / "published"


def facts(name: str) -> pd.DataFrame:
    return pd.read_csv(FACTS / f"{name}.csv", index_col=0)


def made(study: Path, data: Path) -> CompositeResult:
    return make_index(load_index(study, data=data)).result


def written(folder: Path, study: str, **columns: list[float]) -> CompositeResult:
    """Return the index that a study file makes of a table with made-up ids"""
    table = pd.DataFrame(columns)
    table.insert(0, "id", [f"a{row}" for row in range(len(table))])
    table.to_csv(folder / "table.csv", index=False)
    (folder / "study.toml").write_text(f'[[tables]]\npath = "table.csv"\narea_id = "id"\n{study}', "utf-8")
    return made(folder / "study.toml", folder)


# --- published figures ------------------------------------------------------------------------------------


def test_the_human_development_index_of_2021_comes_out_as_published(tmp_path):
    countries = facts("hdi2021_countries")
    countries.drop(columns="hdi_2021").to_csv(tmp_path / "hdr.csv")
    score = made(STUDIES / "hdi2021.toml", tmp_path).table["score"]
    assert score.to_dict() == countries["hdi_2021"].to_dict()


def among_all(areas: pd.DataFrame, n: int) -> pd.DataFrame:
    """Return areas of a ranking among n others, which have the ranks that are left.

    What becomes of a rank depends on the rank and on n, and on no other area.
    """
    table = pd.DataFrame(index=[*areas.index, *(f"other{i}" for i in range(n - len(areas)))])
    for i, column in enumerate(areas):
        left = np.setdiff1d(np.arange(1, n + 1), areas[column])
        table[column] = [*areas[column], *np.random.default_rng(i).permutation(left)]
    return table


@pytest.mark.parametrize(
    ("study", "file", "n", "column", "decimals"),
    [
        ("imd2025", "imd2025_england_lsoa21", 33755, "lsoa21_code", 3),
        ("wimd2019_ranks", "imd2019_wales_lsoa11", 1909, "lsoa11_code", 8),
    ],
)
def test_scores_of_deprivation_come_out_of_the_ranks_of_domains(tmp_path, study, file, n, column, decimals):
    areas = facts("imd2025_areas" if study == "imd2025" else "wimd2019_areas")
    among_all(areas.drop(columns="IMD_score"), n).rename_axis(column).to_csv(tmp_path / f"{file}.csv")
    score = made(STUDIES / f"{study}.toml", tmp_path).table["score"]
    apart = (score[areas.index] - areas["IMD_score"]).abs()
    assert apart.max() <= 0.5 * 10.0**-decimals + 1e-12


ENGLAND = dict.fromkeys(["Income", "Employment"], 22.5) | dict.fromkeys(["Education", "Health"], 13.5)
RANKED = {
    "imd2010": ENGLAND | dict.fromkeys(["Crime", "Housing_and_Access", "Environment"], 9.3),
    "imd2019": ENGLAND | dict.fromkeys(["Crime", "Housing_and_Access", "Environment"], 9.3),
    "imd2025": ENGLAND | dict.fromkeys(["Crime", "Housing_and_Services", "Environment"], 9.3),
    "wimd2019_ranks": {
        "Income": 22, "Employment": 22, "Health": 15, "Education": 14,
        "Access": 10, "Housing": 7, "Crime": 5, "Environment": 5,
    },
    "simd2016": {
        "Income": 28, "Employment": 28, "Health": 14, "Education": 14, "Access": 9, "Crime": 5, "Housing": 2
    },
    "nimdm2017": {
        "Income": 25, "Employment": 25, "Health": 15, "Education": 15,
        "Access": 10, "Environment": 5, "Crime": 5,
    },
}  # fmt: skip
RANKED["simd2020"] = RANKED["simd2016"]


@pytest.mark.parametrize("study", sorted(RANKED))
def test_domains_have_the_weights_and_the_transformation_that_each_country_says(tmp_path, study):
    """X = -23 ln(1 - R (1 - exp(-100 / 23))); R from 1 / n to 1, in Scotland from 0 to 1 - 1 / n."""
    table, n = tomllib.loads((STUDIES / f"{study}.toml").read_text("utf-8"))["tables"][0], 40
    ranks = {name: np.random.default_rng(i).permutation(n) + 1 for i, name in enumerate(RANKED[study])}
    held = pd.DataFrame({f"{name}_rank": rank for name, rank in ranks.items()})
    held.rename(index=lambda row: f"a{row}").rename_axis(table["area_id"]).to_csv(tmp_path / table["path"])
    begin = n if study.startswith("simd") else n + 1
    expected = sum(
        weight / 100 * -23 * np.log(1 - (begin - ranks[name]) / n * (1 - math.exp(-100 / 23)))
        for name, weight in RANKED[study].items()
    )
    np.testing.assert_allclose(made(STUDIES / f"{study}.toml", tmp_path).table["score"], expected, rtol=1e-12)


def test_scores_of_domains_that_are_transformed_already_are_only_weighted(tmp_path):
    study = tomllib.loads((STUDIES / "wimd2019.toml").read_text("utf-8"))
    weights = RANKED["wimd2019_ranks"]
    held = pd.DataFrame({f"{name}_score": [10.0 * i, 50, 3 * i] for i, name in enumerate(weights)})
    named = held.rename(index=lambda row: f"a{row}").rename_axis(study["tables"][0]["area_id"])
    named.to_csv(tmp_path / study["tables"][0]["path"])
    expected = held.to_numpy() @ np.array(list(weights.values())) / 100
    np.testing.assert_allclose(made(STUDIES / "wimd2019.toml", tmp_path).table["score"], expected, rtol=1e-12)


# --- methods by hand --------------------------------------------------------------------------------------


def percent_rank(values: dict[str, float]) -> dict[str, float]:
    """PERCENTRANK.INC of four decimals: the share of the others that lie below."""
    return {
        area: round(sum(other < value for other in values.values()) / (len(values) - 1), 4)
        for area, value in values.items()
    }


HOMES = ["MUNIT", "MOBILE", "CROWD", "NOVEH", "GROUPQ"]
THEMES = {
    2018: {
        "theme1": ["POV", "UNEMP", "PCI", "NOHSDP"],
        "theme2": ["AGE65", "AGE17", "DISABL", "SNGPNT"],
        "theme3": ["MINRTY", "LIMENG"],
        "theme4": HOMES,
    },
    2020: {
        "theme1": ["POV150", "UNEMP", "HBURD", "NOHSDP", "UNINSUR"],
        "theme2": ["AGE65", "AGE17", "DISABL", "SNGPNT", "LIMENG"],
        "theme3": ["MINRTY"],
        "theme4": HOMES,
    },
}


def column(code: str) -> str:
    """Return the column that the CDC ranks: of 2020, the number of households in HBURD, not their share."""
    return "E_HBURD" if code == "HBURD" else f"EP_{code}"


@pytest.mark.parametrize("year", THEMES)
def test_social_vulnerability_is_ranked_as_the_cdc_says(tmp_path, year):
    """CDC SVI documentation: without a value (-999) there is none for its theme or for the whole."""
    rng, themes = np.random.default_rng(2018), THEMES[year]
    counties = [f"{1001 + 2 * i:05d}" for i in range(30)]
    table = pd.DataFrame(
        {column(code): rng.integers(0, 9, 30) / 10 for codes in themes.values() for code in codes},
        index=pd.Index(counties, name="FIPS"),
    )
    table.loc["01003", column(themes["theme1"][0])] = -999
    table.to_csv(tmp_path / f"svi{year}.csv")
    result = made(STUDIES / f"svi{year}.toml", tmp_path)
    sums: dict[str, dict[str, float]] = {}
    for theme, codes in themes.items():
        ranks = {}
        for code in codes:
            held = table[column(code)].loc[lambda values: values != -999].to_dict()
            ranks[code] = percent_rank(held)
            if code == "PCI":
                ranks[code] = {area: round(1 - rank, 4) for area, rank in ranks[code].items()}
        known = [area for area in counties if all(area in ranks[code] for code in codes)]
        sums[theme] = {area: round(sum(ranks[code][area] for code in codes), 4) for area in known}
        of_theme = result.node(theme)
        assert of_theme["score"].dropna().to_dict() == pytest.approx(sums[theme], abs=1e-12)
        assert of_theme["result"].dropna().to_dict() == pytest.approx(percent_rank(sums[theme]), abs=1e-12)
    whole = {area: round(sum(sums[theme][area] for theme in themes), 4) for area in sums["theme1"]}
    assert result.table["score"].dropna().to_dict() == pytest.approx(percent_rank(whole), abs=1e-12)
    assert result.table.index[result.table["score"].isna()].tolist() == ["01003"]
    assert len(set(sums["theme2"].values())) < len(sums["theme2"]), "equal sums of four must be among them"


CARSTAIRS = """
[composite]
population = "people"
normalise = { method = "z", weighted = true }
aggregate = "sum"
indicators = [
  { code = "overcrowded", direction = "weakens" },
  { code = "male_unemployed", direction = "weakens" },
  { code = "no_car", direction = "weakens" },
  { code = "low_class", direction = "weakens" },
]
"""


def test_carstairs_adds_up_scores_standardised_by_people(tmp_path):
    """Carstairs and Morris (1991): each area counts with its people in mean and deviation."""
    people = [1000, 3000, 4000, 2000]
    columns = {
        "overcrowded": [10.0, 4, 2, 7],
        "male_unemployed": [15.0, 6, 5, 9],
        "no_car": [50.0, 20, 10, 40],
        "low_class": [30.0, 25, 12, 12],
    }
    expected = [0.0] * 4
    for x in columns.values():
        mean = sum(p * v for p, v in zip(people, x, strict=True)) / 10_000
        deviation = math.sqrt(sum(p * (v - mean) ** 2 for p, v in zip(people, x, strict=True)) / 10_000)
        expected = [total + (v - mean) / deviation for total, v in zip(expected, x, strict=True)]
    result = written(tmp_path, CARSTAIRS, people=people, **columns)
    assert result.table["score"].tolist() == pytest.approx(expected, rel=1e-12)
    assert result.table["rank"].tolist() == [1, 3, 4, 2]


TOWNSEND = """
[composite]
normalise = "z"
aggregate = "sum"
indicators = [
  { code = "unemployed", direction = "weakens", transform = "log1p" },
  { code = "overcrowded", direction = "weakens", transform = "log1p" },
  { code = "no_car", direction = "weakens" },
  { code = "not_owned", direction = "weakens" },
]
"""


def test_townsend_adds_up_z_scores_two_of_them_of_logarithms(tmp_path):
    """Townsend, Phillimore and Beattie (1988): ln(x + 1) of unemployment and overcrowding."""
    columns = {
        "unemployed": [0.0, 3, 8, 20],
        "overcrowded": [1.0, 0, 5, 9],
        "no_car": [12.0, 30, 45, 60],
        "not_owned": [25.0, 20, 60, 80],
    }
    expected = [0.0] * 4
    for code, x in columns.items():
        values = [math.log(v + 1) for v in x] if code in {"unemployed", "overcrowded"} else x
        mean = sum(values) / 4
        deviation = math.sqrt(sum((v - mean) ** 2 for v in values) / 3)
        expected = [total + (v - mean) / deviation for total, v in zip(expected, values, strict=True)]
    assert written(tmp_path, TOWNSEND, **columns).table["score"].tolist() == pytest.approx(
        expected, rel=1e-12
    )


SEIFA = """
[composite]
high = "protects"
normalise = "z"
weighting = "pca"
indicators = [
  { code = "a", direction = "weakens" },
  { code = "b", direction = "weakens" },
  { code = "c", direction = "weakens" },
  { code = "d", direction = "weakens" },
  { code = "e", direction = "weakens" },
  { code = "f", direction = "weakens" },
]

[composite.at.index]
normalise = { method = "z", mean = 1000, deviation = 100 }
"""


def test_an_index_along_one_component_is_that_of_prcomp(tmp_path):
    """Mean 1000, deviation 100, low where much weighs, as SEIFA; R's prcomp by psychometrics.R."""
    folder = Path(__file__).parent / "psychometrics"
    members = pd.read_csv(folder / "scores.csv").drop(columns="area_id")
    first = pd.read_csv(folder / "components.csv").set_index("code")["PC1"]
    along = ((members - members.mean()) / members.std()) @ first[members.columns]
    expected = 1000 - 100 * (along - along.mean()) / along.std()
    result = written(tmp_path, SEIFA, **members.to_dict("list"))
    np.testing.assert_allclose(result.table["score"], expected, rtol=1e-12)


AMPI = """
[composite]
high = "protects"
normalise = "ampi"
aggregate = "ampi"
indicators = [
  { code = "schooling", direction = "protects" },
  { code = "employed", direction = "protects" },
  { code = "poor", direction = "weakens" },
]
"""


def test_unbalanced_regions_pay_as_in_italys_equitable_and_sustainable_wellbeing(tmp_path):
    """Mazziotta and Pareto (2016): 100 + 60 (x - mean) / (max - min), less variance over mean.

    Means 12, 60 and 20; ranges 8, 40 and 20. Scores 70 100 130 100, 70 115 130 85 and, where much weakens,
    115 130 70 85.
    """
    result = written(
        tmp_path, AMPI, schooling=[8.0, 12, 16, 12], employed=[40.0, 70, 80, 50], poor=[15.0, 10, 30, 25]
    )
    means = [85, 115, 110, 90]
    variances = [450, 150, 800, 50]
    expected = [mean - variance / mean for mean, variance in zip(means, variances, strict=True)]
    assert result.table["score"].tolist() == pytest.approx(expected, rel=1e-12)
    assert result.table["rank"].tolist() == [4, 1, 2, 3]


SDG = """
[composite]
high = "protects"

[[composite.groups]]
code = "poverty"

[[composite.groups]]
code = "health"

[[composite.indicators]]
code = "poor"
direction = "weakens"
group = "poverty"
normalise = { method = "goalposts", minimum = 0, maximum = 70 }

[[composite.indicators]]
code = "child_deaths"
direction = "weakens"
group = "health"
normalise = { method = "goalposts", minimum = 2.5, maximum = 130.5 }

[[composite.indicators]]
code = "vaccinated"
direction = "protects"
group = "health"
normalise = { method = "goalposts", minimum = 40, maximum = 100 }
"""


def test_goals_are_means_of_indicators_between_goalposts_and_count_alike_as_in_the_sdg_index(tmp_path):
    """Sachs et al. (2023), Sustainable Development Report: 0 at the lower bound, 100 at the optimum, capped.

    First 50 and (75 + 50) / 2; then 100 and (100 + 100) / 2; last 0, capped, and the one that is known, 25.
    """
    result = written(
        tmp_path, SDG, poor=[35.0, 0, 90], child_deaths=[34.5, 2, 98.5], vaccinated=[70.0, 100, math.nan]
    )
    assert result.table["poverty"].tolist() == pytest.approx([50, 100, 0])
    assert result.table["health"].tolist() == pytest.approx([62.5, 100, 25])
    assert result.table["score"].tolist() == pytest.approx([56.25, 100, 12.5])


def test_the_command_line_makes_the_same_of_a_study_file(tmp_path):
    result = written(tmp_path, AMPI, schooling=[8.0, 12, 16], employed=[40.0, 70, 80], poor=[15.0, 10, 30])
    assert main(["index", str(tmp_path / "study.toml"), "--out", str(tmp_path / "out"), "--quiet"]) == 0
    table = pd.read_csv(tmp_path / "out" / "index.csv", index_col="area_id")
    np.testing.assert_allclose(table["score"], result.table["score"], rtol=1e-9)
