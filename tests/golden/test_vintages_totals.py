"""No person is gained or lost: national totals of every Paavo count, carried between years and to a grid."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import lea_geo as lea

pytestmark = pytest.mark.real
NO_COUNTS = {"he_kika", "hr_ktu", "hr_mtu", "te_takk", "te_as_valj", "tr_ktu", "tr_mtu", "ra_as_kpa"}
"""Mean ages, mean and median incomes, household sizes and floor areas."""
LABELS = ["nimi", "euref_x", "euref_y", "pinta_ala", "vuosi", "kuntano"]


@pytest.fixture(scope="module")
def counts(finland: Path) -> pd.DataFrame:
    """Every count of Paavo 2018; NaN where it is suppressed."""
    table = pd.read_csv(finland / "paavo_2018_whole_country.csv", dtype={"postinumero": str})
    table = table.set_index("postinumero").drop(columns=[*LABELS, *NO_COUNTS]).astype(float)
    assert table.shape == (3030, 95)
    return table


@pytest.fixture(scope="module")
def areas(finland: Path) -> dict[int, gpd.GeoDataFrame]:
    return {
        year: lea.read_areas(finland / f"postal_areas_{year}.gpkg", area_id="postinumeroalue")
        for year in (2015, 2018, 2019)
    }


@pytest.mark.parametrize("onto", [2019, 2015])
def test_every_count_of_the_country_survives_on_the_areas_of_another_year(counts, areas, onto):
    found = lea.carry_series({2018: counts}, areas, onto=onto)
    account = found.account.loc[2018].reindex(counts.columns)
    total = counts.sum()
    np.testing.assert_allclose(account["total_before"], total, rtol=1e-12)
    # Known counts that share an area with a suppressed one are hidden with it, and not lost.
    np.testing.assert_allclose(account["total_after"] + account["hidden"], total, rtol=1e-9)
    assert (account["lost_outside"] == 0).all()


def test_the_sum_of_the_areas_is_the_total_where_nothing_is_suppressed(counts, areas):
    known = counts[["he_vakiy", "tr_kuty", "ra_asunn", "tp_tyopy"]].fillna(0.0)
    found = lea.carry_series({2018: known}, areas, onto=2015)
    sums = found.table.groupby("code")["value"].sum().reindex(known.columns)
    np.testing.assert_allclose(sums, known.sum(), rtol=1e-9)
    kept = found.table[found.table["code"] == "he_vakiy"]
    assert kept["amount"].sum() == pytest.approx(known["he_vakiy"].sum(), rel=1e-12)
    # An area that is the same in both years has its own people and nobody else's.
    assert kept.loc["00100", ["value", "received", "rests"]].tolist() == [
        known.loc["00100", "he_vakiy"],
        0,
        0,
    ]


def test_every_count_of_the_country_survives_a_round_trip_over_grid_cells(counts, areas):
    known = counts.fillna(0.0)
    grid = lea.build_grid(areas[2018], cell_size=5000)
    there = lea.interpolate(
        known, areas[2018], grid, kind="extensive", outside="spread", unreached="structural_zero"
    )
    on_cells = there.table[list(known.columns)]
    np.testing.assert_allclose(on_cells.sum(), known.sum(), rtol=1e-9)
    back = lea.interpolate(on_cells, grid, areas[2018], kind="extensive", outside="spread")
    np.testing.assert_allclose(back.table[list(known.columns)].sum(), known.sum(), rtol=1e-9)
