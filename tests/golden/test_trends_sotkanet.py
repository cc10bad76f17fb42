"""Emerging hot spots of real series: Sotkanet 1990-2012 by municipality, on the borders of 2019."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import lea_geo as lea

pytestmark = pytest.mark.real
CODE = "[TALOUS] Korkea-asteen koulutuksen saaneet, % 15 vuotta täyttäneistä"


@pytest.fixture(scope="module")
def municipalities(finland: Path):
    areas = gpd.read_file(finland / "kunta_2019_1000k.gpkg").set_index("kunta")
    areas.index = areas.index.astype(str)
    table = pd.read_csv(finland / "sotkanet_long_1990_2012_kunta.csv.gz")
    one = table[table["Muuttuja"] == CODE]
    # The file of 2019 holds 0x1A where a letter has dots or a ring.
    name = one["Alue"].str.replace("[äöåÄÖÅ]", "\x1a", regex=True)
    codes = pd.Series(areas.index, index=areas["nimi"].str.replace("[äöåÄÖÅ]", "\x1a", regex=True))
    unique = codes[~codes.index.duplicated(keep=False)]
    wide = (
        one.assign(code=name.map(unique))
        .dropna(subset="code")
        .pivot_table(index="code", columns="Vuosi", values="Arvo")
    )
    areas = areas.loc[wide.index]
    areas.index.name = "area_id"
    return lea.build_graph(areas, "queen", islands="nearest"), wide


@pytest.fixture(scope="module")
def found(municipalities):
    graph, wide = municipalities
    return lea.emerging_hotspots(wide, graph, method="analytic")


def test_hundreds_of_municipalities_have_two_decades(municipalities):
    assert municipalities[1].shape[0] > 280
    assert municipalities[1].shape[1] >= 20


def test_real_classes_are_what_their_definitions_say(found):
    table, years = found.table, found.by_year.wide("q_value")
    fdr = found.settings["fdr"]
    hot = (years <= fdr) & (found.by_year.wide("p_upper") <= found.by_year.wide("p_lower"))
    assert (table["years_hot"] == hot.sum(axis=1).reindex(table.index)).sum() >= 0.95 * len(table)
    lasting = table[table["class"] == "lasting hot"]
    assert len(lasting) > 5
    assert (lasting[["q_start", "q_now"]] <= fdr).all().all()
    assert (lasting["trend"] == "not told").all()
    for word, trend in (
        ("strengthening hot", "rising"),
        ("weakening hot", "falling"),
        ("strengthening cold", "falling"),
    ):
        own = table[table["class"] == word]
        assert (own["trend"] == trend).all()
        assert (own["q_now"] <= fdr).all()
    new = table[table["class"].isin(["new hot", "new cold"])]
    assert (new["q_now"] <= fdr).all()
    former = table[table["class"].isin(["former hot", "former cold"])]
    assert (former["q_start"] <= fdr).all()


def test_educated_people_gather_around_helsinki_all_the_time(found):
    # Helsinki, Espoo, Vantaa, Kauniainen: the capital region has had the most educated people throughout.
    capital = found.table.loc[["091", "049", "092", "235"]]
    assert (capital["years_hot"] >= 20).all()
    assert set(capital["class"]) <= {"lasting hot", "strengthening hot", "weakening hot"}


def test_real_series_last_from_year_to_year_and_that_is_reckoned_with(found, municipalities):
    graph, wide = municipalities
    assert found.trends.rho > 0.3
    plain = lea.emerging_hotspots(wide, graph, method="analytic", autocorrelation="none")
    told = (plain.table["trend"] != "not told").sum()
    assert (found.table["trend"] != "not told").sum() < told


def test_education_has_risen_everywhere(municipalities):
    _, wide = municipalities
    levels = lea.mann_kendall(wide, autocorrelation="pooled").table
    assert (levels["trend"] == "rising").mean() > 0.9
    assert lea.regional_mann_kendall(wide, permutations=199).p_value == pytest.approx(0.01)


def test_arcgis_patterns_run_on_real_series(municipalities):
    graph, wide = municipalities
    found = lea.emerging_hotspots(wide, graph, rule="arcgis")
    share = np.mean(found.table["class"] != "no pattern")
    assert 0 < share < 1
    assert found.settings["window"] == 1
