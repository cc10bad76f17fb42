"""The pieces into which several kinds of areas cut the ground, against squared paper."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from lea_geo.disclosure.attack.atoms import OUTSIDE, intersect
from lea_geo.disclosure.published import NO_LIMIT, ROOT
from lea_geo.errors import AreasError, UsageError
from lea_geo.intake.grid import grid_id

CRS = "EPSG:3067"
WEST, SOUTH = 380_000, 6_670_000


def areas(boxes, **columns):
    """Areas from boxes in hundreds of metres: id to (west, south, east, north)."""
    shapes = [
        shapely.box(*(WEST + 100 * box[0], SOUTH + 100 * box[1], WEST + 100 * box[2], SOUTH + 100 * box[3]))
        for box in boxes.values()
    ]
    return gpd.GeoDataFrame(columns, geometry=shapes, index=list(boxes), crs=CRS).rename_axis("area_id")


def cells(size, n_rows, n_columns):
    east = WEST + size * np.tile(np.arange(n_columns), n_rows)
    north = SOUTH + size * np.repeat(np.arange(n_rows), n_columns)
    shapes = shapely.box(east, north, east + size, north + size)
    return gpd.GeoDataFrame(geometry=shapes, index=grid_id(east, north, size), crs=CRS).rename_axis("area_id")


def held(atoms):
    """The ids of the areas that each atom lies in, kind by kind; None for outside."""
    return {
        tuple(
            None if at[i] == OUTSIDE else atoms.area_ids[name][at[i]]
            for name, at in sorted(atoms.member.items())
        )
        for i in range(atoms.n)
    }


def test_two_kinds_that_cross_make_a_piece_of_every_pair_that_shares_ground():
    # Two areas side by side, 4 wide; three strips across both, the last reaching 1 beyond them.
    atoms = intersect(
        {
            "a": areas({"left": (0, 0, 4, 4), "right": (4, 0, 8, 4)}),
            "b": areas({"low": (0, 0, 8, 2), "mid": (0, 2, 6, 4)}),
        }
    )
    assert held(atoms) == {
        ("left", "low"),
        ("left", "mid"),
        ("right", "low"),
        ("right", "mid"),
        ("right", None),
    }
    assert atoms.ids == (
        "a left & b low",
        "a left & b mid",
        "a right & b low",
        "a right & b mid",
        "a right & outside b",
    )


def test_a_strip_in_which_nobody_can_live_is_no_piece_unless_asked_for():
    # The border of b runs one metre (0.01) beside that of a, over 400 m: strips of 400 m2.
    kinds = {
        "a": areas({"left": (0, 0, 4, 4), "right": (4, 0, 8, 4)}),
        "b": areas({"west": (0, 0, 4.01, 4), "east": (4.01, 0, 8, 4)}),
    }
    # Both are then the same division, the one nested in the other.
    assert held(intersect(kinds, least_surface=500.0)) == {("left", "west"), ("right", "east")}
    assert held(intersect(kinds)) == {("left", "west"), ("right", "west"), ("right", "east")}


def test_an_area_smaller_than_any_house_keeps_a_piece():
    atoms = intersect(
        {"a": areas({"big": (0, 0, 4, 4)}), "b": areas({"dot": (1, 1, 1.05, 1.05), "rest": (2, 0, 6, 4)})}
    )
    assert ("big", "dot") in held(atoms)


def test_cells_are_nested_by_their_ids_and_leave_nothing_around_them():
    fine, coarse = cells(250, 8, 8), cells(1000, 2, 2)
    fine = fine.iloc[5:]  # a cell that is not listed holds nobody
    atoms = intersect({"1km": coarse, "250m": fine})
    assert [chain.names for chain in atoms.chains] == [("250m", "1km")]
    assert atoms.n == len(fine)
    (family,) = atoms.families({}, {})
    inside = family.parent[: len(fine)] - len(fine)
    centre = fine.geometry.centroid
    assert all(coarse.geometry.iloc[inside].reset_index(drop=True).contains(centre.reset_index(drop=True)))


def test_areas_are_nested_by_the_municipality_that_they_name_though_borders_disagree():
    boxes = {"1": (0, 0, 4, 4.5), "2": (0, 4.5, 4, 8), "3": (0, 8, 4, 9)}
    postal = areas(boxes, municipality=["091", "092", "092"])
    towns = areas({"092": (0, 4, 4, 9), "091": (0, 0, 4, 4)})
    atoms = intersect({"postal": postal, "municipality": towns})
    assert [chain.names for chain in atoms.chains] == [("postal", "municipality")]
    assert held(atoms) == {("091", "1"), ("092", "2"), ("092", "3")}


def test_areas_that_make_up_larger_ones_are_nested_by_surface():
    quarters = areas({"a": (0, 0, 2, 2), "b": (2, 0, 4, 2), "c": (0, 2, 4, 4)})
    halves = areas({"south": (0, 0, 4, 2), "north": (0, 2, 4, 4)})
    (chain,) = intersect({"quarter": quarters, "half": halves}).chains
    assert chain.names == ("quarter", "half")
    assert chain.above[0].tolist() == [0, 0, 1]


def test_areas_that_leave_ground_of_a_larger_one_to_others_cross_it():
    quarters = areas({"a": (0, 0, 2, 2), "b": (2, 0, 4, 2), "c": (0, 2, 2, 4)})
    atoms = intersect({"quarter": quarters, "half": areas({"south": (0, 0, 4, 2), "north": (0, 2, 4, 4)})})
    assert held(atoms) == {("south", "a"), ("south", "b"), ("north", "c"), ("north", None)}


def test_three_kinds_that_cross_are_cut_by_all_three():
    # Vertical, horizontal and both shifted by one: every pixel of a 6 x 6 board tells where it lies.
    kinds = {
        "columns": {f"c{i}": (3 * i, 0, 3 * i + 3, 6) for i in range(2)},
        "rows": {f"r{i}": (0, 2 * i, 6, 2 * i + 2) for i in range(3)},
        "block": {"b": (1, 1, 5, 4)},
    }
    expected = set()
    for x in range(6):
        for y in range(6):
            pixel = [
                next((name for name, (w, s, e, n) in boxes.items() if w <= x < e and s <= y < n), None)
                for _, boxes in sorted(kinds.items())
            ]
            expected.add(tuple(pixel))
    assert held(intersect({name: areas(boxes) for name, boxes in kinds.items()})) == expected


@given(st.integers(1, 5), st.integers(1, 5), st.integers(0, 3), st.integers(0, 3))
def test_pieces_are_those_of_a_board_of_pixels(width, height, dx, dy):
    first = {f"{x},{y}": (2 * x, 2 * y, 2 * x + 2, 2 * y + 2) for x in range(2) for y in range(2)}
    second = {"box": (dx, dy, dx + width, dy + height)}
    expected = {
        tuple(
            next((name for name, (w, s, e, n) in boxes.items() if w <= x < e and s <= y < n), None)
            for boxes in (first, second)
        )
        for x in range(10)
        for y in range(10)
    } - {(None, None)}
    assert held(intersect({"a": areas(first), "b": areas(second)})) == expected


def test_families_hold_what_is_known_in_the_order_of_the_areas():
    postal = areas({"1": (0, 0, 4, 4), "2": (4, 0, 8, 4)}, municipality=["t", "t"])
    town = areas({"t": (0, 0, 8, 4)})
    strip = areas({"s": (0, 0, 8, 2)})
    atoms = intersect({"postal": postal, "town": town, "strip": strip})
    known = {"town": np.array([9]), "postal": np.array([4, 0])}
    most = {"town": np.array([9]), "postal": np.array([4, NO_LIMIT])}
    first, second = atoms.families(known, most)
    assert first.ids == ("postal 1", "postal 2", "town t")
    assert first.parent.tolist() == [2, 2, ROOT]
    assert first.lower.tolist() == [4, 0, 9]
    assert first.published.tolist() == [True, False, True]
    assert second.ids == ("strip s", "outside strip")
    assert second.upper.tolist() == [NO_LIMIT, NO_LIMIT]
    # What lies outside the strip lies in the last area of that family.
    assert set(second.leaf[atoms.member["strip"] == OUTSIDE].tolist()) == {1}


def test_the_order_of_areas_changes_no_piece():
    a = areas({"left": (0, 0, 4, 4), "right": (4, 0, 8, 4)})
    b = areas({"low": (0, 0, 8, 2), "mid": (0, 2, 6, 4)})
    assert held(intersect({"b": b[::-1], "a": a[::-1]})) == held(intersect({"a": a, "b": b}))


def test_nothing_to_intersect_and_a_negative_surface_are_refused():
    with pytest.raises(UsageError, match="names no kind of areas"):
        intersect({})
    one = {"a": areas({"x": (0, 0, 1, 1)})}
    for least in (-1.0, float("nan"), float("inf"), True, "3 m"):
        with pytest.raises(UsageError, match="least_surface"):
            intersect(one, least_surface=least)


def test_areas_in_other_coordinates_are_refused():
    a = areas({"x": (0, 0, 4, 4)})
    with pytest.raises(AreasError):
        intersect({"a": a, "b": areas({"y": (0, 0, 1, 4), "z": (1, 0, 5, 5)}).to_crs("EPSG:3879")})
