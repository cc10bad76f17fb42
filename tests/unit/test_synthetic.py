"""The made-up region is what it says: a valid coast, plausible people, nothing planted but what is told."""

import hashlib
import tomllib
from collections import Counter
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import lea_geo as lea
from lea_geo.intake.catalogue import read_catalogue
from lea_geo.schema import Label
from lea_geo.spec import load_spec
from lea_geo.synthetic.expected import expected_value
from lea_geo.synthetic.households import BACKGROUND, PLANTS

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "boundaries" / "demo"
CLUSTERED = {Label.HIGH_HIGH, Label.LOW_LOW, Label.HIGH_LOW, Label.LOW_HIGH}
WATER = {"islands": "components", "water_distance": 1000.0}


@pytest.fixture(scope="module")
def areas():
    return lea.synthetic.areas()


@pytest.fixture(scope="module")
def table():
    return lea.synthetic.indicator_table().set_index("postinumeroalue")


@pytest.fixture(scope="module")
def indicators(tmp_path_factory):
    path = lea.synthetic.write_world(tmp_path_factory.mktemp("world")).with_name("paavo.csv")
    return lea.read_indicators(path, area_id="postinumeroalue")


@pytest.fixture(scope="module")
def labels(areas, indicators):
    """Which areas both local statistics label, by indicator, at the study's settings."""
    graph = lea.build_graph(areas, "queen", **WATER)
    found = {}
    for indicator in indicators.indicators:
        values = indicators.values[indicator.code].reindex(areas.index)
        moran = lea.local_moran(values, graph, fdr=0.05).table["label"]
        g_star = lea.local_g(values, graph, star=True, fdr=0.05).table["label"]
        found[indicator.code] = (moran, g_star)
    return found


def test_the_areas_cover_the_land_without_gaps_or_overlaps(areas):
    shapes = areas.geometry.to_numpy()
    assert len(areas) == 60
    assert areas.crs == "EPSG:3067"
    assert shapely.is_valid(shapes).all()
    assert shapely.coverage_is_valid(shapes)
    assert (areas.geom_type == "Polygon").all()
    # A lake or a gap would be a hole in the union of an island or of the mainland.
    assert all(not part.interiors for part in shapely.get_parts(shapely.union_all(shapes)))


def test_five_islands_lie_off_the_coast_and_one_touches_nobody(areas):
    assert len(shapely.get_parts(shapely.union_all(areas.geometry.to_numpy()))) == 6
    bridged = lea.build_graph(areas, "queen", **WATER)
    (alone,) = bridged.isolates
    assert areas.loc[alone, "zone"] == "far_island"
    assert bridged.n_components == 2


def test_the_river_keeps_the_two_banks_of_the_town_apart(areas):
    north, south = (areas[areas["zone"] == f"town_{bank}"].union_all() for bank in ("north", "south"))
    assert not north.touches(south)
    assert north.distance(south) < 300


def test_only_the_neck_of_a_cape_has_neighbours_elsewhere(areas):
    graph = lea.build_graph(areas, "queen", **WATER).to_libpysal()
    for divergence in lea.synthetic.truth().divergences:
        cape = set(divergence.area_ids)
        near = {area: set(graph[area].index) for area in cape}
        assert len(cape) == 7
        assert all(len(others & cape) >= 3 for others in near.values())
        assert Counter(len(others - cape) for others in near.values()) == {0: 6, 1: 1}


@pytest.mark.real
def test_no_postal_code_and_no_municipality_of_the_region_exists(areas, finland):
    paavo = pd.read_csv(finland / "paavo_2018_whole_country.csv", dtype=str)
    assert set(areas["municipality"]) == {"998", "999"}
    assert not set(areas["municipality"]) & set(paavo["kuntano"])
    assert not paavo["postinumero"].str.startswith("089").any()
    for year in (2015, 2019):
        codes = gpd.read_file(finland / f"postal_areas_{year}.gpkg", ignore_geometry=True)["postinumeroalue"]
        assert not codes.astype(str).str.startswith("089").any()


def test_every_area_has_names_of_its_own_in_three_languages(areas):
    for column in ("name_fi", "name_sv", "name_en"):
        assert areas[column].is_unique
        assert areas[column].str.len().gt(2).all()


