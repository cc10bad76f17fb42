"""Vantaa from 2018 to 2026, by Paavo's files of both years."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from scipy import stats

import lea_geo as lea
from lea_geo.change.between import area_changes
from lea_geo.change.breaks import find_breaks, redrawn_areas
from lea_geo.change.gaps import gaps_over_time

pytestmark = pytest.mark.real
# Fields that both years define alike: residents and adults of income classes that are the nation's fifths.
LOW_INCOME, ADULTS = "hr_pi_tul", "hr_tuy"


@pytest.fixture(scope="module")
def vantaa(finland):
    then = pd.read_csv(finland / "paavo_2018_whole_country.csv", dtype={"postinumero": str, "kuntano": str})
    then = then[then["kuntano"] == "092"].set_index("postinumero")
    now = gpd.read_file(finland / "paavo_wfs_2026_helsinki_tampere_turku.gpkg").set_index("postinumeroalue")
    now = now[now["kunta"] == "092"].to_crs(3067)
    areas = lea.read_areas(finland / "postal_areas_2018.gpkg", area_id="postinumeroalue", id_scheme="postal")
    both = then.index.intersection(now.index)
    tables = {2018: then.loc[both], 2026: pd.DataFrame(now.loc[both]).where(lambda x: x != -1)}
    return both, tables, areas, now


def _counts(table):
    counts = table[[LOW_INCOME, ADULTS]].astype(float)
    return counts.set_axis(["numerator", "denominator"], axis=1)


def test_areas_that_changed_are_those_of_fishers_test_with_the_false_discovery_rate(vantaa):
    _, tables, _, _ = vantaa
    years = {year: _counts(table) for year, table in tables.items()}
    found = area_changes(years, method="exact")
    held = found.table["p_value"].dropna().index
    p = []
    for area in held:
        (x0, n0), (x1, n1) = (years[year].loc[area] for year in (2018, 2026))
        law = stats.hypergeom(n0 + n1, x0 + x1, n1)
        p.append(min(1.0, 2 * min(law.cdf(x1), law.sf(x1 - 1))))
    listed = stats.false_discovery_control(p) <= 0.05
    assert set(held[listed]) == set(found.table.index[found.table["class"].isin(["risen", "fallen"])])
    # The share of adults in the nation's lowest fifth grew in the city as a whole: 15.6 to 18.8 per cent.
    whole = [years[year].sum() for year in (2018, 2026)]
    assert [round(100 * one["numerator"] / one["denominator"], 1) for one in whole] == [15.6, 18.8]
    assert found.summary["risen"] > 5 * max(1, found.summary["fallen"])


def test_the_area_without_residents_has_no_change_and_is_named(vantaa):
    both, tables, _, _ = vantaa
    found = area_changes({year: _counts(table) for year, table in tables.items()})
    assert "01770" in both
    assert found.table.loc["01770", "class"] == ""
    assert any("01770" in note for note in found.notes)


def test_borders_that_moved_between_the_files_are_marked_and_most_did_not(vantaa):
    both, _, areas, now = vantaa
    near = areas.cx[slice(*now.total_bounds[[0, 2]]), slice(*now.total_bounds[[1, 3]])]
    marked = redrawn_areas(both, borders=lea.change_table(near[["geometry"]], now[["geometry"]])).table
    # Vantaa has a code more: 01490, which the file of 2018 puts in Sipoo, so that nothing is compared there.
    assert set(now.index) - set(both) == {"01490"}
    # 01340 took two fifths of its ground from 01360, and 01700 gave a seventh of its own to its neighbours.
    assert marked.loc[["01340", "01700"], "redrawn"].all()
    assert not marked.loc[["01200", "01300", "01510", "01770"], "redrawn"].any()
    assert marked["redrawn"].sum() <= 12


def test_a_new_town_is_flagged_to_be_looked_at_and_ordinary_growth_is_not(vantaa):
    _, tables, _, _ = vantaa
    people = pd.DataFrame({year: table["he_vakiy"].astype(float) for year, table in tables.items()})
    breaks = find_breaks(people)
    ratio = people[2026] / people[2018]
    # 01340 and 01700 have other borders; 01530 doubled by building.
    assert set(breaks.areas) == {"01340", "01530", "01700"}
    assert (ratio[breaks.areas] > 2).all()


def test_the_gap_of_the_city_is_given_both_ways_with_intervals(vantaa):
    _, tables, _, _ = vantaa
    years = {year: _counts(table) for year, table in tables.items()}
    found = gaps_over_time(years, scale=100, runs=199, pairs=("fifths",))
    rows = found.change[found.change["weighting"] == "weighted"].set_index("form")
    assert np.isfinite(rows[["lower", "upper"]].to_numpy(dtype=float)).all()
    assert (rows["lower"] < rows["upper"]).all()
    assert found.n == int(area_changes(years).table["difference"].notna().sum())
