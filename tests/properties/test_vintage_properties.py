"""What holds of every redrawing: nobody is lost, time can run backwards, bounds hold the truth."""

from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

import lea_geo as lea
from lea_geo.intake.catalogue import read_catalogue
from lea_geo.intake.support.locate import locate
from lea_geo.intake.tables import IndicatorTable
from lea_geo.intake.vintages.kinds import REVERSED
from lea_geo.schema import NAME_COLUMNS

KM, WIDE, HIGH = 1000.0, 9, 6
SHARE = next(i for i in read_catalogue("paavo").indicators if i.code == "low_income_residents")
JOBS = next(i for i in read_catalogue("paavo").indicators if i.code == "education_jobs")


@st.composite
def partitions(draw, prefix: str = "") -> gpd.GeoDataFrame:
    """The same land of 9 by 6 km, cut into columns and each column into areas, at half kilometres."""
    columns = [0, *sorted(draw(st.sets(st.integers(1, 2 * WIDE - 1), max_size=3))), 2 * WIDE]
    shapes = []
    for left, right in pairwise(columns):
        rows = [0, *sorted(draw(st.sets(st.integers(1, 2 * HIGH - 1), max_size=2))), 2 * HIGH]
        shapes += [
            box(left * KM / 2, low * KM / 2, right * KM / 2, high * KM / 2) for low, high in pairwise(rows)
        ]
    names = draw(st.permutations([f"{prefix}{number}" for number in range(len(shapes))]))
    return gpd.GeoDataFrame(
        geometry=shapes, index=pd.Index(names, name="area_id", dtype="str"), crs="EPSG:3067"
    )


def people_of(areas: gpd.GeoDataFrame, points: np.ndarray) -> np.ndarray:
    """How many points lie in each area."""
    found = locate(points[:, 0], points[:, 1], areas)
    return np.bincount(found, minlength=len(areas)).astype(float)