def test_people_live_in_cells_of_their_area_and_most_of_the_country_is_empty(areas):
    families, cells = lea.synthetic.families(), lea.synthetic.cells()
    assert cells["vaesto"].sum() == families["size"].sum() == len(lea.synthetic.persons())
    centre = shapely.points(families["x"] + 125, families["y"] + 125)
    assert shapely.within(centre, areas.geometry.loc[families["area_id"]].to_numpy()).all()
    pd.testing.assert_frame_equal(
        cells.bounds.astype(int), lea.build_grid(list(cells.index), cell_size=250).bounds.astype(int)
    )
    density = cells.groupby("postal_area")["vaesto"].mean().groupby(areas["zone"]).mean()
    assert density["town_north"] > 4 * density["rural_north"]
    assert len(cells) * 250**2 < 0.7 * areas.area.sum()


def test_the_fields_add_up_as_paavos_do(table):
    shown = table[table["te_laps"] >= 0]
    for total, parts in {
        "he_vakiy": ["he_naiset", "he_miehet"],
        "ko_ika18y": ["ko_perus", "ko_koul"],
        "ko_koul": ["ko_yliop", "ko_ammat", "ko_al_kork", "ko_yl_kork"],
        "hr_tuy": ["hr_pi_tul", "hr_ke_tul", "hr_hy_tul"],
        "tr_kuty": ["tr_pi_tul", "tr_ke_tul", "tr_hy_tul"],
        "te_taly": ["te_omis_as", "te_vuok_as", "te_muu_as"],
        "pt_vakiy": ["pt_tyoll", "pt_tyott", "pt_0_14", "pt_opisk", "pt_elakel", "pt_muut"],
        "ra_asunn": ["ra_pt_as", "ra_kt_as"],
        "tp_palv_gu": [
            name for name in table if name.startswith("tp_") and "g" <= name[3] <= "u" and name[4] == "_"
        ],
    }.items():
        pd.testing.assert_series_equal(shown[parts].sum(axis=1), shown[total], check_names=False)
    ages = [name for name in table if name.startswith("he_") and name[3].isdigit()]
    assert len(ages) == 20
    pd.testing.assert_series_equal(shown[ages].sum(axis=1), shown["he_vakiy"], check_names=False)
    assert (shown["te_yhlap"] <= shown["te_laps"]).all()
    assert (shown["te_plap"] <= shown["te_aklap"]).all()
    assert (table["he_vakiy"] == table["pt_vakiy"]).all()


def test_small_groups_are_withheld_as_paavo_withholds_them(areas, table):
    truth = lea.synthetic.truth()
    households, people = truth.withheld
    assert table.loc[households, "he_vakiy"] >= 30
    assert 0 < table.loc[households, "te_taly"] < 30
    assert table.loc[households, ["te_laps", "te_takk", "tr_mtu"]].eq(-1).all()
    assert table.loc[households, "pt_tyott"] >= 0
    assert 0 < table.loc[people, "he_vakiy"] < 30
    assert table.loc[people, ["he_0_2", "ko_perus", "te_laps", "tr_mtu", "pt_tyott"]].eq(-1).all()
    (empty,) = truth.without_residents
    assert areas.loc[empty, "name_en"] == "Quiet Harbour"
    assert table.loc[empty, ["he_vakiy", "te_taly", "hr_mtu"]].eq(0).all()


def test_the_paavo_catalogue_reads_the_table_unchanged(indicators):
    assert [i.code for i in indicators.indicators] == list(read_catalogue("paavo").codes)
    status = indicators.status["families_with_children"]
    assert Counter(status) == {"observed": 57, "suppressed": 2, "not_applicable": 1}


def test_the_same_seed_gives_the_same_people_and_another_seed_others():
    first = lea.synthetic.indicator_table(seed=1)
    pd.testing.assert_frame_equal(first, lea.synthetic.indicator_table(seed=1))
    assert not first.equals(lea.synthetic.indicator_table(seed=2))
    with pytest.raises(lea.errors.UsageError, match="seed is -1"):
        lea.synthetic.families(seed=-1)


def test_nobody_can_change_the_world_for_others():
    borrowed, people = lea.synthetic.areas(), lea.synthetic.persons()
    borrowed["name_fi"] = "changed"
    people["age"] = 0
    assert lea.synthetic.areas()["name_fi"].is_unique
    assert lea.synthetic.persons()["age"].max() > 80


