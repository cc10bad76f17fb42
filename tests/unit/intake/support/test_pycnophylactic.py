"""Tobler's smooth surface: held against its equation solved by hand, and against what it must keep."""

from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import box

import lea_geo as lea
from lea_geo.errors import UsageError, ValuesError


def strip(*borders: float) -> gpd.GeoDataFrame:
    """Areas side by side, from border to border, 20 m high."""
    shapes = [box(west, 0, east, 20) for west, east in pairwise(borders)]
    return gpd.GeoDataFrame(geometry=shapes, index=[f"at {b}" for b in borders[:-1]], crs=3067)


SOURCES, TARGETS = strip(0, 100, 200, 300), strip(*range(0, 301, 30))
PEOPLE = pd.Series([100.0, 400.0, 100.0], index=SOURCES.index)


def carried(values=PEOPLE, target=TARGETS, **options):
    options = {"kind": "extensive", "method": "pycnophylactic", "cell_size": 5.0} | options
    return lea.interpolate(values, SOURCES, target, **options)


def test_the_surface_is_the_one_that_calculus_gives():
    # The smoothest density z(x) that keeps each mass has z'' constant within each source, z and z' without
    # jumps, and z' = 0 at both ends. With 100, 400 and 100 people on 100 m each: z = 3e-4 x^2 up to x = 100,
    # z = 4.5 - 6e-4 (x - 150)^2 up to 200, and the mirror image. Its integral over each 30 m is:
    half = [2.7, 18.9, 51.3, 97.5, 129.6]
    fine = carried(cell_size=2.5, convergence=1e-8, iterations=10_000).table["value"]
    assert fine.to_numpy() == pytest.approx([*half, *half[::-1]], abs=0.03)
    coarse = carried(cell_size=10.0, convergence=1e-8).table["value"]
    error = [np.abs(one.to_numpy()[:5] - half).max() for one in (coarse, fine)]
    assert error[0] / error[1] == pytest.approx(16, rel=0.2)  # cells a quarter as wide, second order


def test_every_source_keeps_its_mass():
    back = carried(target=SOURCES).table["value"]
    assert back.to_numpy() == pytest.approx(PEOPLE.to_numpy(), rel=1e-9)
    result = carried()
    assert result.table["value"].sum() == pytest.approx(600, rel=1e-9)
    assert result.account.loc["value", "unexplained"] == pytest.approx(0, abs=1e-9)


def test_no_density_falls_below_zero():
    steep = carried(pd.Series([0.0, 1000.0, 0.0], index=SOURCES.index)).table["value"]
    assert (steep >= 0).all()
    assert steep.sum() == pytest.approx(1000, rel=1e-9)


def test_an_even_density_stays_even():
    even = carried(pd.Series(100.0, index=SOURCES.index)).table["value"]
    assert even.to_numpy() == pytest.approx(30, rel=1e-9)


def test_how_far_the_smoothing_came_is_said():
    assert "over 4 by 60 cells of 5 m and settled in" in carried().notes[0]
    assert "did not settle in 3 rounds" in carried(iterations=3).notes[0]


def test_a_hidden_value_ends_the_surface_and_is_spread_evenly():
    hidden = pd.Series([100.0, np.nan, 100.0], index=SOURCES.index)
    status = pd.Series(["observed", "suppressed", "observed"], index=SOURCES.index)
    bounds = pd.Series([np.nan, 1.0, np.nan], index=SOURCES.index)
    table = carried(hidden, status=status, lower=bounds, upper=9 * bounds).table
    # With nothing beyond its border the first source is even: 10 of its people in the fourth target.
    assert table["value"].iloc[:3].to_numpy() == pytest.approx(30, rel=1e-9)
    assert table.loc["at 90", ["status", "lower", "upper"]].tolist() == pytest.approx(
        ["suppressed", 10.2, 11.8]
    )


def test_each_column_has_its_own_surface():
    table = pd.DataFrame({"people": PEOPLE, "dogs": PEOPLE[::-1].to_numpy() * [1, 1, 5]}, index=PEOPLE.index)
    both = carried(table)
    alone = carried(table["dogs"])
    assert both.table["dogs"].to_numpy() == pytest.approx(alone.table["value"].to_numpy(), rel=1e-12)
    assert both.crosswalks["dogs"] is not both.crosswalks["people"]


def test_where_it_makes_no_sense_it_is_refused():
    with pytest.raises(UsageError, match=r"smooths what adds up, but value does not \(intensive\)"):
        carried(kind="intensive")
    with pytest.raises(
        ValuesError, match=r"negative value, which method='pycnophylactic' cannot smooth: 2 of 3"
    ):
        carried(PEOPLE - 200)
    with pytest.raises(UsageError, match="takes no weights"):
        carried(weights=TARGETS)
    with pytest.raises(UsageError, match="cell_size is -5"):
        carried(cell_size=-5)
    with pytest.raises(UsageError, match=r"makes \d+ cells, more than 1000000"):
        carried(cell_size=0.01)