def points_of(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """People in four villages, and those who count: everybody in two of them. As uneven as can be."""
    rng = np.random.default_rng(seed)
    villages = rng.uniform((500, 500), (KM * WIDE - 500, KM * HIGH - 500), (4, 2))
    lives = rng.integers(4, size=400)
    points = (villages[lives] + rng.normal(scale=150, size=(400, 2))).clip(
        (1, 1), (KM * WIDE - 1, KM * HIGH - 1)
    )
    return points, points[lives < 2]


def table_of(
    areas: gpd.GeoDataFrame, people: np.ndarray, members: np.ndarray, hidden: np.ndarray
) -> IndicatorTable:
    """A percentage of people and a rate of something else per 1000, withheld in some areas."""
    whole, part = people_of(areas, people), people_of(areas, members)
    indicators = (SHARE, JOBS)
    frames = {name: {} for name in ("value", "status", "lower", "upper", "numerator", "denominator")}
    for indicator in indicators:
        with np.errstate(invalid="ignore", divide="ignore"):
            value = indicator.scale * part / whole
        status = np.where(whole == 0, "not_applicable", np.where(hidden, "suppressed", "observed"))
        told = status == "observed"
        most = 100.0 if indicator is SHARE else np.nan
        columns = {
            "value": np.where(told, value, np.nan),
            "status": status,
            "lower": np.where(status == "suppressed", 0.0, np.nan),
            "upper": np.where(status == "suppressed", most, np.nan),
            "numerator": np.where(told | (whole == 0), part, np.nan),
            "denominator": whole,
        }
        for name, column in columns.items():
            frames[name][indicator.code] = column
    value, status, lower, upper, numerator, denominator = (
        pd.DataFrame(frame, index=areas.index) for frame in frames.values()
    )
    attributes = pd.DataFrame("", index=areas.index, columns=[*NAME_COLUMNS, "municipality"])
    return IndicatorTable(value, status, lower, upper, numerator, denominator, attributes, indicators)


@settings(max_examples=20)
@given(before=partitions(), after=partitions())
def test_with_time_running_backwards_every_change_has_its_other_name(before, after):
    there, back = lea.change_table(before, after), lea.change_table(after, before)
    turned = back.table.rename(
        columns={
            "before": "after",
            "after": "before",
            "share_area_before": "share_area_after",
            "share_area_after": "share_area_before",
        }
    )
    turned = turned.assign(kind=turned["kind"].replace(REVERSED))[list(there.table.columns)]
    turned = turned.sort_values(["before", "after"], ignore_index=True)
    pd.testing.assert_frame_equal(there.table, turned)
    assert (there.gone, there.new) == (back.new, back.gone)


@settings(max_examples=20)
@given(before=partitions(), after=partitions())
def test_every_area_of_either_year_is_in_the_table_and_shares_add_up_to_what_is_listed(before, after):
    table = lea.change_table(before, after).table
    assert set(table["before"]) == set(before.index)
    assert set(table["after"]) == set(after.index)
    for side in ("before", "after"):
        assert (table.groupby(side)[f"share_area_{side}"].sum() <= 1 + 1e-9).all()


@settings(max_examples=20)
@given(before=partitions(), after=partitions(), seed=st.integers(0, 2**32 - 1))
def test_nobody_is_lost_and_nobody_is_made(before, after, seed):
    counts = pd.DataFrame({"people": np.random.default_rng(seed).uniform(0, 1e5, len(before))}, before.index)
    found = lea.carry_series({1: counts}, {1: before, 2: after}, onto=2)
    assert np.isclose(found.table["value"].sum(), counts["people"].sum(), rtol=1e-9)
    assert (found.table["value"] >= 0).all()
    assert (found.table["received"] <= found.table["amount"] * (1 + 1e-9)).all()


@settings(max_examples=20)
@given(areas=partitions(), seed=st.integers(0, 2**32 - 1))
def test_there_and_back_over_finer_areas_is_where_one_was(areas, seed):
    # Squares of half a kilometre lie whole within every area.
    fine = gpd.GeoDataFrame(
        geometry=[
            box(x * KM / 2, y * KM / 2, (x + 1) * KM / 2, (y + 1) * KM / 2)
            for x in range(2 * WIDE)
            for y in range(2 * HIGH)
        ],
        index=[f"c{number}" for number in range(4 * WIDE * HIGH)],
        crs="EPSG:3067",
    )
    counts = pd.DataFrame({"people": np.random.default_rng(seed).uniform(0, 1e5, len(areas))}, areas.index)
    there = lea.carry_series({1: counts}, {1: areas, 2: fine}, onto=2)
    back = lea.carry_series({2: there.table[["value"]]}, {1: areas, 2: fine}, onto=1)
    np.testing.assert_allclose(back.table["value"].reindex(areas.index), counts["people"], rtol=1e-9)
    # Going back nothing is split, so nothing rests on how anybody lies.
    assert (back.table["rests"] == 0).all()
    assert back.table["comparable"].all()


@settings(max_examples=20)
@given(before=partitions(), after=partitions(), seed=st.integers(0, 2**32 - 1), share=st.floats(0, 0.5))
def test_the_truth_lies_within_the_split_bounds_wherever_people_live(before, after, seed, share):
    # People live in a few villages, so that an even spread is as wrong as it gets; and some areas withhold.
    rng = np.random.default_rng(seed)
    people, members = points_of(seed)
    hidden = rng.random(len(before)) < share
    table = table_of(before, people, members, hidden)
    counts = pd.DataFrame({"people": people_of(before, people)}, before.index)
    options = {"onto": 2, "tolerance": 0, "least": 0}
    both = {1: before, 2: after}
    whole, part = people_of(after, people), people_of(after, members)
    with np.errstate(invalid="ignore", divide="ignore"):
        truth = {SHARE.code: 100 * part / whole, JOBS.code: 1000 * part / whole}
    found = lea.carry_series({1: table}, both, **options).table
    for code, rate in truth.items():
        _holds(found[found["code"] == code].reindex(after.index), rate)
    _holds(lea.carry_series({1: counts}, both, **options).table.reindex(after.index), whole)


@settings(max_examples=20)
@given(before=partitions(), after=partitions(), seed=st.integers(0, 2**32 - 1))
def test_bounds_narrowed_by_counted_people_still_hold_the_truth_and_are_never_wider(before, after, seed):
    people, members = points_of(seed)
    homes = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*people.T), crs="EPSG:3067")
    table = table_of(before, people, members, np.zeros(len(before), dtype=bool))
    options = {"onto": 2, "tolerance": 0, "least": 0, "method": "dasymetric", "population": homes}
    both = {1: before, 2: after}
    wide = lea.carry_series({1: table}, both, **options).table
    narrow = lea.carry_series({1: table}, both, **options, counted=[SHARE.code]).table
    whole, part = people_of(after, people), people_of(after, members)
    with np.errstate(invalid="ignore", divide="ignore"):
        rate = 100 * part / whole
    one, other = (table[table["code"] == SHARE.code].reindex(after.index) for table in (narrow, wide))
    _holds(one, rate)
    assert not (one["split_lower"] < other["split_lower"] - 1e-9).any()
    assert not (one["split_upper"] > other["split_upper"] + 1e-9).any()


def _holds(found: pd.DataFrame, truth: np.ndarray) -> None:
    """Assert that bounds hold the truth, where there is one and something bounds it."""
    low, high = found["split_lower"].to_numpy(), found["split_upper"].to_numpy()
    assert not (truth < low - 1e-9 * np.abs(low)).any()
    assert not (truth > high + 1e-9 * np.abs(high)).any()