@pytest.mark.parametrize("place", [None, *PLANTS], ids=lambda plant: getattr(plant, "name", "background"))
def test_what_is_drawn_is_what_was_to_be_expected(areas, place):
    """Rates of households: 5 standard errors of a binomial share, over the areas of the place together."""
    living = place.living if place else BACKGROUND
    zones = [place.zone] if place else sorted(set(areas["zone"]) - {plant.zone for plant in PLANTS})
    drawn = lea.synthetic.indicator_table(seed=5).set_index("postinumeroalue")
    drawn = drawn[areas["zone"].isin(zones) & (drawn["te_laps"] >= 0)]
    tried = 0
    for indicator in read_catalogue("paavo").indicators:
        if indicator.unit == "percent" and indicator.denominator[0] in {
            "te_taly",
            "te_laps",
            "tr_kuty",
            "ra_asunn",
        }:
            n, k = (
                drawn[list(indicator.denominator)].sum().sum(),
                drawn[list(indicator.numerator)].sum().sum(),
            )
            share = expected_value(indicator, living) / 100
            assert abs(k / n - share) < 5 * np.sqrt(share * (1 - share) / n), indicator.code
            tried += 1
    assert tried >= 8


def test_the_truth_says_where_what_and_how_much():
    truth = lea.synthetic.truth()
    suburb = truth.divergences[0]
    effect = next(e for e in suburb.effects if e.code == "single_parent_households")
    # Planted: 46 of 100 families with children have one parent, where elsewhere it is 18.
    assert (effect.background, effect.planted, effect.direction) == (
        pytest.approx(18),
        pytest.approx(46),
        "higher",
    )
    assert effect.difference == pytest.approx(28)
    assert effect.odds_ratio == pytest.approx(0.46 / 0.54 / (0.18 / 0.82))
    assert truth.seed == 2021
    assert truth.nothing_planted == ("education_jobs", "care_jobs")
    assert truth.planted_areas("education_jobs") == frozenset()
    assert truth.planted_areas("unemployment") == {
        *truth.divergences[1].area_ids,
        *truth.divergences[2].area_ids,
    }
    with pytest.raises(AttributeError):
        truth.seed = 1


def test_every_planted_divergence_is_found(labels):
    """All areas of every cape, save one here and there."""
    shares = []
    for divergence in lea.synthetic.truth().divergences:
        for effect in divergence.effects:
            wanted = Label.HIGH_HIGH if effect.direction == "higher" else Label.LOW_LOW
            for found in labels[effect.code]:
                share = (found[list(divergence.area_ids)] == wanted).mean()
                assert share >= 6 / 7, (divergence.name, effect.code)
                shares.append(share)
    assert len(shares) >= 60
    assert np.mean(shares) > 0.98


def test_nothing_but_what_is_planted_is_found(labels):
    truth = lea.synthetic.truth()
    outside = {
        code: sorted(set(found.index[found.isin(CLUSTERED)]) - truth.planted_areas(code))
        for code, pair in labels.items()
        for found in pair
    }
    assert outside == {code: [] for code in read_catalogue("paavo").codes}


def test_the_committed_demo_region_is_what_the_code_writes(tmp_path):
    study = lea.synthetic.write_world(tmp_path)
    assert sorted(p.name for p in DEMO.iterdir()) == sorted(p.name for p in tmp_path.iterdir())
    for name in sorted(path.name for path in DEMO.iterdir()):
        if not name.endswith(".gpkg"):
            assert (DEMO / name).read_text("utf-8") == (tmp_path / name).read_text("utf-8"), name
            continue
        committed, written = (gpd.read_file(folder / name) for folder in (DEMO, tmp_path))
        pd.testing.assert_frame_equal(pd.DataFrame(committed), pd.DataFrame(written))
    assert load_spec(study).synthetic


@pytest.fixture(scope="module")
def tables():
    """The postal tables of the three years, by area."""
    return {
        year: lea.synthetic.indicator_table(year=year).set_index("postinumeroalue")
        for year in lea.synthetic.YEARS
    }


