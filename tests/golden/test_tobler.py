"""tobler 0.13 in the same run: equal where it is right, and where it is not, what is done here instead."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from scipy.sparse import coo_matrix
from shapely import box
from tobler.area_weighted import area_interpolate

import lea_geo as lea
from lea_geo.errors import AreasError, ValuesError


def cells_of(seed: int, count: int) -> gpd.GeoDataFrame:
    """Return a square of 10 km, divided among random points by who is nearest."""
    square, rng = box(300_000, 6_700_000, 310_000, 6_710_000), np.random.default_rng(seed)
    places = shapely.multipoints(np.array([300_000, 6_700_000]) + 10_000 * rng.random((count, 2)))
    parts = shapely.get_parts(shapely.voronoi_polygons(places, extend_to=square))
    index = [f"{i:03d}" for i in range(count)]
    return gpd.GeoDataFrame(geometry=shapely.intersection(parts, square), index=index, crs=3067)


def squares(side: int) -> gpd.GeoDataFrame:
    steps = np.arange(0, 10_000, side)
    x, y = (a.ravel() for a in np.meshgrid(300_000 + steps, 6_700_000 + steps))
    index = [f"c{i}" for i in range(len(x))]
    return gpd.GeoDataFrame(geometry=shapely.box(x, y, x + side, y + side), index=index, crs=3067)


SOURCES = cells_of(1, 120)
VALUES = pd.DataFrame({"people": np.arange(120.0) ** 2, "rate": np.linspace(0, 1, 120)}, index=SOURCES.index)
KINDS = {"people": "extensive", "rate": "intensive"}


def double_table(source, target):
    """Return tobler's table of shared surface by its own two steps, but not cut to single precision."""
    column, row = source.sindex.query(target.geometry, predicate="intersects")[[0, 1]]
    shared = source.geometry.values[row].intersection(target.geometry.values[column]).area
    return coo_matrix((shared, (row, column)), shape=(len(source), len(target))).tocsr()


def tobler(target, values=VALUES, source=SOURCES, **options):
    names = {"extensive_variables": ["people"], "intensive_variables": ["rate"]}
    found = area_interpolate(source.join(values), target, **(names | options))
    return found.drop(columns="geometry").set_axis(target.index)


@pytest.mark.parametrize("target", [cells_of(2, 90), squares(500)], ids=["polygons", "cells"])
def test_areal_interpolation_is_equal_where_everything_is_covered(target):
    ours = lea.interpolate(VALUES, SOURCES, target, kind=KINDS)
    theirs, rough = tobler(target, table=double_table(SOURCES, target)), tobler(target)
    for name in KINDS:
        assert ours.table[name].to_numpy() == pytest.approx(theirs[name].to_numpy(), rel=1e-9, abs=1e-9)
        # Left to itself tobler keeps shared surface in single precision.
        assert ours.table[name].to_numpy() == pytest.approx(rough[name].to_numpy(), rel=1e-6)


def test_and_where_what_lies_outside_is_dropped_or_spread():
    target = squares(1000).iloc[:60]
    met = SOURCES.intersects(target.union_all()) & ~SOURCES.touches(target.union_all())
    source, values = SOURCES[met], VALUES[met]
    for outside, allocate in (("drop", False), ("spread", True)):
        table = double_table(source, target)
        theirs = tobler(target, values, source, allocate_total=allocate, table=table)
        ours = lea.interpolate(values, source, target, kind=KINDS, outside=outside).table
        assert ours["people"].to_numpy() == pytest.approx(theirs["people"].to_numpy(), rel=1e-9)


def test_where_tobler_fills_a_gap_with_zeros_the_target_is_missing():
    away = gpd.GeoDataFrame(geometry=[box(400_000, 6_700_000, 401_000, 6_701_000)], index=["away"], crs=3067)
    target = pd.concat([squares(1000), away])
    assert tobler(target).loc["away"].tolist() == [0, 0]  # nobody, and a rate of nothing
    ours = lea.interpolate(VALUES, SOURCES, target, kind=KINDS).table.loc["away"]
    assert np.isnan(ours["people"])
    assert np.isnan(ours["rate"])
    assert (ours["people_status"], ours["rate_status"]) == ("missing", "missing")


def test_where_tobler_takes_minus_one_for_people_it_is_refused_or_has_a_status():
    code = VALUES.assign(people=VALUES["people"].where(VALUES.index != "007", -1.0))
    assert tobler(SOURCES, code).loc["007", "people"] == pytest.approx(
        -1
    )  # a postal area of minus one person
    with pytest.raises(ValuesError, match=r"negative people: 1 of 120 \(007\)"):
        lea.interpolate(code, SOURCES, SOURCES, kind=KINDS, nonnegative=True)
    status = pd.Series("observed", index=VALUES.index).where(VALUES.index != "007", "suppressed")
    result = lea.interpolate(
        code["people"], SOURCES, SOURCES, kind="extensive", status=status, nonnegative=True
    )
    assert result.table.loc["007", "status"] == "suppressed"
    assert np.isnan(result.table.loc["007", "value"])
    assert result.account.loc["value", "total_after"] == VALUES["people"].drop("007").sum()


def test_where_tobler_counts_what_targets_share_three_times_the_targets_are_refused():
    target = pd.concat([squares(5000).rename(index=lambda i, k=k: f"{i}-{k}") for k in range(3)])
    before = VALUES["people"].sum()
    assert tobler(target, allocate_total=False)["people"].sum() == pytest.approx(3 * before)
    with pytest.raises(AreasError, match="pairs of target areas that lie over each other: 12"):
        lea.interpolate(VALUES, SOURCES, target, kind=KINDS)


def test_where_tobler_prints_a_line_and_returns_nothing_another_crs_is_an_error(capsys):
    target = squares(1000).to_crs(3879)
    assert area_interpolate(SOURCES.join(VALUES), target, extensive_variables=["people"]) is None
    assert "different crs" in capsys.readouterr().out
    with pytest.raises(AreasError, match="GK25FIN"):
        lea.interpolate(VALUES, SOURCES, target, kind=KINDS)


def test_where_tobler_moves_mass_that_lies_outside_into_the_targets_unasked_it_is_refused():
    target = squares(1000).iloc[:60]  # the southern 60 of 100
    assert tobler(target)["people"].sum() > tobler(target, allocate_total=False)["people"].sum() * 1.01
    with pytest.raises(ValuesError, match=r"people would be lost outside the targets"):
        lea.interpolate(VALUES, SOURCES, target, kind=KINDS)
