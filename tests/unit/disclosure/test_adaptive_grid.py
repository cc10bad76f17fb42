"""The adaptive grid: the cheapest of all grids of squares that hold enough, safe beside other totals."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

import lea_geo as lea
from lea_geo.disclosure.prove.unsafe import unsafe_groups
from lea_geo.errors import AreasError, UsageError, ValuesError
from lea_geo.intake.grid import grid_id

WEST, SOUTH = 385_000, 6_675_000


def cells(counts: dict[tuple[int, int], int]) -> pd.Series:
    """Return people by the id of the cell in each row and column."""
    ids = [grid_id(WEST + 250 * column, SOUTH + 250 * row, 250) for row, column in counts]
    return pd.Series(list(counts.values()), index=pd.Index(ids, name="area_id"))


def all_cuts(counts, sides, k):
    """Give ``{square: people}`` and the people hidden, for every cut; a square is side, row, column."""
    wide = sides[-1] // sides[0]
    blocks = sorted({(row // wide, column // wide) for row, column in counts})
    choices = [list(_cuts_of((*block, len(sides) - 1), counts, sides, k)) for block in blocks]
    for chosen in product(*choices):
        yield {s: n for some, _ in chosen for s, n in some.items()}, sum(lost for _, lost in chosen)


def _cuts_of(square, counts, sides, k):
    row, column, level = square
    wide = sides[level] // sides[0]
    within = {at: n for at, n in counts.items() if at[0] // wide == row and at[1] // wide == column}
    people = sum(within.values())
    if not within:
        yield {}, 0
        return
    if people >= k:
        yield {(sides[level], row, column): people}, 0
    if level == 0:
        yield {}, people
        return
    step = sides[level] // sides[level - 1]
    parts = [(row * step + r, column * step + c, level - 1) for r in range(step) for c in range(step)]
    for chosen in product(*(list(_cuts_of(part, within, sides, k)) for part in parts)):
        yield {s: n for some, _ in chosen for s, n in some.items()}, sum(lost for _, lost in chosen)


def loss_of(cut, price):
    squares, lost = cut
    return sum(n * side for (side, _, _), n in squares.items()) + lost * price


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("sides", [(250, 500, 1000), (250, 1000), (500, 1000, 2000)])
def test_no_grid_of_all_that_there_are_loses_less(seed, sides):
    rng = np.random.default_rng([seed, len(sides), sides[0]])
    places = rng.choice(64, 9, replace=False)
    counts = {(int(p) // 8, int(p) % 8): int(n) for p, n in zip(places, rng.integers(0, 15, 9), strict=True)}
    k, price = int(rng.integers(2, 12)), float(rng.choice([600, 1500, 4000, 20_000]))
    grid = lea.adaptive_grid(cells(counts), k=k, sides=sides, price=price)
    step = sides[0] // 250
    squares = {}
    for (row, column), people in counts.items():
        squares[row // step, column // step] = squares.get((row // step, column // step), 0) + people
    cuts = list(all_cuts(squares, sides, k))
    assert len(cuts) > 1
    assert grid.loss == min(loss_of(cut, price) for cut in cuts)


def test_a_block_is_merged_where_hiding_its_smallest_cell_would_cost_more():
    # 12 people at 250 m and 3 beside them. Divided: 12 x 250 + 3 x price; merged: 15 x 1000 = 15 000.
    # They cost the same at a price of 4 000; then the finer grid is taken.
    given = cells({(0, 0): 12, (0, 1): 3})
    ids = {"cell": "250mN667500E38500", "block": "1kmN6675E0385"}
    finer = lea.adaptive_grid(given, k=10, sides=(250, 1000), price=4000)
    assert finer.table["people"].to_dict() == {ids["cell"]: 12}
    assert finer.hidden["people"].to_dict() == {"250mN667500E38525": 3}
    assert (finer.loss, finer.lost, finer.mean_side) == (15_000.0, 3 / 15, 250.0)
    assert finer.member.to_dict() == {ids["cell"]: ids["cell"], "250mN667500E38525": ""}
    merged = lea.adaptive_grid(given, k=10, sides=(250, 1000), price=4001)
    assert merged.table["people"].to_dict() == {ids["block"]: 15}
    assert (merged.loss, merged.lost, merged.mean_side) == (15_000.0, 0.0, 1000.0)


def test_the_squares_are_areas_of_their_own_size_that_do_not_overlap():
    given = cells({(row, column): 3 * row + column for row in range(9) for column in range(9)})
    areas = lea.adaptive_grid(given, k=10, sides=(250, 1000, 5000), price=3000).to_areas()
    assert set(areas["side"]) == {250, 1000}
    assert areas.area.tolist() == (areas["side"] ** 2).tolist()
    assert areas.union_all().area == areas.area.sum()
    again = lea.build_grid(areas.index[areas["side"] == 250].tolist())
    assert again.geometry.geom_equals(areas.loc[again.index].geometry).all()


def test_the_order_of_the_cells_changes_nothing():
    rng = np.random.default_rng(3)
    given = cells({(row, column): int(rng.integers(0, 9)) for row in range(12) for column in range(12)})
    one = lea.adaptive_grid(given, k=10, sides=(250, 500, 1000))
    other = lea.adaptive_grid(given.sample(frac=1, random_state=5), k=10, sides=(250, 500, 1000))
    pd.testing.assert_frame_equal(one.table, other.table)
    pd.testing.assert_frame_equal(one.hidden, other.hidden)
    pd.testing.assert_series_equal(one.member, other.member.reindex(one.member.index))


def test_cells_of_another_grid_are_placed_by_their_corners():
    corners = pd.DataFrame(
        {"northing": [6_673_750, 6_673_750, 6_673_000], "easting": [25_496_000, 25_496_250, 25_496_000]},
        index=["7", "8", "9"],
    )
    grid = lea.adaptive_grid(
        pd.Series([4, 5, 30], index=["7", "8", "9"]), k=10, sides=(250, 500, 2000), corners=corners
    )
    # 4 and 5 lie in the square from 6 673 500 that has 9 people, 30 in the next: all are in one of 2 km.
    assert grid.table["people"].to_dict() == {"2000mN6672000E25496000": 39}
    with pytest.raises(ValuesError, match=r"no multiples of 500 m: 2 of 3 \(7, 8\)"):
        lea.adaptive_grid(pd.Series(1, index=["7", "8", "9"]), k=2, sides=(500, 1000), corners=corners)


def test_a_postal_total_that_would_leave_three_people_makes_the_grid_coarser():
    # The postal area a holds a cell of 20, and 3 people who are hidden: 23 - 20 = 3.
    where = [("250mN667500E38500", "a"), ("250mN667500E38525", "a"), ("250mN667600E38600", "b")]
    given = pd.Series([20, 3, 40], index=pd.MultiIndex.from_tuples(where, names=["area_id", "postal"]))
    alone = lea.adaptive_grid(given.droplevel("postal"), k=5, sides=(250, 1000), price=1100)
    assert alone.lost == 3 / 63
    beside = lea.adaptive_grid(given, k=5, sides=(250, 1000), price=1100)
    assert unsafe_groups(beside.published, 5, given.to_numpy()).safe
    assert beside.barred == 1
    # The cell of 20 may not be shown alone. Its block: 23 x 1000; hiding both: 23 x 1100.
    assert beside.table["people"].to_dict() == {"1kmN6675E0385": 23, "250mN667600E38600": 40}


def test_a_postal_total_below_the_minimum_is_not_published():
    where = [("250mN667500E38500", "a"), ("250mN667600E38600", "b")]
    given = pd.Series([3, 40], index=pd.MultiIndex.from_tuples(where, names=["area_id", "postal"]))
    grid = lea.adaptive_grid(given, k=5, sides=(250, 1000))
    assert grid.hidden_totals == ("postal a",)
    assert grid.table["people"].tolist() == [40]


def test_a_municipality_of_one_small_postal_area_hides_a_second_total():
    # b's 40 and the municipality's 43 would say 3 of a: one of these totals must go as well.
    where = [("250mN667500E38500", "a", "t"), ("250mN667600E38600", "b", "t")]
    names = ["area_id", "postal", "municipality"]
    given = pd.Series([3, 40], index=pd.MultiIndex.from_tuples(where, names=names))
    grid = lea.adaptive_grid(given, k=5, sides=(250, 1000))
    assert "postal a" in grid.hidden_totals
    assert unsafe_groups(grid.published, 5, given.to_numpy()).safe


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"k": 0}, UsageError, "k is 0; it must be a whole number of at least 1"),
        ({"sides": (250, 600)}, UsageError, "each must divide the next"),
        ({"sides": (300, 600)}, UsageError, "the cells' own side, 250 m, the first"),
        ({"price": 100}, UsageError, "everybody would be hidden"),
        (
            {"people": pd.Series([1.5], index=["250mN667500E38500"])},
            ValuesError,
            "that are no counts: 1 of 1",
        ),
        (
            {"people": pd.Series([1, 2], index=["250mN667500E38500"] * 2)},
            ValuesError,
            "ids that people has twice",
        ),
        ({"people": pd.Series([1], index=["250m"])}, AreasError, "malformed grid ids"),
    ],
)
def test_what_cannot_be_gridded_is_refused(change, error, message):
    call = {"people": cells({(0, 0): 12}), "k": 10, "sides": (250, 1000), **change}
    with pytest.raises(error, match=message):
        lea.adaptive_grid(call.pop("people"), **call)