def test_the_planted_gaps_drift_as_the_truth_says():
    # Unemployed at Mill Cape: 24 %, the background 9 %; half and three quarters of the way before.
    for year, expected in {2021: 9 + 0.50 * 15, 2023: 9 + 0.75 * 15, 2025: 24.0}.items():
        mill = lea.synthetic.truth(year=year).divergences[1]
        effect = next(e for e in mill.effects if e.code == "unemployment")
        assert (effect.background, effect.planted) == (pytest.approx(9), pytest.approx(expected))
    gaps = [[d.gap for d in lea.synthetic.truth(year=year).divergences] for year in (2021, 2023, 2025)]
    assert gaps == [[0.70, 0.50, 1.0, 1.2], [0.85, 0.75, 1.0, 1.1], [1.0, 1.0, 1.0, 1.0]]
    assert lea.synthetic.truth() == lea.synthetic.truth(year=2025)


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.name)
def test_what_is_drawn_in_an_earlier_year_is_what_was_to_be_expected(areas, tables, plant):
    """Shares of households: 5 standard errors of a binomial share, over the areas of the place together."""
    for year in (2021, 2023):
        drawn = tables[year][areas["zone"] == plant.zone]
        for code in ("families_with_children", "single_parent_households", "low_income_households"):
            indicator = next(i for i in read_catalogue("paavo").indicators if i.code == code)
            n, k = (
                drawn[list(fields)].sum().sum() for fields in (indicator.denominator, indicator.numerator)
            )
            share = expected_value(indicator, plant.living_in(year)) / 100
            assert abs(k / n - share) < 5 * np.sqrt(share * (1 - share) / n), (year, code)


def test_as_many_families_live_in_an_area_in_every_year_but_not_the_same_ones(tables):
    first, *others = tables.values()
    for other in others:
        assert (other["te_taly"] == first["te_taly"]).all()
        assert (other["he_vakiy"] != first["he_vakiy"]).sum() > 50
        assert set(other["vuosi"]) == {other["vuosi"].iloc[0]} != set(first["vuosi"])
    with pytest.raises(lea.errors.UsageError, match="year is 2022; it must be one of 2021, 2023, 2025"):
        lea.synthetic.families(year=2022)


@pytest.mark.parametrize("year", [2021, 2025])
def test_municipalities_and_cells_count_the_same_people(areas, year):
    people = lea.synthetic.persons(year=year)
    towns = lea.synthetic.municipality_table(year=year).set_index("kunta")
    cells = lea.synthetic.grid_table(year=year).set_index("grd_id")
    assert towns["he_vakiy"].sum() == cells["he_vakiy"].sum() == len(people)
    children = (people["age"] < 3) & people["area_id"].map(areas["municipality"]).eq("998")
    assert towns.loc["998", "he_0_2"] == children.sum()
    assert towns["tp_tyopy"].sum() > 0
    # The corner of a 250 m cell says in which 1 km cell it lies.
    fine = lea.synthetic.families(year=year)
    one = fine[(fine["x"] // 1000 == 113) & (fine["y"] // 1000 == 6840)]
    assert cells.loc["1kmN6840E0113", "te_taly"] == len(one)


def test_cells_withhold_the_details_of_fewer_than_ten():
    cells = lea.synthetic.grid_table()
    for total, detail in (("he_vakiy", "he_0_2"), ("te_taly", "te_laps"), ("ko_ika18y", "ko_perus")):
        few = cells[total].between(1, 9)
        assert few.any()
        assert (cells.loc[few, detail] == -1).all()
        assert (cells.loc[~few, detail] >= 0).all()
        assert (cells[total] >= 0).all()


def test_the_municipalities_are_their_postal_areas(areas):
    towns = lea.synthetic.municipalities()
    assert list(towns.index) == ["998", "999"]
    assert towns.area.sum() == pytest.approx(areas.area.sum(), rel=1e-12)
    assert not towns.geometry.iloc[0].overlaps(towns.geometry.iloc[1])
    inside = areas.representative_point().within(towns.geometry.loc["999"])
    assert list(areas.index[inside]) == list(areas.index[areas["municipality"] == "999"])


def test_the_sea_is_where_no_area_is_and_nobody_lives_in_the_lake(areas):
    sea, lake = lea.synthetic.water().geometry
    assert sea.is_valid
    assert sea.intersection(areas.union_all()).area == 0
    assert areas.union_all().contains(lake)
    homes = lea.synthetic.families()[["x", "y"]].drop_duplicates()
    assert not shapely.intersects(
        shapely.box(homes["x"], homes["y"], homes["x"] + 250, homes["y"] + 250), lake
    ).any()


def test_the_registry_knows_the_demo_file_and_names_an_owner_and_a_licence_for_everything():
    registry = tomllib.loads((ROOT / "boundaries" / "registry.toml").read_text("utf-8"))
    for entry in registry.values():
        assert entry["licence"] in {"CC BY 4.0", "CC0 1.0"}
        assert entry["owner"]
        assert entry["what"]
    demo = registry["demo"]
    found = hashlib.sha256((ROOT / "boundaries" / demo["path"]).read_bytes()).hexdigest()
    assert found == demo["sha256"]
    assert sum(p.stat().st_size for p in (ROOT / "boundaries").rglob("*") if p.is_file()) < 3_000_000
